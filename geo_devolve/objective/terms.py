"""The terms of the objective for any union of units or councils: the definition engines are held to.

Every term is a sum over areas, so that a plan's term is the sum of its areas' terms:

- need: the mean over themes of SSW / SST, with SSW = Σ P_v z_v² − (Σ P_v z_v)² / Σ P_v within the area;
- a layer: Σ_u y(A,u) · m(A,u) / Σ_u p(u), m being the layer's rule (`measures.mismatch`);
- change: (P_A − max_u y(A,u)) / P, u the bodies of the reference;
- flows: half of the trips between the area and the rest, over all trips;
- spread: D_A (r_A − r)² / Σ_v D_v (r_v − r)² of a ratio r = N / D, which is (Σ N_v − r D_v)² / D_A;
- compactness: half of the area's land border with other councils, over all land border between councils;
- balance: |P_A − P/k| / (2 P).

Terms are unweighted; the objective is their sum times the scenario's weights.
"""

from collections.abc import Hashable, Sequence

import numpy as np
from scipy import sparse

from geo_devolve.geography.model import Geography
from geo_devolve.measures import RULES, mismatch
from geo_devolve.objective.columns import BALANCE, COMPACTNESS, LAYERS, NEED
from geo_devolve.objective.gather import council_units
from geo_devolve.objective.units import Floats, Masks, Spread, Trips, UnitLayer, Units, members_of
from geo_devolve.scenario import Scenario

_ROWS_AT_ONCE = 200_000


def union_terms(units: Units, members: sparse.csr_array) -> Floats:
    """Score unions of units.

    Parameters
    ----------
    units
        What the unions are made of.
    members
        Unions × units, 1 where the unit belongs to the union.

    Returns
    -------
    Floats
        Unions × terms (unweighted), in the order of the scenario's `term_names`.
    """
    members = sparse.csr_array(members)
    rows = members.shape[0]
    if rows > _ROWS_AT_ONCE:
        starts = range(0, rows, _ROWS_AT_ONCE)
        return np.concatenate(
            [union_terms(units, members[start : start + _ROWS_AT_ONCE]) for start in starts]
        )
    population = members @ units.population
    terms = np.zeros((rows, units.n_terms))
    terms[:, NEED] = _need(units, members, population)
    columns = [_misfit(layer, members, population) for layer in units.layers]
    if units.reference is not None:
        columns.append(_change(units.reference, members, population))
    if units.trips is not None:
        columns.append(_flows(units.trips, members))
    columns += [_spread(spread, members) for spread in units.spreads]
    for column, values in zip(terms[:, LAYERS].T, columns, strict=True):
        column[:] = values
    terms[:, COMPACTNESS] = _compactness(units, members)
    terms[:, BALANCE] = balance(units, population)
    return terms


def union_costs(units: Units, weights: Floats, masks: Masks) -> Floats:
    """Return what unions of units cost: their terms times the weights, by the plain definition.

    Parameters
    ----------
    units
        What the unions are made of.
    weights
        Of the terms, in the units' order.
    masks
        Unions × words.
    """
    return union_terms(units, members_of(masks, units.n)) @ weights


def balance(units: Units, population: Floats) -> Floats:
    """Return the term of balance of areas with so many people."""
    return np.abs(population - units.balance_target) / (2.0 * units.total_population)


def assignment_terms(
    geography: Geography, scenario: Scenario, groups: Sequence[Sequence[Hashable]]
) -> Floats:
    """Score groups of councils, feasible or not, from the councils' own figures.

    Parameters
    ----------
    geography
        The study area.
    scenario
        Says which themes, layers and rules count.
    groups
        Codes of the councils of each area.

    Returns
    -------
    Floats
        Areas × terms (unweighted), in the order of the scenario's `term_names`.
    """
    codes = list(geography.councils.index)
    number = {code: i for i, code in enumerate(codes)}
    columns = [number[code] for group in groups for code in group]
    indptr = np.cumsum([0, *(len(group) for group in groups)])
    members = sparse.csr_array(
        (np.ones(len(columns)), np.array(columns, dtype=np.int64), indptr), shape=(len(groups), len(codes))
    )
    return union_terms(council_units(geography, scenario), members)


def _need(units: Units, members: sparse.csr_array, population: Floats) -> Floats:
    themes = len(units.theme_total)
    varying = units.theme_total > 0
    if not varying.any():
        return np.zeros(members.shape[0])
    weighted = members @ units.theme_weighted[:, varying]
    squared = members @ units.theme_squared[:, varying]
    people = np.where(population > 0, population, 1.0)[:, None]
    within = np.maximum(squared - weighted**2 / people, 0.0)
    return (within / units.theme_total[varying]).sum(axis=1) / themes


def _misfit(layer: UnitLayer, members: sparse.csr_array, population: Floats) -> Floats:
    if layer.total <= 0:
        return np.zeros(members.shape[0])
    people = sparse.csr_array(
        (layer.people, layer.indices, layer.indptr), shape=(members.shape[1], len(layer.body_population))
    )
    both = sparse.csr_array(members @ people)
    rows = np.repeat(np.arange(members.shape[0]), np.diff(both.indptr))
    badness = mismatch(RULES[layer.rule], both.data, layer.body_population[both.indices], population[rows])
    return np.bincount(rows, weights=both.data * badness, minlength=members.shape[0]) / layer.total


def _change(reference: UnitLayer, members: sparse.csr_array, population: Floats) -> Floats:
    people = sparse.csr_array(
        (reference.people, reference.indices, reference.indptr),
        shape=(members.shape[1], len(reference.body_population)),
    )
    both = sparse.csr_array(members @ people)
    most = np.zeros(members.shape[0])
    np.maximum.at(most, np.repeat(np.arange(members.shape[0]), np.diff(both.indptr)), both.data)
    return (population - most) / reference.total if reference.total > 0 else most * 0.0


def _flows(trips: Trips, members: sparse.csr_array) -> Floats:
    if trips.total <= 0:
        return np.zeros(members.shape[0])
    pairs = sparse.csr_array((trips.trips, trips.indices, trips.indptr), shape=(members.shape[1],) * 2)
    inside = (sparse.csr_array(members @ pairs) * members).sum(axis=1)
    return np.maximum(members @ trips.outline - np.asarray(inside).ravel(), 0.0) / (2.0 * trips.total)


def _spread(spread: Spread, members: sparse.csr_array) -> Floats:
    excess, weight = members @ spread.excess, members @ spread.weight
    if spread.total <= 0:
        return np.zeros(members.shape[0])
    return np.divide(excess**2, weight, out=np.zeros_like(excess), where=weight > 0) / spread.total


def _compactness(units: Units, members: sparse.csr_array) -> Floats:
    if units.total_border_m <= 0:
        return np.zeros(members.shape[0])
    land = sparse.csr_array((units.land_m, units.land_indices, units.land_indptr), shape=(units.n, units.n))
    inside = (sparse.csr_array(members @ land) * members).sum(axis=1)
    return np.maximum(members @ units.outline_m - np.asarray(inside).ravel(), 0.0) / (
        2.0 * units.total_border_m
    )
