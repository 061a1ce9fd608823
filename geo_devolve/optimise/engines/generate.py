"""The generating engine: finds good plans where there are too many candidates to list or to walk.

Rounds of annealing from several beginnings fill a pool of areas; the linear program over the pool gives
prices, at which a short pruned search finds areas that are missing; the integer program picks the best plan
from the pool, and the next round begins from it. What it finds is a plan, not a proof.
"""

from collections.abc import Callable

import numpy as np

from geo_devolve.clock import NEVER, Deadline
from geo_devolve.cores import cores
from geo_devolve.objective.terms import union_costs
from geo_devolve.objective.units import Floats, Masks, Units, members_of
from geo_devolve.optimise.annealing.chains import Chains, as_masks
from geo_devolve.optimise.asked.rules import touches
from geo_devolve.optimise.certificate import CountResult, Stopped
from geo_devolve.optimise.compiled.leftover import leaves_room
from geo_devolve.optimise.engines.passes import Start
from geo_devolve.optimise.engines.start import start_from_coarser
from geo_devolve.optimise.engines.stream import Stream
from geo_devolve.optimise.outcome import Outcome
from geo_devolve.optimise.program.best_plan import solve_count
from geo_devolve.optimise.program.prices import Prices
from geo_devolve.optimise.program.relaxation import Program, relax
from geo_devolve.optimise.walk.search import Search
from geo_devolve.progress import Progress, silent

STAGE = "generating plans"
_MOST_ROUNDS = 12
_PATIENCE = 3
_ROUNDS_WITHOUT_PLAN = 2
_FEW_UNITS = 60
_NODES = 200_000
_MOST_IN_PROGRAM = 40_000
_MOST_UNITS_IN_PROGRAM = 1_200
_MOST_TO_START = 3_000
_PICK_S = 15.0
_PICK_NARROW_S = 4.0  # the walk that follows picks from more


