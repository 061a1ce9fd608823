"""The problem as a certificate states it: who lives where, what borders what, what an area may not be.

Everything is worked out from the certificate's figures and the scenario's words. Councils are numbers, and
all numbers are whole or fractions. `docs/certificate.md` tells the format.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations, pairwise
from math import ceil, floor, lcm
from typing import Any

from geo_devolve.verifying.strict import DoubtError, exact, index

RULES = ("whole", "nest", "match")
TERMS = ("need", "compactness", "balance")
FIELDS = ("name", "areas", "population", "themes", "blocks", "crossings", "min_border_m", "solver", "seed",
          "time_limit_s", "engine", "weights", "layers", "constraints")  # fmt: skip
LIMITS = ("locked", "together", "apart", "within", "whole", "max_councils", "max_extent_km",
          "max_areas_in_body", "max_bodies_in_area", "min_councils", "centres")  # fmt: skip
FLAT = Fraction(1, 10**9)  # a theme whose squares add up to no more of its people than this does not vary


@dataclass(frozen=True)
class Layer:
    """A layer: its bodies' codes and names, each council's people in each, and those beyond (scaled)."""

    bodies: list[tuple[str, str]]
    people: list[dict[int, int]]

    beyond: list[int]

    @cached_property
    def totals(self) -> list[int]:
        """People of each body in all councils."""
        return [sum(row.get(body, 0) for row in self.people) for body in range(len(self.bodies))]


class Problem:
    """Councils, borders, layers and rules.

    People are whole numbers of `1 / scale` persons, borders of `1 / metre` m, scores of `1 / point`.
    """

    def __init__(self, scenario: dict[str, Any], stated: dict[str, Any], blocks: list[list[int]]) -> None:
        self.scenario, councils = scenario, stated["councils"]
        unknown = [key for key in scenario if key not in FIELDS]
        unknown += [
            key for key, value in scenario.get("constraints", {}).items() if key not in LIMITS and value
        ]
        unknown += [key for key, weight in scenario["weights"].items() if key not in TERMS and weight]
        lists = [scenario.get(key, []) for key in ("themes", "blocks", "crossings")]
        if not all(isinstance(each, list) and all(isinstance(text, str) for text in each) for each in lists):
            raise DoubtError("the scenario's themes, blocks or crossings are no lists of names")
        if unknown:
            raise DoubtError(f"the scenario asks for what this checker does not know: {', '.join(unknown)}")
        self._held: dict[str, list[frozenset[int]]] = {}
        self.read_as: dict[str, str] = stated.get("read_as", {})
        self.notes: list[str] = []
        self.n = len(councils)
        self.codes = [str(each["code"]) for each in councils]
        self.names = [str(each["name"]) for each in councils]
        if len(set(self.codes)) < self.n or self.n == 0:
            raise DoubtError("a council's code stands twice in the certificate, or there is no council")
        people = [exact(each["people"]) for each in councils]
        shared = {name: self._people(layer) for name, layer in stated["layers"].items()}
        entries = [
            value for rows, beyond in shared.values() for row in (*rows, beyond) for value in row.values()
        ]
        self.scale = lcm(*(value.denominator for value in (*people, *entries)))
        self.people = [int(value * self.scale) for value in people]
        self.layers = {}
        for name, (rows, beyond) in shared.items():
            bodies = [(str(code), str(title)) for code, title, _ in stated["layers"][name]["bodies"]]
            scaled = [{body: int(value * self.scale) for body, value in row.items()} for row in rows]
            self.layers[name] = Layer(bodies, scaled, [int(value * self.scale) for value in beyond.values()])
        if min(self.people) < 0:
            raise DoubtError("a council has fewer than no people")
        self.places = [tuple(None if each[axis] is None else exact(each[axis]) for axis in ("x", "y"))
                       for each in councils]  # fmt: skip
        scores = [[exact(value) for value in each["scores"]] for each in councils]
        self.themes = len(scenario.get("themes", ()))
        if stated["themes"] != list(scenario.get("themes", ())) or any(
            len(row) != self.themes for row in scores
        ):
            raise DoubtError("the certificate's scores are not those of the scenario's themes")
        self.point = lcm(*(value.denominator for row in scores for value in row))
        self.scores = [[int(value * self.point) for value in row] for row in scores]
        self._join(stated)
        self._constrain(scenario.get("constraints", {}))
        self._divide(blocks)

    def _people(self, stated: dict[str, Any]) -> tuple[list[dict[int, Fraction]], dict[int, Fraction]]:
        beyond = {number: exact(people) for number, (_, _, people) in enumerate(stated["bodies"])}
        rows: list[dict[int, Fraction]] = [{} for _ in range(self.n)]
        for council, body, people in stated["people"]:
            row, number, value = rows[index(council, self.n)], index(body, len(beyond)), exact(people)
            if number in row or value <= 0:
                raise DoubtError("people of a council in a body stand twice, or are none")
            row[number] = value
        if min(beyond.values(), default=0) < 0:
            raise DoubtError("a body has fewer than no people beyond")
        return rows, beyond

    def _join(self, stated: dict[str, Any]) -> None:
        """Find who is next to whom: by land of enough length, or by a crossing of an accepted kind."""
        least, self.near = exact(self.scenario.get("min_border_m", 0)), [set[int]() for _ in range(self.n)]
        lengths: dict[tuple[int, int], Fraction] = {}
        for one, other, length in stated["borders"]:
            pair = (index(one, self.n), index(other, self.n))
            lengths[pair] = exact(length)
            if pair[0] >= pair[1] or lengths[pair] <= 0:
                raise DoubtError("a border has no length, or no order")
        kinds = {(index(a, self.n), index(b, self.n), kind) for a, b, kind in stated["crossings"]}
        if len(lengths) < len(stated["borders"]) or len(kinds) < len(stated["crossings"]):
            raise DoubtError("a border or a crossing stands twice in the certificate")
        self.metre = lcm(*(length.denominator for length in lengths.values()))
        self.land = {pair: int(length * self.metre) for pair, length in lengths.items()}
        accepted = [pair for pair, length in lengths.items() if length >= least]
        accepted += [
            (one, other)
            for one, other, kind in kinds
            if kind in self.scenario["crossings"] and kind != "none"
        ]
        for one, other in accepted:
            if one != other:
                self.near[one].add(other)
                self.near[other].add(one)

    def mostly(self, layer: str) -> list[frozenset[int]]:
        """For each council the bodies that hold more than half of its people."""
        if layer not in self._held:
            rows = zip(self.people, self.layers[layer].people, strict=True)
            self._held[layer] = [
                frozenset(b for b, v in row.items() if 2 * v > people) for people, row in rows
            ]
        return self._held[layer]

    def inside(self, layer: str, body: int) -> frozenset[int]:
        """Return the councils that lie in a body."""
        return frozenset(council for council, held in enumerate(self.mostly(layer)) if body in held)

    def bodies(self, reference: str) -> tuple[str, list[int]]:
        """Return the layer and the bodies that ``layer:body``, ``layer:*`` or ``layer`` means."""
        layer, _, text = reference.partition(":")
        layer, text = layer.strip(), text.strip()
        if layer not in self.layers:
            raise DoubtError(f"the scenario speaks of the layer {layer!r}, the certificate does not")
        known = self.layers[layer].bodies
        return layer, list(range(len(known))) if text in {"", "*"} else [self.one_of(known, text, reference)]

    def councils(self, references: Iterable[object]) -> frozenset[int]:
        """Return the councils that codes, names and bodies mean."""
        found: set[int] = set()
        for each in references:
            text = str(each).strip()
            layer, colon, _ = text.partition(":")
            if text in self.codes or not (colon and layer.strip() in self.layers):
                found.add(self.one_of(list(zip(self.codes, self.names, strict=True)), text, str(each)))
            else:
                found |= self.inside(layer.strip(), self.bodies(text)[1][0])
        return frozenset(found)

    def one_of(self, known: list[tuple[str, str]], text: str, reference: str) -> int:
        """Return the place of what goes by a code or a name; looser ones only as the certificate says."""
        for fold in (str, str.casefold):
            for column in (0, 1):
                hits = [at for at, pair in enumerate(known) if fold(pair[column]) == fold(text)]
                if len(hits) == 1:
                    return hits[0]
        meant = [at for at, (code, _) in enumerate(known) if code == self.read_as.get(reference)]
        if not meant or not words(text) & words(known[meant[0]][1]):
            raise DoubtError(f"what the scenario means by {text!r} is not plain from the certificate")
        self.notes.append(f"the scenario's {text!r} is read as {known[meant[0]][1]} ({known[meant[0]][0]})")
        return meant[0]

    def _constrain(self, limits: dict[str, Any]) -> None:
        """Work out what an area may not be: `clash`, `together`, `most_bodies`, `caps`, `locked`, bounds."""
        bounds = self.scenario.get("population")
        self.lower = ceil(exact(bounds[0]) * self.scale) if bounds and bounds[0] is not None else 0
        self.upper = (
            floor(exact(bounds[1]) * self.scale) if bounds and bounds[1] is not None else sum(self.people)
        )
        self.most = limits.get("max_councils") or self.n
        self.clash = [set[int]() for _ in range(self.n)]
        pairs: list[tuple[int, int]] = []
        for group in limits.get("apart", ()):
            named = [self.councils([each]) for each in group]
            pairs += [(a, b) for one, other in combinations(named, 2) for a in one for b in other]
        for layer in limits.get("within", ()):
            held = self.mostly(self.bodies(layer)[0])
            lived_in = [council for council in range(self.n) if self.people[council]]
            pairs += [(a, b) for a, b in combinations(lived_in, 2) if held[a] != held[b]]
        if limits.get("max_extent_km") is not None:
            pairs += self._too_far((exact(limits["max_extent_km"]) * 1000) ** 2)
        for one, other in pairs:
            self.clash[one].add(other)
            self.clash[other].add(one)
        self.together = [self.councils(group) for group in limits.get("together", ())]
        for reference in limits.get("whole", ()):
            layer, found = self.bodies(reference)
            self.together += [self.inside(layer, body) for body in found]
        self.most_bodies = [
            (limit, self.mostly(self.bodies(layer)[0]))
            for layer, limit in limits.get("max_bodies_in_area", {}).items()
        ]
        self.caps: list[tuple[int, frozenset[int]]] = []
        for reference, limit in limits.get("max_areas_in_body", {}).items():
            layer, found = self.bodies(reference)
            self.caps += [(limit, inside) for body in found if (inside := self.inside(layer, body))]
        self.enough: list[tuple[int, frozenset[int]]] = []
        if limits.get("min_councils"):
            self.enough.append((limits["min_councils"], frozenset(range(self.n))))
        if limits.get("centres"):
            self.enough.append((1, self.councils(limits["centres"])))
        self.locked = [
            (self.councils([*lock.get("councils", ()), *lock.get("bodies", ())]), bool(lock.get("exempt")))
            for lock in limits.get("locked", ())
        ]

    def _too_far(self, square: Fraction) -> Iterator[tuple[int, int]]:
        for a, b in combinations(range(self.n), 2):
            (x, y), (u, v) = self.places[a], self.places[b]
            if x is None or y is None or u is None or v is None:
                raise DoubtError(
                    "the scenario limits extent, and the certificate does not say where councils are"
                )
            if (x - u) ** 2 + (y - v) ** 2 > square:
                yield a, b

    def _divide(self, blocks: list[list[int]]) -> None:
        """Check the blocks: each connected, alike or tied, allowed; every locked area is one."""
        self.blocks = [frozenset(index(each, self.n) for each in block) for block in blocks]
        if sorted(each for block in blocks for each in block) != list(range(self.n)) or not all(blocks):
            raise DoubtError("the blocks do not hold every council once")
        self.fixed = [self.blocks.index(area) if area in self.blocks else -1 for area, _ in self.locked]
        if -1 in self.fixed:
            raise DoubtError("a locked area is not one of the blocks")
        held = [self.mostly(self.bodies(layer)[0]) for layer in self.scenario.get("blocks", ())]
        alike = [tuple(layer[c] for layer in held) if held else c for c in range(self.n)]
        for number, block in enumerate(self.blocks):
            if number in self.fixed or len(block) == 1:
                continue
            ties = [pair for pair in self.links(block) if alike[pair[0]] == alike[pair[1]]]
            ties += [pair for group in self.together if group <= block for pair in pairwise(sorted(group))]
            if not connected(block, self.links(block)) or not connected(block, ties) or self.breaks(block):
                raise DoubtError(
                    f"block {number} is no block of the scenario: {self.call(min(block))} and others"
                )

    def links(self, councils: frozenset[int]) -> list[tuple[int, int]]:
        """Return the pairs of neighbours among councils."""
        return [(a, b) for a in councils for b in self.near[a] & councils]

    def call(self, council: int) -> str:
        """Return a council's name and code."""
        return f"{self.names[council]} ({self.codes[council]})"

    def breaks(self, area: frozenset[int], *, exempt: bool = False) -> str:
        """Say which rule councils that share an area break, people and connection apart; "" if none."""
        if len(area) > self.most and not exempt:
            return f"it has {len(area)} councils, and may have {self.most}"
        for one in area:
            if other := self.clash[one] & area:
                return f"{self.call(one)} and {self.call(min(other))} may not share an area"
        for limit, held in self.most_bodies:
            if len(frozenset().union(*(held[council] for council in area))) > limit:
                return f"it lies in more than {limit} bodies of a layer"
        return ""

    def splits(self, area: frozenset[int]) -> bool:
        """Tell whether an area holds a part of what stays together, and not all of it."""
        return any(area & group and not group <= area for group in self.together)

    def lacks(self, area: frozenset[int]) -> str:
        """Say of which councils an area holds too few; "" if it holds enough."""
        for least, councils in self.enough:
            if len(area & councils) < least:
                return f"it holds fewer than {least} of councils of which every area holds so many"
        return ""

    def faults(self, plan: list[frozenset[int]]) -> Iterator[str]:
        """Say what is wrong with a division of councils into areas."""
        if sorted(council for area in plan for council in area) != list(range(self.n)) or not all(plan):
            yield "its areas do not hold every council once"
        exempt = {area for area, free in self.locked if free}
        if any(area not in plan for area, _ in self.locked):
            yield "a locked area is not one of the areas"
        for area in plan:
            people = sum(self.people[council] for council in area)
            if area not in exempt and not self.lower <= people <= self.upper:
                yield f"the area of {self.call(min(area))} has {Fraction(people, self.scale)} people"
            if broken := self.breaks(area, exempt=area in exempt):
                yield f"the area of {self.call(min(area))}: {broken}"
            if area not in exempt and (lack := self.lacks(area)):
                yield f"the area of {self.call(min(area))}: {lack}"
            if not connected(area, self.links(area)):
                yield f"the area of {self.call(min(area))} is in pieces"
            if self.splits(area):
                yield f"the area of {self.call(min(area))} splits what stays together"
        if any(sum(bool(area & held) for area in plan) > limit for limit, held in self.caps):
            yield "a body lies in more areas than it may"


def words(name: str) -> set[str]:
    """Return a name's words of three letters or more."""
    return {word for word in re.split(r"\W+", name.casefold()) if len(word) > 2}


def connected(members: frozenset[int], links: list[tuple[int, int]]) -> bool:
    """Tell whether links join all members into one."""
    near: dict[int, set[int]] = {each: set() for each in members}
    for one, other in links:
        near[one].add(other)
        near[other].add(one)
    waiting, seen = [min(members)], {min(members)}
    while waiting:
        fresh = near[waiting.pop()] - seen
        seen |= fresh
        waiting += fresh
    return len(seen) == len(members)
