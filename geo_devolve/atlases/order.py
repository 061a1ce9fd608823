"""The order in which units are decided: one that leaves few of them on the rim at any time.

A unit is on the rim while it is decided and a neighbour of it is not. What the count has to remember grows
quickly with the rim, so a good order matters more than fast code.
"""

from collections.abc import Sequence

Neighbours = Sequence[frozenset[int]]


def decision_order(near: Neighbours) -> tuple[int, ...]:
    """Return an order of the units with a narrow rim.

    Every unit is tried as the first; from there on the unit is next that leaves the narrowest rim. Of these
    orders the one wins whose rims, each counted as two to its power, add up to least.

    Parameters
    ----------
    near
        The neighbours of each unit, by number.

    Returns
    -------
    tuple of int
        Every unit once; the same for the same neighbours.
    """
    orders = [_from(first, near) for first in range(len(near))]
    return min(orders, key=lambda order: (sum(2 ** len(rim) for rim in rims(order, near)), order), default=())


def rims(order: Sequence[int], near: Neighbours) -> list[tuple[int, ...]]:
    """Return the rim after each unit of an order: those decided that have a neighbour still to come.

    Parameters
    ----------
    order
        Units, each once.
    near
        The neighbours of each unit.
    """
    left = set(order)
    rim: tuple[int, ...] = ()
    found = []
    for unit in order:
        left.discard(unit)
        rim = tuple(one for one in (*rim, unit) if near[one] & left)
        found.append(rim)
    return found


def _from(first: int, near: Neighbours) -> tuple[int, ...]:
    order: list[int] = []
    left = set(range(len(near)))
    rim: set[int] = set()
    unit = first
    while True:
        order.append(unit)
        left.discard(unit)
        rim = {one for one in rim | {unit} if near[one] & left}
        if not left:
            return tuple(order)
        beside = {other for one in rim for other in near[one] & left} or left
        unit = min(beside, key=lambda one: (_rim_after(one, rim, left, near), one))


def _rim_after(unit: int, rim: set[int], left: set[int], near: Neighbours) -> int:
    """Count the rim after a unit is decided too."""
    staying = sum(bool(near[one] & left - {unit}) for one in rim)
    return staying + bool(near[unit] & left - {unit})
