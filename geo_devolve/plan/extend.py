"""Extend what exists: authorities that stay, and the best way to give every other council one.

An existing authority is neither divided nor merged with another; councils outside may join it, or form new
areas among themselves. It exists at the size that it has, so the scenario's least population counts for new
areas only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_devolve.clock import NEVER, Deadline
from geo_devolve.constraints.ground import signatures
from geo_devolve.errors import InfeasibleError, NoPlanInTimeError, UsageError, first_few
from geo_devolve.geography.layers import Layer
from geo_devolve.geography.model import Geography
from geo_devolve.objective.units import Masks, to_masks
from geo_devolve.optimise.asked.prepared import Prepared
from geo_devolve.optimise.asked.rules import touches
from geo_devolve.optimise.certificate import Status
from geo_devolve.optimise.compiled.sums import sum_over
from geo_devolve.optimise.engines.choose import Engine
from geo_devolve.optimise.engines.listing import Listing
from geo_devolve.optimise.outcome import Outcome
from geo_devolve.optimise.problem import Problem
from geo_devolve.plan.plan import Plan
from geo_devolve.progress import Progress, silent
from geo_devolve.scenario import Scenario

STAGE = "pricing"
FIXED = "fixed"


@dataclass(frozen=True, eq=False)
class Extension:
    """Existing authorities completed to a plan of the whole.

    Attributes
    ----------
    plan
        The best completion, with its certificate.
    layer
        The layer whose bodies are the existing authorities.
    uncovered
        The councils that had none: index ``code``; columns ``name``, ``population`` (persons), ``area``,
        ``area_name``, and ``joins``, the authority that they join, blank where they are in a new area.
    authorities
        Index the authority's code; columns ``name``, ``population`` (persons, as it is), ``area``,
        ``joined`` (how many councils join), ``people_joined``, ``could_reach`` (persons, if every council
        that it can reach without crossing another authority joined), and ``price``: how much better the best
        objective would be if this one could be divided or merged, all others staying (0 or more; NaN where
        it was not asked for or is not proven), with ``areas_then``, the best number of areas in that case.
    """

    plan: Plan
    layer: str
    uncovered: pd.DataFrame
    authorities: pd.DataFrame

    @property
    def new_areas(self) -> pd.DataFrame:
        """The areas without any existing authority: rows of the plan's areas."""
        areas, held = self.plan.areas, set(self.authorities["area"])
        locked = _locked_councils(self.plan.geography, self.plan.scenario)
        new = [
            area not in held and not locked & set(codes)
            for area, codes in zip(areas.index, areas["council_codes"], strict=True)
        ]
        return pd.DataFrame(areas[new])

    def to_dict(self) -> dict[str, Any]:
        """Return all but the plan's scores as plain lists and numbers, for JSON."""
        certificate = self.plan.certificate
        return {
            "layer": self.layer,
            "objective": self.plan.objective,
            "proven": certificate is not None and certificate.proven,
            "authorities": _records(self.authorities),
            "uncovered": _records(self.uncovered),
            "new_areas": _records(self.new_areas[["name", "population", "councils"]]),
        }


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table's rows with its index, numbers as Python's, what is not a number as None."""
    rows = pd.DataFrame(table.reset_index()).astype(object).to_dict("records")
    return [
        {
            str(key): None if isinstance(value, float) and np.isnan(value) else value
            for key, value in row.items()
        }
        for row in rows
    ]


class _Completion(Problem):
    """A problem whose areas below the least population must hold an existing authority whole."""

    def __init__(
        self,
        geography: Geography,
        scenario: Scenario,
        cores: Sequence[Sequence[Any]],
        least: float,
        progress: Progress,
    ) -> None:
        self._cores, self._least = cores, least
        super().__init__(geography, scenario, progress=progress)

    def engaged(
        self, scenario: Scenario | None = None, deadline: Deadline = NEVER, *, progress: Progress = silent
    ) -> tuple[Prepared, Engine]:
        """Return the scenario made ready, and an engine over the candidates that a completion may have."""
        prepared, engine = super().engaged(scenario, deadline, progress=progress)
        if not isinstance(engine, Listing):
            raise UsageError("an extension has to list its candidates; name more layers in blocks")
        fine = np.flatnonzero(self._fine(prepared, engine.program.masks))
        return prepared, Listing(prepared, engine.program.take(fine))

    def _fine(self, prepared: Prepared, masks: Masks) -> NDArray[np.bool_]:
        n = prepared.units.n
        units = prepared.units
        fine = sum_over(masks, units.population) >= units.tally.least(self._least)
        for core in self._cores:
            whole = _mask(n, prepared.blocks.of.loc[list(core)].to_numpy(dtype=np.int64))
            fine |= ((masks & whole) == whole).all(axis=1)
        for block in prepared.locked:
            fine |= touches(masks, _mask(n, np.array([block])))
        return fine

    def _none(
        self,
        prepared: Prepared,
        found: list[Outcome],
        deadline: Deadline,  # noqa: ARG002
    ) -> InfeasibleError | NoPlanInTimeError:
        # the general reasons do not know of the authorities' sizes, so they would be wrong here
        if all(each.result.status == Status.INFEASIBLE for each in found):
            counts = prepared.scenario.counts
            few, many = min(counts), max(counts)
            areas = f"{few}" if few == many else f"{few} to {many}"
            return InfeasibleError(
                f'scenario "{prepared.scenario.name}": no {areas} areas keep every existing authority whole '
                f"and apart with at least {self._least:,.0f} people in each new area; ask for another number "
                "of areas, or lower the least population"
            )
        return NoPlanInTimeError(
            f"no completion was found in {prepared.scenario.time_limit_s:g} s; raise time_limit_s"
        )


def _mask(n: int, blocks: NDArray[np.int64]) -> Masks:
    flags = np.zeros((1, n), dtype=bool)
    flags[0, blocks] = True
    return to_masks(flags)[0]


def extend(
    geography: Geography,
    scenario: Scenario,
    layer: str,
    *,
    prices: bool = True,
    progress: Progress = silent,
) -> Extension:
    """Find the best completion of the authorities that exist.

    Parameters
    ----------
    geography
        The study area.
    scenario
        What is asked for; its locked areas stay, its least population counts for new areas.
    layer
        The layer whose bodies are the existing authorities.
    prices
        Whether to work out what each fixed authority costs, one solve each.
    progress
        Told how far the work is.

    Returns
    -------
    Extension
        The plan, who joins whom, and the prices.

    Raises
    ------
    ScenarioError
        Where the layer, or what the scenario speaks of, does not exist.
    UsageError
        Where the scenario sets no bounds of population, or an authority is larger than they allow.
    InfeasibleError
        Where no completion obeys the scenario.
    """
    if scenario.population is None:
        raise UsageError("an extension needs the least and the most people of a new area")
    cores = _cores(geography, scenario, layer)
    if not cores:
        raise UsageError(f"layer {layer!r} has no authority that holds most people of any council")
    most = scenario.population[1]
    sizes = _sizes(geography, layer)
    large = [_name(geography, layer, code) for code in cores if sizes[code] > most]
    if large:
        raise UsageError(
            f"larger than an area may be: {first_few(large)}; lock them in the scenario, exempt from bounds"
        )
    problem = _problem(geography, scenario, layer, cores, progress=progress)
    solution = problem.solve(progress=progress)
    note = (
        f"The {len(cores)} authorities of {layer} that exist stay whole and apart, whatever their size; new "
        f"areas have {scenario.population[0]:,.0f} to {most:,.0f} people."
    )
    plan = Plan.from_groups(
        geography,
        _shown(scenario, layer, min(sizes[code] for code in cores), list(cores)),
        solution.groups,
        solution.certificate,
        (*solution.notes, note),
    )
    authorities = _authorities(plan, layer, cores)
    authorities["could_reach"] = _could_reach(geography, scenario, cores)
    uncovered = _uncovered(plan, authorities, cores)
    authorities["price"], authorities["areas_then"] = np.nan, 0
    if prices and solution.certificate.proven:
        progress(STAGE, 0, len(cores))
        for number, code in enumerate(cores, start=1):
            try:
                free = _problem(geography, scenario, layer, cores, released=code).solve()
            except InfeasibleError:  # what the fixed authorities allow, fewer of them allow too
                continue
            if free.certificate.proven:
                gain = solution.certificate.objective - free.certificate.objective
                authorities.loc[code, "price"] = max(gain, 0.0)
                authorities.loc[code, "areas_then"] = len(free.groups)
            progress(STAGE, number, len(cores))
    return Extension(plan, layer, uncovered, authorities)


def _cores(geography: Geography, scenario: Scenario, layer: str) -> dict[str, list[Any]]:
    """Return the councils of each existing authority, but for those of the scenario's locked areas."""
    table = geography.layer(layer).bodies
    locked = _locked_councils(geography, scenario)
    found: dict[str, list[Any]] = {}
    for council, held in zip(geography.councils.index, signatures(geography, layer), strict=True):
        for number in held:
            if council not in locked:
                found.setdefault(table.index[number], []).append(council)
    return {code: found[code] for code in sorted(found)}


