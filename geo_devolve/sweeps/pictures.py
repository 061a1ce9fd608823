"""A sweep as pictures: the front, what holds together, its cores on the map, what is near a drawn plan."""

from textwrap import fill
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path as Outline

from geo_devolve.errors import UsageError
from geo_devolve.plan.plan import Plan
from geo_devolve.publish.colours import colour_numbers, tint
from geo_devolve.publish.maps.furniture import INK, SOFT
from geo_devolve.scenario import Scenario
from geo_devolve.sweeps.results import Sweep

WIDE = (8.0, 5.2)
_GREY = "#c3c9d1"
_CONTESTED = "#cc3311"
_LABELS = {
    "misfit": "misfit with the layers (0: coterminous)",
    "need": "need: share of its variance inside areas",
    "compactness": "border between areas, share of all",
}


def draw_front(sweep: Sweep, by: Scenario | None = None) -> Figure:
    """Draw every different plan by misfit and need, those on the Pareto front in the colour of compactness.

    Parameters
    ----------
    sweep
        What to draw.
    by
        See `Sweep.front`.

    Returns
    -------
    matplotlib.figure.Figure
        A larger dot was chosen by more scenarios.
    """
    table = sweep.front(by)
    _some(sweep)
    figure, axes = _sheet()
    size = 18 + 140 * np.sqrt(table["scenarios"] / table["scenarios"].max())
    best = table["front"].to_numpy(bool)
    axes.scatter(table["misfit"][~best], table["need"][~best], s=size[~best], color=_GREY, linewidths=0)
    shown = axes.scatter(
        table["misfit"][best],
        table["need"][best],
        s=size[best],
        c=table["compactness"][best],
        cmap="viridis_r",
        edgecolors="white",
        linewidths=0.8,
    )
    bar = figure.colorbar(shown, ax=axes, pad=0.02)
    bar.outline.set_visible(False)
    bar.set_label(_LABELS["compactness"], fontsize=9)
    bar.ax.tick_params(labelsize=8)
    axes.set(xlabel=_LABELS["misfit"], ylabel=_LABELS["need"])
    _title(axes, f"{best.sum():,} of {len(table):,} different plans are on the front")
    grey = Line2D([], [], marker="o", linestyle="", color=_GREY, label="beaten in all three by another")
    handles = [grey]
    if table["scenarios"].max() > 1:
        label = "larger: best for more scenarios"
        handles.append(Line2D([], [], marker="o", linestyle="", color=_GREY, markersize=10, label=label))
    axes.legend(handles=handles, loc="upper right", frameon=False, fontsize=8)
    return figure


def draw_together(sweep: Sweep) -> Figure:
    """Draw how often each two councils are together: a matrix, ordered so that cores are blocks.

    Parameters
    ----------
    sweep
        What to draw.
    """
    _some(sweep)
    share = sweep.together().to_numpy()
    order = _order(share)
    figure, axes = _sheet((6.4, 5.6))
    image = axes.imshow(share[np.ix_(order, order)], cmap="magma_r", vmin=0, vmax=1, interpolation="nearest")
    figure.colorbar(image, ax=axes, label="share of plans with both in one area", pad=0.02)
    axes.set(xticks=[], yticks=[], xlabel="councils, those that hold together side by side")
    _title(axes, f"Who is with whom in {len(sweep.numbers):,} plans")
    return figure


def draw_cores(sweep: Sweep, threshold: float = 0.95) -> Figure:
    """Draw the settled cores on the map, and how contested the borders between councils are.

    Parameters
    ----------
    sweep
        What to draw.
    threshold
        From which share of plans neighbours count as settled.

    Raises
    ------
    UsageError
        The geography has no shapes.
    """
    _some(sweep)
    ground = sweep.geography
    if ground.crs is None or ground.councils.geometry.isna().all():
        raise UsageError(f"{ground.name} has no shapes to draw")
    borders, cores = sweep.borders(), sweep.cores(threshold)
    left, bottom, right, top = ground.councils.total_bounds
    figure, axes = _sheet((6.6, 6.6 * min(1.35, max(0.7, (top - bottom) / (right - left)))))
    shapes = dict(zip(ground.councils.index, ground.councils.geometry, strict=True))
    colours = _core_colours(sweep, cores)
    patches = [PathPatch(_outline(shape)) for shape in shapes.values()]
    axes.add_collection(
        PatchCollection(patches, facecolors=[colours[code] for code in shapes], edgecolors="none")
    )
    lines: list[Any] = []
    widths: list[float] = []
    inks: list[str] = []
    columns = (borders[name].tolist() for name in ("council", "neighbour", "together"))
    pairs: list[tuple[Any, Any, float]] = list(zip(*columns, strict=True))
    for council, neighbour, together in sorted(pairs, key=lambda each: -abs(each[2] - 0.5)):
        shared = shapely.intersection(shapes[council].boundary, shapes[neighbour].boundary)
        contested = 1 - threshold < together < threshold
        parts = [np.asarray(part.coords) for part in shapely.get_parts(shared) if len(part.coords) > 1]
        lines += parts
        # Thick where as many plans separate the two as join them.
        doubt = 1 - abs(2 * together - 1)
        width = 0.5 + 2.6 * doubt if contested else 1.1 if together < 0.5 else 0.25
        ink = _CONTESTED if contested else INK if together < 0.5 else "white"
        widths += [width] * len(parts)
        inks += [ink] * len(parts)
    axes.add_collection(LineCollection(lines, linewidths=widths, colors=inks, capstyle="round"))
    margin = 0.02 * max(right - left, top - bottom)
    axes.set_xlim(left - margin, right + margin)
    axes.set_ylim(bottom - margin, top + margin)
    axes.set_aspect("equal")
    axes.set_axis_off()
    several = int((cores["councils"].map(len) > 1).sum())
    _title(axes, f"{several:,} settled cores in {len(sweep.numbers):,} plans")
    keys = [
        Patch(facecolor=tint(0), label=f"a settled core: together in {threshold:.0%} of plans or more"),
        Patch(facecolor="#eceff3", label="a council in no core"),
        Line2D([], [], color=INK, linewidth=1.1, label="nearly always a border"),
        Line2D([], [], color=_CONTESTED, linewidth=2.4, label="contested: thick where plans differ most"),
    ]
    axes.legend(handles=keys, loc="upper left", frameon=False, fontsize=8)
    if ground.attribution:
        figure.supxlabel(fill(ground.attribution.strip(), 150), fontsize=4.5, color=SOFT)
    return figure


