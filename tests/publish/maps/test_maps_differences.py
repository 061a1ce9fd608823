"""Maps that set a plan beside others."""

from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from drawn import draw

from geo_devolve.errors import UsageError
from geo_devolve.geography.model import Geography
from geo_devolve.plan.compare import compare
from geo_devolve.plan.plan import Plan
from geo_devolve.plan.stability import Stability, of_plans
from geo_devolve.publish.maps.differences import (
    draw_difference,
    draw_stability,
    map_difference,
    map_stability,
)
from geo_devolve.scenario import Scenario


@pytest.fixture(scope="module")
def plan() -> Plan:
    return Plan.from_groups(draw("ABC\nDEF\nGHI"), Scenario(name="this one", areas=3), ["ABC", "DEF", "GHI"])


@pytest.fixture(scope="module")
def stability(plan: Plan) -> Stability:
    others = [np.array([0, 0, 0, 1, 1, 1, 2, 2, 2]), np.array([0, 0, 0, 0, 1, 1, 2, 2, 2])]
    return of_plans(plan, others, pd.DataFrame({"proven": [True, False]}))


def texts(figure: Any) -> str:
    return " ".join(text.get_text() for text in figure.axes[0].texts)


def test_the_map_of_differences_says_what_moves(plan: Plan) -> None:
    other = Plan.from_groups(plan.geography, Scenario(name="that one", areas=3), ["ABCD", "EF", "GHI"])
    said = texts(draw_difference(compare(plan, other)))
    for part in ("two plans compared", "1 council moves", "Moves to another area", "this one and that one"):
        assert part in said


def test_the_map_of_stability_says_what_is_contested(stability: Stability) -> None:
    assert set(map(tuple, stability.contested[["council", "neighbour"]].to_numpy())) == {
        ("A", "D"),
        ("D", "E"),
    }
    said = texts(draw_stability(stability))
    for part in ("settled and contested borders", "2 weightings (1 proven)", "in half to 75 %", "Contested"):
        assert part in said


@pytest.mark.slow
def test_the_same_figure_gives_the_same_bytes(plan: Plan, stability: Stability, tmp_path: Path) -> None:
    found = compare(plan, plan)
    for suffix in (".png", ".svg", ".pdf"):
        for number in (1, 2):
            map_difference(found, tmp_path / f"d{number}{suffix}")
            map_stability(stability, tmp_path / f"s{number}{suffix}")
        for kind in "ds":
            one, two = (tmp_path / f"{kind}{number}{suffix}" for number in (1, 2))
            assert one.read_bytes() == two.read_bytes()


def test_other_endings_and_bare_geographies_are_refused(plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="maps are written as"):
        map_difference(compare(plan, plan), tmp_path / "map.bmp")
    graph = nx.path_graph(4)
    nx.set_node_attributes(graph, 1, "pop")
    bare = Plan.from_groups(Geography.from_graph(graph), Scenario(areas=2), [[0, 1], [2, 3]])
    with pytest.raises(UsageError, match="no shapes"):
        map_difference(compare(bare, bare), tmp_path / "map.png")
    assert list(tmp_path.iterdir()) == []
