"""One unit after another: what can become of the open areas on the rim when the next unit is decided.

A plan is decided unit by unit. Of everything decided so far only this matters for the rest: which units on
the rim (`order.rims`) are in one open area, which of these areas have touched and stayed apart, so that they
never become one, and what `duties` has to remember of each. The next unit joins any of the open areas beside
it that may become one, and stays apart from the others beside it; an area that leaves the rim is done. Every
plan of connected areas is decided in exactly one way, which is why counting the ways counts the plans.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from geo_devolve.atlases.duties import RIVALS, Duties, Ints, Open
from geo_devolve.atlases.order import decision_order, rims
from geo_devolve.optimise.asked.prepared import Prepared

DONE, JOINED = -1, -2


class Shape(NamedTuple):
    """What matters of the units decided so far, but for the people of the open areas.

    Attributes
    ----------
    area_of
        For each unit on the rim, the number of its open area; numbered as they first appear.
    apart
        For each open area, those that it never becomes one with, as bits.
    open
        What else is remembered of each.
    capped
        For each body whose areas are limited, how many areas that are done touch it.
    """

    area_of: tuple[int, ...]
    apart: tuple[int, ...]
    open: tuple[Open, ...]
    capped: tuple[int, ...]


class Step(NamedTuple):
    """One thing that can become of a shape when the next unit is decided.

    Attributes
    ----------
    shape
        What it becomes.
    done
        How many areas are done with it.
    joined
        The open areas that the unit joins, as bits.
    own
        The number of the unit's area in `shape`, `DONE` where it is done.
    becomes
        For each open area before, its number in `shape`, `DONE` or `JOINED`.
    """

    shape: Shape
    done: int
    joined: int
    own: int
    becomes: tuple[int, ...]


@dataclass(frozen=True)
class Rim:
    """The free units of a scenario in the order in which they are decided.

    Attributes
    ----------
    order
        Numbers of the free units, among the free.
    beside
        For each step, the places on the rim that are neighbours of the unit.
    staying
        For each step, the places on the rim, the unit's own last, that stay on it.
    later
        For each step, the units still to come, as bits.
    duties
        What is remembered of areas.
    """

    order: tuple[int, ...]
    beside: tuple[tuple[int, ...], ...]
    staying: tuple[tuple[int, ...], ...]
    later: tuple[int, ...]
    duties: Duties

    @classmethod
    def of(cls, prepared: Prepared) -> "Rim":
        """Put the free units of a scenario in order."""
        units = prepared.units.take(prepared.free)
        near = [
            frozenset(units.indices[low:high].tolist())
            for low, high in zip(units.indptr[:-1], units.indptr[1:], strict=True)
        ]
        order = decision_order(near)
        before: tuple[int, ...] = ()
        beside, staying, later = [], [], []
        for at, (unit, rim) in enumerate(zip(order, rims(order, near), strict=True)):
            beside.append(tuple(place for place, one in enumerate(before) if one in near[unit]))
            both = (*before, unit)
            staying.append(tuple(both.index(one) for one in rim))
            later.append(sum(1 << one for one in order[at + 1 :]))
            before = rim
        return cls(order, tuple(beside), tuple(staying), tuple(later), Duties.of(prepared))

    @property
    def start(self) -> Shape:
        """The shape before anything is decided."""
        return Shape((), (), (), self.duties.capped)

    @property
    def width(self) -> int:
        """The most units on the rim."""
        return max(map(len, self.staying), default=0)

    def steps(self, at: int, shape: Shape) -> Iterator[Step]:
        """Yield everything that can become of a shape.

        Parameters
        ----------
        at
            How many units are decided.
        shape
            What matters of them.
        """
        unit = self.order[at]
        alone = self.duties.alone(unit)
        if alone is None:
            return
        touching = 0
        for place in self.beside[at]:
            touching |= 1 << shape.area_of[place]
        rivals = sum(1 << area for area, known in enumerate(shape.open) if known[RIVALS] >> unit & 1)
        for joined, own, apart in self._unions(shape, alone, touching & ~rivals):
            step = self._after(at, shape, own, joined, apart | ((touching | rivals) & ~joined))
            if step is not None:
                yield step

    def _unions(self, shape: Shape, alone: Open, may: int) -> Iterator[tuple[int, Open, int]]:
        """Yield every set of open areas that the unit may join, the union, and what that stays apart from."""
        found = [(0, alone, 0)]
        for area in range(len(shape.open)):
            if may >> area & 1:
                for joined, own, apart in list(found):
                    if not apart >> area & 1:
                        union = self.duties.joined(own, shape.open[area])
                        if union is not None:
                            found.append((joined | 1 << area, union, apart | shape.apart[area]))
        yield from found

    def _after(self, at: int, shape: Shape, own: Open, joined: int, apart: int) -> Step | None:
        """Put together what a shape becomes; None where an area is done that may not be."""
        new = len(shape.open)
        areas = [new if joined >> area & 1 else area for area in (*shape.area_of, new)]
        number: dict[int, int] = {}
        area_of = tuple(number.setdefault(areas[place], len(number)) for place in self.staying[at])
        capped = shape.capped
        done = 0
        for area, known in enumerate((*shape.open, own)):
            if area in number or (area < new and joined >> area & 1):
                continue
            if not self.duties.done(known):
                return None
            counted = self.duties.counted(capped, known)
            if counted is None:
                return None
            capped = counted
            done += 1
        later = self.later[at]
        kept: list[Open] = []
        barred: list[int] = []
        for area in number:
            known = own if area == new else shape.open[area]
            councils, rivals, together, bodies, caps, held = known
            kept.append((councils, rivals & later, together, bodies, caps, held))
            if area == new:
                barred.append(_renumbered(apart, number))
            else:
                others = _renumbered(shape.apart[area], number)
                barred.append(others | 1 << number[new] if new in number and apart >> area & 1 else others)
        becomes = tuple(JOINED if joined >> area & 1 else number.get(area, DONE) for area in range(new))
        after = Shape(area_of, tuple(barred), tuple(kept), capped)
        return Step(after, done, joined, number.get(new, DONE), becomes)


def people_after(rim: Rim, at: int, step: Step, people: Ints) -> tuple[Ints, Ints]:
    """Return the people of the open areas after a step, and which of the rows the bounds allow it to.

    Parameters
    ----------
    rim
        Whose duties say what is allowed.
    at
        How many units are decided before.
    step
        What becomes of the shape.
    people
        Rows × open areas before.

    Returns
    -------
    tuple of Ints
        Rows × open areas after, and the numbers of the rows they come from.
    """
    duties = rim.duties
    if duties.unbounded:  # nobody counts
        return people[:, :0], np.arange(len(people))
    joined = [area for area in range(people.shape[1]) if step.joined >> area & 1]
    own, fine = duties.grown(people[:, joined].sum(axis=1) + duties.people[rim.order[at]])
    for area, becomes in enumerate(step.becomes):
        if becomes == DONE:
            fine &= people[:, area] >= duties.lower
    if step.own == DONE:
        fine &= own >= duties.lower
    rows = np.flatnonzero(fine)
    after = np.empty((len(rows), len(step.shape.open)), dtype=np.int64)
    for area, becomes in enumerate(step.becomes):
        if becomes >= 0:
            after[:, becomes] = people[rows, area]
    if step.own >= 0:
        after[:, step.own] = own[rows]
    return after, rows


def _renumbered(bits: int, number: dict[int, int]) -> int:
    return sum(1 << now for was, now in number.items() if bits >> was & 1)
