"""Units, masks and terms: sums that hold for any union, figures worked out by hand."""

import numpy as np
import pytest
from drawn import draw
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from small_instances import random_geography, random_scenario

from geo_devolve.geography.model import Geography
from geo_devolve.objective.gather import make_units
from geo_devolve.objective.terms import assignment_terms, union_terms
from geo_devolve.objective.units import members_of, to_flags, to_masks
from geo_devolve.optimise.asked.prepared import prepare
from geo_devolve.scenario import Scenario


@given(st.integers(0, 2**32 - 1), st.integers(1, 200), st.integers(0, 20))
def test_masks_and_flags_are_the_same_thing(seed: int, n: int, rows: int) -> None:
    flags = np.random.default_rng(seed).random((rows, n)) < 0.3
    masks = to_masks(flags)
    assert masks.dtype == np.uint64
    assert masks.shape == (rows, -(-n // 64))
    assert (to_flags(masks, n) == flags).all()
    assert (members_of(masks, n).toarray() == flags).all()
    if rows:
        bits = [bool(int(masks[0, i // 64]) >> (i % 64) & 1) for i in range(n)]
        assert bits == flags[0].tolist()


def square() -> Geography:
    """Four cells; a layer of one body in the west and one in the north-east; needs 0 0 2 2."""
    return draw(
        """
        AB
        CD
        """,
        layers={
            "l": """
            we
            w.
            """
        },
        population={"A": 100.0, "B": 200.0, "C": 300.0, "D": 400.0},
        needs={"t": [0, 0, 2, 2]},
    )


def test_terms_by_hand() -> None:
    scenario = Scenario(
        areas=2,
        themes=["t"],  # type: ignore[arg-type]
        layers={"l": {"rule": "match", "weight": 1}},  # type: ignore[dict-item]
        weights={"need": 1, "compactness": 1, "balance": 1},
    )
    terms = assignment_terms(square(), scenario, [["A", "B"], ["C", "D"]])
    # need: nothing differs inside either. compactness: two of four borders are cut, half to each side.
    # match: w has 400 people (A and C), e has 200 (B). Area 1 has 300: A's 100 share 100 of 600 with w,
    # B's 200 share 200 of 300 with e; area 2 has 700: C's 300 share 300 of 800.
    first = 100 * (1 - 100 / 600) + 200 * (1 - 200 / 300)
    second = 300 * (1 - 300 / 800)
    assert terms[:, 0] == pytest.approx([0, 0], abs=1e-12)
    assert terms[:, 1] == pytest.approx([first / 600, second / 600])
    assert terms[:, 2] == pytest.approx([0.25, 0.25])
    assert terms[:, 3] == pytest.approx([200 / 2000, 200 / 2000])
    across = assignment_terms(square(), scenario, [["A", "C"], ["B", "D"]])
    # the sum of squares of a people at 0 and b at 2 is 4ab / (a + b)
    inside = np.array([4 * 100 * 300 / 400, 4 * 200 * 400 / 600]) / (4 * 300 * 700 / 1000)
    assert across[:, 0] == pytest.approx(inside)


@pytest.mark.parametrize(("rule", "west", "east"), [("whole", 0.75, 0.0), ("nest", 2 / 3, 0.0)])
def test_whole_and_nest_by_hand(rule: str, west: float, east: float) -> None:
    scenario = Scenario(layers={"l": {"rule": rule, "weight": 1}})  # type: ignore[dict-item]
    terms = assignment_terms(square(), scenario, [["A", "B"]])
    # of w's 400 only A's 100 are here (whole 1 − 1/4; nest min(1 − 1/4, 1 − 100/300)); all of e's 200 are
    assert terms[0, 1] == pytest.approx((100 * west + 200 * east) / 600)


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_terms_of_blocks_are_terms_of_their_councils(seed: int) -> None:
    random = np.random.default_rng(seed)
    geography = random_geography(random, 8)
    scenario = random_scenario(random, geography, ()).replace(blocks=("whole",))
    prepared = prepare(geography, scenario)
    n = prepared.units.n
    flags = random.random((5, n)) < 0.5
    flags[:, 0] = True
    groups = [
        [code for block in np.flatnonzero(row) for code in prepared.blocks.members[block]] for row in flags
    ]
    by_units = union_terms(prepared.units, sparse.csr_array(flags.astype(float)))
    assert by_units == pytest.approx(assignment_terms(geography, scenario, groups), abs=1e-12)
    assert (by_units >= 0).all()


def test_units_taken_out_keep_their_borders_with_those_left() -> None:
    scenario = Scenario(weights={"compactness": 1})
    units = make_units(square(), scenario, [("A",), ("B",), ("C",), ("D",)])
    some = units.take([3, 0, 1])
    assert some.n == 3
    assert some.population.tolist() == [400, 100, 200]
    assert some.outline_m.tolist() == [20_000, 20_000, 20_000]
    assert some.indices[some.indptr[0] : some.indptr[1]].tolist() == [2]
    assert some.total_border_m == units.total_border_m
    together = union_terms(some, sparse.csr_array([[0.0, 1.0, 1.0]]))
    assert together == pytest.approx(union_terms(units, sparse.csr_array([[1.0, 1.0, 0.0, 0.0]])))


def test_an_empty_layer_no_theme_and_a_theme_without_variance_are_nothing() -> None:
    geography = draw("AB", layers={"none": ".."}, population=100.0, needs={"flat": [1, 1]})
    scenario = Scenario(themes=["flat"], layers={"none": {"rule": "match", "weight": 1}})  # type: ignore[arg-type,dict-item]
    assert assignment_terms(geography, scenario, [["A", "B"]])[0, :2].tolist() == [0, 0]
    assert assignment_terms(geography, Scenario(areas=1), [["A", "B"]])[0].tolist() == [0, 0, 0]


def test_a_crossing_joins_and_has_no_length() -> None:
    geography = draw("AB.C", population=100.0, crossings=[("B", "C", "ferry")])
    units = make_units(geography, Scenario(), [("A",), ("B",), ("C",)])
    assert units.indices.tolist() == [1, 0, 2, 1]
    assert units.border_m.tolist() == [10_000, 10_000, 0, 0]
    assert units.outline_m.tolist() == [10_000, 10_000, 0]


def test_a_border_too_short_to_join_still_counts_as_border() -> None:
    geography = draw("AAB\nCCC", population=100.0)
    units = make_units(geography, Scenario(min_border_m=15_000), [("A",), ("B",), ("C",)])
    assert units.indices.tolist() == [2, 0]
    assert units.outline_m.tolist() == [30_000, 20_000, 30_000]
