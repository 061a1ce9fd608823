"""A plan among all plans: its rank in each criterion, what beats it, and the weights for which it is best."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from geo_devolve.atlases.atlas import Atlas
from geo_devolve.atlases.criteria import Criterion
from geo_devolve.atlases.dominance import Floats, costs, dominating, undominated
from geo_devolve.atlases.favour import Favour, favouring
from geo_devolve.atlases.likeness import councils_moved, people_moved
from geo_devolve.atlases.listing import LETTERS
from geo_devolve.errors import UsageError, first_few
from geo_devolve.plan.plan import Plan

NEAREST = 10


@dataclass(frozen=True, eq=False)
class Placement:
    """Where a plan stands in an atlas.

    Attributes
    ----------
    plan
        The plan.
    atlas
        All plans that it is held against.
    criteria
        By what.
    text
        The plan as a row of the atlas has it: a letter for each council.
    listed
        Whether it is a plan of the atlas; otherwise `plan.faults` tell why not.
    ranks
        Index ``criterion``; its ``title``, which is ``better``, the plan's ``value``, the ``best`` and
        ``worst`` value of all plans, ``rank`` (1 is the best; plans as good share it), ``plans`` (how many
        there are), and ``rank_same``, ``plans_same`` among plans with as many areas.
    beaten
        How many plans beat it: as good in all criteria, and better in one.
    beaten_same
        How many of them have as many areas.
    beaten_in_all
        How many are better in every one.
    nearest
        The plans that beat it and move the fewest people, nearest first: the rows of the atlas, with
        ``people_moved`` and ``councils_moved`` (codes).
    favour
        Weights for which no plan is better; None where there are none.
    front
        The plans that no other beats.
    """

    plan: Plan
    atlas: Atlas
    criteria: tuple[Criterion, ...]
    text: str
    listed: bool
    ranks: pd.DataFrame
    beaten: int
    beaten_same: int
    beaten_in_all: int
    nearest: pd.DataFrame
    favour: Favour | None
    front: pd.DataFrame

    @property
    def undominated(self) -> bool:
        """Whether no plan beats it."""
        return self.beaten == 0

    def __repr__(self) -> str:
        """Tell whether it is beaten."""
        return f"<Placement: {self.sentences[0]}>"

    @property
    def sentences(self) -> tuple[str, ...]:
        """What there is to say, for a reader who has to decide."""
        every = f"{len(self.atlas):,} {'drawn ' if self.atlas.sample else ''}plans"
        named = ", ".join(each.title for each in self.criteria)
        if self.undominated:
            first = f"None of {every} is at least as good in all of {named} and better in one."
        else:
            plans = "1 plan is" if self.beaten == 1 else f"{self.beaten:,} plans are"
            first = (
                f"Of {every}, {plans} at least as good in all of {named} and better in one"
                f"; {self.beaten_in_all:,} better in every one, {self.beaten_same:,} with as many areas."
            )
        said = [first]
        if len(self.nearest):
            row = self.nearest.iloc[0]
            said.append(f"The nearest of them moves {row['people_moved']:,.0f} people: {self._moved(row)}.")
        if self.favour is None:
            said.append("Whatever the weights of these criteria, another plan is better.")
        else:
            shares = self.favour.table["share"]
            titles = {each.name: each.title for each in self.criteria}
            weighed = ", ".join(
                f"{titles[name]} {share:.0%}" for name, share in shares.items() if share >= 0.005
            )
            tie = "no plan is better" if self.favour.margin == 0 else "it is the best"
            said.append(f"With weights of {weighed} (of each criterion's range), {tie}.")
        if not self.listed:
            faults = first_few(self.plan.faults, 3) or "the blocks of the scenario are divided"
            said.append(f"It is itself no plan of the scenario: {faults}.")
        if self.atlas.sample:
            said.append("These plans are a sample, so a better one may not be among them.")
        return tuple(said)

    def _moved(self, row: pd.Series) -> str:
        names = self.plan.geography.councils["name"]
        return first_few(str(names.iloc[list(names.index).index(code)]) for code in row["councils_moved"])


def place(plan: Plan, atlas: Atlas, criteria: Sequence[str] | None = None) -> Placement:
    """Hold a plan against every plan of an atlas.

    Parameters
    ----------
    plan
        Any plan of the same councils, also one that breaks the scenario's rules.
    atlas
        All plans, or a sample.
    criteria
        Names of columns; see `Atlas.chosen` for what counts where none are named.

    Returns
    -------
    Placement
        Rank, plans that beat it, weights that favour it, the front.

    Raises
    ------
    UsageError
        Where the plan leaves councils out or is of others, or a criterion is not there.

    Examples
    --------
    >>> import networkx as nx, geo_devolve as gd
    >>> graph = nx.path_graph(4)
    >>> nx.set_node_attributes(graph, 100, "pop")
    >>> line = gd.Geography.from_graph(graph)
    >>> atlas = gd.atlas(line, gd.Scenario(areas=(2, 3)))
    >>> mine = gd.drawn_plan(line, {0: "a", 1: "b", 2: "b", 3: "b"}, atlas.scenario)
    >>> placed = gd.place(mine, atlas, ["population_gap", "boundary_km"])
    >>> placed.beaten, placed.nearest["plan"].tolist()
    (1, ['AABB'])
    """
    named = atlas.chosen(criteria)
    text = text_of(plan, atlas)
    own = measured(atlas, text)
    one = costs(own, named)[0]
    people = atlas.geography.councils["population"].to_numpy(np.float64)
    found = _Found(named, one, len(set(text)))
    for frame in atlas.frames():
        found.add(frame, text, people)
    near = found.nearest(atlas)
    codes = list(atlas.geography.councils.index)
    near["councils_moved"] = [
        tuple(codes[at] for at in councils_moved(text, other, people)) for other in near["plan"]
    ]
    best = costs(found.front, named)
    spread = found.worst - found.best
    return Placement(
        plan=plan,
        atlas=atlas,
        criteria=named,
        text=text,
        listed=found.listed,
        ranks=found.ranks(own),
        beaten=found.beaten,
        beaten_same=found.beaten_same,
        beaten_in_all=found.beaten_in_all,
        nearest=near,
        favour=favouring(best, one, np.where(np.isfinite(spread), spread, 0.0), named),
        front=found.front.iloc[np.lexsort(best.T[::-1])].reset_index(drop=True),
    )


def text_of(plan: Plan, atlas: Atlas) -> str:
    """Return a plan as a row of an atlas has it: a letter for each council.

    Raises
    ------
    UsageError
        Where it is not a plan of the atlas's councils.
    """
    if list(plan.geography.councils.index) != list(atlas.geography.councils.index):
        raise UsageError(
            f"the plan is of {len(plan.geography.councils)} councils of {plan.geography.name}, not of the "
            f"{len(atlas.geography.councils)} of the atlas; read it with the atlas's geography"
        )
    number = plan.groups.number
    if (number < 0).any():
        names = atlas.geography.councils["name"]
        raise UsageError(f"councils in no area: {first_few(names[number < 0])}; a plan has a place for each")
    letters: dict[int, str] = {}
    if len(set(number.tolist())) > len(LETTERS):
        raise UsageError(f"a plan of more than {len(LETTERS)} areas has no place in an atlas")
    return "".join(letters.setdefault(area, LETTERS[len(letters)]) for area in number.tolist())


def measured(atlas: Atlas, text: str) -> pd.DataFrame:
    """Measure one plan as the atlas measures its own, in one row.

    Parameters
    ----------
    atlas
        Whose criteria.
    text
        The plan, a letter for each council, in the order in which they first appear.
    """
    letters = np.frombuffer(text.encode(), dtype="S1")
    areas = np.array([letters == letter for letter in dict.fromkeys(letters.tolist())])
    figures = atlas.listing.criteria.measured(
        sparse.csr_array(areas.astype(np.float64)), np.arange(len(areas))[None, :]
    )
    return pd.DataFrame(figures, columns=[each.name for each in atlas.criteria])


class _Found:
    """What is found of a plan while the plans of an atlas pass by."""

    def __init__(self, criteria: tuple[Criterion, ...], one: Floats, areas: int) -> None:
        self._criteria, self._one, self._areas = criteria, one, areas
        self._better = np.zeros((2, len(criteria)), dtype=np.int64)  # of all, of those with as many areas
        self._plans = [0, 0]
        self.beaten = self.beaten_same = self.beaten_in_all = 0
        self.listed = False
        self.front = pd.DataFrame()
        self._near: list[pd.DataFrame] = []
        self.best, self.worst = np.full(len(criteria), np.inf), np.full(len(criteria), -np.inf)

    def add(self, frame: pd.DataFrame, text: str, people: Floats) -> None:
        """Look at some plans."""
        figures = costs(frame, self._criteria)
        same = (frame["areas"] == self._areas).to_numpy(bool)
        better = figures < self._one
        self._better += np.array([better.sum(axis=0), better[same].sum(axis=0)])
        self._plans = [self._plans[0] + len(frame), self._plans[1] + int(same.sum())]
        self.best = np.minimum(self.best, figures.min(axis=0, initial=np.inf))
        known = np.where(np.isfinite(figures), figures, -np.inf)
        self.worst = np.maximum(self.worst, known.max(axis=0, initial=-np.inf))
        beats = dominating(figures, self._one)
        self.beaten += int(beats.sum())
        self.beaten_same += int((beats & same).sum())
        self.beaten_in_all += int(better.all(axis=1).sum())
        self.listed = self.listed or bool((frame["plan"] == text).any())
        some = pd.concat([self.front, frame[undominated(figures)]])
        self.front = some[undominated(costs(some, self._criteria))]
        rows = frame[beats]
        rows = rows.assign(people_moved=people_moved(text, rows["plan"].tolist(), people))
        self._near = [pd.concat([*self._near, rows]).nsmallest(NEAREST, "people_moved")]

    def nearest(self, atlas: Atlas) -> pd.DataFrame:
        """Return the plans that beat it and move the fewest people."""
        empty = atlas.listing.rows_of_none().assign(people_moved=np.zeros(0))
        return pd.concat(self._near).reset_index(drop=True) if self._near else empty

    def ranks(self, own: pd.DataFrame) -> pd.DataFrame:
        """Return the table of ranks."""
        signs = np.array([1.0 if each.better == "less" else -1.0 for each in self._criteria])
        table: dict[str, Any] = {
            "title": [each.title for each in self._criteria],
            "better": [each.better for each in self._criteria],
            "value": own[[each.name for each in self._criteria]].to_numpy(np.float64)[0],
            "best": self.best * signs,
            "worst": self.worst * signs,
            "rank": self._better[0] + 1,
            "plans": self._plans[0],
            "rank_same": self._better[1] + 1,
            "plans_same": self._plans[1],
        }
        return pd.DataFrame(table, index=pd.Index([each.name for each in self._criteria], name="criterion"))
