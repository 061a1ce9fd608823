"""Columns that the population points take from other tables."""

import pandas as pd

from geo_devolve.geography.reading.councils import fault_if_repeated
from geo_devolve.geography.reading.files import Folder
from geo_devolve.geography.reading.manifest import JoinSource
from geo_devolve.geography.reading.tables import clean_codes, pick, read_table
from geo_devolve.outside import UnreadableFileError


def join_table(folder: Folder, table: pd.DataFrame, identity: str | None, source: JoinSource) -> pd.DataFrame:
    """Add the columns of another table, looked up by a column of the points.

    Parameters
    ----------
    folder
        Where findings are noted.
    table
        The points' own columns, as text.
    identity
        The column with their codes, None without.
    source
        Which table, and by which columns.

    Returns
    -------
    pandas.DataFrame
        The points in their order, with the columns that they did not have yet.
    """
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
