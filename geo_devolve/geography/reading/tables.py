"""Tables of codes, names and numbers, from CSV or Excel, cleaned of what spreadsheets do to them."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_devolve.geography.reading.encodings import decode
from geo_devolve.geography.reading.files import Folder, unzip
from geo_devolve.geography.reading.numbers import Marks, marks_of, read_numbers
from geo_devolve.geography.reading.sheets import is_workbook, table_within, text_rows, workbook_rows
from geo_devolve.outside import UnreadableFileError
from geo_devolve.words import nearest, unguarded

AS_PLAIN = Marks(".", stated=True)
"""Numbers as programs write them: a point before parts, commas only between thousands."""
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\x00-\x08\x0e-\x1f]"
)
"""Characters of formats and controls, which show nowhere and make two codes of one."""
CODE = re.compile(r"[A-Za-z]\d{8}")
"""A code of the Office for National Statistics."""


def read_table(folder: Folder, name: str, sheet: str = "", *, named_only: bool = True) -> pd.DataFrame:
    """Read a table as text.

    Parameters
    ----------
    folder, name
        The file: CSV (also packed, .gz or .zip) or a workbook (.xlsx, .xlsm, .xlsb, .ods, .xls).
    sheet
        Of a workbook; the first with a table by default.
    named_only
        Whether columns without a name are left out.

    Returns
    -------
    pandas.DataFrame
        All cells text, without white space around it; "" where there is nothing.

    Raises
    ------
    UnreadableFileError
        Where the file is missing, damaged, truncated or has no columns.
    """
    data = folder.read(name)
    semicolons = False
    if is_workbook(data, name):
        rows, title, numbers = workbook_rows(data, name, sheet)
        rows, told = table_within(rows, numbers)
        table = _frame(rows)
        told = [f"{each} (sheet {title!r})" for each in told]
    else:
        if data[:4] == b"PK\x03\x04":
            data = _only_member(data)
        text, guessed = decode(data, folder.encodings.get(name, ""))
        table, told, semicolons = _read_csv(text)
        if guessed:
            folder.findings.notice(name, guessed, remedy="state it in encoding if that is wrong")
    for each in told:
        folder.findings.repair(name, each)
    columns = [str(column).strip().lstrip("\ufeff") for column in table.columns]
    named = [
        number
        for number, column in enumerate(columns)
        if not named_only or (column and not column.startswith("Unnamed: "))
    ]
    table, columns = table.iloc[:, named].copy(), [columns[number] for number in named]
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice and named_only:
        raise UnreadableFileError(f"has more than one column {', '.join(map(repr, twice))}; rename one")
    hidden: list[str] = []
    table = pd.DataFrame({at: _clean(table.iloc[:, at], hidden) for at in range(len(columns))})
    table.columns = pd.Index(columns, dtype=object)
    if hidden:
        folder.findings.repair(
            name, "characters that do not show are taken out of cells", dict.fromkeys(hidden)
        )
    table = table[(table != "").any(axis=1)].reset_index(drop=True)
    if named_only:
        folder.marks[name] = marks_of(table, semicolons=semicolons, stated=folder.decimals.get(name, ""))
    return table


def _clean(cells: pd.Series, hidden: list[str]) -> pd.Series:
    """Take away white space around cells, what does not show, and the guard against formulas."""
    cells = cells.str.strip()
    if cells.str.contains(_UNSEEN, regex=True).any():
        unseen = cells[cells.str.contains(_UNSEEN, regex=True)]
        hidden += [f"{_UNSEEN.sub('', cell)} ({_named(cell)})" for cell in unseen.unique()]
        cells = cells.str.replace(_UNSEEN, "", regex=True).str.strip()
    return cells.map(unguarded) if cells.str.startswith("'").any() else cells


def _named(cell: str) -> str:
    return ", ".join(dict.fromkeys(f"U+{ord(letter):04X}" for letter in _UNSEEN.findall(cell)))


def _only_member(data: bytes) -> bytes:
    tables = {
        key: value for key, value in unzip(data).items() if key.lower().endswith((".csv", ".tsv", ".txt"))
    }
    if len(tables) != 1:
        raise UnreadableFileError(f"holds {len(tables)} tables; give one")
    return next(iter(tables.values()))


def _read_csv(text: str) -> tuple[pd.DataFrame, list[str], bool]:
    """Read a CSV; return what was left out of it too, and whether semicolons part its cells."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        raise UnreadableFileError("is no text; save it as CSV")
    stated = re.match(r'"?sep=(.)"?\n', text, re.IGNORECASE)
    text = text[stated.end() :] if stated else text
    separator = stated[1] if stated else _separator(text)
    rows = text_rows(text, separator)
    kept = [(row, number) for number, row in enumerate(rows, 1) if any(row)]
    rows, told = table_within([row for row, _ in kept], [number for _, number in kept])
    if not rows:
        raise UnreadableFileError("holds no table")
    width = len(rows[0])
    while width and not rows[0][width - 1] and not any(len(row) >= width and row[width - 1] for row in rows):
        width -= 1
    long = next((number for number, row in enumerate(rows, 1) if any(row[width:])), 0)
    if long:
        raise UnreadableFileError(
            f"is truncated or not a table (row {long} has {len(rows[long - 1])} of {width} cells: "
            f"{separator.join(rows[long - 1])[:60]!r}); get the file again"
        )
    _check_last_row(rows, width, text, separator)
    if not text.endswith("\n") and len(rows) > 1 and rows[-1]:
        last = separator.join(rows[-1])[-40:]
        told.append(f"does not end with a line break; if it was cut short, its last row {last!r} is wrong")
    return _frame([row[:width] for row in rows]), told, separator == ";"


