"""The arrays that every engine works on: units, which are blocks, with all that scores a union of them.

Nothing here is a string or a table: councils, bodies and themes are numbers, so that compiled code can read
it. All sums over a union of units are sums of the units' own figures, less the border inside the union.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geo_devolve.geography.model import Geography
from geo_devolve.measures import RULES
from geo_devolve.scenario import Scenario

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Masks = NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class UnitLayer:
    """The people of each unit in each body of one scored layer.

    Attributes
    ----------
    rule
        Number of the rule in `measures.RULES`: 0 whole, 1 nest, 2 match.
    indptr, indices, people
        Rows of a sparse matrix units × bodies (persons); bodies rise within a row, no stored zeros.
    body_population
        Population of each body (persons), counting all its residents, also those outside these units.
    total
        Sum of `body_population`; 0 for an empty layer, whose term is 0.
    """

    rule: int
    indptr: Ints
    indices: Ints
    people: Floats
    body_population: Floats
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
    """

    conflicts: Masks
    max_councils: int
    together: Masks
    body_units: Masks
    body_indptr: Ints
    body_limit: Ints
    cap_units: Masks
    cap_limit: Ints

    @property
    def only_conflicts(self) -> bool:
        """Whether only `conflicts` and `max_councils` limit an area, and no row ties areas together."""
        return len(self.together) == 0 and len(self.body_limit) == 0 and len(self.cap_limit) == 0


