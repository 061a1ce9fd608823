"""The optimiser against an oracle that looks at every plan."""

import os
from itertools import combinations

import numpy as np
import pytest
from partition_oracle import Oracle
from small_instances import KINDS, random_geography, random_scenario

from geo_devolve.errors import DataError, InfeasibleError, ScenarioError
from geo_devolve.optimise.problem import Problem

pytestmark = pytest.mark.slow

INSTANCES = int(os.environ.get("GEO_DEVOLVE_ORACLE_INSTANCES", "200"))
EACH = max(1, INSTANCES // 100)


def agrees(seed: int, kinds: tuple[str, ...], blocks: tuple[str, ...] = (), engine: str = "auto") -> str:
    """Solve one instance both ways; returns the verdict they agree on."""
    random = np.random.default_rng(seed)
    geography = random_geography(random, int(random.integers(3, 10)))
    try:
        scenario = random_scenario(random, geography, kinds).replace(blocks=blocks, engine=engine)
        scenario.check(geography)
    except (ScenarioError, DataError):
        return "refused"
    answer = Oracle(geography, scenario).solve()
    try:
        solution = Problem(geography, scenario).solve()
    except InfeasibleError:
        assert not answer.objectives, f"seed {seed}: said to be infeasible, but {answer.objectives}"
        return "infeasible"
    except ScenarioError:
        return "refused"
    certificate = solution.certificate
    assert answer.objectives, f"seed {seed}: a plan where there is none"
    assert certificate.proven
    assert certificate.objective == pytest.approx(answer.objective, abs=1e-9)
    assert certificate.bound == pytest.approx(answer.objective, abs=1e-9)
    for result in certificate.by_count:
        if result.areas in answer.objectives:
            assert result.objective == pytest.approx(answer.objectives[result.areas], abs=1e-9)
        else:
            assert result.status == "infeasible"
    areas = {
        sum(1 << list(geography.councils.index).index(code) for code in group) for group in solution.groups
    }
    assert any(set(plan) == areas for plan, _ in Oracle(geography, scenario).plans())
    return "solved"


def test_unconstrained_instances_agree() -> None:
    verdicts = [agrees(seed, ("population",) if seed % 2 else ()) for seed in range(EACH * 20)]
    assert verdicts.count("solved") >= EACH * 8
    assert verdicts.count("infeasible") >= 1


def test_blocks_of_layers_agree() -> None:
    verdicts = [agrees(1000 + seed, ("population",), ("whole", "split")) for seed in range(EACH * 10)]
    assert "solved" in verdicts


@pytest.mark.parametrize("kind", KINDS)
def test_streaming_agrees(kind: str) -> None:
    for seed in range(EACH):
        agrees(9000 + seed * 17 + KINDS.index(kind), (kind, "population"), engine="stream")


@pytest.mark.parametrize("kind", KINDS)
def test_each_constraint_alone_agrees(kind: str) -> None:
    verdicts = [agrees(2000 + seed, (kind,)) for seed in range(EACH * 3)]
    assert set(verdicts) & {"solved", "infeasible"}


@pytest.mark.parametrize("pair", list(combinations(KINDS, 2)), ids="-".join)
def test_constraints_in_pairs_agree(pair: tuple[str, str]) -> None:
    for seed in range(EACH):
        agrees(5000 + seed * 101 + KINDS.index(pair[0]) * 7 + KINDS.index(pair[1]), pair)
