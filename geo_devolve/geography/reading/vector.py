"""Polygons from any vector file, in the geography's coordinate system."""

import io
import struct
import tempfile
import warnings
from pathlib import Path, PurePosixPath

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pyproj
import shapely

from geo_devolve.geography.reading.files import LARGEST_UNPACKED, Folder, UnreadableFileError, gunzip, unzip

VECTOR = (".gpkg", ".geojson", ".json", ".topojson", ".esrijson", ".shp", ".parquet", ".geoparquet", ".fgb")
PACKED = (".zip", ".gz")
SIDECARS = (".shp", ".shx", ".dbf", ".prj", ".cpg", ".qix", ".sbn", ".sbx")
POLYGONAL = frozenset({3, 6})
FARTHEST = 1e8
"""No projected coordinate of a place on earth is larger (m)."""
_RUNS_COMMANDS = b"gdal_streamed_alg"
"""What GDAL would take for a recipe to run: such a file could make it read others."""


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
        The file: GeoPackage, GeoJSON, TopoJSON, ESRI JSON, Shapefile, FlatGeobuf or GeoParquet, also as .zip
        or .gz.
    sublayer
        Which of the file's layers, where it has more than one.
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
    path = folder.hash(name)
    frame = _read(path, sublayer)
    kinds = set(shapely.get_type_id(frame.geometry.to_numpy()[frame.geometry.notna()]).tolist())
    if not kinds & POLYGONAL:
        raise UnreadableFileError("holds no polygons")
    hollow = frame.geometry.isna() | frame.geometry.is_empty
    flat = ~hollow & ~frame.geometry.geom_type.isin(["Polygon", "MultiPolygon", "GeometryCollection"])
    for rows, what in ((hollow, "without a shape"), (flat, "that are lines or points")):
        if rows.any():
            folder.findings.fault(
                name,
                f"{int(rows.sum()):,} rows {what}",
                [
                    " ".join(row)
                    for row in frame.loc[rows]
                    .iloc[:, :3]
                    .drop(columns="geometry", errors="ignore")
                    .to_numpy()
                ],
                remedy="give them polygons, or remove them",
            )
    frame = frame[~hollow & ~flat].reset_index(drop=True)
    frame = frame.set_geometry(shapely.force_2d(frame.geometry.to_numpy()), crs=frame.crs)
    if not np.isfinite(shapely.get_coordinates(frame.geometry.to_numpy())).all():
        raise UnreadableFileError("has coordinates that are no numbers; repair it in a GIS")
    return _projected(folder, name, frame, stated, target)


def read_attributes(folder: Folder, name: str, sublayer: str = "") -> pd.DataFrame:
    """Read the columns alone, as text."""
    frame = _read(folder.hash(name), sublayer)
    return pd.DataFrame(frame.drop(columns=frame.geometry.name))


def _read(path: Path, sublayer: str) -> gpd.GeoDataFrame:
    suffix = path.suffix.lower()
    if suffix == ".zip":
        return _read_members(unzip(path.read_bytes()), sublayer)
    if suffix == ".gz":
        return _read_members({PurePosixPath(path.name).stem: gunzip(path.read_bytes())}, sublayer)
    return _read_plain(path, sublayer)


def _read_members(members: dict[str, bytes], sublayer: str) -> gpd.GeoDataFrame:
    """Read what an archive holds, from a temporary folder and under names of our own."""
    main = [name for name in members if name.lower().endswith(VECTOR) and "__MACOSX" not in name]
    if len(main) != 1:
        raise UnreadableFileError(f"holds {len(main)} vector files; give one")
    stem = PurePosixPath(main[0]).with_suffix("")
    with tempfile.TemporaryDirectory() as scratch:
        for name, data in members.items():
            suffix = PurePosixPath(name).suffix.lower()
            if PurePosixPath(name).with_suffix("") == stem and suffix in (*VECTOR, *SIDECARS):
                Path(scratch, f"data{suffix}").write_bytes(data)
        return _read_plain(Path(scratch, "data" + PurePosixPath(main[0]).suffix.lower()), sublayer)


def _read_plain(path: Path, sublayer: str) -> gpd.GeoDataFrame:
    kind = _kind(path)
    if kind == "parquet":
        return _as_text(_read_parquet(path))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of rings that are mended, and told, later
            layers = [str(each) for each in pyogrio.list_layers(path)[:, 0]]
            if sublayer and sublayer not in layers:
                raise UnreadableFileError(f"has no layer {sublayer!r}; it has {', '.join(layers)}")
            if not sublayer and len(layers) > 1:
                raise UnreadableFileError(
                    f"has {len(layers)} layers ({', '.join(layers)}); name one in sublayer"
                )
            frame = pyogrio.read_dataframe(path, layer=sublayer or None, on_invalid="ignore")
            driver = str(pyogrio.read_info(path, layer=sublayer or layers[0])["driver"])
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        pyogrio.errors.GeometryError,
    ) as error:
        raise UnreadableFileError(f"is truncated, damaged or of an unknown kind ({error})") from None
    except (ValueError, RuntimeError, IndexError, shapely.errors.GEOSException) as error:
        raise UnreadableFileError(f"cannot be read ({error})") from None
    if not isinstance(frame, gpd.GeoDataFrame):
        raise UnreadableFileError("holds a table without shapes")
    if driver == "TopoJSON":
        frame = frame.set_crs(None, allow_override=True)
    return _as_text(frame)


