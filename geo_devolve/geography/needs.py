"""Needs of councils: published indicators, gaps filled from the neighbours, standardised scores by theme."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_devolve.errors import DataError, first_few, raise_all

Floats = NDArray[np.float64]

INDICATOR_COLUMNS = ("theme", "unit", "higher_means", "period", "source")
DIRECTIONS = {"more need": 1.0, "less need": -1.0}
NO_VARIANCE = 1e-9
"""A spread below this share of an indicator's size is rounding, not variance."""


@dataclass(frozen=True, eq=False)
class Needs:
    """What councils need, by indicator and by theme.

    Attributes
    ----------
    indicators : pandas.DataFrame
        Index ``indicator``; columns ``theme``, ``unit``, ``higher_means`` ("more need" or "less need"),
        ``period`` and ``source``.
    values : pandas.DataFrame
        Councils × indicators, in the indicators' units, gaps filled.
    filled : pandas.DataFrame
        What was filled: columns ``council``, ``indicator`` and ``value``.
    scores : pandas.DataFrame
        Councils × themes: standard deviations from the population's mean, more meaning more need; zeros where
        a theme has no variance.
    """

    indicators: pd.DataFrame
    values: pd.DataFrame
    filled: pd.DataFrame
    scores: pd.DataFrame

    def __repr__(self) -> str:
        themes = self.scores.shape[1]
        return f"<Needs: {len(self.indicators)} indicators, {themes} themes, {len(self.filled)} filled>"


def standardise(values: Floats, population: Floats) -> Floats:
    """Return deviations from the population's mean, in its standard deviations.

    Parameters
    ----------
    values
        One a council, or councils × indicators.
    population
        Of the councils (persons).

    Returns
    -------
    Floats
        Of the shape of `values`; zeros where everyone has the same value.
    """
    values = np.asarray(values, dtype=np.float64)
    weights = np.asarray(population, dtype=np.float64)
    weights = (
        weights / weights.sum() if weights.sum() > 0 else np.full(len(weights), 1.0 / max(len(weights), 1))
    )
    mean = weights @ values
    apart = values - mean
    spread = np.sqrt(weights @ apart**2)
    size = np.abs(values).max(axis=0, initial=0.0)
    varies = spread > NO_VARIANCE * size
    return np.where(varies, apart / np.where(varies, spread, 1.0), 0.0)


def fill_gaps(
    values: pd.DataFrame, population: Floats, neighbours: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Fill what is not published with the mean of the neighbours who publish it.

    Means are weighted by population, and taken from published values only, so that the order of councils does
    not matter. Where no neighbour publishes, the mean is over all councils that do.

    Parameters
    ----------
    values
        Councils × indicators, NaN where not published.
    population
        Of the councils (persons), in the order of `values`.
    neighbours
        Columns ``council`` and ``neighbour``: pairs that touch or are joined by a crossing.

    Returns
    -------
    tuple of pandas.DataFrame
        The values without gaps, and what was filled: columns ``council``, ``indicator``, ``value``.
    """
    full = values.astype(np.float64).copy()
    gaps = full.isna().to_numpy()
    weights = np.asarray(population, dtype=np.float64)
    near: list[set[int]] = [set() for _ in range(len(full))]
    ones = full.index.get_indexer(pd.Index(neighbours["council"], tupleize_cols=False))
    others = full.index.get_indexer(pd.Index(neighbours["neighbour"], tupleize_cols=False))
    for one, other in zip(ones.tolist(), others.tolist(), strict=True):
        near[one].add(other)
        near[other].add(one)
    published = full.to_numpy(copy=True)
    rows = []
    answer = published.copy()
    for column in range(full.shape[1]):
        known = np.flatnonzero(~gaps[:, column])
        for row in np.flatnonzero(gaps[:, column]).tolist():
            around = [one for one in sorted(near[row]) if not gaps[one, column]]
            givers = np.array(around, dtype=np.int64) if around else known
            if len(givers) == 0:
                continue
            people = weights[givers]
            people = people if people.sum() > 0 else np.ones(len(givers))
            answer[row, column] = float(people @ published[givers, column] / people.sum())
            rows.append((full.index[row], full.columns[column], answer[row, column]))
    filled = pd.DataFrame(rows, columns=["council", "indicator", "value"])
    return pd.DataFrame(answer, index=full.index, columns=full.columns), filled


def make_needs(
    values: pd.DataFrame, indicators: pd.DataFrame, population: Floats, neighbours: pd.DataFrame
) -> Needs:
    """Fill, standardise and average indicators into themes.

    Parameters
    ----------
    values
        Councils × indicators, NaN where not published.
    indicators
        Index ``indicator``, with at least the columns ``theme`` and ``higher_means``.
    population
        Of the councils (persons), in the order of `values`.
    neighbours
        Columns ``council`` and ``neighbour``.

    Returns
    -------
    Needs
        Themes in the order in which the indicators first name them.

    Raises
    ------
    DataError
        Where an indicator has no theme or direction, no value at all, or is not in the values.
    """
    indicators = indicators.reindex(columns=list(INDICATOR_COLUMNS)).astype(object)
    indicators = indicators.where(indicators.notna(), "")
    indicators.index.name = "indicator"
    values = values.reindex(columns=indicators.index)
    faults = []
    undirected = indicators.index[~indicators["higher_means"].isin(list(DIRECTIONS))]
    if len(undirected):
        faults.append(
            f"indicators without a direction: {first_few(undirected)}; "
            'say in higher_means "more need" or "less need"'
        )
    unthemed = indicators.index[indicators["theme"].astype(str).str.strip() == ""]
    if len(unthemed):
        faults.append(f"indicators without a theme: {first_few(unthemed)}; name one in the column theme")
    empty = values.columns[values.isna().all(axis=0)]
    if len(empty):
        faults.append(f"indicators without any value: {first_few(empty)}; remove them or supply the values")
    raise_all(DataError, faults, "needs")

    full, filled = fill_gaps(values, population, neighbours)
    full.columns.name = None
    signs = indicators["higher_means"].map(DIRECTIONS).to_numpy(np.float64)
    scores = standardise(full.to_numpy(), population) * signs
    themes = list(dict.fromkeys(indicators["theme"]))
    by_theme = {
        theme: standardise(scores[:, (indicators["theme"] == theme).to_numpy()].mean(axis=1), population)
        for theme in themes
    }
    return Needs(indicators, full, filled, pd.DataFrame(by_theme, index=full.index, columns=themes))


def no_needs(councils: pd.Index) -> Needs:
    """Return needs without any indicator, for geographies that state none."""
    return Needs(
        pd.DataFrame(columns=list(INDICATOR_COLUMNS), index=pd.Index([], name="indicator"), dtype=object),
        pd.DataFrame(index=councils),
        pd.DataFrame(columns=["council", "indicator", "value"]),
        pd.DataFrame(index=councils),
    )
