"""``carry``, ``extend`` and ``compare`` between vintages, as a user meets them."""

import csv
import json
from pathlib import Path

import pytest

import geo_devolve as gd
from geo_devolve.cli import run


@pytest.fixture(scope="module")
def counties(tmp_path_factory) -> Path:
    """A plan drawn by hand: the upper tiers of 2017."""
    path = tmp_path_factory.mktemp("plans") / "counties.csv"
    councils = gd.load_geography("england-2017").councils
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["code", "area"])
        writer.writerows(zip(councils.index, councils["upper_tier"], strict=True))
    return path


def test_a_plan_is_carried_and_what_is_ambiguous_told(counties, tmp_path, capsys):
    out = tmp_path / "deep" / "now.csv"
    assert run(["carry", str(counties), "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert (
        "296 councils of england-2024, 12 of them not as in england-2017; 200,886 people change area"
        in said.out
    )
    assert "Bournemouth, Christchurch and Poole was made of councils of more than one area" in said.err
    with out.open(encoding="utf-8", newline="") as file:
        rows = {row["code"]: row["area"] for row in csv.DictReader(file)}
    assert len(rows) == 296
    assert rows["E07000245"] == "E10000029"  # West Suffolk in Suffolk
    # and back, through the same table
    way_back = ["--from", "england-2024", "--to", "england-2017", "-s", "white-paper-2024"]
    assert run(["carry", str(out), *way_back, "--out", str(tmp_path / "back.csv"), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["unambiguous"] is True
    assert len(document["changes"]) == 42


def test_a_carried_plan_cannot_be_written_anywhere(counties, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert run(["carry", str(counties), "--out", str(tmp_path / "file" / "x.csv")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_plan_of_old_codes_scored_on_the_new_map_names_the_successors(counties, capsys):
    assert run(["score", str(counties), "-g", "england-2024", "-s", "white-paper-2024", "--json"]) == 0
    text = capsys.readouterr().out
    assert "E07000151 (Daventry) is here West Northamptonshire (E06000062)" in text
    assert "geo-devolve carry" in text


@pytest.mark.national
def test_what_exists_is_extended(tmp_path, capsys):
    out = tmp_path / "out"
    scenario = tmp_path / "fewer.toml"
    scenario.write_text(gd.load_scenario("white-paper-2024").replace(areas=29).to_toml(), encoding="utf-8")
    arguments = ["extend", "strategic_authority_2025", "-s", str(scenario), "--no-prices"]
    assert run([*arguments, "--out", str(out), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["proven"] is True
    assert len(document["authorities"]) == 15
    assert (out / "plan.json").is_file()
    assert run(arguments) == 0
    said = capsys.readouterr()
    assert "157 councils (25,180,989 people) are in none" in said.out
    assert "stay whole and apart" in said.err
    assert run(["extend", "strategic_authorities_2025", "-s", str(scenario)]) == 2
    assert "'strategic_authority_2025'" in capsys.readouterr().err
    # the plan of one vintage against one of another, from their folders
    assert run(["propose", "--out", str(tmp_path / "then"), "-q"]) == 0
    capsys.readouterr()
    assert run(["compare", str(out), str(tmp_path / "then"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["people_moved"] > 1_000_000
