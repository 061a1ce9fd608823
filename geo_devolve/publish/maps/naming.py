"""The areas' names on a map: in the area, in an enlarged window, beside the land, or by code with a key."""

from string import ascii_uppercase

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from geo_devolve.publish.maps.drawing import Content, draw_land, on_sheet
from geo_devolve.publish.maps.furniture import INK, SOFT, Key, draw_key, key_size, write
from geo_devolve.publish.maps.insets import MOST, Inset, crowds, place_inset
from geo_devolve.publish.maps.labels import LEADING, POINT, SIZES, Label, beside, inside, over, width
from geo_devolve.publish.maps.sheet import Box, Room, View

WIDEST_CROWD = 0.2  # of the sheet: what is wider gains too little from an inset
MARK_SIZE = 6.4  # points
TAG = 4.2  # mm, of an inset's letter


def name_areas(
    axes: Axes,
    content: Content,
    main: View,
    room: Room,
) -> None:
    """Name every area: on the main map, in an inset, beside the land, or by its code with a key.

    Parameters
    ----------
    axes
        The sheet.
    content
        Areas and their names.
    main
        The main map's view.
    room
        What is free beside the land; what is used is taken from it.
    """
    names = content.names
    shapes = on_sheet(content.areas, main)
    tight = [area for area, shape in shapes.items() if inside(area, shape, names[area], SIZES[-1:]) is None]
    crowded = [area for area in tight if over(area, shapes[area], names[area], ()) is None]
    widest = WIDEST_CROWD * min(room.frame[2] - room.frame[0], room.frame[3] - room.frame[1])
    insets: list[Inset] = []
    for crowd in crowds(shapes, crowded, tight, widest):
        if len(insets) < MOST and (inset := place_inset(shapes, crowd, main, room)) is not None:
            insets.append(inset)
    marks = _marks(list(shapes))
    coded: list[Label] = []
    for letter, inset in zip(ascii_uppercase, insets, strict=False):
        coded += _draw_inset(axes, content, inset, letter, marks)
    windows = shapely.union_all(
        [shapely.box(*box).buffer(0.3) for inset in insets for box in (inset.source, _tag_box(inset))]
    )
    shown_larger = {area for inset in insets for area in inset.areas}
    placed: list[Label] = []
    waiting: list[str] = []
    for area in [area for area in shapes if area not in shown_larger]:
        outside = shapely.difference(shapes[area], windows)
        shapes[area] = shapes[area] if outside.is_empty else outside
        label = inside(area, shapes[area], names[area])
        if label is None:
            waiting.append(area)
        else:
            placed.append(label)
    for area in sorted(waiting, key=lambda one: (shapes[one].area, one)):  # the smallest have least choice
        label = over(area, shapes[area], names[area], placed) or beside(
            area, shapes[area], names[area], placed, room
        )
        if label is None:
            coded.append(_mark(area, marks[area], shapes[area], placed))
        else:
            placed.append(label)
    for label in placed:
        _write_label(axes, label)
    for label in coded:
        _write_label(axes, label, bold=True)
    coded.sort(key=lambda label: list(shapes).index(label.area))
    if coded:
        _key_of_marks(axes, room, {marks[label.area]: names[label.area] for label in coded})


def _draw_inset(
    axes: Axes, content: Content, inset: Inset, letter: str, marks: dict[str, str]
) -> list[Label]:
    """Draw one enlarged window and its names; return the labels of those that had to be coded."""
    frame = inset.view.frame
    draw_land(axes, content, inset.view, frame, 1.25)
    for box, order, line_width in ((frame, 7, 0.9), (inset.source, 4, 0.8)):
        axes.add_patch(
            Rectangle(
                (box[0], box[1]),
                box[2] - box[0],
                box[3] - box[1],
                fill=False,
                edgecolor=INK,
                linewidth=line_width,
                zorder=order,
            )
        )
    _tag(axes, frame[0], frame[3], letter)
    _tag(axes, inset.source[0] - TAG, inset.source[3], letter)
    gain = write(
        axes,
        frame[2] - 1,
        frame[1] + 1,
        f"{inset.gain:.1f} times larger",
        6,
        colour=SOFT,
        across="right",
        order=21,
    )
    gain.set_path_effects([withStroke(linewidth=2.2, foreground="#ffffff")])
    window = shapely.box(*frame)
    names = content.names
    coded: list[Label] = []
    placed: list[Label] = []
    for area, shape in on_sheet({code: content.areas[code] for code in inset.areas}, inset.view).items():
        seen = shapely.intersection(shape, window)
        label = inside(area, seen, names[area]) or over(area, seen, names[area], placed)
        if label is None:
            coded.append(_mark(area, marks[area], seen, placed))
        else:
            placed.append(label)
            _write_label(axes, label)
    return coded


