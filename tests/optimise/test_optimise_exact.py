"""Populations that are decimals: whatever the order they are added up in, bounds hold to the last digit."""

from dataclasses import replace
from fractions import Fraction
from itertools import combinations, permutations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_devolve.errors import GeoDevolveError, InfeasibleError
from geo_devolve.geography.layers import make_layer, members_of
from geo_devolve.geography.model import Geography
from geo_devolve.geography.tally import Tally, divide, settle
from geo_devolve.optimise.compiled.leftover import divisible
from geo_devolve.optimise.problem import Problem
from geo_devolve.optimise.reasons.conflict import explain_conflict
from geo_devolve.plan.faults import Rulebook
from geo_devolve.plan.groups import Groups
from geo_devolve.plan.random_plans import random_plans
from geo_devolve.scenario import Scenario


def ground(populations: list[str], edges: list[tuple[int, int]]) -> Geography:
    graph = nx.Graph(edges)
    graph.add_nodes_from((node, {"pop": float(people)}) for node, people in enumerate(populations))
    return Geography.from_graph(graph)


def plans(
    geography: Geography, populations: list[str], areas: int, bounds: tuple[str, str]
) -> list[list[int]]:
    """Every plan within the bounds, by fractions: for each council the number of its area."""
    people, graph = [Fraction(each) for each in populations], geography.graph()
    found: list[list[int]] = []

    def grow(number: list[int], used: int) -> None:
        if len(number) == len(people):
            members = [[v for v, area in enumerate(number) if area == each] for each in range(used)]
            if used == areas and all(
                nx.is_connected(graph.subgraph(area))
                and Fraction(bounds[0]) <= sum(people[v] for v in area) <= Fraction(bounds[1])
                for area in members
            ):
                found.append(number)
            return
        for area in range(min(used + 1, areas)):
            grow([*number, area], max(used, area + 1))

    grow([], 0)
    return found


def is_solved(
    geography: Geography, scenario: Scenario
) -> tuple[float, tuple[tuple[object, ...], ...]] | None:
    try:
        solution = Problem(geography, scenario, explain=False).solve()
    except InfeasibleError:
        return None
    return solution.certificate.objective, solution.groups


@st.composite
def tight(draw: st.DrawFn) -> tuple[list[str], list[tuple[int, int]], int, tuple[str, str]]:
    """Decimals of up to six digits on a small graph, and bounds that some areas just meet."""
    n = draw(st.integers(4, 6))
    digits = [draw(st.integers(0, 6)) for _ in range(n)]
    numbers = [Fraction(draw(st.integers(1, 3 * 10**d)), 10**d) for d in digits]
    edges = [(v, draw(st.integers(0, v - 1))) for v in range(1, n)]
    edges += draw(st.lists(st.sampled_from(list(combinations(range(n), 2))), max_size=n))
    sums = sorted(
        {
            sum(chosen) for size in range(1, n) for chosen in combinations(numbers, size)
        }  # all that can meet one
    )
    at = sorted(draw(st.tuples(*[st.integers(0, len(sums) - 1)] * 2)))
    low, high = (f"{float(sums[each]):.6f}" for each in at)
    return [f"{float(each):.6f}" for each in numbers], edges, draw(st.integers(2, 3)), (low, high)


@given(tight())
@settings(deadline=None, max_examples=60)
@pytest.mark.slow
def test_engines_and_judge_agree_with_fractions(case: tuple) -> None:  # type: ignore[type-arg]
    populations, edges, areas, bounds = case
    geography = ground(populations, edges)
    every = plans(geography, populations, areas, bounds)
    scenario = Scenario(
        areas=areas,
        population=(float(bounds[0]), float(bounds[1])),
        weights={"compactness": 1, "balance": 1},
    )
    answers = [is_solved(geography, scenario.replace(engine=engine)) for engine in ("list", "stream")]
    assert [answer is not None for answer in answers] == [bool(every)] * 2
    rules = Rulebook(geography, scenario)
    if every:
        assert answers[0][0] == pytest.approx(answers[1][0], abs=1e-9)  # type: ignore[index]
        for number in every:
            assert not rules.faults(Groups.of(geography, dict(enumerate(number))))
    for answer in filter(None, answers):
        number = [
            next(at for at, group in enumerate(answer[1]) if v in group) for v in range(len(populations))
        ]
        renumbered = [list(dict.fromkeys(number)).index(each) for each in number]
        assert renumbered in every


@given(tight())
@settings(deadline=None, max_examples=15)
def test_what_annealing_finds_is_a_plan_by_fractions(case: tuple) -> None:  # type: ignore[type-arg]
    populations, edges, areas, bounds = case
    geography = ground(populations, edges)
    every = plans(geography, populations, areas, bounds)
    scenario = Scenario(
        areas=areas,
        population=(float(bounds[0]), float(bounds[1])),
        weights={"compactness": 1},
        engine="generate",
        time_limit_s=2,
    )
    try:
        groups = Problem(geography, scenario, explain=False).solve().groups
    except GeoDevolveError as error:
        if isinstance(error, InfeasibleError):
            assert not every
        return
    number = [next(at for at, group in enumerate(groups) if v in group) for v in range(len(populations))]
    assert [list(dict.fromkeys(number)).index(each) for each in number] in every


