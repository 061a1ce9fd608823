"""How many plans a minute the atlas lists with all their figures, and in how much memory.

Run as ``python -m benchmarks.atlas FOLDER`` on a quiet machine; the folder is made, filled (about 1 GB) and
removed. First Hampshire and the Isle of Wight into two to six, every criterion; then a grid of 5 × 5 places
into four, 10,123,686 plans.
"""

import argparse
import resource
import shutil
import time
from pathlib import Path

import networkx as nx
import pandas as pd

import geo_devolve as gd
from geo_devolve.geography.reading.load import find_geography


def peak_mb() -> float:
    """Return the most memory that this process has had (MB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def listed(name: str, geography: gd.Geography, scenario: gd.Scenario, folder: Path) -> None:
    """List an atlas, and say how fast, and how memory grew on the way."""
    marks: list[str] = []
    quarter = {"next": 0.25}

    def watch(stage: str, done: int, total: int | None = None) -> None:
        if stage == "listing plans" and total and done >= quarter["next"] * total:
            marks.append(f"{done / total:.0%}: {peak_mb():,.0f} MB")
            quarter["next"] += 0.25

    began = time.monotonic()
    atlas = gd.atlas(geography, scenario, folder, progress=watch)
    seconds = time.monotonic() - began
    size = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
    pace = f"{len(atlas):,} plans of {len(atlas.criteria)} criteria in {seconds:.0f} s"
    print(f"{name}: {pace}, {len(atlas) / seconds * 60:,.0f} a minute, {size:,.0f} MB on disk")
    print(f"  peak memory at {', '.join(marks)}")


def main() -> None:
    """Run both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    england = gd.load_geography("england-2024")
    table = pd.read_csv(find_geography("england-2024") / "reorganisation_2025.csv")
    hampshire = england.only(*table["council"][table["area"] == "Hampshire & Isle of Wight"])
    scenario = gd.load_scenario("reorganisation-2025").replace(areas=(2, 6))
    gd.atlas(hampshire, scenario.replace(areas=2))  # the machine code
    grid = nx.convert_node_labels_to_integers(nx.grid_2d_graph(5, 5))
    nx.set_node_attributes(grid, 100, "pop")
    places = gd.Geography.from_graph(grid)
    try:
        listed("Hampshire into 2 to 6", hampshire, scenario, folder / "hampshire")
        four = gd.Scenario(areas=4, weights={"compactness": 1.0})
        listed("a grid of 5 x 5 into 4", places, four, folder / "grid")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
