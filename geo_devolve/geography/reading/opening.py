"""The one place where GDAL is given a file: a named kind, alone in a folder of ours, and no way to others.

GDAL finds out by itself what a file is, and some of what it knows are recipes: a VRT, a GDALG pipeline or the
description of a service make it read any file on the disk or ask the network. So a file is opened here only

- when its first bytes, and all of a JSON, say that it is of a kind on our list;
- when it holds no recipe anywhere, also as the text of an attribute;
- through a link under a name of our own in a folder that holds nothing else but the parts that belong to it,
  so that its own name (`/vsicurl/…`, `a!b.zip`) is never read and no file beside it is found;
- with GDAL's way to the network shut, and the driver that it chose held against the kind.
"""

import os
import re
import shutil
import sqlite3
import tempfile
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from geo_devolve.outside import UnreadableFileError, boundary

DRIVERS = {
    "gpkg": ("GPKG", "SQLite"),
    "fgb": ("FlatGeobuf",),
    "shp": ("ESRI Shapefile",),
    "geojson": ("GeoJSON",),
    "topojson": ("TopoJSON",),
    "esrijson": ("ESRIJSON",),
}
"""The kinds that GDAL is given, each with the drivers that may open it."""
_NAMED = {"geojson": "GeoJSON:", "topojson": "TopoJSON:", "esrijson": "ESRIJSON:"}
"""GDAL's own way to name a driver, where it has one."""
_RECIPES = (
    *(b"<ogrvrt", b"<vrtdataset", b"gdal_streamed_alg", b"<ogrwfs", b"<ogrcsw", b"<ogroapif"),
    *(b"<gdal_wms", b"<gdal_wmts", b"<wms_capabilities"),
)
_NO_NETWORK = {
    "GDAL_HTTP_PROXY": "http://127.0.0.1:9",  # the port that throws away
    "GDAL_HTTP_TIMEOUT": "1",
    "GDAL_HTTP_MAX_RETRY": "0",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}",
    "CPL_CURL_ENABLE_VSIMEM": "NO",
    "OGR_SQLITE_LOAD_EXTENSIONS": None,
    "SPATIALITE_SECURITY": "strict",
}
_BLOCK = 2**22
_RUNS = re.compile(
    r"\b((ogr|gdal|hstore)_\w+|load_extension|readfile|writefile|eval)\s*\(|virtual(ogr|shape|text|xl|dbf)"
)
"""What a view or trigger of a foreign database may make SQLite do beyond itself (in small letters)."""
_OPENING = threading.Lock()
"""GDAL's settings are one for the whole process."""


@dataclass(frozen=True)
class Vector:
    """What to open.

    Attributes
    ----------
    kind : str
        One of `DRIVERS`.
    parts : mapping of str to pathlib.Path
        The files by their endings, such as ``.shp`` and ``.dbf``; the first is the main one.
    encoding : str
        Of its texts; "" to leave it to the file.
    """

    kind: str
    parts: Mapping[str, Path]
    encoding: str = ""


