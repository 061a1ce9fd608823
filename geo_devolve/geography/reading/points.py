"""Population points: where people live, how many, and in which council."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from geo_devolve.geography.reading.councils import dissolve, fault_if_repeated, has_shapes, only_those
from geo_devolve.geography.reading.files import Folder
from geo_devolve.geography.reading.inside import first_of_each, nearest_shapes, points_inside
from geo_devolve.geography.reading.joins import join_table
from geo_devolve.geography.reading.known import KnownCouncils
from geo_devolve.geography.reading.manifest import Manifest, PointsSource
from geo_devolve.geography.reading.repair import Job, mend_rings
from geo_devolve.geography.reading.systems import inside_area_of_use
from geo_devolve.geography.reading.tables import clean_codes, guess, numbers_in, pick, read_table
from geo_devolve.geography.reading.vector import read_polygons
from geo_devolve.outside import UnreadableFileError

POINT_IDS = (r"id", r"code", r"(lsoa|msoa|oa|dz|datazone)(\d{2})?(cd|code)?")
EASTINGS = (r"x", r"easting", r"oseast1m", r".*_e(ast(ing)?)?", r"bng_?e", r".*easting.*")
NORTHINGS = (r"y", r"northing", r"osnrth1m", r".*_n(orth(ing)?)?", r"bng_?n", r".*northing.*")
PEOPLE = (r"population", r"pop", r"all_?ages", r"pop.*total", r"population.*", r"pop\d*.*", r"residents")
POINT_COUNCILS = (r"council", r"(lad|ltla|laua)(\d{2})?(cd|code)?")
FAR_M = 2000.0
"""A point farther (m) than this from every council is in no generalised coast's way: it is an error."""
OWN = "column:"

Floats = NDArray[np.float64]


def read_points(
    folder: Folder, manifest: Manifest, known: KnownCouncils, councils: gpd.GeoDataFrame
) -> tuple[pd.DataFrame, NDArray[np.object_] | None]:
    """Read the population points.

    Parameters
    ----------
    folder, manifest
        Where they come from.
    known, councils
        The councils, and their shapes (m) where they have any.

    Returns
    -------
    tuple of pandas.DataFrame and numpy.ndarray or None
        Columns ``id`` (text, "" without), ``council``, ``population`` (persons), ``x``, ``y`` (m), then those
        of the table, as text, under their names with "column:" before them; and each point's polygon, where
        the manifest names polygons.
    """
    source = manifest.points
    where = source.table or source.polygons
    polygons = _read_polygons(folder, manifest) if source.polygons else None
    table = _read_table(folder, source) if source.table else polygons
    if table is None or (source.polygons and polygons is None):
        return no_points(), None
    table = pd.DataFrame(table)
    identity = guess(table, POINT_IDS)
    if source.id:
        identity = pick(folder, where, table, source.id, what="a point's code")
    if identity is not None:
        table[identity] = clean_codes(table[identity])
        table = only_those(table, identity, source.only, folder, where)
        fault_if_repeated(table[identity], folder, where, "points")
    named = table[identity] if identity is not None else pd.Series(np.arange(len(table)).astype(str))
    cells = None
    if polygons is not None:
        cells = _cells(folder, manifest, table, polygons, named)
    table = table.drop(columns="geometry", errors="ignore").reset_index(drop=True)
    for join in source.joins:
        table = join_table(folder, table, identity, join)
    people = pick(folder, where, table, source.population, what="a population", guesses=PEOPLE)
    place = _places(folder, manifest, table, named, cells)
    if people is None or place is None:
        return no_points(), None
    x, y = place
    points = pd.DataFrame(
        {
            "id": table[identity] if identity is not None else pd.Series([""] * len(table), dtype=str),
            "council": _councils(source, known, councils, table, place),
            "population": _people(folder, where, table[people], named),
            "x": x,
            "y": y,
        }
    )
    _check_councils(folder, where, points, table, known)
    own = table.rename(columns={column: f"{OWN}{column}" for column in table.columns})
    return pd.concat([points, own], axis=1), cells


