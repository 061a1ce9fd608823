"""Councils across vintages: what became of which, and assignments carried between them."""

from dataclasses import replace

import pandas as pd
import pytest
from drawn import draw

import geo_devolve as gd
from geo_devolve.errors import DataError, ScenarioError
from geo_devolve.geography.model import Geography
from geo_devolve.geography.successors import carry, succession
from geo_devolve.geography.vintages import of_another_vintage

pytestmark = pytest.mark.slow


def table(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["old", "old_name", "new"])


@pytest.fixture
def before() -> Geography:
    """Five councils of an older vintage."""
    return draw("abcde", population={"a": 100.0, "b": 200.0, "c": 300.0, "d": 400.0, "e": 500.0})


@pytest.fixture
def after() -> Geography:
    """a and b are X now, c is called otherwise, d has become Y and Z, e is as it was."""
    now = draw("XcYZe", population={"X": 310.0, "c": 320.0, "Y": 210.0, "Z": 220.0, "e": 500.0})
    now.councils.loc["c", "name"] = "Renamed"
    rows = table(
        ("a", "A-ton", "X"), ("b", "B-ham", "X"), ("c", "Council c", "c"), ("d", "D", "Y"), ("d", "D", "Z")
    )
    return replace(now, successors=rows)


def test_every_pair_of_old_and_new(before, after):
    pairs = succession(before, after)
    assert list(pairs.itertuples(index=False, name=None)) == [
        ("a", "X"),
        ("b", "X"),
        ("c", "c"),
        ("d", "Y"),
        ("d", "Z"),
        ("e", "e"),
    ]


def test_the_same_table_serves_the_way_back(before, after):
    back = succession(after, before)
    forth = succession(before, after)
    assert sorted(zip(back["target"], back["source"], strict=True)) == sorted(
        zip(forth["source"], forth["target"], strict=True)
    )


def test_without_conflict_nobody_moves(before, after):
    carried = carry({"a": 1, "b": 1, "c": 2, "d": 3, "e": 3}, before, after)
    assert carried.assignment.to_dict() == {"X": 1, "c": 2, "Y": 3, "Z": 3, "e": 3}
    assert carried.unambiguous
    assert carried.changes["change"].to_dict() == {"X": "merged", "Y": "split", "Z": "split", "c": "renamed"}
    assert carried.changes["population"].to_dict() == {"X": 300.0, "Y": 210.0, "Z": 220.0, "c": 300.0}


def test_a_merged_council_goes_with_most_of_its_people_and_the_rest_are_counted(before, after):
    carried = carry({"a": 1, "b": 2, "c": 2, "d": 3, "e": 3}, before, after)
    assert carried.assignment["X"] == 2
    assert not carried.unambiguous
    assert carried.people_moved == 100
    assert carried.changes.at["X", "areas"] == (2, 1)
    assert any("100 people leave 1" in notice for notice in carried.notices)


def test_there_and_back_is_the_same_where_nothing_was_ambiguous(before, after):
    assignment = pd.Series({"a": "p", "b": "p", "c": "q", "d": "q", "e": "r"}, name="area")
    back = carry(carry(assignment, before, after).assignment, after, before)
    assert back.assignment.to_dict() == assignment.to_dict()
    assert back.assignment.name == "area"
    assert back.changes["change"].to_dict() == {"a": "split", "b": "split", "c": "renamed", "d": "merged"}


def test_the_way_back_is_ambiguous_where_a_split_council_was_divided(before, after):
    back = carry({"X": 1, "c": 1, "Y": 1, "Z": 2, "e": 2}, after, before)
    assert back.assignment["d"] == 2
    assert back.people_moved == 210


def test_what_has_no_successor_is_refused_with_all_names(before, after):
    short = replace(after, successors=after.successors[after.successors["old"] != "d"])
    with pytest.raises(
        DataError, match=r"no successor(.|\n)*Council d \(d\)(.|\n)*no predecessor(.|\n)*Council Y"
    ):
        succession(before, short)


def test_an_assignment_with_holes_is_refused(before, after):
    with pytest.raises(
        DataError, match=r"without an area cannot be carried: Council d \(d\), Council e \(e\)"
    ):
        carry({"a": 1, "b": 1, "c": 1, "e": None}, before, after)


def test_an_old_code_or_name_is_met_with_the_successor(after):
    for ref in ("a", "A-ton", "a-TON "):
        with pytest.raises(ScenarioError, match=r"a \(A-ton\) is here Council X \(X\)"):
            after.find_councils(ref)
    with pytest.raises(ScenarioError, match="did you mean"):
        after.find_councils("Council")
    split = of_another_vintage(after.successors, after.councils, ["d", "nothing", "a"])
    assert split == "d (D) is here Council Y (Y) and Council Z (Z); a (A-ton) is here Council X (X)"


def test_a_layer_s_unknown_body_is_no_council(after):
    with pytest.raises(ScenarioError, match="no layer"):
        after.find_body("region", "a")


@pytest.fixture(scope="module")
def england() -> tuple[Geography, Geography]:
    return gd.load_geography("england-2017"), gd.load_geography("england-2024")


def test_a_plan_of_2017_goes_to_2024_and_back(england):
    then, now = england
    counties = then.councils["upper_tier"]
    carried = carry(counties, then, now)
    assert carried.changes["change"].value_counts().to_dict() == {"merged": 11, "renamed": 1}
    # Christchurch was Dorset's; Bournemouth and Poole were unitary authorities of their own
    assert carried.changes.index[carried.changes["people_moved"] > 0].tolist() == ["E06000058"]
    assert carried.people_moved == pytest.approx(
        then.councils.loc[["E06000029", "E07000048"], "population"].sum()
    )
    back = carry(carried.assignment, now, then)
    assert back.unambiguous
    assert back.changes["change"].value_counts().to_dict() == {"split": 41, "renamed": 1}
    assert (back.assignment != counties).sum() == 2


def test_england_s_old_councils_are_met_with_their_successors(england):
    _, now = england
    with pytest.raises(
        ScenarioError, match=r"E07000151 \(Daventry\) is here West Northamptonshire \(E06000062\)"
    ):
        now.find_councils("Daventry")
    with pytest.raises(ScenarioError, match=r"is here Folkestone and Hythe \(E07000112\)"):
        now.find_councils("Shepway")


def test_later_councils_are_understood_on_the_older_map(england):
    then, now = england
    with pytest.raises(
        ScenarioError, match=r"E06000066 \(Somerset\) is here Mendip \(E07000187\), Sedgemoor"
    ):
        then.find_councils("E06000066")
    # the two tables say the same, in either direction
    there, back = succession(then, now), succession(now, then)
    assert sorted(zip(there["source"], there["target"], strict=True)) == sorted(
        zip(back["target"], back["source"], strict=True)
    )