def _locked_councils(geography: Geography, scenario: Scenario) -> set[Any]:
    return {
        code
        for lock in scenario.constraints.locked
        for ref in (*lock.councils, *lock.bodies)
        for code in geography.find_councils(ref)
    }


def _problem(
    geography: Geography,
    scenario: Scenario,
    layer: str,
    cores: dict[str, list[Any]],
    *,
    released: str | None = None,
    progress: Progress = silent,
) -> _Completion:
    """Prepare the problem in which all authorities but one are fixed, by a layer that holds only those."""
    whole = geography.layer(layer)
    fixed = [code for code in cores if code != released]
    columns = whole.bodies.index.get_indexer(pd.Index(fixed))
    only = Layer(FIXED, whole.title, whole.bodies.iloc[columns], whole.membership[:, columns], whole.vintage)
    least, most = scenario.population or (0.0, np.inf)
    sizes = [geography.tally.total(geography.councils.loc[core, "population"]) for core in cores.values()]
    constraints = scenario.constraints.replace(
        whole=(*scenario.constraints.whole, f"{FIXED}:*") if fixed else scenario.constraints.whole,
        max_bodies_in_area={**scenario.constraints.max_bodies_in_area, FIXED: 1},
    )
    asked = scenario.replace(
        constraints=constraints,
        population=(min(least, *sizes), most),
        engine="list",
        # blocks may not mix an authority's councils with others; without block layers none does
        blocks=tuple(dict.fromkeys((*scenario.blocks, layer))) if scenario.blocks else (),
    )
    ground = replace(geography, layers={**geography.layers, FIXED: only})
    return _Completion(ground, asked, list(cores.values()), least, progress)


