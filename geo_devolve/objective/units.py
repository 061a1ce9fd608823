"""The arrays that every engine works on: units, which are blocks, with all that scores a union of them.

Nothing here is a string or a table: councils, bodies and themes are numbers, so that compiled code can read
it. All sums over a union of units are sums of the units' own figures, less the border inside the union.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geo_devolve.geography.tally import Tally

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Masks = NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class UnitLayer:
    """The people of each unit in each body of one scored layer.

    Attributes
    ----------
    rule
        Number of the rule in `measures.RULES`: 0 whole, 1 nest, 2 match; 3, change, for a reference.
    indptr, indices, people
        Rows of a sparse matrix units × bodies (people by the tally); bodies rise within a row, no stored
        zeros.
    body_population
        Population of each body (by the tally), counting all its residents, also those outside these units.
    total
        Residents of the study area, summed over bodies; 0 for an empty layer, whose term is 0.
    """

    rule: int
    indptr: Ints
    indices: Ints
    people: Floats
    body_population: Floats
    total: float


@dataclass(frozen=True, eq=False)
class Trips:
    """Trips between units, both ways together.

    Attributes
    ----------
    indptr, indices, trips
        Rows of a symmetric matrix, columns rising, nothing on its diagonal and no zeros.
    outline
        Of each unit: trips between it and everything outside it, also councils that are in no unit.
    total
        All trips, those within a council included; 0 where there are none, whose term is 0.
    """

    indptr: Ints
    indices: Ints
    trips: Floats
    outline: Floats
    total: float


@dataclass(frozen=True, eq=False)
class Spread:
    """How far a ratio r = N / D of each unit is from that of all.

    Attributes
    ----------
    excess
        N − r D of each unit: sums of it over an area tell how far the area's ratio is from r.
    weight
        D of each unit.
    total
        Σ D_v (r_v − r)² over councils; 0 where they all have the same ratio, whose term is 0.
    """

    excess: Floats
    weight: Floats
    total: float


@dataclass(frozen=True, eq=False)
class Rules:
    """What an area may not be, beyond its population, as masks over units (see `mask_words`).

    Attributes
    ----------
    conflicts
        n × words: the units that may not share an area with unit i. Symmetric, so a search may add
        ``conflicts[i]`` to what it excludes as it takes unit i in.
    max_councils
        Most councils in an area; 0 for no limit.
    together
        g × words: an area holds all units of a row or none. (Connected sets are merged into one unit before.)
    body_units, body_indptr, body_limit
        Limits on bodies in an area: limit i allows an area to touch at most ``body_limit[i]`` of the rows
        ``body_indptr[i]:body_indptr[i + 1]`` of `body_units` (a row: the units that hold councils of a body).
    cap_units, cap_limit
        Limits on areas in a body: at most ``cap_limit[i]`` areas of the whole plan touch the units of row i
        of `cap_units`. These tie areas together: rows of the program, not a test of a candidate.
    forms, form_least
        Bounds of quantities and ratios: rows of whole numbers, one for each unit, whose sum over an area is
        at least ``form_least``.
    """

    conflicts: Masks
    max_councils: int
    together: Masks
    body_units: Masks
    body_indptr: Ints
    body_limit: Ints
    cap_units: Masks
    cap_limit: Ints
    forms: Ints = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    form_least: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    @property
    def only_conflicts(self) -> bool:
        """Whether only `conflicts` and `max_councils` limit an area, and no row ties areas together."""
        limits = (self.together, self.body_limit, self.cap_limit, self.form_least)
        return not any(len(each) for each in limits)


@dataclass(frozen=True, eq=False)
class Units:
    """Units (blocks), their neighbours and everything that a term is a sum of.

    Attributes
    ----------
    n
        How many units.
    tally
        The unit that people are counted in, here and in all that is weighted by people: whole numbers of
        it, so that sums are exact. Terms are shares, and the same in any unit.
    population
        Of each unit, counted by the tally.
    indptr, indices, border_m
        Accepted neighbours of each unit, rising within a row, with the length of their accepted land
        borders (m; 0 where only a crossing joins them).
    outline_m
        Land border of each unit with everything outside it, also councils that are in no unit (m).
    land_indptr, land_indices, land_m
        All land borders between units, also those too short to make neighbours (m), both ways.
    total_border_m
        All land borders between councils, those inside units included (m); 0 where there are none.
    theme_weighted, theme_squared
        n × themes: sums over the unit's councils of population × score, and of population × score².
    theme_total
        The themes' total sums of squares over the whole geography; 0 where a theme has no variance.
    layers
        One for each scored layer, in the scenario's order.
    balance_target
        The population an area would have if all were alike, by the tally.
    total_population
        Of the whole geography, councils that are not among these units included, by the tally.
    lower, upper
        Bounds on an area's population, inclusive, counted by the tally.
    councils
        Number of councils in each unit.
    rules
        What else limits an area.
    reference
        The people of each unit in each body of what change is measured against; None where it is not.
    trips
        Trips between units; None where they are not scored.
    spreads
        One for each ratio whose spread is scored.
    """

    n: int
    population: Floats
    indptr: Ints
    indices: Ints
    border_m: Floats
    outline_m: Floats
    land_indptr: Ints
    land_indices: Ints
    land_m: Floats
    total_border_m: float
    theme_weighted: Floats
    theme_squared: Floats
    theme_total: Floats
    layers: tuple[UnitLayer, ...]
    balance_target: float
    total_population: float
    lower: float
    upper: float
    councils: Ints
    rules: Rules = field(default_factory=lambda: no_rules(0))
    tally: Tally = field(default_factory=Tally)
    reference: UnitLayer | None = None
    trips: Trips | None = None
    spreads: tuple[Spread, ...] = ()

    @property
    def n_terms(self) -> int:
        """Number of terms: need, one a layer, change, flows, one a spread, compactness, balance."""
        return len(self.all_layers) + (self.trips is not None) + len(self.spreads) + 3

    @property
    def all_layers(self) -> tuple[UnitLayer, ...]:
        """The scored layers, and behind them the reference of change."""
        return self.layers if self.reference is None else (*self.layers, self.reference)

    def weighing(self, weights: Floats) -> "tuple[Units, Floats]":
        """Return the units without layers, trips and spreads that weigh nothing, and the weights left.

        Parameters
        ----------
        weights
            Of the terms.
        """
        kept = weights[1:-2] > 0
        layers, reference, trips = len(self.layers), self.reference is not None, self.trips is not None
        units = replace(
            self,
            layers=tuple(layer for layer, some in zip(self.layers, kept[:layers], strict=True) if some),
            reference=self.reference if reference and kept[layers] else None,
            trips=self.trips if trips and kept[layers + reference] else None,
            spreads=tuple(
                each
                for each, some in zip(self.spreads, kept[layers + reference + trips :], strict=True)
                if some
            ),
        )
        return units, np.concatenate([weights[:1], weights[1:-2][kept], weights[-2:]])

    @property
    def words(self) -> int:
        """Number of 64-bit words in a mask over the units."""
        return mask_words(self.n)

    def take(self, chosen: Sequence[int] | Ints) -> "Units":
        """Return these units only, renumbered; borders with the others stay in the outline.

        Parameters
        ----------
        chosen
            Numbers of the units to keep, each once.
        """
        chosen = np.asarray(chosen, dtype=np.int64)
        near = sparse.csr_array((self.border_m + 1.0, self.indices, self.indptr), shape=(self.n, self.n))
        land = sparse.csr_array((self.land_m, self.land_indices, self.land_indptr), shape=(self.n, self.n))
        near, land = tidy(near[chosen][:, chosen]), tidy(land[chosen][:, chosen])
        trips = self.trips
        if trips is not None:
            pairs = sparse.csr_array((trips.trips, trips.indices, trips.indptr), shape=(self.n, self.n))
            pairs = tidy(pairs[chosen][:, chosen])
            trips = replace(
                trips,
                indptr=as_ints(pairs.indptr),
                indices=as_ints(pairs.indices),
                trips=pairs.data,
                outline=trips.outline[chosen],
            )
        return replace(
            self,
            n=len(chosen),
            population=self.population[chosen],
            indptr=as_ints(near.indptr),
            indices=as_ints(near.indices),
            border_m=near.data - 1.0,
            outline_m=self.outline_m[chosen],
            land_indptr=as_ints(land.indptr),
            land_indices=as_ints(land.indices),
            land_m=land.data,
            theme_weighted=self.theme_weighted[chosen],
            theme_squared=self.theme_squared[chosen],
            layers=tuple(_take_layer(layer, chosen, self.n) for layer in self.layers),
            reference=None if self.reference is None else _take_layer(self.reference, chosen, self.n),
            trips=trips,
            spreads=tuple(
                replace(each, excess=each.excess[chosen], weight=each.weight[chosen]) for each in self.spreads
            ),
            councils=self.councils[chosen],
            rules=_take_rules(self.rules, chosen, self.n),
        )


def _take_layer(layer: UnitLayer, chosen: Ints, n: int) -> UnitLayer:
    people = sparse.csr_array(
        (layer.people, layer.indices, layer.indptr), shape=(n, len(layer.body_population))
    )
    people = tidy(people[chosen])
    return replace(layer, indptr=as_ints(people.indptr), indices=as_ints(people.indices), people=people.data)


def mask_words(n: int) -> int:
    """Return how many 64-bit words `n` units need: unit i is bit ``i % 64`` of word ``i // 64``."""
    return max(1, -(-n // 64))


def to_masks(flags: NDArray[np.bool_]) -> Masks:
    """Pack rows of flags (rows × units) into masks (rows × words)."""
    rows, n = flags.shape
    padded = np.zeros((rows, mask_words(n) * 64), dtype=bool)
    padded[:, :n] = flags
    return np.packbits(padded, axis=1, bitorder="little").view("<u8").astype(np.uint64, copy=False)


def to_flags(masks: Masks, n: int) -> NDArray[np.bool_]:
    """Unpack masks (rows × words) into flags (rows × `n` units)."""
    as_bytes = np.ascontiguousarray(masks, dtype="<u8").view(np.uint8).reshape(len(masks), 8 * mask_words(n))
    return np.unpackbits(as_bytes, axis=1, bitorder="little")[:, :n].astype(bool)


def members_of(masks: Masks, n: int) -> sparse.csr_array:
    """Return masks as a sparse matrix of ones, rows × `n` units."""
    flags = to_flags(masks, n)
    rows, columns = np.nonzero(flags)
    indptr = np.concatenate([[0], np.cumsum(flags.sum(axis=1))])
    return sparse.csr_array((np.ones(len(rows)), columns, indptr), shape=flags.shape)


def no_rules(n: int) -> Rules:
    """Return rules that forbid nothing to `n` units."""
    words = mask_words(n)
    none = np.zeros((0, words), dtype=np.uint64)
    return Rules(
        conflicts=np.zeros((n, words), dtype=np.uint64),
        max_councils=0,
        together=none,
        body_units=none,
        body_indptr=np.zeros(1, dtype=np.int64),
        body_limit=np.zeros(0, dtype=np.int64),
        cap_units=none,
        cap_limit=np.zeros(0, dtype=np.int64),
    )


def _take_rules(rules: Rules, chosen: Ints, n: int) -> Rules:
    def cut(masks: Masks) -> Masks:
        return to_masks(to_flags(masks, n)[:, chosen])

    return replace(
        rules,
        conflicts=cut(rules.conflicts[chosen])
        if rules.conflicts.any()
        else np.zeros((len(chosen) if len(rules.conflicts) else 0, mask_words(len(chosen))), dtype=np.uint64),
        together=cut(rules.together),
        body_units=cut(rules.body_units),
        cap_units=cut(rules.cap_units),
        forms=rules.forms[:, chosen] if rules.forms.shape[1] else rules.forms,
    )


def tidy(matrix: sparse.csr_array) -> sparse.csr_array:
    """Return a matrix with its columns rising within each row, each once."""
    matrix = sparse.csr_array(matrix)
    matrix.sum_duplicates()
    matrix.sort_indices()
    return matrix


def as_ints(values: object) -> Ints:
    """Return numbers as the compiled loops read them, in one row."""
    return np.asarray(values, dtype=np.int64).ravel()
