"""A geography put together from the files that its manifest names."""

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_devolve.geography.councils import read_councils
from geo_devolve.geography.files import Folder
from geo_devolve.geography.manifest import MANIFEST, Manifest
from geo_devolve.geography.model import Geography
from geo_devolve.geography.needs_table import finish_needs, read_needs
from geo_devolve.geography.pairs import no_crossings, read_borders, read_crossings
from geo_devolve.geography.points import declared_populations_agree, read_points
from geo_devolve.geography.shapes import council_shapes, grid_pieces
from geo_devolve.geography.sources import Ground, read_layers
from geo_devolve.geography.vintages import no_successors, read_successors
from geo_devolve.progress import Progress

STAGE = "loading"
STEPS = 6


def assemble(folder: Folder, manifest: Manifest, progress: Progress) -> Geography:
    """Put a geography together.

    Parameters
    ----------
    folder, manifest
        The folder and what its manifest says.
    progress
        Told of the steps.

    Returns
    -------
    Geography
        Checked.

    Raises
    ------
    DataError
        With every fault at once, as far as one does not hide another.
    """
    findings = folder.findings
    progress(STAGE, 0, STEPS)
    councils = read_councils(folder, manifest)
    codes = councils.index
    progress(STAGE, 1, STEPS)
    points = read_points(folder, manifest, codes)
    successors = (
        read_successors(folder, manifest.successors, codes) if manifest.successors else no_successors()
    )
    published = read_needs(folder, manifest, points, codes)
    borders = read_borders(folder, manifest.borders, codes) if manifest.borders else None
    crossings = read_crossings(folder, manifest.crossings, codes) if manifest.crossings else no_crossings()
    _check_totals(folder, manifest, len(codes), points, borders)
    progress(STAGE, 2, STEPS)
    ground = Ground(folder, manifest, councils, points)
    layers = read_layers(ground)
    progress(STAGE, 3, STEPS)
    pieces = None
    if manifest.grid is not None and len(points):
        pieces = grid_pieces(folder, manifest.grid, codes, points, layers)
    findings.stop_at_faults()
    progress(STAGE, 4, STEPS)
    assert borders is not None
    shapes = council_shapes(pieces, codes) if pieces is not None else councils.geometry
    table = _with_people(councils, points)
    declared_populations_agree(folder, manifest.points, table["population"], councils["declared"])
    joined = pd.concat([borders, crossings[crossings["kind"] != "none"]])[["council", "neighbour"]]
    needs = finish_needs(folder, published, table, joined)
    progress(STAGE, 5, STEPS)
    if pieces is not None:
        pieces = pieces.set_crs(manifest.crs)
    geography = Geography(
        name=manifest.name,
        title=manifest.title or manifest.name,
        vintage=manifest.vintage,
        crs=manifest.crs,
        attribution=manifest.attribution,
        councils=gpd.GeoDataFrame(table, geometry=shapes.set_axis(codes), crs=manifest.crs),
        points=points[["council", "population", "x", "y"]].reset_index(drop=True),
        layers=layers,
        needs=needs,
        borders=borders,
        crossings=crossings,
        pieces=pieces,
        inputs=dict(sorted(folder.inputs.items())),
        successors=successors,
        notices=findings.told,
    )
    progress(STAGE, STEPS, STEPS)
    return geography


def _with_people(councils: gpd.GeoDataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """Count each council's people and find their centre."""
    rows = councils.index.get_indexer(pd.Index(points["council"]))
    people = points["population"].to_numpy(np.float64)
    count = len(councils)
    total = np.bincount(rows, weights=people, minlength=count)
    table = pd.DataFrame({"name": councils["name"], "population": total}, index=councils.index)
    for axis in ("x", "y"):
        table[axis] = (
            np.bincount(rows, weights=people * points[axis].to_numpy(np.float64), minlength=count) / total
        )
    rest = [column for column in councils.columns if column not in ("name", "declared", "geometry")]
    return pd.concat([table, councils[rest]], axis=1)


def _check_totals(
    folder: Folder, manifest: Manifest, councils: int, points: pd.DataFrame, borders: pd.DataFrame | None
) -> None:
    """Hold what was read against the totals that the manifest expects."""
    wanted = manifest.expect
    rows = [
        ("councils", wanted.councils, councils),
        ("points", wanted.points, len(points)),
        ("people", wanted.population, float(points["population"].sum())),
        ("borders", wanted.borders, None if borders is None else len(borders)),
    ]
    for what, total, found in rows:
        if total is not None and found is not None and abs(found - total) > 0.5:
            folder.findings.fault(
                f"{MANIFEST}, expect",
                f"{found:,.0f} {what} where {total:,.0f} are expected",
                breaks="a file may be cut short",
                remedy="get the files again, or correct expect",
            )
