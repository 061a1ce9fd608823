"""Layers from the grid: the body of the square that a population point lies in."""

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from geo_devolve.geography.layers import Pairs
from geo_devolve.geography.reading import grid
from geo_devolve.geography.reading.files import Folder
from geo_devolve.geography.reading.manifest import Manifest
from geo_devolve.geography.reading.tables import clean_codes, numbers_in, pick, read_table
from geo_devolve.outside import UnreadableFileError


def bodies_on_grid(folder: Folder, manifest: Manifest, name: str, points: pd.DataFrame) -> Pairs | None:
    """Find the bodies of points by the grid's column for a layer.

    Parameters
    ----------
    folder, manifest
        Where the grid is, and which of its columns speaks of the layer.
    name
        The layer's name.
    points
        Columns ``x`` and ``y`` (m); a point outside the grid takes the nearest square.

    Returns
    -------
    Pairs or None
        None, and faults noted, where the grid cannot be read.
    """
    source = manifest.grid
    if source is None or len(points) == 0:
        return None
    where = source.table
    try:
        table = read_table(folder, where)
    except UnreadableFileError as error:
        folder.findings.fault(where, str(error), breaks=f"layer {name!r} comes from it")
        return None
    wanted = (source.south, source.west, source.east, source.layers[name])
    found = [pick(folder, where, table, column, what=f"layer {name!r} comes from it") for column in wanted]
    if not all(found):
        return None
    south, west, east = (numbers_in(folder, where, table[str(column)])[0] for column in found[:3])
    codes = clean_codes(table[str(found[3])]).to_numpy()
    try:
        raster, corner = grid.paint(south, west, east, np.arange(len(table)), source.cell_m)
    except ValueError as error:
        folder.findings.fault(where, str(error), breaks=f"layer {name!r} comes from it")
        return None
    place = points[["x", "y"]].to_numpy(np.float64)
    cell = np.floor((place - np.array(corner)) / source.cell_m).astype(np.int64)
    rows = np.clip(cell[:, 1], 0, raster.shape[0] - 1)
    columns = np.clip(cell[:, 0], 0, raster.shape[1] - 1)
    run = raster[rows, columns]
    lost = np.flatnonzero(run == grid.NOWHERE)
    if len(lost):
        row, column = np.nonzero(raster != grid.NOWHERE)
        middles = np.column_stack([column + 0.5, row + 0.5]) * source.cell_m + np.array(corner)
        nearest = cKDTree(middles).query(place[lost])[1]
        run[lost] = raster[row[nearest], column[nearest]]
    bodies = codes[run]
    full = np.flatnonzero(bodies != "")
    return Pairs(full, bodies[full].tolist(), np.ones(len(full)), {})
