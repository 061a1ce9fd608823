"""What a national plan takes: each stage and the whole, seconds (median of 5) and peak memory.

Run as ``python -m benchmarks.propose`` on a quiet machine. Each repetition is a process of its own, so that
every stage is measured from a cold start but for the operating system's files and the compiled loops' machine
code, whose first making is told apart.
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
from statistics import median

STAGES = (
    "import",
    "load",
    "blocks, listing, costing",
    "solve",
    "plan: names, scores, shapes",
    "write all files",
)


def stages(areas: int, out: Path) -> dict[str, float]:
    """Run every stage once in this process and return its seconds, and the peak memory (MB)."""
    began = time.perf_counter()
    import geo_devolve as gd
    from geo_devolve.publish.write import write_plan

    laps = [time.perf_counter() - began]

    def lap() -> None:
        laps.append(time.perf_counter() - began - sum(laps))

    geography = gd.load_geography("england-2017")
    scenario = gd.load_scenario("reform-2017").replace(areas=areas)
    lap()
    problem = gd.Problem(geography, scenario)
    lap()
    solution = problem.solve(scenario)
    lap()
    plan = gd.Plan.from_groups(geography, scenario, solution.groups, solution.certificate, solution.notes)
    len(plan.scores), len(plan.areas), len(plan.names)
    lap()
    write_plan(plan, out)
    lap()
    found = dict(zip(STAGES, laps, strict=True))
    began = time.perf_counter()
    problem.solve(scenario.replace(weights={"need": 2.0, "compactness": 1.0}))
    found["solve again, other weights"] = time.perf_counter() - began
    found["peak MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def whole(areas: int, out: Path, environment: dict[str, str] | None = None) -> tuple[float, float]:
    """Run the command in a process of its own; return its seconds and peak memory (MB)."""
    began = time.perf_counter()
    options = ["--areas", str(areas), "--out", str(out), "--quiet"]
    command = [sys.executable, "-m", "geo_devolve", "propose", *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, **(environment or {})})
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the command ended with exit code {process.returncode}")
    return time.perf_counter() - began, usage.ru_maxrss / 1024


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--areas", type=int, default=38)
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        sys.stdout.write(json.dumps(stages(options.areas, options.child)))
        return
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    say(f"geo-devolve propose, {options.areas} areas, median of {options.repeat} processes")
    say(f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}, {platform.machine()}")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        cold, peak = whole(options.areas, out / "first", {"NUMBA_CACHE_DIR": str(out / "numba")})
        child = [sys.executable, "-m", "benchmarks.propose", "--areas", str(options.areas), "--child"]
        runs = [
            json.loads(subprocess.run([*child, str(out / f"{each}")], check=True, capture_output=True).stdout)
            for each in range(options.repeat)
        ]
        wholes = [whole(options.areas, out / f"whole-{each}") for each in range(options.repeat)]
    say(f"{'stage':40} {'seconds':>8} {'slowest':>8}")
    for stage in (*STAGES, "solve again, other weights"):
        seconds = [run[stage] for run in runs]
        say(f"{stage:40} {median(seconds):8.2f} {max(seconds):8.2f}")
    say(f"{'stages together, peak MB':40} {median(run['peak MB'] for run in runs):8.0f}")
    seconds = [each for each, _ in wholes]
    say(f"{'the command with all files':40} {median(seconds):8.2f} {max(seconds):8.2f}")
    say(f"{'the command with all files, peak MB':40} {median(each for _, each in wholes):8.0f}")
    say(f"{'its very first run, compiling':40} {cold:8.2f}          {peak:.0f} MB")


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
