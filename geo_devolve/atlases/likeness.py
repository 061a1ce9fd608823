"""How many people stay together when one plan becomes another: by the best matching of their areas."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def areas_of(texts: Sequence[str]) -> Ints:
    """Return plans × councils: the number of each council's area, as the plans' letters first appear.

    Parameters
    ----------
    texts
        Plans, a letter for each council.
    """
    letters = np.array([list(text.encode()) for text in texts], dtype=np.int64)
    if not letters.size:
        return letters.reshape(len(texts), -1)
    _, numbers = np.unique(letters, return_inverse=True)
    return np.asarray(numbers).reshape(letters.shape)


def people_moved(one: str, others: Sequence[str], people: Floats) -> Floats:
    """Count the people who move when a plan becomes each of others.

    Each area of the one is taken to become at most one area of the other, so that as many people as possible
    stay; all others move.

    Parameters
    ----------
    one
        A plan, a letter for each council.
    others
        Plans over the same councils.
    people
        Of each council (persons).

    Returns
    -------
    Floats
        Persons, for each of the others.
    """
    numbers = areas_of([one, *others])
    own, theirs = numbers[0], numbers[1:]
    size = int(numbers.max(initial=0)) + 1
    moved = np.zeros(len(others))
    for row, areas in enumerate(theirs):
        both = np.bincount(own * size + areas, weights=people, minlength=size * size).reshape(size, size)
        rows, columns = linear_sum_assignment(both, maximize=True)
        moved[row] = people.sum() - both[rows, columns].sum()
    return moved


def councils_moved(one: str, other: str, people: Floats) -> list[int]:
    """Return the numbers of the councils that move, by the same matching.

    Parameters
    ----------
    one, other, people
        As for `people_moved`.
    """
    own, areas = areas_of([one, other])
    size = int(max(own.max(initial=0), areas.max(initial=0))) + 1
    both = np.bincount(own * size + areas, weights=people, minlength=size * size).reshape(size, size)
    rows, columns = linear_sum_assignment(both, maximize=True)
    becomes = dict(zip(rows.tolist(), columns.tolist(), strict=True))
    return [
        at
        for at, (was, now) in enumerate(zip(own.tolist(), areas.tolist(), strict=True))
        if becomes[was] != now
    ]
