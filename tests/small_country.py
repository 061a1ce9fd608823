"""A folder of files of a small country: 4 × 4 councils of 10 km, three layers, two themes of need."""

from pathlib import Path

CODES = [f"C{row}{column}" for row in range(4) for column in range(4)]
SCENARIO = """
areas = 4
population = [300_000, 500_000]
themes = ["health", "work"]
blocks = []
[weights]
need = 1.0
compactness = 0.5
[layers]
quarter = { rule = "match", weight = 1.0 }
half = { rule = "nest", weight = 0.5 }
"""

MANIFEST = """
name = "small"
title = "A small country"
vintage = "2020"
crs = "EPSG:27700"
attribution = "Nobody's data."
[councils]
table = "councils.csv"
code = "code"
name = "name"
[points]
table = "points.csv"
id = "id"
x = "x"
y = "y"
population = "population"
council = "council"
[layers.quarter]
title = "Quarters"
from = "councils"
columns = ["quarter"]
[layers.half]
title = "Halves"
from = "councils"
columns = ["half"]
[needs]
table = "needs.csv"
council = "council"
indicators = "indicators.csv"
[borders]
table = "borders.csv"
[grid]
table = "grid.csv"
cell_m = 1000
"""


def write_country(folder: Path) -> Path:
    """Write the country's files into a new folder and return it."""
    folder.mkdir(parents=True)
    places = [(row, column) for row in range(4) for column in range(4)]
    tables: dict[str, list[str]] = {
        "councils.csv": ["code,name,quarter,half"],
        "points.csv": ["id,x,y,population,council"],
        "needs.csv": ["council,illness,idle"],
        "borders.csv": ["council,neighbour,length_m"],
        "grid.csv": ["northing,easting_from,easting_to,council"],
        "indicators.csv": [
            "indicator,name,theme,unit,higher_means,period,source",
            "illness,Illness,health,share,more need,2020,invented",
            "idle,Out of work,work,share,more need,2020,invented",
        ],
    }
    for row, column in places:
        code = f"C{row}{column}"
        west, south = 400_000 + 10_000 * column, 340_000 - 10_000 * row
        quarter, half = f"Q{row // 2}{column // 2}", f"H{row // 2}"
        tables["councils.csv"].append(f"{code},Council {row}{column},{quarter},{half}")
        people = 90_000 + 2_000 * ((3 * row + 5 * column) % 7)
        tables["points.csv"].append(f"P{code},{west + 5_000},{south + 5_000},{people},{code}")
        tables["needs.csv"].append(f"{code},{0.1 + 0.01 * row + 0.02 * (column % 2)},{0.05 + 0.01 * column}")
        tables["grid.csv"] += [f"{south + 1_000 * line},{west},{west + 10_000},{code}" for line in range(10)]
        tables["borders.csv"] += [
            f"{code},C{below}{right},10000"
            for below, right in ((row + 1, column), (row, column + 1))
            if below < 4 and right < 4
        ]
    for name, lines in tables.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "geography.toml").write_text(MANIFEST, encoding="utf-8")
    (folder / "scenario.toml").write_text(SCENARIO, encoding="utf-8")
    return folder
