"""Why nothing is possible, in words."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from drawn import draw
from partition_oracle import Oracle
from small_instances import KINDS, random_geography, random_scenario

from geo_devolve.clock import Deadline
from geo_devolve.errors import InfeasibleError, ScenarioError
from geo_devolve.geography.model import Geography
from geo_devolve.optimise.constraint_costs import explain_costs
from geo_devolve.optimise.problem import Problem
from geo_devolve.optimise.reasons.conflict import Conflict, explain_conflict
from geo_devolve.optimise.reasons.parts import Part, parts_of, without
from geo_devolve.scenario import Scenario


def row() -> Geography:
    """Six in a row, of 100 to 350 people."""
    return draw("ABCDEF", population={code: 100.0 + 50.0 * at for at, code in enumerate("ABCDEF")})


def why(geography: Geography, **fields: object) -> str:
    with pytest.raises(InfeasibleError) as caught:
        Problem(geography, Scenario(**{"weights": {"compactness": 1}, **fields})).solve()  # type: ignore[arg-type]
    return str(caught.value)


def test_too_many_and_too_few_name_the_possible_numbers() -> None:
    text = why(row(), areas=9)
    assert "9 areas are too many: there are only 6 blocks" in text
    assert "1 to 6 areas" in text
    text = why(row(), areas=2, population=[100, 450])
    assert "2 areas are too few: 1,350 people in areas of at most 450 need at least 3" in text
    assert "plans that obey all else have 4 to 6 areas" in text


def test_a_block_too_large_is_named_with_its_remedy() -> None:
    text = why(row(), areas=4, population=[50, 300])
    assert "Council F alone has 350 people" in text
    assert "lock it as an exempt area" in text


def test_the_least_maximum_that_makes_a_plan_possible_is_found() -> None:
    # contiguous thirds of 100 150 200 250 300 350: the largest part is at least 550 (ABC, DE, F)
    text = why(row(), areas=3, population=[50, 500])
    assert "cannot hold together" in text
    assert "3 areas" in text
    assert "at most 500 people in an area" in text
    assert "at most 550 people in an area" in text
    assert "4 areas" in text


def test_the_greatest_minimum_that_makes_a_plan_possible_is_found() -> None:
    text = why(row(), areas=3, population=[420, 2000])
    assert "at least 350 people in an area" in text


def test_the_smallest_conflict_leaves_out_what_does_not_matter() -> None:
    geography = draw("ABCDEF", population=100.0)
    text = why(
        geography,
        areas=[1, 2],
        population=[100, 600],
        constraints={"together": [["A", "F"]], "apart": [["A", "C"]], "max_councils": 6},
    )
    cannot = text.partition("A plan becomes possible")[0]
    assert "Council A, Council F together" in cannot
    assert "Council A, Council C apart" in cannot
    assert "councils in an area" not in cannot
    assert "without Council A, Council F together" in text
    assert "without Council A, Council C apart" in text


def test_limits_are_loosened_no_further_than_needed() -> None:
    geography = draw("ABCDEF", population=100.0)
    text = why(geography, areas=2, constraints={"max_councils": 2})
    assert "at most 3 councils in an area" in text
    text = why(geography, areas=2, constraints={"max_extent_km": 15})
    assert "at most 20 km across" in text


def test_what_each_constraint_costs() -> None:
    geography = draw("ABCDEF", population=100.0)
    scenario = Scenario(
        areas=2,
        weights={"compactness": 1, "balance": 1},
        constraints={"together": [["A", "E"]], "max_councils": 5},  # type: ignore[arg-type]
    )
    table = explain_costs(geography, scenario).set_index("constraint")
    assert list(table.index) == [
        "(all constraints kept)",
        "Council A, Council E together",
        "at most 5 councils in an area",
    ]
    loose = table.loc["Council A, Council E together"]
    # five and one, 200 people off each: (200 + 200) / 1200; three and three once they may part
    assert loose["difference"] == pytest.approx(-1 / 3)
    assert loose["balance"] == pytest.approx(-1 / 3)
    assert loose["compactness"] == pytest.approx(0.0)
    assert table.loc["at most 5 councils in an area", "difference"] == pytest.approx(0.0)
    assert table["proven"].all()


@pytest.mark.parametrize("seed", range(40))
def test_reasons_and_remedies_are_true(seed: int) -> None:
    """What is said to be in conflict is, no part of it can be left out, and every change helps."""
    random = np.random.default_rng(8000 + seed)
    geography = random_geography(random, int(random.integers(4, 9)))
    kinds = random.choice([kind for kind in KINDS if kind != "exempt"], size=3, replace=False)
    try:
        scenario = random_scenario(random, geography, ("population", *kinds)).replace(blocks=())
        scenario.check(geography)
        if Oracle(geography, scenario).solve().objectives:
            return
        Problem(geography, scenario, explain=False).solve()
    except ScenarioError:
        return
    except InfeasibleError as error:
        if "no plan obeys all of it" not in str(error):
            return  # arithmetic said why
    _is_true(explain_conflict(geography, scenario, Deadline.after(60.0)), geography, scenario)


def _is_true(conflict: Conflict, geography: Geography, scenario: Scenario) -> None:
    """Every change makes a plan possible, and the parts are in conflict while no fewer of them are."""
    for change in conflict.changes:
        assert Oracle(geography, change.scenario).solve().objectives, change.label
    parts = parts_of(geography, scenario)

    def possible_with(kept: Sequence[Part]) -> bool:
        loose = scenario
        for part in sorted((p for p in parts if p not in kept), key=_position, reverse=True):
            loose = without(loose, part)
        if all(part.kind != "count" for part in kept):
            loose = loose.replace(areas=(1, len(geography.councils)))
        return bool(Oracle(geography, loose).solve().objectives)

    assert conflict.minimal
    assert not possible_with(conflict.parts)
    for size in range(len(conflict.parts)):
        for fewer in combinations(conflict.parts, size):
            assert possible_with(fewer)


@pytest.mark.parametrize("seed", range(60))
def test_blocks_are_named_where_they_are_a_cause_and_not_where_not(seed: int) -> None:
    random = np.random.default_rng(9000 + seed)
    geography = random_geography(random, int(random.integers(5, 8)))
    kinds = (("population",), ("population", "max_areas_in_body"), ("population", "together"))[seed % 3]
    try:
        scenario = random_scenario(random, geography, kinds)
        layers = random.choice(sorted(geography.layers), int(random.integers(1, 3)), replace=False)
        scenario = scenario.replace(blocks=tuple(map(str, layers)), engine="list")
        scenario.check(geography)
        if Oracle(geography, scenario).solve().objectives:
            return
        Problem(geography, scenario, explain=False).solve()
    except ScenarioError:
        return
    except InfeasibleError as error:
        if "no plan obeys all of it" not in str(error):
            return  # arithmetic said why
    _is_true(explain_conflict(geography, scenario, Deadline.after(60.0)), geography, scenario)


def two_blocks() -> Geography:
    """Six in a row, the first four of one body and the last two of another."""
    graph = nx.path_graph(6)
    for node in graph:
        graph.nodes[node].update(pop=10, L="AAAABB"[node], M="AAABBB"[node])
    return Geography.from_graph(graph, layers=["L", "M"])


def test_blocks_that_stand_in_the_way_are_named_and_offered_to_be_loosened() -> None:
    asked = {"blocks": ["L"], "areas": 2, "population": [25, 60]}
    text = why(two_blocks(), **asked)
    assert "cannot hold together: undivided blocks of L; at least 25 people in an area; and 2 areas" in text
    assert "blocks of L and M; at least 20 people" in text
    alone = replace(two_blocks(), layers={"L": two_blocks().layers["L"]})
    assert "every council a block of its own (blocks = []); at least 20 people" in why(alone, **asked)
    assert "only 2 blocks to make them of (blocks = [] makes every council one, now: L)" in why(
        two_blocks(), blocks=["L"], areas=3
    )


def test_a_conflict_that_no_block_has_a_part_in_names_none() -> None:
    text = why(
        two_blocks(), blocks=["L"], areas=2, constraints={"apart": [["0", "1"], ["1", "2"], ["0", "2"]]}
    )
    assert "undivided blocks" not in text
    assert "blocks = []" not in text


def _position(part: Part) -> int:
    return part.key if isinstance(part.key, int) else -1
