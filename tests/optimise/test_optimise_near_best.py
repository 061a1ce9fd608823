"""Near-best plans against all plans there are."""

import numpy as np
import pytest
from drawn import draw
from partition_oracle import Oracle
from small_instances import random_geography, random_scenario

from geo_devolve.errors import InfeasibleError, UsageError
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


def test_a_senseless_number_is_refused() -> None:
    with pytest.raises(UsageError, match="most must be at least 1"):
        near_best(draw("AB"), Scenario(areas=1), most=0)
