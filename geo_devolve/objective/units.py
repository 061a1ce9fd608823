"""The arrays that every engine works on: units, which are blocks, with all that scores a union of them.

Nothing here is a string or a table: councils, bodies and themes are numbers, so that compiled code can read
it. All sums over a union of units are sums of the units' own figures, less the border inside the union.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

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
        Number of the rule in `measures.RULES`: 0 whole, 1 nest, 2 match.
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
    least_held, least
        An area holds at least ``least[i]`` councils of a set; ``least_held[i]`` (g × n) is how many of them
        each unit has.
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
    least_held: Ints
    least: Ints
    body_units: Masks
    body_indptr: Ints
    body_limit: Ints
    cap_units: Masks
    cap_limit: Ints

    @property
    def of_an_area(self) -> dict[str, Any]:
        """All that limits an area by itself, by the names of the attributes."""
        tie_areas = {"cap_units", "cap_limit"}
        return {each.name: getattr(self, each.name) for each in fields(self) if each.name not in tie_areas}

    @property
    def limit_areas(self) -> bool:
        """Whether anything limits an area by itself."""
        limited = self.conflicts.any() or self.max_councils or len(self.together)
        return bool(limited or len(self.least) or len(self.body_limit))


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
        near, land = tidy(near[chosen][:, chosen]), tidy(land[chosen][:, chosen])
        layers = []
        for layer in self.layers:
            people = sparse.csr_array(
                (layer.people, layer.indices, layer.indptr), shape=(self.n, len(layer.body_population))
            )
            people = tidy(people[chosen])
            layers.append(
                replace(
                    layer, indptr=as_ints(people.indptr), indices=as_ints(people.indices), people=people.data
                )
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
        least_held=np.zeros((0, n), dtype=np.int64),
        least=np.zeros(0, dtype=np.int64),
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
        least_held=rules.least_held[:, chosen],
        body_units=cut(rules.body_units),
        cap_units=cut(rules.cap_units),
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
