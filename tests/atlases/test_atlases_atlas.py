"""The atlas: every plan once with its figures, drawn evenly, taken up where it was killed, the same bytes."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from drawn import random_geography
from every_plan import listed
from scipy import stats

import geo_devolve as gd
from geo_devolve.atlases import store

LAYERS = {"layer0": gd.LayerTerm("match", 1.0), "layer1": gd.LayerTerm("nest", 0.5)}


def scenario(**changes: object) -> gd.Scenario:
    asked = gd.Scenario(
        areas=(2, 4),
        layers=LAYERS,
        themes=("theme0", "theme1"),
        weights={"need": 1.0, "compactness": 0.5, "balance": 0.3},
    )
    return asked.replace(**changes)


@pytest.fixture(scope="module")
def small() -> gd.Atlas:
    return gd.atlas(random_geography(2, 9), scenario())


def figures(plan: gd.Plan) -> dict[str, float]:
    """A plan's figures by the names of an atlas's columns, out of its scores and its own groups."""
    whole = plan.scores[plan.scores["area"] == ""]
    found = {
        part if measure == "misfit" else measure: value
        for measure, part, value in zip(whole["measure"], whole["part"], whole["value"], strict=True)
    }
    found["population_gap"] = found["population_max"] - found["population_min"]
    for layer in plan.geography.layers:
        touched = (plan.groups.people(layer) > 0).sum(axis=0)
        found[f"bodies_cut:{layer}"] = float((touched > 1).sum())
    return found


def test_every_figure_is_the_plans_own(small: gd.Atlas) -> None:
    rows = small.table.sample(200, random_state=1)
    for row in rows.to_dict("records"):
        known = figures(small.plan(row["plan"]))
        for criterion in small.criteria:
            assert row[criterion.name] == pytest.approx(known[criterion.name], abs=1e-9), criterion.name


def test_figures_with_ferries_locked_areas_and_a_study_area() -> None:
    whole = random_geography(6, 11)
    codes = [f"C{at:03d}" for at in range(9)]
    apart = next(
        (one, other, "ferry", 100.0)
        for one, other in combinations(codes, 2)
        if not whole.neighbours().has_edge(one, other)
    )
    ferry = pd.DataFrame([apart], columns=whole.crossings.columns)
    part = replace(whole, crossings=ferry).only(*codes)
    atlas = gd.atlas(
        part, scenario(constraints={"locked": [{"name": "x", "councils": ["C004"], "exempt": True}]})
    )
    assert "ferry_only_areas" in atlas.table
    for row in atlas.table.sample(min(60, len(atlas)), random_state=2).to_dict("records"):
        plan = atlas.plan(row["plan"])
        assert not plan.faults
        known = figures(plan)
        for criterion in atlas.criteria:
            assert row[criterion.name] == pytest.approx(known[criterion.name], abs=1e-9), criterion.name


def test_rows_are_every_plan_once(small: gd.Atlas) -> None:
    assert small.table.groupby("areas").size().to_dict() == small.counts.to_dict()
    assert small.table["plan"].is_unique
    assert len(set(listed(small))) == len(small)
    assert len(small) == small.counts.sum()


def test_the_best_row_is_the_plan_that_is_proven_best(small: gd.Atlas) -> None:
    best = gd.propose(small.geography, small.scenario)
    assert best.certificate.proven
    assert small.table["objective"].min() == pytest.approx(best.objective)


@pytest.mark.parametrize(
    "criteria", [["objective"], ["need", "compactness"], ["need", "layer0", "population_min"]]
)
def test_the_front_is_that_of_looking_at_every_pair(small: gd.Atlas, criteria: list[str]) -> None:
    costs = small.table[criteria].to_numpy(float).round(9)
    if "population_min" in criteria:
        costs[:, criteria.index("population_min")] *= -1
    worse = _worse(costs)
    assert set(small.front(criteria)["plan"]) == set(small.table["plan"][~worse])
    three = small.table["areas"] == 3
    among = np.array(
        [((costs[three] <= one).all(1) & (costs[three] < one).any(1)).any() for one in costs[three]]
    )
    assert set(small.front(criteria, areas=3)["plan"]) == set(small.table["plan"][three][~among])


def _worse(costs: np.ndarray) -> np.ndarray:
    return np.array([((costs <= one).all(axis=1) & (costs < one).any(axis=1)).any() for one in costs])


def test_plans_that_are_equal_do_not_beat_each_other() -> None:
    graph = nx.path_graph(5)
    nx.set_node_attributes(graph, 1, "pop")
    atlas = gd.atlas(gd.Geography.from_graph(graph), gd.Scenario(areas=2))
    assert sorted(atlas.front(["population_gap"])["plan"]) == ["AAABB", "AABBB"]


def test_an_unknown_criterion_is_refused_with_the_nearest(small: gd.Atlas) -> None:
    with pytest.raises(gd.UsageError, match=r"compactnes'.*compactness"):
        small.front(["compactnes"])


def test_a_folder_holds_the_same_as_memory(small: gd.Atlas, tmp_path: Path) -> None:
    written = gd.atlas(small.geography, small.scenario, tmp_path / "atlas")
    assert written.held is None
    pd.testing.assert_frame_equal(written.table, small.table)
    opened = gd.open_atlas(tmp_path / "atlas", small.geography)
    assert opened.front(["need", "layer0"]).equals(small.front(["need", "layer0"]))


def test_a_folder_of_something_else_is_left_alone(small: gd.Atlas, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(gd.UsageError, match="other files"):
        gd.atlas(small.geography, small.scenario, tmp_path)
    home = tmp_path / "atlas"
    gd.atlas(small.geography, small.scenario, home)
    with pytest.raises(gd.UsageError, match="another geography or scenario"):
        gd.atlas(small.geography, small.scenario.replace(areas=3), home)
    with pytest.raises(gd.UsageError, match=r"no atlas\.json"):
        gd.open_atlas(tmp_path)


def test_a_damaged_part_is_named(small: gd.Atlas, tmp_path: Path) -> None:
    written = gd.atlas(small.geography, small.scenario, tmp_path / "atlas")
    part = next((tmp_path / "atlas").glob("plans-003*"))
    part.write_bytes(part.read_bytes()[:100])
    with pytest.raises(gd.DataError, match=part.name):
        len(written.table)


def test_too_many_plans_are_told_with_their_number(small: gd.Atlas) -> None:
    total = int(small.counts.sum())
    with pytest.raises(gd.UsageError, match=rf"{total:,} plans(.|\n)*sample"):
        gd.atlas(small.geography, small.scenario, most=total - 1)
    assert len(gd.atlas(small.geography, small.scenario, most=total)) == total


@pytest.mark.parametrize("seed", range(3))
def test_a_sample_is_even_over_all_plans(seed: int) -> None:
    geography = random_geography(seed, 7)
    asked = gd.Scenario(areas=(2, 5), population=(200, 4000), seed=seed)
    every = gd.atlas(geography, asked).table["plan"]
    draws = 30 * len(every)
    drawn = gd.atlas(geography, asked, sample=draws)
    assert drawn.sample
    found = drawn.table["plan"].value_counts().reindex(every, fill_value=0)
    assert found.sum() == draws
    assert stats.chisquare(found).pvalue > 0.01


def test_a_sample_of_more_plans_than_can_be_listed_is_the_same_for_a_seed() -> None:
    graph = nx.convert_node_labels_to_integers(nx.grid_2d_graph(5, 8))
    nx.set_node_attributes(graph, 1, "pop")
    geography = gd.Geography.from_graph(graph)
    asked = gd.Scenario(areas=(2, 12), seed=3)
    drawn = gd.atlas(geography, asked, sample=20)
    assert drawn.counts.sum() > 10**12
    assert drawn.table.equals(gd.atlas(geography, asked, sample=20).table)
    assert not any(drawn.plan(text).faults for text in drawn.table["plan"])
    with pytest.raises(gd.UsageError, match="plans obey the scenario"):
        gd.atlas(geography, asked)


def _bytes(folder: Path) -> dict[str, str]:
    return {each.name: hashlib.sha256(each.read_bytes()).hexdigest() for each in sorted(folder.iterdir())}


WRITER = """
import sys
sys.path.insert(0, {tests!r})
from drawn import random_geography
import geo_devolve as gd
from geo_devolve.atlases import store
store.ROWS_A_PART, store.ROWS_AT_ONCE = 60, 25
gd.atlas(random_geography(2, 9), gd.Scenario(areas=(2, 6)), {folder!r})
"""


def test_a_killed_run_goes_on_to_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "ROWS_A_PART", 60)
    monkeypatch.setattr(store, "ROWS_AT_ONCE", 25)
    geography, asked = random_geography(2, 9), gd.Scenario(areas=(2, 6))
    gd.atlas(geography, asked, tmp_path / "whole")
    code = WRITER.format(tests=str(Path(__file__).parent.parent), folder=str(tmp_path / "killed"))
    for parts in (1, 4, 9):
        process = subprocess.Popen([sys.executable, "-c", code], env=os.environ)
        while process.poll() is None and len(list((tmp_path / "killed").glob("plans-*"))) < parts:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.wait()
    (tmp_path / "killed" / ".writing-plans-006-000000.parquet").write_bytes(b"half")
    assert len(_bytes(tmp_path / "killed")) < len(_bytes(tmp_path / "whole"))
    gd.atlas(geography, asked, tmp_path / "killed")
    assert _bytes(tmp_path / "killed") == _bytes(tmp_path / "whole")
