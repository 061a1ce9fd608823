"""Which councils belong to which area, as arrays: the form that every figure about a plan starts from."""

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from geo_devolve.geography.model import Geography

Floats = NDArray[np.float64]
Labels = tuple[Hashable, ...]


def in_order(labels: Iterable[Hashable]) -> list[Any]:
    """Sort labels as a reader would: A2 before A10; by what they print as where they cannot be compared."""
    labels = list(labels)
    try:
        if any(isinstance(label, str) for label in labels):
            return sorted(labels, key=_natural)
        return sorted(labels)
    except TypeError:
        return sorted(labels, key=_natural)


def _natural(label: object) -> tuple[list[tuple[int, int, str]], str]:
    parts = re.findall(r"[0-9]+|[^0-9]+", str(label))
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts], str(label)


def pairs_of(assignment: pd.Series | Mapping[Any, Any]) -> list[tuple[Any, Any]]:
    """Return (council, area) of each council that has an area: a blank, None or NaN is none."""
    items = (
        zip(assignment.index, assignment, strict=True)
        if isinstance(assignment, pd.Series)
        else assignment.items()
    )
    return [(council, area) for council, area in items if not _is_blank(area)]


def _is_blank(area: object) -> bool:
    return area is None or area is pd.NA or area == "" or (isinstance(area, float) and np.isnan(area))


@dataclass(frozen=True, eq=False)
class Groups:
    """The councils of a geography by area.

    Parameters
    ----------
    geography
        What the councils belong to.
    labels
        The areas, in order.
    number
        For each council, in the geography's order, its area's place in `labels`, or -1 where it has none.
    """

    geography: Geography
    labels: Labels
    number: NDArray[np.int64]

    @classmethod
    def of(cls, geography: Geography, assignment: pd.Series | Mapping[Any, Any]) -> "Groups":
        """Read an assignment of council codes; a code that the geography does not know is passed over."""
        pairs = pairs_of(assignment)
        labels = in_order(dict.fromkeys(area for _, area in pairs))
        place = {area: number for number, area in enumerate(labels)}
        where = positions(geography)
        number = np.full(len(geography.councils), -1, dtype=np.int64)
        for council, area in pairs:
            if council in where:
                number[where[council]] = place[area]
        return cls(geography, tuple(labels), number)

    @cached_property
    def members(self) -> csr_array:
        """Areas × councils, 1 where the council belongs to the area."""
        inside = np.flatnonzero(self.number >= 0)
        return csr_array(
            (np.ones(len(inside)), (self.number[inside], inside)), shape=(len(self.labels), len(self.number))
        )

    @cached_property
    def population(self) -> Floats:
        """People in each area (persons)."""
        return self.geography.tally.persons(self.counted)

    @cached_property
    def counted(self) -> Floats:
        """People in each area, as exact whole numbers of the unit that the geography's are counted in."""
        tally = self.geography.tally
        return self.members @ tally.count(self.geography.councils["population"])

    @cached_property
    def codes(self) -> list[tuple[Any, ...]]:
        """Council codes of each area, in order."""
        codes = list(self.geography.councils.index)
        listed: list[list[Any]] = [[] for _ in self.labels]
        for council, number in enumerate(self.number):
            if number >= 0:
                listed[number].append(codes[council])
        return [tuple(area) for area in listed]

    @cached_property
    def completed(self) -> "Groups":
        """The same, each council without an area taken as one of its own, after the others."""
        out = np.flatnonzero(self.number < 0)
        if not len(out):
            return self
        number = self.number.copy()
        number[out] = len(self.labels) + np.arange(len(out))
        return Groups(self.geography, (*self.labels, *(("left out", code) for code in self.left_out)), number)

    @property
    def left_out(self) -> list[Any]:
        """Codes of the councils without an area, in order."""
        codes = list(self.geography.councils.index)
        return [codes[council] for council in np.flatnonzero(self.number < 0)]

    def people(self, layer: str) -> Floats:
        """Residents of each area in each body of `layer` (persons), areas × bodies."""
        return (self.members @ self.geography.people(layer)).toarray()

    def halved_people(self, layer: str) -> Floats:
        """Return the same, someone in two bodies counted half in each."""
        return (self.members @ self.geography.halved_people(layer)).toarray()

    def centres(self) -> Floats:
        """Return the areas' population centres (m), areas × (x, y); NaN where no council has one."""
        councils = self.geography.councils  # one column at a time: a GeoDataFrame takes its time over several
        where = np.column_stack([councils["x"].to_numpy(float), councils["y"].to_numpy(float)])
        people = councils["population"].to_numpy(float)
        known = np.isfinite(where).all(axis=1)
        weight = np.where(known, people, 0.0)
        total = self.members @ weight
        sums = self.members @ (np.where(known[:, None], where, 0.0) * weight[:, None])
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(total[:, None] > 0, sums / total[:, None], np.nan)


def positions(geography: Geography) -> dict[Any, int]:
    """Return each council's place in the geography's order.

    A dictionary, since codes may be tuples, which pandas takes for several levels.
    """
    return {code: place for place, code in enumerate(geography.councils.index)}


def number_areas(geography: Geography, groups: Sequence[Iterable[Any]]) -> pd.Series:
    """Give areas the codes A01, A02 … from north to south.

    By population centre; where centres are unknown or equal, by the first council's place. The same groups in
    any order get the same codes.

    Parameters
    ----------
    geography
        What the councils belong to.
    groups
        The councils of each area, by code.

    Returns
    -------
    Series
        Index ``code`` (all councils), name ``area``.
    """
    where = positions(geography)
    drawn = sorted(sorted(where[code] for code in group) for group in groups)
    number = np.full(len(where), -1, dtype=np.int64)
    for area, councils in enumerate(drawn):
        number[councils] = area
    centres = Groups(geography, tuple(range(len(drawn))), number).centres()
    order = sorted(
        range(len(drawn)),
        key=lambda area: (-_known(centres[area, 1]), _known(centres[area, 0]), drawn[area][0]),
    )
    digits = max(2, len(str(len(drawn))))
    codes = np.empty(len(drawn), dtype=object)
    for rank, area in enumerate(order, start=1):
        codes[area] = f"A{rank:0{digits}d}"
    return pd.Series([codes[area] for area in number], index=geography.councils.index, name="area")


def _known(metres: float) -> float:
    # Whole metres: a sum taken in another order must not renumber the areas.
    return float(np.round(metres)) if np.isfinite(metres) else 0.0


def main_bodies(geography: Geography, layer: str) -> csr_array:
    """Return councils × bodies of `layer`, true where more than half of the council live there."""
    people = csr_array(geography.people(layer), copy=True)  # the geography keeps its own
    half = geography.councils["population"].to_numpy(float) / 2
    rows = np.repeat(np.arange(people.shape[0]), np.diff(people.indptr))
    main = csr_array((people.data > half[rows], people.indices, people.indptr), shape=people.shape)
    main.eliminate_zeros()
    main.sort_indices()
    return main


def pieces_of(graph: nx.Graph, councils: Iterable[Any]) -> list[list[Any]]:
    """Split councils into connected pieces, the largest first, each sorted."""
    parts = [in_order(part) for part in nx.connected_components(graph.subgraph(councils))]
    return sorted(parts, key=lambda part: (-len(part), [str(code) for code in part]))
