"""Settled and contested borders."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import pytest
from drawn import draw

from geo_devolve.plan.plan import Plan
from geo_devolve.plan.propose import propose
from geo_devolve.plan.stability import by_number_of_areas, of_plans, stability, together
from geo_devolve.plan.weightings import weightings
from geo_devolve.scenario import Scenario

ASKED = Scenario(
    areas=3,
    population=(2000, 4000),
    themes=["health"],
    weights={"need": 1.0, "compactness": 0.5},
    layers={"rows": {"rule": "match", "weight": 1.0}, "columns": {"rule": "match", "weight": 1.1}},
)


def grid() -> Any:
    return draw(
        "ABC\nDEF\nGHI",
        layers={"rows": "xxx\nyyy\nzzz", "columns": "lmr\nlmr\nlmr"},
        needs={"health": [1, 2, 3, 1, 2, 3, 2, 2, 4]},
    )


def test_weightings_keep_their_sum_and_leave_zeros() -> None:
    drawn = weightings(ASKED, 50)
    weights = np.array([scenario.term_weights for scenario in drawn])
    assert np.allclose(weights.sum(axis=1), sum(ASKED.term_weights))
    assert (weights[:, -1] == 0).all()  # balance
    assert np.allclose(weights.mean(axis=0), ASKED.term_weights, rtol=0.25)
    near = np.array([scenario.term_weights for scenario in weightings(ASKED, 50, concentration=2000)])
    assert near.std() - weights.std() < 0
    assert [scenario.term_weights for scenario in weightings(ASKED, 50)] == [tuple(row) for row in weights]
    assert weightings(ASKED.replace(seed=1), 1)[0].term_weights != drawn[0].term_weights
    assert drawn[0].layers["rows"].rule == "match"


def test_without_any_weight_there_is_nothing_to_draw() -> None:
    asked = Scenario(areas=2)
    assert weightings(asked, 3) == [asked] * 3


def test_pairs_that_never_part_are_settled() -> None:
    geography = draw("ABCD")
    plan = Plan.from_groups(geography, Scenario(areas=2), ["AB", "CD"])
    others = [np.array([0, 0, 1, 1])] * 3 + [np.array([0, 1, 1, 1])]
    found = of_plans(plan, others, pd.DataFrame({"proven": [True] * 4}), threshold=0.9)
    assert found.pairs["together"].tolist() == [0.75, 0.25, 1.0]
    assert found.pairs["in_plan"].tolist() == [True, False, True]
    assert found.cores["councils"].tolist() == [("C", "D"), ("A",), ("B",)]
    councils = found.councils
    assert councils["contested"].tolist() == [False, True, False, False]
    assert councils.loc["B", ["held", "rival", "rival_share"]].tolist() == [0.75, "A02", 0.25]
    assert councils.loc["A", "held"] == 1  # alone with nobody else's people it is still its own area
    assert "1 of 4 councils" in found.summary()


@pytest.mark.parametrize("plans", [20, 40, 60, 100, 300, 1000])
def test_exactly_the_threshold_is_settled_and_one_plan_fewer_is_not(plans: int) -> None:
    plan = Plan.from_groups(draw("ABCD"), Scenario(areas=2), ["AB", "CD"])
    ours, other = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1])
    most = plans * 19 // 20
    for agree, contested in ((most, False), (most - 1, True)):
        numbers = [ours] * agree + [other] * (plans - agree)
        found = of_plans(plan, numbers, pd.DataFrame({"proven": [True] * plans}))
        assert found.councils.loc["B", "held"] == agree / plans
        assert found.councils.loc["B", "contested"] == contested


def test_numbers_of_areas_may_be_anything() -> None:
    geography = draw("ABCD")
    plan = Plan.from_groups(geography, Scenario(areas=2), ["AB", "CD"])
    one = together(plan, [np.array([7, 7, 2, 2])])
    two = together(plan, [np.array([0, 0, 1, 1])])
    assert one.equals(two)


def test_stability_solves_every_weighting() -> None:
    plan = propose(grid(), ASKED)
    told: list[tuple[str, int, int | None]] = []
    found = stability(plan, 12, near_best=4, progress=lambda *step: told.append(step))
    assert len(found.runs) == 12
    assert found.runs["proven"].all()
    assert found.near_best == 4
    mixed = (12 * found.pairs["in_weightings"] + 4 * found.pairs["in_near_best"]) / 16
    assert np.allclose(found.pairs["together"], mixed)
    assert "12 weightings (12 proven) and 4 near-best plans" in found.summary()
    assert (
        stability(plan, 0, near_best=1).pairs["together"].tolist()
        == found.pairs["in_plan"].astype(float).tolist()
    )
    assert found.pairs["together"].between(0, 1).all()
    assert told[-1] == ("weightings", 12, 12)
    for row, scenario in zip(found.runs.itertuples(), weightings(ASKED, 12), strict=True):
        assert row.objective == pytest.approx(propose(grid(), scenario).objective)


def test_an_executor_gives_the_same() -> None:
    plan = propose(grid(), ASKED)
    with ThreadPoolExecutor(1) as executor:
        spread = stability(plan, 12, executor=executor)
    alone = stability(plan, 12)
    assert spread.pairs.equals(alone.pairs)
    assert spread.runs.equals(alone.runs)
    assert spread.councils.equals(alone.councils)


def test_the_optimum_by_number_of_areas() -> None:
    plan = propose(grid(), ASKED.replace(population=(1000, 4000)))
    table = by_number_of_areas(plan, [2, 3, 4, 9])
    assert table["status"].tolist() == ["infeasible", "found", "found", "found"]
    assert table.loc[3, "objective"] == pytest.approx(plan.objective)
    assert table.loc[3, "adjusted_rand"] == 1
    assert table.loc[9, "compactness"] == pytest.approx(1)
    assert table["proven"].tolist()[1:] == [True] * 3
