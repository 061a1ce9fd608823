"""Which plans no other beats: as good in every criterion, and better in one."""

import numpy as np
from numpy.typing import NDArray

from geo_devolve.optimise.compiled.flat import compiled

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def undominated(costs: Floats) -> Flags:
    """Tell which rows no other row dominates; rows that are equal do not dominate each other.

    Parameters
    ----------
    costs
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
    costs = np.ascontiguousarray(costs, dtype=np.float64)
    found = np.zeros(len(costs), dtype=np.bool_)
    if len(costs):
        # whatever dominates a row comes before it in this order
        order = np.lexsort(costs.T[::-1])
        found[order[_first_seen(costs[order])]] = True
    return found


def dominating(costs: Floats, one: Floats) -> Flags:
    """Tell which rows dominate a plan: as good in all criteria, and better in one.

    Parameters
    ----------
    costs
        Plans × criteria, less being better.
    one
        The plan's.
    """
    return np.asarray((costs <= one).all(axis=1) & (costs < one).any(axis=1))


@compiled
def _first_seen(costs: Floats) -> Flags:
    """Walk rows that are sorted; keep those that none of the kept ones dominates."""
    plans, criteria = costs.shape
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
                if costs[other, column] > costs[row, column]:
                    no_worse = False
                    break
                if costs[other, column] < costs[row, column]:
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
