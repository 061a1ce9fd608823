"""The streaming engine: proves the best plan without ever holding all candidates.

The linear program over all candidates is solved by passes of the pruned search (`passes`). A last pass keeps
every candidate whose reduced cost is within the gap between the best plan and that bound; the best plan among
them is the best of all.
"""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace

import numpy as np

from geo_devolve.clock import NEVER, Deadline
from geo_devolve.objective.terms import union_costs
from geo_devolve.objective.units import Floats, Masks, Units, members_of
from geo_devolve.optimise.certificate import CountResult, RestsOn, Status, Stopped, close
from geo_devolve.optimise.engines import passes
from geo_devolve.optimise.engines.passes import Passes, Start
from geo_devolve.optimise.engines.start import start_from_coarser, start_from_pool
from geo_devolve.optimise.evidence import Node
from geo_devolve.optimise.outcome import Outcome
from geo_devolve.optimise.program.best_plan import solve_count
from geo_devolve.optimise.program.prices import Prices
from geo_devolve.optimise.program.relaxation import Program
from geo_devolve.optimise.walk import search
from geo_devolve.optimise.walk.estimate import Walk, estimate_walk
from geo_devolve.optimise.walk.search import Search
from geo_devolve.progress import Progress, silent

_MOST_WINDOW = 500_000
_KNOWN_PER_UNIT = 20
_SHARE_TO_EXPECT = 0.3  # of the time: a walk that is not measured by then does not fit
_SOON_S = 2.0  # to choose a plan in, after the user stopped


