"""The manifest of a geography, `geography.toml`: which file says what, and in which columns.

`boundaries/README.md` tells the same for readers.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, TypeVar, cast

from geo_devolve.geography.files import Folder, UnreadableFileError
from geo_devolve.geography.findings import Findings, nearest

MANIFEST = "geography.toml"

Part = TypeVar("Part")


@dataclass(frozen=True)
class CouncilsSource:
    """Where the councils come from: a table, polygons, or both (joined by code)."""

    table: str = ""
    sheet: str = ""
    polygons: str = ""
    sublayer: str = ""
    code: str = ""
    name: str = ""
    polygons_code: str = ""
    polygons_name: str = ""
    population: str = ""
    only: tuple[str, ...] = ()
    crs: str = ""


@dataclass(frozen=True)
class JoinSource:
    """A table that adds columns to the points."""

    table: str
    key: str
    sheet: str = ""
    on: str = ""


@dataclass(frozen=True)
class PointsSource:
    """Where the population points come from: a table of coordinates, polygons, or areal weighting."""

    table: str = ""
    sheet: str = ""
    polygons: str = ""
    sublayer: str = ""
    polygons_id: str = ""
    id: str = ""
    x: str = ""
    y: str = ""
    population: str = ""
    council: str = ""
    only: tuple[str, ...] = ()
    crs: str = ""
    joins: tuple[JoinSource, ...] = ()
    areal: bool = False


@dataclass(frozen=True)
class LayerSource:
    """Where a layer comes from; `source` is one of `SOURCES`."""

    source: str
    title: str = ""
    vintage: str = ""
    columns: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    table: str = ""
    sheet: str = ""
    key: str = ""
    of: str = ""
    share: str = ""
    polygons: str = ""
    sublayer: str = ""
    code: str = ""
    name: str = ""
    crs: str = ""
    only: tuple[str, ...] = ()
    overlaps: bool = False
    whole_councils: bool = False
    bodies: str = ""
    bodies_code: str = ""
    bodies_name: str = ""


SOURCES = {
    "councils": "columns of the councils' table",
    "points": "columns of the population points",
    "lookup": "a table of its own",
    "polygons": "a vector file",
    "grid": "a column of the grid",
}


@dataclass(frozen=True)
class NeedsSource:
    """Where the needs come from."""

    indicators: str
    table: str = ""
    sheet: str = ""
    council: str = ""
    points: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class BordersSource:
    """A table of land borders, which beats measuring polygons."""

    table: str
    sheet: str = ""
    council: str = "council"
    neighbour: str = "neighbour"
    length_m: str = "length_m"


@dataclass(frozen=True)
class CrossingsSource:
    """A table of pairs that face each other across water."""

    table: str
    sheet: str = ""
    council: str = "council"
    neighbour: str = "neighbour"
    kind: str = "kind"
    gap_m: str = "gap_m"


@dataclass(frozen=True)
class GridSource:
    """A table of runs of squares to draw councils and layers with."""

    table: str
    cell_m: float
    south: str = "northing"
    west: str = "easting_from"
    east: str = "easting_to"
    council: str = "council"
    layers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RepairLimits:
    """Up to where polygons are mended; beyond, they are refused.

    Attributes
    ----------
    gap_m : float
        The widest gap or overlap (m) between neighbours that is closed. None: a limit by the file's
        resolution.
    share : float
        The largest share of a council's area that a repair may take or give.
    """

    gap_m: float | None = None
    share: float = 0.02


@dataclass(frozen=True)
class Expected:
    """Totals that the files must add up to, so that a file cut short is noticed."""

    councils: int | None = None
    points: int | None = None
    population: float | None = None
    borders: int | None = None


@dataclass(frozen=True)
class SuccessorsSource:
    """A table of old codes and the codes that replaced them."""

    table: str
    old: str
    new: str
    old_name: str = ""
    sheet: str = ""


@dataclass(frozen=True)
class Manifest:
    """A geography's manifest, checked but for the files it names."""

    name: str
    councils: CouncilsSource
    title: str = ""
    vintage: str = ""
    crs: str = "EPSG:27700"
    attribution: str = ""
    points: PointsSource = field(default_factory=PointsSource)
    layers: Mapping[str, LayerSource] = field(default_factory=dict)
    needs: NeedsSource | None = None
    borders: BordersSource | None = None
    crossings: CrossingsSource | None = None
    grid: GridSource | None = None
    successors: SuccessorsSource | None = None
    repair: RepairLimits = field(default_factory=RepairLimits)
    expect: Expected = field(default_factory=Expected)

    @property
    def files(self) -> tuple[str, ...]:
        """The names of all files it speaks of, each once, in the order in which it does."""
        named = [self.councils.table, self.councils.polygons, self.points.table, self.points.polygons]
        named += [join.table for join in self.points.joins]
        for layer in self.layers.values():
            named += [layer.table, layer.polygons, layer.bodies]
        if self.needs is not None:
            named += [self.needs.table, self.needs.indicators]
        for section in (self.borders, self.crossings, self.grid, self.successors):
            if section is not None:
                named.append(section.table)
        return tuple(dict.fromkeys(name for name in named if name))


