"""Engines behind one face: chosen by size, around locked areas, on graphs of any labels."""

import itertools

import networkx as nx
import numpy as np
import pytest
from drawn import draw

from geo_devolve.errors import InfeasibleError, UsageError
from geo_devolve.geography.model import Geography
from geo_devolve.optimise.annealing import chains
from geo_devolve.optimise.certificate import CountResult, relative_gap, roughly, summarise
from geo_devolve.optimise.engines import choose as engines
from geo_devolve.optimise.problem import Problem
from geo_devolve.optimise.walk import search as searching
from geo_devolve.scenario import Scenario


def grid(rows: int, columns: int) -> nx.Graph:
    """A grid whose labels are pairs of numbers."""
    graph = nx.grid_2d_graph(rows, columns)
    for at, node in enumerate(sorted(graph)):
        graph.nodes[node]["pop"] = 100.0 + 7 * at
    return graph


def tight(graph: nx.Graph, areas: int, spread: float = 0.005, **fields: object) -> Scenario:
    mean = sum(people for _, people in graph.nodes(data="pop")) / areas
    bounds = ((1 - spread) * mean, (1 + spread) * mean)
    fields = {"time_limit_s": 600, **fields}  # compiling on a busy machine included
    return Scenario(areas=areas, population=bounds, weights={"compactness": 1}, **fields)  # type: ignore[arg-type]


def is_plan(graph: nx.Graph, groups: tuple[tuple[object, ...], ...], scenario: Scenario) -> bool:
    lower, upper = scenario.population or (0.0, float("inf"))
    people = [sum(graph.nodes[node]["pop"] for node in group) for group in groups]
    return (
        sorted(itertools.chain.from_iterable(groups), key=str) == sorted(graph, key=str)
        and all(nx.is_connected(graph.subgraph(group)) for group in groups)
        and all(lower <= each <= upper for each in people)
        and len(groups) in scenario.counts
    )


def test_labels_of_any_kind_come_back_as_they_were() -> None:
    graph = grid(3, 4)
    scenario = tight(graph, 3, 0.2)
    solution = Problem(Geography.from_graph(graph), scenario).solve()
    assert is_plan(graph, solution.groups, scenario)
    assert all(isinstance(node, tuple) for group in solution.groups for node in group)
    numbers = nx.convert_node_labels_to_integers(graph)
    solution = Problem(Geography.from_graph(numbers), scenario).solve()
    assert is_plan(numbers, solution.groups, scenario)


@pytest.mark.parametrize(("nodes", "areas"), [(16, 2), (40, 5), (105, 7)])
def test_a_single_feasible_plan_is_found(nodes: int, areas: int) -> None:
    """A path that can be cut in one way only: no two neighbouring parts can be cut anew."""
    random = np.random.default_rng(nodes)
    graph = nx.path_graph(nodes)
    parts = np.array_split(np.arange(nodes), areas)
    for part in parts:
        people = random.uniform(50, 150, len(part))
        for node, each in zip(part.tolist(), people / people.sum() * 10_000, strict=True):
            graph.nodes[node]["pop"] = float(each)
    scenario = tight(graph, areas)
    solution = Problem(Geography.from_graph(graph), scenario).solve()
    assert [list(group) for group in solution.groups] == [part.tolist() for part in parts]
    assert solution.certificate.proven


def test_no_feasible_plan_is_proven_too() -> None:
    graph = nx.path_graph(9)
    nx.set_node_attributes(graph, dict(enumerate([1.0, 9, 1, 9, 1, 9, 1, 9, 1])), "pop")
    with pytest.raises(InfeasibleError, match="cannot be divided into areas"):
        Problem(Geography.from_graph(graph), tight(graph, 3, 0.01)).solve()


def test_too_many_to_list_are_streamed_and_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = grid(4, 4)
    scenario = tight(graph, 3, 0.1)
    listed = Problem(Geography.from_graph(graph), scenario).solve().certificate
    monkeypatch.setattr(engines, "MOST_LISTED", 10)
    solution = Problem(Geography.from_graph(graph), scenario).solve()
    streamed = solution.certificate
    assert (listed.engine, streamed.engine) == ("list", "stream")
    assert streamed.objective == pytest.approx(listed.objective, abs=1e-9)
    assert streamed.proven
    assert any("walked, not listed" in note for note in solution.notes)


def test_too_many_to_walk_are_generated_with_an_honest_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = grid(4, 4)
    scenario = tight(graph, 3, 0.1)
    best = Problem(Geography.from_graph(graph), scenario).solve().certificate
    monkeypatch.setattr(engines, "MOST_LISTED", 10)
    monkeypatch.setattr(engines, "MOST_STREAMED", 10)
    found = Problem(Geography.from_graph(graph), scenario.replace(time_limit_s=60)).solve()
    assert is_plan(graph, found.groups, scenario)
    assert found.certificate.engine == "generate"
    assert found.certificate.bound <= best.objective + 1e-9
    assert found.certificate.objective >= best.objective - 1e-9


