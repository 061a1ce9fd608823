"""Every plan as a way through a diagram of states: counted forwards, numbered and drawn from backwards.

A state is a shape of the rim and the people of each open area. What becomes of a shape is worked out once,
for all its rows of people together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo_devolve.atlases.packing import Packing
from geo_devolve.atlases.rim import JOINED, Rim, Shape, people_after
from geo_devolve.errors import UsageError
from geo_devolve.progress import Progress, silent

STAGE = "counting"
MOST_STATES = 20_000_000
"""States that are looked at before a count is given up: each takes some hundred bytes."""

_FIT = 2.0**61

Ints = NDArray[np.int64]
Small = NDArray[np.int8]


class TooManyStatesError(UsageError):
    """A count needs more states than fit."""


@dataclass(frozen=True, eq=False)
class Diagram:
    """All plans, each a way from the first node to a last one.

    Attributes
    ----------
    order
        The units in the order of the levels, by number among the free.
    first
        For each node the number of its first step, and one past the last step.
    child, done, joined, own, becomes
        Of each step: the node it leads to, and what `rim.Step` says.
    to_go
        Nodes × areas: in how many ways it goes on from a node so that just so many areas are done from there.
    """

    order: tuple[int, ...]
    first: Ints
    child: Ints
    done: Ints
    joined: Ints
    own: Small
    becomes: Small
    to_go: NDArray[Any]

    def plans(self, areas: int) -> int:
        """Return the number of plans with so many areas."""
        return int(self.to_go[0, areas]) if 0 <= areas < self.to_go.shape[1] else 0


def count(rim: Rim, most: int, *, most_states: int = MOST_STATES, progress: Progress = silent) -> list[int]:
    """Count the plans of 0, 1 … areas.

    Parameters
    ----------
    rim
        The free units in order.
    most
        The greatest number of areas to count.
    most_states
        When to give up.
    progress
        Told how many units are decided.

    Returns
    -------
    list of int
        Exact, whatever its size.

    Raises
    ------
    TooManyStatesError
        Where so many states do not suffice.
    """
    packing = Packing.of(len(rim.order), most)
    layer = {rim.start: (np.zeros((1, 0), dtype=np.int64), np.array([1], dtype=object))}
    seen = 0
    for at in range(len(rim.order)):
        progress(STAGE, at, len(rim.order))
        following: dict[Shape, list[tuple[Ints, NDArray[Any]]]] = {}
        for shape, (people, ways) in layer.items():
            for step in rim.steps(at, shape):
                after, rows = people_after(rim, at, step, people)
                more = packing.after(ways[rows], step.done, _different(step.shape))
                some = np.flatnonzero(more)
                if len(some):
                    following.setdefault(step.shape, []).append((after[some], more[some]))
        layer = {}
        for shape, parts in following.items():
            people, place = _distinct([people for people, _ in parts])
            ways = np.zeros(len(people), dtype=object)
            np.add.at(ways, place, np.concatenate([more for _, more in parts]))
            layer[shape] = (people, ways)
            seen += len(people)
        if seen > most_states:
            raise _too_many(rim, most_states)
    progress(STAGE, len(rim.order), len(rim.order))
    return packing.unpacked(sum(int(sum(ways)) for _, ways in layer.values()))


def build(rim: Rim, most: int, *, most_states: int = MOST_STATES, progress: Progress = silent) -> Diagram:
    """Build the diagram of all plans of at most so many areas.

    Parameters
    ----------
    rim, most, most_states, progress
        As for `count`.

    Returns
    -------
    Diagram
        Exact, whatever the numbers of plans; of 64-bit numbers where they fit.

    Raises
    ------
    TooManyStatesError
        Where so many states do not suffice.
    """
    levels = _Levels(max(1, rim.width))
    none = np.zeros(1, dtype=np.int64)
    # of each shape: the first of its nodes, their people, and the fewest areas that are done before each
    layer = {rim.start: (0, np.zeros((1, 0), dtype=np.int64), none)}
    for at in range(len(rim.order)):
        progress(STAGE, at, len(rim.order))
        following: dict[Shape, list[tuple[Ints, Ints]]] = {}
        steps: dict[Shape, list[tuple[Ints, Any]]] = {}
        for shape, (offset, people, fewest) in layer.items():
            for step in rim.steps(at, shape):
                after, rows = people_after(rim, at, step, people)
                least = fewest[rows] + step.done
                some = np.flatnonzero(least + _different(step.shape) <= most)
                if len(some):
                    following.setdefault(step.shape, []).append((after[some], least[some]))
                    steps.setdefault(step.shape, []).append((rows[some] + offset, step))
        layer = {}
        offset = levels.nodes
        for shape, parts in following.items():
            people, place = _distinct([people for people, _ in parts])
            fewest = np.full(len(people), most + 1, dtype=np.int64)
            np.minimum.at(fewest, place, np.concatenate([least for _, least in parts]))
            layer[shape] = (offset, people, fewest)
            levels.add(steps[shape], place + offset)
            offset += len(people)
        levels.close(offset, [fewest for _, _, fewest in layer.values()])
        if levels.nodes > most_states:
            raise _too_many(rim, most_states)
    progress(STAGE, len(rim.order), len(rim.order))
    return levels.diagram(rim, most)


class _Levels:
    """The steps of a diagram as it is built, level by level."""

    def __init__(self, slots: int) -> None:
        self.slots = slots
        self.nodes = 1
        self._ends = [0, 1]
        self._fewest = [np.zeros(1, dtype=np.int64)]
        self._now: list[tuple[Ints, Ints, Ints, Ints, Small, Small]] = []
        self._steps: list[tuple[Ints, ...]] = []

    def add(self, steps: Sequence[tuple[Ints, Any]], children: Ints) -> None:
        """Add steps to one shape: from which nodes, and to which, in the order of the steps."""
        start = 0
        for parents, step in steps:
            many = len(parents)
            becomes = (*step.becomes, *[JOINED] * (self.slots - len(step.becomes)))
            self._now.append(
                (
                    parents,
                    children[start : start + many],
                    np.full(many, step.done, dtype=np.int64),
                    np.full(many, step.joined, dtype=np.int64),
                    np.full(many, step.own, dtype=np.int8),
                    np.tile(np.array(becomes, dtype=np.int8), (many, 1)),
                )
            )
            start += many

    def close(self, nodes: int, fewest: Sequence[Ints]) -> None:
        """End a level: its steps are put in the order of the nodes that they come from."""
        self.nodes = nodes
        self._ends.append(nodes)
        self._fewest += fewest
        if self._now:
            joined = [np.concatenate(each) for each in zip(*self._now, strict=True)]
            order = np.argsort(joined[0], kind="stable")
            self._steps.append(tuple(each[order] for each in joined))
        self._now = []

    def diagram(self, rim: Rim, most: int) -> Diagram:
        """Put the levels together, and count backwards."""
        kinds = (np.int64, np.int64, np.int64, np.int64, np.int8, np.int8)
        none = [np.zeros((0, self.slots) if at == 5 else 0, dtype=kind) for at, kind in enumerate(kinds)]
        parts = zip(*self._steps, strict=True) if self._steps else [[each] for each in none]
        parents, child, done, joined, own, becomes = (np.concatenate(each) for each in parts)
        first = np.searchsorted(parents, np.arange(self.nodes + 1)).astype(np.int64)
        numbers = {"first": first, "child": child, "done": done}
        fewest = np.concatenate(self._fewest)
        about = _to_go(numbers, self._ends, fewest, most, np.float64)
        kind = np.int64 if about[0].max() < _FIT else object
        to_go = _to_go(numbers, self._ends, fewest, most, kind)
        return Diagram(rim.order, first, child, done, joined, own, becomes, to_go)


def _distinct(parts: Sequence[Ints]) -> tuple[Ints, Ints]:
    """Return the different rows of some tables, and where each row of them is among these."""
    rows = np.concatenate(parts)
    if rows.shape[1] == 0 or len(rows) == 1:
        return rows[:1], np.zeros(len(rows), dtype=np.int64)
    order = np.lexsort(rows.T[::-1])
    ordered = rows[order]
    new = np.concatenate([[True], (ordered[1:] != ordered[:-1]).any(axis=1)])
    place = np.empty(len(rows), dtype=np.int64)
    place[order] = np.cumsum(new) - 1
    return ordered[new], place


def _to_go(
    numbers: Mapping[str, Ints], level: Sequence[int], fewest: Ints, most: int, kind: Any
) -> NDArray[Any]:
    """Count backwards in how many ways it goes on from each node.

    Ways that would make more areas than `most`, together with the fewest that are done before the node, are
    left out: what remains is no more than there are plans, and fits where these do.
    """
    first, child, done = numbers["first"], numbers["child"], numbers["done"]
    ways = np.zeros((level[-1], most + 1), dtype=kind)
    ways[level[-2] :, 0] = 1
    room = most - fewest
    for at in range(len(level) - 3, -1, -1):
        low, high = level[at], level[at + 1]
        steps = slice(first[low], first[high])
        onward = ways[child[steps]]
        shifted = np.zeros_like(onward)
        for areas in range(most + 1):
            rows = done[steps] == areas
            shifted[rows, areas:] = onward[rows, : most + 1 - areas]
        shifted[np.arange(most + 1) > np.repeat(room[low:high], np.diff(first[low : high + 1]))[:, None]] = 0
        starts = first[low:high] - first[low]
        some = first[low + 1 : high + 1] > first[low:high]
        if some.any():
            ways[np.arange(low, high)[some]] = np.add.reduceat(shifted, starts[some], axis=0)
    return ways


def _different(shape: Shape) -> int:
    """Return how many different areas are open at least."""
    return 2 if any(shape.apart) else 1 if shape.open else 0


def _too_many(rim: Rim, most: int) -> TooManyStatesError:
    return TooManyStatesError(
        f"these plans cannot be counted exactly: {len(rim.order)} blocks, up to {rim.width} of them on the "
        f"rim at a time, need more than {most:,} states; cut the study area with only, name layers in "
        "blocks, or ask for fewer areas"
    )
