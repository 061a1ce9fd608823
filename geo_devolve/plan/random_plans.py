"""Random plans within the bounds, as a yardstick: how good is a plan that nobody thought about.

Councils are split in two again and again: a random spanning tree is cut at a random edge of those that
leave both sides room for their areas. Not every plan comes up equally often: compact ones come more
often, so the yardstick flatters chance a little.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, minimum_spanning_tree

from geo_devolve.errors import InfeasibleError
from geo_devolve.objective.gather import bounds
from geo_devolve.plan.faults import Rulebook
from geo_devolve.plan.groups import Floats, Groups, positions

Ints = NDArray[np.int64]

_TREES = 25
"""Trees tried for one split before the plan is begun anew."""

_STARTS = 60
"""Plans begun anew before it is said that none was found."""


@dataclass(frozen=True, eq=False)
class _Ground:
    """Councils as numbers: neighbours, people and bounds as the geography's tally counts them."""

    near: csr_array
    people: Floats
    lower: float
    upper: float


def random_plans(rules: Rulebook, areas: int, draws: int, seed: int) -> Iterator[Groups]:
    """Draw plans at random.

    Areas hang together and keep the population bounds, and locked areas stay; other constraints and
    blocks are not looked at.

    Parameters
    ----------
    rules
        The geography, its neighbours and the bounds.
    areas
        How many areas a plan has.
    draws
        How many plans to draw.
    seed
        Of the draw: the same seed gives the same plans.

    Yields
    ------
    Groups
        Areas numbered from 0.

    Raises
    ------
    InfeasibleError
        Where no plan is found in many trials.
    """
    random = np.random.default_rng(seed)
    geography = rules.geography
    where = positions(geography)
    number = np.full(len(where), -1, dtype=np.int64)
    for lock, group in enumerate(rules.locked):
        number[group.councils] = lock
    locked = len(rules.locked)
    edges = np.array([(where[a], where[b]) for a, b in rules.graph.edges], dtype=np.int64).reshape(-1, 2)
    near = csr_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(len(where), len(where)))
    people = geography.tally.count(geography.councils["population"])
    ground = _Ground(near + near.T, people, *bounds(geography.tally, rules.scenario))
    free = np.flatnonzero(number < 0)
    for _ in range(draws):
        drawn = _draw(ground, free, areas - locked, random)
        if drawn is None:
            raise InfeasibleError(
                f"no random plan of {areas} areas within the bounds was found in {_STARTS} trials; "
                "the bounds may be too narrow for a yardstick of this kind"
            )
        whole = number.copy()
        for area, councils in enumerate(drawn):
            whole[councils] = locked + area
        yield Groups(geography, tuple(range(areas)), whole)


def _draw(ground: _Ground, free: Ints, areas: int, random: np.random.Generator) -> list[Ints] | None:
    if areas == 0 and not len(free):
        return []
    count, part = connected_components(ground.near[free][:, free], directed=False)
    for _ in range(_STARTS):
        shares = _share_out(ground, [free[part == number] for number in range(count)], areas, random)
        if shares is None:
            return None
        drawn: list[Ints] = []
        for councils, wanted in shares:
            split = _split(ground, councils, wanted, random)
            if split is None:
                break
            drawn += split
        else:
            return drawn
    return None


def _share_out(
    ground: _Ground, parts: list[Ints], areas: int, random: np.random.Generator
) -> list[tuple[Ints, int]] | None:
    """Say how many areas each separate part of the country gets: at random, within what its people allow."""
    people = np.array([ground.people[councils].sum() for councils in parts])
    least = np.maximum(1, np.ceil(people / ground.upper)).astype(int)
    most = np.array([len(councils) for councils in parts])
    if ground.lower > 0:
        most = np.minimum(most, np.floor(people / ground.lower).astype(int))
    wanted = least.copy()
    if (most < least).any() or not least.sum() <= areas <= most.sum():
        return None
    while wanted.sum() < areas:
        room = np.where(wanted < most, people / wanted, 0.0)
        wanted[random.choice(len(parts), p=room / room.sum())] += 1
    return list(zip(parts, wanted.tolist(), strict=True))


def _split(ground: _Ground, councils: Ints, areas: int, random: np.random.Generator) -> list[Ints] | None:
    """Split councils that hang together into areas; None where it goes nowhere."""
    if areas == 1:
        return [councils] if ground.lower <= ground.people[councils].sum() <= ground.upper else None
    for _ in range(_TREES):
        cut = _cut(ground, councils, areas, random)
        if cut is None:
            continue
        one, here = cut
        first = _split(ground, councils[one], here, random)
        if first is None:
            return None
        second = _split(ground, councils[~one], areas - here, random)
        return None if second is None else first + second
    return None


def _cut(
    ground: _Ground, councils: Ints, areas: int, random: np.random.Generator
) -> tuple[NDArray[np.bool_], int] | None:
    """Cut a random spanning tree: which councils lie on the one side, and how many areas they get."""
    near = ground.near[councils][:, councils].tocoo()
    upper = near.row < near.col
    weights = 1.0 + random.random(int(upper.sum()))
    shape = (len(councils), len(councils))
    # SciPy below 1.17 knows trees of 32-bit indices only.
    ends = (near.row[upper].astype(np.int32), near.col[upper].astype(np.int32))
    tree = minimum_spanning_tree(csr_array((weights, ends), shape=shape))
    order, parent = breadth_first_order(tree, 0, directed=False)
    people = ground.people[councils]
    below = people.astype(float).copy()
    for place in order[:0:-1]:
        below[parent[place]] += below[place]
    total = people.sum()
    tops = order[1:]
    here = np.clip(np.rint(areas * below[tops] / total), 1, areas - 1)
    rest, left = total - below[tops], areas - here
    fits = (here * ground.lower <= below[tops]) & (below[tops] <= here * ground.upper)
    fits &= (left * ground.lower <= rest) & (rest <= left * ground.upper)
    if not fits.any():
        return None
    chosen = int(random.choice(np.flatnonzero(fits)))
    top = int(tops[chosen])
    side = np.zeros(len(councils), dtype=bool)
    side[top] = True
    for place in order:  # parents come first
        if place != top and parent[place] >= 0 and side[parent[place]]:
            side[place] = True
    return side, int(here[chosen])
