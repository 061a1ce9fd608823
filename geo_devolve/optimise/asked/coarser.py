"""A coarser problem, whose plan and prices a finer one starts from.

Units that lie in the same bodies and hang together are merged, layer by layer, as finely as a listing allows.
The coarser problem's plan is a plan of the finer one, and its prices, shared out by population, are near the
finer one's.
"""

from dataclasses import replace

import networkx as nx
import numpy as np
from scipy import sparse

from geo_devolve.objective.units import Ints, UnitLayer, Units, to_flags, to_masks


def merge(units: Units, of: Ints) -> Units:
    """Merge units.

    Parameters
    ----------
    units
        The units.
    of
        For each, the number of the merged unit it becomes part of; each of those is connected.

    Returns
    -------
    Units
        The merged units: any union of them has the people, terms and rules of the union of their parts.
    """
    n = int(of.max()) + 1
    gather = sparse.csr_array((np.ones(units.n), (of, np.arange(units.n))), shape=(n, units.n))
    near = _pairs(units.indptr, units.indices, units.border_m + 1.0, of, n)
    land = _pairs(units.land_indptr, units.land_indices, units.land_m, of, n)
    inside = _inside(units.land_indptr, units.land_indices, units.land_m, of, n)
    trips = units.trips
    if trips is not None:
        pairs = _pairs(trips.indptr, trips.indices, trips.trips, of, n)
        trips = replace(
            trips,
            indptr=pairs.indptr.astype(np.int64),
            indices=pairs.indices.astype(np.int64),
            trips=pairs.data,
            outline=gather @ trips.outline - _inside(trips.indptr, trips.indices, trips.trips, of, n),
        )
    return replace(
        units,
        n=n,
        population=gather @ units.population,
        indptr=near.indptr.astype(np.int64),
        indices=near.indices.astype(np.int64),
        border_m=np.zeros(len(near.data)),
        outline_m=gather @ units.outline_m - inside,
        land_indptr=land.indptr.astype(np.int64),
        land_indices=land.indices.astype(np.int64),
        land_m=land.data,
        theme_weighted=gather @ units.theme_weighted,
        theme_squared=gather @ units.theme_squared,
        layers=tuple(_merge_layer(layer, gather) for layer in units.layers),
        reference=None if units.reference is None else _merge_layer(units.reference, gather),
        trips=trips,
        spreads=tuple(
            replace(each, excess=gather @ each.excess, weight=gather @ each.weight) for each in units.spreads
        ),
        councils=np.bincount(of, weights=units.councils, minlength=n).astype(np.int64),
        rules=_merge_rules(units, of, n),
    )


def spread(of: Ints, masks: np.ndarray, n: int) -> np.ndarray:
    """Return masks over merged units (`n` of them) as masks over the units they were merged from."""
    return to_masks(to_flags(masks, n)[:, of])


def by_layers(units: Units, layers: int) -> Ints:
    """Merge connected units in the same bodies of the `layers` layers with the fewest bodies.

    Returns
    -------
    Ints
        The number of the merged unit of each unit; units whose merging a rule forbids stay apart.
    """
    order = sorted(range(len(units.layers)), key=lambda number: (_bodies(units.layers[number]), number))
    signatures: list[tuple[tuple[int, ...], ...]] = [
        tuple(_home(units, units.layers[number], unit) for number in order[:layers])
        for unit in range(units.n)
    ]
    rivals = to_flags(units.rules.conflicts, units.n) if len(units.rules.conflicts) else None
    graph = nx.Graph()
    graph.add_nodes_from(range(units.n))
    rows = np.repeat(np.arange(units.n), np.diff(units.indptr))
    graph.add_edges_from(
        (one, other)
        for one, other in zip(rows.tolist(), units.indices.tolist(), strict=True)
        if signatures[one] == signatures[other]
    )
    of = np.empty(units.n, dtype=np.int64)
    many = 0
    for members in sorted(map(sorted, nx.connected_components(graph))):
        inside = np.array(members)
        too_much = units.population[inside].sum() > units.upper or (
            0 < units.rules.max_councils < units.councils[inside].sum()
        )
        if too_much or (rivals is not None and rivals[np.ix_(inside, inside)].any()):
            of[inside] = many + np.arange(len(inside))
            many += len(inside)
        else:
            of[inside] = many
            many += 1
    return of


def _bodies(layer: UnitLayer) -> int:
    return len(np.unique(layer.indices))


def _home(units: Units, layer: UnitLayer, unit: int) -> tuple[int, ...]:
    row = slice(layer.indptr[unit], layer.indptr[unit + 1])
    return tuple(layer.indices[row][layer.people[row] > units.population[unit] / 2].tolist())


def _pairs(indptr: Ints, indices: Ints, lengths: np.ndarray, of: Ints, n: int) -> sparse.csr_array:
    rows, columns = of[np.repeat(np.arange(len(of)), np.diff(indptr))], of[indices]
    apart = rows != columns
    pairs = sparse.csr_array((lengths[apart], (rows[apart], columns[apart])), shape=(n, n))
    pairs.sum_duplicates()
    pairs.sort_indices()
    return pairs


def _merge_layer(layer: UnitLayer, gather: sparse.csr_array) -> UnitLayer:
    people = sparse.csr_array(
        (layer.people, layer.indices, layer.indptr), shape=(gather.shape[1], len(layer.body_population))
    )
    people = sparse.csr_array(gather @ people)
    people.sort_indices()
    return replace(
        layer,
        indptr=people.indptr.astype(np.int64),
        indices=people.indices.astype(np.int64),
        people=people.data,
    )


def _inside(indptr: Ints, indices: Ints, lengths: np.ndarray, of: Ints, n: int) -> np.ndarray:
    """Twice the pairs' lengths inside each merged unit: they leave the outline from both sides."""
    rows = of[np.repeat(np.arange(len(of)), np.diff(indptr))]
    same = rows == of[indices]
    return np.bincount(rows[same], weights=lengths[same], minlength=n)


def _merge_rules(units: Units, of: Ints, n: int):  # type: ignore[no-untyped-def]
    rules = units.rules
    gather = np.zeros((units.n, n), dtype=np.int64)
    gather[np.arange(units.n), of] = 1

    def fold(masks: np.ndarray) -> np.ndarray:
        return to_masks((to_flags(masks, units.n).astype(np.int64) @ gather) > 0)

    conflicts = rules.conflicts
    if len(conflicts):
        conflicts = to_masks(gather.T @ to_flags(fold(conflicts), n) > 0)
    return replace(
        rules,
        conflicts=conflicts,
        together=fold(rules.together),
        body_units=fold(rules.body_units),
        cap_units=fold(rules.cap_units),
        forms=rules.forms @ gather if rules.forms.shape[1] else rules.forms,
    )
