"""Numbers as people write them: which mark is the decimal one, decided by column and file, never by a cell.

``83.166`` is 83,166 people in one office's table, 83 and a sixth in another's, and nothing in the cell tells.
So a column is read as a whole: a cell that can be read in one way only (``1.083.166``, ``0,25``,
``406369.6``) decides for its column, a column that is sure decides for its file, and only then does the
separator of a CSV speak. What stays open is refused, and what was decided is told.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SUPPRESSED = frozenset(
    {
        "!",
        "-",
        "~",
        "x",
        "u",
        "c",
        "..",
        ".",
        ":",
        "n/a",
        "na",
        "nan",
        "null",
        "#n/a",
        "*",
        "–",
        "none",
        "—",
        "...",
    }
)
"""What statistical offices and spreadsheets write where there is no number (compared without case)."""
SPACES = "\u00a0\u2007\u2009\u202f\u2008 "
APOSTROPHES = "'’ʼ‘´`"
_GROUPED = rf"\d{{1,3}}(?:[{SPACES}{APOSTROPHES}]\d{{3}})+"
_BY_SPACE = re.compile(rf"[+-]?{_GROUPED}(?:[.,]\d+)?")
_CELL = re.compile(r"([+-]?)([\d.,]*\d[.,]?)(e[+-]?\d+)?", re.IGNORECASE)
_SPLIT = re.compile(rf"(?<=\d)[{SPACES}{APOSTROPHES}](?=\d)")

Mark = Literal["", ".", ","]


@dataclass(frozen=True)
class Marks:
    """How a file writes numbers, as far as it is known.

    Attributes
    ----------
    decimal : str
        The decimal mark that its surest columns show; "" where none is sure, or they contradict each other.
    stated : bool
        Whether the manifest says so.
    semicolons : bool
        Whether it is a CSV parted by semicolons, as spreadsheets write it where the decimal mark is a comma.
    """

    decimal: Mark = ""
    stated: bool = False
    semicolons: bool = False


@dataclass(frozen=True)
class Numbers:
    """A column read.

    Attributes
    ----------
    values : numpy.ndarray
        NaN where there is no number.
    wrong : list of str
        Cells that are neither a number nor a mark for none.
    unclear : list of str
        Cells that may be thousands or parts: then nothing of the column counts.
    told : str
        What was decided, where it was not plain; "" otherwise.
    """

    values: NDArray[np.float64]
    wrong: list[str]
    unclear: list[str]
    told: str


def marks_of(table: pd.DataFrame, *, semicolons: bool = False, stated: str = "") -> Marks:
    """Find the decimal mark of a file from all its columns.

    Parameters
    ----------
    table
        All cells text.
    semicolons
        Whether semicolons part its cells.
    stated
        The decimal mark that the manifest states.
    """
    if stated:
        return Marks("," if stated == "," else ".", stated=True, semicolons=semicolons)
    found: set[Mark] = set()
    for column in table.columns:
        cells = table[column].head(2000)
        if cells.str.contains(r"\d[.,]\d", regex=True).any():
            found |= _evidence([_tidy(cell) for cell in cells.unique().tolist()])
    decimal: Mark = next(iter(found)) if len(found) == 1 else ""
    return Marks(decimal, semicolons=semicolons)


def read_numbers(column: pd.Series, marks: Marks, *, whole: bool = False) -> Numbers:
    """Read a column of numbers; thousands separators, percent signs and marks for "no number" included.

    Parameters
    ----------
    column
        Text, "" where there is nothing.
    marks
        What is known of the file.
    whole
        Whether they count what has no parts, such as persons: then ``83.166`` is never read as 83 and a part
        unless other cells show that parts are meant.
    """
    plain = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, copy=True)
    plain[~np.isfinite(plain)] = np.nan
    marked = column.str.contains(r"[.,]", regex=True).to_numpy(bool)
    rest = np.flatnonzero((np.isnan(plain) | marked) & (column != "").to_numpy(bool))
    if len(rest) == 0:
        return Numbers(plain, [], [], "")
    cells = {cell: _tidy(cell) for cell in column.iloc[rest].unique().tolist()}
    own = _evidence(list(cells.values()))
    decimal, unclear, told = _decide(own, [tidy for tidy in cells.values() if _open(tidy)], marks, whole)
    read = {cell: _value(tidy, decimal) for cell, tidy in cells.items()}
    values = plain
    values[rest] = [np.nan if read[cell] is None else read[cell] for cell in column.iloc[rest].tolist()]
    wrong = [cell for cell, value in read.items() if value is None and cell.casefold() not in SUPPRESSED]
    if unclear:
        values[rest] = np.nan
        return Numbers(values, wrong, [cell for cell, tidy in cells.items() if _open(tidy)], "")
    return Numbers(values, wrong, [], told)


def _decide(own: set[Mark], open_cells: Sequence[str], marks: Marks, whole: bool) -> tuple[Mark, bool, str]:
    """Choose a column's decimal mark; say whether it stays unclear, and what is to be told."""
    if marks.stated:
        return marks.decimal, False, ""
    if len(own) == 1:
        decimal = next(iter(own))
        return decimal, False, _told(decimal) if decimal == "," or (marks.semicolons and open_cells) else ""
    if len(own) > 1:
        return ".", bool(open_cells), ""
    if not open_cells:
        return ".", False, ""
    marks_used = {"," if "," in cell else "." for cell in open_cells}
    if len(marks_used) > 1:
        return ".", True, ""
    mark: Mark = "," if marks_used == {","} else "."
    other: Mark = "." if mark == "," else ","
    if marks.decimal == other:
        return other, False, _told(other)
    if whole:
        # parts of persons are not believed where every cell could be thousands
        unclear = mark in {".", marks.decimal} or marks.semicolons
        return other, unclear, ""
    if marks.decimal == mark:
        return mark, False, _told(mark) if mark == "," else ""
    if marks.semicolons:
        return mark, mark == ".", _told(mark)
    return ".", False, _told(".") if mark == "," else ""


