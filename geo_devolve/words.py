"""Words for figures, people and what was likely meant: every message, table and page puts them alike.

And texts that no spreadsheet runs.
"""

import math
import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import TypeVar

from geo_devolve.errors import first_few

Value = TypeVar("Value")

_RUN = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_FIGURE = re.compile(r"[+-]?[0-9][0-9.,]*(e[+-]?[0-9]+)?%?", re.IGNORECASE)
_GUARDED = re.compile(r"'+[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def guarded(cell: Value) -> Value | str:
    """Keep a spreadsheet from running what a cell of a CSV holds.

    After OWASP's "CSV injection": a text that begins with ``=``, ``+``, ``-``, ``@``, a tab or a line break
    gets an apostrophe in front. Figures stay figures, and what is no text stays as it is.

    Examples
    --------
    >>> from geo_devolve.words import guarded, unguarded
    >>> guarded("=1+1"), guarded("-3.5"), guarded(7), unguarded(guarded("=1+1"))
    ("'=1+1", '-3.5', 7, '=1+1')
    """
    if not isinstance(cell, str) or not (_RUN.match(cell) or _GUARDED.match(cell)) or _FIGURE.fullmatch(cell):
        return cell
    return f"'{cell}"


def unguarded(cell: str) -> str:
    """Return what was guarded: `unguarded(guarded(cell))` is the cell."""
    return cell[1:] if _GUARDED.match(cell) else cell


def counted(number: float, one: str, many: str = "") -> str:
    """Say how many of something there are.

    Parameters
    ----------
    number
        How many.
    one, many
        What they are called; of many, `one` with an "s" unless it is given.

    Examples
    --------
    >>> from geo_devolve.words import counted
    >>> counted(1, "council"), counted(326, "council"), counted(1200, "body", "bodies")
    ('1 council', '326 councils', '1,200 bodies')
    """
    return f"{number:,.0f} {one if number == 1 else many or f'{one}s'}"


def counted_are(number: float, one: str, many: str = "") -> str:
    """Say that so many of something are, for a sentence to go on from: ``"1 council is"``."""
    return f"{counted(number, one, many)} {'is' if number == 1 else 'are'}"


def listed(names: Sequence[str]) -> str:
    """Join names as one says them; none make an empty text.

    Examples
    --------
    >>> from geo_devolve.words import listed
    >>> listed(["Leeds", "York", "Selby"])
    'Leeds, York and Selby'
    """
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def people(persons: float, towards: int = 0) -> str:
    """Write a number of people as a reader would.

    Parameters
    ----------
    persons
        How many.
    towards
        Where to round: 1 up, -1 down, 0 to the nearest.

    Examples
    --------
    >>> from geo_devolve.words import people
    >>> people(3_119_999), people(480_000)
    ('3.12 million', '480,000')
    """
    many = rounded(persons, towards)
    return exactly(many) if persons < 1e6 else f"{many / 1e6:,.5g} million"


def exactly(persons: float) -> str:
    """Write a number of people to its last digit; people may be estimates, and so decimals."""
    return f"{persons:,.0f}" if float(persons).is_integer() else f"{persons:,.9f}".rstrip("0")


def rounded(persons: float, towards: int) -> float:
    """Round a number of people to the digits that `people` writes: below a million, to none.

    Parameters
    ----------
    persons
        How many.
    towards
        Where to round: 1 up, -1 down, 0 to the nearest.
    """
    if persons < 1e6 or not math.isfinite(persons):
        return float(persons)
    unit = 1e4 if persons < 1e8 else 1e6
    turn = math.ceil if towards > 0 else math.floor if towards < 0 else round
    return turn(persons / unit) * unit


def nearest(text: object, known: Iterable[object], quote: str = '"', cutoff: float = 0.6) -> str:
    """Ask whether the nearest of what is known was meant, without regard to case.

    Parameters
    ----------
    text
        What the user wrote.
    known
        What would have been understood.
    quote
        What the name stands between.
    cutoff
        How near it must be, from 0 to 1.

    Returns
    -------
    str
        Empty where nothing is near.

    Examples
    --------
    >>> from geo_devolve.words import nearest
    >>> nearest("mach", ["match", "nest", "whole"])
    'did you mean "match"?'
    """
    by_fold = {str(name).casefold(): str(name) for name in reversed(list(known))}
    close = get_close_matches(str(text).casefold(), sorted(by_fold), n=1, cutoff=cutoff)
    return f"did you mean {quote}{by_fold[close[0]]}{quote}?" if close else ""


def or_known(text: object, known: Iterable[object], quote: str = '"', most: int = 12) -> str:
    """End an error about something unknown: with the nearest of what is known, else with what there is.

    Parameters
    ----------
    text, known, quote
        As for `nearest`.
    most
        How many of what is known to name.

    Returns
    -------
    str
        Such as ``'; did you mean "match"?'``; empty where nothing is known.
    """
    names = list(dict.fromkeys(str(name) for name in known))
    near = nearest(text, names, quote)
    return f"; {near}" if near else f"; known are {first_few(names, most)}" if names else ""
