"""A study area: what is cut, what stays as large as it is, and what is told."""

import dataclasses
import json
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from drawn import draw, random_geography
from small_folder import change, write_small

import geo_devolve as gd

PICTURE = """
    AABBCC
    DDEEFF
"""
LAYERS = {"health": "XXXYYY\nXXXYYY", "police": "PPPPPP\nQQQQQQ", "club": "......\n....ZZ"}
NEEDS = {"health": [1.0, 2.0, 4.0, 8.0, None, 3.0]}


def small() -> gd.Geography:
    return draw(PICTURE, LAYERS, needs=NEEDS, crossings=[("A", "F", "ferry")])


def test_everything_is_cut_to_the_named_councils() -> None:
    whole = small()
    part = whole.only("A", "Council B", "E")
    assert list(part.councils.index) == ["A", "B", "E"]
    assert part.population == whole.councils.loc[["A", "B", "E"], "population"].sum()
    assert set(part.points["council"]) == {"A", "B", "E"}
    assert {tuple(pair) for pair in part.borders[["council", "neighbour"]].to_numpy()} == {
        ("A", "B"),
        ("B", "E"),
    }
    assert part.crossings.empty
    assert set(part.pieces["council"]) == {"A", "B", "E"}
    assert list(part.layers["club"].bodies.index) == []
    assert part.study_area == ("A", "B", "E")
    assert len(whole.councils) == 6


def test_a_body_stands_for_the_councils_with_most_of_their_people_in_it() -> None:
    assert list(small().only("police:Q").councils.index) == ["D", "E", "F"]


def test_a_body_that_reaches_beyond_stays_as_large_as_it_is() -> None:
    whole = small()
    part = whole.only("A", "B")
    layer = part.layers["police"]
    assert dict(zip(layer.bodies.index, layer.outside, strict=True)) == {"P": 2000.0}
    assert layer.bodies.loc["P", "population"] == whole.layers["police"].bodies.loc["P", "population"]
    assert any("police" in told and "2,000 of 6,000" in told for told in part.notices)


@pytest.mark.parametrize("rule", ["whole", "nest", "match"])
def test_an_area_fits_a_body_as_in_the_whole_geography(rule: str) -> None:
    """The badness of area and body is the same; only the residents it is averaged over are fewer."""
    whole = random_geography(5, 9)
    part = whole.only(*list(whole.councils.index)[:5])
    scenario = gd.Scenario(areas=2, layers={"layer1": gd.LayerTerm(rule, 1.0)})
    area = {code: ("x" if at < 3 else "y") for at, code in enumerate(part.councils.index)}
    everywhere = area | {code: "rest" for code in whole.councils.index if code not in area}
    inside = gd.score(part, area, scenario)
    outside = gd.score(whole, everywhere, scenario)
    residents = [one.people("layer1").sum() for one in (part, whole)]

    def badness(table: object, people: float) -> float:
        rows = table[
            (table["part"] == "layer1") & (table["measure"] == "misfit") & table["area"].isin(["x", "y"])
        ]
        return float(rows["value"].sum() * people)

    assert badness(inside, residents[0]) == pytest.approx(badness(outside, residents[1]), abs=1e-9)


def test_the_plan_of_a_study_area_is_proven_by_the_same_terms() -> None:
    whole = random_geography(3, 10)
    part = whole.only(*list(whole.councils.index)[:7])
    layers = {"layer0": gd.LayerTerm("match", 1.0), "layer1": gd.LayerTerm("nest", 1.0)}
    plan = gd.propose(part, gd.Scenario(areas=(1, 3), layers=layers, weights={"compactness": 0.5}))
    assert plan.certificate.proven
    assert plan.objective == pytest.approx(plan.certificate.objective)


def test_needs_keep_what_was_filled_and_are_compared_within() -> None:
    whole = small()
    part = whole.only("A", "B", "E")
    assert part.needs.values.loc["E", "health"] == whole.needs.values.loc["E", "health"]
    assert list(part.needs.filled["council"]) == ["E"]
    people = part.councils["population"].to_numpy()
    scores = part.needs.scores["health"].to_numpy()
    assert people @ scores == pytest.approx(0.0, abs=1e-9)
    assert people @ scores**2 == pytest.approx(people.sum())


def test_what_leaves_and_what_falls_apart_is_told() -> None:
    told = "\n".join(small().only("A", "F", "C").only("A", "C").notices)
    assert "3 of 6 councils" in told
    assert "2 of 3 councils" in told
    assert "2 parts that do not hang together" in told


def test_cutting_twice_is_cutting_once() -> None:
    whole = random_geography(8, 9)
    codes = list(whole.councils.index)
    twice, once = whole.only(*codes[:6]).only(*codes[1:4]), whole.only(*codes[1:4])
    for name in whole.layers:
        assert np.allclose(twice.layers[name].outside, once.layers[name].outside)
        assert twice.layers[name].bodies.equals(once.layers[name].bodies)


