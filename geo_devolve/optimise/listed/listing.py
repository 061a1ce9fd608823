"""Every candidate: all connected unions of units with a permitted number of people, each listed once.

Reverse search: grow from the lowest-numbered unit and never take back what was passed over. The sums that
the terms need follow the search: what a unit changes is kept on a stack and put back when it leaves, so that
nothing drifts. Starting units are independent; the tree is first counted, then filled in, both on all cores,
and the order of the result depends on the units alone.
"""

from dataclasses import dataclass

import numpy as np

from geo_devolve.clock import NEVER, Deadline
from geo_devolve.cores import in_threads
from geo_devolve.objective.columns import BALANCE, COMPACTNESS, NEED
from geo_devolve.objective.units import Units, no_rules
from geo_devolve.optimise.compiled.flat import (
    CHANGE,
    Flat,
    Floats,
    Ints,
    Words,
    clashes,
    compiled,
    flatten,
    inlined,
    passes,
)
from geo_devolve.progress import Progress, silent

STAGE = "listing candidates"
_NODES_AT_LEAST = 20_000_000  # of the search, looked at before it is given up,
_NODES_EACH = 8  # and as many more for each candidate that there is room for
_TURNS = (1 << 14) - 1  # of the search, after which it looks whether to stop


@dataclass(frozen=True, eq=False)
class Candidates:
    """Connected unions of units that may become an area.

    Attributes
    ----------
    masks
        m × words; bit j of word w says that unit 64 w + j belongs to the candidate.
    population
        Of each, counted by the tally of the units.
    terms
        m × terms, unweighted, in the units' order: need, one column a layer, and so on.
    """

    masks: Words
    population: Floats
    terms: Floats

    def __len__(self) -> int:
        """Tell how many there are."""
        return len(self.population)


class TooManyError(RuntimeError):
    """There are more candidates than the caller has room for."""


def list_candidates(
    units: Units,
    *,
    limit: int = 50_000_000,
    deadline: Deadline = NEVER,
    progress: Progress = silent,
) -> Candidates:
    """List every connected union of units with between `units.lower` and `units.upper` people.

    Parameters
    ----------
    units
        The units, their neighbours and what the terms are made of.
    limit
        Most candidates to make room for.
    deadline
        When to stop.
    progress
        Told how many candidates are listed.

    Returns
    -------
    Candidates
        In the order of their lowest-numbered unit.

    Raises
    ------
    TooManyError
        There are more than `limit`.
    TimeUpError
        The time is up.
    """
    flat = flatten(units)
    counts = count_each(flat, limit, deadline)
    if counts is None:
        message = f"more than {limit:,} candidates: stream them instead of listing them"
        raise TooManyError(message)
    total = int(counts.sum())
    progress(STAGE, 0, total)
    masks = np.zeros((total, flat.words), dtype=np.uint64)
    population = np.empty(total)
    terms = np.empty((total, units.n_terms))
    ends = np.cumsum(counts)

    def fill(start: int, stop: Ints) -> int:
        rows = slice(int(ends[start] - counts[start]), int(ends[start]))
        done, _ = _walk(flat, start, start + 1, masks[rows], population[rows], terms[rows], -1, stop, 0)
        return int(done)

    done = 0
    heaviest_first = [int(start) for start in np.argsort(-counts, kind="stable") if counts[start]]
    for listed in in_threads(fill, heaviest_first, deadline):
        done += listed
        progress(STAGE, done, total)
    return Candidates(masks, population, terms)


def warm_up() -> None:
    """Compile the listing, or load its machine code, so that it takes none of a time limit."""
    one = Units(
        n=1,
        population=np.ones(1),
        indptr=np.zeros(2, dtype=np.int64),
        indices=np.zeros(0, dtype=np.int64),
        border_m=np.zeros(0),
        outline_m=np.zeros(1),
        land_indptr=np.zeros(2, dtype=np.int64),
        land_indices=np.zeros(0, dtype=np.int64),
        land_m=np.zeros(0),
        total_border_m=0.0,
        theme_weighted=np.zeros((1, 0)),
        theme_squared=np.zeros((1, 0)),
        theme_total=np.zeros(0),
        layers=(),
        balance_target=1.0,
        total_population=1.0,
        lower=0.0,
        upper=1.0,
        councils=np.ones(1, dtype=np.int64),
        rules=no_rules(1),
    )
    list_candidates(one)


