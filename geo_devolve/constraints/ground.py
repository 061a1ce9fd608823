"""A geography as the rules look at it: who is meant by a reference, and which bodies a council lies in.

A council lies in a body when more than half of its people do; rules that speak of bodies speak of the
councils that lie in them.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from geo_devolve.constraints.forms import Ints
from geo_devolve.errors import DataError, ScenarioError, UsageError, first_few
from geo_devolve.geography.model import Geography
from geo_devolve.words import or_known

Signature = tuple[int, ...]


def signatures(geography: Geography, layer: str) -> list[Signature]:
    """Return, for each council, the numbers of the bodies that hold more than half of its people.

    Parameters
    ----------
    geography
        The study area.
    layer
        Name of one of its layers.
    """
    people = sparse.csr_array(geography.people(layer))
    people.sum_duplicates()
    people.sort_indices()
    half = geography.councils["population"].to_numpy(dtype=np.float64) / 2
    rows = np.repeat(np.arange(people.shape[0]), np.diff(people.indptr))
    most = people.data > half[rows]
    found: list[list[int]] = [[] for _ in range(people.shape[0])]
    for council, body in zip(rows[most].tolist(), people.indices[most].tolist(), strict=True):
        found[council].append(body)
    return [tuple(bodies) for bodies in found]


class Ground:
    """Looks up councils and bodies, and remembers what it found; what leads nowhere is added to `faults`.

    Parameters
    ----------
    geography
        The study area.
    """

    def __init__(self, geography: Geography) -> None:
        self.geography = geography
        self.codes = list(geography.councils.index)
        self.number: dict[Hashable, int] = {code: at for at, code in enumerate(self.codes)}
        self.names = [str(name) for name in geography.councils["name"]]
        self.faults: list[str] = []
        self.notes: list[str] = []
        self._signatures: dict[str, list[Signature]] = {}
        self._found: dict[Hashable, Ints] = {}

    @cached_property
    def places(self) -> np.ndarray:
        """Councils × (x, y) of the population centres (m); NaN where it is not known."""
        return self.geography.councils[["x", "y"]].to_numpy(dtype=np.float64)

    @cached_property
    def lived_in(self) -> list[bool]:
        """Whether each council has any people."""
        return (self.geography.councils["population"].to_numpy(dtype=np.float64) > 0).tolist()

    def signatures(self, layer: str) -> list[Signature]:
        """Return the bodies of a layer that each council lies in."""
        if layer not in self._signatures:
            self._signatures[layer] = signatures(self.geography, layer)
        return self._signatures[layer]

    def bodies(self, layer: str) -> dict[int, Ints]:
        """Return the councils of each body of a layer that has any, by the body's number."""
        found: dict[int, list[int]] = {}
        for council, held in enumerate(self.signatures(layer)):
            for body in held:
                found.setdefault(body, []).append(council)
        return {body: np.array(found[body], dtype=np.int64) for body in sorted(found)}

    def body_name(self, layer: str, number: int) -> str:
        """Return the name of a body."""
        return str(self.geography.layers[layer].bodies["name"].iloc[number])

    def knows(self, layer: str, field: str) -> bool:
        """Tell whether there is such a layer; if not, that is a fault of the rule's field."""
        if layer in self.geography.layers:
            return True
        known = ", ".join(self.geography.layers) or "none"
        self.faults.append(f'constraints.{field}: there is no layer "{layer}" (there are: {known})')
        return False

    def find(self, reference: Hashable, field: str) -> Ints:
        """Return the councils that a code, a name or ``layer:body`` means; none, and a fault, if nothing."""
        if reference not in self._found:
            found = self._attempt(lambda: self.geography.find_councils(reference), field)
            self._found[reference] = np.array(sorted(self.number[code] for code in found), dtype=np.int64)
        return self._found[reference]

    def union(self, references: Iterable[Hashable], field: str) -> Ints:
        """Return the councils that any of several references means."""
        found = [self.find(reference, field) for reference in references]
        return np.unique(np.concatenate([*found, np.zeros(0, dtype=np.int64)]))

    def find_bodies(self, reference: str, field: str) -> list[int]:
        """Return the numbers of the bodies that ``layer:body``, ``layer:*`` or ``layer`` means."""
        layer, _, body = reference.partition(":")
        if not self.knows(layer, field):
            return []
        codes = list(self.geography.layers[layer].bodies.index)
        if body in {"", "*"}:
            return list(range(len(codes)))
        return [
            codes.index(code)
            for code in self._attempt(lambda: [self.geography.find_body(layer, body)], field)
        ]

    def _attempt(self, look_up: Callable[[], Sequence[Any]], field: str) -> Sequence[Any]:
        try:
            return look_up()
        except (DataError, UsageError) as error:
            self.faults.append(f"constraints.{field}: {error}")
            return ()

    def call(self, council: int) -> str:
        """Call a council by its name and code."""
        name, code = self.names[council], str(self.codes[council])
        return name if name == code else f"{name} ({code})"

    def called(self, references: Iterable[Hashable]) -> str:
        """Call what references mean by their names, the first five of them."""
        return first_few((self._called(reference) for reference in references), most=5)

    def _called(self, reference: Hashable) -> str:
        if reference in self.number:
            return self.names[self.number[reference]]
        return self.body_called(str(reference))

    def body_called(self, reference: str) -> str:
        """Call what ``layer:body``, ``layer:*`` or ``layer`` means, such as "London (region)"."""
        layer, _, body = reference.partition(":")
        if layer not in self.geography.layers:
            return reference
        if body in {"", "*"}:
            return f"each body of {layer}"
        try:
            code = self.geography.find_body(layer, body)
        except (DataError, UsageError):
            return reference
        number = list(self.geography.layers[layer].bodies.index).index(code)
        return f"{self.body_name(layer, number)} ({layer})"


def look_up_council(geography: Geography, reference: Hashable) -> None:
    """Raise where a reference means no council and no body."""
    geography.find_councils(reference)


def look_up_body(geography: Geography, reference: Hashable) -> None:
    """Raise where a reference as ``layer:body``, ``layer:*`` or ``layer`` means no body."""
    layer, _, body = str(reference).partition(":")
    look_up_layer(geography, layer)
    if body not in {"", "*"}:
        geography.find_body(layer, body)


def look_up_layer(geography: Geography, layer: Hashable) -> None:
    """Raise where there is no such layer."""
    if layer not in geography.layers:
        raise ScenarioError(f'unknown layer "{layer}"{or_known(layer, geography.layers)}')
