"""The pruned search: every candidate of reduced cost at most theta, without walking where there is none.

A node is a set of units taken and a set excluded; it branches on the largest unit next to what is taken: in
or out. Before branching, units that no good enough candidate can hold are excluded and neighbours that all of
them hold are taken, again and again while that changes the bound. A search has a budget of nodes and hands
back what it has not walked, so that others can go on with it, or its bound can stand in for it.
"""

import numpy as np

from geo_devolve.optimise.compiled.flat import Flat, Floats, Ints, Words, compiled, inlined, passes
from geo_devolve.optimise.compiled.leftover import strands
from geo_devolve.optimise.walk.bound import find_reach, find_ways, pack_in, weigh
from geo_devolve.optimise.walk.state import (
    COUNCILS,
    HELD,
    PEOPLE,
    REACH,
    SHUT,
    STATUS,
    TAKEN,
    VALUE,
    WAY,
    WITHIN,
    Charges,
    Desk,
    give_back,
    has,
    set_up,
    take,
)

SLACK = 1e-11  # rounding in a bound: far above its error, far below the 1e-9 that results are held to


@compiled
def explore(  # noqa: PLR0917
    flat: Flat,
    charges: Charges,
    theta: float,
    node_in: Words,
    node_out: Words,
    node_bound: Floats,
    node_new: Ints,
    budget: int,
    rounds: int,
    found_mask: Words,
    found_cost: Floats,
    found_node: Ints,
    left_in: Words,
    left_out: Words,
    left_bound: Floats,
    left_node: Ints,
    left_new: Ints,
    stop: Ints,
) -> tuple[int, int, int]:
    """Search nodes for candidates, until the budget is used, there is no room, or it is told to stop.

    Parameters
    ----------
    flat, charges
        The units, and what a candidate costs.
    theta
        Largest reduced cost wanted.
    node_in, node_out, node_bound, node_new
        Units taken and excluded at each node, the bound known of it, and whether the units taken are yet to
        be looked at as a candidate (1) or have been (0).
    budget
        Nodes to walk under each of the given nodes.
    rounds
        How often the bound of a node is computed anew after units were excluded.
    found_mask, found_cost, found_node
        Written: candidates, their reduced costs, and the given node that each lies under.
    left_in, left_out, left_bound, left_node, left_new
        Written: nodes not walked. There must be room for those given, one for each unit, and two.
    stop
        Anything but 0 in it ends the search.

    Returns
    -------
    tuple of int
        Candidates found, nodes left, nodes walked.
    """
    n = flat.n
    desk = set_up(flat)
    population = flat.population
    status, reach, within, shut_units = (
        desk.ints[STATUS],
        desk.ints[REACH],
        desk.ints[WITHIN],
        desk.ints[SHUT],
    )
    people, councils = desk.floats[PEOPLE], desk.ints[COUNCILS]
    way, value = desk.floats[WAY], desk.floats[VALUE]
    frame_taken = np.zeros(n + 2, dtype=np.int64)
    frame_shut = np.zeros(n + 2, dtype=np.int64)
    frame_unit = np.zeros(n + 2, dtype=np.int64)
    frame_bound = np.zeros(n + 2)
    scratch, nothing = np.empty((2, n), dtype=np.int64), np.zeros(n, dtype=np.int64)
    found = left = walked = 0
    over = False
    for node in range(len(node_in)):
        depth = shut = frames = 0
        desk.mask[:] = 0
        desk.by_body[HELD, :] = 0.0
        dead = False
        for unit in range(n):
            status[unit] = 2 if has(node_out, node, unit) else 0
        for unit in range(n):
            if has(node_in, node, unit):
                dead = dead or status[unit] == 2
                shut = take(flat, charges, desk, unit, depth, shut)
                depth += 1
        if dead:
            continue
        if over or left + len(node_in) - node + n + 2 > len(left_bound):
            _hand_back(flat, desk, left_in, left_out, left)
            left_bound[left] = node_bound[node]
            left_node[left] = node
            left_new[left] = node_new[node]
            left += 1
            continue
        entered = node_new[node] != 0
        begun = walked
        while True:
            walked += 1
            # bound, exclude, take, until nothing changes
            branch = -1
            bound = if_shut = np.inf
            dead = False
            turn = 0
            while True:
                if people[depth] > flat.upper or (
                    flat.max_councils > 0 and councils[depth] > flat.max_councils
                ):
                    dead = True
                    break
                turn += 1
                frontier, many = find_reach(flat, desk, depth)
                own, base = weigh(flat, charges, desk, depth, many)
                if entered:
                    entered = False
                    fine = people[depth] >= flat.lower and own <= theta and passes(flat, desk.mask)
                    if fine and flat.rest_lower > 0.0:
                        fine = not strands(flat, status, nothing, people[depth], scratch)
                    if fine:
                        for word in range(flat.words):
                            found_mask[found, word] = desk.mask[word]
                        found_cost[found] = own
                        found_node[found] = node
                        found += 1
                bound = pack_in(flat, desk, depth, many, base)
                limit = theta + SLACK - bound
                changed = False
                next_in = -1
                dead = limit < 0.0 or _splits(flat, desk) or _falls_short(flat, desk, depth, many)
                if not dead and flat.rest_lower > 0.0:
                    dead = strands(flat, status, within, people[depth], scratch)
                if not dead:
                    find_ways(flat, desk, frontier, many, limit)
                    branch = -1
                    largest = -1.0
                    for i in range(many):
                        unit = reach[i]
                        if way[unit] > limit:
                            status[unit] = 2
                            shut_units[shut] = unit
                            shut += 1
                            changed = True
                        elif i < frontier:
                            if -value[i] > limit:
                                next_in = unit
                            if population[unit] > largest:
                                largest = population[unit]
                                branch = unit
                                if_shut = bound + max(0.0, -value[i])
                    dead = branch < 0
                for i in range(many):
                    within[reach[i]] = 0
                if dead:
                    break
                if next_in >= 0 and found < len(found_cost):
                    shut = take(flat, charges, desk, next_in, depth, shut)
                    depth += 1
                    entered = True
                    turn = 0
                elif not changed or turn >= rounds:
                    break
            over = over or found == len(found_cost) or stop[0] != 0
            enough = over or walked - begun >= budget
            if not dead and not enough:
                frame_taken[frames] = depth
                frame_shut[frames] = shut
                frame_unit[frames] = branch
                frame_bound[frames] = if_shut
                frames += 1
                shut = take(flat, charges, desk, branch, depth, shut)
                depth += 1
                entered = True
                continue
            if not dead:
                _hand_back(flat, desk, left_in, left_out, left)
                left_bound[left] = bound
                left_node[left] = node
                left_new[left] = 0
                left += 1
            # go back to the last branch and exclude its unit; if it is enough, hand that back too
            while frames > 0:
                frames -= 1
                while depth > frame_taken[frames]:
                    depth -= 1
                    give_back(flat, desk, depth)
                while shut > frame_shut[frames]:
                    shut -= 1
                    status[shut_units[shut]] = 0
                unit = frame_unit[frames]
                status[unit] = 2
                shut_units[shut] = unit
                shut += 1
                if not enough:
                    break
                _hand_back(flat, desk, left_in, left_out, left)
                left_bound[left] = frame_bound[frames]
                left_node[left] = node
                left_new[left] = 0
                left += 1
            else:
                break
    return found, left, walked


