"""A layer: an existing geography, its bodies, and who of each population point lives in which of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from geo_devolve.errors import DataError, first_few, raise_all

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Which body each place lies in: a row for each pair.

    Attributes
    ----------
    place : numpy.ndarray
        The place's number.
    body : list of str
        The body's code.
    share : numpy.ndarray
        The share of the place's people who live in the body, in [0, 1].
    names : dict of str to str
        Of the bodies, by code, as far as known.
    """

    place: NDArray[np.int64]
    body: list[str]
    share: Floats
    names: dict[str, str]


@dataclass(frozen=True, eq=False)
class Layer:
    """One set of existing boundaries, such as the police areas.

    Attributes
    ----------
    name : str
        The key that scenarios use, such as ``"stp"``.
    title : str
        What readers see, such as "Sustainability and Transformation Partnerships".
    bodies : pandas.DataFrame
        Index ``code``, sorted; columns ``name`` and ``population`` (persons, the sum over points, and those
        outside).
    membership : scipy.sparse.csr_array
        Points × bodies: the share of a point's people who live in the body, in [0, 1]. A row sums to 0 where
        the layer does not reach, and to more than 1 where its bodies overlap.
    vintage : str
        The date of the boundaries.
    outside : numpy.ndarray or None
        People of each body who live outside the study area (persons), counted in its population; None where
        there are none.
    """

    name: str
    title: str
    bodies: pd.DataFrame
    membership: sparse.csr_array
    vintage: str = ""
    outside: Floats | None = None

    def __post_init__(self) -> None:
        faults = []
        if self.bodies.index.has_duplicates:
            twice = self.bodies.index[self.bodies.index.duplicated()].unique()
            faults.append(f"bodies listed twice: {first_few(twice)}")
        if self.membership.shape[1] != len(self.bodies):
            faults.append(f"{self.membership.shape[1]} columns of membership for {len(self.bodies)} bodies")
        if self.outside is not None and len(self.outside) != len(self.bodies):
            faults.append(f"people outside of {len(self.outside)} bodies for {len(self.bodies)}")
        shares = self.membership.data
        if len(shares) and not (np.isfinite(shares).all() and shares.min() >= 0 and shares.max() <= 1 + 1e-9):
            faults.append("a share of people below 0 or above 1")
        raise_all(DataError, faults, f"layer {self.name!r}")

    def __repr__(self) -> str:
        people = float(self.bodies["population"].sum())
        return f"<Layer {self.name}: {len(self.bodies)} bodies, {people:,.0f} residents>"


def make_layer(
    name: str,
    title: str,
    *,
    membership: sparse.csr_array,
    codes: Sequence[str],
    names: Sequence[str],
    population: Floats,
    vintage: str = "",
) -> Layer:
    """Build a layer, counting each body's people.

    Parameters
    ----------
    name, title, vintage
        As in `Layer`.
    membership
        Points × bodies, shares in [0, 1].
    codes, names
        Of the bodies, in the order of the columns of `membership`.
    population
        Of the points (persons).

    Returns
    -------
    Layer
        With bodies, and columns, sorted by code.

    Raises
    ------
    DataError
        Where a body is listed twice or a share lies outside [0, 1].
    """
    order = (
        np.argsort(np.asarray(codes, dtype=object), kind="stable") if len(codes) else np.array([], dtype=int)
    )
    membership = sparse.csr_array(membership.tocsc()[:, order].tocsr())
    membership.eliminate_zeros()
    membership.sort_indices()
    bodies = pd.DataFrame(
        {
            "name": pd.Series([str(names[i]) for i in order], dtype=object),
            "population": np.asarray(membership.T @ population, dtype=np.float64),
        }
    )
    bodies.index = pd.Index([codes[i] for i in order], name="code", dtype=object)
    return Layer(name, title, bodies, membership, vintage)


def members_of(
    rows: NDArray[np.int64], bodies: Sequence[object], shares: Floats, points: int
) -> tuple[sparse.csr_array, list[str]]:
    """Turn pairs of point and body into a matrix.

    Parameters
    ----------
    rows
        A point's number for each pair.
    bodies
        A body's code for each pair.
    shares
        The share of the point's people who live in the body, for each pair; pairs that occur twice count
        once, with the larger share.
    points
        How many points there are.

    Returns
    -------
    tuple of scipy.sparse.csr_array and list of str
        Points × bodies, and the bodies' codes, sorted.
    """
    numbers, codes = pd.factorize(np.asarray(bodies, dtype=object), sort=True)
    pairs = pd.DataFrame({"row": rows, "body": numbers, "share": shares})
    pairs = pairs.groupby(["row", "body"], sort=True)["share"].max().reset_index()
    matrix = sparse.csr_array(
        (pairs["share"].to_numpy(np.float64), (pairs["row"].to_numpy(), pairs["body"].to_numpy())),
        shape=(points, len(codes)),
    )
    return matrix, [str(code) for code in codes]
