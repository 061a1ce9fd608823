import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_devolve.errors import DataError
from geo_devolve.geography.needs import fill_gaps, make_needs, no_needs, standardise

NEAR = pd.DataFrame({"council": ["a", "b"], "neighbour": ["b", "c"]})
CODES = pd.Index(["a", "b", "c", "d"], name="code")
PEOPLE = np.array([1.0, 2.0, 3.0, 4.0])


@given(st.lists(st.tuples(st.integers(-1000, 1000), st.integers(1, 100)), min_size=2, max_size=20))
def test_standardised_values_have_mean_0_and_spread_1(rows):
    values, weights = np.array(rows, dtype=float).T
    scores = standardise(values, weights)
    share = weights / weights.sum()
    assert share @ scores == pytest.approx(0, abs=1e-6)
    if scores.any():
        assert share @ scores**2 == pytest.approx(1)
        assert (np.diff(scores[np.argsort(values, kind="stable")]) >= 0).all()


def test_what_does_not_vary_scores_zero():
    assert standardise(np.full(4, 0.1) + 1e-17, PEOPLE).tolist() == [0, 0, 0, 0]


def test_gaps_take_the_neighbours_mean_by_people_from_published_values_only():
    values = pd.DataFrame({"i": [10.0, np.nan, np.nan, 50.0]}, index=CODES)
    full, filled = fill_gaps(values, PEOPLE, NEAR)
    # b has one neighbour that publishes; c has none that does (b's fill does not count), so everyone's mean
    assert full["i"].tolist() == [10, 10, (1 * 10 + 4 * 50) / 5, 50]
    assert filled.to_numpy().tolist() == [["b", "i", 10.0], ["c", "i", 42.0]]
    assert values["i"].isna().sum() == 2  # the caller's table is untouched


def test_neighbours_count_both_ways_and_once():
    values = pd.DataFrame({"i": [10.0, np.nan, 40.0, 0.0]}, index=CODES)
    both = pd.concat([NEAR, NEAR.rename(columns={"council": "neighbour", "neighbour": "council"})])
    assert fill_gaps(values, PEOPLE, both)[0]["i"]["b"] == pytest.approx((1 * 10 + 3 * 40) / 4)


def test_themes_average_their_indicators_and_are_standardised_again():
    values = pd.DataFrame({"bad": [1.0, 2, 3, 4], "good": [4.0, 3, 2, 0], "pay": [1.0, 1, 2, 2]}, index=CODES)
    indicators = pd.DataFrame(
        {"theme": ["health", "health", "work"], "higher_means": ["more need", "less need", "less need"]},
        index=["bad", "good", "pay"],
    )
    needs = make_needs(values, indicators, PEOPLE, NEAR)
    assert list(needs.scores) == ["health", "work"]
    mean = (
        standardise(values["bad"].to_numpy(), PEOPLE) - standardise(values["good"].to_numpy(), PEOPLE)
    ) / 2
    assert needs.scores["health"].to_numpy() == pytest.approx(standardise(mean, PEOPLE))
    assert needs.scores["work"]["a"] > needs.scores["work"]["d"]
    assert list(needs.indicators.columns) == ["theme", "unit", "higher_means", "period", "source"]


def test_indicators_without_direction_theme_or_values_are_refused_together():
    values = pd.DataFrame({"x": [np.nan] * 4, "y": [1.0] * 4}, index=CODES)
    indicators = pd.DataFrame({"theme": ["t", ""], "higher_means": ["up", "more need"]}, index=["x", "y"])
    with pytest.raises(DataError) as caught:
        make_needs(values, indicators, PEOPLE, NEAR)
    for words in ("without a direction: x", "without a theme: y", "without any value: x"):
        assert words in str(caught.value)


def test_no_needs_at_all():
    needs = no_needs(CODES)
    assert needs.scores.shape == (4, 0)
    assert len(needs.filled) == 0
