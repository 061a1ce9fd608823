"""Shapes traced from a grid of squares: a coverage whose outlines cut the corners of the steps."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

NOWHERE = -1
_EAST, _NORTH, _WEST, _SOUTH = range(4)


def paint(
    south: Floats, west: Floats, east: Floats, labels: Integers, cell_m: float
) -> tuple[Integers, tuple[float, float]]:
    """Paint runs of squares into a raster.

    Parameters
    ----------
    south, west, east
        The south edge of each run, the west edge of its first square and the east edge of its last (m),
        multiples of `cell_m`.
    labels
        A number from 0 for each run.
    cell_m
        The side of a square (m).

    Returns
    -------
    tuple of numpy.ndarray and (float, float)
        Labels by row (from south) and column (from west), -1 where there is no square, with an empty rim; and
        the raster's south-west corner (m).

    Raises
    ------
    ValueError
        Where two runs overlap or a run has no square; the message is the end of a sentence about the grid.
    """
    row = np.rint(south / cell_m).astype(np.int64)
    first = np.rint(west / cell_m).astype(np.int64)
    last = np.rint(east / cell_m).astype(np.int64)
    off = np.abs(np.concatenate([south - row * cell_m, west - first * cell_m, east - last * cell_m]))
    if off.max(initial=0.0) > 1e-6 * cell_m:
        raise ValueError(f"has edges that are no multiple of {cell_m:g} m")
    width = last - first
    if (width < 1).any():
        raise ValueError(f"has {int((width < 1).sum())} runs whose east edge is not east of the west edge")
    low, left = int(row.min()) - 1, int(first.min()) - 1
    high, right = int(row.max()) + 2, int(last.max()) + 1
    if (high - low) * (right - left) > 200_000_000:
        raise ValueError("spans more than 200 million squares; check its coordinates")
    raster = np.full((high - low, right - left), NOWHERE, dtype=np.int64)
    start = np.repeat(np.cumsum(width) - width, width)
    columns = np.repeat(first, width) + np.arange(int(width.sum())) - start - left
    rows = np.repeat(row, width) - low
    flat = rows * raster.shape[1] + columns
    raster.ravel()[flat] = np.repeat(labels, width)
    twice = len(flat) - int(np.count_nonzero(raster != NOWHERE))
    if twice:
        raise ValueError(f"has {twice:,} squares in two runs")
    return raster, (left * cell_m, low * cell_m)


def trace(raster: Integers, corner: tuple[float, float], cell_m: float, count: int) -> NDArray[np.object_]:
    """Trace the outline of each label, cutting the corners of the steps.

    Every outline goes through the middles of the squares' edges, which turns a staircase into a straight
    line, and through the corners where more than two outlines meet. Both sides of a border see the same
    points, so the shapes are a coverage.

    Parameters
    ----------
    raster
        Labels by row and column, as `paint` returns them.
    corner
        The raster's south-west corner (m).
    cell_m
        The side of a square (m).
    count
        How many labels there are.

    Returns
    -------
    numpy.ndarray
        A Polygon or MultiPolygon for each label, None for a label without squares.
    """
    label, start, end, direction = _edges(raster)
    width = raster.shape[1]
    follow = _next_edges(label, start, end, direction, raster.size)
    # a corner is kept where more or fewer than two undirected edges meet: three outlines, or four squares
    inner = _undirected(raster)
    degree = np.bincount(np.concatenate(inner), minlength=raster.size)
    kept = degree != 2
    x0, y0 = corner

    def place(vertex: Integers) -> Floats:
        return np.column_stack([x0 + (vertex % width) * cell_m, y0 + (vertex // width) * cell_m])

    at_start, middle = place(start), (place(start) + place(end)) / 2
    shells: list[list[Floats]] = [[] for _ in range(count)]
    holes: list[list[Floats]] = [[] for _ in range(count)]
    starts = start.tolist()
    for ring in (part for whole in _rings(follow) for part in _simple(whole, starts)):
        here = np.array(ring)
        both = np.empty((2 * len(here), 2))
        both[0::2], both[1::2] = at_start[here], middle[here]
        use = np.ones(2 * len(here), dtype=bool)
        use[0::2] = kept[start[here]]
        points = both[use]
        closed = np.vstack([points, points[:1]])
        turn = closed[:-1, 0] * closed[1:, 1] - closed[1:, 0] * closed[:-1, 1]
        centred = turn - x0 * (closed[1:, 1] - closed[:-1, 1]) + y0 * (closed[1:, 0] - closed[:-1, 0])
        (shells if centred.sum() > 0 else holes)[int(label[here[0]])].append(closed)
    shapes = [_shape(outer, inner) for outer, inner in zip(shells, holes, strict=True)]
    answer = np.empty(count, dtype=object)
    answer[:] = shapes
    return answer


def _edges(raster: Integers) -> tuple[Integers, Integers, Integers, Integers]:
    """List the directed edges between unlike squares, each with its label on the left.

    A vertex has the number of the square to its north-east.
    """
    width = raster.shape[1]
    found = []
    upright = np.argwhere(raster[:, 1:] != raster[:, :-1])
    vertex = upright[:, 0] * width + upright[:, 1] + 1
    found.append((raster[upright[:, 0], upright[:, 1]], vertex, vertex + width, _NORTH))
    found.append((raster[upright[:, 0], upright[:, 1] + 1], vertex + width, vertex, _SOUTH))
    level = np.argwhere(raster[1:] != raster[:-1])
    vertex = (level[:, 0] + 1) * width + level[:, 1]
    found.append((raster[level[:, 0] + 1, level[:, 1]], vertex, vertex + 1, _EAST))
    found.append((raster[level[:, 0], level[:, 1]], vertex + 1, vertex, _WEST))
    label, start, end = (np.concatenate([each[i] for each in found]) for i in range(3))
    direction = np.concatenate([np.full(len(each[0]), each[3]) for each in found])
    real = label != NOWHERE
    return label[real], start[real], end[real], direction[real]


def _undirected(raster: Integers) -> tuple[Integers, Integers]:
    """List both ends of every edge between unlike squares, once an edge."""
    width = raster.shape[1]
    upright = np.argwhere(raster[:, 1:] != raster[:, :-1])
    vertex = upright[:, 0] * width + upright[:, 1] + 1
    level = np.argwhere(raster[1:] != raster[:-1])
    other = (level[:, 0] + 1) * width + level[:, 1]
    return np.concatenate([vertex, other]), np.concatenate([vertex + width, other + 1])


def _next_edges(label: Integers, start: Integers, end: Integers, direction: Integers, size: int) -> Integers:
    """Find the edge that follows each edge of an outline: the leftmost, so that outlines never cross."""
    key = (label * size + start) * 4 + direction
    order = np.argsort(key)
    ordered = key[order]
    follow = np.full(len(key), -1, dtype=np.int64)
    for turn in (3, 0, 1):  # right, straight, left: the last found wins
        wanted = (label * size + end) * 4 + (direction + turn) % 4
        at = np.minimum(np.searchsorted(ordered, wanted), len(ordered) - 1)
        hit = ordered[at] == wanted
        follow[hit] = order[at[hit]]
    return follow


def _rings(follow: Integers) -> list[list[int]]:
    after = follow.tolist()
    seen = bytearray(len(after))
    rings = []
    for first in range(len(after)):
        if seen[first]:
            continue
        ring, edge = [], first
        while not seen[edge]:
            seen[edge] = 1
            ring.append(edge)
            edge = after[edge]
        rings.append(ring)
    return rings


def _simple(ring: list[int], start: list[int]) -> list[list[int]]:
    """Part a ring that comes back to a corner into rings that do not: a notch and a hole that touch."""
    if len({start[edge] for edge in ring}) == len(ring):
        return [ring]
    rings: list[list[int]] = []
    path: list[int] = []
    place: dict[int, int] = {}
    for edge in ring:
        corner = start[edge]
        if corner in place:
            loop = path[place[corner] :]
            rings.append(loop)
            for each in loop:
                del place[start[each]]
            del path[-len(loop) :]
        place[corner] = len(path)
        path.append(edge)
    rings.append(path)
    return rings


def _shape(shells: Sequence[Floats], holes: Sequence[Floats]) -> object:
    if not shells:
        return None
    inside: list[list[Floats]] = [[] for _ in shells]
    if len(shells) == 1:
        inside[0] = list(holes)
    elif holes:
        outers = shapely.polygons([shapely.linearrings(shell) for shell in shells])
        sizes = shapely.area(outers)
        for hole in holes:
            around = np.flatnonzero(shapely.covers(outers, shapely.polygons(hole)))
            inside[around[np.argmin(sizes[around])]].append(hole)
    polygons = [shapely.Polygon(shell, rings) for shell, rings in zip(shells, inside, strict=True)]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
