"""Most areas that hold councils of a body."""

from collections.abc import Hashable, Iterator, Sequence
from typing import Any

from geo_devolve.constraints.forms import InFewAreas
from geo_devolve.constraints.ground import Ground, look_up_body
from geo_devolve.constraints.rule import Area, Fault, Limits, Milder, Part
from geo_devolve.errors import first_few
from geo_devolve.geography.model import Geography
from geo_devolve.words import counted


class _MaxAreasInBody(Limits):
    field, place = "max_areas_in_body", 8
    about = (
        "Most areas that hold councils of a body, those that lie in it: ``layer:body``, or ``layer`` for "
        "each of its bodies. People of the body in councils that lie elsewhere do not count."
    )
    forms = (InFewAreas,)

    def look_up(self, geography: Geography, reference: Hashable) -> None:
        look_up_body(geography, reference)

    def resolve(self, value: Any, ground: Ground) -> Iterator[InFewAreas]:
        for layer, number, cap in self._bodies(value, ground):
            yield InFewAreas(f"{layer}:{ground.body_name(layer, number)}", cap.councils, cap.limit)

    def _bodies(self, value: Any, ground: Ground) -> Iterator[tuple[str, int, InFewAreas]]:
        """Yield each body that is meant and has councils: its layer, its number, and the limit on it."""
        for reference, limit in value.items():
            layer = reference.partition(":")[0]
            meant = ground.find_bodies(reference, self.field)
            for number, councils in ground.bodies(layer).items() if meant else ():
                if number in meant:
                    called = f"{ground.body_name(layer, number)} ({layer})"
                    yield layer, number, InFewAreas(called, councils, limit)

    def parts(self, value: Any, ground: Ground) -> Iterator[Part]:
        for reference, limit in value.items():
            label = f"at most {counted(limit, 'area')} in {ground.body_called(reference)}"
            yield Part(label, self.field, reference)

    def milder(self, value: Any, key: int | str | None, ground: Ground, areas: int) -> Milder:
        steps, body = range(value[key] + 1, areas + 1), ground.body_called(str(key))
        return Milder([float(step) for step in steps], lambda most: f"at most {most:g} areas in {body}")

    def plan_faults(self, value: Any, ground: Ground, areas: Sequence[Area]) -> Iterator[Fault]:
        for _, _, cap in self._bodies(value, ground):
            councils = set(cap.councils.tolist())
            across = [area.code for area in areas if not councils.isdisjoint(area.councils)]
            if len(across) > cap.limit:
                lie = f"councils of {cap.label} lie in {len(across)} areas, more than {cap.limit}"
                yield Fault("areas", "", f"{lie}: {first_few(across)}")


RULE = _MaxAreasInBody()