class Generate:
    """The engine on one problem.

    Parameters
    ----------
    units
        The units; every plan covers all of them.
    weights
        Of the terms.
    solver
        Of the integer program.
    seed
        Of the annealing; the same seed gives the same plan, time allowing.
    workers
        How many annealings run at once.
    progress
        Told the rounds done.
    better
        Told the objective of each plan better than those before.
    exactly
        Whether to look exactly for any plan where annealing finds none.
    """

    def __init__(
        self,
        units: Units,
        weights: Floats,
        *,
        solver: str = "HiGHS",
        seed: int = 0,
        workers: int | None = None,
        progress: Progress = silent,
        better: Callable[[float], None] = lambda _: None,
        exactly: bool = True,
    ) -> None:
        self.units, self.weights, self.solver, self.progress = units, weights, solver, progress
        self.better, self.exactly = better, exactly
        self.seed = seed
        self.workers = workers or cores()
        self.search = Search(units, weights, workers=self.workers)
        self.chains = Chains(units, weights, self.search, seed=seed, workers=self.workers)
        self.small = units.n <= _MOST_UNITS_IN_PROGRAM
        self.prices: Prices | None = None
        self._plan: Masks | None = None
        self._cost = np.inf
        self.masks = np.zeros((0, units.words), dtype=np.uint64)
        self.costs = np.zeros(0)

    def warm_up(self) -> None:
        """Compile what the engine runs, or load its machine code, so that it takes none of a time limit."""
        self.search.warm_up()
        self.chains.warm_up()

    def solve(self, areas: int, deadline: Deadline = NEVER) -> Outcome:
        """Find a good plan with a number of areas.

        Parameters
        ----------
        areas
            The number of areas, k.
        deadline
            When to stop.
        """
        self._plan, self._cost, self.prices = None, np.inf, None
        try:
            stopped = self._rounds(areas, deadline)
        except KeyboardInterrupt:
            stopped = Stopped.USER
        plan = self._plan
        if plan is None and not stopped and self.exactly and self.small:
            return self._exactly(areas, deadline)  # annealing cannot start
        result = CountResult.open(areas, None if plan is None else self._cost, None)
        return Outcome(result, plan, stopped=stopped)

    def _rounds(self, areas: int, deadline: Deadline) -> Stopped:
        """Anneal and pick until nothing better comes of it; returns what stopped it before, if anything."""
        if self.small:
            until = deadline.sooner(15.0)
            start = start_from_coarser(self.units, self.weights, areas, solver=self.solver, deadline=until)
            self.add(start.masks)
            if start.plan is not None:
                self._improve(start.masks[start.plan])
        patience = _ROUNDS_WITHOUT_PLAN if self.units.n <= _FEW_UNITS else 3 * _ROUNDS_WITHOUT_PLAN
        idle = 0
        for done in range(_MOST_ROUNDS):
            before = self._cost
            self._round(areas, done, deadline)
            idle = 0 if self._cost < before else idle + 1
            self.progress(STAGE, done + 1, _MOST_ROUNDS)
            if deadline.over:
                return Stopped.TIME
            if self._plan is None and self.small and done + 1 >= patience:
                break
            if self._plan is not None and idle >= _PATIENCE:
                break
        return Stopped.NOT

    def start(self, plan: Masks | None) -> Start | None:
        """Return where an exact engine starts best: at the pool's prices, with its candidates near them.

        Parameters
        ----------
        plan
            The best plan found.

        Returns
        -------
        Start or None
            None if the pool has no prices: no areas in it make up a plan, not even in parts.
        """
        if self.prices is None or plan is None:
            return None
        chosen = len(self.masks) + np.arange(len(plan))
        masks = np.concatenate([self.masks, plan])
        members = members_of(self.masks, self.units.n)
        touched = [touches(self.masks, units) for units in self.units.rules.cap_units]
        reduced = self.costs - members @ self.prices.units - self.prices.count
        for price, hit in zip(self.prices.caps, touched, strict=True):
            reduced = reduced - price * hit
        rows = np.concatenate([np.argsort(reduced, kind="stable")[:_MOST_TO_START], chosen])
        return Start(self.prices, masks[rows], np.arange(len(rows) - len(plan), len(rows)), near=True)

    def _round(self, areas: int, turn: int, deadline: Deadline) -> None:
        """Anneal, then pick."""
        for chain in self.chains.run(areas, turn, self._plan, self.costs, deadline):
            self.add(chain.masks)
            if chain.broken == 0.0:
                found = as_masks(chain.area_of, areas)
                self.add(found)
                self._improve(found)
        if not deadline.over:
            self._pick(areas, deadline)

    def _improve(self, plan: Masks) -> None:
        """Keep a plan if it is better than the best so far."""
        cost = self.cost(plan)
        if cost < self._cost - 1e-12:
            self._plan, self._cost = plan, cost
            self.better(cost)

    def _exactly(self, areas: int, deadline: Deadline) -> Outcome:
        stream = Stream(
            self.units, self.weights, solver=self.solver, workers=self.workers, progress=self.progress
        )
        return stream.solve(areas, deadline, known=(self.masks,))

    def add(self, masks: Masks) -> None:
        """Put areas into the pool, each once."""
        if self.chains.narrow:
            masks = masks[leaves_room(self.units, masks)]
        if len(masks) == 0:
            return
        everything = np.concatenate([self.masks, masks])
        _, first = np.unique(everything, axis=0, return_index=True)
        fresh = np.sort(first[first >= len(self.masks)])
        fresh_costs = union_costs(self.units, self.weights, everything[fresh])
        costs = np.concatenate([self.costs, fresh_costs])
        self.masks, self.costs = np.concatenate([self.masks, everything[fresh]]), costs

    def cost(self, plan: Masks) -> float:
        """Return a plan's exact objective."""
        return float(union_costs(self.units, self.weights, plan).sum())

    def _pick(self, areas: int, deadline: Deadline) -> None:
        """Find missing areas at the pool's prices, then the pool's best plan."""
        rules, n = self.units.rules, self.units.n
        if n > _MOST_UNITS_IN_PROGRAM or len(self.costs) == 0:
            return
        self._trim()
        until = deadline.sooner(_PICK_NARROW_S if self.chains.narrow else _PICK_S)
        program = Program.of(n, self.masks, self.costs, rules.cap_units, rules.cap_limit)
        relaxed = relax(program, areas, until)
        if np.isfinite(relaxed.bound) and relaxed.finished:
            self.prices = prices = relaxed.prices
            missing = self.search.run(prices, -1e-9, most=5_000, deadline=until, most_nodes=_NODES)
            self.add(missing.masks)
            program = Program.of(n, self.masks, self.costs, rules.cap_units, rules.cap_limit)
        elif not np.isfinite(relaxed.bound):
            return
        if until.over:
            return
        outcome = solve_count(program, areas, solver=self.solver, deadline=until)
        if outcome.plan is not None:
            self._improve(outcome.plan)

    def _trim(self) -> None:
        """Keep the pool small: the areas that cost least for their people."""
        if len(self.costs) <= _MOST_IN_PROGRAM:
            return
        people = members_of(self.masks, self.units.n) @ self.units.population
        keep = np.sort(np.argsort(self.costs / np.maximum(people, 1e-9), kind="stable")[:_MOST_IN_PROGRAM])
        self.masks, self.costs = self.masks[keep], self.costs[keep]
