"""A first partition to anneal: connected areas grown from seeds, in every separate part of the map."""

import numpy as np
from scipy import sparse

from geo_devolve.clock import NEVER, Deadline
from geo_devolve.objective.units import Ints, Units


def grow(units: Units, areas: int, rng: np.random.Generator, deadline: Deadline = NEVER) -> Ints | None:
    """Grow areas from random seeds, always the one with the fewest people.

    Parameters
    ----------
    units
        The units.
    areas
        How many areas.
    rng
        Draws the seeds.
    deadline
        When to stop.

    Returns
    -------
    Ints
        The area of each unit; None where there are fewer areas than parts of the map, or than units.

    Raises
    ------
    TimeUpError
        The time is up.
    """
    near = sparse.csr_array(
        (np.ones(len(units.indices)), units.indices, units.indptr), shape=(units.n, units.n)
    )
    parts, part_of = sparse.csgraph.connected_components(near, directed=False)
    shares = share_out(units, part_of, parts, areas)
    if shares is None:
        return None
    area_of = np.full(units.n, -1, dtype=np.int64)
    first = 0
    for part in range(parts):
        members = np.flatnonzero(part_of == part)
        seeds = rng.choice(members, shares[part], replace=False)
        _grow_part(units, members, seeds, first, area_of, rng, deadline)
        first += int(shares[part])
    return area_of


def share_out(units: Units, part_of: Ints, parts: int, areas: int) -> Ints | None:
    """Give each separate part of the map its number of areas: one, then to where an area has most people."""
    people = np.bincount(part_of, weights=units.population, minlength=parts)
    sizes = np.bincount(part_of, minlength=parts)
    if areas < parts or areas > units.n:
        return None
    shares = np.ones(parts, dtype=np.int64)
    for _ in range(areas - parts):
        load = np.where(shares < sizes, people / shares, -np.inf)
        shares[int(np.argmax(load))] += 1
    return shares


def _grow_part(  # noqa: PLR0917
    units: Units,
    members: Ints,
    seeds: Ints,
    first: int,
    area_of: Ints,
    rng: np.random.Generator,
    deadline: Deadline,
) -> None:
    area_of[seeds] = first + np.arange(len(seeds))
    fronts = [units.indices[units.indptr[seed] : units.indptr[seed + 1]].tolist() for seed in seeds]
    left = len(members) - len(seeds)
    growing = units.population[seeds].copy()
    owner = area_of.tolist()
    while left:
        deadline.check()
        at = int(growing.argmin())
        front = [unit for unit in fronts[at] if owner[unit] < 0]
        if not front:
            growing[at] = np.inf
            continue
        unit = front[int(rng.integers(len(front)))]
        area_of[unit] = owner[unit] = first + at
        growing[at] += units.population[unit]
        fronts[at] = front + units.indices[units.indptr[unit] : units.indptr[unit + 1]].tolist()
        left -= 1
