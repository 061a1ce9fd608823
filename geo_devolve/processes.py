"""Worker processes of this machine, and outliving those that are lost.

They are loky's: a new interpreter each, that never reads the main script. So a script needs no guard, and may
come from standard input or be typed into a console.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

import loky
import psutil

from geo_devolve.errors import GeoDevolveError

TRIES = 3
"""So often work may lose its worker before it is given up."""

# A worker that listed candidates holds far more than it did after its first piece of work: that is no leak.
_NO_LEAK_CHECK = {"LOKY_MAX_MEMORY_LEAK_SIZE": str(2**60)}


class WorkersLostError(GeoDevolveError, RuntimeError):
    """The executor has ended for good; what was finished is kept."""


class Processes(Executor):
    """Worker processes of this machine; when one is lost, new ones are started.

    They leave Ctrl-C to this process, and end with it, even if it is killed.

    Parameters
    ----------
    workers
        How many.

    Raises
    ------
    WorkersLostError
        They cannot be started, at the start or after one was lost.

    Examples
    --------
    >>> from geo_devolve.processes import Processes
    >>> with Processes(2) as processes:
    ...     list(processes.map(divmod, [7, 9], [2, 4]))
    [(3, 1), (2, 1)]
    """

    def __init__(self, workers: int) -> None:
        self._max_workers = workers
        # Nothing is ever written: its other end tells the workers that this process has gone.
        self._ears, self._mouth = Pipe(duplex=False)
        try:
            self._pool = self._start()
        except BaseException:
            self._hang_up()
            raise

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Hand to a worker, of a new set where the last one broke."""
        try:
            return self._pool.submit(fn, *args, **kwargs)
        except BrokenExecutor:
            _end(self._pool)
            self._pool = self._start()
            return self._pool.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers, and what they have started; unless `wait` alone is asked for, in midst of work."""
        self._pool.shutdown(wait=True, kill_workers=cancel_futures or not wait)
        self._hang_up()

    def __exit__(self, kind: object, *_: object) -> None:
        """End the workers, at once where an error or Ctrl-C leads out."""
        self.shutdown(cancel_futures=kind is not None)

    def _start(self) -> Any:
        for _ in range(TRIES):
            pool = loky.ProcessPoolExecutor(
                self._max_workers, initializer=_begin, initargs=(self._ears,), env=_NO_LEAK_CHECK
            )
            try:
                with _ctrl_c_held():
                    begun = pool.submit(os.getpid)
                begun.result()
            except BrokenExecutor as error:
                _end(pool)
                reason: BaseException = error
            except (OSError, NotImplementedError) as error:
                raise WorkersLostError(f"this machine starts no worker processes: {error}") from error
            except BaseException:
                _end(pool)
                raise
            else:
                return pool
        raise WorkersLostError(
            "worker processes end as soon as they start; what they said stands on standard error"
        ) from reason

    def _hang_up(self) -> None:
        self._ears.close()
        self._mouth.close()


class Lasting:
    """A piece of work for an executor's worker, handed to another one where that is lost.

    Parameters
    ----------
    executor
        Any of `concurrent.futures`' kind; whether another worker comes is its affair.
    work, given
        What to call, and with what.

    Attributes
    ----------
    future
        Of the last try.
    """

    def __init__(self, executor: Executor, work: Callable[..., Any], *given: Any) -> None:
        self._submit: Callable[[], Future[Any]] = lambda: executor.submit(work, *given)
        self.future = self._submit()

    def result(self) -> Any:
        """Wait for the answer.

        Raises
        ------
        WorkersLostError
            The work lost its worker again and again, or the executor starts no new workers.
        """
        for _ in range(TRIES):
            try:
                return self.future.result()
            except BrokenExecutor as error:
                reason = error
            try:
                self.future = self._submit()
            except BrokenExecutor as error:
                raise WorkersLostError(
                    f"a worker was lost, and its executor starts no new one: {error}"
                ) from error
        raise WorkersLostError(f"a worker was lost {TRIES} times at the same work: {reason}") from reason

    def cancel(self) -> bool:
        """Take the work back, if no worker has begun it."""
        return self.future.cancel()


def _end(pool: Any) -> None:
    pool.shutdown(wait=True, kill_workers=True)


@contextmanager
def _ctrl_c_held() -> Iterator[None]:
    """Let processes that are started inside never hear Ctrl-C, and this one only afterwards."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(ears: Connection) -> None:
    """Make this process a worker: it leaves Ctrl-C to the process that started it, and ends with that one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_starter, args=(ears,), daemon=True).start()


def _end_with_starter(ears: Connection) -> None:
    try:
        ears.recv_bytes()
    except (EOFError, OSError):
        for child in psutil.Process().children(recursive=True):  # a solver of its own
            child.kill()
        os._exit(1)
