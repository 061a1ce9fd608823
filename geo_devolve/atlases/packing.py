"""Numbers of plans by number of areas, held in one whole number, so that adding two is one addition.

The number of plans with k areas stands k places from the end, in a base that no number of plans reaches:
each unit joins one of the units before it or none, so units are divided in fewer ways than their factorial.
"""

from dataclasses import dataclass
from math import factorial, log2
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Packing:
    """How numbers of plans by number of areas are packed.

    Attributes
    ----------
    bits
        Width of one place.
    most
        The greatest number of areas that is counted.
    """

    bits: int
    most: int

    @classmethod
    def of(cls, units: int, most: int) -> "Packing":
        """Make places wide enough for every division of so many units."""
        return cls(int(log2(factorial(max(units, 1)))) + 2, most)

    def after(self, packed: NDArray[Any], done: int, open_areas: int = 0) -> NDArray[Any]:
        """Count areas that are done, and drop what can no longer keep to the greatest number.

        Parameters
        ----------
        packed
            Plans by number of areas: Python's numbers, which have no end.
        done
            How many areas more are done.
        open_areas
            How many different areas are open at least.
        """
        room = (1 << self.bits * max(0, self.most + 1 - open_areas)) - 1
        return np.asarray((packed << self.bits * done) & room, dtype=object)

    def unpacked(self, packed: int) -> list[int]:
        """Return the number of plans of 0, 1 … areas."""
        place = (1 << self.bits) - 1
        return [packed >> self.bits * areas & place for areas in range(self.most + 1)]
