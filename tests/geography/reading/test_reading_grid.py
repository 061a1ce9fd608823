import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from geo_devolve.geography.reading.grid import NOWHERE, paint, trace


def rim(labels):
    return np.pad(np.asarray(labels), 1, constant_values=NOWHERE)


def test_runs_become_rows_from_south_to_north():
    raster, corner = paint(
        np.array([1000.0, 1500.0]), np.array([500.0, 0.0]), np.array([1500.0, 500.0]), np.array([0, 1]), 500
    )
    assert corner == (-500.0, 500.0)
    assert raster.tolist() == rim([[-1, 0, 0], [1, -1, -1]]).tolist()


@pytest.mark.parametrize(
    ("south", "west", "east", "words"),
    [
        ([0, 0], [0, 500], [1000, 1000], "1 squares in two runs"),
        ([0, 0], [0, 500], [0, 1000], "not east of"),
        ([0, 250], [0, 500], [500, 1000], "no multiple of 500 m"),
        ([0, 1e9], [0, 500], [500, 1e9], "200 million"),
    ],
)
def test_impossible_runs_are_refused(south, west, east, words):
    with pytest.raises(ValueError, match=words):
        paint(np.array(south, float), np.array(west, float), np.array(east, float), np.array([0, 1]), 500)


def test_a_staircase_becomes_a_straight_line():
    steps = np.where(np.arange(6)[:, None] < np.arange(6)[None, :], 0, 1)
    shapes = trace(rim(steps), (0.0, 0.0), 100.0, 2)
    shared = shapely.intersection(shapes[0], shapes[1])
    straight = shapely.line_merge(shared).simplify(1e-9)
    assert shapely.get_num_points(straight) <= 4  # two ends, and the bends next to them


def test_squares_that_meet_in_a_corner_stay_apart():
    shapes = trace(rim([[0, 1], [1, 0]]), (0.0, 0.0), 100.0, 2)
    assert [shape.geom_type for shape in shapes] == ["MultiPolygon", "MultiPolygon"]
    assert shapely.coverage_is_valid(shapes)


def test_an_enclave_is_a_hole():
    shapes = trace(rim([[0, 0, 0], [0, 1, 0], [0, 0, 0]]), (0.0, 0.0), 100.0, 2)
    assert len(shapes[0].interiors) == 1
    assert shapes[0].interiors[0].equals(shapes[1].exterior)


def test_a_label_without_squares_has_no_shape():
    assert trace(rim([[0]]), (0.0, 0.0), 100.0, 2)[1] is None


@settings(max_examples=150)
@given(arrays.arrays(np.int64, st.tuples(st.integers(1, 7), st.integers(1, 7)), elements=st.integers(-1, 3)))
def test_every_raster_gives_a_valid_coverage(labels):
    shapes = trace(rim(labels), (1000.0, 2000.0), 100.0, 4)
    there = [shape for shape in shapes if shape is not None]
    assert {number for number in range(4) if shapes[number] is not None} == set(
        np.unique(labels).tolist()
    ) - {-1}
    if not there:
        return
    assert shapely.is_valid(there).all()
    assert shapely.coverage_is_valid(np.array(there, dtype=object))
    for number in range(4):
        squares = int((labels == number).sum())
        if squares:  # an outline cuts corners: at most half of each square at the rim goes
            assert 0.5 * squares * 1e4 - 1e-6 <= shapes[number].area
    # the middle of a square lies in its own label's shape, or on its rim
    for row, column in np.argwhere(labels >= 0):
        middle = shapely.Point(1000 + 100 * (column + 1.5), 2000 + 100 * (row + 1.5))
        assert shapes[labels[row, column]].distance(middle) < 1e-9
