"""Quantities, flows, spreads and change in plans: every engine that claims them, against all partitions."""

from itertools import product

import networkx as nx
import numpy as np
import pytest

import geo_devolve as gd
from geo_devolve.geography.audit import contained


def ground_of(seed: int, shape: tuple[int, int] = (2, 4)) -> gd.Geography:
    rng = np.random.default_rng(seed)
    graph = nx.convert_node_labels_to_integers(nx.grid_2d_graph(*shape), ordering="sorted")
    for node in graph:
        graph.nodes[node].update(
            pop=int(rng.integers(50, 150)),
            jobs=int(rng.integers(10, 90)),
            poor=float(rng.integers(0, 200)) / 10,
        )
        graph.nodes[node]["old"] = str(rng.choice(list("xyz")))
    trips = {(one, other): float(rng.integers(0, 30)) for one, other in product(graph, graph)}
    return gd.Geography.from_graph(graph, quantities=["jobs", "poor"], flows={"work": trips}, layers=["old"])


def partitions(ground: gd.Geography, areas: int) -> list[list[list[int]]]:
    """All divisions into connected areas."""
    graph, codes = ground.graph(), list(ground.councils.index)
    found = []

    def grow(at: int, groups: list[list[int]]) -> None:
        if at == len(codes):
            if len(groups) == areas and all(nx.is_connected(graph.subgraph(group)) for group in groups):
                found.append([list(group) for group in groups])
            return
        for group in groups:
            group.append(codes[at])
            grow(at + 1, groups)
            group.pop()
        if len(groups) < areas:
            grow(at + 1, [*groups, [codes[at]]])

    grow(0, [])
    return found


def plain_cost(ground: gd.Geography, groups: list[list[int]], weights: dict[str, float]) -> float:
    """Flows, the spread of jobs per head and change, from the tables alone."""
    people = ground.councils["population"].to_numpy(float)
    jobs = ground.quantities["jobs"].to_numpy(float)
    trips = ground.flows["work"].trips.toarray()
    stay = sum(trips[np.ix_(group, group)].sum() for group in map(list, groups))
    cost = weights["flows"] * (1 - stay / trips.sum())
    middle = jobs.sum() / people.sum()
    total = (people * (jobs / people - middle) ** 2).sum()
    for group in map(list, groups):
        share = jobs[group].sum() / people[group].sum()
        cost += weights["spread:jobs"] * people[group].sum() * (share - middle) ** 2 / total
    home = ground.people("old").toarray()
    away = sum(people[group].sum() - home[group].sum(axis=0).max() for group in map(list, groups))
    return cost + weights["change"] * away / people.sum()


WEIGHTS = {"flows": 1.0, "spread:jobs": 0.5, "change": 0.7}


@pytest.mark.parametrize("engine", ["list", "stream", "generate"])
def test_the_plan_is_the_best_of_all_partitions(engine: str) -> None:
    for seed in range(3):
        ground = ground_of(seed)
        scenario = gd.Scenario(areas=3, engine=engine, weights=WEIGHTS, reference="old", time_limit_s=600)
        plan = gd.propose(ground, scenario)
        best = min(plain_cost(ground, groups, WEIGHTS) for groups in partitions(ground, 3))
        assert plan.objective == pytest.approx(plain_cost(ground, plan.groups.codes, WEIGHTS), abs=1e-12)
        assert plan.objective == pytest.approx(best, abs=1e-9)
        assert plan.certificate.proven or engine == "generate"


@pytest.mark.parametrize("engine", ["list", "stream", "generate"])
def test_bounds_of_sums_and_ratios_are_kept_exactly(engine: str) -> None:
    ground = ground_of(4)
    people, jobs, poor = (ground.quantity(name).counted for name in ("people", "jobs", "poor"))
    bounds = {"jobs": [60, 250], "poor/people": [0.07, 0.13]}

    def fine(group: list[int]) -> bool:
        ratio = 7 * people[group].sum() * 10 <= 100 * poor[group].sum() <= 13 * people[group].sum() * 10
        return 60 <= jobs[group].sum() <= 250 and ratio

    allowed = [groups for groups in partitions(ground, 3) if all(map(fine, groups))]
    scenario = gd.Scenario(
        areas=3, engine=engine, weights=WEIGHTS, reference="old", bounds=bounds, time_limit_s=600
    )
    assert 0 < len(allowed) < len(partitions(ground, 3))
    plan = gd.propose(ground, scenario)
    assert not plan.faults
    assert plan.objective == pytest.approx(
        min(plain_cost(ground, each, WEIGHTS) for each in allowed), abs=1e-9
    )
    wrong = next(groups for groups in partitions(ground, 3) if groups not in allowed)
    drawn = gd.drawn_plan(ground, {code: at for at, group in enumerate(wrong) for code in group}, scenario)
    assert {"quantities"} == {fault.kind for fault in drawn.found_faults}


