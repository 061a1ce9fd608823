"""What-ifs: every move of a border council equals a full score again, and impossible ones say why."""

from functools import cache
from typing import Any

import networkx as nx
import numpy as np
import pytest
from drawn import draw
from drawn import random_geography as new_random_geography
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_devolve.geography.model import Geography
from geo_devolve.plan.cards import cards
from geo_devolve.plan.moves import after, moves
from geo_devolve.plan.plan import Plan
from geo_devolve.plan.read import drawn_plan
from geo_devolve.scenario import Scenario

random_geography = cache(new_random_geography)

ASKED = Scenario(
    areas=3,
    population=(800, 3000),
    themes=("theme0",),
    weights={"need": 1.0, "compactness": 0.5, "balance": 0.5},
    layers={"layer0": {"rule": "match", "weight": 1.0}, "layer1": {"rule": "whole", "weight": 0.5}},
)


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_a_move_changes_the_objective_by_what_a_full_score_says(seed: int) -> None:
    geography = random_geography(seed % 11, 8)
    random = np.random.default_rng(seed)
    assignment = {code: str(random.integers(3)) for code in geography.councils.index}
    if seed % 4 == 0:
        assignment.pop(geography.councils.index[0])
    plan = drawn_plan(geography, assignment, ASKED)
    found = moves(plan)
    for move in found.itertuples():
        again = drawn_plan(geography, assignment | {move.council: move.to_area}, ASKED)
        assert again.objective - plan.objective == pytest.approx(move.change, abs=1e-12)
        assert after(plan, move.council, move.to_area).labels == again.groups.labels
    terms = found[[f"change_{term}" for term in ASKED.term_names]]
    assert np.allclose(terms.sum(axis=1), found["change"], atol=1e-12)


def test_every_move_across_a_border_is_there_once() -> None:
    geography = draw("ABC\nDEF\nGHI")
    plan = Plan.from_groups(geography, Scenario(areas=3), ["ABC", "DEF", "GHI"])
    found = moves(plan)
    assert len(found) == len(found.drop_duplicates(["council", "to_area"])) == 12
    assert set(found.loc[found["council"] == "E", "to_area"]) == {"A01", "A03"}


def test_impossible_moves_say_why() -> None:
    geography = draw("ABC\nDEF\nGHI", population={**dict.fromkeys("ABCDEFGHI", 1000.0), "A": 5000.0})
    limits = {"apart": [["I", "F"]], "max_councils": 4}
    asked = Scenario(areas=3, population=(3000, 7500), constraints=limits)
    found = moves(Plan.from_groups(geography, asked, ["ABC", "DEF", "GHI"])).set_index(["council", "to_area"])
    reasons = found["reason"]
    assert (
        reasons["A", "A02"]
        == "area A01 has 2,000 people, fewer than 3,000, area A02 has 8,000 people, more than 7,500"
    )
    assert "area A03 holds I and F, which shall be apart" in reasons["F", "A03"]
    assert "in 2 pieces" in reasons["B", "A02"]
    assert reasons["C", "A02"] == ""
    assert found["feasible"].equals(reasons == "")


def test_the_last_council_of_an_area_cannot_leave_it() -> None:
    geography = draw("ABC")
    found = moves(Plan.from_groups(geography, Scenario(areas=2), ["A", "BC"]))
    last = found[found["council"] == "A"].iloc[0]
    assert last["reason"] == "there is 1 area, not 2"
    assert not last["feasible"]


def test_blocks_are_told_where_a_move_splits_one() -> None:
    geography = draw("ABCD", layers={"l": "xxyy"})
    found = moves(Plan.from_groups(geography, Scenario(areas=2, blocks=["l"]), ["AB", "CD"]))
    assert found["splits_block"].all()
    free = moves(Plan.from_groups(geography, Scenario(areas=2), ["AB", "CD"]))
    assert not free["splits_block"].any()


def test_what_was_wrong_before_does_not_count_against_a_move() -> None:
    geography = draw("ABC\nDEF", population=1000)
    plan = drawn_plan(
        geography, {"A": "x", "C": "x", "B": "y", "D": "y", "E": "y", "F": "y"}, Scenario(areas=2)
    )
    assert any("in 2 pieces" in fault for fault in plan.faults)
    found = moves(plan).set_index(["council", "to_area"])
    assert found.loc[("B", "x"), "feasible"]


def test_a_drawn_plan_with_a_locked_area_in_pieces_has_moves_and_cards() -> None:
    graph = nx.path_graph(5)
    nx.set_node_attributes(graph, 10, "pop")
    geography = Geography.from_graph(graph)
    scenario = Scenario(
        areas=2,
        weights={"compactness": 1},
        constraints={"locked": [{"name": "X", "councils": ["0", "2"]}]},
    )
    plan = drawn_plan(geography, {0: "A", 1: "A", 2: "A", 3: "B", 4: "B"}, scenario)
    found = moves(plan)
    assert found[["council", "to_area"]].to_numpy().tolist() == [[2, "B"], [3, "A"]]
    assert found["splits_block"].tolist() == [True, False]
    assert list(cards(plan)) == ["A", "B"]


def test_a_graph_without_shapes_has_moves(recwarn: Any) -> None:
    from geo_devolve.geography.model import Geography

    graph = nx.grid_2d_graph(2, 4)
    nx.set_node_attributes(graph, 10, "pop")
    geography = Geography.from_graph(graph)
    asked = Scenario(areas=2, weights={"compactness": 1})
    plan = Plan.from_groups(
        geography, asked, [[(r, c) for r in range(2) for c in cs] for cs in ((0, 1), (2, 3))]
    )
    found = moves(plan)
    assert set(found["council"]) == {(0, 1), (1, 1), (0, 2), (1, 2)}
    assert (found["change"] > 0).all()
    assert not recwarn