_SECTIONS: dict[str, type[Any]] = {
    "councils": CouncilsSource,
    "points": PointsSource,
    "needs": NeedsSource,
    "borders": BordersSource,
    "crossings": CrossingsSource,
    "grid": GridSource,
    "successors": SuccessorsSource,
    "repair": RepairLimits,
    "expect": Expected,
}
_WRITTEN = {"source": "from"}
"""Keys that are words of Python are called otherwise in the code."""


def read_manifest(folder: Folder) -> Manifest:
    """Read and check the manifest of a folder.

    Raises
    ------
    DataError
        With every fault of it at once.
    """
    findings = folder.findings
    try:
        text = folder.read(MANIFEST).decode("utf-8-sig")
    except UnreadableFileError as error:
        findings.fault(MANIFEST, str(error), remedy="boundaries/README.md tells how to write one")
    except UnicodeDecodeError:
        findings.fault(MANIFEST, "is not UTF-8 text")
    findings.stop_at_faults()
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        findings.fault(MANIFEST, f"is not TOML: {error}")
    findings.stop_at_faults()
    manifest = _read(Manifest, raw, MANIFEST, findings)
    if manifest is not None:
        _check(manifest, findings)
    findings.stop_at_faults()
    return cast("Manifest", manifest)


def _read(kind: type[Part], raw: object, where: str, findings: Findings) -> Part | None:
    """Read one section; None, and faults noted, where it cannot be."""
    if not isinstance(raw, dict):
        findings.fault(where, "is no table of keys")
        return None
    known = {_WRITTEN.get(each.name, each.name): each for each in fields(cast("Any", kind))}
    before = len(findings.faults)
    for key in raw:
        if key not in known:
            hint = nearest(key, known) or f"known are {', '.join(known)}"
            findings.fault(where, f"unknown key {key!r}", remedy=hint)
    values: dict[str, Any] = {}
    for key, each in known.items():
        if key in raw:
            values[each.name] = _value(kind, each, raw[key], f"{where}, {key}", findings)
        elif each.default is MISSING and each.default_factory is MISSING:
            findings.fault(where, f"the key {key!r} is missing")
    return None if len(findings.faults) > before else kind(**values)


def _value(kind: type[Any], each: "Field[Any]", raw: object, where: str, findings: Findings) -> object:
    name, wanted = each.name, cast("type[Any]", each.type)
    written = str(wanted)
    if kind is Manifest and name == "layers":
        if not isinstance(raw, dict):
            findings.fault(where, "is no table of layers")
            return {}
        return {
            key: _read(LayerSource, value, f"{MANIFEST}, layers.{key}", findings)
            for key, value in raw.items()
        }
    if kind is Manifest and name in _SECTIONS:
        return _read(_SECTIONS[name], raw, where, findings)
    if name == "joins":
        rows = raw if isinstance(raw, list) else [raw]
        return tuple(_read(JoinSource, row, where, findings) for row in rows)
    if "tuple" in written:
        texts = [raw] if isinstance(raw, str) else raw
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            findings.fault(where, "is neither a text nor a list of texts")
            return ()
        return tuple(texts)
    if "Mapping" in written:
        if not isinstance(raw, dict):
            findings.fault(where, "is no table of keys")
            return {}
        return raw
    number = isinstance(raw, int | float) and not isinstance(raw, bool)
    fits = {str: isinstance(raw, str), bool: isinstance(raw, bool)}.get(
        wanted, number and cast("float", raw) >= 0
    )
    if not fits:
        word = {str: "a text", bool: "true or false"}.get(wanted, "a number of at least 0")
        findings.fault(where, f"is not {word}: {raw!r}")
    return raw


