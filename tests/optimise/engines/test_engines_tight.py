"""Bounds so tight that recombination cannot start, that few plans are possible, or one, or none."""

import itertools

import networkx as nx
import numpy as np
import pytest
import tight_graphs as tight
from random_units import random_units

import geo_devolve as gd
from geo_devolve.objective.units import Units, to_flags, to_masks
from geo_devolve.optimise.asked.prepared import prepare
from geo_devolve.optimise.compiled.leftover import leaves_room
from geo_devolve.optimise.engines import generate
from geo_devolve.optimise.engines.generate import Generate
from geo_devolve.optimise.engines.stream import Stream
from geo_devolve.optimise.program.step import Step

pytestmark = pytest.mark.slow

COMPACT = np.array([0.0, 1.0, 0.0])


def scenario(areas: int, limits: tuple[float, float], **more) -> gd.Scenario:
    return gd.Scenario(areas=areas, population=limits, weights={"compactness": 1}, blocks=[], **more)


def units_of(graph: nx.Graph, areas: int, limits: tuple[float, float]) -> Units:
    return prepare(gd.Geography.from_graph(graph), scenario(areas, limits)).units


def small(seed: int) -> tuple[nx.Graph, int]:
    """Return a small map with a planted plan or with skewed people, and its number of areas."""
    rng = np.random.default_rng(seed)
    graph, areas = tight.map_graph(int(rng.integers(9, 14)), seed), int(rng.integers(2, 4))
    if seed % 4:
        tight.plant(graph, areas, float(rng.choice([0.3, 0.7, 1.2])), seed)
    else:
        tight.skew(graph, 0.7, seed)
    tight.thin(graph, 0.3, seed)
    if seed % 2:
        tight.count_cuts(graph)
    return graph, areas


@pytest.mark.parametrize("seed", range(60))
def test_every_engine_against_all_plans(seed: int) -> None:
    graph, areas = small(seed)
    limits = tight.bounds(graph, areas)
    best = min((tight.cut(graph, plan) for plan in tight.all_plans(graph, areas, limits)), default=None)
    units = units_of(graph, areas, limits)
    streamed = Stream(units, COMPACT, workers=1).solve(areas).result
    assert streamed.proven
    generated = Generate(units, COMPACT, workers=1).solve(areas).result
    if best is None:
        assert (streamed.status, generated.status) == ("infeasible", "infeasible")
        with pytest.raises(gd.InfeasibleError):
            gd.Problem(gd.Geography.from_graph(graph), scenario(areas, limits), explain=False).solve()
        return
    assert streamed.objective == pytest.approx(best, abs=1e-9)
    assert generated.objective is not None
    assert generated.objective >= best - 1e-9
    plan = gd.propose(gd.Geography.from_graph(graph), scenario(areas, limits))
    assert plan.certificate.proven
    assert plan.certificate.objective == pytest.approx(best, abs=1e-9)


def test_a_chain_of_places_that_divides_in_one_way_only() -> None:
    graph = nx.path_graph(60)
    for node in graph:  # ten areas of six places: only the right six have 1,000 people
        graph.nodes[node]["pop"] = 500 if node % 6 in {0, 5} else 0
    limits = tight.bounds(graph, 10)
    plan = gd.propose(gd.Geography.from_graph(graph), scenario(10, limits))
    groups = plan.assignment.groupby(plan.assignment).groups.values()
    assert tight.is_plan(graph, groups, 10, limits)
    assert plan.certificate.proven


@pytest.mark.parametrize(
    ("places", "areas", "sigma"),
    [(16, 2, 1.5), (33, 3, 1.0), (46, 5, 1.0), (64, 6, 1.0), (80, 7, 0.5), (105, 4, 1.2)],
)
def test_skewed_maps_have_a_plan(
    places: int, areas: int, sigma: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generate, "_MOST_ROUNDS", 2)
    monkeypatch.setattr(generate, "_PICK_NARROW_S", 1.0)
    graph = tight.map_graph(places, places)
    planted = tight.plant(graph, areas, sigma, places)
    limits = tight.bounds(graph, areas)
    answer = Generate(units_of(graph, areas, limits), COMPACT, workers=2, exactly=False).solve(areas)
    assert answer.plan is not None
    groups = [np.flatnonzero(row) for row in to_flags(answer.plan, places)]
    assert tight.is_plan(graph, groups, areas, limits)
    assert answer.result.objective == pytest.approx(tight.cut(graph, groups), abs=1e-9)
    assert answer.result.objective <= tight.cut(graph, planted) + 1e-9


