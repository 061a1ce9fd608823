"""The streaming engine: proves the best plan without ever holding all candidates.

Each pass walks the candidates by the pruned search, at prices from the linear program over those kept
so far, keeps those of negative reduced cost, and yields a bound that holds at any prices. When a pass finds
nothing and no price is held by its box, the linear program over *all* candidates is solved. A last pass keeps
every candidate whose reduced cost is within the gap between the best plan and that bound; the best plan among
them is the best of all.
"""

import time
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from geo_devolve.optimise.boxed import BoxedProgram
from geo_devolve.optimise.certificate import CountResult, close
from geo_devolve.optimise.costs import union_terms
from geo_devolve.optimise.integer import Outcome, solve_count
from geo_devolve.optimise.relaxation import Program
from geo_devolve.optimise.search import Pass, Prices, Search
from geo_devolve.optimise.start import Start, start_from_coarser
from geo_devolve.optimise.units import Floats, Masks, Units, members_of
from geo_devolve.progress import Progress, silent

STAGE = "proving"
_MOST_KEPT = 20_000
_MOST_WINDOW = 500_000
_TOLERANCE = 1e-11
_MOST_PASSES = 500


@dataclass(frozen=True, eq=False)
class Answer:
    """What an engine that holds no list came to, for one number of areas.

    Attributes
    ----------
    result
        For the certificate.
    plan
        Masks of the plan's areas over the units; None if there is no plan.
    walked
        Nodes of the search, of all passes: how many unions were looked at.
    rests_on
        "prices" or "solver" (see `Certificate`).
    stopped
        "", "time limit" or "user".
    """

    result: CountResult
    plan: Masks | None
    walked: int
    rests_on: str = "prices"
    stopped: str = ""


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
        self.passes: list[Pass] = []

    def solve(self, areas: int, deadline: float = np.inf, *, known: Sequence[Masks] = ()) -> Answer:
        """Find the best plan with a number of areas, and what is known of it.

        Parameters
        ----------
        areas
            The number of areas, k.
        deadline
            When to stop, on the clock of `time.monotonic`.
        known
            Masks of candidates worth having, such as those of plans found by other means.
        """
        before = len(self.passes)
        start = self._start(areas, deadline)
        now = time.monotonic()
        spare = min(10.0, 0.2 * max(0.0, deadline - now)) if np.isfinite(deadline) else 0.0
        relaxation = _Relaxation(self, areas, start, deadline - spare)
        for masks in known:
            relaxation.add(masks)
        stopped = ""
        try:
            relaxation.run()
        except KeyboardInterrupt:
            stopped, deadline = "user", time.monotonic() + 2.0
        self.prices = relaxation.prices
        self.masks = relaxation.program.masks
        answer = self._choose(relaxation, deadline)
        walked = sum(each.walked for each in self.passes[before:])
        return Answer(answer.result, answer.plan, walked, answer.rests_on, stopped or answer.stopped)

    def costs(self, masks: Masks) -> Floats:
        """Return candidates' exact costs, by the plain definition."""
        return union_terms(self.units, members_of(masks, self.units.n)) @ self.weights

    def ceiling(self, areas: int) -> float:
        """Return what no plan of these units can cost more than."""
        units, weights = self.units, self.weights
        themes = len(units.theme_total)
        varied = units.theme_total > 0
        most = weights[0] * (units.theme_squared[:, varied].sum(axis=0) / units.theme_total[varied]).sum()
        most = most / themes if themes else 0.0
        for layer, weight in zip(units.layers, weights[1:-2], strict=True):
            most += weight * layer.people.sum() / layer.total if layer.total > 0 else 0.0
        if units.total_border_m > 0:
            most += weights[-2] * units.outline_m.sum() / (2.0 * units.total_border_m)
        if units.total_population > 0:
            away = units.population.sum() + areas * units.balance_target
            most += weights[-1] * away / (2.0 * units.total_population)
        return float(most)

    def _start(self, areas: int, deadline: float) -> Start:
        if self.prices is not None:
            return Start(self.prices, self.masks, None, near=True)
        return start_from_coarser(self.units, self.weights, areas, solver=self.solver, deadline=deadline)

    def _choose(self, relaxation: "_Relaxation", deadline: float) -> Answer:
        """Find the best plan among the candidates kept, then among all that could be in a better one."""
        areas, base = relaxation.areas, relaxation.bound
        bound = base
        ceiling = self.ceiling(areas)
        if bound > ceiling + 1e-9 * max(1.0, ceiling):
            return Answer(CountResult(areas, None, np.inf, proven=True, status="infeasible"), None, 0)
        outcome, plan = self._best_of(relaxation.program.masks, areas, deadline)
        cost = np.inf if plan is None else float(self.costs(plan).sum())
        if plan is not None and close(cost, bound):
            return Answer(CountResult(areas, cost, min(bound, cost), proven=True, status="optimal"), plan, 0)
        window = 0.0
        while relaxation.finished:
            # always from what the prices prove: a larger window holds the smaller one's candidates too
            window = cost - base if plan is not None else max(4.0 * window, 0.01 * max(abs(base), 1e-3))
            window += 1e-9 * max(1.0, abs(base))
            within = self.search.run(
                relaxation.prices, window, most=_MOST_WINDOW, deadline=deadline, progress=self.progress
            )
            self.passes.append(within)
            if not within.finished or within.theta < window:
                break
            everything, better = self._best_of(within.masks, areas, deadline)
            if better is None and everything.result.status == "infeasible":
                if base + window > ceiling:
                    infeasible = CountResult(areas, None, np.inf, proven=True, status="infeasible")
                    return Answer(infeasible, None, 0, everything.rests_on)
                bound = base + window  # no plan has only such candidates
                if plan is not None:
                    break
                continue
            if better is None:
                break
            better_cost = float(self.costs(better).sum())
            if plan is None and better_cost > base + window:
                plan, cost = better, better_cost
                continue
            if better_cost <= cost:
                plan, cost = better, better_cost
            if everything.result.proven:
                result = CountResult(areas, cost, cost, proven=True, status="optimal")
                if everything.rests_on == "prices" and everything.result.bound is not None:
                    result = CountResult(
                        areas, cost, min(everything.result.bound, cost), proven=True, status="optimal"
                    )
                return Answer(result, plan, 0, everything.rests_on)
            break
        stopped = outcome.stopped or "time limit"
        if plan is None:
            return Answer(
                CountResult(areas, None, bound, proven=False, status="unknown"), None, 0, "prices", stopped
            )
        result = CountResult(areas, cost, min(bound, cost), proven=False, status="feasible")
        return Answer(result, plan, 0, "prices", stopped)

    def _best_of(self, masks: Masks, areas: int, deadline: float) -> tuple[Outcome, Masks | None]:
        rules = self.units.rules
        program = Program.of(self.units.n, masks, self.costs(masks), rules.cap_units, rules.cap_limit)
        outcome = solve_count(program, areas, solver=self.solver, deadline=deadline)
        return outcome, None if outcome.columns is None else masks[outcome.columns]