def count_each(flat: Flat, limit: int, deadline: Deadline = NEVER) -> Ints | None:
    """Count the candidates of each starting unit; None as soon as there are more than the limit.

    So too where bounds are so tight, or rules so strict, that few candidates hide in an endless search.
    """
    nothing = np.empty((0, flat.words), dtype=np.uint64), np.empty(0), np.empty((0, 0))
    room = [limit]
    steps = [_NODES_AT_LEAST + _NODES_EACH * limit]

    def count(start: int, stop: Ints) -> int:
        found, nodes = _walk(flat, start, start + 1, *nothing, max(0, room[0]), stop, max(0, steps[0]))
        room[0] -= int(found)
        steps[0] -= int(nodes)
        return int(found)

    counts = np.zeros(flat.n, dtype=np.int64)
    for start, found in enumerate(in_threads(count, list(range(flat.n)), deadline)):
        counts[start] = found
        if room[0] < 0 or steps[0] < 0:
            return None
    return counts


@compiled
def _walk(  # noqa: PLR0917
    flat: Flat,
    first: int,
    last: int,
    masks: Words,
    population: Floats,
    terms: Floats,
    limit: int,
    stop: Ints,
    steps: int,
) -> tuple[int, int]:
    """List the candidates whose lowest unit is in [first, last); only count them where limit >= 0.

    Returns candidates and nodes; counting ends as soon as there are more than the limit, or than the steps.
    """
    n, words, layers, themes = flat.n, flat.words, flat.layers, flat.themes
    filling = limit < 0
    found = nodes = turns = 0
    marked = np.zeros(n, dtype=np.bool_)
    front = np.empty(n + 1, dtype=np.int64)
    chosen = np.empty(n + 1, dtype=np.int64)
    at = np.empty(n + 1, dtype=np.int64)  # next of the frontier to try, by depth
    end = np.empty(n + 1, dtype=np.int64)  # where the frontier ends, by depth
    people = np.zeros(n + 2)  # by depth, before the unit came in
    border = np.zeros(n + 2)
    weighted = np.zeros((n + 2, themes))
    squared = np.zeros((n + 2, themes))
    whole = np.zeros((n + 2, layers))
    spreads, forms = len(flat.spread_scale), len(flat.form_least)
    more = 1 + layers + flat.flows  # the first column of the spreads
    crossing = np.zeros(n + 2)
    excess = np.zeros((n + 2, spreads))
    weight = np.zeros((n + 2, spreads))
    loads = np.zeros((n + 2, forms), dtype=np.int64)
    councils = np.zeros(n + 2, dtype=np.int64)
    mask = np.zeros(words, dtype=np.uint64)
    inside = np.zeros(n, dtype=np.bool_)
    change_scale = 0.0
    for body in range(len(flat.body_people)):
        if flat.body_rule[body] == CHANGE:
            change_scale = flat.body_scale[body]
    held = np.zeros(len(flat.body_people))
    undo = np.empty(len(flat.body))
    undo_at = np.zeros(n + 2, dtype=np.int64)
    touched = np.empty(len(flat.body_people), dtype=np.int64)
    touched_at = np.zeros(n + 2, dtype=np.int64)
    one = np.uint64(1)
    for start in range(first, last):
        if flat.population[start] > flat.upper:
            continue
        if flat.max_councils > 0 and flat.councils[start] > flat.max_councils:
            continue
        for unit in range(n):
            marked[unit] = unit <= start
        if _falls_short(flat, start, loads[0]):
            continue
        depth = 0
        entering = start
        while depth >= 0:
            turns += 1
            if turns & _TURNS == 0 and stop[0] != 0:
                return found, nodes
            if entering >= 0:
                unit, entering = entering, -1
                nodes += 1
                if nodes & 4095 == 0 and not filling and nodes > steps:
                    return found, nodes
                chosen[depth] = unit
                mask[unit >> 6] |= one << np.uint64(unit & 63)
                people[depth + 1] = people[depth] + flat.population[unit]
                councils[depth + 1] = councils[depth] + flat.councils[unit]
                for row in range(forms):
                    loads[depth + 1, row] = loads[depth, row] + flat.form[row, unit]
                at[depth] = at[depth - 1] if depth else 0
                fresh = end[depth - 1] if depth else 0
                for k in range(flat.near_ptr[unit], flat.near_ptr[unit + 1]):
                    other = flat.near[k]
                    if not marked[other]:
                        marked[other] = True
                        front[fresh] = other
                        fresh += 1
                end[depth] = fresh
                if filling:
                    inside[unit] = True
                    length = border[depth] + flat.outline_m[unit]
                    for k in range(flat.land_ptr[unit], flat.land_ptr[unit + 1]):
                        if inside[flat.land[k]]:
                            length -= 2.0 * flat.land_m[k]
                    border[depth + 1] = length
                    if flat.flows:
                        length = crossing[depth] + flat.trip_outline[unit]
                        for k in range(flat.trip_ptr[unit], flat.trip_ptr[unit + 1]):
                            if inside[flat.trip[k]]:
                                length -= 2.0 * flat.trips[k]
                        crossing[depth + 1] = length
                    for row in range(spreads):
                        excess[depth + 1, row] = excess[depth, row] + flat.spread_excess[unit, row]
                        weight[depth + 1, row] = weight[depth, row] + flat.spread_weight[unit, row]
                    for theme in range(themes):
                        weighted[depth + 1, theme] = weighted[depth, theme] + flat.theme_weighted[unit, theme]
                        squared[depth + 1, theme] = squared[depth, theme] + flat.theme_squared[unit, theme]
                    for layer in range(layers):
                        whole[depth + 1, layer] = whole[depth, layer]
                    top, many = undo_at[depth], touched_at[depth]
                    for k in range(flat.body_ptr[unit], flat.body_ptr[unit + 1]):
                        body = flat.body[k]
                        before = held[body]
                        after = before + flat.people[k]
                        undo[top] = before
                        top += 1
                        held[body] = after
                        if flat.body_rule[body] == 0:
                            size = flat.body_people[body]
                            whole[depth + 1, flat.body_layer[body]] += flat.body_scale[body] * (
                                after * (1.0 - after / size) - before * (1.0 - before / size)
                            )
                        elif before == 0.0:
                            touched[many] = body
                            many += 1
                    undo_at[depth + 1], touched_at[depth + 1] = top, many
                total = people[depth + 1]
                if total >= flat.lower and passes(flat, mask):
                    if filling:
                        for word in range(words):
                            masks[found, word] = mask[word]
                        population[found] = total
                        need = 0.0
                        for theme in range(themes):
                            mean = weighted[depth + 1, theme] / total if total > 0 else 0.0
                            spread = squared[depth + 1, theme] - weighted[depth + 1, theme] * mean
                            need += flat.theme_scale[theme] * max(spread, 0.0)
                        terms[found, NEED] = need
                        for layer in range(layers):
                            terms[found, 1 + layer] = max(whole[depth + 1, layer], 0.0)
                        most = 0.0
                        for k in range(touched_at[depth + 1]):
                            body = touched[k]
                            both, size = held[body], flat.body_people[body]
                            if flat.body_rule[body] == CHANGE:
                                most = max(most, both)
                                continue
                            if flat.body_rule[body] == 2:
                                share = both / (size + total - both)
                            else:
                                share = both / min(size, total)
                            terms[found, 1 + flat.body_layer[body]] += (
                                flat.body_scale[body] * both * max(1.0 - share, 0.0)
                            )
                        if flat.change >= 0:
                            terms[found, 1 + flat.change] = (total - most) * change_scale
                        if flat.flows:
                            terms[found, 1 + layers] = max(crossing[depth + 1], 0.0) * flat.trip_scale
                        for row in range(spreads):
                            terms[found, more + row] = 0.0
                            if weight[depth + 1, row] > 0.0:
                                terms[found, more + row] = (
                                    flat.spread_scale[row]
                                    * excess[depth + 1, row] ** 2
                                    / weight[depth + 1, row]
                                )
                        terms[found, COMPACTNESS] = (
                            0.5 * border[depth + 1] / flat.total_border_m if flat.total_border_m > 0 else 0.0
                        )
                        terms[found, BALANCE] = abs(total - flat.balance_target) * flat.balance_scale
                    found += 1
                    if not filling and found > limit:
                        return found, nodes
            elif at[depth] < end[depth]:
                unit = front[at[depth]]
                at[depth] += 1
                if people[depth + 1] + flat.population[unit] > flat.upper:
                    continue
                if flat.max_councils > 0 and councils[depth + 1] + flat.councils[unit] > flat.max_councils:
                    continue
                if clashes(flat, unit, mask) or _falls_short(flat, unit, loads[depth + 1]):
                    continue
                depth += 1
                entering = unit
            else:
                unit = chosen[depth]
                mask[unit >> 6] &= ~(one << np.uint64(unit & 63))
                if filling:
                    inside[unit] = False
                    top = undo_at[depth]
                    for k in range(flat.body_ptr[unit], flat.body_ptr[unit + 1]):
                        held[flat.body[k]] = undo[top]
                        top += 1
                for k in range(end[depth - 1] if depth else 0, end[depth]):
                    marked[front[k]] = False
                depth -= 1
    return found, nodes


@inlined
def _falls_short(flat: Flat, unit: int, loads: Ints) -> bool:
    """Whether a set with a unit more is short of a limit that no other unit adds to."""
    for row in range(len(flat.form_least)):
        if flat.form_falls[row] and loads[row] + flat.form[row, unit] < flat.form_least[row]:
            return True
    return False
