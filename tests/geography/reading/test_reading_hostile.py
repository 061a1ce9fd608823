"""Files made to lead GDAL elsewhere are refused, and files under odd names are read."""

import json
import sqlite3
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geo_devolve.errors import DataError
from geo_devolve.geography.reading.files import Folder
from geo_devolve.geography.reading.findings import Findings
from geo_devolve.geography.reading.systems import inside_area_of_use
from geo_devolve.geography.reading.vector import read_polygons
from geo_devolve.outside import UnreadableFileError
from geo_devolve.plan.files import read_rows


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "mine").mkdir()
    return Folder(tmp_path / "mine", Findings("mine"))


@pytest.fixture
def frame():
    shapes = [shapely.box(400_000 + at * 1000, 300_000, 401_000 + at * 1000, 301_000) for at in range(3)]
    names = ["Môn", "Łódź", "Bath"]
    return gpd.GeoDataFrame({"code": ["A", "B", "C"], "name": names}, geometry=shapes, crs="EPSG:27700")


@pytest.fixture
def secret(tmp_path, frame):
    frame.to_file(tmp_path / "secret.gpkg", layer="c")
    return tmp_path / "secret.gpkg"


def recipes(secret: Path) -> dict[str, str]:
    source = f'<SrcDataSource relativeToVRT="0">{secret}</SrcDataSource>'
    layer = f'<OGRVRTLayer name="c">{source}<SrcLayer>c</SrcLayer></OGRVRTLayer>'
    vrt = f"<OGRVRTDataSource>{layer}</OGRVRTDataSource>"
    inside = {"type": "FeatureCollection", "features": [], "name": vrt}
    pipe = {"type": "gdal_streamed_alg", "command_line": f"gdal vector pipeline read {secret} ! write x"}
    return {"bare": vrt, "braces": "{ }\n" + vrt, "inside": json.dumps(inside), "pipe": json.dumps(pipe)}


@pytest.mark.parametrize("kind", ["bare", "braces", "inside", "pipe"])
@pytest.mark.parametrize(
    "name", ["a.geojson", "a.gpkg", "a.shp", "a.fgb", "a.topojson", "a.json", "a.parquet"]
)
def test_a_recipe_is_refused_under_every_name_as_layer_and_as_plan(folder, secret, kind, name):
    (folder.path / name).write_text(recipes(secret)[kind], encoding="utf-8")
    with pytest.raises(UnreadableFileError):
        read_polygons(folder, name)
    with pytest.raises(DataError):
        read_rows(folder.path / name)


@pytest.mark.parametrize(
    "crs",
    [
        {"type": "link", "properties": {"href": "http://127.0.0.1:9/x", "type": "proj4"}},
        {"type": "name", "properties": {"name": "http://127.0.0.1:9/x"}},
        {"type": "name", "properties": {"name": "/vsicurl/http://127.0.0.1:9/x"}},
    ],
)
def test_a_system_that_is_to_be_fetched_is_refused(folder, frame, crs):
    document = json.loads(frame.to_json(drop_id=True)) | {"crs": crs}
    (folder.path / "a.geojson").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(UnreadableFileError, match="coordinate system"):
        read_polygons(folder, "a.geojson")


def test_a_database_that_runs_more_than_sql_is_refused(folder, secret):
    path = folder.path / "a.gpkg"
    path.write_bytes(secret.read_bytes())
    with sqlite3.connect(path) as database:
        database.execute("CREATE VIEW v AS SELECT ogr_geocode('x') AS code FROM c")
    database.close()
    with pytest.raises(UnreadableFileError, match="runs more than SQL"):
        read_polygons(folder, "a.gpkg", "c")


def test_parts_of_a_shapefile_outside_the_folder_are_refused(folder, frame):
    frame.to_file(folder.path / "a.shp", encoding="utf-8")
    outside = folder.path.parent / "elsewhere.dbf"
    (folder.path / "a.dbf").rename(outside)
    (folder.path / "a.dbf").symlink_to(outside)
    with pytest.raises(UnreadableFileError, match=r"a\.dbf.*outside the folder"):
        read_polygons(folder, "a.shp")


def test_every_part_of_a_shapefile_is_hashed(folder, frame):
    frame.to_file(folder.path / "a.shp", encoding="utf-8")
    read_polygons(folder, "a.shp")
    assert {"a.shp", "a.shx", "a.dbf", "a.prj", "a.cpg"} <= set(folder.inputs)


@pytest.mark.parametrize("name", ["a!b.gpkg", "ä b.gpkg", "a.zip!c.gpkg", "a;b.geojson"])
def test_odd_names_are_names(folder, frame, name):
    plain = folder.path / f"plain{Path(name).suffix}"
    frame.to_file(plain)
    plain.rename(folder.path / name)
    assert read_polygons(folder, name)["name"].tolist() == frame["name"].tolist()


@pytest.mark.parametrize("change", [str.upper, str.title])
def test_parts_of_a_shapefile_may_be_in_any_case(folder, frame, change):
    frame.to_file(folder.path / "lad.shp", encoding="utf-8")
    for part in list(folder.path.iterdir()):
        part.rename(folder.path / change(part.name))
    assert read_polygons(folder, change("lad.shp"))["name"].tolist() == frame["name"].tolist()


def test_utf_8_without_a_cpg_is_found_out_and_told(folder, frame):
    frame.to_file(folder.path / "lad.shp", encoding="utf-8")
    (folder.path / "lad.cpg").unlink()
    assert read_polygons(folder, "lad.shp")["name"].tolist() == frame["name"].tolist()
    assert "UTF-8" in folder.findings.told[0]


def test_a_sequence_of_features_is_read(folder, frame):
    features = json.loads(frame.to_crs(4326).to_json(drop_id=True))["features"]
    text = "".join(f"\x1e{json.dumps(each)}\n" for each in features)
    (folder.path / "a.geojsonseq").write_text(text, encoding="utf-8")
    assert read_polygons(folder, "a.geojsonseq", target="EPSG:27700")["code"].tolist() == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("crs", "lon", "lat", "inside"),
    [
        ("EPSG:25832", 14.9, 51.1, True),  # Görlitz, in the grid of all of Germany
        ("EPSG:26916", -81.1, 32.0, True),  # Savannah
        ("EPSG:3338", 173.0, 52.9, True),  # Attu, west of 180
        ("EPSG:3460", -179.9, -16.8, True),  # Taveuni, east of 180
        ("EPSG:27700", 13.4, 52.5, False),
        ("EPSG:25832", -3.9, 2.7, False),
    ],
)
def test_where_a_system_is_meant_for(crs, lon, lat, inside):
    place = gpd.GeoSeries([shapely.Point(lon, lat)], crs=4326).to_crs(crs).buffer(100)
    assert inside_area_of_use(gpd.GeoDataFrame(geometry=place)).tolist() == [inside]
