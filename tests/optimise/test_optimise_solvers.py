"""Solvers: HiGHS and CBC agree; those that fail, lie, hang or are stopped are found out."""

import _thread
import signal
import time
from collections.abc import Callable, Iterator

import numpy as np
import pulp
import pytest
from small_instances import random_geography, random_scenario

from geo_devolve.errors import NoPlanInTimeError, ScenarioError, SolverError
from geo_devolve.geography.model import Geography
from geo_devolve.optimise import integer, solvers
from geo_devolve.optimise.problem import Problem
from geo_devolve.scenario import Scenario


def instance(seed: int = 3, n: int = 9) -> tuple[Geography, Scenario]:
    random = np.random.default_rng(seed)
    geography = random_geography(random, n)
    return geography, random_scenario(random, geography, ()).replace(areas=3)


class Fake(pulp.LpSolver):
    """A solver that answers as it is told to."""

    name = "fake"

    def __init__(self, answer: Callable[[pulp.LpProblem], None]) -> None:
        super().__init__()
        self.answer = answer

    def available(self) -> bool:
        return True

    def actualSolve(self, lp: pulp.LpProblem, **_: object) -> int:  # noqa: N802 - PuLP's name
        self.answer(lp)
        return int(lp.status)


def with_fake(monkeypatch: pytest.MonkeyPatch, answer: Callable[[pulp.LpProblem], None]) -> None:
    monkeypatch.setattr(solvers, "find_solver", lambda name, seconds: Fake(answer))


def truth(lp: pulp.LpProblem, *, sense: int = pulp.LpMinimize) -> None:
    """Solve for real; with the other sense, find the worst plan."""
    lp.sense = sense
    if sense == pulp.LpMaximize:
        lp.setObjective(lp.objective * 1.0)
    pulp.HiGHS(msg=False).solve(lp)


def worst(lp: pulp.LpProblem) -> None:
    """Claim the worst plan as the optimum."""
    truth(lp, sense=pulp.LpMaximize)
    lp.assignStatus(pulp.LpStatusOptimal, pulp.LpSolutionOptimal)


@pytest.mark.parametrize("seed", range(8))
def test_highs_and_cbc_agree(seed: int) -> None:
    geography, scenario = instance(seed)
    answers = [Problem(geography, scenario.replace(solver=name)).solve() for name in ("HiGHS", "CBC")]
    assert answers[0].certificate.objective == pytest.approx(answers[1].certificate.objective, abs=1e-9)
    assert all(answer.certificate.proven for answer in answers)


@pytest.mark.parametrize("size", [1e-9, 1e6])
def test_the_size_of_weights_does_not_matter(size: int) -> None:
    geography, scenario = instance(5)
    weights = {key: value * size for key, value in scenario.weights.items()}
    layers = {
        name: {"rule": term.rule, "weight": term.weight * size} for name, term in scenario.layers.items()
    }
    one = Problem(geography, scenario).solve()
    other = Problem(geography, scenario.replace(weights=weights, layers=layers)).solve()
    assert other.groups == one.groups
    assert other.certificate.objective == pytest.approx(size * one.certificate.objective, rel=1e-9)
    assert other.certificate.proven


def test_an_unknown_solver_is_refused_with_the_nearest_name() -> None:
    geography, scenario = instance()
    with pytest.raises(ScenarioError, match='no solver "HiGS"; did you mean HiGHS'):
        Problem(geography, scenario.replace(solver="HiGS"))


def test_a_solver_that_is_not_installed_is_refused() -> None:
    missing = sorted(set(pulp.listSolvers()) - set(pulp.listSolvers(onlyAvailable=True)) - {"COIN_CMD"})
    if not missing:
        pytest.skip("every solver that PuLP knows is installed")
    with pytest.raises(SolverError, match="is not installed"):
        solvers.check_solver(missing[0])


def test_a_solver_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(lp: pulp.LpProblem) -> None:
        raise pulp.PulpSolverError("out of licences")

    with_fake(monkeypatch, fail)
    with pytest.raises(SolverError, match="failed: out of licences"):
        Problem(*instance()).solve()


