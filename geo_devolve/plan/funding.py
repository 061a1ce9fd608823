"""Block grants: national budgets shared out over areas by stated formulas, to the penny.

A council's weight in a programme is its population, or population × exp(elasticity × need) with the need
of a theme in standard deviations: money a head rises by the factor e^elasticity for each standard
deviation of need. Formulas and index are assumptions of whoever writes the funding file; nothing here is
government policy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from geo_devolve.errors import ScenarioError, raise_all
from geo_devolve.geography.model import Geography
from geo_devolve.plan.funding_file import Budget, Funding, load_funding, parse_funding
from geo_devolve.plan.plan import Plan

__all__ = [
    "Budget",
    "Funding",
    "Grants",
    "council_weights",
    "grants",
    "load_funding",
    "parse_funding",
    "share_out",
]


@dataclass(frozen=True, eq=False)
class Grants:
    """Block grants of a plan.

    Attributes
    ----------
    funding
        What was shared out.
    table : DataFrame
        Columns area, name, programme, year, pence (whole numbers), by_population (pence: its share of
        people alone), moved (pence: the difference). Each programme's year adds up to its national budget
        exactly, in both columns.
    """

    funding: Funding
    table: pd.DataFrame

    def in_pounds(self) -> pd.DataFrame:
        """Return the table with pounds, written to the penny, in place of pence."""
        money = {
            column: [_pounds(int(pence)) for pence in self.table[column]]
            for column in ("pence", "by_population", "moved")
        }
        return self.table.assign(**money).rename(columns={"pence": "pounds"})

    def by(self, *columns: str) -> pd.DataFrame:
        """Add the grants up by area, programme or year; pence."""
        figures = ["pence", "by_population", "moved"]
        return self.table.groupby(list(columns), sort=False, observed=True)[figures].sum()


def share_out(total: int, weights: Sequence[float]) -> list[int]:
    """Share a whole number out by weights: largest remainder, so that the parts add up exactly.

    Parameters
    ----------
    total
        Pence, not negative.
    weights
        Not negative, not all zero.

    Returns
    -------
    list of int
        One a weight. Among equal remainders the earlier comes first.

    Raises
    ------
    ValueError
        For a negative or no weight.
    """
    exact = [Fraction(float(weight)) for weight in weights]
    whole = sum(exact)
    if total < 0 or whole <= 0 or min(exact) < 0:
        raise ValueError("a total and weights below zero, or weights that are all zero, cannot be shared out")
    shares = [total * weight / whole for weight in exact]
    parts = [int(share) for share in shares]
    order = sorted(range(len(parts)), key=lambda place: (parts[place] - shares[place], place))
    for place in order[: total - sum(parts)]:
        parts[place] += 1
    return parts


def grants(plan: Plan, funding: Funding) -> Grants:
    """Share a funding file's budgets out over the areas of a plan.

    Parameters
    ----------
    plan
        Any plan in which every council has an area.
    funding
        See `load_funding`.

    Returns
    -------
    Grants
        By area, programme and year, adding up to the penny.

    Raises
    ------
    ScenarioError
        Where a budget is shared by the need of a theme that the geography does not have, or the plan leaves
        councils out.
    """
    themes = list(plan.geography.needs.scores.columns)
    faults = [
        f'budget "{budget.name}" is shared by theme "{budget.theme}"; known are {", ".join(themes) or "none"}'
        for budget in funding.budgets
        if budget.theme and budget.theme not in themes
    ]
    if plan.groups.left_out:
        faults.append(
            f"the plan leaves {len(plan.groups.left_out)} councils out, whose share would go to others"
        )
    raise_all(ScenarioError, faults, f'funding "{funding.name}"')
    areas, names = list(plan.groups.labels), plan.names.tolist()
    rows: list[tuple[Any, ...]] = []
    for budget in funding.budgets:
        weights = plan.groups.members @ council_weights(plan.geography, budget)
        for year in funding.years:
            total = funding.pence(budget, year)
            needy, plain = (
                share_out(total, weights.tolist()),
                share_out(total, plan.groups.population.tolist()),
            )
            rows += [
                (area, name, budget.name, year, here, alone, here - alone)
                for area, name, here, alone in zip(areas, names, needy, plain, strict=True)
            ]
    columns = ["area", "name", "programme", "year", "pence", "by_population", "moved"]
    return Grants(funding, pd.DataFrame(rows, columns=columns))


def council_weights(geography: Geography, budget: Budget) -> np.ndarray[Any, Any]:
    """Return each council's weight in a programme: people, or people × exp(elasticity × need)."""
    people = geography.councils["population"].to_numpy(float)
    if not budget.theme:
        return people
    return people * np.exp(budget.elasticity * geography.needs.scores[budget.theme].to_numpy(float))


def _pounds(pence: int) -> str:
    return f"{'-' if pence < 0 else ''}{abs(pence) // 100}.{abs(pence) % 100:02d}"
