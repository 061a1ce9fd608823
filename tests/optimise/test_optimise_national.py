"""England: proven for many numbers of areas, and solved again without listing again."""

import numpy as np
import pytest

from geo_devolve.errors import InfeasibleError
from geo_devolve.geography.model import Geography
from geo_devolve.geography.reading.load import load_geography
from geo_devolve.optimise.near_best import near_best
from geo_devolve.optimise.problem import Problem
from geo_devolve.optimise.program.relaxation import relax
from geo_devolve.scenario import Scenario, load_scenario

pytestmark = pytest.mark.national


@pytest.fixture(scope="module")
def england() -> Geography:
    return load_geography("england-2017")


@pytest.fixture(scope="module")
def reform() -> Scenario:
    return load_scenario("reform-2017")


@pytest.fixture(scope="module")
def problem(england: Geography, reform: Scenario) -> Problem:
    return Problem(england, reform)


def test_the_default_has_87_blocks_and_62970_candidates(problem: Problem) -> None:
    assert (problem.blocks, problem.candidates) == (87, 62_970)


@pytest.mark.parametrize("areas", [30, 34, 36, 38, 40, 42, 44, 46])
def test_every_number_of_areas_is_proven(
    england: Geography, problem: Problem, reform: Scenario, areas: int
) -> None:
    scenario = reform.replace(areas=areas)
    solution = problem.solve(scenario)
    certificate = solution.certificate
    assert certificate.proven
    assert certificate.rests_on == "prices"
    assert certificate.gap <= 1e-9
    assert certificate.objective - certificate.bound <= 1e-9
    councils = sorted(code for group in solution.groups for code in group)
    assert councils == sorted(england.councils.index)
    assert len(solution.groups) == areas
    people = [england.councils["population"].loc[list(group)].sum() for group in solution.groups]
    assert min(people) >= 500_000
    assert max(people) <= 3_000_000


def test_at_46_areas_the_relaxation_is_fractional(problem: Problem, reform: Scenario) -> None:
    prepared, engine = problem.engaged(reform.replace(areas=46))
    assert prepared.units.n == 87
    relaxed = relax(engine.program, 46)  # type: ignore[attr-defined]
    assert max(min(value, 1 - value) for value in relaxed.x.values()) > 0.1
    objective = problem.solve(reform.replace(areas=46)).certificate.objective
    assert 0.001 < (objective - relaxed.bound) / objective < 0.002


def test_changed_weights_use_the_same_list_and_give_what_a_fresh_problem_gives(
    england: Geography, problem: Problem, reform: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = reform.replace(weights={"need": 3.0, "compactness": 0.1, "balance": 0.5}, areas=[37, 39])
    fresh = Problem(england, changed).solve()
    monkeypatch.setattr("geo_devolve.optimise.listed.store.list_candidates", _must_not_list)
    again = problem.solve(changed)
    assert again.groups == fresh.groups
    assert again.certificate.objective == fresh.certificate.objective
    assert again.certificate.by_count == fresh.certificate.by_count
    narrower = problem.solve(reform.replace(population=(600_000, 2_900_000)))
    assert narrower.certificate.objective >= problem.solve(reform).certificate.objective
    locked = reform.replace(
        constraints={"locked": [{"name": "Tees", "bodies": ["combined_authority:Tees Valley"]}]}
    )
    assert any("E06000001" in group for group in problem.solve(locked).groups)


def _must_not_list(*_: object, **__: object) -> None:
    raise AssertionError("listed again")


def test_a_range_reports_every_number_of_areas(problem: Problem, reform: Scenario) -> None:
    certificate = problem.solve(reform.replace(areas=[43, 46])).certificate
    assert [result.areas for result in certificate.by_count] == [43, 44, 45, 46]
    objectives = [result.objective for result in certificate.by_count]
    assert certificate.objective == pytest.approx(min(objectives), abs=1e-12)  # type: ignore[type-var]
    assert certificate.proven


def test_streaming_agrees_with_listing(england: Geography, problem: Problem, reform: Scenario) -> None:
    streamed = Problem(england, reform.replace(engine="stream", areas=46)).solve()
    listed = problem.solve(reform.replace(areas=46))
    assert streamed.certificate.engine == "stream"
    assert streamed.certificate.proven
    assert streamed.certificate.objective == pytest.approx(listed.certificate.objective, abs=1e-9)
    assert streamed.groups == listed.groups


@pytest.mark.parametrize("areas", [5, 200])
def test_impossible_numbers_of_areas_name_the_possible_ones(
    england: Geography, reform: Scenario, areas: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geo_devolve.optimise.problem._MOST_TO_EXPLAIN_S", 600.0)
    with pytest.raises(InfeasibleError, match="plans that obey all else have 20 to 54 areas"):
        Problem(england, reform.replace(areas=areas))


def test_near_best_plans_of_england(england: Geography, problem: Problem, reform: Scenario) -> None:
    found = near_best(england, reform, most=5, problem=problem)
    objectives = np.array([plan.objective for plan in found.plans])
    assert found.complete
    assert len(objectives) == 5
    assert (np.diff(objectives) >= 0).all()
    assert objectives[0] == pytest.approx(problem.solve(reform).certificate.objective, abs=1e-12)
