"""What the optimiser proposes keeps every rule as the faults see them; nothing that keeps them is better."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest
from drawn import draw
from drawn import random_geography as new_random_geography

from geo_devolve.errors import InfeasibleError
from geo_devolve.plan.plan import Plan
from geo_devolve.plan.propose import propose
from geo_devolve.scenario import Scenario

random_geography = cache(new_random_geography)

CONSTRAINTS: list[dict[str, Any]] = [
    {},
    {"together": [["C000", "C005"]]},
    {"apart": [["C001", "C002"], ["C003", "C004"]]},
    {"within": ["layer0"]},
    {"whole": ["layer0:*"]},
    {"max_councils": 3},
    {"max_extent_km": 25},
    {"max_areas_in_body": {"layer0": 2}},
    {"max_bodies_in_area": {"layer1": 2}},
    {"locked": [{"name": "corner", "councils": ["C000"], "exempt": True}]},
]


def asked(geography: Any, constraints: dict[str, Any], areas: int = 3) -> Scenario:
    mean = geography.population / areas
    return Scenario(
        areas=areas,
        population=(0.3 * mean, 2.0 * mean),
        themes=("theme0",),
        weights={"need": 1.0, "compactness": 0.5},
        layers={"layer0": {"rule": "match", "weight": 1.0}, "layer1": {"rule": "whole", "weight": 0.5}},
        constraints=constraints,
    )


def partitions(items: list[Any], most: int) -> Iterator[list[list[Any]]]:
    """Every way to part items into at most so many groups."""
    if not items:
        yield []
        return
    first, *rest = items
    for groups in partitions(rest, most):
        for place in range(len(groups)):
            yield [*groups[:place], [first, *groups[place]], *groups[place + 1 :]]
        if len(groups) < most:
            yield [[first], *groups]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("constraints", CONSTRAINTS, ids=lambda each: next(iter(each), "none"))
def test_no_plan_without_a_fault_is_better(seed: int, constraints: dict[str, Any]) -> None:
    geography = random_geography(seed, 6)
    scenario = asked(geography, constraints)
    rules = Plan.from_groups(geography, scenario, [list(geography.councils.index)]).rules
    best = np.inf
    for groups in partitions(list(geography.councils.index), 3):
        if len(groups) == 3 and not any(rules.area_faults("", group) for group in groups):
            plan = Plan.from_groups(geography, scenario, groups)
            if not plan.faults:
                best = min(best, plan.objective)
    if best == np.inf:
        with pytest.raises(InfeasibleError):
            propose(geography, scenario)
    else:
        found = propose(geography, scenario)
        assert found.faults == ()
        assert found.objective == pytest.approx(best, abs=1e-9)


def test_a_proposed_plan_is_numbered_certified_and_told() -> None:
    geography = draw("ABX.Y\nCD...", crossings=[("X", "Y", "ferry")], layers={"l": "nnn.n\nss..."})
    scenario = Scenario(areas=2, weights={"compactness": 1}, layers={"l": {"rule": "match", "weight": 1}})
    plan = propose(geography, scenario)
    assert plan.assignment.to_dict() == dict.fromkeys("ABXY", "A01") | dict.fromkeys("CD", "A02")
    assert plan.names.to_dict() == {"A01": "n", "A02": "s"}
    assert plan.certificate is not None
    assert plan.certificate.proven
    assert plan.notes[-1] == "Area A01 n hangs together only by a ferry."
