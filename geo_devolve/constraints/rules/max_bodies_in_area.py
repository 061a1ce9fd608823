"""Most bodies of a layer that the councils of one area lie in."""

from collections.abc import Hashable, Iterator
from typing import Any

from geo_devolve.constraints.forms import FewBodies
from geo_devolve.constraints.ground import Ground, look_up_layer
from geo_devolve.constraints.rule import Area, Fault, Limits, Milder, Part
from geo_devolve.errors import first_few
from geo_devolve.geography.model import Geography
from geo_devolve.words import counted


class _MaxBodiesInArea(Limits):
    field, place = "max_bodies_in_area", 9
    about = "Most bodies of a layer that the councils of one area lie in."
    forms = (FewBodies,)

    def look_up(self, geography: Geography, reference: Hashable) -> None:
        look_up_layer(geography, reference)

    def resolve(self, value: Any, ground: Ground) -> Iterator[FewBodies]:
        for layer, limit in value.items():
            if ground.knows(layer, self.field):
                yield FewBodies(limit, tuple(ground.bodies(layer).values()))

    def parts(self, value: Any, ground: Ground) -> Iterator[Part]:  # noqa: ARG002
        for layer, limit in value.items():
            label = f"at most {counted(limit, 'body', 'bodies')} of {layer} in an area"
            yield Part(label, self.field, layer)

    def milder(self, value: Any, key: int | str | None, ground: Ground, areas: int) -> Milder:  # noqa: ARG002
        steps = range(value[key] + 1, len(ground.geography.layers[str(key)].bodies) + 1)
        return Milder(
            [float(step) for step in steps], lambda most: f"at most {most:g} bodies of {key} in an area"
        )

    def area_faults(self, value: Any, ground: Ground, area: Area) -> Iterator[Fault]:
        for layer, limit in value.items():
            held = ground.signatures(layer)
            bodies = {body for council in area.councils for body in held[council]}
            if len(bodies) > limit:
                names = first_few(ground.body_name(layer, body) for body in sorted(bodies))
                has = f"area {area.code} has {len(bodies)} bodies of layer {layer}"
                yield Fault("bodies", area.code, f"{has}, more than {limit}: {names}")


RULE = _MaxBodiesInArea()
