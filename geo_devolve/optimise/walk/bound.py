"""The least reduced cost that a growing union of units can still come to: the bound of the pruned search.

S is what a search has taken, X what it has excluded; T stands for every candidate that contains S and avoids
X. The reduced cost of T is its weighted cost less the prices of its units. It is at least a constant plus a
sum over the units that T adds to S (each unit's *value*), because

- reach: T only adds units that free units join to S within the people still allowed; all others are as good
  as excluded;
- need: the spread of T is at least that of S, plus each added unit's own, plus P_u |z_u - m_S|² P_S / P_T
  (Cauchy and Schwarz), and P_T is at most the bound and at most all within reach;
- compactness: S keeps its border with what T does not add, and an added unit its border with what is
  excluded;
- layers: a body costs a function of its residents y in T that is concave on either side of one kink, given
  that the other people of T are at least those of S, and at least P_min - y; so the line from what S holds
  to the lower of kink and most is below it, and a line is a sum over the units added;
- flows: as compactness, trips in the place of metres;
- change: P_T - max_u y(T,u), the least of sums over units; what v adds to it counts in the way between its
  own change and its change against S's main body that the next body of S, and the people allowed, permit;
- spread: e²/D of sums e and D is convex, so that 2 q e - q² D, a sum over units, is below it for any q;
- balance, and prices of touching a set of units: what S costs already.

A fractional knapsack over the people who are still allowed, and still needed, then bounds all T at once. Its
multiplier is a price of people: with it, the bound less the gain of a unit, or plus the loss on the cheapest
way to a unit, bounds the T without, or with, that unit.
"""

import numpy as np

from geo_devolve.optimise.compiled.flat import CHANGE, Flat, Floats, inlined
from geo_devolve.optimise.walk.state import (
    BORDER,
    COUNCILS,
    EXCESS,
    HELD,
    IS_SEEN,
    LOAD,
    MORE,
    PAID,
    PEOPLE,
    PLACE,
    QUEUE,
    QUEUED,
    RATIO,
    REACH,
    SEEN,
    SLOPE,
    SQUARED,
    STATUS,
    TAKEN,
    VALUE,
    WAY,
    WEIGHT,
    WEIGHTED,
    WITHIN,
    Charges,
    Desk,
)


@inlined
def least(rule: int, both: float, size: float, outside: float, lower: float) -> float:
    """Bound what a body's residents in T cost: `both` of them, with at least `outside` others in T."""
    if both <= 0.0:
        return 0.0
    other = max(outside, lower - both)
    if rule == 0:
        share = both / size
    elif rule == 1:
        share = both / min(size, both + other)
    else:
        share = both / (size + other)
    return both * max(1.0 - share, 0.0)


@inlined
def find_reach(flat: Flat, desk: Desk, depth: int) -> tuple[int, int]:
    """Find the free units that T may add, S's own neighbours first; returns how many of those, and of all."""
    near_ptr = flat.near_ptr
    near = flat.near
    unit_population = flat.population
    unit_councils = flat.councils
    so_far = desk.floats[PEOPLE]
    councils_so_far = desk.ints[COUNCILS]
    taken = desk.ints[TAKEN]
    status = desk.ints[STATUS]
    within = desk.ints[WITHIN]
    way = desk.floats[WAY]
    reach = desk.ints[REACH]
    queue = desk.ints[QUEUE]
    queued = desk.ints[QUEUED]
    room = flat.upper - so_far[depth]
    places = flat.max_councils - councils_so_far[depth] if flat.max_councils > 0 else flat.n * 1_000_000
    many = 0
    for i in range(depth):
        unit = taken[i]
        for k in range(near_ptr[unit], near_ptr[unit + 1]):
            other = near[k]
            if (
                status[other] == 0
                and within[other] == 0
                and unit_population[other] <= room
                and unit_councils[other] <= places
            ):
                within[other] = 1
                way[other] = unit_population[other]
                reach[many] = other
                many += 1
    frontier = many
    size = len(queue)
    head = tail = 0
    for i in range(frontier):
        queue[tail] = reach[i]
        queued[reach[i]] = 1
        tail += 1
    while head != tail:
        unit = queue[head]
        head = head + 1 if head + 1 < size else 0
        queued[unit] = 0
        for k in range(near_ptr[unit], near_ptr[unit + 1]):
            other = near[k]
            if status[other] != 0:
                continue
            step = way[unit] + unit_population[other]
            if step > room or unit_councils[other] > places:
                continue
            if within[other] == 0:
                within[other] = 1
                reach[many] = other
                many += 1
            elif step >= way[other]:
                continue
            way[other] = step
            if queued[other] == 0:
                queued[other] = 1
                queue[tail] = other
                tail = tail + 1 if tail + 1 < size else 0
    return frontier, many


