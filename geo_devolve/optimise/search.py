"""Spreads the pruned search over an executor, and tells what it proves of each starting unit.

Every candidate starts at its largest unit. A starting unit's tree is walked in packets of so many nodes; what
a packet leaves goes back into the queue, lowest bound first, and is split among the workers, so that they all
have work until the last packet. Memory does not grow with the number of candidates walked.

Candidates are searched by population, a window at a time: a body cannot match a candidate of two million
people as well as it could match one of half a million, so that the bounds of a window are far higher than
those of all sizes at once.
"""

import heapq
import os
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from geo_devolve.optimise.bound import Charges
from geo_devolve.optimise.compiled import Flat, Floats, Ints, Words, flatten
from geo_devolve.optimise.prune import explore
from geo_devolve.optimise.units import Units, to_masks
from geo_devolve.progress import Progress, silent

STAGE = "searching candidates"
_ROUNDS = 1
_PACKET = 20_000
_FIRST = 100
_ROOM = 4_000
_ROOTS = 8
_WINDOW = 1.15
_MOST_WINDOWS = 20


@dataclass(frozen=True, eq=False)
class Prices:
    """Prices of a plan's conditions: each unit covered once, so many areas, at most n areas in a body.

    Attributes
    ----------
    units
        Of each unit.
    count
        Of being one of the areas.
    caps
        Of each cap, at most 0.
    """

    units: Floats
    count: float
    caps: Floats

    def least(self, areas: int, cap_limit: Ints) -> float:
        """Return what a plan costs at least where no candidate has a negative reduced cost."""
        return float(self.units.sum() + areas * self.count + self.caps @ cap_limit)


@dataclass(frozen=True, eq=False)
class Nodes:
    """Nodes of the search tree: units taken and excluded (rows of bits), bound, start, whether S is new."""

    taken: Words
    shut: Words
    bound: Floats
    start: Ints
    new: Ints

    def __len__(self) -> int:
        """Tell how many there are."""
        return len(self.bound)

    def pick(self, rows: Ints | slice) -> "Nodes":
        """Return some of the nodes."""
        return Nodes(self.taken[rows], self.shut[rows], self.bound[rows], self.start[rows], self.new[rows])


@dataclass(frozen=True, eq=False)
class Packet:
    """What a worker is sent; it pickles, so that the worker may be another process or machine."""

    flat: Flat
    charges: Charges
    theta: float
    nodes: Nodes
    each: int


@dataclass(frozen=True, eq=False)
class Found:
    """What a worker answers: candidates, reduced costs and starts, the nodes left, how many it walked."""

    masks: Words
    reduced: Floats
    start: Ints
    left: Nodes
    walked: int


@dataclass(frozen=True, eq=False)
class Pass:
    """What one pass over the candidates came to.

    Attributes
    ----------
    masks, reduced
        Candidates of reduced cost at most `theta`, and those costs, sorted.
    floor
        For each starting unit, what no candidate that starts there falls below.
    theta
        What was looked for in the end: lower than what was asked for where there were too many.
    walked
        Nodes.
    finished
        Whether nothing was left out for want of time.
    """

    masks: Words
    reduced: Floats
    floor: Floats
    theta: float
    walked: int
    finished: bool

    def bound(self, prices: Prices, areas: int, cap_limit: Ints) -> float:
        """Return what no plan costs less than: the areas of a plan all start at different units."""
        least = np.sort(np.minimum(self.floor, 0.0))[:areas]
        return prices.least(areas, cap_limit) + float(least.sum())


