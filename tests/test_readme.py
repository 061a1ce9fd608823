"""What the README shows works as it stands there."""

import re
import tomllib
from pathlib import Path

import networkx as nx
import pytest

import geo_devolve as gd
from geo_devolve import cli

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.mark.national
def test_the_python_examples_run(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    graph = nx.grid_2d_graph(4, 4)
    nx.set_node_attributes(graph, 100, "pop")
    nx.set_edge_attributes(graph, 10, "length_m")
    names: dict[str, object] = {"graph": graph}
    examples = blocks("python")
    assert len(examples) >= 2
    for example in examples:
        exec(example, names)  # the README is ours
    assert (tmp_path / "out" / "areas.geojson").exists()
    assert names["plan"].certificate.proven  # type: ignore[attr-defined]
    scenario = gd.Scenario.from_mapping(tomllib.loads(blocks("toml")[0]))
    scenario.check(names["england"])  # type: ignore[arg-type]


def test_every_command_it_names_is_there(capsys) -> None:
    named = set(re.findall(r"^geo-devolve ([a-z]+)", "".join(blocks("sh")), re.MULTILINE))
    assert "propose" in named
    for command in sorted(named):
        assert cli.run([command, "--help"]) == 0, command
    capsys.readouterr()


def test_every_make_target_and_file_it_names_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"`?make ([a-z]+)", README)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for file in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / file).exists(), file
