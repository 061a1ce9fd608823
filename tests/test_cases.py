"""Inputs of public trouble reports, beside this repository: each comes out as its README says is right."""

import warnings

import pytest

import geo_devolve as gd
from geo_devolve.geography.reading.load import examine
from geo_devolve.plan.read import read_plan

READ = {
    "03-rows-per-part": "are parts of one, and are united: E06000001",
    "06f-t-junction-degrees-uk-39km": "",
    "07b-uppercase-shp": "",
    "09a-dbf-utf8-no-cpg": "UTF-8",
    "10d-swiss-thousands": "",
    "11a-xlsx-title-rows": "begins in row 4",
    "12a-csv-footnote": "Source: ONS",
    "13a-zero-width": "U+200B",
    "14a-zero-pop-council": "nobody lives in",
    "14f-zero-pop-areal": "nobody lives in",
    "20a-doubled-part": "0.000 km² changed",
    "21a-unclosed-ring": "not closed",
    "26g-crs84-stated-4326": "",
    "30a-antimeridian-fiji-3460": "",
    "30b-antimeridian-fiji-proj": "",
    "43-row-names": "",
    "real/austria": "",
    "real/iowa": "",
}
REFUSED = {
    "10b-thousands-point": "83.166 (row 1)",
    "11d-ods": "save it as .xlsx or CSV",
    "15h-degrees-max-extent": "look like degrees",
    "23g-topojson-null-type-areal": "E06000008",
}


@pytest.mark.parametrize("case", READ)
def test_it_is_read_and_what_was_mended_is_told(shared_cases, case):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        geography, findings = examine(shared_cases / case)
    assert not findings.faults
    assert geography is not None
    assert any(READ[case] in told for told in findings.told) or not READ[case]


def test_names_come_out_whole(shared_cases):
    names = gd.load_geography(shared_cases / "09a-dbf-utf8-no-cpg").councils["name"].tolist()
    assert {"Ynys Môn", "Île-de-Bréhat"} <= set(names)


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_and_the_culprit_named(shared_cases, case):
    geography, findings = examine(shared_cases / case)
    assert geography is None
    assert any(REFUSED[case] in str(fault) for fault in findings.faults)


@pytest.mark.parametrize("file", ["districtr_minus.csv", "r_na.csv", "units.geojson", "units.gpkg"])
def test_plans_are_read_with_councils_that_have_no_area(shared_cases, file):
    folder = shared_cases / "42-plans"
    plan = read_plan(gd.load_geography(folder), folder / file, gd.load_scenario(folder / "plan.toml"))
    assert set(plan.assignment.dropna()) == {"1", "2"}
    assert plan.assignment.isna().sum() == (3 if file.endswith(".csv") else 0)


def test_row_numbers_are_no_codes(shared_cases):
    folder = shared_cases / "43-row-names"
    ground, asked = gd.load_geography(folder), gd.load_scenario(folder / "plan.toml")
    one, other = (read_plan(ground, folder / file, asked) for file in ("r_rownames.csv", "pandas_index.csv"))
    assert one.assignment.to_dict() == other.assignment.to_dict()
    assert one.assignment["8"] == "E"
