"""Arcs: each border once, and every piece made of them as it was."""

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from publish_samples import sample_geography

from geo_devolve.publish.files.topology import build, deltas, to_topojson


def rebuilt(topology, piece: int) -> shapely.Geometry:
    """A piece from its arcs, in the units of the ground."""
    rings = []
    for ring in topology.pieces[piece]:
        points = [
            point
            for arc in ring
            for point in (topology.arcs[arc] if arc >= 0 else topology.arcs[~arc][::-1])[:-1].tolist()
        ]
        rings.append(np.array(points) * topology.step + np.array(topology.origin))
    outer = [shapely.Polygon(ring) for ring in rings if shapely.is_ccw(shapely.LinearRing(ring))]
    holes = [shapely.Polygon(ring) for ring in rings if not shapely.is_ccw(shapely.LinearRing(ring))]
    return shapely.difference(shapely.union_all(outer), shapely.union_all(holes))


@given(st.integers(0, 10_000), st.integers(2, 6))
@settings(max_examples=30)
def test_pieces_come_back_and_no_arc_is_drawn_twice(seed: int, colours: int) -> None:
    cells = np.random.default_rng(seed).integers(0, colours, (6, 7))
    shapes = []
    for colour in np.unique(cells):
        rows, columns = np.nonzero(cells == colour)
        shapes.append(
            shapely.union_all(shapely.box(columns * 10.0, rows * 10.0, columns * 10.0 + 10, rows * 10.0 + 10))
        )
    coverage = gpd.GeoSeries(shapely.coverage_clean(np.array(shapes, dtype=object)))
    topology = build(coverage)
    for piece, shape in enumerate(coverage):
        assert shapely.symmetric_difference(rebuilt(topology, piece), shape).area < 0.5  # the grid's rounding
    keys = {min(arc.tobytes(), np.ascontiguousarray(arc[::-1]).tobytes()) for arc in topology.arcs}
    assert len(keys) == len(topology.arcs)
    used = [arc if arc >= 0 else ~arc for rings in topology.pieces for ring in rings for arc in ring]
    signed = [arc for rings in topology.pieces for ring in rings for arc in ring]
    assert len(set(signed)) == len(signed)  # each side of an arc belongs to one piece
    assert set(used) == set(range(len(topology.arcs)))


def test_an_island_in_a_lake_keeps_its_ring() -> None:
    sea = shapely.box(0, 0, 90, 90) - shapely.box(30, 30, 60, 60)
    topology = build(gpd.GeoSeries([sea, shapely.box(30, 30, 60, 60)]))
    assert len(topology.arcs) == 2
    assert topology.pieces[1][0][0] in {~topology.pieces[0][1][0], topology.pieces[0][1][0]}
    assert abs(rebuilt(topology, 0).area - 7200) < 1


def test_too_many_points_are_made_fewer_without_gaps() -> None:
    disc = shapely.Point(0, 0).buffer(100, quad_segs=2000)
    half = shapely.box(-200, -200, 0, 200)
    coverage = shapely.coverage_clean(np.array([disc & half, disc - half], dtype=object))
    topology = build(gpd.GeoSeries(coverage), most_points=200)
    assert sum(len(arc) for arc in topology.arcs) < 250
    assert len(topology.arcs) == 3


def test_steps_add_up_to_the_points() -> None:
    arc = np.array([[3, 4], [5, 1], [5, 9]])
    assert deltas(arc) == [3, 4, 2, -3, 0, 8]


def test_unions_share_the_arcs_of_their_pieces() -> None:
    councils = sample_geography().councils.geometry
    north = shapely.coverage_union_all(np.asarray(councils.array[:3]))
    topology = build(councils, gpd.GeoSeries([north], crs=councils.crs), most_points=None)
    of_councils = {
        arc if arc >= 0 else ~arc for rings in topology.pieces[:-1] for ring in rings for arc in ring
    }
    assert {arc if arc >= 0 else ~arc for ring in topology.pieces[-1] for arc in ring} <= of_councils
    document = to_topojson(topology, {"areas": [{"piece": len(councils), "code": "A01", "name": "North"}]})
    (feature,) = document["objects"]["areas"]["geometries"]
    assert feature["properties"] == {"code": "A01", "name": "North"}
    assert feature["id"] == "A01"
