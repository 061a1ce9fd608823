"""The boundary to what others wrote: whatever a library raises over it becomes an error of ours.

A user's file may be damaged in ways that no list of exceptions foresees: openpyxl alone raises a dozen.
So what opens, parses or unpacks such a file stands within `boundary`, and whatever comes out of it is an
error about that file, never a fault of the program.
"""

import errno
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from geo_devolve.errors import GeoDevolveError

MOST_SAID = 200
"""Letters of a library's own words that are passed on."""
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_DIGITS = re.compile(r"Exceeds the limit \((\d+) digits\)")
_UNREADABLE = frozenset({"PanicException"})
"""What compiled readers raise beside `Exception`."""


class UnreadableFileError(Exception):
    """A file cannot be used; the message is the end of a sentence about it."""


class DamagedError(UnreadableFileError, ValueError):
    """Text is not what it should be; the message is the end of a sentence about it."""


@contextmanager
def boundary(
    error: Callable[[str], Exception], *, what: str = "is damaged or not what its name says", remedy: str = ""
) -> Iterator[None]:
    """Turn whatever is raised inside into one error of ours; ours, and a Ctrl-C, pass.

    Parameters
    ----------
    error
        Makes the error of a message, such as `UnreadableFileError`, or a function that puts the file's name
        before it.
    what
        What is said of the file, before the library's own words in brackets.
    remedy
        What to do; said last.

    Raises
    ------
    Exception
        What `error` makes.

    Examples
    --------
    >>> from geo_devolve.outside import UnreadableFileError, boundary
    >>> try:
    ...     with boundary(UnreadableFileError, remedy="get it again"):
    ...         {}["cells"]
    ... except UnreadableFileError as error:
    ...     print(error)
    is damaged or not what its name says (KeyError: 'cells'); get it again
    """
    end = f"; {remedy}" if remedy else ""
    try:
        yield
    except DamagedError as fault:
        raise error(f"{fault}{end}") from None
    except (GeoDevolveError, UnreadableFileError):
        raise
    except MemoryError:
        raise error("is too large for the memory of this machine; cut it to the study area") from None
    except Exception as fault:
        if isinstance(fault, OSError) and fault.errno in _FULL:
            raise error(f"cannot be unpacked: {fault.strerror}; make room on the disk") from None
        raise error(f"{what} ({reason(fault)}){end}") from fault
    except BaseException as fault:
        if type(fault).__name__ not in _UNREADABLE:
            raise
        raise error(f"{what} ({reason(fault)}){end}") from None


def reason(fault: BaseException) -> str:
    """Say in a line why something failed, in the words of what failed.

    Examples
    --------
    >>> from geo_devolve.outside import reason
    >>> reason(RecursionError("maximum recursion depth exceeded"))
    'it is nested too deeply'
    >>> reason(KeyError("sheet1"))
    "KeyError: 'sheet1'"
    """
    if isinstance(fault, RecursionError):
        return "it is nested too deeply"
    if isinstance(fault, OSError) and fault.strerror:
        return fault.strerror
    digits = _DIGITS.match(str(fault))
    if digits:
        return f"a whole number has more than {int(digits[1]):,} digits"
    line = " ".join(str(fault).split())
    if len(line) > MOST_SAID:
        line = f"{line[:MOST_SAID]}…"
    if isinstance(fault, ValueError) and line:
        return line
    return f"{type(fault).__name__}: {line}" if line else type(fault).__name__


def parse_toml(content: bytes, *, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """Read TOML.

    Parameters
    ----------
    content
        UTF-8, with or without a byte order mark.
    parse_float
        As for `tomllib.loads`.

    Raises
    ------
    DamagedError
        It is no UTF-8, no TOML, nested too deeply, or has a whole number of too many digits.

    Examples
    --------
    >>> from geo_devolve.outside import parse_toml
    >>> parse_toml(b"areas = 38")
    {'areas': 38}
    """
    text = _text(content)
    try:
        return tomllib.loads(text, parse_float=parse_float)
    except (ValueError, RecursionError, TypeError) as fault:
        raise DamagedError(f"is not TOML: {reason(fault)}") from None


def parse_json(content: bytes) -> Any:
    """Read JSON.

    Parameters
    ----------
    content
        UTF-8, with or without a byte order mark.

    Raises
    ------
    DamagedError
        It is no UTF-8, no JSON, nested too deeply, or has a whole number of too many digits.

    Examples
    --------
    >>> from geo_devolve.outside import parse_json
    >>> parse_json(b'{"areas": 38}')
    {'areas': 38}
    """
    text = _text(content)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise DamagedError(f"is truncated or not JSON: {reason(fault)}") from None


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise DamagedError(f"is not UTF-8 text (byte {fault.start:,})") from None
