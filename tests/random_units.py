"""Small random units with every kind of term and rule, and their unions found by trying all."""

import itertools
from dataclasses import replace

import numpy as np
from scipy import sparse

from geo_devolve.objective.units import Rules, Spread, Trips, UnitLayer, Units, no_rules, to_masks


def random_units(
    seed: int,
    n: int = 8,
    *,
    areas: int = 3,
    edges: float = 0.35,
    rules: bool = False,
    bounds: tuple[float, float] = (0.5, 1.8),
) -> Units:
    """Units on a random graph (not always connected), bodies that cross them, and bounds around P/k."""
    rng = np.random.default_rng(seed)
    population = rng.integers(1, 60, n).astype(float)
    places = rng.random((n, 2))
    near = np.zeros((n, n), dtype=bool)
    land = np.zeros((n, n))
    for i, j in itertools.combinations(range(n), 2):
        if np.hypot(*(places[i] - places[j])) < edges:
            near[i, j] = near[j, i] = True
            land[i, j] = land[j, i] = rng.choice([0.0, rng.random() * 10])
        elif rng.random() < 0.05:  # a border too short to make neighbours
            land[i, j] = land[j, i] = rng.random()
    total = population.sum()
    themes = int(rng.integers(0, 3))
    scores = rng.normal(size=(n, themes))
    weighted = population[:, None] * scores
    squared = weighted * scores + rng.random((n, themes))
    theme_total = squared.sum(axis=0) - weighted.sum(axis=0) ** 2 / total
    if themes and rng.random() < 0.2:
        theme_total[0] = 0.0
    layers = []
    for rule in range(int(rng.integers(0, 5))):
        bodies = int(rng.integers(1, 5))
        share = np.zeros((n, bodies))
        home = rng.integers(0, bodies, n)
        share[np.arange(n), home] = 1.0
        for i in range(n):
            kind = rng.random()
            if kind < 0.25:  # split
                share[i] = rng.dirichlet(np.ones(bodies))
            elif kind < 0.35:  # in two bodies at once
                share[i, rng.integers(0, bodies)] = 1.0
            elif kind < 0.45:
                share[i] = 0.0
        people = sparse.csr_array(share * population[:, None])
        people.eliminate_zeros()
        people.sort_indices()
        outside = rng.choice([0.0, 20.0], bodies)  # residents outside these units
        size = people.sum(axis=0) + outside
        layers.append(
            UnitLayer(
                rule % 3,
                people.indptr.astype(np.int64),
                people.indices.astype(np.int64),
                people.data,
                size,
                float(size.sum()),
            )
        )
    near_csr, land_csr = sparse.csr_array(near), sparse.csr_array(land)
    indices, indptr = near_csr.indices.astype(np.int64), near_csr.indptr.astype(np.int64)
    rows = np.repeat(np.arange(n), np.diff(indptr))
    outside_m = rng.choice([0.0, 5.0], n)
    return Units(
        n=n,
        population=population,
        indptr=indptr,
        indices=indices,
        border_m=land[rows, indices],
        outline_m=land.sum(axis=1) + outside_m,
        land_indptr=land_csr.indptr.astype(np.int64),
        land_indices=land_csr.indices.astype(np.int64),
        land_m=land_csr.data,
        total_border_m=float(land.sum() / 2 + outside_m.sum() + rng.random()),
        theme_weighted=weighted,
        theme_squared=squared,
        theme_total=theme_total,
        layers=tuple(layers),
        balance_target=total / areas,
        total_population=total + 30.0,
        lower=bounds[0] * total / areas,
        upper=bounds[1] * total / areas,
        councils=rng.integers(1, 3, n),
        rules=_random_rules(rng, n) if rules else no_rules(n),
    )


def with_asides(units: Units, seed: int) -> Units:
    """The same units with what not every scenario asks for: trips, a reference, spreads, bounds of sums."""
    rng = np.random.default_rng(seed + 999)
    n = units.n
    pairs = np.triu(rng.integers(0, 50, (n, n)) * (rng.random((n, n)) < 0.7), 1)
    pairs = (pairs + pairs.T).astype(float)
    sparse_pairs = sparse.csr_array(pairs)
    trips = Trips(
        sparse_pairs.indptr.astype(np.int64),
        sparse_pairs.indices.astype(np.int64),
        sparse_pairs.data,
        pairs.sum(axis=1) + rng.choice([0.0, 10.0], n),
        float(pairs.sum() / 2 + rng.integers(1, 300)),
    )
    share = np.zeros((n, 3))
    share[np.arange(n), rng.integers(0, 3, n)] = 1.0
    for i in range(n):
        kind = rng.random()
        if kind < 0.3:
            share[i] = rng.dirichlet(np.ones(3))
        elif kind < 0.4:
            share[i] = 0.0
        elif kind < 0.5:
            share[i] = 1.0
    people = sparse.csr_array(share * units.population[:, None])
    people.eliminate_zeros()
    people.sort_indices()
    reference = UnitLayer(
        3,
        people.indptr.astype(np.int64),
        people.indices.astype(np.int64),
        people.data,
        np.asarray(people.sum(axis=0)).ravel(),
        units.total_population,
    )
    spreads = []
    for _ in range(int(rng.integers(0, 3))):
        weight = rng.integers(0, 40, n).astype(float)
        excess = rng.normal(size=n) * np.sqrt(weight)
        spreads.append(Spread(excess, weight, float(rng.random() * 50 + 1) if rng.random() < 0.8 else 0.0))
    forms, least = np.zeros((0, n), dtype=np.int64), np.zeros(0, dtype=np.int64)
    if rng.random() < 0.5:
        many = int(rng.integers(1, 3))
        forms, least = rng.integers(-20, 20, (many, n)), rng.integers(-40, 0, many)
        kind = rng.random()
        if kind < 0.3:
            forms[0] = -abs(forms[0])
        elif kind < 0.6:
            forms[0], least[0] = abs(forms[0]), rng.integers(0, 30)
    return replace(
        units,
        trips=trips if rng.random() < 0.7 else None,
        reference=reference if rng.random() < 0.7 else None,
        spreads=tuple(spreads),
        rules=replace(units.rules, forms=forms, form_least=least),
    )


