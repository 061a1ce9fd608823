"""Layers whose borders no area crosses."""

from collections.abc import Hashable, Iterable, Iterator
from typing import Any

from geo_devolve import _coerce
from geo_devolve.constraints.forms import Alike
from geo_devolve.constraints.ground import Ground, look_up_layer
from geo_devolve.constraints.rule import Area, Fault, Part, Several
from geo_devolve.errors import first_few
from geo_devolve.geography.model import Geography


class _Within(Several):
    field, place = "within", 4
    about = (
        "Layers whose borders no area crosses: all its councils lie in the same bodies. A council without "
        "people may go with any."
    )
    forms = (Alike,)

    def read(self, value: object, faults: list[str]) -> Any:
        return _coerce.names(value, self.where, faults)

    def references(self, value: Any) -> Iterable[Hashable]:
        return value

    def look_up(self, geography: Geography, reference: Hashable) -> None:
        look_up_layer(geography, reference)

    def resolve(self, value: Any, ground: Ground) -> Iterator[Alike]:
        layers = [layer for layer in value if ground.knows(layer, self.field)]
        if layers:
            held = zip(*(ground.signatures(layer) for layer in layers), strict=True)
            keys = zip(held, ground.lived_in, strict=True)
            yield Alike(" or ".join(layers), tuple(bodies if lived_in else None for bodies, lived_in in keys))

    def parts(self, value: Any, ground: Ground) -> Iterator[Part]:  # noqa: ARG002
        for at, layer in enumerate(value):
            yield Part(f"no area across a border of {layer}", self.field, at)

    def area_faults(self, value: Any, ground: Ground, area: Area) -> Iterator[Fault]:
        for layer in value:
            held = ground.signatures(layer)
            crossed = {held[council] for council in area.councils if ground.lived_in[council]}
            if len(crossed) > 1:
                bodies = sorted({body for each in crossed for body in each})
                names = first_few(ground.body_name(layer, body) for body in bodies)
                text = f"area {area.code} crosses a border of layer {layer}: {names}"
                yield Fault(self.field, area.code, text)


RULE = _Within()
