"""A made-up country goes the whole way: other layers, another reference system, other codes, other years."""

import json
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

import geo_devolve as gd
from geo_devolve.cli import run
from geo_devolve.geography.successors import carry
from geo_devolve.plan.extend import extend
from geo_devolve.publish.write import write_plan

CRS = "EPSG:3067"  # Finland's metres
WEST, SOUTH, SIZE = 300_000.0, 6_700_000.0, 8_000.0
WIDTH, HEIGHT = 6, 4

MANIFEST = f"""
name = "kalevala"
title = "Kalevala, 1835"
vintage = "1835"
crs = "{CRS}"
attribution = "Suomalaisen Kirjallisuuden Seura"

[expect]
councils = 24

[councils]
polygons = "pitäjät.geojson"
code = "tunnus"
name = "nimi"

[points]
table = "väki.csv"
x = "itä"
y = "pohjoinen"
population = "väkiluku"
council = "tunnus"

[layers.kihlakunta]
title = "Kihlakunnat"
from = "polygons"
polygons = "kihlakunnat.geojson"
code = "kk"
name = "nimi"

[layers.rovastikunta]
title = "Rovastikunnat"
from = "points"
columns = ["rk"]

[layers.liitto]
title = "Liitot"
from = "lookup"
of = "councils"
table = "liitot.csv"
key = "pitäjä"
columns = ["liitto"]

[needs]
table = "tarve.csv"
council = "tunnus"
indicators = "mittarit.csv"

[successors]
table = "entiset.csv"
old = "ennen"
new = "nyt"
"""

SCENARIO = """
name = "kalevala"
areas = [3, 5]
population = [3_000, 10_000]
themes = ["köyhyys"]
blocks = ["kihlakunta"]
min_border_m = 0
[weights]
need = 1.0
compactness = 0.5
[layers]
kihlakunta = { rule = "whole", weight = 1.0 }
rovastikunta = { rule = "match", weight = 0.5 }
[constraints]
apart = [["Pitäjä 00", "Pitäjä 05"]]
"""

PLACES = [(row, column) for row in range(HEIGHT) for column in range(WIDTH)]