def open_vector(source: Vector, sublayer: str = "") -> tuple[gpd.GeoDataFrame, int]:
    """Read all rows of a file, or of one of its layers.

    Parameters
    ----------
    source
        The file.
    sublayer
        Which of its layers, where it has more than one.

    Returns
    -------
    tuple of geopandas.GeoDataFrame and int
        The rows, None for a shape that is missing; and how many shapes had rings that are closed now.

    Raises
    ------
    UnreadableFileError
        It is of another kind, holds a recipe, is damaged, or its layers do not tell which is meant.
    """
    for path in source.parts.values():
        refuse_recipes(path)
    if source.kind == "gpkg":
        _refuse_foreign_sql(next(iter(source.parts.values())))
    damaged = "is truncated, damaged or of another kind than it says"
    with (
        boundary(UnreadableFileError, what=damaged, remedy="get the file again"),
        _alone(source) as place,
        _without_network(),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")  # of rings that are mended, and told, later
        layer = _layer(place, sublayer)
        info = pyogrio.read_info(place, layer=layer)
        if info["driver"] not in DRIVERS[source.kind]:
            raise UnreadableFileError(f"is read by {info['driver']}, not as the {source.kind} that it seems")
        options: dict[str, Any] = {"encoding": source.encoding} if source.encoding else {}
        frame = pyogrio.read_dataframe(place, layer=layer, on_invalid="ignore", **options)
        if not isinstance(frame, gpd.GeoDataFrame):
            raise UnreadableFileError("holds a table without shapes")
        return _closed(frame, place, layer)


def refuse_recipes(path: Path) -> None:
    """Refuse a file that holds, anywhere, what GDAL could take for a recipe to read others."""
    overlap = max(map(len, _RECIPES))
    with path.open("rb") as stream:
        before = b""
        while block := stream.read(_BLOCK):
            text = (before + block).lower()
            if any(recipe in text for recipe in _RECIPES):
                raise UnreadableFileError("holds a recipe for GDAL to read other files, and is no data")
            before = text[-overlap:]


def _refuse_foreign_sql(path: Path) -> None:
    """Refuse a database whose views, triggers or virtual tables reach beyond it."""
    with (
        boundary(UnreadableFileError, what="is a damaged GeoPackage", remedy="get the file again"),
        closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database,
    ):
        rows = database.execute("SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    for name, kind, text in rows:
        sql = str(text).lower()
        virtual = sql.startswith("create virtual table") and not any(
            f"using {each}" in sql for each in ("rtree", "fts3", "fts4", "fts5")
        )
        if virtual or (kind in {"view", "trigger"} and _RUNS.search(sql)):
            raise UnreadableFileError(
                f"holds a {kind} {name!r} that runs more than SQL; export its layer anew"
            )


@contextmanager
def _alone(source: Vector) -> Iterator[str]:
    """Give the path of a file that stands in a folder of its own, under a name of ours."""
    with tempfile.TemporaryDirectory(prefix="geo-devolve-") as folder:
        names = [f"data{ending}" for ending in source.parts]
        for name, path in zip(names, source.parts.values(), strict=True):
            try:
                os.symlink(path.resolve(), Path(folder, name))  # noqa: PTH211  (a link need not be to a Path)
            except OSError:  # no links here
                shutil.copyfile(path, Path(folder, name))
        yield _NAMED.get(source.kind, "") + str(Path(folder, names[0]))


@contextmanager
def _without_network() -> Iterator[None]:
    with _OPENING:
        before = {key: pyogrio.get_gdal_config_option(key) for key in _NO_NETWORK}
        pyogrio.set_gdal_config_options(_NO_NETWORK)
        try:
            yield
        finally:
            pyogrio.set_gdal_config_options(before)


def _layer(path: str, sublayer: str) -> str:
    layers = [str(each) for each in pyogrio.list_layers(path)[:, 0]]
    if sublayer and sublayer not in layers:
        raise UnreadableFileError(f"has no layer {sublayer!r}; it has {', '.join(layers)}")
    if not sublayer and len(layers) != 1:
        raise UnreadableFileError(f"has {len(layers)} layers ({', '.join(layers)}); name one in sublayer")
    return sublayer or layers[0]


def _closed(frame: gpd.GeoDataFrame, path: str, layer: str) -> tuple[gpd.GeoDataFrame, int]:
    """Close the rings that are not closed, which shapely leaves out otherwise."""
    gone = np.flatnonzero(frame.geometry.isna())
    if len(gone) == 0:
        return frame, 0
    raw = pyogrio.raw.read(path, layer=layer, columns=[])[2]
    if raw is None or len(raw) != len(frame):
        return frame, 0
    closed = shapely.from_wkb(raw[gone], on_invalid="fix")
    shapes = frame.geometry.to_numpy().copy()
    shapes[gone] = closed
    return frame.set_geometry(shapes, crs=frame.crs), int((~shapely.is_missing(closed)).sum())
