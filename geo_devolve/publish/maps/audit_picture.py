"""A heat map of an audit: one panel a measure, areas down the side, bodies along the top."""

import io
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure

from geo_devolve.geography.audit import Audit
from geo_devolve.geography.portal.cache import write_whole

PANELS = (
    ("whole", "whole: the body lies in one area"),
    ("nest", "nest: one lies inside the other"),
    ("match", "match: the two are the same place"),
    ("v_measure", "one minus V-measure"),
)


def draw_audit(audit: Audit, attribution: str = "") -> Figure:
    """Draw an audit.

    Parameters
    ----------
    audit
        What to draw.
    attribution
        To stand under the picture.

    Returns
    -------
    matplotlib.figure.Figure
        Misfit from 0 (light: fits) to 1 (dark) in every panel, one minus V-measure likewise.
    """
    names = list(audit.layers)
    side = max(3.4, 0.62 * len(names) + 1.6)
    figure = Figure(figsize=(2 * side + 1.2, 2 * side + 1.2), layout="constrained")
    axes = figure.subplots(2, 2)
    colours = mpl.colormaps["YlOrRd"].with_extremes(bad="#eeeeee")
    image: Any = None
    for axis, (measure, title) in zip(axes.ravel(), PANELS, strict=True):
        values = audit.matrix(measure).to_numpy(np.float64)
        values = 1.0 - values if measure == "v_measure" else values
        # by the square root, so that small misfits can be told from none
        image = axis.imshow(values, norm=PowerNorm(0.5, vmin=0, vmax=1), cmap=colours)
        axis.set_title(title, fontsize=11)
        shown = [name.replace("_", " ") for name in names]
        axis.set_xticks(range(len(names)), shown, rotation=45, ha="left", rotation_mode="anchor", fontsize=8)
        axis.set_yticks(range(len(names)), shown, fontsize=8)
        axis.xaxis.tick_top()
        axis.tick_params(length=0)
        for (row, column), value in np.ndenumerate(values):
            if np.isfinite(value):
                text = "0" if value == 0 else f"{value:.2f}"
                shade = "white" if value > 0.4 else "black"
                axis.text(column, row, text, ha="center", va="center", fontsize=7, color=shade)
    axes[0, 0].set_ylabel("areas")
    axes[1, 0].set_ylabel("areas")
    figure.colorbar(image, ax=axes, shrink=0.5, label="misfit: 0 where the rule holds for everybody")
    figure.suptitle(f"How the layers of {audit.geography} fit each other (bodies along the top)")
    if attribution:
        figure.supxlabel(attribution.strip(), fontsize=6, color="#555555")
    return figure


def write_audit_picture(audit: Audit, path: Path, attribution: str = "") -> Path:
    """Draw an audit into a PNG file, whole or not at all.

    Returns
    -------
    Path
        The file.
    """
    image = io.BytesIO()
    draw_audit(audit, attribution).savefig(image, format="png", dpi=150, metadata={"Software": None})
    write_whole(path, image.getvalue())
    return path
