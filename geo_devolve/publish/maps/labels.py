"""Names on a map: inside their area where they fit, else beside it on a line, and never over each other."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from numpy.typing import NDArray
from shapely import STRtree

from geo_devolve.publish.maps.sheet import Box, Room

POINT = 25.4 / 72  # mm
LEADING = 1.16  # of the letters' size
SIZES = (9.5, 8.5, 7.5, 6.8, 6.2)  # points, largest first
MOST_LINES = 5


@dataclass(frozen=True)
class Label:
    """A name and where it stands on the sheet.

    Attributes
    ----------
    area
        The area's code.
    lines
        The name, broken.
    size
        Of the letters (points).
    x, y
        Middle of the text (mm).
    box
        What it covers (mm).
    leader
        The point (mm) a line leads to, where the text stands beside its area.
    """

    area: str
    lines: tuple[str, ...]
    size: float
    x: float
    y: float
    box: Box
    leader: tuple[float, float] | None = None


def clean(name: str) -> str:
    """Return a name without line breaks and control characters, for one line of text."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in str(name)).split())


@lru_cache(maxsize=4096)
def width(text: str, size: float, bold: bool = False) -> float:
    """Return the width (mm) of a line of text."""
    font = FontProperties(family="DejaVu Sans", size=size, weight="bold" if bold else "normal")
    with without_glyph_warnings():
        return float(text_to_path.get_text_width_height_descent(text, font, ismath=False)[0]) * POINT


@contextmanager
def without_glyph_warnings() -> Iterator[None]:
    """Let a letter that the font lacks be drawn as a box, which everybody sees, without a warning each."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


@lru_cache(maxsize=1024)
def breaks(name: str, lines: int) -> tuple[str, ...]:
    """Break a name into at most so many lines at its spaces, the longest as short as can be."""
    words = clean(name).split()
    if lines >= len(words):
        return tuple(words) or ("",)
    # shortest[i][j]: the smallest longest line when the first i words fill j lines
    count = len(words)
    shortest = np.full((count + 1, lines + 1), np.inf)
    cut = np.zeros((count + 1, lines + 1), dtype=int)
    shortest[0, 0] = 0
    for upto in range(1, count + 1):
        for line in range(1, lines + 1):
            for start in range(upto):
                longest = max(shortest[start, line - 1], width(" ".join(words[start:upto]), 10))
                if longest < shortest[upto, line] - 1e-9:
                    shortest[upto, line], cut[upto, line] = longest, start
    broken: list[str] = []
    upto, line = count, lines
    while line:
        start = int(cut[upto, line])
        broken.append(" ".join(words[start:upto]))
        upto, line = start, line - 1
    return tuple(reversed(broken))


def text_size(lines: Sequence[str], size: float) -> tuple[float, float]:
    """Return width and height (mm) of lines of text."""
    return max(width(line, size) for line in lines), len(lines) * size * LEADING * POINT


def _line_boxes(lines: Sequence[str], size: float, spots: NDArray[np.float64]) -> list[NDArray[np.object_]]:
    """Return for each line of a text its boxes (mm), one for each spot the text's middle may stand at."""
    height = size * LEADING * POINT
    top = len(lines) * height / 2
    boxes = []
    for place, line in enumerate(lines):
        half = width(line, size) / 2
        above = spots[:, 1] + top - place * height
        boxes.append(shapely.box(spots[:, 0] - half, above - height, spots[:, 0] + half, above))
    return boxes


def inside(area: str, shape: shapely.Geometry, name: str, sizes: Sequence[float] = SIZES) -> Label | None:
    """Place a name wholly inside its area, as large and as near to its widest place as it goes.

    Parameters
    ----------
    area
        Its code.
    shape
        Its shape on the sheet (mm).
    name
        What to write.
    sizes
        Sizes of letters to try (points), largest first.

    Returns
    -------
    Label or None
        None where even the smallest size does not fit.
    """
    part = _largest(shape)
    part = None if part is None else _largest(part.buffer(-0.35))
    if part is None:
        return None
    spots = _spots(part)
    shapely.prepare(part)
    left, bottom, right, top = part.bounds
    for size in sizes:
        for broken in broken_ways(name):
            across, height = text_size(broken, size)
            if across > right - left or height > top - bottom:
                continue
            fits = np.ones(len(spots), dtype=bool)
            for boxes in _line_boxes(broken, size, spots):
                fits[fits] = shapely.contains_properly(part, boxes[fits])
            if fits.any():
                x, y = (float(value) for value in spots[np.argmax(fits)])
                return Label(area, broken, size, x, y, _box(x, y, across, height))
    return None


