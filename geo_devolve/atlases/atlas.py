"""The atlas: every plan that obeys a scenario, each with all its figures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_devolve.atlases import store
from geo_devolve.atlases.criteria import Criterion
from geo_devolve.atlases.dominance import costs, undominated
from geo_devolve.atlases.listing import LETTERS, Listing
from geo_devolve.errors import UsageError, first_few, raise_all
from geo_devolve.geography.model import Geography
from geo_devolve.geography.reading.load import load_geography
from geo_devolve.plan.plan import Plan
from geo_devolve.progress import Progress, silent
from geo_devolve.scenario import Scenario
from geo_devolve.words import or_known

Floats = NDArray[np.float64]

MOST_PLANS = 20_000_000
"""So many plans are listed without being asked again: about 3 GB on disk."""
MOST_IN_MEMORY = 3_000_000


@dataclass(frozen=True, eq=False)
class Atlas:
    """Every plan of a scenario, or an exactly uniform sample of them.

    Attributes
    ----------
    listing
        What the plans are of, and what they are measured by.
    folder
        Where they are written; None where they are in memory.
    held
        The plans in memory; None where they are in the folder.
    sample
        Whether they are a sample: then no plan is known to be the best, nor the front to be whole.
    """

    listing: Listing
    folder: Path | None = None
    held: pd.DataFrame | None = None
    sample: bool = False

    @property
    def geography(self) -> Geography:
        """The study area."""
        return self.listing.geography

    @property
    def scenario(self) -> Scenario:
        """What the plans obey."""
        return self.listing.scenario

    @property
    def counts(self) -> pd.Series:
        """Number of all plans, index ``areas``; also of a sample's."""
        return self.listing.counts

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """What every plan is measured by, in the order of the columns."""
        return self.listing.columns

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.held) if self.held is not None else int(self.counts.sum())

    def __repr__(self) -> str:
        """Tell what it is of, and how many plans it holds."""
        what = "drawn from" if self.sample else "of"
        return f"<Atlas of {self.geography.name}: {len(self):,} plans {what} {int(self.counts.sum()):,}>"

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a plan: areas, number, plan (a letter for each council), then the criteria."""
        return pd.concat(list(self.frames()), ignore_index=True)

    def frames(self, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """Yield the table piece by piece, so that memory does not grow with the number of plans.

        Parameters
        ----------
        columns
            Those wanted, all by default.
        """
        wanted = None if columns is None else list(columns)
        if self.held is not None or self.folder is None:
            held = self.listing.rows_of_none() if self.held is None else self.held
            yield held if wanted is None else held[wanted]
            return
        parts = store.parts_of(self.counts)
        if not parts:
            empty = self.listing.rows_of_none()
            yield empty if wanted is None else empty[wanted]
        for part in parts:
            yield store.read(self.folder, part, wanted)

    def chosen(self, criteria: Sequence[str] | None = None) -> tuple[Criterion, ...]:
        """Return criteria by name; all terms of some weight and what is not a term, where none are named.

        Raises
        ------
        UsageError
            Naming every one that there is not, with the nearest.
        """
        known = {each.name: each for each in self.criteria}
        if criteria is None:
            weights = dict(zip(self.scenario.term_names, self.scenario.term_weights, strict=True))
            named = [name for name in known if weights.get(name, 0.0) > 0]
            return tuple(known[name] for name in [*named, "population_min"])
        wanted = [criteria] if isinstance(criteria, str) else list(criteria)
        faults = [
            f"there is no criterion '{name}'" + or_known(name, known, quote="'")
            for name in wanted
            if name not in known
        ]
        raise_all(UsageError, faults or ([] if wanted else ["no criterion is named"]), "atlas")
        return tuple(known[name] for name in dict.fromkeys(wanted))

    def front(self, criteria: Sequence[str] | None = None, areas: int | None = None) -> pd.DataFrame:
        """Return the plans that no other beats.

        Parameters
        ----------
        criteria
            Names of columns; see `chosen` for what counts where none are named.
        areas
            Among plans with so many areas; among all by default.

        Returns
        -------
        DataFrame
            Rows of the table, those that are equal in all criteria too; the best in the first criterion
            first.

        Examples
        --------
        >>> import networkx as nx, geo_devolve as gd
        >>> graph = nx.path_graph(6)
        >>> nx.set_node_attributes(graph, 100, "pop")
        >>> atlas = gd.atlas(gd.Geography.from_graph(graph), gd.Scenario(areas=(2, 3)))
        >>> atlas.front(["boundary_km", "population_gap"])["plan"].tolist()
        ['AAABBB']
        """
        named = self.chosen(criteria)
        best: pd.DataFrame | None = None
        for frame in self.frames():
            some = frame if areas is None else frame[frame["areas"] == areas]
            some = some[undominated(costs(some, named))]
            best = some if best is None else pd.concat([best, some])
            best = best[undominated(costs(best, named))]
        assert best is not None
        order = np.lexsort(costs(best, named).T[::-1])
        return best.iloc[order].reset_index(drop=True)

    def plan(self, text: str) -> Plan:
        """Return the plan of a row.

        Parameters
        ----------
        text
            The row's ``plan``: a letter for each council, in the order of the geography's.

        Raises
        ------
        UsageError
            Where it is not one letter a council.
        """
        codes = list(self.geography.councils.index)
        if len(text) != len(codes):
            raise UsageError(f"a plan of this atlas has {len(codes)} letters, one a council, not {len(text)}")
        groups: dict[str, list[Any]] = {}
        for code, letter in zip(codes, text, strict=True):
            groups.setdefault(letter, []).append(code)
        return Plan.from_groups(self.geography, self.scenario, list(groups.values()))


def atlas(
    geography: Geography,
    scenario: Scenario,
    out: str | PathLike[str] | None = None,
    *,
    most: int = MOST_PLANS,
    sample: int | None = None,
    progress: Progress = silent,
) -> Atlas:
    """List every plan that obeys a scenario, with all its figures.

    The plans are counted exactly before any is written. Written into a folder, they come in files that appear
    whole or not at all: a run that was killed goes on where it stopped, and leaves the same bytes.

    Parameters
    ----------
    geography
        The study area.
    scenario
        Its numbers of areas, bounds and constraints say what a plan is; its layers, themes and weights how it
        is measured. Every block that the scenario names stays whole; with ``blocks = []`` councils do.
    out
        A folder; None keeps the plans in memory.
    most
        More plans than these are not listed.
    sample
        Draw so many plans instead, each from all of them with the same chance and independently of the others
        (so one may come twice); the scenario's seed is the draw's. Exact, since the draw follows the count.
    progress
        Told of the counting and the listing.

    Returns
    -------
    Atlas
        ``counts``, ``table``, ``front(criteria)``.

    Raises
    ------
    UsageError
        There are too many plans to list, with their number, or to count; or the folder is another's.
    ScenarioError
        The scenario speaks of what is not there.

    Examples
    --------
    >>> import networkx as nx, geo_devolve as gd
    >>> graph = nx.path_graph(4)
    >>> nx.set_node_attributes(graph, 100, "pop")
    >>> atlas = gd.atlas(gd.Geography.from_graph(graph), gd.Scenario(areas=2))
    >>> atlas.table[["plan", "boundary_km", "population_min"]].sort_values("plan").values.tolist()
    [['AAAB', 0.001, 100.0], ['AABB', 0.001, 200.0], ['ABBB', 0.001, 100.0]]
    """
    listing = Listing.of(geography, scenario, progress=progress)
    total = int(listing.counts.sum())
    if listing.counts.index[-1] > len(LETTERS):
        raise UsageError(f"an atlas holds plans of at most {len(LETTERS)} areas; count_plans counts any")
    if sample is not None:
        return Atlas(listing, held=_drawn(listing, sample, scenario.seed), sample=True)
    if total > most:
        by_count = first_few(f"{plans:,} with {areas}" for areas, plans in listing.counts.items())
        raise UsageError(
            f"{total:,} plans obey the scenario ({by_count}), more than the {most:,} that are listed; narrow "
            "the bounds or the numbers of areas, raise most, draw an exactly uniform sample (sample=10000), "
            "or ask for the best ones (near_best)"
        )
    if out is not None:
        store.write(listing, Path(out), progress)
        return Atlas(listing, Path(out))
    if total > MOST_IN_MEMORY:
        raise UsageError(f"{total:,} plans are too many to hold in memory; name a folder to write them into")
    held = [
        listing.rows(part.areas, part.place * store.ROWS_A_PART, part.many)
        for part in store.parts_of(listing.counts)
    ]
    return Atlas(listing, held=pd.concat(held, ignore_index=True) if held else listing.rows_of_none())


def open_atlas(
    folder: str | PathLike[str], geography: Geography | None = None, *, progress: Progress = silent
) -> Atlas:
    """Open an atlas that was written into a folder; one that was not finished is finished.

    Parameters
    ----------
    folder
        As `atlas` leaves it.
    geography
        The study area; by default the geography of the name that the folder knows, cut as it was.
    progress
        Told of the loading, the counting and the listing.

    Raises
    ------
    UsageError
        There is no atlas in the folder, or it is of another geography.
    """
    home = Path(folder)
    about = store.read_about(home)
    made_for = about["geography"]
    if geography is None:
        geography = load_geography(made_for["name"], progress=progress)
        geography = geography.only(*made_for["only"]) if made_for["only"] else geography
    scenario = Scenario.from_mapping(about["scenario"], str(home / store.ABOUT))
    return atlas(geography, scenario, home, most=sum(about["plans"].values()), progress=progress)


def _drawn(listing: Listing, many: int, seed: int) -> pd.DataFrame:
    """Draw plans by number, each with the same chance."""
    counts = {int(areas): int(plans) for areas, plans in listing.counts.items()}
    total = sum(counts.values())
    if many < 0 or (many and not total):
        raise UsageError(f"{many} plans cannot be drawn from {total:,}")
    random = Random(seed)  # noqa: S311 - a draw that can be repeated
    wanted: dict[int, list[tuple[int, int]]] = {areas: [] for areas in counts}
    for draw in range(many):
        number = random.randrange(total)
        for areas, plans in counts.items():
            if number < plans:
                wanted[areas].append((draw, number))
                break
            number -= plans
    frames = [
        listing.drawn(areas, [number for _, number in pairs]).assign(draw=[draw for draw, _ in pairs])
        for areas, pairs in wanted.items()
        if pairs
    ]
    if not frames:
        return listing.rows_of_none()
    return pd.concat(frames).sort_values("draw", ignore_index=True).drop(columns="draw")
