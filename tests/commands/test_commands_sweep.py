"""The command: ends with a summary, goes on where it was, tells what is wrong."""

import json
from pathlib import Path

import pytest
from sweeping import area, content

import geo_devolve as gd
from geo_devolve import cli
from geo_devolve.commands import sweep as command

SWEEP = """
name = "mine"
[base]
areas = 3
population = [500, 4000]
weights = { need = 1.0, compactness = 0.5 }
themes = ["theme0"]
[grid]
areas = [2, 3, 11]
[sample]
count = 4
weights.compactness = { from = 0.1, to = 1.0 }
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setattr(gd, "load_geography", lambda *_given, **_named: area())
    (tmp_path / "SWEEP.toml").write_text(SWEEP)
    return tmp_path / "SWEEP.toml"


def test_a_sweep_ends_with_a_summary_and_goes_on_where_it_was(file: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "out"
    assert cli.run(["sweep", str(file), "--out", str(out), "-j", "1", "--pictures"]) == 0
    said = capsys.readouterr()
    assert "7 scenarios, 6 with a plan (6 proven)" in said.out
    assert "mine #3 (infeasible): " in said.out
    assert "scenarios: 7 of 7" in said.err
    for name in ("front.png", "together.png", "cores.png"):
        assert (out / name).read_bytes().startswith(b"\x89PNG")
    before = content(out)
    assert cli.run(["sweep", str(file), "--out", str(out), "-j", "1", "--json", "-q"]) == 0
    said = capsys.readouterr()
    told = json.loads(said.out)
    assert told["status"] == {"found": 6, "infeasible": 1}
    assert told["proven"] == 6
    assert told["failed"][0]["name"] == "mine #3"
    assert said.err == ""
    assert content(out) == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--workers", "0"], "workers"),
        (["--workers", "2", "--scheduler", "tcp://127.0.0.1:1"], "a cluster (--scheduler) has its own"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(file: Path, arguments: list[str], said: str, capsys) -> None:
    assert cli.run(["sweep", str(file), *arguments]) == 2
    assert said in capsys.readouterr().err


def test_no_scheduler_there_is_told(file: Path, tmp_path: Path, capsys, monkeypatch) -> None:
    distributed = pytest.importorskip("distributed", reason="the extra cluster is not installed")

    def nobody(*_given: object, **_named: object) -> None:
        raise OSError("timed out")

    monkeypatch.setattr(distributed, "Client", nobody)
    assert cli.run(["sweep", str(file), "--scheduler", "tcp://127.0.0.1:1", "-o", str(tmp_path / "o")]) == 2
    assert "no Dask scheduler answers at tcp://127.0.0.1:1: timed out" in capsys.readouterr().err


def test_a_log_has_a_line_now_and_then_not_one_a_scenario(capsys, monkeypatch) -> None:
    now = [0.0]
    monkeypatch.setattr(command.time, "monotonic", lambda: now[0])
    show = command.terminal_pace(quiet=False)
    for done in range(101):
        now[0] = done * 1.0
        show("scenarios", done, 100)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 11
    assert lines[0] == "scenarios: 0 of 100"
    assert lines[3].startswith("scenarios: 30 of 100, 1.0 a second, ")
    assert lines[3].endswith(" left")
    assert lines[-1].startswith("scenarios: 100 of 100, 1.0 a second")
