"""Near-best plans: the best n, or all within so many per cent of the optimum, in order and without a gap.

After the best plan with areas a_1 … a_k every other plan has, for exactly one i, the areas a_1 … a_{i-1} but
not a_i (Lawler, 1972). The best of each of these k families is found by the branching that proves optima, the
best of them is the next plan, and its family is divided in turn. Only candidates whose reduced cost is
within the margin can be in such a plan.
"""

import heapq
from collections.abc import Hashable
from dataclasses import dataclass
from itertools import count

import numpy as np

from geo_devolve.clock import Deadline
from geo_devolve.errors import UsageError
from geo_devolve.geography.model import Geography
from geo_devolve.optimise.engines import Listing
from geo_devolve.optimise.problem import Problem
from geo_devolve.optimise.proof import prove
from geo_devolve.optimise.relaxation import Program, relax
from geo_devolve.optimise.units import Ints, to_flags
from geo_devolve.progress import Progress, silent
from geo_devolve.scenario import Scenario

STAGE = "near-best plans"
_FIRST_MARGIN = 0.0025


@dataclass(frozen=True)
class NearPlan:
    """One of the best plans.

    Attributes
    ----------
    rank
        1 for the best.
    groups
        Codes of the councils of each area.
    objective
        As in the certificate.
    excess
        (objective − optimum) / optimum.
    """

    rank: int
    groups: tuple[tuple[Hashable, ...], ...]
    objective: float
    excess: float


@dataclass(frozen=True)
class NearBest:
    """The best plans, best first.

    Attributes
    ----------
    plans
        No two alike; they differ by at least one council.
    complete
        Whether no plan is missing that is better than the last of them, nor, where there are fewer than were
        asked for, one within the margin.
    margin
        The excess up to which plans were looked for.
    """

    plans: tuple[NearPlan, ...]
    complete: bool
    margin: float


def near_best(
    geography: Geography,
    scenario: Scenario,
    *,
    most: int = 10,
    within: float | None = None,
    problem: Problem | None = None,
    progress: Progress = silent,
) -> NearBest:
    """Find the best plans.

    Parameters
    ----------
    geography
        The study area.
    scenario
        What is asked for; its time limit holds for the search.
    most
        The most plans to return.
    within
        The greatest excess over the optimum, as a share of it (0.01 for one per cent); None for no limit.
    problem
        One that holds the scenario's candidates already.
    progress
        Told how many plans are found.

    Returns
    -------
    NearBest
        The best plan first; fewer than `most` where there are no more within the limit.

    Raises
    ------
    InfeasibleError
        There is no plan.
    UsageError
        There are too many candidates to list.
    """
    if most < 1 or (within is not None and within < 0):
        raise UsageError(
            f"near-best plans: most must be at least 1 and within at least 0, not {most}, {within}"
        )
    problem = Problem(geography, scenario, progress=progress) if problem is None else problem
    best = problem.solve(scenario)
    prepared, engine = problem.engaged(scenario)
    if not isinstance(engine, Listing):
        prepared, engine = problem.engaged(scenario.replace(engine="list"))
    if not isinstance(engine, Listing):
        raise UsageError("near-best plans need all candidates listed; name more layers to make blocks of")
    optimum = best.certificate.objective
    deadline = Deadline.after(scenario.time_limit_s)
    margin = _FIRST_MARGIN if within is None else within
    while True:
        found, complete = _enumerate(engine.program, scenario, optimum * (1.0 + margin), most, deadline)
        progress(STAGE, len(found), most)
        enough = len(found) >= most or within is not None or not complete
        if enough or margin > 1e3:
            break
        margin *= 4.0
    plans = []
    for rank, (cost, columns) in enumerate(found, start=1):
        chosen = [np.flatnonzero(row) for row in to_flags(engine.program.masks[columns], prepared.units.n)]
        excess = (cost - optimum) / optimum if optimum else 0.0
        plans.append(NearPlan(rank, prepared.groups(chosen), cost, max(0.0, excess)))
    return NearBest(tuple(plans), complete and best.certificate.proven, margin)


def _enumerate(
    program: Program, scenario: Scenario, ceiling: float, most: int, deadline: Deadline
) -> tuple[list[tuple[float, Ints]], bool]:
    """List the plans that cost no more than the ceiling, best first, and say whether none is missing."""
    families = _Families(program, ceiling, most, deadline)
    for areas in scenario.counts:
        relaxed = relax(program, areas, deadline)
        within = np.flatnonzero(relaxed.reduced <= families.ceiling - relaxed.bound)
        families.offer(within, areas, np.zeros(0, dtype=np.int64))
    found: list[tuple[float, Ints]] = []
    while families.waiting and len(found) < most and families.complete:
        cost, _, plan, family, fixed = heapq.heappop(families.waiting)
        found.append((cost, np.sort(plan)))
        for at in range(fixed, len(plan)):
            families.offer(family[family != plan[at]], len(plan), plan[:at])
    return found, families.complete


class _Families:
    """Families of plans, each waiting with its best plan."""

    def __init__(self, program: Program, ceiling: float, most: int, deadline: Deadline) -> None:
        self.program, self.most, self.deadline = program, most, deadline
        self.slack = 1e-9 * max(1.0, abs(ceiling))
        self.ceiling = ceiling + self.slack
        self.waiting: list[tuple[float, int, Ints, Ints, int]] = []
        self.costs: list[float] = []
        self.number = count()
        self.complete = True

    def offer(self, family: Ints, areas: int, fixed: Ints) -> None:
        """Find the best plan of a family, which has the fixed areas and otherwise only the family's."""
        masks = self.program.masks
        taken = np.bitwise_or.reduce(masks[fixed], axis=0)
        family = np.concatenate([fixed, family[~(masks[family] & taken).any(axis=1)]])
        proof = prove(self.program.take(family), areas, self.ceiling, self.deadline)
        self.complete &= proof.finished
        if proof.columns is None:
            return
        plan = family[proof.columns]
        plan = np.concatenate([fixed, np.setdiff1d(plan, fixed)])
        cost = float(self.program.costs[plan].sum())
        heapq.heappush(self.waiting, (cost, next(self.number), plan, family, len(fixed)))
        self.costs = heapq.nsmallest(self.most, [*self.costs, cost])
        if len(self.costs) == self.most:
            self.ceiling = min(self.ceiling, self.costs[-1] + self.slack)
