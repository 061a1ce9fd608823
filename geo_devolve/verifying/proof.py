"""What proves that no plan is better: every candidate listed anew, and none of them cheaper than its prices.

A candidate's cost is rounded down, prices are whole numbers of `1 / 10**places`, so that what is shown here
holds exactly. `docs/certificate.md` tells why each kind of node proves what it proves.
"""

import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor, gcd
from typing import Any

from geo_devolve.verifying.problem import FLAT, TERMS, Problem
from geo_devolve.verifying.problem import RULES as RULES_KNOWN
from geo_devolve.verifying.strict import DoubtError, exact

Found = list[tuple[int, int]]  # candidates: their blocks as bits, and their cost, rounded down
_FINE = 24  # bits that a factor has at least, beside those of what it is multiplied by
EVERY = 4096  # nodes, looks at the clock
_PROBES, _PATIENCE_S = 300, 3.0


class TooLargeError(Exception):
    """There is too much to look at; the argument is an estimate of the seconds."""


class Terms:
    """The objective, exactly for a plan's areas and rounded down for candidates."""

    def __init__(self, problem: Problem) -> None:
        self.problem, scenario = problem, problem.scenario
        weights = {name: exact(scenario["weights"].get(name, 0)) for name in TERMS}
        self.need, self.border, self.balance = (weights[name] for name in TERMS)
        self.layers = [
            (problem.layers[name], RULES_KNOWN.index(term["rule"]), exact(term["weight"]))
            for name, term in scenario.get("layers", {}).items()
        ]
        weighted = [self.need, self.border, self.balance, *(weight for _, _, weight in self.layers)]
        if min(weighted) < 0:
            raise DoubtError("a weight is below nothing")
        self.weight = sum(weighted)
        self.counts = counts_of(scenario)
        self.people = sum(problem.people)
        self.target = Fraction(2 * self.people, self.counts[0] + self.counts[-1])
        self.total_border = sum(problem.land.values())
        everyone = frozenset(range(problem.n))
        flat = FLAT * max(self.people, problem.scale) * problem.point**2
        self.spread = [0 if spread <= flat else spread for spread in map(Fraction, self.spreads(everyone))]

    def spreads(self, area: frozenset[int]) -> list[Fraction]:
        """Return the sums of squares within an area, by theme."""
        people = [self.problem.people[council] for council in area]
        answer = []
        for theme in range(self.problem.themes):
            scores = [self.problem.scores[council][theme] for council in area]
            mass = sum(p * z for p, z in zip(people, scores, strict=True))
            squares = Fraction(sum(p * z * z for p, z in zip(people, scores, strict=True)))
            answer.append(squares - Fraction(mass * mass, sum(people) or 1))
        return answer

    def of(self, area: frozenset[int]) -> dict[str, Fraction]:
        """Return an area's terms, unweighted, exactly."""
        problem, people = self.problem, sum(self.problem.people[council] for council in area)
        pairs = zip(self.spreads(area), self.spread, strict=True)
        terms = {
            "need": sum((Fraction(s) / total for s, total in pairs if total), Fraction())
            / max(problem.themes, 1)
        }
        for (layer, rule, _), name in zip(self.layers, problem.scenario.get("layers", {}), strict=True):
            misfit = Fraction()
            for body in {body for council in area for body in layer.people[council]}:
                both, size = (
                    sum(layer.people[council].get(body, 0) for council in area),
                    layer.totals[body] + layer.beyond[body],
                )
                misfit += both - Fraction(both * both, (size, min(size, people), size + people - both)[rule])
            terms[name] = misfit / sum(layer.totals) if sum(layer.totals) else Fraction()
        cut = sum(length for (a, b), length in problem.land.items() if (a in area) != (b in area))
        terms["compactness"] = Fraction(cut, 2 * self.total_border) if self.total_border else Fraction()
        terms["balance"] = abs(people - self.target) / (2 * self.people) if self.people else Fraction()
        return terms

    def cost(self, area: frozenset[int]) -> Fraction:
        """Return an area's weighted cost, exactly."""
        terms = self.of(area)
        weights = [self.need, *(weight for _, _, weight in self.layers), self.border, self.balance]
        return sum((weight * term for weight, term in zip(weights, terms.values(), strict=True)), Fraction())

    def step(self) -> Fraction:
        """Return what any plan's objective is a whole multiple of; 0 where that is not known."""
        if self.border == 0 or self.weight != self.border or not self.total_border:
            return Fraction()
        owner = {council: number for number, block in enumerate(self.problem.blocks) for council in block}
        between = [length for (a, b), length in self.problem.land.items() if owner[a] != owner[b]]
        return self.border * Fraction(gcd(*between), self.total_border)


