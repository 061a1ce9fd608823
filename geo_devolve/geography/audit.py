"""How coterminous the existing layers are with each other: the question before any plan.

Each layer is held against each other one twice, once as the areas and once as the bodies, because inclusion
has a direction: every CCG may lie in one STP though no STP lies in one CCG.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from geo_devolve.errors import UsageError
from geo_devolve.geography.layers import Layer
from geo_devolve.geography.model import Geography
from geo_devolve.geography.overlaps import people_in_both
from geo_devolve.geography.quantities import Flows
from geo_devolve.measures import RULES, Rule, entropies, mismatch, v_measure

Floats = NDArray[np.float64]

_WHOLE = 1e-9
"""Shares of people closer to one than this are one: sums of floating point numbers, not people."""


@dataclass(frozen=True, eq=False)
class Audit:
    """What an audit found.

    Attributes
    ----------
    geography
        The geography's name.
    layers
        Name → title of the layers compared.
    pairs
        A row for each ordered pair of layers, columns ``areas`` and ``bodies`` (layers' names), the misfit
        by each rule (``whole``, ``nest``, ``match``, in [0, 1]), ``homogeneity``, ``completeness``,
        ``v_measure``, ``people_in_both``, ``people_outside`` (persons of the bodies who live in no area),
        ``n_bodies``, ``n_nesting`` (bodies that lie in one area), ``n_identical`` (those that are an area)
        and ``n_straddling`` (the rest, but for bodies that touch no area).
    straddling
        A row for each body that straddles: ``areas``, ``bodies``, ``body`` (code), ``name``, ``population``
        (persons), ``n_areas`` (areas it has people in), ``main_area`` and ``main_area_name`` (where most of
        them live), ``people_elsewhere`` (persons outside the main area) and ``share_elsewhere``; the most
        people first in each pair.
    worst
        Bodies by how badly they fit all other layers: ``layer``, ``body``, ``name``, ``population``,
        ``misfit`` (rule ``nest``, for a resident, averaged over the other layers that cover any of the body),
        ``people_misplaced`` (population × misfit) and ``n_layers``; the most people misplaced first.
    flows
        A row for each layer and table of trips: ``layer``, ``flows`` and ``contained``, the share of all
        trips whose two ends lie in one body, a council counted where most of its people are.
    """

    geography: str
    layers: dict[str, str]
    pairs: pd.DataFrame
    straddling: pd.DataFrame
    worst: pd.DataFrame
    flows: pd.DataFrame

    def matrix(self, measure: str) -> pd.DataFrame:
        """Return one measure as a table of areas (rows) against bodies (columns), NaN on its diagonal.

        Parameters
        ----------
        measure
            A column of `pairs`, such as ``"nest"``.
        """
        names = list(self.layers)
        table = self.pairs.pivot_table(index="areas", columns="bodies", values=measure)
        return table.reindex(index=names, columns=names)

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain lists and numbers, for JSON."""
        return {
            "geography": self.geography,
            "layers": self.layers,
            **{
                name: [
                    {key: _plain(value) for key, value in row.items()}
                    for row in getattr(self, name).to_dict("records")
                ]
                for name in ("pairs", "straddling", "worst", "flows")
            },
        }


def misfit(rule: Rule, both: sparse.csr_array, areas: Floats, bodies: Floats) -> float:
    """Return how badly bodies and areas fit, on average over the people who live in both.

    The definition of a plan's misfit: its areas cover everybody, so people in both are the layer's residents.

    Parameters
    ----------
    rule
        ``whole``, ``nest`` or ``match``.
    both
        People in each area (rows) and body (columns) (persons).
    areas, bodies
        People of each (persons), wherever else they live.

    Returns
    -------
    float
        In [0, 1]; 0 where nobody lives in both.
    """
    pairs = both.tocoo()
    total = float(pairs.data.sum())
    if total <= 0:
        return 0.0
    return float(pairs.data @ mismatch(rule, pairs.data, bodies[pairs.col], areas[pairs.row])) / total


def audit(geography: Geography, layers: Sequence[str] | None = None, *, tolerance: float = 0.0) -> Audit:
    """Measure how coterminous the layers of a geography are with each other.

    Parameters
    ----------
    geography
        Where.
    layers
        Names of at least two layers, in the order in which to show them; None for all.
    tolerance
        The share of a body's people who may live elsewhere while it still counts as lying in one area, for
        layers whose overlaps were measured on rough shapes.

    Returns
    -------
    Audit
        Every ordered pair, the bodies that straddle, and those that fit worst.

    Raises
    ------
    UsageError
        Where fewer than two layers are named or the tolerance is no share.
    ScenarioError
        Where a layer does not exist; the message names the nearest.
    """
    names = list(dict.fromkeys(geography.layers if layers is None else layers))
    chosen = {name: geography.layer(name) for name in names}
    if len(chosen) < 2:
        raise UsageError(
            f"an audit compares at least two layers; geography {geography.name!r} has {len(geography.layers)}"
        )
    if not 0 <= tolerance < 1:
        raise UsageError(f"the tolerance is a share of people, at least 0 and below 1, not {tolerance}")
    population = geography.points["population"].to_numpy(np.float64)
    pairs, straddling, per_body = [], [], []
    for areas in chosen.values():
        for bodies in chosen.values():
            if areas is bodies:
                continue
            both = people_in_both(areas, bodies, population)
            reached = areas.membership.sum(axis=1) > 0
            outside = np.asarray(bodies.membership.T @ (population * ~np.asarray(reached).ravel())).ravel()
            fits = _fits(both, areas, bodies, tolerance)
            halved = people_in_both(areas, bodies, population, halved=True).toarray()
            homogeneity, completeness = entropies(halved)
            pairs.append(
                {"areas": areas.name, "bodies": bodies.name}
                | {rule: misfit(rule, both, _population(areas), _population(bodies)) for rule in RULES}
                | {
                    "homogeneity": homogeneity,
                    "completeness": completeness,
                    "v_measure": v_measure(homogeneity, completeness),
                    "people_in_both": float(halved.sum()),
                    "people_outside": float(outside.sum()),
                    "n_bodies": len(bodies.bodies),
                    "n_nesting": int(fits["nests"].sum()),
                    "n_identical": int(fits["identical"].sum()),
                    "n_straddling": int(fits["straddles"].sum()),
                }
            )
            straddling.append(_straddling(fits, areas, bodies))
            per_body.append(_per_body(both, areas, bodies))
    return Audit(
        geography=geography.name,
        layers={name: layer.title for name, layer in chosen.items()},
        pairs=pd.DataFrame(pairs),
        straddling=pd.concat(straddling, ignore_index=True),
        worst=_worst(pd.concat(per_body, ignore_index=True)),
        flows=pd.DataFrame(
            [
                {"layer": name, "flows": key, "contained": contained(geography, name, table)}
                for key, table in geography.flows.items()
                for name in chosen
            ],
            columns=["layer", "flows", "contained"],
        ),
    )


def contained(geography: Geography, layer: str, flows: Flows) -> float:
    """Return the share of trips whose two ends lie in one body of a layer.

    Parameters
    ----------
    geography
        The study area.
    layer
        Its key. A council lies in the body of most of its people, the first by code of several, and in none
        where more of them lie in none.
    flows
        Trips between councils.

    Returns
    -------
    float
        In [0, 1]; NaN where there are no trips.
    """
    people = geography.people(layer).toarray()
    rest = geography.councils["population"].to_numpy(np.float64) - people.sum(axis=1)
    main = np.where(people.max(axis=1, initial=0.0) > rest, people.argmax(axis=1), -1)
    trips = flows.trips.tocoo()
    stays = (main[trips.row] == main[trips.col]) & (main[trips.row] >= 0)
    return float(trips.data[stays].sum()) / flows.total if flows.total > 0 else np.nan


def _population(layer: Layer) -> Floats:
    return layer.bodies["population"].to_numpy(np.float64)


def _fits(both: sparse.csr_array, areas: Layer, bodies: Layer, tolerance: float) -> pd.DataFrame:
    """Return for each body its main area and whether it nests, is an area, or straddles."""
    counts = both.toarray()
    own = _population(bodies)
    main = counts.argmax(axis=0)
    most = counts.max(axis=0)
    limit = 1.0 - max(tolerance, _WHOLE)
    nests = (own > 0) & (most >= own * limit)
    table = pd.DataFrame(
        {
            "name": bodies.bodies["name"],
            "population": own,
            "n_areas": (counts > 0).sum(axis=0),
            "main": main,
            "people_elsewhere": np.maximum(0.0, own - most),
            "nests": nests,
            "identical": nests & (most >= _population(areas)[main] * limit),
        }
    )
    table["straddles"] = (most > 0) & ~nests
    return table


def _straddling(fits: pd.DataFrame, areas: Layer, bodies: Layer) -> pd.DataFrame:
    some = fits[fits["straddles"]].sort_values("people_elsewhere", ascending=False, kind="stable")
    main = some["main"].to_numpy()
    return pd.DataFrame(
        {
            "areas": areas.name,
            "bodies": bodies.name,
            "body": some.index.to_numpy(),
            "name": some["name"].to_numpy(),
            "population": some["population"].to_numpy(),
            "n_areas": some["n_areas"].to_numpy(),
            "main_area": areas.bodies.index.to_numpy()[main],
            "main_area_name": areas.bodies["name"].to_numpy()[main],
            "people_elsewhere": some["people_elsewhere"].to_numpy(),
            "share_elsewhere": (some["people_elsewhere"] / some["population"]).to_numpy(),
        }
    )


def _per_body(both: sparse.csr_array, areas: Layer, bodies: Layer) -> pd.DataFrame:
    """Return for each body that has people in any area their badness by the rule ``nest``."""
    pairs = both.tocoo()
    badness = mismatch("nest", pairs.data, _population(bodies)[pairs.col], _population(areas)[pairs.row])
    people = np.bincount(pairs.col, weights=pairs.data, minlength=len(bodies.bodies))
    summed = np.bincount(pairs.col, weights=pairs.data * badness, minlength=len(bodies.bodies))
    touched = people > 0
    return pd.DataFrame(
        {
            "layer": bodies.name,
            "body": bodies.bodies.index.to_numpy()[touched],
            "name": bodies.bodies["name"].to_numpy()[touched],
            "population": _population(bodies)[touched],
            "misfit": summed[touched] / people[touched],
        }
    )


def _worst(per_body: pd.DataFrame) -> pd.DataFrame:
    grouped = per_body.groupby(["layer", "body", "name", "population"], sort=True)["misfit"]
    table = grouped.agg(["mean", "size"]).reset_index()
    table = table.rename(columns={"mean": "misfit", "size": "n_layers"})
    table["people_misplaced"] = table["population"] * table["misfit"]
    columns = ["layer", "body", "name", "population", "misfit", "people_misplaced", "n_layers"]
    return table.sort_values("people_misplaced", ascending=False, kind="stable", ignore_index=True)[columns]


def _plain(value: Any) -> Any:
    """Return a number of numpy's as one of Python's, and what is not a number as None."""
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and not np.isfinite(value) else value
