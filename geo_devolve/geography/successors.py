"""Councils across vintages: which became which, and an assignment carried from the one to the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geo_devolve.errors import DataError, first_few, raise_all
from geo_devolve.geography.model import Geography


@dataclass(frozen=True, eq=False)
class Carried:
    """An assignment carried from the councils of one vintage to those of another.

    Attributes
    ----------
    assignment
        Index ``code`` of the target's councils, values areas, named as the assignment that was carried.
    changes
        A row for each council of the target that is not one of the source under the same code and name, and
        undivided: index ``code``; columns ``name``, ``change`` (renamed, recoded, merged or split), ``was``
        (tuple of the source's codes), ``population`` (persons, by the source's count for a merged council,
        by the target's for a split one), ``areas`` (tuple of the areas it comes from, most people first) and
        ``people_moved`` (persons whose area is not the one that the council was given).
    """

    assignment: pd.Series
    changes: pd.DataFrame

    @property
    def unambiguous(self) -> bool:
        """Whether nobody's area changed by carrying."""
        return bool((self.changes["people_moved"] == 0).all())

    @property
    def people_moved(self) -> float:
        """People whose area is not the one that their council was given (persons)."""
        return float(self.changes["people_moved"].sum())

    @property
    def notices(self) -> tuple[str, ...]:
        """What a reader should know, in sentences."""
        told = []
        for change, text in _TOLD.items():
            some = self.changes[self.changes["change"] == change]
            if len(some):
                people = some["population"].sum()
                told.append(f"{text}: {len(some):,} ({people:,.0f} people): {first_few(some['name'])}")
        for row in self.changes[self.changes["people_moved"] > 0].to_dict("records"):
            others = first_few(row["areas"][1:])
            told.append(
                f"{row['name']} was made of councils of more than one area; it goes with most of its people "
                f"to {row['areas'][0]}, and {row['people_moved']:,.0f} people leave {others}"
            )
        return tuple(told)


_TOLD = {
    "renamed": "Councils with another name",
    "recoded": "Councils with another code",
    "merged": "Councils made of several",
    "split": "Councils that are parts of one",
}


def succession(source: Geography, target: Geography) -> pd.DataFrame:
    """Return which councils of one vintage are which of another.

    Parameters
    ----------
    source, target
        The two vintages, in either order; one of them must name a table of successors that knows the other's
        codes, unless all codes are the same.

    Returns
    -------
    pandas.DataFrame
        Columns ``source`` and ``target`` (codes), a row for each pair that shares land, sorted by both. A
        code that both have and the table does not list is the same council.

    Raises
    ------
    DataError
        Where councils of either are left over: the table is of other vintages.
    """
    here, there = source.councils.index, target.councils.index
    forward, backward = target.successors, source.successors
    if len(forward) and forward["old"].isin(here).any() and forward["new"].isin(there).any():
        pairs = pd.DataFrame({"source": forward["old"], "target": forward["new"]})
    elif len(backward) and backward["new"].isin(here).any() and backward["old"].isin(there).any():
        pairs = pd.DataFrame({"source": backward["new"], "target": backward["old"]})
    else:
        pairs = pd.DataFrame({"source": [], "target": []}, dtype=object)
    pairs = pairs[pairs["source"].isin(here) & pairs["target"].isin(there)]
    same = [
        code
        for code in here.intersection(there)
        if code not in set(pairs["source"]) and code not in set(pairs["target"])
    ]
    pairs = pd.concat([pairs, pd.DataFrame({"source": same, "target": same}, dtype=object)])
    lost = [_called(source, code) for code in here if code not in set(pairs["source"])]
    new = [_called(target, code) for code in there if code not in set(pairs["target"])]
    remedy = "name a table of successors from the one vintage to the other in the later geography's manifest"
    faults = [f"no successor in {target.name} is known of {first_few(lost)}; {remedy}"] if lost else []
    faults += [f"no predecessor in {source.name} is known of {first_few(new)}; {remedy}"] if new else []
    raise_all(DataError, faults, f"from {source.name} to {target.name}")
    pairs = pairs.drop_duplicates().sort_values(["source", "target"], key=lambda column: column.map(str))
    return pairs.reset_index(drop=True)


def carry(assignment: pd.Series | Mapping[Any, Any], source: Geography, target: Geography) -> Carried:
    """Carry an assignment of one vintage's councils to those of another.

    A council made of several goes to the area where most of its people come from; a part of a council goes
    where the whole was.

    Parameters
    ----------
    assignment
        Code of every council of `source` → area.
    source, target
        The two vintages.

    Returns
    -------
    Carried
        The target's assignment, and every council that changed, with the people whose area changes by it.

    Raises
    ------
    DataError
        Where a council has no area, no successor or no predecessor.
    """
    areas = pd.Series(dict(assignment.items()), dtype=object, name=getattr(assignment, "name", None))
    missing = [_called(source, code) for code in source.councils.index if code not in areas.index]
    blank = areas.index[areas.isna()].intersection(source.councils.index)
    missing += [_called(source, code) for code in blank]
    if missing:
        raise DataError(f"councils of {source.name} without an area cannot be carried: {first_few(missing)}")
    pairs = succession(source, target)
    parts = pairs["source"].value_counts()
    found: dict[Any, Any] = {}
    rows = []
    for code, group in pairs.groupby("target", sort=False):
        was = tuple(group["source"])
        people = source.councils.loc[list(was), "population"].to_numpy(np.float64)
        votes = pd.Series(people, index=areas.loc[list(was)].to_numpy(dtype=object)).groupby(
            level=0, sort=False
        )
        ranked = votes.sum().sort_values(ascending=False, kind="stable")
        found[code] = ranked.index[0]
        change = _change(was, code, source, target, divided=bool(parts.loc[list(was)].max() > 1))
        if change != "same":
            rows.append(
                {
                    "code": code,
                    "name": str(target.councils.at[code, "name"]),
                    "change": change,
                    "was": was,
                    "population": float(target.councils.at[code, "population"])
                    if change == "split"
                    else float(people.sum()),
                    "areas": tuple(ranked.index),
                    "people_moved": float(ranked.iloc[1:].sum()),
                }
            )
    columns = ["code", "name", "change", "was", "population", "areas", "people_moved"]
    index = target.councils.index
    values = np.empty(len(index), dtype=object)
    values[:] = [found[code] for code in index]
    carried = pd.Series(values, index=index, name=areas.name or "area")
    changes = (
        pd.DataFrame(rows, columns=columns).set_index("code").sort_index(key=lambda index: index.map(str))
    )
    return Carried(carried, changes)


def _change(was: tuple[Any, ...], code: Any, source: Geography, target: Geography, *, divided: bool) -> str:
    if len(was) > 1:
        return "merged"
    if divided:
        return "split"
    if was[0] != code:
        return "recoded"
    alike = str(source.councils.at[code, "name"]) == str(target.councils.at[code, "name"])
    return "same" if alike else "renamed"


def _called(geography: Geography, code: Any) -> str:
    return f"{geography.councils.at[code, 'name']} ({code})"
