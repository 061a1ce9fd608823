"""Greatest distance between the population centres of two councils of an area."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from geo_devolve import _coerce
from geo_devolve.constraints.forms import Rivals
from geo_devolve.constraints.ground import Ground
from geo_devolve.constraints.rule import Area, Fault, Milder, Number, Part


class _MaxExtent(Number):
    field, place = "max_extent_km", 7
    about = "Greatest distance between the population centres of two councils of an area (km)."
    forms = (Rivals,)

    def read(self, value: object, faults: list[str]) -> Any:
        return None if value is None else _coerce.number(value, self.where, faults)

    def with_number(self, value: Any, key: int | str | None, number: float) -> Any:  # noqa: ARG002
        return number

    def resolve(self, value: Any, ground: Ground) -> Iterator[Rivals]:
        unknown = [ground.names[council] for council in np.flatnonzero(np.isnan(ground.places).any(axis=1))]
        if unknown:
            ground.faults.append(
                f"{self.where}: the population centres of {', '.join(unknown[:5])} are not known"
            )
            return
        flags = np.zeros((len(ground.codes), len(ground.codes)), dtype=bool)
        for council, place in enumerate(ground.places):
            flags[council] = np.hypot(*(ground.places - place).T) > value * 1000.0
        yield Rivals(flags)

    def parts(self, value: Any, ground: Ground) -> Iterator[Part]:  # noqa: ARG002
        yield Part(f"at most {value:g} km across", self.field)

    def milder(self, value: Any, key: int | str | None, ground: Ground, areas: int) -> Milder:  # noqa: ARG002
        places = ground.places
        apart = np.hypot(*(places[:, None] - places[None, :]).transpose(2, 0, 1)) / 1000.0
        steps = np.unique(np.ceil(apart[apart > value] * 10.0) / 10.0)
        return Milder([float(step) for step in steps], lambda most: f"at most {most:g} km across")

    def area_faults(self, value: Any, ground: Ground, area: Area) -> Iterator[Fault]:
        where = ground.places[list(area.councils)]
        apart = np.hypot(*(where[:, None, :] - where[None, :, :]).transpose(2, 0, 1))
        if not np.nanmax(apart, initial=0.0) > value * 1000:
            return
        ends = np.unravel_index(np.nanargmax(apart), apart.shape)
        one, other = (ground.call(area.councils[int(end)]) for end in ends)
        km = np.nanmax(apart) / 1000
        text = f"area {area.code} is {km:,.0f} km wide between {one} and {other}, more than {value:,.0f} km"
        yield Fault("extent", area.code, text)


RULE = _MaxExtent()
