"""Population points: where people live, how many, and in which council."""

import numpy as np
import pandas as pd

from geo_devolve.geography.councils import fault_if_repeated, only_those
from geo_devolve.geography.files import Folder, UnreadableFileError
from geo_devolve.geography.findings import nearest
from geo_devolve.geography.manifest import JoinSource, Manifest, PointsSource
from geo_devolve.geography.tables import clean_codes, guess, pick, read_table, to_known, to_numbers

POINT_IDS = (r"id", r"code", r"(lsoa|msoa|oa|dz|datazone)(\d{2})?(cd|code)?")
EASTINGS = (r"x", r"easting", r"oseast1m", r".*_e(ast(ing)?)?", r"bng_?e", r".*easting.*")
NORTHINGS = (r"y", r"northing", r"osnrth1m", r".*_n(orth(ing)?)?", r"bng_?n", r".*northing.*")
PEOPLE = (r"population", r"pop", r"all_?ages", r"pop.*total", r"population.*", r"pop\d*.*", r"residents")
POINT_COUNCILS = (r"council", r"(lad|ltla|laua)(\d{2})?(cd|code)?")


def read_points(folder: Folder, manifest: Manifest, councils: pd.Index) -> pd.DataFrame:
    """Read the population points.

    Parameters
    ----------
    folder, manifest
        Where they come from.
    councils
        The councils' codes.

    Returns
    -------
    pandas.DataFrame
        Columns ``id`` (text, "" without), ``council``, ``population`` (persons), ``x``, ``y`` (m), then those
        of the table, as text, under their names with "column:" before them.

    Raises
    ------
    DataError
        Where nothing can be made of the files.
    """
    source = manifest.points
    where = source.table
    findings = folder.findings
    try:
        table = read_table(folder, where, source.sheet)
    except UnreadableFileError as error:
        findings.fault(where, str(error), breaks="population and overlaps are sums of points")
        return _no_points()
    identity = guess(table, POINT_IDS)
    if source.id:
        identity = pick(folder, where, table, source.id, what="a point's code")
    if identity is not None:
        table[identity] = clean_codes(table[identity])
        table = only_those(table, identity, source.only, folder, where)
        fault_if_repeated(table[identity], folder, where, "points")
    for join in source.joins:
        table = _joined(folder, table, identity, join)
    easting = pick(folder, where, table, source.x, what="an easting (m)", guesses=EASTINGS)
    northing = pick(folder, where, table, source.y, what="a northing (m)", guesses=NORTHINGS)
    people = pick(folder, where, table, source.population, what="a population", guesses=PEOPLE)
    council = pick(
        folder, where, table, source.council, what="the council that a point lies in", guesses=POINT_COUNCILS
    )
    if easting is None or northing is None or people is None or council is None:
        return _no_points()
    named = table[identity] if identity is not None else pd.Series(np.arange(len(table)).astype(str))
    points = pd.DataFrame(
        {
            "id": table[identity] if identity is not None else "",
            "council": to_known(clean_codes(table[council]), councils),
            "population": _people(folder, where, table[people], named),
            "x": _coordinate(folder, where, table[easting], named, "an easting"),
            "y": _coordinate(folder, where, table[northing], named, "a northing"),
        }
    )
    _check_councils(folder, where, points, councils)
    columns = table.rename(columns={column: f"column:{column}" for column in table.columns})
    return pd.concat([points, columns], axis=1)


def _no_points() -> pd.DataFrame:
    return pd.DataFrame({"id": [], "council": [], "population": [], "x": [], "y": []})


def _joined(folder: Folder, table: pd.DataFrame, identity: str | None, source: JoinSource) -> pd.DataFrame:
    """Add the columns of another table, looked up by a column of the points."""
    findings, name, on = folder.findings, source.table, source.on
    try:
        other = read_table(folder, name, source.sheet)
    except UnreadableFileError as error:
        findings.fault(name, str(error), breaks="the points take columns from it")
        return table
    column = pick(folder, name, other, source.key, what="the points are joined by it")
    mine = pick(folder, "points", table, on, what="a table is joined by it") if on else identity
    if column is None or mine is None:
        if mine is None and not on:
            remedy = "name the column in id or on"
            findings.fault(name, "cannot be joined to points without a code", remedy=remedy)
        return table
    other[column] = clean_codes(other[column])
    fault_if_repeated(other[column], folder, name, "points")
    if other[column].duplicated().any():
        return table
    number = pd.Index(other[column]).get_indexer(pd.Index(table[mine]))
    lost = table.loc[number < 0, mine]
    if len(lost):
        findings.fault(
            name,
            f"{len(lost):,} points have no row",
            lost,
            breaks="their people would be in no body",
            remedy="use a table of the points' vintage",
        )
    unused = len(other) - len(set(number[number >= 0].tolist()))
    if unused:
        findings.repair(name, f"{unused:,} rows about places that are no points are left out")
    extra = other.drop(columns=[each for each in other.columns if each == column or each in table.columns])
    taken = extra.reindex(number).reset_index(drop=True).fillna("")
    return pd.concat([table.reset_index(drop=True), taken], axis=1)


def _people(folder: Folder, where: str, cells: pd.Series, named: pd.Series) -> np.ndarray:
    numbers, wrong = to_numbers(cells)
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
        folder.findings.fault(
            where,
            "points with a negative population",
            named[numbers < 0],
            remedy="a population is at least 0",
        )
    return np.nan_to_num(numbers)


def _coordinate(folder: Folder, where: str, cells: pd.Series, named: pd.Series, what: str) -> np.ndarray:
    numbers, wrong = to_numbers(cells)
    missing = np.isnan(numbers)
    if wrong or missing.any():
        folder.findings.fault(where, f"points without {what}", named[missing])
    return numbers


def _check_councils(folder: Folder, where: str, points: pd.DataFrame, councils: pd.Index) -> None:
    """Note points in councils that are not there, and councils without points."""
    strange = pd.Series(councils.get_indexer(pd.Index(points["council"])) < 0, index=points.index)
    if strange.any():
        codes = points.loc[strange, "council"].replace("", "(none)").unique()
        folder.findings.fault(
            where,
            f"{int(strange.sum()):,} points in councils that are not listed",
            codes,
            breaks="their people would be lost",
            remedy=nearest(str(codes[0]), councils)
            or "use points and councils of one vintage, or cut the points with only",
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
        sums = points.groupby("council")["population"].sum()
        if (sums <= 0).any():
            folder.findings.fault(where, "councils without people", sums.index[sums <= 0])


def point_columns(points: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of the points' own table, under their own names."""
    prefix = "column:"
    own = [column for column in points.columns if str(column).startswith(prefix)]
    return points[own].rename(columns=lambda column: str(column).removeprefix(prefix))


def declared_populations_agree(
    folder: Folder, source: PointsSource, sums: pd.Series, declared: pd.Series
) -> None:
    """Tell where the councils' table and the points disagree about how many people there are."""
    known = declared.dropna()
    apart = known[(known - sums.reindex(known.index)).abs() > 0.01 * known.abs() + 0.5]
    if len(apart):
        folder.findings.notice(
            source.table or source.polygons,
            f"{len(apart)} councils' populations differ by more than 1 % from the councils' table",
            apart.index,
            breaks="the points count",
            remedy="check that both are of one date",
        )