def _kind(path: Path) -> str:
    """Say what a file is by its first bytes, and refuse what could lead GDAL to other files."""
    with path.open("rb") as stream:
        head = stream.read(100_000)
    if head[:4] == b"PAR1":
        return "parquet"
    if head[:4] == b"\x00\x00\x27\x0a":
        _check_shapefile(path, head)
        return "binary"
    if head[:16] == b"SQLite format 3\0" or head[:3] == b"fgb":
        return "binary"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        if _RUNS_COMMANDS in path.read_bytes():
            raise UnreadableFileError("is a recipe for GDAL, not data")
        return "json"
    if not head:
        raise UnreadableFileError("is empty; get the file again")
    raise UnreadableFileError(
        "is of an unknown kind, or truncated; give a GeoPackage, GeoJSON, TopoJSON, ESRI JSON, Shapefile, "
        "FlatGeobuf or GeoParquet"
    )


def _check_shapefile(path: Path, head: bytes) -> None:
    """Refuse a shapefile that is shorter than it says, of which GDAL would read the rest in silence."""
    table = path.with_suffix(".dbf")
    if not table.is_file():
        raise UnreadableFileError("has no .dbf beside it, so its shapes have no codes")
    (words,) = struct.unpack(">i", head[24:28]) if len(head) >= 28 else (2**30,)
    rows, start, width = (
        struct.unpack("<IHH", table.read_bytes()[4:12]) if table.stat().st_size > 12 else (1, 0, 2**16)
    )
    if path.stat().st_size < 2 * words or table.stat().st_size < start + rows * width:
        raise UnreadableFileError("is truncated: it is shorter than it says; get the file again")


def _read_parquet(path: Path) -> gpd.GeoDataFrame:
    try:
        about = pq.read_metadata(path)
        size = sum(about.row_group(group).total_byte_size for group in range(about.num_row_groups))
        if size > LARGEST_UNPACKED:
            raise UnreadableFileError("grows too large when unpacked")
        frame = gpd.read_parquet(io.BytesIO(path.read_bytes()))
        return frame if frame.index.names == [None] else frame.reset_index()
    except (pa.ArrowException, ValueError, KeyError, OSError) as error:
        reason = str(error).split("\n", maxsplit=1)[0]
        raise UnreadableFileError(f"is truncated, damaged or no GeoParquet ({reason})") from None


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
            text = cells.map(lambda cell: "" if cell is None or cell is pd.NA else str(cell))
        texts[str(column)] = text.astype(str).str.strip()
    return gpd.GeoDataFrame(
        pd.DataFrame(texts, index=frame.index), geometry=frame.geometry.to_numpy(), crs=frame.crs
    )


def _projected(
    folder: Folder, name: str, frame: gpd.GeoDataFrame, stated: str, target: str
) -> gpd.GeoDataFrame:
    """Bring shapes into the geography's system, after settling which they are in."""
    bounds = shapely.bounds(frame.geometry.to_numpy())
    if np.abs(bounds).max(initial=0.0) > FARTHEST:
        raise UnreadableFileError("has coordinates that are nowhere on earth; get the file again")
    degrees = (np.abs(bounds[:, [0, 2]]) <= 180.5).all(axis=1) & (np.abs(bounds[:, [1, 3]]) <= 90.5).all(
        axis=1
    )
    if degrees.any() and not degrees.all():
        raise UnreadableFileError(
            f"mixes coordinate systems: {int(degrees.sum()):,} of {len(frame):,} shapes are in degrees, the "
            "rest in "
            "metres; bring all into one"
        )
    own = frame.crs
    if stated:
        wanted = pyproj.CRS.from_user_input(stated)
        if own is not None and own != wanted and own.is_geographic == bool(degrees.all()):
            raise UnreadableFileError(f"says {own.to_string()} where the manifest says {stated}; correct one")
        if own is not None and own != wanted:
            folder.findings.repair(
                name, f"says {own.to_string()}, which its coordinates cannot be; {stated} is used"
            )
        own = wanted
    if own is None:
        if not degrees.all():
            raise UnreadableFileError(
                "does not say its coordinate system; state it in crs, such as EPSG:27700"
            )
        own = pyproj.CRS.from_epsg(4326)
        folder.findings.repair(
            name,
            "does not say its coordinate system; its coordinates can only be degrees, and are read as WGS84",
            remedy="state it in crs to be sure",
        )
    if own.is_geographic != bool(degrees.all()):
        what = "degrees" if own.is_geographic else "metres"
        raise UnreadableFileError(
            f"says {own.to_string()}, but its coordinates are no {what}; state the right crs"
        )
    frame = frame.set_crs(own, allow_override=True)
    if target and own != pyproj.CRS.from_user_input(target):
        frame = frame.to_crs(target)
        if not np.isfinite(shapely.bounds(frame.geometry.to_numpy())).all():
            raise UnreadableFileError(f"has coordinates that {target} does not reach; state the right crs")
    return frame


def inside_area_of_use(frame: gpd.GeoDataFrame) -> np.ndarray:
    """Say which shapes lie where their coordinate system is meant for (with a degree to spare)."""
    area = None if frame.crs is None else frame.crs.area_of_use
    if area is None:
        return np.ones(len(frame), dtype=bool)
    middle = gpd.GeoSeries(shapely.centroid(frame.geometry.to_numpy()), crs=frame.crs).to_crs("EPSG:4326")
    x, y = middle.x.to_numpy(), middle.y.to_numpy()
    return (x >= area.west - 1) & (x <= area.east + 1) & (y >= area.south - 1) & (y <= area.north + 1)
