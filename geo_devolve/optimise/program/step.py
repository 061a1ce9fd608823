"""The steps that the objective goes in, which raise a bound to the next one.

Where compactness alone has a weight and every border is a whole number of metres, the border between areas
is a whole multiple of the borders' greatest common divisor, and the objective takes no value between. A bound
that lies between two of them is as good as the upper one. Where borders are counted rather than measured,
that is most of what a bound lacks.
"""

import math
from dataclasses import dataclass

import numpy as np

from geo_devolve.objective.columns import COMPACTNESS
from geo_devolve.objective.units import Floats, Units

_LONGEST = 2.0**52  # whole numbers above it are not told apart
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Step:
    """The values that the objective can take: `first`, and whole multiples of `size` more.

    Attributes
    ----------
    size
        The least difference between two plans' objectives; 0 where it is not known.
    first
        What every plan costs: half of the border with what is no unit.
    """

    size: float
    first: float = 0.0

    @classmethod
    def of(cls, units: Units, weights: Floats) -> "Step":
        """Find the step of a problem.

        Parameters
        ----------
        units
            The units.
        weights
            Of the terms, in the units' order.
        """
        weight, lengths = float(weights[COMPACTNESS]), units.land_m
        alone = weight > 0 and not np.delete(weights, COMPACTNESS).any()
        whole = bool((lengths == np.rint(lengths)).all()) and 0 < lengths.sum() < _LONGEST
        if not alone or not whole:
            return cls(0.0)
        common = math.gcd(*lengths.astype(np.int64).tolist())
        per_metre = weight / units.total_border_m
        return cls(common * per_metre, 0.5 * float(units.outline_m.sum() - lengths.sum()) * per_metre)

    def up(self, bound: float) -> float:
        """Return the least value of the objective that is not below a bound.

        Parameters
        ----------
        bound
            What no plan costs less than.
        """
        if self.size <= 0 or not np.isfinite(bound):
            return bound
        steps = math.ceil((bound - _ROUNDING * max(1.0, abs(bound)) - self.first) / self.size)
        return max(bound, self.first + steps * self.size)
