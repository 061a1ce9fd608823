"""The scenario's constraints: a field for each rule, coerced and checked by it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, make_dataclass
from dataclasses import replace as replace_fields
from typing import Any, Self

from geo_devolve import _coerce
from geo_devolve.constraints.registry import RULES
from geo_devolve.constraints.rule import Rule
from geo_devolve.errors import ScenarioError, raise_all

_Fields: Any = make_dataclass(
    "_Fields", [(rule.field, Any, field(default=rule.none)) for rule in RULES.values()], frozen=True
)


@dataclass(frozen=True)
class Constraints(_Fields):  # type: ignore[misc]
    """What an area may not be. Councils are named by code, by name, or by a body as ``layer:body``.

    A council lies in the bodies that hold more than half of its people, whatever smaller shares lie
    elsewhere; one without people lies in none.
    """

    def __post_init__(self) -> None:
        faults: list[str] = []
        kept = {name: rule.read(getattr(self, name), faults) for name, rule in RULES.items()}
        raise_all(ScenarioError, faults, "constraints")
        for key, value in kept.items():
            object.__setattr__(self, key, value)

    def __bool__(self) -> bool:
        """Whether anything is constrained at all."""
        return any(True for _ in self.given())

    def replace(self, **changes: Any) -> Self:
        """Return a copy in which whole fields are swapped, as `dataclasses.replace` does.

        Raises
        ------
        ScenarioError
            For an unknown field, naming the nearest, and for a value that makes no sense.
        """
        faults: list[str] = []
        _coerce.unknown_keys(changes, list(RULES), "constraints", faults)
        raise_all(ScenarioError, faults, "constraints")
        return replace_fields(self, **changes)

    def given(self) -> Iterator[tuple[Rule, Any]]:
        """Yield each rule that asks for something, and its value."""
        for name, rule in RULES.items():
            value = getattr(self, name)
            if value != rule.none:
                yield rule, value


Constraints.__doc__ = "\n".join(
    [
        f"{Constraints.__doc__}".rstrip(),
        "",
        "    Attributes",
        "    ----------",
        *(f"    {rule.field}\n        {rule.about}" for rule in RULES.values()),
        "    ",
    ]
)


def as_constraints(value: object, faults: list[str]) -> Constraints:
    """Make constraints of a table as TOML has it; what is wrong is added to `faults`."""
    if isinstance(value, Constraints):
        return value
    table = _coerce.mapping(value, "constraints", faults)
    known = [each.name for each in fields(Constraints)]
    _coerce.unknown_keys(table, known, "constraints", faults)
    more: list[str] = []
    kept = {name: rule.read(table[name], more) for name, rule in RULES.items() if name in table}
    faults += more
    return Constraints() if more else Constraints(**kept)


def spoken_of(constraints: Constraints) -> Iterable[str]:
    """Return everything that constraints name: councils, layers, and bodies as ``layer:body``."""
    return [str(each) for rule, value in constraints.given() for each in rule.references(value)]
