"""Annealed recombination: changes a partition step by step, and remembers the good areas that it meets.

Two moves: a unit on a border changes sides, or two neighbouring areas are merged and cut apart again along a
random spanning tree. A partition may break bounds and rules on the way, at a price that rises while the
temperature falls. Areas are scored afresh from their units, so nothing drifts.
"""

from typing import NamedTuple

import numpy as np

from geo_devolve.optimise.bound import Charges
from geo_devolve.optimise.compiled import Flat, Floats, Ints, Words, clashes, compiled, inlined


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
    """

    steps: int
    hot: float
    cold: float
    lax: float
    strict: float
    recombine: float
    seed: int


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
        cost[area], broken[area] = _score(flat, charges, row[area], size[area], inside, held, seen, mask)
        for cap in range(len(cap_limit)):
            touch[cap, area] = _touches(charges.cap_units, cap, mask)
            touched[cap] += touch[cap, area]
    total, wrong = cost.sum(), broken.sum() + _excess(touched, cap_limit)
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
        if step & 1023 == 0 and stop[0] != 0:
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
            many, rest = _recombine(
                flat, area_of, a, b, unit, size, edges, one, other, parent, order, below, label
            )
            if many == 0:
                continue
        else:
            if size[a] == 1 or not _holds_together(flat, area_of, unit, order, label):
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
        cost_a, broken_a = _score(flat, charges, one, many, inside, held, seen, mask)
        for cap in range(len(cap_limit)):
            touch_a[cap] = _touches(charges.cap_units, cap, mask)
        cost_b, broken_b = _score(flat, charges, other, rest, inside, held, seen, mask)
        for cap in range(len(cap_limit)):
            touch_b[cap] = _touches(charges.cap_units, cap, mask)
            touched[cap] += touch_a[cap] + touch_b[cap] - touch[cap, a] - touch[cap, b]
        change = cost_a + cost_b - cost[a] - cost[b]
        worse = broken_a + broken_b - broken[a] - broken[b]
        if len(cap_limit) > 0:
            worse = broken.sum() + worse + _excess(touched, cap_limit) - wrong
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
        total, wrong = cost.sum(), broken.sum() + _excess(touched, cap_limit)
        if wrong < best_wrong - 1e-12 or (wrong <= best_wrong + 1e-12 and total < best - 1e-12):
            best, best_wrong = total, wrong
            best_of[:] = area_of
        if 2 * step >= plan.steps and pooled < len(pool) - 1:
            if broken_a == 0.0:
                pooled = _pool(one, many, mask, pool, pool_key, pooled)
            if broken_b == 0.0:
                pooled = _pool(other, rest, mask, pool, pool_key, pooled)
    return pooled, best, best_wrong


@inlined
def _score(  # noqa: PLR0917
    flat: Flat,
    charges: Charges,
    units: Ints,
    many: int,
    inside: Ints,
    held: Floats,
    seen: Ints,
    mask: Words,
) -> tuple[float, float]:
    """Score an area: its cost, and how far it breaks bounds and rules, 0 if it does not. Sets the mask."""
    mask[:] = 0
    people = 0.0
    councils = bodies = 0
    length = clash = 0.0
    for i in range(many):
        inside[units[i]] = 1
    for i in range(many):
        unit = units[i]
        mask[unit >> 6] |= np.uint64(1) << np.uint64(unit & 63)
        people += flat.population[unit]
        councils += flat.councils[unit]
        length += flat.outline_m[unit]
        for k in range(flat.land_ptr[unit], flat.land_ptr[unit + 1]):
            if inside[flat.land[k]] == 1:
                length -= flat.land_m[k]
        for k in range(flat.body_ptr[unit], flat.body_ptr[unit + 1]):
            body = flat.body[k]
            if held[body] == 0.0:
                seen[bodies] = body
                bodies += 1
            held[body] += flat.people[k]
    cost = charges.border * length + charges.balance * abs(people - flat.balance_target)
    for theme in range(flat.themes):
        weighted = squared = 0.0
        for i in range(many):
            weighted += flat.theme_weighted[units[i], theme]
            squared += flat.theme_squared[units[i], theme]
        mean = weighted / people if people > 0 else 0.0
        cost += charges.theme[theme] * max(squared - weighted * mean, 0.0)
    for i in range(bodies):
        body = seen[i]
        both, all_people = held[body], flat.body_people[body]
        held[body] = 0.0
        if both > 0.0:
            if flat.body_rule[body] == 0:
                share = both / all_people
            elif flat.body_rule[body] == 1:
                share = both / min(all_people, people)
            else:
                share = both / (all_people + people - both)
            cost += charges.body[body] * both * max(1.0 - share, 0.0)
    for i in range(many):
        inside[units[i]] = 0
        if len(flat.conflicts) > 0 and clashes(flat, units[i], mask):
            clash += 1.0
    norm = max(flat.balance_target, 1e-9)
    wrong = max(people - flat.upper, flat.lower - people, 0.0) / norm + clash
    if flat.max_councils > 0:
        wrong += max(councils - flat.max_councils, 0) / flat.max_councils
    return cost, wrong + _faults(flat, mask)


@inlined
def _faults(flat: Flat, mask: Words) -> float:
    """How many sets an area splits, and how many bodies too many it touches."""
    faults = 0.0
    for row in range(len(flat.together)):
        some = False
        every = True
        for word in range(len(mask)):
            shared = flat.together[row, word] & mask[word]
            some = some or shared != 0
            every = every and shared == flat.together[row, word]
        if some and not every:
            faults += 1.0
    for limit in range(len(flat.body_limit)):
        held = 0
        for row in range(flat.body_indptr[limit], flat.body_indptr[limit + 1]):
            held += _touches(flat.body_units, row, mask)
        faults += max(held - flat.body_limit[limit], 0)
    return faults


@inlined
def _excess(touched: Ints, limit: Ints) -> float:
    """How many areas too many touch the capped sets."""
    excess = 0.0
    for cap in range(len(limit)):
        excess += max(touched[cap] - limit[cap], 0)
    return excess


@inlined
def _touches(masks: Words, cap: int, mask: Words) -> int:
    for word in range(len(mask)):
        if masks[cap, word] & mask[word]:
            return 1
    return 0


@inlined
def _holds_together(flat: Flat, area_of: Ints, unit: int, queue: Ints, label: Ints) -> bool:
    """Whether a unit's area stays connected without it."""
    area = area_of[unit]
    wanted = 0
    first = -1
    for k in range(flat.near_ptr[unit], flat.near_ptr[unit + 1]):
        if area_of[flat.near[k]] == area:
            wanted += 1
            first = flat.near[k]
            label[first] = 1
    if wanted <= 1:
        if first >= 0:
            label[first] = 0
        return wanted == 1
    queue[0] = first
    label[first] = 2
    label[unit] = 2
    head, tail, met = 0, 1, 1
    while head < tail and met < wanted:
        here = queue[head]
        head += 1
        for k in range(flat.near_ptr[here], flat.near_ptr[here + 1]):
            there = flat.near[k]
            if area_of[there] == area and label[there] != 2:
                met += label[there]
                label[there] = 2
                queue[tail] = there
                tail += 1
    for i in range(tail):
        label[queue[i]] = 0
    label[unit] = 0
    for k in range(flat.near_ptr[unit], flat.near_ptr[unit + 1]):
        label[flat.near[k]] = 0
    return met == wanted