def test_a_walk_that_fits_the_time_is_made_and_proves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measured by sampling first: more candidates than are streamed unasked, but few are walked."""
    geography = draw("ABCDEF\nGHIJKL\nMNOPQR", population=100.0, layers={"l": "uuvvww\nuuvvww\nxxyyzz"})
    scenario = Scenario(
        areas=3,
        population=(300, 900),
        weights={"compactness": 1},
        layers={"l": {"rule": "match", "weight": 1}},  # type: ignore[dict-item]
        time_limit_s=600,
    )
    best = Problem(geography, scenario).solve().certificate
    monkeypatch.setattr(engines, "MOST_LISTED", 10)
    monkeypatch.setattr(engines, "MOST_STREAMED", 10)
    walked = Problem(geography, scenario).solve()
    assert (walked.certificate.engine, walked.certificate.proven) == ("stream", True)
    assert walked.certificate.objective == pytest.approx(best.objective, abs=1e-9)
    assert any("walked, not listed" in note for note in walked.notes)
    monkeypatch.setattr(engines, "_PASSES", np.inf)
    generated = Problem(geography, scenario.replace(time_limit_s=20)).solve()
    assert generated.certificate.engine == "generate"
    assert any("looked for" in note for note in generated.notes)
    assert generated.certificate.bound <= best.objective + 1e-9
    assert generated.certificate.objective >= best.objective - 1e-9


def test_generated_alone_a_plan_is_unproven_with_no_bound_but_nothing() -> None:
    graph = grid(4, 4)
    scenario = tight(graph, 3, 0.1, engine="generate", time_limit_s=10)
    solution = Problem(Geography.from_graph(graph), scenario).solve()
    assert not solution.certificate.proven
    assert solution.certificate.bound == 0.0
    assert solution.certificate.gap == 1.0
    assert is_plan(graph, solution.groups, scenario)


@pytest.mark.parametrize("engine", ["list", "stream", "generate"])
def test_every_engine_keeps_locked_areas_out_of_its_search(engine: str) -> None:
    geography = draw("ABC\nDEF\nGHI", population=100.0, layers={"l": "xxx\nyyy\nzzz"})
    scenario = Scenario(
        areas=3,
        weights={"compactness": 1},
        layers={"l": {"rule": "match", "weight": 1}},  # type: ignore[dict-item]
        constraints={  # type: ignore[arg-type]
            "locked": [{"name": "corner", "councils": ["A", "D"], "exempt": True}],
            "max_areas_in_body": {"l:x": 2},
        },
        population=(300, 500),
        engine=engine,  # type: ignore[arg-type]
        time_limit_s=10,
    )
    solution = Problem(geography, scenario).solve()
    assert ("A", "D") in solution.groups
    assert len(solution.groups) == 3
    listed = Problem(geography, scenario.replace(engine="list")).solve()
    assert solution.certificate.objective == pytest.approx(listed.certificate.objective, abs=1e-9)


def test_everything_locked_is_a_plan() -> None:
    geography = draw("AB", population=100.0)
    locked = [{"name": "a", "councils": ["A"]}, {"name": "b", "councils": ["B"]}]
    solution = Problem(geography, Scenario(areas=2, constraints={"locked": locked})).solve()  # type: ignore[arg-type]
    assert solution.groups == (("A",), ("B",))
    assert solution.certificate.proven


def test_a_list_that_is_asked_for_and_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "MOST_ASKED_FOR", 10)
    with pytest.raises(UsageError, match=r"more than 10 candidates"):
        Problem(Geography.from_graph(grid(4, 4)), Scenario(areas=3, engine="list"))


def test_the_certificate_of_a_range_is_no_better_than_its_weakest_count() -> None:
    sure = CountResult(3, 1.0, 1.0, proven=True, status="optimal")
    none = CountResult(4, None, float("inf"), proven=True, status="infeasible")
    open_ = CountResult(5, 1.2, 0.9, proven=False, status="feasible")
    unknown = CountResult(6, None, None, proven=False, status="unknown")
    assert summarise((sure, none), 1.0) == (1.0, True)
    assert summarise((sure, open_), 1.0) == (0.9, False)
    assert summarise((sure, unknown), 1.0) == (0.0, False)
    worse = CountResult(7, 1.5, 1.1, proven=False, status="feasible")
    assert summarise((sure, worse), 1.0) == (1.0, True)
    assert relative_gap(2.0, 1.5) == 0.25
    assert relative_gap(0.0, 0.0) == 0.0
    assert relative_gap(1.2e-16, 0.0) == 0.0  # one area: what is left of its outline is rounding


def test_where_nothing_weighs_anything_any_plan_is_best() -> None:
    graph = grid(4, 4)
    scenario = tight(graph, 3, 0.1).replace(weights={})
    solution = Problem(Geography.from_graph(graph), scenario).solve()
    assert is_plan(graph, solution.groups, scenario)
    assert (solution.certificate.objective, solution.certificate.bound) == (0.0, 0.0)
    assert solution.certificate.proven


@pytest.mark.parametrize("engine", ["stream", "generate"])
def test_machine_code_is_there_before_the_clock_starts(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiling takes seconds where it was never done; a time limit is for the search."""
    walked: list[int] = []
    annealed: list[int] = []
    work, anneal = searching.work, chains.anneal
    monkeypatch.setattr(searching, "work", lambda *given: walked.append(1) or work(*given))
    monkeypatch.setattr(chains, "anneal", lambda *given: annealed.append(1) or anneal(*given))
    Problem(Geography.from_graph(grid(3, 4)), tight(grid(3, 4), 3, 0.2, engine=engine))
    assert walked
    assert annealed or engine == "stream"


def test_counted_candidates_are_exact_and_estimated_ones_are_about_so_many() -> None:
    graph = grid(3, 4)
    listed = Problem(Geography.from_graph(graph), tight(graph, 3, 0.2)).solve().certificate
    streamed = Problem(Geography.from_graph(graph), tight(graph, 3, 0.2, engine="stream")).solve().certificate
    assert listed.size == f"{listed.candidates} candidates"
    assert streamed.size == f"about {streamed.candidates} candidates"
    assert roughly(4_800_000) == "4,800,000"
    assert roughly(5.1e16) == "5.1 × 10¹⁶"