def no_points() -> pd.DataFrame:
    """Return a table without any point."""
    return pd.DataFrame(
        {
            "id": pd.Series([], dtype=str),
            "council": pd.Series([], dtype=str),
            "population": np.zeros(0),
            "x": np.zeros(0),
            "y": np.zeros(0),
        }
    )


def point_columns(points: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of the points' own table, under their own names."""
    own = [column for column in points.columns if str(column).startswith(OWN)]
    return points[own].rename(columns=lambda column: str(column).removeprefix(OWN))


def _read_table(folder: Folder, source: PointsSource) -> pd.DataFrame | None:
    try:
        return read_table(folder, source.table, source.sheet)
    except UnreadableFileError as error:
        folder.findings.fault(source.table, str(error), breaks="population and overlaps are sums of points")
        return None


def _read_polygons(folder: Folder, manifest: Manifest) -> gpd.GeoDataFrame | None:
    source = manifest.points
    try:
        crs = "" if source.table else source.crs
        return read_polygons(folder, source.polygons, source.sublayer, crs, manifest.crs)
    except UnreadableFileError as error:
        folder.findings.fault(source.polygons, str(error), breaks="people are placed by them")
        return None


def _cells(
    folder: Folder, manifest: Manifest, table: pd.DataFrame, polygons: gpd.GeoDataFrame, named: pd.Series
) -> NDArray[np.object_] | None:
    """Find each point's polygon, mended."""
    source, where = manifest.points, manifest.points.polygons
    if source.table:
        flat = pd.DataFrame(polygons.drop(columns="geometry"))
        key = pick(folder, where, flat, source.polygons_id, what="a point's code", guesses=POINT_IDS)
        if key is None:
            return None
        codes = clean_codes(polygons[key])
        polygons = dissolve(polygons.assign(**{key: codes}), key, None, folder, where=where, what="points")
        codes = polygons[key]
        fault_if_repeated(codes, folder, where, "points")
        if codes.duplicated().any():
            return None
        number = pd.Index(codes).get_indexer(pd.Index(named))
        if (number < 0).any():
            lost = named[number < 0]
            remedy = "use polygons of the points' vintage"
            folder.findings.fault(where, f"{len(lost):,} points without a polygon", lost, remedy=remedy)
            return None
        shapes = polygons.geometry.to_numpy()[number]
    else:
        shapes = gpd.GeoSeries(table["geometry"]).to_numpy()
    return mend_rings(Job(folder, where, list(named), manifest.repair), shapes)


def _places(
    folder: Folder,
    manifest: Manifest,
    table: pd.DataFrame,
    named: pd.Series,
    cells: NDArray[np.object_] | None,
) -> tuple[Floats, Floats] | None:
    """Find where the points are (m): by their coordinates, or inside their polygons."""
    source = manifest.points
    where = source.table or source.polygons
    if cells is not None and not (source.x or source.y):
        inside = shapely.point_on_surface(cells)
        middle = shapely.centroid(cells)
        best = np.where(shapely.contains_properly(cells, middle), middle, inside)
        return shapely.get_x(best), shapely.get_y(best)
    easting = pick(folder, where, table, source.x, what="an easting (m)", guesses=EASTINGS)
    northing = pick(folder, where, table, source.y, what="a northing (m)", guesses=NORTHINGS)
    if easting is None or northing is None:
        return None
    x = _coordinate(folder, where, table[easting], named, "an easting")
    y = _coordinate(folder, where, table[northing], named, "a northing")
    if source.crs and source.table and pyproj.CRS(source.crs) != pyproj.CRS(manifest.crs):
        change = pyproj.Transformer.from_crs(source.crs, manifest.crs, always_xy=True)
        x, y = (np.asarray(each, dtype=np.float64) for each in change.transform(x, y))
        astray = ~np.isfinite(x + y)
        if astray.any():
            what = f"points with coordinates that are not in {source.crs}"
            folder.findings.fault(where, what, named[astray], remedy="state the right crs")
            x, y = np.nan_to_num(x, posinf=0, neginf=0), np.nan_to_num(y, posinf=0, neginf=0)
    if cells is None:
        _check_places(folder, manifest, where, (x, y), named)
    return x, y


def _check_places(
    folder: Folder, manifest: Manifest, where: str, place: tuple[Floats, Floats], named: pd.Series
) -> None:
    """Refuse points that are not where their system is meant for: degrees as metres, x and y swapped."""
    x, y = place
    if len(x) == 0:
        return
    if (np.abs(x) <= 180.5).all() and (np.abs(y) <= 180.5).all() and not _all_whole(x, y):
        folder.findings.fault(
            where,
            "x and y look like degrees, not metres",
            [f"{x[0]:g}, {y[0]:g}"],
            breaks="distances, and rules about them, would mean nothing",
            remedy='state crs = "EPSG:4326" in [points]',
        )
        return
    outside = ~_where_meant(manifest.crs, x, y)
    if outside.any():
        swapped = _where_meant(manifest.crs, y, x).mean() > (~outside).mean()
        folder.findings.fault(
            where,
            f"{int(outside.sum()):,} points outside the area that {manifest.crs} is meant for",
            named[outside],
            breaks="distances would be wrong",
            remedy="x and y are swapped: name the columns in x and y the other way round"
            if swapped
            else "check the coordinates, and state their crs in [points]",
        )


def _all_whole(x: Floats, y: Floats) -> bool:
    """Say whether all coordinates are whole: a drawing of a few metres, not degrees."""
    return bool((x == np.round(x)).all() and (y == np.round(y)).all())


def _where_meant(crs: str, x: Floats, y: Floats) -> NDArray[np.bool_]:
    return inside_area_of_use(gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs=crs))


