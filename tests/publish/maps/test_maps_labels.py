"""Names stand in their areas, break where they should, and never stand over each other."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_devolve.publish.maps.furniture import round_length, wrap
from geo_devolve.publish.maps.insets import crowds, place_inset
from geo_devolve.publish.maps.labels import Label, beside, breaks, clean, inside, over, text_size, width
from geo_devolve.publish.maps.sheet import Room, View, fit, outline_path


def test_a_name_is_broken_evenly() -> None:
    assert breaks("Lancashire and South Cumbria", 1) == ("Lancashire and South Cumbria",)
    assert breaks("Lancashire and South Cumbria", 2) == ("Lancashire and", "South Cumbria")
    assert breaks("Kent", 3) == ("Kent",)


@given(st.text(max_size=60), st.integers(1, 5))
def test_breaking_loses_no_word(name: str, lines: int) -> None:
    assert " ".join(breaks(name, lines)).split() == clean(name).split()


def test_mathematics_and_markup_in_a_name_are_only_letters() -> None:
    assert width("$x_1$", 10) > width("x", 10) * 3
    assert clean("a\nb\tc\x00d") == "a b c d"


@pytest.mark.parametrize("shape", [shapely.box(0, 0, 60, 30), shapely.Point(20, 20).buffer(18)])
def test_a_name_inside_lies_inside(shape: shapely.Geometry) -> None:
    label = inside("A", shape, "Greater Manchester")
    assert label is not None
    assert shapely.contains(shape, shapely.box(*label.box)) or len(label.lines) > 1
    assert shapely.contains(shape, shapely.Point(label.x, label.y))


def test_a_wider_area_has_its_name_larger_and_a_narrow_one_none() -> None:
    large = inside("A", shapely.box(0, 0, 80, 40), "Greater Manchester")
    small = inside("A", shapely.box(0, 0, 19, 9), "Greater Manchester")
    assert large is not None
    assert small is not None
    assert large.size > small.size
    assert inside("A", shapely.box(0, 0, 4, 4), "Greater Manchester") is None


def test_a_name_hangs_out_a_little_but_not_over_another() -> None:
    shape = shapely.box(0, 0, 15, 12)
    label = over("A", shape, "Nottinghamshire", [])
    assert label is not None
    within = shapely.intersection(shape, shapely.box(*label.box)).area / shapely.box(*label.box).area
    assert within > 0.6
    wall = Label("B", ("B",), 6, 7, 6, (-5, -5, 20, 20))
    assert over("A", shape, "Nottinghamshire", [wall]) is None


def test_a_name_beside_its_area_stands_in_free_room_and_its_line_crosses_no_name() -> None:
    room = Room((0, 0, 100, 100))
    land = shapely.box(40, 0, 60, 100)
    room.take(land.buffer(1))
    area = shapely.box(42, 40, 48, 46)
    first = beside("A", area, "Bath and Bristol", [], room)
    assert first is not None
    assert not shapely.intersects(land, shapely.box(*first.box))
    second = beside("B", shapely.box(42, 47, 48, 53), "Bath and Bristol", [first], room)
    assert second is not None
    assert not shapely.intersects(shapely.box(*first.box), shapely.box(*second.box))
    assert beside("C", area, "Bath and Bristol", [], _full()) is None


def _full() -> Room:
    room = Room((0, 0, 100, 100))
    room.take_box((0, 0, 100, 100))
    return room


@given(st.floats(1, 40), st.floats(1, 40))
def test_room_found_is_free(across: float, high: float) -> None:
    room = Room((0, 0, 60, 60))
    taken = shapely.box(20, 20, 40, 60)
    room.take(taken)
    box = room.nearest(across, high, (30, 30))
    if box is not None:
        overlap = shapely.intersection(shapely.box(*box), taken).area
        assert overlap <= 1.5 * (across + high)  # the grain of the grid
    else:
        assert across > 18
        assert high > 18


def test_a_crowd_is_what_touches_and_is_small() -> None:
    shapes = {name: shapely.box(x, 0, x + 3, 3) for name, x in zip("ABC", (0, 3, 6), strict=True)}
    shapes |= {"D": shapely.box(50, 0, 53, 3), "E": shapely.box(53, 0, 60, 7), "F": shapely.box(0, 3, 80, 30)}
    assert crowds(shapes, ["A", "B", "C"], [*"ABCE"], 20) == [["A", "B", "C"]]
    assert crowds(shapes, ["A", "B", "C", "F"], [*"ABCF"], 20) == [["A", "B", "C"]]
    assert crowds(shapes, ["D"], ["D", "E"], 20) == [["D", "E"]]
    assert crowds(shapes, ["D"], ["D"], 20) == []


def test_an_inset_shows_its_crowd_larger_and_stands_free() -> None:
    shapes = {name: shapely.box(x, 10, x + 3, 13) for name, x in zip("AB", (10, 13), strict=True)}
    main = View((0.0, 0.0, 1000.0, 1000.0), (0.0, 0.0, 100.0, 100.0))
    room = Room((0, 0, 100, 100))
    land = shapely.box(0, 0, 40, 40)
    room.take(land)
    inset = place_inset(shapes, ["A", "B"], main, room)
    assert inset is not None
    assert inset.gain > 2
    assert not shapely.overlaps(shapely.box(*inset.view.frame), land)
    ground = np.array([shapely.box(100, 100, 160, 130)], dtype=object)
    assert shapely.contains(shapely.box(*inset.view.frame), inset.view.on_sheet(ground)[0])
    assert place_inset(shapes, ["A", "B"], main, _full()) is None


def test_a_view_keeps_proportions() -> None:
    view = fit((0, 0, 200, 100), (0, 0, 50, 50))
    assert view.frame == (0, 12.5, 50, 37.5)
    assert view.box_on_sheet((0, 0, 200, 100)) == view.frame


def test_a_path_has_every_ring() -> None:
    shape = shapely.MultiPolygon(
        [shapely.box(0, 0, 9, 9) - shapely.box(2, 2, 4, 4), shapely.box(20, 0, 21, 1)]
    )
    assert (outline_path(shape).codes == 1).sum() == 3
    assert len(outline_path(shapely.Polygon()).vertices) == 0


def test_texts_keep_to_their_column() -> None:
    lines = wrap("Contains data of many owners under licences with long names", 8, 40)
    assert len(lines) > 1
    assert all(width(line, 8) <= 40 for line in lines)
    assert text_size(lines, 8)[1] > text_size(lines[:1], 8)[1]


@pytest.mark.parametrize(("most", "round_one"), [(1, 1), (7, 5), (43_000, 20_000), (0.3, 0.2)])
def test_scale_bars_are_round(most: float, round_one: float) -> None:
    assert round_length(most) == pytest.approx(round_one)


def test_marks_are_short_and_keep_clear_of_names() -> None:
    from geo_devolve.publish.maps.naming import _mark, _marks

    assert _marks(["A01", "A02"]) == {"A01": "A01", "A02": "A02"}
    assert _marks(["E54000059", "E54000060"]) == {"E54000059": "1", "E54000060": "2"}
    name = Label("B", ("B",), 6, 5, 5, (2, 2, 8, 8))
    mark = _mark("A", "1", shapely.box(0, 0, 20, 10), [name])
    assert not shapely.intersects(shapely.box(*mark.box), shapely.box(*name.box))
    assert shapely.contains(shapely.box(0, 0, 20, 10), shapely.Point(mark.x, mark.y))


def test_a_long_key_falls_into_parts_that_stand_free() -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from geo_devolve.publish.maps.naming import _key_of_marks

    figure = Figure()
    FigureCanvasAgg(figure)
    room = Room((0, 0, 100, 40))
    room.take(shapely.box(45, 0, 55, 40))
    axes = figure.add_subplot()
    _key_of_marks(axes, room, {str(number): f"Area {number}" for number in range(20)})
    texts = [text.get_text() for text in axes.texts]
    assert len(texts) == len(set(texts))
    assert 10 < len(texts) <= 20
    _key_of_marks(axes, _full(), {"1": "No room"})
    assert [text.get_text() for text in axes.texts] == texts