def code(row: int, column: int) -> str:
    return f"0{row}{column}"  # digits with a nought in front: text, not a number


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("maa") / "kalevala"
    path.mkdir()
    (path / "geography.toml").write_text(MANIFEST, encoding="utf-8")
    (path / "kalevala.toml").write_text(SCENARIO, encoding="utf-8")
    boxes = [
        shapely.box(WEST + c * SIZE, SOUTH + r * SIZE, WEST + (c + 1) * SIZE, SOUTH + (r + 1) * SIZE)
        for r, c in PLACES
    ]
    councils = gpd.GeoDataFrame(
        {"tunnus": [code(*p) for p in PLACES], "nimi": [f"Pitäjä {r}{c}" for r, c in PLACES]},
        geometry=boxes,
        crs=CRS,
    )
    councils.to_file(path / "pitäjät.geojson", driver="GeoJSON")
    pairs = councils.assign(kk=[f"ÅÄÖ-{r // 2}/{c // 2}" for r, c in PLACES])
    hundreds = pairs.dissolve("kk", as_index=False)[["kk", "geometry"]]
    hundreds.assign(nimi=[f"Kihlakunta {n}" for n in range(len(hundreds))]).to_file(
        path / "kihlakunnat.geojson", driver="GeoJSON"
    )
    people = ["tunnus,itä,pohjoinen,väkiluku,rk"]
    for r, c in PLACES:
        for part in range(4):
            x, y = WEST + (c + 0.2 + 0.2 * part) * SIZE, SOUTH + (r + 0.5) * SIZE
            people.append(f"{code(r, c)},{x},{y},{100 + 25 * ((r * 7 + c * 3) % 5)},R{(c * 4 + part) // 7}")
    (path / "väki.csv").write_text("\n".join(people), encoding="utf-8")
    members = "\n".join(f"{code(r, c)},L{c // 4}" for r, c in PLACES if r < 2 and c < 4)
    (path / "liitot.csv").write_text(f"pitäjä,liitto\n{members}\n", encoding="utf-8")
    need = "\n".join(f"{code(r, c)},{(r - 1.5) ** 2 + c}" for r, c in PLACES)
    (path / "tarve.csv").write_text(f"tunnus,kerjäläisiä\n{need}\n", encoding="utf-8")
    (path / "mittarit.csv").write_text(
        "indicator,theme,unit,higher_means,period,source\n"
        "kerjäläisiä,köyhyys,per 1000,more need,1834,kirkonkirjat\n",
        encoding="utf-8",
    )
    old = "\n".join(f"V{r}{c // 2},{code(r, c)}" for r, c in PLACES)
    (path / "entiset.csv").write_text(f"ennen,nyt\n{old}\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def country(folder) -> gd.Geography:
    return gd.load_geography(folder)


@pytest.fixture(scope="module")
def plan(folder, country) -> gd.Plan:
    return gd.propose(country, gd.load_scenario(folder / "kalevala.toml"))


def test_it_is_loaded_as_it_is(country):
    assert country.crs == CRS
    assert country.councils.index.tolist() == [code(*p) for p in PLACES]
    assert {name: len(layer.bodies) for name, layer in country.layers.items()} == {
        "kihlakunta": 6,
        "rovastikunta": 4,
        "liitto": 1,
    }
    assert country.borders["length_m"].unique().tolist() == [SIZE]
    assert len(country.borders) == (WIDTH - 1) * HEIGHT + WIDTH * (HEIGHT - 1)
    assert country.needs.scores.columns.tolist() == ["köyhyys"]


def test_it_is_audited(country):
    found = gd.audit(country)
    row = found.pairs.set_index(["areas", "bodies"]).loc[("kihlakunta", "liitto")]
    assert row["n_straddling"] == 1
    assert row["people_outside"] == 0
    assert len(found.pairs) == 6


def test_its_best_plan_is_proven_and_keeps_its_rules(country, plan):
    assert plan.certificate.proven
    assert not plan.faults
    assert plan.areas["population"].between(3_000, 10_000).all()
    assert plan.areas["population"].sum() == country.population
    assert plan.area_of("Pitäjä 00") != plan.area_of("005")


def test_it_is_published_where_it_lies(plan, tmp_path):
    files = {path.name: path for path in write_plan(plan, tmp_path / "ulos")}
    document = json.loads(files["areas.geojson"].read_bytes())
    assert len(document["features"]) == len(plan.areas)
    for feature in document["features"]:
        west, south, east, north = shapely.from_geojson(json.dumps(feature["geometry"])).bounds
        assert 23 < west < east < 25
        assert 60 < south < north < 61
    assert gpd.read_file(files["plan.gpkg"], layer="areas").crs == CRS
    text = files["plan.json"].read_text("utf-8")
    assert "Suomalaisen Kirjallisuuden Seura" in text
    for word in ("England", "27700", "ONS", "Crown"):
        assert word not in text, word
    explorer = files.get("explorer.html")
    if explorer is not None:
        assert "Crown" not in explorer.read_text("utf-8")


def test_it_is_scored_compared_and_extended(country, plan):
    by_hand = {code(r, c): "itä" if c > 2 else "länsi" for r, c in PLACES}
    scores = gd.score(country, by_hand, plan.scenario)
    objective = scores.loc[scores["measure"] == "objective", "value"].iloc[0]
    assert objective > 0
    comparison = gd.compare(plan, plan)
    assert comparison.councils_moved == 0
    asked = plan.scenario.replace(constraints={})
    found = extend(country, asked, "liitto", prices=False)
    assert found.authorities["name"].tolist() == ["L0"]
    assert len(found.uncovered) == 24 - 8
    assert found.plan.certificate.proven


def test_an_old_code_is_met_with_its_successors(country):
    with pytest.raises(gd.ScenarioError, match=r"V01 is here Pitäjä 02 \(002\) and Pitäjä 03 \(003\)"):
        country.find_councils("V01")
    assert carry(dict.fromkeys(country.councils.index, "a"), country, country).unambiguous


def test_the_commands_take_it(folder, tmp_path, capsys):
    assert run(["audit", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["geography"] == "kalevala"
    out = tmp_path / "ulos"
    arguments = [
        "propose",
        str(folder),
        "--scenario",
        str(folder / "kalevala.toml"),
        "--out",
        str(out),
        "--json",
    ]
    assert run(arguments) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["certificate"]["proven"] is True