def _tag_box(inset: Inset) -> Box:
    """Return where an inset's letter stands beside its window on the main map (mm)."""
    return (inset.source[0] - TAG, inset.source[3] - TAG, inset.source[0], inset.source[3])


def _tag(axes: Axes, x: float, y: float, text: str) -> None:
    """Write a window's letter on a dark square with its top left corner at a point (mm)."""
    axes.add_patch(Rectangle((x, y - TAG), TAG, TAG, facecolor=INK, edgecolor=INK, zorder=21))
    write(axes, x + TAG / 2, y - 3.1, text, 7.5, colour="#ffffff", bold=True, across="center", order=22)


def _marks(areas: list[str]) -> dict[str, str]:
    """Return what stands for a name without room: the area's code if it is short, else a number."""
    short = max(map(len, areas)) <= 4
    return {area: area if short else str(number) for number, area in enumerate(areas, start=1)}


def _mark(area: str, mark: str, shape: shapely.Geometry, placed: list[Label]) -> Label:
    """Place a mark in its area, clear of names that hang over it as far as can be."""
    part = max(shapely.get_parts(shape), key=shapely.area)
    middle = shapely.get_coordinates(shapely.maximum_inscribed_circle(part, tolerance=0.2))[0]
    left, bottom, right, top = part.bounds
    grid = np.meshgrid(np.linspace(left, right, 25), np.linspace(bottom, top, 25))
    spots = np.vstack([middle, np.column_stack([axis.ravel() for axis in grid])])
    spots = spots[shapely.contains_xy(part, spots[:, 0], spots[:, 1])]
    half = np.array([width(mark, MARK_SIZE, bold=True) / 2 + 0.4, 1.5])
    boxes = shapely.box(*(spots - half).T, *(spots + half).T)
    names = shapely.union_all([shapely.box(*label.box) for label in placed])
    cost = shapely.area(shapely.intersection(boxes, names)) * 100 + np.hypot(*(spots - middle).T)
    x, y = (float(value) for value in spots[int(np.argmin(cost.round(6)))])
    across = float(half[0])
    return Label(area, (mark,), MARK_SIZE, x, y, (x - across, y - 1.5, x + across, y + 1.5))


def _key_of_marks(axes: Axes, room: Room, names: dict[str, str]) -> None:
    """List what the marks stand for, in the order of the areas, in as few free places as will hold it."""
    rows = [Key(f"{mark}  {name}") for mark, name in names.items()]
    while rows:
        for many in range(len(rows), 0, -1):
            across, height = key_size("", rows[:many])
            box = room.nearest(across, height, (room.frame[0], room.frame[3]))
            if box is not None:
                room.take_box(box, 1)
                draw_key(axes, (box[0] - 7, box[1], box[2], box[3]), "", rows[:many])
                rows = rows[many:]
                break
        else:
            return  # no room on the sheet at all: the tables name them


def _write_label(axes: Axes, label: Label, bold: bool = False) -> None:
    step = label.size * LEADING * POINT
    top = label.y + len(label.lines) * step / 2
    if label.leader is not None:
        x, y = _edge(label)
        axes.plot([label.leader[0], x], [label.leader[1], y], color=INK, linewidth=0.5, zorder=18)
        axes.plot(*label.leader, marker="o", markersize=1.8, color=INK, zorder=18)
    for place, line in enumerate(label.lines):
        y = top - (place + 0.5) * step - 0.36 * label.size * POINT
        text = write(axes, label.x, y, line, label.size, across="center", bold=bold)
        text.set_path_effects([withStroke(linewidth=1.6, foreground="#ffffff", alpha=0.55)])


def _edge(label: Label) -> tuple[float, float]:
    """Return where the leader meets the box of its text."""
    assert label.leader is not None
    left, bottom, right, top = label.box
    return (
        float(np.clip(label.leader[0], left - 0.6, right + 0.6)),
        float(np.clip(label.leader[1], bottom - 0.4, top + 0.4)),
    )
