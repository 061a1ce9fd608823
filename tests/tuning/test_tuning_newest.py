"""Only the newest request counts, however many there are and whatever becomes of the older ones."""

import threading

from geo_devolve.progress import Progress
from geo_devolve.tuning.newest import Newest


def test_ten_requests_at_once_leave_one_answer_the_last() -> None:
    begun, told = [], []
    started, go = threading.Event(), threading.Event()

    def work(request: int, progress: Progress) -> int:
        begun.append(request)
        started.set()
        go.wait(10)
        progress("working", 1, 2)
        return request * 10

    newest: Newest[int, int] = Newest(work, lambda request, answer: told.append((request, answer)))
    newest.ask(0)
    assert started.wait(10)
    for request in range(1, 10):
        newest.ask(request)
    go.set()
    assert newest.wait(10)
    assert told == [(9, 90)]
    assert begun == [0, 9]


def test_an_error_is_told_and_the_next_request_works() -> None:
    told = []

    def work(request: int, progress: Progress) -> float:
        return 1 / request

    newest: Newest[int, float] = Newest(work, lambda request, answer: told.append((request, answer)))
    newest.ask(0)
    assert newest.wait(10)
    newest.ask(2)
    assert newest.wait(10)
    assert isinstance(told[0][1], ZeroDivisionError)
    assert told[1] == (2, 0.5)


def test_what_is_overtaken_after_its_last_step_is_not_told() -> None:
    told = []
    inside, go = threading.Event(), threading.Event()

    def work(request: int, progress: Progress) -> int:
        if request == 0:
            inside.set()
            go.wait(10)
        return request

    newest: Newest[int, int] = Newest(work, lambda request, answer: told.append(answer))
    newest.ask(0)
    assert inside.wait(10)
    newest.ask(1)
    go.set()
    assert newest.wait(10)
    assert told == [1]
