"""Bodies that stay in one area."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Any

from geo_devolve import _coerce
from geo_devolve.constraints.forms import Together
from geo_devolve.constraints.ground import Ground, look_up_body
from geo_devolve.constraints.rule import Area, Fault, Part, Several
from geo_devolve.constraints.rules.together import split
from geo_devolve.geography.model import Geography


class _Whole(Several):
    field, place = "whole", 5
    about = "Bodies that stay in one area, ``layer:body``, or ``layer:*`` for all of a layer."
    forms = (Together,)

    def read(self, value: object, faults: list[str]) -> Any:
        kept = _coerce.names(value, self.where, faults)
        faults += [
            f'{self.where}: "{each}" must be written as "layer:body" or "layer:*"'
            for each in kept
            if each and ":" not in each
        ]
        return kept

    def references(self, value: Any) -> Iterable[Hashable]:
        return value

    def look_up(self, geography: Geography, reference: Hashable) -> None:
        look_up_body(geography, reference)

    def resolve(self, value: Any, ground: Ground) -> Iterator[Together]:
        for reference, layer, number, held in self._bodies(value, ground):
            if held is not None:
                yield Together(f"{layer}:{ground.body_name(layer, number)}", held)
            elif not reference.endswith(":*"):
                ground.notes.append(
                    f"{ground.body_name(layer, number)} is kept whole in vain: no council has most of its "
                    "people in it."
                )

    def _bodies(self, value: Any, ground: Ground) -> Iterator[tuple[str, str, int, Any]]:
        """Yield each body that is meant: the reference, layer and number, and its councils if it has any."""
        for reference in value:
            layer = reference.partition(":")[0]
            for number in ground.find_bodies(reference, self.field):
                yield reference, layer, number, ground.bodies(layer).get(number)

    def parts(self, value: Any, ground: Ground) -> Iterator[Part]:
        for at, reference in enumerate(value):
            yield Part(f"{ground.body_called(reference)} whole", self.field, at)

    def plan_faults(self, value: Any, ground: Ground, areas: Sequence[Area]) -> Iterator[Fault]:
        for _, layer, number, held in self._bodies(value, ground):
            if held is not None:
                yield from split(self.field, Together(ground.body_name(layer, number), held), areas)


RULE = _Whole()
