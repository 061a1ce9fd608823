"""Whether a plan is what it claims: *verified*, *not verified* and why, or *too large to check here*."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from math import ceil, floor
from os import PathLike
from pathlib import Path
from typing import Any

from geo_devolve.verifying.ground import NotPlainError, find_folder, hold_figures, hold_hashes
from geo_devolve.verifying.problem import FIELDS, LIMITS, TERMS, Problem, connected
from geo_devolve.verifying.proof import (
    Job,
    Listing,
    Terms,
    TooLargeError,
    Units,
    check_node,
    close_node,
    counts_of,
)
from geo_devolve.verifying.strict import DoubtError, exact, index, load, parse

PLAN, CERTIFICATE = "plan.json", "certificate.json"
FORMAT, PLAN_FORMAT = "geo-devolve certificate 1", "geo-devolve plan 1"
VERIFIED, NOT_VERIFIED, TOO_LARGE = "verified", "not verified", "too large to check here"
SAME = Fraction(1, 10**9)  # a plan is the best where no other is better by more than this share of it
NOISE = Fraction(1, 10**14)  # of the sum of weights, below which a difference is rounding
ORDERS = {"constraints": LIMITS, "locked": ("name", "councils", "bodies", "exempt"), "weights": TERMS}
FILES, LOADED, STATED = "the geography's files", "the geography as loaded", "the certificate"
_BROKEN = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, OSError, RecursionError,
           MemoryError)  # fmt: skip
Ground = tuple[str | PathLike[str] | None, Callable[[Path | None, bytes], bool] | None, bool]


@dataclass(frozen=True)
class Verdict:
    """What came of checking.

    Attributes
    ----------
    verdict
        "verified", "not verified" or "too large to check here".
    reasons
        Why it is not verified; what a reader should know where it is.
    claim
        "plan" or "impossible".
    objective, bound
        What the plan costs, and what no plan costs less than, to 15 places; None where there is none.
    gap
        (objective − bound) / objective.
    rounding
        What the certificate's rounded scores could change of any plan's objective at most.
    figures
        Where the figures come from that it was held against.
    candidates
        How many were listed.
    estimate
        Of the seconds that it would take, where it is too large.
    seconds
        That it took.
    """

    verdict: str
    reasons: tuple[str, ...] = ()
    claim: str = ""
    objective: str | None = None
    bound: str | None = None
    gap: float | None = None
    rounding: float | None = None
    figures: str = ""
    candidates: int | None = None
    estimate: float | None = None
    seconds: float = 0.0

    @property
    def verified(self) -> bool:
        """Whether everything that is claimed was shown."""
        return self.verdict == VERIFIED


def verify(
    path: str | PathLike[str],
    *,
    geography: str | PathLike[str] | None = None,
    seconds: float = 3600.0,
    loader: Callable[[Path | None, bytes], bool] | None = None,
    given: bool = False,
) -> Verdict:
    """Check a plan and what proves it, with nothing but the files and whole numbers.

    Parameters
    ----------
    path
        The folder that ``propose`` wrote, its ``plan.json``, or a ``certificate.json`` of what is impossible.
    geography
        Folder of the geography's files; that of an embedded geography is found by its name.
    seconds
        How much computing time to spend at most (s).
    loader
        Tells whether a certificate has the figures of a folder's files, where they are no plain tables.
    given
        Whether the loader has the geography itself, and needs no folder.

    Returns
    -------
    Verdict
        ``verified`` only if every claim was shown.
    """
    began, found = time.monotonic(), dict[str, Any]()
    try:
        _check(Path(path), (geography, loader, given), seconds, found)
        found["verdict"] = VERIFIED
    except DoubtError as doubt:
        found |= {"verdict": NOT_VERIFIED, "reasons": (str(doubt),)}
    except TooLargeError as large:
        found |= {"verdict": TOO_LARGE, "estimate": float(large.args[0])}
    except _BROKEN as error:
        why = f"the files are not whole ({type(error).__name__}: {error})"
        found |= {"verdict": NOT_VERIFIED, "reasons": (why,)}
    return Verdict(**found, seconds=time.monotonic() - began)


def _check(path: Path, ground: Ground, seconds: float, found: dict[str, Any]) -> None:
    folder = path if path.is_dir() else path.parent
    plan = None
    if (path == folder and (folder / PLAN).is_file()) or (path != folder and path.name != CERTIFICATE):
        plan = parse(load(folder / PLAN if path == folder else path), PLAN)
    data = load(folder / CERTIFICATE)
    proof = parse(data, CERTIFICATE)
    if proof["format"] != FORMAT or proof["claim"] != ("plan" if plan else "impossible"):
        raise DoubtError(f"{CERTIFICATE} is of another format, or claims something else")
    found["claim"] = proof["claim"]
    if plan:
        own = {"file": CERTIFICATE, "sha256": sha256(data).hexdigest()}
        if plan["format"] != PLAN_FORMAT or plan["proof"] != own:
            raise DoubtError(f"{PLAN} is not of this {CERTIFICATE}: the hash is another, or the format")
        if plan["scenario"] != proof["scenario"] or plan["scenario_digest"] != digest(proof["scenario"]):
            raise DoubtError(f"{PLAN} and {CERTIFICATE} speak of different scenarios")
        source = plan["provenance"]
        if proof["geography"] != {"name": source["geography"]["name"], "inputs": source["inputs"]}:
            raise DoubtError(f"{PLAN} and {CERTIFICATE} speak of different geographies")
    problem = Problem(proof["scenario"], proof["problem"], proof["blocks"])
    notes = [*_hold_ground(proof, data, ground, found), *dict.fromkeys(problem.notes)]
    claim = Claim(problem, proof)
    claim.hold(plan)
    found |= claim.check(seconds) | {"reasons": tuple(notes)}


def _hold_ground(proof: dict[str, Any], data: bytes, ground: Ground, found: dict[str, Any]) -> Iterator[str]:
    """Hold the certificate's figures against the geography's files; yield what a reader should know."""
    inputs, name = proof["geography"]["inputs"], proof["geography"]["name"]
    geography, loader, given = ground
    folder = None if given else find_folder(geography, str(name))
    if folder is None and not given and (inputs or geography is not None):
        raise DoubtError(
            f"the files of the geography {name!r} are not at hand; give their folder (--geography)"
        )
    found["figures"] = STATED
    if folder is None and not given:
        yield "the geography has no files: what is verified is said of the certificate's own figures"
        return
    try:
        if folder is None:
            raise NotPlainError("it is at hand as it was loaded")
        hold_hashes(folder, inputs)
        rounding, left_out = hold_figures(folder, proof["problem"])
    except NotPlainError as error:
        if loader is None or not loader(folder, data):
            raise DoubtError(f"the figures are not those of the geography at hand ({error})") from error
        found["figures"] = LOADED
        yield f"figures are those that the package's loader gives: {error}"
        return
    weight = exact(proof["scenario"]["weights"].get("need", 0))
    found |= {"figures": FILES, "rounding": float(weight * rounding)}
    if left_out:
        yield f"{left_out} councils of the geography's files are not in it"


def digest(scenario: dict[str, Any]) -> str:
    """Return the SHA-256 of all that a scenario asks for, its name apart, as `plan.json` has it."""

    def plain(value: Any, order: tuple[str, ...] = ()) -> Any:
        if isinstance(value, dict):
            keys = sorted(value, key=lambda key: order.index(key) if key in order else len(order))
            return {key: plain(value[key], ORDERS.get(key, ())) for key in keys}
        if isinstance(value, list):
            return [plain(each, order) for each in value]
        return float(value) if isinstance(value, Fraction) else value

    asked = plain({key: value for key, value in scenario.items() if key != "name"}, FIELDS)
    return sha256(json.dumps(asked, ensure_ascii=True).encode()).hexdigest()


class Claim:
    """What a certificate claims of each number of areas, and a plan.json of the best."""

    def __init__(self, problem: Problem, proof: dict[str, Any]) -> None:
        self.problem, self.terms, self.counts = problem, Terms(problem), proof["counts"]
        if type(proof["places"]) is not int or not 0 <= proof["places"] <= 60:
            raise DoubtError("prices have no sensible number of places")
        self.units = Units(self.terms, proof["places"])
        if [each["areas"] for each in self.counts] != list(counts_of(problem.scenario)):
            raise DoubtError("the certificate does not speak of every number of areas")
        self.step = self.terms.step()
        self.bounds = [self._bound(each["bound"], impossible=each["impossible"]) for each in self.counts]
        self.plans = [None if each["plan"] is None else self._areas(each["plan"]) for each in self.counts]
        self.costs = [
            None if plan is None else sum(map(self.terms.cost, plan), Fraction()) for plan in self.plans
        ]
        for each, plan in zip(self.counts, self.plans, strict=True):
            for fault in problem.faults(plan) if plan else ():
                raise DoubtError(f"the plan of {each['areas']} areas: {fault}")
            if plan is not None and (len(plan) != each["areas"] or each["impossible"]):
                raise DoubtError("a plan has another number of areas than it says, or is impossible")

    def _bound(self, stated: int | None, *, impossible: bool) -> Fraction | None:
        """Return what no plan costs less than: what is stated, locked areas, and on to the next step."""
        if impossible is True:
            return None
        if stated is None:
            return Fraction(0)
        bound = Fraction(stated, self.units.one) + self.units.spent
        return max(ceil(bound / self.step) * self.step if self.step else bound, Fraction(0))

    def _areas(self, plan: list[list[int]]) -> list[frozenset[int]]:
        blocks = self.problem.blocks
        return [frozenset().union(*(blocks[index(at, len(blocks))] for at in area)) for area in plan]

    def tolerance(self, cost: Fraction) -> Fraction:
        """Return the difference that is none."""
        return SAME * cost + NOISE * self.terms.weight

    def hold(self, plan: dict[str, Any] | None) -> None:
        """Hold what plan.json says against the certificate."""
        self.told = None if plan is None else plan["certificate"]
        if plan is None:
            if any(bound is not None for bound in self.bounds):
                raise DoubtError("the certificate does not claim that every number of areas is impossible")
            return
        for fault in self._plan_faults(plan, plan["certificate"]):
            raise DoubtError(f"{PLAN}: {fault}")

    def _plan_faults(self, plan: dict[str, Any], told: dict[str, Any]) -> Iterator[str]:
        areas: dict[str, set[int]] = {}
        for code, area in plan["assignment"].items():
            areas.setdefault(area, set()).add(self.problem.codes.index(code))
        chosen = {frozenset(area) for area in areas.values()}
        costs = [
            cost
            for each, cost in zip(self.plans, self.costs, strict=True)
            if each and cost is not None and set(each) == chosen
        ]
        if not costs:
            yield "the assignment is not the certificate's plan"
            return
        cost, near = costs[0], self.tolerance(costs[0])
        if any(other is not None and other < cost - near for other in self.costs):
            yield "another number of areas has a better plan"
        if len(plan["assignment"]) != self.problem.n or plan["faults"]:
            yield "it does not assign every council, or tells of faults"
        if not abs(exact(told["objective"]) - cost) <= near:
            yield f"the objective is {float(cost):.12g}, not {float(told['objective']):.12g}"
        lowest = min(bound for bound in self.bounds if bound is not None)
        if not exact(told["bound"]) <= lowest + near:
            yield f"the bound is {float(lowest):.12g} at most, not {float(told['bound']):.12g}"
        gap = max(Fraction(0), cost - exact(told["bound"])) / cost if cost else Fraction(0)
        if not abs(exact(told["gap"]) - gap) <= 2 * SAME + (near / cost if cost else 0):
            yield "the gap is not that of objective and bound"
        if told["proven"] is not (cost - lowest <= near):
            yield "it is said to be proven and is not, or is and is not said to be"
        whole = all(len(block) == 1 for block in self.problem.blocks)
        scope = "all plans" if whole else f"unions of {len(self.problem.blocks)} blocks"
        if told["scope"] != scope or told["blocks"] != len(self.problem.blocks):
            yield f"its scope is {scope}"
        yield from self._count_faults(told)
        yield from self._area_faults(plan, {name: frozenset(area) for name, area in areas.items()})

    def _count_faults(self, told: dict[str, Any]) -> Iterator[str]:
        """Hold each number of areas' objective, bound and status against the certificate's."""
        if len(told["by_count"]) != len(self.counts):
            yield "it does not speak of every number of areas"
            return
        for said, each, cost, bound in zip(
            told["by_count"], self.counts, self.costs, self.bounds, strict=True
        ):
            what = f"with {each['areas']} areas"
            near = self.tolerance(cost or Fraction(1))
            status = "infeasible" if bound is None else "unknown"
            if cost is not None and bound is not None:
                status = "optimal" if cost - bound <= near else "feasible"
            if said["areas"] != each["areas"] or said["status"] != status:
                yield f"{what} the plan is {status}, not {said['status']}"
            elif said["proven"] is not (status in {"optimal", "infeasible"}):
                yield f"{what} it is wrong about what is proven"
            elif (said["objective"] is None) != (cost is None) or (
                cost is not None and not abs(exact(said["objective"]) - cost) <= near
            ):
                yield f"{what} the objective is another"
            elif said["bound"] is not None and (bound is None or not exact(said["bound"]) <= bound + near):
                yield f"{what} the bound is another"

    def _area_faults(self, plan: dict[str, Any], areas: dict[str, frozenset[int]]) -> Iterator[str]:
        """Hold what is told of each area's councils and people, and of each term, against the figures."""
        layers = self.problem.scenario.get("layers", {})
        if sorted(each["code"] for each in plan["areas"]) != sorted(areas):
            yield "it does not tell of every area"
        for told in plan["areas"]:
            area = areas[told["code"]]
            people = Fraction(sum(self.problem.people[council] for council in area), self.problem.scale)
            codes = [self.problem.codes.index(str(code)) for code in told["councils"]]
            if sorted(codes) != sorted(area):
                yield f"the councils of area {told['code']} are others"
            if abs(exact(told["population"]) - people) > SAME * max(people, Fraction(1)):
                yield f"area {told['code']} has {float(people):,.0f} people"
            terms = self.terms.of(area) | {"objective": self.terms.cost(area)}
            for name, value in terms.items():
                key = f"score_misfit_{name}" if name in layers else f"score_{name}"
                if abs(exact(told.get(key, value)) - value) > self.tolerance(value):
                    yield f"{key} of area {told['code']} is {float(value):.12g}"
        sums: dict[str, Fraction] = {}
        for area in areas.values():
            for name, value in self.terms.of(area).items():
                sums[name] = sums.get(name, Fraction()) + value
        told = [row for row in plan["scores"] if row["area"] == ""]
        rows = {(row["measure"], row["part"]): row for row in told}
        if len(rows) < len(told):
            yield "a measure stands twice in its scores"
        cost = sum(map(self.terms.cost, areas.values()), Fraction())
        if abs(exact(rows["objective", ""]["value"]) - cost) > self.tolerance(cost):
            yield "the objective in its scores is another"
        weights = self.problem.scenario["weights"]
        for name, value in sums.items():
            row = rows[("misfit", name) if name in layers else (name, "")]
            weight = exact(layers[name]["weight"] if name in layers else weights.get(name, 0))
            wrong = abs(exact(row["value"]) - value) > SAME * value + NOISE
            more = abs(exact(row["contribution"]) - weight * value) > self.tolerance(weight * value)
            if wrong or more or exact(row["weight"]) != weight:
                yield f"the term {name} is {float(value):.12g} with weight {float(weight):g}"

    def check(self, seconds: float) -> dict[str, Any]:
        """List the candidates, and show every bound."""
        jobs = []
        for each, bound in zip(self.counts, self.bounds, strict=True):
            free = each["areas"] - len(self.problem.fixed)
            if bound is not None and bound <= 0:  # no plan costs less than nothing
                continue
            if bound is None and (self._locked_broken(free) or self.units.unpayable(free)):
                continue
            node = each["proof"]
            if not node or "people" in node:
                raise DoubtError(f"nothing shows what is said of {each['areas']} areas")
            goal = (
                each["bound"] if bound is not None else floor(self.units.one * self.units.ceiling(free)) + 1
            )
            jobs.append(Job(free, goal, node, impossible=bound is None))
        listing = Listing(self.units, jobs, seconds)
        candidates = listing.run() if jobs else None
        for job, prices in zip(jobs, listing.prices, strict=True):
            if prices is None:
                check_node(self.units, job, job.node, job.kept)
            elif prices.cost and "then" not in job.node and not job.impossible and prices.least != job.goal:
                raise DoubtError("prices do not add up to the bound")
            else:
                close_node(self.units, job, job.node, prices, job.kept)
        if candidates is not None:
            self._hold_candidates(candidates + len(self.problem.fixed))
        return self._told(candidates)

    def _hold_candidates(self, found: int) -> None:
        """Hold how many candidates a plan says were listed against how many there are."""
        told = self.told
        narrow = (self.problem.upper - self.problem.lower) * self.units.n < sum(self.units.people)
        if told is not None and told["engine"] == "list" and not narrow and told["candidates"] != found:
            raise DoubtError(f"{PLAN}: there are {found:,} candidates, not {told['candidates']:,}")

    def _locked_broken(self, free: int) -> bool:
        """Tell whether the locked areas by themselves rule every plan out."""
        problem = self.problem
        for area, exempt in problem.locked:
            people = sum(problem.people[council] for council in area)
            fits = exempt or (problem.lower <= people <= problem.upper and not problem.lacks(area))
            whole = connected(area, problem.links(area)) and not problem.splits(area)
            if problem.breaks(area, exempt=exempt) or not fits or not whole:
                return True
        return (
            free < 0 or (free == 0) != (self.units.n == 0) or any(limit < 0 for _, limit in self.units.caps)
        )

    def _told(self, candidates: int | None) -> dict[str, Any]:
        bounds, costs = [b for b in self.bounds if b is not None], [c for c in self.costs if c is not None]
        if not bounds or not costs:
            return {"candidates": candidates}
        cost, bound = min(costs), max(min(bounds), Fraction(0))
        gap = float((cost - bound) / cost) if cost else 0.0
        return {"objective": decimal(cost), "bound": decimal(bound), "gap": gap, "candidates": candidates}


def decimal(value: Fraction) -> str:
    """Write a number to 15 places."""
    scaled = floor(value * 10**15)
    return f"{scaled // 10**15}.{scaled % 10**15:015d}"