def over(
    area: str,
    shape: shapely.Geometry,
    name: str,
    placed: Sequence[Label],
    *,
    size: float = 6.2,
    most_out: float = 0.3,
) -> Label | None:
    """Place a name that is too large for its area so that little of it hangs out, and over no other name.

    Parameters
    ----------
    area, shape, name
        As in `inside`.
    placed
        Labels that stand already.
    size
        Of the letters (points).
    most_out
        What share of the text may hang out.

    Returns
    -------
    Label or None
        None where more would.
    """
    part = _largest(shape)
    part = None if part is None else _largest(part.simplify(0.3))
    if part is None:
        return None
    spots = _spots(part)[:80]
    others = [shapely.box(*label.box) for label in placed]
    best: tuple[float, Label] | None = None
    for broken in broken_ways(name):
        across, height = text_size(broken, size)
        lines = _line_boxes(broken, size, spots)
        whole = sum(float(shapely.area(boxes[0])) for boxes in lines)
        out = 1 - sum(shapely.area(shapely.intersection(part, boxes)) for boxes in lines) / whole
        half = np.array([across + 1, height + 0.6]) / 2
        blocks = shapely.box(*(spots - half).T, *(spots + half).T)
        if others:
            out = np.where(shapely.intersects(shapely.union_all(others), blocks), 1.0, out)
        spot = int(np.lexsort((np.arange(len(out)), out.round(4)))[0])
        if out[spot] <= most_out and (best is None or out[spot] < best[0] - 1e-6):
            x, y = (float(value) for value in spots[spot])
            best = (float(out[spot]), Label(area, broken, size, x, y, _box(x, y, across, height)))
    return None if best is None else best[1]


def broken_ways(name: str) -> list[tuple[str, ...]]:
    """Return the ways to break a name into lines, the fewest lines first."""
    most = min(len(clean(name).split()), MOST_LINES)
    return [breaks(name, lines) for lines in range(1, max(most, 1) + 1)]


def _largest(shape: shapely.Geometry) -> shapely.Polygon | None:
    part = max(shapely.get_parts(shape), key=shapely.area, default=None)
    return None if part is None or part.is_empty or part.area == 0 else part


def _spots(part: shapely.Polygon) -> NDArray[np.float64]:
    """Return points of the part to try as the middle of a text, those nearest to its widest place first."""
    middle = shapely.get_coordinates(shapely.maximum_inscribed_circle(part, tolerance=0.3))[0]
    left, bottom, right, top = part.bounds
    step = max(0.8, (right - left) / 30, (top - bottom) / 30)
    x, y = np.meshgrid(np.arange(left, right, step), np.arange(bottom, top, step))
    found = np.column_stack([x.ravel(), y.ravel()])
    found = found[shapely.contains_xy(part, found[:, 0], found[:, 1])]
    order = np.argsort(np.hypot(*(found - middle).T).round(6), kind="stable")
    return np.vstack([middle[None, :], found[order]])


def _box(x: float, y: float, across: float, height: float) -> Box:
    return (x - across / 2, y - height / 2, x + across / 2, y + height / 2)


def beside(
    area: str,
    shape: shapely.Geometry,
    name: str,
    placed: Sequence[Label],
    room: Room,
    *,
    size: float = 6.8,
    reach: float = 28,
) -> Label | None:
    """Place a name in free room near its area, with a line that crosses no other name.

    Parameters
    ----------
    area, shape, name
        As in `inside`.
    room
        What is free; the label's box is taken from it.
    placed
        Labels that stand already.
    size
        Of the letters (points).
    reach
        Longest line (mm).

    Returns
    -------
    Label or None
        None where no free room is near.
    """
    part = _largest(shape)
    if part is None:
        return None
    start = shapely.get_coordinates(shapely.maximum_inscribed_circle(part, tolerance=0.3))[0]
    tree = STRtree([shapely.box(*label.box) for label in placed])
    lines_drawn = [
        shapely.LineString([label.leader, (label.x, label.y)]) for label in placed if label.leader is not None
    ]
    best: tuple[float, Label] | None = None
    for broken in broken_ways(name)[:4]:
        across, height = text_size(broken, size)
        places = room.places(across + 2, height + 1.5)
        if not len(places):
            continue
        middles = places + np.array([across + 2, height + 1.5]) / 2
        # from the text's edge to the area
        gap = np.maximum(np.abs(middles - start) - np.array([across, height]) / 2, 0)
        distance = np.hypot(*gap.T)
        for place in np.lexsort((middles[:, 0], middles[:, 1], distance.round(3)))[:60]:
            if distance[place] > reach or (best is not None and distance[place] + len(broken) >= best[0]):
                break
            x, y = (float(value) for value in middles[place])
            line = shapely.LineString([tuple(start), (x, y)])
            if len(tree.query(line, predicate="intersects")) or any(
                line.intersects(other) for other in lines_drawn
            ):
                continue
            label = Label(
                area, broken, size, x, y, _box(x, y, across, height), (float(start[0]), float(start[1]))
            )
            best = (float(distance[place]) + len(broken), label)
            break
    if best is None:
        return None
    room.take_box(best[1].box, 0.5)
    return best[1]
