"""Names for areas that a reader would recognise.

An area is called after the body that it matches best; where none comes close, after its largest councils.
What is known of a country's bodies is only what its geography says: which layers there are, in which
order, and how their bodies are called.
"""

import re
from collections import Counter
from functools import partial
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from geo_devolve.geography.layers import Layer
from geo_devolve.geography.model import Geography
from geo_devolve.plan.groups import Floats, Groups
from geo_devolve.words import listed

CLOSE_ENOUGH = 0.6
"""The least share of people in common (Jaccard) at which an area is called after a body."""

BOTH_CLOSE = 0.9
"""The least such share at which it is called after two bodies of one layer, as Norfolk and Suffolk."""

LESS_FOR_TWO = 0.1
"""By how much two bodies must fit better than one."""

ALONE = 0.6
"""The share of an area's people from which its largest council alone gives the name."""

_INVERTED = re.compile(r"^(.+), (?:City|County) of$")
_TWO = re.compile(r",|&| and ")
_USUAL = 0.8
"""A first or last word that so many of a layer's names share says what the bodies are, not where."""


class _Fit(NamedTuple):
    rough: float
    bearers: int
    jaccard: float
    order: int
    area: int
    name: str


def plain_names(names: list[str]) -> list[str]:
    """Strip the words that nearly all names of a layer begin or end with.

    ``NHS Leeds West CCG`` among its like becomes ``Leeds West``. A name that would be left without a letter
    keeps its words, and so do the names of a layer of fewer than four bodies.

    Parameters
    ----------
    names
        All names of a layer.

    Returns
    -------
    list of str
        The same names, in the same order, as short as they can be told apart.
    """
    words = [name.split() for name in names]
    if len(names) < 4:
        return [" ".join(name) for name in words]
    for end in (0, -1):
        while True:
            counts = Counter(name[end].casefold() for name in words if name)
            if not counts:
                break
            usual, bearers = counts.most_common(1)[0]
            short = [
                (name[1:] if end == 0 else name[:-1]) if name and name[end].casefold() == usual else name
                for name in words
            ]
            if bearers < _USUAL * len(names) or not all(
                any(map(str.isalpha, "".join(name))) for name in short
            ):
                break
            if len({" ".join(name) for name in short}) < len({" ".join(name) for name in words}):
                break
            words = short
    return [" ".join(name) for name in words]


def name_areas(groups: Groups) -> pd.Series:
    """Name each area of a plan, never two alike.

    Of the bodies that share at least 60 % of their people with an area (Jaccard), the closest gives its
    name, or two of one layer that fit much better; among equally close ones (to a twentieth) the name
    that most layers use, then the earlier layer's. The best fitting areas choose first. An area without
    such a body is called after its one or two largest councils, and after more of them where that is
    taken.

    Parameters
    ----------
    groups
        The plan's areas.

    Returns
    -------
    Series
        Index ``area``, name ``name``.
    """
    names: dict[int, str] = {}
    taken: set[str] = set()
    for fit in sorted(
        _fits(groups), key=lambda f: (-f.rough, -f.bearers, f.order, -f.jaccard, f.area, f.name)
    ):
        if fit.area not in names and _bare(fit.name) not in taken:
            names[fit.area] = fit.name
            taken.add(_bare(fit.name))
    for area in np.argsort(-groups.population, kind="stable"):
        if area not in names:
            names[int(area)] = _by_councils(groups, int(area), taken)
            taken.add(_bare(names[int(area)]))
    return pd.Series(
        [names[area] for area in range(len(groups.labels))],
        index=pd.Index(groups.labels, name="area", tupleize_cols=False),
        name="name",
        dtype=object,
    )


def _fits(groups: Groups) -> list[_Fit]:
    """List every body close enough to an area to give it its name."""
    found: list[tuple[float, int, int, str]] = []
    for order, (key, layer) in enumerate(groups.geography.layers.items()):
        if layer.bodies.empty:
            continue
        called = groups.geography.keep(("called", key), partial(_called, layer))
        shared = groups.people(key)
        either = layer.bodies["population"].to_numpy(float)[None, :] + groups.population[:, None] - shared
        with np.errstate(invalid="ignore", divide="ignore"):
            jaccard = np.where(shared > 0, shared / either, 0.0)
        for area, body in np.argwhere(jaccard >= CLOSE_ENOUGH):
            found.append((float(jaccard[area, body]), order, int(area), called[body]))
        people = layer.bodies["population"].to_numpy(float)
        for area in range(len(groups.labels)):
            for fit, name in _pairs(shared[area], people, float(groups.population[area]), called):
                found.append((fit - LESS_FOR_TWO, order, area, name))
    bearers = Counter((area, _bare(name)) for _, _, area, name in found)
    return [
        _Fit(round(jaccard * 20) / 20, bearers[area, _bare(name)], jaccard, order, area, name)
        for jaccard, order, area, name in found
    ]


def _called(layer: Layer) -> list[str]:
    """Return what a layer's bodies are called, in its order."""
    return [name.replace(" & ", " and ") for name in plain_names(list(map(str, layer.bodies["name"])))]


def _pairs(shared: Floats, people: Floats, area: float, called: list[str]) -> list[tuple[float, str]]:
    """List pairs of bodies of one layer that are an area between them, the larger first."""
    inside = shared.tolist()
    plain = [body for body in np.flatnonzero(shared > 0).tolist() if not _TWO.search(called[body])]
    found = []
    for one, other in combinations(sorted(plain, key=lambda body: (-inside[body], body)), 2):
        both = inside[one] + inside[other]
        if both <= area * (1 + 1e-9):  # else they overlap
            fit = both / (people[one] + people[other] + area - both)
            if fit >= BOTH_CLOSE:
                found.append((float(fit), listed([called[one], called[other]])))
    return found


def _bare(name: str) -> str:
    """Reduce a name to what makes it another name."""
    return name.casefold().replace("&", "and").removeprefix("the ").strip()


def _by_councils(groups: Groups, area: int, taken: set[str]) -> str:
    councils = groups.geography.councils
    inside = np.flatnonzero(groups.number == area)
    people = councils["population"].to_numpy(float)[inside]
    ranked = inside[np.argsort(-people, kind="stable")]
    called = [_INVERTED.sub(r"\1", str(councils["name"].iloc[council])) for council in ranked]
    fewest = 1 if people.max() >= ALONE * people.sum() else 2
    for most in range(fewest, len(called) + 1):
        name = listed(called[:most])
        if _bare(name) not in taken:
            return name
    name = listed(called[:fewest])
    return next(
        text
        for text in (f"{name} ({number})" for number in range(2, len(taken) + 3))
        if _bare(text) not in taken
    )


def council_names(geography: Geography) -> dict[Any, str]:
    """Return each council's name by its code."""
    return dict(zip(geography.councils.index, map(str, geography.councils["name"]), strict=True))
