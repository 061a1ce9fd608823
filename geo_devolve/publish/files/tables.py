"""A plan's tables as the files carry them: councils, areas, scores."""

import pandas as pd

from geo_devolve.plan.plan import Plan
from geo_devolve.publish.files.geojson import DECIMALS, properties
from geo_devolve.words import guarded


def councils_table(plan: Plan) -> pd.DataFrame:
    """Return one row a council: where it goes, its people and needs.

    Returns
    -------
    pandas.DataFrame
        Columns ``council`` (code), ``name``, ``area``, ``area_name``, ``population``, then one
        ``need_<theme>`` a theme; in the order of the codes.
    """
    geography = plan.geography
    areas = plan.assignment.reindex(geography.councils.index)
    table = pd.DataFrame(
        {
            "council": [str(code) for code in geography.councils.index],
            "name": geography.councils["name"].to_numpy(),
            "area": areas.to_numpy(),
            "area_name": areas.map(plan.areas["name"]).to_numpy(),
            "population": whole(geography.councils["population"]).to_numpy(),
        }
    )
    for theme in geography.needs.scores.columns:
        table[f"need_{theme}"] = geography.needs.scores[theme].round(DECIMALS).to_numpy()
    return table


def areas_table(plan: Plan) -> pd.DataFrame:
    """Return one row an area, as the GeoJSON says it; councils joined by "; "."""
    rows = [
        {name: "; ".join(value) if isinstance(value, list) else value for name, value in row.items()}
        for row in properties(plan).values()
    ]
    return pd.DataFrame(rows)


def whole(numbers: pd.Series) -> pd.Series:
    """Write persons as integers where all of them are."""
    return numbers.astype("int64") if (numbers == numbers.round()).all() else numbers


def to_csv(table: pd.DataFrame) -> str:
    """Write a table as CSV: UTF-8, a header line, line feeds, no index, nothing that a spreadsheet runs."""
    safe = table.map(guarded)
    return safe.set_axis([guarded(column) for column in table.columns], axis=1).to_csv(
        index=False, lineterminator="\n"
    )
