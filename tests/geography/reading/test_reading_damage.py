"""Random coverages with random damage are repaired to the right neighbours, or refused, never in silence."""

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from drawn import random_geography
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from polygon_folder import points, write_polygons

from geo_devolve.geography.reading.borders import shared_lengths
from geo_devolve.geography.reading.files import Folder
from geo_devolve.geography.reading.findings import Findings
from geo_devolve.geography.reading.load import examine
from geo_devolve.geography.reading.manifest import RepairLimits
from geo_devolve.geography.reading.repair import SHORT, Job, mend_coverage, mend_rings

pytestmark = pytest.mark.slow

GAP_M = 20.0


def bend(shapes):
    """Bend the straight lines of a drawn coverage, all shapes alike, so that nothing runs along an axis."""

    def curve(xy):
        x, y = xy[:, 0] / 10_000, xy[:, 1] / 10_000
        return xy + 1500 * np.column_stack([np.sin(2.1 * y + x), np.cos(1.7 * x - y)])

    return shapely.transform(shapes, curve)


def coverage(seed, count):
    drawn = random_geography(seed, count, layers=0, themes=0)
    return bend(drawn.councils.geometry.to_numpy()), drawn.councils.index


def pairs(shapes, codes):
    one, other, length = shared_lengths(shapes)
    return {(codes[a], codes[b]) for a, b, size in zip(one, other, length, strict=True) if size > 0}


def moved(shape, number, dx, dy):
    """Move one vertex of a shape, everywhere it occurs in it."""
    places = np.unique(shapely.get_coordinates(shape), axis=0)
    place = places[number % len(places)]

    def push(xy):
        return np.where((xy == place).all(axis=1)[:, None], xy + np.array([dx, dy]), xy)

    return shapely.transform(shape, push)


def without_a_ring(shape, number):
    """Drop an inner ring, or a part of a shape that has more than one."""
    parts = shapely.get_parts(shape).tolist()
    if len(parts) > 1:
        del parts[number % len(parts)]
        return shapely.multipolygons(parts)
    return shapely.polygons(parts[0].exterior)


def mended(shapes, codes):
    findings = Findings("damaged")
    job = Job(Folder(Path(), findings), "shapes", list(codes), RepairLimits(GAP_M))
    shapes = mend_rings(job, shapes)
    if not findings.faults:
        shapes = mend_coverage(job, shapes)
    return shapes, findings


def told(findings, words):
    named = [text for finding in findings.found if words in finding.what for text in finding.culprits]
    return {tuple(re.match(r"(\w+)-(\w+) ", text).groups()) for text in named}


small = st.floats(-GAP_M, GAP_M)
tiny = st.floats(-0.7, 0.7)
large = st.floats(-1500, 1500)
touches = st.tuples(st.integers(0, 99), st.integers(0, 999), tiny, tiny)
nudges = st.tuples(st.integers(0, 99), st.integers(0, 999), small, small)
pushes = st.tuples(st.integers(0, 99), st.integers(0, 999), large, large)


@settings(max_examples=80)
@given(st.integers(0, 500), st.integers(3, 12), st.lists(nudges, max_size=3), st.none() | pushes)
@example(269, 9, [(0, 490, 0.0, 1.0), (75, 2, -6.0, 0.0)], None)  # a gap with arms along two borders
def test_moved_vertices(seed, count, damage, push):
    """Some vertices are off by up to the limit, and perhaps one by much more."""
    damage = [*damage, push] if push else damage
    shapes, codes = coverage(seed, count)
    right = pairs(shapes, codes)
    for which, vertex, dx, dy in damage:
        shapes[which % count] = moved(shapes[which % count], vertex, dx, dy)
    repaired, findings = mended(shapes, codes)
    if findings.faults:
        assert all(finding.remedy for finding in findings.faults)
        return
    found = pairs(repaired, codes)
    # a corner torn open may make a border as short as the repair, a border torn open may look like water
    assert right - found <= told(findings, "face each other")
    assert found - right <= told(findings, "within what the repair")
    assert shapely.coverage_is_valid(repaired)
    _, _, length = shared_lengths(repaired)
    assert all(
        size <= SHORT * GAP_M
        for size in length[[pair not in right for pair in pairs_in_order(repaired, codes)]]
    )