class _Relaxation:
    """The linear program over all candidates, for one number of areas."""

    def __init__(self, stream: Stream, areas: int, start: Start, deadline: float) -> None:
        self.stream, self.areas, self.deadline = stream, areas, deadline
        units = stream.units
        self.caps = units.rules.cap_limit
        self.prices = start.prices
        size = float(np.abs(start.prices.units).mean())
        self.width = (0.03 if start.near else 1.0) * max(size, 1e-6)
        penalty = 2.0 * stream.ceiling(areas) + 1.0
        scale = 1.0 / max(size, 1e-9)
        self.program = BoxedProgram(units.n, areas, units.rules, scale, penalty, units.population)
        self.bound = -np.inf
        self.cost = np.inf if start.plan is None else float(stream.costs(start.masks[start.plan]).sum())
        self.finished = False
        self.add(start.masks)

    def add(self, masks: Masks) -> int:
        """Keep candidates; returns how many were new."""
        return self.program.add(masks, self.stream.costs(masks)) if len(masks) else 0

    def run(self) -> None:
        """Make passes until none finds a candidate that is missing, or the time is up."""
        ceiling = self.stream.ceiling(self.areas)
        prices, value, slack = self.prices, np.inf, np.inf  # the first pass is at the prices to start from
        for done in range(_MOST_PASSES):
            if done:
                self.program.box(self.prices, self.width)
                prices, value, slack = self.program.solve()
            within = self.stream.search.run(
                prices, _TOLERANCE, most=_MOST_KEPT, deadline=self.deadline, progress=self.stream.progress
            )
            self.stream.passes.append(within)
            added = self.add(within.masks)
            bound = within.bound(prices, self.areas, self.caps)
            self.stream.progress(STAGE, done + 1, None)
            better = bound > self.bound
            if better:
                self.bound, self.prices = bound, prices
            if np.isfinite(self.cost) and close(self.cost, self.bound):
                return
            if slack < 1e-9 and within.finished and value - bound <= 1e-10 * max(1.0, abs(value)):
                self.bound, self.prices, self.finished = bound, prices, True
                return
            if bound > ceiling + 1e-6 * max(1.0, ceiling):
                return
            if time.monotonic() > self.deadline:
                return
            if added == 0 and slack >= 1e-9:
                self.prices = prices
                self.width *= 4.0
                self.program.straighten()
                if not better:  # only M holds the prices back
                    self.program.punish(10.0)
            elif slack >= 1e-9:
                self.width *= 1.5 if better else 0.5
