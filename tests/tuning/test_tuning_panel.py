"""The panel without a browser: what each control does to the scenario, and what is shown then."""

import math
import sys
from pathlib import Path

import pytest
from small_country import write_country

import geo_devolve as gd
from geo_devolve.scenario import LayerTerm, Locked
from geo_devolve.tuning.panel import Panel

pytest.importorskip("ipywidgets")


@pytest.fixture(scope="module")
def country(tmp_path_factory) -> Path:
    return write_country(tmp_path_factory.mktemp("country") / "small")


@pytest.fixture
def panel(country: Path) -> Panel:
    made = gd.tune(gd.load_geography(str(country)), gd.load_scenario(country / "scenario.toml"))
    assert made.wait(60)
    return made


def test_it_starts_with_the_best_plan_of_the_scenario(panel: Panel) -> None:
    plan = gd.propose(panel.geography, panel.scenario)
    assert panel.plan is not None
    assert panel.plan.assignment.equals(plan.assignment)
    assert "proven best" in panel.status.value
    assert panel.map.value.count("<title>") == 16
    assert "objective" in panel.terms.value
    assert "A04" in panel.areas.value


def test_each_control_changes_its_part_of_the_scenario(panel: Panel) -> None:
    controls = panel.controls
    controls.areas.value = (3, 5)
    assert panel.scenario.areas == (3, 5)
    controls.population.value = (200_000, 900_000)
    assert panel.scenario.population == (200_000, 900_000)
    controls.population.value = (0, controls.population.max)
    assert panel.scenario.population is None
    controls.population.value = (100_000, controls.population.max)
    assert panel.scenario.population == (100_000, math.inf)
    controls.weights["need"].value = 2.5
    assert panel.scenario.weights["need"] == 2.5
    controls.layer_weights["half"].value = 2.0
    controls.rules["half"].value = "whole"
    assert panel.scenario.layers["half"] == LayerTerm("whole", 2.0)
    controls.themes["work"].value = False
    assert panel.scenario.themes == ("health",)
    controls.blocks["quarter"].value = True
    assert panel.scenario.blocks == ("quarter",)
    controls.crossings["ferry"].value = False
    assert panel.scenario.crossings == ("bridge", "tunnel")
    assert panel.wait(60)
    assert panel.plan is not None
    assert panel.plan.scenario == panel.scenario


def test_ten_quick_changes_leave_one_result_the_last(panel: Panel) -> None:
    for step in range(10):
        panel.controls.weights["need"].value = 0.1 * (step + 1)
    assert panel.wait(60)
    assert panel.plan is not None
    assert panel.plan.scenario.weights["need"] == pytest.approx(1.0)
    assert panel.plan.objective == gd.propose(panel.geography, panel.scenario).objective


def test_an_impossible_setting_is_explained_in_place_and_can_be_undone(panel: Panel) -> None:
    before = panel.scenario
    panel.controls.population.value = (10_000, 50_000)
    assert panel.wait(60)
    assert isinstance(panel.error, gd.InfeasibleError)
    assert "gd-why" in panel.status.value
    assert "gd-busy" in panel.map.value
    panel.export.click()
    panel.undo.click()
    assert panel.wait(60)
    assert panel.error is None
    assert panel.scenario == before
    assert "gd-busy" not in panel.map.value
    assert panel.undo.disabled


def test_a_pinned_plan_is_compared_with(panel: Panel) -> None:
    panel.pin.click()
    assert "The same areas" in panel.compared.value
    panel.controls.population.value = (0, panel.controls.population.max)
    panel.controls.areas.value = (3, 3)
    assert panel.wait(60)
    assert panel.error is None
    assert panel.pinned is not None
    moved = gd.compare(panel.pinned, panel.plan).councils_moved
    assert f"{moved} councils" in panel.compared.value
    assert panel.map.value.count('class="gd-moved"') == moved
    assert "since pinned" in panel.terms.value


def test_councils_and_bodies_can_be_locked_and_unlocked(panel: Panel) -> None:
    controls = panel.controls
    controls.lock_members.value = ["Council 00", "half:H1"]
    controls.lock_name.value = "Mine"
    controls.lock_exempt.value = True
    controls.lock.click()
    locked = Locked("Mine", ("Council 00",), ("half:H1",), True)
    assert panel.scenario.constraints.locked == (locked,)
    assert controls.locked.options == ("Mine",)
    controls.locked.value = "Mine"
    controls.unlock.click()
    assert panel.scenario.constraints.locked == ()
    controls.lock.click()  # nothing chosen
    assert "gd-why" in panel.told.value
    assert panel.scenario.constraints.locked == ()


def test_saving_and_exporting(panel: Panel, tmp_path) -> None:
    panel.controls.weights["balance"].value = 0.7
    assert panel.wait(60)
    panel.file.value = str(tmp_path / "mine.toml")
    panel.save.click()
    assert gd.load_scenario(tmp_path / "mine.toml") == panel.scenario
    panel.file.value = str(tmp_path / "no" / "folder.toml")
    panel.save.click()
    assert "cannot write" in panel.told.value
    panel.folder.value = str(tmp_path / "out")
    panel._export()
    assert (tmp_path / "out" / "areas.geojson").exists()
    assert "exported" in panel.told.value


def test_without_jupyter_it_says_what_to_install(monkeypatch, panel: Panel) -> None:
    monkeypatch.setitem(sys.modules, "geo_devolve.tuning.panel", None)
    with pytest.raises(gd.UsageError, match="notebook"):
        gd.tune(panel.geography, panel.scenario)


def test_a_graph_without_shapes_is_tuned_without_a_map() -> None:
    import networkx as nx

    graph = nx.grid_2d_graph(3, 3)
    nx.set_node_attributes(graph, 10, "pop")
    ground = gd.Geography.from_graph(graph, border="none")
    panel = gd.tune(ground, gd.Scenario(areas=3, weights={"compactness": 1}))
    assert panel.wait(60)
    assert panel.error is None
    assert "no shapes" in panel.map.value
