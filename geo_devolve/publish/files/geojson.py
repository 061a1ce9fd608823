"""areas.geojson: the plan's areas as RFC 7946 wants them, and how they got from metres to degrees."""

import json
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import antimeridian
import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from pyproj.transformer import AreaOfInterest, TransformerGroup

from geo_devolve.plan.plan import Plan

DECIMALS = 6  # of a degree: about 0.1 m


@dataclass(frozen=True)
class Reprojection:
    """How coordinates got from one reference system to another, and how exactly.

    Attributes
    ----------
    source, target
        Reference systems, such as ``"EPSG:27700"``.
    operation
        PROJ's name of the transformation.
    accuracy_m
        Its accuracy (m); None where PROJ does not know.
    note
        What a better transformation would need; empty where this is the best known.
    """

    source: str
    target: str
    operation: str
    accuracy_m: float | None
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return what goes into provenance."""
        fields = {
            "from": self.source,
            "to": self.target,
            "operation": self.operation,
            "accuracy_m": self.accuracy_m,
        }
        return fields | ({"note": self.note} if self.note else {})


def to_wgs84(shapes: gpd.GeoSeries) -> tuple[gpd.GeoSeries, Reprojection]:
    """Reproject shapes to WGS84 by the best transformation at hand, and say which.

    Parameters
    ----------
    shapes
        With a reference system.

    Returns
    -------
    tuple
        The shapes in degrees, longitude first, not rounded; and the reprojection.
    """
    crs = pyproj.CRS.from_user_input(shapes.crs)
    roughly = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    interest = AreaOfInterest(*roughly.transform_bounds(*shapes.total_bounds))
    with warnings.catch_warnings():  # that a better grid is missing is told in the note
        warnings.simplefilter("ignore", UserWarning)
        group = TransformerGroup(crs, "EPSG:4326", always_xy=True, area_of_interest=interest)
    transformer = group.transformers[0]
    known = transformer.accuracy is not None and transformer.accuracy >= 0
    accuracy = transformer.accuracy if known else None
    note = ""
    if not group.best_available and group.unavailable_operations:
        better = group.unavailable_operations[0]
        grids = ", ".join(grid.short_name for grid in better.grids) or "a grid that is not installed"
        note = f"{better.name} would be accurate to {better.accuracy:g} m but needs {grids}"
    moved = shapely.transform(
        np.asarray(shapes.array),
        lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])),
    )
    told = Reprojection(_name(crs), "EPSG:4326", transformer.description, accuracy, note)
    return gpd.GeoSeries(moved, index=shapes.index, crs="EPSG:4326"), told


def _name(crs: pyproj.CRS) -> str:
    authority = crs.to_authority()
    return ":".join(authority) if authority else crs.name


def cut_at_180(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Cut shapes in degrees where they cross 180 degrees east, as RFC 7946 (3.1.9) wants them.

    A shape whose ring leaps from one side of the world to the other crosses there, and is cut in two.
    """
    array = np.asarray(shapes.array).copy()
    for number, shape in enumerate(array):
        if shape is not None and _leaps(shape):
            array[number] = antimeridian.fix_shape(
                shapely.orient_polygons(shape, exterior_cw=False), fix_winding=True, great_circle=False
            )
    fixed = [
        each if isinstance(each, shapely.Geometry | None) else shapely.geometry.shape(each) for each in array
    ]
    return gpd.GeoSeries(fixed, index=shapes.index, crs=shapes.crs)


def _leaps(shape: shapely.Geometry) -> bool:
    """Say whether a side of a shape goes more than half round the world."""
    coordinates, ring = shapely.get_coordinates(
        shapely.get_rings(shapely.get_parts(shape)), return_index=True
    )
    same = ring[1:] == ring[:-1]
    return bool((np.abs(np.diff(coordinates[:, 0]))[same] > 180.0).any())


def bounding_box(shapes: gpd.GeoSeries) -> list[float]:
    """Return west, south, east, north of shapes in degrees; across 180, west is the greater (RFC 7946)."""
    box = shapely.bounds(shapely.get_parts(np.asarray(shapes.array)))
    west, south, east, north = (float(edge) for edge in shapes.total_bounds)
    if east - west > 180.0 and (box[:, 2] >= 180.0 - 1e-9).any() and (box[:, 0] <= -180.0 + 1e-9).any():
        west = float(box[box[:, 0] > 0, 0].min(initial=180.0))
        east = float(box[box[:, 0] <= 0, 2].max(initial=-180.0))
    return [round(edge, DECIMALS) for edge in (west, south, east, north)]


