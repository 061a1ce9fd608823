"""Needs from files: a table of indicators, and their values by council or summed up from the points."""

import numpy as np
import pandas as pd

from geo_devolve.geography.needs import DIRECTIONS, INDICATOR_COLUMNS, Needs, make_needs, no_needs
from geo_devolve.geography.reading.councils import fault_if_repeated
from geo_devolve.geography.reading.files import Folder
from geo_devolve.geography.reading.known import KnownCouncils
from geo_devolve.geography.reading.manifest import MANIFEST, Manifest, NeedsSource
from geo_devolve.geography.reading.points import point_columns
from geo_devolve.geography.reading.tables import numbers_in, pick, read_table
from geo_devolve.outside import UnreadableFileError
from geo_devolve.words import nearest

NEED_COUNCILS = (r"council", r"code", r"(lad|ltla|laua)\d{2}cd", r"area_?(cd|code)", r".*(code|cd)")


def read_needs(
    folder: Folder, manifest: Manifest, points: pd.DataFrame, known: KnownCouncils
) -> pd.DataFrame | None:
    """Read what is published of each council's needs.

    Returns
    -------
    pandas.DataFrame or None
        Councils × indicators, NaN where not published; ``attrs["indicators"]`` holds the table of indicators.
        None where the manifest states no needs or the files have faults.
    """
    source = manifest.needs
    if source is None:
        return None
    councils = known.codes
    indicators = _read_indicators(folder, source)
    values = _read_values(folder, source, known) if source.table else pd.DataFrame(index=councils)
    if indicators is None or values is None:
        return None
    for indicator in source.points:
        values[indicator] = _from_points(folder, manifest, indicator, points, councils)
    missing = [name for name in indicators.index if name not in values.columns]
    if missing:
        where = source.table or MANIFEST
        folder.findings.fault(
            where,
            "indicators without a column",
            missing,
            remedy=nearest(missing[0], values.columns, "'")
            or f"add the columns, or take them out of {source.indicators}",
        )
        return None
    unknown = [name for name in values.columns if name not in indicators.index]
    if unknown:
        folder.findings.notice(
            source.indicators, "columns of needs that are no indicator here are left out", unknown
        )
    values = values[list(indicators.index)].copy()
    blank = values.columns[values.isna().all(axis=0)]
    if len(blank):
        folder.findings.fault(source.table or MANIFEST, "indicators without any value", blank)
        return None
    values.attrs["indicators"] = indicators
    return values


def finish_needs(
    folder: Folder, values: pd.DataFrame | None, councils: pd.DataFrame, neighbours: pd.DataFrame
) -> Needs:
    """Fill gaps, standardise, and tell what was filled.

    Parameters
    ----------
    folder
        Where the fills are told.
    values
        As `read_needs` returns them.
    councils
        Index code, column ``population`` (persons).
    neighbours
        Columns ``council`` and ``neighbour``: by land or by any crossing.

    Returns
    -------
    Needs
        Without indicators where there are no values.
    """
    if values is None:
        return no_needs(councils.index)
    indicators = values.attrs["indicators"]
    needs = make_needs(values, indicators, councils["population"].to_numpy(np.float64), neighbours)
    if len(needs.filled):
        counts = needs.filled.groupby("council", sort=True).size()
        folder.findings.notice(
            "needs",
            f"{len(needs.filled)} values that are not published are filled in from the neighbours",
            [f"{code} ({count})" for code, count in counts.items()],
        )
    flat = [theme for theme in needs.scores if not needs.scores[theme].any()]
    if flat:
        folder.findings.notice("needs", "themes in which councils do not differ count for nothing", flat)
    return needs


