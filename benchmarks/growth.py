"""How time and memory of generating a plan grow with the country: made-up ones of 500 to 5,000 councils.

Run as ``python -m benchmarks.growth`` on a quiet machine. A country is a square of Voronoi cells with
spatially correlated populations and needs and three layers of bodies; areas are as large as England's.
For each size: seconds to a first plan within the bounds, the objective then and after 60 s, peak memory.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from typing import Any

import numpy as np

SIZES = (500, 1_000, 2_000, 5_000)
COUNCILS_IN_AN_AREA = 8.6
LAYERS = (("stp", "match", 7.4), ("lep", "match", 8.6), ("ccg", "whole", 1.6))


def country(councils: int, seed: int = 0) -> Any:
    """Make a country as a networkx graph: populations, borders, one theme, bodies of three layers."""
    import networkx as nx
    from scipy.spatial import Voronoi, cKDTree

    rng = np.random.default_rng(seed)
    places = rng.random((councils, 2))
    for _ in range(2):  # a little more even than chance
        places = _relaxed(places)
    mirrored = [
        places,
        places * [-1, 1],
        places * [1, -1],
        places * [-1, 1] + [2, 0],
        places * [1, -1] + [0, 2],
    ]
    cells = Voronoi(np.concatenate(mirrored))
    graph = nx.Graph()
    towns = rng.random((max(8, councils // 40), 2))
    near_town = cKDTree(towns).query(places)[0]
    population = np.round(
        60_000 + 250_000 * np.exp(-near_town * np.sqrt(councils) / 2) * rng.random(councils)
    )
    theme = _smooth(places, rng) + 0.5 * rng.normal(size=councils)
    bodies = {
        name: cKDTree(rng.random((max(2, int(councils / each)), 2))).query(places)[1]
        for name, _, each in LAYERS
    }
    for at in range(councils):
        parts = {name: int(body[at]) for name, body in bodies.items()}
        graph.add_node(at, pop=float(population[at]), need=float(theme[at]), **parts)
    for (one, other), corners in zip(cells.ridge_points, cells.ridge_vertices, strict=True):
        if one < councils and other < councils and -1 not in corners:
            length = float(np.hypot(*(cells.vertices[corners[0]] - cells.vertices[corners[1]])))
            graph.add_edge(int(one), int(other), border=1e6 * length)
    return graph


def _relaxed(places: np.ndarray) -> np.ndarray:
    from scipy.spatial import cKDTree

    points = np.random.default_rng(1).random((40 * len(places), 2))
    nearest = cKDTree(places).query(points)[1]
    counts = np.maximum(np.bincount(nearest, minlength=len(places)), 1)
    sums = [np.bincount(nearest, weights=points[:, axis], minlength=len(places)) for axis in (0, 1)]
    return np.where(counts[:, None] > 1, np.column_stack(sums) / counts[:, None], places)


def _smooth(places: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    waves = rng.normal(size=(6, 2)) * 2 * np.pi
    return np.cos(places @ waves.T + rng.random(6) * 2 * np.pi).sum(axis=1)


def run(councils: int, seconds: float) -> dict[str, Any]:
    """Generate a plan for one country, and tell what it took."""
    import geo_devolve as gd
    from geo_devolve.clock import Deadline
    from geo_devolve.optimise.asked.prepared import prepare
    from geo_devolve.optimise.engines.generate import Generate

    graph = country(councils)
    areas = round(councils / COUNCILS_IN_AN_AREA)
    typical = sum(graph.nodes[at]["pop"] for at in graph) / areas
    names = [name for name, _, _ in LAYERS]
    geography = gd.Geography.from_graph(graph, themes=["need"], layers=names)
    scenario = gd.Scenario(
        areas=areas,
        population=(0.35 * typical, 2.0 * typical),
        themes=("need",),
        weights={"need": 1.0, "compactness": 0.5},
        layers={name: {"rule": rule, "weight": 1.0} for name, rule, _ in LAYERS},
    )
    units = prepare(geography, scenario).units
    weights = np.array(scenario.term_weights)
    began = time.monotonic()
    first: list[tuple[float, float]] = []

    def met(objective: float) -> None:
        first.append((time.monotonic() - began, objective))

    engine = Generate(units, weights, seed=0, better=met)
    answer = engine.solve(areas, Deadline.after(seconds))
    return {
        "councils": councils,
        "areas": areas,
        "first s": first[0][0] if first else float("nan"),
        "first": first[0][1] if first else float("nan"),
        "seconds": time.monotonic() - began,
        "objective": answer.result.objective,
        "peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--job", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.job:
        print(json.dumps(run(given.job, given.seconds)))
        return
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    runs = []
    for size in given.sizes:
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.growth", "--job", str(size)]
        done = subprocess.run(
            [*command, "--seconds", str(given.seconds)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        found = json.loads(done.stdout.strip().splitlines()[-1])
        runs.append(found)
        print(
            f"{found['councils']:>6,} councils {found['areas']:>4} areas: "
            f"first plan after {found['first s']:6.1f} s ({found['first']:.4f}), "
            f"after {found['seconds']:5.1f} s {found['objective']:.4f}, {found['peak MB']:,.0f} MB",
            flush=True,
        )
    if len(runs) > 1:
        sizes = np.log([found["councils"] for found in runs])
        for what in ("first s", "peak MB"):
            power = np.polyfit(sizes, np.log([max(found[what], 1e-9) for found in runs]), 1)[0]
            print(f"{what} grows as councils to the power {power:.2f}")


if __name__ == "__main__":
    main()
