"""The objective of a plan, worked out a second time from the raw tables of England 2017.

It follows the design's text alone and shares no line with the package: plain dictionaries, the standard
library, exact sums. What it says of a plan must be what the package says of it.
"""

import csv
import gzip
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path


def rows_of(path: Path) -> list[dict[str, str]]:
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def plan_of(councils_csv: Path, council: str = "code", area: str = "area") -> dict[str, str]:
    """Read the assignment out of the councils.csv that a plan leaves."""
    return {row[council]: row[area] for row in rows_of(councils_csv)}


class RawEngland:
    """The tables of boundaries/england-2017, read once."""

    def __init__(self, folder: Path) -> None:
        self.councils = {row["code"]: row for row in rows_of(folder / "councils.csv")}
        self.points = rows_of(folder / "population.csv.gz")
        self.stp_of_ccg = {row["code"]: row["stp"] for row in rows_of(folder / "ccgs.csv")}
        self.borders = [
            (row["council"], row["neighbour"], float(row["length_m"]))
            for row in rows_of(folder / "borders.csv")
        ]
        self.crossings = [
            (row["council"], row["neighbour"])
            for row in rows_of(folder / "crossings.csv")
            if row["kind"] != "none"
        ]
        self.needs = {row["council"]: row for row in rows_of(folder / "needs.csv")}
        self.indicators = rows_of(folder / "indicators.csv")
        self.people: dict[str, float] = defaultdict(float)
        for point in self.points:
            self.people[point["council"]] += float(point["population"])

    def bodies(self, layer: str, point: Mapping[str, str]) -> list[str]:
        """Name the bodies of a layer that a point lies in."""
        if layer == "ccg":
            found = [point["ccg"]]
        elif layer == "stp":
            found = [self.stp_of_ccg[point["ccg"]]]
        elif layer == "lep":
            found = [point["lep"], point["lep_2"]]
        else:
            found = [self.councils[point["council"]][layer]]
        return [body for body in found if body]

    def theme_scores(self) -> dict[str, dict[str, float]]:
        """Score every council in every theme: filled, standardised, turned, averaged, standardised again."""
        neighbours: dict[str, set[str]] = defaultdict(set)
        for one, other in [(a, b) for a, b, _ in self.borders] + self.crossings:
            neighbours[one].add(other)
            neighbours[other].add(one)
        by_theme: dict[str, list[dict[str, float]]] = defaultdict(list)
        for row in self.indicators:
            name, turn = row["indicator"], 1.0 if row["higher_means"] == "more need" else -1.0
            published = {code: float(need[name]) for code, need in self.needs.items() if need[name]}
            filled = dict(published)
            for code in self.councils:
                if code not in published:
                    near = [other for other in neighbours[code] if other in published] or list(published)
                    filled[code] = self.mean(published, near)
            standard = self.standardised(filled)
            by_theme[row["theme"]].append({code: turn * value for code, value in standard.items()})
        return {
            theme: self.standardised(
                {code: math.fsum(score[code] for score in scores) / len(scores) for code in self.councils}
            )
            for theme, scores in by_theme.items()
        }

    def mean(self, values: Mapping[str, float], among: Iterable[str]) -> float:
        among = list(among)
        return math.fsum(values[code] * self.people[code] for code in among) / math.fsum(
            self.people[code] for code in among
        )

    def standardised(self, values: Mapping[str, float]) -> dict[str, float]:
        middle = self.mean(values, values)
        variance = self.mean({code: (value - middle) ** 2 for code, value in values.items()}, values)
        return {code: (value - middle) / math.sqrt(variance) for code, value in values.items()}

    def misfit(self, layer: str, rule: str, plan: Mapping[str, str]) -> float:
        """How badly, on average over the layer's residents, their body and their area fit."""
        both: dict[tuple[str, str], float] = defaultdict(float)
        body_people: dict[str, float] = defaultdict(float)
        area_people: dict[str, float] = defaultdict(float)
        for point in self.points:
            people, area = float(point["population"]), plan[point["council"]]
            area_people[area] += people
            for body in self.bodies(layer, point):
                both[area, body] += people
                body_people[body] += people
        parts = []
        for (area, body), y in both.items():
            outside_body, outside_area = 1 - y / body_people[body], 1 - y / area_people[area]
            if rule == "whole":
                badness = outside_body
            elif rule == "nest":
                badness = min(outside_body, outside_area)
            else:
                badness = 1 - y / (body_people[body] + area_people[area] - y)
            parts.append(y * badness)
        return math.fsum(parts) / math.fsum(body_people.values())

    def need(self, themes: Iterable[str], plan: Mapping[str, str]) -> float:
        """Average over the themes the share of their variance that is left within areas."""
        scores = self.theme_scores()
        shares = []
        for theme in themes:
            score = scores[theme]
            members: dict[str, list[str]] = defaultdict(list)
            for code in self.councils:
                members[plan[code]].append(code)
            middle = self.mean(score, self.councils)
            total = math.fsum(self.people[code] * (score[code] - middle) ** 2 for code in self.councils)
            within = []
            for codes in members.values():
                centre = self.mean(score, codes)
                within.extend(self.people[code] * (score[code] - centre) ** 2 for code in codes)
            shares.append(math.fsum(within) / total)
        return math.fsum(shares) / len(shares)

    def terms(self, plan: Mapping[str, str], scenario: Mapping[str, object]) -> dict[str, float]:
        """Give every term of the objective, unweighted, and the objective itself, for a plan.

        `scenario` is the parsed TOML file; a range of areas is balanced around its middle.
        """
        asked = scenario["areas"]
        k = sum(asked) / 2 if isinstance(asked, list) else float(asked)  # type: ignore[arg-type]
        england = math.fsum(self.people.values())
        of_area: dict[str, float] = defaultdict(float)
        for code in self.councils:
            of_area[plan[code]] += self.people[code]
        cut = math.fsum(length for one, other, length in self.borders if plan[one] != plan[other])
        terms = {
            "need": self.need(scenario["themes"], plan),  # type: ignore[arg-type]
            "compactness": cut / math.fsum(length for *_, length in self.borders),
            "balance": math.fsum(abs(people - england / k) for people in of_area.values()) / (2 * england),
        }
        weights: dict[str, float] = dict(scenario["weights"])  # type: ignore[call-overload]
        for layer, asked_of in scenario["layers"].items():  # type: ignore[attr-defined]
            terms[layer] = self.misfit(layer, asked_of["rule"], plan)
            weights[layer] = asked_of["weight"]
        terms["objective"] = math.fsum(weights.get(term, 0.0) * value for term, value in terms.items())
        return terms
