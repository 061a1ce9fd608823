"""The checker and the engines agree on decimals, on parallel crossings and on councils without people."""

from itertools import combinations, permutations
from pathlib import Path

import networkx as nx
import pytest
from certified import write

import geo_devolve as gd


@pytest.mark.parametrize("order", list(permutations(["0.1", "0.2", "0.3"])))
def test_areas_of_exactly_the_most_people_are_verified(order: tuple[str, ...], tmp_path: Path) -> None:
    graph = nx.Graph(combinations(range(4), 2))
    for node, people in enumerate([*order, "0.6"]):
        graph.nodes[node]["pop"] = float(people)
    scenario = gd.Scenario(areas=2, population=(0.5, 0.6), weights={"compactness": 1})
    plan = gd.propose(gd.Geography.from_graph(graph), scenario)
    verdict = gd.verify(write(plan, tmp_path / "out"))
    assert verdict.verified, verdict.reasons


def test_parallel_crossings_and_a_council_without_people_are_verified(tmp_path: Path) -> None:
    graph = nx.MultiGraph()
    for node, people, body in zip("abcd", (10, 0, 10, 10), "xxyy", strict=True):
        graph.add_node(node, pop=people, L=body)
    graph.add_edge("a", "b", length_m=5)
    graph.add_edge("c", "d", length_m=5)
    for kind in ("none", "ferry", "bridge"):
        graph.add_edge("b", "c", length_m=0, kind=kind)
    scenario = gd.Scenario(
        areas=2,
        population=(5, 25),
        weights={"balance": 1},
        constraints={"within": ["L"]},
        crossings=("ferry",),
    )
    plan = gd.propose(gd.Geography.from_graph(graph, layers=["L"]), scenario)
    verdict = gd.verify(write(plan, tmp_path / "out"))
    assert verdict.verified, verdict.reasons
