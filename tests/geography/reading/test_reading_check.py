import json

import pytest
from small_folder import change, write_small

from geo_devolve import cli


@pytest.fixture
def folder(tmp_path):
    return write_small(tmp_path / "small")


def test_a_folder_without_faults_is_exit_0(folder, capsys):
    assert cli.run(["check", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "small can be used: 4 councils, 3,600 people, 1 borders, 2 crossings" in said
    assert "filled in" in said.replace("\n", " ")


def test_every_fault_stands_in_one_report_with_exit_3(folder, capsys):
    change(folder, "points.csv.gz", "700,E00000004", "-700,E00000004")
    change(folder, "needs.csv", "E00000004,40", "E00000005,40")
    (folder / "clubs.csv").unlink()
    assert cli.run(["check", str(folder), "--json"]) == 3
    report = json.loads(capsys.readouterr().out)
    assert report["usable"] is False
    faults = [row for row in report["findings"] if row["level"] == "fault"]
    assert {"clubs.csv", "needs.csv", "points.csv.gz"} <= {row["where"] for row in faults}
    missing = next(row for row in faults if row["culprits"] == ["E00000004"])
    assert missing["what"] == "councils without a row"
    assert missing["remedy"].startswith("add the rows")
    assert missing["breaks"] == "their needs would be guesses"


def test_a_load_that_stops_early_still_names_all_missing_files(folder, capsys):
    for name in ("councils.csv", "clubs.csv", "grid.csv"):
        (folder / name).unlink()
    assert cli.run(["check", str(folder), "--json"]) == 3
    report = json.loads(capsys.readouterr().out)
    assert {"councils.csv", "clubs.csv", "grid.csv"} == {row["where"] for row in report["findings"]}


def test_the_table_names_the_first_five_culprits(folder, capsys):
    change(folder, "points.csv.gz", "E0000000", "F0000000")
    assert cli.run(["check", str(folder)]) == 3
    said = capsys.readouterr().out
    assert "F00000001" in said
    assert "small cannot be used" in said


def test_a_council_that_stands_alone_is_told_with_what_is_nearest(folder, capsys):
    change(folder, "crossings.csv", "E00000003,E00000004,ferry,1000\n", "")
    assert cli.run(["check", str(folder), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    alone = next(row for row in report["findings"] if row["what"] == "councils without any neighbour")
    assert alone["culprits"][0].startswith("E00000004 (Dworth; nearest are Cton at 1.")


def test_a_graph_in_parts_is_told(folder, capsys):
    change(folder, "crossings.csv", "E00000003,E00000002,bridge,1000\n", "")
    assert cli.run(["check", str(folder), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert any("2 parts" in row["what"] for row in report["findings"])


def test_people_outside_a_layer_are_told(folder, capsys):
    assert cli.run(["check", str(folder), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    told = [row for row in report["findings"] if row["where"] == "layer police"]
    assert "have 2,100 residents of 3,600 people" in told[0]["what"]


def test_a_folder_that_is_not_there_is_exit_3(tmp_path, capsys):
    assert cli.run(["check", str(tmp_path / "nowhere")]) == 3
    assert "there is no geography" in capsys.readouterr().err
