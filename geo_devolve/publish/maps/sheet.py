"""The sheet a map is printed on, in millimetres: where the ground goes on it, and where room is left."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from matplotlib.path import Path
from numpy.typing import NDArray

Box = tuple[float, float, float, float]  # left, bottom, right, top

STEP = 1.5  # mm between the points at which room on the sheet is looked for


@dataclass(frozen=True)
class View:
    """A window of the ground drawn in a frame of the sheet, both in the same proportions.

    Attributes
    ----------
    ground
        Window (m).
    frame
        Where it is drawn (mm).
    """

    ground: Box
    frame: Box

    @property
    def scale(self) -> float:
        """Millimetres of the sheet a metre of the ground."""
        return (self.frame[2] - self.frame[0]) / (self.ground[2] - self.ground[0])

    def on_sheet(self, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
        """Return shapes moved from metres to millimetres."""
        corner = np.array(self.ground[:2])
        place = np.array(self.frame[:2])
        return np.asarray(shapely.transform(shapes, lambda xy: (xy - corner) * self.scale + place))

    def box_on_sheet(self, box: Box) -> Box:
        """Return a box moved from metres to millimetres."""
        (x, y), (left, bottom), scale = self.ground[:2], self.frame[:2], self.scale
        return (
            (box[0] - x) * scale + left,
            (box[1] - y) * scale + bottom,
            (box[2] - x) * scale + left,
            (box[3] - y) * scale + bottom,
        )


def fit(ground: Box, frame: Box) -> View:
    """Return the largest view of a window of the ground within a frame, in its middle."""
    width, height = ground[2] - ground[0], ground[3] - ground[1]
    scale = min((frame[2] - frame[0]) / width, (frame[3] - frame[1]) / height)
    left = (frame[0] + frame[2] - width * scale) / 2
    bottom = (frame[1] + frame[3] - height * scale) / 2
    return View(ground, (left, bottom, left + width * scale, bottom + height * scale))


def outline_path(shape: shapely.Geometry) -> Path:
    """Turn a polygon, with its parts and holes, or lines into one matplotlib path."""
    vertices: list[NDArray[np.float64]] = []
    codes: list[NDArray[np.uint8]] = []
    for part in shapely.get_parts(shape):
        rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
        for ring in rings:
            points = shapely.get_coordinates(ring)
            if len(points) < 2:
                continue
            code = np.full(len(points), Path.LINETO, dtype=np.uint8)
            code[0] = Path.MOVETO
            if part.geom_type == "Polygon":
                code[-1] = Path.CLOSEPOLY
            vertices.append(points)
            codes.append(code)
    if not vertices:
        return Path(np.zeros((0, 2)), np.zeros(0, dtype=np.uint8))
    return Path(np.concatenate(vertices), np.concatenate(codes))


class Room:
    """Which parts of a frame are still free.

    Parameters
    ----------
    frame
        The part of the sheet that may be used (mm).
    """

    def __init__(self, frame: Box) -> None:
        self.frame = frame
        self._x = np.arange(frame[0] + STEP / 2, frame[2], STEP)
        self._y = np.arange(frame[1] + STEP / 2, frame[3], STEP)
        self._taken = np.zeros((len(self._y), len(self._x)), dtype=bool)

    def take(self, shape: shapely.Geometry) -> None:
        """Mark what a shape covers (mm) as no longer free."""
        shapely.prepare(shape)
        x, y = np.meshgrid(self._x, self._y)
        self._taken |= shapely.intersects_xy(shape, x, y)

    def take_box(self, box: Box, margin: float = 0.0) -> None:
        """Mark a box and a margin about it (mm) as no longer free."""
        inside_x = (self._x > box[0] - margin - STEP / 2) & (self._x < box[2] + margin + STEP / 2)
        inside_y = (self._y > box[1] - margin - STEP / 2) & (self._y < box[3] + margin + STEP / 2)
        self._taken |= inside_y[:, None] & inside_x[None, :]

    def places(self, width: float, height: float) -> NDArray[np.float64]:
        """Return the lower left corners (mm, n × 2) of all free boxes of a size."""
        columns, rows = int(np.ceil(width / STEP)), int(np.ceil(height / STEP))
        if rows > self._taken.shape[0] or columns > self._taken.shape[1]:
            return np.zeros((0, 2))
        sums = np.zeros((self._taken.shape[0] + 1, self._taken.shape[1] + 1), dtype=np.int64)
        sums[1:, 1:] = self._taken.cumsum(axis=0).cumsum(axis=1)
        within = (
            sums[rows:, columns:] - sums[:-rows, columns:] - sums[rows:, :-columns] + sums[:-rows, :-columns]
        )
        row, column = np.nonzero(within == 0)
        return np.column_stack([self._x[column] - STEP / 2, self._y[row] - STEP / 2])

    def nearest(self, width: float, height: float, to: Sequence[float]) -> Box | None:
        """Return the free box of a size whose middle is nearest to a point (mm), or None."""
        places = self.places(width, height)
        if len(places) == 0:
            return None
        middles = places + np.array([width / 2, height / 2])
        distance = np.hypot(*(middles - np.asarray(to)).T)
        # ties by position, so that the same map is drawn every time
        best = np.lexsort((places[:, 0], places[:, 1], distance.round(6)))[0]
        left, bottom = (float(value) for value in places[best])
        return (left, bottom, left + width, bottom + height)
