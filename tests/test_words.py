"""Words for figures, people and what was likely meant."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_devolve.words import counted, counted_are, listed, nearest, or_known, people, rounded


@pytest.mark.parametrize(
    ("number", "one", "many", "said"),
    [
        (1, "fault", "", "1 fault"),
        (0, "fault", "", "0 faults"),
        (12, "body", "bodies", "12 bodies"),
        (1, "body", "bodies", "1 body"),
        (62_970, "candidate", "", "62,970 candidates"),
    ],
)
def test_one_is_one_and_others_are_many(number: int, one: str, many: str, said: str) -> None:
    assert counted(number, one, many) == said
    assert counted_are(number, one, many) == f"{said} {'is' if number == 1 else 'are'}"


def test_names_are_joined_as_one_says_them() -> None:
    assert listed(["Leeds"]) == "Leeds"
    assert listed(["Leeds", "York", "Selby"]) == "Leeds, York and Selby"


def test_people_are_written_as_a_reader_would() -> None:
    assert people(3_117_200) == "3.12 million"
    assert people(3_111_200, 1) == "3.12 million"
    assert people(3_119_200, -1) == "3.11 million"
    assert people(480_000) == "480,000"
    assert people(math.inf) == "inf million"


@given(st.floats(0, 1e10))
@settings(deadline=None)
def test_rounding_goes_where_it_is_told(persons: float) -> None:
    below, close, above = (rounded(persons, towards) for towards in (-1, 0, 1))
    assert below <= persons <= above
    assert close in (below, above)


def test_the_nearest_is_asked_for_and_else_the_known_are_told() -> None:
    assert nearest("MACH", ["nest", "match"]) == 'did you mean "match"?'
    assert nearest("xyz", ["nest", "match"]) == ""
    assert or_known("gird", ["grid", "list"], quote="'") == "; did you mean 'grid'?"
    assert or_known("xyz", ["nest", "match"]) == "; known are nest, match"
    assert or_known("xyz", map(str, range(20)), most=3) == "; known are 0, 1, 2 and 17 more"
    assert or_known("xyz", []) == ""
