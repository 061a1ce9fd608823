"""For which weights a plan would be the best: a linear program over the front."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linprog

from geo_devolve.atlases.criteria import Criterion

Floats = NDArray[np.float64]
_EXACT = 1e-9
"""A margin below this, in shares of the spread of the criteria, is a tie."""


@dataclass(frozen=True, eq=False)
class Favour:
    """What weights would have to be for a plan to be the best.

    Attributes
    ----------
    table
        Index ``criterion``; ``share`` is the weight of a criterion whose best and worst plan are one apart
        (all shares add up to 1), as much in favour of the plan as can be; ``weight`` the same per unit of
        the criterion; ``least`` and ``most`` the range of shares with which it can be the best.
    margin
        By how much it then beats the next plan, in the same shares; 0 where another is as good.
    """

    table: pd.DataFrame
    margin: float


def favouring(front: Floats, one: Floats, spread: Floats, criteria: Sequence[Criterion]) -> Favour | None:
    """Find weights, none negative, for which no plan is better.

    Parameters
    ----------
    front
        Costs of the plans that no other beats: plans × criteria.
    one
        The plan's costs.
    spread
        Of each criterion, how far the best and the worst plan are apart.
    criteria
        What the columns are.

    Returns
    -------
    Favour or None
        None where another plan is better whatever the weights: the program that makes the margin as large as
        can be proves it.
    """
    scale = np.where(spread > 0, spread, 1.0)
    usable = [
        (0.0, 1.0 if wide > 0 else 0.0) for wide in spread
    ]  # what is the same in all plans favours none
    ahead = (front - one) / scale  # of each plan, by how much the one is better
    others = ahead[(np.abs(ahead) > _EXACT).any(axis=1)]
    names = pd.Index([each.name for each in criteria], name="criterion")
    n = len(criteria)
    if not len(others) or not (spread > 0).any():
        return Favour(_table(names, np.full(n, 1.0 / n), scale, [0.0] * n, [1.0] * n), 0.0)
    sums = np.concatenate([np.ones(n), [0.0]])[None, :]
    margins = np.column_stack([-others, np.ones(len(others))])
    aim = [*[0.0] * n, -1.0]
    best = linprog(aim, margins, np.zeros(len(others)), sums, [1.0], [*usable, (None, None)])
    if best.status != 0 or best.x[-1] < -_EXACT:
        return None
    shares = np.clip(best.x[:n], 0.0, 1.0) + 0.0  # no negative zero
    if (others @ shares).min() < -_EXACT:
        return None
    ends = []
    for column in range(n):
        for sign in (1.0, -1.0):
            end = np.zeros(n)
            end[column] = sign
            found = linprog(end, -others, np.full(len(others), _EXACT), sums[:, :n], [1.0], usable)
            ends.append(float(np.clip(found.x[column], 0.0, 1.0) if found.status == 0 else shares[column]))
    return Favour(_table(names, shares, scale, ends[::2], ends[1::2]), max(0.0, float(best.x[-1])))


def _table(
    names: pd.Index, shares: Floats, scale: Floats, least: list[float], most: list[float]
) -> pd.DataFrame:
    weights = shares / scale
    columns = {"share": shares, "weight": weights / weights.sum(), "least": least, "most": most}
    return pd.DataFrame(columns, index=names)
