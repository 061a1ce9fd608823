"""What judging a national plan takes: score, what-ifs, yardsticks, cards, stability, money.

Run as ``python -m benchmarks.plan`` on a quiet machine. Every figure but stability's is the median of
five runs on a loaded geography; stability solves its weightings once, in as many processes as asked for.
"""

import argparse
import os
import platform
import resource
import time
from collections.abc import Callable
from statistics import median

LIMITS = {"score": 0.2, "all what-ifs": 2.0, "weightings": 180.0}


def timed(work: Callable[[], object], times: int = 5) -> float:
    """Return the median of the seconds that some work takes."""
    laps = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        laps.append(time.perf_counter() - began)
    return median(laps)


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--draws", type=int, default=200, help="weightings to solve")
    options.add_argument("--workers", type=int, default=2, help="processes to solve them in")
    asked = options.parse_args()
    import geo_devolve as gd
    from geo_devolve.plan.cards import cards
    from geo_devolve.plan.funding import grants, load_funding
    from geo_devolve.plan.government import government
    from geo_devolve.plan.moves import moves
    from geo_devolve.plan.outcomes import outcomes
    from geo_devolve.plan.stability import by_number_of_areas, stability
    from geo_devolve.plan.yardsticks import yardsticks
    from geo_devolve.processes import Processes

    england, scenario = gd.load_geography("england-2017"), gd.load_scenario("reform-2017")
    plan = gd.propose(england, scenario)
    funding, found = load_funding("vive-la-devolution"), moves(plan)
    figures = {
        "score": timed(lambda: gd.score(england, plan.assignment, scenario)),
        "all what-ifs": timed(lambda: moves(plan)),
        "cards of all areas": timed(lambda: cards(plan, found)),
        "compare": timed(lambda: gd.compare(plan, plan)),
        "yardsticks, 100 random plans": timed(lambda: yardsticks(plan, 100), times=1),
        "government": timed(lambda: government(plan)),
        "grants, 4 programmes and 5 years": timed(lambda: grants(plan, funding)),
        "outcomes": timed(lambda: outcomes(plan)),
    }
    began = time.perf_counter()
    with Processes(asked.workers) as pool:
        result = stability(plan, asked.draws, executor=pool)
    figures["weightings"] = time.perf_counter() - began
    figures["30 to 46 areas"] = timed(lambda: by_number_of_areas(plan), times=1)

    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{len(found):,} moves; {asked.draws} weightings in {asked.workers} processes")
    for name, seconds in figures.items():
        limit = f"  (at most {LIMITS[name]:g})" if name in LIMITS else ""
        print(f"{name:36}{seconds:10.3f} s{limit}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'peak memory of this process':36}{peak:10.0f} MB")
    print(result.summary())


if __name__ == "__main__":
    main()
