"""What the pruned search has before it: what it has taken, what it has excluded, and room to work.

What is taken is summed up as it comes in and put back as it goes out, so that nothing drifts.
"""

from typing import NamedTuple

import numpy as np

from geo_devolve.optimise.compiled.flat import Flat, Floats, Ints, Words, inlined


class Charges(NamedTuple):
    """What a candidate costs beside its people: weights over what they are measured in, and prices.

    Attributes
    ----------
    theme, body, border, balance
        Weight of a unit of spread of each theme, of a badly placed resident of each body, of a metre of
        outline, of a person away from the target.
    price, area
        Of each unit, and of being one of the areas.
    own
        Of each unit, what its own spread costs less its price.
    change, spread
        Weight of a person whose area is mainly another body's; of a unit of each spread.
    cap_units, cap
        Sets of units (rows of bits), and what touching each costs; never below 0.
    """

    theme: Floats
    body: Floats
    border: float
    balance: float
    price: Floats
    area: float
    own: Floats
    change: float
    spread: Floats
    cap_units: Words
    cap: Floats


# rows of the desk's arrays
STATUS, TAKEN, SHUT, COUNCILS, UNDO_AT, REACH, WITHIN, QUEUE, QUEUED, PLACE = range(10)
PEOPLE, BORDER, PAID, WAY, VALUE, RATIO, LOAD = range(7)
WEIGHTED, SQUARED = range(2)
EXCESS, WEIGHT = range(2)
HELD, MORE, SLOPE = range(3)
SEEN, IS_SEEN = range(2)


class Desk(NamedTuple):
    """The search's state and work space, in few arrays: each costs compile time wherever it is passed.

    Attributes
    ----------
    ints, floats
        Rows named above × units + 2; STATUS of a unit is 0 free, 1 taken, 2 excluded. What S has taken
        together is by the number of units taken: PEOPLE, BORDER, PAID, COUNCILS, UNDO_AT.
    by_theme
        Sums of S, likewise by the number of units taken.
    by_spread
        Sums of S for each spread, likewise.
    by_body, bodies
        Residents in S, residents in reach, and slope of the cost, of each body; lists of bodies.
    undo
        What HELD was before each unit was taken.
    mask
        The bits of S.
    """

    ints: Ints
    floats: Floats
    by_theme: Floats
    by_spread: Floats
    by_body: Floats
    bodies: Ints
    undo: Floats
    mask: Words


@inlined
def set_up(flat: Flat) -> Desk:
    """Make an empty desk."""
    n, bodies = flat.n, len(flat.body_people)
    return Desk(
        np.zeros((10, n + 2), dtype=np.int64),
        np.zeros((7, n + 2)),
        np.zeros((2, n + 2, flat.themes)),
        np.zeros((2, n + 2, len(flat.spread_scale))),
        np.zeros((3, bodies)),
        np.zeros((2, bodies), dtype=np.int64),
        np.zeros(len(flat.body) + 1),
        np.zeros(flat.words, dtype=np.uint64),
    )


@inlined
def take(  # noqa: PLR0917
    flat: Flat, charges: Charges, desk: Desk, unit: int, depth: int, shut: int
) -> int:
    """Take a unit into S, shut out its rivals; returns how many units are shut out."""
    unit_population = flat.population
    unit_councils = flat.councils
    outline_m = flat.outline_m
    land_ptr = flat.land_ptr
    land = flat.land
    land_m = flat.land_m
    theme_weighted = flat.theme_weighted
    theme_squared = flat.theme_squared
    body_ptr = flat.body_ptr
    body_of = flat.body
    residents = flat.people
    taken = desk.ints[TAKEN]
    status = desk.ints[STATUS]
    mask = desk.mask
    so_far = desk.floats[PEOPLE]
    councils_so_far = desk.ints[COUNCILS]
    paid = desk.floats[PAID]
    border = desk.floats[BORDER]
    weighted = desk.by_theme[WEIGHTED]
    squared = desk.by_theme[SQUARED]
    undo_at = desk.ints[UNDO_AT]
    undo = desk.undo
    held = desk.by_body[HELD]
    shut_units = desk.ints[SHUT]
    taken[depth] = unit
    status[unit] = 1
    mask[unit >> 6] |= np.uint64(1) << np.uint64(unit & 63)
    so_far[depth + 1] = so_far[depth] + unit_population[unit]
    councils_so_far[depth + 1] = councils_so_far[depth] + unit_councils[unit]
    paid[depth + 1] = paid[depth] + charges.price[unit]
    length = border[depth] + outline_m[unit]
    for k in range(land_ptr[unit], land_ptr[unit + 1]):
        if status[land[k]] == 1:
            length -= 2.0 * land_m[k]
    border[depth + 1] = length
    for theme in range(flat.themes):
        weighted[depth + 1, theme] = weighted[depth, theme] + theme_weighted[unit, theme]
        squared[depth + 1, theme] = squared[depth, theme] + theme_squared[unit, theme]
    for row in range(len(flat.spread_scale)):
        desk.by_spread[EXCESS, depth + 1, row] = (
            desk.by_spread[EXCESS, depth, row] + flat.spread_excess[unit, row]
        )
        desk.by_spread[WEIGHT, depth + 1, row] = (
            desk.by_spread[WEIGHT, depth, row] + flat.spread_weight[unit, row]
        )
    top = undo_at[depth]
    for k in range(body_ptr[unit], body_ptr[unit + 1]):
        body = body_of[k]
        undo[top] = held[body]
        top += 1
        held[body] += residents[k]
    undo_at[depth + 1] = top
    if len(flat.conflicts) > 0:
        for other in range(flat.n):
            if status[other] == 0 and has(flat.conflicts, unit, other):
                status[other] = 2
                shut_units[shut] = other
                shut += 1
    return shut


@inlined
def give_back(flat: Flat, desk: Desk, depth: int) -> None:
    """Give back the unit that was taken last, which made S `depth` + 1 large."""
    body_ptr = flat.body_ptr
    body_of = flat.body
    taken = desk.ints[TAKEN]
    status = desk.ints[STATUS]
    mask = desk.mask
    undo_at = desk.ints[UNDO_AT]
    held = desk.by_body[HELD]
    undo = desk.undo
    unit = taken[depth]
    status[unit] = 0
    mask[unit >> 6] &= ~(np.uint64(1) << np.uint64(unit & 63))
    top = undo_at[depth]
    for k in range(body_ptr[unit], body_ptr[unit + 1]):
        held[body_of[k]] = undo[top]
        top += 1


@inlined
def has(masks: Words, row: int, unit: int) -> bool:
    """Whether a unit's bit is set in a row of bits."""
    return (masks[row, unit >> 6] >> np.uint64(unit & 63)) & np.uint64(1) != 0
