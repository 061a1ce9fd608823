"""What a rule is: everything that the program wants to know of a constraint, in one place.

A rule is one module of `rules`, which holds an instance of `Rule` as `RULE` and is found there by its file.
`Rule` asks for little; `Number`, `Several` and `Limits` are those whose field is a number, a list of things
that hold each for itself, or a table of limits.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from geo_devolve import _coerce
from geo_devolve.constraints.forms import Form
from geo_devolve.constraints.ground import Ground, look_up_council
from geo_devolve.errors import DataError, UsageError
from geo_devolve.geography.model import Geography


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with an assignment.

    Attributes
    ----------
    kind
        "pieces", "bounds", "quantities", "councils", "missing", "unknown", "doubled", "count", or the
        kind that a rule gives to what breaks it.
    area
        The area's code, "" where it is the whole plan's fault.
    text
        The sentence for the user.
    """

    kind: str
    area: Any
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Part:
    """One thing that a scenario asks for.

    Attributes
    ----------
    label
        As a reader would call it, with the names of councils and bodies.
    kind
        "count", "lower", "upper", "least", "most" (of a quantity), "blocks", or the name of the
        field of the constraints.
    key
        Which of several of that kind: a position, or a key of the field.
    """

    label: str
    kind: str
    key: int | str | None = None


@dataclass(frozen=True)
class Area:
    """An area of an assignment, to be held against the rules.

    Attributes
    ----------
    code
        Its code.
    councils
        Numbers of its councils.
    exempt
        Whether it is a locked area that is free from bounds and from counts of councils.
    """

    code: Any
    councils: Sequence[int]
    exempt: bool = False


@dataclass(frozen=True)
class Milder:
    """Ever milder numbers for a limit, and how one of them is said."""

    steps: list[float]
    say: Callable[[float], str]


class Rule(ABC):
    """A kind of constraint. `value` is always what the scenario has in the rule's field."""

    field: ClassVar[str]
    """Its key in the scenario's table of constraints."""
    place: ClassVar[int]
    """Where its field stands among the others: the order of every list, file and digest."""
    about: ClassVar[str]
    """What it asks for, in a sentence for readers."""
    none: ClassVar[Any] = None
    """The value that asks for nothing. A new rule has None, which is left out of files."""
    forms: ClassVar[tuple[type, ...]]
    """The forms that `resolve` gives; reasons name the rule where one of these is the culprit."""

    @abstractmethod
    def read(self, value: object, faults: list[str]) -> Any:
        """Coerce and check a value as TOML has it; what is wrong is added to `faults`."""

    @abstractmethod
    def references(self, value: Any) -> Iterable[Hashable]:
        """Return the councils, bodies or layers that it names."""

    @abstractmethod
    def resolve(self, value: Any, ground: Ground) -> Iterator[Form]:
        """Yield what it means, in numbers of councils; references that lead nowhere are told the ground."""

    @abstractmethod
    def parts(self, value: Any, ground: Ground) -> Iterator[Part]:
        """Yield each thing that it asks for, so that one can be dropped without the others."""

    def without(self, value: Any, key: int | str | None) -> Any:  # noqa: ARG002
        """Return the value without one of its parts."""
        return self.none

    def with_number(self, value: Any, key: int | str | None, number: float) -> Any:
        """Return the value with another number in one of its parts; only of a rule that has milder steps."""
        raise NotImplementedError

    def milder(self, value: Any, key: int | str | None, ground: Ground, areas: int) -> Milder | None:  # noqa: ARG002
        """Return milder numbers for a part, at most `areas` areas being asked for; None if it can only go."""
        return None

    def area_faults(self, value: Any, ground: Ground, area: Area) -> Iterator[Fault]:  # noqa: ARG002
        """Yield what is wrong with one area."""
        return iter(())

    def plan_faults(self, value: Any, ground: Ground, areas: Sequence[Area]) -> Iterator[Fault]:  # noqa: ARG002
        """Yield what is wrong with several areas together."""
        return iter(())

    @property
    def where(self) -> str:
        """The place of its field, for messages."""
        return f"constraints.{self.field}"

    def look_up(self, geography: Geography, reference: Hashable) -> None:
        """Raise where one of its references leads nowhere: here, where it means no council."""
        look_up_council(geography, reference)

    def check(self, value: Any, geography: Geography) -> Iterator[str]:
        """Yield every reference that leads nowhere in a geography."""
        for reference in self.references(value):
            try:
                self.look_up(geography, reference)
            except (DataError, UsageError) as error:
                yield f"{self.where}: {error}"


class Number(Rule):
    """A rule whose field is one number, or None. It names no councils."""

    def references(self, value: Any) -> Iterable[Hashable]:  # noqa: ARG002
        """Return nothing."""
        return ()

    def with_number(self, value: Any, key: int | str | None, number: float) -> Any:  # noqa: ARG002
        """Return the other number."""
        return int(number)


class Several(Rule):
    """A rule whose field is a list of things, each a constraint for itself."""

    none = ()

    def without(self, value: Any, key: int | str | None) -> Any:
        """Return the list without one of its things."""
        return tuple(each for at, each in enumerate(value) if at != key)


class Limits(Rule):
    """A rule whose field is a table of limits, whole numbers of at least 1."""

    none = _coerce.FrozenMapping[int]()

    def read(self, value: object, faults: list[str]) -> Any:
        """Keep the table."""
        return _coerce.FrozenMapping(
            (name, _coerce.whole_number(limit, f"{self.where}.{name}", faults, least=1))
            for name, limit in _coerce.mapping(value, self.where, faults).items()
        )

    def references(self, value: Any) -> Iterable[Hashable]:
        """Return the keys of the table."""
        return list(value)

    def without(self, value: Any, key: int | str | None) -> Any:
        """Return the table without one of its limits."""
        return {name: limit for name, limit in value.items() if name != key}

    def with_number(self, value: Any, key: int | str | None, number: float) -> Any:
        """Return the table with another limit in the place of one."""
        return {**self.without(value, key), str(key): int(number)}
