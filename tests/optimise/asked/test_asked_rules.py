"""Constraints in words: what they mean, what they split, and what is said of those that cannot be."""

import networkx as nx
import numpy as np
import pytest
from drawn import draw
from partition_oracle import Oracle
from small_instances import random_graph

from geo_devolve.errors import InfeasibleError, ScenarioError
from geo_devolve.geography.model import Geography
from geo_devolve.optimise.asked.blocks import make_blocks
from geo_devolve.optimise.problem import Problem, Solution
from geo_devolve.plan.faults import Rulebook
from geo_devolve.plan.groups import Groups
from geo_devolve.scenario import Scenario


def town(**more: object) -> Geography:
    """Two rows of four; the layer's bodies are the west, the east, and nothing in the south-east corner."""
    return draw(
        """
        ABCD
        EFGH
        """,
        layers={
            "half": """
            wwee
            wwe.
            """,
            "row": """
            nnnn
            ssss
            """,
        },
        population=dict.fromkeys("ABCDEFGH", 100.0),
        **more,  # type: ignore[arg-type]
    )


def solve(constraints: dict, geography: Geography | None = None, **fields: object) -> Solution:
    given = {"areas": 2, "weights": {"compactness": 1}, **fields}
    return Problem(geography or town(), Scenario(constraints=constraints, **given)).solve()  # type: ignore[arg-type]


def grouped(solution: Solution) -> set[str]:
    return {"".join(group) for group in solution.groups}


def test_blocks_are_connected_councils_of_the_same_signature() -> None:
    blocks = make_blocks(town(), Scenario(blocks=["half"]))
    assert blocks.members == [("A", "B", "E", "F"), ("C", "D", "G"), ("H",)]
    assert blocks.of.to_dict() == dict(zip("ABCDEFGH", [0, 0, 1, 1, 0, 0, 1, 2], strict=True))


def test_no_layer_makes_every_council_its_own_block() -> None:
    assert len(make_blocks(town(), Scenario()).members) == 8


def test_an_overlap_is_a_signature_of_its_own(grid3x3: Geography) -> None:
    blocks = make_blocks(grid3x3, Scenario(blocks=["halves"]))
    assert blocks.members == [("A", "D", "E", "G", "H"), ("B",), ("C", "F", "I")]


def test_the_same_signature_twice_makes_two_blocks_where_it_does_not_hang_together() -> None:
    geography = draw("ABC", layers={"l": "xyx"})
    assert make_blocks(geography, Scenario(blocks=["l"])).members == [("A",), ("B",), ("C",)]


def test_a_locked_area_is_one_of_the_areas() -> None:
    solution = solve({"locked": [{"name": "corner", "councils": ["A", "B"]}]})
    assert "AB" in grouped(solution)


def test_a_locked_area_breaks_the_bounds_only_if_it_says_so() -> None:
    lock = {"name": "corner", "councils": ["A", "B"], "bodies": ["row:s"]}
    with pytest.raises(InfeasibleError, match=r'locked area "corner" has 600 people.*make it exempt'):
        solve({"locked": [lock]}, population=[100, 500])
    solution = solve({"locked": [{**lock, "exempt": True}]}, population=[100, 500])
    assert "ABEFGH" in grouped(solution)


def test_a_locked_area_that_falls_apart_is_refused() -> None:
    with pytest.raises(InfeasibleError, match=r'"odd" does not hang together: Council A is cut off'):
        solve({"locked": [{"name": "odd", "councils": ["A", "C", "D"]}]})


def test_councils_in_two_locked_areas_are_named() -> None:
    locked = [{"name": "one", "councils": ["A", "B"]}, {"name": "two", "councils": ["B", "C"]}]
    with pytest.raises(ScenarioError, match=r'Council B lie in both "one" and "two"'):
        solve({"locked": locked})


def test_together_and_apart_speak_of_councils_and_bodies() -> None:
    assert grouped(solve({"together": [["A", "H"]]}, population=[300, 500]))
    for group in solve({"together": [["A", "H"]]}, population=[300, 500]).groups:
        assert ("A" in group) == ("H" in group)
    assert grouped(solve({"apart": [["half:w", "half:e"]]})) == {"ABEF", "CDGH"}


def test_a_block_that_a_constraint_contradicts_is_split_and_that_is_told() -> None:
    solution = solve({"apart": [["A", "F"]]}, blocks=["half"], areas=2)
    assert any(
        "is split, since Council A and Council F may not share an area" in note for note in solution.notes
    )
    solution = solve({"within": ["row"]}, blocks=["half"])
    assert grouped(solution) == {"ABCD", "EFGH"}
    assert any("crosses a border of row" in note for note in solution.notes)


def test_a_body_stays_whole() -> None:
    solution = solve({"whole": ["row:n"]}, population=[200, 600])
    assert any(set("ABCD") <= set(group) for group in solution.groups)
    solution = solve({"whole": ["half:*"]})
    assert any(set("ABEF") <= set(group) for group in solution.groups)


def test_limits_of_areas_in_a_body_and_bodies_in_an_area() -> None:
    solution = solve({"max_areas_in_body": {"row:n": 1}}, areas=3)
    assert sum(bool(set(group) & set("ABCD")) for group in solution.groups) == 1
    solution = solve({"max_bodies_in_area": {"half": 1}}, areas=2)
    assert all(not (set(group) & set("ABEF") and set(group) & set("CDG")) for group in solution.groups)


