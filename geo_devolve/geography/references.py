"""The nearest of what is known, where there is no such thing as a user names."""

from collections.abc import Iterable
from difflib import get_close_matches

from geo_devolve.errors import first_few


def nearest(text: str, known: Iterable[object]) -> str:
    """Name the nearest of what is known, or the first few of it, to end an error with."""
    names = list(dict.fromkeys(str(name) for name in known))
    by_fold = {name.casefold(): name for name in names}
    close = get_close_matches(text.casefold(), list(by_fold), n=1, cutoff=0.5)
    if close:
        return f"; did you mean {by_fold[close[0]]!r}?"
    return f"; known are {first_few(names)}" if names else ""
