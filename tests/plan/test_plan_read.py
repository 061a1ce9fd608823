"""Plans drawn by hand are read leniently, scored where they can be, and their faults listed."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from drawn import draw

from geo_devolve.errors import DataError, ScenarioError
from geo_devolve.plan.read import drawn_plan, read_plan, score
from geo_devolve.scenario import Scenario

ASKED = Scenario(areas=2, weights={"compactness": 1.0})


@pytest.fixture
def places() -> Any:
    """Four councils with names as people write them."""
    geography = draw("ABCD")
    names = ["Bristol, City of", "St. Helens", "King's Lynn & West Norfolk", "Leeds"]
    return type(geography)(**{**_fields(geography), "councils": geography.councils.assign(name=names)})


def _fields(geography: object) -> dict[str, object]:
    return {key: value for key, value in vars(geography).items() if not key.startswith("_")}


def read(places: Any, path: Path, text: str, **options: Any) -> Any:
    path.write_text(text, encoding="utf-8")
    return read_plan(places, path, ASKED, **options)


@pytest.mark.parametrize(
    "text",
    [
        "code,area\nA,1\nB,1\nC,2\nD,2\n",
        "A,1\nB,1\nC,2\nD,2\n",
        "council;area\nbristol;1\nSt Helens;1\nKings Lynn and West Norfolk;2\nLEEDS City Council;2\n",
        "\ufeffarea\tname\n1\tBristol\n1\tb\n2\tC\n2\tLeeds\n",
        "lad17cd,lad17nm,area_code,area,people\nA,x,1,1,10\nB,y,1,1,10\nC,z,2,2,5\nD,w,2,2,5\n",
        "code,name,assignment\nA,Bristol,1\n?,St Helens,1\nC,,2\nD,Leeds,2\n\n",
    ],
)
def test_tables_are_read_leniently(places: Any, tmp_path: Path, text: str) -> None:
    plan = read(places, tmp_path / "plan.csv", text)
    assert plan.assignment.to_dict() == {"A": "1", "B": "1", "C": "2", "D": "2"}
    assert plan.faults == ()


def test_other_encodings_and_formats(places: Any, tmp_path: Path) -> None:
    expected = {"A": "1", "B": "1", "C": "2", "D": "2"}
    (tmp_path / "old.csv").write_bytes(
        "name,area\nBristol,1\nSt Helens,1\nC,2\nLeeds\xe9,9\nD,2\n".encode("cp1252")
    )
    old = read_plan(places, tmp_path / "old.csv", ASKED)
    assert old.assignment.to_dict() == expected
    assert len(old.faults) == 1
    book = openpyxl.Workbook()
    for row in (["code", "area"], ["A", 1], ["B", 1], ["C", 2], ["D", 2]):
        book.active.append(row)
    book.save(tmp_path / "plan.xlsx")
    assert read_plan(places, tmp_path / "plan.xlsx", ASKED).assignment.to_dict() == expected
    (tmp_path / "a.json").write_text(json.dumps({"assignment": expected, "name": "x"}))
    (tmp_path / "b.json").write_text(json.dumps(expected))
    features = [
        {"properties": {"code": area, "councils": list(councils)}}
        for area, councils in (("1", "AB"), ("2", "CD"))
    ]
    (tmp_path / "c.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    for name in ("a.json", "b.json", "c.geojson"):
        assert read_plan(places, tmp_path / name, ASKED).assignment.to_dict() == expected
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "councils.csv").write_text(
        "council,name,area,area_name\nA,,1,N\nB,,1,N\nC,,2,S\nD,,2,S\n"
    )
    assert read_plan(places, tmp_path / "out", ASKED).assignment.to_dict() == expected


def test_every_fault_is_listed_with_its_line(places: Any, tmp_path: Path) -> None:
    plan = read(
        places, tmp_path / "plan.csv", "name,area\nLeads,1\nBristol,1\nBristol,2\nA,1\nSt Helens,1\nC,2\n"
    )
    assert plan.faults[:4] == (
        'line 2: "Leads" is no council of drawn (it may be Leeds, D)',
        "line 4: Bristol, City of (A) is listed in 1 and in 2; the first counts",
        "line 5: Bristol, City of (A) is listed again; the first counts",
        "1 council is in no area: Leeds (D)",
    )
    scores = plan.scores
    assert scores.loc[scores["measure"] == "fault", "part"].tolist() == list(plan.faults)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is empty"),
        ("code,area\nX,1\nY,2\n", "no column of it names councils"),
        ("code,area\nA,1\nB,\nC,\nD,\n", "25% of the people"),
        ("code,left,right\nA,1,2\nB,1,2\nC,1,3\nD,1,4\n", "which of its columns is the area cannot be told"),
        ("code\nA\nB\n", "which of its columns is the area cannot be told"),
    ],
)
def test_what_means_nothing_is_refused(places: Any, tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(places, tmp_path / "plan.csv", text)


def test_columns_can_be_named(places: Any, tmp_path: Path) -> None:
    text = "code,left,right\nA,1,2\nB,1,2\nC,1,3\nD,1,4\n"
    plan = read(places, tmp_path / "plan.csv", text, council_column="code", area_column="right")
    assert plan.assignment.tolist() == ["2", "2", "3", "4"]
    with pytest.raises(DataError, match='no column "wrong"'):
        read(places, tmp_path / "plan.csv", text, area_column="wrong")


def test_missing_and_broken_files_are_refused(places: Any, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no such file"):
        read_plan(places, tmp_path / "none.csv", ASKED)
    with pytest.raises(DataError, match="cannot be read as a plan"):
        read(places, tmp_path / "broken.json", '{"A": ')
    with pytest.raises(DataError, match="cannot be read as a plan"):
        read(places, tmp_path / "list.json", "[1, 2]")


def test_series_and_mappings_are_plans_too(places: Any) -> None:
    series = pd.Series([1.0, 1.0, 2.0, np.nan], index=list("ABCD"))
    plan = drawn_plan(places, series, ASKED)
    assert plan.assignment.to_dict() == {"A": "1", "B": "1", "C": "2", "D": None}
    assert plan.faults[0] == "1 council is in no area: Leeds (D)"
    table = score(places, {"bristol": "N", "b": "N", "c": "S", "leeds": "S"}, ASKED)
    assert table.loc[0, "value"] == pytest.approx(1 / 3)
    again = score(places, drawn_plan(places, {"A": 1, "B": 1, "C": 2, "D": 2}, ASKED), ASKED)
    assert again.loc[0, "value"] == table.loc[0, "value"]


def test_no_council_at_all_is_refused(places: Any) -> None:
    with pytest.raises(DataError, match="names no council of drawn, but nowhere"):
        score(places, {"nowhere": 1}, ASKED)


def test_the_scenario_must_fit_the_geography(places: Any) -> None:
    with pytest.raises(ScenarioError, match="unknown layer"):
        score(places, {"A": 1}, Scenario(areas=2, layers={"stp": {"rule": "match", "weight": 1}}))


def test_an_area_drawn_under_a_name_keeps_it(places: Any) -> None:
    plan = drawn_plan(places, {"A": "Greater Wessex", "B": "Greater Wessex", "C": "2", "D": "2"}, ASKED)
    assert plan.names.to_dict()["Greater Wessex"] == "Greater Wessex"
    assert plan.names.to_dict()["2"] == "King's Lynn & West Norfolk and Leeds"
