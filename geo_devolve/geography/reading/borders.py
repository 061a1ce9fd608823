"""Borders measured on polygons: the segments that two shapes of a clean coverage share, vertex for vertex."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

_MIX = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5)
"""Odd 64-bit constants that spread the bits of four coordinates over one key."""


def _segments(shapes: NDArray[np.object_]) -> tuple[Floats, Integers]:
    """Cut outlines into segments.

    Returns
    -------
    tuple of arrays
        n × 4 coordinates, the smaller end first, and for each segment the number of its shape.
    """
    parts, owner_of_part = shapely.get_parts(shapes, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    coordinates, ring_of = shapely.get_coordinates(rings, return_index=True)
    coordinates = coordinates + 0.0  # -0.0 and 0.0 are one place and must be one bit pattern
    inside = ring_of[1:] == ring_of[:-1]
    start, end = coordinates[:-1][inside], coordinates[1:][inside]
    owner = owner_of_part[part_of_ring][ring_of[:-1][inside]]
    swap = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    segments = np.empty((len(start), 4))
    segments[:, :2] = np.where(swap[:, None], end, start)
    segments[:, 2:] = np.where(swap[:, None], start, end)
    return segments, owner.astype(np.int64)


def _matched(shapes: Sequence[object] | NDArray[np.object_]) -> tuple[Floats, Integers, Integers]:
    """Sort the segments so that equal ones stand side by side.

    Returns
    -------
    tuple of arrays
        The segments, their shapes' numbers, and the places of those that equal the next, of another shape.
    """
    segments, owner = _segments(np.asarray(shapes, dtype=object))
    bits = np.ascontiguousarray(segments).view(np.uint64).reshape(-1, 4)
    key = np.zeros(len(bits), dtype=np.uint64)
    for column, constant in enumerate(_MIX):
        key ^= bits[:, column] * np.uint64(constant)
        key ^= key >> np.uint64(29)
        key *= np.uint64(_MIX[0])
    order = np.argsort(key, kind="stable")
    key, owner, segments = key[order], owner[order], segments[order]
    same = np.flatnonzero(key[1:] == key[:-1])
    # two outlines meet along a segment, no more, so equal keys stand side by side; a key may still clash
    same = same[(segments[same] == segments[same + 1]).all(axis=1) & (owner[same] != owner[same + 1])]
    return segments, owner, same


def free_segments(shapes: Sequence[object] | NDArray[np.object_]) -> tuple[Floats, Integers]:
    """Find the segments that no two shapes of a coverage share: coasts, rims of holes, the outer border.

    Parameters
    ----------
    shapes
        Polygons or MultiPolygons (m).

    Returns
    -------
    tuple of arrays
        n × 4 coordinates of the ends, and the number of each segment's shape.
    """
    segments, owner, same = _matched(shapes)
    free = np.ones(len(segments), dtype=bool)
    free[same] = free[same + 1] = False
    return segments[free], owner[free]


def shared_lengths(shapes: Sequence[object] | NDArray[np.object_]) -> tuple[Integers, Integers, Floats]:
    """Measure what each two shapes of a coverage share.

    A shared segment is one whose two ends are the same in both shapes, so the shapes must be a clean coverage
    (`shapely.coverage_is_valid`); a touch in one point has no length and is no border.

    Parameters
    ----------
    shapes
        Polygons or MultiPolygons in a projected system (m).

    Returns
    -------
    tuple of arrays
        The first shape's number, the second's (larger) and the length they share (m), sorted by the pair.
    """
    segments, owner, same = _matched(shapes)
    one = np.minimum(owner[same], owner[same + 1])
    other = np.maximum(owner[same], owner[same + 1])
    length = np.hypot(segments[same, 2] - segments[same, 0], segments[same, 3] - segments[same, 1])
    count = len(shapes)
    pairs, number = np.unique(one * count + other, return_inverse=True)
    total: Floats = np.bincount(number, weights=length, minlength=len(pairs)).astype(np.float64)
    return pairs // count, pairs % count, total


def measure_borders(shapes: Sequence[object] | NDArray[np.object_], codes: pd.Index) -> pd.DataFrame:
    """Return the land borders between the shapes of a clean coverage.

    Parameters
    ----------
    shapes
        Polygons or MultiPolygons (m), one a council.
    codes
        The councils' codes, sorted, in the order of `shapes`.

    Returns
    -------
    pandas.DataFrame
        Columns ``council``, ``neighbour`` (the later of the two) and ``length_m``, sorted; only borders
        longer than zero.
    """
    one, other, length = shared_lengths(shapes)
    keep = length > 0
    return pd.DataFrame(
        {"council": codes[one[keep]], "neighbour": codes[other[keep]], "length_m": length[keep]}
    )
