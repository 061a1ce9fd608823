"""Figures of the terms that not every scenario asks for, summed over units: change, flows, spreads."""

import numpy as np
from scipy import sparse

from geo_devolve.constraints.amounts import share
from geo_devolve.geography.model import Geography
from geo_devolve.geography.quantities import Flows
from geo_devolve.geography.tally import Tally
from geo_devolve.objective.units import Floats, Spread, Trips, UnitLayer, as_ints, tidy
from geo_devolve.scenario import Scenario

CHANGE = 3
"""The rule of a reference, beside those of `measures.RULES`."""

_FLAT = 1e-12  # of what shares could spread: less is rounding


def gathered(
    people: sparse.csr_array,
    gather: sparse.csr_array,
    tally: Tally,
    rule: int,
    outside: Floats | None = None,
) -> UnitLayer:
    """Sum a layer's people over units.

    Parameters
    ----------
    people
        Councils × bodies (persons).
    gather
        Units × councils, 1 where the council belongs to the unit.
    tally
        What people are counted by.
    rule
        See `UnitLayer`.
    outside
        Residents of each body who live outside the geography (persons); None for none.
    """
    counted = sparse.csr_array(people) * tally.scale
    counted.sum_duplicates()
    of_units = tidy(sparse.csr_array(gather @ counted))
    of_units.eliminate_zeros()
    residents = np.asarray(counted.sum(axis=0), dtype=np.float64).ravel()
    return UnitLayer(
        rule=rule,
        indptr=as_ints(of_units.indptr),
        indices=as_ints(of_units.indices),
        people=of_units.data.astype(np.float64),
        body_population=residents if outside is None else residents + outside * tally.scale,
        total=float(residents.sum()),
    )


def people_before(geography: Geography, scenario: Scenario) -> sparse.csr_array:
    """Count who lives in both a council and a body of the scenario's reference.

    Returns
    -------
    scipy.sparse.csr_array
        Councils × bodies (persons).
    """
    if isinstance(scenario.reference, str):
        return geography.people(scenario.reference)
    place = {code: at for at, code in enumerate(geography.councils.index)}
    areas = {
        code: area
        for council, area in (scenario.reference or {}).items()
        for code in geography.find_councils(council)
    }
    number = {area: at for at, area in enumerate(dict.fromkeys(areas.values()))}
    rows = np.array([place[code] for code in areas], dtype=np.int64)
    columns = np.array([number[area] for area in areas.values()], dtype=np.int64)
    people = geography.councils["population"].to_numpy(np.float64)[rows]
    return sparse.csr_array((people, (rows, columns)), shape=(len(place), max(len(number), 1)))


def reference_of(geography: Geography, scenario: Scenario, gather: sparse.csr_array) -> UnitLayer:
    """Sum over units who lives in which body of the scenario's reference; its total is everybody."""
    layer = gathered(people_before(geography, scenario), gather, geography.tally, CHANGE)
    everyone = float(geography.tally.count(geography.councils["population"]).sum())
    return UnitLayer(CHANGE, layer.indptr, layer.indices, layer.people, layer.body_population, everyone)


def trips_of(flows: Flows, gather: sparse.csr_array) -> Trips:
    """Sum trips over units, both ways together.

    Parameters
    ----------
    flows
        Between councils.
    gather
        Units × councils, 1 where the council belongs to the unit.
    """
    both = sparse.csr_array(flows.trips + flows.trips.T)
    pairs = tidy(sparse.csr_array(gather @ both @ gather.T))
    ends = gather @ np.asarray(both.sum(axis=1), dtype=np.float64).ravel()
    outline = ends - pairs.diagonal()
    pairs.setdiag(0.0)
    pairs.eliminate_zeros()
    return Trips(
        indptr=as_ints(pairs.indptr),
        indices=as_ints(pairs.indices),
        trips=pairs.data.astype(np.float64),
        outline=np.maximum(outline, 0.0),
        total=flows.total,
    )


def spread_of(geography: Geography, name: str, gather: sparse.csr_array) -> Spread:
    """Sum over units how far a ratio is from that of all.

    Parameters
    ----------
    geography
        The study area.
    name
        Of a quantity, for its share of the people, or of a ratio such as ``jobs/people``.
    gather
        Units × councils, 1 where the council belongs to the unit.
    """
    what = share(name)
    over = geography.quantity(what.numerator).values
    under = geography.quantity(what.denominator).values if what.denominator else np.ones(len(over))
    all_over, all_under = float(over.sum()), float(under.sum())
    middle = all_over / all_under if all_under > 0 else 0.0
    excess = over - middle * under
    squares = np.divide(excess**2, under, out=np.zeros_like(excess), where=under > 0)
    total = float(squares.sum())
    if total <= _FLAT * middle**2 * all_under:
        total = 0.0
    return Spread(excess=gather @ excess, weight=gather @ under, total=total)
