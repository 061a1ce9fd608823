"""Councils, layers and points from polygons, in every format, repaired or refused."""

import gzip
import io
import json
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import polygon_folder
import pytest
import shapely
from polygon_folder import NEIGHBOURS, councils, points, write_polygons, write_vector
from shapely import affinity

import geo_devolve as gd
from geo_devolve.geography.reading.load import examine


def neighbours(geography):
    return set(zip(geography.borders["council"], geography.borders["neighbour"], strict=True))


def told(findings, words):
    return [finding for finding in findings.found if words in finding.what]


@pytest.mark.parametrize(
    "name",
    ["a.gpkg", "a.geojson", "a.shp", "a.fgb", "a.parquet", "a.topojson", "a.esrijson"],
)
def test_every_format_gives_the_same_geography(tmp_path, name):
    geography = gd.load_geography(write_polygons(tmp_path / "f", councils(), name))
    assert list(geography.councils.index) == list("ABCDE")
    assert geography.councils["name"].tolist() == [f"Council {code}" for code in "ABCDE"]
    assert geography.councils["population"].tolist() == [300] * 5
    assert neighbours(geography) == NEIGHBOURS
    # degrees are off by a metre or so (the transformation), and straight lines stay straight in degrees
    assert geography.borders["length_m"].tolist() == pytest.approx([10_000] * 8, rel=2e-3)
    assert shapely.coverage_is_valid(geography.pieces.geometry.to_numpy())


def test_packed_files_are_read_from_a_scratch_place(tmp_path):
    folder = write_polygons(tmp_path / "f", councils(), "a.shp")
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.glob("a.*")):
            if file.suffix != ".zip":
                archive.write(file, f"inner/{file.name}")
    (folder / "b.geojson.gz").write_bytes(b"")
    write_vector(folder / "b.geojson", councils())
    (folder / "b.geojson.gz").write_bytes(gzip.compress((folder / "b.geojson").read_bytes()))
    manifest = (folder / "geography.toml").read_text()
    before = sorted(file.name for file in folder.iterdir())
    for name in ("a.zip", "b.geojson.gz"):
        (folder / "geography.toml").write_text(manifest.replace("a.shp", name))
        assert neighbours(gd.load_geography(folder)) == NEIGHBOURS
    assert sorted(file.name for file in folder.iterdir()) == before


def test_what_could_lead_elsewhere_is_refused(tmp_path):
    folder = write_polygons(tmp_path / "f", councils(), "a.geojson")
    secret = tmp_path / "secret.geojson"
    (folder / "a.geojson").rename(secret)
    recipe = {"type": "gdal_streamed_alg", "command_line": f"gdal vector pipeline ! read {secret}"}
    virtual = f"<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer>"
    for text in (json.dumps(recipe), virtual, "<gml/>", "PK", ""):
        (folder / "a.geojson").write_text(text)
        with pytest.raises(gd.DataError, match=r"a\.geojson: is"):
            gd.load_geography(folder)


def test_an_archive_that_grows_without_end_is_refused(tmp_path):
    folder = write_polygons(tmp_path / "f", councils(), "a.geojson")
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.geojson", b"0" * 60_000_000)
    (folder / "a.zip").write_bytes(bomb.getvalue())
    (folder / "points.csv").write_bytes(gzip.compress(b"0" * 60_000_000))
    manifest = (folder / "geography.toml").read_text().replace("a.geojson", "a.zip")
    (folder / "geography.toml").write_text(manifest)
    with pytest.raises(gd.DataError, match=r"a\.zip: grows to more than 50 MB"):
        gd.load_geography(folder)
    (folder / "geography.toml").write_text(manifest.replace("a.zip", "a.geojson"))
    with pytest.raises(gd.DataError, match=r"points\.csv: grows to more than 50 MB"):
        gd.load_geography(folder)


def test_an_archive_cannot_write_elsewhere(tmp_path):
    folder = write_polygons(tmp_path / "f", councils(), "a.geojson")
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.write(folder / "a.geojson", "../../escaped.geojson")
    manifest = (folder / "geography.toml").read_text().replace("a.geojson", "a.zip")
    (folder / "geography.toml").write_text(manifest)
    assert neighbours(gd.load_geography(folder)) == NEIGHBOURS
    assert not list(tmp_path.parent.rglob("escaped*"))


@pytest.mark.parametrize(
    "name", ["a.gpkg", "a.geojson", "a.fgb", "a.parquet", "a.topojson", "a.esrijson", "a.shp"]
)
@pytest.mark.parametrize("keep", [0.02, 0.5, 0.9])
def test_a_truncated_file_is_refused_or_whole(tmp_path, name, keep):
    folder = write_polygons(tmp_path / "f", councils(), name)
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(gd.DataError, match=rf"{name.replace('.', '[.]')}: "):
        gd.load_geography(folder)