def _read_indicators(folder: Folder, source: NeedsSource) -> pd.DataFrame | None:
    where, findings = source.indicators, folder.findings
    try:
        table = read_table(folder, where)
    except UnreadableFileError as error:
        findings.fault(where, str(error), breaks="it says what the needs mean")
        return None
    found = {
        key: pick(folder, where, table, key, what="needs need it")
        for key in ("indicator", *INDICATOR_COLUMNS[:3])
    }
    if not all(found.values()):
        return None
    table = table.rename(columns={column: key for key, column in found.items()})
    fault_if_repeated(table["indicator"], folder, where, "indicators")
    for column, remedy in (("theme", "name one"), ("unit", "say what is counted, such as % of adults")):
        without = table.loc[table[column] == "", "indicator"]
        if len(without):
            findings.fault(where, f"indicators without a {column}", without, remedy=remedy)
    table["higher_means"] = table["higher_means"].str.lower()
    astray = table.loc[~table["higher_means"].isin(list(DIRECTIONS)), "indicator"]
    if len(astray):
        findings.fault(
            where,
            "indicators without a direction",
            astray,
            breaks="needs could not be told from blessings",
            remedy='write "more need" or "less need" in higher_means',
        )
    return table.set_index("indicator").reindex(columns=list(INDICATOR_COLUMNS)).fillna("")


def _read_values(folder: Folder, source: NeedsSource, known: KnownCouncils) -> pd.DataFrame | None:
    where, findings, councils = source.table, folder.findings, known.codes
    try:
        table = read_table(folder, where, source.sheet)
    except UnreadableFileError as error:
        findings.fault(where, str(error), breaks="there are no needs without it")
        return None
    key = pick(folder, where, table, source.council, what="a council's code", guesses=NEED_COUNCILS)
    if key is None:
        return None
    table[key] = known.read(where, table[key])
    fault_if_repeated(table[key], folder, where, "councils")
    strange = table.loc[~table[key].isin(councils) & (table[key] != ""), key].unique()
    if len(strange):
        findings.fault(
            where,
            "councils that are not in the councils' table",
            strange,
            remedy=known.remedy(strange.tolist(), table) + ", or remove the rows",
        )
    lost = councils[~councils.isin(table[key])]
    if len(lost):
        findings.fault(
            where,
            "councils without a row",
            lost,
            breaks="their needs would be guesses",
            remedy="add the rows; leave cells empty that are not published",
        )
    columns = {}
    for column in table.columns:
        if column == key:
            continue
        numbers, wrong = numbers_in(folder, where, table[column])
        columns[column] = numbers
        if wrong and not np.isnan(numbers).all():
            findings.fault(where, f"the column {column!r} holds what is no number", wrong)
    values = pd.DataFrame(columns, index=table[key])
    values = values[~values.index.duplicated()].reindex(councils)
    values.index.name = "code"
    return values


def _from_points(
    folder: Folder, manifest: Manifest, indicator: str, points: pd.DataFrame, councils: pd.Index
) -> np.ndarray:
    """Sum an indicator up from the points: a count over another count, or a rate weighted by people."""
    where = f"{MANIFEST}, needs.points.{indicator}"
    nothing = np.full(len(councils), np.nan)
    recipe = dict(manifest.needs.points[indicator]) if manifest.needs else {}
    keys = set(recipe)
    if keys not in ({"count"}, {"count", "of"}, {"rate"}, {"rate", "weight"}):
        folder.findings.fault(
            where,
            f"has the keys {', '.join(sorted(keys))}",
            remedy="write {count = column}, {count = column, of = column}, {rate = column} or "
            "{rate = column, weight = column}",
        )
        return nothing
    table = point_columns(points)
    columns = {}
    for key, wanted in recipe.items():
        column = pick(
            folder, manifest.points.table or manifest.points.polygons, table, str(wanted), what=where
        )
        if column is None:
            return nothing
        numbers, wrong = numbers_in(folder, manifest.points.table or manifest.points.polygons, table[column])
        if wrong:
            folder.findings.fault(
                manifest.points.table, f"the column {column!r} holds what is no number", wrong
            )
        columns[key] = numbers
    rows = councils.get_indexer(pd.Index(points["council"]))
    if "rate" in columns:
        weight = columns.get("weight", points["population"].to_numpy(np.float64))
        over, under = columns["rate"] * weight, weight
    else:
        over, under = columns["count"], columns.get("of", np.zeros(len(points)))
    use = ~np.isnan(over) & ~np.isnan(under) & (rows >= 0)
    top = np.bincount(rows[use], weights=over[use], minlength=len(councils))
    bottom = np.bincount(rows[use], weights=under[use], minlength=len(councils))
    seen = np.bincount(rows[use], minlength=len(councils)) > 0
    if keys == {"count"}:
        return np.where(seen, top, np.nan)
    return np.where(seen & (bottom > 0), top / np.where(bottom > 0, bottom, 1.0), np.nan)