def test_an_optimum_that_is_no_plan_is_a_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(lp: pulp.LpProblem) -> None:
        for variable in lp.variables():
            variable.varValue = 0.0
        lp.assignStatus(pulp.LpStatusOptimal, pulp.LpSolutionOptimal)

    with_fake(monkeypatch, nothing)
    with pytest.raises(SolverError, match="claims an optimum, but its answer is no plan"):
        Problem(*instance()).solve()


def test_a_false_optimum_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Problem(*instance()).solve().certificate.objective
    with_fake(monkeypatch, worst)
    with pytest.raises(SolverError, match=r"claims that .* is the least objective .* but there is a plan"):
        Problem(*instance()).solve()
    assert real > 0


def test_a_false_infeasible_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with_fake(monkeypatch, lambda lp: lp.assignStatus(pulp.LpStatusInfeasible, pulp.LpSolutionInfeasible))
    with pytest.raises(SolverError, match="claims that there is no plan"):
        Problem(*instance()).solve()


def test_at_its_time_limit_a_solver_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """PuLP says "Optimal" there; the plan is used, the proof is our own."""
    real = Problem(*instance()).solve().certificate.objective

    def late(lp: pulp.LpProblem) -> None:
        truth(lp, sense=pulp.LpMaximize)
        lp.assignStatus(pulp.LpStatusOptimal, pulp.LpSolutionIntegerFeasible)

    with_fake(monkeypatch, late)
    certificate = Problem(*instance()).solve().certificate
    assert certificate.proven
    assert certificate.objective == pytest.approx(real, abs=1e-9)


def test_without_time_for_a_proof_nothing_is_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Problem(*instance()).solve().certificate.objective

    def late(lp: pulp.LpProblem) -> None:
        truth(lp, sense=pulp.LpMaximize)
        lp.assignStatus(pulp.LpStatusOptimal, pulp.LpSolutionIntegerFeasible)

    with_fake(monkeypatch, late)
    prove = integer.prove
    monkeypatch.setattr(integer, "prove", lambda *args: prove(*args, most_nodes=0))
    certificate = Problem(*instance()).solve().certificate
    assert not certificate.proven
    assert certificate.stopped == "time limit"
    assert certificate.bound <= real + 1e-9
    assert certificate.objective > real
    assert certificate.gap == pytest.approx(
        (certificate.objective - certificate.bound) / certificate.objective
    )
    assert certificate.by_count[0].status == "feasible"


def test_a_solver_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solvers, "_GRACE_S", 0.1)
    with_fake(monkeypatch, lambda lp: time.sleep(8))
    geography, scenario = instance()
    with pytest.raises(SolverError, match="did not end"):
        Problem(geography, scenario.replace(time_limit_s=0.5)).solve()


@pytest.fixture
def ctrl_c_is_heard() -> Iterator[None]:
    """Hear the interrupt signal also where the tests run in the background, which shells make deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c_is_heard")
def test_stopped_with_a_plan_in_hand_the_plan_is_kept_and_unproven(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(lp: pulp.LpProblem) -> None:
        truth(lp, sense=pulp.LpMaximize)
        _thread.interrupt_main()
        time.sleep(1)

    with_fake(monkeypatch, interrupted)
    geography, scenario = instance()
    certificate = Problem(geography, scenario).solve().certificate
    assert certificate.stopped == "user"
    assert not certificate.proven
    assert certificate.bound < certificate.objective


@pytest.mark.usefixtures("ctrl_c_is_heard")
def test_stopped_without_a_plan_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(lp: pulp.LpProblem) -> None:
        _thread.interrupt_main()
        time.sleep(1)

    with_fake(monkeypatch, interrupted)
    with pytest.raises(NoPlanInTimeError, match="stopped before any plan was found") as caught:
        Problem(*instance()).solve()
    assert caught.value.exit_code == 5