def test_a_bound_met_to_the_last_digit_is_kept() -> None:
    graph = nx.path_graph(4)
    for node, tax in enumerate([0.1, 0.2, 0.3, 0.3]):
        graph.nodes[node].update(pop=10, tax=tax)
    ground = gd.Geography.from_graph(graph, quantities=["tax"])
    scenario = gd.Scenario(areas=2, weights={"compactness": 1}, bounds={"tax": [0.3, 0.6]})
    sums = sorted(
        sum(round(10 * ground.quantities["tax"][code]) for code in group)
        for group in gd.propose(ground, scenario).groups.codes
    )
    assert sums == [3, 6]
    with pytest.raises(gd.InfeasibleError, match=r"at most 0\.6 tax in an area"):
        gd.propose(ground, scenario.replace(bounds={"tax": [0.3, 0.5999999999]}))
    ratio = scenario.replace(bounds={"tax/people": [0.015, 0.03]})
    assert not gd.propose(ground, ratio).faults


def test_a_bound_that_cannot_be_kept_is_told_with_a_way_out() -> None:
    ground = ground_of(5)
    scenario = gd.Scenario(areas=3, weights={"compactness": 1}, bounds={"poor/people": [0.0995, 0.1]})
    with pytest.raises(gd.InfeasibleError, match="poor/people"):
        gd.propose(ground, scenario)


def test_scores_tell_how_self_contained_areas_are() -> None:
    ground = ground_of(6)
    plan = gd.propose(ground, gd.Scenario(areas=3, weights={"flows": 1.0}))
    trips = ground.flows["work"].trips.toarray()
    held = gd.containment(plan)
    for area, codes in zip(plan.groups.labels, plan.groups.codes, strict=True):
        group = list(codes)
        stay = trips[np.ix_(group, group)].sum()
        assert held.loc[area, "by_residence"] == pytest.approx(stay / trips[group].sum())
        assert held.loc[area, "by_workplace"] == pytest.approx(stay / trips[:, group].sum())
        assert plan.value("contained_by_residence", "work", area) == held.loc[area, "by_residence"]
    assert plan.value("flows_contained", "work") == pytest.approx(1 - plan.terms["flows"].sum())
    cut = gd.cut_flows(plan, most=100)
    assert cut["trips"].is_monotonic_decreasing
    assert cut["trips"].sum() == pytest.approx(plan.terms["flows"].sum() * trips.sum())


def test_the_audit_tells_how_much_a_layer_contains() -> None:
    ground = ground_of(7)
    trips, home = ground.flows["work"].trips.toarray(), ground.people("old").toarray().argmax(axis=1)
    same = home[:, None] == home[None, :]
    assert contained(ground, "old", ground.flows["work"]) == pytest.approx(trips[same].sum() / trips.sum())


def test_what_is_not_there_is_named() -> None:
    with pytest.raises(gd.ScenarioError) as told:
        gd.propose(
            ground_of(1),
            gd.Scenario(
                weights={"flows": {"table": "wrk"}, "spread": {"jbs/people": 1}, "change": 1.0},
                bounds={"x/jobs": [0, 1]},
            ),
        )
    for word in ('unknown quantity "x"', '"jobs"', "'wrk'", "no reference given"):
        assert word in str(told.value)
    with pytest.raises(gd.ScenarioError, match="flow"):
        gd.Scenario(weights={"flow": 1.0})


def test_a_study_area_keeps_its_quantities_and_the_trips_inside() -> None:
    ground = ground_of(8)
    part = ground.only(0, 1, 4, 5)
    assert part.quantities["jobs"].tolist() == ground.quantities["jobs"][[0, 1, 4, 5]].tolist()
    inside = ground.flows["work"].trips.toarray()[np.ix_([0, 1, 4, 5], [0, 1, 4, 5])]
    assert np.array_equal(part.flows["work"].trips.toarray(), inside)
    assert gd.propose(part, gd.Scenario(areas=2, weights={"flows": 1.0})).certificate.proven
