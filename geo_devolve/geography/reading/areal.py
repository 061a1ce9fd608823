"""Areal weighting, the declared fall-back where there are no population points."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import STRtree

from geo_devolve.geography.tally import Tally, divide, room_for, settle

DECIMALS = 6
"""Digits behind the point that people spread over land are counted in, or as many as there is room for."""
SLIVER_M = 0.1
"""What the overlay leaves narrower than this (m) is rounding: two files' copies of one border."""


def areal_points(
    councils: gpd.GeoDataFrame, layers: dict[str, NDArray[np.object_]]
) -> tuple[pd.DataFrame, NDArray[np.object_]]:
    """Cut the councils along the layers, and spread each council's people evenly over its land.

    Parameters
    ----------
    councils
        Index code; columns ``declared`` (persons) and ``geometry`` (a coverage, m).
    layers
        The bodies' shapes (m) of each layer that comes from polygons.

    Returns
    -------
    tuple of pandas.DataFrame and numpy.ndarray
        A point inside each cell (columns ``id``, ``council``, ``population``, ``x``, ``y``), and the cells.
    """
    cells = councils.geometry.to_numpy()
    owner = np.arange(len(cells))
    for shapes in layers.values():
        cells, owner = _cut(cells, owner, shapes)
    area = shapely.area(cells)
    declared, tally, _ = settle(councils["declared"])
    tally = Tally(max(tally.decimals, min(DECIMALS, room_for(float(declared.sum())))))
    people = np.zeros(len(cells))
    for council, persons in enumerate(declared.tolist()):
        own = owner == council
        people[own] = divide(persons, area[own], tally)
    inside = shapely.point_on_surface(cells)
    points = pd.DataFrame(
        {
            "id": pd.Series([""] * len(cells), dtype=str),
            "council": councils.index[owner],
            "population": people,
            "x": shapely.get_x(inside),
            "y": shapely.get_y(inside),
        }
    )
    return points, cells


def _cut(
    cells: NDArray[np.object_], owner: NDArray[np.int64], shapes: NDArray[np.object_]
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Cut cells along the outlines of some shapes."""
    cell, shape = STRtree(shapes).query(cells, predicate="intersects")
    crossed = ~shapely.covers(shapes[shape], cells[cell])
    cut = np.unique(cell[crossed])
    lines: dict[int, list[object]] = {}
    for here, there in zip(cell[crossed].tolist(), shape[crossed].tolist(), strict=True):
        lines.setdefault(here, []).append(shapely.intersection(shapely.boundary(shapes[there]), cells[here]))
    new_cells, new_owner = [], []
    for here in cut.tolist():
        noded = shapely.union_all([shapely.boundary(cells[here]), *lines[here]])
        faces = shapely.get_parts(shapely.polygonize([noded]))
        faces = faces[shapely.covers(cells[here], shapely.point_on_surface(faces))]
        faces = faces[2 * shapely.area(faces) > SLIVER_M * shapely.length(faces)]
        if len(faces) == 0:
            faces = np.array([cells[here]], dtype=object)
        new_cells += faces.tolist()
        new_owner += [owner[here]] * len(faces)
    whole = np.setdiff1d(np.arange(len(cells)), cut)
    answer = np.empty(len(whole) + len(new_cells), dtype=object)
    answer[: len(whole)] = cells[whole]
    answer[len(whole) :] = new_cells
    owners = np.concatenate([owner[whole], np.array(new_owner, dtype=np.int64)])
    order = np.argsort(owners, kind="stable")
    return answer[order], owners[order]
