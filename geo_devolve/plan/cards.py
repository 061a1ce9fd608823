"""An area's card: all that can be said of one area, for a page, a report or a notebook."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geo_devolve.errors import UsageError, first_few
from geo_devolve.plan.groups import Floats
from geo_devolve.plan.moves import moves
from geo_devolve.plan.plan import Plan

WHOLLY = 1 - 1e-9
"""The share of a body's people from which it counts as lying inside: sums of shares are not exact."""


@dataclass(frozen=True, eq=False)
class Card:
    """One area.

    Attributes
    ----------
    area, name, population
        Code, name, persons.
    councils : DataFrame
        Index ``code``; columns name, population, and one a theme of need; the largest first.
    needs : DataFrame
        Index ``theme``; columns mean (of the area's people, in standard deviations from England's mean,
        which is 0), rank (1: most need), of (how many areas), lowest and highest (of its councils).
    inside : DataFrame
        Bodies wholly inside: columns layer, body, name, people.
    cut : DataFrame
        Bodies with people on both sides: columns layer, body, name, people (in the area), outside, share
        (in the area), elsewhere (tuple of (area, people), most first); the most divided of each layer
        first.
    matches : DataFrame
        Index ``layer``; columns body, name, jaccard, people: the body of each layer that is most nearly
        the area.
    neighbours : DataFrame
        Index ``area``; columns name, border_km, crossings (tuple of kinds); the longest border first.
    what_if : DataFrame
        Moves out of the area and into it, as `moves` gives them, the best first.
    terms : Series
        Contribution (weight × term) of the area, by term.
    """

    area: Any
    name: str
    population: float
    councils: pd.DataFrame
    needs: pd.DataFrame
    inside: pd.DataFrame
    cut: pd.DataFrame
    matches: pd.DataFrame
    neighbours: pd.DataFrame
    what_if: pd.DataFrame
    terms: pd.Series

    def to_mapping(self) -> dict[str, Any]:
        """Return lists, texts and numbers, as JSON has them."""
        tables = {
            name: _plain(getattr(self, name).reset_index(drop=name in {"inside", "cut", "what_if"}))
            for name in ("councils", "needs", "inside", "cut", "matches", "neighbours", "what_if")
        }
        terms = {str(term): float(value) for term, value in self.terms.items()}
        return {
            "area": self.area,
            "name": self.name,
            "population": self.population,
            "terms": terms,
        } | tables


def cards(plan: Plan, what_ifs: pd.DataFrame | None = None) -> dict[Any, Card]:
    """Make the card of every area.

    Parameters
    ----------
    plan
        Any plan.
    what_ifs
        The plan's moves, if they are known already.

    Returns
    -------
    dict
        Area code to card, in the areas' order.
    """
    found = moves(plan) if what_ifs is None else what_ifs
    shared = {layer: plan.groups.people(layer) for layer in plan.geography.layers}
    needs = _needs(plan)
    around = _neighbours(plan)
    weights = np.array(plan.scenario.term_weights)
    made = {}
    for number, area in enumerate(plan.groups.labels):
        inside, cut = _bodies(plan, number, shared)
        near = found[(found["from_area"] == area) | (found["to_area"] == area)]
        made[area] = Card(
            area=area,
            name=str(plan.names.iloc[number]),
            population=float(plan.groups.population[number]),
            councils=_councils(plan, number),
            needs=needs[area],
            inside=inside,
            cut=cut,
            matches=_matches(plan, number, shared),
            neighbours=around[area],
            what_if=near.sort_values("change", kind="stable").reset_index(drop=True),
            terms=pd.Series(plan.terms.to_numpy()[number] * weights, index=plan.terms.columns, name=area),
        )
    return made


def card(plan: Plan, area: object) -> Card:
    """Make the card of one area, by code or name.

    Raises
    ------
    UsageError
        Where the plan has no such area.
    """
    text = str(area).casefold()
    for code, name in plan.names.items():
        if text in {str(code).casefold(), name.casefold()}:
            return cards(plan)[code]
    known = first_few(f"{code} {name}" for code, name in plan.names.items())
    raise UsageError(f'the plan has no area "{area}"; it has {known}')


