"""Yardsticks: existing layers taken as plans, and random plans within the bounds."""

from functools import cache

import pytest
from drawn import draw
from drawn import random_geography as new_random_geography
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_devolve.errors import InfeasibleError, UsageError
from geo_devolve.plan.faults import Rulebook
from geo_devolve.plan.plan import Plan
from geo_devolve.plan.random_plans import random_plans
from geo_devolve.plan.yardsticks import comparable_layers, layer_plan, random_scores, yardsticks
from geo_devolve.scenario import Scenario

random_geography = cache(new_random_geography)


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(2, 5))
@pytest.mark.slow
def test_random_plans_keep_the_bounds_and_hang_together(seed: int, areas: int) -> None:
    geography = random_geography(seed % 5, 20)
    mean = geography.population / areas
    asked = Scenario(areas=areas, population=(0.4 * mean, 2.0 * mean), seed=seed)
    rules = Rulebook(geography, asked)
    for groups in random_plans(rules, areas, 3, seed):
        assert rules.faults(groups) == []


def test_the_same_seed_draws_the_same_plans() -> None:
    rules = Rulebook(random_geography(1, 20), Scenario(areas=4))
    one, two, other = ([g.number.tolist() for g in random_plans(rules, 4, 5, seed)] for seed in (7, 7, 8))
    assert one == two
    assert one != other
    assert len({tuple(number) for number in one}) > 1


def test_islands_get_areas_of_their_own_and_locked_areas_stay() -> None:
    geography = draw("ABCD..XY\nEFGH..ZW")
    lock = {"name": "corner", "councils": ["A", "B"], "exempt": True}
    rules = Rulebook(geography, Scenario(areas=4, constraints={"locked": [lock]}))
    for groups in random_plans(rules, 4, 5, 0):
        assert ("A", "B") in groups.codes
        assert rules.faults(groups) == []


def test_bounds_that_cannot_be_kept_are_told() -> None:
    rules = Rulebook(draw("ABC"), Scenario(areas=2, population=(1400, 1600)))
    with pytest.raises(InfeasibleError, match="no random plan of 2 areas"):
        list(random_plans(rules, 2, 1, 0))


def test_a_layer_is_a_plan_where_it_reaches_everybody() -> None:
    geography = draw(
        "AABB\nCCDD", layers={"l": "xxyy\nxyyy", "half": "xx..\n....", "two": ("xxyy\nxxyy", "xx..\n....")}
    )
    plan = layer_plan(geography, "l", Scenario(areas=2))
    assert plan.assignment.to_dict() == {"A": "x", "B": "y", "C": "x", "D": "y"}
    assert "1 council is divided by l" in " ".join(plan.notes)
    with pytest.raises(UsageError, match="reaches only 25%"):
        layer_plan(geography, "half", Scenario(areas=2))


def test_overlapping_bodies_leave_a_choice_that_is_told() -> None:
    geography = draw("AB\nCD", layers={"l": ("xx\nyy", "yy\n..")})
    plan = layer_plan(geography, "l", Scenario(areas=2))
    assert plan.assignment.to_dict() == {"A": "x", "B": "x", "C": "y", "D": "y"}
    assert "2 councils are as much in two bodies of l" in " ".join(plan.notes)


def test_yardsticks_stand_beside_the_plan() -> None:
    geography = draw("ABC\nDEF\nGHI", layers={"rows": "xxx\nyyy\nzzz", "all": "www\nwww\nwww"})
    asked = Scenario(areas=3, weights={"compactness": 1.0}, layers={"rows": {"rule": "match", "weight": 1}})
    plan = Plan.from_groups(geography, asked, ["ADG", "BEH", "CFI"])
    assert comparable_layers(plan) == ["rows"]
    told: list[tuple[str, int, int | None]] = []
    table = yardsticks(plan, draws=8, progress=lambda *step: told.append(step))
    assert table.index.tolist() == ["this plan", "rows", "random, best", "random, median", "random, worst"]
    assert table.loc["rows", "rows"] == 0
    chance = table["objective"].iloc[2:]
    assert chance.is_monotonic_increasing
    assert told[-1] == ("random plans", 8, 8)
    assert (table["in_pieces"] == 0).all()
    assert "random, best" not in yardsticks(plan, draws=0).index


def test_random_scores_are_scores_of_plans() -> None:
    geography = draw("ABC\nDEF\nGHI")
    asked = Scenario(areas=3, weights={"compactness": 2.0})
    plan = Plan.from_groups(geography, asked, ["ABC", "DEF", "GHI"])
    table = random_scores(plan, 5)
    drawn = list(random_plans(plan.rules, 3, 5, asked.seed))
    for row, groups in zip(table.itertuples(), drawn, strict=True):
        again = Plan.from_groups(geography, asked, groups.codes)
        assert row.objective == pytest.approx(again.objective)
        assert row.compactness * 2 == pytest.approx(again.objective)
