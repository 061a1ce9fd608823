"""Shapes of a geography: pieces, of which every council and every body is a union."""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geo_devolve.geography.layers import Layer
from geo_devolve.geography.reading import grid
from geo_devolve.geography.reading.files import Folder
from geo_devolve.geography.reading.manifest import GridSource
from geo_devolve.geography.reading.tables import clean_codes, numbers_in, pick, read_table, to_known
from geo_devolve.outside import UnreadableFileError

SMOOTHING = 0.8
"""Tolerance of the simplification, in cells: what is smaller than the grid tells is left out of a drawing."""

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Signatures:
    """Which bodies the points lie in, point by point.

    Attributes
    ----------
    of_point : numpy.ndarray
        The number of each point's combination of bodies.
    bodies : dict of str to list of tuple of str
        For each layer the bodies of each combination.
    """

    of_point: Integers
    bodies: dict[str, list[tuple[str, ...]]]


def find_signatures(layers: Mapping[str, Layer], points: int) -> Signatures:
    """Find and number the combinations of bodies that occur."""
    numbers = np.zeros(points, dtype=np.int64)
    own = {}
    for name, layer in layers.items():
        matrix = layer.membership
        counts = np.diff(matrix.indptr)
        key = np.zeros(points, dtype=np.int64)
        for slot in range(int(counts.max(initial=0))):
            has = counts > slot
            nth = np.zeros(points, dtype=np.int64)
            nth[has] = matrix.indices[matrix.indptr[:-1][has] + slot] + 1
            key = np.unique(key * (matrix.shape[1] + 1) + nth, return_inverse=True)[1]
        own[name] = key
        numbers = np.unique(numbers * (int(key.max(initial=0)) + 1) + key, return_inverse=True)[1]
    first = np.unique(numbers, return_index=True)[1]
    bodies = {}
    for name, layer in layers.items():
        codes = layer.bodies.index.to_numpy()
        matrix = layer.membership
        bodies[name] = [
            tuple(str(code) for code in codes[matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]])
            for row in first.tolist()
        ]
    return Signatures(numbers, bodies)