def _councils(plan: Plan, number: int) -> pd.DataFrame:
    inside = plan.groups.number == number
    themes = plan.geography.needs.scores
    table = plan.geography.councils.loc[inside, ["name", "population"]]
    table = pd.DataFrame(table).join(themes[inside].astype(float))
    return table.sort_values("population", ascending=False, kind="stable")


def _needs(plan: Plan) -> dict[Any, pd.DataFrame]:
    areas, scores = plan.areas, plan.geography.needs.scores
    ranks = {theme: areas[theme].rank(ascending=False, method="min").astype(int) for theme in scores.columns}
    made = {}
    for number, area in enumerate(plan.groups.labels):
        inside = scores[plan.groups.number == number]
        rows = [
            (areas[theme].iloc[number], ranks[theme].iloc[number], len(areas), *_ends(inside[theme]))
            for theme in scores.columns
        ]
        made[area] = pd.DataFrame(
            rows,
            index=pd.Index(scores.columns, name="theme"),
            columns=["mean", "rank", "of", "lowest", "highest"],
        )
    return made


def _ends(values: pd.Series) -> tuple[float, float]:
    return float(values.min()), float(values.max())


def _bodies(plan: Plan, number: int, shared: Mapping[str, Floats]) -> tuple[pd.DataFrame, pd.DataFrame]:
    inside: list[tuple[Any, ...]] = []
    cut: list[tuple[Any, ...]] = []
    for layer, people in shared.items():
        bodies = plan.geography.layers[layer].bodies
        total = bodies["population"].to_numpy(float)
        rows = []
        for body in np.flatnonzero(people[number] > 0).tolist():
            here, code, name = float(people[number, body]), bodies.index[body], str(bodies["name"].iloc[body])
            if here >= WHOLLY * total[body]:
                inside.append((layer, code, name, here))
                continue
            others = sorted(
                (a for a in np.flatnonzero(people[:, body] > 0) if a != number),
                key=lambda a: -people[a, body],
            )
            elsewhere = tuple((plan.groups.labels[a], float(people[a, body])) for a in others)
            rows.append((layer, code, name, here, float(total[body]) - here, here / total[body], elsewhere))
        cut += sorted(rows, key=lambda row: -min(row[3], row[4]))
    columns = ["layer", "body", "name", "people"]
    return (
        pd.DataFrame(inside, columns=columns),
        pd.DataFrame(cut, columns=[*columns, "outside", "share", "elsewhere"]),
    )


def _matches(plan: Plan, number: int, shared: Mapping[str, Floats]) -> pd.DataFrame:
    rows = []
    for layer, people in shared.items():
        bodies = plan.geography.layers[layer].bodies
        if not len(bodies) or not people[number].any():
            continue
        either = bodies["population"].to_numpy(float) + plan.groups.population[number] - people[number]
        jaccard = np.where(people[number] > 0, people[number] / np.where(either > 0, either, 1.0), 0.0)
        best = int(jaccard.argmax())
        name = str(bodies["name"].iloc[best])
        rows.append((layer, bodies.index[best], name, float(jaccard[best]), float(people[number, best])))
    return pd.DataFrame(rows, columns=["layer", "body", "name", "jaccard", "people"]).set_index("layer")


def _neighbours(plan: Plan) -> dict[Any, pd.DataFrame]:
    number = dict(zip(plan.geography.councils.index, plan.groups.number, strict=True))
    length: dict[tuple[int, int], float] = {}
    kinds: dict[tuple[int, int], set[str]] = {}
    for one, other, edge in plan.rules.graph.edges(data=True):
        for a, b in ((number[one], number[other]), (number[other], number[one])):
            if a != b and a >= 0 and b >= 0:
                length[a, b] = length.get((a, b), 0.0) + float(edge["length_m"]) / 1000
                kinds.setdefault((a, b), set())
                if edge["kind"] != "land":
                    kinds[a, b].add(edge["kind"])
    made = {}
    for area, label in enumerate(plan.groups.labels):
        rows = [
            (plan.groups.labels[b], str(plan.names.iloc[b]), km, tuple(sorted(kinds[a, b])))
            for (a, b), km in sorted(length.items(), key=lambda each: (-each[1], each[0]))
            if a == area
        ]
        made[label] = pd.DataFrame(rows, columns=["area", "name", "border_km", "crossings"]).set_index("area")
    return made


def _plain(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): _value(value) for key, value in row.items()} for row in table.to_dict("records")]


def _value(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_value(each) for each in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value
