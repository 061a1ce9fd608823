"""One face for every engine: a number of areas in, a plan over all blocks and what is known of it out.

The engine is chosen by what listing would take. *list* holds every candidate; *stream* walks them without
holding them; both prove. How long a walk takes is measured by sampling, and where the time is too short for
it *generate* looks for good plans: it proves nothing by itself, but leaves half of the time to a walk that
gives its plan a bound.
"""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from typing import Protocol

import numpy as np

from geo_devolve.clock import NEVER, Deadline, TimeUpError
from geo_devolve.objective.columns import COMPACTNESS
from geo_devolve.objective.terms import union_costs
from geo_devolve.objective.units import Masks, Units, to_masks
from geo_devolve.optimise.annealing.chains import is_narrow
from geo_devolve.optimise.asked.prepared import Prepared
from geo_devolve.optimise.asked.rules import touches
from geo_devolve.optimise.certificate import CountResult, Stopped, roughly
from geo_devolve.optimise.engines.generate import Generate
from geo_devolve.optimise.engines.listing import Listing
from geo_devolve.optimise.engines.stream import Stream
from geo_devolve.optimise.evidence import Node, Split
from geo_devolve.optimise.listed.how_many import estimate_listing
from geo_devolve.optimise.listed.listing import TooManyError
from geo_devolve.optimise.listed.store import Store, renumber
from geo_devolve.optimise.outcome import Outcome
from geo_devolve.progress import Progress, silent

MOST_LISTED = 1_000_000  # above, a pruned walk is quicker, and lighter
MOST_ASKED_FOR = 10_000_000
MOST_STREAMED = 1e12
MOST_WALKED = 1_200  # units, for a bound to plans that were generated
_SHARE_TO_GENERATE = 0.5
_SHARE_TO_LIST = 0.5  # of the time, before another engine is chosen
_SHARE_TO_ESTIMATE = 0.25
_SHARE_BEFORE_WALK = 0.25  # where the walk most likely ends in time
_PASSES = 3.0  # a proof takes a whole pass or two after quick ones, and sampling may tell half of one


class Engine(Protocol):
    """Finds plans for one prepared scenario."""

    candidates: int

    @property
    def name(self) -> str:
        """Of the engine, as a scenario may ask for it."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of it."""

    def warm_up(self) -> None:
        """Compile what the engine runs, or load its machine code, so that it takes none of a time limit."""

    def solve(self, areas: int, deadline: Deadline) -> Outcome:
        """Find the best plan with a number of areas, and what is known of it."""


class Streaming:
    """The engine that walks candidates without holding them, around the locked areas."""

    name = "stream"

    def __init__(
        self, prepared: Prepared, estimate: float, executor: Executor | None, progress: Progress
    ) -> None:
        self.prepared = prepared
        self.locked = _Locked(prepared)
        self.candidates = _rounded(estimate)
        self.notes: tuple[str, ...] = (_walked(self.candidates),)
        weights = np.array(prepared.scenario.term_weights)
        units, solver = self.locked.units, prepared.scenario.solver
        self.stream = Stream(units, weights, solver=solver, executor=executor, progress=progress)
        # where bounds are narrow, annealing finds plans far sooner, and prices with them
        self.search: Generate | None = None
        if is_narrow(units):
            seed = prepared.scenario.seed
            self.search = Generate(units, weights, solver=solver, seed=seed, progress=progress, exactly=False)

    def warm_up(self) -> None:
        """Compile what the engine runs, or load its machine code, so that it takes none of a time limit."""
        if self.search is not None:
            self.search.warm_up()
        self.stream.search.warm_up()

    def solve(self, areas: int, deadline: Deadline) -> Outcome:
        """Find the best plan with a number of areas, and what is known of it."""
        return self.locked.around(areas, lambda free: self._solve(free, deadline))

    def _solve(self, areas: int, deadline: Deadline) -> Outcome:
        if self.search is not None:
            return _search_and_walk(self.search, self.stream, areas, deadline, _SHARE_BEFORE_WALK)
        return self.stream.solve(areas, deadline)


