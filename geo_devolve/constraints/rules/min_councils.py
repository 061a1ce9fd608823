"""Least councils in an area."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from geo_devolve import _coerce
from geo_devolve.constraints.forms import Enough
from geo_devolve.constraints.ground import Ground
from geo_devolve.constraints.rule import Area, Fault, Milder, Number, Part
from geo_devolve.words import counted


class _MinCouncils(Number):
    field, place = "min_councils", 10
    about = "Least councils in an area; exempt locked areas apart."
    forms = (Enough,)

    def read(self, value: object, faults: list[str]) -> Any:
        return None if value is None else _coerce.whole_number(value, self.where, faults, least=1)

    def resolve(self, value: Any, ground: Ground) -> Iterator[Enough]:
        yield Enough(f"councils ({self.field})", np.arange(len(ground.codes)), value)

    def parts(self, value: Any, ground: Ground) -> Iterator[Part]:  # noqa: ARG002
        yield Part(f"at least {counted(value, 'council')} in an area", self.field)

    def milder(self, value: Any, key: int | str | None, ground: Ground, areas: int) -> Milder:  # noqa: ARG002
        steps = [float(step) for step in range(value - 1, 0, -1)]
        return Milder(steps, lambda least: f"at least {counted(least, 'council')} in an area")

    def area_faults(self, value: Any, ground: Ground, area: Area) -> Iterator[Fault]:  # noqa: ARG002
        if len(area.councils) < value and not area.exempt:
            text = f"area {area.code} has {counted(len(area.councils), 'council')}, fewer than {value}"
            yield Fault("councils", area.code, text)


RULE = _MinCouncils()
