"""Tables of pairs of councils: land borders and crossings."""

import numpy as np
import pandas as pd

from geo_devolve.geography.from_graph import CROSSING_KINDS
from geo_devolve.geography.reading.files import Folder
from geo_devolve.geography.reading.known import KnownCouncils
from geo_devolve.geography.reading.manifest import BordersSource, CrossingsSource
from geo_devolve.geography.reading.tables import numbers_in, pick, read_table
from geo_devolve.outside import UnreadableFileError


def read_borders(folder: Folder, source: BordersSource, known: KnownCouncils) -> pd.DataFrame:
    """Read the land borders.

    Returns
    -------
    pandas.DataFrame
        Columns ``council``, ``neighbour`` (the later of the two) and ``length_m``, sorted.
    """
    table = _read_pairs(folder, source, known, "length_m")
    lengths = table["length_m"]
    short = table[~(lengths > 0)]
    if len(short):
        folder.findings.fault(
            source.table,
            "borders without a length above 0",
            short["council"] + "-" + short["neighbour"],
            remedy="remove them: a touch in one point is no border",
        )
    return table[["council", "neighbour", "length_m"]]


def read_crossings(folder: Folder, source: CrossingsSource, known: KnownCouncils) -> pd.DataFrame:
    """Read the crossings.

    Returns
    -------
    pandas.DataFrame
        Columns ``council``, ``neighbour`` (the later of the two), ``kind`` and ``gap_m``, sorted.
    """
    table = _read_pairs(folder, source, known, "gap_m")
    strange = table[~table["kind"].isin(CROSSING_KINDS)]
    if len(strange):
        folder.findings.fault(
            source.table,
            "crossings of an unknown kind",
            strange["council"] + "-" + strange["neighbour"] + " (" + strange["kind"] + ")",
            remedy=f"write one of {', '.join(CROSSING_KINDS)}",
        )
    return table[["council", "neighbour", "kind", "gap_m"]]


def no_crossings() -> pd.DataFrame:
    """Return a table without any crossing."""
    return pd.DataFrame(
        {"council": pd.Series([], dtype=str), "neighbour": [], "kind": [], "gap_m": np.zeros(0)}
    ).astype({"neighbour": str, "kind": str})


def _read_pairs(
    folder: Folder, source: BordersSource | CrossingsSource, known: KnownCouncils, number: str
) -> pd.DataFrame:
    where, findings = source.table, folder.findings
    kind = isinstance(source, CrossingsSource)
    empty = pd.DataFrame({"council": [], "neighbour": [], "kind": [], number: []}, dtype=str).astype(
        {number: float}
    )
    try:
        table = read_table(folder, where, source.sheet)
    except UnreadableFileError as error:
        findings.fault(where, str(error), breaks="it says which councils are neighbours")
        return empty
    wanted = ["council", "neighbour", *(["kind"] if kind else []), number]
    found = {key: pick(folder, where, table, getattr(source, key), what="pairs need it") for key in wanted}
    if not all(found.values()):
        return empty
    table = table[[found[key] for key in wanted]].set_axis(wanted, axis=1)
    for column in ("council", "neighbour"):
        table[column] = known.read(where, table[column])
    if kind:
        table["kind"] = table["kind"].str.lower()
    numbers, wrong = numbers_in(folder, where, table[number])
    if wrong:
        findings.fault(where, f"the column {found[number]!r} holds what is no number", wrong)
    table[number] = numbers
    strange = sorted(
        {code for column in ("council", "neighbour") for code in table[column]} - set(known.codes)
    )
    if strange:
        findings.fault(
            where,
            "pairs with councils that are not listed",
            [code or "(none)" for code in strange],
            remedy=known.remedy(strange),
        )
    alone = table.loc[table["council"] == table["neighbour"], "council"]
    if len(alone):
        findings.fault(where, "councils that are their own neighbour", alone)
    swap = table["council"] > table["neighbour"]
    table.loc[swap, ["council", "neighbour"]] = table.loc[swap, ["neighbour", "council"]].to_numpy()
    table = table.sort_values(["council", "neighbour"], ignore_index=True)
    twice = table.duplicated(["council", "neighbour"])
    if twice.any():
        findings.fault(
            where,
            "pairs listed twice",
            table.loc[twice, "council"] + "-" + table.loc[twice, "neighbour"],
            remedy="keep one row a pair",
        )
    return table