@dataclass(frozen=True, eq=False)
class Units:
    """Units (blocks), their neighbours and everything that a term is a sum of.

    Attributes
    ----------
    n
        How many units.
    population
        Of each unit (persons).
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
        The population an area would have if all were alike (persons).
    total_population
        Of the whole geography, councils that are not among these units included (persons).
    lower, upper
        Bounds on an area's population, inclusive (persons).
    councils
        Number of councils in each unit.
    rules
        What else limits an area.
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

    @property
    def n_terms(self) -> int:
        """Number of terms: need, one a layer, compactness, balance."""
        return len(self.layers) + 3

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
        near, land = _sorted(near[chosen][:, chosen]), _sorted(land[chosen][:, chosen])
        layers = []
        for layer in self.layers:
            people = sparse.csr_array(
                (layer.people, layer.indices, layer.indptr), shape=(self.n, len(layer.body_population))
            )
            people = _sorted(people[chosen])
            layers.append(
                replace(layer, indptr=_i8(people.indptr), indices=_i8(people.indices), people=people.data)
            )
        return replace(
            self,
            n=len(chosen),
            population=self.population[chosen],
            indptr=_i8(near.indptr),
            indices=_i8(near.indices),
            border_m=near.data - 1.0,
            outline_m=self.outline_m[chosen],
            land_indptr=_i8(land.indptr),
            land_indices=_i8(land.indices),
            land_m=land.data,
            theme_weighted=self.theme_weighted[chosen],
            theme_squared=self.theme_squared[chosen],
            layers=tuple(layers),
            councils=self.councils[chosen],
            rules=_take_rules(self.rules, chosen, self.n),
        )


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


def make_units(
    geography: Geography,
    scenario: Scenario,
    members: Sequence[Sequence[Hashable]],
    rules: Rules | None = None,
) -> Units:
    """Sum a geography's figures over units.

    Parameters
    ----------
    geography
        The study area.
    scenario
        Says which layers, themes and crossings count, the bounds and the number of areas.
    members
        The councils' codes of each unit; no council twice. Councils in no unit still count in the totals.
    rules
        What limits an area beyond its population; nothing by default.

    Returns
    -------
    Units
        In the order of `members`.
    """
    codes = list(geography.councils.index)
    number = {code: i for i, code in enumerate(codes)}
    n = len(members)
    unit_of = np.full(len(codes), -1, dtype=np.int64)
    for unit, councils in enumerate(members):
        for code in councils:
            unit_of[number[code]] = unit
    inside = np.flatnonzero(unit_of >= 0)
    gather = sparse.csr_array((np.ones(len(inside)), (unit_of[inside], inside)), shape=(n, len(codes)))
    population = geography.councils["population"].to_numpy(dtype=np.float64)

    near = _Pairs(n)
    graph = geography.graph(crossings=scenario.crossings, min_border_m=scenario.min_border_m)
    for one, other, length in graph.edges(data="length_m"):
        near.add(unit_of[number[one]], unit_of[number[other]], float(length))
    land = _Pairs(n)
    outline = np.zeros(n)
    borders = geography.borders
    lengths = borders["length_m"].to_numpy(dtype=np.float64)
    for one, other, length in zip(borders["council"], borders["neighbour"], lengths, strict=True):
        a, b = unit_of[number[one]], unit_of[number[other]]
        if a != b:
            land.add(a, b, length)
            if a >= 0:
                outline[a] += length
            if b >= 0:
                outline[b] += length
    near_matrix, land_matrix = near.matrix(shift=1.0), land.matrix(shift=0.0)

    scores = geography.needs.scores.reindex(columns=list(scenario.themes)).to_numpy(dtype=np.float64)
    scores = scores.reshape(len(codes), len(scenario.themes))
    weighted = population[:, None] * scores
    total = weighted.sum(axis=0)
    everyone = float(population.sum())
    theme_total = (weighted * scores).sum(axis=0) - (total**2 / everyone if everyone > 0 else 0.0)
    theme_total[theme_total <= 1e-9 * max(everyone, 1.0)] = 0.0

    layers = []
    for name, term in scenario.layers.items():
        people = sparse.csr_array(geography.people(name))
        people.sum_duplicates()
        of_units = _sorted(sparse.csr_array(gather @ people))
        of_units.eliminate_zeros()
        body_population = np.asarray(people.sum(axis=0), dtype=np.float64).ravel()
        layers.append(
            UnitLayer(
                rule=RULES.index(term.rule),
                indptr=_i8(of_units.indptr),
                indices=_i8(of_units.indices),
                people=of_units.data.astype(np.float64),
                body_population=body_population,
                total=float(body_population.sum()),
            )
        )

    lower, upper = scenario.population if scenario.population is not None else (0.0, np.inf)
    return Units(
        n=n,
        population=gather @ population,
        indptr=_i8(near_matrix.indptr),
        indices=_i8(near_matrix.indices),
        border_m=near_matrix.data - 1.0,
        outline_m=outline,
        land_indptr=_i8(land_matrix.indptr),
        land_indices=_i8(land_matrix.indices),
        land_m=land_matrix.data,
        total_border_m=float(lengths.sum()),
        theme_weighted=gather @ weighted,
        theme_squared=gather @ (weighted * scores),
        theme_total=theme_total,
        layers=tuple(layers),
        balance_target=everyone / scenario.middle,
        total_population=everyone,
        lower=float(lower),
        upper=float(upper),
        councils=_i8(gather.sum(axis=1)),
        rules=no_rules(n) if rules is None else rules,
    )


class _Pairs:
    """Lengths between pairs of units, summed; pairs of length 0 are kept."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.length: dict[tuple[int, int], float] = {}

    def add(self, one: int, other: int, length: float) -> None:
        if one >= 0 and other >= 0 and one != other:
            key = (int(min(one, other)), int(max(one, other)))
            self.length[key] = self.length.get(key, 0.0) + length

    def matrix(self, shift: float) -> sparse.csr_array:
        """Both directions, each length raised by `shift` so that a pair of length 0 stays stored."""
        keys = np.array(sorted(self.length), dtype=np.int64).reshape(-1, 2)
        data = np.array([self.length[one, other] + shift for one, other in keys.tolist()], dtype=np.float64)
        rows, columns = np.concatenate([keys[:, 0], keys[:, 1]]), np.concatenate([keys[:, 1], keys[:, 0]])
        return _sorted(
            sparse.csr_array((np.concatenate([data, data]), (rows, columns)), shape=(self.n, self.n))
        )


def _take_rules(rules: Rules, chosen: Ints, n: int) -> Rules:
    def cut(masks: Masks) -> Masks:
        return to_masks(to_flags(masks, n)[:, chosen])

    return replace(
        rules,
        conflicts=cut(rules.conflicts[chosen]) if len(rules.conflicts) else rules.conflicts,
        together=cut(rules.together),
        body_units=cut(rules.body_units),
        cap_units=cut(rules.cap_units),
    )


def _sorted(matrix: sparse.csr_array) -> sparse.csr_array:
    matrix = sparse.csr_array(matrix)
    matrix.sum_duplicates()
    matrix.sort_indices()
    return matrix


def _i8(values: object) -> Ints:
    return np.asarray(values, dtype=np.int64).ravel()
