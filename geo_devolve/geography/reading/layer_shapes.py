"""Layers from polygons: which bodies the population points lie in."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo_devolve.geography.reading.councils import dissolve, fault_if_repeated, only_those
from geo_devolve.geography.reading.files import Folder
from geo_devolve.geography.reading.inside import nearest_shapes, points_inside
from geo_devolve.geography.reading.manifest import LayerSource, Manifest
from geo_devolve.geography.reading.overlay import overlay_areas
from geo_devolve.geography.reading.repair import Job, mend_rings
from geo_devolve.geography.reading.tables import clean_codes, guess, pick
from geo_devolve.geography.reading.vector import read_polygons
from geo_devolve.outside import UnreadableFileError

BODY_CODES = (r"code", r"area_?(cd|code)", r"[a-z]+\d{2}cd", r".*(code|cd)")
BODY_NAMES = (r"name", r"area_?(nm|name)", r"[a-z]+\d{2}nm", r".*(name|nm)")
SLIVER_SHARE = 0.002
"""Up to this share of a layer's people may lie in an overlap that is taken for imprecise drawing."""

LAND_SHARE = 0.001
"""Less than this share of the land outside a layer is the coast, drawn another way."""

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BodyShapes:
    """The polygons of a layer.

    Attributes
    ----------
    codes, names : list of str
        Of the bodies.
    shapes : numpy.ndarray
        Valid polygonal shapes (m), in the same order.
    """

    codes: list[str]
    names: list[str]
    shapes: NDArray[np.object_]


def read_body_shapes(folder: Folder, manifest: Manifest, name: str, source: LayerSource) -> BodyShapes | None:
    """Read and mend the polygons of a layer; None, and faults noted, where that cannot be."""
    where = source.polygons
    try:
        frame = read_polygons(folder, where, source.sublayer, source.crs, manifest.crs)
    except UnreadableFileError as error:
        folder.findings.fault(where, str(error), breaks=f"layer {name!r} comes from it")
        return None
    flat = pd.DataFrame(frame.drop(columns="geometry"))
    code = pick(folder, where, flat, source.code, what="a body's code", guesses=BODY_CODES)
    label = (
        pick(folder, where, flat, source.name, what="a body's name")
        if source.name
        else guess(flat, BODY_NAMES)
    )
    if code is None:
        return None
    frame[code] = clean_codes(frame[code])
    frame = gpd.GeoDataFrame(only_those(frame, code, source.only, folder, where), crs=frame.crs)
    frame = dissolve(frame, code, label, folder, where=where, what=f"bodies of layer {name!r}")
    fault_if_repeated(frame[code], folder, where, f"bodies of layer {name!r}")
    codes = frame[code].tolist()
    shapes = mend_rings(Job(folder, where, codes, manifest.repair), frame.geometry.to_numpy())
    names = codes if label is None else [text or key for text, key in zip(frame[label], codes, strict=True)]
    return BodyShapes(codes, names, shapes)


def bodies_of_points(
    folder: Folder,
    named: tuple[str, LayerSource],
    bodies: BodyShapes,
    points: pd.DataFrame,
    land: NDArray[np.object_],
) -> tuple[Integers, Integers]:
    """Find the bodies that each point lies in.

    Parameters
    ----------
    folder
        Where findings are noted.
    named
        The layer's name and what the manifest says of it.
    bodies
        Its polygons.
    points
        Columns ``population`` (persons), ``x``, ``y`` (m).
    land
        The councils' shapes (m); empty where they have none. A point outside all of them and outside every
        body lies off a coast that one of the files draws roughly, and is put in the nearest body.

    Returns
    -------
    tuple of numpy.ndarray
        Points' and bodies' numbers.
    """
    name, source = named
    where = source.polygons
    x, y = points["x"].to_numpy(np.float64), points["y"].to_numpy(np.float64)
    people = points["population"].to_numpy(np.float64)
    point, body = points_inside(bodies.shapes, x, y)
    if not source.overlaps:
        point, body = _one_each(folder, named, bodies, people, (point, body))
    lost = np.setdiff1d(np.arange(len(points)), point)
    if len(lost) and len(land):
        on_land = points_inside(land, x[lost], y[lost])[0]
        at_sea = np.delete(lost, np.unique(on_land))
        if len(at_sea):
            nearest, distance = nearest_shapes(bodies.shapes, x[at_sea], y[at_sea])
            council_away = nearest_shapes(land, x[at_sea], y[at_sea])[1]
            close = distance <= 2 * council_away + 1.0
            at_sea, nearest = at_sea[close], nearest[close]
            if len(at_sea):
                folder.findings.repair(
                    where,
                    f"{len(at_sea):,} points off the coast ({people[at_sea].sum():,.0f} people) are put in "
                    "the "
                    f"nearest body of layer {name!r}",
                )
            point, body = np.concatenate([point, at_sea]), np.concatenate([body, nearest])
    return point, body