@pytest.mark.parametrize(("places", "areas"), [(24, 3), (30, 4)])
def test_the_only_plan_of_a_map_is_found(places: int, areas: int) -> None:
    graph = tight.map_graph(places, places)
    planted = tight.plant(graph, areas, 1.0, places)
    plan = gd.propose(gd.Geography.from_graph(graph), scenario(areas, (tight.TOTAL - 1, tight.TOTAL + 1)))
    found = {frozenset(group) for group in plan.assignment.groupby(plan.assignment).groups.values()}
    assert found == set(planted)
    assert plan.certificate.proven


def test_what_an_area_leaves_over_must_make_whole_areas() -> None:
    units = random_units(5, 9, areas=3, edges=0.5, bounds=(0.8, 1.1))
    near = nx.Graph()
    near.add_nodes_from(range(units.n))
    near.add_edges_from(zip(np.repeat(np.arange(units.n), np.diff(units.indptr)), units.indices, strict=True))
    everything = [
        members for many in range(1, units.n) for members in itertools.combinations(range(units.n), many)
    ]
    flags = np.zeros((len(everything), units.n), dtype=bool)
    for row, members in enumerate(everything):
        flags[row, list(members)] = True
    wanted = []
    for row in flags:
        pieces = nx.connected_components(near.subgraph(np.flatnonzero(~row).tolist()))
        people = [float(units.population[list(piece)].sum()) for piece in pieces]
        wanted.append(
            all(any(j * units.lower <= p <= j * units.upper for j in range(1, units.n + 1)) for p in people)
        )
    told = leaves_room(units, to_masks(flags))
    assert told.tolist() == wanted
    assert 0 < told.sum() < len(told)


def test_locked_areas_are_not_part_of_what_is_left_over() -> None:
    graph = nx.path_graph(5)
    for node, people in enumerate((100, 100, 7, 100, 100)):
        graph.nodes[node]["pop"] = people
    locked = gd.Scenario(
        areas=3,
        population=(199, 201),
        weights={"compactness": 1},
        blocks=[],
        constraints={"locked": [{"name": "Middle", "councils": ["2"], "exempt": True}]},
    )
    plan = gd.propose(gd.Geography.from_graph(graph), locked)
    found = {frozenset(group) for group in plan.assignment.groupby(plan.assignment).groups.values()}
    assert found == {frozenset({0, 1}), frozenset({2}), frozenset({3, 4})}


@pytest.mark.parametrize("seed", range(40))
def test_the_objective_goes_in_steps(seed: int) -> None:
    graph, areas = small(seed)
    limits = tight.bounds(graph, areas, 0.2)
    step = Step.of(units_of(graph, areas, limits), 2.0 * COMPACT)
    costs = sorted({2.0 * tight.cut(graph, plan) for plan in tight.all_plans(graph, areas, limits)})
    for cost in costs[:50]:
        assert step.up(cost) == pytest.approx(cost, abs=1e-12)
        assert step.up(cost - 0.4 * step.size) == pytest.approx(cost, abs=1e-12)
        assert step.up(cost - 1.6 * step.size) == pytest.approx(cost - step.size, abs=1e-12)


def test_no_steps_where_more_than_borders_count() -> None:
    graph, areas = small(1)
    units = units_of(graph, areas, tight.bounds(graph, areas))
    assert Step.of(units, np.array([0.0, 1.0, 0.5])).up(0.123) == 0.123
    nx.set_edge_attributes(graph, 0.7, "length_m")
    assert Step.of(units_of(graph, areas, tight.bounds(graph, areas)), COMPACT).size == 0.0
