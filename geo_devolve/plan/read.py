"""Plans from elsewhere: drawn by hand or by another tool, with codes or names, read as far as they can be."""

import csv
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd

from geo_devolve.errors import DataError, first_few
from geo_devolve.geography.directory import Directory
from geo_devolve.geography.model import Geography
from geo_devolve.plan.faults import Fault
from geo_devolve.plan.groups import pairs_of
from geo_devolve.plan.plan import Plan
from geo_devolve.scenario import Scenario

_AREA_COLUMNS = ("area", "area_code", "assignment", "plan", "group", "zone", "district", "part", "area_name")
_LEAST = 0.5
"""Of the people, how many must have an area for a figure to mean anything."""


def drawn_plan(geography: Geography, assignment: pd.Series | Mapping[Any, Any], scenario: Scenario) -> Plan:
    """Make a plan of any assignment, feasible or not.

    Parameters
    ----------
    geography
        The study area.
    assignment
        Council, by code or name, to area; areas may be called anything.
    scenario
        What the plan is held against.

    Returns
    -------
    Plan
        Without a certificate; what is wrong with it stands in its `faults`.

    Raises
    ------
    DataError
        Where no council is known, or those that are hold less than half of the people.
    ScenarioError
        Where the scenario speaks of what the geography does not have.
    """
    return _assemble(geography, scenario, [(None, *pair) for pair in pairs_of(assignment)], "the assignment")


def score(
    geography: Geography, assignment: pd.Series | Mapping[Any, Any] | Plan, scenario: Scenario
) -> pd.DataFrame:
    """Score any assignment as `Plan.scores` does, feasible or not; its faults are rows too.

    Parameters
    ----------
    geography
        The study area.
    assignment
        Council, by code or name, to area; or a plan.
    scenario
        Which terms and weights count, and the rules that it is held against.

    Returns
    -------
    DataFrame
        Columns measure, part, area, value, weight, contribution. A council without an area counts as one
        of its own.

    Raises
    ------
    DataError
        Where no council is known, or those that are hold less than half of the people.
    ScenarioError
        Where the scenario speaks of what the geography does not have.
    """
    return drawn_plan(
        geography, assignment.assignment if isinstance(assignment, Plan) else assignment, scenario
    ).scores


def read_plan(
    geography: Geography,
    source: str | os.PathLike[str],
    scenario: Scenario,
    *,
    council_column: str | None = None,
    area_column: str | None = None,
) -> Plan:
    """Read a plan from a file.

    Parameters
    ----------
    geography
        The study area.
    source
        A table of councils and areas (CSV with any usual separator, or Excel), with or without a header;
        JSON that maps councils to areas, or a plan.json; a GeoJSON of areas with their ``councils``; or a
        folder with a councils.csv, as `geo-devolve propose` leaves it.
    scenario
        What the plan is held against.
    council_column, area_column
        The columns' names, where they cannot be told.

    Returns
    -------
    Plan
        What is wrong with it, line by line where it is the table's fault, stands in its `faults`.

    Raises
    ------
    DataError
        Where the file cannot be read, or no figure about it would mean anything.
    """
    path = Path(source)
    if path.is_dir():
        path /= "councils.csv"
    if not path.is_file():
        raise DataError(
            f"{path}: there is no such file; a plan is a CSV of council and area, or a folder with one"
        )
    try:
        if path.suffix.lower() in {".json", ".geojson"}:
            lines = _from_json(json.loads(path.read_bytes().decode("utf-8-sig")))
        else:
            directory = geography.directory
            lines = _from_table(_rows(path), directory, council_column, area_column)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path}: it cannot be read as a plan: {error}") from error
    return _assemble(geography, scenario, lines, str(path))


def _rows(path: Path) -> list[list[str]]:
    if path.suffix.lower() in {".xlsx", ".xlsm"}:
        import openpyxl  # noqa: PLC0415 - slow to load, and few plans come in a workbook

        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            rows = book.worksheets[0].iter_rows(values_only=True)
            return [["" if cell is None else str(cell) for cell in row] for row in rows]
        finally:
            book.close()  # read-only workbooks keep their file open
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    head = text[:4096].split("\n", 1)[0]
    separator = max(",;\t|", key=head.count)
    return [
        row for row in csv.reader(StringIO(text, newline=""), delimiter=separator) if any(map(str.strip, row))
    ]


