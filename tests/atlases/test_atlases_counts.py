"""Counts of plans: equal to what looking at every division finds, under every rule."""

from math import comb

import networkx as nx
import numpy as np
import pytest
from drawn import draw, random_geography
from every_plan import every_plan, listed
from hypothesis import given, settings
from hypothesis import strategies as st

import geo_devolve as gd
from geo_devolve.atlases.counts import all_plans
from geo_devolve.atlases.order import decision_order, rims
from geo_devolve.atlases.walk import plan_of, plans_from
from geo_devolve.optimise.asked.prepared import prepare

INF = float("inf")
RULES = [
    {},
    {"apart": [["C000", "C005"], ["C001", "C003", "C006"]]},
    {"together": [["C000", "C006"], ["C002", "C004"]]},
    {"within": ["layer0"]},
    {"whole": ["layer0:*"]},
    {"max_councils": 3},
    {"max_extent_km": 30},
    {"max_areas_in_body": {"layer0": 2}},
    {"max_areas_in_body": {"layer0": 1, "layer1": 3}},
    {"max_bodies_in_area": {"layer0": 1, "layer1": 2}},
    {"locked": [{"name": "lock", "councils": ["C003"], "exempt": True}]},
    {"locked": [{"name": "lock", "councils": ["C003"]}], "max_areas_in_body": {"layer0": 2}},
    {"min_councils": 2},
    {"centres": ["C001", "C004"]},
    {"min_councils": 2, "locked": [{"name": "lock", "councils": ["C003"], "exempt": True}]},
    {"max_councils": 4, "together": [["C000", "C001"]], "apart": [["C002", "C003"]], "max_extent_km": 60},
]


def agrees(geography: gd.Geography, scenario: gd.Scenario) -> None:
    wanted = every_plan(geography, scenario)
    counts = gd.count_plans(geography, scenario)
    assert counts.to_dict() == {k: sum(len(plan) == k for plan in wanted) for k in scenario.counts}
    found = listed(gd.atlas(geography, scenario))
    assert len(found) == len(set(found))
    assert set(found) == wanted


@pytest.mark.parametrize("rules", RULES, ids=[", ".join(rules) or "none" for rules in RULES])
@pytest.mark.parametrize("seed", range(3))
def test_every_rule_is_kept(rules: dict, seed: int) -> None:
    agrees(random_geography(seed, 7), gd.Scenario(areas=(1, 7), constraints=rules))


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    councils=st.integers(2, 7),
    lower=st.sampled_from([0, 300, 700, 1500]),
    upper=st.sampled_from([900, 1600, 3000, INF]),
    rules=st.sampled_from([rules for rules in RULES if "C00" not in str(rules)]),
    blocks=st.sampled_from([[], ["layer0"]]),
)
def test_counts_and_lists_are_those_of_every_division(
    seed: int, councils: int, lower: float, upper: float, rules: dict, blocks: list[str]
) -> None:
    geography = random_geography(seed, councils)
    bounds = (min(lower, upper), upper)
    scenario = gd.Scenario(areas=(1, 7), population=bounds, constraints=rules, blocks=blocks)
    if blocks:  # a block is never separated, which the rules of a plan do not say
        same = prepare(geography, scenario).blocks.of
        kept = [
            plan
            for plan in every_plan(geography, scenario)
            if all(
                len({area for area in plan if set(part.index) & area}) == 1 for _, part in same.groupby(same)
            )
        ]
        assert gd.count_plans(geography, scenario).sum() == len(kept)
        assert set(listed(gd.atlas(geography, scenario))) == set(kept)
    else:
        agrees(geography, scenario)


def test_bounds_are_inclusive_and_exact_for_decimals() -> None:
    graph = nx.path_graph(6)
    nx.set_node_attributes(graph, 0.1, "pop")
    geography = gd.Geography.from_graph(graph)
    assert gd.count_plans(geography, gd.Scenario(areas=2, population=(0.3, 0.3))).to_dict() == {2: 1}


