"""The table of what the councils of another vintage became here."""

import pandas as pd

from geo_devolve.geography.reading.files import Folder
from geo_devolve.geography.reading.manifest import SuccessorsSource
from geo_devolve.geography.reading.tables import clean_codes, pick, read_table, to_known
from geo_devolve.geography.vintages import COLUMNS, no_successors
from geo_devolve.outside import UnreadableFileError


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
