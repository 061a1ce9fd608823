"""Figures of councils that add up over an area besides people, and trips between councils.

A quantity is counted as people are (`tally`): in whole numbers of the smallest unit that its figures need, so
that a sum of them is exact and in any order the same. Trips are kept from where they start to where they end.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from geo_devolve.errors import DataError, first_few, raise_all
from geo_devolve.geography.tally import Tally, settle

Floats = NDArray[np.float64]

PEOPLE = "people"
"""The quantity that every geography has: its population."""


@dataclass(frozen=True, eq=False)
class Quantity:
    """One figure of every council.

    Attributes
    ----------
    name
        Such as "jobs".
    counted
        Of each council in the geography's order, in whole numbers of the tally's unit; sums are exact.
    tally
        The unit.
    """

    name: str
    counted: Floats
    tally: Tally

    @property
    def values(self) -> Floats:
        """Of each council, in the unit of the table that it came from."""
        return self.tally.persons(self.counted)

    @classmethod
    def of(cls, name: str, given: ArrayLike) -> "Quantity":
        """Count a figure of every council.

        Parameters
        ----------
        name
            What it is called.
        given
            Of each council, finite.
        """
        values = np.asarray(given, dtype=np.float64)
        size, tally, _ = settle(np.abs(values))
        return cls(name, np.sign(values) * tally.count(size), tally)


@dataclass(frozen=True, eq=False)
class Flows:
    """Trips between councils, such as those of commuters.

    Attributes
    ----------
    name
        The key that scenarios use, such as ``"2011"``.
    title
        What readers see.
    trips
        From each council (rows) to each (columns), in the geography's order; at least 0. What starts or ends
        outside the geography is not in it.
    """

    name: str
    title: str
    trips: sparse.csr_array

    @property
    def total(self) -> float:
        """All trips, those within a council included."""
        return float(self.trips.sum())

    def __repr__(self) -> str:
        return f"<Flows {self.name}: {self.total:,.0f} trips between {self.trips.shape[0]} councils>"


def check_quantities(table: pd.DataFrame, councils: pd.Index) -> None:
    """Refuse figures that are not there or make no sense.

    Raises
    ------
    DataError
        Naming every quantity and the first councils without a figure.
    """
    faults = []
    if not table.index.equals(councils):
        faults.append("the table of quantities does not have the councils as its rows")
    for name in table.columns:
        if not str(name).strip() or "/" in str(name) or ":" in str(name) or name == PEOPLE:
            faults.append(f"a quantity cannot be called {name!r}; choose a name without / and :, not people")
        numbers = pd.to_numeric(table[name], errors="coerce").to_numpy(np.float64)
        missing = table.index[~np.isfinite(numbers)]
        if len(missing):
            faults.append(f"quantity {name!r} has no figure for {first_few(missing)}")
    raise_all(DataError, faults, "quantities")


def check_flows(flows: Mapping[str, Flows], councils: int) -> None:
    """Refuse tables of trips that do not fit the councils.

    Raises
    ------
    DataError
        Naming each table and its fault.
    """
    faults = []
    for name, table in flows.items():
        if table.trips.shape != (councils, councils):
            faults.append(f"flows {name!r} speak of {table.trips.shape[0]} councils of {councils}")
        elif len(table.trips.data) and not (
            np.isfinite(table.trips.data).all() and table.trips.data.min() >= 0
        ):
            faults.append(f"flows {name!r} have trips below 0")
    raise_all(DataError, faults, "flows")


def make_flows(name: str, title: str, councils: pd.Index, pairs: pd.DataFrame) -> Flows:
    """Make a table of trips from pairs of councils.

    Parameters
    ----------
    name, title
        What it is called.
    councils
        Codes in the geography's order.
    pairs
        Columns ``origin``, ``destination`` (codes) and ``trips``; a pair that stands twice adds up.

    Raises
    ------
    DataError
        Where a code is no council's, or trips are not at least 0.
    """
    index = pd.Index(councils, tupleize_cols=False)
    rows = index.get_indexer(pd.Index(pairs["origin"], tupleize_cols=False))
    columns = index.get_indexer(pd.Index(pairs["destination"], tupleize_cols=False))
    trips = pd.to_numeric(pairs["trips"], errors="coerce").to_numpy(np.float64)
    faults = []
    strange = [*pairs["origin"][rows < 0], *pairs["destination"][columns < 0]]
    if strange:
        faults.append(f"trips from or to unknown councils: {first_few(dict.fromkeys(map(str, strange)))}")
    if not (np.isfinite(trips).all() and (trips >= 0).all()):
        faults.append("trips that are not a number of at least 0")
    raise_all(DataError, faults, f"flows {name!r}")
    shape = (len(index), len(index))
    matrix = sparse.csr_array((trips, (rows, columns)), shape=shape)
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    matrix.sort_indices()
    return Flows(name, title or name, matrix)
