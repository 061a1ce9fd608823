"""Two plans side by side: who moves, which area became which, what each does better, how far they agree."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from geo_devolve.errors import DataError, first_few
from geo_devolve.measures import entropies, v_measure
from geo_devolve.plan.carry import carry_plan
from geo_devolve.plan.groups import Floats, Groups
from geo_devolve.plan.plan import Plan
from geo_devolve.words import counted


@dataclass(frozen=True, eq=False)
class Comparison:
    """What differs between two plans of the same councils.

    Attributes
    ----------
    matches : DataFrame
        Index ``area`` (of the first plan); columns name, other_area, other_name (the area of the second
        that it is matched with, blank where none is left), people (in both), share (of the first's
        people), jaccard. Areas are matched one to one so that as many people as possible live in both.
    moved : DataFrame
        Councils that are not in the area that theirs is matched with: index ``code``; columns name,
        population, area, other_area.
    terms : DataFrame
        Index term; columns weight, value, other_value, contribution, other_contribution, change; the
        objective last. Both plans by the first's scenario.
    councils_moved, people_moved
        How many.
    adjusted_rand
        Of the two plans over councils, in [-0.5, 1]: 1 where they are the same, about 0 where as alike as
        chance.
    homogeneity, completeness, v_measure
        Of the second plan's areas inside the first's, over people.
    """

    plan: Plan
    other: Plan
    matches: pd.DataFrame
    moved: pd.DataFrame
    terms: pd.DataFrame
    adjusted_rand: float
    homogeneity: float
    completeness: float
    v_measure: float

    @property
    def councils_moved(self) -> int:
        """Councils that are not in the area that theirs is matched with."""
        return len(self.moved)

    @property
    def people_moved(self) -> float:
        """People of the councils that moved (persons)."""
        return float(self.moved["population"].sum())

    def __repr__(self) -> str:
        """Tell how much moves."""
        return f"<Comparison: {self.summary()}>"

    def summary(self) -> str:
        """Say in a line how much moves and how far the two agree."""
        moved = counted(self.councils_moved, "council") + (" moves" if self.councils_moved == 1 else " move")
        return (
            f"{moved} with {self.people_moved:,.0f} people; adjusted Rand {self.adjusted_rand:.3f}, "
            f"V-measure {self.v_measure:.3f}"
        )


def compare(plan: Plan, other: Plan) -> Comparison:
    """Compare two plans of the same geography, or of two vintages of it.

    Parameters
    ----------
    plan
        The one to compare with; its scenario scores both.
    other
        The other. One of another vintage is first carried to the councils of `plan`, which its notes tell.

    Returns
    -------
    Comparison
        Councils that move, areas matched, terms side by side, agreement.

    Raises
    ------
    DataError
        Where the two are not of the same councils, and no table of successors leads from one to the other.
    """
    other = _of_the_same_councils(plan, other)
    rescored = other if other.scenario is plan.scenario else other.replace_scenario(plan.scenario)
    together = _people_in_both(plan.groups, rescored.groups)
    matched = _match(together)
    whole = _people_in_both(plan.groups.completed, rescored.groups.completed)
    homogeneity, completeness = entropies(whole.T)
    return Comparison(
        plan=plan,
        other=other,
        matches=_matches(plan, rescored, together, matched),
        moved=_moved(plan, rescored, matched),
        terms=terms_side_by_side(plan, rescored),
        adjusted_rand=adjusted_rand(plan.groups.completed.number, rescored.groups.completed.number),
        homogeneity=homogeneity,
        completeness=completeness,
        v_measure=v_measure(homogeneity, completeness),
    )


def _of_the_same_councils(plan: Plan, other: Plan) -> Plan:
    """Return the other plan, carried to this one's councils where it is of another vintage."""
    ours, theirs = plan.geography.councils.index, other.geography.councils.index
    if list(ours) == list(theirs):
        return other
    try:
        return carry_plan(other, plan.geography, plan.scenario)[0]
    except DataError as error:
        strange = [str(code) for code in theirs if code not in set(ours)] or [str(code) for code in ours][:5]
        raise DataError(
            f"the two plans are not of the same councils: {plan.geography.name} and {other.geography.name} "
            f"do not share {first_few(strange)}. {error}"
        ) from None