def work(packet: Packet, stop: Ints | None = None) -> Found:
    """Walk a packet's nodes; what workers run.

    Parameters
    ----------
    packet
        What to walk.
    stop
        Ends the walk when something else than 0 is written into it.
    """
    nodes, words = packet.nodes, packet.flat.words
    room = 2 * len(nodes) + 4 * packet.flat.n + 2
    masks, reduced, at = np.zeros((_ROOM, words), np.uint64), np.zeros(_ROOM), np.zeros(_ROOM, np.int64)
    taken, shut = np.zeros((room, words), np.uint64), np.zeros((room, words), np.uint64)
    bound, under, new = np.zeros(room), np.zeros(room, np.int64), np.zeros(room, np.int64)
    found, left, walked = explore(
        packet.flat,
        packet.charges,
        packet.theta,
        nodes.taken,
        nodes.shut,
        nodes.bound,
        nodes.new,
        packet.each,
        _ROUNDS,
        masks,
        reduced,
        at,
        taken,
        shut,
        bound,
        under,
        new,
        np.zeros(1, dtype=np.int64) if stop is None else stop,
    )
    start = nodes.start[under[:left]]
    rest = Nodes(taken[:left].copy(), shut[:left].copy(), bound[:left].copy(), start, new[:left].copy())
    return Found(masks[:found].copy(), reduced[:found].copy(), nodes.start[at[:found]], rest, int(walked))


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def windows(lower: float, upper: float) -> list[float]:
    """Return the edges of the windows of population that candidates are searched in, ascending."""
    edges = [upper]
    while len(edges) < _MOST_WINDOWS and edges[-1] / _WINDOW > lower:
        edges.append(edges[-1] / _WINDOW)
    if len(edges) > 1 and edges[-1] / lower < 1.0 + 0.5 * (_WINDOW - 1.0) if lower > 0 else False:
        edges.pop()
    return [lower, *reversed(edges)]


class Search:
    """The pruned search over one problem's candidates.

    Parameters
    ----------
    units
        The units, with their rules.
    weights
        Of the terms, in the units' order.
    executor
        Runs the packets; threads of its own on all cores if missing (the search holds no interpreter lock).
    workers
        How many packets run at once.
    """

    def __init__(
        self, units: Units, weights: Floats, *, executor: Executor | None = None, workers: int | None = None
    ) -> None:
        kept = [number for number in range(len(units.layers)) if weights[1 + number] > 0]
        self.units = replace(units, layers=tuple(units.layers[number] for number in kept))
        self.weights = np.concatenate([weights[:1], weights[1:-2][kept], weights[-2:]])
        self.executor = executor
        self.workers = workers or cores()
        self.flat = flatten(self.units)
        edges = windows(self.flat.lower, self.flat.upper)
        self.windows = [
            self.flat._replace(lower=lower, upper=float(np.nextafter(upper, 0.0)))
            for lower, upper in pairwise(edges)
        ]
        self.windows[-1] = self.windows[-1]._replace(upper=self.flat.upper)
        self.order = np.argsort(-units.population, kind="stable")

    def charges(self, prices: Prices) -> Charges:
        """Return weights and prices in the search's terms."""
        flat, layers = self.flat, self.flat.layers
        by_layer = self.weights[1 : 1 + layers]
        border = 0.5 / flat.total_border_m if flat.total_border_m > 0 else 0.0
        return Charges(
            theme=self.weights[0] * flat.theme_scale,
            body=by_layer[flat.body_layer] * flat.body_scale if layers else np.zeros(0),
            border=float(self.weights[-2] * border),
            balance=float(self.weights[-1] * flat.balance_scale),
            price=np.ascontiguousarray(prices.units, dtype=np.float64),
            area=float(prices.count),
            cap_units=np.ascontiguousarray(self.units.rules.cap_units, dtype=np.uint64).reshape(
                -1, flat.words
            ),
            cap=np.ascontiguousarray(-np.minimum(prices.caps, 0.0), dtype=np.float64),
        )

    def roots(self) -> Nodes:
        """Return one node for each starting unit; largest first, those before it excluded."""
        n = self.flat.n
        rank = np.empty(n, dtype=np.int64)
        rank[self.order] = np.arange(n)
        shut = rank[None, :] < np.arange(n)[:, None]
        taken = rank[None, :] == np.arange(n)[:, None]
        return Nodes(
            to_masks(taken),
            to_masks(shut),
            np.full(n, -np.inf),
            np.arange(n),
            np.ones(n, dtype=np.int64),
        )

    def run(
        self,
        prices: Prices,
        theta: float,
        *,
        most: int = 50_000,
        deadline: float = np.inf,
        most_nodes: float = np.inf,
        progress: Progress = silent,
    ) -> Pass:
        """Find every candidate of reduced cost at most theta.

        Parameters
        ----------
        prices
            At which candidates are priced.
        theta
            Largest reduced cost wanted.
        most
            Most candidates to keep: when there are more, theta falls to that of the best half of them.
        deadline
            When to stop, on the clock of `time.monotonic`.
        most_nodes
            How many nodes to walk before stopping.
        progress
            Told the nodes walked.

        Returns
        -------
        Pass
            The same whatever the number of workers, if it is finished.
        """
        charges = self.charges(prices)
        roots = self.roots()
        queue = _Queue()
        for window in range(len(self.windows)):
            for group in range(0, len(roots), _ROOTS):
                queue.push(window, roots.pick(slice(group, group + _ROOTS)))
        floor = np.full(len(roots), np.inf)
        kept: list[tuple[Words, Floats]] = []
        many = walked = 0
        lowest = theta
        with _running(self.executor, self.workers) as (submit, stop):
            running: deque[tuple[int, Future[Found]]] = deque()
            try:
                while running or queue:
                    late = time.monotonic() > deadline or walked >= most_nodes
                    if late and not running:
                        break
                    while queue and len(running) < 2 * self.workers and not late:
                        window, nodes = queue.pop()
                        packet = Packet(self.windows[window], charges, lowest, nodes, _budget(nodes))
                        running.append((window, submit(packet)))
                    window, job = running[0]
                    found = job.result()
                    running.popleft()
                    walked += found.walked
                    np.minimum.at(floor, found.start, found.reduced)
                    queue.push(
                        window, *_split(found.left, self.workers if len(queue) < 4 * self.workers else 1)
                    )
                    fine = found.reduced <= lowest
                    if fine.any():
                        kept.append((found.masks[fine], found.reduced[fine]))
                        many += int(fine.sum())
                    if many > most:
                        kept, lowest = _best_half(kept, most)
                        many = sum(len(reduced) for _, reduced in kept)
                    progress(STAGE, walked, None)
            finally:
                stop[0] = 1
                for _, job in running:
                    job.cancel()
        for nodes in queue.waiting():
            np.minimum.at(floor, nodes.start, nodes.bound)
        floor = np.minimum(floor, lowest)
        masks = np.concatenate([np.zeros((0, self.flat.words), np.uint64), *(each for each, _ in kept)])
        reduced = np.concatenate([np.zeros(0), *(each for _, each in kept)])
        order = np.lexsort((*masks.T, reduced))
        return Pass(masks[order], reduced[order], floor, lowest, walked, finished=not queue)


