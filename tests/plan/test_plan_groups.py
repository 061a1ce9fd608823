"""Councils by area: arrays, order, numbering, pieces."""

from functools import cache

import numpy as np
import pandas as pd
from drawn import draw
from drawn import random_geography as new_random_geography
from hypothesis import given
from hypothesis import strategies as st

from geo_devolve.plan.groups import Groups, in_order, number_areas, pairs_of, pieces_of

random_geography = cache(new_random_geography)


def test_areas_are_numbered_from_north_to_south() -> None:
    geography = draw("AAB\nCCB\nCCD")
    areas = number_areas(geography, [["D"], ["C"], ["B"], ["A"]])
    assert areas.to_dict() == {"A": "A01", "B": "A02", "C": "A03", "D": "A04"}
    assert areas.index.name == "code"
    assert areas.name == "area"


@given(st.integers(0, 5), st.permutations(range(4)))
def test_the_order_of_groups_and_of_their_councils_does_not_matter(seed: int, order: list[int]) -> None:
    geography = random_geography(seed, 8)
    codes = list(geography.councils.index)
    groups = [codes[:2], codes[2:4], codes[4:5], codes[5:]]
    shuffled = [list(reversed(groups[place])) for place in order]
    assert number_areas(geography, groups).equals(number_areas(geography, shuffled))


def test_a_hundred_areas_have_three_digits() -> None:
    geography = random_geography(1, 100)
    areas = number_areas(geography, [[code] for code in geography.councils.index])
    assert set(areas) == {f"A{number:03d}" for number in range(1, 101)}


def test_without_coordinates_the_first_council_decides() -> None:
    geography = draw("ABC")
    lost = geography.councils.assign(x=np.nan, y=np.nan)
    bare = type(geography)(**{**_fields(geography), "councils": lost})
    assert number_areas(bare, [["C"], ["A", "B"]]).to_dict() == {"A": "A01", "B": "A01", "C": "A02"}


def _fields(geography: object) -> dict[str, object]:
    return {key: value for key, value in vars(geography).items() if not key.startswith("_")}


def test_labels_are_sorted_as_a_reader_would() -> None:
    assert in_order(["A10", "A2", "A1"]) == ["A1", "A2", "A10"]
    assert in_order([10, 2]) == [2, 10]
    assert in_order(["b", 2, None]) == [2, "b", None] or in_order(["b", 2, None])[0] == 2


def test_blank_areas_are_none() -> None:
    assignment = pd.Series(["x", None, np.nan, "", "y"], index=list("ABCDE"), dtype=object)
    assert pairs_of(assignment) == [("A", "x"), ("E", "y")]


def test_groups_count_people_and_councils() -> None:
    geography = draw("AAB\nCCB", layers={"l": "xxx\nyyy"})
    groups = Groups.of(geography, {"A": "one", "B": "two", "C": "one"})
    assert groups.labels == ("one", "two")
    assert groups.population.tolist() == [4000.0, 2000.0]
    assert groups.codes == [("A", "C"), ("B",)]
    assert groups.people("l").tolist() == [[2000.0, 2000.0], [1000.0, 1000.0]]
    assert groups.left_out == []
    assert groups.completed is groups


def test_councils_without_an_area_are_completed_one_by_one() -> None:
    geography = draw("ABC")
    groups = Groups.of(geography, {"B": 7, "unknown": 8})
    assert groups.left_out == ["A", "C"]
    assert groups.completed.codes[-2:] == [("A",), ("C",)]
    assert groups.completed.members.sum() == 3


def test_pieces_come_largest_first() -> None:
    geography = draw("ABC.D")
    assert pieces_of(geography.graph(), "DABC") == [["A", "B", "C"], ["D"]]


def test_tuples_may_be_codes() -> None:
    import networkx as nx

    from geo_devolve.geography.model import Geography

    graph = nx.grid_2d_graph(2, 3)
    nx.set_node_attributes(graph, 5, "pop")
    geography = Geography.from_graph(graph)
    areas = number_areas(geography, [[(0, 0), (0, 1), (0, 2)], [(1, 0), (1, 1), (1, 2)]])
    assert areas.iloc[0] == "A01"
    assert areas.iloc[-1] == "A02"
    groups = Groups.of(geography, areas)
    assert groups.codes[1] == ((1, 0), (1, 1), (1, 2))
