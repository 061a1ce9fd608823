"""Polygons from any vector file, in the geography's coordinate system."""

import io
import json
import re
import struct
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyproj
import shapely

from geo_devolve.geography.reading.encodings import dbf_encoding
from geo_devolve.geography.reading.files import LARGEST_UNPACKED, Folder, gunzip, unzip
from geo_devolve.geography.reading.opening import Vector, open_vector
from geo_devolve.geography.reading.systems import projected
from geo_devolve.outside import UnreadableFileError, boundary, parse_json

VECTOR = (
    *(".gpkg", ".geojson", ".json", ".topojson", ".esrijson", ".shp", ".parquet", ".geoparquet", ".fgb"),
    *(".geojsonl", ".geojsonseq", ".ndjson", ".geojsons"),
)
PACKED = (".zip", ".gz")
SIDECARS = (".shx", ".dbf", ".prj", ".cpg")
POLYGONAL = frozenset({3, 6})
_SQLITE = b"SQLite format 3\0"
_FLATGEOBUF = re.compile(rb"fgb[\x01-\x0f]fgb[\x00-\x0f].{3}\x00", re.DOTALL)
_SYSTEM_ELSEWHERE = re.compile(r"^\s*(\w+:)?//|^\s*/vsi|^\s*(https?|ftp|file):", re.IGNORECASE)
_NO_KIND = (
    "is of an unknown kind, or truncated; give a GeoPackage, GeoJSON (also a sequence, RFC 8142), TopoJSON, "
    "ESRI JSON, Shapefile, FlatGeobuf or GeoParquet"
)


@dataclass(frozen=True)
class _Read:
    """The rows of a file, and what was found in it on the way.

    Attributes
    ----------
    frame : geopandas.GeoDataFrame
        All columns text.
    closed : int
        How many shapes had rings that were not closed.
    lost : tuple of str
        What rows say that have no shape and that GDAL leaves out.
    told : str
        Of its texts' encoding.
    """

    frame: gpd.GeoDataFrame
    closed: int = 0
    lost: tuple[str, ...] = ()
    told: str = ""


def is_vector(name: str) -> bool:
    """Say whether a file's name promises polygons rather than a table."""
    stem = name.lower()
    if stem.endswith(PACKED):
        inner = stem.rsplit(".", 1)[0]
        return inner.endswith(VECTOR) or (
            stem.endswith(".zip") and not inner.endswith((".csv", ".tsv", ".txt"))
        )
    return stem.endswith(VECTOR)


def read_polygons(
    folder: Folder, name: str, sublayer: str = "", stated: str = "", target: str = ""
) -> gpd.GeoDataFrame:
    """Read polygons and their columns.

    Parameters
    ----------
    folder, name
        The file: GeoPackage, GeoJSON (also as a sequence), TopoJSON, ESRI JSON, Shapefile, FlatGeobuf or
        GeoParquet, also as .zip or .gz.
    sublayer
        Which of the file's layers, or of an archive's files, where there are more than one.
    stated
        The coordinate system that the manifest states, for a file that does not say.
    target
        The coordinate system to bring them into.

    Returns
    -------
    geopandas.GeoDataFrame
        All columns text ("" where there is nothing), shapes Polygon or MultiPolygon, not yet mended.

    Raises
    ------
    UnreadableFileError
        Where the file cannot be used; the message says why.
    """
    read = _read(folder, name, sublayer)
    frame, findings = read.frame, folder.findings
    if read.told:
        findings.notice(name, read.told, remedy="state it in encoding if that is wrong")
    if read.closed:
        findings.repair(name, f"{read.closed:,} shapes had rings that were not closed; they are closed")
    kinds = set(shapely.get_type_id(frame.geometry.to_numpy()[frame.geometry.notna()]).tolist())
    if not kinds & POLYGONAL:
        raise UnreadableFileError("holds no polygons")
    hollow = frame.geometry.isna() | frame.geometry.is_empty
    flat = ~hollow & ~frame.geometry.geom_type.isin(["Polygon", "MultiPolygon", "GeometryCollection"])
    for rows, lost, what in ((hollow, read.lost, "without a shape"), (flat, (), "that are lines or points")):
        if rows.any() or lost:
            columns = frame.loc[rows].iloc[:, :3].drop(columns="geometry", errors="ignore")
            culprits = [*(" ".join(row) for row in columns.to_numpy()), *lost]
            remedy = "give them polygons, or remove them"
            findings.fault(name, f"{len(culprits):,} rows {what}", culprits, remedy=remedy)
    frame = frame[~hollow & ~flat].reset_index(drop=True)
    frame = frame.set_geometry(shapely.force_2d(frame.geometry.to_numpy()), crs=frame.crs)
    if not np.isfinite(shapely.get_coordinates(frame.geometry.to_numpy())).all():
        raise UnreadableFileError("has coordinates that are no numbers; repair it in a GIS")
    with boundary(UnreadableFileError, what="has coordinates or a system that cannot be used"):
        return projected(folder, name, frame, stated, target)


