"""A study area: a geography cut to some of its councils, with what leaves it told.

Bodies that reach beyond keep the people they have outside, since the rules of `measures.mismatch` ask how
large a body is; a layer's term stays the mean over the residents that are inside. Needs were filled from the
whole geography's published values, and are standardised anew over the councils that stay.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from geo_devolve.errors import DataError, ScenarioError, UsageError, first_few, raise_all
from geo_devolve.geography.layers import Layer
from geo_devolve.geography.needs import Needs, make_needs
from geo_devolve.geography.neighbours import build_graph
from geo_devolve.geography.quantities import Flows

_REACHES = 1e-9
"""The share of a body's people outside from which it reaches beyond: sums of shares are not exact."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Part:
    """What is left of a geography; the members are those of `Geography`."""

    title: str
    councils: gpd.GeoDataFrame
    points: pd.DataFrame
    layers: dict[str, Layer]
    needs: Needs
    borders: pd.DataFrame
    crossings: pd.DataFrame
    pieces: gpd.GeoDataFrame | None
    successors: pd.DataFrame
    other_names: pd.DataFrame
    quantities: pd.DataFrame
    flows: dict[str, Flows]
    notices: tuple[str, ...]


class Whole(Protocol):
    """What is cut: a `Geography`, which stands below this module."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def title(self) -> str: ...  # noqa: D102
    @property
    def councils(self) -> gpd.GeoDataFrame: ...  # noqa: D102
    @property
    def points(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def layers(self) -> Mapping[str, Layer]: ...  # noqa: D102
    @property
    def needs(self) -> Needs: ...  # noqa: D102
    @property
    def borders(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def crossings(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def pieces(self) -> gpd.GeoDataFrame | None: ...  # noqa: D102
    @property
    def successors(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def other_names(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def quantities(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def flows(self) -> Mapping[str, Flows]: ...  # noqa: D102
    @property
    def notices(self) -> tuple[str, ...]: ...  # noqa: D102
    def find_councils(self, ref: object) -> list[Any]: ...  # noqa: D102
    def find_body(self, layer: str, ref: object) -> str: ...  # noqa: D102


def cut(geography: Whole, references: Sequence[object]) -> Part | None:
    """Cut a geography to a study area.

    Parameters
    ----------
    geography
        The whole; it is not changed.
    references
        Councils by code or name, or bodies as ``layer:body``, which stand for the councils with more than
        half of their people in them.

    Returns
    -------
    Part or None
        None where nothing is to be left out.

    Raises
    ------
    UsageError
        Where nothing is named.
    ScenarioError
        Naming every reference that leads nowhere.
    """
    wanted = find(geography, references)
    keep = _among(geography.councils.index, wanted)
    if keep.all():
        return None
    councils = gpd.GeoDataFrame(geography.councils[keep])
    inside = _among(geography.points["council"], wanted)
    borders, crossings = (_within(table, wanted) for table in (geography.borders, geography.crossings))
    people = geography.points["population"].to_numpy(np.float64)
    pieces = geography.pieces
    if pieces is not None:
        pieces = gpd.GeoDataFrame(_rows(pieces, "council", wanted), crs=pieces.crs)
    part = Part(
        title=f"{geography.title}: {first_few(_called(geography, each) for each in references)}",
        councils=councils,
        points=geography.points[inside].reset_index(drop=True),
        layers={name: _cut_layer(layer, inside, people) for name, layer in geography.layers.items()},
        needs=_cut_needs(geography.needs, councils, borders, crossings),
        borders=borders,
        crossings=crossings,
        pieces=pieces,
        successors=_rows(geography.successors, "new", wanted),
        other_names=_rows(geography.other_names, "code", wanted),
        quantities=geography.quantities[keep],
        flows={name: _cut_flows(flows, keep) for name, flows in geography.flows.items()},
        notices=geography.notices,
    )
    return replace(part, notices=(*geography.notices, *_told(geography, part)))


def find(geography: Whole, references: Sequence[object]) -> set[Any]:
    """Return the codes of the councils that the references stand for.

    Parameters
    ----------
    geography
        Whose councils they are.
    references
        As for `cut`.
    """
    if not references:
        raise UsageError('a study area names at least one council or body, such as "upper_tier:Essex"')
    found: set[Any] = set()
    faults = []
    for each in references:
        try:
            found.update(geography.find_councils(each))
        except (ScenarioError, DataError) as error:
            faults.append(str(error))
    raise_all(ScenarioError, faults, f"study area of {geography.name}")
    return found


def _called(geography: Whole, reference: object) -> str:
    """Call a reference by the name of what it stands for."""
    text = str(reference)
    layer, _, body = text.partition(":")
    if reference not in geography.councils.index and layer.strip() in geography.layers:
        code = geography.find_body(layer.strip(), body.strip())
        return str(geography.layers[layer.strip()].bodies.loc[code, "name"])
    (code,) = geography.find_councils(reference)
    return str(geography.councils["name"].iloc[list(geography.councils.index).index(code)])


def _among(codes: Any, wanted: set[Any]) -> Flags:
    return np.array([code in wanted for code in codes], dtype=bool)


def _rows(table: pd.DataFrame, column: str, wanted: set[Any]) -> pd.DataFrame:
    return table[_among(table[column], wanted)].reset_index(drop=True)


def _within(table: pd.DataFrame, wanted: set[Any]) -> pd.DataFrame:
    """Return the pairs of which both lie inside."""
    both = _among(table["council"], wanted) & _among(table["neighbour"], wanted)
    return table[both].reset_index(drop=True)


def _cut_layer(layer: Layer, points_in: Flags, weights: NDArray[np.float64]) -> Layer:
    """Keep the bodies with people inside, and remember how many they have outside."""
    inside = np.asarray(layer.membership.T @ (weights * points_in)).ravel()
    before = np.zeros(len(layer.bodies)) if layer.outside is None else layer.outside
    outside = np.asarray(layer.membership.T @ (weights * ~points_in)).ravel() + before
    outside[outside <= _REACHES * (inside + outside)] = 0.0
    stays = np.flatnonzero(inside > 0)
    membership = sparse.csr_array(layer.membership[np.flatnonzero(points_in)][:, stays])
    membership.sort_indices()
    bodies = layer.bodies.iloc[stays].copy()
    bodies["population"] = inside[stays] + outside[stays]
    return replace(layer, bodies=bodies, membership=membership, outside=outside[stays])


def _cut_flows(flows: Flows, keep: Flags) -> Flows:
    """Keep the trips of which both ends lie inside: terms and reports are shares of those."""
    trips = sparse.csr_array(flows.trips[np.flatnonzero(keep)][:, np.flatnonzero(keep)])
    trips.sort_indices()
    return replace(flows, trips=trips)


def _cut_needs(needs: Needs, councils: gpd.GeoDataFrame, borders: Any, crossings: Any) -> Needs:
    """Keep the councils' values, filled ones too, and standardise them over the study area."""
    filled = needs.filled[needs.filled["council"].isin(councils.index)].reset_index(drop=True)
    if needs.indicators.empty:
        values, scores = (table.reindex(councils.index) for table in (needs.values, needs.scores))
        return replace(needs, values=values, scores=scores, filled=filled)
    people = councils["population"].to_numpy(np.float64)
    joined = pd.concat([borders, crossings])[["council", "neighbour"]]
    made = make_needs(needs.values.loc[councils.index], needs.indicators, people, joined)
    return replace(made, filled=filled)