def for_rfc7946(shapes: gpd.GeoSeries, decimals: int = DECIMALS) -> gpd.GeoSeries:
    """Cut shapes in degrees at 180, round them, and wind exterior rings counter-clockwise, holes clockwise.

    A vertex that two shapes share is rounded to the same place, so a coverage stays one.
    """
    shapes = cut_at_180(shapes)
    rounded = shapely.transform(np.asarray(shapes.array), lambda xy: np.round(xy, decimals))
    rounded = shapely.remove_repeated_points(rounded)
    broken = ~(shapely.is_valid(rounded) | shapely.is_missing(rounded))
    if broken.any():  # rounding has closed a narrow place
        rounded[broken] = [_only_polygons(shape) for shape in shapely.make_valid(rounded[broken])]
    return gpd.GeoSeries(
        shapely.orient_polygons(rounded, exterior_cw=False), index=shapes.index, crs=shapes.crs
    )


def _only_polygons(shape: shapely.Geometry) -> shapely.Geometry:
    parts = [part for part in shapely.get_parts(shape) if part.geom_type in {"Polygon", "MultiPolygon"}]
    return shapely.union_all(parts)


def plain(value: Any) -> Any:
    """Turn a value of a table into one JSON has: whole floats to integers, NaN to None, tuples to lists."""
    if isinstance(value, (np.bool_, bool)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        number = float(value)
        if not math.isfinite(number):
            return None
        return int(number) if number.is_integer() and abs(number) < 2**53 else number
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset, np.ndarray, pd.Index, pd.Series)):
        return [plain(one) for one in (sorted(value) if isinstance(value, (set, frozenset)) else value)]
    return value if isinstance(value, str) or value is None else str(value)


def area_scores(plan: Plan) -> pd.DataFrame:
    """Return each area's share of every term, unweighted, and of the objective.

    Returns
    -------
    pandas.DataFrame
        Index area; columns ``need``, ``misfit_<layer>`` …, ``compactness``, ``balance``, ``objective``; as
        far as the plan's scores have them by area.
    """
    rows = plan.scores[(plan.scores["area"] != "") & plan.scores["weight"].notna()]
    names = rows["measure"].where(rows["part"] == "", rows["measure"] + "_" + rows["part"])
    wide = rows.assign(term=names).pivot_table(index="area", columns="term", values="value", sort=False)
    wide = wide.reindex(plan.areas.index)
    if len(rows):
        wide["objective"] = rows.groupby("area")["contribution"].sum().reindex(wide.index)
    return wide.rename_axis(columns=None)


def properties(plan: Plan) -> dict[str, dict[str, Any]]:
    """Return what the exports say of each area, by its code."""
    themes = [theme for theme in plan.geography.needs.scores.columns if theme in plan.areas.columns]
    names = plan.geography.councils["name"]
    scores = area_scores(plan)
    told = {}
    for code, area in plan.areas.iterrows():
        row = {
            "code": code,
            "name": area["name"],
            "population": area["population"],
            "councils": list(area["council_codes"]),
            "council_names": [names[council] for council in area["council_codes"]],
            "ferry_only": bool(area["ferry_only"]),
        }
        row |= {f"need_{theme}": round(float(area[theme]), DECIMALS) for theme in themes}
        row |= {f"score_{term}": value for term, value in scores.loc[code].items()}
        told[str(code)] = plain(row)
    return told


def areas_geojson(plan: Plan, head: Mapping[str, Any]) -> str:
    """Write the areas as one RFC 7946 FeatureCollection.

    Parameters
    ----------
    plan
        The plan. Without a reference system its shapes are left out (null geometry), as the standard allows.
    head
        Foreign members to carry in front of the features (scenario, certificate, attribution …).

    Returns
    -------
    str
        One line a feature, and a last line break.
    """
    told = properties(plan)
    shapes: list[Any] = [None] * len(plan.areas)
    members: dict[str, Any] = {"type": "FeatureCollection", **head}
    if has_shapes(plan):
        degrees = for_rfc7946(to_wgs84(plan.areas.geometry)[0])
        members["bbox"] = bounding_box(degrees)
        shapes = [shapely.geometry.mapping(shape) for shape in degrees]
    lines = [
        json.dumps(
            {"type": "Feature", "id": code, "properties": told[code], "geometry": shape},
            ensure_ascii=False,
            separators=(",", ":"),
            allow_nan=False,
        )
        for code, shape in zip(told, shapes, strict=True)
    ]
    start = json.dumps(members, ensure_ascii=False, indent=1, allow_nan=False)[:-2]
    return start + ',\n "features": [\n' + ",\n".join(lines) + "\n ]\n}\n"


def has_shapes(plan: Plan) -> bool:
    """Tell whether the plan's areas can be put on a map of the world."""
    return plan.areas.crs is not None and not plan.areas.geometry.isna().all()
