"""Which plans no other beats: as good in every criterion, and better in one."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_devolve.atlases.criteria import Criterion
from geo_devolve.optimise.compiled.flat import compiled

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


DECIMALS = 9
"""Figures that are equal to so many decimals are equal: the rest is rounding."""


def costs(frame: pd.DataFrame, criteria: Sequence[Criterion]) -> Floats:
    """Return plans' figures turned so that less is better; what is not a number is worst.

    Parameters
    ----------
    frame
        A row a plan, a column a criterion.
    criteria
        Which of them.

    Returns
    -------
    Floats
        Plans × criteria.
    """
    signs = np.array([1.0 if each.better == "less" else -1.0 for each in criteria])
    figures = frame[[each.name for each in criteria]].to_numpy(np.float64) * signs
    return np.where(np.isnan(figures), np.inf, np.round(figures, DECIMALS))


def undominated(figures: Floats) -> Flags:
    """Tell which rows no other row dominates; rows that are equal do not dominate each other.

    Parameters
    ----------
    figures
        Plans × criteria, less being better.

    Returns
    -------
    Flags
        One a plan.

    Examples
    --------
    >>> import numpy as np
    >>> undominated(np.array([[1.0, 3.0], [2.0, 2.0], [2.0, 3.0], [1.0, 3.0]])).tolist()
    [True, True, False, True]
    """
    figures = np.ascontiguousarray(figures, dtype=np.float64)
    found = np.zeros(len(figures), dtype=np.bool_)
    if len(figures):
        # whatever dominates a row comes before it in this order
        order = np.lexsort(figures.T[::-1])
        found[order[_first_seen(figures[order])]] = True
    return found


def dominating(figures: Floats, one: Floats) -> Flags:
    """Tell which rows dominate a plan: as good in all criteria, and better in one.

    Parameters
    ----------
    figures
        Plans × criteria, less being better.
    one
        The plan's.
    """
    return np.asarray((figures <= one).all(axis=1) & (figures < one).any(axis=1))


@compiled
def _first_seen(figures: Floats) -> Flags:
    """Walk rows that are sorted; keep those that none of the kept ones dominates."""
    plans, criteria = figures.shape
    keep = np.zeros(plans, dtype=np.bool_)
    kept = np.zeros(plans, dtype=np.int64)
    many = 0
    for row in range(plans):
        beaten = False
        for at in range(many):
            other = kept[at]
            no_worse = True
            better = False
            for column in range(criteria):
                if figures[other, column] > figures[row, column]:
                    no_worse = False
                    break
                if figures[other, column] < figures[row, column]:
                    better = True
            if no_worse and better:
                beaten = True
                if at > 0:  # what beats one often beats the next: look at it first
                    kept[at] = kept[0]
                    kept[0] = other
                break
        if not beaten:
            keep[row] = True
            kept[many] = row
            many += 1
    return keep
