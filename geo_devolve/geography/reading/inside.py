"""Which shapes points lie in, with those just outside brought to the nearest shore."""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


def points_inside(shapes: NDArray[np.object_], x: Floats, y: Floats) -> tuple[Integers, Integers]:
    """Find every pair of a point and a shape it lies in.

    Parameters
    ----------
    shapes
        Polygons or MultiPolygons.
    x, y
        The points' coordinates, in the same system.

    Returns
    -------
    tuple of numpy.ndarray
        Points' and shapes' numbers, sorted by point, then shape; a point on a border lies in both.
    """
    # the shapes are asked for the points, not the other way round: GEOS prepares the side that asks
    shape, point = STRtree(shapely.points(x, y)).query(shapes, predicate="intersects")
    order = np.lexsort((shape, point))
    return point[order].astype(np.int64), shape[order].astype(np.int64)


def first_of_each(point: Integers, shape: Integers, count: int) -> Integers:
    """Give each point the first of its shapes, -1 where it has none."""
    answer = np.full(count, -1, dtype=np.int64)
    numbers, first = np.unique(point, return_index=True)
    answer[numbers] = shape[first]
    return answer


def nearest_shapes(shapes: NDArray[np.object_], x: Floats, y: Floats) -> tuple[Integers, Floats]:
    """Find the nearest shape to each point, and how far it is (m)."""
    points = shapely.points(x, y)
    (_, shape), distance = STRtree(shapes).query_nearest(points, all_matches=False, return_distance=True)
    return shape.astype(np.int64), np.asarray(distance, dtype=np.float64)
