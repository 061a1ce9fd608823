"""From one plan to another by merges and moves that are each legal, fewest people moved twice; or a proof.

A merge puts an area into another, which goes on; a move takes a block from one area to another. Neither
makes an area out of nothing, so a plan of more areas is out of reach. The search is A* over divisions with
the areas called by those they go on from: what it is told of the rest of the way is never more than that
takes, so the first way that is found is the best. Where there is none, every division that can be reached
has been looked at.
"""

import heapq
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from geo_devolve.atlases.legality import Division, Legality, Step
from geo_devolve.errors import UsageError, first_few
from geo_devolve.optimise.asked.prepared import Prepared, prepare
from geo_devolve.plan.plan import Plan
from geo_devolve.progress import Progress, silent
from geo_devolve.scenario import Scenario

STAGE = "looking for steps"
MOST_DIVISIONS = 300_000

Labels = tuple[int, ...]
Cost = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Steps:
    """How one plan becomes another, or that it cannot.

    Attributes
    ----------
    possible
        Whether there is a way.
    table
        A row a step: ``kind`` ("merge" or "move"), ``councils`` (codes of those that change), ``people``
        (persons), ``source`` and ``target`` (names of the areas), ``areas`` (how many there are then),
        ``smallest`` (people of the smallest area then).
    plans
        The plan after each step; the last is the plan that was to be reached.
    people_moved, people_moved_twice
        Persons whose council changes at all, and again (each further change counts again).
    looked_at
        How many divisions were looked at.
    reason
        Where there is no way, the proof in a sentence.
    """

    possible: bool
    table: pd.DataFrame
    plans: tuple[Plan, ...]
    people_moved: float
    people_moved_twice: float
    looked_at: int
    reason: str = ""

    def __repr__(self) -> str:
        """Tell how many steps there are."""
        return f"<Steps: {len(self.table)}>" if self.possible else f"<Steps: none, {self.reason}>"


def steps(
    from_plan: Plan,
    to_plan: Plan,
    scenario: Scenario | None = None,
    *,
    most_divisions: int = MOST_DIVISIONS,
    progress: Progress = silent,
) -> Steps:
    """Find merges and moves that lead from one plan to another, every one of them legal.

    A step may not break a rule that was kept before it: the areas it makes hang together, keep the upper
    bound and every constraint, and none that had enough people falls below the lower bound; areas that are
    still too small may grow. Of all ways the one is found on which the fewest people change their council
    more than once, then the fewest change it at all, then the fewest steps.

    Parameters
    ----------
    from_plan, to_plan
        Plans of the same councils, such as today's map and a proposal.
    scenario
        Whose rules count; those of `to_plan` by default.
    most_divisions
        When to give up.
    progress
        Told how many divisions are looked at.

    Returns
    -------
    Steps
        The way, or the proof that there is none.

    Raises
    ------
    UsageError
        The plans are of other councils, divide a block, or the one to be reached breaks the rules; or the
        search needs more divisions than allowed.

    Examples
    --------
    >>> import networkx as nx, geo_devolve as gd
    >>> graph = nx.path_graph(4)
    >>> nx.set_node_attributes(graph, 100, "pop")
    >>> line, asked = gd.Geography.from_graph(graph), gd.Scenario(areas=2)
    >>> today = gd.drawn_plan(line, {0: "a", 1: "b", 2: "c", 3: "d"}, asked)
    >>> halves = gd.drawn_plan(line, {0: "w", 1: "w", 2: "e", 3: "e"}, asked)
    >>> way = gd.steps(today, halves)
    >>> way.table["kind"].tolist(), way.people_moved, way.people_moved_twice
    (['merge', 'merge'], 200.0, 0.0)
    """
    asked = to_plan.scenario if scenario is None else scenario
    if list(from_plan.geography.councils.index) != list(to_plan.geography.councils.index):
        raise UsageError("the two plans are of different councils, so no steps lead from one to the other")
    prepared = prepare(to_plan.geography, asked)
    rules = Legality(prepared)
    start, goal = (_areas(plan, prepared) for plan in (from_plan, to_plan))
    if not rules.final(tuple(sorted(goal))):
        told = first_few(to_plan.replace_scenario(asked).faults, 3)
        raise UsageError(f"the plan to be reached breaks the scenario's rules: {told}")
    if len(goal) > len(start):
        more = f"{len(goal)} areas cannot be made of {len(start)}: merges and moves make no new ones"
        return Steps(False, _told([]), (), 0.0, 0.0, 0, more)
    search = _Search(rules, start, goal, most_divisions, progress)
    if not search.reachable():
        proof = (
            f"no legal steps lead there: all {search.looked_at:,} divisions of at least {len(goal)} areas "
            "that can be reached by legal merges and moves were looked at, and it is none of them"
        )
        return Steps(False, _told([]), (), 0.0, 0.0, search.looked_at, proof)
    return _written(from_plan, asked, prepared, search)


