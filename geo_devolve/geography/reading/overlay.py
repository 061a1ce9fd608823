"""The land that shapes of two sets share, cut only where a shape neither lies inside nor merely touches."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]


def overlay_areas(
    one: Sequence[object] | Shapes, other: Sequence[object] | Shapes
) -> tuple[Integers, Integers, Floats]:
    """Measure the land that each two shapes share.

    Parameters
    ----------
    one
        Many, small shapes (m): valid polygons.
    other
        Few, large shapes (m): valid polygons.

    Returns
    -------
    tuple of numpy.ndarray
        The numbers of the shapes of `one` and of `other`, and the area (m²) they share, above 0, sorted by
        the pair.
    """
    small, large = np.asarray(one, dtype=object), np.asarray(other, dtype=object)
    theirs, ours = STRtree(small).query(large, predicate="intersects")
    shapely.prepare(large)
    area = np.zeros(len(ours))
    within = shapely.covers(large[theirs], small[ours])
    area[within] = shapely.area(small[ours[within]])
    rest = np.flatnonzero(~within)
    rest = rest[~shapely.touches(large[theirs[rest]], small[ours[rest]])]
    area[rest] = shapely.area(shapely.intersection(large[theirs[rest]], small[ours[rest]]))
    keep = np.flatnonzero(area > 0)
    keep = keep[np.lexsort((theirs[keep], ours[keep]))]
    return ours[keep].astype(np.int64), theirs[keep].astype(np.int64), area[keep]
