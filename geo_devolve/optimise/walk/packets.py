"""What the pruned search's workers are sent and answer, and the queue of what is left to walk.

A packet is a set of nodes and how many to walk under each; it pickles, so that a worker may be a thread,
another process or another machine. What a worker leaves of it goes back into the queue.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from geo_devolve.optimise.compiled.flat import Flat, Floats, Ints, Words
from geo_devolve.optimise.walk.explore import explore
from geo_devolve.optimise.walk.state import Charges

_ROUNDS = 1
_PACKET = 20_000
_FIRST = 100
_ROOM = 4_000


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
class Reply:
    """What a worker answers: candidates, reduced costs and starts, the nodes left, how many it walked."""

    masks: Words
    reduced: Floats
    start: Ints
    left: Nodes
    walked: int


def work(packet: Packet, stop: Ints | None = None) -> Reply:
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
    return Reply(masks[:found].copy(), reduced[:found].copy(), nodes.start[at[:found]], rest, int(walked))


class Queue:
    """Groups of nodes that wait: of the tree walked least so far, and of that, with the lowest bound first.

    A starting unit of which nothing is left costs no bound anything, and few trees are large: so the small
    ones are walked to their ends first, and a walk that is stopped early bounds as well as it can.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[int, float, int, int, Nodes]] = []
        self._pushed = 0
        self.spent: dict[int, int] = {}

    def push(self, tree: int, *groups: Nodes) -> None:
        """Put in what is left of a tree."""
        spent = self.spent.get(tree, 0)
        for nodes in groups:
            if len(nodes):
                heapq.heappush(self._heap, (spent, float(nodes.bound.min()), self._pushed, tree, nodes))
                self._pushed += 1

    def spend(self, tree: int, walked: int) -> None:
        """Remember how much of a tree was walked."""
        self.spent[tree] = self.spent.get(tree, 0) + walked

    def pop(self) -> tuple[int, Nodes]:
        """Take out a tree's number and the nodes to go on with."""
        return heapq.heappop(self._heap)[3:]

    def __len__(self) -> int:
        """Tell how many groups wait."""
        return len(self._heap)

    def waiting(self) -> Iterator[Nodes]:
        """Yield what waits."""
        return (nodes for *_, nodes in self._heap)


def budget(nodes: Nodes) -> int:
    """Return how many nodes to walk under each node: few at first, so that every bound is known soon."""
    return _FIRST if np.isneginf(nodes.bound).any() else max(_PACKET // len(nodes), 2)


def split(nodes: Nodes, parts: int) -> list[Nodes]:
    """Deal nodes out in parts, the lowest bounds evenly."""
    order = np.argsort(nodes.bound, kind="stable")
    return [nodes.pick(order[part::parts]) for part in range(min(parts, len(nodes)))]
