"""Solvers: HiGHS and CBC agree; those that fail, lie, hang or are stopped are found out."""

import _thread
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pulp
import pytest
from small_instances import random_geography, random_scenario

from geo_devolve.errors import NoPlanInTimeError, ScenarioError, SolverError
from geo_devolve.geography.model import Geography
from geo_devolve.optimise.problem import Problem
from geo_devolve.optimise.program import best_plan as integer
from geo_devolve.optimise.program import solvers
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


def test_an_end_without_an_answer_is_no_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    with_fake(monkeypatch, lambda lp: lp.assignStatus(pulp.LpStatusNotSolved))
    with pytest.raises(
        SolverError, match=r"fake ended after .* of \d+ s without an answer; solve says: Not Solved"
    ):
        Problem(*instance()).solve()


def test_a_refused_option_is_no_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    find = solvers.find_solver

    def strange(name: str, seconds: float) -> object:
        solver = find(name, seconds)
        solver.gapRel = -1.0
        return solver

    monkeypatch.setattr(solvers, "find_solver", strange)
    with pytest.raises(SolverError, match=r"setOptionValue mip_rel_gap = -1.0 answered kError"):
        Problem(*instance()).solve()


HANGS = """#!/bin/sh
echo $$ > {0}/outer
sleep 300 &
echo $! > {0}/inner
wait
"""


@pytest.fixture
def hanging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A solver of the command line that starts another process, and waits for it for ever."""
    if not Path(f"/proc/self/task/{os.getpid()}/children").exists():
        pytest.skip("only Linux tells a thread's children")
    (tmp_path / "rest").mkdir()
    program = tmp_path / "cbc"
    program.write_text(HANGS.format(tmp_path))
    program.chmod(0o755)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "rest"))
    monkeypatch.setattr(
        solvers,
        "find_solver",
        lambda name, seconds: pulp.COIN_CMD(path=str(program), msg=False, timeLimit=seconds),
    )
    return tmp_path


def lives(file: Path) -> bool:
    """Whether the process that wrote its number down is there, and not only waited for."""
    try:
        state = Path(f"/proc/{int(file.read_text())}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}


def assert_all_gone(hanging: Path) -> None:
    until = time.monotonic() + 20
    while any(lives(hanging / name) for name in ("outer", "inner")) and time.monotonic() < until:
        time.sleep(0.02)
    assert not lives(hanging / "outer")
    assert not lives(hanging / "inner")
    assert list((hanging / "rest").iterdir()) == []


def test_a_command_that_hangs_is_given_up_and_ended(hanging: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solvers, "_GRACE_S", 0.5)
    geography, scenario = instance()
    with pytest.raises(SolverError, match="COIN_CMD did not end"):
        Problem(geography, scenario.replace(time_limit_s=0.5)).solve()
    assert (hanging / "inner").read_text().strip()
    assert_all_gone(hanging)


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


@pytest.mark.usefixtures("ctrl_c_is_heard")
def test_a_command_that_hangs_is_ended_by_ctrl_c(hanging: Path) -> None:
    def press() -> None:
        until = time.monotonic() + 60
        while not (hanging / "inner").exists() and time.monotonic() < until:
            time.sleep(0.02)
        _thread.interrupt_main()

    threading.Thread(target=press).start()
    with pytest.raises(NoPlanInTimeError, match="stopped before any plan was found"):
        Problem(*instance()).solve()
    assert_all_gone(hanging)
