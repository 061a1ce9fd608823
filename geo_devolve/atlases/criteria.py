"""What every plan is measured by: figures of its areas, folded into figures of the plan.

A measure gives each area a few numbers and folds those of a plan's areas into its criteria, so that an area
which a million plans share is measured once. To add one, write a function that makes it (None where the
geography or the scenario has nothing to measure) and name it in `MEASURES`: the atlas, its fronts and pages
take it from there. `gd.score` says the same of any one plan, and a test holds the two together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse

from geo_devolve.geography.model import Geography
from geo_devolve.geography.reading.borders import measure_borders
from geo_devolve.objective.gather import council_units
from geo_devolve.objective.terms import union_terms
from geo_devolve.scenario import Scenario

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Better = Literal["less", "more"]
_WHOLE = 1 - 1e-9
"""The share of a body's people from which it lies wholly in an area: sums of shares are not exact."""


@dataclass(frozen=True)
class Criterion:
    """One figure of a plan.

    Attributes
    ----------
    name
        Of the column: a term's, or ``measure:part``.
    title
        For readers.
    better
        Whether less or more of it is better.
    whole
        Whether it is a whole number.
    """

    name: str
    title: str
    better: Better = "less"
    whole: bool = False


@dataclass(frozen=True, eq=False)
class Measure:
    """Criteria that are worked out together.

    Attributes
    ----------
    criteria
        What it tells of a plan.
    of_areas
        Measures areas (areas × councils, 1 where a council belongs to the area): areas × numbers.
    of_plans
        Folds the numbers of plans' areas (plans × areas × numbers): plans × criteria.
    """

    criteria: tuple[Criterion, ...]
    of_areas: Callable[[sparse.csr_array], Floats]
    of_plans: Callable[[Floats], Floats]


def terms(geography: Geography, scenario: Scenario) -> Measure:
    """Measure the objective, its terms, and the length of all borders between areas."""
    names, weights = scenario.term_names, np.array(scenario.term_weights)
    titles = {name: geography.layers[name].title for name in scenario.layers}
    borders_km = float(geography.borders["length_m"].sum()) / 1000
    compactness = names.index("compactness")

    def of_plans(areas: Floats) -> Floats:
        found = areas.sum(axis=1)
        # no product of matrices, whose last digit depends on how many rows there are
        objective = (found * weights).sum(axis=1)
        return np.column_stack([objective, found, found[:, compactness] * borders_km])

    criteria = [Criterion("objective", "objective")]
    criteria += [Criterion(name, titles.get(name, name)) for name in names]
    criteria.append(Criterion("boundary_km", "borders between areas (km)"))
    units = council_units(geography, scenario)
    return Measure(tuple(criteria), lambda members: union_terms(units, members), of_plans)


def people(geography: Geography, scenario: Scenario) -> Measure:  # noqa: ARG001
    """Measure the smallest and the largest area."""
    tally = geography.tally
    counted = tally.count(geography.councils["population"])

    def of_plans(areas: Floats) -> Floats:
        smallest, largest = areas[:, :, 0].min(axis=1), areas[:, :, 0].max(axis=1)
        return tally.persons(np.column_stack([smallest, largest, largest - smallest]))

    criteria = (
        Criterion("population_min", "people of the smallest area", "more"),
        Criterion("population_max", "people of the largest area"),
        Criterion("population_gap", "gap in people between the largest and the smallest area"),
    )
    return Measure(criteria, lambda members: (members @ counted)[:, None], of_plans)


def cut_bodies(geography: Geography, scenario: Scenario) -> Measure:  # noqa: ARG001
    """Count the bodies of each layer that have people in more than one area."""
    in_both = [geography.people(name) for name in geography.layers]
    totals = [np.asarray(each.sum(axis=0)).ravel() for each in in_both]
    bodies = np.array([float((total > 0).sum()) for total in totals])

    def of_areas(members: sparse.csr_array) -> Floats:
        """Count the bodies that lie wholly in an area, as far as the study area goes."""
        found = np.zeros((members.shape[0], len(in_both)))
        for column, (residents, total) in enumerate(zip(in_both, totals, strict=True)):
            both = sparse.csr_array(members @ residents)
            whole = (both.data > 0) & (both.data >= _WHOLE * total[both.indices])
            rows = np.repeat(np.arange(both.shape[0]), np.diff(both.indptr))
            found[:, column] = np.bincount(rows[whole], minlength=both.shape[0])
        return found

    criteria = tuple(
        Criterion(f"bodies_cut:{name}", f"divided: {layer.title}", whole=True)
        for name, layer in geography.layers.items()
    )
    return Measure(criteria, of_areas, lambda areas: bodies - areas.sum(axis=1))


