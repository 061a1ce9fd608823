"""Every figure about a plan in one tidy table: the terms of the objective, and what is reported beside them.

The terms are those of `optimise.costs`, the definition that the optimiser too is held to. The table has
the columns

- measure: ``objective``, ``need``, ``misfit``, ``compactness``, ``balance``, and ``change``, ``flows`` and
  ``spread`` where they are weighed; the reported ones; ``fault``;
- part: the layer or theme that the row speaks of, the sentence of a fault, else ``""``;
- area: the area's code, ``""`` for the whole plan;
- value: unweighted;
- weight, contribution: of a term, contribution = weight × value; NaN of what is only reported.

A council without an area is scored as an area of its own, whose terms stand in the area ``"(left out)"``,
so that terms over areas always add up to the whole plan's.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_devolve.constraints.amounts import SPREAD
from geo_devolve.constraints.rule import Fault
from geo_devolve.geography.model import Geography
from geo_devolve.measures import entropies, v_measure
from geo_devolve.objective.gather import council_units
from geo_devolve.objective.terms import union_terms
from geo_devolve.plan.contained import containment_of
from geo_devolve.plan.groups import Floats, Groups, main_bodies, positions
from geo_devolve.scenario import Scenario

COLUMNS = ["measure", "part", "area", "value", "weight", "contribution"]
LEFT_OUT = "(left out)"

_WHOLE = 1 - 1e-9
"""The share of a body's people from which it lies wholly in an area: sums of shares are not exact."""


class Row(NamedTuple):
    """One row of the table of scores."""

    measure: str
    part: str
    area: Any
    value: float
    weight: float = np.nan
    contribution: float = np.nan


def area_terms(groups: Groups, scenario: Scenario) -> pd.DataFrame:
    """Score each area.

    Returns
    -------
    DataFrame
        Unweighted terms; index the areas' codes, columns as the scenario's `term_names`. Councils without
        an area are summed in the row ``"(left out)"``.
    """
    whole = groups.completed
    terms = union_terms(council_units(groups.geography, scenario), whole.members)
    known = len(groups.labels)
    labels: list[Any] = list(groups.labels)
    if len(terms) > known:
        terms = np.vstack([terms[:known], terms[known:].sum(axis=0)])
        labels.append(LEFT_OUT)
    return pd.DataFrame(
        terms, index=pd.Index(labels, name="area", tupleize_cols=False), columns=list(scenario.term_names)
    )


def objective_of(terms: pd.DataFrame, scenario: Scenario) -> float:
    """Return the objective: the sum over areas of weight × term."""
    return float(terms.to_numpy().sum(axis=0) @ np.array(scenario.term_weights))


def table(
    groups: Groups,
    scenario: Scenario,
    shapes: gpd.GeoSeries | None = None,
    ferry: Sequence[Any] = (),
    faults: Sequence[Fault] = (),
) -> pd.DataFrame:
    """Write all scores of a plan into one tidy table.

    Parameters
    ----------
    groups
        The plan's areas.
    scenario
        Which themes, layers, rules and weights count.
    shapes
        The areas' shapes, in the groups' order; None where the geography has none.
    ferry
        The areas that hang together only by a ferry.
    faults
        What is wrong with the plan.

    Returns
    -------
    DataFrame
        Columns measure, part, area, value, weight, contribution, as this module's head says.
    """
    terms = area_terms(groups, scenario)
    weights = dict(zip(scenario.term_names, scenario.term_weights, strict=True))
    rows = [Row("objective", "", "", objective_of(terms, scenario))]
    for term, value in terms.sum().items():
        rows.append(_term(str(term), "", float(value), weights[str(term)], scenario))
    rows += _reported(groups, ferry)
    round_ = roundness(shapes) if shapes is not None else None
    if round_ is not None:
        rows.append(Row("polsby_popper", "", "", float(round_.mean())))
    for area, values in zip(terms.index, terms.to_numpy(), strict=True):
        rows.append(Row("objective", "", area, float(values @ np.array(scenario.term_weights))))
        rows += [
            _term(term, area, float(value), weights[term], scenario)
            for term, value in zip(scenario.term_names, values, strict=True)
        ]
    rows += _contained(groups)
    for number, area in enumerate(groups.labels):
        rows.append(Row("population", "", area, float(groups.population[number])))
        rows.append(Row("councils", "", area, float(len(groups.codes[number]))))
        if round_ is not None:
            rows.append(Row("polsby_popper", "", area, float(round_[number])))
    rows += [Row("fault", fault.text, fault.area, 1.0) for fault in faults]
    return pd.DataFrame(rows, columns=COLUMNS)


def _contained(groups: Groups) -> list[Row]:
    """Tell for each table of trips what share stays within areas, and of each area's, by both ends."""
    rows = []
    for name, flows in groups.geography.flows.items():
        held = containment_of(groups, flows)
        share = float(held["stays"].sum()) / flows.total if flows.total > 0 else np.nan
        rows.append(Row("flows_contained", name, "", share))
        for area, by_residence, by_workplace in zip(
            held.index, held["by_residence"], held["by_workplace"], strict=True
        ):
            rows.append(Row("contained_by_residence", name, area, float(by_residence)))
            rows.append(Row("contained_by_workplace", name, area, float(by_workplace)))
    return rows


