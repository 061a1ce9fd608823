"""The best that is possible for each number of areas, and what is impossible: proven by every plan."""

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike

import numpy as np
import pandas as pd

from geo_devolve.atlases.atlas import MOST_PLANS, Atlas, atlas
from geo_devolve.atlases.counts import count_plans
from geo_devolve.atlases.criteria import Criterion
from geo_devolve.atlases.dominance import costs
from geo_devolve.clock import Deadline
from geo_devolve.errors import InfeasibleError, UsageError
from geo_devolve.geography.model import Geography
from geo_devolve.optimise.asked.prepared import prepare
from geo_devolve.optimise.reasons.arithmetic import check_arithmetic
from geo_devolve.optimise.reasons.conflict import explain_conflict
from geo_devolve.progress import Progress, silent
from geo_devolve.scenario import Scenario

WANTED = ("population_min", "population_gap", "boundary_km")
_EXPLAIN_S = 15.0


@dataclass(frozen=True, eq=False)
class Possible:
    """What is possible for each number of areas.

    Attributes
    ----------
    table
        Index ``areas`` and ``criterion``; ``title``, ``value`` (the best there is), ``plans`` (how many reach
        it; -1 where it was proven by counting alone), ``plan`` (one that does, "" where it was) and ``of``
        (how many plans there are).
    reasons
        For each number of areas that no plan has, why.
    """

    table: pd.DataFrame
    reasons: dict[int, str]

    def __repr__(self) -> str:
        """Tell for how many numbers of areas there are plans."""
        there = self.table.index.get_level_values("areas").nunique()
        return f"<Possible: plans of {there} numbers of areas, none of {len(self.reasons)}>"

    @property
    def sentences(self) -> tuple[str, ...]:
        """Return what is possible and what is not, a sentence each."""
        said = [
            f"{areas} areas: {row.title} is {_figure(row.value)} at best, proven over all {row.of:,} plans."
            for (areas, _), row in zip(self.table.index, self.table.itertuples(), strict=True)
        ]
        return (*said, *(f"{areas} areas: impossible. {why}" for areas, why in self.reasons.items()))


def best_possible(
    geography: Geography,
    scenario: Scenario,
    criteria: Sequence[str] = WANTED,
    *,
    out: str | PathLike[str] | None = None,
    most: int = MOST_PLANS,
    explain: bool = True,
    progress: Progress = silent,
) -> Possible:
    """Find the best value of each criterion for each number of areas, with proof.

    Every plan is looked at, so a value is the best there is, and what is better is impossible. Where there
    are too many plans to list, the largest smallest area is still found, by counting the plans that have no
    smaller one; other criteria are refused then.

    Parameters
    ----------
    geography
        The study area.
    scenario
        What a plan is; the range of its numbers of areas is gone through.
    criteria
        Names of columns of the atlas.
    out
        A folder to write the plans into; None keeps them in memory.
    most
        More plans than these are not listed.
    explain
        Whether to look for the reason where a number of areas is impossible; that takes some seconds.
    progress
        Told of the counting and the listing.

    Returns
    -------
    Possible
        The values, plans that have them, and reasons.

    Raises
    ------
    UsageError
        There is no such criterion, or it needs a list of more plans than `most`.

    Examples
    --------
    >>> import networkx as nx, geo_devolve as gd
    >>> graph = nx.path_graph(5)
    >>> nx.set_node_attributes(graph, {0: 10, 1: 30, 2: 20, 3: 20, 4: 20}, "pop")
    >>> line = gd.Geography.from_graph(graph)
    >>> found = gd.best_possible(line, gd.Scenario(areas=(2, 3)), ["population_min"])
    >>> found.table[["value", "plan"]].values.tolist()
    [[40.0, 'AABBB'], [20.0, 'AABCC']]
    """
    counts = count_plans(geography, scenario, progress=progress)
    if int(counts.sum()) > most:
        table = _by_counting(geography, scenario, counts, list(criteria), most)
    else:
        every = atlas(geography, scenario, out, most=most, progress=progress)
        table = _by_listing(every, every.chosen(criteria))
    missing = [int(areas) for areas, plans in counts.items() if not plans]
    reasons = {areas: _why(geography, scenario.replace(areas=areas), explain) for areas in missing}
    return Possible(table, reasons)


def _by_listing(every: Atlas, criteria: Sequence[Criterion]) -> pd.DataFrame:
    """Look at every plan, and keep the best of each number of areas."""
    kept: dict[tuple[int, str], tuple[float, int, str]] = {}
    names = ["areas", "plan", *(each.name for each in criteria)]
    for frame in every.frames(names):
        for areas, part in frame.groupby("areas", sort=True):
            figures = costs(part, criteria)
            for column, criterion in enumerate(criteria):
                least = figures[:, column].min()
                there = np.flatnonzero(figures[:, column] == least)
                key = (int(areas), criterion.name)
                known, many, text = kept.get(key, (np.inf, 0, ""))
                if least < known:
                    kept[key] = (float(least), len(there), str(part["plan"].iloc[there[0]]))
                elif least == known:
                    kept[key] = (known, many + len(there), text)
    signs = {each.name: 1.0 if each.better == "less" else -1.0 for each in criteria}
    titles = {each.name: each.title for each in criteria}
    rows = [
        (areas, name, titles[name], signs[name] * cost + 0.0, many, text, int(every.counts[areas]))
        for (areas, name), (cost, many, text) in sorted(kept.items(), key=lambda item: item[0][0])
    ]
    return _table(rows)


def _by_counting(
    geography: Geography, scenario: Scenario, counts: pd.Series, criteria: list[str], most: int
) -> pd.DataFrame:
    """Find the largest smallest area by halving: whether there is a plan at all is counted."""
    if criteria != ["population_min"]:
        raise UsageError(
            f"{int(counts.sum()):,} plans are more than the {most:,} that are listed; of so many, only "
            "population_min is found, by counting (criteria=['population_min']); narrow the bounds or the "
            "numbers of areas for the others"
        )
    tally = geography.tally
    lower, upper = scenario.population or (0.0, np.inf)
    rows = []
    for areas, plans in counts.items():
        if not plans:
            continue
        low = int(tally.least(lower))
        high = int(tally.count(geography.councils["population"]).sum()) // int(areas)
        while low < high:  # some plan has no area below `low`, none has none below `high` + 1
            middle = (low + high + 1) // 2
            bounds = (float(tally.persons(middle)), upper)
            asked = scenario.replace(areas=int(areas), population=bounds)
            low, high = (middle, high) if count_plans(geography, asked).iloc[0] else (low, middle - 1)
        title = "people of the smallest area"
        rows.append((int(areas), "population_min", title, float(tally.persons(low)), -1, "", int(plans)))
    return _table(rows)


def _table(rows: Sequence[tuple[object, ...]]) -> pd.DataFrame:
    columns = ["areas", "criterion", "title", "value", "plans", "plan", "of"]
    return pd.DataFrame(rows, columns=columns).set_index(["areas", "criterion"])


def _why(geography: Geography, scenario: Scenario, explain: bool) -> str:
    """Say why there is no plan of a number of areas."""
    try:
        check_arithmetic(prepare(geography, scenario))
    except InfeasibleError as error:
        return "; ".join(error.faults) if error.faults else str(error)
    if not explain:
        return "No plan obeys all of the scenario."
    return str(explain_conflict(geography, scenario, Deadline.after(_EXPLAIN_S)))


def _figure(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 1000 else f"{value:,.4g}"
