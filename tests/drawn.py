"""Geographies drawn in ASCII: each letter a council, each character a cell of 10 km square."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_devolve.geography.layers import Layer, make_layer, members_of
from geo_devolve.geography.model import Geography
from geo_devolve.geography.needs import make_needs, no_needs
from geo_devolve.geography.reading.borders import measure_borders

CELL_M = 10_000.0
ORIGIN = (400_000.0, 300_000.0)
EMPTY = "."

Cells = list[list[str | None]]


def draw(
    councils: str,
    layers: Mapping[str, str | Sequence[str]] | None = None,
    population: float | Mapping[str, float] = 1000.0,
    needs: Mapping[str, Mapping[str, float | None] | Sequence[float | None]] | None = None,
    crossings: Sequence[tuple[str, str, str]] = (),
) -> Geography:
    """Make a geography of pictures.

    Parameters
    ----------
    councils
        The picture, a line a row from north to south; a letter is a council, "." is sea.
    layers
        A picture of the same size for each layer; a letter is a body, "." is none. A sequence of pictures is
        a layer whose bodies overlap: a cell lies in the bodies of all of them.
    population
        Of each council, or of a cell where it is one number (persons). A council's people are spread evenly
        over its cells, each of which is a population point.
    needs
        For each theme its one indicator (more means more need): values by council, or in the councils' order;
        None is not published.
    crossings
        Council, neighbour, kind.
    """
    cells = _read(councils)
    pictures = {
        name: [_read(one) for one in ([picture] if isinstance(picture, str) else picture)]
        for name, picture in (layers or {}).items()
    }
    codes = sorted({code for row in cells for code in row if code})
    values = {
        theme: dict(column) if isinstance(column, Mapping) else dict(zip(codes, column, strict=True))
        for theme, column in (needs or {}).items()
    }
    people = dict(population) if isinstance(population, Mapping) else None
    each = None if isinstance(population, Mapping) else float(population)
    return _build(cells, pictures, people, each, values, crossings)


def random_geography(
    seed: int,
    n: int = 8,
    *,
    layers: int = 2,
    bodies: int = 3,
    themes: int = 2,
    gaps: float = 0.1,
    overlap: bool = True,
    people: tuple[int, int] = (100, 1000),
) -> Geography:
    """Make a random geography of `n` councils "C000" … on a grid of cells.

    The layers are "layer0", "layer1" …; the first reaches everywhere and nearly follows councils, later ones
    cut across councils, leave some cells out, and, with `overlap`, have cells in two bodies. The themes are
    "theme0" …, with a share `gaps` of values not published. Every council is connected and so is the whole.
    """
    random = np.random.default_rng(seed)
    width = max(2, int(np.ceil(np.sqrt(3 * n))))
    grid = _grown(random, width, width, n)
    cells: Cells = [[f"C{number:03d}" for number in row] for row in grid]
    pictures = {}
    for number in range(layers):
        zones = _grown(random, width, width, bodies)
        if number == 0:  # most follow councils: the body of a council's first cell
            first = {label: zones.ravel()[np.flatnonzero(grid.ravel() == label)[0]] for label in range(n)}
            follow = random.random(n) < 0.7
            zones = np.where(follow[grid], np.vectorize(first.get)(grid), zones)
            pictures[f"layer{number}"] = [_lettered(zones, np.zeros_like(zones, dtype=bool))]
        else:
            pictures[f"layer{number}"] = [_lettered(zones, random.random(zones.shape) < 0.15)]
            if overlap:
                again = _grown(random, width, width, bodies)
                pictures[f"layer{number}"].append(_lettered(again, random.random(again.shape) < 0.7))
    codes = [f"C{number:03d}" for number in range(n)]
    counts = {code: float(random.integers(*people)) for code in codes}
    values = {}
    for number in range(themes):
        column = random.normal(10, 3, n)
        missing = random.random(n) < gaps
        missing[int(random.integers(n))] = False
        values[f"theme{number}"] = {
            code: None if gone else float(value)
            for code, value, gone in zip(codes, column, missing, strict=True)
        }
    return _build(cells, pictures, counts, None, values, ())


def _read(picture: str) -> Cells:
    rows = [line.strip() for line in picture.strip().splitlines()]
    if len({len(row) for row in rows}) != 1:
        raise ValueError("the rows of a picture are of one length")
    return [[None if character == EMPTY else character for character in row] for row in rows]


def _grown(random: np.random.Generator, height: int, width: int, count: int) -> np.ndarray:
    """Grow `count` connected patches from random cells until the grid is full."""
    grid = np.full((height, width), -1)
    starts = random.choice(height * width, size=count, replace=False)
    grid.ravel()[starts] = np.arange(count)
    while (grid < 0).any():
        rim = [
            (row, column, grid[r, c])
            for row, column in np.argwhere(grid < 0)
            for r, c in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1))
            if 0 <= r < height and 0 <= c < width and grid[r, c] >= 0
        ]
        row, column, label = rim[int(random.integers(len(rim)))]
        grid[row, column] = label
    return grid


def _lettered(zones: np.ndarray, left_out: np.ndarray) -> Cells:
    return [
        [None if gone else f"B{label}" for label, gone in zip(row, out, strict=True)]
        for row, out in zip(zones, left_out, strict=True)
    ]


def _build(
    cells: Cells,
    pictures: Mapping[str, list[Cells]],
    people: Mapping[str, float] | None,
    each: float | None,
    values: Mapping[str, Mapping[str, float | None]],
    crossings: Sequence[tuple[str, str, str]],
) -> Geography:
    height = len(cells)
    places = [
        (row, column) for row in range(height) for column in range(len(cells[row])) if cells[row][column]
    ]
    council_of = [cells[row][column] for row, column in places]
    codes = pd.Index(sorted(set(council_of)), name="code", dtype=object)
    counts = pd.Series(council_of).value_counts()
    share = [each if people is None else people[code] / counts[code] for code in council_of]
    west = np.array([ORIGIN[0] + CELL_M * column for _, column in places])
    south = np.array([ORIGIN[1] + CELL_M * (height - 1 - row) for row, _ in places])
    points = pd.DataFrame(
        {
            "council": pd.Series(council_of, dtype=object),
            "population": np.array(share, dtype=np.float64),
            "x": west + CELL_M / 2,
            "y": south + CELL_M / 2,
        }
    )
    layers: dict[str, Layer] = {}
    lying = {}
    for name, shots in pictures.items():
        pairs = [
            (number, shot[row][column])
            for number, (row, column) in enumerate(places)
            for shot in shots
            if shot[row][column]
        ]
        rows = np.array([row for row, _ in pairs], dtype=np.int64)
        matrix, bodies = members_of(rows, [body for _, body in pairs], np.ones(len(pairs)), len(places))
        layers[name] = make_layer(
            name,
            f"Layer {name}",
            membership=matrix,
            codes=bodies,
            names=bodies,
            population=points["population"].to_numpy(),
        )
        lying[name] = [
            tuple(sorted({shot[row][column] for shot in shots if shot[row][column]}))
            for row, column in places
        ]
    boxes = shapely.box(west, south, west + CELL_M, south + CELL_M)
    combination = pd.DataFrame({"council": council_of, **lying})
    groups = combination.groupby(list(combination.columns), sort=True).indices
    pieces = gpd.GeoDataFrame(
        pd.DataFrame(
            [key if isinstance(key, tuple) else (key,) for key in groups], columns=combination.columns
        ),
        geometry=[shapely.coverage_union_all(boxes[rows]) for rows in groups.values()],
        crs="EPSG:27700",
    )
    shapes = [shapely.coverage_union_all(boxes[np.array(council_of) == code]) for code in codes]
    weighted = points.assign(x=points["x"] * points["population"], y=points["y"] * points["population"])
    sums = weighted.groupby("council")[["population", "x", "y"]].sum().reindex(codes)
    councils = gpd.GeoDataFrame(
        {
            "name": [f"Council {code}" for code in codes],
            "population": sums["population"],
            "x": sums["x"] / sums["population"],
            "y": sums["y"] / sums["population"],
        },
        index=codes,
        geometry=shapes,
        crs="EPSG:27700",
    )
    borders = measure_borders(councils.geometry.to_numpy(), codes)
    over = pd.DataFrame(
        [(min(a, b), max(a, b), kind, 1000.0) for a, b, kind in crossings],
        columns=["council", "neighbour", "kind", "gap_m"],
    ).sort_values(["council", "neighbour"], ignore_index=True)
    needs = no_needs(codes)
    if values:
        table = pd.DataFrame(
            {theme: pd.Series(column, dtype=float).reindex(codes) for theme, column in values.items()}
        )
        told = pd.DataFrame({"theme": list(values), "higher_means": "more need"}, index=list(values))
        joined = pd.concat([borders, over[over["kind"] != "none"]])[["council", "neighbour"]]
        needs = make_needs(table, told, councils["population"].to_numpy(), joined)
    return Geography(
        name="drawn",
        title="A drawn geography",
        vintage="",
        crs="EPSG:27700",
        attribution="nobody",
        councils=councils,
        points=points,
        layers=layers,
        needs=needs,
        borders=borders,
        crossings=over,
        pieces=pieces,
    )
