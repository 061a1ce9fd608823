"""Annealed recombination: changes a partition step by step, and remembers the good areas that it meets.

Two moves: a unit on a border changes sides, or two neighbouring areas are merged and cut apart again along a
random spanning tree. A partition may break bounds and rules on the way, at a price that rises while the
temperature falls. Areas are scored afresh from their units, so nothing drifts.
"""

from typing import NamedTuple

import numpy as np

from geo_devolve.optimise.annealing.faults import excess, meets, score
from geo_devolve.optimise.annealing.moves import holds_together, recombine
from geo_devolve.optimise.compiled.flat import Flat, Ints, Words, compiled, inlined
from geo_devolve.optimise.walk.state import Charges


class Schedule(NamedTuple):
    """How long, how hot, and how strictly to anneal.

    Attributes
    ----------
    steps
        Moves to try.
    hot, cold
        Temperature at the start and at the end, in the objective's units.
    lax, strict
        Price of breaking a bound by the whole of the mean population of an area, at the start and at the end.
    recombine
        Share of moves that recombine two areas.
    seed
        Of the moves.
    until_permitted
        Whether to stop at the first partition that breaks nothing.
    """

    steps: int
    hot: float
    cold: float
    lax: float
    strict: float
    recombine: float
    seed: int
    until_permitted: bool = False


