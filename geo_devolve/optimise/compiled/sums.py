"""Values of the units added up over each of many candidates, such as their prices."""

import numpy as np

from geo_devolve.cores import cores, in_threads
from geo_devolve.optimise.compiled.flat import Floats, Ints, Words, compiled

_ROWS_FOR_THREADS = 250_000  # fewer are summed sooner than threads are started


def sum_over(masks: Words, values: Floats) -> Floats:
    """Add up a value of the units over each candidate's units, on all cores.

    Parameters
    ----------
    masks
        m × words, as in `Candidates`.
    values
        One for each unit, such as its price.

    Returns
    -------
    Floats
        One sum for each candidate, the same whatever the number of cores.
    """
    words = masks.shape[1]
    padded = np.zeros(words * 64)
    padded[: len(values)] = values
    bits = (np.arange(256)[:, None] >> np.arange(8)) & 1
    table = np.ascontiguousarray((bits @ padded.reshape(words * 8, 8).T).T)
    sums = np.empty(len(masks))
    parts = 4 * cores() if len(masks) >= _ROWS_FOR_THREADS else 1
    chunk = max(1, -(-len(masks) // parts))
    starts = range(0, len(masks), chunk)

    def add(first: int, stop: Ints) -> None:  # noqa: ARG001
        _sum_rows(masks[first : first + chunk], table, sums[first : first + chunk])

    for _ in in_threads(add, list(starts)):
        pass
    return sums


@compiled
def _sum_rows(masks: Words, table: Floats, sums: Floats) -> None:
    """Sum a table of values by byte over rows of bits."""
    low = np.uint64(255)
    for row in range(len(masks)):
        total = 0.0
        for word in range(masks.shape[1]):
            bits = masks[row, word]
            byte = word * 8
            while bits != 0:
                total += table[byte, bits & low]
                bits >>= np.uint64(8)
                byte += 1
        sums[row] = total
