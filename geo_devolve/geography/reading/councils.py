"""The councils: their codes and names from a table, their shapes from polygons."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_devolve.geography.reading.files import Folder
from geo_devolve.geography.reading.manifest import CouncilsSource, Manifest
from geo_devolve.geography.reading.repair import Job, mend_rings
from geo_devolve.geography.reading.systems import inside_area_of_use
from geo_devolve.geography.reading.tables import clean_codes, guess, numbers_in, pick, read_table, to_known
from geo_devolve.geography.reading.vector import read_polygons
from geo_devolve.outside import UnreadableFileError

COUNCIL_CODES = (r"code", r"(lad|ltla|laua)\d{2}cd", r"area_?(cd|code)", r"[a-z]+\d{2}cd", r".*(code|cd)")
COUNCIL_NAMES = (r"name", r"(lad|ltla|laua)\d{2}nm", r"area_?(nm|name)", r"[a-z]+\d{2}nm", r".*(name|nm)")
RESERVED = ("code", "name", "population", "x", "y", "geometry", "declared")


def only_those(
    table: pd.DataFrame, column: str, prefixes: tuple[str, ...], folder: Folder, where: str
) -> pd.DataFrame:
    """Keep the rows whose code starts with one of the prefixes, and tell how many were left out."""
    if not prefixes:
        return table
    kept = table[column].astype(str).str.startswith(prefixes)
    if not kept.all():
        folder.findings.repair(
            where,
            f"cut to the study area: {int((~kept).sum()):,} of {len(table):,} rows left out, whose codes do "
            "not "
            f"start with {' or '.join(prefixes)}",
            table.loc[~kept, column],
        )
    return table[kept].reset_index(drop=True)


def fault_if_repeated(codes: pd.Series, folder: Folder, where: str, what: str) -> None:
    """Note codes that are listed twice, or empty."""
    twice = codes[codes.duplicated() & (codes != "")].unique()
    if len(twice):
        breaks, remedy = "they would count twice", "give each one code, or unite its rows"
        folder.findings.fault(where, f"duplicate codes of {what}", twice, breaks=breaks, remedy=remedy)
    empty = int((codes == "").sum())
    if empty:
        remedy = "fill it in or remove the rows"
        folder.findings.fault(where, f"{empty:,} rows without a code of {what}", remedy=remedy)


def dissolve(
    frame: gpd.GeoDataFrame, code: str, name: str | None, folder: Folder, *, where: str, what: str
) -> gpd.GeoDataFrame:
    """Unite the shapes of rows with the same code, such as a row for each island, and tell whose.

    Parameters
    ----------
    frame
        A row a shape.
    code
        The column of codes.
    name
        The column of names, if any: rows with one code and unlike names are not one place, and stay so.
    folder, where, what
        Where it is told, of which file, and what the codes are of.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a code, with the first row's columns; where rows of a code disagree, as it was.
    """
    twice = frame[code].duplicated(keep=False) & (frame[code] != "")
    if not twice.any():
        return frame
    parts = frame[twice]
    if name is not None and (parts.groupby(code)[name].nunique() > 1).any():
        return frame
    united = {
        key: shapely.union_all(rows.geometry.to_numpy()) for key, rows in parts.groupby(code, sort=True)
    }
    folder.findings.repair(
        where,
        f"rows with the same code of {what} are parts of one, and are united",
        [f"{key} ({count} rows)" for key, count in parts[code].value_counts(sort=False).sort_index().items()],
    )
    frame = frame[~frame[code].duplicated() | (frame[code] == "")].reset_index(drop=True)
    shapes = [united.get(key, shape) for key, shape in zip(frame[code], frame.geometry, strict=True)]
    return frame.set_geometry(np.array(shapes, dtype=object), crs=frame.crs)


def read_councils(folder: Folder, manifest: Manifest) -> gpd.GeoDataFrame:
    """Read the councils.

    Parameters
    ----------
    folder, manifest
        Where they come from.

    Returns
    -------
    geopandas.GeoDataFrame
        Index ``code``, sorted; ``name``, ``declared`` (population by the table, NaN without), the other
        columns of the table as text, and ``geometry``: valid shapes, not yet a coverage, None where there are
        no polygons.

    Raises
    ------
    DataError
        Where nothing can be made of the files.
    """
    source = manifest.councils
    table = _read_table(folder, source) if source.table else None
    shapes = _read_shapes(folder, manifest) if source.polygons else None
    folder.findings.stop_at_faults()
    if table is None:
        assert shapes is not None
        table = _from_columns(folder, source, source.polygons, pd.DataFrame(shapes.drop(columns="geometry")))
    else:
        table = _from_columns(folder, source, source.table, table)
    folder.findings.stop_at_faults()
    table = table.set_index("code").sort_index()
    if len(table) == 0:
        folder.findings.fault(source.table or source.polygons, "holds no councils")
        folder.findings.stop_at_faults()
    geometry = _matched(folder, source, shapes, table.index) if shapes is not None else None
    folder.findings.stop_at_faults()
    if geometry is None:
        return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries([None] * len(table), index=table.index))
    mended = mend_rings(Job(folder, source.polygons, list(table.index), manifest.repair), geometry)
    folder.findings.stop_at_faults()
    return gpd.GeoDataFrame(table, geometry=mended, crs=manifest.crs)


def _read_table(folder: Folder, source: CouncilsSource) -> pd.DataFrame | None:
    try:
        return read_table(folder, source.table, source.sheet)
    except UnreadableFileError as error:
        folder.findings.fault(source.table, str(error), breaks="there are no councils without it")
        return None


def _from_columns(folder: Folder, source: CouncilsSource, where: str, table: pd.DataFrame) -> pd.DataFrame:
    """Find code, name and population among the columns, and check them."""
    code = pick(folder, where, table, source.code, what="a council's code", guesses=COUNCIL_CODES)
    name = pick(folder, where, table, source.name, what="a council's name", guesses=COUNCIL_NAMES)
    people = pick(folder, where, table, source.population, what="a council's population")
    if code is None or name is None:
        return table
    table = table.assign(**{code: clean_codes(table[code])})
    idle = [each for each in source.only if not table[code].astype(str).str.startswith(each).any()]
    if idle:  # a name or a body, which the whole geography knows
        folder.findings.fault(where, "no council's code starts with what only says", idle)
    table = only_those(table, code, source.only, folder, where)
    fault_if_repeated(table[code], folder, where, "councils")
    unnamed = table.loc[table[name] == "", code]
    if len(unnamed):
        folder.findings.fault(where, "councils without a name", unnamed)
    declared = pd.Series(float("nan"), index=table.index)
    if people is not None:
        numbers, wrong = numbers_in(folder, where, table[people], whole=True)
        if wrong:
            folder.findings.fault(where, f"the column {people!r} holds what is no number", wrong)
        declared = pd.Series(numbers, index=table.index)
        bad = table.loc[~(declared >= 0), code]
        if len(bad):
            remedy = "supply the population"
            folder.findings.fault(where, "councils with a missing or negative population", bad, remedy=remedy)
    rest = table.drop(columns=list({code, name}))
    rest = rest.rename(columns={column: f"{column}_" for column in RESERVED if column in rest})
    both = table[[code, name]].set_axis(["code", "name"], axis=1)
    return pd.concat([both, declared.rename("declared"), rest], axis=1)


def _read_shapes(folder: Folder, manifest: Manifest) -> gpd.GeoDataFrame | None:
    source = manifest.councils
    where = source.polygons
    try:
        shapes = read_polygons(folder, where, source.sublayer, source.crs, manifest.crs)
    except UnreadableFileError as error:
        folder.findings.fault(where, str(error), breaks="there are no shapes without it")
        return None
    wanted = source.polygons_code or ("" if source.table else source.code)
    code = pick(folder, where, pd.DataFrame(shapes), wanted, what="a council's code", guesses=COUNCIL_CODES)
    if code is None:
        return None
    shapes[code] = clean_codes(shapes[code])
    shapes = gpd.GeoDataFrame(only_those(shapes, code, source.only, folder, where), crs=shapes.crs)
    flat = pd.DataFrame(shapes)
    label = source.polygons_name or ("" if source.table else source.name)
    name = label if label in flat else guess(flat, COUNCIL_NAMES)
    _fault_if_people_differ(folder, source, where, shapes, code)
    shapes = dissolve(shapes, code, name, folder, where=where, what="councils")
    fault_if_repeated(shapes[code], folder, where, "councils")
    outside = ~inside_area_of_use(shapes)
    if outside.any():
        folder.findings.fault(
            where,
            f"shapes outside the area that {manifest.crs} is meant for",
            shapes.loc[outside, code],
            breaks="lengths and areas would be wrong",
            remedy="state the right crs, or cut the file to the study area with only",
        )
    shapes.attrs["code"] = code
    return shapes


def _fault_if_people_differ(
    folder: Folder, source: CouncilsSource, where: str, shapes: gpd.GeoDataFrame, code: str
) -> None:
    """Refuse parts of a council that give its people differently: they may be of the part or of the whole."""
    people = None if source.table or not source.population else source.population
    if people in shapes:
        counts = shapes[shapes[code] != ""].groupby(code)[people].nunique()
        if (counts > 1).any():
            folder.findings.fault(
                where,
                f"rows of one council with unlike figures in {people!r}",
                counts.index[counts > 1],
                breaks="it is not said whether they are of the part or the whole",
                remedy="unite the rows in a GIS, adding people up where they are of the parts",
            )


def _matched(
    folder: Folder, source: CouncilsSource, shapes: gpd.GeoDataFrame, codes: pd.Index
) -> np.ndarray | None:
    """Put shapes in the order of the councils."""
    where = source.polygons
    own = to_known(shapes[shapes.attrs["code"]], codes)
    number = pd.Index(own).get_indexer(codes)
    lost = codes[number < 0]
    if len(lost):
        unused = sorted(set(own) - set(codes))
        hint = f"it has {len(unused)} other codes, such as {unused[0]}: of another vintage?" if unused else ""
        folder.findings.fault(
            where,
            "councils without a shape",
            lost,
            breaks="they cannot be drawn",
            remedy=hint or "add their shapes",
        )
        return None
    unused = sorted(set(own) - set(codes))
    if unused:
        folder.findings.repair(where, "shapes of places that are no councils here are left out", unused)
    return shapes.geometry.to_numpy()[number]


def has_shapes(councils: gpd.GeoDataFrame) -> bool:
    """Say whether the councils came with shapes."""
    return bool(shapely.is_geometry(councils.geometry.to_numpy()).all())
