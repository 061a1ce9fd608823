"""A geography's figures summed over units, and kept where only what is asked of an area changes."""

from collections.abc import Hashable, Sequence
from dataclasses import replace

import numpy as np
from scipy import sparse

from geo_devolve.geography.model import Geography
from geo_devolve.geography.tally import Tally
from geo_devolve.measures import RULES
from geo_devolve.objective.asides import gathered, reference_of, spread_of, trips_of
from geo_devolve.objective.units import Rules, Units, as_ints, no_rules, tidy
from geo_devolve.scenario import Scenario


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
    tally = geography.tally
    population = tally.count(geography.councils["population"])

    near = _Pairs(n)
    graph = geography.neighbours(crossings=scenario.crossings, min_border_m=scenario.min_border_m)
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
    theme_total[theme_total <= 1e-9 * max(everyone, tally.scale)] = 0.0

    layers = tuple(
        gathered(geography.people(name), gather, tally, RULES.index(term.rule), geography.layer(name).outside)
        for name, term in scenario.layers.items()
    )
    lower, upper = bounds(tally, scenario)
    return Units(
        n=n,
        population=gather @ population,
        indptr=as_ints(near_matrix.indptr),
        indices=as_ints(near_matrix.indices),
        border_m=near_matrix.data - 1.0,
        outline_m=outline,
        land_indptr=as_ints(land_matrix.indptr),
        land_indices=as_ints(land_matrix.indices),
        land_m=land_matrix.data,
        total_border_m=float(lengths.sum()),
        theme_weighted=gather @ weighted,
        theme_squared=gather @ (weighted * scores),
        theme_total=theme_total,
        layers=layers,
        reference=reference_of(geography, scenario, gather) if "change" in scenario.weights else None,
        trips=trips_of(geography.flow_table(scenario.flows or ""), gather)
        if "flows" in scenario.weights
        else None,
        spreads=tuple(spread_of(geography, name, gather) for name in scenario.spreads),
        balance_target=everyone / scenario.middle,
        total_population=everyone,
        lower=lower,
        upper=upper,
        councils=as_ints(gather.sum(axis=1)),
        rules=no_rules(n) if rules is None else rules,
        tally=tally,
    )


def bounds(tally: Tally, scenario: Scenario) -> tuple[float, float]:
    """Return the least and the most people of an area, in whole numbers of the unit they are counted in.

    Parameters
    ----------
    tally
        The unit, the geography's.
    scenario
        Its bounds are inclusive; without any, the least is 0 and the most is infinite.
    """
    lower, upper = scenario.population or (0.0, np.inf)
    return tally.least(lower), tally.most(upper)


def council_units(geography: Geography, scenario: Scenario) -> Units:
    """Return the arrays with every council a unit of its own, limited by nothing but its population.

    Parameters
    ----------
    geography
        The study area; it keeps them for the next scenario of the same layers, themes and neighbours.
    scenario
        Says which layers, themes and crossings count, the bounds and the number of areas.
    """
    key = ("council units", *summed_over(scenario))
    kept = geography.keep(
        key, lambda: make_units(geography, scenario, [(code,) for code in geography.councils.index])
    )
    return restated(kept, scenario)


def summed_over(scenario: Scenario) -> tuple[Hashable, ...]:
    """Return what the sums depend on: where it is equal, `restated` makes those of one scenario another's."""
    kinds = tuple(sorted(set(scenario.crossings)))
    more = (scenario.more_terms, scenario.flows, scenario.reference if "change" in scenario.weights else None)
    return (scenario.themes, tuple(scenario.layers), kinds, scenario.min_border_m, *more)


def restated(units: Units, scenario: Scenario) -> Units:
    """Return units with the layers' rules, the bounds and the number of areas of another scenario.

    Parameters
    ----------
    units
        Of a scenario for which `summed_over` is equal.
    scenario
        What is asked for.
    """
    lower, upper = bounds(units.tally, scenario)
    terms = scenario.layers.values()
    return replace(
        units,
        layers=tuple(
            replace(layer, rule=RULES.index(term.rule))
            for layer, term in zip(units.layers, terms, strict=True)
        ),
        balance_target=units.total_population / scenario.middle,
        lower=lower,
        upper=upper,
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
        return tidy(sparse.csr_array((np.concatenate([data, data]), (rows, columns)), shape=(self.n, self.n)))
