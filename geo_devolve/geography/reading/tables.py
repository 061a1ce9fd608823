"""Tables of codes, names and numbers, from CSV or Excel, cleaned of what spreadsheets do to them."""

import csv
import io
import re
import warnings
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_devolve.geography.reading.files import Folder, UnreadableFileError, unzip
from geo_devolve.words import nearest

SUPPRESSED = frozenset(
    {"!", "-", "~", "x", "u", "c", "..", ".", ":", "n/a", "na", "nan", "null", "#n/a", "*", "–"}
)
"""What statistical offices and spreadsheets write where there is no number (compared without case)."""
EXCEL = (".xlsx", ".xlsm")
CODE = re.compile(r"[A-Za-z]\d{8}")
"""A code of the Office for National Statistics."""


def read_table(folder: Folder, name: str, sheet: str = "") -> pd.DataFrame:
    """Read a table as text.

    Parameters
    ----------
    folder, name
        The file: CSV (also packed, .gz or .zip) or Excel.
    sheet
        Of an Excel file; the first by default.

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
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in EXCEL:
        table = _read_excel(data, sheet)
    else:
        if data[:4] == b"PK\x03\x04":
            data = _only_member(data)
        table = _read_csv(data)
    columns = [str(column).strip().lstrip("\ufeff") for column in table.columns]
    named = [number for number, column in enumerate(columns) if column and not column.startswith("Unnamed: ")]
    table, columns = table.iloc[:, named].copy(), [columns[number] for number in named]
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise UnreadableFileError(f"has more than one column {', '.join(map(repr, twice))}; rename one")
    table.columns = pd.Index(columns, dtype=object)
    for column in columns:
        table[column] = table[column].str.strip()
    return table[(table != "").any(axis=1)].reset_index(drop=True)


def _only_member(data: bytes) -> bytes:
    tables = {
        key: value for key, value in unzip(data).items() if key.lower().endswith((".csv", ".tsv", ".txt"))
    }
    if len(tables) != 1:
        raise UnreadableFileError(f"holds {len(tables)} tables; give one")
    return next(iter(tables.values()))


def _read_csv(data: bytes) -> pd.DataFrame:
    text = _decoded(data).replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        raise UnreadableFileError("is no text; save it as CSV")
    head = text[: text.find("\n") if "\n" in text else len(text)]
    separator = max(",;\t|", key=head.count) if head else ","
    header = [cell.strip() for cell in next(csv.reader([head.rstrip("\r")], delimiter=separator), [])]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # cells beyond the last column
            table = pd.read_csv(
                io.StringIO(text),
                dtype=str,
                keep_default_na=False,
                na_filter=False,
                sep=separator,
                index_col=False,
            )
    except (pd.errors.ParserError, pd.errors.ParserWarning, pd.errors.EmptyDataError, csv.Error) as error:
        reason = str(error).strip().replace("Error tokenizing data. C error: ", "")
        raise UnreadableFileError(f"is truncated or not a table ({reason}); get the file again") from None
    if len(header) == len(table.columns):
        table.columns = pd.Index(header, dtype=object)  # pandas would number columns of one name in silence
    _check_last_row(text, len(table.columns), separator)
    return table


def _check_last_row(text: str, width: int, separator: str) -> None:
    """Refuse a table whose last row breaks off: pandas would fill it up in silence."""
    tail = text.rstrip("\r\n")
    last = tail[tail.rfind("\n") + 1 :]
    if last.count('"') % 2 == 0:
        cells = next(csv.reader([last], delimiter=separator), [])
        if 0 < len(cells) < width and tail.count("\n") > 0:
            raise UnreadableFileError(
                f"is truncated: its last row has {len(cells)} of {width} columns ({last[:40]!r}); "
                "get the file again"
            )


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _read_excel(data: bytes, sheet: str) -> pd.DataFrame:
    unzip(data)  # an .xlsx is a zip file, so the limits hold for it too
    try:
        sheets = pd.read_excel(
            io.BytesIO(data),
            sheet_name=None,
            dtype=str,
            keep_default_na=False,
            na_filter=False,
            engine="openpyxl",
        )
    except (ValueError, KeyError, OSError) as error:
        raise UnreadableFileError(f"is no Excel workbook ({error}); save it as .xlsx or CSV") from None
    if sheet and sheet not in sheets:
        raise UnreadableFileError(f"has no sheet {sheet!r}; it has {', '.join(map(repr, sheets))}")
    return sheets[sheet or next(iter(sheets))].astype(str)


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


def to_numbers(column: pd.Series) -> tuple[NDArray[np.float64], list[str]]:
    """Read numbers, thousands separators, percent signs and suppression marks included.

    Returns
    -------
    tuple of numpy.ndarray and list of str
        The numbers, NaN where there is none, and the cells that are neither a number nor a mark for none.
    """
    answer = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, copy=True)
    answer[~np.isfinite(answer)] = np.nan
    rest = np.flatnonzero(np.isnan(answer) & (column != "").to_numpy())
    wrong = []
    for row in rest.tolist():
        cell = str(column.iloc[row])
        if cell.casefold() in SUPPRESSED:
            continue
        plain = (
            re.sub(r"(?<=\d)[,\u00a0\u2009 ](?=\d{3}(\D|$))", "", cell)
            .replace("\u2212", "-")
            .rstrip("%")
            .strip()
        )
        try:
            answer[row] = float(plain)
        except ValueError:
            wrong.append(cell)
        if not np.isfinite(answer[row]):
            answer[row] = np.nan
            wrong.append(cell)
    return answer, list(dict.fromkeys(wrong))
