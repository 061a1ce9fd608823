"""How many cores work takes, and that a user's process has its threads back afterwards."""

import threading
from typing import Any

import numpy as np
import pytest
from drawn import draw
from threadpoolctl import threadpool_info, threadpool_limits

from geo_devolve import cores as module
from geo_devolve.cores import cores, in_threads, machine_cores, one_core, plain_algebra
from geo_devolve.optimise.asked.prepared import prepare
from geo_devolve.optimise.compiled.sums import sum_over
from geo_devolve.optimise.listed.listing import list_candidates
from geo_devolve.optimise.problem import Problem
from geo_devolve.scenario import Scenario


def algebra() -> list[int]:
    return [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]


@pytest.fixture
def two_threads() -> Any:
    """Linear algebra on two threads, whatever the machine has."""
    with threadpool_limits(limits=2):
        if 2 not in algebra():
            pytest.skip("this linear algebra has no threads")
        yield algebra()


def test_a_worker_has_one_core_and_gives_back_what_it_held(two_threads) -> None:
    with one_core():
        assert cores() == 1
        assert set(algebra()) == {1}
        with one_core():
            assert cores() == 1
        assert cores() == 1
        assert set(algebra()) == {1}
    assert cores() == machine_cores()
    assert algebra() == two_threads


def test_threads_are_given_back_after_an_error(two_threads) -> None:
    with pytest.raises(ZeroDivisionError), one_core():
        raise ZeroDivisionError
    assert cores() == machine_cores()
    assert algebra() == two_threads


def test_one_thread_s_core_is_not_another_s() -> None:
    before = algebra()
    inside, go = threading.Event(), threading.Event()
    seen = []

    def work() -> None:
        with one_core():
            inside.set()
            go.wait(30)
            seen.append(cores())

    worker = threading.Thread(target=work)
    worker.start()
    assert inside.wait(30)
    assert cores() == machine_cores()
    with plain_algebra():
        go.set()
        worker.join()
        assert set(algebra()) == {1}, "the last to hold it gives it back, not the first to leave"
    assert seen == [1]
    assert algebra() == before


def test_linear_algebra_is_plain_while_a_problem_is_solved_and_free_after(two_threads, monkeypatch) -> None:
    from geo_devolve.optimise import problem as home

    seen = []
    whole = home.engage

    def engage(*given: Any, **named: Any) -> Any:
        seen.append(set(algebra()))
        return whole(*given, **named)

    monkeypatch.setattr(home, "engage", engage)
    scenario = Scenario(areas=2, weights={"compactness": 1.0})
    problem = Problem(draw("ab\ncd"), scenario)
    assert algebra() == two_threads
    assert problem.solve(scenario.replace(areas=3)).certificate.proven
    assert seen == [{1}, {1}]
    assert algebra() == two_threads


def test_work_in_threads_is_answered_in_order_on_any_number_of_cores(monkeypatch) -> None:
    for many in (1, 2, 3):
        monkeypatch.setattr(module, "machine_cores", lambda many=many: many)
        used = set()

        def work(item: int, stop: Any, used: set[str] = used) -> int:
            used.add(threading.current_thread().name)
            return item * item + int(stop[0])

        assert list(in_threads(work, [3, 1, 2])) == [9, 1, 4]
        assert threading.current_thread().name not in used  # this one hears Ctrl-C


def test_lists_and_sums_are_the_same_on_any_number_of_cores(monkeypatch) -> None:
    from geo_devolve.optimise.compiled import sums as home

    monkeypatch.setattr(home, "_ROWS_FOR_THREADS", 10)
    geography = draw("abcd\nefgh\nijkl", population=1000)
    units = prepare(geography, Scenario(areas=3, population=(2000, 5000), weights={"balance": 1.0})).units
    prices = np.random.default_rng(0).normal(size=units.n)
    found = []
    for many in (1, 3):
        monkeypatch.setattr(module, "machine_cores", lambda many=many: many)
        listed = list_candidates(units)
        sums = sum_over(listed.masks, prices)
        found.append([each.tobytes() for each in (listed.masks, listed.population, listed.terms, sums)])
    assert len(listed) > 100
    assert found[0] == found[1]
