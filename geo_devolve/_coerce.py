"""Turning what a user wrote into what the program keeps, while gathering every fault on the way.

Each function takes the value, the name of its place (such as ``layers.stp.weight``) and the list of faults to
add to. A value that cannot be kept adds a sentence to the list; what is returned then is only a stand-in.
"""

import math
import operator
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from numbers import Real
from typing import TypeVar

from geo_devolve.words import or_known

Value = TypeVar("Value")

LARGEST = 2**63 - 1
"""No whole number that anything is counted by is larger."""


class FrozenMapping(Mapping[str, Value]):
    """A mapping that cannot change, keeps its order, can be hashed and can be sent to another process."""

    def __init__(self, items: Mapping[str, Value] | Iterable[tuple[str, Value]] = ()) -> None:
        self._items = dict(items)

    def __getitem__(self, key: str) -> Value:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return repr(self._items)


def unknown_keys(given: Iterable[object], known: Collection[str], where: str, faults: list[str]) -> None:
    """Refuse keys that nobody reads, naming the nearest that somebody does."""
    for key in given:
        if key not in known:
            place = f"{where}.{key}" if where else str(key)
            faults.append(f'unknown key "{place}"{or_known(key, known)}')


def text(value: object, where: str, faults: list[str]) -> str:
    """Keep a text that is not empty."""
    if isinstance(value, str) and value.strip():
        return value
    faults.append(f"{where} must be a text that is not empty, not {value!r}")
    return ""


def choice(value: object, known: Sequence[str], where: str, faults: list[str]) -> str:
    """Keep one of a few words."""
    if isinstance(value, str) and value in known:
        return value
    faults.append(f"unknown {where} {value!r}{or_known(value, known)}")
    return known[0]


def whole_number(value: object, where: str, faults: list[str], least: int = 0, most: float = LARGEST) -> int:
    """Keep a whole number, numpy's too, that is at least `least` and at most `most`."""
    try:
        if isinstance(value, bool):
            raise TypeError
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        faults.append(f"{where} must be a whole number, not {value!r}")
        return least
    if number < least:
        faults.append(f"{where} must be at least {least}, not {number}")
        return least
    if number > most:
        faults.append(f"{where} must be at most {most:,}, but has {len(str(number))} digits")
        return least
    return number


def number(
    value: object, where: str, faults: list[str], *, above: float | None = None, endless: bool = False
) -> float:
    """Keep a number: at least 0, or more than `above`; infinite only where `endless`."""
    if isinstance(value, bool) or not isinstance(value, Real):
        faults.append(f"{where} must be a number, not {value!r}")
        return 1.0
    try:
        kept = float(value)
    except OverflowError:
        kept = math.inf
        endless = False
    if math.isnan(kept) or (math.isinf(kept) and not endless):
        faults.append(f"{where} must be a finite number, not {kept}")
        return 1.0
    if above is None and kept < 0:
        faults.append(f"{where} must not be negative, but is {kept:g}")
    if above is not None and kept <= above:
        faults.append(f"{where} must be more than {above:g}, but is {kept:g}")
    return kept


def flag(value: object, where: str, faults: list[str]) -> bool:
    """Keep true or false."""
    if isinstance(value, bool):
        return value
    faults.append(f"{where} must be true or false, not {value!r}")
    return False


def sequence(value: object, where: str, faults: list[str]) -> tuple[object, ...]:
    """Keep a list of anything; a lone text is not a list of its letters."""
    if isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping):
        return tuple(value)
    faults.append(f"{where} must be a list, not {value!r}")
    return ()


def names(value: object, where: str, faults: list[str]) -> tuple[str, ...]:
    """Keep a list of names, none twice."""
    kept = tuple(text(each, f"each of {where}", faults) for each in sequence(value, where, faults))
    faults.extend(f'{where} names "{name}" twice' for name in sorted({n for n in kept if kept.count(n) > 1}))
    return kept


def references(value: object, where: str, faults: list[str]) -> tuple[str, ...]:
    """Keep a list of councils or bodies, by code or name; a graph's own labels may be numbers."""
    kept = sequence(value, where, faults)
    faults.extend(
        f"each of {where} must be a council or body, by code or name, not {each!r}"
        for each in kept
        if not isinstance(each, Hashable) or isinstance(each, float | bool) or each in {"", None}
    )
    return kept  # type: ignore[return-value]


def mapping(value: object, where: str, faults: list[str]) -> Mapping[str, object]:
    """Keep a table of names and values."""
    if isinstance(value, Mapping):
        faults.extend(
            f"each key of {where} must be a text, not {key!r}" for key in value if not isinstance(key, str)
        )
        return {key: each for key, each in value.items() if isinstance(key, str)}
    faults.append(f"{where} must be a table, not {value!r}")
    return {}
