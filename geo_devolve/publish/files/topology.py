"""A coverage as shared lines: each border once, so that every outline drawn from it fits every other.

Shapes of a valid coverage share their vertices. Cut at the places where more than two lines meet, their rings
fall into arcs; an arc lies between two pieces, or between a piece and the sea. Councils, areas and bodies are
unions of pieces, so their outlines are arcs too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

STEPS = 2**17 - 1  # of the grid along the longer side: 5 m for England
MOST_POINTS = 60_000

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Topology:
    """Arcs, and the pieces made of them.

    Attributes
    ----------
    origin
        Ground position (m) of the grid's (0, 0), its lower left.
    step
        Length of a step of the grid (m).
    size
        Steps across and up.
    arcs
        Points of each arc on the grid, n × 2, no two alike in either direction.
    pieces
        For each piece its rings, each a list of arcs: a number ``i`` along the arc, ``~i`` (that is, -1 - i)
        against it. The piece lies to the left of its rings.
    """

    origin: tuple[float, float]
    step: float
    size: tuple[int, int]
    arcs: tuple[Ints, ...]
    pieces: tuple[tuple[tuple[int, ...], ...], ...]


def build(
    shapes: gpd.GeoSeries,
    unions: gpd.GeoSeries | None = None,
    *,
    most_points: int | None = MOST_POINTS,
    step: float | None = None,
) -> Topology:
    """Cut a coverage into arcs on a grid of whole numbers.

    Parameters
    ----------
    shapes
        A valid coverage (m).
    unions
        Shapes that are unions of these, with the same vertices; they follow the pieces and share their arcs.
    most_points
        A coverage with more vertices than this is simplified first, without opening gaps; None for never.
    step
        Of the grid, in the units of the shapes; the longer side over `STEPS` where None.

    Returns
    -------
    Topology
        Pieces in the order of `shapes`; one whose every ring vanishes on the grid has none.
    """
    array = np.asarray(shapes.array)
    if most_points is not None:
        array = _lighter(array, most_points)
    left, bottom, right, top = (float(edge) for edge in shapely.total_bounds(array))
    step = step or max(right - left, top - bottom) / STEPS
    joined = array if unions is None else np.concatenate([array, np.asarray(unions.array)])
    joined = shapely.orient_polygons(joined, exterior_cw=False)
    rings = [[_on_grid(ring, (left, bottom), step) for ring in _rings(shape)] for shape in joined]
    rings = [[ring for ring in of_piece if len(ring) >= 3] for of_piece in rings]
    nodes = _nodes(ring for of_piece in rings[: len(array)] for ring in of_piece)
    arcs: list[Ints] = []
    known: dict[bytes, int] = {}
    pieces = tuple(
        tuple(tuple(_number(arc, arcs, known) for arc in _cut(ring, nodes)) for ring in of_piece)
        for of_piece in rings
    )
    size = (round((right - left) / step), round((top - bottom) / step))
    return Topology((left, bottom), step, size, tuple(arcs), pieces)


def _lighter(array: NDArray[Any], most_points: int) -> NDArray[Any]:
    """Simplify a coverage until it has at most so many vertices."""
    bounds: tuple[float, float, float, float] = tuple(shapely.total_bounds(array).tolist())
    tolerance = max(bounds[2] - bounds[0], bounds[3] - bounds[1]) / 20_000
    while shapely.get_num_coordinates(array).sum() > most_points:
        array = shapely.coverage_simplify(array, tolerance)
        tolerance *= 1.6
    return array


def _rings(shape: shapely.Geometry) -> Iterator[NDArray[np.float64]]:
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon":
            yield shapely.get_coordinates(part.exterior)
            for hole in part.interiors:
                yield shapely.get_coordinates(hole)


def _on_grid(ring: NDArray[np.float64], origin: tuple[float, float], step: float) -> Ints:
    """Round a ring to the grid; leave out its last point, and those that fall on the one before."""
    points = np.round((ring[:-1] - np.asarray(origin)) / step).astype(np.int64)
    return points[np.any(points != np.roll(points, 1, axis=0), axis=1)]


def _keys(points: Ints) -> Ints:
    """Return one number a point of the grid."""
    return np.asarray(points[:, 0] * 2**31 + points[:, 1])


def _nodes(rings: Iterator[Ints]) -> Ints:
    """Return the keys of the points where other than two lines meet."""
    edges = []
    for ring in rings:
        here, there = _keys(ring), _keys(np.roll(ring, -1, axis=0))
        edges.append(np.column_stack([np.minimum(here, there), np.maximum(here, there)]))
    if not edges:
        return np.zeros(0, dtype=np.int64)
    ends, degree = np.unique(np.unique(np.concatenate(edges), axis=0), return_counts=True)
    return np.asarray(ends[degree != 2])


def _cut(ring: Ints, nodes: Ints) -> list[Ints]:
    """Cut a ring at the nodes; one without nodes starts at its smallest point."""
    keys = _keys(ring)
    at = np.flatnonzero(np.isin(keys, nodes))
    if len(at) == 0:
        at = np.array([int(np.argmin(keys))])
    ring = np.roll(ring, -int(at[0]), axis=0)
    cuts = [*(at - at[0]).tolist(), len(ring)]
    closed = np.concatenate([ring, ring[:1]])
    return [closed[start : end + 1] for start, end in pairwise(cuts)]


def _number(arc: Ints, arcs: list[Ints], known: dict[bytes, int]) -> int:
    """Return the arc's number, or of an arc known the other way round its complement."""
    forward = arc.tobytes()
    if forward in known:
        return known[forward]
    backward = np.ascontiguousarray(arc[::-1]).tobytes()
    if backward in known:
        return ~known[backward]
    known[forward] = len(arcs)
    arcs.append(arc)
    return known[forward]


def deltas(arc: Ints) -> list[int]:
    """Return an arc as its first point and the way from each point to the next, x and y by turns."""
    steps = np.concatenate([arc[:1], np.diff(arc, axis=0)])
    return [int(value) for value in steps.ravel()]


def to_topojson(topology: Topology, objects: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """Return the coverage as a TopoJSON object.

    Parameters
    ----------
    topology
        The arcs, in metres or degrees.
    objects
        For each object the properties of its features, with ``piece`` the number of the piece.

    Returns
    -------
    dict
        With a transform, so that the arcs are whole numbers.
    """
    return {
        "type": "Topology",
        "transform": {"scale": [topology.step, topology.step], "translate": list(topology.origin)},
        "objects": {
            name: {
                "type": "GeometryCollection",
                "geometries": [
                    {
                        "type": "MultiPolygon",
                        "id": feature.get("code"),
                        "properties": {key: value for key, value in feature.items() if key != "piece"},
                        "arcs": _polygons(topology, topology.pieces[feature["piece"]]),
                    }
                    for feature in features
                ],
            }
            for name, features in objects.items()
        },
        "arcs": [np.concatenate([arc[:1], np.diff(arc, axis=0)]).tolist() for arc in topology.arcs],
    }


def _polygons(topology: Topology, rings: Sequence[Sequence[int]]) -> list[list[list[int]]]:
    """Group rings into polygons: an exterior, counter-clockwise, and the holes that follow it."""
    polygons: list[list[list[int]]] = []
    for ring in rings:
        points = np.concatenate(
            [topology.arcs[arc][:-1] if arc >= 0 else topology.arcs[~arc][:0:-1] for arc in ring]
        )
        x, y = points[:, 0], points[:, 1]
        area = float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))
        if area > 0 or not polygons:
            polygons.append([list(ring)])
        else:
            polygons[-1].append(list(ring))
    return polygons
