"""What the README and the pages of docs/ show works as it stands there."""

import re
import tomllib
from pathlib import Path

import networkx as nx
import pytest

import geo_devolve as gd
from geo_devolve import cli

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PAGES = [README, ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def test_the_readme_is_what_a_newcomer_needs() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 150


@pytest.mark.national
def test_the_python_examples_run(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    graph = nx.grid_2d_graph(4, 4)
    nx.set_node_attributes(graph, 100, "pop")
    nx.set_edge_attributes(graph, 10, "length_m")
    names: dict[str, object] = {"graph": graph}
    examples = blocks(README, "python")
    assert len(examples) >= 2
    assert set(blocks(ROOT / "docs" / "own-boundaries.md", "python")) <= set(examples)
    for example in examples:
        exec(example, names)  # the README is ours
    assert (tmp_path / "out" / "areas.geojson").exists()
    assert names["plan"].certificate.proven  # type: ignore[attr-defined]
    scenario = gd.Scenario.from_mapping(tomllib.loads(blocks(ROOT / "docs" / "scenarios.md", "toml")[0]))
    scenario.check(names["england"])  # type: ignore[arg-type]


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_command_it_names_is_there(page: Path, capsys) -> None:
    named = set(re.findall(r"^geo-devolve ([a-z]+)", "".join(blocks(page, "sh")), re.MULTILINE))
    assert "propose" in named or page != README
    for command in sorted(named):
        assert cli.run([command, "--help"]) == 0, command
    capsys.readouterr()


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_make_target_and_file_it_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    shown = "".join(blocks(page, "sh"))
    for target in {*re.findall(r"`make ([a-z]+)", text), *re.findall(r"^make ([a-z]+)", shown, re.MULTILINE)}:
        assert re.search(rf"^[a-z ]*\b{target}\b.*:", makefile, re.MULTILINE), target
    for file in re.findall(r"\]\((?![a-z]+:)([^)#\s]+)[^)]*\)", text):
        assert (page.parent / file).exists(), file


def test_every_page_is_in_the_site_and_every_public_name_in_its_reference() -> None:
    site = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    pages = {page.relative_to(ROOT / "docs").as_posix() for page in PAGES if ROOT / "docs" in page.parents}
    assert {page for page in pages if f": {page}\n" not in site} == set()
    reference = "".join(page.read_text(encoding="utf-8") for page in (ROOT / "docs" / "api").glob("*.md"))
    shown = re.findall(r"^::: geo_devolve\.(\w+)$", reference, re.MULTILINE)
    assert sorted(shown) == sorted(set(gd.__all__) - {"__version__"})


def test_the_version_is_said_alike_where_it_is_cited() -> None:
    cited = re.findall(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE)
    assert cited == [gd.__version__]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"]["path"] == "geo_devolve/__init__.py"
