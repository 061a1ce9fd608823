"""Everything that a scenario does not allow is found, and the culprits are named."""

from typing import Any

import pytest
from drawn import draw

from geo_devolve.plan.faults import Rulebook, ferry_only
from geo_devolve.plan.groups import Groups
from geo_devolve.scenario import Scenario

PICTURE = """
ABC
DEF
GHI
"""


def faults(assignment: dict[str, str], geography: Any = None, **asked: Any) -> list[tuple[str, str]]:
    geography = geography or draw(PICTURE, layers={"thirds": "xxx\nyyy\nzzz"})
    rules = Rulebook(geography, Scenario(**{"areas": 3, **asked}))
    return [(fault.kind, fault.text) for fault in rules.faults(Groups.of(geography, assignment))]


ROWS = dict.fromkeys("ABC", "1") | dict.fromkeys("DEF", "2") | dict.fromkeys("GHI", "3")


def test_a_plan_that_keeps_every_rule_has_no_fault() -> None:
    limits = {"within": ["thirds"], "whole": ["thirds:*"], "max_councils": 3, "max_extent_km": 20}
    more = {"max_areas_in_body": {"thirds": 1}, "max_bodies_in_area": {"thirds": 1}}
    ties = {
        "together": [["A", "B"]],
        "apart": [["A", "D"]],
        "locked": [{"name": "top", "councils": list("ABC")}],
    }
    assert faults(ROWS, population=(3000, 3000), constraints=limits | more | ties) == []


def test_pieces_are_named() -> None:
    ((kind, text),) = faults(ROWS | {"C": "3"})
    assert kind == "pieces"
    assert text == "area 3 is in 2 pieces, cut off from its main one: Council C (C)"


def test_bounds_tell_people_and_limit() -> None:
    found = faults(ROWS | {"C": "2"}, population=(2500, 3500))
    assert found == [
        ("bounds", "area 1 has 2,000 people, fewer than 2,500"),
        ("bounds", "area 2 has 4,000 people, more than 3,500"),
    ]


def test_missing_councils_and_a_wrong_number_of_areas() -> None:
    found = faults({code: area for code, area in ROWS.items() if area != "3"})
    assert found == [
        ("missing", "3 councils are in no area: Council G (G), Council H (H), Council I (I)"),
        ("count", "there are 2 areas, not 3"),
    ]
    assert faults(ROWS, areas=(4, 5)) == [("count", "there are 3 areas, not 4 to 5")]


@pytest.mark.parametrize(
    ("constraints", "kind", "text"),
    [
        ({"max_councils": 2}, "councils", "area 1 has 3 councils, more than 2"),
        (
            {"max_extent_km": 15},
            "extent",
            "area 1 is 20 km wide between Council A (A) and Council C (C), more than 15 km",
        ),
        ({"apart": [["A", "B"]]}, "apart", "area 1 holds A and B, which shall be apart"),
        ({"together": [["A", "D"]]}, "together", "A and D shall be together, but lies in areas 1, 2"),
        (
            {"locked": [{"name": "Left", "councils": ["A", "D"]}]},
            "locked",
            'no area is exactly the locked area "Left"',
        ),
    ],
)
def test_constraints_speak_for_themselves(constraints: dict[str, Any], kind: str, text: str) -> None:
    assert faults(ROWS, constraints=constraints)[0] == (kind, text)


def test_layers_constrain_too() -> None:
    columns = {code: str("ADGBEHCFI".index(code) // 3) for code in "ABCDEFGHI"}
    assert ("within", "area 0 crosses a border of layer thirds: x, y, z") in faults(
        columns, constraints={"within": ["thirds"]}
    )
    assert ("bodies", "area 0 has 3 bodies of layer thirds, more than 2: x, y, z") in faults(
        columns, constraints={"max_bodies_in_area": {"thirds": 2}}
    )
    assert faults(columns, constraints={"whole": ["thirds:y"]}) == [
        ("whole", "y shall be whole, but lies in areas 0, 1, 2")
    ]
    assert faults(columns, constraints={"max_areas_in_body": {"thirds:z": 2}}) == [
        ("areas", "councils of z (thirds) lie in 3 areas, more than 2: 0, 1, 2")
    ]
    assert len(faults(columns, constraints={"max_areas_in_body": {"thirds": 2}})) == 3


def test_an_exempt_locked_area_may_break_the_bounds() -> None:
    lock = {"name": "top", "councils": list("ABC")}
    assert faults(ROWS, population=(0, 2000), constraints={"locked": [lock | {"exempt": True}]}) == [
        ("bounds", "area 2 has 3,000 people, more than 2,000"),
        ("bounds", "area 3 has 3,000 people, more than 2,000"),
    ]


def test_only_accepted_neighbours_hang_together() -> None:
    island = draw("AB.C", crossings=[("B", "C", "ferry")])
    assignment = dict.fromkeys("ABC", "1")
    assert faults(assignment, island, areas=1) == []
    assert [kind for kind, _ in faults(assignment, island, areas=1, crossings=["bridge"])] == ["pieces"]
    assert [kind for kind, _ in faults(assignment, island, areas=1, min_border_m=20_000)] == ["pieces"]


def test_ferry_only_areas_are_told() -> None:
    island = draw("AB.CD", crossings=[("B", "C", "ferry")])
    rules = Rulebook(island, Scenario(areas=2))
    assert ferry_only(rules, Groups.of(island, dict.fromkeys("ABC", "1") | {"D": "2"})) == ["1"]
    bridged = draw("AB.CD", crossings=[("B", "C", "bridge")])
    assert (
        ferry_only(Rulebook(bridged, Scenario(areas=1)), Groups.of(bridged, dict.fromkeys("ABCD", "1"))) == []
    )
