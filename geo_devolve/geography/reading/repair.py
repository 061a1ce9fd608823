"""Polygons mended into a coverage: rings, slivers, gaps, overlaps; each repair told, none beyond a limit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree

from geo_devolve.geography.reading.borders import shared_lengths
from geo_devolve.geography.reading.coasts import near_misses
from geo_devolve.geography.reading.files import Folder
from geo_devolve.geography.reading.manifest import RepairLimits
from geo_devolve.geography.reading.slivers import SPECK, hand_back

Shapes = NDArray[np.object_]

GAP_M = 20.0
"""The widest gap or overlap (m) that is closed unless the manifest says otherwise."""
NEAR, NARROW = 1.5, 10
"""Coasts within this many times the limit of each other: a border torn open, or narrow water."""
SNAP = 0.1
"""Vertices up to this share of the limit apart are one, where a gap is open to the sea."""
SHORT = 2
"""A border no longer than this many times the limit may be an artefact of the repair."""


@dataclass(frozen=True)
class Job:
    """What is to be mended, and how far one may go.

    Attributes
    ----------
    folder : Folder
        Where repairs and faults are noted.
    where : str
        The file that the shapes are from.
    codes : sequence of str
        The shapes' codes.
    limits : RepairLimits
        The widest gap or overlap that is closed, and how much of a shape's area may change.
    """

    folder: Folder
    where: str
    codes: Sequence[str]
    limits: RepairLimits

    @property
    def gap(self) -> float:
        """The widest gap or overlap (m) that is closed."""
        return GAP_M if self.limits.gap_m is None else self.limits.gap_m


def mend_rings(job: Job, shapes: Shapes) -> Shapes:
    """Make every shape valid, and tell which were not.

    Parameters
    ----------
    job
        Whose shapes they are.
    shapes
        Polygonal shapes (m).

    Returns
    -------
    numpy.ndarray
        Valid Polygons and MultiPolygons.
    """
    shapes = np.asarray(shapes, dtype=object).copy()
    bad = np.flatnonzero(~shapely.is_valid(shapes))
    if len(bad) == 0:
        return _polygonal(shapes)
    findings = job.folder.findings
    reasons = [str(reason).split("[")[0].lower() for reason in shapely.is_valid_reason(shapes[bad])]
    # each part by itself, then united: parts that overlap are one council's land twice, and change nothing
    parts, owner = shapely.get_parts(shapes[bad], return_index=True)
    sound = shapely.make_valid(parts, method="structure", keep_collapsed=False)
    moved = np.bincount(owner, weights=np.abs(shapely.area(sound) - shapely.area(parts)), minlength=len(bad))
    before = np.bincount(owner, weights=shapely.area(parts), minlength=len(bad))
    mended = np.array([shapely.union_all(sound[owner == at]) for at in range(len(bad))], dtype=object)
    after = shapely.area(mended)
    far = (moved > job.limits.share * np.maximum(before, after) + SPECK) | shapely.is_empty(mended)
    if far.any():
        findings.fault(
            job.where,
            f"shapes that would lose or gain more than {job.limits.share:.0%} of their area by a repair",
            [f"{job.codes[bad[i]]} ({reasons[i]})" for i in np.flatnonzero(far).tolist()],
            remedy="repair them in a GIS, or raise share in [repair]",
        )
    findings.repair(
        job.where,
        f"{len(bad)} invalid shapes mended, {moved.sum() / 1e6:.3f} km² changed",
        [f"{job.codes[bad[i]]} ({reasons[i]}, {moved[i]:,.0f} m²)" for i in range(len(bad))],
    )
    shapes[bad] = mended
    return _polygonal(shapes)


def _polygonal(shapes: Shapes) -> Shapes:
    """Keep the polygons of mixed collections."""
    for number in np.flatnonzero(~np.isin(shapely.get_type_id(shapes), (3, 6))):
        parts = shapely.get_parts(shapes[number])
        shapes[number] = shapely.union_all(parts[np.isin(shapely.get_type_id(parts), (3, 6))])
    return shapes


def mend_coverage(job: Job, shapes: Shapes, apart: frozenset[tuple[str, str]] = frozenset()) -> Shapes:
    """Close gaps and overlaps between councils, so that shared borders are shared vertex for vertex.

    Parameters
    ----------
    job
        Whose shapes they are.
    shapes
        Valid polygonal shapes (m), one a council, sorted by code.
    apart
        Pairs of councils (sorted) known to face each other across water, between which a gap is no fault.

    Returns
    -------
    numpy.ndarray
        A valid coverage, unless a fault was noted.
    """
    findings, gap = job.folder.findings, job.gap
    valid = bool(shapely.coverage_is_valid(shapes))
    overlaps = [] if valid else _wide_overlaps(shapes, gap)
    if overlaps:
        findings.fault(
            job.where,
            f"councils that overlap by more than {gap:g} m",
            [f"{job.codes[a]}-{job.codes[b]} ({area / 1e6:,.2f} km²)" for a, b, area in overlaps],
            breaks="it is not said whose the land is",
            remedy="correct the shapes, or raise gap_m in [repair]",
        )
        return shapes
    clean = shapes
    if not valid or (gap > 0 and not shapely.coverage_is_valid(shapes, gap_width=gap)):
        clean = shapely.coverage_clean(shapes, gap_width=gap)
        # a gap that opens to the sea closes only if its ends are snapped
        if near_misses(clean, job.codes, apart, NEAR * gap):
            clean = shapely.coverage_clean(shapes, gap_width=gap, snapping_distance=SNAP * gap)
        clean = hand_back(shapes, clean, SHORT * gap)
        _tell_changes(job, shapes, clean)
    if not shapely.coverage_is_valid(clean):
        bad = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(clean)))
        findings.fault(
            job.where,
            "shapes that could not be fitted to their neighbours",
            [job.codes[i] for i in bad.tolist()],
            breaks="borders between them cannot be measured",
            remedy=f"raise gap_m in [repair] above {gap:g}, or correct the shapes",
        )
        return clean
    if clean is not shapes:
        _tell_short_borders(job, clean)
    _tell_holes(job, clean)
    _judge_near_misses(job, shapes, clean, apart)
    return clean


def fit_cells(job: Job, cells: Shapes) -> Shapes:
    """Make a coverage of the points' polygons.

    Parameters
    ----------
    job
        Whose shapes they are.
    cells
        Valid shapes (m), one a point.

    Returns
    -------
    numpy.ndarray
        A valid coverage, unless a fault was noted.
    """
    if shapely.coverage_is_valid(cells):
        return cells
    before = shapely.area(cells)
    clean = shapely.coverage_clean(cells, gap_width=job.gap)
    moved = _moved(cells, clean)
    far = moved.sum() > job.limits.share * before.sum() or shapely.is_empty(clean).any()
    if far or not shapely.coverage_is_valid(clean):
        job.folder.findings.fault(
            job.where,
            "the points' polygons overlap or gape by more than can be repaired",
            remedy="correct them, or raise gap_m and share in [repair]",
        )
        return clean
    job.folder.findings.repair(
        job.where,
        f"polygons of points fitted to each other; {int((moved > SPECK).sum()):,} changed, "
        f"{moved.sum() / 1e6:.3f} km² moved",
    )
    return clean


def _wide_overlaps(shapes: Shapes, gap: float) -> list[tuple[int, int, float]]:
    """Find pairs whose overlap is wider than the limit, with its area (m²)."""
    one, other = STRtree(shapes).query(shapes, predicate="intersects")
    keep = one < other
    one, other = one[keep], other[keep]
    # most pairs share a border and no more: only those whose interiors meet need the costly cut
    meet = ~shapely.touches(shapes[one], shapes[other])
    one, other = one[meet], other[meet]
    if len(one) == 0:
        return []
    both = shapely.intersection(shapes[one], shapes[other])
    area = shapely.area(both)
    # a hair's breadth less than half the limit, so that an overlap of just the limit is closed
    core = shapely.buffer(both, -gap / 2 * 0.999, quad_segs=2) if gap > 0 else both
    wide = ~shapely.is_empty(core) & (area > SPECK)
    found = zip(one[wide].tolist(), other[wide].tolist(), area[wide].tolist(), strict=True)
    return sorted((a, b, float(size)) for a, b, size in found)


def _moved(before: Shapes, after: Shapes) -> NDArray[np.float64]:
    """Measure the land (m²) that each shape has gained and lost: what it gains may equal what it loses."""
    before, after = shapely.normalize(before), shapely.normalize(after)
    changed = ~shapely.equals_identical(before, after)
    moved = np.zeros(len(before))
    moved[changed] = shapely.area(shapely.symmetric_difference(before[changed], after[changed]))
    return moved


def _tell_changes(job: Job, shapes: Shapes, clean: Shapes) -> None:
    findings, before = job.folder.findings, shapely.area(shapes)
    moved = _moved(shapes, clean)
    far = np.flatnonzero((moved > job.limits.share * before + SPECK) | shapely.is_empty(clean))
    if len(far):
        findings.fault(
            job.where,
            f"councils that would lose or gain more than {job.limits.share:.0%} of their land by closing "
            "gaps",
            [job.codes[i] for i in far.tolist()],
            remedy="correct the shapes, lower gap_m, or raise share in [repair]",
        )
    changed = np.flatnonzero(moved > SPECK)
    changed = changed[np.argsort(-moved[changed], kind="stable")]
    if len(changed):
        findings.repair(
            job.where,
            f"gaps and overlaps up to {job.gap:g} m closed, {moved[changed].sum() / 1e6:.3f} km² moved",
            [f"{job.codes[i]} ({moved[i]:,.0f} m²)" for i in changed.tolist()],
        )
    else:
        findings.repair(job.where, "vertices of shared borders matched, no land moved")


def _tell_holes(job: Job, clean: Shapes) -> None:
    """Tell of gaps too wide to be closed: they may be lakes, or errors."""
    inner = [
        shapely.polygons(shapely.get_interior_ring(part, number))
        for part in shapely.get_parts(shapely.coverage_union_all(clean))
        for number in range(shapely.get_num_interior_rings(part))
    ]
    if not inner:
        return
    holes = np.array(inner, dtype=object)
    area = shapely.area(holes)
    hole, council = STRtree(clean).query(holes, predicate="intersects")
    around: dict[int, list[str]] = {}
    for number, owner in zip(hole.tolist(), council.tolist(), strict=True):
        around.setdefault(number, []).append(str(job.codes[owner]))
    job.folder.findings.notice(
        job.where,
        f"{len(inner)} holes in the land, {area.sum() / 1e6:,.3f} km² in all, are taken for water",
        [
            f"between {'-'.join(sorted(around.get(int(i), [])))} ({area[i] / 1e6:,.3f} km²)"
            for i in np.argsort(-area, kind="stable")
        ],
        remedy="raise gap_m in [repair] to close them",
    )


def _judge_near_misses(job: Job, shapes: Shapes, clean: Shapes, apart: frozenset[tuple[str, str]]) -> None:
    """Refuse what can only be a border torn open or lost, and tell of what may be narrow water.

    A gap that opens at one end, such as a vertex moved away leaves, is not closed and would hide a border; so
    would one that was closed with the land of a third.
    """
    missed = near_misses(clean, job.codes, apart, NEAR * job.gap)
    if not missed and clean is not shapes:
        missed = near_misses(shapes, job.codes, apart | _neighbours(job, clean), job.gap, NARROW * job.gap)
    if missed:
        job.folder.findings.fault(
            job.where,
            f"councils that run along each other within {NEAR * job.gap:g} m and share no border",
            missed,
            breaks="the graph would miss a border",
            remedy="correct the shapes, change gap_m in [repair], or list the pair in [crossings] if it is "
            "water that parts them",
        )
        return
    facing = near_misses(clean, job.codes, apart, NARROW * job.gap)
    if facing:
        job.folder.findings.notice(
            job.where,
            f"councils that face each other within {NARROW * job.gap:g} m and share no border",
            facing,
            breaks="they are no neighbours",
            remedy="list the pair in [crossings] if a bridge, tunnel or ferry joins them",
        )


def _neighbours(job: Job, clean: Shapes) -> frozenset[tuple[str, str]]:
    one, other, length = shared_lengths(clean)
    ends = zip(one[length > 0].tolist(), other[length > 0].tolist(), strict=True)
    return frozenset((str(job.codes[a]), str(job.codes[b])) for a, b in ends)


def _tell_short_borders(job: Job, clean: Shapes) -> None:
    """Tell of borders so short that the repair may have made them."""
    one, other, length = shared_lengths(clean)
    short = np.flatnonzero((length > 0) & (length <= SHORT * job.gap))
    if len(short):
        job.folder.findings.notice(
            job.where,
            f"{len(short)} borders are no longer than {SHORT * job.gap:g} m, within what the repair moves",
            [f"{job.codes[one[i]]}-{job.codes[other[i]]} ({length[i]:,.0f} m)" for i in short.tolist()],
            breaks="councils that meet in a corner may count as neighbours",
            remedy="set min_border_m in the scenario to leave them out",
        )
