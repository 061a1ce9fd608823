"""The best plan by looking at every plan: written from the definitions alone, for at most nine councils.

Shares no code with the package's optimiser; slow, plain and meant to be read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import hypot, inf

from geo_devolve.geography.model import Geography
from geo_devolve.scenario import Scenario


@dataclass
class Answer:
    """The least objective for each number of areas that has a plan."""

    objectives: dict[int, float]
    plans: int

    @property
    def objective(self) -> float:
        return min(self.objectives.values(), default=inf)


class Oracle:
    """Knows everything about a geography and a scenario by counting."""

    def __init__(self, geography: Geography, scenario: Scenario) -> None:
        self.geography, self.scenario = geography, scenario
        self.codes = list(geography.councils.index)
        self.n = len(self.codes)
        at = {code: i for i, code in enumerate(self.codes)}
        self.population = [float(p) for p in geography.councils["population"]]
        self.total = sum(self.population)
        self.place = list(zip(geography.councils["x"], geography.councils["y"], strict=True))
        self.land = [
            (at[a], at[b], float(m))
            for a, b, m in geography.borders[["council", "neighbour", "length_m"]].itertuples(index=False)
        ]
        self.near = {i: set() for i in range(self.n)}
        joined = [(a, b) for a, b, m in self.land if m > 0 and m >= scenario.min_border_m]
        joined += [
            (at[a], at[b])
            for a, b, kind in geography.crossings[["council", "neighbour", "kind"]].itertuples(index=False)
            if kind in scenario.crossings and kind != "none"
        ]
        for a, b in joined:
            self.near[a].add(b)
            self.near[b].add(a)
        self.people = {name: self._people(name, at) for name in geography.layers}
        self.lies_in = {
            name: [
                frozenset(u for u, y in enumerate(row) if y > 0.5 * self.population[v])
                for v, row in enumerate(self.people[name])
            ]
            for name in geography.layers
        }
        self.areas = self._areas()

    def _people(self, layer: str, at: dict) -> list[list[float]]:
        membership = self.geography.layers[layer].membership.toarray()
        people = [[0.0] * membership.shape[1] for _ in range(self.n)]
        for row, (council, population) in enumerate(
            self.geography.points[["council", "population"]].itertuples(index=False)
        ):
            for body, share in enumerate(membership[row]):
                people[at[council]][body] += population * share
        return people

    def _body(self, reference: str) -> tuple[str, list[int]]:
        layer, _, body = reference.partition(":")
        codes = list(self.geography.layers[layer].bodies.index)
        return layer, list(range(len(codes))) if body in {"", "*"} else [codes.index(body)]

    def _councils(self, reference: object) -> frozenset[int]:
        if reference in self.codes:
            return frozenset([self.codes.index(reference)])
        layer, bodies = self._body(str(reference))
        return frozenset(v for v in range(self.n) if self.lies_in[layer][v] & set(bodies))

    def _areas(self) -> list[tuple[int, float]]:
        """Every possible area as a bit mask, with its cost."""
        limits = self.scenario.constraints
        locked = [
            (frozenset().union(*(self._councils(r) for r in (*lock.councils, *lock.bodies))), lock.exempt)
            for lock in limits.locked
        ]
        blocks = self._blocks()
        found = []
        for mask in range(1, 1 << self.n):
            area = frozenset(v for v in range(self.n) if mask >> v & 1)
            exempt = False
            touched = [(councils, free) for councils, free in locked if councils & area]
            if touched:
                if touched[0][0] != area:
                    continue
                exempt = touched[0][1]
            elif any(block & area and not block <= area for block in blocks):
                continue
            if self._connected(area) and self._allowed(area, exempt=exempt):
                found.append((mask, self.cost(area)))
        return found

    def _blocks(self) -> list[frozenset[int]]:
        if not self.scenario.blocks:
            return []
        signature = [tuple(self.lies_in[layer][v] for layer in self.scenario.blocks) for v in range(self.n)]
        left, blocks = set(range(self.n)), []
        while left:
            block = {min(left)}
            while more := {
                w for v in block for w in self.near[v] if signature[w] == signature[v] and w not in block
            }:
                block |= more
            blocks.append(frozenset(block))
            left -= block
        return blocks

    def _connected(self, area: frozenset[int]) -> bool:
        reached = {min(area)}
        while more := {w for v in reached for w in self.near[v] if w in area and w not in reached}:
            reached |= more
        return reached == area

    def _allowed(self, area: frozenset[int], *, exempt: bool) -> bool:
        limits = self.scenario.constraints
        people = sum(self.population[v] for v in area)
        if not exempt:
            if self.scenario.population and not (
                self.scenario.population[0] <= people <= self.scenario.population[1]
            ):
                return False
            if limits.max_councils and len(area) > limits.max_councils:
                return False
            if limits.min_councils and len(area) < limits.min_councils:
                return False
            if limits.centres and not any(self._councils(each) & area for each in limits.centres):
                return False
        together = [frozenset().union(*(self._councils(r) for r in group)) for group in limits.together]
        for reference in limits.whole:
            layer, bodies = self._body(reference)
            together += [
                frozenset(v for v in range(self.n) if body in self.lies_in[layer][v]) for body in bodies
            ]
        if any(group & area and not group <= area for group in together):
            return False
        for group in limits.apart:
            if any(self._councils(a) & area and self._councils(b) & area for a, b in combinations(group, 2)):
                return False
        lived_in = [v for v in area if self.population[v] > 0]
        if any(len({self.lies_in[layer][v] for v in lived_in}) > 1 for layer in limits.within):
            return False
        for layer, most in limits.max_bodies_in_area.items():
            if len(frozenset().union(*(self.lies_in[layer][v] for v in area))) > most:
                return False
        if limits.max_extent_km is not None:
            for v, w in combinations(area, 2):
                (x, y), (s, t) = self.place[v], self.place[w]
                if hypot(x - s, y - t) > limits.max_extent_km * 1000:
                    return False
        return True

    def cost(self, area: frozenset[int]) -> float:
        """The area's share of the objective."""
        scenario = self.scenario
        people = sum(self.population[v] for v in area)
        cost = 0.0
        themes = list(scenario.themes)
        for theme in themes:
            score = [float(z) for z in self.geography.needs.scores[theme]]
            mean = sum(p * z for p, z in zip(self.population, score, strict=True)) / self.total
            sst = sum(p * (z - mean) ** 2 for p, z in zip(self.population, score, strict=True))
            if sst > 1e-9 * self.total and people > 0:
                own = sum(self.population[v] * score[v] for v in area) / people
                ssw = sum(self.population[v] * (score[v] - own) ** 2 for v in area)
                cost += scenario.weights["need"] * ssw / sst / len(themes)
        for layer, term in scenario.layers.items():
            bodies = len(self.geography.layers[layer].bodies)
            size = [sum(row[u] for row in self.people[layer]) for u in range(bodies)]
            misfit = 0.0
            for u in range(bodies):
                both = sum(self.people[layer][v][u] for v in area)
                if both <= 0:
                    continue
                if term.rule == "whole":
                    bad = 1 - both / size[u]
                elif term.rule == "nest":
                    bad = min(1 - both / size[u], 1 - both / people)
                else:
                    bad = 1 - both / (size[u] + people - both)
                misfit += both * bad
            if sum(size) > 0:
                cost += term.weight * misfit / sum(size)
        border = sum(m for _, _, m in self.land)
        if border > 0:
            edge = sum(m for v, w, m in self.land if (v in area) != (w in area))
            cost += scenario.weights["compactness"] * edge / 2 / border
        target = self.total / scenario.middle
        return cost + scenario.weights["balance"] * abs(people - target) / (2 * self.total)

    def plans(self) -> Iterator[tuple[list[int], float]]:
        """Every plan with an allowed number of areas, as masks, and its objective."""
        caps = []
        for reference, most in self.scenario.constraints.max_areas_in_body.items():
            layer, bodies = self._body(reference)
            for body in bodies:
                inside = sum(1 << v for v in range(self.n) if body in self.lies_in[layer][v])
                caps.append((inside, most))
        counts = self.scenario.counts
        starting: dict[int, list[tuple[int, float]]] = {v: [] for v in range(self.n)}
        for mask, cost in self.areas:
            starting[(mask & -mask).bit_length() - 1].append((mask, cost))

        def extend(chosen: list[int], covered: int, cost: float) -> Iterator[tuple[list[int], float]]:
            if covered == (1 << self.n) - 1:
                held = all(sum(1 for mask in chosen if mask & inside) <= most for inside, most in caps)
                if len(chosen) in counts and held:
                    yield chosen, cost
                return
            if len(chosen) >= counts[-1]:
                return
            first = (~covered & (covered + 1)).bit_length() - 1
            for mask, more in starting[first]:
                if not mask & covered:
                    yield from extend([*chosen, mask], covered | mask, cost + more)

        yield from extend([], 0, 0.0)

    def solve(self) -> Answer:
        best: dict[int, float] = {}
        plans = 0
        for chosen, cost in self.plans():
            plans += 1
            best[len(chosen)] = min(best.get(len(chosen), inf), cost)
        return Answer(best, plans)