def _told(whole: Whole, part: Part) -> list[str]:
    """Say what leaves the study area, and what reaches beyond it."""
    names = whole.councils["name"]
    people, everyone = (float(each.councils["population"].sum()) for each in (part, whole))
    gone = len(whole.councils) - len(part.councils)
    borders, crossings = (
        len(getattr(whole, each)) - len(getattr(part, each)) for each in ("borders", "crossings")
    )
    inside = f"{len(part.councils)} of {len(whole.councils)} councils, {people:,.0f} people"
    left = f"{gone} councils, {everyone - people:,.0f} people, {borders} borders"
    told = [f"study area: {inside}; needs are compared within it"]
    told.append(f"study area: left out are {left} and {crossings} crossings")
    for key, layer in part.layers.items():
        outside = np.zeros(len(layer.bodies)) if layer.outside is None else layer.outside
        beyond = np.flatnonzero(outside > 0)
        if len(beyond):
            reach = first_few(
                f"{name} ({out:,.0f} of {everyone:,.0f})"
                for name, everyone, out in zip(
                    layer.bodies["name"].iloc[beyond],
                    layer.bodies["population"].iloc[beyond],
                    outside[beyond],
                    strict=True,
                )
            )
            told.append(
                f"layer {key}: bodies with people outside the study area, who still count in them: {reach}"
            )
        if not len(layer.bodies) and len(whole.layers[key].bodies):
            told.append(f"layer {key}: no body of it has people in the study area")
    graph = build_graph(part.councils, part.borders, part.crossings, {"bridge", "tunnel", "ferry"}, 0.0)
    parts = sorted(map(_sorted, nx.connected_components(graph)), key=lambda one: -len(one))
    if len(parts) > 1:
        cut_off = first_few(names[code] for one in parts[1:] for code in one)
        told.append(
            f"study area: it falls into {len(parts)} parts that do not hang together: {cut_off} lie apart"
        )
    return told


def _sorted(codes: Any) -> list[Any]:
    """Sort codes, as text where they do not compare."""
    try:
        return sorted(codes)
    except TypeError:
        return sorted(codes, key=str)