class Stream:
    """The engine on one problem; candidates and prices found for one number of areas serve the next.

    Parameters
    ----------
    units
        The units; every plan covers all of them.
    weights
        Of the terms.
    solver
        Of the integer program.
    executor
        Runs the passes' packets: threads of its own if missing, processes, or a cluster.
    workers
        How many packets run at once.
    progress
        Told the passes done.
    """

    def __init__(
        self,
        units: Units,
        weights: Floats,
        *,
        solver: str = "HiGHS",
        executor: Executor | None = None,
        workers: int | None = None,
        progress: Progress = silent,
    ) -> None:
        self.units, self.weights, self.solver, self.progress = units, weights, solver, progress
        self.search = Search(units, weights, executor=executor, workers=workers)
        self.masks = np.zeros((0, units.words), dtype=np.uint64)
        self.prices: Prices | None = None
        self._begun: dict[int, Start] = {}

    def solve(
        self,
        areas: int,
        deadline: Deadline = NEVER,
        *,
        known: Sequence[Masks] = (),
        plan: Masks | None = None,
        start: Start | None = None,
    ) -> Outcome:
        """Find the best plan with a number of areas, and what is known of it.

        Parameters
        ----------
        areas
            The number of areas, k.
        deadline
            When to stop.
        known
            Masks of candidates that may be worth having, such as those met while looking for plans.
        plan
            Masks of a plan found by other means.
        start
            Where to start; by default a coarser problem's prices, or those of the last solve.
        """
        walked = self.search.walked
        start = start or self._start(areas, deadline)
        spare = 0.0 if deadline.endless else min(10.0, 0.2 * deadline.left)
        cost = self._cost(plan)
        if plan is not None and not start.near:
            pool = np.unique(np.concatenate([plan, *known]), axis=0)
            start = start_from_pool(self.units, self.weights, areas, pool, deadline) or start
        relaxation = Passes(self.search, areas, start, cost=cost)
        relaxation.add(self._worth_having(start.prices, known))
        if plan is not None:
            relaxation.add(plan)
        stopped = Stopped.NOT
        try:
            relaxation.run(deadline.moved(-spare), progress=self.progress)
        except KeyboardInterrupt:
            stopped, deadline = Stopped.USER, Deadline.after(_SOON_S)
        self.prices = relaxation.prices
        self.masks = relaxation.program.masks
        try:
            answer = self._choose(relaxation, deadline)
        except KeyboardInterrupt:
            stopped = Stopped.USER
            answer = self._choose_soon(relaxation)
        walked = self.search.walked - walked
        if not stopped:
            for stage, done in ((search.STAGE, walked), (passes.STAGE, relaxation.made)):
                self.progress(stage, done, done)
        return replace(answer, walked=walked, stopped=stopped or answer.stopped)

    def costs(self, masks: Masks) -> Floats:
        """Return candidates' exact costs, by the plain definition."""
        return union_costs(self.units, self.weights, masks)

    def _worth_having(self, prices: Prices, known: Sequence[Masks]) -> Masks:
        """Return those of small reduced cost: a linear program over all would take its time."""
        masks = np.concatenate([np.zeros((0, self.units.words), dtype=np.uint64), *known])
        most = _KNOWN_PER_UNIT * self.units.n
        if len(masks) <= most:
            return masks
        reduced = self.costs(masks) - members_of(masks, self.units.n) @ prices.units
        return masks[np.sort(np.argsort(reduced, kind="stable")[:most])]

    def expect(self, areas: int, deadline: Deadline, *, seed: int = 0) -> Walk | None:
        """Estimate what a whole pass would take; None where it takes too long, or no plan is known.

        Parameters
        ----------
        areas
            The number of areas, k.
        deadline
            When to give up.
        seed
            Of the samples.
        """
        start = self._start(areas, deadline)
        self._begun[areas] = start
        if start.plan is None:
            return None
        soon = deadline.share(_SHARE_TO_EXPECT)
        return estimate_walk(self.search, start.prices, seed=seed, deadline=soon)

    def _start(self, areas: int, deadline: Deadline) -> Start:
        begun = self._begun.pop(areas, None)
        if begun is not None:
            return begun
        if self.prices is not None:
            return Start(self.prices, self.masks, None, near=True)
        return start_from_coarser(self.units, self.weights, areas, solver=self.solver, deadline=deadline)

    def _choose(self, relaxation: Passes, deadline: Deadline) -> Outcome:
        """Find the best plan among the candidates kept, then among all that could be in a better one."""
        areas, base, ceiling = relaxation.areas, relaxation.bound, relaxation.ceiling
        bound = relaxation.step.up(base)
        root: Node | None = relaxation.evidence
        if bound > ceiling + 1e-9 * max(1.0, ceiling):
            return Outcome(CountResult.none(areas), evidence=root)
        kept = self._best_of(relaxation.program.masks, areas, deadline)
        plan, cost = kept.plan, self._cost(kept.plan)
        if plan is not None and close(cost, bound):
            return Outcome(CountResult.best(areas, cost, bound), plan, evidence=root)
        window = 0.0
        while relaxation.finished:
            # always from what the prices prove: a larger window holds the smaller one's candidates too
            if plan is not None:  # only a plan that costs a step less is better
                window = max(cost - relaxation.step.size - base, 0.0)
            else:
                window = max(4.0 * window, 0.01 * max(abs(base), 1e-3))
            slack = 1e-9 * max(1.0, abs(base))
            window += slack
            within = self.search.run(
                relaxation.prices, window, most=_MOST_WINDOW, deadline=deadline, progress=self.progress
            )
            if not within.finished or within.theta < window:
                break
            everything = self._best_of(within.masks, areas, deadline)
            better = everything.plan
            if relaxation.evidence is not None and everything.evidence is not None:
                root = replace(relaxation.evidence, then=everything.evidence, window=window - 0.5 * slack)
            if better is None and everything.result.status == Status.INFEASIBLE:
                if base + window > ceiling:
                    return Outcome(CountResult.none(areas), None, everything.rests_on, evidence=root)
                if plan is not None and relaxation.step.size > 0:
                    result = CountResult.best(areas, cost, cost)
                    return Outcome(result, plan, everything.rests_on, evidence=root)
                bound = relaxation.step.up(base + window)  # no plan has only such candidates
                if plan is not None:
                    break
                continue
            if better is None:
                break
            better_cost = self._cost(better)
            if plan is None and better_cost > base + window:
                plan, cost = better, better_cost
                continue
            if better_cost <= cost:
                plan, cost = better, better_cost
            if everything.result.proven:
                told = everything.result.bound if everything.rests_on == RestsOn.PRICES else None
                result = CountResult.best(areas, cost, cost if told is None else told)
                return Outcome(result, plan, everything.rests_on, evidence=root)
            break
        result = CountResult.open(areas, None if plan is None else cost, bound)
        return Outcome(result, plan, stopped=kept.stopped or Stopped.TIME, evidence=root)

    def _choose_soon(self, relaxation: Passes) -> Outcome:
        """Find the best plan among the candidates kept, in a moment."""
        plan = self._best_of(relaxation.program.masks, relaxation.areas, Deadline.after(_SOON_S)).plan
        cost = None if plan is None else self._cost(plan)
        result = CountResult.open(relaxation.areas, cost, relaxation.bound)
        return Outcome(result, plan, evidence=relaxation.evidence)

    def _cost(self, plan: Masks | None) -> float:
        """Return a plan's exact objective, infinite where there is none."""
        return np.inf if plan is None else float(self.costs(plan).sum())

    def _best_of(self, masks: Masks, areas: int, deadline: Deadline) -> Outcome:
        rules = self.units.rules
        program = Program.of(self.units.n, masks, self.costs(masks), rules.cap_units, rules.cap_limit)
        return solve_count(program, areas, solver=self.solver, deadline=deadline)
