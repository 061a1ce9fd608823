"""What stands on a map beside the land: scale bar, north arrow, keys, and text that keeps to its column."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Polygon, Rectangle
from matplotlib.text import Text

from geo_devolve.publish.maps.labels import LEADING, POINT, width
from geo_devolve.publish.maps.sheet import Box, Room

INK = "#1b2330"
SOFT = "#5b6675"


@dataclass(frozen=True)
class Key:
    """What a colour or a line means.

    Attributes
    ----------
    text
        The meaning.
    fill, line
        Colours ``#rrggbb``; None for none.
    dashes
        Lengths of dashes of the line; empty where it is solid.
    line_width
        In points.
    """

    text: str
    fill: str | None = None
    line: str | None = None
    dashes: tuple[float, ...] = ()
    line_width: float = 1.2


def write(
    axes: Axes,
    x: float,
    y: float,
    text: str,
    size: float,
    *,
    colour: str = INK,
    bold: bool = False,
    across: str = "left",
    up: str = "baseline",
    order: float = 20,
) -> Text:
    """Write one line of text on the sheet; ``$`` and the like mean nothing special."""
    font = FontProperties(family="DejaVu Sans", size=size, weight="bold" if bold else "normal")
    return axes.text(
        x,
        y,
        text,
        fontproperties=font,
        color=colour,
        ha=across,
        va=up,
        zorder=order,
        parse_math=False,
        clip_on=False,
    )


def wrap(text: str, size: float, across: float, bold: bool = False) -> list[str]:
    """Break text into lines no wider than a column (mm)."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(longer, size, bold) <= across:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def round_length(most: float) -> float:
    """Return the longest of 1, 2, 5 times a power of ten that is not above a length."""
    power = 10.0 ** np.floor(np.log10(most))
    return float(max(nice * power for nice in (1, 2, 5) if nice * power <= most))


def scale_and_north(axes: Axes, room: Room, scale: float, corner: tuple[float, float]) -> None:
    """Draw a scale bar and a north arrow in free room near a corner.

    Parameters
    ----------
    axes
        The sheet.
    room
        What is free.
    scale
        Millimetres of the sheet a metre of the ground.
    corner
        Where they would best stand (mm).
    """
    longest = round_length(42 / scale)
    long = longest * scale
    box = room.nearest(long + 16, 13, corner)
    if box is None:
        return
    room.take_box(box, 1)
    left, bottom = box[0] + 2, box[1] + 3
    unit, divisor = ("km", 1000.0) if longest >= 1000 else ("m", 1.0)
    for part, fill in ((0.0, INK), (0.5, "#ffffff")):
        axes.add_patch(
            Rectangle(
                (left + part * long, bottom),
                long / 2,
                1.1,
                facecolor=fill,
                edgecolor=INK,
                linewidth=0.5,
                zorder=19,
            )
        )
    for part in (0.0, 0.5, 1.0):
        value = f"{part * longest / divisor:,g}" + (f" {unit}" if part == 1.0 else "")
        write(
            axes,
            left + part * long,
            bottom + 2.1,
            value,
            6.2,
            colour=SOFT,
            across="center",
        )
    x, y = left + long + 10, bottom - 0.4
    axes.add_patch(
        Polygon(
            [(x, y + 7), (x - 1.7, y), (x, y + 1.7)], facecolor=INK, edgecolor=INK, linewidth=0.5, zorder=19
        )
    )
    axes.add_patch(
        Polygon(
            [(x, y + 7), (x + 1.7, y), (x, y + 1.7)],
            facecolor="#ffffff",
            edgecolor=INK,
            linewidth=0.5,
            zorder=19,
        )
    )
    write(axes, x, y + 7.6, "N", 6.2, colour=SOFT, across="center")


def key_size(title: str, keys: Sequence[Key], size: float = 6.8) -> tuple[float, float]:
    """Return width and height (mm) of a key."""
    row = size * POINT * 1.5
    widest = max(
        [width(key.text, size) for key in keys] + [width(line, size, bold=True) for line in _title(title)]
    )
    return widest + 10, (len(keys) + len(_title(title))) * row + 2


def _title(title: str) -> list[str]:
    return wrap(title, 6.8, 62, bold=True)


def draw_key(axes: Axes, box: Box, title: str, keys: Sequence[Key], size: float = 6.8) -> None:
    """Draw a key with its top left corner at that of a box (mm)."""
    row = size * POINT * 1.5
    x, y = box[0] + 1, box[3] - row
    for line in _title(title):
        write(axes, x, y + row * 0.25, line, size, bold=True)
        y -= row
    for key in keys:
        if key.fill is not None:
            axes.add_patch(
                Rectangle(
                    (x, y),
                    5.5,
                    row * 0.94,
                    facecolor=key.fill,
                    edgecolor="#00000030",
                    linewidth=0.4,
                    zorder=19,
                )
            )
        if key.line is not None:
            style = (0, key.dashes) if key.dashes else "solid"
            axes.plot(
                [x, x + 5.5],
                [y + row / 2] * 2,
                color=key.line,
                linewidth=key.line_width,
                linestyle=style,
                zorder=19,
            )
        write(axes, x + 7.3, y + row * 0.25, key.text, size)
        y -= row


def text_height(text: str, size: float, across: float) -> float:
    """Return the height (mm) that `paragraphs` will take."""
    return len(wrap(text, size, across)) * size * POINT * LEADING * 1.08


def paragraphs(
    axes: Axes,
    place: tuple[float, float, float],
    text: str,
    size: float,
    *,
    colour: str = INK,
    bold: bool = False,
) -> float:
    """Write text in a column, given by its left, top and width (mm); return the height (mm) it takes."""
    x, top, across = place
    step = size * POINT * LEADING * 1.08
    lines = wrap(text, size, across, bold)
    for row, line in enumerate(lines):
        write(axes, x, top - size * POINT - row * step, line, size, colour=colour, bold=bold)
    return len(lines) * step
