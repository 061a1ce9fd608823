"""Pictures of a sweep: each drawn, and of what it should be."""

import numpy as np
import pytest
from sweeping import BASE, area

import geo_devolve as gd
from geo_devolve.errors import UsageError
from geo_devolve.sweeps import pictures
from geo_devolve.sweeps.spec import read_sweep


@pytest.fixture(scope="module")
def done() -> gd.Sweep:
    asked = read_sweep({"base": BASE, "sample": {"count": 25, "dirichlet": {"flat": True}}})
    return gd.sweep(area(), asked, workers=1)


def test_the_front_has_a_dot_a_plan(done) -> None:
    figure = pictures.draw_front(done)
    axes = figure.axes[0]
    front = done.front()
    dots = np.vstack([each.get_offsets() for each in axes.collections])
    assert len(dots) == len(front)
    assert {tuple(dot) for dot in dots} == {tuple(row) for row in front[["misfit", "need"]].to_numpy()}
    assert f"{front['front'].sum()} of {len(front)}" in axes.get_title(loc="left")
    figure.canvas.draw()


def test_the_matrix_holds_every_share_once_in_each_triangle(done) -> None:
    figure = pictures.draw_together(done)
    shown = figure.axes[0].images[0].get_array()
    assert np.allclose(np.sort(shown.ravel()), np.sort(done.together().to_numpy().ravel()))
    assert (np.diag(shown) == 1).all()
    figure.canvas.draw()


def test_the_map_draws_every_council_and_contested_borders_in_red(done) -> None:
    figure = pictures.draw_cores(done, 0.9)
    fills, lines = figure.axes[0].collections
    assert len(fills.get_paths()) == 12
    contested = done.borders()["together"].between(0.1, 0.9, inclusive="neither").sum()
    red = [colour for colour in lines.get_colors() if tuple(colour[:3]) == (0.8, 0.2, 17 / 255)]
    assert contested
    assert len(red) >= contested
    figure.canvas.draw()


def test_the_nearest_are_drawn_in_order(done) -> None:
    drawn = done.plan(done.found.index[2])
    figure = pictures.draw_nearest(done, drawn, 6)
    bars = [bar.get_width() for bar in figure.axes[0].patches]
    assert bars == list(done.nearest(drawn, 6)["adjusted_rand"])
    assert bars[0] == 1
    figure.canvas.draw()


def test_nothing_to_draw_is_told() -> None:
    none = gd.sweep(area(), [gd.Scenario(**BASE).replace(areas=11)], workers=1)
    for draw in (pictures.draw_front, pictures.draw_together, pictures.draw_cores):
        with pytest.raises(UsageError, match="nothing to draw"):
            draw(none)
