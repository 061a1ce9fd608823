"""Councils that run along each other without a border: torn open, or parted by narrow water."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree

from geo_devolve.geography.reading.borders import free_segments, shared_lengths

ALONG = 1.4
"""Coasts that run so for this many times their distance do not just meet in a corner."""


def near_misses(
    shapes: NDArray[np.object_],
    codes: Sequence[str],
    apart: frozenset[tuple[str, str]],
    within: float,
    least: float | None = None,
) -> list[str]:
    """Find councils whose coasts run along each other while they share no border.

    Parameters
    ----------
    shapes
        A coverage (m), one shape a council; of one that is not clean, what is not matched are coasts.
    codes
        Theirs.
    apart
        Pairs of councils known to face each other across water; they are left out.
    within
        How near (m) the coasts run; 0 finds nothing.
    least
        How far (m) they must do so; by default as far as says that they do not just meet in a corner.

    Returns
    -------
    list of str
        The pairs, each with how far they run so (m), sorted.
    """
    if within <= 0:
        return []
    one, other, length = shared_lengths(shapes)
    known = set(zip(one[length > 0].tolist(), other[length > 0].tolist(), strict=True))
    near, far = STRtree(shapes).query(shapes, predicate="dwithin", distance=within)
    pairs = [
        (a, b)
        for a, b in sorted(zip(near.tolist(), far.tolist(), strict=True))
        if a < b and (a, b) not in known and (str(codes[a]), str(codes[b])) not in apart
    ]
    segments, owner = free_segments(shapes) if pairs else (np.zeros((0, 4)), np.zeros(0, dtype=np.int64))
    missed = []
    for a, b in pairs:
        coasts = [shapely.linestrings(segments[owner == each].reshape(-1, 2, 2)) for each in (a, b)]
        if not (len(coasts[0]) and len(coasts[1])):
            continue
        strip = shapely.buffer(shapely.multilinestrings(coasts[1]), within, quad_segs=4)
        along = shapely.length(shapely.intersection(shapely.multilinestrings(coasts[0]), strip))
        if along > (ALONG * within if least is None else least):
            missed.append(f"{codes[a]}-{codes[b]} ({along:,.0f} m)")
    return missed
