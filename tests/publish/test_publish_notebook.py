"""How a plan and a geography show themselves in a notebook."""

import html
import re

from publish_samples import EVIL, evil_plan, sample_plan, shapeless_plan

import geo_devolve as gd


def test_a_plan_shows_its_certificate_and_areas() -> None:
    plan = sample_plan()
    shown = plan._repr_html_()
    assert "proven best over unions of 9 blocks" in shown
    assert shown.count("<tr>") == 4
    assert all(name in shown for name in plan.areas["name"])


def test_a_geography_shows_its_layers() -> None:
    geography = sample_plan().geography
    shown = geography._repr_html_()
    assert "9 councils" in shown
    assert shown.count("<tr>") == 1 + len(geography.layers)
    assert "Nobody" in shown


def test_names_are_text() -> None:
    plan = evil_plan()
    for shown in (plan._repr_html_(), plan.geography._repr_html_(), plan.explore()._repr_html_()):
        assert "<img" not in shown
        assert "&lt;img" in shown or "u003cimg" in shown


def test_the_explorer_stands_in_a_frame_of_its_own() -> None:
    page = sample_plan().explore(height=500)
    shown = page._repr_html_()
    (inside,) = re.findall(r'srcdoc="([^"]*)"', shown)
    assert html.unescape(inside) == page.text
    assert 'height="500"' in shown
    assert len(repr(page)) < 80


def test_a_plan_without_shapes_shows_itself_too() -> None:
    assert "Council A" in shapeless_plan().explore().text
    assert EVIL not in shapeless_plan()._repr_html_()


def test_the_public_names_are_there() -> None:
    for name in ("map", "explore", "export_plan", "open_plan", "write_plan", "write_report"):
        assert callable(getattr(gd, name)), name
