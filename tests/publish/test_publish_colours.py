"""Neighbours never alike, legible, and classes that hold every value."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from publish_samples import sample_plan

from geo_devolve.publish.colours import (
    TINTS,
    USUAL,
    area_colours,
    colour_numbers,
    ink_on,
    luminance,
    neighbours,
    ramp,
    tint,
)


@given(st.integers(0, 10_000), st.integers(1, 30), st.floats(0, 1))
def test_no_two_neighbours_share_a_colour(seed: int, nodes: int, density: float) -> None:
    graph = nx.gnp_random_graph(nodes, density, seed=seed)
    numbers = colour_numbers(graph)
    assert set(numbers) == set(graph)
    assert all(numbers[one] != numbers[other] for one, other in graph.edges)


def test_a_planar_map_does_with_the_usual_colours() -> None:
    for seed in range(20):
        places = np.random.default_rng(seed).random((60, 2))
        graph = _delaunay(places)
        assert max(colour_numbers(graph).values()) < USUAL


def _delaunay(places: np.ndarray) -> nx.Graph:
    from scipy.spatial import Delaunay

    graph = nx.Graph()
    for triangle in Delaunay(places).simplices.tolist():
        graph.add_edges_from(
            [(triangle[0], triangle[1]), (triangle[1], triangle[2]), (triangle[0], triangle[2])]
        )
    return graph


def test_many_colours_differ_and_names_stay_legible_on_them() -> None:
    colours = [tint(number) for number in range(30)]
    assert len(set(colours)) == 30
    dark = luminance("#1b2330")
    assert all((luminance(colour) + 0.05) / (dark + 0.05) >= 4.5 for colour in colours[: len(TINTS)])


def test_usual_tints_stay_apart_for_the_colour_blind() -> None:
    """Distances in CIE Lab after Machado's simulation of missing red and green cones."""
    red = np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    )
    green = np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
    )
    for cones in (np.eye(3), red, green):
        seen = [_lab(np.clip(cones @ _linear(tint(number)), 0, 1)) for number in range(USUAL)]
        nearest = min(
            float(np.linalg.norm(one - other))
            for place, one in enumerate(seen)
            for other in seen[place + 1 :]
        )
        assert nearest > 5


def _linear(colour: str) -> np.ndarray:
    channels = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def _lab(linear: np.ndarray) -> np.ndarray:
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    ratio = to_xyz @ linear / np.array([0.9505, 1.0, 1.089])
    root = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def test_areas_joined_by_a_crossing_only_differ_too() -> None:
    plan = sample_plan(("ABCDEF", "G", "HI"))
    graph = neighbours(plan)
    (island,) = [code for code in plan.areas.index if plan.areas.loc[code, "council_codes"] == ("G",)]
    (mainland,) = [code for code in plan.areas.index if plan.areas.loc[code, "council_codes"] == ("H", "I")]
    assert graph.has_edge(island, mainland)
    colours = area_colours(plan)
    assert colours[island] != colours[mainland]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40))
def test_sequential_classes_hold_every_value(values: list[float]) -> None:
    classes = ramp(values, "sequential")
    slack = 1e-6 * max(1.0, *map(abs, values))
    assert classes.edges[0] <= min(values) + slack
    assert classes.edges[-1] >= max(values) - slack
    assert len(classes.colours) == len(classes.edges) - 1
    assert all(classes.of(value) in classes.colours for value in values)


def test_diverging_classes_have_a_middle_about_nought() -> None:
    classes = ramp([-3, -1, 0.2, 2.9], "diverging")
    assert np.allclose(classes.edges, -np.array(classes.edges[::-1]))
    assert len(classes.colours) % 2 == 1
    assert classes.of(0.0) == classes.colours[len(classes.colours) // 2]


@pytest.mark.parametrize("values", [[], [1.0, 1.0], [0.0], [float("nan")]])
@pytest.mark.parametrize("kind", ["sequential", "diverging", "settled"])
def test_no_values_or_all_alike_still_make_classes(values: list[float], kind: str) -> None:
    classes = ramp(values, kind)
    assert len(classes.colours) >= 1
    assert classes.of(float("nan")) == "#c8c8c8"


def test_ink_is_black_on_light_and_white_on_dark() -> None:
    assert ink_on("#eedd88") == "#000000"
    assert ink_on("#222255") == "#ffffff"


def test_beside_another_plan_areas_that_match_keep_their_colour() -> None:
    plan, other = sample_plan(), sample_plan(("AB", "CDEF", "GHI"))
    first, second = area_colours(plan), area_colours(other, plan)
    assert first[plan.assignment["H"]] == second[other.assignment["H"]]
    assert len(set(second.values())) == 3
