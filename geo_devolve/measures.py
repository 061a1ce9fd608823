"""The measures of how two sets of places fit each other, as plain functions of people counted in both.

Nothing here knows of councils, layers or files, so that a layer against a layer, a plan against a layer and a
candidate against a layer are all measured by the same lines.
"""

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Rule = Literal["whole", "nest", "match"]
RULES: tuple[Rule, ...] = get_args(Rule)

Floats = NDArray[np.float64]


def mismatch(rule: Rule, both: Floats, body: Floats, area: Floats) -> Floats:
    """How badly one body and one area fit, for a resident of both.

    ``whole``: 1 - y/p, ``nest``: min(1 - y/p, 1 - y/P), ``match``: 1 - y/(p + P - y), with y the people in
    both, p the body's and P the area's.

    Parameters
    ----------
    rule
        Which of the three.
    both
        People in both the body and the area (persons), any shape, above zero.
    body
        People in the body (persons), broadcast to the shape of `both`.
    area
        People in the area (persons), broadcast likewise.

    Returns
    -------
    Floats
        In [0, 1], 0 where the rule holds.
    """
    if rule == "whole":
        badness = 1.0 - both / body
    elif rule == "nest":
        badness = 1.0 - both / np.minimum(body, area)
    else:
        badness = 1.0 - both / (body + area - both)
    return np.clip(badness, 0.0, 1.0)


def entropies(both: Floats) -> tuple[float, float]:
    """Homogeneity and completeness of areas (rows) against bodies (columns).

    Homogeneity is 1 where every area holds residents of one body only, completeness where every body lies in
    one area (Rosenberg and Hirschberg, 2007).

    Parameters
    ----------
    both
        People in each pair (persons), areas × bodies; someone in two bodies counts half in each.

    Returns
    -------
    tuple of float
        Homogeneity and completeness, each in [0, 1]; 1 where there is nothing to be uncertain of.
    """
    total = both.sum()
    if total <= 0:
        return 1.0, 1.0
    joint = both / total
    rows, columns = joint.sum(axis=1), joint.sum(axis=0)

    def entropy(shares: Floats) -> float:
        positive = shares[shares > 0]
        if len(positive) <= 1:
            return 0.0  # one group: exactly nothing, whatever its share has been rounded to
        return float(-(positive * np.log(positive)).sum())

    mutual = entropy(rows) + entropy(columns) - entropy(joint.ravel())
    of_bodies, of_areas = entropy(columns), entropy(rows)
    homogeneity = 1.0 if of_bodies <= 0 else mutual / of_bodies
    completeness = 1.0 if of_areas <= 0 else mutual / of_areas
    return min(max(homogeneity, 0.0), 1.0), min(max(completeness, 0.0), 1.0)


def v_measure(homogeneity: float, completeness: float) -> float:
    """Return the harmonic mean of homogeneity and completeness, 0 where both are."""
    total = homogeneity + completeness
    return 0.0 if total == 0 else 2.0 * homogeneity * completeness / total
