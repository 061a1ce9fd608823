"""Outcomes to commission for: where each area stands in every indicator, so that goals can be set for it."""

import numpy as np
import pandas as pd

from geo_devolve.plan.plan import Plan

_TURN = {"more need": 1.0, "less need": -1.0}


def outcomes(plan: Plan) -> pd.DataFrame:
    """Tell for each area and indicator its value, its rank, its distance from the whole and its inner spread.

    Values are means over councils weighted by people, those of rates and medians as much as of counts, so
    they say where an area stands and are no substitute for the published figure of a new area.

    Parameters
    ----------
    plan
        Any plan.

    Returns
    -------
    DataFrame
        One row an area and indicator: area, name, indicator, theme, unit, higher_means, period, value,
        whole (the mean of all people), rank (1: most need), of
        (how many areas), distance (from the whole in standard deviations of councils, above zero for more
        need), spread (standard deviation inside the area, in the unit), lowest, lowest_council, highest,
        highest_council (councils of the area, by value), filled (how many of its councils' values were
        filled in).
    """
    needs, groups = plan.geography.needs, plan.groups
    people = plan.geography.councils["population"].to_numpy(float)
    names = plan.geography.councils["name"].astype(str).to_numpy()
    filled = {(row.council, row.indicator) for row in needs.filled.itertuples()}
    codes = list(plan.geography.councils.index)
    rows = []
    for indicator, told in needs.indicators.iterrows():
        values = needs.values[indicator].to_numpy(float)
        whole = float(values @ people / people.sum())
        apart = float(np.sqrt((values - whole) ** 2 @ people / people.sum()))
        turn = _TURN.get(str(told.get("higher_means", "more need")), 1.0)
        means = (groups.members @ (people * values)) / np.maximum(groups.population, 1e-300)
        ranks = pd.Series(-turn * means).round(12).rank(method="min").astype(int)
        for number, area in enumerate(groups.labels):
            inside = np.flatnonzero(groups.number == number)
            low, high = inside[values[inside].argmin()], inside[values[inside].argmax()]
            spread = np.sqrt(
                (values[inside] - means[number]) ** 2 @ people[inside] / groups.population[number]
            )
            rows.append(
                {
                    "area": area,
                    "name": plan.names.iloc[number],
                    "indicator": indicator,
                    "theme": told["theme"],
                    "unit": told.get("unit", ""),
                    "higher_means": told.get("higher_means", "more need"),
                    "period": told.get("period", ""),
                    "value": float(means[number]),
                    "whole": whole,
                    "rank": int(ranks.iloc[number]),
                    "of": len(groups.labels),
                    "distance": turn * (float(means[number]) - whole) / apart if apart > 0 else 0.0,
                    "spread": float(spread),
                    "lowest": float(values[low]),
                    "lowest_council": names[low],
                    "highest": float(values[high]),
                    "highest_council": names[high],
                    "filled": sum((codes[place], indicator) in filled for place in inside),
                }
            )
    return (
        pd.DataFrame(rows).sort_values("area", kind="stable", ignore_index=True)
        if rows
        else pd.DataFrame(rows)
    )