def draw_nearest(sweep: Sweep, drawn: Plan, most: int = 12) -> Figure:
    """Draw which scenarios' plans are nearest to a drawn one, and with what weights.

    Parameters
    ----------
    sweep
        What to draw.
    drawn
        A plan of the same councils.
    most
        How many scenarios.
    """
    _some(sweep)
    near = sweep.nearest(drawn, most)
    weights = near[[name for name in near if str(name).startswith("weight_")]].fillna(0.0)
    weights = weights.loc[:, (weights > 0).any()]
    figure = Figure(figsize=(9.0, 1.4 + 0.3 * len(near)), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    rows = np.arange(len(near))
    left.barh(rows, near["adjusted_rand"], color="#4477aa")
    for row, (alike, people) in enumerate(zip(near["adjusted_rand"], near["people_moved"], strict=True)):
        said = f" {people / 1e6:.1f} million elsewhere" if people >= 1e5 else f" {people:,.0f} elsewhere"
        said = said if people else " the same plan"
        inside = alike > 0.55
        left.text(
            alike if not inside else alike - 0.01,
            row,
            said.strip() if inside else said,
            va="center",
            ha="right" if inside else "left",
            fontsize=7,
            color="white" if inside else INK,
        )
    left.set(yticks=rows, yticklabels=near["name"], xlabel="adjusted Rand index (1: the same plan)")
    left.set_xlim(min(0.0, float(near["adjusted_rand"].min())), 1)
    left.invert_yaxis()
    start = np.zeros(len(near))
    for number, name in enumerate(weights):
        share = (weights[name] / weights.sum(axis=1)).to_numpy()
        label = str(name).removeprefix("weight_").replace("_", " ")
        right.barh(rows, share, left=start, color=tint(number), label=label, edgecolor="white")
        start += share
    right.set_xlabel("shares of the weights")
    right.set_xlim(0, 1)
    right.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4, frameon=False, fontsize=8)
    for axes in (left, right):
        _plain(axes)
    _title(left, "The nearest scenarios")
    return figure


def _sheet(size: tuple[float, float] = WIDE) -> tuple[Figure, Axes]:
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots()
    _plain(axes)
    return figure, axes


def _plain(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8, colors=INK)
    axes.xaxis.label.set(fontsize=9, color=INK)
    axes.yaxis.label.set(fontsize=9, color=INK)


def _title(axes: Axes, text: str) -> None:
    axes.set_title(text, loc="left", fontsize=11, color=INK, pad=10)


def _some(sweep: Sweep) -> None:
    if not len(sweep.numbers):
        raise UsageError("the sweep came to no plan; there is nothing to draw")


def _order(share: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the councils in an order that puts what is together side by side."""
    from scipy.cluster.hierarchy import leaves_list, linkage  # noqa: PLC0415 - only for this picture
    from scipy.spatial.distance import squareform  # noqa: PLC0415

    if len(share) < 3:
        return np.arange(len(share))
    apart = np.clip(1 - share, 0, 1)
    np.fill_diagonal(apart, 0)
    return leaves_list(linkage(squareform(apart, checks=False), "average"))


def _core_colours(sweep: Sweep, cores: Any) -> dict[Any, str]:
    """Return a colour a council: cores that touch never have the same."""
    core_of = {code: core for core, codes in cores["councils"].items() for code in codes}
    graph = sweep.geography.graph()
    touching = type(graph)()
    touching.add_nodes_from(cores.index)
    touching.add_edges_from(
        (core_of[one], core_of[other]) for one, other in graph.edges if core_of[one] != core_of[other]
    )
    alone = [core for core, codes in cores["councils"].items() if len(codes) == 1]
    touching.remove_nodes_from(alone)
    numbers = colour_numbers(touching)
    return {code: tint(numbers[core]) if core in numbers else "#eceff3" for code, core in core_of.items()}


def _outline(shape: shapely.Geometry) -> Outline:
    rings = [ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]
    return Outline.make_compound_path(*(Outline(np.asarray(ring.coords), closed=True) for ring in rings))
