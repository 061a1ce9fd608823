"""Every plan as a way through a diagram of states: counted forwards, numbered and drawn from backwards."""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo_devolve.atlases.packing import Packing
from geo_devolve.atlases.rim import JOINED, Rim, State
from geo_devolve.errors import UsageError
from geo_devolve.progress import Progress, silent

STAGE = "counting"
MOST_STATES = 3_000_000
"""States that are looked at before a count is given up: each takes about a kilobyte."""

_FIT = 2**62

Ints = NDArray[np.int64]


class TooManyStatesError(UsageError):
    """A count needs more states than fit."""


@dataclass(frozen=True, eq=False)
class Diagram:
    """All plans, each a way from the first node to a last one.

    Attributes
    ----------
    order
        The units in the order of the levels, by number among the free.
    level
        First node of each level, and one past the last node.
    first
        For each node the number of its first step, and one past the last step.
    child, done, joined, own, becomes
        Of each step: the node it leads to, and what `rim.Step` says.
    to_go
        Nodes × areas: in how many ways it goes on from a node so that just so many areas are done from there.
    """

    order: tuple[int, ...]
    level: Ints
    first: Ints
    child: Ints
    done: Ints
    joined: Ints
    own: Ints
    becomes: Ints
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
    layer: dict[State, int] = {rim.start: 1}
    seen = 0
    for at in range(len(rim.order)):
        progress(STAGE, at, len(rim.order))
        following: dict[State, int] = {}
        for state, ways in layer.items():
            for step in rim.steps(at, state):
                more = packing.after(ways, step.done, _different(step.state))
                if more:
                    following[step.state] = following.get(step.state, 0) + more
        seen += len(following)
        if seen > most_states:
            raise _too_many(rim, most_states)
        layer = following
    progress(STAGE, len(rim.order), len(rim.order))
    return packing.unpacked(sum(layer.values()))


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
    packing = Packing.of(len(rim.order), most)
    layer: dict[State, int] = {rim.start: 1}
    level, first, slots = array("q", [0, 1]), array("q"), max(1, rim.width)
    child, done, joined, own, becomes = (array("q") for _ in range(5))
    fewest = array("q", [0])
    for at in range(len(rim.order)):
        progress(STAGE, at, len(rim.order))
        number: dict[State, int] = {}
        following: dict[State, int] = {}
        for state, ways in layer.items():
            first.append(len(child))
            for step in rim.steps(at, state):
                more = packing.after(ways, step.done, _different(step.state))
                if not more:
                    continue
                node = number.setdefault(step.state, level[-1] + len(number))
                following[step.state] = following.get(step.state, 0) + more
                child.append(node)
                done.append(step.done)
                joined.append(step.joined)
                own.append(step.own)
                becomes.extend((*step.becomes, *[JOINED] * (slots - len(step.becomes))))
        level.append(level[-1] + len(number))
        fewest.extend(packing.fewest(ways) for ways in following.values())
        if level[-1] > most_states:
            raise _too_many(rim, most_states)
        layer = following
    progress(STAGE, len(rim.order), len(rim.order))
    first.extend([len(child)] * (len(layer) + 1))
    many = max(packing.unpacked(sum(layer.values()))) >= _FIT
    numbers = {name: _ints(each) for name, each in (("child", child), ("done", done), ("first", first))}
    to_go = _to_go(numbers, level, _ints(fewest), most, object if many else np.int64)
    return Diagram(
        order=rim.order,
        level=_ints(level),
        **numbers,
        joined=_ints(joined),
        own=_ints(own),
        becomes=_ints(becomes).reshape(-1, slots),
        to_go=to_go,
    )


def _to_go(
    numbers: Mapping[str, Ints], level: "array[int]", fewest: Ints, most: int, kind: Any
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


def _different(state: State) -> int:
    """Return how many different areas are open at least."""
    return 2 if any(state.apart) else 1 if state.open else 0


def _too_many(rim: Rim, most: int) -> TooManyStatesError:
    return TooManyStatesError(
        f"these plans cannot be counted exactly: {len(rim.order)} blocks, up to {rim.width} of them on the "
        f"rim at a time, need more than {most:,} states; cut the study area with only, name layers in "
        "blocks, or ask for fewer areas"
    )


def _ints(values: "array[int]") -> Ints:
    return np.frombuffer(values, dtype=np.int64).copy() if len(values) else np.zeros(0, dtype=np.int64)
