"""How people are counted, so that a sum of them is exact and in any order the same.

Populations need not be whole: thousands with one decimal, or what areal weighting makes. Sums of such
floating-point numbers depend on the order, and an area that has exactly as many people as it must have would
pass or fail by chance. So all that is compared is a whole number of the smallest unit that the populations
need: tenths of a person, or millionths, and persons where they are whole. There are never more than fifteen
digits, which a floating-point number holds exactly, sums and all.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from math import isinf

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

MOST_DECIMALS = 9
_DIGITS = 15  # a decimal of so many digits comes back from a floating-point number as it was
_ROUNDING = 16  # units in the last place: what summing leaves, and nobody need be told


@dataclass(frozen=True)
class Tally:
    """The unit that people are counted in.

    Attributes
    ----------
    decimals
        Of a person: 0 counts persons, 1 tenths of a person, at most 9.

    Examples
    --------
    >>> tally = Tally(1)
    >>> tally.count([0.1, 0.2, 0.3])
    array([1., 2., 3.])
    >>> tally.least(0.25), tally.most(0.25)
    (3.0, 2.0)
    """

    decimals: int = 0

    @property
    def scale(self) -> float:
        """How many of the unit a person is."""
        return float(10**self.decimals)

    def count(self, persons: ArrayLike) -> Floats:
        """Return populations as whole numbers of the unit.

        Parameters
        ----------
        persons
            Each a decimal with at most as many digits behind the point as the tally has (see `settle`).

        Returns
        -------
        ndarray of float
            The same shape; whole, so that sums of them are exact.
        """
        given = np.asarray(persons, dtype=np.float64)
        return np.rint(given * self.scale) if self.decimals else given

    def persons(self, counted: ArrayLike) -> Floats:
        """Return whole numbers of the unit as persons: of all floating-point numbers the nearest.

        Parameters
        ----------
        counted
            Whole numbers of the unit, and sums of them.
        """
        return np.asarray(counted, dtype=np.float64) / self.scale

    def total(self, persons: ArrayLike) -> float:
        """Add up populations, exactly.

        Parameters
        ----------
        persons
            As for `count`.
        """
        return float(self.persons(self.count(persons).sum()))

    def least(self, bound: float) -> float:
        """Return the least whole number of the unit that is no fewer people than a bound.

        Parameters
        ----------
        bound
            Persons, as somebody wrote it: 0.6 is six tenths.
        """
        return self._counted(bound, ROUND_CEILING)

    def most(self, bound: float) -> float:
        """Return the greatest whole number of the unit that is no more people than a bound.

        Parameters
        ----------
        bound
            Persons, as somebody wrote it; infinity for no bound.
        """
        return self._counted(bound, ROUND_FLOOR)

    def _counted(self, bound: float, rounding: str) -> float:
        if isinf(bound):
            return float(bound)
        return float(Decimal(repr(float(bound))).scaleb(self.decimals).to_integral_value(rounding))


def room_for(people: float) -> int:
    """Return how many digits behind the point there is room for where so many people are added up.

    Parameters
    ----------
    people
        All of them together (persons).
    """
    return min(MOST_DECIMALS, max(0, _DIGITS - len(str(int(np.ceil(people))))))


def divide(total: float, weights: Floats, tally: Tally) -> Floats:
    """Share people out by weights in whole numbers of a unit, so that the shares add up to all of them.

    Parameters
    ----------
    total
        People to share out (persons).
    weights
        At least 0, and one of them above.
    tally
        The unit.

    Returns
    -------
    ndarray of float
        Persons for each weight; what rounding leaves goes to the largest.
    """
    whole = float(tally.count(total))
    counted = np.floor(whole * weights / weights.sum())
    counted[int(np.argmax(weights))] += whole - counted.sum()
    return tally.persons(counted)


def say_rounded(what: str, tally: Tally, changed: NDArray[np.bool_]) -> str:
    """Say that populations are rounded.

    Parameters
    ----------
    what
        Whose.
    tally, changed
        As `settle` returns them.
    """
    return (
        f"populations of {int(changed.sum()):,} {what} are rounded to {tally.decimals} digits behind the "
        "point, so that sums of them are exact"
    )


def settle(persons: ArrayLike) -> tuple[Floats, Tally, NDArray[np.bool_]]:
    """Round populations to decimals that can be added up exactly, and say in what unit they are counted.

    Parameters
    ----------
    persons
        Populations, at least 0; what is not finite is somebody else's fault to tell, and stays.

    Returns
    -------
    tuple
        The populations, decimals of at most nine digits behind the point, and of fewer where all of them
        together would need more than fifteen; the tally with the fewest decimals that holds them; and which
        ones are not as they were given, what summing decimals leaves aside.

    Examples
    --------
    >>> settled, tally, changed = settle([0.1 + 0.2, 0.6, 1 / 3])
    >>> settled.tolist(), tally.decimals, changed.tolist()
    ([0.3, 0.6, 0.333333333], 9, [False, False, True])
    """
    given = np.asarray(persons, dtype=np.float64)
    if not np.isfinite(given).all() or (given == np.rint(given)).all():
        return given, Tally(), np.zeros(given.shape, dtype=np.bool_)
    room = room_for(float(given.sum()))
    exact = [round(Decimal(repr(value)), room).normalize() for value in given.ravel().tolist()]
    settled = np.array([float(value) for value in exact]).reshape(given.shape)
    decimals = max(0, *(-int(value.as_tuple().exponent) for value in exact))
    changed = np.abs(settled - given) > _ROUNDING * np.spacing(np.abs(given))
    return settled, Tally(decimals), changed
