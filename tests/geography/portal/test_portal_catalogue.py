"""The catalogue of what can be fetched, and catalogues of one's own with faults in them."""

from pathlib import Path

import pytest

from geo_devolve.errors import DataError, UsageError
from geo_devolve.geography.portal.catalogue import load_catalogue

MINE = """
[portal]
base = "https://example.org/arcgis/rest/services"

[services.places]
service = "Places"
title = "Places"
vintage = "1999"
kind = "polygons"
unique = ["code"]
name = "label"
resolution = "10 m"

[services.lookup]
service = "Lookup"
title = "Lookup"
vintage = "1999"
kind = "table"

[geographies.mine]
title = "Mine"
vintage = "1999"
councils = "places"
population = "people"

[geographies.mine.layers]
zones = { service = "lookup", council = "code", code = "zone" }
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "catalogue.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_catalogue_that_comes_along_holds_together():
    known = load_catalogue()
    assert known.base == "https://services1.arcgis.com/ESMARspQHYMw9BZ9/arcgis/rest/services"
    names = {each.service for each in known.services.values()}
    assert names >= {
        "CCG_Apr_2017_GCB_in_England_V4_2022",
        "CCG_Apr_2017_SGCB_in_England_V4_2022",
        "STP_Feb_2017_GCB_in_England_2022",
        "STP_Feb_2017_SGCB_in_England_2022",
        "Local_Enterprise_Partnerships_April_2017_GCB_EN_2022",
        "LAD17_RGN17_EN_LU_c5e0d2988ca24f54ae16cceb6f101f19",
        "LAD17_CSP17_PFA17_EW_LU_v2_b62f88e38bed4e06b6a2e91feaa98a4b",
        "LAD_December_2018_Boundaries_UK_BGC_2022",
        "STP_Apr_2020_GCB_in_England_2022",
        "Clinical_Commissioning_Groups_April_2021_EN_BGC_2022",
        "Local_Enterprise_Partnerships_April_2020_GCB_EN_2022",
    }
    assert set(known.geography("england-2017").layers) == {"ccg", "stp", "lep", "police", "region"}
    assert "Open Government Licence" in known.attribution


def test_shapes_of_one_geography_are_of_one_resolution():
    known = load_catalogue()
    for made in known.geographies.values():
        used = [made.councils, *(each["service"] for each in made.layers.values())]
        shapes = {known.service(key).resolution for key in used if known.service(key).kind == "polygons"}
        assert len(shapes) == 1, made.key


def test_a_catalogue_of_ones_own(tmp_path):
    known = load_catalogue(write(tmp_path, MINE))
    assert known.service("places").unique == ("code",)
    assert known.geography("mine").layers["zones"]["code"] == "zone"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('kind = "table"', 'kind = "tabel"', "kind is 'tabel', not one of polygons, table"),
        ('service = "Lookup"', 'servise = "Lookup"', r"no service(.|\n)*'servise'; did you mean service"),
        ('base = "https://example.org/arcgis/rest/services"', "", "no base"),
        ('councils = "places"', 'councils = "place"', "no service 'place' in this catalogue"),
        ('councils = "places"', 'councils = "lookup"', "councils lookup are no polygons"),
        ('council = "code", ', "", "layer zones comes from a table, so name its council column"),
        ('population = "people"', "", "name people, an embedded geography with points, or population"),
        ('service = "lookup", council = "code"', 'service = "lookup", town = "code"', "layer zones: town"),
        ('unique = ["code"]', 'unique = "code"', "unique is not a list"),
        ('name = "label"', "rows = 1.5", "rows is 1.5, not a whole number"),
        ('name = "label"', "where = 1", "where is 1, not a text"),
        ('name = "label"', 'format = "xml"', "format is 'xml'"),
        ("[services.places]", "[services.'../places']", "a key is made of letters"),
        ("[geographies.mine.layers]", "[else]\n[geographies.mine.layers]", r"unknown table \[else\]"),
        ("[portal]", "[portal", "cannot be read as a catalogue"),
    ],
)
def test_faults_are_named(tmp_path, old, new, message):
    assert old in MINE
    with pytest.raises(DataError, match=message):
        load_catalogue(write(tmp_path, MINE.replace(old, new)))


def test_shapes_of_different_resolutions_are_refused(tmp_path):
    coarse = MINE.replace('kind = "table"', 'kind = "polygons"\nresolution = "500 m"')
    with pytest.raises(
        DataError, match="different resolutions do not fit each other: places 10 m, lookup 500 m"
    ):
        load_catalogue(write(tmp_path, coarse))


def test_all_faults_come_at_once(tmp_path):
    text = MINE.replace('kind = "table"', 'kind = "tabel"').replace('name = "label"', "where = 1")
    with pytest.raises(DataError, match="faults") as caught:
        load_catalogue(write(tmp_path, text))
    assert "tabel" in str(caught.value)
    assert "where is 1" in str(caught.value)


def test_a_missing_file_is_no_traceback(tmp_path):
    with pytest.raises(DataError, match="cannot be read as a catalogue"):
        load_catalogue(tmp_path / "none.toml")


def test_the_nearest_key_is_named():
    known = load_catalogue()
    with pytest.raises(UsageError, match="did you mean stp_2017"):
        known.service("stp_217")
    with pytest.raises(UsageError, match="no geography 'atlantis'; it has england-2017"):
        known.geography("atlantis")