def _told(decimal: Mark) -> str:
    mark, other = ("comma", "points") if decimal == "," else ("point", "commas")
    return f"are read with the {mark} as decimal mark, {other} part thousands"


def _tidy(cell: str) -> str:
    """Take away what no number needs: spaces and apostrophes between digits, per cent, long minuses."""
    text = cell.strip().replace("\u2212", "-").rstrip("%").strip()
    if _BY_SPACE.fullmatch(text):
        return _SPLIT.sub("", text)
    return text


def _parts(tidy: str) -> tuple[str, str, str] | None:
    found = _CELL.fullmatch(tidy)
    return (found[1], found[2], found[3] or "") if found else None


def _open(tidy: str) -> bool:
    """Say whether a cell may be thousands as well as parts: one mark, and three digits after it."""
    parts = _parts(tidy)
    return parts is not None and not parts[2] and bool(re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", parts[1]))


def _evidence(tidied: Sequence[str]) -> set[Mark]:
    """Return the decimal marks that cells prove."""
    found: set[Mark] = set()
    for tidy in tidied:
        parts = _parts(tidy)
        if parts is None or _open(tidy):
            continue
        body = parts[1]
        points, commas = body.count("."), body.count(",")
        if points and commas:
            found.add("." if body.rfind(".") > body.rfind(",") else ",")
        elif points > 1:
            found.add(",")
        elif commas > 1 or points:
            found.add(".")
        elif commas:
            found.add(",")
    return found


def _value(tidy: str, decimal: Mark) -> float | None:
    """Read one cell by a decimal mark; None where it is no number so."""
    parts = _parts(tidy)
    if parts is None:
        return None
    sign, body, power = parts
    other = "." if decimal == "," else ","
    whole, _, part = body.partition(decimal)
    if other in part or decimal in part:
        return None
    if other in whole:
        groups = whole.split(other)
        if not 1 <= len(groups[0]) <= 3 or any(len(group) not in {2, 3} for group in groups[1:]):
            return None
        if len(groups[-1]) != 3:
            return None
        whole = "".join(groups)
    value = float(f"{sign}{whole or '0'}.{part or '0'}{power}")
    return value if np.isfinite(value) else None


def all_marks(folder_marks: Mapping[str, Marks], names: Sequence[str]) -> Marks:
    """Return what is known of a table put together from several files."""
    found = [folder_marks[name] for name in names if name in folder_marks]
    decimals = {each.decimal for each in found if each.decimal}
    return Marks(
        next(iter(decimals)) if len(decimals) == 1 else "", semicolons=any(m.semicolons for m in found)
    )
