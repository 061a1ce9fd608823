"""Existing authorities completed: against every completion there is, on drawn countries."""

import itertools
import json
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from drawn import draw, random_geography

import geo_devolve as gd
from geo_devolve.errors import InfeasibleError, UsageError
from geo_devolve.objective.terms import assignment_terms
from geo_devolve.plan.extend import extend


@pytest.fixture
def country() -> gd.Geography:
    """Two authorities, one of them small and hemmed in; four councils in none."""
    return draw(
        """
        ssSr
        aabr
        cdee
        """,
        layers={
            "authority": """
            ...B
            AABB
            ....
            """,
            "service": """
            uuvv
            uuvv
            wwww
            """,
        },
        population={
            "s": 300.0,
            "S": 200.0,
            "a": 100.0,
            "b": 400.0,
            "r": 200.0,
            "c": 300.0,
            "d": 300.0,
            "e": 200.0,
        },
        needs={"health": {"s": 1, "S": 2, "a": 3, "b": 1, "r": 2, "c": 3, "d": 1, "e": 2}},
    )


def scenario(**changes) -> gd.Scenario:
    kept = {
        "areas": [2, 5],
        "population": (400, 1500),
        "themes": ["health"],
        "weights": {"need": 1.0, "compactness": 0.5},
        "layers": {"service": {"rule": "match", "weight": 1.0}},
        "time_limit_s": 60,
    }
    return gd.Scenario(**(kept | changes))


def best_completion(geography, asked, cores, released=()):
    """The least objective over all partitions, by trying every one: slow and simple."""
    codes = list(geography.councils.index)
    people, graph = geography.councils["population"], geography.graph(asked.crossings)
    least, most = asked.population
    cores = {name: set(core) for name, core in cores.items()}
    weights = np.array(asked.term_weights)

    def fine(area: set) -> bool:
        for name, core in cores.items():
            if name not in released and area & core and not core <= area:
                return False
        if sum(bool(area & core) for name, core in cores.items() if name not in released) > 1:
            return False
        total = people[list(area)].sum()
        exempt = any(core <= area for core in cores.values())
        return total <= most and (total >= least or exempt) and nx.is_connected(graph.subgraph(area))

    good = [
        frozenset(area)
        for size in range(1, len(codes) + 1)
        for area in map(set, itertools.combinations(codes, size))
        if fine(area)
    ]
    first = {code: [area for area in good if min(area) == code] for code in codes}

    def partitions(left: frozenset):
        if not left:
            yield []
            return
        for area in first[min(left)]:
            if area <= left:
                for rest in partitions(left - area):
                    yield [area, *rest]

    found = {}
    for groups in partitions(frozenset(codes)):
        if len(groups) in asked.counts:
            # balance is measured against the number asked for, and has no weight here
            value = float(assignment_terms(geography, asked, groups).sum(axis=0) @ weights)
            found[len(groups)] = min(value, found.get(len(groups), np.inf))
    return found


CORES = {"A": ["a"], "B": ["b", "r"]}


def test_the_best_completion_is_the_best_of_all_there_are(country):
    asked = scenario()
    found = extend(country, asked, "authority", prices=False)
    every = best_completion(country, asked, CORES)
    assert found.plan.certificate.proven
    assert found.plan.objective == pytest.approx(min(every.values()), abs=1e-9)


def test_the_price_of_each_authority_is_what_its_release_would_gain(country):
    asked = scenario()
    found = extend(country, asked, "authority")
    fixed = min(best_completion(country, asked, CORES).values())
    for code in CORES:
        free = min(best_completion(country, asked, CORES, released=(code,)).values())
        assert found.authorities.loc[code, "price"] == pytest.approx(max(fixed - free, 0), abs=1e-9)
    assert (found.authorities["price"] >= 0).all()


