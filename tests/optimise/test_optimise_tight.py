"""Bounds so tight that recombination cannot start, that few plans are possible, or one, or none."""

import networkx as nx
import numpy as np
import pytest
import tight_graphs as tight

import geo_devolve as gd
from geo_devolve.optimise.generate import Generate
from geo_devolve.optimise.prepare import prepare
from geo_devolve.optimise.stream import Stream
from geo_devolve.optimise.units import Units

COMPACT = np.array([0.0, 1.0, 0.0])


def scenario(areas: int, limits: tuple[float, float], **more) -> gd.Scenario:
    return gd.Scenario(areas=areas, population=limits, weights={"compactness": 1}, blocks=[], **more)


def units_of(graph: nx.Graph, areas: int, limits: tuple[float, float]) -> Units:
    return prepare(gd.Geography.from_graph(graph), scenario(areas, limits)).units


def small(seed: int) -> tuple[nx.Graph, int]:
    """Return a small map with a planted plan or with skewed people, and its number of areas."""
    rng = np.random.default_rng(seed)
    graph, areas = tight.map_graph(int(rng.integers(9, 14)), seed), int(rng.integers(2, 4))
    if seed % 4:
        tight.plant(graph, areas, float(rng.choice([0.3, 0.7, 1.2])), seed)
    else:
        tight.skew(graph, 0.7, seed)
    tight.thin(graph, 0.3, seed)
    if seed % 2:
        tight.count_cuts(graph)
    return graph, areas


@pytest.mark.parametrize("seed", range(60))
def test_every_engine_against_all_plans(seed: int) -> None:
    graph, areas = small(seed)
    limits = tight.bounds(graph, areas)
    best = min((tight.cut(graph, plan) for plan in tight.all_plans(graph, areas, limits)), default=None)
    units = units_of(graph, areas, limits)
    streamed = Stream(units, COMPACT, workers=1).solve(areas).result
    assert streamed.proven
    generated = Generate(units, COMPACT, workers=1).solve(areas).result
    if best is None:
        assert (streamed.status, generated.status) == ("infeasible", "infeasible")
        with pytest.raises(gd.InfeasibleError):
            gd.Problem(gd.Geography.from_graph(graph), scenario(areas, limits), explain=False).solve()
        return
    assert streamed.objective == pytest.approx(best, abs=1e-9)
    assert generated.objective is not None
    assert generated.objective >= best - 1e-9
    plan = gd.propose(gd.Geography.from_graph(graph), scenario(areas, limits))
    assert plan.certificate.proven
    assert plan.certificate.objective == pytest.approx(best, abs=1e-9)
