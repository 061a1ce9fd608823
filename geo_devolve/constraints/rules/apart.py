"""Councils no two of which share an area."""

from collections.abc import Hashable, Iterable, Iterator
from itertools import combinations
from typing import Any

import numpy as np

from geo_devolve import _coerce
from geo_devolve.constraints.forms import Rivals
from geo_devolve.constraints.ground import Ground
from geo_devolve.constraints.rule import Area, Fault, Part, Several


class _Apart(Several):
    field, place = "apart", 3
    about = "Lists of councils no two of which share an area."
    forms = (Rivals,)

    def read(self, value: object, faults: list[str]) -> Any:
        lists = _coerce.sequence(value, self.where, faults)
        return tuple(_coerce.references(each, f"{self.where}'s lists", faults) for each in lists)

    def references(self, value: Any) -> Iterable[Hashable]:
        return [each for references in value for each in references]

    def resolve(self, value: Any, ground: Ground) -> Iterator[Rivals]:
        flags = np.zeros((len(ground.codes), len(ground.codes)), dtype=bool)
        for references in value:
            for one, other in combinations(references, 2):
                ours, theirs = ground.find(one, self.field), ground.find(other, self.field)
                both = np.intersect1d(ours, theirs)
                if len(both):
                    names = ", ".join(ground.names[council] for council in both[:5])
                    ground.faults.append(
                        f"{self.where}: {names} lie in both {one} and {other}, which cannot be kept apart"
                    )
                flags[np.ix_(ours, theirs)] = True
                flags[np.ix_(theirs, ours)] = True
        yield Rivals(flags)

    def parts(self, value: Any, ground: Ground) -> Iterator[Part]:
        for at, references in enumerate(value):
            yield Part(f"{ground.called(references)} apart", self.field, at)

    def area_faults(self, value: Any, ground: Ground, area: Area) -> Iterator[Fault]:
        for references in value:
            for one, other in combinations(references, 2):
                inside = (set(ground.find(each, self.field).tolist()) for each in (one, other))
                if not any(each.isdisjoint(area.councils) for each in inside):
                    text = f"area {area.code} holds {one} and {other}, which shall be apart"
                    yield Fault(self.field, area.code, text)


RULE = _Apart()
