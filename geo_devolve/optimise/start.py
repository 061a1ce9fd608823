"""Where an engine that cannot hold all candidates starts: prices, candidates worth having, and a plan."""

import time
from dataclasses import dataclass

import numpy as np

from geo_devolve.optimise.boxed import BoxedProgram
from geo_devolve.optimise.coarse import by_layers, merge, spread
from geo_devolve.optimise.integer import solve_count
from geo_devolve.optimise.listing import TooManyError, list_candidates
from geo_devolve.optimise.relaxation import Program, Relaxed, relax
from geo_devolve.optimise.search import Prices
from geo_devolve.optimise.units import Floats, Ints, Masks, Units

_MOST_LISTED = 300_000
_LEAST_UNITS_PER_AREA = 1.5
_NEAR = 0.05
_MOST_NEAR = 60_000


@dataclass(frozen=True, eq=False)
class Start:
    """What is known before the first pass.

    Attributes
    ----------
    prices
        To begin with.
    masks
        Candidates of small reduced cost at the coarser problem's prices, those of its best plan among them.
    plan
        Rows of `masks` that make the coarser problem's best plan; None if it has none.
    near
        Whether the prices are a coarser problem's, and so near the ones sought.
    """

    prices: Prices
    masks: Masks
    plan: Ints | None
    near: bool


def start_from_coarser(units: Units, weights: Floats, areas: int, *, solver: str, deadline: float) -> Start:
    """Solve the finest coarser problem that can be listed, and share out its prices.

    Parameters
    ----------
    units
        The units.
    weights
        Of the terms.
    areas
        The number of areas.
    solver
        Of the integer program.
    deadline
        On the clock of `time.monotonic`.

    Returns
    -------
    Start
        Prices by population alone where no coarser problem has a plan.
    """
    for layers in range(len(units.layers), 0, -1):
        of = by_layers(units, layers)
        merged = merge(units, of)
        if merged.n < _LEAST_UNITS_PER_AREA * areas:
            break
        try:
            candidates = list_candidates(merged, limit=_MOST_LISTED)
        except TooManyError:
            continue
        rules = merged.rules
        program = Program.of(
            merged.n, candidates.masks, candidates.terms @ weights, rules.cap_units, rules.cap_limit
        )
        relaxed = relax(program, areas, deadline)
        if not np.isfinite(relaxed.bound):
            continue
        outcome = solve_count(program, areas, solver=solver, deadline=min(deadline, time.monotonic() + 10.0))
        best = np.argsort(relaxed.reduced, kind="stable")[: 20 * merged.n]
        rows = best if outcome.columns is None else np.union1d(best, outcome.columns)
        people = np.bincount(of, weights=units.population, minlength=merged.n)
        alike = np.bincount(of, minlength=merged.n)
        share = np.where(people[of] > 0, units.population / np.maximum(people[of], 1e-300), 1.0 / alike[of])
        even = even_prices(merged, program, relaxed, areas)
        prices = Prices(even.units[of] * share, even.count, even.caps)
        plan = None if outcome.columns is None else np.searchsorted(rows, outcome.columns)
        return Start(prices, spread(of, candidates.masks[rows], merged.n), plan, near=True)
    total = units.population.sum()
    alike_people = units.population / total if total > 0 else np.full(units.n, 1.0 / units.n)
    prices = Prices(alike_people * 0.3 * float(weights.sum()), 0.0, np.zeros(len(units.rules.cap_limit)))
    return Start(prices, np.zeros((0, units.words), dtype=np.uint64), None, near=False)


def even_prices(units: Units, program: Program, relaxed: Relaxed, areas: int) -> Prices:
    """Return, of the prices that prove the relaxation's bound, those most alike per person.

    Parameters
    ----------
    units, program, relaxed
        The units, all their candidates, and the solved relaxation.
    areas
        The number of areas.
    """
    given = Prices(relaxed.prices.blocks, relaxed.prices.count, relaxed.prices.caps)
    total = units.population.sum()
    if total <= 0 or relaxed.bound <= 0:
        return given
    near = np.flatnonzero(relaxed.reduced <= _NEAR * relaxed.bound)
    if len(near) > _MOST_NEAR:
        near = near[np.argsort(relaxed.reduced[near], kind="stable")[:_MOST_NEAR]]
    penalty = 2.0 * float(np.abs(program.costs).max()) * units.n
    scale = units.n / relaxed.bound
    boxed = BoxedProgram(units.n, areas, units.rules, scale, penalty, units.population)
    boxed.add(program.masks[near], program.costs[near])
    boxed.box(Prices(units.population / total * relaxed.bound, 0.0, given.caps), penalty)
    return boxed.solve()[0]
