"""Overlaps of two layers, against counts by hand and a loop over points."""

import numpy as np
import pandas as pd
import pytest
from drawn import draw, random_geography

from geo_devolve.errors import ScenarioError
from geo_devolve.geography.model import Geography
from geo_devolve.geography.overlaps import people_in_both


def test_every_pair_that_shares_people_or_land(grid3x3):
    table = grid3x3.overlaps("thirds", "halves")
    assert table.to_dict("list") == {
        "body": ["x", "x", "y", "y", "z", "z"],
        "other_body": ["l", "r", "l", "r", "l", "r"],
        "people": [2000.0, 2000.0, 2000.0, 1000.0, 2000.0, 1000.0],
        "area_km2": [200.0, 200.0, 200.0, 100.0, 200.0, 100.0],
        "share_of_body": [2 / 3, 2 / 3, 2 / 3, 1 / 3, 2 / 3, 1 / 3],
        "share_of_other": [1 / 3, 0.5, 1 / 3, 0.25, 1 / 3, 0.25],
    }


def test_the_other_way_round_is_the_same_table_turned(grid3x3):
    there = grid3x3.overlaps("thirds", "halves").set_index(["body", "other_body"])
    back = grid3x3.overlaps("halves", "thirds").set_index(["other_body", "body"]).sort_index()
    assert back["people"].tolist() == there["people"].tolist()
    assert back["share_of_other"].tolist() == there["share_of_body"].tolist()


def test_land_without_people_is_in_the_table_too():
    geography = draw("ab", {"one": "xy", "two": "pq"}, population={"a": 100.0, "b": 0.0})
    table = geography.overlaps("one", "two")
    assert table["people"].tolist() == [100.0, 0.0]
    assert table["area_km2"].tolist() == [100.0, 100.0]
    assert np.isnan(table["share_of_body"][1])


def test_without_shapes_there_is_no_area():
    import networkx as nx

    graph = nx.path_graph(3)
    nx.set_node_attributes(graph, {0: "p", 1: "p", 2: "q"}, "one")
    nx.set_node_attributes(graph, {0: {"s": 0.25, "t": 0.75}, 1: "s", 2: "s"}, "two")
    nx.set_node_attributes(graph, 100, "pop")
    table = Geography.from_graph(graph, layers=["one", "two"]).overlaps("one", "two")
    assert table["people"].tolist() == [125.0, 75.0, 100.0]
    assert table["area_km2"].isna().all()


def test_an_unknown_layer_is_met_with_the_nearest(grid3x3):
    with pytest.raises(ScenarioError, match="'thirds'"):
        grid3x3.overlaps("third", "halves")


@pytest.mark.parametrize("seed", range(6))
def test_sums_of_points_equal_a_loop_over_them(seed):
    geography = random_geography(seed, n=10, layers=3)
    one, other = geography.layers["layer1"], geography.layers["layer2"]
    expected: dict[tuple[str, str], float] = {}
    population = geography.points["population"].to_numpy()
    for number in range(len(population)):
        for i in one.membership[[number]].indices:
            for j in other.membership[[number]].indices:
                key = (one.bodies.index[i], other.bodies.index[j])
                expected[key] = expected.get(key, 0.0) + population[number]
    table = geography.overlaps("layer1", "layer2").set_index(["body", "other_body"])["people"]
    assert dict(table[table > 0]) == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(3))
def test_halved_people_count_each_person_once(seed):
    geography = random_geography(seed, n=10, layers=3)
    one, other = geography.layers["layer1"], geography.layers["layer2"]
    population = geography.points["population"].to_numpy()
    both = people_in_both(one, other, population, halved=True)
    inside = (one.membership.sum(axis=1) > 0) & (other.membership.sum(axis=1) > 0)
    assert both.sum() == pytest.approx(population[np.asarray(inside).ravel()].sum())


def test_the_table_is_sorted_and_complete_where_layers_overlap():
    geography = random_geography(3, n=12, layers=3)
    table = geography.overlaps("layer0", "layer2")
    assert table[["body", "other_body"]].apply(tuple, axis=1).is_monotonic_increasing
    assert table["area_km2"].sum() == pytest.approx(
        sum(
            piece.geometry.area / 1e6 * len(piece["layer0"]) * len(piece["layer2"])
            for _, piece in geography.pieces.iterrows()
        )
    )
    assert isinstance(table, pd.DataFrame)
