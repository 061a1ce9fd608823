"""What loading and measuring shapes takes, beside libpysal and geopandas.

Run as ``python -m benchmarks.geography`` on a quiet machine with the real files of ../shared/data. Every
figure is the median of five runs; the load is timed in processes of their own, imports included.
"""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
RUNS = 5
LOAD = """
import resource, sys, time
began = time.perf_counter()
from geo_devolve.geography.reading.load import examine
geography, findings = examine(sys.argv[1])
assert geography is not None, findings.faults
print(time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def timed(work: Callable[[], object]) -> float:
    """Return the median of the seconds that some work takes."""
    laps = []
    for _ in range(RUNS):
        began = time.perf_counter()
        work()
        laps.append(time.perf_counter() - began)
    return median(laps)


def loaded(folder: str) -> tuple[float, float]:
    """Return the median seconds, and the peak memory (MB), of loading a geography in a new process."""
    laps, peaks = [], []
    for _ in range(RUNS):
        command = [sys.executable, "-c", LOAD, folder]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
        seconds, peak = done.stdout.split()
        laps.append(float(seconds))
        peaks.append(float(peak))
    return median(laps), max(peaks)


def line(what: str, seconds: float, beside: str = "", limit: str = "") -> None:
    """Print a line of the table."""
    print(f"{what:52}{seconds:8.3f} s  {beside:34}{limit}")


def main() -> None:
    """Print the table."""
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; medians of {RUNS}"
    )
    seconds, peak = loaded("england-2017")
    line("england-2017, embedded: load, imports included", seconds, f"{peak:,.0f} MB", "(at most 3 s)")
    seconds, peak = loaded("england-2024")
    line("england-2024, embedded: load, imports included", seconds, f"{peak:,.0f} MB", "(at most 3 s)")
    if not DATA.is_dir():
        print("the rest needs the real files of ../shared/data, which are not here")
        return

    import geopandas as gpd
    import pandas as pd
    from libpysal.graph import Graph

    from geo_devolve.geography.reading.borders import measure_borders
    from geo_devolve.geography.reading.overlay import overlay_areas

    folder = DATA / "england-2017" / "boundaries"
    cells = gpd.read_parquet(folder / "lsoa11_en_simplified.parquet")
    cells = cells.set_index(cells.columns[0]).sort_index()
    bodies = gpd.read_file(folder / "ccg17_en_derived.gpkg")
    codes, shapes, large = pd.Index(cells.index), cells.geometry.to_numpy(), bodies.geometry.to_numpy()

    ours = measure_borders(shapes, codes)
    seconds = timed(lambda: measure_borders(shapes, codes))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = Graph.build_contiguity(cells, rook=True, by_perimeter=True)
        theirs_seconds = timed(lambda: Graph.build_contiguity(cells, rook=True, by_perimeter=True))
    assert len(ours) == theirs.n_edges // 2 or abs(len(ours) - theirs.n_edges / 2) <= 1
    what = f"{len(cells):,} LSOA polygons -> {len(ours):,} borders"
    line(
        what,
        seconds,
        f"libpysal rook {theirs_seconds:.3f} s",
        f"{theirs_seconds / seconds:.1f} times (1.5 s; 5)",
    )

    seconds = timed(lambda: overlay_areas(shapes, large))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs_seconds = timed(
            lambda: gpd.overlay(cells[["geometry"]], bodies[["geometry"]], how="intersection")
        )
    found = len(overlay_areas(shapes, large)[2])
    what = f"LSOA × CCG overlaps, {found:,} pairs"
    line(
        what,
        seconds,
        f"geopandas.overlay {theirs_seconds:.3f} s",
        f"{theirs_seconds / seconds:.1f} times (3)",
    )

    sys.path.insert(0, str(ROOT / "tests"))
    import real_folders

    with tempfile.TemporaryDirectory() as scratch:
        real = real_folders.england_2017(DATA, Path(scratch) / "england-2017-real")
        seconds, peak = loaded(str(real))
        shutil.rmtree(real)
    line("the real folder of 2017: load and check", seconds, f"{peak:,.0f} MB", "(at most 8 s, 1,500 MB)")


if __name__ == "__main__":
    main()
