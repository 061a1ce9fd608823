"""Streaming agrees with listing, in the plan, the bound and the verdict of infeasible."""

import numpy as np
import pytest
from random_units import random_units

from geo_devolve.clock import NEVER, Deadline
from geo_devolve.objective.units import Units, to_flags
from geo_devolve.optimise.engines.stream import Stream
from geo_devolve.optimise.listed.listing import list_candidates
from geo_devolve.optimise.program.best_plan import solve_count
from geo_devolve.optimise.program.relaxation import Program


def _listed(units: Units, weights: np.ndarray, areas: int):
    candidates = list_candidates(units)
    rules = units.rules
    costs = candidates.terms @ weights
    program = Program.of(units.n, candidates.masks, costs, rules.cap_units, rules.cap_limit)
    return solve_count(program, areas, solver="HiGHS", deadline=NEVER).result


def _instance(seed: int) -> tuple[Units, np.ndarray, int]:
    rng = np.random.default_rng(seed)
    areas = int(rng.integers(1, 5))
    lower = rng.choice([0.0, 0.4, 0.8])
    units = random_units(
        seed,
        int(rng.integers(3, 14)),
        areas=areas,
        rules=bool(rng.integers(0, 2)),
        edges=0.6,
        bounds=(lower, lower + 1.0),
    )
    weights = rng.random(units.n_terms)
    weights[rng.random(units.n_terms) < 0.25] = 0.0
    return units, weights, areas


@pytest.mark.parametrize("seed", range(150))
def test_agrees_with_listing(seed: int) -> None:
    units, weights, areas = _instance(seed)
    listed = _listed(units, weights, areas)
    streamed = Stream(units, weights, workers=1).solve(areas)
    assert streamed.result.status == listed.status
    assert streamed.result.proven
    if listed.objective is None:
        assert streamed.plan is None
    else:
        assert streamed.result.objective == pytest.approx(listed.objective, abs=1e-9)
        assert streamed.result.bound == pytest.approx(listed.bound, abs=1e-8)
        covered = to_flags(streamed.plan, units.n).sum(axis=0)
        assert (covered == 1).all()
        assert len(streamed.plan) == areas


def test_one_problem_for_several_counts() -> None:
    units = random_units(21, 30, edges=0.3, areas=6, bounds=(0.4, 1.7))
    weights = np.ones(units.n_terms)
    stream = Stream(units, weights, workers=1)
    for areas in (5, 6, 7):
        listed = _listed(units, weights, areas)
        streamed = stream.solve(areas).result
        assert streamed.status == listed.status == "optimal"
        assert streamed.objective == pytest.approx(listed.objective, abs=1e-9)


def test_no_time_still_bounds() -> None:
    units = random_units(21, 30, edges=0.3, areas=6, bounds=(0.4, 1.7))
    weights = np.ones(units.n_terms)
    best = _listed(units, weights, 6).objective
    answer = Stream(units, weights, workers=1).solve(6, deadline=Deadline.after(0.0))
    assert best is not None
    if answer.result.bound is not None:
        assert answer.result.bound <= best + 1e-9
    if answer.result.objective is not None:
        assert answer.result.objective >= best - 1e-9
