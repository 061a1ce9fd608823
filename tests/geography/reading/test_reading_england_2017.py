"""The embedded geography of 2017 is what its README says it is."""

import networkx as nx
import numpy as np
import pytest
import shapely

import geo_devolve as gd


@pytest.fixture(scope="module")
def england():
    return gd.load_geography("england-2017")


def test_councils_people_and_borders(england):
    assert len(england.councils) == 326
    assert england.population == 55_619_430
    assert len(england.points) == 32_844
    assert len(england.borders) == 826
    assert len(england.crossings) == 45
    assert england.crs == "EPSG:27700"


def test_layers_have_as_many_bodies_as_there_were(england):
    assert {name: len(layer.bodies) for name, layer in england.layers.items()} == {
        "ccg": 207,
        "stp": 44,
        "lep": 38,
        "police": 39,
        "upper_tier": 152,
        "combined_authority": 9,
        "region": 9,
        "fire": 45,
    }
    for layer in england.layers.values():
        assert (layer.bodies["name"] != layer.bodies.index).all()
        assert (layer.bodies["population"] > 0).all()


@pytest.mark.parametrize(("layer", "councils"), [("lep", 35), ("stp", 17), ("ccg", 69)])
def test_councils_in_more_than_one_body(england, layer, councils):
    assert int((np.diff(england.people(layer).indptr) > 1).sum()) == councils


def test_the_graph_is_one_component_with_crossings_and_three_without(england):
    assert nx.is_connected(england.graph())
    parts = sorted(nx.connected_components(england.graph(crossings=())), key=len)
    assert [len(part) for part in parts] == [1, 1, 324]
    assert parts[0] | parts[1] == {"E06000046", "E06000053"}  # Isle of Wight, Isles of Scilly


def test_shapes_are_a_coverage_with_every_council_and_body(england):
    assert shapely.coverage_is_valid(england.councils.geometry.to_numpy())
    assert shapely.coverage_is_valid(england.pieces.geometry.to_numpy())
    assert england.councils.is_valid.all()
    assert not england.councils.is_empty.any()
    assert england.councils.loc["E09000001"].geometry.area == pytest.approx(2.9e6, rel=0.2)  # City of London
    assert england.councils.area.sum() == pytest.approx(130_436e6, rel=2e-3)
    for name, layer in england.layers.items():
        shapes = england.layer_shapes(name)
        assert list(shapes.index) == list(layer.bodies.index)
    assert england.layer_shapes("police").area.sum() == pytest.approx(england.councils.area.sum())
    assert england.layer_shapes("lep").area.sum() > 1.1 * england.councils.area.sum()


def test_coasts_and_borders_look_drawn_not_stepped(england):
    steps = []
    for shape in england.councils.geometry:
        for part in shapely.get_parts(shape):
            ahead = np.diff(shapely.get_coordinates(part.exterior), axis=0)
            steps.append((ahead == 0).any(axis=1).mean())
    assert np.median(steps) < 0.5  # of a staircase every side runs along an axis


def test_needs_are_filled_and_told(england):
    assert list(england.needs.scores.columns) == ["health", "employment", "skills"]
    assert not england.needs.values.isna().any(axis=None)
    assert len(england.needs.filled) == 43
    people = england.councils["population"].to_numpy()
    scores = england.needs.scores.to_numpy()
    assert np.allclose(people @ scores / people.sum(), 0)
    assert np.allclose(people @ scores**2 / people.sum(), 1)
    assert england.needs.scores["health"].idxmax() == england.find_councils("Blackpool")[0]
    assert any("filled in" in notice for notice in england.notices)


def test_people_in_two_leps_count_in_both_and_outside_a_combined_authority_in_none(england):
    assert england.people("lep").sum() > england.population
    assert england.halved_people("lep").sum() == pytest.approx(england.population)
    assert england.people("combined_authority").sum() < england.population


def test_references(england):
    assert england.find_councils("Leeds") == ["E08000035"]
    assert len(england.find_councils("region:London")) == 33
    assert len(england.find_councils("combined_authority:Greater Manchester")) == 10
    with pytest.raises(gd.ScenarioError, match="did you mean 'Leeds'"):
        england.find_councils("Leads")


def test_every_input_is_hashed(england):
    assert set(england.inputs) == {
        "geography.toml",
        *("councils.csv", "population.csv.gz", "ccgs.csv", "stps.csv", "leps.csv"),
        *("borders.csv", "crossings.csv", "grid.csv.gz", "needs.csv", "indicators.csv", "successors.csv"),
        *("names.csv", "flows.csv.gz"),
    }
    assert all(len(digest) == 64 for digest in england.inputs.values())


def test_loading_twice_gives_the_same(england):
    again = gd.load_geography("england-2017")
    assert (
        shapely.to_wkb(again.pieces.geometry.to_numpy()).tolist()
        == shapely.to_wkb(england.pieces.geometry.to_numpy()).tolist()
    )
    assert again.inputs == england.inputs
    assert again.needs.scores.equals(england.needs.scores)
