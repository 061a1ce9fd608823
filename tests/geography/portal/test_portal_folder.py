"""A whole folder of what was fetched: ready to load, or not there at all."""

import gzip
import json
from pathlib import Path

import pytest
from misbehaving import Server, Service, body

import geo_devolve as gd
from geo_devolve.cli import run
from geo_devolve.geography.portal.catalogue import load_catalogue
from geo_devolve.geography.portal.folder import fetch_geography
from geo_devolve.geography.portal.portal import Portal, PortalSettings

QUICK = PortalSettings(connect_s=2.0, read_s=1.0, attempts=2, pause_s=0.001)

CATALOGUE = """
[portal]
base = "BASE"
attribution = "Of nobody"

[services.towns]
service = "Towns"
title = "Towns"
vintage = "1999"
kind = "polygons"
unique = ["town"]
name = "label"
resolution = "10 m"
rows = 6

[services.zones]
service = "Zones"
title = "Zones of \\"old\\""
vintage = "1998"
kind = "polygons"
unique = ["zone"]
name = "label"
resolution = "10 m"

[services.wards]
service = "Wards"
title = "Wards"
vintage = "1997"
kind = "table"
unique = ["town"]

[geographies.strip]
title = "A strip of land"
vintage = "1999"
councils = "towns"
people = "LENDER"

[geographies.strip.layers]
zone = { service = "zones", code = "zone", name = "label" }
ward = { service = "wards", council = "town", code = "ward", name = "ward_name", title = "Wards of now" }
"""

LENDER = """
name = "lender"
title = "Lends its people"
vintage = "1999"
attribution = "Of somebody"
[expect]
points = 6
[councils]
table = "councils.csv"
[points]
table = "points.csv.gz"
x = "x"
y = "y"
population = "people"
council = "town"
[borders]
table = "borders.csv"
"""


@pytest.fixture
def server():
    with Server() as running:
        towns = [f"T{number}" for number in range(1, 7)]
        running.services["Towns"] = Service(
            [{"town": town, "label": f"Town {town}"} for town in towns], most=4
        )
        running.services["Zones"] = Service(
            [{"zone": "Z1", "label": "West"}, {"zone": "Z2", "label": "East"}], wide=3
        )
        running.services["Wards"] = Service(
            [
                {"town": town, "ward": f"W{number // 2}", "ward_name": f"Ward, {number // 2}"}
                for number, town in enumerate(towns)
            ],
            shapes=False,
        )
        yield running


@pytest.fixture
def catalogue(server, tmp_path) -> Path:
    lender = tmp_path / "lender"
    lender.mkdir()
    (lender / "geography.toml").write_text(LENDER, encoding="utf-8")
    rows = [f"T{number},{400_500 + 1000 * (number - 1)},300500,{100 * number}" for number in range(1, 7)]
    (lender / "points.csv.gz").write_bytes(gzip.compress(("town,x,y,people\n" + "\n".join(rows)).encode()))
    names = "\n".join(f"T{number},Town" for number in range(1, 7))
    (lender / "councils.csv").write_text(f"code,name\n{names}\n", encoding="utf-8")
    (lender / "borders.csv").write_text("council,neighbour,length_m\nT1,T2,1000\n", encoding="utf-8")
    path = tmp_path / "catalogue.toml"
    path.write_text(CATALOGUE.replace("BASE", server.base).replace("LENDER", str(lender)), encoding="utf-8")
    return path


def fetch(catalogue: Path, out: Path, **changes):
    known = load_catalogue(catalogue)
    with Portal(known.base, QUICK) as portal:
        return fetch_geography(portal, known, "strip", out, cache=out.parent / "cache", **changes)


