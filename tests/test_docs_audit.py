"""The figures in the text about the audit of England 2017 are those that the audit measures."""

import re
from pathlib import Path

import pytest

import geo_devolve as gd

TEXT = Path(__file__).resolve().parents[1] / "docs" / "audit-england-2017.md"


@pytest.fixture(scope="module")
def audit():
    return gd.audit(gd.load_geography("england-2017"))


@pytest.fixture(scope="module")
def text():
    return " ".join(TEXT.read_text("utf-8").split())


def pair(audit, areas, bodies):
    (found,) = audit.pairs[(audit.pairs["areas"] == areas) & (audit.pairs["bodies"] == bodies)].to_dict(
        "records"
    )
    return found


def test_what_fits(audit, text):
    assert pair(audit, "stp", "ccg")["n_nesting"] == 207
    assert {pair(audit, layer, "upper_tier")["n_nesting"] for layer in ("police", "fire", "region")} == {152}
    police = pair(audit, "fire", "police")
    assert f"{police['n_identical']} of the {police['n_bodies']} police areas are a fire authority" in text
    assert f"V-measure {police['v_measure']:.3f}" in text


def test_what_does_not(audit, text):
    lep = pair(audit, "stp", "lep")
    assert f"Only {lep['n_nesting']} of {lep['n_bodies']} lie in one STP" in text
    assert f"is {lep['nest']:.3f} even by" in text
    assert f"with police areas it is {pair(audit, 'police', 'lep')['nest']:.3f}" in text
    assert f"with regions {pair(audit, 'region', 'lep')['nest']:.3f}" in text
    stp, police = pair(audit, "police", "stp"), pair(audit, "stp", "police")
    assert f"{stp['n_nesting']} of 44 STPs lie in one police area" in text
    assert f"{police['n_nesting']} of 39 police areas in one STP (*nest* {police['nest']:.3f})" in text
    assert f"police and fire ({pair(audit, 'police', 'fire')['match']:.3f})" in text
    authorities = pair(audit, "police", "combined_authority")["match"]
    assert f"combined authorities with either (with police {authorities:.3f})" in text
    closest = audit.pairs.sort_values("match").head(6)
    assert {frozenset(row) for row in closest[["areas", "bodies"]].to_numpy().tolist()} == {
        frozenset({"police", "fire"}),
        frozenset({"police", "combined_authority"}),
        frozenset({"fire", "combined_authority"}),
    }


def test_the_five_worst_bodies(audit, text):
    rows = re.findall(r"\| ([A-Z][^|]*) LEP \| ([\d,]+) \| ([\d.]+) \| ([\d,]+) \|", text)
    worst = audit.worst.head(5)
    assert set(worst["layer"]) == {"lep"}
    assert rows == [
        (each.name, f"{each.population:,.0f}", f"{each.misfit:.3f}", f"{each.people_misplaced:,.0f}")
        for each in worst.itertuples(index=False)
    ]


def test_the_worst_for_a_resident(audit, text):
    ranked = audit.worst.sort_values("misfit", ascending=False)
    first, stp = ranked.iloc[0], ranked[ranked["layer"] == "stp"].iloc[0]
    assert f"{first['name']} ({first['misfit']:.3f})" in text
    assert f"{stp['name']} (misfit {stp['misfit']:.3f})" in text
