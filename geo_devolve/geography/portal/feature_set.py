"""The objects of a feature service: one page of an answer, and all pages put together as one file."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from geo_devolve.outside import parse_json

Format = Literal["json", "geojson"]


@dataclass(frozen=True)
class Page:
    """One answer to a query: its objects, whether there are more, and what describes them."""

    features: list[dict[str, Any]]
    exceeded: bool
    head: Mapping[str, Any]


def read_page(content: bytes, kind: Format) -> Page:
    """Read one answer of a query.

    Parameters
    ----------
    content
        The answer's bytes.
    kind
        ``json`` (Esri's own) or ``geojson``.

    Returns
    -------
    Page
        Its objects as they came.

    Raises
    ------
    ValueError
        Where the bytes are no such answer; half of one is not.
    """
    body = parse_json(content)
    features = body.get("features") if isinstance(body, dict) else None
    part = "attributes" if kind == "json" else "properties"
    if not isinstance(features, list) or not all(
        isinstance(each, dict) and isinstance(each.get(part), dict) for each in features
    ):
        raise ValueError(f"no list of features with {part}")
    nested = body.get("properties")
    exceeded = body.get("exceededTransferLimit") is True or (
        isinstance(nested, dict) and nested.get("exceededTransferLimit") is True
    )
    return Page(features, exceeded, {key: value for key, value in body.items() if key != "features"})


@dataclass
class FeatureSet:
    """All objects of one service.

    Attributes
    ----------
    format
        ``json`` or ``geojson``.
    features
        The objects in the order in which they came.
    head
        What the first page said about all of them: fields, kind of shape, reference system.
    """

    format: Format
    features: list[dict[str, Any]] = field(default_factory=list)
    head: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return the number of objects."""
        return len(self.features)

    @property
    def suffix(self) -> str:
        """Return the ending of a file that holds the objects with their shapes."""
        return "json" if self.format == "json" else "geojson"

    @property
    def _part(self) -> str:
        return "attributes" if self.format == "json" else "properties"

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return what each object has beside its shape."""
        return [each[self._part] for each in self.features]

    @property
    def columns(self) -> list[str]:
        """Return the columns' names in the order in which they first appear."""
        return list(dict.fromkeys(key for row in self.rows for key in row))

    @property
    def crs(self) -> int | None:
        """Return the EPSG number of the coordinates, None where it is not said."""
        if self.format == "json":
            told = self.head.get("spatialReference") or {}
            # Esri's old number of Web Mercator and the like come beside the current one
            number = told.get("latestWkid", told.get("wkid")) if isinstance(told, dict) else None
        else:
            told = self.head.get("crs") or {}
            name = str((told.get("properties") or {}).get("name", "")) if isinstance(told, dict) else ""
            tail = name.rsplit(":", 1)[-1]
            number = int(tail) if tail.isdigit() else None
        return number if isinstance(number, int) else None

    def add(self, page: Page) -> bool:
        """Append a page's objects.

        Returns
        -------
        bool
            Whether the page says that there are more.
        """
        if not self.features:
            self.head = page.head
        self.features.extend(page.features)
        return page.exceeded

    def column(self, name: str) -> str | None:
        """Return a column's name as it is written here, whatever the case it is asked for in."""
        return next((each for each in self.columns if each.lower() == name.lower()), None)

    def values(self, name: str) -> list[Any]:
        """Return one column, None where an object has no value; an object's number may be its GeoJSON id."""
        column = self.column(name)
        if column is None:
            return [each.get("id") for each in self.features]
        return [each[self._part].get(column) for each in self.features]

    def sort(self, name: str) -> None:
        """Put the objects in the order of a column of numbers."""
        order = dict(zip(map(id, self.features), self.values(name), strict=True))
        self.features.sort(key=lambda each: order[id(each)])

    def without_shape(self) -> int:
        """Return how many objects have no shape, or an empty one."""
        part = "rings" if self.format == "json" else "coordinates"
        return sum(not (each.get("geometry") or {}).get(part) for each in self.features)


def whole_file(features: FeatureSet, kind: Literal["polygons", "table"]) -> bytes:
    """Write all objects as one file.

    Parameters
    ----------
    features
        All objects of a service.
    kind
        ``polygons`` for a file with shapes in the format they came in, ``table`` for CSV.

    Returns
    -------
    bytes
        The same objects always give the same bytes.
    """
    if kind == "table":
        return _csv(features.columns, features.rows)
    if features.format == "geojson":
        head: dict[str, Any] = {"type": "FeatureCollection"}
        if features.head.get("crs"):
            head["crs"] = features.head["crs"]
    else:
        # readers tell Esri's JSON by these, and look for them at the start only
        keys = ("geometryType", "spatialReference", "fields", "objectIdFieldName", "displayFieldName")
        head = {key: features.head[key] for key in keys if key in features.head}
    return json.dumps(head | {"features": features.features}, separators=(",", ":"), allow_nan=False).encode()


def _csv(columns: list[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