def _from_table(
    rows: list[list[str]], directory: Directory, council: str | None, area: str | None
) -> list[tuple[int | None, Any, Any]]:
    if not rows:
        raise DataError("it is empty")
    width = max(map(len, rows))
    rows = [[cell.strip() for cell in row] + [""] * (width - len(row)) for row in rows]
    has_header = all(directory.look(cell).code is None for cell in rows[0] if cell) or council or area
    header = rows[0] if has_header else [""] * width
    body = rows[1:] if has_header else rows
    known = [sum(directory.look(row[column]).code is not None for row in body) for column in range(width)]
    by_column = sorted((c for c in range(width) if known[c]), key=lambda c: -known[c])
    if council is not None:
        by_column = [_named(header, council)]
    if not by_column:
        shown = first_few(row[0] for row in body) or first_few(rows[0])
        raise DataError(f"no column of it names councils of this geography; it begins with {shown}")
    chosen = _area_column(header, body, by_column, area)
    # A second column of councils (names beside codes) helps where the first does not know a council.
    aside = [column for column in by_column[1:] if column != chosen and known[column] >= len(body) / 2]
    lines: list[tuple[int | None, Any, Any]] = []
    for number, row in enumerate(body, start=2 if has_header else 1):
        written = [row[column] for column in (by_column[0], *aside) if row[column]]
        best = next(
            (cell for cell in written if directory.look(cell).code is not None), written[0] if written else ""
        )
        if row[chosen] or best:
            lines.append((number, best, row[chosen]))
    return lines


def _area_column(header: Sequence[str], body: list[list[str]], councils: list[int], area: str | None) -> int:
    if area is not None:
        return _named(header, area)
    others = [column for column in range(len(header)) if column != councils[0]]
    named = [header[column].casefold().replace(" ", "_") for column in range(len(header))]
    for wanted in _AREA_COLUMNS:
        for column in others:
            if named[column] == wanted:
                return column
    others = [c for c in others if c not in councils and any(row[c] for row in body)]
    if len(others) == 1:
        return others[0]
    names = first_few(name for name in header if name) or f"{len(header)} columns without names"
    raise DataError(f"which of its columns is the area cannot be told ({names}); call it area")


def _named(header: Sequence[str], name: str) -> int:
    if name not in header:
        raise DataError(f'it has no column "{name}", but {first_few(header)}')
    return list(header).index(name)


def _from_json(content: Any) -> list[tuple[int | None, Any, Any]]:
    if content.get("type") == "FeatureCollection":
        return [
            (None, council, each["properties"].get("code", each.get("id")))
            for each in content["features"]
            for council in each["properties"]["councils"]
        ]
    assignment = content.get("assignment", content)
    return [(None, council, area) for council, area in assignment.items()]


def _assemble(
    geography: Geography, scenario: Scenario, lines: Iterable[tuple[int | None, Any, Any]], heading: str
) -> Plan:
    scenario.check(geography)
    directory = geography.directory
    found: dict[Any, str] = {}
    faults: list[Fault] = []
    unknown: list[object] = []
    for line, written, area in lines:
        where = f"line {line}: " if line is not None else ""
        code = directory.look(written).code
        if code is None:
            unknown.append(written)
            hint = _hint(directory, written)
            faults.append(Fault("unknown", "", f'{where}"{written}" is no council of {geography.name}{hint}'))
            continue
        label = _label(area)
        if code in found:
            again = (
                "again"
                if found[code] == label or not label
                else f"in {found[code] or 'no area'} and in {label}"
            )
            text = f"{where}{directory.called[code]} ({code}) is listed {again}; the first counts"
            faults.append(Fault("doubled", "", text))
            continue
        found[code] = label
    people = geography.councils["population"].to_numpy(float)
    held = sum(p for code, p in zip(geography.councils.index, people, strict=True) if found.get(code))
    if not found:
        raise DataError(
            f"{heading}: it names no council of {geography.name}, but {first_few(map(str, unknown))}"
        )
    if held < _LEAST * people.sum():
        share = held / people.sum()
        raise DataError(
            f"{heading}: its areas hold {share:.0%} of the people of {geography.name}; "
            f"with less than half, no figure about it would mean anything{_unknown(unknown)}"
        )
    labels = [found.get(code) or None for code in geography.councils.index]
    assignment = pd.Series(labels, index=geography.councils.index, name="area", dtype=object)
    return Plan(geography, scenario, assignment, None, (), tuple(faults))


def _hint(directory: Directory, written: object) -> str:
    """Say what an unknown council may be, in brackets, and how a whole plan of another vintage is carried."""
    hint = directory.hint(written)
    carry = (
        "; geo-devolve carry takes a whole plan from one vintage to another" if " is here " in hint else ""
    )
    return f" ({hint}{carry})" if hint else ""


def _unknown(names: list[object]) -> str:
    return f". Councils not known: {first_few(map(str, names))}" if names else ""


def _label(area: object) -> str:
    if isinstance(area, float) and area.is_integer():
        area = int(area)
    return "" if area is None else str(area).strip()
