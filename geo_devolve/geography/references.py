"""What a user means by a code or a name, and the nearest of what is known where there is no such thing."""

from collections.abc import Callable, Iterable
from difflib import get_close_matches

import pandas as pd

from geo_devolve.errors import ScenarioError, first_few


def position_of(
    text: str, codes: pd.Index, names: pd.Series, what: str, became: Callable[[], str] = str
) -> int:
    """Find what goes by a code or a name, without regard to case.

    Parameters
    ----------
    text
        The code or name.
    codes, names
        Of everything there is, in one order.
    what
        What is looked for, such as "council".
    became
        Called where nothing is found: what the text was in another vintage, empty if nothing is known.

    Returns
    -------
    int
        Its place in the order.

    Raises
    ------
    ScenarioError
        Where nothing, or more than one, goes by the text.
    """
    folded = text.casefold()
    for column in (codes, names):
        hits = [place for place, value in enumerate(column) if str(value).casefold() == folded]
        if len(hits) == 1:
            return hits[0]
        if hits:
            called = first_few(f"{codes[place]} ({names.iloc[place]})" for place in hits)
            raise ScenarioError(f"more than one {what} goes by {text!r}: {called}; give the code")
    hint = became()
    raise ScenarioError(
        f"there is no {what} {text!r}{f'; {hint}' if hint else nearest(text, [*names, *codes])}"
    )


def nearest(text: str, known: Iterable[object]) -> str:
    """Name the nearest of what is known, or the first few of it, to end an error with."""
    names = list(dict.fromkeys(str(name) for name in known))
    by_fold = {name.casefold(): name for name in names}
    close = get_close_matches(text.casefold(), list(by_fold), n=1, cutoff=0.5)
    if close:
        return f"; did you mean {by_fold[close[0]]!r}?"
    return f"; known are {first_few(names)}" if names else ""
