"""Where an engine that cannot hold all candidates starts: prices, candidates worth having, and a plan.

The finest coarser problem that can be listed is solved to the end; its prices, shared out by population, are
where a finer problem starts, whose prices are where a finer one still starts, down to the units themselves.
"""

from dataclasses import replace

import numpy as np

from geo_devolve.clock import Deadline, TimeUpError
from geo_devolve.objective.terms import union_costs
from geo_devolve.objective.units import Floats, Ints, Masks, Units, members_of, to_flags, to_masks
from geo_devolve.optimise.asked.coarser import by_layers, merge, spread
from geo_devolve.optimise.engines.passes import Passes, Start
from geo_devolve.optimise.listed.listing import TooManyError, list_candidates
from geo_devolve.optimise.program.best_plan import solve_count
from geo_devolve.optimise.program.boxed import BoxedProgram
from geo_devolve.optimise.program.prices import Prices
from geo_devolve.optimise.program.relaxation import Program, Relaxed, relax
from geo_devolve.optimise.walk.search import Search

_MOST_LISTED = 300_000
_LEAST_UNITS_PER_AREA = 1.5
_NEAR = 0.05
_MOST_NEAR = 60_000
_KEPT_PER_UNIT = 20
_LEVEL_S = 10.0


def start_from_coarser(
    units: Units, weights: Floats, areas: int, *, solver: str, deadline: Deadline
) -> Start:
    """Solve the finest coarser problem that can be listed, then finer ones by quick passes.

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
        When to stop.

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
        start = _listed(merged, weights, areas, solver, deadline)
        if start is not None:
            start = _lift(units, of, merged, start)
            return _refine(
                units, weights, areas, start, range(layers + 1, len(units.layers) + 1), deadline=deadline
            )
    total = units.population.sum()
    alike_people = units.population / total if total > 0 else np.full(units.n, 1.0 / units.n)
    prices = Prices(alike_people * 0.3 * float(weights.sum()), 0.0, np.zeros(len(units.rules.cap_limit)))
    return Start(prices, np.zeros((0, units.words), dtype=np.uint64), None, near=False)


def start_from_pool(
    units: Units, weights: Floats, areas: int, masks: Masks, deadline: Deadline
) -> Start | None:
    """Solve the linear program over candidates met by other means; None if they make no plan.

    Parameters
    ----------
    units, weights, areas
        The units, the weights of the terms, the number of areas.
    masks
        Of the candidates.
    deadline
        When to stop.
    """
    solved = _relaxed(units, areas, masks, union_costs(units, weights, masks), deadline)
    if solved is None:
        return None
    program, relaxed, best = solved
    return Start(even_prices(units, program, relaxed, areas), masks[best], None, near=True)


def _relaxed(
    units: Units, areas: int, masks: Masks, costs: Floats, deadline: Deadline
) -> tuple[Program, Relaxed, Ints] | None:
    """Solve the linear program over candidates, and pick those near it; None if they make no plan."""
    program = Program.of(units.n, masks, costs, units.rules.cap_units, units.rules.cap_limit)
    relaxed = relax(program, areas, deadline)
    if not np.isfinite(relaxed.bound):
        return None
    return program, relaxed, np.argsort(relaxed.reduced, kind="stable")[: _KEPT_PER_UNIT * units.n]


def _listed(units: Units, weights: Floats, areas: int, solver: str, deadline: Deadline) -> Start | None:
    """Solve a problem by listing it; None if it is too large, or has no solution."""
    try:
        candidates = list_candidates(units, limit=_MOST_LISTED, deadline=deadline)
    except (TooManyError, TimeUpError):
        return None
    solved = _relaxed(units, areas, candidates.masks, candidates.terms @ weights, deadline)
    if solved is None:
        return None
    program, relaxed, best = solved
    outcome = solve_count(program, areas, solver=solver, deadline=deadline.sooner(10.0))
    rows = best if outcome.columns is None else np.union1d(best, outcome.columns)
    plan = None if outcome.columns is None else np.searchsorted(rows, outcome.columns)
    return Start(even_prices(units, program, relaxed, areas), candidates.masks[rows], plan, near=True)


def _refine(
    units: Units, weights: Floats, areas: int, start: Start, levels: range, *, deadline: Deadline
) -> Start:
    """Solve ever finer problems by quick passes, each from the prices of the one before."""
    plan = np.zeros((0, units.words), dtype=np.uint64) if start.plan is None else start.masks[start.plan]
    cost = float(union_costs(units, weights, plan).sum()) if len(plan) else np.inf
    before = 0
    for layers in levels:
        of = by_layers(units, layers)
        merged = merge(units, of)
        if merged.n == before or merged.n >= units.n or deadline.over:
            continue
        before = merged.n
        given = Start(_fold_prices(start.prices, of), _fold(start.masks, of), None, near=True)
        passes = Passes(Search(merged, weights), areas, given, cost=cost)
        passes.run(deadline.sooner(_LEVEL_S), whole=False)
        if passes.beyond:  # no plan at this level, and prices that only say so
            continue
        masks, prices = passes.program.masks, passes.prices
        reduced = passes.program.costs - members_of(masks, merged.n) @ prices.units
        best = np.argsort(reduced, kind="stable")[: _KEPT_PER_UNIT * merged.n]
        start = _lift(units, of, merged, Start(prices, masks[best], None, near=True))
    rows = None if len(plan) == 0 else np.arange(len(plan))
    return Start(start.prices, np.concatenate([plan, start.masks]), rows, near=True)


def _lift(units: Units, of: Ints, merged: Units, start: Start) -> Start:
    """Turn what is known of merged units into the same of units; prices are shared out by population."""
    people = merged.population[of]
    alike = np.bincount(of, minlength=merged.n)[of]
    share = np.where(people > 0, units.population / np.maximum(people, 1e-300), 1.0 / alike)
    prices = replace(start.prices, units=start.prices.units[of] * share)
    return replace(start, prices=prices, masks=spread(of, start.masks, merged.n))


def _fold(masks: Masks, of: Ints) -> Masks:
    """Return those of the masks over units that can be masks over merged units, as such."""
    flags = to_flags(masks, len(of))
    folded = flags[:, np.unique(of, return_index=True)[1]]
    return to_masks(folded[(folded[:, of] == flags).all(axis=1)])


def _fold_prices(prices: Prices, of: Ints) -> Prices:
    return replace(prices, units=np.bincount(of, weights=prices.units).astype(np.float64))


def even_prices(units: Units, program: Program, relaxed: Relaxed, areas: int) -> Prices:
    """Return, of the prices that prove the relaxation's bound, those most alike per person.

    Parameters
    ----------
    units, program, relaxed
        The units, all their candidates, and the solved relaxation.
    areas
        The number of areas.
    """
    given = relaxed.prices
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
