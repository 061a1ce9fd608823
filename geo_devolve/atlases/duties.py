"""What must be remembered of an area that is still growing, and what the rules say when it is done.

An open area is a tuple of whole numbers: its people, its councils, the undecided units that it may not
take, the members it has of sets that stay together, the bodies it touches that are limited in an area, and
those whose areas are limited. A number that no rule asks about is 0, and people are forgotten where no more
of them could matter, so that areas which differ in nothing that counts are one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_devolve.objective.units import to_flags
from geo_devolve.optimise.asked.prepared import Prepared

Open = tuple[int, int, int, int, int, int]
PEOPLE, COUNCILS, RIVALS, TOGETHER, BODIES, CAPS = range(6)


@dataclass(frozen=True)
class Duties:
    """The rules of a scenario in whole numbers, over its free units.

    Attributes
    ----------
    units
        Of each free unit, what an area of it alone would be.
    lower, upper
        Bounds on people, by the tally; `upper` is None where nothing could exceed it.
    max_councils
        0 for no limit.
    together
        Sets of free units that an area holds whole or not at all, as bits.
    body_limits
        Bits of the bodies of a layer, and how many of them an area may touch.
    cap_limits
        For each limited body, how many areas may touch it.
    capped
        For each, how many locked areas do.
    """

    units: tuple[Open, ...]
    lower: int
    upper: int | None
    max_councils: int
    together: tuple[int, ...]
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
        found = []
        for row, unit in enumerate(free):
            found.append(
                (
                    counts[row] if upper is not None else min(counts[row], lower),
                    int(units.councils[unit]) if rules.max_councils else 0,
                    _bits(rivals[row]),
                    1 << row if together[:, unit].any() else 0,
                    _bits(bodies[:, unit]),
                    _bits(caps[:, unit]),
                )
            )
        limits = zip(rules.body_limit.tolist(), rules.body_indptr[:-1], rules.body_indptr[1:], strict=True)
        return cls(
            units=tuple(found),
            lower=lower,
            upper=upper,
            max_councils=int(rules.max_councils),
            together=tuple(_bits(group[free]) for group in together),
            body_limits=tuple((_range(int(low), int(high)), limit) for limit, low, high in limits),
            cap_limits=tuple(rules.cap_limit.tolist()),
            capped=tuple(int(row[prepared.locked].sum()) for row in caps),
        )

    def joined(self, one: Open, other: Open) -> Open | None:
        """Return the union of two open areas, None where the rules forbid what it already is."""
        people = one[PEOPLE] + other[PEOPLE]
        if self.upper is None:
            people = min(people, self.lower)
        elif people > self.upper:
            return None
        councils = one[COUNCILS] + other[COUNCILS]
        if self.max_councils and councils > self.max_councils:
            return None
        bodies = one[BODIES] | other[BODIES]
        if any((bodies & of_layer).bit_count() > most for of_layer, most in self.body_limits):
            return None
        return (
            people,
            councils,
            one[RIVALS] | other[RIVALS],
            one[TOGETHER] | other[TOGETHER],
            bodies,
            one[CAPS] | other[CAPS],
        )

    def alone(self, unit: int) -> Open | None:
        """Return what an area of one unit is, None where the rules forbid even that."""
        one = self.units[unit]
        nobody: Open = (0, 0, 0, 0, 0, 0)
        return self.joined(one, nobody)

    def done(self, area: Open) -> bool:
        """Whether an area may stay as it is."""
        if area[PEOPLE] < self.lower:
            return False
        return all(area[TOGETHER] & group in {0, group} for group in self.together)

    def counted(self, capped: tuple[int, ...], area: Open) -> tuple[int, ...] | None:
        """Count an area that is done in the bodies it touches; None where one is in too many."""
        if not self.cap_limits:
            return capped
        now = tuple(count + (area[CAPS] >> body & 1) for body, count in enumerate(capped))
        return None if any(map(int.__gt__, now, self.cap_limits)) else now


def _bits(flags: NDArray[np.bool_]) -> int:
    return sum(1 << int(place) for place in np.flatnonzero(flags))


def _range(low: int, high: int) -> int:
    return (1 << high) - (1 << low)
