"""Which steps from one division to the next are legal: none that breaks a rule which was kept before."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from geo_devolve.objective.units import Units, to_flags
from geo_devolve.optimise.asked.prepared import Prepared

Division = tuple[int, ...]
"""Areas as bits of units, in rising order."""


@dataclass(frozen=True)
class Step:
    """One change of a division.

    Attributes
    ----------
    kind
        "merge" (an area joins another) or "move" (a unit goes to another area).
    moved
        The units that change, as bits.
    source, target
        The areas before, as bits.
    """

    kind: str
    moved: int
    source: int
    target: int


@dataclass(eq=False)
class Legality:
    """The rules of a scenario for divisions of its units; what is known of an area is kept.

    Attributes
    ----------
    prepared
        The scenario, ready.
    """

    prepared: Prepared
    _fine: dict[int, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        units = self.prepared.units
        self.units: Units = units
        self.near = [
            _bits_of(units.indices[low:high])
            for low, high in zip(units.indptr, units.indptr[1:], strict=False)
        ]
        self.people = [int(people) for people in units.population]
        self.locked = {1 << int(unit) for unit in self.prepared.locked}
        self.exempt = {
            1 << int(unit)
            for group, unit in zip(self.prepared.resolved.locked, self.prepared.locked, strict=True)
            if group.exempt
        }
        rules = units.rules
        self._rivals = _rows(rules.conflicts, units.n)
        self._together = _rows(rules.together, units.n)
        bodies = _rows(rules.body_units, units.n)
        ends = zip(rules.body_indptr[:-1], rules.body_indptr[1:], rules.body_limit, strict=True)
        self._bodies = [(bodies[int(low) : int(high)], int(most)) for low, high, most in ends]
        self._capped = list(zip(_rows(rules.cap_units, units.n), map(int, rules.cap_limit), strict=True))

    def count(self, area: int) -> int:
        """Count the people of an area, by the tally."""
        return sum(people for unit, people in enumerate(self.people) if area >> unit & 1)

    def fine(self, area: int) -> bool:
        """Whether an area keeps every rule of an area but the least numbers of people and councils."""
        known = self._fine.get(area)
        if known is None:
            known = self._fine[area] = self._keeps(area)
        return known

    def small(self, area: int) -> bool:
        """Whether an area has fewer people, or less of what is bounded, than it must have in the end."""
        return area not in self.exempt and (self.count(area) < self.units.lower or self._lacks(area))

    def _lacks(self, area: int) -> bool:
        inside = [unit for unit in range(self.units.n) if area >> unit & 1]
        rules = self.units.rules
        return len(rules.form_least) > 0 and bool(
            (rules.forms[:, inside].sum(axis=1) < rules.form_least).any()
        )

    def final(self, division: Division) -> bool:
        """Whether a division keeps every rule."""
        return (
            all(self.fine(area) and not self.small(area) for area in division)
            and self.locked <= set(division)
            and all(_across(group, division) == 1 for group in self._together)
            and all(_across(body, division) <= most for body, most in self._capped)
        )

    def steps(self, division: Division) -> Iterator[tuple[Step, Division]]:
        """Yield every legal step, and the division that it leads to."""
        for source in division:
            if source in self.locked:
                continue
            around = self._around(source)
            for target in division:
                if target != source and target & around and target not in self.locked:
                    yield from self._between(division, source, target)

    def _between(self, division: Division, source: int, target: int) -> Iterator[tuple[Step, Division]]:
        if self.fine(source | target):
            yield from self._checked(division, Step("merge", source, source, target))
        for unit in range(self.units.n):
            one = 1 << unit
            if not source & one or source == one or not self.near[unit] & target or one in self.locked:
                continue
            left, grown = source & ~one, target | one
            if self.fine(left) and self.fine(grown) and (self.small(source) or not self.small(left)):
                yield from self._checked(division, Step("move", one, source, target))

    def _checked(self, division: Division, step: Step) -> Iterator[tuple[Step, Division]]:
        rest = [area for area in division if area not in (step.source, step.target)]
        left = step.source & ~step.moved
        after = tuple(sorted([*rest, step.target | step.moved, *([left] if left else [])]))
        for group in self._together:
            if sum(bool(area & group) for area in after) > max(
                1, sum(bool(area & group) for area in division)
            ):
                return
        for body, most in self._capped:
            if sum(bool(area & body) for area in after) > max(
                most, sum(bool(area & body) for area in division)
            ):
                return
        yield step, after

    def _around(self, area: int) -> int:
        found = 0
        for unit, near in enumerate(self.near):
            if area >> unit & 1:
                found |= near
        return found & ~area

    def _keeps(self, area: int) -> bool:
        inside = [unit for unit in range(self.units.n) if area >> unit & 1]
        reached = area & -area
        while True:
            further = reached
            for unit in inside:
                if reached >> unit & 1:
                    further |= self.near[unit] & area
            if further == reached:
                break
            reached = further
        if reached != area or any(self._rivals[unit] & area for unit in inside):
            return False
        if any(sum(bool(body & area) for body in bodies) > most for bodies, most in self._bodies):
            return False
        if area in self.exempt:
            return True
        most = int(self.units.rules.max_councils)
        councils = sum(int(self.units.councils[unit]) for unit in inside)
        return self.count(area) <= self.units.upper and (not most or councils <= most)


def _across(units: int, division: Division) -> int:
    """Return in how many areas some units lie."""
    return sum(bool(area & units) for area in division)


def _bits_of(units: NDArray[np.int64]) -> int:
    return sum(1 << int(unit) for unit in units)


def _rows(masks: NDArray[np.uint64], n: int) -> list[int]:
    return [_bits_of(np.flatnonzero(row)) for row in to_flags(masks, n)] if len(masks) else []
