"""What a reader should know of a geography as a whole: who stands alone, and whom a layer leaves out."""

from collections.abc import Mapping

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from geo_devolve.geography.layers import Layer
from geo_devolve.geography.reading.files import Folder

SUGGESTED = 3
"""How many of the nearest councils to suggest as ends of a crossing."""


def tell_surroundings(
    folder: Folder,
    councils: pd.DataFrame,
    shapes: gpd.GeoSeries,
    joined: tuple[pd.DataFrame, pd.DataFrame],
    layers: Mapping[str, Layer],
) -> None:
    """Tell of councils without neighbours, of a graph in parts, and of people outside a layer.

    Parameters
    ----------
    folder
        Where it is told.
    councils
        Index code; columns ``name``, ``population`` (persons), ``x``, ``y`` (m).
    shapes
        Theirs (m), None where there are none.
    joined
        Borders and crossings, as in `Geography`.
    layers
        By name.
    """
    _tell_isolated(folder, councils, shapes, *joined)
    everyone = float(councils["population"].sum())
    for name, layer in layers.items():
        reach = np.minimum(1.0, np.asarray(layer.membership.sum(axis=1)).ravel())
        inside = float(layer.bodies["population"].sum())
        if reach.min(initial=1.0) < 1.0 - 1e-9:
            share = 1.0 - float(reach.mean())
            folder.findings.notice(
                f"layer {name}",
                f"does not reach everyone: its {len(layer.bodies)} bodies have {inside:,.0f} residents of "
                f"{everyone:,.0f} people, and {share:.1%} of the points lie outside",
            )


def _tell_isolated(
    folder: Folder,
    councils: pd.DataFrame,
    shapes: gpd.GeoSeries,
    borders: pd.DataFrame,
    crossings: pd.DataFrame,
) -> None:
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(councils.index)
    graph.add_edges_from(zip(borders["council"], borders["neighbour"], strict=True))
    real = crossings[crossings["kind"] != "none"]
    graph.add_edges_from(zip(real["council"], real["neighbour"], strict=True))
    alone = [code for code in councils.index if graph.degree(code) == 0]
    if alone and len(councils) > 1:
        folder.findings.notice(
            "neighbours",
            "councils without any neighbour",
            [f"{code} ({councils['name'][code]}; {_nearest(councils, shapes, code)})" for code in alone],
            breaks="they can only be areas of their own",
            remedy="list a crossing if one joins them to the nearest",
        )
    parts = sorted(nx.connected_components(graph), key=lambda part: (-len(part), min(part)))
    small = [min(part) for part in parts[1:] if len(part) > 1]
    if small:
        folder.findings.notice(
            "neighbours",
            f"the graph of councils has {len(parts)} parts; these are the first councils of the smaller ones",
            small,
            breaks="no area reaches from one into another",
            remedy="list the crossings between them",
        )


def _nearest(councils: pd.DataFrame, shapes: gpd.GeoSeries, code: str) -> str:
    """Name the nearest councils: by their shapes where there are any, otherwise by where people live."""
    here = councils.index.get_loc(code)
    geometry = shapes.to_numpy()
    if shapely.is_geometry(geometry).all():
        away = shapely.distance(geometry, geometry[here])
    else:
        place = councils[["x", "y"]].to_numpy(np.float64)
        if not np.isfinite(place).all():
            return "nobody knows what is near"
        count = len(councils)
        distance, order = cKDTree(place).query(place[here], k=count)
        away = np.zeros(count)
        away[np.atleast_1d(order)] = np.atleast_1d(distance)
    away = away.astype(np.float64)
    away[here] = np.inf
    nearest = np.argsort(away, kind="stable")[: min(SUGGESTED, len(away) - 1)]
    return "nearest are " + ", ".join(
        f"{councils['name'].iloc[i]} at {away[i] / 1000:,.1f} km" for i in nearest
    )