@inlined
def weigh(flat: Flat, charges: Charges, desk: Desk, depth: int, many: int) -> tuple[float, float]:
    """Find S's own reduced cost and the constant of the bound, and give each unit in reach its value."""
    body_ptr = flat.body_ptr
    body_of = flat.body
    unit_population = flat.population
    residents = flat.people
    body_rule = flat.body_rule
    body_people = flat.body_people
    excess, weight = desk.by_spread[EXCESS], desk.by_spread[WEIGHT]
    outline_m = flat.outline_m
    land_ptr = flat.land_ptr
    land = flat.land
    land_m = flat.land_m
    so_far = desk.floats[PEOPLE]
    taken = desk.ints[TAKEN]
    is_seen = desk.bodies[IS_SEEN]
    seen_bodies = desk.bodies[SEEN]
    more = desk.by_body[MORE]
    reach = desk.ints[REACH]
    border = desk.floats[BORDER]
    paid = desk.floats[PAID]
    weighted = desk.by_theme[WEIGHTED]
    squared = desk.by_theme[SQUARED]
    mask = desk.mask
    held = desk.by_body[HELD]
    slope = desk.by_body[SLOPE]
    status = desk.ints[STATUS]
    within = desk.ints[WITHIN]
    value = desk.floats[VALUE]
    total = so_far[depth]
    room = flat.upper - total
    seen = 0
    for i in range(depth):
        unit = taken[i]
        for k in range(body_ptr[unit], body_ptr[unit + 1]):
            body = body_of[k]
            if is_seen[body] == 0:
                is_seen[body] = 1
                seen_bodies[seen] = body
                more[body] = 0.0
                seen += 1
    of_s = seen
    around = 0.0
    for i in range(many):
        unit = reach[i]
        around += unit_population[unit]
        for k in range(body_ptr[unit], body_ptr[unit + 1]):
            body = body_of[k]
            if is_seen[body] == 0:
                is_seen[body] = 1
                seen_bodies[seen] = body
                more[body] = 0.0
                seen += 1
            more[body] += residents[k]
    own = charges.border * border[depth] - paid[depth] - charges.area
    for theme in range(flat.themes):
        mean = weighted[depth, theme] / total if total > 0 else 0.0
        own += charges.theme[theme] * max(squared[depth, theme] - weighted[depth, theme] * mean, 0.0)
    for row in range(len(charges.cap)):
        for word in range(flat.words):
            if charges.cap_units[row, word] & mask[word]:
                own += charges.cap[row]
                break
    thin = total / min(flat.upper, total + around) if total > 0 else 0.0
    main, most, next_most = -1, 0.0, 0.0
    if flat.change >= 0:
        for i in range(of_s):
            body = seen_bodies[i]
            if body_rule[body] == CHANGE:
                if held[body] > most:
                    main, most, next_most = body, held[body], most
                else:
                    next_most = max(next_most, held[body])
        own += charges.change * (total - most)
    base = own
    for row in range(len(charges.spread)):
        if weight[depth, row] > 0.0:
            own += charges.spread[row] * excess[depth, row] ** 2 / weight[depth, row]
            tilt = thin * excess[depth, row] / weight[depth, row]
            base += charges.spread[row] * tilt * (2.0 * excess[depth, row] - tilt * weight[depth, row])
    own += charges.balance * abs(total - flat.balance_target)
    base += charges.balance * max(total - flat.balance_target, flat.balance_target - flat.upper, 0.0)
    for i in range(seen):
        body = seen_bodies[i]
        is_seen[body] = 0
        rule = body_rule[body]
        if rule == CHANGE:
            slope[body] = 0.0
            continue
        both, size = held[body], body_people[body]
        outside = total - both
        low = 0.0
        if i < of_s:
            low = least(rule, both, size, outside, flat.lower)
            base += charges.body[body] * low
            own += charges.body[body] * least(rule, both, size, outside, 0.0)
        gain = min(more[body], room)
        if gain > 0.0:
            steep = (least(rule, both + gain, size, outside, flat.lower) - low) / gain
            kink = flat.lower - outside
            if rule != 0 and both < kink < both + gain:
                steep = min(steep, (least(rule, kink, size, outside, flat.lower) - low) / (kink - both))
            slope[body] = charges.body[body] * steep
        else:
            slope[body] = 0.0
    for i in range(many):
        unit = reach[i]
        length = outline_m[unit]
        for k in range(land_ptr[unit], land_ptr[unit + 1]):
            other = land[k]
            if status[other] == 1:
                length -= 2.0 * land_m[k]
            elif within[other] == 1:
                length -= land_m[k]
        worth = charges.border * length + charges.own[unit]
        for k in range(body_ptr[unit], body_ptr[unit + 1]):
            worth += slope[body_of[k]] * residents[k]
        value[i] = worth
    if flat.change >= 0:
        leeway = min(room, around)
        part = min(1.0, (most - next_most) / leeway) if leeway > 0.0 else 0.0
        for i in range(many):
            unit = reach[i]
            against = unit_population[unit]
            for k in range(body_ptr[unit], body_ptr[unit + 1]):
                if body_of[k] == main:
                    against -= residents[k]
            own_change = flat.change_own[unit]
            value[i] += charges.change * (own_change + part * max(against - own_change, 0.0))
    for row in range(len(charges.spread)):
        if weight[depth, row] > 0.0:
            tilt = thin * excess[depth, row] / weight[depth, row]
            charge = charges.spread[row] * tilt
            for i in range(many):
                unit = reach[i]
                value[i] += charge * (
                    2.0 * flat.spread_excess[unit, row] - tilt * flat.spread_weight[unit, row]
                )
    if thin > 0.0:
        theme_mean = flat.theme_mean
        for theme in range(flat.themes):
            middle, charge = weighted[depth, theme] / total, charges.theme[theme] * thin
            for i in range(many):
                apart = theme_mean[reach[i], theme] - middle
                value[i] += charge * unit_population[reach[i]] * apart * apart
    return own, base