def counts_of(scenario: dict[str, Any]) -> range:
    """Return every number of areas that a scenario allows."""
    areas = scenario["areas"]
    low, high = areas if isinstance(areas, list) else (areas, areas)
    if type(low) is not int or type(high) is not int or not 1 <= low <= high or high - low > 10_000:
        raise DoubtError("the scenario's number of areas makes no sense")
    return range(low, high + 1)


@dataclass
class Job:
    """What is to be shown of one number of areas.

    Attributes
    ----------
    areas
        How many beside the locked ones.
    goal
        No plan's free areas cost less together (in places of a price).
    node
        What is said to show it.
    impossible
        Whether the goal is more than any plan costs.
    kept
        Candidates that branches speak of.
    """

    areas: int
    goal: int
    node: dict[str, Any]
    impossible: bool = False
    kept: Found = field(default_factory=list)


class Units:
    """The free blocks as numbers: the arrays that listing reads, and the tests of a candidate."""

    def __init__(self, terms: Terms, places: int) -> None:
        self.terms, self.problem = terms, terms.problem
        problem, self.one = self.problem, 10**places
        self.free = [number for number in range(len(problem.blocks)) if number not in problem.fixed]
        groups = [problem.blocks[number] for number in self.free]
        self.n, self.all = len(groups), (1 << len(groups)) - 1
        owner = {council: unit for unit, group in enumerate(groups) for council in group}
        self.people = [sum(problem.people[council] for council in group) for group in groups]
        self.size = [len(group) for group in groups]
        self.clash = [bits(owner[b] for a in group for b in problem.clash[a] if b in owner and b not in group)
                      for group in groups]  # fmt: skip
        touching = [bits(owner[b] for a in group for b in problem.near[a] if b in owner) for group in groups]
        self.near = [near & ~(1 << unit) & ~self.clash[unit] for unit, near in enumerate(touching)]
        self.together = [bits(owner[c] for c in group if c in owner) for group in problem.together]
        self.split = bits(owner[c] for group in problem.together for c in group
                          if c in owner and not group <= owner.keys())  # fmt: skip
        self.enough = [([len(group & councils) for group in groups], least)
                       for least, councils in problem.enough]  # fmt: skip
        held = [[[frozenset().union(*(by[c] for c in group)) for group in groups], limit]
                for limit, by in problem.most_bodies]  # fmt: skip
        self.limits: list[tuple[list[frozenset[int]], int]] = [(rows, limit) for rows, limit in held]
        fixed = [problem.blocks[number] for number in problem.fixed]
        used = [len([area for area in fixed if area & group]) for _, group in problem.caps]
        self.caps = [(bits(owner[c] for c in group if c in owner), limit - taken)
                     for (limit, group), taken in zip(problem.caps, used, strict=True)]  # fmt: skip
        self.spent = sum((terms.cost(area) for area in fixed), Fraction())
        self.land: list[dict[int, int]] = [{} for _ in groups]
        self.outline = [0] * self.n
        for (a, b), length in problem.land.items():
            one, other = owner.get(a, -1), owner.get(b, -1)
            for unit, beside in ((one, other), (other, one)) if one != other else ():
                if unit >= 0:
                    self.outline[unit] += length
                    self.land[unit][beside] = self.land[unit].get(beside, 0) + length
        self._weigh(groups)

    def _weigh(self, groups: list[frozenset[int]]) -> None:
        """Turn weights into whole factors, rounded down, of figures that are whole."""
        problem, terms = self.problem, self.terms
        totals = [
            1,
            2 * terms.total_border,
            2 * terms.people,
            *(sum(layer.totals) for layer, _, _ in terms.layers),
        ]
        self.fine = max(totals).bit_length() + _FINE  # places after the point that costs are summed in
        fine = self.one << self.fine
        self.themes = []
        for theme, spread in enumerate(terms.spread):
            if spread and terms.need:
                mass = [sum(problem.people[c] * problem.scores[c][theme] for c in group) for group in groups]
                square = [
                    sum(problem.people[c] * problem.scores[c][theme] ** 2 for c in group) for group in groups
                ]
                shift = int(spread).bit_length() + _FINE
                factor = floor(fine * terms.need * (1 << shift) / problem.themes / spread)
                self.themes.append((mass, square, factor, shift))
        self.border = floor(fine * terms.border / (2 * terms.total_border)) if terms.total_border else 0
        self.target = terms.target.as_integer_ratio()
        self.away = floor(fine * terms.balance / (2 * terms.people)) if terms.people else 0
        self.bodies: list[tuple[int, int, int]] = []  # rule, people, factor
        rows: list[dict[int, int]] = [{} for _ in groups]
        for layer, rule, weight in terms.layers:
            total = sum(layer.totals)
            factor = floor(fine * weight / total) if total else 0
            for unit, group in enumerate(groups):
                for council in group:
                    for body, people in layer.people[council].items():
                        at = len(self.bodies) + body
                        rows[unit][at] = rows[unit].get(at, 0) + people
            sizes = map(sum, zip(layer.totals, layer.beyond, strict=True))
            self.bodies += [(rule, people, factor) for people in sizes]
        self.whole = [
            [(b, y) for b, y in row.items() if self.bodies[b][0] == 0 and self.bodies[b][2]] for row in rows
        ]
        self.other = [
            [(b, y) for b, y in row.items() if self.bodies[b][0] and self.bodies[b][2]] for row in rows
        ]

    def ceiling(self, areas: int) -> Fraction:
        """Return what no plan's free areas cost more than together."""
        terms, problem = self.terms, self.problem
        inside = [council for number in self.free for council in problem.blocks[number]]
        most = (
            terms.balance * (sum(self.people) + areas * terms.target) / (2 * terms.people)
            if terms.people
            else Fraction(0)
        )
        for theme, spread in enumerate(terms.spread):
            if spread:
                square = sum(problem.people[c] * problem.scores[c][theme] ** 2 for c in inside)
                most += terms.need * square / spread / problem.themes
        for layer, _, weight in terms.layers:
            residents = [sum(layer.people[council].values()) for council in inside]
            most += weight * sum(residents) / max(sum(layer.totals), 1)
        return most + (
            terms.border * Fraction(sum(self.outline), 2 * terms.total_border) if terms.total_border else 0
        )

    def fits(self, mask: int) -> bool:
        """Tell whether nothing that must stay together is split, and not too many bodies are held."""
        for group in self.together:
            if (shared := mask & group) and shared != group:
                return False
        for counts, least in self.enough:
            if sum(counts[unit] for unit in members(mask)) < least:
                return False
        return not mask & self.split and all(
            len(frozenset().union(*(rows[unit] for unit in members(mask)))) <= limit
            for rows, limit in self.limits
        )

    def pieces(self, mask: int) -> Iterator[int]:
        """Yield the parts that some units fall into."""
        while mask:
            piece = edge = mask & -mask
            while edge:
                edge = bits_or(self.near[unit] for unit in members(edge)) & mask & ~piece
                piece |= edge
            yield piece
            mask &= ~piece

    def strands(self, mask: int) -> bool:
        """Tell whether a candidate leaves over a piece whose people make no whole number of areas."""
        return any(not self.division(piece) for piece in self.pieces(self.all & ~mask))

    def division(self, piece: int) -> range:
        """Return the numbers of areas that the people of a piece can make."""
        people, units = sum(self.people[unit] for unit in members(piece)), piece.bit_count()
        lower, upper = self.problem.lower, self.problem.upper
        fewest = max(1, -(-people // upper)) if upper > 0 else 1 + units * (people > 0)
        return range(fewest, min(units, people // lower if lower > 0 else units) + 1)

    def unpayable(self, areas: int) -> bool:
        """Tell whether people alone show that there is no plan of so many areas beside the locked ones."""
        if any(people > self.problem.upper for people in self.people):
            return True
        parts = [self.division(piece) for piece in self.pieces(self.all)]
        return not all(parts) or not sum(p[0] for p in parts) <= areas <= sum(p[-1] for p in parts)


def bits(units: Iterator[int]) -> int:
    """Return units as bits."""
    return bits_or(1 << unit for unit in units)


def bits_or(masks: Iterator[int]) -> int:
    """Return all bits of masks."""
    answer = 0
    for mask in masks:
        answer |= mask
    return answer


def members(mask: int) -> list[int]:
    """Return the units that bits stand for."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found


class Prices:
    """A node's prices: of the free blocks, the count and the caps; `cost` is 1, or 0 where none counts."""

    def __init__(self, units: Units, job: Job, stated: dict[str, Any]) -> None:
        if stated["cost"] not in {0, 1} or len(stated["units"]) != len(units.problem.blocks):
            raise DoubtError("prices are not one for each block")
        whole = [*stated["units"], stated["count"], *stated["caps"]]
        if any(type(price) is not int for price in whole) or len(stated["caps"]) != len(units.caps):
            raise DoubtError("prices are not whole numbers, or not one for each limit")
        if any(price > 0 for price in stated["caps"]):
            raise DoubtError("a limit's price is above nothing")
        self.cost, self.count = stated["cost"], stated["count"]
        self.units = [stated["units"][number] for number in units.free]
        self.caps = [
            (mask, price) for (mask, _), price in zip(units.caps, stated["caps"], strict=True) if price
        ]
        limits = sum(price * limit for (_, limit), price in zip(units.caps, stated["caps"], strict=True))
        self.least = sum(self.units) + job.areas * self.count + limits

    def reduced(self, mask: int, cost: int, paid: int) -> int:
        """Return a candidate's reduced cost."""
        return cost * self.cost - paid - self.count - sum(price for cap, price in self.caps if cap & mask)


def check_node(units: Units, job: Job, node: dict[str, Any], found: Found) -> None:
    """Show that no plan of the candidates costs less than the job's goal.

    Raises
    ------
    DoubtError
        It is not shown.
    """
    if "pair" in node:
        pair = bits(units.free.index(number) for number in node["pair"])
        if pair.bit_count() != 2:
            raise DoubtError("a branch is not over two blocks")
        check_node(units, job, node["together"], [each for each in found if each[0] & pair in {0, pair}])
        check_node(units, job, node["apart"], [each for each in found if each[0] & pair != pair])
        return
    prices = Prices(units, job, node["prices"])
    left: Found = []
    most = threshold(job, prices)
    for mask, cost in found:
        reduced = prices.reduced(mask, cost, sum(prices.units[unit] for unit in members(mask)))
        if reduced < 0 and not units.strands(mask):
            raise DoubtError("in a branch, a candidate costs less than its prices")
        if 0 <= reduced < most:
            left.append((mask, cost))
    close_node(units, job, node, prices, left)


def threshold(job: Job, prices: Prices) -> int:
    """Return the reduced cost from which on a candidate is in no plan that is sought; at least 0."""
    return max(0, job.goal - prices.least) if prices.cost else 0


def close_node(units: Units, job: Job, node: dict[str, Any], prices: Prices, left: Found) -> None:
    """Show what prices show by themselves, or go on with the candidates left over."""
    if prices.least < (job.goal if prices.cost else 1):
        if "then" not in node or not prices.cost:
            raise DoubtError("prices add up to less than the bound")
        check_node(units, job, node["then"], left)


class Listing:
    """Lists every candidate once: grown from its lowest block, what was passed over stays out."""

    def __init__(self, units: Units, jobs: list[Job], seconds: float) -> None:
        self.units, self.jobs = units, jobs
        first = [job.node if "prices" in job.node else None for job in jobs]
        self.prices = [None if node is None else Prices(units, job, node["prices"])
                       for job, node in zip(jobs, first, strict=True)]  # fmt: skip
        self.most = [0 if prices is None else threshold(job, prices)
                     for job, prices in zip(jobs, self.prices, strict=True)]  # fmt: skip
        self.costly = any(prices is None or prices.cost for prices in self.prices)
        self.held = [0] * len(units.bodies)
        self.found = self.nodes = 0
        self.began, self.seconds, self.expected = time.process_time(), seconds, 0.0

    def run(self) -> int:
        """List and check them all; returns how many there are."""
        units = self.units
        self.expected = expected_nodes(units)
        self.began = time.process_time()
        sys.setrecursionlimit(max(sys.getrecursionlimit(), 2 * units.n + 1000))
        priced = [prices.units if prices else [0] * units.n for prices in self.prices]
        self.priced = (
            [list(row) for row in zip(*priced, strict=True)] if priced else [[] for _ in range(units.n)]
        )
        start = (0, 0, 0, 0, [(0, 0)] * len(units.themes), [0] * len(priced), ())
        for unit in range(units.n):
            self.grow(0, 1 << unit, (1 << unit) - 1, *start)
        return self.found

    def grow(  # noqa: PLR0917
        self, mask: int, edge: int, shut: int, people: int, size: int, border: int, whole: int,
        sums: list[tuple[int, int]], paid: list[int], seen: tuple[int, ...],
    ) -> None:  # fmt: skip
        """Take each unit of the edge into the mask in turn, and shut it out afterwards."""
        units, held = self.units, self.held
        upper, lower, most = units.problem.upper, units.problem.lower, units.problem.most
        root = not mask
        while edge:
            bit = edge & -edge
            edge ^= bit
            shut |= bit
            unit = bit.bit_length() - 1
            many, councils = people + units.people[unit], size + units.size[unit]
            if many > upper or councils > most or units.clash[unit] & mask:
                continue
            taken = mask | bit
            around = border + units.outline[unit]
            for beside, length in units.land[unit].items():
                if beside >= 0 and taken >> beside & 1:
                    around -= 2 * length
            misfit, bodies = whole, seen
            for body, more in units.whole[unit]:
                before = held[body]
                held[body] = after = before + more
                _, size_of, factor = units.bodies[body]
                misfit += (
                    factor * after * (size_of - after) // size_of
                    - factor * before * (size_of - before) // size_of
                )
            for body, more in units.other[unit]:
                if not held[body]:
                    bodies += (body,)
                held[body] += more
            added = [
                (m + each[0][unit], q + each[1][unit])
                for (m, q), each in zip(sums, units.themes, strict=True)
            ]
            owed = [one + other for one, other in zip(paid, self.priced[unit], strict=True)]
            if many >= lower and units.fits(taken):
                self.judge(taken, many, around, misfit, added, owed, bodies)
            self.nodes += 1
            if not self.nodes % EVERY:
                self.look_at_clock()
            self.grow(
                taken,
                (edge | units.near[unit]) & ~shut,
                shut,
                many,
                councils,
                around,
                misfit,
                added,
                owed,
                bodies,
            )
            for body, more in units.whole[unit]:
                held[body] -= more
            for body, more in units.other[unit]:
                held[body] -= more
            if root:
                return

    def judge(  # noqa: PLR0917
        self, mask: int, people: int, border: int, whole: int, sums: list[tuple[int, int]], paid: list[int],
        seen: tuple[int, ...],
    ) -> None:  # fmt: skip
        """Hold a candidate against the prices, and keep it where a branch may need it."""
        units, held, cost = self.units, self.held, 0
        self.found += 1
        if self.costly:
            cost = whole + units.border * border
            for (mass, square), (_, _, factor, shift) in zip(sums, units.themes, strict=True):
                cost += factor * (square + -mass * mass // people if people else square) >> shift
            for body in seen:
                rule, size, factor = units.bodies[body]
                both = held[body]
                away = min(size, people) if rule == 1 else size + people - both
                cost += factor * both * (away - both) // away
            if units.away:
                cost += units.away * abs(people * units.target[1] - units.target[0]) // units.target[1]
            cost >>= units.fine
        for job, prices, most, owed in zip(self.jobs, self.prices, self.most, paid, strict=True):
            if prices is None:
                job.kept.append((mask, cost))
                continue
            reduced = prices.reduced(mask, cost, owed)
            if reduced < 0 and not units.strands(mask):
                first = min(units.problem.blocks[units.free[members(mask)[0]]])
                raise DoubtError(
                    f"a candidate costs less than its prices: {units.problem.call(first)} and others"
                )
            if 0 <= reduced < most:
                job.kept.append((mask, cost))

    def look_at_clock(self) -> None:
        """Give up where it takes longer than there is time for."""
        spent = time.process_time() - self.began
        rest = spent * (max(self.expected, self.nodes) / self.nodes - 1)
        if spent > self.seconds or (spent > _PATIENCE_S and spent + rest > 2 * self.seconds):
            raise TooLargeError(spent + rest)


def expected_nodes(units: Units) -> float:
    """Estimate how many unions listing looks at, by following chance (Knuth, 1975), always the same."""
    chance = random.Random(1)  # noqa: S311 - an estimate
    total = 0.0
    for probe in range(_PROBES * (units.n > 0)):
        start = probe * units.n // _PROBES
        mask, shut, weight = 1 << start, (2 << start) - 1, units.n * 1.0
        people, edge = units.people[start], units.near[start] & ~shut
        while True:
            total += weight
            room = units.problem.upper - people
            children = [
                unit for unit in members(edge) if units.people[unit] <= room and not units.clash[unit] & mask
            ]
            if not children:
                break
            weight *= len(children)
            unit = chance.choice(children)
            shut |= edge & ((2 << unit) - 1)
            mask |= 1 << unit
            people += units.people[unit]
            edge = (edge | units.near[unit]) & ~shut
    return total / _PROBES
