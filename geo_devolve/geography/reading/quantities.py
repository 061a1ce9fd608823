"""Quantities and flows from a geography's files."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_devolve.geography.quantities import Flows, make_flows
from geo_devolve.geography.reading.files import Folder
from geo_devolve.geography.reading.known import KnownCouncils
from geo_devolve.geography.reading.manifest import FlowsSource, Manifest, QuantitiesSource
from geo_devolve.geography.reading.points import point_columns
from geo_devolve.geography.reading.tables import numbers_in, pick, read_table
from geo_devolve.outside import UnreadableFileError

_CODES = (r"council", r"code", r"(lad|ltla|laua)(\d{2})?(cd|code)?")


def read_flows(folder: Folder, manifest: Manifest, known: KnownCouncils) -> dict[str, Flows]:
    """Read the tables of trips.

    Parameters
    ----------
    folder, manifest
        Where they come from.
    known
        The councils.

    Returns
    -------
    dict of str to Flows
        In the manifest's order, but for those that cannot be read, whose faults are noted.
    """
    found = {}
    for name, source in manifest.flows.items():
        table = _read_flow(folder, name, source, known)
        if table is not None:
            found[name] = table
    return found


def read_quantities(
    folder: Folder,
    manifest: Manifest,
    known: KnownCouncils,
    given: tuple[pd.DataFrame, pd.DataFrame],
    flows: dict[str, Flows],
) -> pd.DataFrame:
    """Read the figures that add up over an area.

    Parameters
    ----------
    folder, manifest
        Where they come from.
    known
        The councils.
    given
        The councils' table and the points, as they were read.
    flows
        Tables of trips, whose starts and ends may be quantities.

    Returns
    -------
    pandas.DataFrame
        Index the councils' codes, a column a quantity.
    """
    councils, points = given
    columns: dict[str, NDArray[np.float64]] = {}
    source = manifest.quantities
    if source is not None:
        own = point_columns(points)
        rows = known.codes.get_indexer(pd.Index(points["council"]))
        for name, column in source.points.items():
            numbers = _numbers(folder, manifest.points.table or "points", own, column, name, gaps=True)
            if numbers is not None:
                columns[name] = np.bincount(rows, weights=numbers, minlength=len(known.codes)).astype(
                    np.float64
                )
        for name, column in source.councils.items():
            numbers = _numbers(folder, manifest.councils.table or "councils", councils, column, name)
            if numbers is not None:
                columns[name] = numbers
        if source.columns:
            columns |= _of_table(folder, source, known)
    for name, table in flows.items():
        told = manifest.flows[name]
        for called, axis in ((told.starts, 1), (told.ends, 0)):
            if called:
                columns[called] = np.asarray(table.trips.sum(axis=axis), dtype=np.float64).ravel()
    return pd.DataFrame(columns, index=known.codes)


def _read_flow(folder: Folder, name: str, source: FlowsSource, known: KnownCouncils) -> Flows | None:
    where, findings = source.table, folder.findings
    try:
        table = read_table(folder, where, source.sheet)
    except UnreadableFileError as error:
        findings.fault(where, str(error), breaks=f"it holds the flows {name!r}")
        return None
    wanted = (source.origin, source.destination, source.trips)
    found = [pick(folder, where, table, each, what="flows need it") for each in wanted]
    if not all(found):
        return None
    pairs = table[found].set_axis(["origin", "destination", "trips"], axis=1)
    trips, wrong = numbers_in(folder, where, pairs["trips"])
    if wrong:
        findings.fault(where, f"the column {found[2]!r} holds what is no number", wrong)
    if (trips < 0).any():
        findings.fault(where, f"the column {found[2]!r} holds trips below 0")
    pairs["trips"] = np.nan_to_num(trips)
    for end in ("origin", "destination"):
        pairs[end] = known.read(where, pairs[end])
    inside = pairs["origin"].isin(known.codes) & pairs["destination"].isin(known.codes)
    if not inside.any():
        strange = sorted({*pairs["origin"], *pairs["destination"]} - set(known.codes))
        findings.fault(where, "no trip is between two councils", strange, remedy=known.remedy(strange))
        return None
    if not inside.all():
        lost = float(pairs.loc[~inside, "trips"].sum())
        findings.notice(where, f"{lost:,.0f} trips that start or end outside are left out")
    if wrong or (trips < 0).any():
        return None
    return make_flows(name, source.title, known.codes, pairs[inside])


def _numbers(
    folder: Folder, where: str, table: pd.DataFrame, column: str, name: str, *, gaps: bool = False
) -> NDArray[np.float64] | None:
    found = pick(folder, where, table, column, what=f"it holds the quantity {name!r}")
    if found is None:
        return None
    numbers, wrong = numbers_in(folder, where, table[found].astype(str))
    if wrong:
        folder.findings.fault(where, f"the column {found!r} holds what is no number", wrong)
        return None
    if np.isnan(numbers).any():
        empty = f"{int(np.isnan(numbers).sum()):,} rows of the column {found!r} are empty"
        if not gaps:
            remedy = "write 0 where there is none"
            folder.findings.fault(where, empty, breaks=f"the quantity {name!r} has no sum", remedy=remedy)
            return None
        folder.findings.notice(where, f"{empty} and add nothing to the quantity {name!r}")
    return np.nan_to_num(numbers)


def _of_table(
    folder: Folder, source: QuantitiesSource, known: KnownCouncils
) -> dict[str, NDArray[np.float64]]:
    where, findings = source.table, folder.findings
    try:
        table = read_table(folder, where, source.sheet)
    except UnreadableFileError as error:
        findings.fault(where, str(error), breaks="it holds quantities")
        return {}
    column = pick(folder, where, table, source.council, what="a council's code", guesses=_CODES)
    if column is None:
        return {}
    rows = known.codes.get_indexer(pd.Index(known.read(where, table[column])))
    if (rows < 0).any():
        findings.repair(
            where, f"{int((rows < 0).sum()):,} rows about places that are no councils are left out"
        )
    missing = [code for at, code in enumerate(known.codes) if at not in set(rows.tolist())]
    if missing:
        findings.fault(where, "councils without a row of quantities", missing)
        return {}
    found = {}
    for name, wanted in source.columns.items():
        numbers = _numbers(folder, where, table[rows >= 0], wanted, name)
        if numbers is not None:
            found[name] = np.bincount(rows[rows >= 0], weights=numbers, minlength=len(known.codes)).astype(
                np.float64
            )
    return found


def _added(rows: NDArray[np.int64], numbers: NDArray[np.float64], many: int) -> NDArray[np.float64]:
    return np.bincount(rows, weights=numbers, minlength=many).astype(np.float64)