def test_degrees_without_a_system_are_guessed_and_told(tmp_path):
    geography, findings = examine(write_polygons(tmp_path / "f", councils(), "a.topojson"))
    assert told(findings, "can only be degrees")
    assert neighbours(geography) == NEIGHBOURS


def test_metres_without_a_system_are_refused_until_it_is_stated(tmp_path):
    bare = councils().set_crs(None, allow_override=True)
    folder = write_polygons(tmp_path / "f", bare, "a.parquet")
    with pytest.raises(gd.DataError, match="does not say its coordinate system; state it in crs"):
        gd.load_geography(folder)
    text = (folder / "geography.toml").read_text()
    (folder / "geography.toml").write_text(text.replace('"a.parquet"', '"a.parquet"\ncrs = "EPSG:27700"'))
    assert neighbours(gd.load_geography(folder)) == NEIGHBOURS


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ("EPSG:3857", "says EPSG:27700 where the manifest says EPSG:3857"),
        ("EPSG:9", "unknown system 'EPSG:9'"),
    ],
)
def test_a_system_that_contradicts_is_refused(tmp_path, stated, words):
    folder = write_polygons(tmp_path / "f", councils())
    text = (folder / "geography.toml").read_text()
    (folder / "geography.toml").write_text(
        text.replace('"councils.gpkg"', f'"councils.gpkg"\ncrs = "{stated}"')
    )
    with pytest.raises(gd.DataError, match=words):
        gd.load_geography(folder)


def test_a_system_of_degrees_cannot_be_computed_in(tmp_path):
    folder = write_polygons(tmp_path / "f", councils(), extra='crs = "EPSG:4326"')
    with pytest.raises(gd.DataError, match="does not measure in metres"):
        gd.load_geography(folder)


def test_mixed_systems_in_one_file_are_refused(tmp_path):
    mixed = councils()
    degrees = mixed.to_crs("EPSG:4326")
    mixed.loc[2, "geometry"] = degrees.loc[2, "geometry"]
    with pytest.raises(gd.DataError, match="mixes coordinate systems: 1 of 5 shapes are in degrees"):
        gd.load_geography(write_polygons(tmp_path / "f", mixed))


def test_shapes_far_from_where_the_system_is_meant_for_are_refused(tmp_path):
    far = councils()
    far["geometry"] = far.geometry.translate(5_000_000, 0)
    with pytest.raises(gd.DataError, match="outside the area that EPSG:27700 is meant for: A, B, C, D, E"):
        gd.load_geography(write_polygons(tmp_path / "f", far))


def test_an_invalid_ring_is_mended_and_told(tmp_path):
    broken = councils()
    west, south, east, north = broken.loc[3, "geometry"].bounds
    spike = [
        (west, south),
        (east, south),
        (east, north),
        (west, north),
        (west, south + 5),
        (west + 5, south + 5),
    ]
    broken.loc[3, "geometry"] = shapely.Polygon([*spike, (west - 5, south + 5)])
    assert not broken.loc[3, "geometry"].is_valid
    geography, findings = examine(write_polygons(tmp_path / "f", broken))
    mended = told(findings, "1 invalid shapes mended")
    assert mended[0].culprits[0].startswith("D (")
    assert neighbours(geography) == NEIGHBOURS


def test_gaps_and_overlaps_within_the_limit_are_closed_and_told(tmp_path):
    apart = councils()
    middle = apart.loc[3, "geometry"]
    apart.loc[3, "geometry"] = affinity.translate(middle, 8, -6)
    geography, findings = examine(write_polygons(tmp_path / "f", apart))
    closed = told(findings, "gaps and overlaps up to 20 m closed")
    assert any(culprit.startswith("D (") for culprit in closed[0].culprits)
    assert neighbours(geography) == NEIGHBOURS
    assert shapely.coverage_is_valid(geography.councils.geometry.to_numpy())


def test_an_overlap_beyond_the_limit_is_refused_until_the_limit_is_raised(tmp_path):
    apart = councils()
    apart.loc[3, "geometry"] = affinity.translate(apart.loc[3, "geometry"], 100, 0)
    folder = write_polygons(tmp_path / "f", apart)
    with pytest.raises(gd.DataError, match=r"councils that overlap by more than 20 m: B-D \(1\.00 km²\)"):
        gd.load_geography(folder)
    with (folder / "geography.toml").open("a") as manifest:
        manifest.write("\n[repair]\ngap_m = 150\n")
    assert neighbours(gd.load_geography(folder)) == NEIGHBOURS


def test_a_gap_that_opens_at_one_end_is_not_taken_for_water(tmp_path):
    apart = councils("AB")
    west, south, east, north = apart.loc[1, "geometry"].bounds
    apart.loc[1, "geometry"] = shapely.Polygon(
        [(west, south), (east, south), (east, north), (west + 300, north)]
    )
    folder = write_polygons(tmp_path / "f", apart, table=points(councils("AB")))
    with pytest.raises(gd.DataError, match=r"run along each other within 30 m and share no border: A-B"):
        gd.load_geography(folder)


