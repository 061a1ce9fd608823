"""Real files of ONS, put together by manifests only; skipped where ../shared/data is not there."""

import json
import shutil

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import real_folders
import shapely

import geo_devolve as gd
from geo_devolve.geography.reading.load import examine


@pytest.fixture(scope="module")
def embedded():
    return gd.load_geography("england-2017")


@pytest.fixture(scope="module")
def real(shared_data, tmp_path_factory):
    return gd.load_geography(real_folders.england_2017(shared_data, tmp_path_factory.mktemp("real") / "2017"))


@pytest.fixture(scope="module")
def topojson(shared_data, tmp_path_factory):
    return examine(real_folders.topojson_2017(shared_data, tmp_path_factory.mktemp("real") / "topojson"))


@pytest.fixture(scope="module")
def later(shared_data, tmp_path_factory):
    return examine(real_folders.england_2023(shared_data, tmp_path_factory.mktemp("real") / "2023"))


def straddling(geography, layer):
    return int((np.diff(geography.people(layer).indptr) > 1).sum())


def test_2017_has_its_figures(real):
    assert len(real.councils) == 326
    assert real.population == 55_619_430
    assert len(real.borders) == 826
    assert nx.number_connected_components(real.graph(crossings=())) == 3
    assert nx.is_connected(real.graph())
    assert [straddling(real, layer) for layer in ("lep", "stp", "ccg")] == [35, 17, 69]
    assert {name: len(layer.bodies) for name, layer in real.layers.items()} == {
        "ccg": 207,
        "stp": 44,
        "lep": 38,
        "police": 39,
        "upper_tier": 152,
        "combined_authority": 9,
        "region": 9,
        "fire": 45,
    }
    assert shapely.coverage_is_valid(real.pieces.geometry.to_numpy())
    assert shapely.coverage_is_valid(real.councils.geometry.to_numpy())


def test_2017_has_the_embedded_borders_to_the_metre(real, embedded):
    both = real.borders.merge(embedded.borders, on=["council", "neighbour"], suffixes=("", "_embedded"))
    assert len(both) == 826
    assert (both["length_m"] - both["length_m_embedded"]).abs().max() <= 0.5


def test_every_layer_misfits_every_other_as_the_embedded_ones_do(real, embedded):
    ours = gd.audit(real).pairs.set_index(["areas", "bodies"])
    theirs = gd.audit(embedded).pairs.set_index(["areas", "bodies"])
    assert len(ours) == 8 * 7
    measures = ["whole", "nest", "match", "v_measure"]
    apart = (ours[measures] - theirs.loc[ours.index, measures]).abs()
    assert apart.max(axis=None) < 1e-3


@pytest.mark.national
def test_2017_has_the_embedded_default_plan(real, embedded):
    scenario = gd.load_scenario("reform-2017")
    ours, theirs = gd.propose(real, scenario), gd.propose(embedded, scenario)
    assert ours.certificate.proven
    assert ours.assignment.to_dict() == theirs.assignment.to_dict()


def test_the_raw_topojson_loads_after_told_repairs(topojson):
    geography, findings = topojson
    assert len(geography.councils) == 326
    assert geography.population == 55_619_430
    told = {finding.what.split(";")[0]: finding for finding in findings.found}
    assert "does not say its coordinate system" in told
    cut = next(finding for what, finding in told.items() if what.startswith("cut to the study area"))
    assert len(cut.culprits) == 391 - 326
    mended = next(finding for what, finding in told.items() if "invalid shapes mended" in what)
    assert len(mended.culprits) >= 106
    assert all("m²)" in culprit for culprit in mended.culprits)
    assert shapely.coverage_is_valid(geography.councils.geometry.to_numpy())


def test_the_raw_topojson_has_all_land_neighbours(topojson, shared_data):
    """Every land neighbour of ONS's own list is found, but for two that the quantised file pulled apart."""
    geography, _ = topojson
    ours = set(zip(geography.borders["council"], geography.borders["neighbour"], strict=True))
    reference = shared_data / "england-2017" / "reference"
    listed = json.loads((reference / "LAD21_neighbours_ONS.json").read_text())
    unchanged = {code for code in listed if code in geography.councils.index}
    assert len(unchanged) == 301  # the others merged between 2017 and 2021
    pairs = {
        tuple(sorted((code, neighbour)))
        for code in unchanged
        for neighbour in (listed[code][0] or [])
        if neighbour in unchanged
    }
    water = pd.read_csv(reference / "water_adjacency_ONS_not_in_clipped_land.csv")
    across = {tuple(sorted(pair)) for pair in water[["LAD17CD_a", "LAD17CD_b"]].itertuples(index=False)}
    missing = pairs - ours - across
    # Watford and St Albans, the City and Southwark touch for less than 50 m, finer than the file's own grid
    assert missing == {("E07000103", "E07000240"), ("E09000001", "E09000028")}
    assert len((pairs - ours) & across) == 39
    assert {pair for pair in ours if set(pair) <= unchanged} <= pairs


def test_the_raw_topojson_against_the_embedded_borders(topojson, embedded):
    geography, _ = topojson
    ours = set(zip(geography.borders["council"], geography.borders["neighbour"], strict=True))
    theirs = set(zip(embedded.borders["council"], embedded.borders["neighbour"], strict=True))
    gaps = embedded.crossings.set_index(["council", "neighbour"])["gap_m"]
    assert {pair: gaps[pair] for pair in ours - theirs} == {
        ("E07000126", "E07000127"): 5,  # a river closed by generalisation: a bridge in the crossings
        ("E07000145", "E07000149"): 10,
    }
    lengths = embedded.borders.set_index(["council", "neighbour"])["length_m"]
    assert all(lengths[pair] < 50 for pair in theirs - ours)
    assert len(theirs - ours) == 2


