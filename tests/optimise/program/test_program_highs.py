"""A model of HiGHS: what it refuses is raised with the call's name, and Ctrl-C leaves nothing running."""

import _thread
import inspect
import re
import signal
import threading

import highspy
import numpy as np
import pulp
import pytest

from geo_devolve.errors import SolverError
from geo_devolve.optimise.program import highs
from geo_devolve.optimise.program.highs import Model


def small() -> Model:
    """At least 3 of two things that cost 1 and 2, at most 2 of each: 2 of the cheap one, 1 of the other."""
    model = Model({"presolve": "off"})
    model.addRow(3.0, highspy.kHighsInf, 0, [], [])
    model.addCol(1.0, 0.0, 2.0, 1, [0], [1.0])
    model.addCol(2.0, 0.0, 2.0, 1, [0], [1.0])
    return model


def test_it_solves_on_one_core_and_says_nothing() -> None:
    model = small()
    assert highs.solve(model)
    assert model.getObjectiveValue() == pytest.approx(4.0)
    assert model.getOptionValue("threads")[1] == 1
    assert model.getOptionValue("output_flag")[1] is False


@pytest.mark.parametrize(
    ("option", "value"),
    [("no_such_option", 1), ("threads", -3), ("mip_rel_gap", -0.5), ("presolve", "maybe")],
)
def test_a_refused_option_is_named(option: str, value: object) -> None:
    with pytest.raises(SolverError, match=rf"setOptionValue {option} = '?{value}'? answered kError"):
        Model({option: value})


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("addCol", (1.0, 0.0, 1.0, 1, [99], [1.0])),
        ("addRow", (0.0, 1.0, 1, [99], [1.0])),
        ("changeColCost", (99, 1.0)),
        ("changeColBounds", (99, 0.0, 1.0)),
        ("changeColsCost", (1, np.array([99], dtype=np.int32), np.ones(1))),
        ("changeColIntegrality", (99, highspy.HighsVarType.kInteger)),
        ("deleteRows", (1, np.array([99], dtype=np.int32))),
    ],
)
def test_a_refused_call_is_named(name: str, arguments: tuple[object, ...]) -> None:
    with pytest.raises(SolverError, match=f"HiGHS failed: {name} answered kError"):
        getattr(small(), name)(*arguments)


def in_a_thread_of_two_cores(work: object) -> list[object]:
    """Do something in a thread in which HiGHS has run on two cores."""
    answers: list[object] = []

    def do() -> None:
        theirs = Model({"threads": 2})
        theirs.run()
        try:
            answers.append(work())  # type: ignore[operator]
        except SolverError as error:
            answers.append(error)

    thread = threading.Thread(target=do)
    thread.start()
    thread.join()
    return answers


def test_a_refused_run_is_named() -> None:
    (answer,) = in_a_thread_of_two_cores(lambda: small().run())
    assert "HiGHS failed: run answered kError" in str(answer)


def test_a_thread_of_its_own_is_refused_nothing() -> None:
    assert in_a_thread_of_two_cores(lambda: highs.solve(small())) == [True]


def test_it_leaves_no_scheduler_behind() -> None:
    assert highs.solve(small())
    answers = in_a_thread_of_two_cores(lambda: highs.solve(small()) and Model({"threads": 2}).run())
    assert answers == [highspy.HighsStatus.kOk]


def test_a_program_without_a_solution_is_no_answer() -> None:
    model = small()
    model.changeRowBounds(0, 5.0, 6.0)
    with pytest.raises(SolverError, match="run ended with Infeasible"):
        highs.solve(model)


def test_a_time_limit_is_told_apart() -> None:
    model = small()
    model.setOptionValue("time_limit", 0.0)
    assert highs.solve(model) is False


def test_every_call_that_pulp_makes_is_read() -> None:
    made = set(re.findall(r"solverModel\.(\w+)\(", inspect.getsource(pulp.HiGHS)))
    assert {"addCol", "addRow", "run"} <= made
    asking = {name for name in made if name.startswith("get")}
    assert [n for n in sorted(made - asking) if getattr(Model, n) is getattr(highspy.Highs, n)] == []


class Endless(Model):
    """A model whose run ends only when it is cancelled."""

    def __init__(self) -> None:
        super().__init__({})
        self.going, self.cancelled = threading.Event(), threading.Event()

    def run(self) -> highspy.HighsStatus:
        self.going.set()
        assert self.cancelled.wait(20)
        return highspy.HighsStatus.kOk

    def cancelSolve(self) -> None:  # noqa: N802 - highspy's name
        self.cancelled.set()


def test_ctrl_c_is_heard_and_ends_the_run() -> None:
    model = Endless()

    def press() -> None:
        model.going.wait(20)
        _thread.interrupt_main()

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        threading.Thread(target=press).start()
        with pytest.raises(KeyboardInterrupt):
            highs.solve(model)
    finally:
        signal.signal(signal.SIGINT, before)
    assert model.cancelled.is_set()