def test_a_hole_between_councils_is_told(tmp_path):
    holed = councils()
    holed.loc[3, "geometry"] = holed.loc[3, "geometry"].buffer(-2000, join_style="mitre")
    _, findings = examine(write_polygons(tmp_path / "f", holed))
    assert any(
        "A-B-C-D-E" in culprit
        for finding in told(findings, "holes in the land")
        for culprit in finding.culprits
    )


def test_duplicate_and_missing_codes_are_refused(tmp_path):
    twice = councils()
    twice.loc[4, "lad20cd"] = "A"
    with pytest.raises(gd.DataError, match="duplicate codes of councils: A"):
        gd.load_geography(write_polygons(tmp_path / "f", twice))


def test_a_file_of_several_countries_is_cut(tmp_path):
    mixed = councils()
    mixed["lad20cd"] = ["E1", "E2", "E3", "W4", "E5"]
    folder = write_polygons(tmp_path / "f", mixed)
    text = (folder / "geography.toml").read_text()
    (folder / "geography.toml").write_text(text.replace('"councils.gpkg"', '"councils.gpkg"\nonly = "E"'))
    geography = gd.load_geography(folder)
    assert list(geography.councils.index) == ["E1", "E2", "E3", "E5"]
    assert len(geography.points) == 12
    assert any("left out are 1 councils, 300 people" in notice for notice in geography.notices)


def test_points_off_the_coast_are_put_ashore_and_told(tmp_path):
    shapes = councils()
    table = points(shapes)
    table.loc[0, ["x", "y"]] = [400_000 - 150, 325_000]
    geography, findings = examine(write_polygons(tmp_path / "f", shapes, table=table))
    assert geography.points.loc[0, "council"] == "A"
    assert "at most 150 m away" in told(findings, "just outside the councils' shapes")[0].what


def layer_folder(tmp_path, bodies, keys=""):
    folder = write_polygons(tmp_path / "f", councils())
    write_vector(folder / "bodies.geojson", bodies)
    with (folder / "geography.toml").open("a") as manifest:
        manifest.write(f'\n[layers.trust]\nfrom = "polygons"\npolygons = "bodies.geojson"\n{keys}')
    return folder


def bodies(picture):
    return councils(picture).rename(columns={"lad20cd": "TRUST20CD", "lad20nm": "TRUST20NM"})


def test_a_layer_of_polygons_has_the_points_that_lie_in_it(tmp_path):
    geography = gd.load_geography(layer_folder(tmp_path, bodies("XX.\nXXY\n.YY")))
    people = pd.DataFrame(geography.people("trust").toarray(), geography.councils.index, ["X", "Y"])
    assert people["X"].to_dict() | {"C": 0} == {"A": 300, "B": 0, "C": 0, "D": 300, "E": 0}
    assert people.loc["E", "Y"] == 300
    assert 0 < people.loc["C", "X"] < 300  # its southern square lies in no body
    assert geography.layers["trust"].bodies["name"].tolist() == ["Council X", "Council Y"]
    split = geography.pieces[geography.pieces["council"] == "C"]
    assert sorted(split["trust"]) == [(), ("X",)]
    assert geography.councils.area["C"] == pytest.approx(2e8)


def overlapping(tmp_path, keys=""):
    both = bodies("XXX\nXXX\nXXX")
    other = bodies("..Y\n..Y\nYYY")
    frame = gpd.GeoDataFrame(pd.concat([both, other], ignore_index=True), crs=both.crs)
    return layer_folder(tmp_path, frame, keys)


def test_bodies_that_overlap_must_be_meant_to(tmp_path):
    with pytest.raises(gd.DataError, match=r"bodies of layer 'trust' overlap, with \d+ people in two: X-Y"):
        gd.load_geography(overlapping(tmp_path))
    geography = gd.load_geography(overlapping(tmp_path / "again", "overlaps = true\n"))
    assert geography.layers["trust"].bodies["population"]["X"] == 1500
    assert geography.layers["trust"].bodies["population"]["Y"] >= 600


def test_bodies_may_be_read_as_whole_councils(tmp_path):
    rough = bodies("XXY\nXXY\nXYY")
    rough["geometry"] = rough.geometry.translate(2000, 1000)
    geography = gd.load_geography(layer_folder(tmp_path, rough, "whole_councils = true\n"))
    people = geography.people("trust")
    assert people.data.tolist() == [300] * 5
    assert list(geography.layers["trust"].bodies.index[people.indices]) == ["X", "Y", "X", "X", "Y"]