def nearest_signature(
    group: Integers, places: np.ndarray, point_group: Integers, points: np.ndarray, signature: Integers
) -> Integers:
    """Give each place the combination of bodies of the nearest point in the same group.

    Parameters
    ----------
    group
        The group (such as the council) of each place.
    places
        Their positions, n × 2 (m).
    point_group
        The group of each point.
    points
        Their positions, m × 2 (m).
    signature
        The combination of each point.

    Returns
    -------
    numpy.ndarray
        A combination for each place, -1 where the group has no point.
    """
    answer = np.full(len(group), -1, dtype=np.int64)
    most = int(signature.max(initial=0)) + 1
    pairs = np.unique(point_group * most + signature)
    groups, starts, counts = np.unique(pairs // most, return_index=True, return_counts=True)
    at = np.minimum(np.searchsorted(groups, group), len(groups) - 1)
    known = groups[at] == group
    single = known & (counts[at] == 1)
    answer[single] = pairs[starts[at[single]]] % most
    for number in np.unique(group[known & ~single]).tolist():
        mine = np.flatnonzero(group == number)
        theirs = np.flatnonzero(point_group == number)
        tree = cKDTree(points[theirs])
        answer[mine] = signature[theirs[tree.query(places[mine])[1]]]
    return answer


def grid_pieces(
    folder: Folder, source: GridSource, councils: pd.Index, points: pd.DataFrame, layers: Mapping[str, Layer]
) -> gpd.GeoDataFrame | None:
    """Draw pieces from a grid.

    A council that lies in several bodies of a layer is split where the grid says so, otherwise by the nearest
    population point of the council.

    Returns
    -------
    geopandas.GeoDataFrame or None
        A valid coverage, without a coordinate system; column ``council`` and one for each layer with a tuple
        of bodies. None where the grid has faults, which are noted.
    """
    runs = _read_grid(folder, source, councils, layers)
    if runs is None:
        return None
    where, cell = source.table, source.cell_m
    codes = {name: layers[name].bodies.index for name in source.layers if name in layers}
    group = councils.get_indexer(pd.Index(runs["council"])).astype(np.int64)
    point_group = councils.get_indexer(pd.Index(points["council"])).astype(np.int64)
    for name, index in codes.items():
        group = group * (len(index) + 1) + index.get_indexer(pd.Index(runs[name])) + 1
        lies = np.full(len(points), 0, dtype=np.int64)
        matrix = layers[name].membership
        one = np.diff(matrix.indptr) > 0
        lies[one] = matrix.indices[matrix.indptr[:-1][one]] + 1
        point_group = point_group * (len(index) + 1) + lies
    try:
        raster, corner = grid.paint(
            runs["south"].to_numpy(),
            runs["west"].to_numpy(),
            runs["east"].to_numpy(),
            np.arange(len(runs)),
            cell,
        )
    except ValueError as error:
        folder.findings.fault(where, str(error), breaks="shapes are drawn from it")
        return None
    signatures = find_signatures(layers, len(points))
    row, column = np.nonzero(raster != grid.NOWHERE)
    run = raster[row, column]
    middles = np.column_stack([corner[0] + (column + 0.5) * cell, corner[1] + (row + 0.5) * cell])
    where_people = points[["x", "y"]].to_numpy(np.float64)
    council = councils.get_indexer(pd.Index(runs["council"])).astype(np.int64)[run]
    lying = nearest_signature(group[run], middles, point_group, where_people, signatures.of_point)
    alone = lying < 0  # squares of a council and body in which nobody lives
    if alone.any():
        at_council = councils.get_indexer(pd.Index(points["council"])).astype(np.int64)
        lying[alone] = nearest_signature(
            council[alone], middles[alone], at_council, where_people, signatures.of_point
        )
    pairs = group[run] * (int(lying.max()) + 1) + lying
    _, first, piece = np.unique(pairs, return_index=True, return_inverse=True)
    raster[row, column] = piece
    shapes = grid.trace(raster, corner, cell, len(first))
    shapes = shapely.coverage_simplify(shapes, SMOOTHING * cell)
    if not shapely.coverage_is_valid(shapes):
        shapes = shapely.coverage_clean(shapes)
    table: dict[str, object] = {"council": councils[council[first]]}
    for name in layers:
        table[name] = [signatures.bodies[name][number] for number in lying[first].tolist()]
        if name in codes:
            said = runs[name].to_numpy()[run[first]]
            table[name] = [(str(code),) if code else () for code in said]
    return gpd.GeoDataFrame(pd.DataFrame(table), geometry=shapes)


def _read_grid(
    folder: Folder, source: GridSource, councils: pd.Index, layers: Mapping[str, Layer]
) -> pd.DataFrame | None:
    where, findings = source.table, folder.findings
    try:
        table = read_table(folder, where)
    except UnreadableFileError as error:
        findings.fault(where, str(error), breaks="shapes are drawn from it")
        return None
    wanted = {"south": source.south, "west": source.west, "east": source.east, "council": source.council}
    wanted |= {name: column for name, column in source.layers.items() if name in layers}
    found = {
        key: pick(folder, where, table, column, what="shapes are drawn from it")
        for key, column in wanted.items()
    }
    if not all(found.values()):
        return None
    runs = pd.DataFrame({key: table[column] for key, column in found.items()})
    for key in ("south", "west", "east"):
        numbers, wrong = numbers_in(folder, where, runs[key])
        runs[key] = numbers
        if wrong or np.isnan(numbers).any():
            findings.fault(where, f"the column {found[key]!r} holds what is no number", wrong)
    runs["council"] = to_known(clean_codes(runs["council"]), councils)
    before = len(findings.faults)
    strange = runs.loc[~runs["council"].isin(councils), "council"].unique()
    if len(strange):
        remedy = "use tables of one vintage"
        findings.fault(where, "squares of councils that are not listed", strange, remedy=remedy)
    lost = councils[~councils.isin(runs["council"])]
    if len(lost):
        findings.fault(
            where,
            "councils without a square",
            lost,
            breaks="they would have no shape",
            remedy="add squares for them",
        )
    for name in source.layers:
        if name in layers:
            runs[name] = to_known(clean_codes(runs[name]), layers[name].bodies.index)
            bodies = runs.loc[~runs[name].isin(layers[name].bodies.index) & (runs[name] != ""), name].unique()
            if len(bodies):
                findings.fault(where, f"squares of unknown bodies of layer {name!r}", bodies)
    numbers_fine = not runs[["south", "west", "east"]].isna().any(axis=None)
    return runs if len(findings.faults) == before and numbers_fine else None


def council_shapes(pieces: gpd.GeoDataFrame, councils: pd.Index) -> gpd.GeoSeries:
    """Unite the pieces of each council.

    Returns
    -------
    geopandas.GeoSeries
        Index code, in the order of `councils`; a valid coverage.
    """
    shapes = pieces.geometry.to_numpy()
    groups = pd.Series(range(len(pieces))).groupby(pieces["council"].to_numpy()).indices
    unions = [
        shapes[groups[code][0]]
        if len(groups[code]) == 1
        else shapely.coverage_union_all(shapes[groups[code]])
        for code in councils
    ]
    return gpd.GeoSeries(unions, index=councils, crs=pieces.crs)
