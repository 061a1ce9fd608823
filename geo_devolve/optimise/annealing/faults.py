"""What an area costs, and how far it breaks bounds and rules: what annealing weighs.

A search that may only stand where everything is permitted finds no way where bounds are tight. So each
breach has a size: people beyond a bound as a share of an area's, councils too many as a share of those
allowed, and one for each pair that may not share an area, each set that is split and each body too many.
"""

import numpy as np

from geo_devolve.optimise.compiled.flat import CHANGE, Flat, Floats, Ints, Words, clashes, inlined
from geo_devolve.optimise.walk.state import Charges


@inlined
def score(  # noqa: PLR0917
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
    for row in range(len(charges.spread)):
        excess = weight = 0.0
        for i in range(many):
            excess += flat.spread_excess[units[i], row]
            weight += flat.spread_weight[units[i], row]
        if weight > 0.0:
            cost += charges.spread[row] * excess * excess / weight
    most = 0.0
    for i in range(bodies):
        body = seen[i]
        both, all_people = held[body], flat.body_people[body]
        held[body] = 0.0
        if flat.body_rule[body] == CHANGE:
            most = max(most, both)
        elif both > 0.0:
            if flat.body_rule[body] == 0:
                share = both / all_people
            elif flat.body_rule[body] == 1:
                share = both / min(all_people, people)
            else:
                share = both / (all_people + people - both)
            cost += charges.body[body] * both * max(1.0 - share, 0.0)
    cost += charges.change * (people - most)
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
            held += meets(flat.body_units, row, mask)
        faults += max(held - flat.body_limit[limit], 0)
    for row in range(len(flat.form_least)):
        total, size = np.int64(0), 0.0
        for unit in range(flat.n):
            if (mask[unit >> 6] >> np.uint64(unit & 63)) & np.uint64(1) != 0:
                total += flat.form[row, unit]
                size += abs(float(flat.form[row, unit]))
        if total < flat.form_least[row]:
            faults += min(
                (flat.form_least[row] - total) / max(size, abs(float(flat.form_least[row])), 1.0), 1.0
            )
    return faults


@inlined
def excess(touched: Ints, limit: Ints) -> float:
    """How many areas too many touch the capped sets."""
    excess = 0.0
    for cap in range(len(limit)):
        excess += max(touched[cap] - limit[cap], 0)
    return excess


@inlined
def meets(masks: Words, cap: int, mask: Words) -> int:
    """Whether an area meets a set: 1 or 0, to be counted."""
    for word in range(len(mask)):
        if masks[cap, word] & mask[word]:
            return 1
    return 0