def pairs_in_order(shapes, codes):
    one, other, _ = shared_lengths(shapes)
    return [(codes[a], codes[b]) for a, b in zip(one, other, strict=True)]


@settings(max_examples=30)
@given(
    st.integers(0, 500),
    st.integers(3, 12),
    st.lists(touches, max_size=2),
)
def test_small_damage_is_never_refused(seed, count, damage):
    shapes, codes = coverage(seed, count)
    right = pairs(shapes, codes)
    for which, vertex, dx, dy in damage:
        shapes[which % count] = moved(shapes[which % count], vertex, dx, dy)
    repaired, findings = mended(shapes, codes)
    assert not findings.faults
    found = pairs(repaired, codes)
    assert right <= found
    assert found - right <= told(findings, "within what the repair")


def with_an_enclave(shapes, codes, which):
    """Put a council Z inside another."""
    widest = shapely.maximum_inscribed_circle(shapes[which])  # a line from its middle to its rim
    enclave = shapely.buffer(shapely.get_point(widest, 0), 0.5 * widest.length, cap_style="square")
    shapes[which] = shapely.difference(shapes[which], enclave)
    return np.append(shapes, enclave), codes.append(pd.Index(["Z"]))


@settings(max_examples=40)
@given(st.integers(0, 2000), st.integers(4, 12), st.integers(0, 99), st.integers(0, 9), st.booleans())
def test_dropped_rings(seed, count, which, ring, enclave):
    shapes, codes = coverage(seed, count)
    which %= count
    if enclave:
        shapes, codes = with_an_enclave(shapes, codes, which)
    right = pairs(shapes, codes)
    shapes[which] = without_a_ring(shapes[which], ring)
    repaired, findings = mended(shapes, codes)
    if enclave:
        assert "overlap by more than 20 m" in findings.faults[0].what
        assert [culprit.split()[0] for culprit in findings.faults[0].culprits] == [f"{codes[which]}-Z"]
    else:
        assert not findings.faults
        assert pairs(repaired, codes) == right


def test_an_enclave_whose_hole_was_dropped_is_refused():
    outer, inner = shapely.box(0, 0, 3000, 3000), shapely.box(1000, 1000, 2000, 2000)
    _, findings = mended(np.array([outer, inner], dtype=object), pd.Index(["A", "B"]))
    assert findings.faults[0].culprits == ("A-B (1.00 km²)",)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 500), st.randoms(use_true_random=False), st.booleans(), st.booleans())
def test_shuffled_rows_and_mixed_systems_in_files(tmp_path_factory, seed, random, mixed, shuffled):
    shapes, codes = coverage(seed, 6)
    frame = gpd.GeoDataFrame({"lad20cd": codes, "lad20nm": codes}, geometry=shapes, crs="EPSG:27700")
    table = points(frame.rename(columns={}), 2)
    if shuffled:
        frame = frame.iloc[random.sample(range(6), 6)].reset_index(drop=True)
    if mixed:
        row = random.randrange(6)
        frame.loc[row, "geometry"] = frame.to_crs("EPSG:4326").loc[row, "geometry"]
    folder = write_polygons(tmp_path_factory.mktemp("damage") / "f", frame, table=table)
    geography, findings = examine(folder)
    if mixed:
        assert "mixes coordinate systems" in findings.faults[0].what
    else:
        assert set(zip(geography.borders["council"], geography.borders["neighbour"], strict=True)) == pairs(
            shapes, codes
        )
        assert geography.councils["population"].tolist() == [200] * 6


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(0, 10_000),
    st.binary(min_size=1, max_size=40),
    st.sampled_from(["geojson", "gpkg", "parquet", "fgb"]),
)
def test_scrambled_bytes_are_no_traceback(tmp_path_factory, at, noise, kind):
    shapes, codes = coverage(1, 5)
    frame = gpd.GeoDataFrame({"lad20cd": codes, "lad20nm": codes}, geometry=shapes, crs="EPSG:27700")
    folder = write_polygons(
        tmp_path_factory.mktemp("noise") / "f", frame, f"a.{kind}", table=points(frame, 1)
    )
    data = bytearray((folder / f"a.{kind}").read_bytes())
    at %= len(data)
    data[at : at + len(noise)] = noise
    (folder / f"a.{kind}").write_bytes(bytes(data))
    geography, findings = examine(folder)
    assert (geography is None) == bool(findings.faults)