@compiled
def anneal(  # noqa: PLR0917
    flat: Flat,
    charges: Charges,
    cap_limit: Ints,
    area_of: Ints,
    areas: int,
    plan: Schedule,
    pool: Words,
    pool_key: Words,
    best_of: Ints,
    stop: Ints,
) -> tuple[int, float, float]:
    """Anneal a partition.

    Parameters
    ----------
    flat, charges, cap_limit
        The units, weights (prices are left out), most areas that may touch each set of `charges.cap_units`.
    area_of
        The area of each unit; changed in place. Every area is connected and holds a unit.
    areas
        The number of areas.
    plan
        The schedule.
    pool, pool_key
        Written: masks of permitted areas met in the colder half; keys of a hash table, a power of two long
        and longer than the pool.
    best_of
        Written: the best partition met, permitted ones first.
    stop
        Anything but 0 in it ends the annealing.

    Returns
    -------
    tuple
        How many masks were pooled, and the best partition's objective and how far it breaks bounds and rules.
    """
    np.random.seed(plan.seed)  # noqa: NPY002
    n = flat.n
    row = np.empty((areas, n), dtype=np.int64)
    size = np.zeros(areas, dtype=np.int64)
    slot = np.empty(n, dtype=np.int64)
    for unit in range(n):
        area = area_of[unit]
        row[area, size[area]] = unit
        slot[unit] = size[area]
        size[area] += 1
    inside = np.zeros(n, dtype=np.int64)
    held = np.zeros(len(flat.body_people))
    seen = np.empty(len(flat.body_people), dtype=np.int64)
    mask = np.zeros(flat.words, dtype=np.uint64)
    touch = np.zeros((len(cap_limit), areas), dtype=np.int64)
    touched = np.zeros(len(cap_limit), dtype=np.int64)
    cost = np.empty(areas)
    broken = np.empty(areas)
    for area in range(areas):
        cost[area], broken[area] = score(flat, charges, row[area], size[area], inside, held, seen, mask)
        for cap in range(len(cap_limit)):
            touch[cap, area] = meets(charges.cap_units, cap, mask)
            touched[cap] += touch[cap, area]
    total, wrong = cost.sum(), broken.sum() + excess(touched, cap_limit)
    best, best_wrong = total, wrong
    best_of[:] = area_of
    pooled = 0
    one, other = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    edges = np.empty((2, len(flat.near) + 1), dtype=np.int64)
    parent, order = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    below = np.empty(n)
    label = np.zeros(n, dtype=np.int64)
    touch_a, touch_b = np.zeros(len(cap_limit), dtype=np.int64), np.zeros(len(cap_limit), dtype=np.int64)
    for step in range(plan.steps):
        if step & 63 == 0 and stop[0] != 0:
            break
        share = step / plan.steps
        warmth = plan.hot * (plan.cold / plan.hot) ** share
        strict = plan.lax * (plan.strict / plan.lax) ** share
        unit = np.random.randint(n)  # noqa: NPY002
        degree = flat.near_ptr[unit + 1] - flat.near_ptr[unit]
        if degree == 0:
            continue
        mate = flat.near[flat.near_ptr[unit] + np.random.randint(degree)]  # noqa: NPY002
        a, b = area_of[unit], area_of[mate]
        if a == b:
            continue
        if np.random.random() < plan.recombine:  # noqa: NPY002
            many, rest = recombine(
                flat, area_of, a, b, unit, size, edges, one, other, parent, order, below, label
            )
            if many == 0:
                continue
        else:
            if size[a] == 1 or not holds_together(flat, area_of, unit, order, label):
                continue
            many = rest = 0
            for i in range(size[a]):
                if row[a, i] != unit:
                    one[many] = row[a, i]
                    many += 1
            for i in range(size[b]):
                other[rest] = row[b, i]
                rest += 1
            other[rest] = unit
            rest += 1
        cost_a, broken_a = score(flat, charges, one, many, inside, held, seen, mask)
        for cap in range(len(cap_limit)):
            touch_a[cap] = meets(charges.cap_units, cap, mask)
        cost_b, broken_b = score(flat, charges, other, rest, inside, held, seen, mask)
        for cap in range(len(cap_limit)):
            touch_b[cap] = meets(charges.cap_units, cap, mask)
            touched[cap] += touch_a[cap] + touch_b[cap] - touch[cap, a] - touch[cap, b]
        change = cost_a + cost_b - cost[a] - cost[b]
        worse = broken_a + broken_b - broken[a] - broken[b]
        if len(cap_limit) > 0:
            worse = broken.sum() + worse + excess(touched, cap_limit) - wrong
        rise = change + strict * worse
        if rise > 0 and np.random.random() >= np.exp(-rise / warmth):  # noqa: NPY002
            for cap in range(len(cap_limit)):
                touched[cap] -= touch_a[cap] + touch_b[cap] - touch[cap, a] - touch[cap, b]
            continue
        for i in range(many):
            row[a, i] = one[i]
            slot[one[i]] = i
            area_of[one[i]] = a
        for i in range(rest):
            row[b, i] = other[i]
            slot[other[i]] = i
            area_of[other[i]] = b
        size[a], size[b] = many, rest
        cost[a], cost[b], broken[a], broken[b] = cost_a, cost_b, broken_a, broken_b
        for cap in range(len(cap_limit)):
            touch[cap, a], touch[cap, b] = touch_a[cap], touch_b[cap]
        total, wrong = cost.sum(), broken.sum() + excess(touched, cap_limit)
        if wrong < best_wrong - 1e-12 or (wrong <= best_wrong + 1e-12 and total < best - 1e-12):
            best, best_wrong = total, wrong
            best_of[:] = area_of
            if plan.until_permitted and wrong == 0.0:
                break
        if 2 * step >= plan.steps and pooled < len(pool) - 1:
            if broken_a == 0.0:
                pooled = _pool(one, many, mask, pool, pool_key, pooled)
            if broken_b == 0.0:
                pooled = _pool(other, rest, mask, pool, pool_key, pooled)
    return pooled, best, best_wrong


@inlined
def _pool(units: Ints, many: int, mask: Words, pool: Words, keys: Words, pooled: int) -> int:  # noqa: PLR0917
    """Remember an area, once."""
    mask[:] = 0
    for i in range(many):
        mask[units[i] >> 6] |= np.uint64(1) << np.uint64(units[i] & 63)
    key = np.uint64(1469598103934665603)
    for word in range(len(mask)):
        key = (key ^ mask[word]) * np.uint64(1099511628211)
        key ^= key >> np.uint64(29)
    key |= np.uint64(1)
    last = np.uint64(len(keys) - 1)
    at = (key >> np.uint64(7)) & last
    while keys[at] != 0:
        if keys[at] == key:
            return pooled
        at = (at + np.uint64(1)) & last
    keys[at] = key
    for word in range(len(mask)):
        pool[pooled, word] = mask[word]
    return pooled + 1
