"""Made-up maps with bounds so tight that few plans, or a single one, are possible."""

import itertools
import math
from collections.abc import Hashable, Iterable

import networkx as nx
import numpy as np
from scipy.spatial import Delaunay

TOTAL = 1_000_000


def map_graph(n: int, seed: int) -> nx.Graph:
    """Return a map of n places, neighbours by triangulation; a border is as long as a random number says."""
    rng = np.random.default_rng(seed)
    triangles = np.sort(Delaunay(rng.random((n, 2))).simplices, axis=1).tolist()
    pairs = sorted({pair for corners in triangles for pair in itertools.combinations(corners, 2)})
    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from((one, other, {"length_m": int(rng.integers(1_000, 40_000))}) for one, other in pairs)
    return graph


def skew(graph: nx.Graph, sigma: float, seed: int) -> nx.Graph:
    """Give each place people, few of them most: log-normal, of spread sigma."""
    rng = np.random.default_rng(seed)
    for node in graph:
        graph.nodes[node]["pop"] = int(1_000 * rng.lognormal(3.0, sigma)) + 1
    return graph


def plant(graph: nx.Graph, areas: int, sigma: float, seed: int) -> list[frozenset[int]]:
    """Divide a graph at random, and give each part the same number of people; returns the parts."""
    rng = np.random.default_rng(seed)
    while True:
        parts = _grow(graph, areas, rng)
        if min(map(len, parts)) >= max(2, len(graph) // areas // 3):
            break
    for part in parts:
        share = rng.lognormal(0.0, sigma, len(part))
        people = np.maximum(1, np.floor(TOTAL * share / share.sum())).astype(np.int64)
        people[np.argmax(people)] += TOTAL - people.sum()
        for node, many in zip(sorted(part), people.tolist(), strict=True):
            graph.nodes[node]["pop"] = many
    return parts


def _grow(graph: nx.Graph, areas: int, rng: np.random.Generator) -> list[frozenset[int]]:
    of = {int(node): area for area, node in enumerate(rng.choice(len(graph), areas, replace=False))}
    while len(of) < len(graph):
        edges = sorted((node, of[near]) for near in of for node in graph[near] if node not in of)
        node, area = edges[int(rng.integers(len(edges)))]
        of[node] = area
    return [frozenset(node for node in of if of[node] == area) for area in range(areas)]


def thin(graph: nx.Graph, share: float, seed: int) -> None:
    """Take a share of the edges out, at random, and leave it connected."""
    rng = np.random.default_rng(seed)
    kept = {frozenset(edge) for edge in nx.minimum_spanning_edges(graph, weight="length_m", data=False)}
    for edge in sorted(graph.edges):
        if frozenset(edge) not in kept and rng.random() < share:
            graph.remove_edge(*edge)


def count_cuts(graph: nx.Graph) -> None:
    """Make every border 1 m long, so that compactness counts the pairs of neighbours that are parted."""
    nx.set_edge_attributes(graph, 1, "length_m")


def bounds(graph: nx.Graph, areas: int, share: float = 0.005) -> tuple[int, int]:
    """Return whole numbers of people within a share of an equal one."""
    people = sum(nx.get_node_attributes(graph, "pop").values())
    return math.ceil(people / areas * (1 - share)), math.floor(people / areas * (1 + share))


def is_plan(
    graph: nx.Graph, groups: Iterable[Iterable[Hashable]], areas: int, limits: tuple[float, float]
) -> bool:
    """Tell whether groups are a plan: each place once, each area connected and within its bounds."""
    parts = [frozenset(group) for group in groups]
    everyone = sorted(node for part in parts for node in part)
    return (
        len(parts) == areas
        and everyone == sorted(graph)
        and all(nx.is_connected(graph.subgraph(part)) for part in parts)
        and all(limits[0] <= sum(graph.nodes[node]["pop"] for node in part) <= limits[1] for part in parts)
    )


def cut(graph: nx.Graph, groups: Iterable[Iterable[Hashable]]) -> float:
    """Return the share of border between groups, by the definition; a border without a length is 1 m."""
    of = {node: number for number, group in enumerate(groups) for node in group}
    lengths = {(one, other): data.get("length_m", 1) for one, other, data in graph.edges(data=True)}
    return sum(m for (one, other), m in lengths.items() if of[one] != of[other]) / sum(lengths.values())


def all_plans(graph: nx.Graph, areas: int, limits: tuple[float, float]) -> list[list[frozenset[int]]]:
    """Return every plan, by trying all: the first place left is in some area; each in turn, then the rest."""
    people = nx.get_node_attributes(graph, "pop")

    def divide(left: frozenset[int], areas: int) -> list[list[frozenset[int]]]:
        if areas == 0 or not left:
            return [[]] if areas == 0 and not left else []
        return [
            [area, *rest] for area in connected(min(left), left) for rest in divide(left - area, areas - 1)
        ]

    def connected(start: int, left: frozenset[int]) -> list[frozenset[int]]:
        seen, waiting, found = {frozenset([start])}, [frozenset([start])], []
        while waiting:
            area = waiting.pop()
            many = sum(people[node] for node in area)
            if limits[0] <= many <= limits[1]:
                found.append(area)
            for near in {near for node in area for near in graph[node]} & left - area:
                larger = area | {near}
                if larger not in seen and many + people[near] <= limits[1]:
                    seen.add(larger)
                    waiting.append(larger)
        return found

    return divide(frozenset(graph), areas)
