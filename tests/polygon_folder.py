"""A folder of councils as polygons, in any format, for tests to damage."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from drawn import draw

PICTURE = """
AAB
CDB
CEE
"""
NEIGHBOURS = {("A", "B"), ("A", "C"), ("A", "D"), ("B", "D"), ("B", "E"), ("C", "D"), ("C", "E"), ("D", "E")}


def councils(picture: str = PICTURE) -> gpd.GeoDataFrame:
    """Draw councils with a vertex every 10 km, on the British grid."""
    drawn = draw(picture).councils.reset_index()
    return drawn.rename(columns={"code": "lad20cd", "name": "lad20nm"})[["lad20cd", "lad20nm", "geometry"]]


def points(shapes: gpd.GeoDataFrame, each: int = 3) -> pd.DataFrame:
    """Put points of 100 people into every council."""
    random = np.random.default_rng(0)
    rows = []
    for shape in shapes.geometry:
        west, south, east, north = shape.bounds
        inner = shape.buffer(-1500)
        found = 0
        while found < each:
            x, y = random.uniform(west, east), random.uniform(south, north)
            if inner.contains(shapely.Point(x, y)):
                rows.append((f"p{len(rows)}", round(x), round(y), 100))
                found += 1
    return pd.DataFrame(rows, columns=["id", "x", "y", "population"])


def write_polygons(
    folder: Path, shapes: gpd.GeoDataFrame, name: str = "councils.gpkg", extra: str = "", **points_too: object
) -> Path:
    """Write a folder whose councils come from polygons and whose points say nothing of councils."""
    folder.mkdir(parents=True, exist_ok=True)
    write_vector(folder / name, shapes)
    table = points_too.get("table")
    frame = table if isinstance(table, pd.DataFrame) else points(councils())
    frame.to_csv(folder / "points.csv", index=False)
    (folder / "geography.toml").write_text(
        f'name = "polygons"\n{extra if extra.startswith("crs") else ""}\n[councils]\npolygons = "{name}"\n'
        f'{extra if extra.startswith("#councils") else ""}\n[points]\ntable = "points.csv"\nid = "id"\n'
        + (extra if extra.startswith("[") else "")
    )
    return folder


def write_vector(file: Path, shapes: gpd.GeoDataFrame) -> None:
    """Write shapes in the format that the file's name asks for."""
    suffix = file.suffix
    if suffix == ".parquet":
        shapes.to_parquet(file)
    elif suffix == ".topojson":
        file.write_text(json.dumps(_topology(shapes)))
    elif suffix == ".esrijson":
        file.write_text(json.dumps(_esri(shapes)))
    else:
        driver = {".shp": "ESRI Shapefile", ".gpkg": "GPKG", ".geojson": "GeoJSON", ".fgb": "FlatGeobuf"}[
            suffix
        ]
        frame = shapes.to_crs("EPSG:4326") if suffix == ".geojson" else shapes
        pyogrio.write_dataframe(frame, file, driver=driver)


def _topology(shapes: gpd.GeoDataFrame) -> dict[str, object]:
    arcs: list[object] = []
    geometries = []
    for row in shapes.to_crs("EPSG:4326").itertuples():
        polygons = []
        for part in shapely.get_parts(row.geometry):
            rings = []
            for ring in (part.exterior, *part.interiors):
                rings.append([len(arcs)])
                arcs.append(np.round(shapely.get_coordinates(ring), 9).tolist())
            polygons.append(rings)
        properties = {"AREACD": row.lad20cd, "AREANM": row.lad20nm}
        geometries.append({"type": "MultiPolygon", "arcs": polygons, "properties": properties})
    collection = {"type": "GeometryCollection", "geometries": geometries}
    return {"type": "Topology", "objects": {"councils": collection}, "arcs": arcs}


def _esri(shapes: gpd.GeoDataFrame) -> dict[str, object]:
    features = []
    for row in shapes.itertuples():
        rings = [
            shapely.get_coordinates(ring).tolist()
            for part in shapely.get_parts(shapely.orient_polygons(row.geometry, exterior_cw=True))
            for ring in (part.exterior, *part.interiors)
        ]
        attributes = {"LAD20CD": row.lad20cd, "LAD20NM": row.lad20nm}
        features.append({"attributes": attributes, "geometry": {"rings": rings}})
    return {
        "geometryType": "esriGeometryPolygon",
        "spatialReference": {"wkid": 27700},
        "fields": [{"name": name, "type": "esriFieldTypeString"} for name in ("LAD20CD", "LAD20NM")],
        "features": features,
    }
