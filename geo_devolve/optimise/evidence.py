"""What proves a bound, kept so that somebody else can check it: prices, and branches where those fall short.

At prices at which no candidate has a negative reduced cost, no plan costs less than what they add up to. A
plan that costs less than a target consists of candidates whose reduced cost is less than what is missing to
the target, so that what follows need only speak of those. A branch says that two blocks share an area, or do
not.
Where costs count for nothing and prices still add up to more than nothing, there is no plan at all.
"""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from geo_devolve.objective.units import Floats, Ints, Masks


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
