"""Printed maps: what is drawn, what is refused, and names that never stand over each other."""

from pathlib import Path
from xml.etree import ElementTree as ET

import matplotlib.text
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from publish_samples import EVIL, evil_plan, sample_plan, shapeless_plan

from geo_devolve.errors import UsageError
from geo_devolve.plan.plan import Plan
from geo_devolve.publish.colours import area_colours, ramp
from geo_devolve.publish.maps.drawing import gather, without_specks
from geo_devolve.publish.maps.plan_map import draw_map, map_plan
from geo_devolve.publish.maps.themes import Choropleth, choropleth, choropleths


@pytest.fixture(scope="module")
def plan() -> Plan:
    return sample_plan()


def texts(figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(matplotlib.text.Text) if text.get_text()]


def test_a_map_says_what_it_is_how_good_and_whose_data(plan: Plan) -> None:
    said = " ".join(texts(draw_map(plan)))
    assert "A small country: 3 areas" in said
    assert "proven best over unions of 9 blocks" in said
    assert "Nobody’s data © 2020." in said
    assert "N" in texts(draw_map(plan))
    assert any(text.endswith(" km") for text in texts(draw_map(plan)))
    for name in plan.areas["name"]:
        assert all(word in said for word in name.split())


def test_the_areas_have_their_colours(plan: Plan, tmp_path: Path) -> None:
    map_plan(plan, tmp_path / "map.png", names=False)
    with Image.open(tmp_path / "map.png") as picture:
        seen = {colour for _, colour in picture.convert("RGB").getcolors(maxcolors=1_000_000)}
        size = picture.size
    assert size == (1653, 2338)
    for colour in area_colours(plan).values():
        wanted = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)])
        assert min(np.abs(wanted - np.array(one)).max() for one in seen) <= 6


@pytest.mark.parametrize("ending", [".png", ".svg", ".pdf"])
def test_the_same_map_is_the_same_bytes(plan: Plan, ending: str, tmp_path: Path) -> None:
    one = map_plan(plan, tmp_path / f"one{ending}", colour="health", layers=["pairs"])
    other = map_plan(plan, tmp_path / f"other{ending}", colour="health", layers=["pairs"])
    assert one.read_bytes() == other.read_bytes()


def test_names_in_an_svg_are_no_markup(tmp_path: Path) -> None:
    path = map_plan(evil_plan(), tmp_path / "map.svg", layers=["pairs"])
    tree = ET.parse(path)
    kinds = {element.tag.rpartition("}")[2] for element in tree.iter() if isinstance(element.tag, str)}
    assert not kinds & {"img", "image", "script", "foreignObject", "a"}
    assert not any(name.lower().startswith("on") for element in tree.iter() for name in element.attrib)
    assert EVIL not in path.read_text(encoding="utf-8")


def test_every_figure_can_be_mapped_and_its_key_names_its_classes(plan: Plan) -> None:
    for key in choropleths(plan):
        figure = choropleth(plan, key)
        said = texts(draw_map(plan, colour=key))
        assert {text for text, _ in figure.classes()} <= set(said)
        assert len(figure.classes()) == len(figure.ramp.colours)
    stable = choropleths(plan, pd.Series(1.0, index=plan.geography.councils.index))
    assert stable["stability"].by == "council"


@settings(deadline=None)
@given(
    st.lists(st.floats(-5, 5) | st.just(np.nan), min_size=1, max_size=60),
    st.sampled_from(["diverging", "sequential", "settled"]),
)
def test_every_value_lies_in_what_the_key_says_of_its_colour(values: list[float], kind: str) -> None:
    series = pd.Series(values)
    figure = Choropleth("k", "t", "t", "", "area", series, ramp(series, kind), 9)  # type: ignore[arg-type]
    says = {colour: text for text, colour in figure.classes()}
    assert len(says) == len(figure.ramp.colours)
    for value in filter(np.isfinite, values):
        text = says[figure.ramp.of(value)].replace("\N{MINUS SIGN}", "-")
        if text.startswith("less than "):
            assert value < float(text.removeprefix("less than ")) + 1e-8
        elif text.endswith(" and more"):
            assert value >= float(text.removesuffix(" and more")) - 1e-8
        elif text != "any":
            low, high = map(float, text.split(" to "))
            assert low - 1e-8 <= value <= high + 1e-8


