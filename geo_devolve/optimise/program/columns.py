"""The linear programs over candidates, as HiGHS holds them: a row a unit, one for the count, one a limit."""

import highspy
import numpy as np

from geo_devolve.objective.units import Floats, Masks, to_flags
from geo_devolve.optimise.asked.rules import touches
from geo_devolve.optimise.program.highs import Model

_OPTIONS = {
    "presolve": "off",  # columns come by and by, and each solve starts from the last basis
    "primal_feasibility_tolerance": 1e-9,
    "dual_feasibility_tolerance": 1e-9,
}


def open_model() -> Model:
    """Return an empty model with the options that all of them share."""
    return Model(_OPTIONS)


def add_candidates(model: Model, masks: Masks, costs: Floats, n: int, cap_units: Masks) -> None:
    """Add a column for each candidate: 1 in its units' rows, the count's, and those of limits it touches.

    Parameters
    ----------
    model
        Whose rows are n units, the count, then the limits.
    masks, costs
        Of the candidates; costs as the model scales them.
    n
        Number of units.
    cap_units
        The set of units of each limit.
    """
    many = len(masks)
    rows = np.ones((many, n + 1 + len(cap_units)), dtype=bool)
    rows[:, :n] = to_flags(masks, n)
    for cap, units in enumerate(cap_units):
        rows[:, n + 1 + cap] = touches(masks, units)
    starts = np.concatenate([[0], np.cumsum(rows.sum(axis=1))[:-1]])
    indices = np.nonzero(rows)[1]
    model.addCols(
        many,
        costs,
        np.zeros(many),
        np.full(many, highspy.kHighsInf),
        len(indices),
        starts.astype(np.int32),
        indices.astype(np.int32),
        np.ones(len(indices)),
    )
