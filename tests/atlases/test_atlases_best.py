"""What is possible at best: the extremes over every plan, and reasons where there is none."""

import networkx as nx
import pytest
from drawn import random_geography

import geo_devolve as gd

INF = float("inf")


def test_the_best_values_are_those_of_every_plan() -> None:
    geography = random_geography(5, 8)
    asked = gd.Scenario(areas=(2, 5), population=(400, INF))
    table = gd.atlas(geography, asked).table
    found = gd.best_possible(geography, asked).table
    for areas, plans in table.groupby("areas"):
        extremes = {
            "population_min": plans["population_min"].max(),
            "population_gap": plans["population_gap"].min(),
            "boundary_km": plans["boundary_km"].min(),
        }
        for name, value in extremes.items():
            row = found.loc[(areas, name)]
            assert row["value"] == pytest.approx(value)
            assert row["of"] == len(plans)
            reaching = plans["plan"][(plans[name] - value).abs() < 1e-9]
            assert row["plans"] == len(reaching)
            assert row["plan"] in set(reaching)


def test_the_largest_smallest_area_is_found_by_counting_too() -> None:
    geography = random_geography(6, 8)
    asked = gd.Scenario(areas=(2, 6), population=(0, 3000))
    listed = gd.best_possible(geography, asked, ["population_min"]).table
    counted = gd.best_possible(geography, asked, ["population_min"], most=1).table
    assert counted["value"].tolist() == listed["value"].tolist()
    with pytest.raises(gd.UsageError, match="only population_min"):
        gd.best_possible(geography, asked, most=1)


def test_a_bound_above_the_best_is_impossible_and_at_the_best_is_not() -> None:
    geography = random_geography(7, 8)
    best = gd.best_possible(geography, gd.Scenario(areas=3), ["population_min"]).table["value"].iloc[0]
    for lower, there in ((best, True), (best + 1, False)):
        found = gd.best_possible(geography, gd.Scenario(areas=3, population=(lower, INF)), ["population_min"])
        assert (3 in found.reasons) is not there


def test_what_is_impossible_is_told_with_a_reason() -> None:
    graph = nx.path_graph(4)
    nx.set_node_attributes(graph, 100, "pop")
    line = gd.Geography.from_graph(graph)
    found = gd.best_possible(line, gd.Scenario(areas=(2, 3), population=(150, INF)), ["population_min"])
    assert set(found.reasons) == {3}
    assert "3 areas" in found.sentences[-1]
    assert "at most 2" in found.sentences[-1]
    apart = gd.Scenario(areas=1, constraints={"apart": [["0", "3"]]})
    assert "apart" in gd.best_possible(line, apart, ["population_min"]).sentences[-1].casefold()
