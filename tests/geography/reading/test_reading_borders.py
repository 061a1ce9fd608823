import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from drawn import draw, random_geography
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_devolve.geography.reading.borders import free_segments, measure_borders, shared_lengths
from geo_devolve.geography.reading.overlay import overlay_areas


def test_shared_segments_are_measured_and_a_corner_is_none():
    shapes = draw("AAB\nCDB").councils
    borders = measure_borders(shapes.geometry.to_numpy(), shapes.index)
    assert borders.to_numpy().tolist() == [
        ["A", "B", 10_000],
        ["A", "C", 10_000],
        ["A", "D", 10_000],
        ["B", "D", 10_000],
        ["C", "D", 10_000],
    ]


def test_a_border_in_several_stretches_is_added_up():
    shapes = draw("AAA\nABA\nAAA").councils
    one, other, length = shared_lengths(shapes.geometry.to_numpy())
    assert (one.tolist(), other.tolist(), length.tolist()) == ([0], [1], [40_000])


def test_negative_zero_is_zero():
    left = shapely.Polygon([(-1, 0), (0.0, 0), (0.0, 1), (-1, 1)])
    right = shapely.Polygon([(-0.0, 0), (1, 0), (1, 1), (-0.0, 1)])
    assert shared_lengths([left, right])[2].tolist() == [1.0]


def test_nothing_shared_gives_an_empty_table():
    apart = [shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6)]
    assert measure_borders(apart, pd.Index(["a", "b"])).shape == (0, 3)


def test_free_segments_are_the_outline_of_the_whole():
    shapes = draw("AAB\nCDB\nC.B").councils.geometry.to_numpy()
    segments, owner = free_segments(shapes)
    length = np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1])
    assert length.sum() == shapely.union_all(shapes).length
    assert sorted(set(owner.tolist())) == [0, 1, 2, 3]


@settings(max_examples=25)
@given(st.integers(0, 1000), st.integers(2, 15))
def test_borders_are_those_of_libpysal(seed, count):
    graph_module = pytest.importorskip("libpysal.graph", reason="libpysal, the oracle, is not installed")
    councils = random_geography(seed, count, layers=0, themes=0).councils
    ours = measure_borders(councils.geometry.to_numpy(), councils.index)
    with pytest.warns() if count == 0 else np.errstate():
        theirs = graph_module.Graph.build_contiguity(councils, rook=True, by_perimeter=True).adjacency
    expected = {pair: length for pair, length in theirs.items() if pair[0] < pair[1] and length > 0}
    found = {(row.council, row.neighbour): row.length_m for row in ours.itertuples()}
    assert found == pytest.approx(expected)


@settings(max_examples=25)
@given(st.integers(0, 1000), st.integers(2, 12), st.floats(-8000, 8000), st.floats(-8000, 8000))
def test_overlays_are_those_of_geopandas(seed, count, dx, dy):
    one = random_geography(seed, count, layers=0, themes=0).councils.reset_index()[["code", "geometry"]]
    other = random_geography(seed + 1, 4, layers=0, themes=0).councils.reset_index()[["code", "geometry"]]
    other["geometry"] = other.geometry.translate(dx, dy)
    ours, theirs, area = overlay_areas(one.geometry.to_numpy(), other.geometry.to_numpy())
    cut = gpd.overlay(one, other, how="intersection", keep_geom_type=True)
    expected = cut.assign(area=cut.area).groupby(["code_1", "code_2"])["area"].sum()
    found = pd.Series(area, index=list(zip(one["code"].iloc[ours], other["code"].iloc[theirs], strict=True)))
    assert {pair: size for pair, size in found.items() if size > 1} == pytest.approx(
        {pair: size for pair, size in expected.items() if size > 1}
    )
