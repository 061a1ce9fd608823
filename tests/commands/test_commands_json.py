"""``--json`` of every command, in a real process: what reaches standard output is JSON and nothing else."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from small_country import SCENARIO, write_country

from geo_devolve import cli

COMMANDS = {
    "atlas": "{country} -s {scenario} --areas 4",
    "audit": "{country}",
    "card": "{plan} A01 -g {country}",
    "carry": "{plan} --from {country} --to {country} -s {scenario} -o {out}/carried.csv",
    "check": "{country}",
    "compare": "{plan} {plan}/councils.csv -g {country} -s {scenario}",
    "extend": "core {country} -s {scenario} -o {out}/extended",
    "fetch": "--list",
    "fund": "{plan} -f {funding} -g {country}",
    "government": "{plan} -g {country} --authority quarter --commissioner half",
    "near": "{country} -s {scenario} -n 3",
    "outcomes": "{plan} -g {country}",
    "place": "{plan} -g {country} -s {scenario}",
    "propose": "{country} -s {scenario} -o {out}/proposed",
    "score": "{plan} -g {country} --draws 3",
    "stability": "{plan} -g {country} --draws 4 --near-best 2 --workers 2",
    "steps": "{plan} -g {country} -s {scenario}",
    "sweep": "{sweep} -g {country} -o {out}/swept --workers 2",
    "verify": "{plan} -g {country}",
}
SWEEP = f"""
name = "mine"
[base]
{SCENARIO.replace("[weights]", "[base.weights]").replace("[layers]", "[base.layers]")}
[grid]
areas = [4, 5]
"""
FUNDING = """
name = "mine"
years = ["2020-21"]
[index]
"2020-21" = 0.0
[[budget]]
name = "Health"
pounds = 1_000_000
year = "2020-21"
theme = "health"
elasticity = 0.1
"""


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A small country of which one authority is there already, a plan of it, a sweep."""
    folder = tmp_path_factory.mktemp("json")
    country = write_country(folder / "country")
    councils = (country / "councils.csv").read_text(encoding="utf-8").splitlines()
    cores = [",core", *(",K" if line[:3] in {"C00", "C01"} else "," for line in councils[1:])]
    lines = [line + core for line, core in zip(councils, cores, strict=True)]
    (country / "councils.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    manifest = (country / "geography.toml").read_text(encoding="utf-8")
    core = '[layers.core]\ntitle = "Cores"\nfrom = "councils"\ncolumns = ["core"]\n[needs]'
    (country / "geography.toml").write_text(manifest.replace("[needs]", core), encoding="utf-8")
    places = {
        "country": country,
        "scenario": country / "scenario.toml",
        "plan": folder / "plan",
        "sweep": folder / "sweep.toml",
        "funding": folder / "funding.toml",
        "out": folder,
    }
    places["sweep"].write_text(SWEEP, encoding="utf-8")
    places["funding"].write_text(FUNDING, encoding="utf-8")
    asked = ["propose", str(country), "-s", str(places["scenario"]), "-o", str(places["plan"]), "-q"]
    assert cli.run(asked) == 0
    return places


def told(*arguments: str) -> object:
    """What a command prints on standard output, by file descriptor, read as JSON."""
    command = [sys.executable, "-W", "ignore", "-m", "geo_devolve", *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def test_every_command_that_has_it_is_tried() -> None:
    commands = typer.main.get_command(cli.app).commands  # type: ignore[attr-defined]
    have = {name for name, command in commands.items() if any("--json" in p.opts for p in command.params)}
    assert have == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_standard_output_is_json(places: dict[str, Path], command: str) -> None:
    document = told(command, *(each.format(**places) for each in COMMANDS[command].split()))
    assert isinstance(document, dict | list)
    assert document


@pytest.mark.national
def test_standard_output_is_json_for_england(tmp_path: Path) -> None:
    document = told("propose", "-o", str(tmp_path / "out"))
    assert isinstance(document, dict)
    assert document["certificate"]["proven"] is True
    assert json.loads((tmp_path / "out" / "plan.json").read_text(encoding="utf-8")) == document
