"""The decimal mark is decided by column and file; what stays open is refused where it matters."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_devolve.geography.reading.numbers import Marks, marks_of, read_numbers

ENGLISH, GERMAN = Marks("."), Marks(",", semicolons=True)


UNKNOWN = Marks()


def read(cells, marks=UNKNOWN, **options):
    return read_numbers(pd.Series(cells, dtype=str), marks, **options)


@pytest.mark.parametrize("space", ["\u00a0", "\u202f", "\u2009", "\u2007", " ", "'", "’"])
def test_spaces_and_apostrophes_part_thousands(space):
    assert read([f"1{space}083{space}166", f"83{space}166,5"]).values.tolist() == [1083166, 83166.5]


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["9876,543", "1,5"], [9876.543, 1.5]),
        (["1.083.166", "83.166"], [1083166, 83166]),
        (["1,083,166", "83,166"], [1083166, 83166]),
        (["0,125", "12,250"], [0.125, 12.25]),
        (["1.234,5", "2.000"], [1234.5, 2000]),
        (["1,234.5", "2,000"], [1234.5, 2000]),
        (["12,34,567", "1,00,000"], [1234567, 100000]),
        (["83.166", "12.5"], [83.166, 12.5]),
    ],
)
def test_a_cell_that_is_sure_decides_for_its_column(cells, found):
    assert read(cells).values.tolist() == found


def test_a_column_that_is_sure_decides_for_its_file():
    marks = marks_of(pd.DataFrame({"x": ["406369,6", "1,5"], "people": ["83.166", "9.001"]}), semicolons=True)
    assert marks.decimal == ","
    assert read(["83.166", "9.001"], marks, whole=True).values.tolist() == [83166, 9001]


@pytest.mark.parametrize("marks", [UNKNOWN, ENGLISH, Marks(".", semicolons=True), Marks(semicolons=True)])
def test_parts_of_persons_are_not_believed_where_all_could_be_thousands(marks):
    found = read(["83.166", "950"], marks, whole=True)
    assert found.unclear == ["83.166"]


def test_parts_of_persons_are_read_where_a_cell_shows_them():
    assert read(["83.166", "9.5"], whole=True).values.tolist() == [83.166, 9.5]


@pytest.mark.parametrize(("mark", "found"), [(",", 83166), (".", 83.166)])
def test_what_the_manifest_states_is_not_doubted(mark, found):
    marks = marks_of(pd.DataFrame({"a": ["83.166"]}), stated=mark)
    assert read(["83.166"], marks, whole=True).values.tolist() == [found]


def test_what_was_decided_is_told():
    assert "comma" in read(["9876,543"], GERMAN).told
    assert not read(["9876.543", "12"], ENGLISH).told


@pytest.mark.parametrize("cell", ["12.3.4", "1,2,3", "twelve", "1;2", "inf", "1e999", "0x10", "1_000.5"])
def test_what_is_no_number_is_wrong(cell):
    assert read([cell, "5"]).wrong == [cell]


@given(
    st.lists(st.integers(0, 10**9), min_size=1, max_size=8), st.sampled_from([".", ",", "'", "\u202f", " "])
)
def test_whole_persons_are_read_as_written_or_refused(people, mark):
    cells = [f"{each:,}".replace(",", mark) for each in people]
    found = read(cells, whole=True)
    assert found.unclear or np.array_equal(found.values, people)
