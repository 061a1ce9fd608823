"""Settled and contested borders: what stays together however one weighs it, and what depends on the weights.

Many weightings near the scenario's are drawn and each solved; near-best plans of the scenario itself
count beside them. Then every pair of neighbouring councils has a share of plans in which it is together.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

from geo_devolve.errors import InfeasibleError, NoPlanInTimeError
from geo_devolve.geography.model import Geography
from geo_devolve.optimise.near_best import near_best as find_near_best
from geo_devolve.optimise.problem import Problem
from geo_devolve.plan.compare import adjusted_rand
from geo_devolve.plan.plan import Plan
from geo_devolve.plan.weightings import CONCENTRATION, solved, weightings
from geo_devolve.progress import Progress, silent

SETTLED = 0.95
"""The share of plans from which councils count as settled together."""


@dataclass(frozen=True, eq=False)
class Stability:
    """How sure a plan's borders are.

    Attributes
    ----------
    plan
        The plan that the others are held against.
    runs : DataFrame
        One row a weighting: objective (by its own weights), proven, adjusted_rand (with the plan), then
        the weight of each term.
    pairs : DataFrame
        One row a pair of neighbouring councils: council, neighbour, together (share of the plans),
        in_plan (whether the plan has them together), in_weightings and in_near_best (share of either
        kind of plans, NaN where there are none).
    councils : DataFrame
        Index ``code``; columns name, area, core (number of its settled core, from 1), held (share of the
        plans in which it is together with most people of its area), contested (whether held falls below
        the threshold), rival, rival_name (the area whose people it is with instead most often, blank
        where none), rival_share.
    cores : DataFrame
        Index ``core``; columns councils (tuple of codes), names (tuple), population, area (of the plan,
        where most of its people are). Settled cores of two councils and more come first, the largest
        first.
    threshold
        From which share of plans something is settled.
    near_best
        How many of the plans were near-best ones of the scenario itself.
    """

    plan: Plan
    runs: pd.DataFrame
    pairs: pd.DataFrame
    councils: pd.DataFrame
    cores: pd.DataFrame
    threshold: float
    near_best: int = 0

    @property
    def contested(self) -> pd.DataFrame:
        """Borders between councils that are settled neither way: together nor apart.

        Columns council, neighbour, share (of the plans in which they separate areas).
        """
        share = self.pairs["together"]
        unsure = self.pairs[(share > 1 - self.threshold) & (share < self.threshold)]
        return pd.DataFrame(
            {
                "council": unsure["council"],
                "neighbour": unsure["neighbour"],
                "share": 1 - unsure["together"],
            }
        ).reset_index(drop=True)

    def summary(self) -> str:
        """Say in a sentence how much is settled."""
        contested = self.councils[self.councils["contested"]]
        people = self.plan.geography.councils["population"]
        share = float(people.loc[contested.index].sum() / people.sum())
        proven = int(self.runs["proven"].sum())
        near = f" and {self.near_best} near-best plans" if self.near_best else ""
        return (
            f"{len(self.runs)} weightings ({proven} proven){near}: "
            f"{len(contested)} of {len(self.councils)} councils, {share:.0%} of the people, are contested; "
            f"{(self.cores['councils'].map(len) > 1).sum()} settled cores hold together in at least "
            f"{self.threshold:.0%} of the plans."
        )


def stability(
    plan: Plan,
    draws: int = 200,
    *,
    concentration: float = CONCENTRATION,
    near_best: int = 0,
    threshold: float = SETTLED,
    problem: Problem | None = None,
    executor: Executor | None = None,
    progress: Progress = silent,
) -> Stability:
    """Solve many weightings near the scenario's, and see which borders stay.

    Parameters
    ----------
    plan
        The plan in question; its scenario is weighed anew.
    draws
        How many weightings.
    concentration
        How near they stay to the scenario's weights.
    near_best
        How many of the best plans of the scenario itself to count beside them, as one plan each.
    threshold
        From which share of plans something is settled.
    problem
        The prepared problem, if there is one.
    executor
        Spreads the weightings over its workers; the result is the same.
    progress
        Told how many are solved.

    Returns
    -------
    Stability
        Pairs, cores and councils. A weighting that finds no plan in time is left out of them, and is a row of
        `runs` without an objective.

    Raises
    ------
    UsageError
        Where near-best plans are asked for and there are too many candidates to list.
    """
    near: list[np.ndarray[Any, Any]] = []
    if near_best:
        best = find_near_best(
            plan.geography, plan.scenario, most=near_best, problem=problem, progress=progress
        )
        near = [_numbers(plan.geography, each.groups) for each in best.plans]
    scenarios = weightings(plan.scenario, draws, concentration)
    rows, numbers = [], []
    progress("weightings", 0, draws)
    for done, (scenario, found) in enumerate(solved(plan, scenarios, problem, executor), start=1):
        row: dict[str, Any] = {"objective": np.nan, "proven": False, "adjusted_rand": np.nan}
        if found is not None:
            groups, objective, proven = found
            number = _numbers(plan.geography, groups)
            numbers.append(number)
            row = {
                "objective": objective,
                "proven": proven,
                "adjusted_rand": adjusted_rand(plan.groups.completed.number, number),
            }
        rows.append(row | dict(zip(scenario.term_names, scenario.term_weights, strict=True)))
        progress("weightings", done, draws)
    runs = pd.DataFrame(rows, columns=["objective", "proven", "adjusted_rand", *plan.scenario.term_names])
    return of_plans(plan, [*numbers, *near], runs, threshold, len(near))


def of_plans(
    plan: Plan,
    numbers: Sequence[np.ndarray[Any, Any]],
    runs: pd.DataFrame,
    threshold: float = SETTLED,
    near_best: int = 0,
) -> Stability:
    """Judge a plan's borders by other plans.

    Parameters
    ----------
    plan
        The plan in question.
    numbers
        For each other plan the number of every council's area.
    runs
        What is known of where they come from, a row each.
    threshold
        From which share of plans something is settled.
    near_best
        How many of them, the last, were near-best ones.
    """
    numbers = numbers or [plan.groups.completed.number]
    pairs = together(plan, numbers)
    first = len(numbers) - near_best
    pairs["in_weightings"] = together(plan, numbers[:first])["together"] if first else np.nan
    pairs["in_near_best"] = together(plan, numbers[first:])["together"] if near_best else np.nan
    cores = _cores(plan, pairs, threshold)
    return Stability(
        plan, runs, pairs, _councils(plan, numbers, cores, threshold), cores, threshold, near_best
    )


def together(plan: Plan, numbers: Sequence[np.ndarray[Any, Any]]) -> pd.DataFrame:
    """Return for each pair of neighbouring councils the share of plans that have them in one area."""
    codes = list(plan.geography.councils.index)
    where = {code: place for place, code in enumerate(codes)}
    edges = sorted(tuple(sorted((where[one], where[other]))) for one, other in plan.rules.graph.edges)
    ends = np.array(edges, dtype=np.int64).reshape(-1, 2)
    all_ = np.array(numbers)
    share = (all_[:, ends[:, 0]] == all_[:, ends[:, 1]]).mean(axis=0)
    ours = plan.groups.completed.number
    return pd.DataFrame(
        {
            "council": pd.Series([codes[one] for one, _ in edges], dtype=object),
            "neighbour": pd.Series([codes[other] for _, other in edges], dtype=object),
            "together": share,
            "in_plan": ours[ends[:, 0]] == ours[ends[:, 1]],
        }
    )


def _cores(plan: Plan, pairs: pd.DataFrame, threshold: float) -> pd.DataFrame:
    graph: nx.Graph[Any] = nx.Graph()
    graph.add_nodes_from(plan.geography.councils.index)
    sure = pairs[pairs["together"] >= threshold]
    graph.add_edges_from(zip(sure["council"], sure["neighbour"], strict=True))
    people = dict(zip(plan.geography.councils.index, plan.geography.councils["population"], strict=True))
    order = {code: place for place, code in enumerate(people)}
    names = dict(zip(people, plan.geography.councils["name"].astype(str), strict=True))
    cores = [tuple(sorted(core, key=order.__getitem__)) for core in nx.connected_components(graph)]
    sizes = {core: plan.geography.tally.total([people[code] for code in core]) for core in cores}
    cores.sort(key=lambda core: (len(core) == 1, -sizes[core], order[core[0]]))
    area = dict(zip(people, plan.assignment, strict=True))
    rows = []
    for core in cores:
        shares = pd.Series([people[code] for code in core]).groupby([str(area[code]) for code in core]).sum()
        rows.append((core, tuple(names[code] for code in core), sizes[core], shares.idxmax()))
    table = pd.DataFrame(rows, columns=["councils", "names", "population", "area"])
    table.index = pd.RangeIndex(1, len(table) + 1, name="core")
    return table


def _councils(
    plan: Plan, numbers: Sequence[np.ndarray[Any, Any]], cores: pd.DataFrame, threshold: float
) -> pd.DataFrame:
    """Say of each council how often it is with its area's people, and with whom it is otherwise.

    In another plan a council "is with" the area of ours that most of the people of its area there come
    from, itself left out: so a renumbered, shrunk or merged area is still known again.
    """
    geography, groups = plan.geography, plan.groups.completed
    people = geography.tally.count(geography.councils["population"])
    ours, places = groups.number, np.arange(len(people))
    known = len(plan.groups.labels)
    plans_with = np.zeros((len(people), len(groups.labels)), dtype=np.int64)
    for theirs in numbers:
        both = np.zeros((int(theirs.max()) + 1, len(groups.labels)))
        np.add.at(both, (theirs, ours), people)
        seen = both[theirs]
        seen[places, ours] -= people
        at_home = seen[places, ours] >= seen.max(axis=1)  # alone, or none is more
        mate = np.where(at_home, ours, seen.argmax(axis=1))
        plans_with[places, mate] += 1
    with_area = plans_with / len(numbers)  # one division, so that 19 of 20 plans are 95 %, not less
    held = with_area[places, ours]
    others = with_area[:, :known].copy()
    inside = ours < known
    others[places[inside], ours[inside]] = -1.0
    rival = others.argmax(axis=1) if known else np.zeros(len(people), dtype=int)
    share = others[places, rival] if known else np.zeros(len(people))
    core_of = {code: core for core, codes in cores["councils"].items() for code in codes}
    return pd.DataFrame(
        {
            "name": geography.councils["name"].astype(str).to_numpy(),
            "area": plan.assignment.to_numpy(),
            "core": [core_of[code] for code in geography.councils.index],
            "held": held,
            "contested": held < threshold,
            "rival": [plan.groups.labels[r] if s > 0 else "" for r, s in zip(rival, share, strict=True)],
            "rival_name": [plan.names.iloc[r] if s > 0 else "" for r, s in zip(rival, share, strict=True)],
            "rival_share": np.maximum(share, 0.0),
        },
        index=geography.councils.index,
    )


def by_number_of_areas(
    plan: Plan,
    counts: Iterable[int] = range(30, 47),
    *,
    problem: Problem | None = None,
    progress: Progress = silent,
) -> pd.DataFrame:
    """See how the optimum moves with the number of areas.

    Parameters
    ----------
    plan
        Whose scenario is solved for other numbers of areas.
    counts
        Which numbers.
    problem
        The prepared problem, if there is one.
    progress
        Told how many are solved.

    Returns
    -------
    DataFrame
        Index ``areas``; columns objective, bound, proven, one a term (unweighted), adjusted_rand (with
        the plan), status ("found", or why there is none).
    """
    counts = list(counts)
    problem = problem or Problem(plan.geography, plan.scenario, progress=progress)
    rows = []
    progress("numbers of areas", 0, len(counts))
    for done, areas in enumerate(counts, start=1):
        row: dict[str, Any] = {"areas": areas, "proven": False, "status": "found"}
        scenario = plan.scenario.replace(areas=areas)
        try:
            solution = problem.solve(scenario)
        except (InfeasibleError, NoPlanInTimeError) as error:
            row["status"] = "infeasible" if isinstance(error, InfeasibleError) else "none in time"
        else:
            found = Plan.from_groups(plan.geography, scenario, solution.groups, solution.certificate)
            row |= {
                "objective": found.objective,
                "bound": solution.certificate.bound,
                "proven": solution.certificate.proven,
                "adjusted_rand": adjusted_rand(plan.groups.completed.number, found.groups.number),
                **{str(term): float(value) for term, value in found.terms.sum().items()},
            }
        rows.append(row)
        progress("numbers of areas", done, len(counts))
    columns = ["areas", "objective", "bound", "proven", *plan.scenario.term_names, "adjusted_rand", "status"]
    return pd.DataFrame(rows, columns=columns).set_index("areas")


def _numbers(geography: Geography, groups: Iterable[Iterable[Any]]) -> np.ndarray[Any, Any]:
    where = {code: place for place, code in enumerate(geography.councils.index)}
    number = np.full(len(where), -1, dtype=np.int64)
    for area, councils in enumerate(groups):
        number[[where[code] for code in councils]] = area
    return number