def ferries(geography: Geography, scenario: Scenario) -> Measure | None:
    """Count the areas that hang together only by a ferry."""
    graph = geography.neighbours(scenario.crossings, scenario.min_border_m)
    place = {code: number for number, code in enumerate(geography.councils.index)}
    near = np.eye(len(place))
    some = False
    for one, other, kind in graph.edges(data="kind"):
        if kind == "ferry":
            some = True
        else:
            near[place[one], place[other]] = near[place[other], place[one]] = 1.0

    def of_areas(members: sparse.csr_array) -> Floats:
        inside = members.toarray() > 0
        reached = np.zeros(inside.shape, dtype=bool)
        reached[np.arange(len(inside)), inside.argmax(axis=1)] = True
        while True:
            further = inside & ((reached @ near) > 0)
            if (further == reached).all():
                return (inside & ~reached).any(axis=1).astype(np.float64)[:, None]
            reached = further

    criterion = Criterion("ferry_only_areas", "areas that hang together only by a ferry", whole=True)
    return Measure((criterion,), of_areas, lambda areas: areas.sum(axis=1)) if some else None


def roundness(geography: Geography, scenario: Scenario) -> Measure | None:  # noqa: ARG001
    """Measure the mean of the areas' Polsby-Popper measures; coasts count."""
    shapes, codes = geography.councils.geometry.to_numpy(), geography.councils.index
    if geography.crs is None or geography.councils.geometry.isna().any():
        return None
    place = {code: number for number, code in enumerate(codes)}
    borders = measure_borders(shapes, codes)
    one, other = (np.array([place[code] for code in borders[side]], int) for side in ("council", "neighbour"))
    length = borders["length_m"].to_numpy(np.float64)
    places = (np.concatenate([one, other]), np.concatenate([other, one]))
    shared = sparse.csr_array((np.concatenate([length, length]), places), shape=(len(codes), len(codes)))
    size, outline = shapely.area(shapes), shapely.length(shapes)

    def of_areas(members: sparse.csr_array) -> Floats:
        inside = np.asarray((sparse.csr_array(members @ shared) * members).sum(axis=1)).ravel()
        around = members @ outline - inside
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(around > 0, 4 * np.pi * (members @ size) / around**2, np.nan)[:, None]

    criterion = Criterion("polsby_popper", "mean Polsby-Popper", "more")
    return Measure((criterion,), of_areas, lambda areas: areas.mean(axis=1))


MEASURES: tuple[Callable[[Geography, Scenario], Measure | None], ...] = (
    terms,
    people,
    cut_bodies,
    ferries,
    roundness,
)


@dataclass(frozen=True, eq=False)
class Criteria:
    """All measures that apply to a geography and a scenario."""

    measures: tuple[Measure, ...]

    @classmethod
    def of(cls, geography: Geography, scenario: Scenario) -> "Criteria":
        """Gather what applies."""
        made = (make(geography, scenario) for make in MEASURES)
        return cls(tuple(each for each in made if each is not None))

    @property
    def all(self) -> tuple[Criterion, ...]:
        """The criteria, in the order of the columns."""
        return tuple(each for measure in self.measures for each in measure.criteria)

    def measured(self, members: sparse.csr_array, plans: Ints) -> Floats:
        """Measure plans of equally many areas.

        Parameters
        ----------
        members
            Areas × councils, 1 where a council belongs to an area.
        plans
            Plans × areas: rows of `members`.

        Returns
        -------
        Floats
            Plans × criteria.
        """
        return np.hstack([each.of_plans(each.of_areas(members)[plans]) for each in self.measures])
