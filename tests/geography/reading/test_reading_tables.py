import gzip
import io
import zipfile

import numpy as np
import pandas as pd
import pytest

from geo_devolve.geography.reading.files import Folder, UnreadableFileError
from geo_devolve.geography.reading.findings import Findings
from geo_devolve.geography.reading.tables import clean_codes, guess, pick, read_table, to_known, to_numbers


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path.resolve(), Findings("test"))


def table(folder, data, name="t.csv", **options):
    (folder.path / name).write_bytes(data.encode() if isinstance(data, str) else data)
    return read_table(folder, name, **options)


@pytest.mark.parametrize(
    "data",
    [
        'code,name\nA,"North, West"\n',
        '\ufeffcode,name\r\nA,"North, West"\r\n',
        " code ;name\n  A ; North, West  \n;\n",
        "code\tname\nA\tNorth, West",
    ],
)
def test_every_dialect_is_the_same_table(folder, data):
    assert table(folder, data).to_dict("list") == {"code": ["A"], "name": ["North, West"]}


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-8", "Ynys Môn"), ("cp1252", "Ynys Môn"), ("utf-16", "Ynys Môn"), ("utf-8-sig", "é")],
)
def test_every_encoding_is_the_same_table(folder, encoding, name):
    assert table(folder, f"code,name\nW1,{name}\n".encode(encoding))["name"].tolist() == [name]


def test_na_is_a_text_like_any_other(folder):
    assert table(folder, "code,name\nNA,null\n").iloc[0].tolist() == ["NA", "null"]


def test_packed_tables(folder):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("inner/t.csv", "code\nA\n")
        packed.writestr("readme.md", "x")
    assert table(folder, archive.getvalue(), "t.zip")["code"].tolist() == ["A"]
    assert table(folder, gzip.compress(b"code\nA\n"), "t.csv.gz")["code"].tolist() == ["A"]


def test_excel(folder):
    with pd.ExcelWriter(folder.path / "t.xlsx") as book:
        pd.DataFrame({"x": [1]}).to_excel(book, sheet_name="notes", index=False)
        pd.DataFrame({"LAD17CD": [" e06000001"], "count": [1234]}).to_excel(
            book, sheet_name="data", index=False
        )
    found = read_table(folder, "t.xlsx", "data")
    assert found.to_dict("list") == {"LAD17CD": ["e06000001"], "count": ["1234"]}
    assert list(read_table(folder, "t.xlsx").columns) == ["x"]
    with pytest.raises(UnreadableFileError, match="has no sheet 'dta'; it has 'notes', 'data'"):
        read_table(folder, "t.xlsx", "dta")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"code,name\nA,B\nC", r"is truncated: its last row has 1 of 2 columns \('C'\)"),
        (b"code,code\nA,B\n", "more than one column 'code'"),
        (b'code,name\n"A,B\n', "truncated or not a table"),
        (b"\x00\x01\x02\x00binary\x00", "is no text"),
        (b"code,name\nA,B,C\n", "truncated or not a table"),
    ],
)
def test_what_is_no_table_is_refused(folder, data, words):
    with pytest.raises(UnreadableFileError, match=words):
        table(folder, data)


def test_a_workbook_that_is_none_is_refused(folder):
    for data in (b"no zip at all", b"PK\x03\x04 cut"):
        with pytest.raises(UnreadableFileError, match=r"truncated or damaged|no Excel workbook"):
            table(folder, data, "t.xlsx")


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("12", 12),
        ("1,234", 1234),
        ("1,234,567.5", 1234567.5),
        ("12 345", 12345),
        ("-3", -3),
        ("\u22123", -3),
        ("45%", 45),
        ("1e3", 1000),
        *((mark, np.nan) for mark in ("", "!", "-", "~", "x", "..", "N/A", "*", ":")),
    ],
)
def test_numbers(cell, number):
    found, wrong = to_numbers(pd.Series([cell]))
    assert not wrong
    assert found[0] == pytest.approx(number, nan_ok=True)


@pytest.mark.parametrize("cell", ["twelve", "1,23", "12.3.4", "inf", "1;2"])
def test_what_is_no_number_is_named(cell):
    assert to_numbers(pd.Series(["1", cell, cell]))[1] == [cell]


def test_codes_are_spelled_as_known():
    assert clean_codes(pd.Series(["e06000001", "E06000002", "abc"])).tolist() == [
        "E06000001",
        "E06000002",
        "abc",
    ]
    assert to_known(pd.Series(["ABC", "abd", ""]), ["abc"]).tolist() == ["abc", "abd", ""]


def test_columns_are_found_without_case_or_refused_with_the_nearest(folder):
    found = pd.DataFrame(columns=["LAD17CD", "LAD17NM", "Pop"])
    assert pick(folder, "t", found, "lad17cd", what="a code") == "LAD17CD"
    assert pick(folder, "t", found, "", what="a code", guesses=(r"[a-z]+\d{2}cd",)) == "LAD17CD"
    assert guess(found, ("nothing", "pop")) == "Pop"
    assert pick(folder, "t", found, "LAD17C", what="a code") is None
    assert "did you mean 'LAD17CD'?" in str(folder.findings.faults[0])
    assert pick(folder, "t", found, "", what="an easting", guesses=("x",)) is None
    assert "no column that looks like an easting" in str(folder.findings.faults[1])


@pytest.mark.parametrize("name", ["../x", "/etc/hostname", "a/../../x", "C:\\x", "a\\b", "", "x\0y", "sub"])
def test_nothing_outside_the_folder_is_found(folder, name):
    (folder.path / "sub").mkdir()
    (folder.path.parent / "x").write_text("secret")
    with pytest.raises(UnreadableFileError):
        folder.find(name)


def test_a_missing_file_is_told_with_what_is_there(folder):
    (folder.path / "here.csv").write_text("x")
    with pytest.raises(UnreadableFileError, match=r"is missing; the folder holds here\.csv"):
        folder.read("there.csv")


def test_findings_are_sentences_and_each_is_noted_once(folder):
    for _ in range(2):
        folder.findings.fault("f.csv", "is wrong", list("ABCDEFG"), breaks="all", remedy="mend it")
    folder.findings.notice("f.csv", "is old")
    assert [str(fault) for fault in folder.findings.faults] == [
        "f.csv: is wrong: A, B, C, D, E and 2 more (all); mend it"
    ]
    assert folder.findings.told == ("f.csv: is old",)
