"""A proof of the integer optimum that rests on prices alone: branch and bound over pairs of blocks.

Where the relaxation is fractional, its bound lies below the best plan. Some pair of blocks is then partly
together and partly apart (Ryan and Foster, 1981). Both cases are bounded in turn, by the same formula over
all candidates left, so that the solver's word is not needed and a solver that errs is found out.
"""

from dataclasses import dataclass

import numpy as np

from geo_devolve.clock import NEVER, Deadline
from geo_devolve.optimise.certificate import tolerance
from geo_devolve.optimise.master import is_plan
from geo_devolve.optimise.relaxation import Program, Relaxed, relax
from geo_devolve.optimise.units import Ints, to_flags

_WHOLE = 1e-6


@dataclass(frozen=True, eq=False)
class Proof:
    """What branch and bound came to.

    Attributes
    ----------
    bound
        No plan of the program costs less than this or than the plan in `columns`; infinite if there is none.
    columns
        A plan better than the one that was known, by number of candidate; None if there is none.
    finished
        Whether all cases were looked at; otherwise the bound is valid, but may be low.
    nodes
        How many cases were.
    """

    bound: float
    columns: Ints | None
    finished: bool
    nodes: int


def prove(
    program: Program, areas: int | None, known: float, deadline: Deadline = NEVER, most_nodes: int = 500
) -> Proof:
    """Show that no plan of a program costs less than what is known, or find one that does.

    Parameters
    ----------
    program
        The candidates that a better plan may consist of.
    areas
        The number of areas, k; None leaves it open.
    known
        What the best known plan costs; infinite if none is known.
    deadline
        When to stop.
    most_nodes
        How many cases to look at before giving up.

    Returns
    -------
    Proof
        With a bound that holds even if it is not finished.
    """
    everything = np.arange(len(program.costs))
    open_cases: list[tuple[float, Ints]] = [(-np.inf, everything)]
    best, columns = known, None
    bound, nodes, finished = np.inf, 0, True
    while open_cases:
        below, chosen = open_cases.pop()
        if nodes >= most_nodes or deadline.over:
            bound, finished = min(bound, below), False
            continue
        nodes += 1
        enough = best - 0.5 * tolerance(best) if np.isfinite(best) else np.inf
        case = program.take(chosen)
        relaxed = relax(case, areas, deadline, cutoff=enough)
        lowest = max(below, relaxed.bound)
        if lowest > enough or relaxed.bound == np.inf:
            bound = min(bound, lowest)
            continue
        if not relaxed.finished:
            bound, finished = min(bound, lowest), False
            nodes = most_nodes
            continue
        if all(value > 1 - _WHOLE for value in relaxed.x.values()):
            plan = chosen[np.array(sorted(relaxed.x), dtype=np.int64)]
            if not is_plan(program, plan, areas):
                bound, finished = min(bound, lowest), False
                continue
            cost = float(program.costs[plan].sum())
            bound = min(bound, lowest)
            if cost < best:
                best, columns = cost, plan
            continue
        pair = _fractional_pair(case, relaxed)
        if pair is None:
            bound, finished = min(bound, lowest), False
            continue
        flags = to_flags(case.masks, program.n)
        one, other = flags[:, pair[0]], flags[:, pair[1]]
        open_cases.append((lowest, chosen[~(one & other)]))
        open_cases.append((lowest, chosen[one == other]))
    return Proof(float(bound), columns, finished, nodes)


def _fractional_pair(program: Program, relaxed: Relaxed) -> tuple[int, int] | None:
    """Return the two blocks that are most nearly half together."""
    numbers = np.array(sorted(relaxed.x), dtype=np.int64)
    flags = to_flags(program.masks[numbers], program.n).astype(np.float64)
    shares = np.array([relaxed.x[at] for at in numbers.tolist()])
    together = np.triu(flags.T @ (flags * shares[:, None]), k=1)
    undecided = np.where((together > _WHOLE) & (together < 1 - _WHOLE), np.abs(together - 0.5), np.inf)
    at = int(np.argmin(undecided))
    if not np.isfinite(undecided.flat[at]):
        return None
    return divmod(at, program.n)
