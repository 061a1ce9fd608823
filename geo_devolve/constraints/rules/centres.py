"""Councils of which every area holds at least one."""

from collections.abc import Hashable, Iterable, Iterator
from typing import Any

from geo_devolve import _coerce
from geo_devolve.constraints.forms import Enough
from geo_devolve.constraints.ground import Ground
from geo_devolve.constraints.rule import Area, Fault, Part, Rule


class _Centres(Rule):
    field, place = "centres", 11
    about = "Councils of which every area holds at least one, such as cities; exempt locked areas apart."
    forms = (Enough,)

    def read(self, value: object, faults: list[str]) -> Any:
        return None if value is None else _coerce.references(value, self.where, faults) or None

    def references(self, value: Any) -> Iterable[Hashable]:
        return value

    def resolve(self, value: Any, ground: Ground) -> Iterator[Enough]:
        yield Enough(f"of {ground.called(value)} ({self.field})", ground.union(value, self.field), 1)

    def parts(self, value: Any, ground: Ground) -> Iterator[Part]:
        yield Part(f"one of {ground.called(value)} in every area", self.field)

    def area_faults(self, value: Any, ground: Ground, area: Area) -> Iterator[Fault]:
        centres = set(ground.union(value, self.field).tolist())
        if centres.isdisjoint(area.councils) and not area.exempt:
            text = f"area {area.code} holds none of the centres {ground.called(value)}"
            yield Fault(self.field, area.code, text)


RULE = _Centres()
