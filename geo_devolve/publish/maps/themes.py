"""The figures a map can be coloured by, one source for the printed map and the page."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from geo_devolve.errors import UsageError
from geo_devolve.plan.plan import Plan
from geo_devolve.publish.colours import Kind, Ramp, ramp
from geo_devolve.publish.files.geojson import area_scores


@dataclass(frozen=True)
class Choropleth:
    """One figure for each council or area, and its colours.

    Attributes
    ----------
    key, title, unit
        What it is.
    short
        The title in a word, for the head of a column.
    by
        Whether `values` are councils' or areas'.
    values
        Index code.
    ramp
        Classes and colours.
    decimals
        To write it with.
    """

    key: str
    title: str
    short: str
    unit: str
    by: Literal["council", "area"]
    values: pd.Series
    ramp: Ramp
    decimals: int

    def write(self, value: float) -> str:
        """Write a value of the figure."""
        text = f"{value:,.{self.decimals}f}"
        return text.replace("-", "\N{MINUS SIGN}") if text.strip("-0.,") else text.lstrip("-")

    def classes(self) -> list[tuple[str, str]]:
        """Return what a key says of each class and its colour, from the lowest up.

        The outer classes also hold what lies beyond the outer limits, and say so.
        """
        known = self.values[np.isfinite(self.values.to_numpy(float))].to_numpy(float)
        edges, last = self.ramp.edges, len(self.ramp.colours) - 1
        under = bool(len(known)) and known.min() < edges[0]
        over = bool(len(known)) and known.max() > edges[-1]
        rows = []
        for number, colour in enumerate(self.ramp.colours):
            low, high = self.write(edges[number]), self.write(edges[number + 1])
            text = f"{low} to {high}"
            if number == 0 and under:
                text = f"less than {high}"
            if number == last and over:
                text = f"{low} and more" if last or not under else "any"
            rows.append((text, colour))
        return rows


def choropleths(plan: Plan, stability: pd.Series | None = None) -> dict[str, Choropleth]:
    """Return all figures that a plan's map can be coloured by.

    Parameters
    ----------
    plan
        The plan.
    stability
        Index council: in what share of near-best plans it stays with most of its area's people.

    Returns
    -------
    dict
        By key: each theme of need, ``population``, ``misfit``, and ``stability`` where given.
    """
    found: dict[str, Choropleth] = {}

    def add(
        key: str,
        title: str,
        unit: str,
        values: pd.Series,
        kind: Kind,
        *,
        by: Literal["council", "area"] = "area",
        decimals: int = 2,
    ) -> None:
        classes = ramp(values, kind)
        while decimals < 6 and any(round(edge, decimals) != round(edge, 9) for edge in classes.edges):
            decimals += 1
        short = title.partition(":")[0].partition(" with ")[0]
        found[key] = Choropleth(key, title, short, unit, by, values, classes, decimals)

    for theme in plan.geography.needs.scores.columns:
        title = f"Need: {str(theme).replace('_', ' ')}"
        unit = "standard deviations from the mean; higher is more need"
        add(
            str(theme), title, unit, plan.geography.needs.scores[theme], "diverging", by="council", decimals=1
        )
    add(
        "population",
        "Population",
        "persons",
        plan.areas["population"].astype(float),
        "sequential",
        decimals=0,
    )
    scores = area_scores(plan)
    misfit = [name for name in scores.columns if name.startswith("misfit_")]
    if misfit:
        rows = plan.scores[(plan.scores["measure"] == "misfit") & (plan.scores["area"] != "")]
        share = rows.groupby("area")["contribution"].sum().reindex(plan.areas.index)
        people = plan.areas["population"] / plan.areas["population"].sum()
        title = "Misfit with existing layers for a resident"
        add("misfit", title, "weighted; 0 is a perfect fit", share / people, "sequential")
    if stability is not None:
        title = "Stability: share of the plans compared that agree"
        add("stability", title, "", stability.astype(float), "settled", by="council")
    return found


def choropleth(plan: Plan, key: str) -> Choropleth:
    """Return one figure by its key.

    Raises
    ------
    UsageError
        There is no such figure; the message names those there are.
    """
    known = choropleths(plan)
    if key not in known:
        raise UsageError(f"unknown colour {key!r}; use area, {', '.join(known)}")
    return known[key]