def test_the_folder_is_ready_to_use(catalogue, tmp_path):
    out = tmp_path / "deep" / "strip"
    geography, fetched = fetch(catalogue, out)
    assert [each.service.key for each in fetched] == ["towns", "zones", "wards"]
    again = gd.load_geography(out)
    assert again.name == geography.name == "strip"
    assert again.councils.index.tolist() == ["T1", "T2", "T3", "T4", "T5", "T6"]
    assert again.councils["name"].iloc[0] == "Town T1"
    assert again.councils["population"].tolist() == [100, 200, 300, 400, 500, 600]
    assert again.borders["length_m"].tolist() == [1000.0] * 5
    assert again.layers["zone"].bodies["population"].to_dict() == {"Z1": 600.0, "Z2": 1500.0}
    assert again.layers["zone"].title == 'Zones of "old"'
    assert again.layers["ward"].bodies["name"].tolist() == ["Ward, 0", "Ward, 1", "Ward, 2"]
    assert again.layers["ward"].title == "Wards of now"
    assert "Of nobody" in again.attribution
    assert "Of somebody" in again.attribution
    origins = json.loads((out / "fetched.json").read_text())
    assert origins["towns.json"]["rows"] == 6
    assert origins["wards.csv"]["sha256"] == again.inputs["wards.csv"]
    assert not [path for path in out.parent.iterdir() if path.name.startswith(".")]


def test_the_same_data_give_the_same_folder(catalogue, tmp_path):
    fetch(catalogue, tmp_path / "one" / "strip")
    fetch(catalogue, tmp_path / "two" / "strip")
    for path in sorted((tmp_path / "one" / "strip").iterdir()):
        assert path.read_bytes() == (tmp_path / "two" / "strip" / path.name).read_bytes(), path.name


def test_what_fails_half_way_leaves_no_folder(server, catalogue, tmp_path):
    server.services["Zones"].faults.append(lambda _: body({}, status=500))
    out = tmp_path / "work" / "strip"
    with pytest.raises(gd.DataError, match="zones"):
        fetch(catalogue, out)
    assert not out.exists()
    # the towns are not asked for again
    asked = len(server.services["Towns"].asked)
    server.services["Zones"].faults.clear()
    fetch(catalogue, out)
    assert len(server.services["Towns"].asked) == asked


def test_what_makes_no_geography_is_not_written(server, catalogue, tmp_path):
    server.services["Towns"].rows[0]["town"] = "T9"
    out = tmp_path / "work" / "strip"
    with pytest.raises(gd.DataError, match=r"makes no geography(.|\n)*T1"):
        fetch(catalogue, out)
    assert not out.exists()
    assert [path.name for path in out.parent.iterdir()] == ["cache"]


def test_a_folder_that_is_there_is_only_replaced_when_asked(catalogue, tmp_path):
    out = tmp_path / "strip"
    out.mkdir()
    (out / "mine.txt").write_text("keep me")
    with pytest.raises(gd.UsageError, match="is there already"):
        fetch(catalogue, out)
    assert (out / "mine.txt").read_text() == "keep me"
    fetch(catalogue, out, replace=True)
    assert not (out / "mine.txt").exists()
    assert (out / "geography.toml").is_file()


def test_the_command_writes_the_folder_and_says_what_it_is(server, catalogue, tmp_path, capsys):
    out = tmp_path / "strip"
    arguments = [
        "fetch",
        "strip",
        "--catalogue",
        str(catalogue),
        "--out",
        str(out),
        "--cache",
        str(tmp_path / "c"),
    ]
    assert run([*arguments, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["councils"] == 6
    assert [each["rows"] for each in document["services"]] == [6, 2, 6]
    assert run(arguments) == 2
    assert "is there already" in capsys.readouterr().err
    assert run([*arguments, "--replace"]) == 0
    assert "the cache" in capsys.readouterr().out


def test_the_command_offline_says_so_and_exits_as_bad_data(server, catalogue, tmp_path, capsys):
    with Server() as gone:
        base = gone.base
    out = tmp_path / "strip"
    arguments = [
        "fetch",
        "strip",
        "--catalogue",
        str(catalogue),
        "--base",
        base,
        "--pause",
        "0",
        "--out",
        str(out),
    ]
    assert run([*arguments, "--cache", str(tmp_path / "c")]) == 3
    assert "cannot be reached" in capsys.readouterr().err
    assert not out.exists()


def test_the_command_lists_its_catalogue(capsys):
    assert run(["fetch", "--list"]) == 0
    assert "stp_2017" in capsys.readouterr().out
    assert run(["fetch", "--list", "--json"]) == 0
    assert "england-2017" in json.loads(capsys.readouterr().out)["geographies"]
    assert run(["fetch"]) == 2
    assert "say which geography" in capsys.readouterr().err
    assert run(["fetch", "englnd-2017"]) == 2
    assert "did you mean england-2017" in capsys.readouterr().err
