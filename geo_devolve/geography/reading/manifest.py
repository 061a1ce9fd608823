"""The manifest of a geography, `geography.toml`: which file says what, and in which columns.

`boundaries/README.md` tells the same for readers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

MANIFEST = "geography.toml"


@dataclass(frozen=True)
class CouncilsSource:
    """Where the councils come from: a table, polygons, or both (joined by code).

    Of every section, `encoding` is that of its files (such as ``cp1250``; "" to find out), and `decimal` the
    decimal mark of their numbers (``,`` or ``.``; "" to find out).
    """

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
    encoding: str = ""
    decimal: str = ""


@dataclass(frozen=True)
class JoinSource:
    """A table that adds columns to the points."""

    table: str
    key: str
    sheet: str = ""
    on: str = ""
    encoding: str = ""
    decimal: str = ""


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
    encoding: str = ""
    decimal: str = ""


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
    encoding: str = ""
    decimal: str = ""


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
    encoding: str = ""
    decimal: str = ""


@dataclass(frozen=True)
class BordersSource:
    """A table of land borders, which beats measuring polygons."""

    table: str
    sheet: str = ""
    council: str = "council"
    neighbour: str = "neighbour"
    length_m: str = "length_m"
    encoding: str = ""
    decimal: str = ""


@dataclass(frozen=True)
class CrossingsSource:
    """A table of pairs that face each other across water."""

    table: str
    sheet: str = ""
    council: str = "council"
    neighbour: str = "neighbour"
    kind: str = "kind"
    gap_m: str = "gap_m"
    encoding: str = ""
    decimal: str = ""


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
    encoding: str = ""
    decimal: str = ""


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
    encoding: str = ""
    decimal: str = ""


@dataclass(frozen=True)
class NamesSource:
    """A table of what councils are called besides their names, a row a name."""

    table: str
    code: str = "code"
    name: str = "name"
    sheet: str = ""
    encoding: str = ""
    decimal: str = ""


@dataclass(frozen=True)
class QuantitiesSource:
    """Figures that add up over an area: name to column of a table, of the councils' one, or of the points."""

    table: str = ""
    sheet: str = ""
    council: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    councils: Mapping[str, str] = field(default_factory=dict)
    points: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FlowsSource:
    """A table of trips between councils, a row a pair."""

    table: str
    trips: str
    origin: str = "origin"
    destination: str = "destination"
    title: str = ""
    sheet: str = ""
    starts: str = ""
    ends: str = ""


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
    names: NamesSource | None = None
    quantities: QuantitiesSource | None = None
    flows: Mapping[str, FlowsSource] = field(default_factory=dict)
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
        named += [flows.table for flows in self.flows.values()]
        for section in (
            self.borders,
            self.crossings,
            self.grid,
            self.successors,
            self.names,
            self.quantities,
        ):
            if section is not None:
                named.append(section.table)
        return tuple(dict.fromkeys(name for name in named if name))

    @property
    def stated(self) -> tuple[dict[str, str], dict[str, str]]:
        """The encodings and the decimal marks that it states, by the names of the files."""
        encodings: dict[str, str] = {}
        decimals: dict[str, str] = {}
        sections: list[object] = [self.councils, self.points, *self.points.joins, *self.layers.values()]
        sections += [self.needs, self.borders, self.crossings, self.grid, self.successors, self.names]
        for section in sections:
            for key in ("table", "polygons", "bodies", "indicators"):
                name = getattr(section, key, "")
                for told, said in ((encodings, "encoding"), (decimals, "decimal")):
                    if name and getattr(section, said, ""):
                        told[name] = getattr(section, said)
        return encodings, decimals
