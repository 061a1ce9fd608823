"""What proves a bound, kept so that somebody else can check it: prices, and branches where those fall short.

At prices at which no candidate has a negative reduced cost, no plan costs less than what they add up to. A
plan that costs less than a target consists of candidates whose reduced cost is less than what is missing to
the target, so that what follows need only speak of those. A branch says that two blocks share an area, or do
not.
Where costs count for nothing and prices still add up to more than nothing, there is no plan at all.
"""

from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np

from geo_devolve.clock import NEVER, Deadline
from geo_devolve.optimise.relaxation import Prices, Program, Relaxed, relax
from geo_devolve.optimise.units import Floats, Ints, Masks

_NOISE = 4e-15  # of the largest cost: what adding up in another order, and digits cut off, may change
_SURE = 1e-7  # of the largest price


@dataclass(frozen=True, eq=False)
class Priced:
    """Prices at which no candidate that is left has a negative reduced cost.

    Attributes
    ----------
    blocks, count, caps
        See `Prices`; those of caps are never above 0.
    costs
        Whether candidates cost what they cost; if not, they cost nothing, and the prices show that there is
        no plan.
    then
        What is shown of the candidates whose reduced cost is within `window`; None where no more is needed.
    window
        Larger reduced costs are not spoken of by `then`.
    """

    blocks: Floats
    count: float
    caps: Floats
    costs: bool = True
    then: "Node | None" = None
    window: float = np.inf

    def least(self, areas: int, cap_limit: Ints) -> float:
        """Return what the prices add up to."""
        return float(self.blocks.sum() + areas * self.count + self.caps @ cap_limit)


@dataclass(frozen=True, eq=False)
class Split:
    """Two cases: two blocks share an area, or they do not."""

    pair: tuple[int, int]
    together: "Node"
    apart: "Node"


Node = Priced | Split


@dataclass(frozen=True, eq=False)
class CountEvidence:
    """What is known of one number of areas, over all blocks.

    Attributes
    ----------
    areas
        The number of areas, locked ones included.
    plan
        Masks of the best plan's areas; None if there is none.
    node
        What proves the bound; None where nothing does.
    impossible
        Whether it is said that there is no plan.
    """

    areas: int
    plan: Masks | None
    node: Node | None
    impossible: bool = False


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is known of every number of areas.

    Attributes
    ----------
    blocks
        Codes of each block's councils.
    counts
        One for each number of areas that is allowed.
    locked
        Numbers of the blocks that are locked areas.
    cap_limit
        How many areas beside the locked ones may touch each capped set.
    """

    blocks: tuple[tuple[Hashable, ...], ...]
    counts: tuple[CountEvidence, ...]
    locked: tuple[int, ...]
    cap_limit: tuple[int, ...]


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
    return Priced(prices.blocks, count, np.minimum(prices.caps, 0.0), costs)


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
