"""The areas' names on a map: in the area, in an enlarged window, beside the land, or by code with a key."""

from string import ascii_uppercase

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from geo_devolve.publish.drawing import Content, draw_land, on_sheet
from geo_devolve.publish.furniture import INK, SOFT, Key, draw_key, key_size, write
from geo_devolve.publish.insets import MOST, Inset, crowds, place_inset
from geo_devolve.publish.labels import LEADING, POINT, SIZES, Label, beside, inside, over
from geo_devolve.publish.page import Room, View

WIDEST_CROWD = 0.2  # of the sheet: what is wider gains too little from an inset


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
    found = [
        place_inset(shapes, crowd, main, room) for crowd in crowds(shapes, crowded, tight, widest)[:MOST]
    ]
    insets = [inset for inset in found if inset is not None]
    coded: list[Label] = []
    for letter, inset in zip(ascii_uppercase, insets, strict=False):
        coded += _draw_inset(axes, content, inset, letter)
    windows = shapely.union_all([shapely.box(*inset.source).buffer(0.3) for inset in insets])
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
    for area in waiting:
        label = over(area, shapes[area], names[area], placed) or beside(
            area, shapes[area], names[area], placed, room
        )
        if label is None:
            coded.append(_code(area, shapes[area]))
        else:
            placed.append(label)
    for label in placed:
        _write_label(axes, label)
    for label in coded:
        _write_label(axes, label, bold=True)
    if coded:
        _code_key(axes, room, {label.area: names[label.area] for label in coded})


def _draw_inset(axes: Axes, content: Content, inset: Inset, letter: str) -> list[Label]:
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
    _tag(axes, inset.source[0] - 4.2, inset.source[3], letter)
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
            coded.append(_code(area, seen))
        else:
            placed.append(label)
            _write_label(axes, label)
    return coded


def _tag(axes: Axes, x: float, y: float, text: str) -> None:
    """Write a window's letter on a dark square with its top left corner at a point (mm)."""
    axes.add_patch(Rectangle((x, y - 4.2), 4.2, 4.2, facecolor=INK, edgecolor=INK, zorder=21))
    write(axes, x + 2.1, y - 3.1, text, 7.5, colour="#ffffff", bold=True, across="center", order=22)


def _code(area: str, shape: shapely.Geometry) -> Label:
    circle = shapely.maximum_inscribed_circle(max(shapely.get_parts(shape), key=shapely.area), tolerance=0.2)
    x, y = (float(value) for value in shapely.get_coordinates(circle)[0])
    return Label(area, (area,), 6.2, x, y, (x - 3, y - 1.5, x + 3, y + 1.5))


def _code_key(axes: Axes, room: Room, names: dict[str, str]) -> None:
    rows = [Key(f"{code}  {name}") for code, name in sorted(names.items())]
    width, height = key_size("", rows)
    box = room.nearest(width, height, (room.frame[0], room.frame[3]))
    if box is None:
        box = (room.frame[0], room.frame[1], room.frame[0] + width, room.frame[1] + height)
    room.take_box(box, 1)
    draw_key(axes, (box[0] - 7, box[1], box[2], box[3]), "", rows)


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
