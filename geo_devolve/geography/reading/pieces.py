"""Pieces cut from polygons: those of the points, or the councils' own, split by the nearest point."""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo_devolve.geography.layers import Layer
from geo_devolve.geography.reading.shapes import find_signatures

Shapes = NDArray[np.object_]


def cell_pieces(
    cells: Shapes, councils: pd.Index, points: pd.DataFrame, layers: Mapping[str, Layer]
) -> gpd.GeoDataFrame:
    """Unite the points' own polygons.

    Parameters
    ----------
    cells
        A polygon a point (m), a valid coverage.
    councils
        Codes, sorted.
    points
        Column ``council``.
    layers
        By name.

    Returns
    -------
    geopandas.GeoDataFrame
        Column ``council`` and one for each layer with a tuple of bodies; sorted by council.
    """
    signatures = find_signatures(layers, len(points))
    council = councils.get_indexer(pd.Index(points["council"])).astype(np.int64)
    most = int(signatures.of_point.max(initial=0)) + 1
    keys, piece = np.unique(council * most + signatures.of_point, return_inverse=True)
    order = np.argsort(piece, kind="stable")
    starts = np.searchsorted(piece[order], np.arange(len(keys)))
    shapes = [shapely.coverage_union_all(cells[rows]) for rows in np.split(order, starts[1:])]
    table: dict[str, object] = {"council": councils[keys // most]}
    for name in layers:
        table[name] = [signatures.bodies[name][number] for number in (keys % most).tolist()]
    return gpd.GeoDataFrame(pd.DataFrame(table), geometry=shapes)


def split_councils(
    shapes: Shapes, councils: pd.Index, points: pd.DataFrame, layers: Mapping[str, Layer]
) -> gpd.GeoDataFrame:
    """Split the councils that lie in several bodies of a layer along the middle between their points.

    Parameters
    ----------
    shapes
        A polygon a council (m), a valid coverage.
    councils
        Codes, sorted.
    points
        Columns ``council``, ``x``, ``y`` (m).
    layers
        By name.

    Returns
    -------
    geopandas.GeoDataFrame
        As `cell_pieces` returns them.
    """
    signatures = find_signatures(layers, len(points))
    council = councils.get_indexer(pd.Index(points["council"])).astype(np.int64)
    order = np.argsort(council, kind="stable")
    starts = np.searchsorted(council[order], np.arange(len(councils) + 1))
    place = points[["x", "y"]].to_numpy(np.float64)
    owners: list[int] = []
    lying: list[int] = []
    pieces: list[object] = []
    for number in range(len(councils)):
        mine = order[starts[number] : starts[number + 1]]
        kinds = np.unique(signatures.of_point[mine])
        parts = {int(kinds[0]): shapes[number]} if len(kinds) == 1 else {}
        if not parts:
            parts = _split(shapes[number], place[mine], signatures.of_point[mine])
        for kind, part in sorted(parts.items()):
            owners.append(number)
            lying.append(kind)
            pieces.append(part)
    array = np.empty(len(pieces), dtype=object)
    array[:] = pieces
    if not shapely.coverage_is_valid(array):  # cuts end on borders where the neighbour has no vertex
        array = shapely.coverage_clean(array)
    real = ~shapely.is_empty(array)
    table: dict[str, object] = {"council": councils[owners]}
    for name in layers:
        table[name] = [signatures.bodies[name][kind] for kind in lying]
    return gpd.GeoDataFrame(pd.DataFrame(table), geometry=array)[real].reset_index(drop=True)


def _split(shape: object, place: NDArray[np.float64], kinds: NDArray[np.int64]) -> dict[int, object]:
    """Share a council's land out among kinds of points, to each what is nearest to a point of it."""
    _, first = np.unique(place, axis=0, return_index=True)
    first = np.sort(first)
    faces = shapely.get_parts(
        shapely.voronoi_polygons(
            shapely.multipoints(place[first]), extend_to=shapely.envelope(shape), ordered=True
        )
    )
    answer = {}
    for kind in np.unique(kinds[first]).tolist():
        land = shapely.intersection(shape, shapely.union_all(faces[kinds[first] == kind]))
        parts = shapely.get_parts(land)
        parts = parts[shapely.get_type_id(parts) == 3]
        if len(parts):
            answer[int(kind)] = shapely.multipolygons(parts) if len(parts) > 1 else parts[0]
    return answer
