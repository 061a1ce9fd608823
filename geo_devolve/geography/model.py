"""A loaded geography: what is on the ground, before anybody proposes anything."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely
from scipy import sparse

from geo_devolve.errors import DataError, ScenarioError, first_few, raise_all
from geo_devolve.geography import from_graph as graphs
from geo_devolve.geography.directory import Directory, no_other_names
from geo_devolve.geography.layers import Layer
from geo_devolve.geography.needs import Needs
from geo_devolve.geography.neighbours import build_graph
from geo_devolve.geography.overlaps import overlap_table
from geo_devolve.geography.quantities import (
    PEOPLE,
    Flows,
    Quantity,
    check_flows,
    check_quantities,
    make_flows,
)
from geo_devolve.geography.study_area import cut
from geo_devolve.geography.tally import Tally, room_for, say_rounded, settle
from geo_devolve.geography.vintages import no_successors, of_another_vintage
from geo_devolve.shown import shown_by
from geo_devolve.words import or_known

ACCEPTED_CROSSINGS = ("bridge", "tunnel", "ferry")

_Made = TypeVar("_Made")


@dataclass(frozen=True, eq=False)
class Geography:
    """Councils, the layers over them, population points, needs and neighbours.

    Attributes
    ----------
    name, title, vintage, attribution : str
        What the geography is called, of what date it is, and whose data it is.
    crs : str or None
        The projected system of all coordinates (m), None where there are no shapes.
    councils : geopandas.GeoDataFrame
        Index ``code``, sorted; columns ``name``, ``population`` (persons, whole or decimals of at most
        fifteen digits in all, see `tally`), ``x``, ``y`` (population centre, m, NaN if unknown), then those
        of the councils' table, then ``geometry``.
    points : pandas.DataFrame
        Columns ``council`` (its code), ``population`` (persons), ``x``, ``y`` (m).
    layers : mapping of str to Layer
        By name.
    needs : Needs
        May have no indicators.
    borders : pandas.DataFrame
        Columns ``council``, ``neighbour`` (the later of the two), ``length_m``: every land border.
    crossings : pandas.DataFrame
        Columns ``council``, ``neighbour``, ``kind`` (bridge, tunnel, ferry or none), ``gap_m``.
    pieces : geopandas.GeoDataFrame or None
        A valid coverage of which councils and bodies are unions; columns ``council``, and for each layer a
        tuple of the codes of the bodies that the piece lies in.
    inputs : mapping of str to str
        SHA-256 of each file read, by its name in the folder.
    successors : pandas.DataFrame
        Columns ``old``, ``old_name`` and ``new``: councils of another vintage, and what they became here.
    other_names : pandas.DataFrame
        Columns ``code`` and ``name``: what councils are called besides their names.
    quantities : pandas.DataFrame
        Index the councils' codes; a column for each figure that adds up over an area besides people.
    flows : mapping of str to Flows
        Tables of trips between councils, by name; the first is what a scenario means that names none.
    notices : tuple of str
        Repairs, fills and assumptions that a reader should know.
    study_area : tuple
        Codes of the councils that it was cut to; empty where it is whole.
    """

    name: str
    title: str
    vintage: str
    crs: str | None
    attribution: str
    councils: gpd.GeoDataFrame
    points: pd.DataFrame
    layers: Mapping[str, Layer]
    needs: Needs
    borders: pd.DataFrame
    crossings: pd.DataFrame
    pieces: gpd.GeoDataFrame | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    successors: pd.DataFrame = field(default_factory=no_successors)
    other_names: pd.DataFrame = field(default_factory=no_other_names)
    quantities: pd.DataFrame = field(default_factory=pd.DataFrame)
    flows: Mapping[str, Flows] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    study_area: tuple[Hashable, ...] = ()
    _kept: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        faults = []
        codes = self.councils.index
        if codes.has_duplicates:
            faults.append(f"councils listed twice: {first_few(codes[codes.duplicated()].unique())}")
        if len(codes) == 0:
            faults.append("there are no councils")
        for name, layer in self.layers.items():
            if layer.membership.shape[0] != len(self.points):
                faults.append(
                    f"layer {name!r} speaks of {layer.membership.shape[0]:,} points of {len(self.points):,}"
                )
        strangers = pd.Index(self.points["council"], tupleize_cols=False).difference(codes, sort=False)
        if len(strangers):
            faults.append(f"points in unknown councils: {first_few(strangers)}")
        raise_all(DataError, faults, f"geography {self.name!r}")
        self._settle()
        if self.quantities.shape[1] == 0:
            object.__setattr__(self, "quantities", pd.DataFrame(index=codes))
        check_quantities(self.quantities, codes)
        check_flows(self.flows, len(codes))

    def _settle(self) -> None:
        """Round populations that cannot be added up exactly, and tell whose."""
        given = self.councils["population"].to_numpy(np.float64)
        settled, tally, changed = settle(given)
        self.keep("tally", lambda: tally)
        if (settled == given).all():
            return
        object.__setattr__(self, "councils", self.councils.assign(population=settled))
        if changed.any():
            said = f"{say_rounded('councils', tally, changed)}: {first_few(self.councils.index[changed])}"
            object.__setattr__(self, "notices", (*self.notices, said))

    def __repr__(self) -> str:
        return (
            f"<Geography {self.name}: {len(self.councils)} councils, {self.population:,.0f} people, "
            f"{len(self.layers)} layers, {len(self.borders)} borders, {len(self.crossings)} crossings>"
        )

    def _repr_html_(self) -> str:
        return str(shown_by("geography_html")(self))

    def __getstate__(self) -> dict[str, Any]:
        # what was worked out is worked out again where it arrives, rather than sent there
        return {**self.__dict__, "_kept": {"tally": self.tally}}

    def keep(self, key: Hashable, make: Callable[[], _Made]) -> _Made:
        """Work something out of this geography once, and keep it as long as the geography.

        Parameters
        ----------
        key
            All that it depends on besides the geography, and what it is.
        make
            Works it out. Nobody may change what it returns.
        """
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    @property
    def population(self) -> float:
        """People in all councils (persons)."""
        return self.tally.total(self.councils["population"])

    @property
    def tally(self) -> Tally:
        """The unit that people are counted in, so that sums of councils' populations are exact."""
        return self._kept["tally"]

    def layer(self, name: str) -> Layer:
        """Return a layer by its name.

        Raises
        ------
        ScenarioError
            Where there is none of that name; the message names the nearest.
        """
        if name not in self.layers:
            hint = or_known(name, self.layers, quote="'")
            raise ScenarioError(f"there is no layer {name!r}{hint}")
        return self.layers[name]

    @property
    def quantity_names(self) -> tuple[str, ...]:
        """Names of the figures that add up over an area, ``"people"`` first."""
        return (PEOPLE, *map(str, self.quantities.columns))

    def quantity(self, name: str) -> Quantity:
        """Return a figure of every council, ``"people"`` or one of `quantities`.

        Raises
        ------
        ScenarioError
            Where there is none of that name; the message names the nearest.
        """
        if name not in self.quantity_names:
            raise ScenarioError(f"there is no quantity {name!r}{or_known(name, self.quantity_names)}")

        def make() -> Quantity:
            if name == PEOPLE:
                return Quantity(name, self.tally.count(self.councils["population"]), self.tally)
            return Quantity.of(name, self.quantities[name])

        return self.keep(("quantity", name), make)

    def flow_table(self, name: str = "") -> Flows:
        """Return a table of trips by its name; the first one without.

        Raises
        ------
        ScenarioError
            Where there is none, or none of that name.
        """
        if not self.flows:
            raise ScenarioError(f"geography {self.name!r} has no table of flows")
        if name and name not in self.flows:
            raise ScenarioError(f"there is no table of flows {name!r}{or_known(name, self.flows)}")
        return self.flows[name or next(iter(self.flows))]

    def people(self, layer: str) -> sparse.csr_array:
        """Count who lives in both a council and a body.

        Parameters
        ----------
        layer
            The layer's name.

        Returns
        -------
        scipy.sparse.csr_array
            Councils × bodies (persons); someone in two bodies counts in both.
        """
        return self._counted(layer, halved=False)

    def halved_people(self, layer: str) -> sparse.csr_array:
        """Count who lives in both a council and a body, those in two bodies half in each.

        Parameters
        ----------
        layer
            The layer's name.

        Returns
        -------
        scipy.sparse.csr_array
            Councils × bodies (persons); rows sum to at most the council's population.
        """
        return self._counted(layer, halved=True)

    def _counted(self, name: str, *, halved: bool) -> sparse.csr_array:
        def count() -> sparse.csr_array:
            membership = self.layer(name).membership
            weights = self.points["population"].to_numpy(np.float64)
            if halved:
                weights = weights / np.maximum(1.0, np.asarray(membership.sum(axis=1)).ravel())
            rows = self.councils.index.get_indexer(pd.Index(self.points["council"], tupleize_cols=False))
            shape = (len(self.councils), len(self.points))
            spread = sparse.csr_array((weights, (rows, np.arange(len(self.points)))), shape=shape)
            counted = sparse.csr_array(spread @ membership)
            if not (halved or (weights == np.rint(weights)).all()):
                # so that half of a council's people is not more than half by the order of its points
                counted.data = np.round(counted.data, room_for(float(weights.sum())))
            counted.eliminate_zeros()
            counted.sort_indices()
            return counted

        return self.keep(("halved" if halved else "people", name), count)

    def graph(
        self, crossings: Iterable[str] = ACCEPTED_CROSSINGS, min_border_m: float = 0.0
    ) -> "nx.Graph[Any]":
        """Build the graph of neighbouring councils.

        Parameters
        ----------
        crossings
            The kinds of crossing that make two councils neighbours.
        min_border_m
            The shortest land border (m) that does.

        Returns
        -------
        networkx.Graph
            Every council a node, in order, with ``name`` and ``population``; every edge with ``length_m`` (0
            for a crossing) and ``kind`` ("land" or the crossing's).
        """
        return build_graph(self.councils, self.borders, self.crossings, set(crossings), min_border_m)

    def neighbours(
        self, crossings: Iterable[str] = ACCEPTED_CROSSINGS, min_border_m: float = 0.0
    ) -> "nx.Graph[Any]":
        """Return the same graph, to read only: it is built once and kept.

        Parameters
        ----------
        crossings, min_border_m
            As for `graph`.
        """
        kinds = tuple(sorted(set(crossings)))
        return self.keep(("graph", kinds, min_border_m), lambda: nx.freeze(self.graph(kinds, min_border_m)))

    def layer_shapes(self, layer: str) -> gpd.GeoDataFrame:
        """Return the outlines of a layer's bodies.

        Parameters
        ----------
        layer
            The layer's name.

        Returns
        -------
        geopandas.GeoDataFrame
            Index ``code``, column ``name`` and ``geometry``; unions of pieces, so that shapes of different
            layers share their edges. Bodies of an overlapping layer overlap; a body without any piece is left
            out.

        Raises
        ------
        DataError
            Where the geography has no shapes.
        """
        bodies = self.layer(layer).bodies
        if self.pieces is None:
            raise DataError(f"geography {self.name!r} has no shapes to draw layer {layer!r} with")
        pieces = self.pieces

        def unite() -> gpd.GeoDataFrame:
            lying_in = pieces[layer].explode().dropna()
            shapes = pieces.geometry.reindex(lying_in.index).to_numpy()
            groups = pd.Series(range(len(lying_in)), index=lying_in.to_numpy()).groupby(level=0, sort=True)
            unions = {code: shapely.coverage_union_all(shapes[rows.to_numpy()]) for code, rows in groups}
            found = bodies.index[bodies.index.isin(list(unions))]
            return gpd.GeoDataFrame(
                {"name": bodies.loc[found, "name"]}, geometry=[unions[code] for code in found], crs=self.crs
            )

        return self.keep(("shapes", layer), unite).copy()

    def overlaps(self, one: str, other: str) -> pd.DataFrame:
        """Return every two bodies of two layers that share people or land.

        Parameters
        ----------
        one, other
            The layers' names.

        Returns
        -------
        pandas.DataFrame
            Columns ``body``, ``other_body`` (codes), ``people`` (persons), ``area_km2`` (NaN without shapes),
            ``share_of_body`` and ``share_of_other`` (of each one's people).
        """
        population = self.points["population"].to_numpy(np.float64)
        return overlap_table(self.layer(one), self.layer(other), population, self.pieces)

    def find_councils(self, ref: object) -> list[Any]:
        """Return the councils that a user means.

        Parameters
        ----------
        ref
            A code ("E08000035"), a name as people write it ("Leeds City Council"), or a body as
            ``layer:body`` ("region:London"), which stands for the councils with more than half of their
            people in it.

        Returns
        -------
        list
            Codes, sorted; never empty.

        Raises
        ------
        ScenarioError
            Where nothing, or more than one council, goes by the reference.
        """
        text = str(ref).strip()
        layer, colon, body = text.partition(":")
        if not (colon and layer.strip() in self.layers) or ref in self.councils.index:
            return [self.directory.find(ref)]
        layer = layer.strip()
        code = self.find_body(layer, body.strip())
        column = self.people(layer)[:, [self.layers[layer].bodies.index.get_loc(code)]].toarray().ravel()
        inside = column > 0.5 * self.councils["population"].to_numpy(np.float64)
        if not inside.any():
            raise ScenarioError(f"no council has more than half of its people in {text!r}")
        return list(self.councils.index[inside])

    def find_body(self, layer: str, ref: object) -> str:
        """Return the code of the body that a user means.

        Parameters
        ----------
        layer
            The layer's name.
        ref
            The body's code, or its name as people write it.

        Returns
        -------
        str
            Its code.

        Raises
        ------
        ScenarioError
            Where nothing, or more than one body, goes by the reference.
        """
        bodies = self.layer(layer).bodies

        def make() -> Directory:
            return Directory(bodies.index, bodies["name"], f"body of {layer}")

        return str(self.keep(("directory", layer), make).find(ref))

    @property
    def directory(self) -> Directory:
        """What is meant by a council's code or name."""

        def became(text: str) -> str:
            return of_another_vintage(self.successors, self.councils, [text])

        def make() -> Directory:
            return Directory(self.councils.index, self.councils["name"], "council", self.other_names, became)

        return self.keep(("directory",), make)

    def only(self, *references: object) -> "Geography":
        """Cut the geography to a study area.

        Borders, crossings, points, layers, needs and shapes are cut to its councils; the notices tell what
        leaves it. A body that reaches beyond stays as large as it is, since ``whole``, ``nest`` and ``match``
        compare an area with the whole of it; a layer's term is the mean over the residents inside.

        Parameters
        ----------
        *references
            Councils by code or name, or bodies as ``layer:body``, which stand for the councils with more than
            half of their people in them.

        Returns
        -------
        Geography
            Of these councils alone; this one is not changed.

        Raises
        ------
        UsageError
            Where nothing is named.
        ScenarioError
            Naming every reference that leads nowhere, each with the nearest.

        Examples
        --------
        >>> import networkx as nx, geo_devolve as gd
        >>> graph = nx.path_graph(4)
        >>> nx.set_node_attributes(graph, 100, "pop")
        >>> gd.Geography.from_graph(graph).only(0, 1, 2)
        <Geography graph: 3 councils, 300 people, 0 layers, 2 borders, 0 crossings>
        """
        part = cut(self, references)
        if part is None:
            return self
        return replace(
            self,
            title=part.title,
            councils=part.councils,
            points=part.points,
            layers=part.layers,
            quantities=part.quantities,
            flows=part.flows,
            needs=part.needs,
            borders=part.borders,
            crossings=part.crossings,
            pieces=part.pieces,
            successors=part.successors,
            other_names=part.other_names,
            notices=part.notices,
            study_area=tuple(part.councils.index),
        )

    @classmethod
    def from_graph(  # noqa: PLR0917
        cls,
        graph: "nx.Graph[Any]",
        population: str = "pop",
        border: str = "length_m",
        themes: Sequence[str] | Mapping[str, Sequence[str]] | None = None,
        layers: Sequence[str] | Mapping[str, str] | None = None,
        quantities: Sequence[str] | Mapping[str, str] | None = None,
        flows: Mapping[str, Mapping[tuple[Any, Any], float]] | None = None,
    ) -> "Geography":
        """Make a geography without shapes of any graph of places.

        Parameters
        ----------
        graph
            Nodes are councils; their labels stay the councils' codes, sorted (as text where they do not
            compare). A node's attribute ``name`` is its name; ``x`` and ``y`` (m), where all nodes have them,
            its population centre. Parallel edges are parts of one border and add up; of parallel crossings
            any that a scenario accepts joins. A directed graph is taken as undirected: a border may be given
            in one direction, or alike in both, and then counts once.
        population
            The nodes' attribute that holds their people.
        border
            The edges' attribute that holds the border's length (m). Where no edge has it, every border counts
            as 1 m long. An edge of length 0 is no land border: with an attribute ``kind`` (bridge, tunnel,
            ferry or none) it is a crossing, without one it is left out and told.
        themes
            Node attributes that are indicators of need, more meaning more: a sequence, each a theme of its
            own, or a mapping of theme to attributes.
        layers
            Node attributes that name a node's body: a sequence, or a mapping of layer to attribute. A value
            is a body, None, a collection of bodies, or a mapping of body to the share of the node's people in
            it.
        quantities
            Node attributes that add up over an area, such as jobs: a sequence, or a mapping of quantity to
            attribute.
        flows
            Tables of trips by name: from (origin, destination) to how many.

        Returns
        -------
        Geography
            One population point a council.

        Raises
        ------
        DataError
            Where the graph is empty, an attribute is missing or makes no sense, or the two directions of a
            border do not agree.
        """
        parts = graphs.read_graph(graph, population, border, themes, layers, quantities)
        tables = {
            name: make_flows(
                name,
                name,
                parts.councils.index,
                pd.DataFrame(
                    {
                        "origin": pd.Series([one for one, _ in pairs], dtype=object),
                        "destination": pd.Series([other for _, other in pairs], dtype=object),
                        "trips": list(pairs.values()),
                    }
                ),
            )
            for name, pairs in (flows or {}).items()
        }
        return cls(
            name="graph",
            title="A graph of places",
            vintage="",
            crs=None,
            attribution="",
            councils=parts.councils,
            points=parts.points,
            layers=parts.layers,
            needs=parts.needs,
            borders=parts.borders,
            crossings=parts.crossings,
            quantities=parts.quantities,
            flows=tables,
            notices=parts.notices,
        )