class _Queue:
    """Groups of nodes that wait, that with the lowest bound first."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, int, Nodes]] = []
        self._pushed = 0

    def push(self, window: int, *groups: Nodes) -> None:
        for nodes in groups:
            if len(nodes):
                heapq.heappush(self._heap, (float(nodes.bound.min()), self._pushed, window, nodes))
                self._pushed += 1

    def pop(self) -> tuple[int, Nodes]:
        return heapq.heappop(self._heap)[2:]

    def __len__(self) -> int:
        return len(self._heap)

    def waiting(self) -> Iterator[Nodes]:
        return (nodes for _, _, _, nodes in self._heap)


def _budget(nodes: Nodes) -> int:
    """Return how many nodes to walk under each node: few at first, so that every bound is known soon."""
    return _FIRST if np.isneginf(nodes.bound).any() else max(_PACKET // len(nodes), 2)


def _split(nodes: Nodes, parts: int) -> list[Nodes]:
    """Deal nodes out in parts, the lowest bounds evenly."""
    order = np.argsort(nodes.bound, kind="stable")
    return [nodes.pick(order[part::parts]) for part in range(min(parts, len(nodes)))]


def _best_half(kept: list[tuple[Words, Floats]], most: int) -> tuple[list[tuple[Words, Floats]], float]:
    reduced = np.concatenate([each for _, each in kept])
    lowest = float(np.partition(reduced, most // 2)[most // 2])
    masks = np.concatenate([each for each, _ in kept])
    fine = reduced <= lowest
    return [(masks[fine], reduced[fine])], lowest


@contextmanager
def _running(executor: Executor | None, workers: int):  # type: ignore[no-untyped-def]
    """Yield what submits packets, and the flag that ends those in this process."""
    stop = np.zeros(1, dtype=np.int64)
    if executor is not None:
        yield (lambda packet: executor.submit(work, packet)), stop
        return
    with ThreadPoolExecutor(workers) as pool:
        yield (lambda packet: pool.submit(work, packet, stop)), stop
