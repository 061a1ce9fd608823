"""Enlarged windows for the places where areas stand too dense for their names; found from the map itself."""

from collections.abc import Mapping
from dataclasses import dataclass

import networkx as nx
import shapely

from geo_devolve.publish.maps.sheet import Box, Room, View

MOST = 3
GAINS = (4.6, 4.2, 3.8, 3.4, 3.0, 2.7, 2.4, 2.1)
PAD = 0.07  # of the window's longer side


@dataclass(frozen=True)
class Inset:
    """A window drawn larger.

    Attributes
    ----------
    areas
        The crowded areas it is for.
    view
        Its part of the ground and its frame on the sheet.
    source
        The same part of the ground on the main map (mm).
    gain
        How many times larger than the main map.
    """

    areas: tuple[str, ...]
    view: View
    source: Box
    gain: float


def crowds(
    shapes: Mapping[str, shapely.Geometry], crowded: list[str], tight: list[str], widest: float
) -> list[list[str]]:
    """Gather crowded areas that stand together, the most numerous crowd first.

    Parameters
    ----------
    shapes
        Areas on the sheet (mm), by code.
    crowded
        Areas too small for their name.
    tight
        Areas whose name fits only by hanging out; with one of them a lonely crowded area is a crowd too.
    widest
        No crowd's box is wider or higher than this (mm): of one that is, its largest areas are left out.

    Returns
    -------
    list
        Crowds of two areas or more.
    """
    reach = {area: reach_of(shapes[area]) for area in crowded}
    small = [area for area in crowded if reach[area] <= widest]
    graph = nx.Graph()
    graph.add_nodes_from(small)
    for place, one in enumerate(small):
        for other in small[place + 1 :]:
            if shapely.dwithin(shapes[one], shapes[other], 1.5):
                graph.add_edge(one, other)
    found: list[list[str]] = []
    waiting = [sorted(component) for component in nx.connected_components(graph)]
    while waiting:
        crowd = waiting.pop()
        if _width(shapes, crowd) <= widest:
            found.append(crowd)
            continue
        # without the area that reaches furthest the rest may fall apart into crowds of their own
        furthest = max(crowd, key=lambda one: (reach[one], one))
        rest = graph.subgraph([area for area in crowd if area != furthest])
        waiting += [sorted(component) for component in nx.connected_components(rest)]
    for lonely in [crowd for crowd in found if len(crowd) == 1]:
        beside = [
            area
            for area in tight
            if area not in crowded
            and shapely.dwithin(shapes[area], shapes[lonely[0]], 1.5)
            and _width(shapes, [area, *lonely]) <= widest
        ]
        lonely.extend(sorted(beside, key=lambda area: (reach_of(shapes[area]), area))[:1])
    kept = [sorted(crowd) for crowd in found if len(crowd) > 1]
    return sorted(kept, key=lambda crowd: (-len(crowd), crowd))


def _width(shapes: Mapping[str, shapely.Geometry], areas: list[str]) -> float:
    """Return the longer side (mm) of the box around areas."""
    left, bottom, right, top = shapely.total_bounds([shapes[area] for area in areas])
    return float(max(right - left, top - bottom))


def reach_of(shape: shapely.Geometry) -> float:
    """Return the longer side (mm) of a shape's box."""
    left, bottom, right, top = shape.bounds
    return float(max(right - left, top - bottom))


def place_inset(
    shapes: Mapping[str, shapely.Geometry], crowd: list[str], main: View, room: Room
) -> Inset | None:
    """Find a frame for a crowd's enlarged window: as large as room is left, then as near as can be.

    Parameters
    ----------
    shapes
        Areas on the sheet (mm).
    crowd
        The areas to show.
    main
        The main map's view.
    room
        What is free; the frame is taken from it.

    Returns
    -------
    Inset or None
        None where there is no room for one that helps.
    """
    left, bottom, right, top = (
        float(edge) for edge in shapely.total_bounds([shapes[area] for area in crowd])
    )
    pad = PAD * max(right - left, top - bottom)
    source: Box = (left - pad, bottom - pad, right + pad, top + pad)
    width, height = source[2] - source[0], source[3] - source[1]
    across = room.frame[2] - room.frame[0]
    high = room.frame[3] - room.frame[1]
    middle = ((source[0] + source[2]) / 2, (source[1] + source[3]) / 2)
    for gain in GAINS:
        if width * gain > 0.46 * across or height * gain > 0.36 * high:
            continue
        frame = room.nearest(width * gain + 4, height * gain + 4, middle)
        if frame is None:
            continue
        frame = (frame[0] + 2, frame[1] + 2, frame[2] - 2, frame[3] - 2)
        room.take_box(frame, 1.5)
        corner, scale = main.ground[:2], main.scale
        ground = tuple(
            (edge - main.frame[axis % 2]) / scale + corner[axis % 2] for axis, edge in enumerate(source)
        )
        return Inset(tuple(crowd), View((ground[0], ground[1], ground[2], ground[3]), frame), source, gain)
    return None