def adjusted_rand(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> float:
    """Return the adjusted Rand index of two assignments of the same things (Hubert and Arabie, 1985).

    Parameters
    ----------
    one, other
        The number of each thing's group, from 0.

    Returns
    -------
    float
        1 where they group alike; about 0 where no more than by chance.
    """
    table = np.zeros((int(one.max(initial=-1)) + 1, int(other.max(initial=-1)) + 1), dtype=np.int64)
    np.add.at(table, (one, other), 1)

    def pairs(counts: np.ndarray[Any, Any]) -> int:
        return int((counts * (counts - 1) // 2).sum())

    both, ours, theirs, all_ = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0)), len(one)
    all_ = all_ * (all_ - 1) // 2
    if ours == theirs == both:
        return 1.0
    chance, most = ours * theirs / all_, (ours + theirs) / 2
    return (both - chance) / (most - chance)


def _people_in_both(one: Groups, other: Groups) -> Floats:
    people = one.geography.councils["population"].to_numpy(float)
    weighted = csr_array(one.members * people[None, :])
    return (weighted @ other.members.T).toarray()


def _match(together: Floats) -> dict[int, int]:
    """Match rows with columns one to one so that the sum is greatest; pairs without people stay unmatched."""
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 - slow to load, and nothing else needs it

    rows, columns = linear_sum_assignment(-together)
    return {int(a): int(b) for a, b in zip(rows, columns, strict=True) if together[a, b] > 0}


def _matches(plan: Plan, other: Plan, together: Floats, matched: dict[int, int]) -> pd.DataFrame:
    rows: list[tuple[Any, ...]] = []
    for number, area in enumerate(plan.groups.labels):
        people, name = float(plan.groups.population[number]), plan.names.iloc[number]
        if number in matched:
            mate = matched[number]
            both = float(together[number, mate])
            either = people + float(other.groups.population[mate]) - both
            called = other.groups.labels[mate], other.names.iloc[mate]
            rows.append((area, name, *called, both, both / people, both / either))
        else:
            rows.append((area, name, "", "", 0.0, 0.0, 0.0))
    columns = ["area", "name", "other_area", "other_name", "people", "share", "jaccard"]
    return pd.DataFrame(rows, columns=columns).set_index("area")


def _moved(plan: Plan, other: Plan, matched: dict[int, int]) -> pd.DataFrame:
    ours, theirs = plan.groups.number, other.groups.number
    expected = np.array([matched.get(int(number), -2) if number >= 0 else -1 for number in ours])
    moves = np.flatnonzero(expected != theirs)
    councils = plan.geography.councils.iloc[moves]

    def label(groups: Groups, number: int) -> Any:
        return groups.labels[number] if number >= 0 else ""

    return pd.DataFrame(
        {
            "name": councils["name"].astype(str).to_numpy(),
            "population": councils["population"].to_numpy(float),
            "area": [label(plan.groups, ours[move]) for move in moves],
            "other_area": [label(other.groups, theirs[move]) for move in moves],
        },
        index=councils.index,
    )


def terms_side_by_side(plan: Plan, other: Plan) -> pd.DataFrame:
    """Return the terms of two plans of one scenario: weight, values, contributions and the change.

    Returns
    -------
    DataFrame
        Index ``term``, the objective last; columns weight, value, other_value, contribution,
        other_contribution, change (other less this; below zero the other is better).
    """
    one, two = plan.terms.sum(), other.terms.sum()
    weights = np.array(plan.scenario.term_weights)
    table = pd.DataFrame(
        {
            "weight": weights,
            "value": one.to_numpy(),
            "other_value": two.to_numpy(),
            "contribution": weights * one.to_numpy(),
            "other_contribution": weights * two.to_numpy(),
        },
        index=pd.Index(plan.scenario.term_names, name="term"),
    )
    table.loc["objective"] = [np.nan, plan.objective, other.objective, plan.objective, other.objective]
    table["change"] = table["other_contribution"] - table["contribution"]
    return table
