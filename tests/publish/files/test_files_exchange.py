"""Every format is written, read by GDAL and others, and read back as the same plan."""

import json
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pyogrio
import pytest
import shapely
from publish_samples import EVIL, evil_plan, same, sample_geography, sample_plan, shapeless_plan

from geo_devolve.errors import DataError, UsageError
from geo_devolve.plan.plan import Plan
from geo_devolve.publish.files.exchange import NEED_SHAPES, WRITERS, export_plan, read_back
from geo_devolve.publish.files.reopen import open_plan
from geo_devolve.publish.write import write_plan


@pytest.fixture(scope="module")
def plan() -> Plan:
    return sample_plan()


@pytest.mark.parametrize("ending", WRITERS)
@pytest.mark.parametrize("make", [sample_plan, evil_plan])
def test_what_is_written_is_read_back_as_the_same_plan(make, ending: str, tmp_path: Path) -> None:
    plan = make()
    warnings = export_plan(plan, tmp_path / f"plan{ending}")
    assert bool(warnings) == (ending == ".shp.zip")
    back = read_back(plan.geography, tmp_path / f"plan{ending}", plan.scenario)
    assert same(back.assignment, plan.assignment)
    assert back.objective == plan.objective
    assert back.faults == plan.faults


@pytest.mark.parametrize("ending", WRITERS)
def test_the_same_plan_gives_the_same_bytes(plan: Plan, ending: str, tmp_path: Path) -> None:
    texts = []
    for name in ("one", "other"):
        export_plan(plan, tmp_path / f"{name}{ending}")
        content = (tmp_path / f"{name}{ending}").read_bytes()
        if ending in {".json", ".geojson"}:
            document = json.loads(content)
            del document["created"]
            content = json.dumps(document).encode()
        texts.append(content)
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    "ending", [*sorted(NEED_SHAPES - {".shp.zip"}), ".geojson", "areas.shp", "councils.shp"]
)
def test_gdal_reads_a_valid_coverage_with_the_same_figures(plan: Plan, ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"plan{ending if not ending.endswith('.shp') else '.shp.zip'}"
    export_plan(plan, path)
    if ending == ".parquet":
        areas = gpd.read_parquet(path)
    elif ending.endswith(".shp"):
        areas = gpd.GeoDataFrame(pyogrio.read_dataframe(f"/vsizip/{path}/{ending}"))
    else:
        areas = gpd.read_file(path, **({"layer": "areas"} if ending != ".geojson" else {}))
        if areas.crs is None:
            areas = areas.set_crs(4326)  # TopoJSON has no place to say so
    assert areas.is_valid.all()
    assert shapely.coverage_is_valid(np.asarray(areas.to_crs(27700).geometry.array), gap_width=0)
    assert areas["population"].sum() == plan.geography.population
    assert len(areas) == (9 if ending == "councils.shp" else 3)
    there = areas.to_crs(27700).union_all()
    assert shapely.hausdorff_distance(there, plan.areas.union_all()) < 3


def test_shapefile_columns_are_explained(plan: Plan, tmp_path: Path) -> None:
    export_plan(plan, tmp_path / "plan.shp.zip")
    with zipfile.ZipFile(tmp_path / "plan.shp.zip") as packed:
        rows = packed.read("columns.csv").decode().splitlines()
    assert "areas,score_misf,score_misfit_rows" in rows
    assert "areas,score_mis2,score_misfit_pairs" in rows


def test_the_workbook_holds_texts_as_texts(tmp_path: Path) -> None:
    plan = evil_plan()
    export_plan(plan, tmp_path / "plan.xlsx")
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    assert book.sheetnames == ["Councils", "Areas", "Scores", "About"]
    names = {cell.value: cell for cell in book["Councils"]["B"]}
    assert names["=1+1"].data_type == "s"
    assert EVIL in names
    assert book["Councils"].max_row == 10
    assert sum(cell.value for cell in book["Areas"]["C"][1:]) == plan.geography.population


def test_what_cannot_be_written_is_told(plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"exported as \.geojson"):
        export_plan(plan, tmp_path / "plan.docx")
    with pytest.raises(UsageError, match="no shapes"):
        export_plan(shapeless_plan(), tmp_path / "plan.gpkg")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", [".gpkg", ".parquet", ".topojson", ".shp.zip"])
def test_what_cannot_be_read_is_told(plan: Plan, ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"plan{ending}"
    with pytest.raises(DataError, match="no such file"):
        read_back(plan.geography, path, plan.scenario)
    path.write_bytes(b"not what it says")
    with pytest.raises(DataError, match="cannot be read"):
        read_back(plan.geography, path, plan.scenario)


def test_a_folder_opens_with_its_certificate(plan: Plan, tmp_path: Path) -> None:
    write_plan(plan, tmp_path)
    opened = open_plan(tmp_path, plan.geography)
    assert same(opened.assignment, plan.assignment)
    assert opened.certificate == plan.certificate
    assert opened.scenario == plan.scenario
    assert opened.notes == plan.notes


def test_a_certificate_that_does_not_hold_is_left_out(plan: Plan, tmp_path: Path) -> None:
    write_plan(plan, tmp_path)
    document = json.loads((tmp_path / "plan.json").read_text())
    document["assignment"]["A"] = document["assignment"]["I"]
    (tmp_path / "moved.json").write_text(json.dumps(document))
    opened = open_plan(tmp_path / "moved.json", plan.geography)
    assert opened.certificate is None
    assert "its certificate says" in opened.notes[-1]
    from dataclasses import replace

    elsewhere = replace(sample_geography(), inputs={"councils.csv": "1" * 64})
    opened = open_plan(tmp_path / "plan.json", elsewhere)
    assert opened.certificate is None
    assert "files have changed" in opened.notes[-1]


def test_nothing_there_and_half_a_document_are_told(plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file or folder"):
        open_plan(tmp_path / "none")
    (tmp_path / "plan.json").write_text('{"format": "geo-devolve plan 1"}')
    with pytest.raises(DataError, match="not a whole"):
        open_plan(tmp_path, plan.geography)
    (tmp_path / "plan.json").write_text('{"format": ')
    with pytest.raises(DataError, match="cannot be read as JSON"):
        open_plan(tmp_path, plan.geography)
