"""What the councils of another vintage are called here."""

from collections.abc import Iterable

import pandas as pd

_MOST = 5  # named in one message
COLUMNS = ("old", "old_name", "new")


def no_successors() -> pd.DataFrame:
    """Return a table without any successor."""
    return pd.DataFrame({column: pd.Series([], dtype=object) for column in COLUMNS})


def of_another_vintage(successors: pd.DataFrame, councils: pd.DataFrame, refs: Iterable[object]) -> str:
    """Say which of some unknown references are councils of another vintage, and what they are here.

    Parameters
    ----------
    successors
        Columns ``old``, ``old_name`` and ``new``.
    councils
        Index ``code``, column ``name``.
    refs
        Codes, or names.

    Returns
    -------
    str
        Such as ``"E07000151 (Daventry) is here West Northamptonshire (E06000062)"``, several with semicolons
        between; empty where none of them is known.
    """
    codes, names = (successors[key].map(str).str.casefold() for key in ("old", "old_name"))
    called = dict(councils["name"].map(str).items())
    told = []
    for ref in refs:
        text = str(ref).strip().casefold()
        hits = successors[(codes == text) | (names == text)] if text else successors[:0]
        hits = hits[~hits["old"].isin(councils.index) | (hits["old_name"].map(str).str.casefold() == text)]
        if len(hits):
            here = [f"{called[code]} ({code})" for code in hits["new"]]
            became = " and ".join([*([", ".join(here[:-1])] if here[:-1] else []), here[-1]])
            old, name = hits["old"].iloc[0], hits["old_name"].iloc[0]
            told.append(f"{old} ({name}) is here {became}" if name else f"{old} is here {became}")
    more = f"; and {len(told) - _MOST:,} more" if len(told) > _MOST else ""
    return "; ".join(told[:_MOST]) + more
