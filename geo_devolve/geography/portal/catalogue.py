"""What can be fetched, as data: services of a portal, and the geographies that can be made of them.

The names on a portal drift and a new vintage comes every year, so they stand in ``catalogue.toml`` beside
this module, and a catalogue of one's own can be given in its place.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from geo_devolve.errors import DataError, UsageError, first_few, raise_all
from geo_devolve.geography.portal.feature_set import Format
from geo_devolve.outside import DamagedError, parse_toml, reason
from geo_devolve.words import nearest

T = TypeVar("T")
Kind = Literal["polygons", "table"]


@dataclass(frozen=True)
class Service:
    """One layer of a feature service.

    Attributes
    ----------
    key
        How the catalogue and its users call it, such as ``stp_2017``.
    service, layer
        The service's name on the portal and the number of the layer in it.
    title, vintage
        For readers.
    kind
        ``polygons``, or ``table`` for a lookup.
    unique
        The columns that together tell one object from another, in any case; empty to check none.
    name
        The column with names, if any.
    where
        An SQL filter, such as ``lad18cd LIKE 'E%'``.
    resolution
        Of the shapes, such as ``20 m``; shapes of two resolutions are never put together.
    crs
        EPSG number of the coordinates to ask for.
    rows
        How many objects there must be; None where that is not known.
    format
        ``json`` (Esri's own) or ``geojson``.
    """

    key: str
    service: str
    title: str
    vintage: str
    kind: Kind
    unique: tuple[str, ...] = ()
    name: str = ""
    where: str = "1=1"
    resolution: str = ""
    layer: int = 0
    crs: int = 27700
    rows: int | None = None
    format: Format = "json"


@dataclass(frozen=True)
class Made:
    """A geography that can be made of services.

    Attributes
    ----------
    key, title, vintage
        Its name in the catalogue, and for readers.
    councils
        The service with the councils' polygons.
    layers
        Layer name → how it is made: ``service``, the columns with the bodies' ``code`` and ``name``, for a
        table the ``council`` column, a ``title`` of its own, and whether bodies ``overlaps`` on purpose.
    people
        The embedded geography whose population points, needs, crossings and successors serve.
    population
        Where no geography lends its points: the councils' column with their people, spread evenly over their
        land.
    """

    key: str
    title: str
    vintage: str
    councils: str
    layers: Mapping[str, Mapping[str, Any]]
    people: str = ""
    population: str = ""


@dataclass(frozen=True)
class Catalogue:
    """A portal's address and what is known to be there.

    Attributes
    ----------
    base
        The address above the services' names.
    attribution
        To be kept wherever the data or maps of it are shown.
    services, geographies
        By their keys.
    """

    base: str
    attribution: str
    services: Mapping[str, Service] = field(default_factory=dict)
    geographies: Mapping[str, Made] = field(default_factory=dict)

    def service(self, key: str) -> Service:
        """Return one service.

        Raises
        ------
        UsageError
            Where there is none of that key; the nearest ones are named.
        """
        return _known(self.services, key, "service")

    def geography(self, key: str) -> Made:
        """Return one geography.

        Raises
        ------
        UsageError
            Where there is none of that key; the nearest ones are named.
        """
        return _known(self.geographies, key, "geography")


def _known(table: Mapping[str, T], key: str, what: str) -> T:
    if key in table:
        return table[key]
    near = nearest(key, table, quote="", cutoff=0.5)
    hint = f"{near} " if near else ""
    raise UsageError(
        f"the catalogue has no {what} {key!r}; {hint}it has {first_few(sorted(table), 40) or 'none'}"
    )


def load_catalogue(source: str | PathLike[str] | None = None) -> Catalogue:
    """Read a catalogue.

    Parameters
    ----------
    source
        A TOML file like the one that comes with the package, which is read where None is given.

    Returns
    -------
    Catalogue
        What it names.

    Raises
    ------
    DataError
        Where the file cannot be read, or names what it does not have; all faults at once.
    """
    try:
        if source is None:
            name, content = "catalogue.toml", (files(__package__) / "catalogue.toml").read_bytes()
        else:
            name, content = str(source), Path(source).read_bytes()
        body = parse_toml(content)
    except (OSError, DamagedError) as fault:
        raise DataError(f"{source}: cannot be read as a catalogue (it {reason(fault)})") from None
    faults: list[str] = []
    portal = _table(body, "portal", faults)
    services = {
        key: service
        for key, entry in _table(body, "services", faults).items()
        if (service := _service(key, entry, faults)) is not None
    }
    geographies = {
        key: made
        for key, entry in _table(body, "geographies", faults).items()
        if (made := _made(key, entry, services, faults)) is not None
    }
    if not isinstance(portal.get("base"), str):
        faults.append("[portal] has no base, the address above the services' names")
    faults.extend(f"unknown table [{key}]" for key in set(body) - {"portal", "services", "geographies"})
    raise_all(DataError, faults, name)
    return Catalogue(portal["base"], str(portal.get("attribution", "")), services, geographies)


def _table(body: Mapping[str, Any], key: str, faults: list[str]) -> Mapping[str, Any]:
    found = body.get(key, {})
    if isinstance(found, dict):
        return found
    faults.append(f"{key} is not a table")
    return {}


def _service(key: str, entry: object, faults: list[str]) -> Service | None:
    allowed = {each.name for each in fields(Service)} - {"key"}
    found = _entry(f"services.{key}", entry, allowed, ("service", "title", "vintage", "kind"), faults)
    if found is None:
        return None
    before = len(faults)
    if found["kind"] not in get_args(Kind):
        faults.append(f"services.{key}: kind is {found['kind']!r}, not one of {', '.join(get_args(Kind))}")
    if found.get("format", "json") not in get_args(Format):
        faults.append(
            f"services.{key}: format is {found['format']!r}, not one of {', '.join(get_args(Format))}"
        )
    if not re.fullmatch(r"[A-Za-z0-9_-]+", key):
        faults.append(f"services.{key}: a key is made of letters, digits, - and _")
    faults.extend(
        f"services.{key}: {name} is {found[name]!r}, not a whole number"
        for name in ("layer", "crs", "rows")
        if name in found and not isinstance(found[name], int)
    )
    faults.extend(
        f"services.{key}: {name} is {found[name]!r}, not a text"
        for name in ("service", "title", "vintage", "name", "where", "resolution")
        if name in found and not isinstance(found[name], str)
    )
    unique = found.pop("unique", [])
    if not isinstance(unique, list) or not all(isinstance(column, str) for column in unique):
        faults.append(f"services.{key}: unique is not a list of columns")
    return None if len(faults) > before else Service(key=key, unique=tuple(unique), **found)


def _made(key: str, entry: object, services: Mapping[str, Service], faults: list[str]) -> Made | None:
    needed = ("title", "vintage", "councils", "layers")
    found = _entry(f"geographies.{key}", entry, {*needed, "people", "population"}, needed, faults)
    if found is None:
        return None
    before = len(faults)
    layers = found["layers"]
    if not isinstance(layers, dict) or not all(isinstance(layer, dict) for layer in layers.values()):
        faults.append(f"geographies.{key}: layers is not a table of tables")
        return None
    used = [found["councils"], *(layer.get("service") for layer in layers.values())]
    faults.extend(
        f"geographies.{key}: no service {name!r} in this catalogue" for name in used if name not in services
    )
    if len(faults) > before:
        return None
    shapes = [services[name] for name in used if services[name].kind == "polygons"]
    if services[found["councils"]].kind != "polygons":
        faults.append(f"geographies.{key}: councils {found['councils']} are no polygons")
    if len({shape.resolution for shape in shapes}) > 1:
        mixed = first_few(f"{shape.key} {shape.resolution or 'unknown'}" for shape in shapes)
        faults.append(f"geographies.{key}: shapes of different resolutions do not fit each other: {mixed}")
    if not found.get("people") and not found.get("population"):
        faults.append(f"geographies.{key}: name people, an embedded geography with points, or population")
    for name, layer in layers.items():
        missing = {"service", "code"} - set(layer)
        unknown = set(layer) - {"service", "code", "name", "council", "title", "overlaps"}
        if missing or unknown:
            faults.append(
                f"geographies.{key}: layer {name}: "
                + first_few([f"no {each}" for each in sorted(missing)] + sorted(unknown))
            )
        elif services[layer["service"]].kind == "table" and "council" not in layer:
            faults.append(f"geographies.{key}: layer {name} comes from a table, so name its council column")
    return None if len(faults) > before else Made(key=key, **found)


def _entry(
    name: str, entry: object, allowed: set[str], needed: tuple[str, ...], faults: list[str]
) -> dict[str, Any] | None:
    """Return an entry's keys where all needed and only allowed ones are there."""
    if not isinstance(entry, dict):
        faults.append(f"{name} is not a table")
        return None
    missing, unknown = [key for key in needed if key not in entry], sorted(set(entry) - allowed)
    if missing:
        faults.append(f"{name}: no {first_few(missing)}")
    for key in unknown:
        near = nearest(key, allowed, quote="")
        faults.append(f"{name}: unknown key {key!r}" + (f"; {near}" if near else ""))
    return None if missing or unknown else dict(entry)
