"""What an area leaves over: whether the rest of the map can still be divided.

An area parts the rest into pieces that no other area can join. Each of them must be divided into areas by
itself, so that its people must fit one area, or two, or three. Where bounds are narrow that rules out most
unions of units: all that enclose a piece too small for an area, and most that part the map at all.
"""

import numpy as np
from numpy.typing import NDArray

from geo_devolve.objective.units import Masks, Units
from geo_devolve.optimise.compiled.flat import Flat, Ints, Words, compiled, flatten, inlined

_SLICE = 10_000_000  # units looked at in one piece


def leaves_room(units: Units, masks: Masks, free: Ints | None = None) -> NDArray[np.bool_]:
    """Tell which candidates leave only pieces that can be divided into areas, by their people.

    Parameters
    ----------
    units
        The units.
    masks
        Candidates over them.
    free
        Units that are to be divided; all by default. The others bear no part in this.

    Returns
    -------
    NDArray
        One flag for each candidate; one that is False is part of no plan.
    """
    fine = np.ones(len(masks), dtype=np.bool_)
    if units.lower > 0 and len(masks):
        taking_part = np.zeros(units.n, dtype=np.bool_)
        taking_part[slice(None) if free is None else free] = True
        flat, rows = flatten(units), max(1, _SLICE // units.n)
        for first in range(0, len(masks), rows):  # in slices, so that Ctrl-C is heard between them
            some = slice(first, first + rows)
            _check_all(flat, np.ascontiguousarray(masks[some]), taking_part, fine[some])
    return fine


@compiled
def _check_all(flat: Flat, masks: Words, taking_part: NDArray[np.bool_], fine: NDArray[np.bool_]) -> None:
    seen = np.empty(flat.n, dtype=np.bool_)
    waiting = np.empty(flat.n, dtype=np.int64)
    for row in range(len(masks)):
        for unit in range(flat.n):
            inside = masks[row, unit >> 6] >> np.uint64(unit & 63) & np.uint64(1)
            seen[unit] = inside != 0 or not taking_part[unit]
        for first in range(flat.n):
            if seen[first]:
                continue
            seen[first] = True
            waiting[0] = first
            many = 1
            people = 0.0
            while many > 0:
                many -= 1
                unit = waiting[many]
                people += flat.population[unit]
                for k in range(flat.near_ptr[unit], flat.near_ptr[unit + 1]):
                    other = flat.near[k]
                    if not seen[other]:
                        seen[other] = True
                        waiting[many] = other
                        many += 1
            if not divisible(people, flat.lower, flat.upper):
                fine[row] = False
                break


@inlined
def strands(flat: Flat, status: Ints, within: Ints, people: float, scratch: Ints) -> bool:
    """Whether whatever a set grows to, it strands people that make no whole number of areas.

    Each piece of what is not taken must in the end be divisible, less what the set still takes of it; and all
    that it must take, of all pieces together, must fit under its upper bound.

    Parameters
    ----------
    flat
        The units.
    status
        1 for a unit that is taken; the others are not.
    within
        Not 0 for a unit that can still be taken.
    people
        Of those taken, as all numbers of people here in whole numbers of the unit they are counted in.
    scratch
        Two rows, one column for each unit.
    """
    piece, waiting = scratch[0], scratch[1]
    room = flat.rest_upper - people
    must = 0.0
    for unit in range(flat.n):
        piece[unit] = status[unit] == 1
    for first in range(flat.n):
        if piece[first] != 0:
            continue
        piece[first] = 1
        waiting[0] = first
        many = 1
        total = reachable = 0.0
        whole = True  # all of it could be taken
        while many > 0:
            many -= 1
            unit = waiting[many]
            total += flat.population[unit]
            if within[unit] != 0:
                reachable += flat.population[unit]
            else:
                whole = False
            for k in range(flat.near_ptr[unit], flat.near_ptr[unit + 1]):
                other = flat.near[k]
                if piece[other] == 0:
                    piece[other] = 1
                    waiting[many] = other
                    many += 1
        if divisible(total, flat.rest_lower, flat.rest_upper):
            continue
        areas = np.floor(total / flat.rest_lower)
        least = total - areas * flat.rest_upper if areas >= 1.0 or whole else np.inf
        if least > min(reachable, room):
            return True
        must += least
    return must > room


@inlined
def divisible(people: float, lower: float, upper: float) -> bool:
    """Whether so many people make a whole number of areas: as many as the lower bound allows, or fewer."""
    if lower <= 0.0:
        return True
    areas = np.floor(people / lower)
    return areas >= 1.0 and people <= areas * upper
