"""What an area may not be: the scenario's constraints, coerced and checked one by one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from geo_devolve import _coerce
from geo_devolve.errors import ScenarioError, raise_all

_Faults = list[str]


@dataclass(frozen=True)
class Locked:
    """Councils, and bodies as ``layer:body``, that are one of the areas; exempt from bounds if it says so."""

    name: str
    councils: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    exempt: bool = False


@dataclass(frozen=True)
class Constraints:
    """What an area may not be. Councils are named by code, by name, or by a body as ``layer:body``.

    A council lies in the bodies that hold more than half of its people, whatever smaller shares lie
    elsewhere; one without people lies in none.

    Attributes
    ----------
    locked
        Areas that are given.
    together, apart
        Councils that share an area, and councils no two of which do.
    within
        Layers whose borders no area crosses: all its councils lie in the same bodies. A council without
        people may go with any.
    whole
        Bodies that stay in one area, ``layer:body``, or ``layer:*`` for all of a layer.
    max_councils
        Most councils in an area.
    max_extent_km
        Greatest distance between the population centres of two councils of an area.
    max_areas_in_body
        Most areas that hold councils of a body, those that lie in it: ``layer:body``, or ``layer`` for each
        of its bodies. People of the body in councils that lie elsewhere do not count.
    max_bodies_in_area
        Most bodies of a layer that the councils of one area lie in.
    """

    locked: tuple[Locked, ...] = ()
    together: tuple[tuple[str, ...], ...] = ()
    apart: tuple[tuple[str, ...], ...] = ()
    within: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    max_councils: int | None = None
    max_extent_km: float | None = None
    max_areas_in_body: Mapping[str, int] = field(default_factory=_coerce.FrozenMapping)
    max_bodies_in_area: Mapping[str, int] = field(default_factory=_coerce.FrozenMapping)

    def __post_init__(self) -> None:
        kept, faults = _constraint_fields(vars(self))
        raise_all(ScenarioError, faults, "constraints")
        for key, value in kept.items():
            object.__setattr__(self, key, value)

    def __bool__(self) -> bool:
        """Whether anything is constrained at all."""
        return any(getattr(self, each.name) not in ((), None, {}) for each in fields(self))


def as_constraints(value: object, faults: list[str]) -> Constraints:
    """Make constraints of a table as TOML has it; what is wrong is added to `faults`."""
    if isinstance(value, Constraints):
        return value
    table = _coerce.mapping(value, "constraints", faults)
    known = [each.name for each in fields(Constraints)]
    _coerce.unknown_keys(table, known, "constraints", faults)
    given = {key: table.get(key, unset) for key, unset in vars(Constraints()).items()}
    kept, more = _constraint_fields(given)
    faults += more
    return Constraints() if more else Constraints(**kept)


def _constraint_fields(given: Mapping[str, Any]) -> tuple[dict[str, Any], _Faults]:
    faults: _Faults = []
    kept: dict[str, Any] = {
        "locked": tuple(
            _locked(each, number, faults)
            for number, each in enumerate(_coerce.sequence(given["locked"], "constraints.locked", faults), 1)
        ),
        "within": _coerce.names(given["within"], "constraints.within", faults),
        "whole": _coerce.names(given["whole"], "constraints.whole", faults),
        "max_councils": given["max_councils"],
        "max_extent_km": given["max_extent_km"],
    }
    twice = [each.name for each in kept["locked"]]
    faults += [
        f'two locked areas are named "{name}"' for name in sorted({n for n in twice if twice.count(n) > 1})
    ]
    for key in ("together", "apart"):
        groups = _coerce.sequence(given[key], f"constraints.{key}", faults)
        kept[key] = tuple(_coerce.references(each, f"constraints.{key}'s lists", faults) for each in groups)
    faults += [
        f'constraints.whole: "{each}" must be written as "layer:body" or "layer:*"'
        for each in kept["whole"]
        if each and ":" not in each
    ]
    if given["max_councils"] is not None:
        place = "constraints.max_councils"
        kept["max_councils"] = _coerce.whole_number(given["max_councils"], place, faults, least=1)
    if given["max_extent_km"] is not None:
        kept["max_extent_km"] = _coerce.number(given["max_extent_km"], "constraints.max_extent_km", faults)
    for key in ("max_areas_in_body", "max_bodies_in_area"):
        place = f"constraints.{key}"
        kept[key] = _coerce.FrozenMapping(
            (name, _coerce.whole_number(value, f"{place}.{name}", faults, least=1))
            for name, value in _coerce.mapping(given[key], place, faults).items()
        )
    return kept, faults


def _locked(value: object, position: int, faults: _Faults) -> Locked:
    where = f"constraints.locked[{position}]"
    table = vars(value) if isinstance(value, Locked) else _coerce.mapping(value, where, faults)
    _coerce.unknown_keys(table, [each.name for each in fields(Locked)], where, faults)
    councils = _coerce.references(table.get("councils", ()), f"{where}.councils", faults)
    bodies = _coerce.names(table.get("bodies", ()), f"{where}.bodies", faults)
    if not councils and not bodies:
        faults.append(f"{where} names neither councils nor bodies")
    exempt = _coerce.flag(table.get("exempt", False), f"{where}.exempt", faults)
    return Locked(_coerce.text(table.get("name", ""), f"{where}.name", faults), councils, bodies, exempt)
