"""What is made ready once is used again exactly where it is the same."""

import pickle
from dataclasses import fields, is_dataclass
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from drawn import draw
from hypothesis import given, settings
from hypothesis import strategies as st
from small_instances import KINDS, random_geography, random_scenario

from geo_devolve.errors import GeoDevolveError
from geo_devolve.geography.model import Geography
from geo_devolve.objective.gather import council_units, make_units
from geo_devolve.optimise.asked.prepared import prepare, same_plans, same_sums
from geo_devolve.optimise.problem import Problem
from geo_devolve.scenario import Scenario


def same(one: Any, other: Any) -> bool:
    """Whether two arrays, tables or dataclasses of such are equal to the last bit."""
    if is_dataclass(one):
        return all(same(getattr(one, each.name), getattr(other, each.name)) for each in fields(one))
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.tobytes() == other.tobytes()
    if isinstance(one, pd.Series):
        return one.equals(other)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def changed(random: np.random.Generator, scenario: Scenario) -> Scenario:
    """Other weights, rules, bounds, numbers and time, the same blocks and terms."""
    rules = ("whole", "nest", "match")
    return scenario.replace(
        name="changed",
        weights={"need": float(random.random()), "balance": float(random.random())},
        layers={
            name: {"rule": str(random.choice(rules)), "weight": float(random.random())}
            for name in scenario.layers
        },
        areas=[int(random.integers(1, 3)), int(random.integers(3, 5))],
        population=None if random.random() < 0.3 else [float(random.integers(0, 50)), 1e6],
        time_limit_s=500,
    )


@given(seed=st.integers(0, 10**6))
@settings(max_examples=60)
def test_what_is_used_again_is_what_would_be_made_afresh(seed: int) -> None:
    random = np.random.default_rng(seed)
    geography = random_geography(random, int(random.integers(4, 9)))
    kinds = tuple(str(kind) for kind in random.choice(KINDS, size=2, replace=False))
    scenario = random_scenario(random, geography, kinds)
    other = changed(random, scenario)
    try:
        kept = prepare(geography, scenario)
    except GeoDevolveError:
        return
    assert same_sums(scenario, other)
    assert same(prepare(geography, other, kept), prepare(geography, other))
    alone = [(code,) for code in geography.councils.index]
    council_units(geography, scenario)  # keeps them
    assert same(council_units(geography, other), make_units(geography, other, alone))


def test_what_differs_in_blocks_or_terms_is_made_afresh(grid3x3: Geography) -> None:
    asked = Scenario(areas=3, themes=["health"], layers={"thirds": {"rule": "match", "weight": 1.0}})
    kept = prepare(grid3x3, asked)
    for change in (
        {"blocks": ["thirds"]},
        {"themes": ["employment"]},
        {"layers": {"halves": {"rule": "match", "weight": 1.0}}},
        {"crossings": ["bridge"]},
        {"min_border_m": 11_000},
        {"constraints": {"max_councils": 3}},
        {"constraints": {"together": [["A", "B"]]}},
    ):
        other = asked.replace(**change)
        assert not same_sums(asked, other)
        assert same(prepare(grid3x3, other, kept), prepare(grid3x3, other))
        assert prepare(grid3x3, other, kept).blocks is not kept.blocks
    assert same_plans(asked, asked.replace(weights={"need": 3.0}, seed=4))
    assert not same_plans(asked, asked.replace(areas=4))
    assert not same_plans(asked, asked.replace(population=[0, 1e6]))


def test_a_problem_refuses_a_changed_scenario_as_a_new_one_does(grid3x3: Geography) -> None:
    asked = Scenario(areas=3, weights={"compactness": 1.0})
    problem = Problem(grid3x3, asked)
    for change in ({"areas": 20}, {"population": [4000, 5000]}, {"constraints": {"max_councils": 2}}):
        other = asked.replace(**change)
        said = []
        for solve in (
            lambda other=other: problem.solve(other),
            lambda other=other: Problem(grid3x3, other).solve(),
        ):
            with pytest.raises(GeoDevolveError) as raised:
                solve()
            said.append(str(raised.value))
        assert said[0] == said[1]
        assert problem.solve(asked.replace(weights={"balance": 1.0})).certificate.proven


def test_the_kept_graph_is_the_graph_and_cannot_be_changed() -> None:
    geography = draw("ab\ncd")
    kept = geography.neighbours()
    assert kept is geography.neighbours(crossings=("tunnel", "bridge", "ferry"))
    assert kept is not geography.neighbours(min_border_m=20_000)
    assert list(kept.nodes(data=True)) == list(geography.graph().nodes(data=True))
    assert list(kept.edges(data=True)) == list(geography.graph().edges(data=True))
    with pytest.raises(nx.NetworkXError):
        kept.add_edge("a", "z")
    geography.graph().add_edge("a", "z")
    assert "z" not in geography.graph()


def test_what_is_kept_is_not_sent_along() -> None:
    geography = draw("ab\ncd", layers={"half": "xx\nyy"})
    before = pickle.dumps(geography)
    geography.neighbours()
    people = geography.people("half")
    assert pickle.dumps(geography) == before
    arrived = pickle.loads(before)
    assert (arrived.people("half") != people).nnz == 0
