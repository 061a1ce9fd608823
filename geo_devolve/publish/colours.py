"""Colours: neighbours never alike, readable by the colour-blind, and dark text legible on all of them.

The tints are Paul Tol's "light" qualitative scheme, made for filled areas with names on them
(https://personal.sron.nl/~pault/); the ramps are cut from matplotlib's own maps, of even lightness.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import matplotlib as mpl
import networkx as nx
import numpy as np
import pandas as pd
from matplotlib.colors import hsv_to_rgb, to_hex, to_rgb

from geo_devolve.plan.compare import compare
from geo_devolve.plan.plan import Plan

TINTS = ("#77aadd", "#eedd88", "#44bb99", "#ffaabb", "#bbcc33", "#ee8866", "#99ddff", "#aaaa00", "#dddddd")
PALER = 0.22  # how much white is mixed in, so that names stand out
USUAL = 6  # of the tints; the others help where six do not suffice
LAYER_LINES = ("#882255", "#004488", "#225522", "#663300", "#aa3377", "#000000")

Kind = Literal["sequential", "diverging", "settled"]
RAMPS: Mapping[Kind, str] = {"sequential": "YlGnBu", "diverging": "RdYlBu_r", "settled": "YlOrRd_r"}
ENDS: Mapping[Kind, tuple[float, float]] = {
    "sequential": (0.02, 0.88),
    "diverging": (0.14, 0.86),
    "settled": (0.2, 0.98),
}


def neighbours(plan: Plan) -> nx.Graph:
    """Return the graph of areas that touch, by land or by any crossing, whether accepted or not.

    Returns
    -------
    networkx.Graph
        Nodes are area codes, sorted.
    """
    graph = nx.Graph()
    graph.add_nodes_from(sorted(plan.areas.index))
    for table in (plan.geography.borders, plan.geography.crossings):
        one = plan.assignment.reindex(table["council"]).to_numpy()
        other = plan.assignment.reindex(table["neighbour"]).to_numpy()
        meet = (one != other) & pd.notna(one) & pd.notna(other)  # a council may be of no area
        graph.add_edges_from(zip(one[meet], other[meet], strict=True))
    return graph


def colour_numbers(graph: nx.Graph, wanted: Mapping[Any, int] | None = None) -> dict[Hashable, int]:
    """Give nodes colours so that no two neighbours share one and each is used about as often.

    The hardest node first (most different colours around it, then most neighbours, then its name), as in
    Brélaz's DSATUR; of the usual colours that are free, the least used.

    Parameters
    ----------
    graph
        Any graph without self-loops.
    wanted
        The colour that a node gets where it is free.

    Returns
    -------
    dict
        Node to colour, from 0; below `USUAL` where that is enough.
    """
    numbers: dict[Hashable, int] = {}
    used: dict[int, int] = {}
    open_nodes = set(graph)
    while open_nodes:
        node = min(
            open_nodes,
            key=lambda one: (
                -len({numbers[near] for near in graph[one] if near in numbers}),
                -len(graph[one]),
                str(one),
            ),
        )
        open_nodes.discard(node)
        taken = {numbers[near] for near in graph[node] if near in numbers}
        free = [number for number in range(USUAL) if number not in taken]
        number = (wanted or {}).get(node, -1)
        if number < 0 or number in taken:
            number = (
                min(free, key=lambda one: (used.get(one, 0), one))
                if free
                else next(one for one in range(USUAL, len(graph) + USUAL) if one not in taken)
            )
        numbers[node] = number
        used[number] = used.get(number, 0) + 1
    return numbers


def tint(number: int) -> str:
    """Return the colour of a number: a tint, or past the last of them a further light hue."""
    if number < len(TINTS):
        pale = np.array(to_rgb(TINTS[number])) * (1 - PALER) + PALER
        return str(to_hex(pale))
    hue = (number - len(TINTS)) * 0.618034 % 1.0
    return str(to_hex(hsv_to_rgb((hue, 0.35, 0.9))))


def area_colours(plan: Plan, beside: Plan | None = None) -> dict[str, str]:
    """Return each area's colour, ``#rrggbb``, by code; the same on the map, the page and in QGIS.

    Parameters
    ----------
    plan
        The plan.
    beside
        Another plan that it is shown with: as many areas as can get the colour of the area that they match
        there.
    """
    wanted: dict[Any, int] = {}
    if beside is not None:
        numbers = colour_numbers(neighbours(beside))
        matches = compare(beside, plan).matches
        wanted = {
            other: numbers[area] for area, other in matches["other_area"].items() if other in plan.areas.index
        }
    numbers = colour_numbers(neighbours(plan), wanted)
    return {str(code): tint(numbers[code]) for code in plan.areas.index}


@dataclass(frozen=True)
class Ramp:
    """Classes of a number and their colours.

    Attributes
    ----------
    edges
        Class limits, ascending, one more than colours. The outer classes hold what lies beyond them too.
    colours
        ``#rrggbb``, from the lowest class up.
    """

    edges: tuple[float, ...]
    colours: tuple[str, ...]

    def of(self, value: float) -> str:
        """Return the colour of a value; grey where it is missing."""
        if not np.isfinite(value):
            return "#c8c8c8"
        place = int(np.searchsorted(self.edges, value, side="right")) - 1
        return self.colours[min(max(place, 0), len(self.colours) - 1)]


def ramp(values: Iterable[float], kind: Kind, classes: int = 7) -> Ramp:
    """Choose round class limits and colours for numbers.

    Parameters
    ----------
    values
        Any numbers; missing ones are ignored.
    kind
        ``"sequential"`` from low to high, ``"diverging"`` about 0, or ``"settled"``, of which the low values
        are what matters.
    classes
        About how many classes.

    Returns
    -------
    Ramp
        At least one class, also where all values are the same or there are none.
    """
    numbers = np.array([value for value in values if np.isfinite(value)], dtype=float)
    low, high = (float(numbers.min()), float(numbers.max())) if len(numbers) else (0.0, 1.0)
    if kind == "diverging":
        # a few far values would leave most of the map in the middle class
        reach = float(np.quantile(np.abs(numbers), 0.97)) if len(numbers) else 1.0
        low, high = -reach, reach
    high = max(high, low + max(1.0, abs(low)) * 1e-6)  # all alike make classes too
    step = _round_step((high - low) / classes)
    if kind == "diverging":
        half = max(1, int(np.ceil(high / step - 0.5)))
        edges = [(place - 0.5) * step for place in range(-half + 1, half + 1)]
        edges = [edges[0] - step, *edges, edges[-1] + step] if len(edges) < 3 else edges
    else:
        first, last = np.floor(low / step + 1e-9), np.ceil(high / step - 1e-9)
        edges = [float(place * step) for place in np.arange(first, max(last, first + 1) + 1)]
    start, end = ENDS[kind]
    chosen = mpl.colormaps[RAMPS[kind]]
    places: Sequence[float] = np.linspace(start, end, len(edges) - 1).tolist() if len(edges) > 2 else [0.4]
    return Ramp(
        tuple(round(edge, 10) for edge in edges), tuple(str(to_hex(chosen(place))) for place in places)
    )


def _round_step(step: float) -> float:
    """Return the nearest of 1, 2, 2.5, 5 times a power of ten."""
    power = 10.0 ** np.floor(np.log10(step))
    return float(
        min((nice * power for nice in (1, 2, 2.5, 5, 10)), key=lambda nice: abs(np.log(nice / step)))
    )


def ink_on(colour: str) -> str:
    """Return black or white, whichever is better legible on a colour (WCAG relative luminance)."""
    return "#000000" if luminance(colour) > 0.179 else "#ffffff"


def luminance(colour: str) -> float:
    """Return WCAG's relative luminance of a colour, from 0 (black) to 1."""
    channels = np.array(to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))
