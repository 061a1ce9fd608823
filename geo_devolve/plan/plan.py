"""The answer: which council goes to which area, with everything that is known of it."""

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_devolve.constraints.rule import Fault
from geo_devolve.geography.model import Geography
from geo_devolve.optimise.certificate import Certificate
from geo_devolve.plan import scores
from geo_devolve.plan.faults import Rulebook, ferry_only
from geo_devolve.plan.groups import Groups, number_areas
from geo_devolve.plan.names import name_areas
from geo_devolve.scenario import Scenario
from geo_devolve.shown import shown_by


@dataclass(frozen=True, eq=False)
class Plan:
    """An assignment of councils to areas, scored.

    The optimum, a plan drawn by hand and one of another tool are all this; figures are worked out when
    they are first asked for, and kept.

    Attributes
    ----------
    geography
        The study area.
    scenario
        What was asked for, and what the plan is held against.
    assignment
        Index council ``code``, name ``area``; blank (None) where a council is in no area. An optimised
        plan's areas are A01, A02 … from north to south, a drawn one's are called as they were drawn.
    certificate
        How good the plan is known to be; None where it was not optimised.
    notes
        What a reader should know of how it came about.
    misread
        What was wrong with the list that the plan was read from.
    """

    geography: Geography
    scenario: Scenario
    assignment: pd.Series
    certificate: Certificate | None = None
    notes: tuple[str, ...] = ()
    misread: tuple[Fault, ...] = ()

    @classmethod
    def from_groups(
        cls,
        geography: Geography,
        scenario: Scenario,
        groups: Sequence[Iterable[Any]],
        certificate: Certificate | None = None,
        notes: Sequence[str] = (),
    ) -> "Plan":
        """Make a plan of groups of council codes, numbered A01, A02 … from north to south."""
        return cls(geography, scenario, number_areas(geography, groups), certificate, tuple(notes))

    def noting(self, *notes: str) -> "Plan":
        """Return the same plan, with all that is worked out of it, and with more notes."""
        same = copy.copy(self)
        object.__setattr__(same, "notes", (*self.notes, *notes))
        return same

    def __repr__(self) -> str:
        """Tell areas, councils and how good it is."""
        known = "drawn" if self.certificate is None else "proven" if self.certificate.proven else "not proven"
        return (
            f"<Plan of {self.geography.name}: {len(self.groups.labels)} areas of "
            f"{len(self.geography.councils)} councils, objective {self.objective:.6f}, {known}>"
        )

    @cached_property
    def groups(self) -> Groups:
        """The areas as arrays."""
        return Groups.of(self.geography, self.assignment)

    @cached_property
    def rules(self) -> Rulebook:
        """The scenario's rules, looked up."""
        return Rulebook(self.geography, self.scenario)

    @cached_property
    def terms(self) -> pd.DataFrame:
        """Unweighted terms, areas × term names; councils in no area in the row ``"(left out)"``."""
        return scores.area_terms(self.groups, self.scenario)

    @cached_property
    def objective(self) -> float:
        """Sum of weight × term, worked out from the councils."""
        return scores.objective_of(self.terms, self.scenario)

    @cached_property
    def names(self) -> pd.Series:
        """Index ``area``, name ``name``; never two alike. An area drawn under a name keeps it."""
        names = name_areas(self.groups)
        if self.certificate is not None:
            return names
        drawn = [str(label) if _is_name(label) else "" for label in names.index]
        taken = {label for label in drawn if label}
        kept = [label or (f"{name} ({area})" if name in taken else name) for label, name, area in
                zip(drawn, names, names.index, strict=True)]  # fmt: skip
        return pd.Series(kept, index=names.index, name="name", dtype=object)

    @cached_property
    def ferry_only(self) -> tuple[Any, ...]:
        """Codes of the areas that hang together only by a ferry."""
        return tuple(ferry_only(self.rules, self.groups))

    @cached_property
    def found_faults(self) -> tuple[Fault, ...]:
        """Everything that the scenario does not allow, and what was wrong with the list it was read from."""
        return (*self.misread, *self.rules.faults(self.groups))

    @cached_property
    def faults(self) -> tuple[str, ...]:
        """The faults in words; empty for a plan that keeps every rule."""
        return tuple(fault.text for fault in self.found_faults)

    @cached_property
    def shapes(self) -> gpd.GeoSeries | None:
        """The areas' shapes, dissolved from the councils' coverage; None where the geography has none."""
        councils = self.geography.councils
        if self.geography.crs is None or councils.geometry.isna().all():
            return None
        drawn = np.asarray(councils.geometry.array)
        merged = [_dissolve(drawn[self.groups.number == number]) for number in range(len(self.groups.labels))]
        return gpd.GeoSeries(merged, index=self.names.index, crs=councils.crs)

    @cached_property
    def areas(self) -> gpd.GeoDataFrame:
        """One row an area.

        Index ``area``; columns name, population (persons), councils (how many), council_codes (tuple),
        one a theme of need (population-weighted mean of the councils' scores), ferry_only, geometry in
        the geography's system.
        """
        groups, councils = self.groups, self.geography.councils
        people = councils["population"].to_numpy(float)
        table = pd.DataFrame(
            {
                "name": self.names,
                "population": groups.population,
                "councils": [len(codes) for codes in groups.codes],
                "council_codes": pd.Series(groups.codes, index=self.names.index, dtype=object),
            },
            index=self.names.index,
        )
        for theme in self.geography.needs.scores.columns:
            weighted = groups.members @ (people * self.geography.needs.scores[theme].to_numpy(float))
            table[theme] = np.divide(
                weighted, groups.population, out=np.zeros(len(table)), where=groups.population > 0
            )
        table["ferry_only"] = [area in self.ferry_only for area in table.index]
        shapes = [None] * len(table) if self.shapes is None else self.shapes
        return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(shapes, index=table.index, crs=councils.crs))

    @cached_property
    def scores(self) -> pd.DataFrame:
        """Every figure about the plan: columns measure, part, area, value, weight, contribution.

        See `geo_devolve.plan.scores` for what the rows are.
        """
        return scores.table(self.groups, self.scenario, self.shapes, self.ferry_only, self.found_faults)

    @cached_property
    def contributions(self) -> pd.Series:
        """Weight × term of the whole plan, by term name: they add up to the objective."""
        return self.terms.sum() * np.array(self.scenario.term_weights)

    def value(self, measure: str, part: str = "", area: Any = "") -> float:
        """Look one figure up in `scores`.

        Raises
        ------
        KeyError
            Where there is no such row.
        """
        rows = self.scores
        found = rows.loc[
            (rows["measure"] == measure) & (rows["part"] == part) & (rows["area"] == area), "value"
        ]
        if found.empty:
            raise KeyError(f"no measure {measure!r} of {part!r} in {area!r}")
        return float(found.iloc[0])

    def area_of(self, council: Any) -> Any:
        """Return the area that a council, by code or name, lies in."""
        (code,) = self.geography.find_councils(council)
        return dict(zip(self.assignment.index, self.assignment, strict=True)).get(code)

    def replace_scenario(self, scenario: Scenario) -> "Plan":
        """Hold the same assignment against another scenario; its certificate does not go with it."""
        return Plan(self.geography, scenario, self.assignment, None, self.notes, self.misread)

    def explore(
        self, other: "Plan | None" = None, *, stability: pd.Series | None = None, height: int = 760
    ) -> Any:
        """Show the explorer page in the cell of a notebook; see `geo_devolve.publish.notebook.explore`."""
        return shown_by("explore")(self, other, stability=stability, height=height)

    def _repr_html_(self) -> str:
        return str(shown_by("plan_html")(self))

    def to_mapping(self) -> Mapping[Any, Any]:
        """Return council code → area."""
        return dict(zip(self.assignment.index, self.assignment, strict=True))


def _is_name(label: object) -> bool:
    """Whether a label of an area says more than a code does: four letters at least."""
    return isinstance(label, str) and sum(map(str.isalpha, label)) >= 4


def _dissolve(shapes: np.ndarray[Any, Any]) -> Any:
    shapes = shapes[~shapely.is_missing(shapes)]
    return shapely.coverage_union_all(shapes) if len(shapes) else None
