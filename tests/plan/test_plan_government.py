"""Who covers an area, and whom it replaces."""

from typing import Any

import pytest
from drawn import draw

from geo_devolve.errors import ScenarioError
from geo_devolve.plan.government import government
from geo_devolve.plan.outcomes import outcomes
from geo_devolve.plan.plan import Plan
from geo_devolve.scenario import Scenario


@pytest.fixture
def plan() -> Any:
    geography = draw(
        """
        ABCD
        EFGH
        IJKL
        """,
        layers={
            "combined_authority": "mmmm\nnnn.\n....",
            "upper_tier": "aabb\nccdd\neeff",
            "ccg": "rrss\nttuu\nvwxy",
            "stp": "pppp\nqqqq\nqqqq",
        },
        population=1000,
        needs={"health": [5, 6, 7, 8, 1, 2, 3, 4, 9, 9, 9, None]},
    )
    asked = Scenario(
        areas=3,
        layers={
            layer: {"rule": "match", "weight": 1}
            for layer in ("stp", "ccg", "upper_tier", "combined_authority")
        },
    )
    return Plan.from_groups(geography, asked, ["ABCD", "EFGH", "IJKL"])


def test_an_area_has_its_authority_exactly_nearly_or_not(plan: Plan) -> None:
    areas = government(plan).areas
    assert areas["cover"].tolist() == ["exactly", "nearly", "new"]
    assert areas["authority"].tolist() == ["m", "n", ""]
    assert areas.loc["A02", ["add", "lose"]].tolist() == [("H",), ()]
    assert areas.loc["A02", "jaccard"] == 0.75
    assert areas.loc["A03", "members"] == ("e", "f")
    assert areas.loc["A03", "part_members"] == ()


def test_councils_outside_an_area_would_have_to_leave_its_authority(plan: Plan) -> None:
    other = Plan.from_groups(plan.geography, plan.scenario, ["ABC", "DEFGH", "IJKL"])
    areas = government(other).areas
    assert areas.loc[areas["authority"] == "m", "lose"].tolist() == [("D",)]
    assert "b" in areas.loc["A01", "part_members"]


def test_replaced_commissioners_are_counted(plan: Plan) -> None:
    result = government(plan)
    counted = result.commissioners.set_index(["area", "layer"])
    assert counted.loc[("A01", "ccg")].tolist() == [2, 0]
    assert counted.loc[("A01", "stp")].tolist() == [1, 0]
    assert counted.loc[("A02", "stp")].tolist() == [0, 1]
    assert result.areas.loc["A03", ["replaces", "replaces_partly"]].tolist() == [4, 1]
    q = result.bodies[result.bodies["name"] == "q"]
    assert q["share"].tolist() == [0.5, 0.5]
    assert q["area"].tolist() == ["A02", "A03"]
    assert "1 have an authority that covers them exactly, 1 nearly, and 1 need a new one" in result.summary()


def test_layers_can_be_chosen(plan: Plan) -> None:
    areas = government(plan, authorities=["upper_tier"], commissioners=["stp"])
    assert set(areas.areas["cover"]) == {"new"}
    assert set(areas.bodies["layer"]) == {"stp"}
    with pytest.raises(ScenarioError, match='no layer "icb"'):
        government(plan, commissioners=["icb"])


def test_a_geography_without_authorities_needs_new_ones() -> None:
    plan = Plan.from_groups(draw("AB"), Scenario(areas=2), ["A", "B"])
    result = government(plan)
    assert result.areas["cover"].tolist() == ["new", "new"]
    assert result.areas["replaces"].tolist() == [0, 0]


def test_outcomes_rank_areas_by_need(plan: Plan) -> None:
    table = outcomes(plan).set_index("area")
    assert table["value"].tolist() == [6.5, 2.5, pytest.approx((27 + 9 / 2 + 4 / 2) / 4)]
    assert table["rank"].tolist() == [2, 3, 1]
    assert table["of"].tolist() == [3, 3, 3]
    assert table["filled"].tolist() == [0, 0, 1]
    assert table.loc["A01", ["lowest", "highest"]].tolist() == [5, 8]
    assert table.loc["A01", ["lowest_council", "highest_council"]].tolist() == ["Council A", "Council D"]
    assert table.loc["A02", "distance"] < 0 < table.loc["A03", "distance"]
    assert table.loc["A01", "spread"] == pytest.approx((5 / 4) ** 0.5)


def test_less_need_turns_rank_and_distance(plan: Plan) -> None:
    needs = plan.geography.needs
    turned = type(needs)(
        needs.indicators.assign(higher_means="less need"), needs.values, needs.filled, needs.scores
    )
    fields = {key: value for key, value in vars(plan.geography).items() if not key.startswith("_")}
    other = Plan.from_groups(
        type(plan.geography)(**(fields | {"needs": turned})), plan.scenario, plan.groups.codes
    )
    table = outcomes(other).set_index("area")
    assert table["rank"].tolist() == [2, 1, 3]
    assert table.loc["A02", "distance"] > 0


def test_without_indicators_there_are_no_outcomes() -> None:
    assert outcomes(Plan.from_groups(draw("AB"), Scenario(areas=2), ["A", "B"])).empty