def plain_asides(units: Units, members: list[int]) -> list[float]:
    """Change, flows and spreads of a union, recomputed from the units' raw figures."""
    found = []
    if units.reference is not None:
        layer = units.reference
        shape = (units.n, len(layer.body_population))
        held = sparse.csr_array((layer.people, layer.indices, layer.indptr), shape=shape).toarray()
        people = units.population[members].sum()
        found.append((people - held[members].sum(axis=0).max()) / units.total_population)
    if units.trips is not None:
        table = units.trips
        pairs = sparse.csr_array((table.trips, table.indices, table.indptr), shape=(units.n,) * 2).toarray()
        crossing = table.outline[members].sum() - pairs[np.ix_(members, members)].sum()
        found.append(crossing / 2 / table.total)
    for spread in units.spreads:
        weight = spread.weight[members].sum()
        scored = weight > 0 and spread.total > 0
        found.append(spread.excess[members].sum() ** 2 / weight / spread.total if scored else 0.0)
    return found


def _random_rules(rng: np.random.Generator, n: int) -> Rules:
    conflicts = np.zeros((n, n), dtype=bool)
    for _ in range(int(rng.integers(0, 3))):
        i, j = rng.choice(n, 2, replace=False)
        conflicts[i, j] = conflicts[j, i] = True
    together = np.zeros((int(rng.integers(0, 2)), n), dtype=bool)
    for row in together:
        row[rng.choice(n, 2, replace=False)] = True
    limits = int(rng.integers(0, 2))
    bodies = rng.random((3 * limits, n)) < 0.4
    caps = int(rng.integers(0, 3))
    return Rules(
        conflicts=to_masks(conflicts),
        max_councils=int(rng.choice([0, 0, 4, 6])),
        together=to_masks(together),
        body_units=to_masks(bodies),
        body_indptr=np.arange(limits + 1) * 3,
        body_limit=rng.integers(1, 3, limits),
        cap_units=to_masks(rng.random((caps, n)) < 0.6),
        cap_limit=rng.integers(1, 3, caps),
    )


def all_unions(units: Units) -> list[tuple[int, ...]]:
    """Every permitted union, by trying every subset; sorted."""
    near = [set(units.indices[units.indptr[i] : units.indptr[i + 1]].tolist()) for i in range(units.n)]
    found: list[tuple[int, ...]] = []
    for size in range(1, units.n + 1):
        found += [
            members
            for members in itertools.combinations(range(units.n), size)
            if permitted(units, set(members)) and _connected(near, set(members))
        ]
    return sorted(found)


def permitted(units: Units, members: set[int]) -> bool:
    """Whether the bounds and the rules let these units be an area, connected or not."""
    chosen = sorted(members)
    if not units.lower <= units.population[chosen].sum() <= units.upper:
        return False
    rules = units.rules
    if rules.max_councils and units.councils[chosen].sum() > rules.max_councils:
        return False
    if len(rules.conflicts) and any(_bits(rules.conflicts[i]) & members for i in chosen):
        return False
    if any(_bits(row) & members not in (set(), _bits(row)) for row in rules.together):
        return False
    for number, limit in enumerate(rules.body_limit):
        rows = rules.body_units[rules.body_indptr[number] : rules.body_indptr[number + 1]]
        if sum(bool(_bits(row) & members) for row in rows) > limit:
            return False
    sums = (sum(int(row[unit]) for unit in chosen) for row in rules.forms)
    return all(total >= least for total, least in zip(sums, rules.form_least, strict=True))


def as_members(masks: np.ndarray) -> list[tuple[int, ...]]:
    """The unit numbers of each mask."""
    return [tuple(sorted(_bits(mask))) for mask in masks]


def _bits(mask: np.ndarray) -> set[int]:
    return {64 * w + j for w, word in enumerate(mask) for j in range(64) if int(word) >> j & 1}


def _connected(near: list[set[int]], members: set[int]) -> bool:
    reached = {min(members)}
    waiting = list(reached)
    while waiting:
        for other in near[waiting.pop()] & members - reached:
            reached.add(other)
            waiting.append(other)
    return reached == members