def test_a_graph_is_cut_too() -> None:
    graph = nx.grid_2d_graph(3, 3)
    nx.set_node_attributes(graph, 10, "pop")
    nx.set_node_attributes(graph, {node: f"row{node[0]}" for node in graph}, "row")
    part = gd.Geography.from_graph(graph, layers=["row"]).only("row:row0", (1, 1))
    assert list(part.councils.index) == [(0, 0), (0, 1), (0, 2), (1, 1)]
    assert list(part.layers["row"].outside) == [0.0, 20.0]


def test_every_reference_that_leads_nowhere_is_named() -> None:
    with pytest.raises(gd.ScenarioError, match=r"2 faults\n(.|\n)*Coucil(.|\n)*polise"):
        small().only("A", "Coucil B", "polise:P")
    with pytest.raises(gd.UsageError, match="at least one"):
        small().only()


def test_a_new_member_of_a_geography_is_cut_or_kept_on_purpose() -> None:
    """Whoever adds a member decides in `study_area.cut` what becomes of it, and adds it here."""
    cut = {
        "councils",
        "points",
        "layers",
        "needs",
        "borders",
        "crossings",
        "pieces",
        "successors",
        "other_names",
        "quantities",
        "flows",
    }
    kept = {"name", "title", "vintage", "crs", "attribution", "inputs", "notices", "study_area", "_kept"}
    assert {each.name for each in dataclasses.fields(gd.Geography)} == cut | kept


def test_a_plan_of_a_study_area_opens_with_it(tmp_path: Path) -> None:
    folder = write_small(tmp_path / "small")
    part = gd.load_geography(folder).only("Aford", "Bham", "Cton")
    plan = gd.propose(part, gd.Scenario(areas=2))
    gd.write_plan(plan, tmp_path / "out")
    told = json.loads((tmp_path / "out" / "plan.json").read_text())["provenance"]["geography"]
    assert told["only"] == ["E00000001", "E00000002", "E00000003"]


@pytest.mark.parametrize(
    "only",
    ['["E00000001", "E00000002"]', '["Bham", "Aford"]', '"police:P1"', '["E00000001", "Bham"]'],
)
def test_a_manifest_may_ask_for_a_study_area(tmp_path: Path, only: str) -> None:
    folder = write_small(tmp_path)
    whole = gd.load_geography(folder)
    change(folder, "geography.toml", "[councils]\n", f"[councils]\nonly = {only}\n")
    part, by_hand = gd.load_geography(folder), whole.only("Aford", "Bham")
    assert list(part.councils.index) == ["E00000001", "E00000002"]
    assert part.layers["health"].bodies.equals(by_hand.layers["health"].bodies)
    assert list(part.layers["health"].outside) == [0.0, 500.0]
    assert part.needs.scores.equals(by_hand.needs.scores)
    assert any("2 of 4 councils" in told for told in part.notices)


def test_a_manifest_that_asks_for_nobody_says_so(tmp_path: Path) -> None:
    folder = write_small(tmp_path)
    change(folder, "geography.toml", "[councils]\n", '[councils]\nonly = ["Afford", "E9"]\n')
    with pytest.raises(gd.DataError, match=r"Afford(.|\n)*did you mean 'Aford'(.|\n)*E9"):
        gd.load_geography(folder)


def test_what_is_expected_may_be_of_the_whole_or_of_the_study_area(tmp_path: Path) -> None:
    folder = write_small(tmp_path)
    change(folder, "geography.toml", "[councils]\n", '[councils]\nonly = ["Aford", "Bham"]\n')
    change(folder, "geography.toml", "councils = 4", "councils = 2")
    assert len(gd.load_geography(folder).councils) == 2
    change(folder, "geography.toml", "points = 8", "points = 7")
    with pytest.raises(gd.DataError, match="8 points, 4 in the study area, where 7 are expected"):
        gd.load_geography(folder)


def test_files_that_speak_of_the_study_area_alone_are_read_as_before(tmp_path: Path) -> None:
    folder = write_small(tmp_path)
    change(folder, "councils.csv", "E00000004", "W00000004")
    change(folder, "geography.toml", "[councils]\n", '[councils]\nonly = "E"\n')
    change(folder, "geography.toml", "councils = 4\npoints = 8\npopulation = 3_600", "councils = 3")
    points = "p7,8500,500,700,E00000004,H3\np8,9500,1500,800,E00000004,H3\n"
    change(folder, "points.csv.gz", points, "")
    change(folder, "crossings.csv", "E00000003,E00000004,ferry,1000\n", "")
    change(folder, "clubs.csv", "E00000004,K3,Third Club,\n", "")
    change(folder, "needs.csv", "E00000004,40,400\n", "")
    change(folder, "grid.csv", "0,8000,10000,E00000004,H3\n1000,8000,10000,E00000004,H3\n", "")
    part = gd.load_geography(folder)
    assert len(part.councils) == 3
    assert part.layers["health"].outside is None
