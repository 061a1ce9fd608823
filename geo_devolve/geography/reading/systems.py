"""Coordinate systems: which a file is in, the way into the geography's, and where that one is meant for."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from geo_devolve.errors import first_few
from geo_devolve.geography.reading.files import Folder
from geo_devolve.outside import UnreadableFileError

FARTHEST = 1e8
"""No projected coordinate of a place on earth is larger (m)."""
MARGIN = 1.0
"""Degrees beyond its area of use that a system is taken to reach."""
ZONES = 15.0
"""Degrees of longitude beyond its zone that a zone of a country's grid may be stretched over the country."""
STRETCHED = 0.01
"""A system whose areas are off by more than this share somewhere is not meant for that place."""

Shapes = NDArray[np.object_]


def projected(
    folder: Folder, name: str, frame: gpd.GeoDataFrame, stated: str, target: str
) -> gpd.GeoDataFrame:
    """Bring shapes into the geography's system, after settling which they are in.

    Parameters
    ----------
    folder, name
        The file, for what is told of it.
    frame
        Shapes, with the system that the file says, if any.
    stated
        The system that the manifest states; "" without.
    target
        The system to bring them into; "" to leave them.

    Returns
    -------
    geopandas.GeoDataFrame
        In `target`.

    Raises
    ------
    UnreadableFileError
        Where their system cannot be told, or cannot be that of their coordinates.
    """
    bounds = shapely.bounds(frame.geometry.to_numpy())
    if np.abs(bounds).max(initial=0.0) > FARTHEST:
        raise UnreadableFileError("has coordinates that are nowhere on earth; get the file again")
    degrees = _in_degrees(bounds)
    own = _own_system(folder, name, frame, stated, all_degrees=bool(degrees.all()), some=bool(degrees.any()))
    if own.is_geographic and not degrees.all():
        wrong = [f"{row[0]:g} … {row[2]:g} east, {row[1]:g} … {row[3]:g} north" for row in bounds[~degrees]]
        raise UnreadableFileError(
            f"says {own.to_string()}, but {len(wrong):,} of {len(frame):,} shapes have coordinates that are "
            f"no degrees ({first_few(wrong, 2)}); correct them, or state the right crs"
        )
    if not own.is_geographic and degrees.all():
        raise UnreadableFileError(
            f"says {own.to_string()}, but its coordinates are no metres; state the right crs"
        )
    if own.is_geographic:
        _refuse_a_way_round(frame, bounds)
    frame = frame.set_crs(own, allow_override=True)
    if target and own != pyproj.CRS.from_user_input(target):
        shapes = frame.geometry.to_numpy()
        if own.is_geographic:
            shapes = noded(shapes)
        frame = frame.set_geometry(shapes, crs=own).to_crs(target)
        if not np.isfinite(shapely.bounds(frame.geometry.to_numpy())).all():
            raise UnreadableFileError(f"has coordinates that {target} does not reach; state the right crs")
    return frame