def _shown(scenario: Scenario, layer: str, smallest: float, cores: list[str]) -> Scenario:
    """Return the scenario in the geography's own words, for the plan to carry."""
    least, most = scenario.population or (0.0, np.inf)
    constraints = scenario.constraints.replace(
        whole=(*scenario.constraints.whole, *(f"{layer}:{code}" for code in cores)),
        max_bodies_in_area={**scenario.constraints.max_bodies_in_area, layer: 1},
    )
    return scenario.replace(constraints=constraints, population=(min(least, smallest), most))


def _sizes(geography: Geography, layer: str) -> dict[str, float]:
    bodies = geography.layer(layer).bodies
    sizes = geography.tally.persons(geography.tally.count(bodies["population"]))
    return dict(zip(map(str, bodies.index), sizes.tolist(), strict=True))


def _name(geography: Geography, layer: str, code: str) -> str:
    return str(geography.layer(layer).bodies["name"].loc[code])


def _authorities(plan: Plan, layer: str, cores: dict[str, list[Any]]) -> pd.DataFrame:
    people, sizes = plan.geography.councils["population"], _sizes(plan.geography, layer)
    rows = []
    for code, core in cores.items():
        area = plan.assignment.loc[core[0]]
        joined = [each for each in plan.areas["council_codes"].loc[area] if each not in set(core)]
        rows.append(
            {
                "code": code,
                "name": _name(plan.geography, layer, code),
                "population": sizes[code],
                "area": area,
                "joined": len(joined),
                "people_joined": float(people.loc[joined].sum()),
            }
        )
    return pd.DataFrame(rows).set_index("code")


def _could_reach(geography: Geography, scenario: Scenario, cores: dict[str, list[Any]]) -> list[float]:
    """Return the people of each authority with all councils in none that it reaches through such councils."""
    graph = geography.graph(scenario.crossings, scenario.min_border_m)
    taken = {council for core in cores.values() for council in core}
    taken |= _locked_councils(geography, scenario)
    people = geography.councils["population"]
    reach = []
    for core in cores.values():
        reached, rim = set(core), list(core)
        while rim:
            near = dict.fromkeys(other for each in rim for other in graph.neighbors(each))
            rim = [other for other in near if other not in taken and other not in reached]
            reached.update(rim)
        reach.append(float(people.loc[list(reached)].sum()))
    return reach


def _uncovered(plan: Plan, authorities: pd.DataFrame, cores: dict[str, list[Any]]) -> pd.DataFrame:
    covered = {council for core in cores.values() for council in core}
    covered |= _locked_councils(plan.geography, plan.scenario)
    left = [code for code in plan.geography.councils.index if code not in covered]
    table = plan.geography.councils.loc[left, ["name", "population"]].copy()
    table["area"] = plan.assignment.loc[left]
    table["area_name"] = table["area"].map(plan.names)
    holder = dict(zip(authorities["area"], authorities["name"], strict=True))
    table["joins"] = [holder.get(area, "") for area in table["area"]]
    return pd.DataFrame(table)
