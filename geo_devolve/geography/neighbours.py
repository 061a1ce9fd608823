"""Which councils are neighbours: those that share a land border, or are joined by a crossing that counts."""

from collections.abc import Set as AbstractSet
from typing import Any

import geopandas as gpd
import networkx as nx
import pandas as pd


def build_graph(
    councils: gpd.GeoDataFrame,
    borders: pd.DataFrame,
    crossings: pd.DataFrame,
    kinds: AbstractSet[str],
    min_border_m: float,
) -> "nx.Graph[Any]":
    """Build the graph of neighbouring councils; see `Geography.graph`.

    Parameters
    ----------
    councils, borders, crossings
        Tables of the geography.
    kinds
        The kinds of crossing that count.
    min_border_m
        The shortest land border (m) that does.
    """
    graph: nx.Graph[Any] = nx.Graph()
    for code, name, population in zip(councils.index, councils["name"], councils["population"], strict=True):
        graph.add_node(code, name=name, population=float(population))
    ends = ("council", "neighbour")
    for one, other, kind in zip(*(crossings[column] for column in (*ends, "kind")), strict=True):
        if kind in kinds and kind != "none" and not graph.has_edge(one, other):  # the most solid comes first
            graph.add_edge(one, other, length_m=0.0, kind=kind)
    for one, other, length in zip(*(borders[column] for column in (*ends, "length_m")), strict=True):
        if length > 0 and length >= min_border_m:
            graph.add_edge(one, other, length_m=float(length), kind="land")
    return graph
