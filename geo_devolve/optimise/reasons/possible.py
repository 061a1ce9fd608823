"""Whether there is any plan at all, and with which numbers of areas."""

from dataclasses import replace

import numpy as np

from geo_devolve.clock import NEVER, Deadline
from geo_devolve.errors import SolverError
from geo_devolve.optimise.certificate import Status
from geo_devolve.optimise.program.best_plan import solve_count
from geo_devolve.optimise.program.relaxation import Program, relax

_SOLVER = "HiGHS"
_TRIES = 20
_MOST_COLUMNS = 20_000


def is_possible(program: Program, areas: int, deadline: Deadline = NEVER) -> bool | None:
    """Tell whether the candidates make any plan with a number of areas.

    Parameters
    ----------
    program
        All candidates; their costs only guide the search.
    areas
        The number of areas, k.
    deadline
        When to stop.

    Returns
    -------
    bool or None
        None if it could not be told in time.
    """
    try:
        outcome = solve_count(program, areas, solver=_SOLVER, deadline=deadline, most_columns=_MOST_COLUMNS)
    except SolverError:
        return None
    known = {Status.OPTIMAL: True, Status.FEASIBLE: True, Status.INFEASIBLE: False}
    return known.get(outcome.result.status)


def counts_in_reach(program: Program, deadline: Deadline = NEVER) -> range:
    """Return the numbers of areas that the linear relaxation does not rule out; empty if it rules out all.

    Parameters
    ----------
    program
        All candidates; what they cost does not matter.
    deadline
        When to stop.
    """
    ends = []
    for sign in (1.0, -1.0):
        counting = replace(program, costs=np.full(len(program.costs), sign))
        bound = relax(counting, None, deadline).bound
        if not np.isfinite(bound):
            return range(0)
        ends.append(int(sign * np.ceil(bound - 1e-6)))
    return range(max(ends[0], 1), ends[1] + 1)


def possible_counts(program: Program, deadline: Deadline = NEVER) -> tuple[int, int] | None:
    """Return the fewest and the most areas that any plan has.

    Parameters
    ----------
    program
        All candidates; their costs only guide the search.
    deadline
        When to stop.

    Returns
    -------
    tuple of int or None
        None if there is no plan, or it could not be told in time. Numbers between the two need not all be
        possible.
    """
    reach = counts_in_reach(program, deadline)
    fewest = _first_possible(program, reach, deadline)
    most = None if fewest is None else _first_possible(program, reach[::-1], deadline)
    return None if fewest is None or most is None else (fewest, most)


def nearest_counts(program: Program, asked: range, deadline: Deadline = NEVER) -> list[int]:
    """Return the nearest possible number of areas below and above those asked for, as far as there is one.

    Parameters
    ----------
    program
        All candidates; their costs only guide the search.
    asked
        The numbers of areas that are not possible.
    deadline
        When to stop.
    """
    reach = counts_in_reach(program, deadline)
    below = [areas for areas in reversed(reach) if areas < asked[0]]
    above = [areas for areas in reach if areas > asked[-1]]
    found = (_first_possible(program, side, deadline) for side in (below, above))
    return [areas for areas in found if areas is not None]


def _first_possible(program: Program, counts: "range | list[int]", deadline: Deadline) -> int | None:
    for areas in list(counts)[:_TRIES]:
        if deadline.over:
            return None
        if is_possible(program, areas, deadline):
            return areas
    return None
