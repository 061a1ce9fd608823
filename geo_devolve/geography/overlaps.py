"""How much two layers overlap, body by body: people counted at the points, area measured on the pieces."""

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from geo_devolve.geography.layers import Layer

Floats = NDArray[np.float64]

SQUARE_METRES_PER_KM2 = 1e6


def people_in_both(one: Layer, other: Layer, population: Floats, *, halved: bool = False) -> sparse.csr_array:
    """Count the people who live in each two bodies of two layers.

    Where only shares of a point's people are known, the two layers are taken to be independent inside it.

    Parameters
    ----------
    one, other
        The layers, over the same points.
    population
        Of the points (persons).
    halved
        Whether someone in two bodies of a layer counts half in each, rather than once in each.

    Returns
    -------
    scipy.sparse.csr_array
        Bodies of `one` × bodies of `other` (persons).
    """
    left = sparse.csr_array(one.membership)
    right = sparse.csr_array(other.membership)
    weights = np.asarray(population, dtype=np.float64)
    if halved:
        for each in (left, right):
            weights = weights / np.maximum(1.0, np.asarray(each.sum(axis=1)).ravel())
    both = sparse.csr_array(left.T @ sparse.diags_array(weights) @ right)
    both.eliminate_zeros()
    both.sort_indices()
    return both


def overlap_table(
    one: Layer, other: Layer, population: Floats, pieces: gpd.GeoDataFrame | None = None
) -> pd.DataFrame:
    """Return every two bodies of two layers that share people or land.

    Parameters
    ----------
    one, other
        The layers, over the same points.
    population
        Of the points (persons).
    pieces
        A coverage with a column for each layer that holds a tuple of body codes (m); None where there are no
        shapes.

    Returns
    -------
    pandas.DataFrame
        Columns ``body``, ``other_body`` (codes), ``people`` (persons in both), ``area_km2`` (of both, NaN
        without shapes), ``share_of_body`` and ``share_of_other`` (of each one's people, in [0, 1]; NaN where
        it has none), sorted by the two codes.
    """
    both = people_in_both(one, other, population).tocoo()
    table = pd.DataFrame(
        {
            "body": one.bodies.index.to_numpy()[both.row],
            "other_body": other.bodies.index.to_numpy()[both.col],
            "people": both.data,
        }
    )
    if pieces is None:
        table["area_km2"] = np.nan
    else:
        land = pd.DataFrame(
            {
                "body": pieces[one.name].to_numpy(),
                "other_body": pieces[other.name].to_numpy(),
                "area_km2": pieces.geometry.area.to_numpy() / SQUARE_METRES_PER_KM2,
            }
        )
        land = land.explode("body").explode("other_body").dropna(subset=["body", "other_body"])
        land = land.groupby(["body", "other_body"], sort=True)[["area_km2"]].sum().reset_index()
        table = table.merge(land, how="outer", on=["body", "other_body"]).fillna(
            {"people": 0.0, "area_km2": 0.0}
        )
    for column, share, layer in (("body", "share_of_body", one), ("other_body", "share_of_other", other)):
        whole = table[column].map(layer.bodies["population"]).to_numpy(np.float64)
        table[share] = np.divide(
            table["people"].to_numpy(np.float64), whole, out=np.full(len(table), np.nan), where=whole > 0
        )
    table["area_km2"] = table["area_km2"].astype(np.float64)
    return table.sort_values(["body", "other_body"], kind="stable", ignore_index=True)
