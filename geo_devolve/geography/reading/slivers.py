"""Closed gaps handed back to the councils along them.

A gap is closed by giving it to the council that runs along most of it. Where a gap has arms, such as vertices
that are off on two borders of a corner leave, an arm between two other councils goes with the rest: a strip
of a few metres then parts them for miles, and their border is gone. Such arms are given to one of the two.
"""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree

Shapes = NDArray[np.object_]

SPECK = 1.0
"""Area (m²) below which a piece is rounding."""
_TOUCH = 1e-3  # m: within so much, lines that were cut from each other lie on each other


def hand_back(shapes: Shapes, clean: Shapes, least: float) -> Shapes:
    """Give arms of closed gaps that lie between two other councils to one of these.

    Parameters
    ----------
    shapes
        As they were given (m), one a council.
    clean
        The coverage made of them, in the same order.
    least
        How far (m) both councils must run along an arm.

    Returns
    -------
    numpy.ndarray
        A coverage; the same where there is no such arm.
    """
    changed = np.flatnonzero(~shapely.equals_identical(shapely.normalize(shapes), shapely.normalize(clean)))
    tree = STRtree(clean)
    moves: list[tuple[int, int, shapely.Geometry]] = []
    for owner in changed.tolist():
        for piece in shapely.get_parts(shapely.difference(clean[owner], shapes[owner])):
            if shapely.area(piece) > SPECK and shapely.get_type_id(piece) == 3:
                near = [n for n in tree.query(piece, "dwithin", _TOUCH).tolist() if n != owner]
                beside = [n for n in near if _along(piece, clean[n]) > least]
                if len(beside) > 1:
                    moves += [(owner, *arm) for arm in _arms(piece, shapes[owner], clean, beside, least)]
    if not moves:
        return clean
    mended = clean.copy()
    for owner, taker, arm in moves:
        mended[owner] = shapely.difference(mended[owner], arm)
        mended[taker] = shapely.union(mended[taker], arm)
    return mended if shapely.coverage_is_valid(mended) else shapely.coverage_clean(mended)


def _arms(
    piece: shapely.Geometry, owner: shapely.Geometry, clean: Shapes, beside: list[int], least: float
) -> list[tuple[int, shapely.Geometry]]:
    """Return the arms of a piece between two other councils, each with the one it runs along most."""
    triangles = shapely.get_parts(shapely.constrained_delaunay_triangles(piece))
    middles = shapely.centroid(triangles)
    to_others = np.array([shapely.distance(middles, clean[n]) for n in beside])
    between = shapely.distance(middles, owner) > np.partition(to_others, 1, axis=0)[1] + _TOUCH
    found = []
    for arm in shapely.get_parts(shapely.union_all(triangles[between])):
        lengths = [_along(arm, clean[n]) for n in beside]
        if np.partition(lengths, -2)[-2] > least:
            found.append((beside[int(np.argmax(lengths))], arm))
    return found


def _along(piece: shapely.Geometry, other: shapely.Geometry) -> float:
    """How far (m) a piece runs along a shape."""
    near = shapely.buffer(shapely.boundary(piece), _TOUCH, quad_segs=1)
    return float(shapely.length(shapely.intersection(shapely.boundary(other), near)))