def test_layers_and_contested_borders_are_drawn_and_told(plan: Plan) -> None:
    contested = pd.DataFrame({"council": ["A", "B"], "neighbour": ["D", "E"], "share": [0.5, 1.0]})
    figure = draw_map(plan, layers=["rows", "pairs"], contested=contested)
    said = " ".join(texts(figure))
    assert plan.geography.layers["rows"].title in said
    assert "Contested borders" in said
    content = gather(plan, ["pairs"], contested, None)
    shapes = plan.geography.councils.geometry
    assert [share for share, _ in content.contested] == [0.5, 1.0]
    for (_, line), (one, other) in zip(content.contested, ["AD", "BE"], strict=True):
        assert line.length == pytest.approx(shapely.intersection(shapes[one], shapes[other]).length)
    coast = shapely.boundary(shapes.union_all())
    assert shapely.intersection(content.layers[0], coast).length == pytest.approx(0)


def test_what_cannot_be_drawn_is_told(plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"unknown layer: halves; this geography has rows, pairs"):
        draw_map(plan, layers=["halves"])
    with pytest.raises(UsageError, match=r"unknown colour 'hue'; use area, health"):
        draw_map(plan, colour="hue")
    with pytest.raises(UsageError, match="cannot be told apart"):
        draw_map(plan, layers=["rows", "pairs", "rows"])
    with pytest.raises(UsageError, match=r"\.png, \.svg, \.pdf"):
        map_plan(plan, tmp_path / "map.jpg")
    with pytest.raises(UsageError, match="no shapes"):
        draw_map(shapeless_plan())
    assert list(tmp_path.iterdir()) == []


def test_specks_go_but_no_whole_shape_does() -> None:
    land = shapely.box(0, 0, 100, 100) - shapely.box(10, 10, 11, 11) - shapely.box(50, 50, 80, 80)
    islet, rock = shapely.box(120, 0, 121, 1), shapely.box(200, 0, 201, 1)
    shapes = np.array([shapely.MultiPolygon([land, islet]), rock], dtype=object)
    cleaned, kept = without_specks(shapes, 9.0)
    assert cleaned.area == 100 * 100 - 30 * 30
    assert kept.equals(rock)


def test_figures_are_the_plan_s_own(plan: Plan) -> None:
    figures = choropleths(plan)
    assert figures["health"].values.equals(plan.geography.needs.scores["health"])
    assert figures["population"].values.to_dict() == plan.areas["population"].to_dict()
    people = plan.areas["population"] / plan.areas["population"].sum()
    total = sum(plan.scenario.layers[key].weight * plan.value("misfit", key) for key in plan.geography.layers)
    assert (figures["misfit"].values * people).sum() == pytest.approx(total)
    assert figures["health"].write(-0.5) == "−0.50"
    assert figures["population"].write(12000.0) == "12,000"


@pytest.mark.national
def test_on_the_map_of_england_no_name_stands_over_another(england_plan: Plan) -> None:
    figure = draw_map(england_plan)
    figure.canvas.draw()
    boxes = [
        shapely.box(*text.get_window_extent().extents)
        for text in figure.findobj(matplotlib.text.Text)
        if text.get_text()
    ]
    tree = shapely.STRtree(boxes)
    pairs = tree.query(boxes, predicate="intersects").T
    for one, other in pairs[pairs[:, 0] < pairs[:, 1]]:
        common = shapely.intersection(boxes[one], boxes[other]).area
        assert common < 0.22 * min(boxes[one].area, boxes[other].area)
    letters = [text for text in texts(figure) if len(text) == 1 and text in "ABC"]
    assert len(letters) >= 2  # at least one inset, and its mark on the map


@pytest.fixture(scope="module")
def england_plan() -> Plan:
    import geo_devolve as gd

    england = gd.load_geography("england-2017")
    scenario = gd.load_scenario("reform-2017")
    return gd.propose(england, scenario)
