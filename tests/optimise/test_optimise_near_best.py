"""Near-best plans against all plans there are."""

import networkx as nx
import numpy as np
import pytest
from drawn import draw
from partition_oracle import Oracle
from small_instances import random_geography, random_scenario

from geo_devolve.errors import InfeasibleError, UsageError
from geo_devolve.geography.model import Geography
from geo_devolve.optimise.near_best import near_best
from geo_devolve.scenario import Scenario


@pytest.mark.parametrize("seed", range(12))
def test_the_best_n_are_the_best_of_all_plans(seed: int) -> None:
    random = np.random.default_rng(300 + seed)
    geography = random_geography(random, int(random.integers(5, 9)))
    kinds = (("range",), ("max_areas_in_body",), ("locked",), ())[seed % 4]
    scenario = random_scenario(random, geography, kinds)
    every = sorted(cost for _, cost in Oracle(geography, scenario).plans())
    if not every:
        with pytest.raises(InfeasibleError):
            near_best(geography, scenario)
        return
    found = near_best(geography, scenario, most=15)
    assert found.complete
    assert len(found.plans) == min(15, len(every))
    assert [plan.objective for plan in found.plans] == pytest.approx(every[:15], abs=1e-8)
    assert len({frozenset(map(frozenset, plan.groups)) for plan in found.plans}) == len(found.plans)
    assert [plan.rank for plan in found.plans] == list(range(1, len(found.plans) + 1))


def test_all_plans_within_a_margin_and_no_other() -> None:
    random = np.random.default_rng(7)
    geography = random_geography(random, 8)
    scenario = random_scenario(random, geography, ())
    every = sorted(cost for _, cost in Oracle(geography, scenario).plans())
    ceiling = every[0] * 1.1
    found = near_best(geography, scenario, most=10_000, within=0.1)
    assert found.complete
    assert len(found.plans) == sum(cost <= ceiling + 1e-9 for cost in every)
    assert all(plan.excess <= 0.1 + 1e-8 for plan in found.plans)


def ring(layer: str = "AABBCC") -> Geography:
    graph = nx.cycle_graph(6)
    for node in graph:
        graph.nodes[node].update(pop=10, L=layer[node])
    return Geography.from_graph(graph, layers=["L"])


@pytest.mark.parametrize(
    "weights", [{}, {"compactness": 1e-5}, {"compactness": 1e-9}, {"compactness": 0.0, "balance": 1e-7}]
)
@pytest.mark.parametrize("most", [1, 2, 5, 19, 20, 100])
@pytest.mark.slow
def test_plans_above_an_optimum_of_nothing_or_next_to_it(weights: dict[str, float], most: int) -> None:
    geography = ring()
    scenario = Scenario(areas=3, layers={"L": {"rule": "match", "weight": 1.0}}, weights=weights)
    every = sorted(cost for _, cost in Oracle(geography, scenario).plans())
    assert len(every) == 20  # three cuts of six
    found = near_best(geography, scenario, most=most)
    assert found.complete
    assert [plan.objective for plan in found.plans] == pytest.approx(every[:most], rel=1e-9, abs=1e-13)
    assert len({frozenset(map(frozenset, plan.groups)) for plan in found.plans}) == len(found.plans)
    assert (found.margin == np.inf) == (most > 20 or every[0] == 0)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("size", [1.0, 1e-6, 0.0])
def test_all_plans_there_are_whatever_their_objectives(seed: int, size: float) -> None:
    random = np.random.default_rng(700 + seed)
    geography = random_geography(random, int(random.integers(5, 7)))
    scenario = random_scenario(random, geography, ())
    scenario = scenario.replace(
        weights={key: size * weight for key, weight in scenario.weights.items()},
        layers={
            name: {"rule": term.rule, "weight": term.weight * (size if at else 1.0)}
            for at, (name, term) in enumerate(scenario.layers.items())
        },
    )
    every = sorted(cost for _, cost in Oracle(geography, scenario).plans())
    if not every:
        with pytest.raises(InfeasibleError):
            near_best(geography, scenario)
        return
    found = near_best(geography, scenario, most=10_000)
    assert found.complete
    assert found.margin == np.inf
    assert [plan.objective for plan in found.plans] == pytest.approx(every, abs=1e-9)


def test_an_excess_over_nothing_is_not_called_none() -> None:
    found = near_best(ring(), Scenario(areas=3, layers={"L": {"rule": "match", "weight": 1.0}}), most=3)
    assert [plan.excess for plan in found.plans] == [0.0, np.inf, np.inf]
    only = near_best(
        ring(), Scenario(areas=3, layers={"L": {"rule": "match", "weight": 1.0}}), most=9, within=0.5
    )
    assert [plan.objective for plan in only.plans] == [0.0]
    assert only.complete
    assert only.margin == 0.5


def test_a_senseless_number_is_refused() -> None:
    with pytest.raises(UsageError, match="most must be at least 1"):
        near_best(draw("AB"), Scenario(areas=1), most=0)
