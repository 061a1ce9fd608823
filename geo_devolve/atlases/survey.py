"""Many study areas of one geography, each with its atlas, what is possible at best, and its proposals."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geo_devolve.atlases.atlas import Atlas, atlas
from geo_devolve.atlases.best import WANTED, Possible, best_possible
from geo_devolve.atlases.dominance import costs, dominating
from geo_devolve.atlases.placing import Placement, measured, place
from geo_devolve.errors import DataError, UsageError, first_few
from geo_devolve.geography.model import Geography
from geo_devolve.plan.plan import Plan
from geo_devolve.progress import Progress, silent
from geo_devolve.scenario import Scenario

BOUNDS = (300_000.0, 500_000.0)


@dataclass(frozen=True, eq=False)
class Surveyed:
    """One study area.

    Attributes
    ----------
    name
        What it is called.
    atlas
        All its plans.
    possible
        The best there is for each number of areas.
    placements
        The proposals for it, by what they are called.
    unbeaten
        For each proposal the pairs of criteria in which no plan beats it.
    """

    name: str
    atlas: Atlas
    possible: Possible
    placements: Mapping[str, Placement]
    unbeaten: Mapping[str, tuple[tuple[str, str], ...]]


def survey(
    geography: Geography,
    areas: Mapping[str, Sequence[Any]],
    scenario: Scenario,
    proposals: Mapping[str, Mapping[Any, Any]] | None = None,
    criteria: Sequence[str] | None = None,
    *,
    progress: Progress = silent,
) -> Iterator[Surveyed]:
    """List every plan of each of some study areas, and place the proposals for it.

    Parameters
    ----------
    geography
        The whole.
    areas
        The councils of each study area, by code or name, or bodies as ``layer:body``.
    scenario
        What a plan is, and how it is measured.
    proposals
        By name: area by council code. Each is placed in the study area of exactly its councils.
    criteria
        Of the fronts and places; see `Atlas.chosen`.
    progress
        Told how many study areas are done.

    Yields
    ------
    Surveyed
        In the order given.

    Raises
    ------
    UsageError
        A proposal is of no study area's councils.
    """
    cuts = {name: geography.only(*councils) for name, councils in areas.items()}
    homes: dict[str, list[str]] = {name: [] for name in cuts}
    for label, proposal in (proposals or {}).items():
        home = [name for name, cut in cuts.items() if set(cut.councils.index) == set(proposal)]
        if not home:
            raise UsageError(f"the proposal {label} is not of the councils of any area that is surveyed")
        homes[home[0]].append(label)
    for done, (name, cut) in enumerate(cuts.items()):
        progress("study areas", done, len(cuts))
        every = atlas(cut, scenario)
        plans = {label: _drawn(cut, (proposals or {})[label], scenario) for label in homes[name]}
        placed = {label: place(plan, every, criteria) for label, plan in plans.items()}
        unbeaten = {label: _unbeaten(every, each) for label, each in placed.items()}
        yield Surveyed(name, every, best_possible(cut, scenario, WANTED, explain=False), placed, unbeaten)
    progress("study areas", len(cuts), len(cuts))


def summary(found: Surveyed) -> dict[str, Any]:
    """Return a study area's row in the table of all.

    Parameters
    ----------
    found
        The study area.
    """
    made = found.atlas
    row: dict[str, Any] = {
        "area": found.name,
        "councils": len(made.geography.councils),
        "people": made.geography.population,
        "plans": len(made),
    }
    smallest = np.concatenate(
        [frame["population_min"].to_numpy() for frame in made.frames(["population_min"])]
    )
    for bound in BOUNDS:
        row[f"plans_of_{bound:.0f}"] = int((smallest >= bound).sum())
    table = found.possible.table
    for areas in made.scenario.counts:
        key = (areas, "population_min")
        row[f"largest_smallest_{areas}"] = float(table["value"].loc[key]) if key in table.index else np.nan
    return row


def read_areas(path: str | PathLike[str]) -> dict[str, list[str]]:
    """Read a table of study areas: columns ``council`` and ``area``.

    Parameters
    ----------
    path
        A CSV.

    Raises
    ------
    DataError
        Where it cannot be read, or a column is missing.
    """
    try:
        table = pd.read_csv(Path(path), dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: it cannot be read as a table: {error}") from error
    missing = [column for column in ("council", "area") if column not in table]
    if missing:
        raise DataError(f"{path}: it has no column {first_few(missing)}; it has {first_few(table.columns)}")
    return {str(name): list(rows["council"]) for name, rows in table.groupby("area", sort=True)}


def _drawn(geography: Geography, proposal: Mapping[Any, Any], scenario: Scenario) -> Plan:
    ordered = pd.Series([proposal[code] for code in geography.councils.index], geography.councils.index)
    return Plan(geography, scenario, ordered.rename("area"))


def _unbeaten(every: Atlas, placed: Placement) -> tuple[tuple[str, str], ...]:
    """Return the pairs of criteria in which no plan beats a proposal."""
    pairs = list(combinations(placed.criteria, 2))
    beaten = [False] * len(pairs)
    own = measured(every, placed.text)
    for frame in every.frames([each.name for each in placed.criteria]):
        for at, pair in enumerate(pairs):
            beaten[at] = beaten[at] or bool(dominating(costs(frame, pair), costs(own, pair)[0]).any())
    return tuple((one.name, other.name) for (one, other), lost in zip(pairs, beaten, strict=True) if not lost)