class Generating:
    """The engine for more candidates than can be walked for certain.

    Asked to, it measures the walk first, and makes it where the time is enough; else it looks for good plans,
    and then walks for a bound in the time left.
    """

    def __init__(
        self,
        prepared: Prepared,
        estimate: float,
        executor: Executor | None,
        progress: Progress,
        *,
        walk: bool,
    ) -> None:
        self.locked = _Locked(prepared)
        self.candidates = _rounded(estimate)
        weights, solver = np.array(prepared.scenario.term_weights), prepared.scenario.solver
        units, self.seed = self.locked.units, prepared.scenario.seed
        self.search = Generate(
            units, weights, solver=solver, seed=self.seed, progress=progress, exactly=not walk
        )
        self.stream: Stream | None = None
        if walk:
            self.stream = Stream(units, weights, solver=solver, executor=executor, progress=progress)
        self.walked = False  # the last plan was: by the walk alone

    def warm_up(self) -> None:
        """Compile what the engine runs, or load its machine code, so that it takes none of a time limit."""
        self.search.warm_up()

    @property
    def name(self) -> str:
        """Which way the last plan was found."""
        return "stream" if self.walked else "generate"

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of it."""
        if self.walked:
            return (_walked(self.candidates),)
        many = f"About {roughly(self.candidates)} candidates are too many to list"
        return (f"{many}; good plans were looked for instead (engine: generate).",)

    def solve(self, areas: int, deadline: Deadline) -> Outcome:
        """Find the best plan with a number of areas, and what is known of it."""
        return self.locked.around(areas, lambda free: self._solve(free, deadline))

    def _solve(self, areas: int, deadline: Deadline) -> Outcome:
        self.walked = self.stream is not None and self._fits(self.stream, areas, deadline)
        if self.stream is not None and self.walked:
            return self.stream.solve(areas, deadline)
        if self.stream is None:
            return self.search.solve(areas, deadline)
        return _search_and_walk(self.search, self.stream, areas, deadline, _SHARE_TO_GENERATE)

    def _fits(self, stream: Stream, areas: int, deadline: Deadline) -> bool:
        """Whether a walk would most likely end in time, and has a plan to fall back on."""
        expected = stream.expect(areas, deadline, seed=self.seed)
        return expected is not None and _PASSES * expected.seconds <= deadline.left


def _search_and_walk(
    search: Generate, stream: Stream, areas: int, deadline: Deadline, share: float
) -> Outcome:
    """Look for a good plan in a share of the time, and walk for its bound in what is left."""
    found = search.solve(areas, deadline.share(share))
    if found.stopped == Stopped.USER or found.result.proven:
        return found
    start = search.start(found.plan) if is_narrow(search.units) else None
    known = () if start is not None else (search.masks,)
    try:
        walked = stream.solve(areas, deadline, known=known, plan=found.plan, start=start)
    except KeyboardInterrupt:
        return replace(found, stopped=Stopped.USER)
    if walked.plan is None and found.plan is not None:
        result = replace(found.result, bound=walked.result.bound)
        return replace(found, result=result, stopped=walked.stopped, evidence=walked.evidence)
    return walked


class _Locked:
    """Takes locked areas out of a problem, and puts them back into its answers."""

    def __init__(self, prepared: Prepared) -> None:
        self.prepared = prepared
        units = prepared.units
        self.units: Units = units.take(prepared.free) if len(prepared.locked) else units
        own = np.zeros((len(prepared.locked), units.n), dtype=bool)
        own[np.arange(len(prepared.locked)), prepared.locked] = True
        self.masks: Masks = to_masks(own)
        weights = np.array(prepared.scenario.term_weights)
        self.cost = float(union_costs(units, weights, self.masks).sum())
        used = np.array([touches(self.masks, cap).sum() for cap in units.rules.cap_units], dtype=np.int64)
        self.broken = bool((used > units.rules.cap_limit).any())
        rules = replace(self.units.rules, cap_limit=units.rules.cap_limit - used)
        self.units = replace(self.units, rules=rules)

    def around(self, areas: int, solve: Callable[[int], Outcome]) -> Outcome:
        """Solve for the areas that are not locked, and add those that are."""
        free = areas - len(self.masks)
        if self.broken or free < 0 or (free == 0) != (self.units.n == 0):
            return Outcome(CountResult.none(areas))
        if free == 0:
            return Outcome(CountResult.best(areas, self.cost, self.cost), self.masks)
        found = solve(free)
        if not len(self.masks):
            return found
        result = replace(
            found.result,
            areas=areas,
            objective=self._more(found.result.objective),
            bound=self._more(found.result.bound),
        )
        plan = found.plan
        if plan is not None:
            places = np.full(self.prepared.units.n, -1)
            places[self.prepared.free] = np.arange(self.units.n)
            plan = np.concatenate([renumber(plan, self.units.n, places), self.masks])
        evidence = None if found.evidence is None else self._spread(found.evidence)
        return replace(found, result=result, plan=plan, evidence=evidence)

    def _spread(self, node: Node) -> Node:
        """Renumber evidence over all blocks; locked ones have no price."""
        if isinstance(node, Split):
            one, other = self.prepared.free[list(node.pair)].tolist()
            return Split((one, other), self._spread(node.together), self._spread(node.apart))
        blocks = np.zeros(self.prepared.units.n)
        blocks[self.prepared.free] = node.blocks
        return replace(node, blocks=blocks, then=None if node.then is None else self._spread(node.then))

    def _more(self, value: float | None) -> float | None:
        return None if value is None else value + self.cost


def _walked(candidates: int) -> str:
    return f"About {roughly(candidates)} candidates were walked, not listed (engine: stream)."


def _rounded(estimate: float) -> int:
    """Round an estimate to the two digits it is worth."""
    return int(float(f"{estimate:.2g}"))


def engage(
    prepared: Prepared,
    store: Store,
    *,
    executor: Executor | None = None,
    deadline: Deadline = NEVER,
    progress: Progress = silent,
) -> Engine:
    """Choose the engine for a prepared scenario, by what listing would take or by what it asks for.

    Parameters
    ----------
    prepared
        The scenario, ready.
    store
        Candidates listed before.
    executor
        For engines that spread their work; threads of their own if missing.
    deadline
        When to stop.
    progress
        Told the stages of work.

    Raises
    ------
    listing.TooManyError
        The scenario asks for a list that is too long.
    TimeUpError
        The scenario asks for a list, which takes too long.
    """
    asked = prepared.scenario.engine
    if asked in {"auto", "list"}:
        try:
            limit = MOST_LISTED if asked == "auto" else MOST_ASKED_FOR
            soon = deadline.share(_SHARE_TO_LIST) if asked == "auto" else deadline
            listed = store.get(prepared, limit=limit, deadline=soon, progress=progress)
            return Listing(prepared, listed.program(prepared), guide=listed.terms[:, COMPACTNESS])
        except (TooManyError, TimeUpError):
            if asked == "list":
                raise
    units = prepared.units.take(prepared.free)
    soon = deadline.share(_SHARE_TO_ESTIMATE)
    estimate = estimate_listing(units, prepared.scenario.seed, deadline=soon) if units.n else 0.0
    if asked == "stream" or (asked == "auto" and estimate <= MOST_STREAMED):
        return Streaming(prepared, estimate, executor, progress)
    walk = asked == "auto" and units.n <= MOST_WALKED
    return Generating(prepared, estimate, executor, progress, walk=walk)
