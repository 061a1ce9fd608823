"""A proof of the integer optimum that rests on prices alone: branch and bound over pairs of blocks.

Where the relaxation is fractional, its bound lies below the best plan. Some pair of blocks is then partly
together and partly apart (Ryan and Foster, 1981). Both cases are bounded in turn, by the same formula over
all candidates left, so that the solver's word is not needed and a solver that errs is found out.
"""

from dataclasses import dataclass

import numpy as np

from geo_devolve.clock import NEVER, Deadline
from geo_devolve.objective.units import Ints, to_flags
from geo_devolve.optimise.certificate import tolerance
from geo_devolve.optimise.evidence import Node, Priced, Split
from geo_devolve.optimise.program.evidence import leaf, settled
from geo_devolve.optimise.program.master import is_plan
from geo_devolve.optimise.program.relaxation import Program, Relaxed, relax

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
    evidence
        What shows that no plan costs less than the best known, case by case; None if something is missing.
    """

    bound: float
    columns: Ints | None
    finished: bool
    nodes: int
    evidence: Node | None = None


@dataclass(eq=False)
class _Case:
    """A case to look at: the candidates left, what is known of its bound, and where its evidence goes."""

    below: float
    chosen: Ints
    pair: tuple[int, int] | None = None
    parts: "tuple[_Case, _Case] | None" = None
    leaf: Priced | None = None

    def evidence(self) -> Node | None:
        """Return what was shown of the case; None if something is missing."""
        if self.pair is None or self.parts is None:
            return self.leaf
        together, apart = (part.evidence() for part in self.parts)
        return None if together is None or apart is None else Split(self.pair, together, apart)


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
    root = _Case(-np.inf, everything)
    open_cases = [root]
    best, columns = known, None
    bound, nodes, finished = np.inf, 0, True
    while open_cases:
        at = open_cases.pop()
        below, chosen = at.below, at.chosen
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
            if areas is not None:
                at.leaf = leaf(case, relaxed, areas, enough, deadline)
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
            at.leaf = settled(case, relaxed)
            if cost < best:
                best, columns = cost, plan
            continue
        pair = _fractional_pair(case, relaxed)
        if pair is None:
            bound, finished = min(bound, lowest), False
            continue
        flags = to_flags(case.masks, program.n)
        one, other = flags[:, pair[0]], flags[:, pair[1]]
        at.pair = pair
        at.parts = _Case(lowest, chosen[one == other]), _Case(lowest, chosen[~(one & other)])
        open_cases += reversed(at.parts)
    return Proof(float(bound), columns, finished, nodes, root.evidence() if finished else None)


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