@inlined
def _hand_back(flat: Flat, desk: Desk, left_in: Words, left_out: Words, left: int) -> None:
    """Write down the node that the desk stands at."""
    for word in range(flat.words):
        left_in[left, word] = desk.mask[word]
        left_out[left, word] = 0
    for unit in range(flat.n):
        if desk.ints[STATUS, unit] == 2:
            left_out[left, unit >> 6] |= np.uint64(1) << np.uint64(unit & 63)


@inlined
def _splits(flat: Flat, desk: Desk) -> bool:
    """Whether a set that is whole or not at all is begun and cannot be finished."""
    for row in range(len(flat.together)):
        begun = False
        for word in range(flat.words):
            if flat.together[row, word] & desk.mask[word]:
                begun = True
        if begun:
            for unit in range(flat.n):
                if (
                    has(flat.together, row, unit)
                    and desk.ints[STATUS, unit] != 1
                    and desk.ints[WITHIN, unit] == 0
                ):
                    return True
    return False


@inlined
def _falls_short(flat: Flat, desk: Desk, depth: int, many: int) -> bool:
    """Whether a limit of a quantity cannot be met, whatever of what is within reach is taken."""
    for row in range(len(flat.form_least)):
        total = np.int64(0)
        for i in range(depth):
            total += flat.form[row, desk.ints[TAKEN, i]]
        for i in range(many):
            total += max(flat.form[row, desk.ints[REACH, i]], 0)
        if total < flat.form_least[row]:
            return True
    return False
