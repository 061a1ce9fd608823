"""``geo-devolve audit`` as a user meets it, and its picture."""

import json
from pathlib import Path

import pytest
from drawn import draw
from PIL import Image

from geo_devolve.cli import run
from geo_devolve.geography.audit import audit
from geo_devolve.publish.maps.audit_picture import draw_audit, write_audit_picture


@pytest.fixture
def small():
    return draw("abc", {"one": "xxy", "under_score": "ppq", "three": "u.v"}, population=100.0)


def test_the_audit_of_an_embedded_geography_as_json(capsys):
    assert run(["audit", "england-2024", "--json", "-l", "icb", "-l", "icb_2026"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [(row["areas"], row["bodies"]) for row in document["pairs"]] == [
        ("icb", "icb_2026"),
        ("icb_2026", "icb"),
    ]
    assert {row["n_identical"] for row in document["pairs"]} == {29}


def test_the_table_names_who_straddles(capsys):
    assert run(["audit", "england-2024", "-l", "icb_2026", "-l", "strategic_authority_2025"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "2 of 15" not in text
    assert "10 of 15" in text
    assert "Midlands (1,578,535)" in text
    assert "misplaced" in text


def test_a_picture_is_written(tmp_path, capsys):
    path = tmp_path / "deep" / "audit.png"
    assert run(["audit", "england-2024", "-l", "icb", "-l", "police", "--picture", str(path)]) == 0
    with Image.open(path) as image:
        assert image.format == "PNG"
        assert image.width > 800
    assert "audit.png" in capsys.readouterr().err


def test_a_picture_that_cannot_be_written_is_a_usage_error(tmp_path, capsys):
    path = tmp_path / "file"
    path.write_text("")
    assert run(["audit", "england-2024", "-l", "icb", "-l", "police", "--picture", str(path / "x.png")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_an_unknown_layer_is_a_usage_error_with_the_nearest(capsys):
    assert run(["audit", "england-2024", "-l", "icb", "-l", "polise"]) == 2
    assert "'police'" in capsys.readouterr().err


def test_every_cell_of_the_picture_says_its_figure(small):
    found = audit(small)
    figure = draw_audit(found, "nobody")
    panels = [axis for axis in figure.axes if axis.images]
    assert [axis.get_title().split(":")[0] for axis in panels] == [
        "whole",
        "nest",
        "match",
        "one minus V-measure",
    ]
    whole = {text.get_position(): text.get_text() for text in panels[0].texts}
    names = list(found.layers)
    for areas in names:
        for bodies in names:
            if areas != bodies:
                value = found.matrix("whole").loc[areas, bodies]
                shown = whole[(names.index(bodies), names.index(areas))]
                assert shown == ("0" if value == 0 else f"{value:.2f}")
    assert [label.get_text() for label in panels[0].get_xticklabels()] == ["one", "under score", "three"]


def test_the_same_audit_gives_the_same_bytes(small, tmp_path: Path):
    found = audit(small)
    one = write_audit_picture(found, tmp_path / "one.png").read_bytes()
    assert write_audit_picture(found, tmp_path / "two.png").read_bytes() == one