def _people(folder: Folder, where: str, cells: pd.Series, named: pd.Series) -> Floats:
    before = len(folder.findings.faults)
    numbers, wrong = numbers_in(folder, where, cells, whole=True)
    if len(folder.findings.faults) > before:
        return np.nan_to_num(numbers)  # or it would be said twice
    if wrong:
        remedy = "write persons as plain figures"
        folder.findings.fault(where, "populations that are no number", wrong, remedy=remedy)
    missing = np.isnan(numbers)
    if missing.any():
        folder.findings.fault(
            where,
            f"{int(missing.sum()):,} points without a population",
            named[missing],
            breaks="every measure is weighted by it",
            remedy="supply it, or remove the points",
        )
    if (numbers < 0).any():
        remedy = "a population is at least 0"
        folder.findings.fault(where, "points with a negative population", named[numbers < 0], remedy=remedy)
    return np.nan_to_num(numbers)


def _coordinate(folder: Folder, where: str, cells: pd.Series, named: pd.Series, what: str) -> Floats:
    numbers, wrong = numbers_in(folder, where, cells)
    missing = np.isnan(numbers)
    if wrong:
        folder.findings.fault(where, f"points whose {what.rsplit(maxsplit=1)[-1]} is no number", wrong)
    if missing.any():
        folder.findings.fault(where, f"points without {what}", named[missing])
    return np.nan_to_num(numbers)


