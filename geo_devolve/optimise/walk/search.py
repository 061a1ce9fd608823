"""Spreads the pruned search over an executor, and tells what it proves of each starting unit.

Every candidate starts at its largest unit. A starting unit's tree is walked in packets of so many nodes; what
a packet leaves goes back into the queue, lowest bound first, and is split among the workers, so that they all
have work until the last packet. Memory does not grow with the number of candidates walked.

Candidates are searched by population, a window at a time: a body cannot match a candidate of two million
people as well as it could match one of half a million, so that the bounds of a window are far higher than
those of all sizes at once.
"""

from collections import deque
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import sparse

from geo_devolve.clock import NEVER, Deadline
from geo_devolve.cores import cores, done_soon
from geo_devolve.objective.columns import BALANCE, COMPACTNESS, LAYERS, NEED
from geo_devolve.objective.units import Units, as_ints, tidy, to_masks
from geo_devolve.optimise.compiled.flat import Floats, Ints, Words, flatten
from geo_devolve.optimise.program.prices import Prices
from geo_devolve.optimise.walk.packets import Nodes, Packet, Queue, Reply, budget, split, work
from geo_devolve.optimise.walk.state import Charges
from geo_devolve.processes import Lasting
from geo_devolve.progress import Progress, silent

STAGE = "searching candidates"
_ROOTS = 8
_WINDOW = 1.15
_MOST_WINDOWS = 20


@dataclass(frozen=True, eq=False)
class Pass:
    """What one pass over the candidates came to.

    Attributes
    ----------
    masks, reduced
        Candidates of reduced cost at most `theta`, and those costs, sorted.
    floor
        For each starting unit, what no candidate that starts there falls below.
    least
        For each starting unit, the least reduced cost met; infinite where none of at most `theta` was met.
    theta
        What was looked for in the end: lower than what was asked for where there were too many.
    walked
        Nodes.
    finished
        Whether nothing was left out for want of time or nodes.
    """

    masks: Words
    reduced: Floats
    floor: Floats
    least: Floats
    theta: float
    walked: int
    finished: bool

    def bound(self, prices: Prices, areas: int, cap_limit: Ints) -> float:
        """Return what no plan costs less than: the areas of a plan all start at different units."""
        return _sum_up(self.floor, prices, areas, cap_limit)

    def guess(self, prices: Prices, areas: int, cap_limit: Ints) -> float:
        """Return what the bound would be if nothing cheaper hid in what was left out."""
        return _sum_up(self.least, prices, areas, cap_limit)


