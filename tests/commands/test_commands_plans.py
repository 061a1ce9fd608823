"""The commands about a plan, as a user meets them."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from small_country import write_country

from geo_devolve import cli


@pytest.fixture(scope="module")
def country(tmp_path_factory: Any) -> Path:
    return write_country(tmp_path_factory.mktemp("country") / "small")


@pytest.fixture(scope="module")
def made(country: Path, tmp_path_factory: Any) -> Path:
    """The folder that propose leaves."""
    out = tmp_path_factory.mktemp("made") / "out"
    assert cli.run(["propose", str(country), "-s", str(country / "scenario.toml"), "-o", str(out), "-q"]) == 0
    return out


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    """Columns drawn by hand, by name, with a slip."""
    file = tmp_path / "drawn.csv"
    lines = [
        f"council {row}{column},{['north', 'south', 'east', 'west'][column]}"
        for row in range(4)
        for column in range(4)
    ]
    file.write_text("name,area\n" + "\n".join([*lines[:-1], "Council 34,west"]) + "\n")
    return file


def run(capsys: Any, *arguments: object) -> tuple[int, str, str]:
    capsys.readouterr()
    code = cli.run([str(each) for each in arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_score_knows_what_the_plan_was_made_for(country: Path, made: Path, capsys: Any) -> None:
    code, out, _ = run(capsys, "score", made, "-g", country, "--draws", 5, "--json", "-q")
    assert code == 0
    document = json.loads(out)
    record = json.loads((made / "plan.json").read_text())
    assert document["objective"] == pytest.approx(record["certificate"]["objective"], abs=1e-12)
    assert document["faults"] == []
    assert document["yardsticks"][0]["plan"] == "this plan"
    assert {row["plan"] for row in document["yardsticks"]} >= {"quarter", "half", "random, median"}
    assert document["moves"]


def test_score_prints_tables_and_the_certificate(country: Path, made: Path, capsys: Any) -> None:
    code, out, _ = run(capsys, "score", made, "-g", country, "--draws", 5, "-q")
    assert code == 0
    for text in (
        "Beside other plans",
        "Layer by layer",
        "Area by area",
        "What if one council moved",
        "proven best",
    ):
        assert text in out


def test_a_drawn_plan_is_scored_and_its_faults_listed(country: Path, drawn: Path, capsys: Any) -> None:
    code, out, _ = run(
        capsys, "score", drawn, "-g", country, "-s", country / "scenario.toml", "--draws", 0, "-q"
    )
    assert code == 0
    assert 'Fault: line 17: "Council 34" is no council of small' in out
    assert "Fault: 1 council is in no area: Council 33 (C33)" in out
    assert "drawn by hand: nothing is proven about it" in out


def test_tables_are_written_whole(country: Path, drawn: Path, tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "tables"
    scenario = country / "scenario.toml"
    code, _, said = run(capsys, "score", drawn, "-g", country, "-s", scenario, "--draws", 2, "-o", out, "-q")
    assert code == 0
    assert "Wrote scores.csv, yardsticks.csv, moves.csv" in said
    rows = list(csv.DictReader((out / "scores.csv").read_text().splitlines()))
    assert rows[0]["measure"] == "objective"
    assert sorted(file.name for file in out.iterdir()) == ["moves.csv", "scores.csv", "yardsticks.csv"]


def test_compare_tells_who_moves_and_draws_it(
    country: Path, made: Path, drawn: Path, tmp_path: Path, capsys: Any
) -> None:
    picture = tmp_path / "difference.png"
    code, out, _ = run(capsys, "compare", made, drawn, "-g", country, "--map", picture, "-q")
    assert code == 0
    assert "Councils that move" in out
    assert "councils move with" in out
    assert picture.read_bytes()[:4] == b"\x89PNG"
    code, out, _ = run(capsys, "compare", made, made / "councils.csv", "-g", country, "--json", "-q")
    assert code == 0
    document = json.loads(out)
    assert (document["councils_moved"], document["adjusted_rand"]) == (0, 1)


def test_a_card_speaks_of_one_area(country: Path, made: Path, capsys: Any) -> None:
    code, out, _ = run(capsys, "card", made, "a01", "-g", country, "-q")
    assert code == 0
    for text in ("Councils", "Needs", "Bodies", "Neighbours", "What if"):
        assert text in out
    code, _, said = run(capsys, "card", made, "Atlantis", "-g", country, "-q")
    assert code == 2
    assert 'no area "Atlantis"; it has A01' in said


def test_stability_draws_weightings_and_other_numbers(
    country: Path, made: Path, tmp_path: Path, capsys: Any
) -> None:
    picture, out = tmp_path / "stability.svg", tmp_path / "tables"
    options = ["--draws", 6, "--near-best", 3, "--areas", "4-5", "--map", picture, "-o", out, "-q"]
    code, said, _ = run(capsys, "stability", made, "-g", country, *options)
    assert code == 0
    assert "6 weightings (6 proven) and 3 near-best plans" in said
    assert "The optimum by number of areas" in said
    assert picture.read_text().startswith("<?xml")
    assert (out / "stability-pairs.csv").is_file()
    code, _, said = run(capsys, "stability", made, "-g", country, "--areas", "many", "-q")
    assert (code, "not understood; write 30-46" in said) == (2, True)


def test_workers_give_the_same(country: Path, made: Path, capsys: Any) -> None:
    alone, spread = (
        run(
            capsys,
            "stability",
            made,
            "-g",
            country,
            "--draws",
            4,
            "--near-best",
            0,
            "--json",
            "-q",
            "-j",
            workers,
        )[1]
        for workers in (1, 2)
    )
    assert json.loads(alone) == json.loads(spread)


def test_government_takes_the_layers_it_is_told(country: Path, made: Path, capsys: Any) -> None:
    options = ["--authority", "quarter", "--commissioner", "half"]
    code, out, _ = run(capsys, "government", made, "-g", country, *options, "--json", "-q")
    assert code == 0
    document = json.loads(out)
    assert {row["cover"] for row in document["areas"]} == {"exactly"}
    code, out, _ = run(capsys, "government", made, "-g", country, *options, "-q")
    assert (code, "4 have an authority that covers them exactly" in out) == (0, True)


def test_money_is_shared_out_by_the_users_file(
    country: Path, made: Path, tmp_path: Path, capsys: Any
) -> None:
    funding = tmp_path / "own.toml"
    funding.write_text(
        'years = ["2020-21"]\n[index]\n"2020-21" = 0.03\n[[budget]]\nname = "work"\npounds = 1_000_000.01\n'
        'year = "2019-20"\ntheme = "work"\nelasticity = 0.2\n'
    )
    code, out, _ = run(capsys, "fund", made, "-g", country, "-f", funding, "-o", tmp_path / "out", "-q")
    assert code == 0
    assert "£1,030,000.01 shared out" in out
    assert "not of any government" in out
    rows = list(csv.DictReader((tmp_path / "out" / "grants.csv").read_text().splitlines()))
    assert sum(round(float(row["pounds"]) * 100) for row in rows) == 103_000_001
    code, _, said = run(
        capsys, "fund", made, "-g", country, "-q"
    )  # England's programmes need England's themes
    assert (code, 'shared by theme "employment"; known are health, work' in said) == (2, True)


def test_outcomes_of_all_or_one_area(country: Path, made: Path, capsys: Any) -> None:
    code, out, _ = run(capsys, "outcomes", made, "-g", country, "--json", "-q")
    assert (code, len(json.loads(out)["outcomes"])) == (0, 8)
    code, out, _ = run(capsys, "outcomes", made, "-g", country, "--area", "a02", "-q")
    assert (code, "Outcomes of A02" in out) == (0, True)
    code, out, said = run(capsys, "outcomes", made, "-g", country, "--area", "A99", "-q")
    assert (code, out, 'no area "A99"' in said) == (2, "", True)


@pytest.mark.parametrize("command", ["score", "government", "stability", "outcomes", "fund"])
def test_a_missing_file_is_told(country: Path, tmp_path: Path, command: str, capsys: Any) -> None:
    code, out, said = run(
        capsys, command, tmp_path / "none.csv", "-g", country, "-s", country / "scenario.toml", "-q"
    )
    assert code == 3
    assert "there is no such file" in said
    assert out == ""


def test_a_plan_of_a_geography_that_does_not_ship_asks_for_its_folder(made: Path, capsys: Any) -> None:
    code, _, said = run(capsys, "score", made, "-q")
    assert code == 2
    assert 'made for the geography "small"' in said
    assert "--geography" in said


def test_an_edited_plan_loses_its_certificate(country: Path, made: Path, tmp_path: Path, capsys: Any) -> None:
    record = json.loads((made / "plan.json").read_text())
    record["assignment"]["C00"], record["assignment"]["C33"] = (
        record["assignment"]["C33"],
        record["assignment"]["C00"],
    )
    (tmp_path / "plan.json").write_text(json.dumps(record))
    code, out, _ = run(capsys, "score", tmp_path / "plan.json", "-g", country, "--draws", 0, "-q")
    assert code == 0
    assert "proven" not in out.replace("nothing is proven", "")
    code, out, _ = run(capsys, "score", made / "plan.json", "-g", country, "--draws", 0, "-q")
    assert "proven best" in out