def _one_each(
    folder: Folder,
    named: tuple[str, LayerSource],
    bodies: BodyShapes,
    people: Floats,
    lying: tuple[Integers, Integers],
) -> tuple[Integers, Integers]:
    """Hold a layer that is not said to overlap to one body a point."""
    name, where = named[0], named[1].polygons
    point, body = lying
    _, first = np.unique(point, return_index=True)
    twice = np.setdiff1d(np.arange(len(point)), first)
    if len(twice) == 0:
        return point, body
    inside = np.unique(point[twice])
    count = people[inside].sum()
    chosen = body[first[np.searchsorted(point[first], point[twice])]]
    pairs = sorted(
        {
            f"{bodies.codes[min(a, b)]}-{bodies.codes[max(a, b)]}"
            for a, b in zip(chosen, body[twice], strict=True)
        }
    )
    if count > SLIVER_SHARE * people.sum():
        folder.findings.fault(
            where,
            f"bodies of layer {name!r} overlap, with {count:,.0f} people in two",
            pairs,
            breaks="they would count in both",
            remedy="write overlaps = true if they are meant to",
        )
    else:
        folder.findings.repair(
            where,
            f"{len(inside):,} points ({count:,.0f} people) in slivers where bodies of layer {name!r} "
            "overlap are "
            "put in one of them",
            pairs,
        )
    return point[first], body[first]


def tell_land(
    folder: Folder, named: tuple[str, LayerSource], bodies: BodyShapes, land: NDArray[np.object_]
) -> None:
    """Tell how much of the councils' land lies in no body of a layer."""
    name, source = named
    if len(land) == 0 or source.overlaps:
        return
    whole = float(shapely.area(land).sum())
    outside = whole - float(overlay_areas(land, bodies.shapes)[2].sum())
    if outside > LAND_SHARE * whole:
        folder.findings.notice(
            source.polygons,
            f"{outside / 1e6:,.0f} km² of the councils' land ({outside / whole:.1%}) lie in no body of "
            f"layer {name!r}",
        )


def resolution(shapes: NDArray[np.object_]) -> float:
    """Return the median length of the sides of some shapes (m)."""
    coordinates, ring = shapely.get_coordinates(
        shapely.get_rings(shapely.get_parts(shapes)), return_index=True
    )
    sides = np.hypot(*np.diff(coordinates, axis=0).T)
    sides = sides[ring[1:] == ring[:-1]]
    return float(np.median(sides)) if len(sides) else 0.0


def tell_resolution(
    folder: Folder, where: str, shapes: NDArray[np.object_], land: NDArray[np.object_]
) -> None:
    """Tell where a layer is drawn much more roughly, or finely, than the councils."""
    if len(land) == 0:
        return
    ours, theirs = resolution(land), resolution(shapes)
    if min(ours, theirs) > 0 and max(ours, theirs) > 3 * min(ours, theirs):
        folder.findings.notice(
            where,
            f"is drawn with sides of {theirs:,.0f} m (median), the councils with sides of {ours:,.0f} m",
            breaks="points near a border may fall on the wrong side of it",
            remedy="use files of one generalisation, a lookup, or whole_councils = true if the bodies "
            "follow councils",
        )
