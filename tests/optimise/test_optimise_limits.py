"""Large countries end at the time limit and at Ctrl-C, whatever is being done: real processes, real signals.

How soon is measured by ``benchmarks/limits.py``; here an end must come at all, long before the work is done.
"""

import signal
import subprocess
import sys
import time

import networkx as nx
import numpy as np
import pytest

import geo_devolve as gd
from geo_devolve.clock import NEVER, Deadline, TimeUpError
from geo_devolve.cores import in_thread, in_threads
from geo_devolve.objective.gather import council_units
from geo_devolve.optimise.annealing.partition import grow
from geo_devolve.optimise.compiled.flat import flatten
from geo_devolve.optimise.listed.how_many import estimate_listing
from geo_devolve.optimise.listed.listing import count_each, list_candidates

CHILD = """
import signal, sys
import networkx as nx
import geo_devolve as gd

signal.signal(signal.SIGINT, signal.default_int_handler)
kind, seconds = sys.argv[1], float(sys.argv[2])
graph = {
    "path": lambda: nx.path_graph(3_000),
    "star": lambda: nx.star_graph(2_999),
    "grid": lambda: nx.convert_node_labels_to_integers(nx.grid_2d_graph(55, 55)),
}[kind]()
for node in graph:
    graph.nodes[node]["pop"] = 1_000 + node * 7_919 % 1_000
geography = gd.Geography.from_graph(graph)
scenario = gd.Scenario(areas=30, weights={"compactness": 1}, blocks=[], time_limit_s=seconds)
print("ready", flush=True)
try:
    plan = gd.propose(geography, scenario)
except gd.NoPlanInTimeError as error:
    print("none:", error)
except KeyboardInterrupt:
    print("none: interrupted")
else:
    print("plan:", plan.certificate.stopped, len(plan.areas))
"""


def child(kind: str, seconds: float) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", CHILD, kind, str(seconds)], stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("kind", ["path", "star", "grid"])
@pytest.mark.parametrize("wait", [0.2, 4.0])
def test_ctrl_c_ends_it_at_any_moment(kind: str, wait: float) -> None:
    with child(kind, 3_600.0) as running:
        assert running.stdout is not None
        while running.stdout.readline() != "ready\n":
            assert running.poll() is None
        time.sleep(wait)
        running.send_signal(signal.SIGINT)
        said, _ = running.communicate(timeout=120)
        assert running.returncode == 0
    assert said.splitlines()[-1].startswith(("none: ", "plan: "))


@pytest.mark.parametrize("kind", ["path", "star", "grid"])
def test_the_time_limit_ends_it(kind: str) -> None:
    with child(kind, 2.0) as running:
        said, _ = running.communicate(timeout=240)
        assert running.returncode == 0
    last = said.splitlines()[-1]
    assert last.startswith("none: no plan was found in 2 s") or last == "plan: time limit 30"


def path(councils: int) -> gd.Geography:
    graph = nx.path_graph(councils)
    nx.set_node_attributes(graph, 1.0, "pop")
    return gd.Geography.from_graph(graph)


def units_of(geography: gd.Geography):
    return council_units(geography, gd.Scenario(areas=4, weights={"compactness": 1}))


def test_what_is_stopped_says_that_the_time_is_up() -> None:
    def wait(stop: "np.ndarray") -> None:
        while stop[0] == 0:
            time.sleep(0.001)

    with pytest.raises(TimeUpError):
        in_thread(wait, Deadline.after(0.01))
    with pytest.raises(TimeUpError):
        grow(units_of(path(20)), 4, np.random.default_rng(0), Deadline.after(-1.0))
    graph = nx.complete_graph(60)
    nx.set_node_attributes(graph, 1.0, "pop")
    endless = units_of(gd.Geography.from_graph(graph))
    with pytest.raises(TimeUpError):
        count_each(flatten(endless), 10**12, Deadline.after(0.1))
    with pytest.raises(TimeUpError):
        list_candidates(endless, limit=10**12, deadline=Deadline.after(0.1))


def test_an_estimate_that_is_cut_off_is_still_one() -> None:
    units = units_of(path(60))
    assert estimate_listing(units, exact=10_000) == 60 * 61 / 2
    graph = nx.convert_node_labels_to_integers(nx.grid_2d_graph(30, 30))
    nx.set_node_attributes(graph, 1.0, "pop")
    large = units_of(gd.Geography.from_graph(graph))
    assert estimate_listing(large, deadline=Deadline.after(0.5)) > 1e12


def test_work_in_threads_comes_in_order_and_stops_when_its_answers_are_not_wanted() -> None:
    stops = []

    def work(item: int, stop: "np.ndarray") -> int:
        stops.append(stop)
        return item * item

    assert list(in_threads(work, list(range(1_000)))) == [item * item for item in range(1_000)]
    answers = in_threads(work, [1, 2, 3], NEVER)
    assert next(answers) == 1
    answers.close()
    assert stops[-1][0] == 1
    assert in_thread(lambda stop: int(stop[0])) == 0


def test_work_that_fails_tells_so() -> None:
    def fail(_item: int, _stop: "np.ndarray") -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        list(in_threads(fail, [1]))
