"""Trips that stay within an area, and those that do not."""

import numpy as np
import pandas as pd

from geo_devolve.geography.quantities import Flows
from geo_devolve.plan.groups import Groups


def containment_of(groups: Groups, flows: Flows) -> pd.DataFrame:
    """Count for each area the trips that start in it, end in it, and do both.

    Parameters
    ----------
    groups
        The areas.
    flows
        Trips between councils.

    Returns
    -------
    DataFrame
        Index ``area``; columns ``starts``, ``ends``, ``stays`` (trips), ``by_residence`` (stays / starts) and
        ``by_workplace`` (stays / ends), NaN where there are none.
    """
    between = (groups.members @ flows.trips @ groups.members.T).toarray()
    stays = np.diag(between).astype(np.float64)
    starts = np.asarray(groups.members @ flows.trips.sum(axis=1), dtype=np.float64).ravel()
    ends = np.asarray(groups.members @ flows.trips.sum(axis=0), dtype=np.float64).ravel()
    with np.errstate(invalid="ignore", divide="ignore"):
        by_residence, by_workplace = stays / starts, stays / ends
    return pd.DataFrame(
        {
            "starts": starts,
            "ends": ends,
            "stays": stays,
            "by_residence": by_residence,
            "by_workplace": by_workplace,
        },
        index=pd.Index(list(groups.labels), name="area", tupleize_cols=False),
    )