@inlined
def _recombine(  # noqa: PLR0917
    flat: Flat,
    area_of: Ints,
    a: int,
    b: int,
    unit: int,
    size: Ints,
    edges: Ints,
    one: Ints,
    other: Ints,
    parent: Ints,
    order: Ints,
    below: Floats,
    label: Ints,
) -> tuple[int, int]:
    """Merge two areas, grow a random spanning tree, cut it where both sides have the best populations."""
    # a random tree: take a random edge out of the tree so far, again and again
    edges_from, edges_to = edges[0], edges[1]
    many = 0
    waiting = 0
    total = 0.0
    wanted = size[a] + size[b]
    here = unit
    parent[here] = -1
    while True:
        label[here] = 1
        order[many] = here
        many += 1
        below[here] = flat.population[here]
        total += flat.population[here]
        if many == wanted:
            break
        for k in range(flat.near_ptr[here], flat.near_ptr[here + 1]):
            there = flat.near[k]
            if label[there] == 0 and (area_of[there] == a or area_of[there] == b):
                edges_from[waiting], edges_to[waiting] = here, there
                waiting += 1
        found = False
        while waiting > 0:
            pick = np.random.randint(waiting)  # noqa: NPY002
            come, go = edges_from[pick], edges_to[pick]
            waiting -= 1
            edges_from[pick], edges_to[pick] = edges_from[waiting], edges_to[waiting]
            if label[go] == 0:
                parent[go] = come
                here = go
                found = True
                break
        if not found:
            break
    for i in range(many):
        label[order[i]] = 0
    if many < wanted:
        return 0, 0
    for i in range(many - 1, 0, -1):
        below[parent[order[i]]] += below[order[i]]
    cut = -1
    least = np.inf
    ties = 0.0
    for i in range(1, many):
        low = below[order[i]]
        wrong = max(low - flat.upper, flat.lower - low, 0.0)
        low = total - low
        wrong += max(low - flat.upper, flat.lower - low, 0.0)
        if wrong < least:
            least, cut, ties = wrong, order[i], 1.0
        elif wrong == least:
            ties += 1.0
            if np.random.random() * ties < 1.0:  # noqa: NPY002
                cut = order[i]
    if cut < 0:
        return 0, 0
    first = rest = 0
    for i in range(many):
        here = order[i]
        if here == cut or (i > 0 and label[parent[here]] == 1):
            label[here] = 1
            one[first] = here
            first += 1
        else:
            other[rest] = here
            rest += 1
    for i in range(many):
        label[order[i]] = 0
    return first, rest


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