def _term(term: str, area: Any, value: float, weight: float, scenario: Scenario) -> Row:
    measure, part = ("misfit", term) if term in scenario.layers else (term, "")
    if term.startswith(SPREAD):
        measure, part = "spread", term.removeprefix(SPREAD)
    return Row(measure, part, area, value, weight, weight * value)


def _reported(groups: Groups, ferry: Sequence[Any]) -> list[Row]:
    """List what is told of the whole plan and not optimised."""
    geography = groups.geography
    rows = [Row("eta_squared", theme, "", value) for theme, value in eta_squared(groups).items()]
    borders = _boundary(groups)
    for layer in geography.layers:
        both = groups.completed.halved_people(layer)
        homogeneity, completeness = entropies(both)
        rows += [
            Row("homogeneity", layer, "", homogeneity),
            Row("completeness", layer, "", completeness),
            Row("v_measure", layer, "", v_measure(homogeneity, completeness)),
            Row("bodies_whole", layer, "", bodies_whole(groups, layer)),
            Row("boundary_shared", layer, "", boundary_shared(geography, borders, layer)),
        ]
    people = groups.population
    rows += [
        Row("areas", "", "", float(len(groups.labels))),
        Row("population_min", "", "", float(people.min(initial=np.inf))),
        Row("population_max", "", "", float(people.max(initial=0.0))),
        Row("ferry_only_areas", "", "", float(len(ferry))),
        Row("boundary_km", "", "", float(borders["length_m"].sum()) / 1000),
    ]
    return rows


def eta_squared(groups: Groups) -> dict[str, float]:
    """Return for each theme the share of its variance that lies between areas, not inside them.

    Worked out from the areas' means, η² = Σ P_A (z_A − z)² / SST; one minus the theme's share in the need
    term. 0 where the theme has no variance.
    """
    whole = groups.completed
    scores = groups.geography.needs.scores
    people = groups.geography.councils["population"].to_numpy(float)
    found = {}
    for theme in scores.columns:
        z = scores[theme].to_numpy(float)
        middle = z @ people / people.sum()
        total = people @ (z - middle) ** 2
        means = whole.members @ (people * z) / np.maximum(whole.population, 1e-300)
        between = whole.population @ (means - middle) ** 2
        found[str(theme)] = float(between / total) if total > 1e-9 * people.sum() else 0.0
    return found


def bodies_whole(groups: Groups, layer: str) -> float:
    """Return the share of a layer's bodies that lie wholly in one area; NaN where it has none with people."""
    people = groups.geography.layers[layer].bodies["population"].to_numpy(float)
    most = groups.completed.people(layer).max(axis=0, initial=0.0)
    lived_in = people > 0
    return float((most[lived_in] >= _WHOLE * people[lived_in]).mean()) if lived_in.any() else np.nan


def _boundary(groups: Groups) -> pd.DataFrame:
    """Return the land borders between councils of different areas."""
    area = dict(zip(groups.geography.councils.index, groups.completed.number, strict=True))
    borders = groups.geography.borders
    apart = [area[v] != area[w] for v, w in zip(borders["council"], borders["neighbour"], strict=True)]
    return borders[np.array(apart, dtype=bool)]


def boundary_shared(geography: Geography, borders: pd.DataFrame, layer: str) -> float:
    """Return the share of some borders' length that also divides bodies of a layer.

    By the geography's table of land borders, as compactness is, however shapes are drawn. A border between
    two councils does where the bodies that hold more than half of the one council's people are not those
    that hold more than half of the other's.

    Parameters
    ----------
    geography
        The councils and the layer.
    borders
        Rows of the geography's borders.
    layer
        Its key.

    Returns
    -------
    float
        In [0, 1]; NaN where there is no border.
    """
    length = borders["length_m"].to_numpy(float)
    if not length.sum() > 0:
        return np.nan
    where, main = positions(geography), main_bodies(geography, layer).astype(np.int8)
    one, other = ([where[code] for code in borders[side]] for side in ("council", "neighbour"))
    divides = abs(main[one] - main[other]).sum(axis=1) > 0
    return float(length[divides].sum() / length.sum())


def roundness(shapes: gpd.GeoSeries) -> Floats:
    """Return the Polsby-Popper measure of shapes: 4π × area / perimeter², 1 for a circle.

    Area and perimeter are those of the shapes as they are drawn, coasts included, since a ratio of the two
    means something only on one outline: a table of borders measured on finer lines would make inland areas
    look more ragged than those on a coast. So it compares plans of one geography, not of two.
    """
    outline, size = shapely.length(shapes.array), shapely.area(shapes.array)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(outline > 0, 4 * np.pi * size / outline**2, np.nan)
