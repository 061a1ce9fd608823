"""Two plans side by side."""

from functools import cache
from typing import Any

import numpy as np
import pytest
from drawn import draw
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score, homogeneity_completeness_v_measure

from geo_devolve.errors import DataError
from geo_devolve.plan.compare import adjusted_rand, compare
from geo_devolve.plan.plan import Plan
from geo_devolve.plan.read import drawn_plan
from geo_devolve.scenario import Scenario

ASKED = Scenario(areas=3, weights={"compactness": 1.0})


@cache
def uneven() -> Any:
    """Nine councils of one to nine people."""
    people = {code: float(place + 1) for place, code in enumerate("ABCDEFGHI")}
    return draw("ABC\nDEF\nGHI", population=people)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=60))
def test_adjusted_rand_is_scikit_learns(pairs: list[tuple[int, int]]) -> None:
    one, other = np.array(pairs).T
    assert adjusted_rand(one, other) == pytest.approx(adjusted_rand_score(one, other), abs=1e-12)
    assert adjusted_rand(other, one) == pytest.approx(adjusted_rand(one, other), abs=1e-12)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=9, max_size=9))
def test_agreement_is_scikit_learns_over_people(areas: list[tuple[int, int]]) -> None:
    geography = uneven()
    one, other = (
        drawn_plan(geography, dict(zip("ABCDEFGHI", side, strict=True)), ASKED)
        for side in zip(*areas, strict=True)
    )
    found = compare(one, other)
    people = np.arange(1, 10)
    first, second = (np.repeat(side, people) for side in zip(*areas, strict=True))
    expected = homogeneity_completeness_v_measure(first, second)
    assert np.allclose([found.homogeneity, found.completeness, found.v_measure], expected, rtol=0, atol=1e-12)


def test_a_plan_compared_with_itself_under_other_names_is_the_same() -> None:
    geography = draw("ABC\nDEF\nGHI")
    one = Plan.from_groups(geography, ASKED, ["ABC", "DEF", "GHI"])
    other = drawn_plan(
        geography, {code: f"Z{9 - 'ABCDEFGHI'.index(code) // 3}" for code in "ABCDEFGHI"}, ASKED
    )
    found = compare(one, other)
    assert (found.councils_moved, found.people_moved, found.adjusted_rand, found.v_measure) == (0, 0, 1, 1)
    assert found.matches["other_area"].tolist() == ["Z9", "Z8", "Z7"]
    assert found.terms["change"].abs().max() == 0


def test_moves_are_told_against_the_matched_area() -> None:
    geography = draw("ABC\nDEF\nGHI", population={**dict.fromkeys("ABCDEFGHI", 1000.0), "D": 2500.0})
    one = Plan.from_groups(geography, ASKED, ["ABC", "DEF", "GHI"])
    other = Plan.from_groups(geography, ASKED, ["ABCD", "EF", "GHI"])
    found = compare(one, other)
    assert found.moved.index.tolist() == ["D"]
    assert found.moved.loc["D", ["area", "other_area"]].tolist() == ["A02", "A01"]
    assert found.people_moved == 2500
    assert found.matches.loc["A02", "share"] == pytest.approx(2000 / 4500)
    assert found.terms.loc["objective", "change"] == pytest.approx(other.objective - one.objective)
    assert "1 council moves with 2,500 people" in repr(found)


def test_an_area_may_find_no_mate_and_a_council_no_area() -> None:
    geography = draw("ABCD")
    one = drawn_plan(geography, {"A": "1", "B": "2", "C": "3", "D": "3"}, ASKED)
    other = drawn_plan(geography, {"A": "x", "B": "x", "C": "y"}, ASKED)
    found = compare(one, other)
    assert (found.matches["other_area"] == "").sum() == 1
    assert found.moved.loc["D", "other_area"] == ""
    assert found.councils_moved == 2


def test_both_plans_are_scored_by_the_first_scenario() -> None:
    geography = draw("ABC\nDEF\nGHI")
    one = Plan.from_groups(geography, ASKED, ["ABC", "DEF", "GHI"])
    other = Plan.from_groups(geography, Scenario(areas=3, weights={"balance": 1.0}), ["ABC", "DEF", "GHI"])
    assert compare(one, other).terms.loc["objective", "change"] == 0


def test_plans_of_other_councils_are_not_compared() -> None:
    one = Plan.from_groups(draw("AB"), Scenario(areas=2), ["A", "B"])
    other = Plan.from_groups(draw("AC"), Scenario(areas=2), ["A", "C"])
    with pytest.raises(DataError, match="do not share C"):
        compare(one, other)
