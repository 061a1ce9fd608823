"""Plans carried to the councils of another vintage, and compared there."""

from dataclasses import replace

import pandas as pd
import pytest
from drawn import draw

import geo_devolve as gd
from geo_devolve.errors import DataError
from geo_devolve.plan.carry import carry_plan
from geo_devolve.plan.read import drawn_plan

PLAIN = gd.Scenario(areas=2, population=(100, 2000), weights={"compactness": 1.0})


@pytest.fixture
def vintages() -> tuple[gd.Geography, gd.Geography]:
    before = draw("abcde", population={"a": 100.0, "b": 200.0, "c": 300.0, "d": 400.0, "e": 500.0})
    after = draw("XcYZe", population={"X": 310.0, "c": 320.0, "Y": 210.0, "Z": 220.0, "e": 500.0})
    rows = [("a", "A-ton", "X"), ("b", "B-ham", "X"), ("d", "D", "Y"), ("d", "D", "Z")]
    return before, replace(after, successors=pd.DataFrame(rows, columns=["old", "old_name", "new"]))


def test_a_carried_plan_compares_with_one_of_the_new_councils(vintages):
    before, after = vintages
    old = drawn_plan(before, {"a": "west", "b": "west", "c": "west", "d": "east", "e": "east"}, PLAIN)
    carried, told = carry_plan(old, after)
    assert told.unambiguous
    assert carried.geography is after
    assert len(set(carried.assignment)) == 2
    new = drawn_plan(after, {"X": 1, "c": 2, "Y": 2, "Z": 2, "e": 2}, PLAIN)
    comparison = gd.compare(new, carried)
    assert comparison.councils_moved == 1
    assert comparison.people_moved == 320


def test_what_was_ambiguous_stands_in_the_plan_s_notes(vintages):
    before, after = vintages
    old = drawn_plan(before, {"a": "west", "b": "east", "c": "east", "d": "east", "e": "east"}, PLAIN)
    carried, told = carry_plan(old, after)
    assert told.people_moved == 100
    assert any("100 people leave west" in note for note in carried.notes)
    assert carried.notes[0] == "Carried from drawn to drawn."


def test_a_plan_with_holes_is_not_carried(vintages):
    before, after = vintages
    old = drawn_plan(before, {"b": "x", "c": "x", "d": "x", "e": "x"}, PLAIN)
    with pytest.raises(DataError, match="without an area cannot be carried: a"):
        carry_plan(old, after)


def test_plans_of_two_vintages_are_compared_by_carrying_the_second(vintages):
    before, after = vintages
    old = drawn_plan(before, {"a": "west", "b": "west", "c": "west", "d": "east", "e": "east"}, PLAIN)
    new = drawn_plan(after, {"X": 1, "c": 1, "Y": 2, "Z": 2, "e": 2}, PLAIN)
    there = gd.compare(new, old)
    assert there.councils_moved == 0
    assert there.adjusted_rand == 1
    assert there.other.geography is after
    assert any("Carried" in note for note in there.other.notes)
    back = gd.compare(old, new)
    assert back.other.geography is before
    assert back.adjusted_rand == 1


def test_plans_of_places_that_have_nothing_to_do_with_each_other_are_refused(vintages):
    before, _ = vintages
    elsewhere = draw("pqr", population=1000.0)
    one = drawn_plan(before, dict.fromkeys("abcde", 1), PLAIN)
    other = drawn_plan(elsewhere, dict.fromkeys("pqr", 1), PLAIN)
    with pytest.raises(DataError, match=r"not of the same councils(.|\n)* no successor"):
        gd.compare(one, other)


def test_an_old_council_in_a_hand_drawn_plan_is_met_with_its_successor(vintages):
    _, after = vintages
    drawn = drawn_plan(after, {"A-ton": 1, "X": 1, "c": 1, "Y": 2, "Z": 2, "e": 2}, PLAIN)
    assert any(
        '"A-ton" is no council' in fault and "a (A-ton) is here Council X (X)" in fault
        for fault in drawn.faults
    )
