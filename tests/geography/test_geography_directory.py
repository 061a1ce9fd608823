"""Councils and bodies are understood as people write them, and nobody is taken for another."""

import unicodedata

import pandas as pd
import pytest
from drawn import draw

import geo_devolve as gd
from geo_devolve.errors import ScenarioError
from geo_devolve.geography.directory import Directory, letters

NAMES = {
    "a": "Bristol, City of",
    "b": "Herefordshire, County of",
    "c": "City of London",
    "d": "St. Helens",
    "e": "Saint-Étienne",
    "f": "King's Lynn & West Norfolk",
    "g": "Newcastle upon Tyne",
    "h": "Newcastle-under-Lyme",
    "i": "Kingston upon Hull, City of",
    "j": "County Durham",
    "k": "St Albans",
    "l": "York",
    "m": "East Riding of Yorkshire",
}
OTHER = pd.DataFrame(
    {
        "code": ["i", "g", "g", "h"],
        "name": ["Hull", "Newcastle City", "City of Newcastle", "Newcastle Borough"],
    }
)


@pytest.fixture
def directory() -> Directory:
    return Directory(NAMES, NAMES.values(), "council", OTHER)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Bristol", "a"),
        ("bristol city council", "a"),
        ("Herefordshire", "b"),
        ("Herefordshire Council", "b"),
        ("City of London Corporation", "c"),
        ("City of London", "c"),
        ("St Helens", "d"),
        ("Saint Helens Metropolitan Borough Council", "d"),
        ("ST HELENS MBC", "d"),
        ("saint etienne", "e"),
        ("Kings Lynn and West Norfolk", "f"),
        ("King’s Lynn and West Norfolk", "f"),
        ("Newcastle City Council", "g"),
        ("Newcastle upon Tyne City Council", "g"),
        ("City of Newcastle", "g"),
        ("Newcastle Borough Council", "h"),
        ("Newcastle under Lyme", "h"),
        ("Hull City Council", "i"),
        ("hull", "i"),
        ("City of Kingston upon Hull", "i"),
        ("Durham", "j"),
        ("Durham County Council", "j"),
        ("St Albans City and District Council", "k"),
        ("City of York", "l"),
        ("  E ", "e"),
        (unicodedata.normalize("NFD", "Saint-Étienne"), "e"),
    ],
)
def test_names_are_understood_as_people_write_them(directory: Directory, written: str, code: str) -> None:
    assert directory.find(written) == code
    assert directory.look(written).code == code


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("London", "there is no council 'London'; did you mean 'City of London'"),
        ("Newcastle", "did you mean 'Newcastle upon Tyne' or 'Newcastle-under-Lyme'"),
        ("Yorkshire", "did you mean 'East Riding of Yorkshire'"),
        ("Kings Lynn", "did you mean \"King's Lynn"),
        ("Brixtol", "did you mean 'Bristol, City of'"),
        ("City Council", "there is no council"),
        ("of", "there is no council"),
        ("", "there is no council ''"),
        ("Ω" * 5000, "there is no council"),
    ],
)
def test_nobody_is_taken_for_another(directory: Directory, written: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        directory.find(written)
    assert directory.look(written).code is None


def test_a_name_that_fits_several_is_asked_about() -> None:
    twins = Directory(["1", "2", "3"], ["Barton City", "Barton", "County of Barton"], "council")
    assert twins.find("Barton") == "2"  # to the letter
    assert twins.find("Barton Council") == "2"
    with pytest.raises(ScenarioError, match=r"more than one council goes by 'Barton Borough': 1 .*2 .*3"):
        twins.find("Barton Borough")
    assert twins.look("Barton District Council").codes == ("1", "2", "3")
    assert twins.hint("Barton District").startswith(
        "it fits Barton City, 1, Barton, 2 or County of Barton, 3"
    )


def test_labels_of_any_kind_stay_themselves() -> None:
    labels = Directory([(0, 1), 7, "x"], ["A", "B", "7"], "council")
    assert labels.find((0, 1)) == (0, 1)
    assert labels.find(7) == 7
    assert labels.find("7") == 7
    assert labels.look(["no", "label"]).codes == ()


def test_letters_are_what_spellings_share() -> None:
    assert letters("Saint-Étienne & Co.") == letters("ST ETIENNE AND CO") == "st etienne and co"


def test_scenarios_plans_and_bodies_ask_the_same_directory() -> None:
    ground = draw("ABCD", layers={"force": "xxyy"})
    names = ["Bristol, City of", "Durham, County", "Telford & Wrekin", "Leeds"]
    ground.councils["name"] = names
    ground.layers["force"].bodies["name"] = ["Devon & Cornwall", "Durham"]
    asked = gd.Scenario(
        areas=2,
        weights={"compactness": 1},
        constraints={
            "together": [["Bristol City Council", "Durham"], ["Telford and Wrekin Council", "leeds city"]],
            "whole": ["force:Devon and Cornwall"],
        },
    )
    plan = gd.propose(ground, asked)
    assert plan.assignment.tolist() == ["A01", "A01", "A02", "A02"]
    drawn = {"Bristol": 1, "County Durham": 1, "Telford and Wrekin": 2, "Leeds MBC": 2}
    assert gd.score(ground, drawn, asked).query("measure == 'fault'").empty


@pytest.mark.parametrize("vintage", ["england-2017", "england-2024"])
def test_england_is_understood_by_every_name_its_councils_use(vintage: str) -> None:
    england = gd.load_geography(vintage)
    for written, name in {
        "Hull City Council": "Kingston upon Hull, City of",
        "Newcastle City Council": "Newcastle upon Tyne",
        "City of London Corporation": "City of London",
        "St Albans City and District Council": "St Albans",
        "Durham": "County Durham",
        "Herefordshire": "Herefordshire, County of",
        "Telford & Wrekin": "Telford and Wrekin",
    }.items():
        assert england.councils.at[england.find_councils(written)[0], "name"] == name
    assert all(
        england.find_councils(f"{name}{end}") == [code]
        for code, name in england.councils["name"].items()
        for end in ("", " Council")
    )
    with pytest.raises(ScenarioError, match="Newcastle upon Tyne"):
        england.find_councils("Newcastle")
