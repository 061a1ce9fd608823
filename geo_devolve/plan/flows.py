"""How people travel, held against a plan: what stays within areas, and what is cut."""

import numpy as np
import pandas as pd

from geo_devolve.plan.contained import containment_of
from geo_devolve.plan.plan import Plan


def containment(plan: Plan, table: str = "") -> pd.DataFrame:
    """Tell how self-contained a plan's areas are.

    The Office for National Statistics calls an area a travel-to-work area where at least 75 % of those who
    live in it and have work also work in it, and of those who work in it also live in it (66.7 % where it is
    large).

    Parameters
    ----------
    plan
        Any plan.
    table
        Name of a table of trips of the geography; the first by default.

    Returns
    -------
    DataFrame
        A row an area, as `containment_of`; with the areas' names in the column ``name``.

    Examples
    --------
    >>> import networkx as nx
    >>> import geo_devolve as gd
    >>> graph = nx.path_graph(3)
    >>> nx.set_node_attributes(graph, 100, "pop")
    >>> trips = {(0, 0): 5, (0, 1): 3, (1, 1): 4, (2, 1): 1, (2, 2): 7}
    >>> ground = gd.Geography.from_graph(graph, flows={"work": trips})
    >>> plan = gd.drawn_plan(ground, {0: "a", 1: "a", 2: "b"}, gd.Scenario(areas=2))
    >>> gd.containment(plan)[["starts", "ends", "stays", "by_residence"]].values.tolist()
    [[12.0, 13.0, 12.0, 1.0], [8.0, 7.0, 7.0, 0.875]]
    """
    found = containment_of(plan.groups, plan.geography.flow_table(table))
    found.insert(0, "name", plan.names)
    return found


def cut_flows(plan: Plan, table: str = "", most: int = 20) -> pd.DataFrame:
    """List the largest flows that a plan cuts, both directions of a pair together.

    Parameters
    ----------
    plan
        Any plan.
    table
        Name of a table of trips of the geography; the first by default.
    most
        How many pairs to list.

    Returns
    -------
    DataFrame
        Columns ``council``, ``other`` (codes), ``name``, ``other_name``, ``area``, ``other_area`` and
        ``trips``, most trips first.
    """
    geography = plan.geography
    both = plan.geography.flow_table(table).trips
    both = (both + both.T).tocoo()
    number = plan.groups.completed.number
    cut = (both.row < both.col) & (number[both.row] != number[both.col])
    rows, columns, trips = both.row[cut], both.col[cut], both.data[cut]
    order = np.lexsort((columns, rows, -trips))[:most]
    rows, columns = rows[order], columns[order]
    codes, names = geography.councils.index, geography.councils["name"].to_numpy()
    labels = np.array([*plan.groups.labels, None], dtype=object)
    area = np.where(plan.groups.number < 0, len(plan.groups.labels), plan.groups.number)
    return pd.DataFrame(
        {
            "council": [codes[row] for row in rows],
            "other": [codes[column] for column in columns],
            "name": names[rows],
            "other_name": names[columns],
            "area": labels[area[rows]],
            "other_area": labels[area[columns]],
            "trips": trips[order].astype(np.float64),
        }
    )
