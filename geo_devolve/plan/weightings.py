"""Many weightings near a scenario's, drawn and solved, here or on the workers of an executor."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from itertools import count
from typing import Any

import numpy as np

from geo_devolve.cores import one_core
from geo_devolve.errors import NoPlanInTimeError
from geo_devolve.geography.model import Geography
from geo_devolve.optimise.problem import Problem
from geo_devolve.plan.plan import Plan
from geo_devolve.processes import Lasting
from geo_devolve.scenario import Scenario

CONCENTRATION = 20.0
"""How near drawn weights stay to the scenario's: at 20, one of half of all weight varies by about a fifth."""

_BATCH = 10


def weightings(scenario: Scenario, draws: int, concentration: float = CONCENTRATION) -> list[Scenario]:
    """Draw scenarios that differ in their weights alone.

    Weights are drawn from a Dirichlet distribution around the scenario's and add up to the same; a term
    of weight 0 stays out. The scenario's seed is the draw's.

    Parameters
    ----------
    scenario
        Around which.
    draws
        How many.
    concentration
        The larger, the nearer they stay.

    Returns
    -------
    list of Scenario
        Named after the scenario and numbered.
    """
    weights = np.array(scenario.term_weights, dtype=float)
    used = np.flatnonzero(weights > 0)
    random = np.random.default_rng(scenario.seed)
    total = weights.sum()
    if not len(used):
        return [scenario] * draws
    drawn = random.dirichlet(concentration * weights[used] / total, size=draws)
    return [with_weights(scenario, used, total * shares, number) for number, shares in enumerate(drawn, 1)]


def with_weights(
    scenario: Scenario, terms: Sequence[int] | np.ndarray[Any, Any], weights: Any, number: int
) -> Scenario:
    """Return the scenario with some terms' weights swapped; terms by their place in `term_names`."""
    swapped = dict(zip(scenario.term_names, scenario.term_weights, strict=True))
    for place, weight in zip(terms, weights, strict=True):
        swapped[scenario.term_names[place]] = float(weight)
    return scenario.replace(
        name=f"{scenario.name} #{number}",
        weights={name: swapped[name] for name in ("need", "compactness", "balance")},
        layers={
            layer: {"rule": term.rule, "weight": swapped[layer]} for layer, term in scenario.layers.items()
        },
    )


Found = tuple[tuple[tuple[Any, ...], ...], float, bool]
_kept: dict[str, Problem] = {}
_runs = count()


def solved(
    plan: Plan, scenarios: list[Scenario], problem: Problem | None, executor: Executor | None
) -> Iterator[tuple[Scenario, Found | None]]:
    """Solve scenarios in order, here or on an executor's workers, of which any may be lost."""
    if executor is None:
        problem = problem or Problem(plan.geography, plan.scenario)
        for scenario in scenarios:
            yield scenario, _solve(problem, scenario)
    else:
        work: Callable[..., list[Found | None]] = _on_worker
        batches = [scenarios[start : start + _BATCH] for start in range(0, len(scenarios), _BATCH)]
        run = f"{os.getpid()} {next(_runs)}"
        jobs = [Lasting(executor, work, run, plan.geography, plan.scenario, batch) for batch in batches]
        for batch, job in zip(batches, jobs, strict=True):
            yield from zip(batch, job.result(), strict=True)


def _on_worker(
    run: str, geography: Geography, scenario: Scenario, batch: list[Scenario]
) -> list[Found | None]:
    # A worker prepares the problem once and keeps it for the run's next batches.
    with one_core():
        if run not in _kept:
            _kept.clear()
            _kept[run] = Problem(geography, scenario)
        return [_solve(_kept[run], each) for each in batch]


def _solve(problem: Problem, scenario: Scenario) -> Found | None:
    try:
        solution = problem.solve(scenario)
    except NoPlanInTimeError:
        return None
    return solution.groups, solution.certificate.objective, solution.certificate.proven
