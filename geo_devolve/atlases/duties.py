"""What must be remembered of an area that is still growing, and what the rules say when it is done.

An open area is a tuple of whole numbers: its councils, the undecided units that it may not take, the members
it has of sets that stay together, the bodies it touches that are limited in an area, those whose areas are
limited, and its sums of figures of which an area must have so much, no more of it than it must where nothing
can take away from it. A number that no rule asks about is 0. Its people are kept apart from these, since
there are many more different sums of people than of anything else; where no more of them could matter they
are forgotten.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_devolve.objective.units import to_flags
from geo_devolve.optimise.asked.prepared import Prepared

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Open = tuple[int, int, int, int, int, int]
COUNCILS, RIVALS, TOGETHER, BODIES, CAPS, HELD = range(6)
_BITS = 64  # for each sum of figures


@dataclass(frozen=True)
class Duties:
    """The rules of a scenario in whole numbers, over its free units.

    Attributes
    ----------
    units
        Of each free unit, what an area of it alone would be.
    people
        Of each free unit, by the tally.
    lower, upper
        Bounds on people, by the tally; `upper` is None where nothing could exceed it.
    max_councils
        0 for no limit.
    together
        Sets of free units that an area holds whole or not at all, as bits.
    least
        For each row of figures, what an area's sum is at least.
    rising
        For each, whether no unit takes away from it.
    body_limits
        Bits of the bodies of a layer, and how many of them an area may touch.
    cap_limits
        For each limited body, how many areas may touch it.
    capped
        For each, how many locked areas do.
    """

    units: tuple[Open, ...]
    people: tuple[int, ...]
    lower: int
    upper: int | None
    max_councils: int
    together: tuple[int, ...]
    least: tuple[int, ...]
    rising: tuple[bool, ...]
    body_limits: tuple[tuple[int, int], ...]
    cap_limits: tuple[int, ...]
    capped: tuple[int, ...]

    @classmethod
    def of(cls, prepared: Prepared) -> "Duties":
        """Read the rules of a scenario made ready."""
        units, rules, free = prepared.units, prepared.units.rules, prepared.free.tolist()
        counts = [int(people) for people in units.population[free]]  # whole by the tally, and bounds too
        lower = int(units.lower)
        upper = int(units.upper) if units.upper < sum(counts) else None
        rivals = to_flags(rules.conflicts, units.n)[np.ix_(free, free)]
        together = to_flags(rules.together, units.n)
        bodies, caps = to_flags(rules.body_units, units.n), to_flags(rules.cap_units, units.n)
        least = tuple(rules.form_least.tolist())
        figures = rules.forms if least else np.zeros((0, units.n), dtype=np.int64)
        rising = tuple((row[free] >= 0).all() for row in figures)
        found = []
        for row, unit in enumerate(free):
            found.append(
                (
                    int(units.councils[unit]) if rules.max_councils else 0,
                    _bits(rivals[row]),
                    1 << row if together[:, unit].any() else 0,
                    _bits(bodies[:, unit]),
                    _bits(caps[:, unit]),
                    _packed(figures[:, unit].tolist()),
                )
            )
        limits = zip(rules.body_limit.tolist(), rules.body_indptr[:-1], rules.body_indptr[1:], strict=True)
        return cls(
            units=tuple(found),
            people=tuple(counts),
            lower=lower,
            upper=upper,
            max_councils=int(rules.max_councils),
            together=tuple(_bits(group[free]) for group in together),
            least=least,
            rising=rising,
            body_limits=tuple((_range(int(low), int(high)), limit) for limit, low, high in limits),
            cap_limits=tuple(rules.cap_limit.tolist()),
            capped=tuple(int(row[prepared.locked].sum()) for row in caps),
        )

    @property
    def unbounded(self) -> bool:
        """Whether an area may have any number of people."""
        return self.lower == 0 and self.upper is None

    def joined(self, one: Open, other: Open) -> Open | None:
        """Return the union of two open areas, None where the rules forbid what it already is."""
        councils = one[COUNCILS] + other[COUNCILS]
        if self.max_councils and councils > self.max_councils:
            return None
        bodies = one[BODIES] | other[BODIES]
        if any((bodies & of_layer).bit_count() > most for of_layer, most in self.body_limits):
            return None
        return (
            councils,
            one[RIVALS] | other[RIVALS],
            one[TOGETHER] | other[TOGETHER],
            bodies,
            one[CAPS] | other[CAPS],
            self._no_more(one[HELD] + other[HELD]),
        )

    def _no_more(self, held: int) -> int:
        """Cut sums that can only grow down to what they must be."""
        sums = zip(_unpacked(held, len(self.least)), self.least, self.rising, strict=True)
        return _packed(min(each, least) if rising else each for each, least, rising in sums)

    def alone(self, unit: int) -> Open | None:
        """Return what an area of one unit is, None where the rules forbid even that."""
        one = self.units[unit]
        nobody: Open = (0, 0, 0, 0, 0, 0)
        return self.joined(one, nobody)

    def grown(self, people: Ints) -> tuple[Ints, Flags]:
        """Return the people of open areas as they are remembered, and which are not too many.

        Parameters
        ----------
        people
            Of any open areas, by the tally.
        """
        if self.upper is None:
            return np.minimum(people, self.lower), np.ones(people.shape, dtype=np.bool_)
        return people, people <= self.upper

    def done(self, area: Open) -> bool:
        """Whether an area may stay as it is, but for its people."""
        sums = _unpacked(area[HELD], len(self.least))
        enough = all(each >= least for each, least in zip(sums, self.least, strict=True))
        return enough and all(area[TOGETHER] & group in {0, group} for group in self.together)

    def counted(self, capped: tuple[int, ...], area: Open) -> tuple[int, ...] | None:
        """Count an area that is done in the bodies it touches; None where one is in too many."""
        if not self.cap_limits:
            return capped
        now = tuple(count + (area[CAPS] >> body & 1) for body, count in enumerate(capped))
        return None if any(map(int.__gt__, now, self.cap_limits)) else now


def _packed(numbers: Iterable[int]) -> int:
    return sum(number << row * _BITS for row, number in enumerate(numbers))


def _unpacked(held: int, rows: int) -> Iterator[int]:
    for _ in range(rows):
        low = (held + (1 << _BITS - 1)) % (1 << _BITS) - (1 << _BITS - 1)
        yield low
        held = (held - low) >> _BITS


def _bits(flags: NDArray[np.bool_]) -> int:
    return sum(1 << int(place) for place in np.flatnonzero(flags))


def _range(low: int, high: int) -> int:
    return (1 << high) - (1 << low)
