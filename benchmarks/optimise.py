"""How far each engine goes, beside GerryChain's optimisers on the same objective, bounds and start.

Run as ``python -m benchmarks.optimise`` on a quiet machine; ``--repeat 1 --seconds 10`` for a shorter look.
Every solve is a process of its own; each figure stands beside its ratio to GerryChain's best after as many
seconds as it is given. At last the council-level walk is spread over one worker process and over two.
"""

import argparse
import json
import os
import platform
import random
import resource
import subprocess
import sys
import time
from functools import partial
from statistics import median
from typing import Any

CASES: dict[str, tuple[tuple[str, ...], str, float]] = {
    "default": (("stp", "lep", "police"), "list", 3.0),
    "upper tier": (("upper_tier",), "auto", 6.0),
    "+ upper tier": (("stp", "lep", "police", "upper_tier"), "stream", 15.0),
    "+ ccg": (("stp", "lep", "police", "upper_tier", "ccg"), "stream", 600.0),
    "none": ((), "auto", 60.0),
    "none, pool": ((), "generate", 60.0),
}
METHODS = ("short bursts", "annealing", "tilted")
MOST_MB = 2048.0


def solve(blocks: tuple[str, ...], engine: str, seconds: float) -> dict[str, Any]:
    """Solve the default scenario with other blocks; tell time, gap and peak memory."""
    import geo_devolve as gd

    england = gd.load_geography("england-2017")
    scenario = gd.load_scenario("reform-2017").replace(blocks=blocks, engine=engine, time_limit_s=seconds)
    began = time.perf_counter()
    solution = gd.Problem(england, scenario).solve()
    found = solution.certificate
    return {
        "seconds": time.perf_counter() - began,
        "engine": found.engine,
        "blocks": found.blocks,
        "candidates": found.candidates,
        "objective": found.objective,
        "bound": found.bound,
        "gap": found.gap,
        "proven": found.proven,
        "peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def spread(workers: int) -> dict[str, Any]:
    """Walk every council's unions in worker processes that have been started and have compiled."""
    import geo_devolve as gd
    from geo_devolve.processes import Processes

    england, scenario = gd.load_geography("england-2017"), gd.load_scenario("reform-2017")
    with Processes(workers) as executor:
        warm = scenario.replace(blocks=("upper_tier",), engine="stream")
        gd.Problem(england, warm, executor=executor).solve()
        council_level = scenario.replace(blocks=(), engine="stream", time_limit_s=600)
        began = time.perf_counter()
        found = gd.Problem(england, council_level, executor=executor).solve().certificate
        return {"seconds": time.perf_counter() - began, "proven": found.proven}


def gerrychain(method: str, seconds: float, seed: int) -> dict[str, Any]:
    """Optimise the same objective with GerryChain, from a partition that obeys the same bounds."""
    import warnings

    warnings.simplefilter("ignore")
    import numpy as np
    from gerrychain import Partition, constraints, proposals
    from gerrychain.optimization import SingleMetricOptimizer
    from gerrychain.tree import bipartition_tree
    from gerrychain.updaters import Tally

    import geo_devolve as gd
    from geo_devolve.objective.terms import union_terms
    from geo_devolve.objective.units import members_of, to_masks
    from geo_devolve.optimise.asked.prepared import prepare

    random.seed(seed)
    england = gd.load_geography("england-2017")
    scenario = gd.load_scenario("reform-2017").replace(blocks=())
    units = prepare(england, scenario).units
    weights = np.array(scenario.term_weights)
    codes = list(england.councils.index)
    number = {code: at for at, code in enumerate(codes)}
    graph = england.graph()
    for code, at in number.items():
        graph.nodes[code]["number"] = at
    lower, upper = scenario.population or (0.0, np.inf)
    start = _begin(units, weights, seed)
    known: dict[frozenset[Any], float] = {}

    def objective(partition: Any) -> float:
        fresh = [part for part in map(frozenset, partition.parts.values()) if part not in known]
        if fresh:
            flags = np.zeros((len(fresh), units.n), dtype=bool)
            for row, part in enumerate(fresh):
                flags[row, [partition.graph.node_data(node)["number"] for node in part]] = True
            costs = union_terms(units, members_of(to_masks(flags), units.n)) @ weights
            known.update(zip(fresh, costs.tolist(), strict=True))
        return sum(known[frozenset(part)] for part in partition.parts.values())

    def bounded(partition: Any) -> bool:
        return all(lower <= people <= upper for people in partition["people"].values())

    cut = partial(bipartition_tree, max_attempts=200, allow_pair_reselection=True)
    recombine = partial(
        proposals.recom,
        pop_col="population",
        pop_target=(lower + upper) / 2,
        epsilon=(upper - lower) / (upper + lower),
        node_repeats=1,
        method=cut,
    )
    assignment = {code: int(start[number[code]]) for code in codes}
    first = Partition(graph, assignment, updaters={"people": Tally("population", alias="people")})
    optimiser = SingleMetricOptimizer(
        proposal=recombine,
        constraints=constraints.Validator([bounded, constraints.contiguous]),
        initial_state=first,
        optimization_metric=objective,
        maximize=False,
    )
    began = time.perf_counter()
    steps = 0
    many = 100_000_000
    if method == "short bursts":
        chain = optimiser.short_bursts(burst_length=10, num_bursts=many)
    elif method == "annealing":
        cooling = optimiser.jumpcycle_beta_function(duration_hot=100, duration_cold=400)
        chain = optimiser.simulated_annealing(many, cooling, beta_magnitude=1000.0)
    else:
        chain = optimiser.tilted_run(many, p=0.05)
    for _ in chain:
        steps += 1
        if time.perf_counter() - began > seconds:
            break
    return {"objective": float(optimiser.best_score), "start": objective(first), "steps": steps}


def _begin(units: Any, weights: Any, seed: int) -> Any:
    """Return a partition within the bounds, not optimised."""
    import numpy as np

    from geo_devolve.optimise.annealing.anneal import Schedule, anneal
    from geo_devolve.optimise.annealing.partition import grow
    from geo_devolve.optimise.program.prices import Prices
    from geo_devolve.optimise.walk.search import Search

    search = Search(units, np.zeros(len(weights)))
    charges = search.charges(Prices(np.zeros(units.n), 0.0, np.zeros(0)))
    pool, keys = np.zeros((2, units.words), dtype=np.uint64), np.zeros(8, dtype=np.uint64)
    for attempt in range(20):
        area_of = grow(units, 38, np.random.default_rng(seed + attempt))
        best = area_of.copy()
        plan = Schedule(200_000, 1e-3, 1e-4, 1.0, 1.0, 0.05, seed)
        stop = np.zeros(1, dtype=np.int64)
        limit = units.rules.cap_limit
        _, _, broken = anneal(search.flat, charges, limit, area_of, 38, plan, pool, keys, best, stop)
        if broken == 0.0:
            return best
    raise RuntimeError("no start within the bounds was found")


def in_a_process(*job: str) -> dict[str, Any]:
    """Run one job of this module in a process of its own and return what it prints."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.optimise", "--job", *job]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return json.loads(done.stdout.strip().splitlines()[-1])


def _job(kind: str, *given: str) -> dict[str, Any]:
    if kind == "gerrychain":
        return gerrychain(given[0], float(given[1]), int(given[2]))
    if kind == "spread":
        return spread(int(given[0]))
    blocks = tuple(given[0].split(",")) if given[0] else ()
    return solve(blocks, given[1], float(given[2]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3, help="repetitions, of which the median counts")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each of GerryChain's optimisers")
    parser.add_argument("--only", nargs="*", choices=tuple(CASES), default=tuple(CASES))
    parser.add_argument("--job", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.job:
        print(json.dumps(_job(*given.job)))
        return
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    best = float("inf")
    for method in METHODS:
        runs = [
            in_a_process("gerrychain", method, str(given.seconds), str(seed)) for seed in range(given.repeat)
        ]
        middle = median(run["objective"] for run in runs)
        best = min(best, *(run["objective"] for run in runs))
        steps = median(run["steps"] for run in runs)
        print(
            f"GerryChain, {method:<13} {middle:9.6f} after {given.seconds:.0f} s, "
            f"{steps:,.0f} steps from {runs[0]['start']:.4f}"
        )
    print(f"{'blocks':<14}{'engine':<10}{'units':>6}{'candidates':>22}{'seconds':>9}{'most':>7}"
          f"{'objective':>12}{'gap':>10}{'MB':>7}{'of GerryChain':>15}")  # fmt: skip
    for name in given.only:
        blocks, engine, budget = CASES[name]
        runs = [
            in_a_process("solve", ",".join(blocks), engine, str(max(budget, 60.0)))
            for _ in range(given.repeat)
        ]
        _print_row(name, runs, budget, best)
    one, two = (
        median(in_a_process("spread", str(workers))["seconds"] for _ in range(given.repeat))
        for workers in (1, 2)
    )
    print(
        f"none, one worker process {one:.1f} s, two {two:.1f} s: {two / one:.2f} of one's time (at most 0.6)"
    )


def _print_row(name: str, runs: list[dict[str, Any]], budget: float, best: float) -> None:
    run = sorted(runs, key=lambda each: each["seconds"])[len(runs) // 2]
    gap = "proven" if run["proven"] else f"{run['gap']:.4%}"
    over = " !" if run["seconds"] > 1.1 * budget or run["peak MB"] > MOST_MB else ""
    print(
        f"{name:<14}{run['engine']:<10}{run['blocks']:>6}{run['candidates']:>22,}{run['seconds']:>9.2f}"
        f"{budget:>7.0f}{run['objective']:>12.7f}{gap:>10}{run['peak MB']:>7.0f}"
        f"{run['objective'] / best:>15.4f}{over}"
    )


if __name__ == "__main__":
    main()
