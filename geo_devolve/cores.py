"""How many cores a piece of work may take: all of them, or, as one of many workers, only its own.

Linear algebra starts threads of its own for every product, which wait for each other in a busy loop. At the
sizes met here they only ever lose time, take the next worker's core, and may add numbers up in another order
on another machine. While a problem is solved they are held to one, and given back after.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from itertools import islice
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from geo_devolve.clock import NEVER, Deadline

_MOMENT_S = 0.05
_AHEAD = 256  # pieces of work that wait for a thread

_alone: ContextVar[bool] = ContextVar("geo_devolve_one_core", default=False)


def cores() -> int:
    """Return how many cores the work at hand may take."""
    return 1 if _alone.get() else machine_cores()


def machine_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


@contextmanager
def one_core() -> Iterator[None]:
    """Keep what is done inside to one core: that of a worker among others."""
    token = _alone.set(True)
    try:
        with plain_algebra():
            yield
    finally:
        _alone.reset(token)


@contextmanager
def plain_algebra() -> Iterator[None]:
    """Hold the threads of linear algebra to one while inside, and give them back after."""
    _algebra.hold()
    try:
        yield
    finally:
        _algebra.give_back()


class _Algebra:
    """Linear algebra, which all threads of a process share: held by the first, given back by the last."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._holders = 0
        self._before: list[dict[str, Any]] = []

    def hold(self) -> None:
        with self._lock:
            if self._holders == 0:
                self._before = _libraries().info()
                _set_threads(1)
            self._holders += 1

    def give_back(self) -> None:
        with self._lock:
            self._holders -= 1
            if self._holders == 0:
                _set_threads(self._before)


_algebra = _Algebra()


def _set_threads(limits: int | list[dict[str, Any]]) -> None:
    _libraries().limit(limits=limits)
    with _libraries().limit():
        pass  # threadpoolctl hears only the thread that set them last, until that one has left such a block


@cache
def _libraries() -> ThreadpoolController:
    """Return the libraries with threads of their own; to look for them takes longer than to hold them."""
    return ThreadpoolController()


def in_threads(
    work: Callable[[int, NDArray[np.int64]], Any], items: list[int], deadline: Deadline = NEVER
) -> Iterator[Any]:
    """Do compiled work on all cores it may take, and yield the answers in the order of the items.

    Compiled code hears neither Ctrl-C nor the clock: it runs in threads of its own, so that this one does.

    Parameters
    ----------
    work
        Takes an item, and an array whose first entry turns from 0 where the work should stop, since the
        time is up or the caller has gone.
    items
        What to do.
    deadline
        When to stop.

    Raises
    ------
    TimeUpError
        The time is up.
    """
    stop = np.zeros(1, dtype=np.int64)
    with ThreadPoolExecutor(max(1, min(cores(), len(items)))) as pool:
        left = iter(items)
        jobs = deque(pool.submit(work, item, stop) for item in islice(left, _AHEAD))
        try:
            while jobs:
                while not done_soon(jobs[0]):
                    deadline.check()
                yield jobs.popleft().result()
                jobs.extend(pool.submit(work, item, stop) for item in islice(left, 1))
        finally:
            stop[0] = 1
            for job in jobs:
                job.cancel()


def in_thread(work: Callable[[NDArray[np.int64]], Any], deadline: Deadline = NEVER) -> Any:
    """Do one piece of compiled work; see `in_threads`.

    Parameters
    ----------
    work
        Takes an array whose first entry turns from 0 where the work should stop.
    deadline
        When to stop.

    Raises
    ------
    TimeUpError
        The time is up.
    """
    return next(in_threads(lambda _, stop: work(stop), [0], deadline))


def done_soon(job: Future[Any]) -> bool:
    """Wait for a job, but no longer than Ctrl-C and the clock can wait; tell whether it is done."""
    return job.done() or bool(wait([job], timeout=_MOMENT_S).done)
