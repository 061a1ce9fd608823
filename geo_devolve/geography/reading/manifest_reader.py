"""Reading a manifest: unknown keys refused with the nearest known, one key held against another."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Any, TypeVar, cast

from geo_devolve.geography.reading.files import Folder
from geo_devolve.geography.reading.findings import Findings
from geo_devolve.geography.reading.manifest import (
    MANIFEST,
    SOURCES,
    BordersSource,
    CouncilsSource,
    CrossingsSource,
    Expected,
    FlowsSource,
    GridSource,
    JoinSource,
    LayerSource,
    Manifest,
    NamesSource,
    NeedsSource,
    PointsSource,
    QuantitiesSource,
    RepairLimits,
    SuccessorsSource,
)
from geo_devolve.outside import DamagedError, UnreadableFileError, parse_toml
from geo_devolve.words import nearest

Part = TypeVar("Part")

_SECTIONS: dict[str, type[Any]] = {
    "councils": CouncilsSource,
    "points": PointsSource,
    "needs": NeedsSource,
    "borders": BordersSource,
    "crossings": CrossingsSource,
    "grid": GridSource,
    "successors": SuccessorsSource,
    "names": NamesSource,
    "quantities": QuantitiesSource,
    "repair": RepairLimits,
    "expect": Expected,
}
_TABLES: dict[str, type[Any]] = {"layers": LayerSource, "flows": FlowsSource}
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
        raw = parse_toml(folder.read(MANIFEST))
    except UnreadableFileError as error:
        findings.fault(MANIFEST, str(error), remedy="boundaries/README.md tells how to write one")
    except DamagedError as error:
        findings.fault(MANIFEST, str(error))
    findings.stop_at_faults()
    manifest = cast("Manifest", _read(Manifest, raw, MANIFEST, findings))
    _check(manifest, findings)
    findings.stop_at_faults()
    return manifest


def _read(kind: type[Part], raw: object, where: str, findings: Findings) -> Part | None:
    """Read one section as far as it can be, noting all its faults; None where it is no section."""
    if not isinstance(raw, dict):
        findings.fault(where, "is no table of keys")
        return None
    known = {_WRITTEN.get(each.name, each.name): each for each in fields(cast("Any", kind))}
    for key in raw:
        if key not in known:
            hint = nearest(key, known, "'") or f"known are {', '.join(known)}"
            findings.fault(where, f"unknown key {key!r}", remedy=hint)
    values: dict[str, Any] = {}
    for key, each in known.items():
        if key in raw:
            values[each.name] = _value(kind, each, raw[key], f"{where}, {key}", findings)
        elif each.default is MISSING and each.default_factory is MISSING:
            findings.fault(where, f"the key {key!r} is missing")
            values[each.name] = None
    return kind(**values)


def _value(kind: type[Any], each: "Field[Any]", raw: object, where: str, findings: Findings) -> object:
    name, wanted = each.name, cast("type[Any]", each.type)
    written = str(wanted)
    if kind is Manifest and name in _TABLES:
        if not isinstance(raw, dict):
            findings.fault(where, f"is no table of {name}")
            return {}
        parts = {
            key: _read(_TABLES[name], value, f"{MANIFEST}, {name}.{key}", findings)
            for key, value in raw.items()
        }
        return {key: part for key, part in parts.items() if part is not None}
    if kind is Manifest and name in _SECTIONS:
        return _read(_SECTIONS[name], raw, where, findings)
    if name == "joins":
        rows = raw if isinstance(raw, list) else [raw]
        return tuple(_read(JoinSource, row, where, findings) for row in rows)
    if "tuple" in written:
        texts = raw if isinstance(raw, list) else [raw]
        if not all(isinstance(text, str) for text in texts):
            findings.fault(where, "is neither a text nor a list of texts")
        return tuple(str(text) for text in texts)
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
        return {str: str(raw), bool: bool(raw)}.get(wanted, 1.0)  # what goes on being checked
    return raw


def _check(manifest: Manifest, findings: Findings) -> None:
    """Check what one key says against another; a section that could not be read is None, and told already."""
    if manifest.councils is not None and not manifest.councils.table and not manifest.councils.polygons:
        findings.fault(f"{MANIFEST}, councils", "names neither a table nor polygons")
    if manifest.points is not None:
        _check_points(manifest, findings)
    if manifest.grid is not None and manifest.grid.cell_m is not None and manifest.grid.cell_m <= 0:
        findings.fault(f"{MANIFEST}, grid", "cell_m is not above 0")
    if manifest.grid is not None and not _texts(manifest.grid.layers):
        findings.fault(f"{MANIFEST}, grid, layers", "does not give each layer the name of a column")
    for name, recipe in (manifest.needs.points if manifest.needs else {}).items():
        if not isinstance(recipe, dict) or not _texts(recipe):
            remedy = 'write { count = "column" } or { rate = "column" }'
            findings.fault(f"{MANIFEST}, needs.points.{name}", "is no recipe", remedy=remedy)
    quantities = manifest.quantities
    for key in ("columns", "councils", "points") if quantities is not None else ():
        if not _texts(getattr(quantities, key)):
            findings.fault(
                f"{MANIFEST}, quantities, {key}", "does not give each quantity the name of a column"
            )
    if quantities is not None and quantities.columns and not quantities.table:
        findings.fault(f"{MANIFEST}, quantities", "names columns and no table that has them")
    reserved = {"need", "compactness", "balance", "flows", "change", "spread", "gap", "council", "geometry"}
    for name, layer in manifest.layers.items():
        where = f"{MANIFEST}, layers.{name}"
        if name in reserved or ":" in name or not name.strip():
            findings.fault(where, "a layer cannot have this name", remedy="choose another")
        if layer.source is not None:
            _check_layer(manifest, layer, where, findings)
    _check_order(manifest, findings)
    if manifest.points is not None and None not in manifest.points.joins:
        for file, mark in manifest.stated[1].items():
            if mark not in {",", "."}:
                findings.fault(f"{MANIFEST}, decimal of {file}", f"is {mark!r}", remedy='write "," or "."')


def _check_points(manifest: Manifest, findings: Findings) -> None:
    points, where = manifest.points, f"{MANIFEST}, points"
    if points.areal and (points.table or points.polygons):
        findings.fault(where, "names a file and asks for areal weighting; choose one")
    if not points.areal and not points.table and not points.polygons:
        findings.fault(
            where,
            "names neither a table nor polygons",
            breaks="population and overlaps are sums of points",
            remedy="write areal = true to spread the councils' population evenly over their land instead",
        )
    if points.areal and manifest.councils is not None and not manifest.councils.population:
        findings.fault(where, "areal weighting needs the population column of the councils' table")


def _texts(table: Mapping[str, object]) -> bool:
    return all(isinstance(value, str) for value in table.values())


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
_ALWAYS = ("source", "title", "vintage", "bodies", "bodies_code", "bodies_name", "encoding", "decimal")


def _check_layer(manifest: Manifest, layer: LayerSource, where: str, findings: Findings) -> None:
    if layer.source not in SOURCES:
        hint = nearest(layer.source, SOURCES, "'") or f"known are {', '.join(SOURCES)}"
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
    if layer.source == "councils" and manifest.councils is not None and not manifest.councils.table:
        findings.fault(where, "comes from the councils' table, but the councils have none")
    known = {"councils", "points", *manifest.layers}
    if layer.of and layer.of not in known:
        hint = nearest(layer.of, known, "'") or f"known are {', '.join(sorted(known))}"
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
