"""Another model altogether: councils assigned to areas, each area held together by a flow from its root."""

import networkx as nx
import numpy as np
import pulp
import pytest

from geo_devolve.errors import InfeasibleError
from geo_devolve.geography.model import Geography
from geo_devolve.optimise.problem import Problem
from geo_devolve.scenario import Scenario

pytestmark = pytest.mark.slow


def compact(
    graph: nx.Graph, areas: int, bounds: tuple[float, float], weights: dict[str, float]
) -> float | None:
    """The least objective of compactness and balance, None if there is no plan.

    x_va: v lies in area a, r_va: v is its root, f_ija: flow along i → j within a. Each root sends one unit
    for each council of its area, and each council keeps one.
    """
    n, total = graph.number_of_nodes(), sum(p for _, p in graph.nodes(data="pop"))
    arcs = [(i, j) for i, j in graph.edges] + [(j, i) for i, j in graph.edges]
    model = pulp.LpProblem("compact", pulp.LpMinimize)
    x = [[model.add_variable(f"x_{v}_{a}", cat="Binary") for a in range(areas)] for v in range(n)]
    root = [[model.add_variable(f"r_{v}_{a}", cat="Binary") for a in range(areas)] for v in range(n)]
    flow = {(i, j, a): model.add_variable(f"f_{i}_{j}_{a}", 0, n) for i, j in arcs for a in range(areas)}
    cut = {(i, j): model.add_variable(f"c_{i}_{j}", 0, 1) for i, j in graph.edges}
    off = [model.add_variable(f"o_{a}", 0) for a in range(areas)]
    people = [pulp.lpSum(graph.nodes[v]["pop"] * x[v][a] for v in range(n)) for a in range(areas)]
    border = sum(length for _, _, length in graph.edges(data="length_m"))
    model += weights["compactness"] / border * pulp.lpSum(
        graph.edges[e]["length_m"] * cut[e] for e in graph.edges
    ) + weights["balance"] / (2 * total) * pulp.lpSum(off)
    for v in range(n):
        model += pulp.lpSum(x[v]) == 1
        for a in range(areas):
            inward = pulp.lpSum(flow[i, j, a] for i, j in arcs if j == v)
            outward = pulp.lpSum(flow[i, j, a] for i, j in arcs if i == v)
            model += root[v][a] <= x[v][a]
            model += inward - outward >= x[v][a] - n * root[v][a]
            model += inward <= (n - 1) * x[v][a]
    for a in range(areas):
        model += pulp.lpSum(root[v][a] for v in range(n)) == 1
        model += people[a] >= bounds[0]
        model += people[a] <= bounds[1]
        model += off[a] >= people[a] - total / areas
        model += off[a] >= total / areas - people[a]
        # areas in the order of their first council, and the root is the first: no two ways to say the same
        for v in range(n):
            for w in range(v):
                model += x[w][a] <= 1 - root[v][a]
    for a in range(1, areas):
        model += (
            pulp.lpSum(v * root[v][a] for v in range(n))
            >= pulp.lpSum(v * root[v][a - 1] for v in range(n)) + 1
        )
    for i, j in graph.edges:
        for a in range(areas):
            model += cut[i, j] >= x[i][a] - x[j][a]
            model += cut[i, j] >= x[j][a] - x[i][a]
    model.solve(pulp.HiGHS(msg=False, gapRel=0.0, timeLimit=120))
    if model.sol_status == pulp.LpSolutionInfeasible:
        return None
    assert model.sol_status == pulp.LpSolutionOptimal
    return float(pulp.value(model.objective))


@pytest.mark.parametrize("seed", range(20))
def test_the_compact_model_agrees(seed: int) -> None:
    random = np.random.default_rng(seed)
    n = int(random.integers(10, 26))
    graph = nx.convert_node_labels_to_integers(nx.grid_2d_graph(5, 5))
    while graph.number_of_nodes() > n:
        graph.remove_node(random.choice([v for v in graph if v not in set(nx.articulation_points(graph))]))
    graph = nx.convert_node_labels_to_integers(graph)
    for v in graph:
        graph.nodes[v]["pop"] = float(random.integers(50, 150))
    for edge in graph.edges:
        graph.edges[edge]["length_m"] = float(random.integers(1, 20))
    areas = int(random.integers(2, 3 if n > 18 else 4 if n > 12 else 5))
    mean = sum(p for _, p in graph.nodes(data="pop")) / areas
    spread = (0.02, 0.1, 0.3)[seed % 3]
    bounds = ((1 - spread) * mean, (1 + spread) * mean)
    weights = {"compactness": 1.0, "balance": float(seed % 2)}
    expected = compact(graph, areas, bounds, weights)
    scenario = Scenario(areas=areas, population=bounds, weights=weights)
    if expected is None:
        with pytest.raises(InfeasibleError):
            Problem(Geography.from_graph(graph), scenario).solve()
        return
    certificate = Problem(Geography.from_graph(graph), scenario).solve().certificate
    assert certificate.proven
    assert certificate.objective == pytest.approx(expected, abs=1e-6)
