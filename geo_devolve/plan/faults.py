"""What is wrong with an assignment: all that the scenario does not allow, in words, the culprits named."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from geo_devolve.constraints.forms import OneArea
from geo_devolve.constraints.ground import Ground
from geo_devolve.constraints.rule import Area, Fault, Rule
from geo_devolve.errors import ScenarioError, first_few, raise_all
from geo_devolve.geography.model import Geography
from geo_devolve.optimise.asked.forms import Form, make_forms, told
from geo_devolve.plan.groups import Groups, in_order, pieces_of, positions
from geo_devolve.scenario import Scenario
from geo_devolve.words import counted_are, exactly


class Rulebook:
    """A scenario's rules, looked up once for a geography, to hold areas and plans against.

    Parameters
    ----------
    geography
        Whose councils are assigned.
    scenario
        The neighbours it accepts, its bounds, counts and constraints are the rules.
    """

    def __init__(self, geography: Geography, scenario: Scenario) -> None:
        self.geography = geography
        self.scenario = scenario
        self.graph = geography.neighbours(crossings=scenario.crossings, min_border_m=scenario.min_border_m)
        self._where = positions(geography)
        self._ground = Ground(geography)
        self._people = geography.tally.count(geography.councils["population"])

    def call(self, code: Any) -> str:
        """Call a council by its name and code."""
        return self._ground.call(self._where[code])

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        """Bounds of quantities and ratios, to be compared exactly."""
        return make_forms(self.geography, self.scenario)

    @cached_property
    def _given(self) -> list[tuple[Rule, Any]]:
        """The scenario's constraints, each of whose references leads somewhere."""
        given = list(self.scenario.constraints.given())
        faults = [fault for rule, value in given for fault in rule.check(value, self.geography)]
        raise_all(ScenarioError, faults, f'scenario "{self.scenario.name}"')
        return given

    @cached_property
    def locked(self) -> list[OneArea]:
        """Locked areas, in the scenario's order."""
        forms = [form for rule, value in self._given for form in rule.resolve(value, self._ground)]
        return [form for form in forms if isinstance(form, OneArea)]

    @cached_property
    def _exempt(self) -> set[frozenset[int]]:
        return {frozenset(lock.councils.tolist()) for lock in self.locked if lock.exempt}

    def area_faults(self, area: Any, councils: Sequence[Any]) -> list[Fault]:
        """Hold one area against the rules that speak of an area alone.

        Parameters
        ----------
        area
            Its code, for the sentences.
        councils
            Codes of its councils.

        Returns
        -------
        list of Fault
            Empty where it keeps all rules.
        """
        found: list[Fault] = []
        places = [self._where[code] for code in councils]
        counted = float(self._people[places].sum())
        exempt = frozenset(places) in self._exempt
        pieces = pieces_of(self.graph, councils)
        if len(pieces) > 1:
            main = max(pieces, key=lambda part: sum(self._people[self._where[code]] for code in part))
            cut_off = first_few(self.call(code) for part in pieces if part is not main for code in part)
            text = f"area {area} is in {len(pieces)} pieces, cut off from its main one: {cut_off}"
            found.append(Fault("pieces", area, text))
        if not exempt:
            found += self._bounds(area, counted)
            found += [
                Fault("quantities", area, f"area {area} {wrong}")
                for wrong in told(self.geography, self.forms, np.array(places, dtype=np.int64))
            ]
        held = Area(area, places, exempt=exempt)
        for rule, value in self._given:
            found += rule.area_faults(value, self._ground, held)
        return found

    def _bounds(self, area: Any, counted: float) -> list[Fault]:
        tally = self.geography.tally
        lower, upper = self.scenario.population or (0.0, np.inf)
        wrong = f"fewer than {exactly(lower)}" if counted < tally.least(lower) else ""
        wrong = wrong or (f"more than {exactly(upper)}" if counted > tally.most(upper) else "")
        has = f"area {area} has {exactly(float(tally.persons(counted)))} people"
        return [Fault("bounds", area, f"{has}, {wrong}")] if wrong else []

    def plan_faults(self, groups: Groups) -> list[Fault]:
        """Hold a plan against the rules that speak of several areas: their number, what is split."""
        found: list[Fault] = []
        counts = self.scenario.counts
        if len(groups.labels) not in counts:
            asked = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
            there = "there is 1 area" if len(groups.labels) == 1 else f"there are {len(groups.labels)} areas"
            found.append(Fault("count", "", f"{there}, not {asked}"))
        areas = [
            Area(label, [self._where[code] for code in councils])
            for label, councils in zip(groups.labels, groups.codes, strict=True)
        ]
        for rule, value in self._given:
            found += rule.plan_faults(value, self._ground, areas)
        return found

    def faults(self, groups: Groups) -> list[Fault]:
        """Hold a whole plan against every rule."""
        found: list[Fault] = []
        if groups.left_out:
            out = first_few(self.call(code) for code in groups.left_out)
            found.append(
                Fault("missing", "", f"{counted_are(len(groups.left_out), 'council')} in no area: {out}")
            )
        found += self.plan_faults(groups)
        for area, councils in zip(groups.labels, groups.codes, strict=True):
            if councils:
                found += self.area_faults(area, councils)
            else:
                found.append(Fault("councils", area, f"area {area} has no council"))
        return found


def ferry_only(rules: Rulebook, groups: Groups) -> list[Any]:
    """Name the areas that hang together only by a ferry.

    Those that are in one piece as the scenario counts neighbours, but in several once ferries do not run.
    """
    number = dict(zip(rules.geography.councils.index, groups.number.tolist(), strict=True))
    ferries = [(one, other) for one, other, kind in rules.graph.edges(data="kind") if kind == "ferry"]
    with_one = {number[one] for one, other in ferries if number[one] == number[other] >= 0}
    found = []
    for area in with_one:
        councils = groups.codes[area]
        dry = rules.graph.subgraph(councils).copy()
        dry.remove_edges_from(ferries)
        if len(pieces_of(rules.graph, councils)) == 1 and len(pieces_of(dry, councils)) > 1:
            found.append(groups.labels[area])
    return in_order(found)
