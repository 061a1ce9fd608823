"""What many plans say together: which are worth choosing among, what holds together in all, what is near."""

from collections.abc import Iterable, Mapping
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from geo_devolve.geography.model import Geography
from geo_devolve.objective.gather import council_units
from geo_devolve.objective.terms import union_terms
from geo_devolve.plan.compare import adjusted_rand, compare
from geo_devolve.plan.plan import Plan
from geo_devolve.scenario import Scenario

Numbers = NDArray[np.int16]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

AXES = ("misfit", "need", "compactness")
"""What the front weighs against each other, each the smaller the better."""


def best_in_no_worse(values: Floats) -> Flags:
    """Tell which rows no other row beats: is at most as large in every column, and smaller in one.

    Parameters
    ----------
    values
        The smaller the better; equal rows do not beat each other.

    Returns
    -------
    ndarray of bool
        A flag a row.
    """
    kept = np.ones(len(values), dtype=bool)
    # In the order of their sums, a row can only be beaten by one before it.
    order = np.argsort(values.sum(axis=1), kind="stable")
    front: list[int] = []
    for row in order.tolist():
        rivals = values[front]
        beaten = (rivals <= values[row]).all(axis=1) & (rivals < values[row]).any(axis=1)
        kept[row] = not beaten.any()
        if kept[row]:
            front.append(row)
    return kept


def terms_by(geography: Geography, numbers: Numbers, scenario: Scenario) -> Floats:
    """Score plans by one scenario, whatever each was made for.

    Parameters
    ----------
    geography
        The study area.
    numbers
        Plans × councils, the number of each council's area.
    scenario
        Whose themes, layers and rules count.

    Returns
    -------
    ndarray
        Plans × the scenario's `term_names`, unweighted.
    """
    units = council_units(geography, scenario)
    plans, places = np.unique(numbers, axis=0, return_inverse=True)
    scored = np.zeros((len(plans), len(scenario.term_names)))
    for row, areas in enumerate(plans):
        labels, number = np.unique(areas, return_inverse=True)
        shape = (len(labels), len(areas))
        members = csr_array((np.ones(len(areas)), (number, np.arange(len(areas)))), shape=shape)
        scored[row] = union_terms(units, members).sum(axis=0)
    return scored[places.ravel()]


def axes_of(terms: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """Return misfit (the layers' mean by their weights), need and compactness of plans.

    Parameters
    ----------
    terms
        Plans × terms, unweighted.
    weights
        Of each layer; where all are 0, layers count alike.
    """
    shares = np.array([weights[layer] for layer in weights], dtype=float)
    if not len(shares):
        misfit = np.zeros(len(terms))
    else:
        shares = shares if shares.sum() > 0 else np.ones(len(shares))
        misfit = terms[list(weights)].to_numpy(float) @ shares / shares.sum()
    table = {"misfit": misfit, "need": terms["need"], "compactness": terms["compactness"]}
    return pd.DataFrame(table, index=terms.index)


def co_membership(batches: Iterable[Numbers], councils: int) -> Floats:
    """Return the share of plans in which each two councils lie in one area, councils × councils.

    Parameters
    ----------
    batches
        Plans × councils, the number of each council's area, some plans at a time.
    councils
        How many.
    """
    counted = np.zeros((councils, councils))
    plans = 0
    for numbers in batches:
        if not len(numbers):
            continue
        many = int(numbers.max()) + 1
        area = numbers.astype(np.int64) + many * np.arange(len(numbers))[:, None]
        council = np.tile(np.arange(councils), len(numbers))
        shape = (councils, many * len(numbers))
        inside = csr_array((np.ones(area.size), (council, area.ravel())), shape=shape)
        counted += (inside @ inside.T).toarray()
        plans += len(numbers)
    return counted / plans if plans else counted


def borders_together(geography: Geography, share: Floats) -> pd.DataFrame:
    """Return each pair of neighbours with the share of plans that have them in one area.

    Parameters
    ----------
    geography
        The study area; neighbours by land or any crossing.
    share
        From `co_membership`.

    Returns
    -------
    DataFrame
        Columns council, neighbour, together.
    """
    codes = list(geography.councils.index)
    place = {code: number for number, code in enumerate(codes)}
    pairs = sorted(tuple(sorted((place[one], place[other]))) for one, other in geography.graph().edges)
    ends = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return pd.DataFrame(
        {
            "council": pd.Series([codes[one] for one, _ in pairs], dtype=object),
            "neighbour": pd.Series([codes[other] for _, other in pairs], dtype=object),
            "together": share[ends[:, 0], ends[:, 1]],
        }
    )


def settled_cores(geography: Geography, borders: pd.DataFrame, threshold: float) -> pd.DataFrame:
    """Return what holds together: councils joined, neighbour by neighbour, in nearly all plans.

    Parameters
    ----------
    geography
        The study area.
    borders
        From `borders_together`.
    threshold
        In which share of plans two neighbours are together to count as settled.

    Returns
    -------
    DataFrame
        Index ``core`` from 1, the most people first, lone councils last; columns councils (tuple of
        codes), names (tuple), population.
    """
    graph: nx.Graph[Any] = nx.Graph()
    graph.add_nodes_from(geography.councils.index)
    sure = borders[borders["together"] >= threshold]
    graph.add_edges_from(zip(sure["council"], sure["neighbour"], strict=True))
    codes = list(geography.councils.index)
    place = {code: number for number, code in enumerate(codes)}
    people = geography.councils["population"].to_numpy(float)
    names = [str(name) for name in geography.councils["name"]]
    found = [sorted(place[code] for code in core) for core in nx.connected_components(graph)]
    found.sort(key=lambda core: (len(core) == 1, -people[core].sum(), core[0]))
    table = {
        "councils": [tuple(codes[council] for council in core) for core in found],
        "names": [tuple(names[council] for council in core) for core in found],
        "population": [float(people[core].sum()) for core in found],
    }
    return pd.DataFrame(table, index=pd.RangeIndex(1, len(found) + 1, name="core"))


def likeness(numbers: Numbers, drawn: Plan) -> Floats:
    """Return the adjusted Rand index of each plan with a drawn one: 1 where they are the same.

    Parameters
    ----------
    numbers
        Plans × councils.
    drawn
        Any plan of the same councils.
    """
    plans, places = np.unique(numbers, axis=0, return_inverse=True)
    mine = drawn.groups.completed.number
    scores = np.array([adjusted_rand(mine, plan.astype(np.int64)) for plan in plans], dtype=float)
    return scores[places.ravel()] if len(plans) else np.zeros(0)


def moved(drawn: Plan, plan: Plan) -> tuple[int, float]:
    """Return how many councils, with how many people, another plan has elsewhere than the drawn one."""
    comparison = compare(drawn, plan)
    return comparison.councils_moved, comparison.people_moved