def read_attributes(folder: Folder, name: str, sublayer: str = "") -> pd.DataFrame:
    """Read the columns alone, as text."""
    read = _read(folder, name, sublayer)
    if read.told:
        folder.findings.notice(name, read.told, remedy="state it in encoding if that is wrong")
    return pd.DataFrame(read.frame.drop(columns=read.frame.geometry.name))


def _read(folder: Folder, name: str, sublayer: str) -> _Read:
    path = folder.hash(name)
    stated = folder.encodings.get(name, "")
    with path.open("rb") as stream:
        head = stream.read(16)
    if head[:4] != b"PK\x03\x04" and head[:2] != b"\x1f\x8b":
        parts = folder.beside(name, SIDECARS) if head[:4] == b"\x00\x00\x27\x0a" else {}
        return _read_plain(path, parts, sublayer, stated)
    with boundary(UnreadableFileError, what="cannot be read"):
        packed = path.read_bytes()
    if head[:2] == b"\x1f\x8b":
        members = {PurePosixPath(name).stem: gunzip(packed)}
    else:
        members = {key: each for key, each in unzip(packed).items() if "__MACOSX" not in key}
    main = sorted(key for key in members if key.lower().endswith(VECTOR) or len(members) == 1)
    chosen = [key for key in main if sublayer in {PurePosixPath(key).stem, PurePosixPath(key).name}]
    if len(main) > 1 and len(chosen) != 1:
        stems = ", ".join(PurePosixPath(key).stem for key in main)
        raise UnreadableFileError(f"holds {len(main)} vector files ({stems}); name one in sublayer")
    if not main:
        raise UnreadableFileError("holds no vector file")
    return _read_member(members, chosen[0] if chosen else main[0], "" if chosen else sublayer, stated)


def _read_member(members: Mapping[str, bytes], main: str, sublayer: str, stated: str) -> _Read:
    """Read a member of an archive, from a temporary folder and under names of our own."""
    stem = str(PurePosixPath(main).with_suffix("")).casefold()
    with (
        tempfile.TemporaryDirectory(prefix="geo-devolve-") as scratch,
        boundary(UnreadableFileError, what="cannot be unpacked"),
    ):
        path = Path(scratch, "data")
        path.write_bytes(members[main])
        parts = {}
        for name, data in members.items():
            suffix = PurePosixPath(name).suffix.lower()
            if str(PurePosixPath(name).with_suffix("")).casefold() == stem and suffix in SIDECARS:
                parts[suffix] = Path(scratch, f"part{suffix}")
                parts[suffix].write_bytes(data)
        return _read_plain(path, parts, sublayer, stated)


def _read_plain(path: Path, parts: Mapping[str, Path], sublayer: str, stated: str) -> _Read:
    """Read a file by what its first bytes say it is."""
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head[:4] == b"PAR1":
        return _Read(_as_text(_read_parquet(path)))
    if head[:4] == b"\x00\x00\x27\x0a":
        return _read_shapefile(path, parts, sublayer, stated)
    for kind, fits in (("gpkg", head[:16] == _SQLITE), ("fgb", _FLATGEOBUF.match(head))):
        if fits:
            frame, closed = open_vector(Vector(kind, {f".{kind}": path}), sublayer)
            return _Read(_as_text(frame), closed)
    if head.lstrip(b"\xef\xbb\xbf\x1e \t\r\n")[:1] == b"{":
        return _read_json(path, sublayer)
    raise UnreadableFileError(_NO_KIND if head else "is empty; get the file again")


def _read_json(path: Path, sublayer: str) -> _Read:
    """Read what JSON holds: parsed here first, so that GDAL is told what it is and given nothing else."""
    content = path.read_bytes()
    document, sequence = _document(content)
    if not isinstance(document, dict):
        raise UnreadableFileError("is JSON, but not of a map")
    own, crs = (None, False)
    kind = "geojson"
    lost: tuple[str, ...] = ()
    if document.get("type") == "Topology":
        kind, lost = "topojson", _without_shape(document, sublayer)
    elif "geometryType" in document or ("features" in document and "type" not in document):
        kind = "esrijson"
    elif document.get("type") not in {"FeatureCollection", "Feature"}:
        raise UnreadableFileError("is JSON, but neither GeoJSON, TopoJSON nor ESRI JSON")
    elif document.get("crs") is not None:
        own, crs = _system(document["crs"]), True
    if kind == "esrijson" and document.get("exceededTransferLimit") is True:
        raise UnreadableFileError(
            "says itself that it holds only some of the objects; get the file again, whole"
        )
    with ExitStack() as stack:
        if sequence or crs or content[:1] in b"\x1e\xef":
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="geo-devolve-"))
            path = Path(folder, "data.json")
            document.pop("crs", None)
            path.write_text(json.dumps(document), encoding="utf-8")
        frame, closed = open_vector(Vector(kind, {".json": path}), sublayer)
    if kind == "topojson":
        frame = frame.set_crs(None, allow_override=True)
    elif crs:
        frame = frame.set_crs(own, allow_override=True)
    return _Read(_as_text(frame), closed, lost)


