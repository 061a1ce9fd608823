"""Yardsticks beside a plan's figures: existing layers taken as plans, and plans drawn at random."""

from typing import Any

import numpy as np
import pandas as pd

from geo_devolve.errors import UsageError
from geo_devolve.geography.model import Geography
from geo_devolve.objective.gather import council_units
from geo_devolve.objective.terms import union_terms
from geo_devolve.plan.plan import Plan
from geo_devolve.plan.random_plans import random_plans
from geo_devolve.progress import Progress, silent
from geo_devolve.scenario import Scenario
from geo_devolve.words import counted_are

_REACH = 0.99
"""The share of all people that a layer must reach to be taken as a plan."""


def layer_plan(geography: Geography, layer: str, scenario: Scenario) -> Plan:
    """Take an existing layer as a plan: each council goes where most of its people already are.

    Parameters
    ----------
    geography
        The study area.
    layer
        Its key. It must reach nearly everybody. Where bodies overlap, a council that lies as much in one
        as in another goes to the first by code; the plan's notes say how many do.
    scenario
        What the plan is held against.

    Returns
    -------
    Plan
        Areas called by their bodies' codes.

    Raises
    ------
    UsageError
        Where the layer leaves people out.
    """
    reached = reach(geography, layer)
    if reached < _REACH:
        raise UsageError(f"layer {layer} reaches only {reached:.0%} of the people: it is no plan")
    shared = geography.people(layer).toarray()
    best = shared.argmax(axis=1)
    codes = geography.layers[layer].bodies.index
    ties = int(((shared == shared.max(axis=1, keepdims=True)).sum(axis=1) > 1).sum())
    divided = int((shared.max(axis=1) < (1 - 1e-9) * geography.councils["population"].to_numpy(float)).sum())
    notes = []
    if ties:
        are = counted_are(ties, "council")
        notes.append(f"{are} as much in two bodies of {layer} and counted in the first by code.")
    if divided:
        are = counted_are(divided, "council")
        notes.append(f"{are} divided by {layer} and counted where most of their people are.")
    gone = len(codes) - len(np.unique(best))
    if gone:
        notes.append(f"{gone} of the {len(codes)} bodies of {layer} have no council of their own.")
    assignment = pd.Series(
        [str(codes[b]) for b in best], index=geography.councils.index, name="area", dtype=object
    )
    return Plan(geography, scenario, assignment, None, tuple(notes))


def reach(geography: Geography, layer: str) -> float:
    """Return the share of all people who live in some body of a layer."""
    total = float(geography.councils["population"].sum())
    return float(geography.halved_people(layer).sum()) / total if total > 0 else 0.0


def comparable_layers(plan: Plan) -> list[str]:
    """Name the layers that can stand beside a plan: they reach nearly everybody, in about as many bodies."""
    areas = len(plan.groups.labels)
    return [
        name
        for name, layer in plan.geography.layers.items()
        if areas / 2 <= len(layer.bodies) <= 2 * areas and reach(plan.geography, name) >= _REACH
    ]


def random_scores(plan: Plan, draws: int = 100, progress: Progress = silent) -> pd.DataFrame:
    """Score random plans of as many areas within the same bounds.

    Parameters
    ----------
    plan
        Whose scenario and number of areas they share; the scenario's seed is the draw's.
    draws
        How many.
    progress
        Told how many are drawn.

    Returns
    -------
    DataFrame
        One row a plan: objective, then each term, unweighted.

    Raises
    ------
    InfeasibleError
        Where no random plan is found.
    """
    units = council_units(plan.geography, plan.scenario)
    weights = np.array(plan.scenario.term_weights)
    rows = []
    progress("random plans", 0, draws)
    drawn = random_plans(plan.rules, len(plan.groups.labels), draws, plan.scenario.seed)
    for done, groups in enumerate(drawn, start=1):
        terms = union_terms(units, groups.members).sum(axis=0)
        rows.append([float(terms @ weights), *terms])
        progress("random plans", done, draws)
    return pd.DataFrame(rows, columns=["objective", *plan.scenario.term_names])


def yardsticks(plan: Plan, draws: int = 100, progress: Progress = silent) -> pd.DataFrame:
    """Stand a plan beside the existing layers and beside chance.

    Parameters
    ----------
    plan
        Any plan.
    draws
        How many random plans; 0 for none.
    progress
        Told how many are drawn.

    Returns
    -------
    DataFrame
        Index ``plan``: "this plan"; each comparable layer's key, the one of least objective first;
        "random, best", "random, median", "random, worst" (of the draws, by objective). Columns: title,
        areas, objective, one a term (unweighted), in_pieces and out_of_bounds (how many areas).
    """
    rows = [_row("this plan", "This plan", plan)]
    existing = [
        _row(name, plan.geography.layers[name].title, layer_plan(plan.geography, name, plan.scenario))
        for name in comparable_layers(plan)
    ]
    rows += sorted(existing, key=lambda row: row["objective"])
    if draws:
        chance = random_scores(plan, draws, progress).sort_values("objective", ignore_index=True)
        for called, place in (("best", 0), ("median", (draws - 1) // 2), ("worst", draws - 1)):
            row: dict[str, Any] = {
                "plan": f"random, {called}",
                "title": f"{called.capitalize()} of {draws} at random",
            }
            rows.append(
                row
                | {"areas": len(plan.groups.labels), "in_pieces": 0, "out_of_bounds": 0}
                | dict(chance.iloc[place])
            )
    columns = ["plan", "title", "areas", "objective", *plan.scenario.term_names, "in_pieces", "out_of_bounds"]
    return pd.DataFrame(rows, columns=columns).set_index("plan")


def _row(key: str, title: str, plan: Plan) -> dict[str, Any]:
    kinds = [fault.kind for fault in plan.found_faults]
    return {
        "plan": key,
        "title": title,
        "areas": len(plan.groups.labels),
        "objective": plan.objective,
        **{str(term): float(value) for term, value in plan.terms.sum().items()},
        "in_pieces": kinds.count("pieces"),
        "out_of_bounds": kinds.count("bounds"),
    }
