"""The areas that the white paper asks for: every number of them proven, and what the strict reading bars."""

import pytest

import geo_devolve as gd
from geo_devolve.plan.carry import carry_plan
from geo_devolve.plan.extend import extend

pytestmark = pytest.mark.national

LAYER = "strategic_authority_2025"


@pytest.fixture(scope="module")
def england() -> gd.Geography:
    return gd.load_geography("england-2024")


@pytest.fixture(scope="module")
def problem(england) -> gd.Problem:
    return gd.Problem(england, gd.load_scenario("white-paper-2024"))


@pytest.fixture(scope="module")
def plan(england, problem) -> gd.Plan:
    return gd.propose(england, problem.scenario, problem=problem)


def test_every_candidate_is_listed_once_for_all_counts(problem):
    # one of them is London, which is locked
    assert problem.candidates == 1_801_769
    assert problem.blocks == 121


def test_every_number_of_areas_is_proven(plan):
    results = {each.areas: each for each in plan.certificate.by_count}
    assert list(results) == list(range(24, 35))
    assert all(each.proven and each.status == "optimal" for each in results.values())
    assert plan.certificate.proven
    assert plan.certificate.objective == pytest.approx(1.180527605618, abs=1e-9)
    assert len(plan.areas) == 28
    best = min(results.values(), key=lambda each: each.objective)
    assert best.areas == 28


def test_the_best_plan_keeps_its_rules(england, plan):
    assert not plan.faults
    london = plan.area_of("Camden")
    members = set(plan.areas.loc[london, "council_codes"])
    assert members == set(england.find_councils("region:London"))
    others = plan.areas.drop(london)
    assert others["population"].between(1_000_000, 3_200_000).all()


def test_what_it_would_change_for_the_authorities_that_exist(england, plan):
    people = england.people(LAYER).toarray()
    held = {
        name: set(plan.assignment[people[:, at] > 0])
        for at, name in enumerate(england.layers[LAYER].bodies["name"])
    }
    assert [name for name, areas in held.items() if len(areas) > 1] == ["Liverpool City Region"]
    same = [
        name
        for name, areas in held.items()
        if len(areas) == 1
        and plan.areas.loc[next(iter(areas)), "population"]
        == england.layers[LAYER].bodies.set_index("name").loc[name, "population"]
    ]
    assert sorted(same) == [
        "East Midlands",
        "Greater Manchester",
        "Lancashire",
        "South Yorkshire",
        "West Midlands",
        "West Yorkshire",
    ]


def test_the_strict_reading_allows_no_more_than_26_areas(england):
    strict = gd.load_scenario("white-paper-strict")
    problem = gd.Problem(england, strict)
    plan = gd.propose(england, strict.replace(areas=[24, 26]), problem=problem)
    assert [each.proven for each in plan.certificate.by_count] == [True, True, True]
    assert plan.areas["population"].min() >= 1_500_000
    with pytest.raises(gd.InfeasibleError):
        problem.solve(strict.replace(areas=[28, 34]))


def test_existing_authorities_completed(england):
    found = extend(england, gd.load_scenario("white-paper-2024"), LAYER, prices=False)
    assert found.plan.certificate.proven
    assert found.plan.objective == pytest.approx(1.194482048724, abs=1e-9)
    assert len(found.plan.areas) == 29
    assert len(found.uncovered) == 296 - 33 - 106
    assert len(found.authorities) == 15
    assert (found.new_areas["population"] >= 1_000_000).all()
    # whole and apart, these cannot come to 1.5 million even with all they could reach
    hemmed = found.authorities[found.authorities["could_reach"] < 1_500_000]
    assert sorted(hemmed["name"]) == [
        "Hull and East Yorkshire",
        "South Yorkshire",
        "Tees Valley",
        "York and North Yorkshire",
    ]


def test_a_plan_of_2017_compares_with_one_of_2024(england, plan):
    then = gd.load_geography("england-2017")
    old = gd.propose(then, gd.load_scenario("reform-2017"))
    carried, told = carry_plan(old, england, plan.scenario)
    assert set(told.changes["change"]) == {"merged", "renamed"}
    comparison = gd.compare(plan, carried)
    assert 0 < comparison.adjusted_rand < 1
    assert 0 < comparison.people_moved < england.population
