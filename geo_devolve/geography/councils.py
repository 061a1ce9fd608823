"""The councils: their codes and names from a table, their shapes from polygons."""

import geopandas as gpd
import pandas as pd

from geo_devolve.geography.files import Folder, UnreadableFileError
from geo_devolve.geography.manifest import CouncilsSource, Manifest
from geo_devolve.geography.tables import clean_codes, pick, read_table, to_numbers

COUNCIL_CODES = (r"code", r"(lad|ltla|laua)\d{2}cd", r"area_?(cd|code)", r"[a-z]+\d{2}cd", r".*(code|cd)")
COUNCIL_NAMES = (r"name", r"(lad|ltla|laua)\d{2}nm", r"area_?(nm|name)", r"[a-z]+\d{2}nm", r".*(name|nm)")


def only_those(
    table: pd.DataFrame, column: str, prefixes: tuple[str, ...], folder: Folder, where: str
) -> pd.DataFrame:
    """Keep the rows whose code starts with one of the prefixes, and tell how many were left out."""
    if not prefixes:
        return table
    kept = table[column].astype(str).str.startswith(prefixes)
    if not kept.all():
        left = int((~kept).sum())
        folder.findings.repair(
            where,
            f"cut to the study area: {left:,} of {len(table):,} rows left out, whose codes do not start with "
            + " or ".join(prefixes),
            table.loc[~kept, column],
        )
    return table[kept].reset_index(drop=True)


def fault_if_repeated(codes: pd.Series, folder: Folder, where: str, what: str) -> None:
    """Note codes that are listed twice, or empty."""
    twice = codes[codes.duplicated() & (codes != "")].unique()
    if len(twice):
        folder.findings.fault(
            where,
            f"duplicate codes of {what}",
            twice,
            breaks="it would count twice",
            remedy="keep one row each",
        )
    empty = int((codes == "").sum())
    if empty:
        folder.findings.fault(
            where, f"{empty:,} rows without a code of {what}", remedy="fill it in or remove the rows"
        )


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
        columns of the table as text, and ``geometry`` (None where the polygons are not stated).

    Raises
    ------
    DataError
        Where nothing can be made of the files.
    """
    source = manifest.councils
    table = _read_table(folder, source) if source.table else None
    folder.findings.stop_at_faults()
    if table is None:
        raise NotImplementedError
    table = table.set_index("code").sort_index()
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries([None] * len(table), index=table.index))


def _read_table(folder: Folder, source: CouncilsSource) -> pd.DataFrame | None:
    where = source.table
    try:
        table = read_table(folder, where, source.sheet)
    except UnreadableFileError as error:
        folder.findings.fault(where, str(error), breaks="there are no councils without it")
        return None
    code = pick(folder, where, table, source.code, what="a council's code", guesses=COUNCIL_CODES)
    name = pick(folder, where, table, source.name, what="a council's name", guesses=COUNCIL_NAMES)
    people = pick(folder, where, table, source.population, what="a council's population")
    if code is None or name is None:
        return None
    table[code] = clean_codes(table[code])
    table = only_those(table, code, source.only, folder, where)
    fault_if_repeated(table[code], folder, where, "councils")
    unnamed = table.loc[table[name] == "", code]
    if len(unnamed):
        folder.findings.fault(where, "councils without a name", unnamed)
    declared = pd.Series(float("nan"), index=table.index)
    if people is not None:
        numbers, wrong = to_numbers(table[people])
        if wrong:
            folder.findings.fault(where, f"the column {people!r} holds what is no number", wrong)
        declared = pd.Series(numbers, index=table.index)
        bad = table.loc[~(declared >= 0), code]
        if len(bad):
            folder.findings.fault(
                where, "councils with a missing or negative population", bad, remedy="supply the population"
            )
    rest = table.drop(columns=[code, name]).rename(
        columns={
            column: f"{column}_"
            for column in ("population", "x", "y", "geometry", "declared")
            if column in table
        }
    )
    return pd.concat(
        [table[[code, name]].set_axis(["code", "name"], axis=1), declared.rename("declared"), rest], axis=1
    )
