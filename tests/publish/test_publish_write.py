"""All of a plan's files: complete, well formed, the same every time, and in accord with each other."""

import csv
import json
import os
import pickle
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from publish_samples import evil_plan, sample_plan, shapeless_plan

from geo_devolve.errors import UsageError
from geo_devolve.plan.plan import Plan
from geo_devolve.publish.files.geojson import for_rfc7946, plain, to_wgs84
from geo_devolve.publish.write import write_plan

FILES = ["areas.geojson", "councils.csv", "explorer.html", "map.png", "plan.gpkg", "plan.json", "report.html"]
THEN = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return sample_plan()


@pytest.fixture(scope="module")
def out(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plan") / "out"
    write_plan(plan, folder)
    return folder


def without_created(text: str) -> dict:
    document = json.loads(text)
    del document["created"]
    return document


def test_every_file_is_there_and_nothing_else(out: Path) -> None:
    assert sorted(file.name for file in out.iterdir()) == FILES


def test_progress_counts_the_files(plan: Plan, tmp_path: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    write_plan(plan, tmp_path, progress=lambda *call: told.append(call))
    assert [done for stage, done, total in told if stage == "writing files"] == list(range(len(FILES) + 1))


def test_geojson_is_rfc_7946(plan: Plan, out: Path) -> None:
    text = (out / "areas.geojson").read_text(encoding="utf-8")
    document = json.loads(text)
    assert document["type"] == "FeatureCollection"
    assert "crs" not in document
    assert len(document["features"]) == 3
    for feature in document["features"]:
        assert feature["type"] == "Feature"
        assert feature["id"] == feature["properties"]["code"]
        rings = feature["geometry"]["coordinates"]
        polygons = [rings] if feature["geometry"]["type"] == "Polygon" else rings
        for outer, *holes in polygons:
            assert outer[0] == outer[-1]
            assert shapely.is_ccw(shapely.LinearRing(outer))
            assert not any(shapely.is_ccw(shapely.LinearRing(hole)) for hole in holes)
            for longitude, latitude in outer:
                assert -6 < longitude < 2
                assert 49 < latitude < 56
                assert round(longitude, 6) == longitude
                assert round(latitude, 6) == latitude


def test_geojson_says_what_the_plan_says(plan: Plan, out: Path) -> None:
    document = json.loads((out / "areas.geojson").read_text(encoding="utf-8"))
    assert document["scenario"] == "sample"
    assert document["certificate"]["proven"] is True
    assert document["attribution"] == plan.geography.attribution
    for feature in document["features"]:
        told, area = feature["properties"], plan.areas.loc[feature["id"]]
        assert told["name"] == area["name"]
        assert told["population"] == area["population"]
        assert told["councils"] == list(area["council_codes"])
        assert told["need_health"] == pytest.approx(area["health"], abs=1e-6)
        scores = plan.scores[(plan.scores["area"] == feature["id"]) & plan.scores["weight"].notna()]
        assert told["score_objective"] == pytest.approx(scores["contribution"].sum())
        assert told["score_misfit_rows"] == pytest.approx(plan.value("misfit", "rows", feature["id"]))


def test_geojson_read_by_gdal_is_a_valid_coverage_where_the_councils_are(plan: Plan, out: Path) -> None:
    areas = gpd.read_file(out / "areas.geojson").set_index("code")
    assert areas.crs.to_epsg() == 4326
    assert areas.is_valid.all()
    assert shapely.coverage_is_valid(np.asarray(areas.geometry.array))
    assert areas["population"].sum() == plan.geography.population
    accuracy = to_wgs84(plan.areas.geometry)[1].accuracy_m
    assert accuracy is not None
    back = areas.to_crs(plan.areas.crs)
    for code, shape in plan.areas.geometry.items():
        assert shapely.hausdorff_distance(back.geometry[code], shape) <= accuracy


def test_rounding_that_closes_a_narrow_place_leaves_a_valid_shape() -> None:
    narrow = shapely.Polygon([(0, 0), (1, 0), (1, 1), (0.5000001, 0.0000001), (0.4999999, 0.0000001), (0, 1)])
    (mended,) = for_rfc7946(gpd.GeoSeries([narrow], crs=4326))
    assert mended.is_valid
    assert mended.area == pytest.approx(narrow.area, abs=1e-5)


def test_councils_csv_lists_every_council_once(plan: Plan, out: Path) -> None:
    with (out / "councils.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["council"] for row in rows] == list("ABCDEFGHI")
    assert {row["council"]: row["area"] for row in rows} == plan.to_mapping()
    assert rows[0]["area_name"] == plan.areas.loc[rows[0]["area"], "name"]
    assert sum(int(row["population"]) for row in rows) == plan.geography.population
    assert b"\r" not in (out / "councils.csv").read_bytes()


def test_plan_json_knows_where_it_comes_from(plan: Plan, out: Path) -> None:
    document = json.loads((out / "plan.json").read_text(encoding="utf-8"))
    assert document["assignment"] == plan.to_mapping()
    assert document["scenario"]["areas"] == 3
    assert document["scenario_digest"] == plan.scenario.digest()
    assert document["certificate"]["objective"] == plan.certificate.objective
    assert "seconds" not in document["certificate"]
    assert document["created"]["seconds"] == 1.25
    provenance = document["provenance"]
    assert provenance["inputs"] == dict(plan.geography.inputs)
    assert provenance["reprojection"]["from"] == "EPSG:27700"
    assert provenance["reprojection"]["accuracy_m"] > 0
    assert provenance["software"]["shapely"] == shapely.__version__
    assert len(document["scores"]) == len(plan.scores)


def test_geopackage_has_its_layers_its_styles_and_the_same_figures(plan: Plan, out: Path) -> None:
    path = out / "plan.gpkg"
    names = pyogrio.list_layers(path)[:, 0].tolist()
    assert names[:2] == ["areas", "councils"]
    assert {"layer_rows", "layer_pairs"} <= set(names)
    areas = gpd.read_file(path, layer="areas").set_index("code")
    assert areas.crs.to_epsg() == 27700
    assert shapely.coverage_is_valid(np.asarray(areas.geometry.array))
    assert areas.area.sum() == pytest.approx(plan.areas.area.sum())
    assert areas["population"].tolist() == plan.areas["population"].tolist()
    bodies = gpd.read_file(path, layer="layer_pairs").set_index("code")
    assert set(bodies.index) == set(plan.geography.layers["pairs"].bodies.index)
    connection = sqlite3.connect(path)
    styles = dict(
        connection.execute("SELECT f_table_name, styleQML FROM layer_styles WHERE useAsDefault = 1")
    )
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    assert set(styles) == {"areas", "councils", "layer_rows", "layer_pairs"}
    assert styles["areas"].count("<category ") == 3
    for style in styles.values():
        assert style.startswith("<!DOCTYPE qgis")


def test_two_runs_differ_in_created_only(plan: Plan, out: Path, tmp_path: Path) -> None:
    slower = sample_plan(seconds=9.75)
    write_plan(slower, tmp_path, created_at=THEN)
    for name in FILES:
        one, other = (out / name).read_bytes(), (tmp_path / name).read_bytes()
        if name in {"areas.geojson", "plan.json"}:
            assert one != other
            assert without_created(one.decode()) == without_created(other.decode())
        else:
            assert one == other, name
    document = json.loads((tmp_path / "plan.json").read_text())
    assert document["created"] == {"time": "2020-01-02T03:04:05+00:00", "seconds": 9.75}


def test_another_process_in_another_folder_writes_the_same_bytes(plan: Plan, tmp_path: Path) -> None:
    write_plan(plan, tmp_path / "here", created_at=THEN)
    (tmp_path / "plan.pickle").write_bytes(pickle.dumps(plan))
    (tmp_path / "elsewhere").mkdir()
    code = (
        "import pickle, pathlib; from datetime import UTC, datetime;"
        "from geo_devolve.publish import write_plan;"
        "plan = pickle.loads(pathlib.Path('../plan.pickle').read_bytes());"
        "write_plan(plan, 'there', created_at=datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC))"
    )
    root = Path(__file__).parents[2]
    paths = os.pathsep.join([str(root), str(root / "tests"), str(Path(__file__).parent)])
    environment = {**os.environ, "PYTHONPATH": paths, "PYTHONHASHSEED": "12345", "TZ": "Asia/Tokyo"}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path / "elsewhere", env=environment, check=True)
    for name in FILES:
        assert (tmp_path / "here" / name).read_bytes() == (
            tmp_path / "elsewhere" / "there" / name
        ).read_bytes(), name


def test_without_shapes_there_are_tables_and_pages(tmp_path: Path) -> None:
    written = write_plan(shapeless_plan(), tmp_path)
    assert sorted(file.name for file in written) == [
        name for name in FILES if name not in {"map.png", "plan.gpkg"}
    ]
    document = json.loads((tmp_path / "areas.geojson").read_text())
    assert all(feature["geometry"] is None for feature in document["features"])


def test_an_unwritable_folder_is_a_usage_error_and_ctrl_c_leaves_nothing(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot write"):
        write_plan(plan, tmp_path / "file" / "out")

    def stop(stage: str, done: int, total: int | None = None) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_plan(plan, tmp_path / "out", progress=stop)
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_councils_of_no_area_are_told_as_such(tmp_path: Path) -> None:
    whole = sample_plan()
    holes = whole.assignment.copy()
    holes[["A", "I"]] = None
    plan = Plan(whole.geography, whole.scenario, holes)
    write_plan(plan, tmp_path)
    document = json.loads((tmp_path / "plan.json").read_text())
    assert document["certificate"] is None
    assert document["assignment"]["A"] is None
    rows = (tmp_path / "councils.csv").read_text(encoding="utf-8").splitlines()
    assert rows[1].startswith("A,Council A,,,")


def test_names_are_text_in_the_pages(tmp_path: Path) -> None:
    write_plan(evil_plan(), tmp_path)
    for name in ("explorer.html", "report.html"):
        page = (tmp_path / name).read_text(encoding="utf-8")
        assert "<img src=x" not in page
        assert "<script>alert" not in page
        assert "49" not in page.split("{{")[0].split("title>")[1]


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (np.float64(3.0), 3),
        (np.float64("nan"), None),
        (float("inf"), None),
        (np.bool_(True), True),
        (("a", 1.5), ["a", 1.5]),
        ({"k": np.int64(2)}, {"k": 2}),
        (None, None),
        (1e300, 1e300),
    ],
)
def test_values_of_tables_become_plain(value: object, wanted: object) -> None:
    assert plain(value) == wanted
    assert type(plain(value)) is type(wanted)
