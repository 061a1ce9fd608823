"""What the councils of another vintage are called here."""

from collections.abc import Iterable

import pandas as pd

from geo_devolve.geography.files import Folder, UnreadableFileError
from geo_devolve.geography.manifest import SuccessorsSource
from geo_devolve.geography.tables import clean_codes, pick, read_table, to_known

_MOST = 5  # named in one message
COLUMNS = ("old", "old_name", "new")


def no_successors() -> pd.DataFrame:
    """Return a table without any successor."""
    return pd.DataFrame({column: pd.Series([], dtype=object) for column in COLUMNS})


def read_successors(folder: Folder, source: SuccessorsSource, councils: pd.Index) -> pd.DataFrame:
    """Read which councils of another vintage became which of this one.

    Parameters
    ----------
    folder, source
        The file, and its columns.
    councils
        The codes of this vintage.

    Returns
    -------
    pandas.DataFrame
        Columns ``old``, ``old_name`` (blank where the table has none) and ``new``, sorted by the two codes.
        Rows whose new code is no council are told and left out.
    """
    where, findings = source.table, folder.findings
    try:
        table = read_table(folder, where, source.sheet)
    except UnreadableFileError as error:
        findings.fault(where, str(error), breaks="it says what the codes of another vintage are now")
        return no_successors()
    columns = {
        key: pick(folder, where, table, getattr(source, key), what="successors need it")
        for key in ("old", "new")
    }
    if not all(columns.values()):
        return no_successors()
    found = pd.DataFrame({key: clean_codes(table[column]) for key, column in columns.items()})
    found["new"] = to_known(found["new"], councils)
    named = source.old_name and pick(folder, where, table, source.old_name, what="of the old councils' names")
    found["old_name"] = table[named] if named else ""
    strange = ~found["new"].isin(councils)
    if strange.any():
        findings.notice(
            where, "successors that are no councils here are left out", found.loc[strange, "new"].unique()
        )
    found = found[~strange].astype(object).drop_duplicates(["old", "new"])
    return found[list(COLUMNS)].sort_values(["old", "new"], ignore_index=True)


def of_another_vintage(successors: pd.DataFrame, councils: pd.DataFrame, refs: Iterable[object]) -> str:
    """Say which of some unknown references are councils of another vintage, and what they are here.

    Parameters
    ----------
    successors
        Columns ``old``, ``old_name`` and ``new``.
    councils
        Index ``code``, column ``name``.
    refs
        Codes, or names.

    Returns
    -------
    str
        Such as ``"E07000151 (Daventry) is here West Northamptonshire (E06000062)"``, several with semicolons
        between; empty where none of them is known.
    """
    codes, names = (successors[key].map(str).str.casefold() for key in ("old", "old_name"))
    called = dict(councils["name"].map(str).items())
    told = []
    for ref in refs:
        text = str(ref).strip().casefold()
        hits = successors[(codes == text) | (names == text)] if text else successors[:0]
        hits = hits[~hits["old"].isin(councils.index) | (hits["old_name"].map(str).str.casefold() == text)]
        if len(hits):
            here = [f"{called[code]} ({code})" for code in hits["new"]]
            became = " and ".join([*([", ".join(here[:-1])] if here[:-1] else []), here[-1]])
            old, name = hits["old"].iloc[0], hits["old_name"].iloc[0]
            told.append(f"{old} ({name}) is here {became}" if name else f"{old} is here {became}")
    more = f"; and {len(told) - _MOST:,} more" if len(told) > _MOST else ""
    return "; ".join(told[:_MOST]) + more
