"""The table of scores: terms add up, measures are what they say, nothing depends on names or order."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from drawn import draw
from drawn import random_geography as new_random_geography
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import homogeneity_completeness_v_measure

from geo_devolve.measures import RULES
from geo_devolve.plan.plan import Plan
from geo_devolve.plan.read import drawn_plan, score
from geo_devolve.scenario import Scenario

random_geography = cache(new_random_geography)

ASKED = Scenario(
    areas=3,
    themes=("theme0", "theme1"),
    weights={"need": 1.0, "compactness": 0.5, "balance": 0.25},
    layers={"layer0": {"rule": "match", "weight": 1.0}, "layer1": {"rule": "nest", "weight": 0.5}},
)


def random_assignment(geography: Any, seed: int, areas: int = 3) -> dict[Any, str]:
    random = np.random.default_rng(seed)
    return {code: f"area {random.integers(areas)}" for code in geography.councils.index}


def whole(table: pd.DataFrame) -> pd.Series:
    rows = table[(table["area"] == "") & (table["measure"] != "fault")]
    return rows.set_index(["measure", "part"])["value"]


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_areas_add_up_to_the_whole_and_contributions_to_the_objective(seed: int) -> None:
    geography = random_geography(seed % 11, 8)
    assignment = random_assignment(geography, seed)
    if seed % 3 == 0:
        assignment.pop(geography.councils.index[-1])
    table = score(geography, assignment, ASKED)
    terms = table[table["weight"].notna()]
    total = terms[terms["area"] == ""].set_index(["measure", "part"])
    by_area = terms[terms["area"] != ""].groupby(["measure", "part"])["value"].sum()
    assert np.allclose(total["value"], by_area.reindex(total.index), atol=1e-12)
    assert (terms["contribution"] == terms["value"] * terms["weight"]).all()
    objective = whole(table)["objective", ""]
    assert objective == pytest.approx(total["contribution"].sum(), abs=1e-12)
    assert total.loc["misfit", "value"].between(0, 1).all()
    assert 0 <= total.loc[("compactness", ""), "value"] <= 1


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_need_is_what_eta_squared_leaves(seed: int) -> None:
    geography = random_geography(seed % 11, 8)
    values = whole(score(geography, random_assignment(geography, seed), ASKED))
    assert values["need", ""] == pytest.approx(1 - values["eta_squared"].mean(), abs=1e-9)
    assert ((values["eta_squared"] >= -1e-12) & (values["eta_squared"] <= 1 + 1e-12)).all()


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.permutations(range(8)))
def test_names_of_areas_and_order_of_councils_do_not_matter(seed: int, order: list[int]) -> None:
    geography = random_geography(seed % 11, 8)
    assignment = random_assignment(geography, seed)
    renamed = {"area 0": "Zulu land", "area 1": "B", "area 2": "A"}
    items = list(assignment.items())
    other = {items[place][0]: renamed[items[place][1]] for place in order}
    one, two = whole(score(geography, assignment, ASKED)), whole(score(geography, other, ASKED))
    assert one.index.equals(two.index)
    assert np.allclose(one, two, atol=1e-12, equal_nan=True)


def renamed_geography(geography: Any) -> tuple[Any, dict[str, str]]:
    """The same country with other codes, whose order is turned round."""
    codes = list(geography.councils.index)
    new = dict(zip(codes, [f"X{len(codes) - place:03d}" for place in range(len(codes))], strict=True))
    order = sorted(codes, key=new.__getitem__)

    def swap(frame: pd.DataFrame) -> pd.DataFrame:
        frame = frame.assign(council=frame["council"].map(new), neighbour=frame["neighbour"].map(new))
        turned = frame["council"] > frame["neighbour"]
        frame.loc[turned, ["council", "neighbour"]] = frame.loc[turned, ["neighbour", "council"]].to_numpy()
        return frame.sort_values(["council", "neighbour"], ignore_index=True)

    def reindexed(frame: pd.DataFrame) -> pd.DataFrame:
        frame = frame.loc[order]
        return frame.set_axis(pd.Index([new[code] for code in order], name="code"))

    needs = geography.needs
    fields = {key: value for key, value in vars(geography).items() if not key.startswith("_")}
    fields |= {
        "councils": reindexed(geography.councils),
        "points": geography.points.assign(council=geography.points["council"].map(new)),
        "borders": swap(geography.borders),
        "crossings": swap(geography.crossings),
        "needs": type(needs)(
            needs.indicators, reindexed(needs.values), needs.filled, reindexed(needs.scores)
        ),
        "pieces": None,
    }
    return type(geography)(**fields), new


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_codes_of_councils_do_not_matter(seed: int) -> None:
    geography = random_geography(seed % 11, 8)
    assignment = random_assignment(geography, seed)
    other, new = renamed_geography(geography)
    one = whole(score(geography, assignment, ASKED))
    two = whole(score(other, {new[code]: area for code, area in assignment.items()}, ASKED))
    assert np.allclose(one, two, atol=1e-12, equal_nan=True)


@pytest.mark.parametrize("rule", RULES)
def test_a_misfit_is_zero_exactly_when_the_rule_holds(rule: str) -> None:
    geography = draw("ABCD\nEFGH", layers={"l": "xxyy\nxxyy", "cut": "xxxy\nxxxy"})

    def misfit(areas: str, layer: str) -> float:
        asked = Scenario(areas=2, layers={layer: {"rule": rule, "weight": 1}})
        return float(
            whole(score(geography, dict(zip("ABCDEFGH", areas, strict=True)), asked))["misfit", layer]
        )

    same, finer, coarser, across = "11221122", "11231123", "11111111", "11112222"
    holds = {"whole": (same, coarser), "nest": (same, finer, coarser), "match": (same,)}[rule]
    for areas in (same, finer, coarser, across):
        if areas in holds:
            assert misfit(areas, "l") == 0
        else:
            assert 0 < misfit(areas, "l") <= 1


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.sampled_from(RULES))
def test_a_misfit_is_between_0_and_1_and_0_exactly_when_the_rule_holds(seed: int, rule: str) -> None:
    random = np.random.default_rng(seed)
    bodies = random.choice(list("xyz."), size=(2, 4))
    if seed % 2:  # whole bodies of two columns
        bodies = np.repeat(random.choice(list("xyz"), size=(1, 2)), [2, 2], axis=1).repeat(2, axis=0)
    geography = draw("AABB\nCCDD", layers={"l": "\n".join(map("".join, bodies))}, population=100)
    asked = Scenario(areas=2, layers={"l": {"rule": rule, "weight": 1}})
    plan = drawn_plan(geography, random_assignment(geography, seed, areas=int(random.integers(1, 4))), asked)
    both = plan.groups.people("l")
    body, area = both.sum(axis=0)[None, :], plan.groups.population[:, None]
    holds = {
        "whole": both == body,
        "nest": (both == body) | (both == area),
        "match": (both == body) & (both == area),
    }[rule]
    misfit = plan.value("misfit", "l")
    assert 0 <= misfit <= 1
    assert (misfit == 0) == bool(holds[both > 0].all())


@settings(max_examples=50)
@given(st.integers(0, 2**32 - 1))
def test_v_measure_is_scikit_learns(seed: int) -> None:
    random = np.random.default_rng(seed)
    cells = random.choice(list("ABCDEFGHI"), size=(6, 6))
    bodies = random.choice(list("tuvwxyz")[: random.integers(1, 8)], size=(6, 6))
    pictures = ["\n".join("".join(row) for row in grid) for grid in (cells, bodies)]
    geography = draw(pictures[0], layers={"l": pictures[1]}, population=7.0)
    assignment = random_assignment(geography, seed, areas=int(random.integers(1, 5)))
    values = whole(score(geography, assignment, Scenario(areas=3)))
    areas = [assignment[code] for code in cells.ravel()]
    expected = homogeneity_completeness_v_measure(bodies.ravel(), areas)
    found = [values[measure, "l"] for measure in ("homogeneity", "completeness", "v_measure")]
    assert np.allclose(found, expected, rtol=0, atol=1e-12)


def test_reported_measures_of_a_drawn_plan() -> None:
    geography = draw(
        """
        AABB
        AABB
        CCDD
        """,
        layers={"l": "xxyy\nxxyy\nxxzz", "none": "....\n....\n...."},
        population=100,
    )
    plan = Plan.from_groups(geography, Scenario(areas=2), ["AB", "CD"])
    values = whole(plan.scores)
    assert values["bodies_whole", "l"] == pytest.approx(2 / 3)
    assert values["boundary_shared", "l"] == pytest.approx(
        0.5
    )  # the border of B and D is one, that of A and C none
    assert values["boundary_km", ""] == 40
    assert values["polsby_popper", ""] == pytest.approx(np.pi * (8 / 36 + 4 / 25) / 2)
    assert (values["population_min", ""], values["population_max", ""]) == (400, 800)
    assert np.isnan(values["bodies_whole", "none"])
    assert (values["v_measure", "none"], values["areas", ""]) == (1, 2)


def test_ferries_are_counted() -> None:
    geography = draw("AB.CD", crossings=[("B", "C", "ferry")])
    plan = Plan.from_groups(geography, Scenario(areas=2), ["ABC", "D"])
    assert plan.value("ferry_only_areas") == 1
    assert plan.areas["ferry_only"].tolist() == [True, False]
    with pytest.raises(KeyError, match="no measure 'beauty'"):
        plan.value("beauty")


def test_areas_of_a_plan() -> None:
    geography = draw(
        "AB\nCD", population={"A": 1.0, "B": 3.0, "C": 2.0, "D": 2.0}, needs={"health": [1, 2, 3, 4]}
    )
    plan = Plan.from_groups(geography, Scenario(areas=2, themes=["health"]), ["CD", "BA"])
    areas = plan.areas
    assert areas.index.tolist() == ["A01", "A02"]
    assert areas["council_codes"].tolist() == [("A", "B"), ("C", "D")]
    assert areas["population"].tolist() == [4.0, 4.0]
    assert (areas["health"] @ areas["population"]) == pytest.approx(0, abs=1e-12)
    assert areas.crs == geography.councils.crs
    assert areas.area.tolist() == [2e8, 2e8]
    assert plan.area_of("Council D") == "A02"
    assert "2 areas of 4 councils" in repr(plan)
    assert plan.contributions.sum() == pytest.approx(plan.objective)


def test_a_geography_without_shapes_has_scores_too() -> None:
    import networkx as nx

    from geo_devolve.geography.model import Geography

    graph = nx.grid_2d_graph(3, 3)
    for node in graph:
        graph.nodes[node].update(pop=10, need=sum(node), region=node[0])
    geography = Geography.from_graph(graph, themes=["need"], layers=["region"])
    asked = Scenario(
        areas=3, themes=["need"], weights={"need": 1}, layers={"region": {"rule": "match", "weight": 1}}
    )
    plan = Plan.from_groups(geography, asked, [[(row, column) for column in range(3)] for row in range(3)])
    assert plan.value("misfit", "region") == 0
    assert plan.value("need") == pytest.approx(0.5)
    assert plan.areas.geometry.isna().all()
    assert "polsby_popper" not in set(plan.scores["measure"])
    assert plan.faults == ()
    assert drawn_plan(geography, plan.assignment, asked).objective == pytest.approx(plan.objective)