def test_without_points_people_are_spread_over_the_land(tmp_path):
    folder = layer_folder(tmp_path, bodies("XXY\nXXY\nXYY"))
    shapes = councils().assign(pop=["300", "200", "100", "400", "1,000"])
    (folder / "councils.gpkg").unlink()
    write_vector(folder / "councils.gpkg", shapes)
    text = (folder / "geography.toml").read_text()
    text = text.replace('"councils.gpkg"', '"councils.gpkg"\npopulation = "pop"')
    text = text.replace('table = "points.csv"\nid = "id"', "areal = true")
    (folder / "geography.toml").write_text(text)
    geography, findings = examine(folder)
    findings.stop_at_faults()
    assert geography.councils["population"].tolist() == pytest.approx([300, 200, 100, 400, 1000])
    people = geography.people("trust").toarray()
    assert people == pytest.approx(
        np.array([[300, 0], [0, 200], [100, 0], [400, 0], [0, 1000]]), rel=1e-3, abs=1e-9
    )
    assert told(findings, "spread evenly over each council's land")
    assert shapely.coverage_is_valid(geography.pieces.geometry.to_numpy())
    assert geography.layer_shapes("trust").area.tolist() == pytest.approx([5e8, 4e8], rel=1e-3)


def test_points_may_be_polygons_with_a_population(tmp_path):
    cells = polygon_folder.councils("abc\ndef\nghi").rename(columns={"lad20cd": "code"})
    cells["population"] = range(100, 1000, 100)
    cells["council"] = list("AABCDBCEE")
    folder = write_polygons(tmp_path / "f", councils())
    write_vector(folder / "cells.gpkg", cells[["code", "population", "council", "geometry"]])
    (folder / "councils.csv").write_text(
        "code,name\n" + "".join(f"{code},Council {code}\n" for code in "ABCDE")
    )
    (folder / "geography.toml").write_text(
        'name = "cells"\n[councils]\ntable = "councils.csv"\n[points]\npolygons = "cells.gpkg"\nid = "code"\n'
    )
    geography = gd.load_geography(folder)
    assert geography.councils["population"].tolist() == [300, 900, 1100, 500, 1700]
    assert neighbours(geography) == NEIGHBOURS
    assert geography.borders["length_m"].tolist() == [10_000] * 8
    assert geography.points.loc[4, ["x", "y"]].tolist() == [415_000, 315_000]


def test_councils_without_a_neighbour_stand_alone(tmp_path):
    shapes = councils("A.B")
    geography, findings = examine(write_polygons(tmp_path / "f", shapes, table=points(shapes)))
    assert len(geography.borders) == 0
    assert told(findings, "councils without any neighbour")[0].culprits == (
        "A (Council A; nearest are Council B at 10.0 km)",
        "B (Council B; nearest are Council A at 10.0 km)",
    )


def test_a_file_without_polygons_is_refused(tmp_path):
    dots = councils()
    dots["geometry"] = dots.geometry.centroid
    with pytest.raises(gd.DataError, match="holds no polygons"):
        gd.load_geography(write_polygons(tmp_path / "f", dots))


def test_a_layer_drawn_more_roughly_and_one_that_leaves_land_out_are_told(tmp_path):
    rough = bodies("XXX\nXXX\nXYY")
    fine = councils()
    fine["geometry"] = shapely.segmentize(fine.geometry.to_numpy(), 1000)
    folder = layer_folder(tmp_path, rough)
    (folder / "councils.gpkg").unlink()
    write_vector(folder / "councils.gpkg", fine)
    _, findings = examine(folder)
    assert told(findings, "is drawn with sides of 10,000 m (median), the councils with sides of 1,000 m")
    assert not told(findings, "of the councils' land")
    smaller = layer_folder(tmp_path / "again", bodies("XX.\nXX.\n..."))
    _, findings = examine(smaller)
    assert "500 km² of the councils' land (55.6%)" in told(findings, "of the councils' land")[0].what


def test_points_in_slivers_between_bodies_are_put_in_one_and_told(tmp_path):
    frame = bodies("XXY\nXXY\nXYY")
    frame.loc[1, "geometry"] = frame.loc[1, "geometry"].buffer(300)
    table = points(councils(), 200)
    table.loc[0, ["x", "y"]] = [419_900, 325_000]  # in A, and in both bodies
    table = table[
        (table["x"] % 10_000).between(400, 9600) & (table["y"] % 10_000).between(400, 9600)
        | (table.index == 0)
    ]
    folder = layer_folder(tmp_path, frame)
    table.to_csv(folder / "points.csv", index=False)
    geography, findings = examine(folder)
    sliver = told(findings, "in slivers where bodies of layer 'trust' overlap")[0]
    assert sliver.what.startswith("1 points (100 people)")
    assert sliver.culprits == ("X-Y",)
    assert geography.layers["trust"].membership.sum(axis=1).max() == 1
