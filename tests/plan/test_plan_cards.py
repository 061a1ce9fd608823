"""An area's card: its councils, needs, bodies, neighbours and moves."""

import json
from typing import Any

import pytest
from drawn import draw

from geo_devolve.errors import UsageError
from geo_devolve.plan.cards import Card, card, cards
from geo_devolve.plan.plan import Plan
from geo_devolve.scenario import Scenario


@pytest.fixture
def plan() -> Any:
    geography = _geography()
    asked = Scenario(
        areas=3, themes=["health"], weights={"need": 1}, layers={"stp": {"rule": "match", "weight": 1}}
    )
    return Plan.from_groups(geography, asked, ["ABC", "DEF", "GHIJ"])


def _geography() -> Any:
    return draw(
        """
        ABC..
        DEF..
        GHI.J
        """,
        layers={"stp": "xxx..\nxyy..\nyyy.y", "police": "ppp..\nppp..\nqqq.q"},
        population=1000,
        needs={"health": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]},
        crossings=[("I", "J", "ferry"), ("F", "J", "bridge")],
    )


def test_a_card_tells_bodies_inside_and_cut(plan: Plan) -> None:
    one, two, three = cards(plan).values()
    assert one.cut["name"].tolist() == ["p", "x"] or one.cut["name"].tolist() == ["x", "p"]
    x = one.cut[one.cut["layer"] == "stp"].iloc[0]
    assert (x["people"], x["outside"], x["share"], x["elsewhere"]) == (3000, 1000, 0.75, (("A02", 1000.0),))
    assert three.inside["name"].tolist() == ["q"]
    assert two.matches.loc["police", "jaccard"] == 0.5
    assert two.matches.loc["stp", "name"] == "x" or two.matches.loc["stp", "name"] == "y"


def test_a_card_tells_needs_and_ranks(plan: Plan) -> None:
    made = cards(plan)
    assert [made[area].needs.loc["health", "rank"] for area in made] == [3, 2, 1]
    needs = made["A03"].needs.loc["health"]
    assert needs["lowest"] < needs["mean"] < needs["highest"]
    assert (
        made["A03"].councils["health"].tolist()
        == plan.geography.needs.scores.loc[list("GHIJ"), "health"].tolist()
    )


def test_a_card_tells_neighbours_by_land_and_water(plan: Plan) -> None:
    made = cards(plan)
    assert made["A01"].neighbours.index.tolist() == ["A02"]
    assert made["A01"].neighbours.loc["A02", "border_km"] == 30
    assert made["A02"].neighbours.loc["A03", "crossings"] == ("bridge",)


def test_a_card_has_the_moves_out_of_it_and_into_it(plan: Plan) -> None:
    made = cards(plan)["A02"]
    assert ((made.what_if["from_area"] == "A02") | (made.what_if["to_area"] == "A02")).all()
    assert made.what_if["change"].is_monotonic_increasing
    assert made.terms.sum() == pytest.approx(plan.value("objective", area="A02"))


def test_a_card_is_found_by_code_or_name(plan: Plan) -> None:
    assert card(plan, "a03").area == "A03"
    assert card(plan, plan.names["A01"].upper()).area == "A01"
    with pytest.raises(UsageError, match='no area "Atlantis"'):
        card(plan, "Atlantis")


def test_a_card_is_plain_for_json(plan: Plan) -> None:
    made = card(plan, "A01")
    assert isinstance(made, Card)
    document = json.loads(json.dumps(made.to_mapping(), allow_nan=False))
    assert document["councils"][0]["code"] == "A"
    assert document["cut"][0]["elsewhere"][0][0] == "A02"
