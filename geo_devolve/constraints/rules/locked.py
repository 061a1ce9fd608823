"""Areas that are given."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from geo_devolve import _coerce
from geo_devolve.constraints.forms import OneArea
from geo_devolve.constraints.ground import Ground, look_up_body, look_up_council
from geo_devolve.constraints.rule import Area, Fault, Part, Several
from geo_devolve.errors import DataError, UsageError
from geo_devolve.geography.model import Geography


@dataclass(frozen=True)
class Locked:
    """Councils, and bodies as ``layer:body``, that are one of the areas; exempt from bounds if it says so."""

    name: str
    councils: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    exempt: bool = False


class _LockedAreas(Several):
    field, place = "locked", 1
    about = "Areas that are given."
    forms = (OneArea,)

    def read(self, value: object, faults: list[str]) -> Any:
        given = _coerce.sequence(value, self.where, faults)
        kept = tuple(self._read(each, number, faults) for number, each in enumerate(given, 1))
        twice = [each.name for each in kept]
        faults += [
            f'two locked areas are named "{name}"'
            for name in sorted({n for n in twice if twice.count(n) > 1})
        ]
        return kept

    def _read(self, value: object, position: int, faults: list[str]) -> Locked:
        where = f"{self.where}[{position}]"
        table = vars(value) if isinstance(value, Locked) else _coerce.mapping(value, where, faults)
        _coerce.unknown_keys(table, [each.name for each in fields(Locked)], where, faults)
        councils = _coerce.references(table.get("councils", ()), f"{where}.councils", faults)
        bodies = _coerce.names(table.get("bodies", ()), f"{where}.bodies", faults)
        if not councils and not bodies:
            faults.append(f"{where} names neither councils nor bodies")
        exempt = _coerce.flag(table.get("exempt", False), f"{where}.exempt", faults)
        return Locked(_coerce.text(table.get("name", ""), f"{where}.name", faults), councils, bodies, exempt)

    def references(self, value: Any) -> Iterable[Hashable]:
        return [each for lock in value for each in (*lock.councils, *lock.bodies)]

    def check(self, value: Any, geography: Geography) -> Iterator[str]:
        for lock in value:
            for references, look_up in ((lock.councils, look_up_council), (lock.bodies, look_up_body)):
                for reference in references:
                    try:
                        look_up(geography, reference)
                    except (DataError, UsageError) as error:
                        yield f"{self.where}: {error}"

    def resolve(self, value: Any, ground: Ground) -> Iterator[OneArea]:
        owner: dict[int, str] = {}
        for lock in value:
            councils = ground.union([*lock.councils, *lock.bodies], f'locked "{lock.name}"')
            twice = [council for council in councils.tolist() if council in owner]
            if twice:
                names = ", ".join(ground.names[council] for council in twice[:5])
                ground.faults.append(
                    f'constraints.locked: {names} lie in both "{owner[twice[0]]}" and "{lock.name}"; '
                    "take them out of one"
                )
            owner.update(dict.fromkeys(councils.tolist(), lock.name))
            if len(councils):
                yield OneArea(lock.name, councils, exempt=lock.exempt)

    def parts(self, value: Any, ground: Ground) -> Iterator[Part]:  # noqa: ARG002
        for at, lock in enumerate(value):
            yield Part(f'the locked area "{lock.name}"', self.field, at)

    def plan_faults(self, value: Any, ground: Ground, areas: Sequence[Area]) -> Iterator[Fault]:
        drawn = [frozenset(area.councils) for area in areas]
        for each in self.resolve(value, ground):
            if frozenset(each.councils.tolist()) not in drawn:
                yield Fault("locked", "", f'no area is exactly the locked area "{each.label}"')


RULE = _LockedAreas()
