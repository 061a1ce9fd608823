"""How many candidates a listing would hold, told before it is begun."""

from contextlib import suppress

import numpy as np

from geo_devolve.clock import NEVER, Deadline, TimeUpError
from geo_devolve.cores import in_thread
from geo_devolve.objective.units import Units
from geo_devolve.optimise.compiled.flat import Flat, Floats, Ints, clashes, compiled, flatten, passes
from geo_devolve.optimise.listed.listing import count_each

_SHARE_TO_COUNT = 0.5  # of the time
_TURNS = (1 << 10) - 1  # of a walk, after which it looks whether to stop


def estimate_listing(
    units: Units,
    seed: int = 0,
    *,
    exact: int = 2_000_000,
    samples: int = 4_000,
    deadline: Deadline = NEVER,
) -> float:
    """Tell how many candidates there are: exactly where they are few, else by sampling the search tree.

    A sample walks down from a starting unit, taking one child at random, and counts what it meets as often
    as there were ways to miss it (Knuth, 1975): its mean is right whatever the tree, its spread is wide, so
    that the answer is one of size, not a count.

    Parameters
    ----------
    units
        The units of the problem.
    seed
        Of the samples.
    exact
        Count one by one up to here.
    samples
        Walks from each starting unit.
    deadline
        When to stop; a sample that is cut off tells of what it met.

    Returns
    -------
    float
        Connected unions with a permitted number of people.
    """
    flat = flatten(units)
    try:
        counts = count_each(flat, exact, deadline.share(_SHARE_TO_COUNT))
    except TimeUpError:
        counts = None
    if counts is not None:
        return float(counts.sum())
    drawn = int(np.random.default_rng(seed).integers(2**31))
    reached = np.zeros(flat.n)
    done = np.zeros(1, dtype=np.int64)
    with suppress(TimeUpError):
        in_thread(lambda stop: _sample(flat, samples, drawn, reached, done, stop), deadline)
    total = sum(reached.tolist())
    return total if done[0] == flat.n else total * flat.n / max(int(done[0]), 1)


@compiled
def _sample(  # noqa: PLR0917
    flat: Flat, samples: int, seed: int, reached: Floats, done: Ints, stop: Ints
) -> None:
    """Estimate the candidates of each starting unit by random walks down the search tree; count the units."""
    np.random.seed(seed)  # noqa: NPY002 (numba's own generator, not numpy's)
    n = flat.n
    marked = np.zeros(n, dtype=np.bool_)
    front = np.empty(n + 1, dtype=np.int64)
    fits = np.empty(n + 1, dtype=np.int64)
    mask = np.zeros(flat.words, dtype=np.uint64)
    one = np.uint64(1)
    turns = 0
    for start in range(n):
        found = 0.0
        for walk in range(samples):
            for unit in range(n):
                marked[unit] = unit <= start
            mask[:] = 0
            at = end = 0
            ways = 1.0
            people = 0.0
            unit = start
            if flat.population[start] > flat.upper:
                break
            while True:
                turns += 1
                if turns & _TURNS == 0 and stop[0] != 0:
                    reached[start] = found / (walk + 1)
                    done[0] = start + 1
                    return
                people += flat.population[unit]
                mask[unit >> 6] |= one << np.uint64(unit & 63)
                if people >= flat.lower and passes(flat, mask):
                    found += ways
                for k in range(flat.near_ptr[unit], flat.near_ptr[unit + 1]):
                    other = flat.near[k]
                    if not marked[other]:
                        marked[other] = True
                        front[end] = other
                        end += 1
                many = 0
                for k in range(at, end):
                    other = front[k]
                    if people + flat.population[other] > flat.upper:
                        continue
                    if not clashes(flat, other, mask):
                        fits[many] = k
                        many += 1
                if many == 0:
                    break
                ways *= many
                taken = fits[np.random.randint(many)]  # noqa: NPY002
                unit = front[taken]
                at = taken + 1
        reached[start] = found / samples
        done[0] = start + 1