def test_who_joins_whom_is_told(country):
    found = extend(country, scenario(), "authority", prices=False)
    assert found.uncovered.index.tolist() == ["S", "c", "d", "e", "s"]
    holder = found.authorities.set_index("area")["name"]
    for code, row in found.uncovered.iterrows():
        assert row["area"] == found.plan.assignment[code]
        assert row["joins"] == holder.get(row["area"], "")
    assert found.authorities["joined"].sum() == (found.uncovered["joins"] != "").sum()
    for code, core in CORES.items():
        assert set(found.plan.assignment[core]) == {found.authorities.loc[code, "area"]}
    assert found.authorities["area"].is_unique
    assert not set(found.new_areas.index) & set(found.authorities["area"])
    assert (found.new_areas["population"] >= 400).all()
    assert found.authorities["price"].isna().all()


def test_an_authority_hemmed_in_keeps_its_size():
    country = draw(
        "xAByz",
        layers={"authority": ".PQ.."},
        population={"x": 500.0, "A": 100.0, "B": 450.0, "y": 300.0, "z": 300.0},
    )
    # only x reaches A; with x at the limit A has to stay as small as it is
    asked = scenario(population=(500, 560), areas=[4, 4], layers={}, themes=[], weights={"compactness": 1.0})
    with pytest.raises(InfeasibleError):
        extend(country, asked, "authority", prices=False)
    asked = asked.replace(population=(500, 600))
    found = extend(country, asked, "authority", prices=False)
    assert found.authorities["joined"].to_dict() == {"P": 0, "Q": 0}
    assert found.authorities["could_reach"].to_dict() == {"P": 600.0, "Q": 1050.0}


def test_locked_areas_stay_and_are_no_new_areas(country):
    asked = scenario(constraints={"locked": [{"name": "South-east", "councils": ["e"], "exempt": True}]})
    found = extend(country, asked, "authority", prices=False)
    assert (found.plan.assignment == found.plan.assignment["e"]).sum() == 1
    assert found.plan.assignment["e"] not in found.new_areas.index
    assert "e" not in found.uncovered.index


def test_what_cannot_be_extended_is_refused(country):
    with pytest.raises(UsageError, match="least and the most people"):
        extend(country, scenario(population=None), "authority")
    with pytest.raises(UsageError, match="larger than an area may be: B"):
        extend(country, scenario(population=(100, 500)), "authority")
    with pytest.raises(gd.ScenarioError, match="authority"):
        extend(country, scenario(), "authorities")
    nobody = draw("ab", {"none": "x."}, population={"a": 0.0, "b": 900.0})
    with pytest.raises(UsageError, match="has no authority"):
        extend(nobody, scenario(layers={}, themes=[]), "none")


def test_json_holds_plain_values(country):
    document = json.loads(json.dumps(extend(country, scenario(), "authority").to_dict(), allow_nan=False))
    assert document["proven"] is True
    assert {row["code"] for row in document["authorities"]} == {"A", "B"}
    assert len(document["uncovered"]) == 5


@pytest.mark.parametrize("seed", range(3))
def test_random_countries_agree_with_every_completion(seed):
    geography = random_geography(seed, n=8, layers=2, bodies=3, themes=1)
    cores = {}
    people = geography.people("layer0").toarray()
    for number, code in enumerate(geography.layers["layer0"].bodies.index):
        inside = people[:, number] > geography.councils["population"].to_numpy() / 2
        if inside.any():
            cores[code] = list(geography.councils.index[inside])
    keep = dict(list(cores.items())[:1])
    layer = geography.layers["layer0"]
    only = replace(layer, bodies=layer.bodies.iloc[:1], membership=layer.membership[:, :1])
    geography = replace(geography, layers={**geography.layers, "core": only})
    total = geography.population
    asked = scenario(
        areas=[2, 4], population=(total * 0.15, total * 0.95), themes=["theme0"],
        layers={"layer1": {"rule": "nest", "weight": 1.0}},
    )  # fmt: skip
    every = best_completion(geography, asked, keep)
    if not every:
        with pytest.raises(InfeasibleError):
            extend(geography, asked, "core", prices=False)
        return
    found = extend(geography, asked, "core", prices=False)
    assert found.plan.objective == pytest.approx(min(every.values()), abs=1e-9)
