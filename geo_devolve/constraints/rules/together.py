"""Councils that share an area."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Any

from geo_devolve import _coerce
from geo_devolve.constraints.forms import Together
from geo_devolve.constraints.ground import Ground
from geo_devolve.constraints.rule import Area, Fault, Part, Several
from geo_devolve.errors import first_few


class _Together(Several):
    field, place = "together", 2
    about = "Lists of councils that share an area."
    forms = (Together,)

    def read(self, value: object, faults: list[str]) -> Any:
        lists = _coerce.sequence(value, self.where, faults)
        return tuple(_coerce.references(each, f"{self.where}'s lists", faults) for each in lists)

    def references(self, value: Any) -> Iterable[Hashable]:
        return [each for references in value for each in references]

    def resolve(self, value: Any, ground: Ground) -> Iterator[Together]:
        for references in value:
            called = " and ".join(str(each) for each in references)
            yield Together(called, ground.union(references, self.field))

    def parts(self, value: Any, ground: Ground) -> Iterator[Part]:
        for at, references in enumerate(value):
            yield Part(f"{ground.called(references)} together", self.field, at)

    def plan_faults(self, value: Any, ground: Ground, areas: Sequence[Area]) -> Iterator[Fault]:
        for each in self.resolve(value, ground):
            yield from split(self.field, each, areas)


def split(kind: str, group: Together, areas: Sequence[Area]) -> Iterator[Fault]:
    """Yield the fault of councils that shall share an area and lie in several.

    Parameters
    ----------
    kind
        Of the fault, and how the councils shall be: "together", "whole".
    group
        The councils.
    areas
        All areas.
    """
    councils = set(group.councils.tolist())
    across = [area.code for area in areas if not councils.isdisjoint(area.councils)]
    if len(across) > 1:
        text = f"{group.label} shall be {kind}, but lies in areas {first_few(across)}"
        yield Fault(kind, "", text)


RULE = _Together()
