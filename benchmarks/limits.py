"""How soon the time limit and Ctrl-C are heard: a path, a star and a grid of 3,000 councils.

Run as ``python -m benchmarks.limits`` on a quiet machine. For each: seconds from the call of `propose` to its
end with a time limit of 5 s, and from SIGINT, sent at several moments, to the end. Each run is a process of
its own; imports and the compiled loops' machine code are there before the clock starts.
"""

import argparse
import os
import platform
import signal
import subprocess
import sys
import time
from typing import Any

KINDS = ("path", "star", "grid")
MOMENTS = (0.1, 0.5, 1.0, 2.0, 4.0)


def country(kind: str, councils: int) -> Any:
    """Make a country as a networkx graph, with people in its councils."""
    import networkx as nx

    side = round(councils**0.5)
    graph = {
        "path": lambda: nx.path_graph(councils),
        "star": lambda: nx.star_graph(councils - 1),
        "grid": lambda: nx.convert_node_labels_to_integers(nx.grid_2d_graph(side, -(-councils // side))),
    }[kind]()
    for node in graph:
        graph.nodes[node]["pop"] = 1_000 + node * 7_919 % 1_000
    return graph


def job(kind: str, councils: int, seconds: float) -> None:
    """Make a plan, and tell when it begins, when it ends and with what; in a process of its own."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    import geo_devolve as gd

    scenario = gd.Scenario(areas=30, weights={"compactness": 1}, blocks=[], time_limit_s=seconds)
    for engine in ("list", "stream", "generate"):  # the machine code of each
        gd.propose(
            gd.Geography.from_graph(country("grid", 16)),
            scenario.replace(areas=4, engine=engine, time_limit_s=600),
        )
    geography = gd.Geography.from_graph(country(kind, councils))
    print("begun", time.monotonic(), flush=True)
    try:
        plan = gd.propose(geography, scenario)
    except gd.NoPlanInTimeError:
        print("ended", time.monotonic(), "no plan")
    except KeyboardInterrupt:
        print("ended", time.monotonic(), "interrupted")
    else:
        stopped = plan.certificate.stopped if plan.certificate is not None else ""
        print("ended", time.monotonic(), f"a plan ({stopped or 'whole'})")


def run(kind: str, councils: int, seconds: float, press: float | None) -> tuple[float, str]:
    """Run one job; returns the seconds to its end, from Ctrl-C where it is pressed, and what came of it."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.limits", "--job", kind]
    command += ["--councils", str(councils), "--seconds", str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        began = 0.0
        for line in process.stdout:
            word, *rest = line.split(maxsplit=2)
            if word == "begun":
                began = float(rest[0])
                if press is not None:
                    time.sleep(press)
                    began = time.monotonic()
                    process.send_signal(signal.SIGINT)
            elif word == "ended":
                return float(rest[0]) - began, rest[1].strip()
    raise RuntimeError(f"{kind}: the process ended with {process.returncode} and said nothing")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--councils", type=int, default=3_000)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--job", choices=KINDS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.job:
        job(given.job, given.councils, given.seconds)
        return
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for kind in KINDS:
        took, came = run(kind, given.councils, given.seconds, None)
        print(
            f"{kind} of {given.councils:,}: limit {given.seconds:g} s, ended after {took:.1f} s: {came}",
            flush=True,
        )
        for moment in MOMENTS:
            took, came = run(kind, given.councils, 3_600.0, moment)
            print(f"  Ctrl-C after {moment:g} s: ended {took:.2f} s later: {came}", flush=True)


if __name__ == "__main__":
    main()
