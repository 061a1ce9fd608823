"""A geography put together from the files that its manifest names."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
from numpy.typing import NDArray

from geo_devolve.geography.directory import no_other_names
from geo_devolve.geography.model import Geography
from geo_devolve.geography.reading.areal import areal_points
from geo_devolve.geography.reading.borders import measure_borders
from geo_devolve.geography.reading.councils import has_shapes, read_councils
from geo_devolve.geography.reading.files import Folder
from geo_devolve.geography.reading.findings import Findings
from geo_devolve.geography.reading.known import know, read_other_names
from geo_devolve.geography.reading.layers import Ground, read_layers, read_shapes
from geo_devolve.geography.reading.manifest import MANIFEST, Manifest
from geo_devolve.geography.reading.needs import finish_needs, read_needs
from geo_devolve.geography.reading.pairs import no_crossings, read_borders, read_crossings
from geo_devolve.geography.reading.pieces import cell_pieces, split_councils
from geo_devolve.geography.reading.points import declared_populations_agree, read_points, tell_without_people
from geo_devolve.geography.reading.quantities import read_flows, read_quantities
from geo_devolve.geography.reading.repair import Job, fit_cells, mend_coverage
from geo_devolve.geography.reading.shapes import council_shapes, grid_pieces
from geo_devolve.geography.reading.successors import read_successors
from geo_devolve.geography.reading.surroundings import tell_surroundings
from geo_devolve.geography.tally import say_rounded, settle
from geo_devolve.geography.vintages import no_successors
from geo_devolve.progress import Progress

STAGE = "loading"
STEPS = 6

Shapes = NDArray[np.object_]


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
    _check_crs(folder, manifest)
    councils = read_councils(folder, manifest)
    codes = councils.index
    successors = (
        read_successors(folder, manifest.successors, codes) if manifest.successors else no_successors()
    )
    known = know(folder, councils["name"], successors)
    other_names = read_other_names(folder, manifest.names, known) if manifest.names else no_other_names()
    crossings = read_crossings(folder, manifest.crossings, known) if manifest.crossings else no_crossings()
    borders = read_borders(folder, manifest.borders, known) if manifest.borders else None
    councils = _fit_councils(folder, manifest, councils, crossings)
    progress(STAGE, 1, STEPS)
    drawn = read_shapes(folder, manifest)
    cells: Shapes | None
    if manifest.points.areal:
        findings.stop_at_faults()
        points, cells = areal_points(councils, {name: bodies.shapes for name, bodies in drawn.items()})
        findings.notice("points", "people are spread evenly over each council's land: there are no points")
        tell_without_people(
            folder, manifest.councils.table or manifest.councils.polygons, councils["declared"]
        )
    else:
        points, cells = read_points(folder, manifest, known, councils)
    points = _settled(findings, points)
    published = read_needs(folder, manifest, points, known)
    flows = read_flows(folder, manifest, known)
    quantities = read_quantities(folder, manifest, known, (councils, points), flows)
    _check_totals(folder, manifest, len(codes), points, borders)
    progress(STAGE, 2, STEPS)
    layers = read_layers(Ground(folder, manifest, known, councils, points, drawn))
    progress(STAGE, 3, STEPS)
    pieces = None
    if manifest.grid is not None and len(points):
        pieces = grid_pieces(folder, manifest.grid, codes, points, layers)
    findings.stop_at_faults()
    if pieces is None and cells is not None:
        where = manifest.points.polygons or "areal weighting"
        cells = fit_cells(Job(folder, where, points["id"].tolist(), manifest.repair), cells)
        findings.stop_at_faults()
        pieces = cell_pieces(cells, codes, points, layers)
    elif pieces is None and has_shapes(councils):
        pieces = split_councils(councils.geometry.to_numpy(), codes, points, layers)
    progress(STAGE, 4, STEPS)
    shapes = councils.geometry if pieces is None else council_shapes(pieces, codes)
    if borders is None:
        borders = _measured(folder, manifest, councils, shapes, codes)
        _check_totals(folder, manifest, len(codes), points, borders)
        findings.stop_at_faults()
    table = _with_people(councils, points)
    declared_populations_agree(folder, manifest.points, table["population"], councils["declared"])
    joined = pd.concat([borders, crossings[crossings["kind"] != "none"]])[["council", "neighbour"]]
    needs = finish_needs(folder, published, table, joined)
    tell_surroundings(folder, table, shapes, (borders, crossings), layers)
    progress(STAGE, 5, STEPS)
    geography = Geography(
        name=manifest.name,
        title=manifest.title or manifest.name,
        vintage=manifest.vintage,
        crs=manifest.crs,
        attribution=manifest.attribution,
        councils=gpd.GeoDataFrame(table, geometry=shapes.to_numpy(), crs=manifest.crs),
        points=points[["council", "population", "x", "y"]].reset_index(drop=True),
        layers=layers,
        needs=needs,
        borders=borders,
        crossings=crossings,
        pieces=None if pieces is None else pieces.set_crs(manifest.crs, allow_override=True),
        successors=successors,
        other_names=other_names,
        quantities=quantities,
        flows=flows,
        inputs=dict(sorted(folder.inputs.items())),
        notices=findings.told,
    )
    progress(STAGE, STEPS, STEPS)
    return geography


def _check_crs(folder: Folder, manifest: Manifest) -> None:
    """Refuse a system in which lengths and areas are not metres."""
    for where, text in (
        ("crs", manifest.crs),
        ("councils, crs", manifest.councils.crs),
        ("points, crs", manifest.points.crs),
        *((f"layers.{name}, crs", layer.crs) for name, layer in manifest.layers.items()),
    ):
        if not text and where != "crs":
            continue
        try:
            crs = pyproj.CRS.from_user_input(text)
        except pyproj.exceptions.CRSError:
            folder.findings.fault(
                f"{MANIFEST}, {where}", f"unknown system {text!r}", remedy="write EPSG:27700"
            )
            continue
        if where == "crs" and not (
            crs.is_projected and all(axis.unit_name == "metre" for axis in crs.axis_info)
        ):
            folder.findings.fault(
                f"{MANIFEST}, crs",
                f"{text!r} does not measure in metres",
                breaks="borders and areas are measured in it",
                remedy="write a projected system, such as EPSG:27700 for Great Britain",
            )
    folder.findings.stop_at_faults()


def _fit_councils(
    folder: Folder, manifest: Manifest, councils: gpd.GeoDataFrame, crossings: pd.DataFrame
) -> gpd.GeoDataFrame:
    """Make a coverage of the councils' own shapes."""
    if not has_shapes(councils):
        return councils
    apart = frozenset(zip(crossings["council"], crossings["neighbour"], strict=True))
    job = Job(folder, manifest.councils.polygons, list(councils.index), manifest.repair)
    shapes = mend_coverage(job, councils.geometry.to_numpy(), apart)
    folder.findings.stop_at_faults()
    return councils.set_geometry(shapes, crs=manifest.crs)


