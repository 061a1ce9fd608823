"""Maps that set a plan beside others: what another plan changes, and which borders many plans contest."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from geo_devolve.errors import UsageError
from geo_devolve.plan.compare import Comparison
from geo_devolve.plan.plan import Plan
from geo_devolve.plan.stability import Stability
from geo_devolve.publish.colours import LAYER_LINES, Ramp
from geo_devolve.publish.files.geojson import has_shapes
from geo_devolve.publish.files.staging import staged_file
from geo_devolve.publish.maps.drawing import BORDER, CONTESTED, Content, draw_land, gather, on_sheet
from geo_devolve.publish.maps.furniture import (
    SOFT,
    Key,
    draw_key,
    key_size,
    paragraphs,
    scale_and_north,
    text_height,
)
from geo_devolve.publish.maps.labels import clean
from geo_devolve.publish.maps.naming import name_areas
from geo_devolve.publish.maps.plan_map import FORMATS, MARGIN, PORTRAIT, save
from geo_devolve.publish.maps.sheet import Room, fit

STAYS, MOVES = "#eef0ec", "#f2b46d"
HELD = Ramp((0.0, 0.5, 0.75, 0.95, 1.0001), ("#e2857b", "#f2b46d", "#f6e3a1", "#e4eee4"))
"""How often a council stays with its area's people: contested ones warm, settled ones pale."""


def draw_difference(found: Comparison) -> Figure:
    """Draw two plans on one sheet: councils that move are coloured, the other plan's borders dashed.

    Raises
    ------
    UsageError
        The geography has no shapes.
    """
    plan, councils = found.plan, found.plan.geography.councils
    _refuse_bare(has_shapes(plan))
    moved = set(found.moved.index)
    fills = [(shape, MOVES if code in moved else STAYS) for code, shape in councils.geometry.items()]
    content = gather(plan, (), None, None)
    ours, theirs = (
        shapely.union_all(shapely.boundary(np.asarray(each.areas.geometry.array)))
        for each in (plan, found.other)
    )
    content = replace(content, calm=False, fills=fills, layers=(shapely.difference(theirs, ours),))
    texts = (
        f"{plan.geography.title}: two plans compared",
        f"{len(plan.areas)} areas and {len(found.other.areas)}: {found.summary()}",
    )
    rows = [
        Key("Stays with its area", fill=STAYS),
        Key("Moves to another area", fill=MOVES),
        Key("Borders of the first plan", line=BORDER, line_width=1.0),
        Key("Borders that only the second has", line=LAYER_LINES[0], line_width=1.0),
    ]
    names = dict.fromkeys((plan.scenario.name, found.other.scenario.name))
    return _sheet(plan, content, texts, rows, scenario=" and ".join(map(clean, names)))


def draw_stability(found: Stability) -> Figure:
    """Draw how settled a plan is: councils by how often they stay, contested borders by how often they part.

    Raises
    ------
    UsageError
        The geography has no shapes.
    """
    plan = found.plan
    _refuse_bare(has_shapes(plan))
    shapes = plan.geography.councils.geometry
    fills = [(shapes[code], HELD.of(float(held))) for code, held in found.councils["held"].items()]
    content = replace(gather(plan, (), found.contested, None), calm=False, fills=fills)
    texts = (f"{plan.geography.title}: settled and contested borders", found.summary())
    names = ["in fewer than half of the plans", "in half to 75 %", "in 75 to 95 %", "in 95 % and more"]
    rows = [Key(name, fill=fill) for name, fill in zip(names, HELD.colours, strict=True)]
    rows = [
        *rows[::-1],
        Key("Proposed areas", line=BORDER, line_width=1.0),
        Key("Contested: the wider, the more plans part there", line=CONTESTED, line_width=3),
    ]
    title = "A council stays with its area's people"
    return _sheet(plan, content, texts, rows, scenario=clean(plan.scenario.name), title=title)


def map_difference(found: Comparison, path: str | Path) -> Path:
    """Write the map of two plans as PNG, SVG or PDF; see `draw_difference`."""
    return _write(draw_difference, found, path)


def map_stability(found: Stability, path: str | Path) -> Path:
    """Write the map of settled and contested borders as PNG, SVG or PDF; see `draw_stability`."""
    return _write(draw_stability, found, path)


def _write(draw: Callable[[Any], Figure], found: object, path: str | Path) -> Path:
    path = Path(path)
    if path.suffix.lower() not in FORMATS:
        known = ", ".join(FORMATS)
        raise UsageError(
            f"{path.name}: maps are written as {known}, not {path.suffix or 'without an ending'}"
        )
    figure = draw(found)
    with staged_file(path) as place:
        save(figure, place)
    return path


def _refuse_bare(shapes: bool) -> None:
    if not shapes:
        raise UsageError("this geography has no shapes, so there is no map to draw; use the tables")


def _sheet(
    plan: Plan, content: Content, texts: tuple[str, str], rows: list[Key], *, scenario: str, title: str = ""
) -> Figure:
    """Put one map with its heading, key and source on a sheet of A4."""
    left, bottom, right, top = (float(edge) for edge in plan.areas.total_bounds)
    upright = top - bottom >= 0.8 * (right - left)
    sheet = PORTRAIT if upright else PORTRAIT[::-1]
    figure = Figure(figsize=(sheet[0] / 25.4, sheet[1] / 25.4), facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, sheet[0])
    axes.set_ylim(0, sheet[1])
    axes.set_axis_off()
    across, y = sheet[0] - 2 * MARGIN, sheet[1] - MARGIN
    y -= paragraphs(axes, (MARGIN, y, across), clean(texts[0]), 17, bold=True)
    y -= paragraphs(axes, (MARGIN, y - 0.6, across), texts[1], 8, colour=SOFT) + 1.6
    foot = f"Scenario {scenario}. {clean(plan.geography.attribution)}"
    height = text_height(foot, 6, across)
    paragraphs(axes, (MARGIN, MARGIN - 3 + height, across), foot, 6, colour=SOFT)
    frame = (MARGIN, MARGIN + height, sheet[0] - MARGIN, y - 1.5)
    main = fit((left, bottom, right, top), frame)
    room = Room((MARGIN, frame[1], sheet[0] - MARGIN, frame[3]))
    room.take(shapely.union_all(list(on_sheet(content.areas, main).values())).buffer(2.2))
    draw_land(axes, content, main)
    width, tall = key_size(title, rows)
    box = room.nearest(width, tall, (room.frame[0], room.frame[3]))
    if box is not None:
        room.take_box(box, 1.5)
        draw_key(axes, box, title, rows)
    name_areas(axes, content, main, room)
    scale_and_north(axes, room, main.scale, (frame[0] if upright else frame[2], frame[1]))
    return figure
