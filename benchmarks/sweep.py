"""What a sweep of England takes: scenarios a second by workers, memory of one, and a change in `gd.tune`.

Run as ``python -m benchmarks.sweep`` on a quiet machine; ``--scenarios 100`` for a shorter look. Weightings
of the default scenario, drawn around its own, each solved to proven optimality.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

BUDGET_S = 600.0  # for 1,000 weightings on two cores
SPEEDUP = 1.8
WORKER_MB = 1024.0
TUNE_S = 1.0


def run(scenarios: int, workers: int) -> dict[str, float]:
    """Sweep in this process, and tell seconds, how many are proven, and the most memory of a process."""
    import geo_devolve as gd
    from geo_devolve.sweeps.spec import read_sweep

    england = gd.load_geography("england-2017")
    sample = {"count": scenarios, "seed": 0, "dirichlet": {"concentration": 20}}
    asked = read_sweep({"name": "weights", "sample": sample})
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        result = gd.sweep(england, asked, out=Path(folder) / "sweep", workers=workers)
        seconds = time.perf_counter() - began
        proven = int(result.found["proven"].sum())
    who = resource.RUSAGE_SELF if workers == 1 else resource.RUSAGE_CHILDREN
    return {"seconds": seconds, "proven": proven, "worker MB": resource.getrusage(who).ru_maxrss / 1024}


def tune(changes: int) -> dict[str, float]:
    """Change a weight in the panel again and again; tell the seconds from change to figures."""
    import warnings

    warnings.simplefilter("ignore")
    import geo_devolve as gd

    england = gd.load_geography("england-2017")
    panel = gd.tune(england, gd.load_scenario("reform-2017"))
    panel.wait(120)
    seconds = []
    for step in range(changes):
        panel.controls.weights["need"].value = 0.5 + 0.1 * step
        panel.wait(120)
        seconds.append(panel.seconds)
    seconds.sort()
    return {"median": seconds[len(seconds) // 2], "most": seconds[-1]}


def apart(what: str, *numbers: int) -> dict[str, Any]:
    """Run one measurement in a process of its own, so that its memory is its own."""
    command = [sys.executable, "-m", "benchmarks.sweep", "--only", what, *map(str, numbers)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenarios", type=int, default=1000)
    parser.add_argument("--only", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only:
        what, *numbers = given.only
        found = {"run": run, "tune": tune}[what](*map(int, numbers))
        sys.stdout.write(json.dumps(found) + "\n")
        return
    many = given.scenarios
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {many:,} weightings")
    one, two = apart("run", many, 1), apart("run", many, 2)
    for workers, found in ((1, one), (2, two)):
        print(
            f"{workers} worker{'s' * (workers > 1)}: {found['seconds']:7.1f} s, "
            f"{many / found['seconds']:5.2f} a second, {found['proven']:,} proven, "
            f"at most {found['worker MB']:,.0f} MB a process"
        )
    most = max(one["worker MB"], two["worker MB"])
    again = apart("tune", 15)
    print(f"two workers are {one['seconds'] / two['seconds']:.2f} times as fast as one (wanted: {SPEEDUP})")
    print(f"1,000 on two workers: {1000 * two['seconds'] / many:,.0f} s (wanted: {BUDGET_S:,.0f} s at most)")
    print(f"memory of a worker: {most:,.0f} MB (wanted: {WORKER_MB:,.0f} MB at most)")
    print(
        f"a change in tune: {again['median']:.2f} s, at most {again['most']:.2f} s (wanted: {TUNE_S:.0f} s)"
    )


if __name__ == "__main__":
    main()