def _areas(plan: Plan, prepared: Prepared) -> list[int]:
    """Return a plan's areas as bits of units, in the order of its labels."""
    number = plan.groups.number
    if (number < 0).any():
        names = plan.geography.councils["name"]
        raise UsageError(f"councils in no area: {first_few(names[number < 0])}; a plan has a place for each")
    found = [0] * len(plan.groups.labels)
    for unit, councils in enumerate(prepared.blocks.councils):
        lies_in = set(number[councils].tolist())
        if len(lies_in) > 1:
            raise UsageError(
                f"a plan divides the block of {prepared.block_name(unit)}, which the scenario keeps whole; "
                "name other layers in blocks (none: every council by itself)"
            )
        found[lies_in.pop()] |= 1 << unit
    return [area for area in found if area]


def grouped(labels: Labels) -> dict[int, int]:
    """Return the units of each area, as bits, by the number that the area goes by."""
    areas: dict[int, int] = {}
    for unit, name in enumerate(labels):
        areas[name] = areas.get(name, 0) | 1 << unit
    return areas


class _Search:
    """Looks for the way; divisions are told by which old area each unit's area goes on from."""

    def __init__(
        self, rules: Legality, start: Sequence[int], goal: Sequence[int], most: int, progress: Progress
    ) -> None:
        self.rules, self.start, self.goal, self.most, self.progress = rules, start, goal, most, progress
        self.n = rules.units.n
        self.looked_at = 0
        self.old = self._labels(start)
        self.new = self._labels(goal)

    def _labels(self, areas: Sequence[int]) -> Labels:
        return tuple(next(at for at, area in enumerate(areas) if area >> unit & 1) for unit in range(self.n))

    def _look(self) -> None:
        self.looked_at += 1
        if self.looked_at % 1000 == 0:
            self.progress(STAGE, self.looked_at, self.most)
        if self.looked_at > self.most:
            raise UsageError(
                f"more than {self.most:,} divisions would have to be looked at; raise most_divisions, cut "
                "the study area, or name layers in blocks"
            )

    def _away(self, areas: Iterable[int]) -> int:
        """Return how many people at least have to move to make the goal of some areas."""
        weights = [[self.rules.count(area & target) for target in self.goal] for area in areas]
        rows, columns = linear_sum_assignment(np.array(weights), maximize=True)
        kept = sum(weights[row][column] for row, column in zip(rows, columns, strict=True))
        return sum(self.rules.people) - kept

    def reachable(self) -> bool:
        """Whether the goal can be reached at all: the nearest divisions first, all of them if need be."""
        first, goal = tuple(sorted(self.start)), tuple(sorted(self.goal))
        seen, ticket = {first}, count()
        heap: list[tuple[int, int, Division]] = [(0, next(ticket), first)]
        while heap:
            _, _, division = heapq.heappop(heap)
            self._look()
            if division == goal:
                return True
            for _, after in self.rules.steps(division):
                if len(after) >= len(goal) and after not in seen:
                    seen.add(after)
                    heapq.heappush(heap, (self._away(after), next(ticket), after))
        return False

    def best(self) -> list[tuple[Step, Labels]]:
        """Return the best way: each step, and what the areas are then; the goal must be reachable."""
        goal, ticket = tuple(sorted(self.goal)), count()
        begin = (self.old, 0)
        cost: dict[tuple[Labels, int], Cost] = {begin: (0, 0, 0)}
        came: dict[tuple[Labels, int], tuple[tuple[Labels, int], Step]] = {}
        heap: list[tuple[Cost, int, int, tuple[Labels, int]]] = [((0, 0, 0), 0, next(ticket), begin)]
        done: set[tuple[Labels, int]] = set()
        while heap:
            _, _, _, state = heapq.heappop(heap)
            if state in done:
                continue
            done.add(state)
            self._look()
            areas = grouped(state[0])
            division = tuple(sorted(areas.values()))
            if division == goal:
                return self._traced(came, state)
            label = {area: name for name, area in areas.items()}
            for step, after in self.rules.steps(division):
                if len(after) < len(goal):
                    continue
                following, extra = self._applied(state, step, label[step.target])
                people = self.rules.count(step.moved)
                twice, all_moves, number = cost[state]
                reached = (twice + extra, all_moves + people, number + 1)
                if following not in cost or reached < cost[following]:
                    cost[following] = reached
                    came[following] = (state, step)
                    away = self._away(after)
                    rest = len(after) - len(goal)
                    bound = (reached[0], reached[1] + away, reached[2] + rest)
                    heapq.heappush(heap, (bound, away, next(ticket), following))
        raise AssertionError("a division that can be reached has a way to it")

    def _applied(self, state: tuple[Labels, int], step: Step, target: int) -> tuple[tuple[Labels, int], int]:
        """Return the state after a step, and how many people it moves who were moved before."""
        labels, back = list(state[0]), state[1]
        again = 0
        for unit in range(self.n):
            if step.moved >> unit & 1:
                before = labels[unit] != self.old[unit] or back >> unit & 1
                again += self.rules.people[unit] if before else 0
                if target == self.old[unit]:  # home again, but moved
                    back |= 1 << unit
                labels[unit] = target
        return (tuple(labels), back), again

    def _traced(
        self,
        came: dict[tuple[Labels, int], tuple[tuple[Labels, int], Step]],
        state: tuple[Labels, int],
    ) -> list[tuple[Step, Labels]]:
        way = []
        while state in came:
            before, step = came[state]
            way.append((step, state[0]))
            state = before
        return way[::-1]