def test_the_raw_topojson_is_refused_where_a_border_would_be_missed(shared_data, tmp_path):
    folder = real_folders.topojson_2017(shared_data, tmp_path / "topojson")
    (folder / "crossings.csv").write_text("council,neighbour,kind,gap_m\n")
    with pytest.raises(gd.DataError, match=r"share no border: .*E07000080-E07000082"):
        gd.load_geography(folder)


def test_2023_loads_by_a_manifest_only(later):
    geography, findings = later
    assert len(geography.councils) == 296
    assert geography.population == 57_106_398
    assert {name: len(layer.bodies) for name, layer in geography.layers.items()} == {
        "sub_icb": 106,
        "icb": 42,
        "lep": 38,
        "combined_authority": 10,
        "police": 39,
        "region": 9,
        "upper_tier": 153,
    }
    mended = next(finding for finding in findings.found if "invalid shapes mended" in finding.what)
    assert [culprit.split()[0] for culprit in mended.culprits] == ["E07000085", "E07000228"]
    assert geography.needs.scores.columns.tolist() == ["health", "employment"]
    assert (
        geography.layers["icb"].bodies.loc["E54000063", "name"]
        == "NHS Surrey Heartlands Integrated Care Board"
    )


def test_2023_councils_lie_in_the_bodies_that_are_known(later, shared_data):
    geography, _ = later
    assert straddling(geography, "lep") == 7
    known = pd.read_csv(shared_data / "england-2023" / "lookups" / "LAD23_CAUTH23_EN_LU.csv")
    people = geography.people("combined_authority").tocoo()
    bodies = geography.layers["combined_authority"].bodies.index
    ours = set(zip(geography.councils.index[people.row], bodies[people.col], strict=True))
    assert ours == set(zip(known["LAD23CD"], known["CAUTH23CD"], strict=True))


def test_2023_can_be_audited(later):
    geography, _ = later
    pairs = gd.audit(geography).pairs.set_index(["areas", "bodies"])
    assert pairs.loc[("icb", "sub_icb"), "whole"] == pytest.approx(0, abs=1e-12)
    assert pairs.loc[("sub_icb", "icb"), "whole"] > 0.3


@pytest.mark.national
def test_2023_can_be_planned(later):
    geography, _ = later
    scenario = gd.load_scenario("reform-2017").replace(
        areas=42,
        blocks=("icb", "lep", "police"),
        themes=("health", "employment"),
        layers={"icb": {"rule": "match", "weight": 1.0}, "police": {"rule": "nest", "weight": 0.5}},
        constraints={"together": [["Isle of Wight", "New Forest"], ["Isles of Scilly", "Cornwall"]]},
        population=(300_000, 4_000_000),
    )
    # without a table of crossings the two islands have no neighbour: that is refused in so many words
    with pytest.raises(gd.GeoDevolveError, match=r"Isle of Wight|Isles of Scilly"):
        gd.propose(geography, scenario)


@pytest.mark.national
def test_2023_can_be_planned_with_crossings(shared_data, tmp_path):
    folder = real_folders.england_2023(shared_data, tmp_path / "2023")
    shutil.copy(real_folders.FACTS.parent / "england-2024" / "crossings.csv", folder)
    with (folder / "geography.toml").open("a") as manifest:
        manifest.write('\n[crossings]\ntable = "crossings.csv"\n')
    geography = gd.load_geography(folder)
    scenario = gd.load_scenario("reform-2017").replace(
        areas=42,
        blocks=("icb", "lep", "police"),
        layers={"icb": {"rule": "match", "weight": 1.0}, "police": {"rule": "nest", "weight": 0.5}},
    )
    plan = gd.propose(geography, scenario)
    assert plan.certificate.proven
    assert plan.assignment.nunique() == 42
    assert len(plan.assignment) == 296
    graph = geography.graph()
    for _, councils in plan.assignment.groupby(plan.assignment):
        assert nx.is_connected(graph.subgraph(councils.index))


def test_codes_of_2022_are_reported_with_their_successors(shared_data, tmp_path):
    folder = real_folders.england_2022_on_2024(shared_data, tmp_path / "2022")
    geography, findings = examine(folder)
    told = {
        culprit
        for finding in findings.found
        if "another vintage" in finding.what
        for culprit in finding.culprits
    }
    assert {"E54000052 → E54000063", "E54000053 → E54000064"} <= told
    assert {"E38000246 → E38000264", "E38000248 → E38000265"} <= told
    assert "E07000026 → E06000063 (Cumberland)" in told
    assert (
        len([culprit for culprit in told if culprit.startswith("E07")]) == 17
    )  # of the districts that Cumbria, North Yorkshire and Somerset merged
    assert len(geography.layers["icb"].bodies) == 42


def test_codes_of_2022_are_refused_without_a_table_of_successors(shared_data, tmp_path):
    folder = real_folders.england_2022_on_2024(shared_data, tmp_path / "2022")
    text = (folder / "geography.toml").read_text()
    (folder / "geography.toml").write_text(text[: text.index("[successors]")])
    with pytest.raises(gd.DataError, match=r"points in councils that are not listed: E0.*\[successors\]"):
        gd.load_geography(folder)
