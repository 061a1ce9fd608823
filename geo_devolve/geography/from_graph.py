"""A graph of places as the parts of a geography, so that problems without shapes can be solved too."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd

from geo_devolve.errors import DataError, first_few, raise_all
from geo_devolve.geography.layers import Layer, make_layer, members_of
from geo_devolve.geography.needs import Needs, make_needs, no_needs
from geo_devolve.geography.tally import say_rounded, settle

CROSSING_KINDS = ("bridge", "tunnel", "ferry", "none")


@dataclass(frozen=True, eq=False)
class Parts:
    """What a graph says of a geography; the members are those of `Geography`."""

    councils: gpd.GeoDataFrame
    points: pd.DataFrame
    layers: dict[str, Layer]
    needs: Needs
    borders: pd.DataFrame
    crossings: pd.DataFrame
    quantities: pd.DataFrame
    notices: tuple[str, ...]


def read_graph(  # noqa: PLR0917
    graph: "nx.Graph[Any]",
    population: str,
    border: str,
    themes: Sequence[str] | Mapping[str, Sequence[str]] | None,
    layers: Sequence[str] | Mapping[str, str] | None,
    quantities: Sequence[str] | Mapping[str, str] | None = None,
) -> Parts:
    """Read a graph; the parameters are those of `Geography.from_graph`.

    Returns
    -------
    Parts
        Councils in sorted order, one point each.

    Raises
    ------
    DataError
        With everything that is wrong, at once.
    """
    nodes = _sorted(list(graph.nodes))
    if not nodes:
        raise DataError("the graph has no nodes")
    index = pd.Index(nodes, tupleize_cols=False, name="code")
    faults: list[str] = []
    people, tally, changed = settle(_numbers(graph, nodes, population, faults, least=0.0))
    if not faults and people.sum() <= 0:
        faults.append(f"the attribute {population!r} adds up to no people at all")
    located = all("x" in graph.nodes[node] and "y" in graph.nodes[node] for node in nodes)
    x = _numbers(graph, nodes, "x", faults) if located else np.full(len(nodes), np.nan)
    y = _numbers(graph, nodes, "y", faults) if located else np.full(len(nodes), np.nan)
    borders, crossings, notices = _edges(graph, nodes, border, faults)
    by_theme = _grouped(themes)
    attributes = [name for names in by_theme.values() for name in names]
    values = {name: _numbers(graph, nodes, name, faults, gaps=True) for name in attributes}
    wanted = dict(layers) if isinstance(layers, Mapping) else {name: name for name in layers or ()}
    pairs = {name: _bodies(graph, nodes, attribute, faults) for name, attribute in wanted.items()}
    sums = dict(quantities) if isinstance(quantities, Mapping) else {name: name for name in quantities or ()}
    added = {name: _numbers(graph, nodes, attribute, faults) for name, attribute in sums.items()}
    raise_all(DataError, faults, "the graph")
    if changed.any():
        named = first_few(node for node, moved in zip(nodes, changed.tolist(), strict=True) if moved)
        notices.append(f"{say_rounded('councils', tally, changed)}: {named}")

    councils = gpd.GeoDataFrame(
        {
            "name": [str(graph.nodes[node].get("name", node)) for node in nodes],
            "population": people,
            "x": x,
            "y": y,
        },
        index=index,
        geometry=gpd.GeoSeries([None] * len(nodes), index=index),
    )
    points = pd.DataFrame(
        {"council": pd.Series(list(nodes), dtype=index.dtype), "population": people, "x": x, "y": y}
    )
    found = {}
    for name, (rows, bodies, shares) in pairs.items():
        matrix, codes = members_of(rows, bodies, shares, len(nodes))
        found[name] = make_layer(name, name, membership=matrix, codes=codes, names=codes, population=people)
    needs = no_needs(index)
    if attributes:
        joined = pd.concat([borders, crossings[crossings["kind"] != "none"]])
        told = pd.DataFrame(
            {
                "theme": [theme for theme, names in by_theme.items() for _ in names],
                "higher_means": "more need",
            },
            index=pd.Index(attributes, name="indicator"),
        )
        needs = make_needs(pd.DataFrame(values, index=index), told, people, joined)
    table = pd.DataFrame(added, index=index)
    return Parts(councils, points, found, needs, borders, crossings, table, tuple(notices))


def _sorted(nodes: list[Any]) -> list[Any]:
    try:
        return sorted(nodes)
    except TypeError:
        return sorted(nodes, key=lambda node: (str(node), type(node).__name__))


def _grouped(themes: Sequence[str] | Mapping[str, Sequence[str]] | None) -> dict[str, list[str]]:
    if themes is None:
        return {}
    if isinstance(themes, Mapping):
        return {theme: [names] if isinstance(names, str) else list(names) for theme, names in themes.items()}
    return {name: [name] for name in themes}


def _numbers(
    graph: "nx.Graph[Any]",
    nodes: list[Any],
    attribute: str,
    faults: list[str],
    *,
    least: float = -np.inf,
    gaps: bool = False,
) -> np.ndarray[Any, np.dtype[np.float64]]:
    missing, wrong, values = [], [], np.full(len(nodes), np.nan)
    for number, node in enumerate(nodes):
        value = graph.nodes[node].get(attribute)
        if value is None:
            missing.append(node)
            continue
        try:
            values[number] = float(value)
        except (TypeError, ValueError):
            wrong.append(node)
            continue
        if np.isnan(values[number]):
            missing.append(node)
        elif not np.isfinite(values[number]) or values[number] < least:
            wrong.append(node)
    if missing and (not gaps or len(missing) == len(nodes)):
        faults.append(
            f"nodes without the attribute {attribute!r}: {first_few(missing)}; set it, or name another"
        )
    if wrong:
        what = "a number" if least == -np.inf else f"a number of at least {least:g}"
        faults.append(f"nodes whose {attribute!r} is not {what}: {first_few(wrong)}")
    return values


def _edges(
    graph: "nx.Graph[Any]", nodes: list[Any], border: str, faults: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    place: dict[Hashable, int] = {node: number for number, node in enumerate(nodes)}
    ways: dict[tuple[int, int], dict[bool, float]] = {}
    kinds: dict[tuple[int, int], set[str]] = {}
    notices: list[str] = []
    unmeasured, wrong, strange, loops = [], [], [], 0
    unweighted = not any(border in data for _, _, data in graph.edges(data=True))
    for one, other, data in graph.edges(data=True):
        if one == other:
            loops += 1
            continue
        pair = (min(place[one], place[other]), max(place[one], place[other]))
        kind = data.get("kind", "land")
        value = 1.0 if unweighted and kind == "land" else data.get(border, None if kind == "land" else 0.0)
        if value is None:
            unmeasured.append(f"{one}-{other}")
            continue
        try:
            length = float(value)
        except (TypeError, ValueError):
            length = np.nan
        if not np.isfinite(length) or length < 0:
            wrong.append(f"{one}-{other}")
        elif kind == "land" or length > 0:
            # a directed graph may give a border from both sides
            way, back = ways.setdefault(pair, {}), graph.is_directed() and place[one] > place[other]
            way[back] = way.get(back, 0.0) + length
        elif kind in CROSSING_KINDS:
            kinds.setdefault(pair, set()).add(kind)
        else:
            strange.append(f"{one}-{other} ({kind})")
    if unmeasured:
        faults.append(
            f"edges without the attribute {border!r}: {first_few(unmeasured)}; set it on all or on none"
        )
    if wrong:
        faults.append(f"edges whose {border!r} is not a length of at least 0: {first_few(wrong)}")
    if strange:
        faults.append(
            f"edges of an unknown kind: {first_few(strange)}; known are {', '.join(CROSSING_KINDS)}"
        )
    differing = [
        f"{nodes[a]}-{nodes[b]} ({way[False]:g} m and {way[True]:g} m)"
        for (a, b), way in sorted(ways.items())
        if len(way) > 1 and not np.isclose(way[False], way[True], rtol=1e-9, atol=0.0)
    ]
    if differing:
        faults.append(
            f"borders whose {border!r} is not the same in both directions: {first_few(differing)}; "
            "give each border once, or alike"
        )
    lengths = {pair: next(iter(way.values())) for pair, way in ways.items()}
    if unweighted and lengths:
        notices.append(f"no edge has the attribute {border!r}: every border counts as 1 m long")
    if loops:
        notices.append(f"{loops} edges from a node to itself are left out")
    touching = [pair for pair, length in lengths.items() if length == 0]
    if touching:
        named = first_few(f"{nodes[a]}-{nodes[b]}" for a, b in sorted(touching))
        notices.append(f"edges of length 0 are no land border and are left out: {named}")
    land = sorted((pair, length) for pair, length in lengths.items() if length > 0)
    codes = pd.Series([*nodes, None], dtype=object)[: len(nodes)]
    borders = pd.DataFrame(
        {
            "council": codes.iloc[[a for (a, _), _ in land]].to_numpy(),
            "neighbour": codes.iloc[[b for (_, b), _ in land]].to_numpy(),
            "length_m": np.array([length for _, length in land], dtype=np.float64),
        }
    )
    over = [(pair, kind) for pair, found in sorted(kinds.items()) for kind in _joining(found)]
    crossings = pd.DataFrame(
        {
            "council": codes.iloc[[a for (a, _), _ in over]].to_numpy(),
            "neighbour": codes.iloc[[b for (_, b), _ in over]].to_numpy(),
            "kind": pd.Series([kind for _, kind in over], dtype=object),
            "gap_m": np.full(len(over), np.nan),
        }
    )
    return borders, crossings, notices


def _joining(kinds: AbstractSet[str]) -> list[str]:
    """Return the kinds of crossing between two places, the most solid first; "none" only by itself."""
    return [kind for kind in CROSSING_KINDS if kind in kinds and (kind != "none" or len(kinds) == 1)]


def _bodies(
    graph: "nx.Graph[Any]", nodes: list[Any], attribute: str, faults: list[str]
) -> tuple[np.ndarray[Any, np.dtype[np.int64]], list[str], np.ndarray[Any, np.dtype[np.float64]]]:
    rows: list[int] = []
    bodies: list[str] = []
    shares: list[float] = []
    wrong, seen = [], False
    for number, node in enumerate(nodes):
        seen = seen or attribute in graph.nodes[node]
        for body, share in _shares(graph.nodes[node].get(attribute)).items():
            if not 0.0 <= share <= 1.0:
                wrong.append(node)
            elif share > 0:
                rows.append(number)
                bodies.append(str(body))
                shares.append(share)
    if not seen:
        faults.append(f"no node has the attribute {attribute!r} that a layer is to come from")
    if wrong:
        faults.append(
            f"nodes whose {attribute!r} gives a share that is not between 0 and 1: {first_few(wrong)}"
        )
    return np.array(rows, dtype=np.int64), bodies, np.array(shares, dtype=np.float64)


def _shares(value: object) -> dict[object, float]:
    """Read what a node says of its body or bodies."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return {}
    if isinstance(value, Mapping):
        answer: dict[object, float] = {}
        for body, share in value.items():
            try:
                answer[body] = float(share)
            except (TypeError, ValueError):
                answer[body] = np.nan
        return answer
    if isinstance(value, Collection) and not isinstance(value, str | bytes):
        return {body: 1.0 for body in value if body is not None}
    return {value: 1.0}