@pytest.mark.parametrize("order", list(permutations(["0.1", "0.2", "0.3"])))
@pytest.mark.parametrize("engine", ["list", "stream", "generate"])
def test_an_area_of_exactly_the_most_people_is_allowed_in_any_order(
    order: tuple[str, ...], engine: str
) -> None:
    geography = ground([*order, "0.6"], list(combinations(range(4), 2)))
    scenario = Scenario(areas=2, population=(0.5, 0.6), weights={"compactness": 1}, engine=engine)
    answer = is_solved(geography, scenario)
    assert answer is not None
    assert set(answer[1]) == {(0, 1, 2), (3,)}
    populations = Groups.of(geography, {0: "A", 1: "A", 2: "A", 3: "B"}).population
    assert populations.tolist() == [0.6, 0.6]
    assert not Rulebook(geography, scenario).faults(Groups.of(geography, {0: 1, 1: 1, 2: 1, 3: 2}))
    drawn = next(iter(random_plans(Rulebook(geography, scenario), 2, 1, seed=0)))
    assert sorted(drawn.population.tolist()) == [0.6, 0.6]


def test_a_hair_too_many_is_too_many_and_said_to_the_digit() -> None:
    geography = ground(["0.1", "0.2", "0.300001", "0.6"], list(combinations(range(4), 2)))
    scenario = Scenario(areas=2, population=(0.5, 0.6), weights={"compactness": 1})
    assert is_solved(geography, scenario) is None
    faults = Rulebook(geography, scenario).faults(Groups.of(geography, {0: "A", 1: "A", 2: "A", 3: "B"}))
    assert [str(fault) for fault in faults] == ["area A has 0.600001 people, more than 0.6"]
    conflict = str(explain_conflict(geography, scenario))
    assert "at most 0.6 people" in conflict
    assert "at most 0.600001 people" in conflict


def test_populations_that_are_no_decimals_are_rounded_and_told() -> None:
    geography = ground([repr(1 / 3), repr(1 / 3), repr(1 / 3), "1"], list(combinations(range(4), 2)))
    assert geography.councils["population"].tolist() == [0.333333333] * 3 + [1.0]
    assert any("3 councils are rounded to 9 digits" in notice for notice in geography.notices)
    assert geography.population == 1.999999999


def test_what_summing_decimals_leaves_is_not_told() -> None:
    geography = ground([repr(0.1 + 0.2), "0.3", "0.6"], list(combinations(range(3), 2)))
    assert geography.councils["population"].tolist() == [0.3, 0.3, 0.6]
    assert not geography.notices[1:]
    assert geography.tally == Tally(1)


def test_half_of_a_council_is_not_more_than_half_of_it() -> None:
    # three points of 0.1, 0.2 and 0.3: the first two are exactly half
    whole = ground(["0.6", "1"], [(0, 1)])
    shared = {0: 0, 1: 0, 2: 0, 3: 1}
    points = whole.points.iloc[list(shared.values())].reset_index(drop=True)
    points["population"] = [0.1, 0.2, 0.3, 1.0]
    rows = np.array([0, 1], dtype=np.int64)
    matrix, codes = members_of(rows, ["x", "x"], np.ones(2), 4)
    layer = make_layer(
        "l", "l", membership=matrix, codes=codes, names=codes, population=points["population"].to_numpy()
    )
    geography = replace(whole, points=points, layers={"l": layer})
    assert 0.1 + 0.2 > 0.6 / 2
    assert geography.people("l").toarray()[0, 0] == 0.3


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 6)), min_size=1, max_size=8), st.randoms())
@settings(deadline=None)
def test_totals_are_exact_in_any_order(numbers: list[tuple[int, int]], random: object) -> None:
    exact = [Fraction(many, 10**digits) for many, digits in numbers]
    random.shuffle(exact)  # type: ignore[attr-defined]
    settled, tally, changed = settle([float(each) for each in exact])
    assert not changed.any()
    assert tally.total(settled) == float(sum(exact))
    assert tally.count(settled).sum() == sum(exact) * 10**tally.decimals


@given(st.integers(1, 10**14), st.integers(1, 10**14), st.integers(0, 10**14))
@settings(deadline=None)
def test_a_whole_number_of_areas_by_integers(people: int, lower: int, wider: int) -> None:
    upper = lower + wider
    fits = any(
        areas * lower <= people <= areas * upper for areas in {people // lower, -(-people // upper)} - {0}
    )
    assert divisible(float(people), float(lower), float(upper)) == fits


@pytest.mark.parametrize("bound", [0.0, 0.1, 0.25, 1e-7, 1234.5, 3_000_000.0])
def test_bounds_are_read_as_they_are_written(bound: float) -> None:
    for decimals in range(4):
        unit = Fraction(1, 10**decimals)
        exact = Fraction(repr(bound))
        assert Tally(decimals).least(bound) == -((-exact) // unit)
        assert Tally(decimals).most(bound) == exact // unit
    assert Tally().most(np.inf) == np.inf


def test_whole_populations_are_left_as_they_are() -> None:
    given_ = np.array([1.0, 5e6, 0.0])
    settled, tally, changed = settle(given_)
    assert settled is given_
    assert tally == Tally(0)
    assert not changed.any()
    assert tally.count(given_) is given_


@given(st.integers(0, 10**6), st.lists(st.floats(0, 100), min_size=1, max_size=12), st.integers(0, 6))
@settings(deadline=None)
def test_shares_add_up_to_all_people(many: int, weights: list[float], decimals: int) -> None:
    tally = Tally(decimals)
    weights[0] += 0.1
    shares = divide(many / 10**decimals, np.array(weights), tally)
    assert (shares >= 0).all()
    assert tally.count(shares).sum() == many
    assert (
        np.abs(shares - many / 10**decimals * np.array(weights) / sum(weights)).max()
        <= len(weights) / 10**decimals
    )
