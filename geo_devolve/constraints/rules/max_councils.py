"""Most councils in an area."""

from collections.abc import Iterator
from typing import Any

from geo_devolve import _coerce
from geo_devolve.constraints.forms import FewCouncils
from geo_devolve.constraints.ground import Ground
from geo_devolve.constraints.rule import Area, Fault, Milder, Number, Part
from geo_devolve.words import counted


class _MaxCouncils(Number):
    field, place = "max_councils", 6
    about = "Most councils in an area."
    forms = (FewCouncils,)

    def read(self, value: object, faults: list[str]) -> Any:
        return None if value is None else _coerce.whole_number(value, self.where, faults, least=1)

    def resolve(self, value: Any, ground: Ground) -> Iterator[FewCouncils]:  # noqa: ARG002
        yield FewCouncils(value)

    def parts(self, value: Any, ground: Ground) -> Iterator[Part]:  # noqa: ARG002
        yield Part(f"at most {counted(value, 'council')} in an area", self.field)

    def milder(self, value: Any, key: int | str | None, ground: Ground, areas: int) -> Milder:  # noqa: ARG002
        steps = range(value + 1, len(ground.codes) + 1)
        return Milder([float(step) for step in steps], lambda most: f"at most {most:g} councils in an area")

    def area_faults(self, value: Any, ground: Ground, area: Area) -> Iterator[Fault]:  # noqa: ARG002
        if len(area.councils) > value and not area.exempt:
            text = f"area {area.code} has {len(area.councils)} councils, more than {value}"
            yield Fault("councils", area.code, text)


RULE = _MaxCouncils()
