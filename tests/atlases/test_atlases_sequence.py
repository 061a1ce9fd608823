"""Steps from one plan to another: as few people moved twice as a plain search finds, or proven impossible."""

import heapq
from itertools import count

import networkx as nx
import numpy as np
import pytest
from drawn import random_geography
from every_plan import every_plan

import geo_devolve as gd
from geo_devolve.plan.faults import Rulebook

INF = float("inf")


def plain(geography: gd.Geography, start: dict, goal: dict, scenario: gd.Scenario) -> tuple | None:
    """Dijkstra over who is in which old council, and how often each place has moved: no bound, no masks."""
    rules = Rulebook(geography, scenario)
    codes = list(geography.councils.index)
    people = geography.councils["population"].to_dict()
    lower = (scenario.population or (0, INF))[0]
    names = sorted(set(start.values()))
    wanted = {frozenset(code for code in codes if goal[code] == area) for area in goal.values()}

    def fine(area: frozenset) -> bool:
        faults = [fault for fault in rules.area_faults("x", sorted(area)) if "fewer than" not in fault.text]
        return not faults

    def small(area: frozenset) -> bool:
        return sum(people[code] for code in area) < lower

    begin = (tuple(names.index(start[code]) for code in codes), (0,) * len(codes))
    heap, ticket, done = [((0, 0, 0), 0, begin)], count(1), set()
    while heap:
        cost, _, (labels, moves) = heapq.heappop(heap)
        if (labels, moves) in done:
            continue
        done.add((labels, moves))
        lies_in = dict(zip(codes, labels, strict=True))
        areas = {label: frozenset(code for code in codes if lies_in[code] == label) for label in labels}
        if set(areas.values()) == wanted:
            return cost
        for source, target in ((a, b) for a in areas for b in areas if a != b):
            for taken in [areas[source], *(frozenset([code]) for code in areas[source])]:
                left, grown = areas[source] - taken, areas[target] | taken
                beside = any(rules.graph.has_edge(a, b) for a in taken for b in areas[target])
                if not beside or not fine(grown) or (left and not fine(left)):
                    continue
                if left and small(left) and not small(areas[source]):
                    continue
                if len(areas) - (not left) < len(wanted):
                    continue
                after = tuple(target if code in taken else lies_in[code] for code in codes)
                times = tuple(min(2, m + (c in taken)) for c, m in zip(codes, moves, strict=True))
                again = sum(people[c] for c, m in zip(codes, moves, strict=True) if c in taken and m)
                all_moved = sum(people[c] for c in taken)
                following = (cost[0] + again, cost[1] + all_moved, cost[2] + 1)
                heapq.heappush(heap, (following, next(ticket), (after, times)))
    return None


@pytest.mark.parametrize("seed", range(12))
def test_steps_are_the_best_of_a_plain_search(seed: int) -> None:
    random = np.random.default_rng(seed)
    geography = random_geography(seed, 5)
    bounds = [None, (500, INF), (0, 1600), (600, 2000)][seed % 4]
    rules = [{}, {"max_councils": 3}, {"apart": [["C000", "C001"]]}][seed % 3]
    asked = gd.Scenario(areas=(2, 4), population=bounds, constraints=rules)
    loose = gd.Scenario(areas=(2, 5))
    goals = sorted(every_plan(geography, asked), key=lambda plan: sorted(map(sorted, plan)))
    starts = sorted(every_plan(geography, loose), key=lambda plan: sorted(map(sorted, plan)))
    if not goals:
        pytest.skip("this draw allows no plan")
    for _ in range(3):
        start, goal = (
            {code: f"P{at}" for at, area in enumerate(sorted(plan, key=sorted)) for code in area}
            for plan in (starts[random.integers(len(starts))], goals[random.integers(len(goals))])
        )
        way = gd.steps(gd.drawn_plan(geography, start, asked), gd.drawn_plan(geography, goal, asked))
        best = plain(geography, start, goal, asked)
        assert way.possible == (best is not None)
        if best is not None:
            assert (way.people_moved_twice, way.table["people"].sum(), len(way.table)) == best
            reached = way.plans[-1] if way.plans else gd.drawn_plan(geography, start, asked)
            assert {frozenset(area) for area in reached.groups.codes} == {
                frozenset(c for c in goal if goal[c] == area) for area in goal.values()
            }


def line(people: list[int]) -> gd.Geography:
    graph = nx.path_graph(len(people))
    nx.set_node_attributes(graph, dict(enumerate(people)), "pop")
    return gd.Geography.from_graph(graph)


def test_a_block_moves_by_itself() -> None:
    geography = line([10, 10, 10, 10, 10])
    asked = gd.Scenario(areas=2, population=(0, 30))
    old = gd.drawn_plan(geography, {0: "a", 1: "a", 2: "b", 3: "b", 4: "b"}, asked)
    new = gd.drawn_plan(geography, {0: "a", 1: "a", 2: "a", 3: "b", 4: "b"}, asked)
    way = gd.steps(old, new)
    assert way.table["kind"].tolist() == ["move"]
    assert way.table["councils"].tolist() == [(2,)]
    assert way.people_moved == 10
    assert way.people_moved_twice == 0


def test_where_no_legal_steps_lead_it_is_proven() -> None:
    """Full areas cannot take anybody in, so nothing moves."""
    asked = gd.Scenario(areas=2, population=(20, 20))
    ring = nx.cycle_graph(4)
    nx.set_node_attributes(ring, 10, "pop")
    geography = gd.Geography.from_graph(ring)
    old = gd.drawn_plan(geography, {0: "a", 1: "a", 2: "b", 3: "b"}, asked)
    new = gd.drawn_plan(geography, {0: "a", 1: "b", 2: "b", 3: "a"}, asked)
    way = gd.steps(old, new)
    assert not way.possible
    assert "all 1 divisions" in way.reason


def test_more_areas_cannot_be_made() -> None:
    geography = line([10, 10, 10])
    asked = gd.Scenario(areas=(1, 3))
    one = gd.drawn_plan(geography, dict.fromkeys(range(3), "a"), asked)
    three = gd.drawn_plan(geography, {0: "a", 1: "b", 2: "c"}, asked)
    assert "3 areas cannot be made of 1" in gd.steps(one, three).reason
    assert gd.steps(three, one).possible
    assert len(gd.steps(one, one).table) == 0


def test_a_goal_that_breaks_the_rules_and_a_divided_block_are_refused() -> None:
    geography = random_geography(1, 6)
    asked = gd.Scenario(areas=(1, 6), population=(10_000, INF))
    codes = list(geography.councils.index)
    today = gd.drawn_plan(geography, {code: code for code in codes}, asked)
    with pytest.raises(gd.UsageError, match="breaks the scenario's rules"):
        gd.steps(today, today)
    with pytest.raises(gd.UsageError, match="divides the block"):
        gd.steps(today, today, gd.Scenario(areas=(1, 6), blocks=["layer0"]))
    with pytest.raises(gd.UsageError, match="different councils"):
        gd.steps(today, gd.drawn_plan(line([1, 2]), {0: "a", 1: "a"}, gd.Scenario(areas=1)))


def test_too_long_a_search_says_so() -> None:
    geography = random_geography(2, 8)
    asked = gd.Scenario(areas=(1, 8))
    codes = list(geography.councils.index)
    today = gd.drawn_plan(geography, {code: code for code in codes}, asked)
    one = gd.drawn_plan(geography, dict.fromkeys(codes, "a"), asked)
    with pytest.raises(gd.UsageError, match="more than 3 divisions"):
        gd.steps(today, one, most_divisions=3)
