"""The atlas's page: complete in itself, the proposal marked, brushed and opened in a real browser."""

import json
import re
from pathlib import Path

import networkx as nx
import pandas as pd
import pytest
from drawn import random_geography

import geo_devolve as gd
from geo_devolve.atlases.survey import read_areas, survey
from geo_devolve.cli import run
from geo_devolve.geography.reading.load import find_geography
from geo_devolve.publish.pages.atlas_page import atlas_html, write_atlas_page
from geo_devolve.publish.pages.survey_page import write_survey

CRITERIA = ["need", "compactness", "population_min"]


@pytest.fixture(scope="module")
def atlas() -> gd.Atlas:
    asked = gd.Scenario(areas=(2, 4), themes=("theme0",), weights={"need": 1.0, "compactness": 1.0})
    return gd.atlas(random_geography(3, 8), asked)


@pytest.fixture(scope="module")
def placed(atlas: gd.Atlas) -> object:
    return gd.place(atlas.plan(atlas.table["plan"][40]), atlas, CRITERIA)


def _data(text: str) -> dict:
    return json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL).group(1))


def test_the_page_holds_the_front_the_nearest_and_the_proposal(atlas: gd.Atlas, placed: object) -> None:
    text = atlas_html(atlas, {"mine <b>": placed}, most_shown=60)
    data = _data(text)
    shown = [row[0] for row in data["plans"]]
    assert 50 <= len(shown) == len(set(shown)) <= 60
    assert data["marks"] == [["mine <b>", placed.text]]
    assert {shown[at] for at in data["front"]} == set(placed.front["plan"])
    assert set(placed.nearest["plan"]) <= set(shown)
    assert "mine &lt;b&gt;" in text
    assert all(sentence in text for sentence in placed.sentences)
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")
    assert text == atlas_html(atlas, {"mine <b>": placed}, most_shown=60)


def test_every_plan_is_drawn_where_there_is_room(atlas: gd.Atlas) -> None:
    data = _data(atlas_html(atlas, criteria=CRITERIA))
    assert {row[0] for row in data["plans"]} == set(atlas.table["plan"])
    rows = atlas.table.set_index("plan")
    for plan, *values in data["plans"][:50]:
        assert values == pytest.approx(rows.loc[plan, CRITERIA].tolist(), rel=1e-6)


def test_a_geography_without_shapes_has_a_page_too() -> None:
    graph = nx.path_graph(5)
    nx.set_node_attributes(graph, 1, "pop")
    text = atlas_html(gd.atlas(gd.Geography.from_graph(graph), gd.Scenario(areas=2)))
    assert _data(text)["map"] is None


@pytest.mark.browser
def test_brushing_keeps_plans_and_an_option_opens(
    browser: object, atlas: gd.Atlas, placed: object, tmp_path: Path
) -> None:
    links = {placed.nearest["plan"][0]: "explorer-x.html"}
    file = write_atlas_page(atlas, tmp_path / "atlas.html", {"Mine": placed}, explorers=links)
    page = browser.new_page()
    wrong = []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(file.as_uri())
    everything = len(atlas)
    assert page.text_content("#left").startswith(f"{everything} of {everything}")
    assert page.text_content("#maps .marked .badge") == "Mine"
    limit = float(atlas.table["need"].median())
    page.fill("input[aria-label='need, to']", str(limit))
    page.press("input[aria-label='need, to']", "Enter")
    left = int((atlas.table["need"] <= limit).sum())
    assert int(page.text_content("#left").split()[0]) == pytest.approx(left, abs=1)
    box = page.query_selector(".axis[data-criterion='compactness'] .hit").bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 5, box["y"] + box["height"] / 3)
    page.mouse.up()
    assert int(page.text_content("#left").split()[0]) < left
    page.click("#reset")
    assert page.text_content("#left").startswith(f"{everything} of {everything}")
    page.evaluate("document.querySelector('#maps .marked').click()")
    assert page.text_content("#detail-title") == "Mine"
    assert page.query_selector("#detail-body a[download]") is not None
    assert wrong == []
    page.close()


def test_a_survey_writes_a_page_of_each_area_and_a_table_of_all(tmp_path: Path) -> None:
    whole = random_geography(9, 12)
    codes = list(whole.councils.index)
    table = pd.DataFrame({"council": codes[:9], "area": ["North & East"] * 5 + ["South"] * 4})
    table.to_csv(tmp_path / "areas.csv", index=False)
    areas = read_areas(tmp_path / "areas.csv")
    mine = {code: "a" if at < 2 else "b" for at, code in enumerate(areas["South"])}
    asked = gd.Scenario(areas=(2, 3), weights={"compactness": 1.0, "balance": 1.0})
    found = list(survey(whole, areas, asked, {"mine": mine}))
    assert [each.name for each in found] == ["North & East", "South"]
    assert list(found[1].placements) == ["mine"]
    files = write_survey(found, tmp_path / "out", "All", ["somewhere"])
    assert {file.name for file in files} == {
        "areas.csv",
        "best.csv",
        "index.html",
        "north-east.html",
        "south.html",
    }
    written = pd.read_csv(tmp_path / "out" / "areas.csv").set_index("area")
    for each in found:
        assert written.loc[each.name, "plans"] == gd.count_plans(each.atlas.geography, asked).sum()
    index = (tmp_path / "out" / "index.html").read_text()
    assert "North &amp; East" in index
    assert "somewhere" in index
    with pytest.raises(gd.UsageError, match="not of the councils"):
        list(survey(whole, areas, asked, {"odd": {codes[0]: "a"}}))
    (tmp_path / "odd.csv").write_text("council,home\nx,y\n")
    with pytest.raises(gd.DataError, match="no column area"):
        read_areas(tmp_path / "odd.csv")


def test_the_commands_place_a_proposal_and_write_its_pages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:

    proposals = [
        str(find_geography("england-2024") / f"proposal-surrey-{each}.csv") for each in ("two-2027", "three")
    ]
    asked = ["--only", "upper_tier:Surrey", "-c", "population_min", "-c", "compactness", "-q"]
    code = run(["place", *proposals, *asked, "--explorers", "1", "-o", str(tmp_path / "placed"), "--json"])
    assert code == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["proposal-surrey-two-2027", "proposal-surrey-three"]
    assert told["proposal-surrey-two-2027"]["undominated"]
    assert told["proposal-surrey-two-2027"]["listed"]
    pages = {file.name for file in (tmp_path / "placed").glob("*.html")}
    assert "atlas.html" in pages
    assert len(pages) > 2