def _in_degrees(bounds: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say which shapes may be in degrees: longitudes may run on past 180, as around the Pacific."""
    return np.asarray((np.abs(bounds) <= [360.5, 90.5, 360.5, 90.5]).all(axis=1))


def _own_system(
    folder: Folder, name: str, frame: gpd.GeoDataFrame, stated: str, *, all_degrees: bool, some: bool
) -> pyproj.CRS:
    """Settle which system a file is in: by the manifest, by the file, or by its coordinates."""
    own = frame.crs
    if some and not all_degrees and (own is None or not own.is_geographic) and not stated:
        count = int(_in_degrees(shapely.bounds(frame.geometry.to_numpy())).sum())
        raise UnreadableFileError(
            f"mixes coordinate systems: {count:,} of {len(frame):,} shapes are in degrees, the rest in "
            "metres; bring all into one"
        )
    if stated:
        wanted = pyproj.CRS.from_user_input(stated)
        if own is None or own == wanted or _one_ground(own, wanted):
            return wanted
        if own.is_geographic == all_degrees:
            raise UnreadableFileError(f"says {own.to_string()} where the manifest says {stated}; correct one")
        folder.findings.repair(
            name, f"says {own.to_string()}, which its coordinates cannot be; {stated} is used"
        )
        return wanted
    if own is None:
        if not all_degrees:
            raise UnreadableFileError(
                "does not say its coordinate system; state it in crs, such as EPSG:27700"
            )
        own = pyproj.CRS.from_epsg(4326)
        folder.findings.repair(
            name,
            "does not say its coordinate system; its coordinates can only be degrees, and are read as WGS84",
            remedy="state it in crs to be sure",
        )
    return own


def _one_ground(own: pyproj.CRS, wanted: pyproj.CRS) -> bool:
    """Say whether two systems differ by no more than the order of their axes, which files keep x first."""
    if not (own.is_geographic and wanted.is_geographic):
        return bool(own.equals(wanted, ignore_axis_order=True))
    return own.ellipsoid == wanted.ellipsoid and {own.name, wanted.name} <= {"WGS 84", "WGS 84 (CRS84)"}


def _refuse_a_way_round(frame: gpd.GeoDataFrame, bounds: NDArray[np.float64]) -> None:
    """Refuse shapes with a longitude beyond 180 far from their others: a slip, not a place in the Pacific."""
    if bounds[:, 2].max(initial=0.0) <= 180.0 and bounds[:, 0].min(initial=0.0) >= -180.0:
        return
    wide = np.flatnonzero(bounds[:, 2] - bounds[:, 0] > 180.0)
    if len(wide):
        texts = _named(frame, wide)
        far = [
            f"{text}: {bounds[row, 0]:g} … {bounds[row, 2]:g}" for text, row in zip(texts, wide, strict=True)
        ]
        raise UnreadableFileError(
            f"has longitudes beyond 180 degrees far from the rest of a shape ({first_few(far)}); correct them"
        )


def _named(frame: gpd.GeoDataFrame, rows: NDArray[np.int64]) -> list[str]:
    """Name rows by their first two columns."""
    flat = frame.drop(columns=frame.geometry.name).iloc[rows, :2]
    return [
        " ".join(map(str, row)) or f"row {number + 1}"
        for row, number in zip(flat.to_numpy(), rows, strict=True)
    ]


def noded(shapes: Shapes) -> Shapes:
    """Put a corner of one shape into a neighbour's straight side on which it lies, before the side is bent.

    A long side between two corners is straight in degrees and curved in metres: a corner of a neighbour on it
    would come to lie hundreds of metres off it.

    Parameters
    ----------
    shapes
        Polygonal shapes in degrees.

    Returns
    -------
    numpy.ndarray
        The same places, with more vertices where they are needed.
    """
    corners = np.unique(shapely.get_coordinates(shapes), axis=0)
    rings, _ = shapely.get_rings(shapely.get_parts(shapes), return_index=True)
    sides = _long_sides(rings)
    if len(sides) == 0:
        return shapes
    lines = shapely.linestrings(sides.reshape(-1, 2, 2))
    points = shapely.points(corners)
    side, corner = shapely.STRtree(points).query(lines, predicate="dwithin", distance=ON_SIDE)
    ends = sides[side].reshape(-1, 2, 2)
    inner = (np.abs(ends - corners[corner][:, None, :]).max(axis=2) > ON_SIDE).all(axis=1)
    extra: dict[tuple[float, ...], list[tuple[float, ...]]] = {
        tuple(key): [] for key in np.unique(sides[side[inner]], axis=0)
    }
    for key, place in zip(map(tuple, sides[side[inner]]), corners[corner[inner]], strict=True):
        extra[key].append(tuple(place))
    if not extra:
        return shapes
    return np.array([_with_corners(shape, extra) for shape in shapes], dtype=object)


ON_SIDE = 1e-9
"""A corner this near (degrees, a tenth of a millimetre) to a side lies on it."""
LONG = 0.01
"""A side shorter than this (degrees, a kilometre) bends by less than a millimetre."""


def _long_sides(rings: Shapes) -> NDArray[np.float64]:
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    sides = np.hstack([coordinates[:-1][same], coordinates[1:][same]])
    return sides[np.abs(sides[:, :2] - sides[:, 2:]).max(axis=1) > LONG]


def _with_corners(shape: shapely.Geometry, extra: dict[tuple[float, ...], list[tuple[float, ...]]]) -> object:
    """Add the corners that lie on a shape's sides, in order along each."""

    def ring(line: shapely.Geometry) -> list[tuple[float, ...]]:
        places = [tuple(place) for place in shapely.get_coordinates(line)]
        answer = places[:1]
        for start, end in pairwise(places):
            between = extra.get((*start, *end), [])
            answer += sorted(
                between, key=lambda place: (place[0] - start[0]) ** 2 + (place[1] - start[1]) ** 2
            )
            answer.append(end)
        return answer

    if shapely.get_type_id(shape) not in (3, 6):
        return shape
    polygons = [
        shapely.Polygon(ring(part.exterior), [ring(hole) for hole in part.interiors])
        for part in shapely.get_parts(shape)
    ]
    return polygons[0] if shapely.get_type_id(shape) == 3 else shapely.MultiPolygon(polygons)


def inside_area_of_use(frame: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Say which shapes lie where their coordinate system is meant for.

    A degree beyond its area of use is allowed; for a zone of the Universal Transverse Mercator grid, which
    countries stretch over all their land, as many east and west as its areas stay true to a hundredth.
    """
    area = None if frame.crs is None else frame.crs.area_of_use
    if area is None:
        return np.ones(len(frame), dtype=bool)
    middle = gpd.GeoSeries(shapely.centroid(frame.geometry.to_numpy()), crs=frame.crs).to_crs("EPSG:4326")
    x, y = middle.x.to_numpy(), middle.y.to_numpy()
    method = frame.crs.coordinate_operation
    zone = method is not None and "zone" in method.name and "Transverse Mercator" in method.method_name
    beyond = ZONES if zone else MARGIN
    width = (area.east - area.west) % 360.0 or 360.0  # an area of use may cross 180 degrees
    along = (x - area.west + beyond) % 360.0
    inside = (along <= width + 2 * beyond) & (y >= area.south - MARGIN) & (y <= area.north + MARGIN)
    if zone and inside.any():
        inside[inside] &= _stretch(frame.crs, x[inside], y[inside]) <= STRETCHED
    return inside


def _stretch(crs: pyproj.CRS, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return by which share areas are too large, or small, at some places (degrees)."""
    return np.abs(np.asarray(pyproj.Proj(crs).get_factors(x, y).areal_scale) - 1.0)
