"""How the engines compile, and the flat arrays that their compiled loops read.

Every engine walks the same units; this module turns them into one named tuple of plain arrays, in which the
bodies of all layers stand in one row, so that a loop over a unit's bodies is a loop over one slice.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numba
import numpy as np
from numpy.typing import NDArray

from geo_devolve.objective.units import Units, mask_words

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Words = NDArray[np.uint64]

_Loop = TypeVar("_Loop", bound=Callable[..., Any])

CHANGE = 3  # the number of a layer whose term is change against a reference, beside those of `measures.RULES`
_CLOSE = 1.5  # bounds so close rule out much of what may be left over; wider ones hardly anything


def compiled(loop: _Loop) -> _Loop:
    """Compile a loop to run without the interpreter's lock, and keep the machine code where possible.

    numba keeps it beside the source, or in the user's cache folder where the package is read-only; where
    neither can be written, each process compiles once.
    """
    try:
        return numba.njit(nogil=True, cache=True, error_model="numpy")(loop)
    except RuntimeError:  # numba's word for "no folder to cache in"
        return numba.njit(nogil=True, error_model="numpy")(loop)


def inlined(loop: _Loop) -> _Loop:
    """Compile a small piece that only other compiled loops call."""
    return numba.njit(nogil=True, error_model="numpy")(loop)


class Flat(NamedTuple):
    """The units as the compiled loops read them; persons, metres, units × columns in rows of indptr."""

    n: int
    words: int
    layers: int
    population: Floats
    near_ptr: Ints
    near: Ints
    land_ptr: Ints
    land: Ints
    land_m: Floats
    outline_m: Floats
    total_border_m: float
    themes: int
    theme_weighted: Floats
    theme_squared: Floats
    theme_mean: Floats
    theme_spread: Floats
    theme_scale: Floats
    body_ptr: Ints
    body: Ints
    people: Floats
    body_people: Floats
    body_rule: Ints
    body_layer: Ints
    body_scale: Floats
    balance_target: float
    balance_scale: float
    lower: float
    upper: float
    rest_lower: float  # what an area leaves over must be divided between these; 0 where that is not looked at
    rest_upper: float
    councils: Ints
    max_councils: int
    conflicts: Words
    together: Words
    body_units: Words
    body_indptr: Ints
    body_limit: Ints
    form: Ints  # limits of quantities and ratios × units
    form_least: Ints
    form_falls: Ints  # 1 where no unit adds to it: what is short of it stays short
    change: int  # the layer that is the reference of change; -1 where it is not scored
    change_own: Floats  # people of a unit who are not in its main body of the reference
    trip_ptr: Ints
    trip: Ints
    trips: Floats
    trip_outline: Floats
    trip_scale: float  # 1/(2 × all trips); 0 where they are not scored, or there are none
    flows: int  # how many columns of terms flows take: 1 or 0
    spread_excess: Floats  # units × spreads
    spread_weight: Floats
    spread_scale: Floats


def flatten(units: Units) -> Flat:
    """Lay the units' arrays out for the compiled loops.

    Parameters
    ----------
    units
        The units of the problem.

    Returns
    -------
    Flat
        The same numbers; ``theme_mean`` and ``theme_spread`` are a unit's own mean score and sum of squares
        about it, 0 without people; ``theme_scale`` is 1/(themes × SST), ``body_scale`` 1/Σp of its layer,
        both 0 where there is nothing to divide by: an empty layer and a theme without variance give 0.
    """
    themes = units.theme_weighted.shape[1]
    theme_scale = np.zeros(themes)
    varied = units.theme_total > 0
    theme_scale[varied] = 1.0 / (themes * units.theme_total[varied])
    people_of = units.population[:, None]
    mean = np.divide(
        units.theme_weighted, people_of, out=np.zeros_like(units.theme_weighted), where=people_of > 0
    )
    pointers = np.zeros(units.n + 1, dtype=np.int64)
    all_layers = units.all_layers
    for layer in all_layers:
        pointers += layer.indptr
    body = np.empty(pointers[-1], dtype=np.int64)
    people = np.empty(pointers[-1])
    filled = pointers[:-1].copy()
    first = 0
    rules, owners, scales, sizes = [], [], [], []
    for number, layer in enumerate(all_layers):
        counts = np.diff(layer.indptr)
        places = np.repeat(filled - layer.indptr[:-1], counts) + np.arange(len(layer.indices))
        body[places] = layer.indices + first
        people[places] = layer.people
        filled += counts
        bodies = len(layer.body_population)
        first += bodies
        rules.append(np.full(bodies, layer.rule, dtype=np.int64))
        owners.append(np.full(bodies, number, dtype=np.int64))
        scales.append(np.full(bodies, 1.0 / layer.total if layer.total > 0 else 0.0))
        sizes.append(np.asarray(layer.body_population, dtype=np.float64))
    return Flat(
        n=int(units.n),
        words=mask_words(int(units.n)),
        layers=len(all_layers),
        population=_floats(units.population),
        near_ptr=_ints(units.indptr),
        near=_ints(units.indices),
        land_ptr=_ints(units.land_indptr),
        land=_ints(units.land_indices),
        land_m=_floats(units.land_m),
        outline_m=_floats(units.outline_m),
        total_border_m=float(units.total_border_m),
        themes=themes,
        theme_weighted=_floats(units.theme_weighted),
        theme_squared=_floats(units.theme_squared),
        theme_mean=_floats(mean),
        theme_spread=_floats(np.maximum(units.theme_squared - units.theme_weighted * mean, 0.0)),
        theme_scale=theme_scale,
        body_ptr=pointers,
        body=body,
        people=people,
        body_people=_joined(sizes, np.float64),
        body_rule=_joined(rules, np.int64),
        body_layer=_joined(owners, np.int64),
        body_scale=_joined(scales, np.float64),
        balance_target=float(units.balance_target),
        balance_scale=0.5 / float(units.total_population) if units.total_population > 0 else 0.0,
        lower=float(units.lower),
        # no limit is no more than everybody: bounds multiply by what is left below it
        upper=min(float(units.upper), float(units.population.sum()) + 1.0),
        rest_lower=float(units.lower) if units.upper < _CLOSE * units.lower else 0.0,
        rest_upper=float(units.upper),
        councils=_ints(units.councils),
        max_councils=int(units.rules.max_councils),
        conflicts=_words(units.rules.conflicts) if units.rules.conflicts.any() else _no_rows(units.n),
        together=_words(units.rules.together) if len(units.rules.together) else _no_rows(units.n),
        body_units=_words(units.rules.body_units) if len(units.rules.body_units) else _no_rows(units.n),
        body_indptr=_ints(units.rules.body_indptr),
        body_limit=_ints(units.rules.body_limit),
        **_asides(units),
    )


def _asides(units: Units) -> dict[str, Any]:
    """Lay out what not every problem has: limits of quantities, change, trips and spreads."""
    rules, trips, scored = units.rules, units.trips, [each.total > 0 for each in units.spreads]
    own = np.zeros(units.n)
    if units.reference is not None:
        most = np.zeros(units.n)
        rows = np.repeat(np.arange(units.n), np.diff(units.reference.indptr))
        np.maximum.at(most, rows, units.reference.people)
        own = units.population - most
    forms = rules.forms if len(rules.forms) else np.zeros((0, units.n), dtype=np.int64)
    nothing = np.zeros((units.n, 0))
    return {
        "form": _ints(forms),
        "form_least": _ints(rules.form_least),
        "form_falls": _ints((forms <= 0).all(axis=1)),
        "change": len(units.layers) if units.reference is not None else -1,
        "change_own": _floats(own),
        "trip_ptr": np.zeros(units.n + 1, dtype=np.int64) if trips is None else _ints(trips.indptr),
        "trip": np.zeros(0, dtype=np.int64) if trips is None else _ints(trips.indices),
        "trips": np.zeros(0) if trips is None else _floats(trips.trips),
        "trip_outline": np.zeros(units.n) if trips is None else _floats(trips.outline),
        "trip_scale": 0.5 / trips.total if trips is not None and trips.total > 0 else 0.0,
        "flows": int(trips is not None),
        "spread_excess": _floats(np.column_stack([nothing, *(each.excess for each in units.spreads)])),
        "spread_weight": _floats(np.column_stack([nothing, *(each.weight for each in units.spreads)])),
        "spread_scale": np.array(
            [1.0 / each.total if some else 0.0 for each, some in zip(units.spreads, scored, strict=True)],
            dtype=np.float64,
        ),
    }


def _floats(values: Any) -> Floats:
    return np.ascontiguousarray(values, dtype=np.float64)


def _ints(values: Any) -> Ints:
    return np.ascontiguousarray(values, dtype=np.int64)


def _words(masks: Any) -> Words:
    return np.ascontiguousarray(masks, dtype=np.uint64)


def _no_rows(n: int) -> Words:
    return np.zeros((0, mask_words(n)), dtype=np.uint64)


def _joined(parts: list[Any], kind: Any) -> Any:
    return np.concatenate(parts).astype(kind) if parts else np.zeros(0, dtype=kind)


@inlined
def passes(flat: Flat, mask: Words) -> bool:
    """Whether a candidate holds its sets whole and touches no more bodies than it may."""
    for row in range(len(flat.together)):
        some = False
        every = True
        for word in range(len(mask)):
            shared = flat.together[row, word] & mask[word]
            if shared != 0:
                some = True
            if shared != flat.together[row, word]:
                every = False
        if some and not every:
            return False
    for limit in range(len(flat.body_limit)):
        held = 0
        for row in range(flat.body_indptr[limit], flat.body_indptr[limit + 1]):
            for word in range(len(mask)):
                if flat.body_units[row, word] & mask[word]:
                    held += 1
                    break
        if held > flat.body_limit[limit]:
            return False
    for row in range(len(flat.form_least)):
        total = np.int64(0)
        for unit in range(flat.n):
            if (mask[unit >> 6] >> np.uint64(unit & 63)) & np.uint64(1) != 0:
                total += flat.form[row, unit]
        if total < flat.form_least[row]:
            return False
    return True


@inlined
def clashes(flat: Flat, unit: int, mask: Words) -> bool:
    """Whether a unit may not share an area with one of those in the mask."""
    if len(flat.conflicts) > 0:
        for word in range(len(mask)):
            if flat.conflicts[unit, word] & mask[word]:
                return True
    return False
