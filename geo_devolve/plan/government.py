"""Who would govern each area, and which commissioners it would replace.

Each area is to be covered by one combined authority or one upper-tier council. For each it is told
whether one exists that covers it exactly, nearly (and what it would have to add or lose), or whether a
new one is needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geo_devolve.errors import ScenarioError
from geo_devolve.plan.groups import main_bodies
from geo_devolve.plan.plan import Plan

AUTHORITIES = ("authority", "upper_tier")
"""Layers of authorities that may govern an area have these in their keys; the last are a new's members."""

NEARLY = 0.75
"""The share of people in common (Jaccard) from which an authority covers an area nearly."""

_EXACT = 1 - 1e-9


@dataclass(frozen=True, eq=False)
class Government:
    """What becomes of authorities and commissioners under a plan.

    Attributes
    ----------
    areas : DataFrame
        Index ``area``; columns name, cover ("exactly", "nearly", "new"), layer, body, authority (name;
        blank where new), jaccard (of the authority that comes nearest), add and lose (tuples of council
        codes that it would have to add or lose), members (tuple of the names of the upper-tier councils
        wholly inside), part_members (of those partly inside), replaces (how many commissioners wholly),
        replaces_partly.
    commissioners : DataFrame
        How many bodies each area replaces: columns area, layer, wholly, partly.
    bodies : DataFrame
        Where each old body goes: columns layer, body, name, area, area_name, people, share (of the body's).
    """

    areas: pd.DataFrame
    commissioners: pd.DataFrame
    bodies: pd.DataFrame

    def summary(self) -> str:
        """Say in a sentence how many areas have their authority already."""
        covers = self.areas["cover"].value_counts()
        wholly = int((self.bodies.groupby(["layer", "body"])["share"].max() >= _EXACT).sum())
        all_ = len(self.bodies.groupby(["layer", "body"]))
        return (
            f"Of {len(self.areas)} areas, {covers.get('exactly', 0)} have an authority that covers them "
            f"exactly, {covers.get('nearly', 0)} nearly, and {covers.get('new', 0)} need a new one. "
            f"They take the place of {all_} commissioners, {wholly} of which lie wholly in one area."
        )


def government(
    plan: Plan, authorities: Sequence[str] | None = None, commissioners: Sequence[str] | None = None
) -> Government:
    """Tell for each area who could govern it and whom it replaces.

    Parameters
    ----------
    plan
        Any plan.
    authorities
        Layers whose bodies may govern an area, in order of preference; the bodies of the last are those
        that a new combined authority is made of. By default those whose keys speak of an authority, then
        upper-tier councils.
    commissioners
        Layers whose bodies are replaced. By default those that the scenario scores and that are no
        authorities.

    Returns
    -------
    Government
        Tables by area and by old body.

    Raises
    ------
    ScenarioError
        Where the geography has no such layer.
    """
    layers = plan.geography.layers
    if authorities is None:
        authorities = [layer for part in AUTHORITIES for layer in layers if part in layer]
    if commissioners is None:
        commissioners = [layer for layer in plan.scenario.layers if layer not in authorities]
    for layer in (*authorities, *commissioners):
        if layer not in layers:
            raise ScenarioError(f'there is no layer "{layer}"; known are {", ".join(layers)}')
    bodies = _bodies(plan, commissioners)
    counted = _counted(plan, bodies, commissioners)
    replaced = counted.groupby("area")[["wholly", "partly"]].sum()
    areas = _areas(plan, authorities)
    areas["replaces"] = replaced["wholly"].reindex(areas.index, fill_value=0)
    areas["replaces_partly"] = replaced["partly"].reindex(areas.index, fill_value=0)
    return Government(areas, counted, bodies)


def _areas(plan: Plan, authorities: Sequence[str]) -> pd.DataFrame:
    shared = {layer: plan.groups.people(layer) for layer in authorities}
    rows = [_area(plan, number, shared) for number in range(len(plan.groups.labels))]
    columns = [
        "name",
        "cover",
        "layer",
        "body",
        "authority",
        "jaccard",
        "add",
        "lose",
        "members",
        "part_members",
    ]
    return pd.DataFrame(rows, index=plan.names.index, columns=columns)


def _area(plan: Plan, number: int, shared: dict[str, np.ndarray[Any, Any]]) -> list[Any]:
    population = plan.groups.population[number]
    best: tuple[float, str, int] = (0.0, "", -1)
    for layer, people in shared.items():
        here = people[number]
        either = plan.geography.layers[layer].bodies["population"].to_numpy(float) + population - here
        jaccard = np.where(here > 0, here / np.where(either > 0, either, 1.0), 0.0)
        if len(jaccard) and jaccard.max() > best[0] + 1e-12:  # the earlier layer where equally near
            best = float(jaccard.max()), layer, int(jaccard.argmax())
    jaccard_, layer, body = best
    cover = "exactly" if jaccard_ >= _EXACT else "nearly" if jaccard_ >= NEARLY else "new"
    add: tuple[Any, ...] = ()
    lose: tuple[Any, ...] = ()
    code, name = "", ""
    if cover != "new":
        table = plan.geography.layers[layer].bodies
        code, name = table.index[body], str(table["name"].iloc[body])
    if cover == "nearly":
        of_body = main_bodies(plan.geography, layer)[:, [body]].toarray().ravel()
        of_area = plan.groups.number == number
        codes = list(plan.geography.councils.index)
        add = tuple(codes[place] for place in np.flatnonzero(of_area & ~of_body))
        lose = tuple(codes[place] for place in np.flatnonzero(of_body & ~of_area))
    wholly, partly = _members(plan, number, shared)
    shown = layer if cover != "new" else ""
    return [plan.names.iloc[number], cover, shown, code, name, jaccard_, add, lose, wholly, partly]


def _members(
    plan: Plan, number: int, shared: dict[str, np.ndarray[Any, Any]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if not shared:
        return (), ()
    layer, people = list(shared.items())[-1]
    table = plan.geography.layers[layer].bodies
    total, here = table["population"].to_numpy(float), people[number]
    wholly = (here > 0) & (here >= _EXACT * total)
    names = [str(name) for name in table["name"]]
    return (
        tuple(names[body] for body in np.flatnonzero(wholly)),
        tuple(names[body] for body in np.flatnonzero((here > 0) & ~wholly)),
    )


def _bodies(plan: Plan, layers: Sequence[str]) -> pd.DataFrame:
    rows: list[tuple[Any, ...]] = []
    for layer in layers:
        table, people = plan.geography.layers[layer].bodies, plan.groups.people(layer)
        for body in range(len(table)):
            areas = np.flatnonzero(people[:, body] > 0)
            for area in sorted(areas, key=lambda a: (-people[a, body], a)):
                here = float(people[area, body])
                share = here / float(table["population"].iloc[body])
                old = (layer, table.index[body], str(table["name"].iloc[body]))
                rows.append((*old, plan.groups.labels[area], plan.names.iloc[area], here, share))
    return pd.DataFrame(rows, columns=["layer", "body", "name", "area", "area_name", "people", "share"])


def _counted(plan: Plan, bodies: pd.DataFrame, layers: Sequence[str]) -> pd.DataFrame:
    rows = []
    for area in plan.groups.labels:
        here = bodies[bodies["area"] == area]
        for layer in layers:
            shares = here.loc[here["layer"] == layer, "share"]
            wholly = int((shares >= _EXACT).sum())
            rows.append((area, layer, wholly, len(shares) - wholly))
    return pd.DataFrame(rows, columns=["area", "layer", "wholly", "partly"])
