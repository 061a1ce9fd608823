"""Evidence made of the prices of a program over candidates at hand."""

from dataclasses import replace

import numpy as np

from geo_devolve.clock import NEVER, Deadline
from geo_devolve.optimise.evidence import Priced
from geo_devolve.optimise.program.prices import Prices
from geo_devolve.optimise.program.relaxation import Program, Relaxed, relax

_NOISE = 4e-15  # of the largest cost: what adding up in another order, and digits cut off, may change


_SURE = 1e-7  # of the largest price


def settle(prices: Prices, lowest: float, largest: float, *, costs: bool = True) -> Priced:
    """Lower the count's price until no reduced cost is negative, whatever was rounded.

    Parameters
    ----------
    prices
        Of the relaxation.
    lowest
        The lowest reduced cost at these prices.
    largest
        The largest cost of a candidate.
    costs
        See `Priced`.
    """
    count = prices.count + min(lowest, 0.0) - _NOISE * largest
    return Priced(prices.units, count, np.minimum(prices.caps, 0.0), costs)


def settled(program: Program, relaxed: Relaxed) -> Priced:
    """Return a relaxation's prices as evidence."""
    lowest = float(relaxed.reduced.min(initial=0.0))
    return settle(relaxed.prices, lowest, float(np.abs(program.costs).max(initial=0.0)))


def leaf(
    program: Program, relaxed: Relaxed, areas: int, enough: float, deadline: Deadline = NEVER
) -> Priced | None:
    """Return evidence that no plan of the candidates costs less than enough, or that there is none.

    Parameters
    ----------
    program
        The candidates.
    relaxed
        Their relaxation, perhaps cut short.
    areas
        The number of areas, k.
    enough
        What is to be shown; infinite that there is no plan.
    deadline
        When to stop.

    Returns
    -------
    Priced or None
        None if time is up, or rounding stands in the way.
    """
    if relaxed.bound < np.inf:
        node = settled(program, relaxed)
        if node.least(areas, program.cap_limit) >= enough:
            return node
        relaxed = relax(program, areas, deadline)  # to its end: prices cut short may leave negative costs
        if relaxed.bound < np.inf:
            return settled(program, relaxed) if relaxed.finished else None
    return shut(program, areas, deadline)


def shut(program: Program, areas: int, deadline: Deadline = NEVER) -> Priced | None:
    """Return prices that show that candidates make no plan (Farkas); None if they cannot be had."""
    caps, starts = np.zeros(len(program.cap_limit)), np.unique(program.first)
    if len(starts) < areas:  # areas start at different blocks
        blocks = np.zeros(program.n)
        blocks[starts] = -1.0
        return Priced(blocks, 1.0, caps, costs=False)
    free = replace(program, costs=np.zeros(len(program.costs)))
    relaxed = relax(free, areas, deadline)
    node = settle(relaxed.prices, float(relaxed.reduced.min(initial=0.0)), 1.0, costs=False)
    size = float(max(np.abs(node.blocks).max(initial=0.0), abs(node.count)))
    return node if node.least(areas, program.cap_limit) > _SURE * size else None