@inlined
def pack_in(flat: Flat, desk: Desk, depth: int, many: int, base: float) -> float:
    """Bound all T by a fractional knapsack over people, and turn values into values at its multiplier."""
    unit_population = flat.population
    so_far = desk.floats[PEOPLE]
    value = desk.floats[VALUE]
    reach = desk.ints[REACH]
    ratio = desk.floats[RATIO]
    loads = desk.floats[LOAD]
    room = flat.upper - so_far[depth]
    short = flat.lower - so_far[depth]
    load = 0.0
    bound = base
    for i in range(many):
        if value[i] < 0.0:
            load += unit_population[reach[i]]
            bound += value[i]
    if short <= load <= room:
        return bound
    goal = room if load > room else short
    for i in range(many):
        people = unit_population[reach[i]]
        loads[i] = people
        if people > 0:
            ratio[i] = value[i] / people
        else:
            ratio[i] = -np.inf if value[i] < 0.0 else np.inf
    last, enough = _ratio_at(ratio, loads, many, goal)
    if not enough:
        return np.inf  # not even all within reach are enough people
    if not np.isfinite(last):
        return bound
    # at most so many people may have a price, at least so many a reward: any other would not hold
    multiplier = max(-last, 0.0) if load > room else min(-last, 0.0)
    bound = base - multiplier * goal
    for i in range(many):
        value[i] += multiplier * unit_population[reach[i]]
        if value[i] < 0.0:
            bound += value[i]
    return bound


@inlined
def _ratio_at(ratio: Floats, loads: Floats, many: int, goal: float) -> tuple[float, bool]:
    """Return the ratio at which loads, added up by rising ratio, come to the goal; and whether they do."""
    left, right = 0, many
    below = 0.0
    pivot = -np.inf
    while left < right:
        one, two, three = ratio[left], ratio[(left + right) >> 1], ratio[right - 1]
        pivot = max(min(one, two), min(max(one, two), three))
        low, at, high = left, left, right
        less = same = 0.0
        while at < high:
            here, load = ratio[at], loads[at]
            if here < pivot:
                ratio[at], loads[at] = ratio[low], loads[low]
                ratio[low], loads[low] = here, load
                less += load
                low += 1
                at += 1
            elif here > pivot:
                high -= 1
                ratio[at], loads[at] = ratio[high], loads[high]
                ratio[high], loads[high] = here, load
            else:
                same += load
                at += 1
        if low > left and below + less >= goal:
            right = low
        elif below + less + same >= goal:
            return pivot, True
        else:
            below += less + same
            left = high
    return pivot, below >= goal - 1e-9 * abs(goal)


@inlined
def find_ways(flat: Flat, desk: Desk, frontier: int, many: int, limit: float) -> None:
    """Find the least loss on the way to each unit within reach; ways that lose more than the limit end."""
    near_ptr = flat.near_ptr
    near = flat.near
    place = desk.ints[PLACE]
    reach = desk.ints[REACH]
    way = desk.floats[WAY]
    queue = desk.ints[QUEUE]
    value = desk.floats[VALUE]
    queued = desk.ints[QUEUED]
    within = desk.ints[WITHIN]
    for i in range(many):
        place[reach[i]] = i
        way[reach[i]] = np.inf
    size = len(queue)
    head = tail = 0
    for i in range(frontier):
        unit = reach[i]
        way[unit] = max(value[i], 0.0)
        if way[unit] <= limit:
            queue[tail] = unit
            queued[unit] = 1
            tail += 1
    while head != tail:
        unit = queue[head]
        head = head + 1 if head + 1 < size else 0
        queued[unit] = 0
        for k in range(near_ptr[unit], near_ptr[unit + 1]):
            other = near[k]
            if within[other] == 0:
                continue
            step = way[unit] + max(value[place[other]], 0.0)
            if step < way[other]:
                way[other] = step
                if queued[other] == 0 and step <= limit:
                    queued[other] = 1
                    queue[tail] = other
                    tail = tail + 1 if tail + 1 < size else 0
