"""England of 2024 as it is loaded from its folder: the figures of its README, and who lines up with whom."""

from pathlib import Path

import networkx as nx
import numpy as np
import pytest

import geo_devolve as gd

FACTS = Path(__file__).resolve().parents[2] / "shared" / "facts"
FOLDER = Path(__file__).resolve().parents[1] / "boundaries" / "england-2024"


@pytest.fixture(scope="module")
def england() -> gd.Geography:
    return gd.load_geography("england-2024")


@pytest.fixture(scope="module")
def audit(england):
    return gd.audit(england)


@pytest.mark.parametrize(("vintage", "many"), [("england-2017", 11), ("england-2024", 17)])
def test_the_folder_holds_the_measured_files_byte_for_byte(vintage, many):
    if not FACTS.is_dir():
        pytest.skip("the measured files of ../shared/facts are not here")
    files = sorted(path.name for path in (FACTS / vintage).iterdir() if path.suffix != ".md")
    assert len(files) == many
    for name in files:
        assert (FOLDER.parent / vintage / name).read_bytes() == (FACTS / vintage / name).read_bytes(), name


def test_its_totals(england):
    assert len(england.councils) == 296
    assert england.population == 57_106_398
    assert len(england.points) == 33_755
    assert len(england.borders) == 745
    assert england.borders["length_m"].min() == 19
    assert england.crossings["kind"].value_counts().to_dict() == {
        "none": 22,
        "bridge": 15,
        "ferry": 5,
        "tunnel": 4,
    }
    assert len(england.needs.indicators) == 17
    assert england.needs.indicators["theme"].value_counts().to_dict() == {
        "health": 7,
        "employment": 6,
        "skills": 4,
    }


def test_its_layers(england):
    assert {name: len(layer.bodies) for name, layer in england.layers.items()} == {
        "icb": 42,
        "icb_2026": 36,
        "sub_icb": 106,
        "police": 39,
        "fire": 44,
        "upper_tier": 153,
        "combined_authority": 10,
        "strategic_authority_2025": 15,
        "region": 9,
        "lep": 38,
    }


def test_it_hangs_together_by_its_crossings_only(england):
    assert nx.number_connected_components(england.graph()) == 1
    without = list(nx.connected_components(england.graph(crossings=())))
    assert len(without) == 3
    alone = {england.councils.at[next(iter(part)), "name"] for part in without if len(part) == 1}
    assert alone == {"Isle of Wight", "Isles of Scilly"}


def straddling(england: gd.Geography, layer: str) -> list[str]:
    counts = np.asarray((england.people(layer) > 0).sum(axis=1)).ravel()
    return england.councils["name"][counts > 1].tolist()


def test_councils_that_straddle_health_bodies(england):
    assert len(straddling(england, "icb")) == 12
    assert len(straddling(england, "icb_2026")) == 5
    assert len(straddling(england, "sub_icb")) == 27
    assert {"East Suffolk", "Waverley", "North Yorkshire"} <= set(straddling(england, "icb"))
    assert straddling(england, "police") == straddling(england, "strategic_authority_2025") == []
    assert len(straddling(england, "lep")) == 7


@pytest.mark.parametrize(("layer", "expected"), [("icb", 28), ("icb_2026", 29)])
def test_boards_that_are_unions_of_whole_councils(england, layer, expected):
    people = england.people(layer).toarray()
    own = england.councils["population"].to_numpy()[:, None]
    divided = (people > 0) & (people < own)
    assert int((~divided.any(axis=0)).sum()) == expected


def test_boards_that_are_a_strategic_authority(audit, england):
    for layer in ("icb", "icb_2026"):
        row = audit.pairs.set_index(["areas", "bodies"]).loc[("strategic_authority_2025", layer)]
        assert row["n_identical"] == 2
        both = england.overlaps(layer, "strategic_authority_2025")
        same = both[(both["share_of_body"] == 1) & (both["share_of_other"] == 1)]
        names = england.layers["strategic_authority_2025"].bodies.loc[same["other_body"], "name"]
        assert sorted(names) == ["Greater Manchester", "South Yorkshire"]


def test_the_merger_of_the_boards_helped_those_who_line_up_with_them(audit):
    pairs = audit.pairs.set_index(["areas", "bodies"])
    # rule nest, boards against police and upper tiers: fewer people on the wrong side
    for layer in ("police", "fire", "upper_tier"):
        assert pairs.loc[("icb_2026", layer), "nest"] < pairs.loc[("icb", layer), "nest"]
    # by the strictest rule it made no police area and board more alike
    assert pairs.loc[("police", "icb_2026"), "match"] > pairs.loc[("police", "icb"), "match"]
    # and the mayors' areas gained nothing at all
    for rule in ("whole", "nest"):
        assert pairs.loc[("icb_2026", "strategic_authority_2025"), rule] == pytest.approx(
            pairs.loc[("icb", "strategic_authority_2025"), rule]
        )


def test_its_attribution_stands_on_everything(england):
    assert "Open Government Licence v.3.0" in england.attribution
    assert "Crown copyright" in england.attribution
    assert "MHCLG" in england.attribution


def test_nothing_of_england_is_built_into_the_code():
    """Names of England's layers and years belong into data: manifests, scenarios and the catalogue."""
    package = Path(gd.__file__).parent
    words = ("icb_2026", "strategic_authority_2025", "sub_icb", '"E09', '"E12', "2024")
    found = [
        f"{path.relative_to(package).as_posix()}: {word}"
        for path in sorted(package.rglob("*.py"))
        if path.parent.name != "commands"  # which geography and scenario a command takes where none is named
        for word in words
        if word in path.read_text("utf-8")
    ]
    assert not found