def test_people_of_a_body_in_councils_that_lie_elsewhere_do_not_count_for_areas_in_it() -> None:
    graph = nx.path_graph(4)
    shares = [{"x": 1.0}, {"x": 0.6, "y": 0.4}, {"x": 0.4, "y": 0.6}, {"x": 0.5, "y": 0.5}]
    for node, share in enumerate(shares):
        graph.nodes[node].update(pop=10, L=share)
    geography = Geography.from_graph(graph, layers=["L"])
    scenario = Scenario(areas=3, weights={"compactness": 1}, constraints={"max_areas_in_body": {"L:x": 1}})
    solution = Problem(geography, scenario).solve()
    assert solution.groups == ((0, 1), (2,), (3,))  # x has people in all three, councils in one
    drawn = Groups.of(geography, {0: "A", 1: "A", 2: "B", 3: "C"})
    assert not Rulebook(geography, scenario).faults(drawn)
    apart = Groups.of(geography, {0: "A", 1: "B", 2: "B", 3: "C"})
    assert [str(fault) for fault in Rulebook(geography, scenario).faults(apart)] == [
        "councils of x (L) lie in 2 areas, more than 1: A, B"
    ]


def test_a_council_without_people_may_go_with_any_within_a_layer() -> None:
    geography = draw("AeB", layers={"l": "xxy"}, population={"A": 100.0, "e": 0.0, "B": 100.0})
    scenario = Scenario(
        areas=2, population=(50, 150), weights={"compactness": 1}, constraints={"within": ["l"]}
    )
    solution = Problem(geography, scenario).solve()
    assert len(solution.groups) == 2
    rules = Rulebook(geography, scenario)
    for home in "pq":
        assert not rules.faults(Groups.of(geography, {"A": "p", "e": home, "B": "q"}))
    one = scenario.replace(areas=1, population=None)
    assert [
        fault.kind for fault in Rulebook(geography, one).faults(Groups.of(geography, dict.fromkeys("AeB", 1)))
    ]
    with pytest.raises(InfeasibleError):
        Problem(geography, one).solve()


@pytest.mark.parametrize("seed", range(12))
def test_councils_without_people_within_layers_by_all_plans(seed: int) -> None:
    random = np.random.default_rng(4000 + seed)
    graph = random_graph(random, int(random.integers(5, 8)))
    for node in graph:
        empty = random.random() < 0.3
        graph.nodes[node].update(
            pop=0.0 if empty else float(random.integers(10, 100)), L=str(random.choice(list("ab")))
        )
    if not sum(people for _, people in graph.nodes(data="pop")):
        graph.nodes[0]["pop"] = 10.0
    geography = Geography.from_graph(graph, layers=["L"])
    scenario = Scenario(
        areas=(1, 4),
        weights={"compactness": 1},
        layers={"L": {"rule": "match", "weight": 0.3}},
        constraints={"within": ["L"]},
        blocks=("L",) if seed % 2 else (),
    )
    best = Oracle(geography, scenario).solve()
    if not best.objectives:
        with pytest.raises(InfeasibleError):
            Problem(geography, scenario, explain=False).solve()
        return
    solution = Problem(geography, scenario).solve()
    assert solution.certificate.objective == pytest.approx(best.objective, abs=1e-9)
    number = {code: area for area, group in enumerate(solution.groups) for code in group}
    assert not Rulebook(geography, scenario).faults(Groups.of(geography, number))


def test_limits_of_councils_and_extent() -> None:
    assert all(len(group) <= 3 for group in solve({"max_councils": 3}, areas=3).groups)
    # centres are 10 km apart: 15 km holds a square of four
    assert grouped(solve({"max_extent_km": 15}, areas=2)) == {"ABEF", "CDGH"}


def test_extent_needs_places() -> None:
    geography = town()
    geography.councils.loc["A", "x"] = float("nan")
    with pytest.raises(ScenarioError, match="population centres of Council A are not known"):
        solve({"max_extent_km": 15}, geography)


def test_a_crossing_that_is_not_accepted_leaves_an_island() -> None:
    geography = draw("AB.C", population=dict.fromkeys("ABC", 100.0), crossings=[("B", "C", "ferry")])
    solution = solve({}, geography, areas=1)
    assert grouped(solution) == {"ABC"}
    with pytest.raises(InfeasibleError, match=r"1 area is too few: the councils fall into 2 parts"):
        solve({}, geography, areas=1, crossings=["bridge"])
    with pytest.raises(InfeasibleError, match=r"Council C with 100 people hangs together with nothing else"):
        solve({}, geography, areas=2, crossings=[], population=[150, 300])


def test_what_must_share_an_area_and_may_not_is_told_before_solving() -> None:
    with pytest.raises(InfeasibleError, match=r"Council A and Council D must share an area .* may not"):
        solve({"together": [["A", "D"]], "apart": [["A", "D"]]})
    with pytest.raises(InfeasibleError, match=r"4 councils must share an area .* may have 3"):
        solve({"whole": ["row:n"], "max_councils": 3})
    with pytest.raises(InfeasibleError, match=r"lie in 2 bodies of a layer, and an area may lie in 1"):
        solve({"together": [["A", "D"]], "max_bodies_in_area": {"half": 1}})


def test_a_council_cannot_be_kept_apart_from_itself() -> None:
    with pytest.raises(ScenarioError, match=r"Council A, Council B lie in both row:n and half:w"):
        solve({"apart": [["row:n", "half:w"]]})


def test_unknown_references_are_all_named_at_once() -> None:
    with pytest.raises(ScenarioError) as caught:
        solve({"together": [["A", "Atlantis"]], "within": ["rwo"], "whole": ["half:north"]})
    assert all(text in str(caught.value) for text in ("Atlantis", "rwo", "north"))


def test_what_may_share_an_area_with_nothing_is_an_island_too() -> None:
    with pytest.raises(
        InfeasibleError, match=r"Council H with 100 people hangs together with nothing else that it"
    ):
        solve({"within": ["half"]}, population=[150, 600])
