"""What is drawn in every window of a printed map: the land, its borders, layers and contested borders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from numpy.typing import NDArray

from geo_devolve.plan.plan import Plan
from geo_devolve.publish.colours import LAYER_LINES, area_colours
from geo_devolve.publish.maps.labels import clean
from geo_devolve.publish.maps.sheet import Box, View, outline_path
from geo_devolve.publish.maps.themes import Choropleth

BORDER = "#39424f"
CONTESTED = "#cc3311"
SPECK = 0.003  # of the longer side: what is smaller is a dot in print


@dataclass(frozen=True)
class Content:
    """What is drawn in every window of the map, on the ground (m).

    Attributes
    ----------
    names
        Of the areas, by code, on one line.
    areas
        Their shapes, by code.
    calm
        Whether fills are the areas' own, so that thin borders suffice.
    fills
        Shapes and their colours.
    councils
        All their borders.
    layers
        Borders of each layer to draw.
    contested
        Shares and borders.
    """

    names: Mapping[str, str]
    areas: Mapping[str, shapely.Geometry]
    calm: bool
    fills: Sequence[tuple[shapely.Geometry, str]]
    councils: shapely.Geometry
    layers: Sequence[shapely.Geometry]
    contested: Sequence[tuple[float, shapely.Geometry]]


def gather(
    plan: Plan, layers: Sequence[str], contested: pd.DataFrame | None, shown: Choropleth | None
) -> Content:
    """Collect what a map of the plan shows; see `draw_map` for the choices."""
    geography = plan.geography
    names = {str(code): clean(name) for code, name in plan.areas["name"].items()}
    left, bottom, right, top = plan.areas.total_bounds
    speck = (max(right - left, top - bottom) * SPECK) ** 2
    drawn = without_specks(np.asarray(plan.areas.geometry.array), speck)
    areas = {str(code): shape for code, shape in zip(plan.areas.index, drawn, strict=True)}
    councils = without_specks(np.asarray(geography.councils.geometry.array), speck)
    if shown is None:
        colours = area_colours(plan)
        fills = [(shape, colours[code]) for code, shape in areas.items()]
    else:
        shapes = drawn if shown.by == "area" else councils
        values = shown.values.reindex(plan.areas.index if shown.by == "area" else geography.councils.index)
        fills = [(shape, shown.ramp.of(float(value))) for shape, value in zip(shapes, values, strict=True)]
    edges = shapely.union_all(shapely.boundary(councils))
    coast = shapely.boundary(shapely.coverage_union_all(np.asarray(geography.councils.geometry.array)))
    overlays = []
    for key in layers:
        bodies = geography.layer_shapes(key)
        lines = shapely.union_all(shapely.boundary(np.asarray(bodies.geometry.array)))
        overlays.append(shapely.difference(lines, coast))  # the coast divides no two bodies
    return Content(names, areas, shown is None, fills, edges, overlays, _contested(plan, contested))


def without_specks(shapes: NDArray[Any], smallest: float) -> NDArray[Any]:
    """Fill holes and drop islets too small to print, but never a whole shape.

    Parameters
    ----------
    shapes
        Polygons.
    smallest
        Area (m²) below which a hole is one; an islet is below a quarter of it.
    """

    def clean_part(part: shapely.Polygon) -> shapely.Polygon:
        holes = [hole for hole in part.interiors if shapely.Polygon(hole).area >= smallest]
        return shapely.Polygon(part.exterior, holes)

    cleaned = []
    for shape in shapes:
        parts = [clean_part(part) for part in shapely.get_parts(shape)]
        largest = max((part.area for part in parts), default=0.0)
        kept = [part for part in parts if part.area >= min(smallest / 4, largest)]
        cleaned.append(kept[0] if len(kept) == 1 else shapely.MultiPolygon(kept))
    return np.array(cleaned, dtype=object)


def _contested(plan: Plan, table: pd.DataFrame | None) -> list[tuple[float, shapely.Geometry]]:
    """Return the shared line of each contested border with its share."""
    if table is None:
        return []
    shapes = plan.geography.councils.geometry
    found = []
    for council, neighbour, share in table[["council", "neighbour", "share"]].itertuples(index=False):
        line = shapely.intersection(shapely.boundary(shapes[council]), shapely.boundary(shapes[neighbour]))
        if not line.is_empty and share > 0:
            found.append((float(share), shapely.line_merge(line) if "Line" in line.geom_type else line))
    return found


def on_sheet(shapes: Mapping[str, shapely.Geometry], view: View) -> dict[str, shapely.Geometry]:
    """Return shapes moved from the ground (m) to the sheet (mm), by the same codes."""
    moved = view.on_sheet(np.array(list(shapes.values()), dtype=object))
    return dict(zip(shapes, moved, strict=True))


def _one(shape: shapely.Geometry, view: View) -> shapely.Geometry:
    return view.on_sheet(np.array([shape], dtype=object))[0]


def draw_land(axes: Axes, content: Content, view: View, clip: Box | None = None, weight: float = 1.0) -> None:
    """Draw the land of one window: fills, borders of councils and areas, layers, contested borders.

    Parameters
    ----------
    axes
        The sheet.
    content
        What to draw.
    view
        Where the ground goes.
    clip
        Of an inset, the frame (mm) it is cut at.
    weight
        How much heavier lines are.
    """
    window = None
    base = 1.0 if clip is None else 5.0
    if clip is not None:
        window = Rectangle(
            (clip[0], clip[1]),
            clip[2] - clip[0],
            clip[3] - clip[1],
            facecolor="#ffffff",
            edgecolor="none",
            zorder=base,
        )
        axes.add_artist(window)

    def add(shape: shapely.Geometry, order: float, **style: object) -> None:
        patch = PathPatch(
            outline_path(_one(shape, view)), zorder=base + order, joinstyle="round", capstyle="round", **style
        )
        axes.add_artist(patch)
        if window is not None:
            patch.set_clip_path(window)

    for shape, fill in content.fills:
        add(shape, 0.1, facecolor=fill, edgecolor=fill, linewidth=0.25)
    add(content.councils, 0.2, fill=False, edgecolor="#ffffff", linewidth=0.32 * weight, alpha=0.75)
    edges = shapely.union_all(shapely.boundary(list(content.areas.values())))
    add(edges, 0.3, fill=False, edgecolor=BORDER, linewidth=(0.75 if content.calm else 1.1) * weight)
    for number, lines in enumerate(content.layers):
        style = {"linestyle": (0, (4, 1.6))} if number else {}
        add(
            lines,
            0.4 + number / 10,
            fill=False,
            edgecolor=LAYER_LINES[number],
            linewidth=1.05 * weight,
            **style,
        )
    for share, line in content.contested:
        add(line, 0.6, fill=False, edgecolor=CONTESTED, linewidth=(0.8 + 3.2 * share) * weight, alpha=0.8)
