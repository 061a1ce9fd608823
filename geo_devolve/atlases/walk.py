"""Plans out of a diagram: any plan by its number, and one after another from any number on.

Plans with as many areas are numbered from 0 as their ways through the diagram come in the order of the steps.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo_devolve.atlases.diagram import Diagram
from geo_devolve.atlases.rim import DONE
from geo_devolve.objective.units import mask_words
from geo_devolve.optimise.compiled.flat import compiled

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]


class Ways(NamedTuple):
    """A diagram as the compiled loop reads it; the members are those of `Diagram`."""

    order: Ints
    first: Ints
    child: Ints
    done: Ints
    joined: Ints
    own: NDArray[np.int8]
    becomes: NDArray[np.int8]
    to_go: Ints


def flatten(diagram: Diagram) -> Ways:
    """Lay a diagram out for the compiled loop.

    Parameters
    ----------
    diagram
        Of numbers that fit 64 bits.
    """
    return Ways(
        np.array(diagram.order, dtype=np.int64), *(getattr(diagram, name) for name in Ways._fields[1:])
    )


def plans_from(diagram: Diagram, areas: int, number: int, many: int) -> Words:
    """Return plans one after another.

    Parameters
    ----------
    diagram
        Of all plans; their numbers must fit 64 bits.
    areas
        How many areas the plans have.
    number
        Of the first plan.
    many
        How many plans; all of these numbers must exist.

    Returns
    -------
    Words
        Plans × areas × words: the free units of each area (see `units.mask_words`), areas in no order.
    """
    found = np.zeros((many, areas, mask_words(len(diagram.order))), dtype=np.uint64)
    if many:
        _walk(flatten(diagram), number, found)
    return found


def plan_of(diagram: Diagram, areas: int, number: int) -> Words:
    """Return the plan of a number, which may be of any size.

    Parameters
    ----------
    diagram, areas, number
        As for `plans_from`.

    Returns
    -------
    Words
        Areas × words.
    """
    node, left = 0, areas
    grown: list[int] = []  # the units of each open area, as bits
    done: list[int] = []
    for unit in diagram.order:
        step = int(diagram.first[node])
        while True:
            rest = left - int(diagram.done[step])
            ways = int(diagram.to_go[diagram.child[step], rest]) if rest >= 0 else 0
            if number < ways:
                break
            number -= ways
            step += 1
        joined, own = int(diagram.joined[step]), 1 << unit
        after: dict[int, int] = {}
        for area, units in enumerate(grown):
            becomes = int(diagram.becomes[step, area])
            if joined >> area & 1:
                own |= units
            elif becomes == DONE:
                done.append(units)
            else:
                after[becomes] = units
        if diagram.own[step] < 0:
            done.append(own)
        else:
            after[int(diagram.own[step])] = own
        grown = [after[area] for area in range(len(after))]
        node, left = int(diagram.child[step]), rest
    words = mask_words(len(diagram.order))
    return np.array(
        [[units >> 64 * word & (2**64 - 1) for word in range(words)] for units in done], dtype=np.uint64
    ).reshape(areas, words)


@compiled
def _walk(way: Ways, number: int, found: Words) -> None:
    """Write plans down from a given number on: down the steps, and up again to the next that leads on."""
    n = len(way.order)
    many, areas, words = found.shape
    slots = way.becomes.shape[1] + 1
    node = np.zeros(n + 1, dtype=np.int64)
    step = np.zeros(n + 1, dtype=np.int64)
    left = np.zeros(n + 1, dtype=np.int64)  # areas still to be done
    ended = np.zeros(n + 1, dtype=np.int64)  # areas done
    grown = np.zeros((n + 1, slots, words), dtype=np.uint64)
    finished = np.zeros((areas + 1, words), dtype=np.uint64)
    union = np.zeros(words, dtype=np.uint64)
    left[0] = areas
    step[0] = way.first[0]
    skip = number
    plan = 0
    depth = 0
    while plan < many:
        if depth == n:
            for area in range(areas):
                for word in range(words):
                    found[plan, area, word] = finished[area, word]
            plan += 1
            depth -= 1
            step[depth] += 1
            continue
        this = step[depth]
        if this == way.first[node[depth] + 1]:
            depth -= 1
            step[depth] += 1
            continue
        rest = left[depth] - way.done[this]
        ways = way.to_go[way.child[this], rest] if rest >= 0 else 0
        if ways == 0 or skip >= ways:
            skip -= ways
            step[depth] += 1
            continue
        for word in range(words):
            union[word] = 0
        union[way.order[depth] // 64] = np.uint64(1) << np.uint64(way.order[depth] % 64)
        ends = ended[depth]
        for area in range(slots - 1):
            to = way.becomes[this, area]
            if (way.joined[this] >> area) & 1:
                for word in range(words):
                    union[word] |= grown[depth, area, word]
            elif to >= 0:
                for word in range(words):
                    grown[depth + 1, to, word] = grown[depth, area, word]
            elif to == DONE:
                for word in range(words):
                    finished[ends, word] = grown[depth, area, word]
                ends += 1
        if way.own[this] >= 0:
            for word in range(words):
                grown[depth + 1, way.own[this], word] = union[word]
        else:
            for word in range(words):
                finished[ends, word] = union[word]
            ends += 1
        depth += 1
        node[depth] = way.child[this]
        step[depth] = way.first[way.child[this]]
        left[depth] = rest
        ended[depth] = ends