def _check(manifest: Manifest, findings: Findings) -> None:
    """Check what one key says against another."""
    councils, points = manifest.councils, manifest.points
    where = f"{MANIFEST}, councils"
    if not councils.table and not councils.polygons:
        findings.fault(where, "names neither a table nor polygons")
    where = f"{MANIFEST}, points"
    if points.areal and (points.table or points.polygons):
        findings.fault(where, "names a file and asks for areal weighting; choose one")
    if not points.areal and not points.table and not points.polygons:
        findings.fault(
            where,
            "names neither a table nor polygons",
            breaks="population and overlaps are sums of points",
            remedy="write areal = true to spread the councils' population evenly over their land instead",
        )
    if points.areal and not councils.population:
        findings.fault(where, "areal weighting needs the population column of the councils' table")
    if manifest.grid is not None and manifest.grid.cell_m <= 0:
        findings.fault(f"{MANIFEST}, grid", "cell_m is not above 0")
    reserved = {"need", "compactness", "balance"}
    for name, layer in manifest.layers.items():
        where = f"{MANIFEST}, layers.{name}"
        if name in reserved or ":" in name or not name.strip():
            findings.fault(where, "a layer cannot have this name", remedy="choose another")
        _check_layer(manifest, layer, where, findings)
    _check_order(manifest, findings)


_NEEDED = {
    "councils": ("columns",),
    "points": ("columns",),
    "lookup": ("table", "columns"),
    "polygons": ("polygons",),
    "grid": (),
}
_ALLOWED = {
    "councils": ("columns", "names"),
    "points": ("columns", "names"),
    "lookup": ("table", "sheet", "key", "of", "columns", "names", "share", "only"),
    "polygons": ("polygons", "sublayer", "code", "name", "crs", "only", "overlaps", "whole_councils"),
    "grid": (),
}
_ALWAYS = ("source", "title", "vintage", "bodies", "bodies_code", "bodies_name")


def _check_layer(manifest: Manifest, layer: LayerSource, where: str, findings: Findings) -> None:
    if layer.source not in SOURCES:
        hint = nearest(layer.source, SOURCES) or f"known are {', '.join(SOURCES)}"
        findings.fault(where, f"unknown source {layer.source!r} in from", remedy=hint)
        return
    for key in _NEEDED[layer.source]:
        if not getattr(layer, key):
            findings.fault(where, f"the key {key!r} is missing", remedy=f"it is from {SOURCES[layer.source]}")
    default = LayerSource(layer.source)
    for each in fields(layer):
        idle = each.name not in _ALLOWED[layer.source] + _ALWAYS
        if idle and getattr(layer, each.name) != getattr(default, each.name):
            findings.fault(where, f"the key {each.name!r} means nothing with from = {layer.source!r}")
    if layer.names and len(layer.names) != len(layer.columns):
        findings.fault(where, f"has {len(layer.names)} names for {len(layer.columns)} columns")
    if layer.share and len(layer.columns) != 1:
        findings.fault(where, "a share goes with one column of bodies, a row for each pair")
    if layer.source == "grid" and (
        manifest.grid is None or where.rsplit(".", maxsplit=1)[-1] not in manifest.grid.layers
    ):
        findings.fault(where, "comes from the grid, but layers in [grid] does not name its column")
    if layer.source == "councils" and not manifest.councils.table:
        findings.fault(where, "comes from the councils' table, but the councils have none")
    known = {"councils", "points", *manifest.layers}
    if layer.of and layer.of not in known:
        hint = nearest(layer.of, known) or f"known are {', '.join(sorted(known))}"
        findings.fault(where, f"looks up unknown places {layer.of!r}", remedy=hint)


def _check_order(manifest: Manifest, findings: Findings) -> None:
    """Refuse layers that are looked up from each other in a circle."""
    for name in manifest.layers:
        seen, here = [name], manifest.layers[name].of
        while here in manifest.layers and here not in seen:
            seen.append(here)
            here = manifest.layers[here].of
        if here == name:
            findings.fault(
                f"{MANIFEST}, layers.{name}", f"is looked up from itself through {', '.join(seen)}"
            )
