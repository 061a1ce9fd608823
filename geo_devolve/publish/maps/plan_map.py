"""Printed maps of a plan: areas with their names or a figure by colour, with layers or contested borders."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from geo_devolve.errors import UsageError, first_few
from geo_devolve.plan.plan import Plan
from geo_devolve.publish.colours import LAYER_LINES
from geo_devolve.publish.files.geojson import has_shapes
from geo_devolve.publish.files.staging import staged_file
from geo_devolve.publish.maps.drawing import BORDER, CONTESTED, draw_land, gather, on_sheet
from geo_devolve.publish.maps.furniture import (
    SOFT,
    Key,
    draw_key,
    key_size,
    paragraphs,
    scale_and_north,
    text_height,
)
from geo_devolve.publish.maps.labels import clean, without_glyph_warnings
from geo_devolve.publish.maps.naming import name_areas
from geo_devolve.publish.maps.sheet import Box, Room, fit
from geo_devolve.publish.maps.themes import Choropleth, choropleth
from geo_devolve.publish.phrases import certificate_line

PORTRAIT = (210.0, 297.0)  # mm, A4
MARGIN = 11.0
FORMATS = (".png", ".svg", ".pdf")
DPI = 200


def draw_map(
    plan: Plan,
    *,
    colour: str = "area",
    layers: Sequence[str] = (),
    contested: pd.DataFrame | None = None,
    names: bool = True,
    title: str | None = None,
) -> Figure:
    """Draw a plan on one sheet.

    Parameters
    ----------
    plan
        The plan.
    colour
        What colours mean: ``"area"`` (neighbours never alike), ``"population"``, ``"misfit"``, or a theme of
        need.
    layers
        At most two layers whose bodies' borders are drawn over the areas.
    contested
        Columns ``council``, ``neighbour``, ``share`` (0 to 1): borders, and in how many good plans they
        separate areas.
    names
        Whether areas carry their names.
    title
        Instead of the geography's title and the number of areas.

    Returns
    -------
    matplotlib.figure.Figure
        A4, upright where the land is higher than wide.

    Raises
    ------
    UsageError
        The plan has no shapes, or an unknown layer or colour is asked for.
    """
    if not has_shapes(plan):
        raise UsageError("this geography has no shapes, so there is no map to draw; use councils.csv")
    unknown = [key for key in layers if key not in plan.geography.layers]
    if unknown:
        known = ", ".join(plan.geography.layers)
        raise UsageError(f"unknown layer: {first_few(unknown)}; this geography has {known}")
    if len(layers) > 2:
        raise UsageError(
            f"{len(layers)} layers asked for; more than two over each other cannot be told apart"
        )
    shown = choropleth(plan, colour) if colour != "area" else None

    left, bottom, right, top = (float(edge) for edge in plan.areas.total_bounds)
    bounds = (left, bottom, right, top)
    upright = bounds[3] - bounds[1] >= 0.8 * (bounds[2] - bounds[0])
    sheet = PORTRAIT if upright else PORTRAIT[::-1]
    figure, axes = _sheet(sheet)
    frame = _texts(axes, plan, sheet, title, shown)
    main = fit(bounds, frame)
    content = gather(plan, layers, contested, shown)

    room = Room((MARGIN, frame[1], sheet[0] - MARGIN, frame[3]))
    room.take(shapely.union_all(list(on_sheet(content.areas, main).values())).buffer(2.2))
    draw_land(axes, content, main)
    if names:
        name_areas(axes, content, main, room)
    _keys(axes, plan, room, layers=layers, shown=shown, contested=contested is not None)
    scale_and_north(axes, room, main.scale, (frame[0] if upright else frame[2], frame[1]))
    return figure


def map_plan(
    plan: Plan,
    path: str | Path,
    *,
    colour: str = "area",
    layers: Sequence[str] = (),
    contested: pd.DataFrame | None = None,
    names: bool = True,
    title: str | None = None,
) -> Path:
    """Write a plan's map as PNG, SVG or PDF, as the file's name says; see `draw_map`.

    Returns
    -------
    Path
        The file, written whole or not at all.

    Raises
    ------
    UsageError
        Another ending is asked for, the folder cannot be written, or as `draw_map`.
    """
    path = Path(path)
    if path.suffix.lower() not in FORMATS:
        raise UsageError(
            f"{path.name}: maps are written as {', '.join(FORMATS)}, not {path.suffix or 'without an ending'}"
        )
    figure = draw_map(plan, colour=colour, layers=layers, contested=contested, names=names, title=title)
    with staged_file(path) as place:
        save(figure, place)
    return path


def save(figure: Figure, path: Path) -> None:
    """Write a figure without a time stamp, so that the same figure gives the same bytes."""
    suffix = path.suffix.lower()
    if suffix == ".png":
        path.write_bytes(map_png(figure))
        return
    empty = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}[suffix]
    with (
        without_glyph_warnings(),
        mpl.rc_context({"svg.hashsalt": "geo-devolve", "pdf.fonttype": 42, "path.simplify": False}),
    ):
        figure.savefig(path, format=suffix[1:], metadata=empty)


def map_png(figure: Figure) -> bytes:
    """Return a figure as PNG of 256 colours: a map has few, and the file is a quarter as large."""
    drawn, written = BytesIO(), BytesIO()
    with without_glyph_warnings():
        figure.savefig(drawn, format="png", dpi=DPI, metadata={"Software": None})
    drawn.seek(0)
    with Image.open(drawn) as picture:
        few = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
        few.save(written, format="PNG", optimize=True, dpi=(DPI, DPI))
    return written.getvalue()


def _sheet(size: tuple[float, float]) -> tuple[Figure, Axes]:
    """Return a figure with one set of axes in millimetres."""
    figure = Figure(figsize=(size[0] / 25.4, size[1] / 25.4), facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, size[0])
    axes.set_ylim(0, size[1])
    axes.set_axis_off()
    return figure, axes


def _texts(
    axes: Axes, plan: Plan, sheet: tuple[float, float], title: str | None, shown: Choropleth | None
) -> Box:
    """Write heading and foot; return the frame (mm) left for the map."""
    across = sheet[0] - 2 * MARGIN
    y = sheet[1] - MARGIN
    heading = title or f"{plan.geography.title}: {len(plan.areas)} areas"
    y -= paragraphs(axes, (MARGIN, y, across), clean(heading), 17, bold=True)
    if shown is not None:
        y -= paragraphs(axes, (MARGIN, y, across), shown.title, 10.5) + 0.5
    y -= paragraphs(axes, (MARGIN, y - 0.6, across), certificate_line(plan), 8, colour=SOFT) + 1.6
    source = plan.geography.attribution
    foot = f"Scenario {clean(plan.scenario.name)}. {clean(source)}"
    height = text_height(foot, 6, across)
    paragraphs(axes, (MARGIN, MARGIN - 3 + height, across), foot, 6, colour=SOFT)
    return (MARGIN, MARGIN + height, sheet[0] - MARGIN, y - 1.5)


def _keys(
    axes: Axes, plan: Plan, room: Room, *, layers: Sequence[str], shown: Choropleth | None, contested: bool
) -> None:
    """Draw what colours and lines mean, in free room."""
    blocks: list[tuple[str, list[Key]]] = []
    if shown is not None:
        rows = [Key(text, fill=fill) for text, fill in shown.classes()]
        blocks.append((f"{shown.title}{f' ({shown.unit})' if shown.unit else ''}", rows[::-1]))
    lines = [Key("Proposed areas", line=BORDER, line_width=1.0)]
    for number, key in enumerate(layers):
        lines.append(
            Key(
                clean(plan.geography.layers[key].title),
                line=LAYER_LINES[number],
                dashes=(4, 1.6) if number else (),
            )
        )
    if contested:
        lines.append(
            Key("Contested borders: the wider, the more good plans keep them", line=CONTESTED, line_width=3)
        )
    if len(lines) > 1:
        blocks.append(("", lines))
    for title, rows in blocks:
        width, height = key_size(title, rows)
        box = room.nearest(width, height, (room.frame[0], room.frame[3]))
        if box is not None:
            room.take_box(box, 1.5)
            draw_key(axes, box, title, rows)


map = map_plan  # noqa: A001  (read as gd.map)