def test_crossings_count_where_they_are_accepted() -> None:
    geography = draw("AB.CD", crossings=[("B", "C", "ferry")])
    assert gd.count_plans(geography, gd.Scenario(areas=(1, 4))).tolist() == [1, 3, 3, 1]
    assert gd.count_plans(geography, gd.Scenario(areas=(1, 4), crossings=["bridge"])).tolist() == [0, 1, 2, 1]


def test_what_arithmetic_rules_out_is_no_plan() -> None:
    geography = random_geography(1, 6)
    assert gd.count_plans(geography, gd.Scenario(areas=(2, 3), population=(10_000, INF))).tolist() == [0, 0]
    assert gd.count_plans(geography, gd.Scenario(areas=(9, 12))).tolist() == [0, 0, 0, 0]
    assert len(gd.atlas(geography, gd.Scenario(areas=9)).table) == 0


def test_a_scenario_of_what_is_not_there_is_refused() -> None:
    with pytest.raises(gd.ScenarioError, match="layre0"):
        gd.count_plans(random_geography(1, 5), gd.Scenario(constraints={"within": ["layre0"]}))


def test_numbers_beyond_a_machine_word_are_exact() -> None:
    """A path of n places has C(n - 1, k - 1) divisions into k."""
    graph = nx.path_graph(120)
    nx.set_node_attributes(graph, 1, "pop")
    counts = gd.count_plans(gd.Geography.from_graph(graph), gd.Scenario(areas=(58, 60)))
    assert counts.to_dict() == {k: comb(119, k - 1) for k in (58, 59, 60)}


def test_a_chessboard_of_four_by_four_has_117_divisions_into_four_equal_parts() -> None:
    """As the number of its tilings with tetrominoes is known to be."""
    graph = nx.convert_node_labels_to_integers(nx.grid_2d_graph(4, 4))
    nx.set_node_attributes(graph, 1, "pop")
    geography = gd.Geography.from_graph(graph)
    assert gd.count_plans(geography, gd.Scenario(areas=4, population=(4, 4))).to_dict() == {4: 117}


def test_a_count_that_needs_too_many_states_says_so() -> None:
    geography = random_geography(3, 9)
    with pytest.raises(gd.UsageError, match=r"9 blocks.*more than 5 states"):
        gd.count_plans(geography, gd.Scenario(areas=(1, 9)), most_states=5)


def test_every_plan_has_a_number() -> None:
    geography = random_geography(4, 8)
    prepared = prepare(geography, gd.Scenario(areas=(1, 8)))
    diagram = all_plans(prepared)
    for areas in range(1, 9):
        many = diagram.plans(areas)
        all_of_them = plans_from(diagram, areas, 0, many)
        for number in range(many):
            assert (plans_from(diagram, areas, number, 1)[0] == all_of_them[number]).all()
            alone = plan_of(diagram, areas, number)
            assert sorted(alone[:, 0].tolist()) == sorted(all_of_them[number][:, 0].tolist())


def test_more_units_than_bits_in_a_word() -> None:
    graph = nx.path_graph(70)
    nx.set_node_attributes(graph, 1, "pop")
    atlas = gd.atlas(gd.Geography.from_graph(graph), gd.Scenario(areas=(2, 3)))
    assert atlas.counts.tolist() == [69, 69 * 68 // 2]
    assert atlas.table["plan"].is_unique
    assert not atlas.table["plan"].str.contains("BA").any()


def test_an_order_decides_every_unit_once_and_knows_its_rim() -> None:
    graph = nx.convert_node_labels_to_integers(nx.grid_2d_graph(3, 6))
    near = [frozenset(graph.neighbors(unit)) for unit in graph]
    order = decision_order(near)
    assert sorted(order) == list(range(18))
    widths = [len(rim) for rim in rims(order, near)]
    assert max(widths) == 3
    assert widths[-1] == 0


def test_numbers_of_plans_are_python_or_64_bit_numbers() -> None:
    small = gd.count_plans(random_geography(1, 5), gd.Scenario(areas=(1, 3)))
    assert small.dtype == np.int64
    assert small.name == "plans"
    assert small.index.name == "areas"
