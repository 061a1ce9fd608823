"""Moves from one partition to another: whether a unit may leave its area, and two areas cut anew."""

import numpy as np

from geo_devolve.optimise.compiled.flat import Flat, Floats, Ints, inlined


@inlined
def holds_together(flat: Flat, area_of: Ints, unit: int, queue: Ints, label: Ints) -> bool:
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
def recombine(  # noqa: PLR0917
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
