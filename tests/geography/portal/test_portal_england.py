"""England of 2017 fetched through the catalogue that comes along, from a server with the real polygons."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from misbehaving import Server, Service, body, pages, times

import geo_devolve as gd
from geo_devolve.geography.portal.catalogue import load_catalogue
from geo_devolve.geography.portal.folder import fetch_geography
from geo_devolve.geography.portal.portal import Portal, PortalSettings

pytestmark = pytest.mark.national

POLYGONS = {
    "lad_2018": ("lad17_en_derived.gpkg", {"lad17cd": "lad18cd", "lad17nm": "lad18nm"}),
    "ccg_2017": ("ccg17_en_derived.gpkg", {}),
    "stp_2017": ("stp17_en_derived.gpkg", {}),
    "lep_2017": ("lep17_en_derived.gpkg", {}),
}
TABLES = {"police_2017": "LAD17_CSP17_PFA17_EW_LU.csv", "region_2017": "LAD17_RGN17_EN_LU.csv"}


def esri_rings(shape) -> list[list[list[float]]]:
    """Outer rings clockwise, holes the other way round."""
    found = []
    for part in shapely.get_parts(shape):
        turned = shapely.orient_polygons(part, exterior_cw=True)
        found += [[list(xy) for xy in ring.coords] for ring in (turned.exterior, *turned.interiors)]
    return found


@pytest.fixture(scope="module")
def england(shared_data, tmp_path_factory) -> gd.Geography:
    known, folder = load_catalogue(), shared_data / "england-2017"
    with Server() as server:
        for key, (file, columns) in POLYGONS.items():
            frame = gpd.read_file(folder / "boundaries" / file).rename(columns=columns)
            rows = frame.drop(columns="geometry").to_dict("records")
            rings = [esri_rings(shape) for shape in frame.geometry]
            service = Service(rows, most=100, rings=rings)
            service.faults.append(times(1, lambda _: body({"error": {"code": 500, "message": "Busy"}})))
            server.services[known.service(key).service] = service
        for key, file in TABLES.items():
            table = pd.read_csv(folder / "lookups" / file, dtype=str).drop(columns="FID", errors="ignore")
            server.services[known.service(key).service] = Service(table.to_dict("records"), shapes=False)
        out: Path = tmp_path_factory.mktemp("fetched") / "england"
        with Portal(server.base, PortalSettings(pause_s=0.001)) as portal:
            fetch_geography(portal, known, "england-2017", out, cache=out.parent / "cache")
        asked = server.services[known.service("ccg_2017").service].asked
        assert len([each for each in asked if pages(each)]) == 4
    return gd.load_geography(out)


def test_what_is_fetched_is_england(england):
    embedded = gd.load_geography("england-2017")
    assert england.councils.index.tolist() == embedded.councils.index.tolist()
    assert england.population == embedded.population == 55_619_430
    assert len(england.borders) == 826
    assert {name: len(layer.bodies) for name, layer in england.layers.items()} == {
        "ccg": 207,
        "stp": 44,
        "lep": 38,
        "police": 39,
        "region": 9,
    }
    assert england.needs.scores.equals(embedded.needs.scores)


def test_its_layers_fit_each_other_as_those_of_the_embedded_geography(england):
    names = ["ccg", "stp", "lep", "police", "region"]
    ours = gd.audit(england, names).pairs.set_index(["areas", "bodies"])
    theirs = gd.audit(gd.load_geography("england-2017"), names).pairs.set_index(["areas", "bodies"])
    for measure in ("whole", "nest", "match", "v_measure"):
        assert (ours[measure] - theirs[measure]).abs().max() < 1e-3, measure