def _separator(text: str) -> str:
    """Choose what parts the cells: what the first lines have, and as often in one as in the next."""
    lines = [line for line in text[:65_536].split("\n")[:40] if line.strip()]
    if not lines:
        return ","

    def fits(mark: str) -> tuple[int, int]:
        counts = Counter(line.count(mark) for line in lines)
        often = {count: lines for count, lines in counts.items() if count}
        return max(((lines, count) for count, lines in often.items()), default=(0, 0))

    by_head = max(",;\t|", key=lines[0].count)
    return max(",;\t|", key=lambda mark: (*fits(mark), mark == by_head))


def _frame(rows: list[list[str]]) -> pd.DataFrame:
    """Make a table of rows, the head first."""
    if not rows:
        raise UnreadableFileError("holds no table")
    width = len(rows[0])
    body = [row + [""] * (width - len(row)) if len(row) < width else row[:width] for row in rows[1:]]
    columns = list(zip(*body, strict=True)) if body else [()] * width
    table = pd.DataFrame({number: pd.Series(cells, dtype=str) for number, cells in enumerate(columns)})
    table.columns = pd.Index(rows[0], dtype=object)
    return table


def _check_last_row(rows: list[list[str]], width: int, text: str, separator: str) -> None:
    """Refuse a table whose last row breaks off, which would be filled up in silence."""
    if text.count('"') % 2 and text.rstrip().rfind('"') > text.rstrip().rfind("\n"):
        raise UnreadableFileError("is truncated or not a table (a quote is not closed); get the file again")
    last = rows[-1]
    if len(rows) > 1 and 0 < len(last) < width:
        raise UnreadableFileError(
            f"is truncated: its last row has {len(last)} of {width} columns ({separator.join(last)[:40]!r}); "
            "get the file again"
        )


