"""Near-best plans: the best n, or all within so many per cent of the optimum, in order and without a gap.

After the best plan with areas a_1 … a_k every other plan has, for exactly one i, the areas a_1 … a_{i-1} but
not a_i (Lawler, 1972). The best of each of these k families is found by the branching that proves optima, the
best of them is the next plan, and its family is divided in turn. Only candidates whose reduced cost is
within the margin can be in such a plan.
"""

import heapq
import math
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from itertools import count

import numpy as np

from geo_devolve.clock import Deadline
from geo_devolve.errors import UsageError
from geo_devolve.geography.model import Geography
from geo_devolve.objective.units import Ints, to_flags
from geo_devolve.optimise.certificate import tolerance
from geo_devolve.optimise.engines.listing import Listing
from geo_devolve.optimise.problem import Problem
from geo_devolve.optimise.program.proof import prove
from geo_devolve.optimise.program.relaxation import Program, relax
from geo_devolve.progress import Progress, silent
from geo_devolve.scenario import Scenario

STAGE = "near-best plans"
_FIRST_MARGIN = 0.0025
_LEAST_OF_WORST = 1e-3  # what a margin is a share of at least, where the optimum is 0 or next to it
_WIDER = 4.0
_SLACK = 1e-9  # of what the dearest candidate costs: which candidates are looked at, not which plans count


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
        (objective − optimum) / optimum; infinite where the optimum is 0 and the objective is not.
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
        Whether no plan is missing that is better than the last of them (in the ninth digit), nor, where
        there are fewer than were asked for, any plan at all, or with a limit any within it.
    margin
        The excess up to which plans were looked for, as a share of the optimum; infinite where every plan
        was, and where the optimum is 0 and plans above it were looked for.
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
    deadline = Deadline.after(scenario.time_limit_s)
    prepared, engine = problem.engaged(scenario, deadline)
    if not isinstance(engine, Listing):
        prepared, engine = problem.engaged(scenario.replace(engine="list"), deadline)
    if not isinstance(engine, Listing):
        raise UsageError("near-best plans need all candidates listed; name more layers to make blocks of")
    optimum = best.certificate.objective
    for ceiling in _ceilings(engine.program, scenario, optimum, within):
        found, complete = _enumerate(engine.program, scenario, ceiling, most, deadline)
        progress(STAGE, len(found), most)
        if len(found) >= most or not complete:
            break
    plans = []
    for rank, (cost, columns) in enumerate(found, start=1):
        chosen = [np.flatnonzero(row) for row in to_flags(engine.program.masks[columns], prepared.units.n)]
        plans.append(NearPlan(rank, prepared.groups(chosen), cost, _excess(cost, optimum)))
    margin = _excess(ceiling, optimum) if within is None else within
    return NearBest(tuple(plans), complete and best.certificate.proven, margin)


def _ceilings(program: Program, scenario: Scenario, optimum: float, within: float | None) -> Iterator[float]:
    """Yield what plans may cost, more and more, and in the end anything."""
    if within is not None:
        yield optimum * (1.0 + within)
        return
    worst = scenario.counts[-1] * float(program.costs.max(initial=0.0))  # no plan costs more
    width = _FIRST_MARGIN * max(optimum, _LEAST_OF_WORST * worst)
    while optimum + width < worst:
        yield optimum + width
        width *= _WIDER
    yield math.inf


def _excess(cost: float, optimum: float) -> float:
    above = cost - optimum
    if above <= tolerance(optimum):
        return 0.0
    return above / optimum if optimum > 0.0 else math.inf


def _enumerate(
    program: Program, scenario: Scenario, ceiling: float, most: int, deadline: Deadline
) -> tuple[list[tuple[float, Ints]], bool]:
    """List the plans that cost no more than the ceiling, best first, and say whether none is missing."""
    families = _Families(program, ceiling, most, deadline)
    for areas in scenario.counts:
        relaxed = relax(program, areas, deadline)
        families.complete &= relaxed.finished
        within = np.flatnonzero(relaxed.reduced <= families.ceiling - relaxed.bound)
        families.offer(within, areas, np.zeros(0, dtype=np.int64))
    found: list[tuple[float, Ints]] = []
    while families.waiting and len(found) < most and families.complete:
        cost, _, plan, family, fixed = heapq.heappop(families.waiting)
        if cost <= ceiling + tolerance(ceiling):
            found.append((cost, np.sort(plan)))
        for at in range(fixed, len(plan)):
            families.offer(family[family != plan[at]], len(plan), plan[:at])
    return found, families.complete


class _Families:
    """Families of plans, each waiting with its best plan."""

    def __init__(self, program: Program, ceiling: float, most: int, deadline: Deadline) -> None:
        self.program, self.most, self.deadline = program, most, deadline
        self.slack = _SLACK * float(program.costs.max(initial=0.0)) + 2.0 * tolerance(
            ceiling if math.isfinite(ceiling) else 0.0
        )
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