def _document(content: bytes) -> tuple[Any, bool]:
    """Parse JSON; a sequence of features, a line each or after record separators, becomes a collection."""
    lines = [line for line in content.replace(b"\x1e", b"\n").splitlines() if line.strip()]
    if len(lines) > 1 and b'"Feature"' in lines[0] and lines[0].rstrip().endswith(b"}"):
        features = [parse_json(line) for line in lines]
        if all(isinstance(each, dict) and each.get("type") == "Feature" for each in features):
            return {"type": "FeatureCollection", "features": features}, True
    return parse_json(content.lstrip(b"\x1e")), False


def _without_shape(topology: Mapping[str, Any], sublayer: str) -> tuple[str, ...]:
    """Name the objects of a TopoJSON that have no shape, which GDAL leaves out."""
    objects = topology.get("objects")
    found = []
    for key, each in objects.items() if isinstance(objects, dict) else ():
        inside = each.get("geometries") if isinstance(each, dict) else None
        for one in inside if isinstance(inside, list) and sublayer in {"", key} else ():
            if isinstance(one, dict) and (one.get("type") is None or one.get("arcs") == []):
                about = one.get("properties")
                said = list(about.values())[:3] if isinstance(about, dict) else [one.get("id", "")]
                found.append(" ".join(str(value) for value in said))
    return tuple(found)


def _system(told: object) -> pyproj.CRS | None:
    """Read the system of a GeoJSON of the old kind; an address is never asked, and then nothing is known."""
    about = told.get("properties") if isinstance(told, dict) else None
    name = about.get("name") if isinstance(about, dict) else None
    if not isinstance(name, str) or (isinstance(told, dict) and told.get("type") == "link"):
        raise UnreadableFileError(
            "does not name its coordinate system but says where it may be read, which is not asked; take crs "
            "out of the file and state it in the manifest"
        )
    known = re.search(r"(?:EPSG|crs/OGC|OGC)\W+(?:[\d.]*\W+)?(CRS84|\d{4,6})\s*$", name, re.IGNORECASE)
    if known:
        return pyproj.CRS.from_user_input("OGC:CRS84" if known[1].upper() == "CRS84" else f"EPSG:{known[1]}")
    if _SYSTEM_ELSEWHERE.search(name):
        raise UnreadableFileError(
            f"names {name[:80]!r} as its coordinate system, which is not asked; name an EPSG code"
        )
    return pyproj.CRS.from_user_input(name)


def _read_shapefile(path: Path, parts: Mapping[str, Path], sublayer: str, stated: str) -> _Read:
    """Read a shapefile; one that is shorter than it says is refused, for GDAL reads the rest in silence."""
    if ".dbf" not in parts:
        raise UnreadableFileError("has no .dbf beside it, so its shapes have no codes")
    head, table = path.read_bytes()[:100], parts[".dbf"].read_bytes()
    (words,) = struct.unpack(">i", head[24:28]) if len(head) >= 28 else (2**30,)
    rows, start, width = struct.unpack("<IHH", table[4:12]) if len(table) > 12 else (1, 0, 2**16)
    if path.stat().st_size < 2 * words or len(table) < start + rows * width:
        raise UnreadableFileError("is truncated: it is shorter than it says; get the file again")
    declared = parts[".cpg"].read_bytes().decode("ascii", errors="replace") if ".cpg" in parts else ""
    encoding, told = dbf_encoding(table, declared, stated)
    used = {ending: part for ending, part in parts.items() if not (encoding and ending == ".cpg")}
    frame, closed = open_vector(Vector("shp", {".shp": path, **used}, encoding), "")
    if sublayer and sublayer not in {path.stem, "data"}:
        raise UnreadableFileError(f"has one layer only; take sublayer = {sublayer!r} out of the manifest")
    return _Read(_as_text(frame), closed, (), told)


def _read_parquet(path: Path) -> gpd.GeoDataFrame:
    with boundary(
        UnreadableFileError, what="is truncated, damaged or no GeoParquet", remedy="get the file again"
    ):
        about = pq.read_metadata(path)
        size = sum(about.row_group(group).total_byte_size for group in range(about.num_row_groups))
        if size > LARGEST_UNPACKED:
            raise UnreadableFileError("grows too large when unpacked")
        frame = gpd.read_parquet(io.BytesIO(path.read_bytes()))
        return frame if frame.index.names == [None] else frame.reset_index()


def _as_text(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    shape = frame.geometry.name
    texts = {}
    for column in frame.columns:
        if column == shape:
            continue
        cells = frame[column]
        if pd.api.types.is_float_dtype(cells.dtype):
            text = cells.map(lambda number: "" if pd.isna(number) else f"{number:.15g}")
        else:
            text = cells.map(
                lambda cell: "" if cell is None or cell is pd.NA or cell is pd.NaT else str(cell)
            )
        texts[str(column)] = text.astype(str).str.strip()
    return gpd.GeoDataFrame(
        pd.DataFrame(texts, index=frame.index), geometry=frame.geometry.to_numpy(), crs=frame.crs
    )
