from itertools import permutations

import networkx as nx
import numpy as np
import pytest

import geo_devolve.geography.model as model
from geo_devolve.errors import DataError

Geography = model.Geography


def path(**attributes):
    graph = nx.path_graph(3)
    for node in graph:
        graph.nodes[node].update(
            pop=100 * (node + 1), **{key: value[node] for key, value in attributes.items()}
        )
    return graph


def test_labels_stay_the_codes():
    grid = nx.grid_2d_graph(2, 2)
    nx.set_node_attributes(grid, 10, "pop")
    geography = Geography.from_graph(grid)
    assert list(geography.councils.index) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert list(geography.graph().nodes) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert set(map(frozenset, geography.graph().edges)) == set(map(frozenset, grid.edges))
    assert Geography.from_graph(path()).councils.index.tolist() == [0, 1, 2]
    assert geography.find_councils((0, 1)) == [(0, 1)]


def test_labels_that_do_not_compare_are_sorted_as_text():
    graph = nx.Graph([(2, "a"), ("a", 10)])
    nx.set_node_attributes(graph, 1, "pop")
    geography = Geography.from_graph(graph)
    assert list(geography.councils.index) == [10, 2, "a"]
    assert geography.borders[["council", "neighbour"]].to_numpy().tolist() == [[10, "a"], [2, "a"]]


def test_without_lengths_every_border_is_one_metre_and_told():
    geography = Geography.from_graph(path())
    assert geography.borders["length_m"].tolist() == [1.0, 1.0]
    assert "1 m long" in geography.notices[0]


def test_edges_of_length_zero_are_crossings_or_left_out():
    graph = path()
    nx.set_edge_attributes(graph, {(0, 1): {"length_m": 0}, (1, 2): {"length_m": 5.5}})
    geography = Geography.from_graph(graph)
    assert geography.borders.to_numpy().tolist() == [[1, 2, 5.5]]
    assert "0-1" in geography.notices[0]
    graph.edges[0, 1]["kind"] = "ferry"
    geography = Geography.from_graph(graph)
    assert geography.crossings["kind"].tolist() == ["ferry"]
    assert geography.graph().number_of_edges() == 2


def four(made=nx.MultiGraph):
    graph = made()
    for node in "abcd":
        graph.add_node(node, pop=10)
    graph.add_edge("a", "b", length_m=5)
    graph.add_edge("c", "d", length_m=5)
    return graph


@pytest.mark.parametrize("made", [nx.MultiGraph, nx.MultiDiGraph])
@pytest.mark.parametrize("order", list(permutations(["ferry", "none", "bridge"])))
def test_any_accepted_kind_of_parallel_crossings_joins(made, order):
    graph = four(made)
    for turn, kind in enumerate(order):
        graph.add_edge(*("bc" if turn % 2 else "cb"), length_m=0, kind=kind)
    geography = Geography.from_graph(graph)
    assert geography.crossings["kind"].tolist() == ["bridge", "ferry"]
    for accepted, kind in ((("bridge", "ferry"), "bridge"), (("ferry",), "ferry"), (("bridge",), "bridge")):
        assert geography.graph(crossings=accepted).edges["b", "c"]["kind"] == kind
    assert not geography.graph(crossings=("tunnel",)).has_edge("b", "c")


def test_a_crossing_that_is_none_is_kept_where_it_is_the_only_one():
    graph = four()
    graph.add_edge("b", "c", length_m=0, kind="none")
    graph.add_edge("b", "c", length_m=0, kind="none")
    assert Geography.from_graph(graph).crossings["kind"].tolist() == ["none"]


def test_a_border_and_a_crossing_between_the_same_two_are_both_kept():
    graph = four()
    graph.add_edge("b", "c", length_m=3)
    graph.add_edge("b", "c", length_m=0, kind="ferry")
    geography = Geography.from_graph(graph)
    assert geography.graph().edges["b", "c"]["kind"] == "land"
    assert geography.graph(min_border_m=4).edges["b", "c"]["kind"] == "ferry"


@pytest.mark.parametrize("made", [nx.MultiGraph, nx.MultiDiGraph])
def test_parallel_borders_add_up(made):
    graph = four(made)
    graph.add_edge("a", "b", length_m=2.5)
    borders = Geography.from_graph(graph).borders.set_index("council")["length_m"]
    assert borders.to_dict() == {"a": 7.5, "c": 5.0}


def test_a_border_given_in_both_directions_counts_once():
    graph = four(nx.DiGraph)
    graph.add_edge("b", "a", length_m=5)
    assert Geography.from_graph(graph).borders["length_m"].tolist() == [5.0, 5.0]
    several = four(nx.MultiDiGraph)
    for length in (2, 3):
        several.add_edge("b", "a", length_m=length)
    assert Geography.from_graph(several).borders["length_m"].tolist() == [5.0, 5.0]
    same = Geography.from_graph(four(nx.Graph).to_directed())
    assert (
        same.borders.to_numpy().tolist() == Geography.from_graph(four(nx.Graph)).borders.to_numpy().tolist()
    )


def test_directions_that_do_not_agree_are_refused_by_name():
    graph = four(nx.DiGraph)
    graph.add_edge("b", "a", length_m=4)
    graph.add_edge("d", "c", length_m=0)
    with pytest.raises(DataError, match=r"a-b \(5 m and 4 m\).*c-d \(5 m and 0 m\)"):
        Geography.from_graph(graph)


def test_the_graph_of_a_geography_makes_the_same_geography(grid3x3):
    again = Geography.from_graph(grid3x3.graph(), population="population")
    assert again.borders.to_numpy().tolist() == grid3x3.borders.to_numpy().tolist()
    assert again.councils["name"].tolist() == grid3x3.councils["name"].tolist()


def test_layers_from_bodies_collections_and_shares():
    graph = path(one=["x", None, 3], two=[("x", "y"), ["y"], {"x": 0.25, "y": 0.75}])
    geography = Geography.from_graph(graph, layers={"first": "one", "second": "two"})
    assert geography.layers["first"].bodies.index.tolist() == ["3", "x"]
    assert geography.people("first").toarray().tolist() == [[0, 100], [0, 0], [300, 0]]
    assert geography.people("second").toarray().tolist() == [[100, 100], [0, 200], [75, 225]]


def test_themes_are_standardised_with_gaps_filled():
    graph = path(bad=[1.0, None, 3.0], sad=[7, 7, 7])
    geography = Geography.from_graph(graph, themes={"health": ["bad"], "jobs": ["sad"]})
    assert geography.needs.filled.to_numpy().tolist() == [[1, "bad", (100 * 1 + 300 * 3) / 400]]
    people = geography.councils["population"].to_numpy()
    scores = geography.needs.scores["health"].to_numpy()
    assert np.isclose(people @ scores, 0)
    assert np.isclose(people @ scores**2 / people.sum(), 1)
    assert scores[2] > scores[0]
    assert (geography.needs.scores["jobs"] == 0).all()


def test_all_faults_are_told_at_once():
    graph = path(layer=[{"x": 2}, None, None])
    graph.nodes[1]["pop"] = -5
    graph.edges[0, 1]["length_m"] = 3
    with pytest.raises(DataError) as caught:
        Geography.from_graph(graph, themes=["missing"], layers=["layer", "nowhere"])
    message = str(caught.value)
    for part in (
        "'pop' is not a number of at least 0: 1",
        "'missing'",
        "edges without",
        "share",
        "'nowhere'",
    ):
        assert part in message


def test_an_empty_graph_is_refused():
    with pytest.raises(DataError, match="no nodes"):
        Geography.from_graph(nx.Graph())
