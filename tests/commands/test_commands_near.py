"""``geo-devolve near`` as a user meets it."""

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


def ask(country: Path, *more: object) -> list[str]:
    return ["near", str(country), "-s", str(country / "scenario.toml"), "-q", *map(str, more)]


def test_the_best_plans_in_order_with_what_they_move(country: Path, tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "near"
    assert cli.run(ask(country, "-n", 4, "--json", "-o", out)) == 0
    document = json.loads(capsys.readouterr().out)
    plans = document["plans"]
    assert document["complete"] is True
    assert [plan["rank"] for plan in plans] == [1, 2, 3, 4]
    assert [plan["objective"] for plan in plans] == sorted(plan["objective"] for plan in plans)
    assert plans[0]["councils_moved"] == 0
    assert all(plan["councils_moved"] >= 1 for plan in plans[1:])
    with (out / "councils.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert set(rows[0]) == {"council", "name", "plan_1", "plan_2", "plan_3", "plan_4"}
    assert (out / "plans.csv").is_file()


def test_within_a_margin(country: Path, capsys: Any) -> None:
    assert cli.run(ask(country, "-n", 1000, "--within", 0)) == 0
    said = capsys.readouterr().out
    assert "0.000%" in said
    assert "proven: none that is better than the last of them is missing" in said


def test_nothing_is_possible(country: Path, capsys: Any) -> None:
    assert cli.run(ask(country, "-k", 99)) == 4
    assert "99 areas are too many" in capsys.readouterr().err