def _councils(
    source: PointsSource,
    known: KnownCouncils,
    councils: gpd.GeoDataFrame,
    table: pd.DataFrame,
    place: tuple[Floats, Floats],
) -> pd.Series:
    """Say which council each point lies in: by a column, otherwise by the councils' polygons."""
    folder, where = known.folder, source.table or source.polygons
    column = guess(table, POINT_COUNCILS)
    if source.council:
        column = pick(folder, where, table, source.council, what="the council that a point lies in")
    if column is not None:
        codes = known.read(where, table[column])
        if has_shapes(councils):
            _tell_disagreement(folder, where, councils, codes, place)
        return codes
    if not has_shapes(councils):
        if not source.council:
            folder.findings.fault(
                where,
                "does not say which council a point lies in",
                list(table.columns[:12]),
                remedy="name the column in council, or give the councils polygons",
            )
        return pd.Series([""] * len(table), dtype=str)
    shapes = councils.geometry.to_numpy()
    number = first_of_each(*points_inside(shapes, *place), len(table))
    lost = np.flatnonzero(number < 0)
    if len(lost):
        number[lost], distance = nearest_shapes(shapes, place[0][lost], place[1][lost])
        far = distance > FAR_M
        if far.any():
            folder.findings.fault(
                where,
                f"{int(far.sum()):,} points lie more than {FAR_M:,.0f} m from every council",
                lost[far],
                breaks="their people would be lost",
                remedy="check the coordinates and their crs, or cut the points with only",
            )
        folder.findings.repair(
            where,
            f"{int((~far).sum()):,} points just outside the councils' shapes are put in the nearest, at most "
            f"{distance[~far].max(initial=0):,.0f} m away",
        )
    return pd.Series(known.codes[number])


def _tell_disagreement(
    folder: Folder, where: str, councils: gpd.GeoDataFrame, codes: pd.Series, place: tuple[Floats, Floats]
) -> None:
    point, shape = points_inside(councils.geometry.to_numpy(), *place)
    said = councils.index.get_indexer(pd.Index(codes))
    agree = np.zeros(len(codes), dtype=bool)
    agree[point[said[point] == shape]] = True
    if not agree.all():
        folder.findings.notice(
            where,
            f"{int((~agree).sum()):,} of {len(codes):,} points lie outside the shape of the council that "
            "their "
            "column names; the column counts",
        )


def _check_councils(
    folder: Folder, where: str, points: pd.DataFrame, table: pd.DataFrame, known: KnownCouncils
) -> None:
    """Note points in councils that are not there, and councils without points."""
    councils = known.codes
    strange = pd.Series(councils.get_indexer(pd.Index(points["council"])) < 0, index=points.index)
    if strange.any():
        codes = points.loc[strange, "council"].unique().tolist()
        if codes == [""] and folder.findings.faults:
            return  # said already why no council is known
        folder.findings.fault(
            where,
            f"{int(strange.sum()):,} points in councils that are not listed",
            [code or "(none)" for code in codes],
            breaks="their people would be lost",
            remedy=known.remedy(codes, table) + ", or cut the points with only",
        )
    empty = councils[~councils.isin(points["council"].unique())]
    if len(empty):
        folder.findings.fault(
            where,
            "councils without a population point",
            empty,
            breaks="they would have no people",
            remedy="supply points for them; the file may be cut short",
        )
    elif not strange.any():
        tell_without_people(folder, where, points.groupby("council")["population"].sum())


def tell_without_people(folder: Folder, where: str, people: pd.Series) -> None:
    """Tell which councils nobody lives in, and refuse a geography where nobody lives at all.

    Parameters
    ----------
    folder, where
        Where it is told, and of which file.
    people
        Persons by council.
    """
    if folder.findings.faults:
        return
    if not (people > 0).any():
        folder.findings.fault(
            where, "nobody lives in any council", breaks="every measure is a share of people"
        )
    elif (people <= 0).any():
        folder.findings.notice(
            where, "councils that nobody lives in count for nothing but their land", people.index[people <= 0]
        )


def declared_populations_agree(
    folder: Folder, source: PointsSource, sums: pd.Series, declared: pd.Series
) -> None:
    """Tell where the councils' table and the points disagree about how many people there are."""
    stated = declared.dropna()
    apart = stated[(stated - sums.reindex(stated.index)).abs() > 0.01 * stated.abs() + 0.5]
    if len(apart):
        folder.findings.notice(
            source.table or source.polygons,
            f"{len(apart)} councils' populations differ by more than 1 % from the councils' table",
            apart.index,
            breaks="the points count",
            remedy="check that both are of one date",
        )