def _written(plan: Plan, scenario: Scenario, prepared: Prepared, search: _Search) -> Steps:
    """Put the best way into names and plans."""
    tally, rules, names = plan.geography.tally, search.rules, list(plan.names)
    rows, plans = [], []
    moves = [0] * search.n
    before = search.old
    for step, labels in search.best():
        units = [unit for unit in range(search.n) if step.moved >> unit & 1]
        for unit in units:
            moves[unit] += 1
        areas = grouped(labels)
        rows.append(
            {
                "kind": step.kind,
                "councils": _councils(step.moved, prepared),
                "people": float(tally.persons(rules.count(step.moved))),
                "source": names[before[units[0]]],
                "target": names[labels[units[0]]],
                "areas": len(areas),
                "smallest": float(tally.persons(min(map(rules.count, areas.values())))),
            }
        )
        groups = [_councils(area, prepared) for area in areas.values()]
        plans.append(Plan.from_groups(plan.geography, scenario, groups))
        before = labels
    pairs = list(zip(rules.people, moves, strict=True))
    once = float(tally.persons(sum(people for people, times in pairs if times)))
    again = float(tally.persons(sum(people * max(0, times - 1) for people, times in pairs)))
    return Steps(True, _told(rows), tuple(plans), once, again, search.looked_at)


def _councils(units: int, prepared: Prepared) -> tuple[Hashable, ...]:
    """Return the codes of the councils of some units."""
    members = prepared.blocks.members
    return tuple(code for unit, codes in enumerate(members) if units >> unit & 1 for code in codes)


def _told(rows: list[dict[str, object]]) -> pd.DataFrame:
    columns = ["kind", "councils", "people", "source", "target", "areas", "smallest"]
    return pd.DataFrame(rows, columns=columns, index=pd.RangeIndex(1, len(rows) + 1, name="step"))
