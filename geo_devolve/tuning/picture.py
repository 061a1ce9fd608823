"""The panel's map: light enough to be drawn anew after every change."""

from collections.abc import Iterable
from html import escape
from typing import Any

import numpy as np
import shapely

from geo_devolve.geography.model import Geography
from geo_devolve.plan.compare import compare
from geo_devolve.plan.plan import Plan
from geo_devolve.publish.colours import area_colours

_ACROSS = 480  # px
_TALLEST = 600  # px
_DETAIL = 0.0012
"""Of the width of the country: what is finer than about half a pixel is not sent."""
_HATCHING = (
    '<defs><pattern id="gd-moved" width="5" height="5" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="5" stroke="#111" stroke-width="1.6"/>'
    "</pattern></defs>"
)


class Picture:
    """A geography's councils as SVG, coloured by a plan's areas.

    Parameters
    ----------
    geography
        Without shapes there is no map, and a sentence says so.
    """

    def __init__(self, geography: Geography) -> None:
        self._geography = geography
        shapes = np.asarray(geography.councils.geometry.array, dtype=object)
        self._drawn = geography.crs is not None and not geography.councils.geometry.isna().any()
        if not self._drawn:
            return
        west, south, east, north = shapely.total_bounds(shapes)
        scale = min(_ACROSS / (east - west), _TALLEST / (north - south))
        shapes = shapely.coverage_simplify(shapes, _DETAIL * max(east - west, north - south))
        self._size = ((east - west) * scale, (north - south) * scale)

        def place(points: Any) -> Any:
            return np.column_stack(((points[:, 0] - west) * scale, (north - points[:, 1]) * scale))

        on_screen = shapely.transform(shapes, place)
        names = geography.councils["name"].astype(str)
        self._paths = dict(zip(geography.councils.index, map(_path, on_screen), strict=True))
        self._names = dict(zip(geography.councils.index, names, strict=True))
        where = {code: number for number, code in enumerate(geography.councils.index)}
        pairs = geography.borders[["council", "neighbour"]].to_numpy(object)
        ones, others = ([where[pair[end]] for pair in pairs] for end in (0, 1))
        lines = shapely.intersection(shapely.boundary(on_screen[ones]), shapely.boundary(on_screen[others]))
        self._borders = [
            (pair[0], pair[1], _path(line))
            for pair, line in zip(pairs, lines, strict=True)
            if not line.is_empty
        ]

    def draw(self, plan: Plan, pinned: Plan | None = None) -> str:
        """Return the map; councils that changed area since the pinned plan are hatched."""
        if not self._drawn:
            return "<p>This geography has no shapes to draw.</p>"
        colours, areas = area_colours(plan), plan.to_mapping()
        names = plan.names
        moved = set() if pinned is None else set(compare(pinned, plan).moved.index)
        width, height = self._size
        parts = [
            (
                f'<svg class="gd-map" viewBox="-2 -2 {width + 4:.0f} {height + 4:.0f}" width="{width:.0f}" '
                f'role="img" aria-label="Map of {len(names)} areas">{_HATCHING}'
            )
        ]
        for code, path in self._paths.items():
            area = areas[code]
            told = escape(f"{self._names[code]}: {area} {names[area]}")
            paint = f'fill="{colours[area]}" stroke="{colours[area]}" stroke-width=".4"'
            parts.append(f'<path d="{path}" {paint}><title>{told}</title></path>')
        hatched = 'class="gd-moved" fill="url(#gd-moved)" pointer-events="none"'
        parts += [f'<path d="{path}" {hatched}/>' for code, path in self._paths.items() if code in moved]
        between = "".join(path for one, other, path in self._borders if areas[one] != areas[other])
        inside = "".join(path for one, other, path in self._borders if areas[one] == areas[other])
        parts.append(f'<path d="{inside}" fill="none" stroke="#fff" stroke-width=".4"/>')
        parts.append(f'<path d="{between}" fill="none" stroke="#222" stroke-width="1.1"/></svg>')
        return "".join(parts)


def _path(shape: shapely.Geometry) -> str:
    """Write a shape as the commands of an SVG path, to a tenth of a pixel."""
    return "".join(_lines(shape))


def _lines(shape: shapely.Geometry) -> Iterable[str]:
    if hasattr(shape, "geoms"):
        if shape.geom_type == "MultiLineString":
            merged = shapely.line_merge(shape)
            shape = merged if hasattr(merged, "geoms") else shapely.MultiLineString([merged])
        for part in shape.geoms:
            yield from _lines(part)
    elif shape.geom_type == "Polygon":
        for ring in (shape.exterior, *shape.interiors):
            yield _command(ring) + "Z"
    elif shape.geom_type == "LineString":
        yield _command(shape)


def _command(line: Any) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in shapely.get_coordinates(line))