def _sum_up(floor: Floats, prices: Prices, areas: int, cap_limit: Ints) -> float:
    cheapest = np.sort(np.minimum(floor, 0.0))[:areas]
    return prices.least(areas, cap_limit) + float(cheapest.sum())


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
        self.units, self.weights = units.weighing(weights)
        self.executor = executor
        self.workers = workers or cores()
        self.flat = flatten(self.units)
        border = 0.5 / self.flat.total_border_m if self.flat.total_border_m > 0 else 0.0
        self._border = float(self.weights[COMPACTNESS] * border)
        if self.flat.trip_scale > 0.0:
            self._pull()
        edges = windows(self.flat.lower, self.flat.upper)
        self.windows = [
            self.flat._replace(lower=lower, upper=float(np.nextafter(upper, 0.0)))
            for lower, upper in pairwise(edges)
        ]
        self.windows[-1] = self.windows[-1]._replace(upper=self.flat.upper)
        self.walked = 0  # nodes, of all runs
        self.order = np.argsort(-units.population, kind="stable")

    def _pull(self) -> None:
        """Put borders and trips into one: both are lost between an area and the rest, each at its price."""
        flat, n = self.flat, self.flat.n
        trip = float(self.weights[1 + flat.layers]) * flat.trip_scale
        land = sparse.csr_array((flat.land_m, flat.land, flat.land_ptr), shape=(n, n))
        pairs = sparse.csr_array((flat.trips, flat.trip, flat.trip_ptr), shape=(n, n))
        pull = tidy(self._border * land + trip * pairs)
        self.flat = flat._replace(
            land_ptr=as_ints(pull.indptr),
            land=as_ints(pull.indices),
            land_m=np.ascontiguousarray(pull.data),
            outline_m=self._border * flat.outline_m + trip * flat.trip_outline,
        )
        self._border = 1.0

    def charges(self, prices: Prices) -> Charges:
        """Return weights and prices in the search's terms."""
        flat, layers = self.flat, self.flat.layers
        by_layer = self.weights[LAYERS]
        first = layers + flat.flows
        everyone = self.units.total_population
        theme = self.weights[NEED] * flat.theme_scale
        peopled = flat.population > 0
        return Charges(
            theme=theme,
            body=by_layer[flat.body_layer] * flat.body_scale if layers else np.zeros(0),
            border=self._border,
            balance=float(self.weights[BALANCE] * flat.balance_scale),
            price=np.ascontiguousarray(prices.units, dtype=np.float64),
            area=float(prices.count),
            own=np.where(peopled, flat.theme_spread @ theme, 0.0) - prices.units,
            change=float(by_layer[flat.change]) / everyone if flat.change >= 0 and everyone > 0 else 0.0,
            spread=by_layer[first : first + len(flat.spread_scale)] * flat.spread_scale,
            cap_units=np.ascontiguousarray(self.units.rules.cap_units, dtype=np.uint64).reshape(
                -1, flat.words
            ),
            cap=np.ascontiguousarray(-np.minimum(prices.caps, 0.0), dtype=np.float64),
        )

    def warm_up(self) -> None:
        """Compile the walk, or load its machine code, so that it takes none of a time limit."""
        prices = Prices(np.zeros(self.flat.n), 0.0, np.zeros(len(self.units.rules.cap_limit)))
        if self.flat.n:
            work(Packet(self.windows[0], self.charges(prices), -np.inf, self.roots().pick(slice(0, 1)), 1))

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
        deadline: Deadline = NEVER,
        most_nodes: float = np.inf,
        most_each: float = np.inf,
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
            When to stop.
        most_nodes
            How many nodes to walk before stopping.
        most_each
            How many nodes to walk of each tree, which is a window of population and a few starting units: few
            trees take most of the work, and candidates worth having hide in any.
        progress
            Told the nodes walked.

        Returns
        -------
        Pass
            The same whatever the number of workers, if it is finished.
        """
        charges = self.charges(prices)
        roots = self.roots()
        queue = Queue()
        firsts = range(0, len(roots), _ROOTS)
        trees = [(window, first) for window in range(len(self.windows)) for first in firsts]
        for tree, (_, first) in enumerate(trees):
            queue.push(tree, roots.pick(slice(first, first + _ROOTS)))
        floor, least = np.full(len(roots), np.inf), np.full(len(roots), np.inf)
        kept: list[tuple[Words, Floats]] = []
        many = walked = 0
        lowest = theta
        whole = True
        with _running(self.executor, self.workers) as (submit, stop):
            running: deque[tuple[int, Nodes, Lasting | Future[Reply]]] = deque()
            try:
                while running or queue:
                    late = deadline.over or walked >= most_nodes
                    if late and not running:
                        break
                    while queue and len(running) < 2 * self.workers and not late:
                        tree, nodes = queue.pop()
                        if queue.spent.get(tree, 0) >= most_each:
                            np.minimum.at(floor, nodes.start, nodes.bound)
                            whole = False
                            continue
                        packet = Packet(self.windows[trees[tree][0]], charges, lowest, nodes, budget(nodes))
                        running.append((tree, nodes, submit(packet)))
                    if not running:
                        continue
                    tree, nodes, job = running[0]
                    if not done_soon(job.future if isinstance(job, Lasting) else job):
                        if deadline.over:
                            stop[0] = 1  # threads hand back what they have begun; others are not waited for
                            if self.executor is not None:
                                running.popleft()
                                np.minimum.at(floor, nodes.start, nodes.bound)
                                whole = False
                        continue
                    found = job.result()
                    running.popleft()
                    walked += found.walked
                    self.walked += found.walked
                    queue.spend(tree, found.walked)
                    np.minimum.at(least, found.start, found.reduced)
                    parts = self.workers if len(queue) < 4 * self.workers else 1
                    queue.push(tree, *split(found.left, parts))
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
                for _, _, job in running:
                    job.cancel()
        for nodes in queue.waiting():
            np.minimum.at(floor, nodes.start, nodes.bound)
        floor = np.minimum(np.minimum(floor, least), lowest)
        masks = np.concatenate([np.zeros((0, self.flat.words), np.uint64), *(each for each, _ in kept)])
        reduced = np.concatenate([np.zeros(0), *(each for _, each in kept)])
        order = np.lexsort((*masks.T, reduced))
        finished = whole and not queue
        return Pass(masks[order], reduced[order], floor, least, lowest, walked, finished)


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
        yield (lambda packet: Lasting(executor, work, packet)), stop
        return
    with ThreadPoolExecutor(workers) as pool:
        yield (lambda packet: pool.submit(work, packet, stop)), stop
