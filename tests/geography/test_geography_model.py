import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from drawn import draw, random_geography
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_devolve.errors import DataError, ScenarioError
from geo_devolve.geography.model import Geography


def test_people_count_everyone_in_each_of_their_bodies(grid3x3):
    people = grid3x3.people("halves")
    assert people.shape == (9, 2)
    assert people.toarray()[1].tolist() == [1000, 1000]  # B lies in both
    assert grid3x3.halved_people("halves").toarray()[1].tolist() == [500, 500]
    assert grid3x3.layers["halves"].bodies["population"].tolist() == [6000, 4000]


def test_a_picture_has_shapes_that_are_a_coverage_and_borders_of_known_length(grid3x3):
    assert shapely.coverage_is_valid(grid3x3.councils.geometry.to_numpy())
    assert shapely.coverage_is_valid(grid3x3.pieces.geometry.to_numpy())
    assert len(grid3x3.borders) == 12
    assert (grid3x3.borders["length_m"] == 10_000).all()
    graph = grid3x3.graph()
    assert list(graph.nodes) == list("ABCDEFGHI")
    assert not graph.has_edge("A", "E")  # a corner is no border
    assert graph.edges["A", "B"] == {"length_m": 10_000.0, "kind": "land"}


def test_crossings_join_only_by_accepted_kinds():
    sea = draw("A.B\nC.D", crossings=[("A", "B", "ferry"), ("D", "C", "none")])
    assert nx.number_connected_components(sea.graph()) == 1  # the ferry joins A-C and B-D
    assert sea.graph().edges["A", "B"] == {"length_m": 0.0, "kind": "ferry"}
    assert not sea.graph().has_edge("C", "D")
    assert nx.number_connected_components(sea.graph(crossings=("bridge",))) == 2
    assert sea.graph(min_border_m=10_001).number_of_edges() == 1


def test_layer_shapes_are_unions_of_pieces_and_may_overlap(grid3x3):
    halves = grid3x3.layer_shapes("halves")
    assert halves.area.to_dict() == {"l": 6e8, "r": 4e8}
    assert halves.loc["l", "geometry"].intersection(halves.loc["r", "geometry"]).area == 1e8


def test_councils_are_found_by_code_name_and_body(grid3x3):
    assert grid3x3.find_councils("E") == ["E"]
    assert grid3x3.find_councils("council e") == ["E"]
    assert grid3x3.find_councils("thirds:y") == ["D", "E", "F"]
    assert grid3x3.find_body("thirds", "X") == "x"


@pytest.mark.parametrize(
    ("ref", "hint"),
    [
        ("Council K", "did you mean 'Council"),
        ("thirds:q", "there is no body of thirds 'q'"),
        ("", "no council ''"),
    ],
)
def test_what_is_not_there_is_refused_with_the_nearest_name(grid3x3, ref, hint):
    with pytest.raises(ScenarioError, match=hint):
        grid3x3.find_councils(ref)


def test_a_name_that_two_councils_bear_needs_the_code(grid3x3):
    grid3x3.councils.loc["B", "name"] = "Council A"
    with pytest.raises(ScenarioError, match=r"more than one council goes by 'Council A': A .*, B"):
        grid3x3.find_councils("Council A")


def test_an_unknown_layer_is_refused_with_the_nearest(grid3x3):
    with pytest.raises(ScenarioError, match="did you mean 'thirds'"):
        grid3x3.people("third")


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.integers(2, 12))
def test_random_geographies_hold_together(seed, n):
    geography = random_geography(seed, n)
    assert len(geography.councils) == n
    assert nx.is_connected(geography.graph())
    assert shapely.coverage_is_valid(geography.pieces.geometry.to_numpy())
    for name, layer in geography.layers.items():
        people = geography.people(name)
        assert np.allclose(people.sum(axis=0), layer.bodies["population"])
        assert (geography.halved_people(name).sum(axis=1) <= geography.councils["population"] + 1e-6).all()
        area = geography.layer_shapes(name).area
        cells = geography.layers[name].membership
        assert np.allclose(area.to_numpy(), np.asarray(cells.sum(axis=0)).ravel() * 1e8)
    mean = geography.councils["population"] @ geography.needs.scores
    assert np.allclose(mean, 0, atol=1e-6)


def test_the_same_seed_draws_the_same(grid3x3):
    one, other = random_geography(3, 7), random_geography(3, 7)
    pd.testing.assert_frame_equal(one.points, other.points)
    pd.testing.assert_frame_equal(one.borders, other.borders)


def test_a_geography_refuses_points_of_nowhere(grid3x3):
    points = grid3x3.points.assign(council="Z")
    fields = {
        name: getattr(grid3x3, name)
        for name in ("name", "title", "vintage", "crs", "attribution", "councils")
    }
    with pytest.raises(DataError, match="points in unknown councils: Z"):
        Geography(
            **fields,
            points=points,
            layers={},
            needs=grid3x3.needs,
            borders=grid3x3.borders,
            crossings=grid3x3.crossings,
        )