def pick(
    folder: Folder, where: str, table: pd.DataFrame, wanted: str, *, what: str, guesses: Sequence[str] = ()
) -> str | None:
    """Find a column.

    Parameters
    ----------
    folder
        Where a fault is noted.
    where
        The file's name.
    table
        Its table.
    wanted
        The column that the manifest names; compared without case where it is not there exactly. "" to guess.
    what
        What the column is for.
    guesses
        Patterns (regular expressions over the whole name, without case), the best first.

    Returns
    -------
    str or None
        The column, None where there is none (a fault is noted).
    """
    columns = [str(column) for column in table.columns]
    if wanted:
        if wanted in columns:
            return wanted
        folded = [column for column in columns if column.casefold() == wanted.casefold()]
        if len(folded) == 1:
            return folded[0]
        hint = nearest(wanted, columns, "'") or f"its columns are {', '.join(columns[:12])}"
        folder.findings.fault(where, f"has no column {wanted!r}", breaks=what, remedy=hint)
        return None
    found = guess(table, guesses)
    if found is None and guesses:
        folder.findings.fault(
            where,
            f"has no column that looks like {what}",
            columns[:12],
            remedy="name the column in the manifest",
        )
    return found


def guess(table: pd.DataFrame, patterns: Sequence[str]) -> str | None:
    """Find the column that the first of the patterns that fits any fits first, without case."""
    for pattern in patterns:
        for column in table.columns:
            if re.fullmatch(pattern, str(column), re.IGNORECASE):
                return str(column)
    return None


def clean_codes(codes: pd.Series) -> pd.Series:
    """Write ONS codes in capitals, and leave other codes alone."""
    if not any(first.islower() for first in codes.str.slice(0, 1).unique()):
        return codes
    small = {code: code.upper() for code in codes.unique() if CODE.fullmatch(code) and code[0].islower()}
    return codes.replace(small) if small else codes


def to_known(codes: pd.Series, known: Iterable[object]) -> pd.Series:
    """Spell codes as they are spelled elsewhere: the same but for case."""
    index = pd.Index(list(known))
    unique = codes.unique()
    if pd.Index(unique).difference(index, sort=False).isin([""]).all():
        return codes
    astray = ~codes.isin(index) & (codes != "")
    by_fold = {str(code).casefold(): code for code in index}
    return codes.where(~astray, codes.map(lambda code: by_fold.get(str(code).casefold(), code)))


def to_numbers(
    column: pd.Series, marks: Marks = AS_PLAIN, *, whole: bool = False
) -> tuple[NDArray[np.float64], list[str]]:
    """Read numbers, thousands separators, percent signs and suppression marks included.

    Parameters
    ----------
    column
        Text.
    marks
        How the file writes numbers, as far as it is known.
    whole
        Whether they count what has no parts, such as persons.

    Returns
    -------
    tuple of numpy.ndarray and list of str
        The numbers, NaN where there is none, and the cells that are neither a number nor a mark for none, or
        may be thousands as well as parts.
    """
    read = read_numbers(column, marks, whole=whole)
    return read.values, [*read.wrong, *read.unclear]


def numbers_in(
    folder: Folder, where: str, column: pd.Series, *, whole: bool = False
) -> tuple[NDArray[np.float64], list[str]]:
    """Read numbers of a file's column, telling how where that was to be decided; see `to_numbers`.

    Parameters
    ----------
    folder, where
        The file, and where faults are noted.
    column
        Text, under the column's name.
    whole
        Whether they count what has no parts, such as persons.
    """
    read = read_numbers(column, folder.marks.get(where, Marks()), whole=whole)
    if read.told:
        folder.findings.notice(
            where,
            f"numbers of the column {column.name!r} {read.told}",
            remedy="state the mark in decimal if not",
        )
    if read.unclear:
        at = [f"{cell} (row {int((column == cell).argmax()) + 1})" for cell in read.unclear]
        folder.findings.fault(
            where,
            f"the column {column.name!r} holds figures that may be thousands or parts",
            at,
            breaks="they would be wrong by a factor of a thousand",
            remedy='state decimal = "," or decimal = "." in the manifest, or write them without separators',
        )
    return read.values, read.wrong
