"""Rows of a workbook or CSV, and the table within them: without titles above, and notes below."""

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from geo_devolve.geography.reading.files import unzip
from geo_devolve.outside import UnreadableFileError, boundary

WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".ods", ".xls")
MOST_CELLS = 50_000_000
"""Cells of a sheet that are looked at; a country's smallest areas with a hundred columns are fewer."""
WIDEST = 131_072
"""Letters of a cell; no code, name or number has as many."""
_NOTE = re.compile(
    r"\s*(source|notes?|footnotes?|quelle|anmerkung|fuente|nota|fonte|legend|stand|copyright|contains|this |"
    r"\W*©|\*|\(|\[|\d{1,2}[.):]\s)",
    re.IGNORECASE,
)
_REPEATED = re.compile(rb'number-(?:columns|rows)-repeated="(\d+)"([^>]*)>')

Rows = list[list[str]]


def workbook_rows(data: bytes, name: str, sheet: str) -> tuple[Rows, str, list[int]]:
    """Read the rows of a workbook's sheet.

    Parameters
    ----------
    data, name
        The file; its ending tells the kind.
    sheet
        Which sheet; "" for the first that holds a table.

    Returns
    -------
    tuple of list, str and list of int
        Its rows that are not empty, as text; the sheet's name; and the rows' numbers in it, from 1.

    Raises
    ------
    UnreadableFileError
        It is damaged, too large, or has no such sheet, or several with tables.
    """
    suffix = PurePosixPath(name).suffix.lower()
    if suffix != ".xls":
        _refuse_bomb(data, suffix)
    with boundary(UnreadableFileError, what="is no workbook", remedy="save it as .xlsx or CSV"):
        found = _by_openpyxl(data) if suffix in {".xlsx", ".xlsm"} else _by_calamine(data)
    if sheet and sheet not in found:
        raise UnreadableFileError(f"has no sheet {sheet!r}; it has {', '.join(map(repr, found))}")
    if sheet:
        return found[sheet][0], sheet, found[sheet][1]
    first = next(iter(found), "")
    if not first:
        raise UnreadableFileError("has no sheet")
    if _width(found[first][0]) < 2 and _is_prose(found[first][0]):  # a cover
        tables = [title for title, (rows, _) in found.items() if _width(rows) > 1]
        if len(tables) > 1:
            raise UnreadableFileError(
                f"has no table in sheet {first!r}; name one of {', '.join(map(repr, tables))} in sheet"
            )
        first = tables[0] if tables else first
    return found[first][0], first, found[first][1]


def _width(rows: Rows) -> int:
    """Return how many cells most of the fuller rows fill."""
    counts = Counter(sum(map(bool, row)) for row in rows)
    fuller = {width: count for width, count in counts.items() if width > 1}
    return max(fuller, key=lambda width: (fuller[width], width)) if fuller else 1


def _is_prose(rows: Rows) -> bool:
    """Say whether a sheet is empty or holds sentences."""
    return not rows or any(len(cell.split()) > 2 for row in rows for cell in row)


def _by_openpyxl(data: bytes) -> dict[str, tuple[Rows, list[int]]]:
    import openpyxl  # noqa: PLC0415  (slow to load, and few tables come in a workbook)

    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    try:
        found = {}
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # what a file says of its own size is not believed
            rows: Rows = []
            numbers: list[int] = []
            looked = 0
            for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
                looked += len(row) + 1
                if looked > MOST_CELLS:
                    raise UnreadableFileError(f"has more than {MOST_CELLS:,} cells in sheet {sheet.title!r}")
                _keep(rows, numbers, number, [_text(cell) for cell in row])
            found[sheet.title] = (rows, numbers)
        return found
    finally:
        book.close()  # read-only workbooks keep their file open


def _by_calamine(data: bytes) -> dict[str, tuple[Rows, list[int]]]:
    import python_calamine  # noqa: PLC0415  (few tables come in these)

    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    found = {}
    for title in book.sheet_names:
        rows: Rows = []
        numbers: list[int] = []
        sheet = book.get_sheet_by_name(title)
        for number, row in enumerate(sheet.to_python(skip_empty_area=False), 1):
            _keep(rows, numbers, number, [_text(cell) for cell in row])
        found[title] = (rows, numbers)
    return found


def _keep(rows: Rows, numbers: list[int], number: int, row: list[str]) -> None:
    while row and not row[-1]:
        row.pop()
    if row:
        rows.append(row)
        numbers.append(number)


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    return str(cell).strip()


def _refuse_bomb(data: bytes, suffix: str) -> None:
    """Refuse a workbook that grows too large when unpacked, or that repeats a cell too often."""
    members = unzip(data)  # within limits
    if suffix != ".ods":
        return
    content = members.get("content.xml", b"")
    cells = 1
    for found in _REPEATED.finditer(content):
        if b"office:value" in found[2] or not found[2].rstrip().endswith(b"/"):
            cells += min(int(found[1]), MOST_CELLS)
    if cells > 2**21:
        raise UnreadableFileError("repeats cells more often than any table has rows; save it as CSV")


def text_rows(text: str, separator: str) -> Rows:
    """Read the rows of a CSV, quotes and line breaks within them included."""
    csv.field_size_limit(max(WIDEST, csv.field_size_limit()))
    with boundary(UnreadableFileError, what="is truncated or not a table", remedy="get the file again"):
        return [
            [cell.strip() for cell in row]
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        ]


def table_within(rows: Rows, numbers: Sequence[int]) -> tuple[Rows, list[str]]:
    """Find the table in a sheet or CSV: leave out titles above its head, and notes below it.

    Parameters
    ----------
    rows
        As text; not equally long.
    numbers
        Their numbers in the file.

    Returns
    -------
    tuple of list and list of str
        The table's rows, the head first; and what was left out, to be told.
    """
    width = _width(rows)
    if width < 2:
        return rows, []
    head = next(at for at, row in enumerate(rows) if sum(map(bool, row)) >= max(2, (width + 1) // 2))
    end = len(rows)
    while end > head + 1 and _is_note(rows[end - 1], rows[head + 1 : end - 1]):
        end -= 1
    told = []
    if head:
        told.append(
            f"{head} rows of titles above the table, which begins in row {numbers[head]}, are left out"
        )
    if end < len(rows):
        first = next(cell for cell in rows[end] if cell)[:60]
        count = len(rows) - end
        told.append(f"{count} rows of notes below the table are left out, from row {numbers[end]}: {first!r}")
    return rows[head:end], told


def _is_note(row: Sequence[str], body: Rows) -> bool:
    """Say whether a row is a note: one cell that says so, or has more words than any other of its column."""
    full = [cell for cell in row if cell]
    if len(full) != 1 or not row[0]:
        return not full
    if any(sum(map(bool, each)) < 2 for each in body[:-1]) and not _NOTE.match(full[0]):
        return len(full[0].split()) > 3
    most = max((len(each[0].split()) for each in body if each and sum(map(bool, each)) > 1), default=0)
    return bool(_NOTE.match(full[0])) or len(full[0].split()) > max(3, most)


def is_workbook(data: bytes, name: str) -> bool:
    """Say whether a file is a workbook, by its name and its first bytes."""
    if PurePosixPath(name).suffix.lower() in WORKBOOKS:
        return True
    if data[:4] != b"PK\x03\x04":
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except zipfile.BadZipFile:
        return False