def _measured(
    folder: Folder, manifest: Manifest, councils: gpd.GeoDataFrame, shapes: gpd.GeoSeries, codes: pd.Index
) -> pd.DataFrame:
    """Measure borders: on the councils' own shapes, otherwise on those united from the points' polygons."""
    if has_shapes(councils):
        return measure_borders(councils.geometry.to_numpy(), codes)
    if manifest.points.polygons:
        return measure_borders(shapes.to_numpy(), codes)
    folder.findings.fault(
        MANIFEST,
        "does not say which councils are neighbours",
        breaks="there is no graph",
        remedy="name a table in [borders], or polygons of the councils or points",
    )
    return pd.DataFrame({"council": [], "neighbour": [], "length_m": []})


def _settled(findings: Findings, points: pd.DataFrame) -> pd.DataFrame:
    """Round populations that cannot be added up exactly, and tell so."""
    people, tally, changed = settle(points["population"])
    if changed.any():
        findings.notice("points", say_rounded("points", tally, changed))
    return points.assign(population=people)


def _with_people(councils: gpd.GeoDataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """Count each council's people and find their centre."""
    rows = councils.index.get_indexer(pd.Index(points["council"]))
    people = points["population"].to_numpy(np.float64)
    count = len(councils)
    total = np.bincount(rows, weights=people, minlength=count)
    table = pd.DataFrame({"name": councils["name"], "population": total}, index=councils.index)
    # where nobody lives, the middle is that of the places where somebody might
    weight = np.where(total[rows] > 0, people, 1.0)
    whole = np.bincount(rows, weights=weight, minlength=count)
    for axis in ("x", "y"):
        moment = weight * points[axis].to_numpy(np.float64)
        table[axis] = np.bincount(rows, weights=moment, minlength=count) / whole
    rest = [column for column in councils.columns if column not in ("name", "declared", "geometry")]
    return pd.concat([table, pd.DataFrame(councils[rest])], axis=1)


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
