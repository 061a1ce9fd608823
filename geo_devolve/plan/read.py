"""Plans from elsewhere: drawn by hand or by another tool, with codes or names, read as far as they can be."""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from geo_devolve.constraints.rule import Fault
from geo_devolve.errors import DataError, first_few
from geo_devolve.geography.directory import Directory
from geo_devolve.geography.model import Geography
from geo_devolve.plan.files import read_rows
from geo_devolve.plan.groups import pairs_of
from geo_devolve.plan.plan import Plan
from geo_devolve.scenario import Scenario

_AREA_COLUMNS = ("area", "area_code", "assignment", "plan", "group", "zone", "district", "part", "area_name")
_ROW_NUMBERS = frozenset(
    {
        "x",
        "index",
        "row",
        "rowid",
        "row_number",
        "rownames",
        "unnamed: 0",
        "objectid",
        "objectid_1",
        "fid",
        "oid",
        "ogc_fid",
    }
)
_NO_AREA = frozenset(
    {
        "",
        "-1",
        "-1.0",
        "na",
        "n/a",
        "#n/a",
        "nan",
        "none",
        "null",
        "nil",
        "<na>",
        "unassigned",
        "no area",
        "-",
        "–",
        ".",
    }
)
"""What programs write for a council that has no area (compared without case)."""
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
    lines = [(None, *pair) for pair in pairs_of(assignment)]
    return _assemble(geography, scenario, lines, "the assignment", written=False)


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
        A table of councils and areas (CSV with any usual separator, or a workbook), with or without a header;
        JSON that maps councils to areas, or a plan.json; any file of a map (GeoPackage, GeoJSON, TopoJSON,
        Shapefile, FlatGeobuf, GeoParquet, also zipped), of areas with their ``councils`` or of councils with
        a column for the area; or a folder with a councils.csv, as `geo-devolve propose` leaves it.
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
    rows = read_rows(path)
    if rows and isinstance(rows[0], list):
        try:
            lines = _from_table([list(row) for row in rows], geography.directory, council_column, area_column)
        except DataError as error:
            raise DataError(f"{path}: {error}") from None
    else:
        lines = [(None, *pair) for pair in rows]
    return _assemble(geography, scenario, lines, str(path))


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
    real = [c for c in by_column if not _row_numbers(header[c], [row[c] for row in body])]
    by_column = real if any(known[c] >= len(body) / 2 for c in real) else by_column
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


def _row_numbers(name: str, cells: Sequence[str]) -> bool:
    """Say whether a column only numbers the rows, as R and databases add one, and says no council's code."""
    if name and name.casefold() not in _ROW_NUMBERS:
        return False
    return any(
        list(cells) == [str(number) for number in range(first, first + len(cells))] for first in (0, 1)
    )


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


def _assemble(
    geography: Geography,
    scenario: Scenario,
    lines: Iterable[tuple[int | None, Any, Any]],
    heading: str,
    *,
    written: bool = True,
) -> Plan:
    """Make a plan of lines: a file may have written 0 for no area, where a program numbers areas from 0."""
    scenario.check(geography)
    directory = geography.directory
    found: dict[Any, str] = {}
    faults: list[Fault] = []
    unknown: list[object] = []
    lines = list(lines)
    zero = written and _zero_is_none([_label(area) for _, _, area in lines], scenario)
    none: list[str] = []
    for line, council, area in lines:
        where = f"line {line}: " if line is not None else ""
        code = directory.look(council).code
        if code is None:
            unknown.append(council)
            hint = _hint(directory, council)
            faults.append(Fault("unknown", "", f'{where}"{council}" is no council of {geography.name}{hint}'))
            continue
        label = _label(area)
        if label.casefold() in _NO_AREA or (zero and label in {"0", "0.0"}):
            none += [label] if label else []
            label = ""
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
    if none:
        said = ", ".join(f'"{each}"' for each in dict.fromkeys(none))
        faults.append(Fault("unassigned", "", f"{len(none)} councils with {said} are read as having no area"))
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


def _zero_is_none(labels: Sequence[str], scenario: Scenario) -> bool:
    """Say whether "0" stands for no area: where areas are numbered from 1, or their number fits only so."""
    found = {label for label in labels if label.casefold() not in _NO_AREA}
    if not found & {"0", "0.0"}:
        return False
    numbers = {re.sub(r"\.0$", "", label) for label in found}
    if not all(number.isdecimal() for number in numbers):
        return True
    counts = scenario.areas if isinstance(scenario.areas, tuple) else (scenario.areas, scenario.areas)
    if counts[0] <= len(numbers) <= counts[1]:
        return False
    return counts[0] <= len(numbers) - 1 <= counts[1] or {int(n) for n in numbers} != set(range(len(numbers)))


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
