"""Every rule tells everything of itself: its field, who is meant, what breaks it, what is milder."""

from pathlib import Path
from typing import Any

import pytest
from drawn import draw

from geo_devolve.constraints.fields import Constraints, spoken_of
from geo_devolve.constraints.forms import Alike, Enough, Rivals, Together
from geo_devolve.constraints.ground import Ground
from geo_devolve.constraints.registry import RULES, fields_of
from geo_devolve.errors import InfeasibleError, ScenarioError
from geo_devolve.optimise.asked.prepared import prepare
from geo_devolve.optimise.asked.resolved import resolve
from geo_devolve.optimise.reasons.arithmetic import check_arithmetic
from geo_devolve.plan.faults import Rulebook
from geo_devolve.plan.groups import Groups
from geo_devolve.scenario import Scenario

ROOT = Path(__file__).parents[2]
FIRST = [
    "locked",
    "together",
    "apart",
    "within",
    "whole",
    "max_councils",
    "max_extent_km",
    "max_areas_in_body",
    "max_bodies_in_area",
]
ASKED: dict[str, Any] = {
    "locked": [{"name": "Top", "councils": ["A", "B"], "exempt": True}],
    "together": [["A", "B"], ["E", "F"]],
    "apart": [["A", "F"]],
    "within": ["thirds"],
    "whole": ["thirds:x", "thirds:*"],
    "max_councils": 2,
    "max_extent_km": 15,
    "max_areas_in_body": {"thirds": 2, "thirds:x": 1},
    "max_bodies_in_area": {"thirds": 1},
    "min_councils": 2,
    "centres": ["B", "thirds:y"],
}


def ground() -> Ground:
    return Ground(draw("ABC\nDEF", layers={"thirds": "xxx\nyyy"}))


def test_the_fields_are_in_the_order_of_files_and_digests() -> None:
    assert list(RULES)[: len(FIRST)] == FIRST
    assert set(ASKED) == set(RULES)  # a new rule is tried here too
    limits = {"locked": [{"name": "L", "councils": ["A"], "exempt": True}], "together": [["B", "C"]]}
    more = {"max_councils": 4, "max_areas_in_body": {"l:x": 2}}
    digest = Scenario(areas=3, constraints={**limits, **more}).digest()
    assert digest == "504cb7ab61d67a69c041d96eb63dd75319a575776b8002fce8b884bfd0969f00"


@pytest.mark.parametrize("field", RULES)
def test_a_rule_survives_a_file_and_each_of_its_parts_can_be_dropped(field: str) -> None:
    asked = Constraints(**{field: ASKED[field]})
    scenario = Scenario(constraints=asked)
    assert asked
    assert Scenario.from_mapping(scenario.to_mapping()) == scenario
    rule = RULES[field]
    value = getattr(asked, field)
    parts = list(rule.parts(value, ground()))
    assert parts
    assert {part.kind for part in parts} == {field}
    for part in reversed(parts):
        value = rule.without(value, part.key)
    assert not Constraints(**{field: value})


@pytest.mark.parametrize("field", RULES)
def test_a_rule_takes_the_forms_that_it_says(field: str) -> None:
    value = getattr(Constraints(**{field: ASKED[field]}), field)
    here = ground()
    assert {type(form) for form in RULES[field].resolve(value, here)} == set(RULES[field].forms)
    assert not here.faults
    assert RULES[field].about.endswith(".")
    assert field in Constraints.__doc__


@pytest.mark.parametrize("field", ["max_councils", "max_extent_km", "max_areas_in_body", "min_councils"])
def test_milder_numbers_grow_milder(field: str) -> None:
    rule, value = RULES[field], getattr(Constraints(**{field: ASKED[field]}), field)
    part = next(iter(rule.parts(value, ground())))
    milder = rule.milder(value, part.key, ground(), 3)
    steps = milder.steps
    assert steps
    assert steps == sorted(steps, reverse=field.startswith("min"))
    changed = Constraints(**{field: rule.with_number(value, part.key, steps[0])})
    assert changed != Constraints(**{field: value})
    assert f"{steps[-1]:g} " in milder.say(steps[-1])


def test_reasons_name_the_rules_of_a_form() -> None:
    assert fields_of(Rivals, Alike) == "apart, within or max_extent_km"
    assert fields_of(Together) == "together or whole"
    assert fields_of(Enough) == "min_councils or centres"


def test_everything_that_constraints_name_is_spoken_of() -> None:
    asked = Constraints(**ASKED)
    assert {"A", "F", "thirds", "thirds:x", "thirds:*", "thirds:y"} <= set(spoken_of(asked))


def test_names_that_lead_nowhere_are_told_all_at_once() -> None:
    with pytest.raises(ScenarioError) as caught:
        Scenario(constraints={"centres": ["Leds", "thirds:q"], "min_councils": 2}).check(ground().geography)
    assert sum("constraints.centres: " in fault for fault in caught.value.faults) == 2
    with pytest.raises(ScenarioError, match=r"constraints\.min_councils must be at least 1"):
        Scenario(constraints={"min_councils": 0})


def test_an_unknown_field_is_refused_where_constraints_are_changed() -> None:
    with pytest.raises(ScenarioError, match=r'unknown key "constraints\.centre"; did you mean "centres"'):
        Constraints().replace(centre=["A"])


def test_an_empty_list_of_centres_asks_for_nothing() -> None:
    assert Scenario(constraints={"centres": []}) == Scenario()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"min_councils": 2}, ["area 2 has 1 council, fewer than 2"]),
        ({"centres": ["B"]}, ["area 2 holds none of the centres Council B"]),
        ({"centres": ["thirds:y"]}, []),
        ({"min_councils": 2, "locked": [{"name": "F", "councils": ["F"], "exempt": True}]}, []),
        ({"centres": ["B"], "locked": [{"name": "F", "councils": ["F"], "exempt": True}]}, []),
    ],
)
def test_what_breaks_the_newer_rules_is_told(asked: dict[str, Any], told: list[str]) -> None:
    geography = ground().geography
    groups = Groups.of(geography, dict.fromkeys("ABCDE", "1") | {"F": "2"})
    assert [fault.text for fault in Rulebook(geography, Scenario(constraints=asked)).faults(groups)] == told


def test_a_locked_area_keeps_the_newer_rules_unless_it_is_exempt() -> None:
    lock = {"name": "End", "councils": ["F"]}
    for field, value in (("min_councils", 2), ("centres", ["A"])):
        asked = {field: value}
        scenario = Scenario(constraints={"locked": [lock], **asked})
        with pytest.raises(
            InfeasibleError, match=f'"End" holds [01], .* at least [12] .*{next(iter(asked))}'
        ):
            check_arithmetic(prepare(ground().geography, scenario))
        exempt = Scenario(constraints={"locked": [{**lock, "exempt": True}], **asked})
        check_arithmetic(prepare(ground().geography, exempt))


def test_councils_are_found_where_resolve_is_asked_without_a_check() -> None:
    with pytest.raises(ScenarioError, match='scenario "x": 2 faults'):
        resolve(
            ground().geography,
            Scenario(name="x", constraints={"centres": ["Leds"], "together": [["A", "nowhere"]]}),
        )


def test_the_page_on_adding_a_constraint_shows_the_modules_as_they_are() -> None:
    page = (ROOT / "docs" / "adding" / "a-constraint.md").read_text(encoding="utf-8")
    for name in ("centres", "min_councils"):
        module = ROOT / "geo_devolve" / "constraints" / "rules" / f"{name}.py"
        assert module.read_text(encoding="utf-8") in page
