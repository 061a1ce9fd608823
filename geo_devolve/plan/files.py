"""Plans as files hold them: a table of councils and areas, or a map of either, whatever the format."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_devolve.errors import DataError
from geo_devolve.geography.reading.files import LARGEST_FILE, Folder
from geo_devolve.geography.reading.findings import Findings
from geo_devolve.geography.reading.opening import refuse_recipes
from geo_devolve.geography.reading.tables import read_table
from geo_devolve.geography.reading.vector import is_vector, read_attributes
from geo_devolve.outside import UnreadableFileError, boundary, parse_json

LISTED = "councils"
"""The property of an area that lists its councils, and the layer of councils of a file with several."""
_JSON = (".json", ".geojson")

Pairs = list[tuple[Any, Any]]


def read_rows(path: Path) -> Pairs | list[list[str]]:
    """Read a plan's file.

    Parameters
    ----------
    path
        A table (CSV, a workbook), a JSON of councils and areas, or any file of a map: of areas that list
        their councils, or of councils with a column for the area.

    Returns
    -------
    list of tuple or list of list of str
        Pairs of council and area; or rows of text, the head first, where the columns are still to be told.

    Raises
    ------
    DataError
        It cannot be read.
    """

    def fault(message: str) -> DataError:
        return DataError(f"{path}: it cannot be read as a plan: it {message}")

    with boundary(fault):
        try:
            if path.stat().st_size > LARGEST_FILE:
                raise UnreadableFileError("is too large for a plan")
            refuse_recipes(path)
            pairs = _from_json(path) if path.suffix.lower() in _JSON else None
            return _from_table(path) if pairs is None else pairs
        except UnreadableFileError as error:
            raise fault(str(error)) from None


def _from_json(path: Path) -> Pairs | None:
    """Return what JSON says outright; None where it is a map of councils."""
    content = parse_json(path.read_bytes())
    if not isinstance(content, dict):
        raise UnreadableFileError("is no JSON of councils and areas")
    if content.get("type") == "FeatureCollection":
        features = [each for each in content.get("features", []) if isinstance(each, dict)]
        about = [(each.get("properties") or {}, each.get("id")) for each in features]
        if not about or not all(LISTED in each for each, _ in about):
            return None
        return [
            (council, each.get("code", identity))
            for each, identity in about
            for council in _listed(each[LISTED])
        ]
    if content.get("type") == "Topology" or "geometryType" in content:
        return None
    assignment = content.get("assignment", content)
    if not isinstance(assignment, Mapping) or any(
        isinstance(area, dict | list) for area in assignment.values()
    ):
        raise UnreadableFileError("is no JSON of councils and areas")
    return list(assignment.items())


def _listed(councils: object) -> Iterator[Any]:
    """Yield the councils that an area lists; some formats keep the list as text."""
    if isinstance(councils, str):
        text = councils.strip()
        councils = json.loads(text) if text.startswith("[") else [each.strip() for each in text.split(";")]
    yield from (each for each in np.asarray(councils, dtype=object).ravel() if each not in {None, ""})


def _from_table(path: Path) -> Pairs | list[list[str]]:
    folder = Folder(path.parent.resolve(), Findings(path.name))
    name = path.name
    if path.suffix.lower() in {".parquet", ".geoparquet"}:
        return _from_parquet(path)
    table = _map(folder, name) if is_vector(name) else read_table(folder, name, named_only=False)
    return [[str(column) for column in table.columns], *table.astype(str).to_numpy().tolist()]


def _map(folder: Folder, name: str) -> pd.DataFrame:
    """Read a map of councils: its layer of that name, where it has several."""
    try:
        return read_attributes(folder, name, LISTED)
    except UnreadableFileError as error:
        if "no layer" not in str(error) and "one layer only" not in str(error):
            raise
        return read_attributes(folder, name)


def _from_parquet(path: Path) -> Pairs | list[list[str]]:
    table = pd.DataFrame(gpd.read_parquet(path)) if _is_geo(path) else pd.read_parquet(path)
    if {"code", LISTED} <= set(table.columns):
        return [
            (c, area) for area, row in zip(table["code"], table[LISTED], strict=True) for c in _listed(row)
        ]
    flat = table.drop(columns=[each for each in table if each == "geometry"]).astype(object)
    flat = flat.where(flat.notna(), "")
    return [[str(column) for column in flat.columns], *flat.map(str).to_numpy().tolist()]


def _is_geo(path: Path) -> bool:
    import pyarrow.parquet as pq  # noqa: PLC0415  (few plans come so)

    return b"geo" in (pq.read_schema(path).metadata or {})
