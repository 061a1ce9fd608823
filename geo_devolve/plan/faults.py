"""What is wrong with an assignment: all that the scenario does not allow, in words, the culprits named."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np

from geo_devolve.errors import first_few
from geo_devolve.geography.model import Geography
from geo_devolve.optimise.asked.forms import Form, make_forms, told
from geo_devolve.plan.groups import Groups, in_order, main_bodies, pieces_of, positions
from geo_devolve.scenario import Scenario
from geo_devolve.words import counted_are, exactly


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong.

    Attributes
    ----------
    kind
        "pieces", "bounds", "quantities", "councils", "extent", "within", "apart", "bodies" (of an area);
        "count", "locked", "together", "whole", "areas" (of the plan); "missing", "unknown", "doubled" (of the
        list).
    area
        The area's code, "" where it is the whole plan's fault.
    text
        The sentence for the user.
    """

    kind: str
    area: Any
    text: str

    def __str__(self) -> str:
        return self.text


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
        self._codes = list(geography.councils.index)
        self._names = [str(name) for name in geography.councils["name"]]
        self._people = geography.tally.count(geography.councils["population"])
        self._main: dict[str, list[frozenset[int]]] = {}

    def call(self, code: Any) -> str:
        """Call a council by its name and code."""
        name = self._names[self._where[code]]
        return name if name == str(code) else f"{name} ({code})"

    def main_bodies(self, layer: str) -> list[frozenset[int]]:
        """For each council the bodies of `layer` that hold more than half of its people."""
        if layer not in self._main:
            main = main_bodies(self.geography, layer)
            rows = np.split(main.indices, main.indptr[1:-1])
            self._main[layer] = [frozenset(row.tolist()) for row in rows]
        return self._main[layer]

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        """Bounds of quantities and ratios, to be compared exactly."""
        return make_forms(self.geography, self.scenario)

    @cached_property
    def locked(self) -> list[tuple[str, frozenset[Any], bool]]:
        """Locked areas: name, councils, whether exempt."""
        found = []
        for lock in self.scenario.constraints.locked:
            councils = {
                code for ref in (*lock.councils, *lock.bodies) for code in self.geography.find_councils(ref)
            }
            found.append((lock.name, frozenset(councils), lock.exempt))
        return found

    @cached_property
    def _apart(self) -> list[tuple[str, frozenset[Any], frozenset[Any]]]:
        """Pairs that no area may hold both of: what they are called, and the councils of each."""
        return [
            (
                f"{one} and {other}",
                frozenset(self.geography.find_councils(one)),
                frozenset(self.geography.find_councils(other)),
            )
            for group in self.scenario.constraints.apart
            for one, other in combinations(group, 2)
        ]

    @cached_property
    def _inseparable(self) -> list[tuple[str, str, frozenset[Any]]]:
        """What must lie in one area: the kind of rule, what it is called, and its councils."""
        found: list[tuple[str, str, frozenset[Any]]] = []
        for group in self.scenario.constraints.together:
            councils = frozenset(code for ref in group for code in self.geography.find_councils(ref))
            found.append(("together", " and ".join(map(str, group)), councils))
        for reference in self.scenario.constraints.whole:
            layer, _, body = reference.partition(":")
            bodies = self.geography.layers[layer].bodies
            wanted = list(bodies.index) if body == "*" else [self.geography.find_body(layer, body)]
            for number in map(list(bodies.index).index, wanted):
                inside = [place for place, main in enumerate(self.main_bodies(layer)) if number in main]
                councils = frozenset(self._codes[place] for place in inside)
                found.append(("whole", str(bodies["name"].iloc[number]), councils))
        return found

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
        exempt = any(free and members == set(councils) for _, members, free in self.locked)
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
        limits = self.scenario.constraints
        if limits.max_councils is not None and not exempt and len(councils) > limits.max_councils:
            text = f"area {area} has {len(councils)} councils, more than {limits.max_councils}"
            found.append(Fault("councils", area, text))
        if limits.max_extent_km is not None:
            found += self._extent(area, places, limits.max_extent_km)
        for layer in limits.within:
            crossed = {self.main_bodies(layer)[place] for place in places if self._people[place] > 0}
            if len(crossed) > 1:
                names = self._body_names(layer, frozenset().union(*crossed))
                found.append(Fault("within", area, f"area {area} crosses a border of layer {layer}: {names}"))
        for layer, most in limits.max_bodies_in_area.items():
            bodies = frozenset().union(*(self.main_bodies(layer)[place] for place in places))
            if len(bodies) > most:
                names = self._body_names(layer, bodies)
                text = f"area {area} has {len(bodies)} bodies of layer {layer}, more than {most}: {names}"
                found.append(Fault("bodies", area, text))
        inside = frozenset(councils)
        for called, one, other in self._apart:
            if one & inside and other & inside:
                found.append(Fault("apart", area, f"area {area} holds {called}, which shall be apart"))
        return found

    def _bounds(self, area: Any, counted: float) -> list[Fault]:
        tally = self.geography.tally
        lower, upper = self.scenario.population or (0.0, np.inf)
        wrong = f"fewer than {exactly(lower)}" if counted < tally.least(lower) else ""
        wrong = wrong or (f"more than {exactly(upper)}" if counted > tally.most(upper) else "")
        has = f"area {area} has {exactly(float(tally.persons(counted)))} people"
        return [Fault("bounds", area, f"{has}, {wrong}")] if wrong else []

    def _extent(self, area: Any, places: list[int], most_km: float) -> list[Fault]:
        where = self.geography.councils[["x", "y"]].to_numpy(float)[places]
        apart = np.hypot(*(where[:, None, :] - where[None, :, :]).transpose(2, 0, 1))
        if not np.nanmax(apart, initial=0.0) > most_km * 1000:
            return []
        one, other = np.unravel_index(np.nanargmax(apart), apart.shape)
        ends = f"{self.call(self._codes[places[one]])} and {self.call(self._codes[places[other]])}"
        km = np.nanmax(apart) / 1000
        text = f"area {area} is {km:,.0f} km wide between {ends}, more than {most_km:,.0f} km"
        return [Fault("extent", area, text)]

    def _body_names(self, layer: str, bodies: Iterable[int]) -> str:
        names = self.geography.layers[layer].bodies["name"]
        return first_few(str(names.iloc[body]) for body in sorted(bodies))

    def plan_faults(self, groups: Groups) -> list[Fault]:
        """Hold a plan against the rules that speak of several areas: their number, what is split."""
        found: list[Fault] = []
        counts = self.scenario.counts
        if len(groups.labels) not in counts:
            asked = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
            there = "there is 1 area" if len(groups.labels) == 1 else f"there are {len(groups.labels)} areas"
            found.append(Fault("count", "", f"{there}, not {asked}"))
        areas = [frozenset(councils) for councils in groups.codes]
        for name, councils, _ in self.locked:
            if councils not in areas:
                found.append(Fault("locked", "", f'no area is exactly the locked area "{name}"'))
        for kind, called, councils in self._inseparable:
            across = [groups.labels[number] for number, area in enumerate(areas) if area & councils]
            if len(across) > 1:
                found.append(
                    Fault(kind, "", f"{called} shall be {kind}, but lies in areas {first_few(across)}")
                )
        for reference, most in self.scenario.constraints.max_areas_in_body.items():
            found += self._areas_in_bodies(groups, reference, most)
        return found

    def _areas_in_bodies(self, groups: Groups, reference: str, most: int) -> list[Fault]:
        layer, _, body = reference.partition(":")
        bodies = self.geography.layers[layer].bodies
        only = None if body in {"", "*"} else list(bodies.index).index(self.geography.find_body(layer, body))
        across: dict[int, set[int]] = {}
        for place, main in enumerate(self.main_bodies(layer)):
            for number in main:
                if groups.number[place] >= 0 and only in {None, number}:
                    across.setdefault(number, set()).add(int(groups.number[place]))
        return [
            Fault(
                "areas",
                "",
                f"councils of {bodies['name'].iloc[number]} ({layer}) lie in {len(areas)} areas, more than "
                f"{most}: " + first_few(groups.labels[area] for area in sorted(areas)),
            )
            for number, areas in sorted(across.items())
            if len(areas) > most
        ]

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
