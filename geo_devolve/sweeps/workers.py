"""Handing batches to the workers of any executor, and outliving the workers that are lost."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass, replace
from typing import Any

from geo_devolve.cores import machine_cores
from geo_devolve.processes import TRIES, WorkersLostError
from geo_devolve.sweeps.work import Batch, solve_batch

Rows = list[dict[str, Any]]


class Here(Executor):
    """One worker: this process, one batch after the other."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Run at once."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - an executor hands errors on
            future.set_exception(error)
        return future


@dataclass(frozen=True)
class _Task:
    batch: Batch
    tries: int = 0


class Crew:
    """Keeps an executor's workers busy with batches.

    Parameters
    ----------
    executor
        Any of `concurrent.futures`' kind.
    payload
        The geography, for workers that ask for it.
    in_flight
        Most batches handed out at once.
    """

    def __init__(self, executor: Executor, payload: bytes, in_flight: int) -> None:
        self.executor = executor
        self.payload = payload
        self.in_flight = in_flight
        self.sent = 0
        self.lost = 0
        # Dask brings a value to every worker that needs it, once, also from worker to worker.
        client: Any = getattr(executor, "_client", None)
        self._brought = client.scatter(payload, broadcast=True) if hasattr(client, "scatter") else None
        self._running: dict[Future[Any], _Task] = {}
        self._again: deque[_Task] = deque()
        self._careful: deque[_Task] = deque()

    def run(self, batches: Iterable[Batch]) -> Iterator[Rows | tuple[Batch, str]]:
        """Solve batches, in whatever order they end.

        Yields
        ------
        list of dict, or (Batch, str)
            The rows of a batch; or a batch of one scenario that was given up, and why.

        Raises
        ------
        WorkersLostError
            The executor has ended and starts no new workers.
        """
        ahead = iter(batches)
        try:
            while True:
                self._hand_out(ahead)
                if not self._running:
                    return
                done, _ = wait(self._running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield from self._take(future, self._running.pop(future))
        finally:
            for future in self._running:
                future.cancel()

    def _hand_out(self, ahead: Iterator[Batch]) -> None:
        while len(self._running) < (1 if self._careful else self.in_flight):
            if self._again:
                task = self._again.popleft()
            elif self._careful:
                # Who takes a worker down with it cannot be told in company: one by one.
                if self._running:
                    return
                task = self._careful.popleft()
                self._submit(task)
                return
            else:
                batch = next(ahead, None)
                if batch is None:
                    return
                task = _Task(batch)
            self._submit(task)

    def _submit(self, task: _Task) -> None:
        try:
            brought = () if self._brought is None else (self._brought,)
            future = self.executor.submit(solve_batch, task.batch, *brought)
        except (BrokenExecutor, RuntimeError) as error:
            raise WorkersLostError(
                f"the executor takes no more work ({error}); what is finished is kept: run the sweep again"
            ) from error
        self._running[future] = task

    def _take(self, future: "Future[Any]", task: _Task) -> Iterator[Rows | tuple[Batch, str]]:
        try:
            answer = future.result()
        except Exception as error:  # noqa: BLE001 - whatever an executor says when a worker is gone
            self.lost += 1
            self._brought = None  # it may be lost with the workers; from now on those that lack it ask
            yield from self._try_again(task, error)
            return
        if answer is None:
            self.sent += 1
            self._again.append(replace(task, batch=replace(task.batch, payload=self.payload)))
        else:
            yield answer

    def _try_again(self, task: _Task, error: Exception) -> Iterator[tuple[Batch, str]]:
        batch, tries = replace(task.batch, payload=None), task.tries + 1
        if tries < TRIES:
            self._careful.append(_Task(batch, tries))
        elif len(batch.scenarios) > 1:
            for scenario in batch.scenarios:
                self._careful.append(_Task(replace(batch, scenarios=(scenario,)), 1))
        else:
            first = next(iter(str(error).splitlines()), "")
            said = f"{type(error).__name__}: {first}".strip().rstrip(":")
            yield batch, f"its worker was lost {tries} times; the last was told as {said}"


def hands_of(executor: Executor) -> int:
    """Return how many workers an executor has, or a fair guess.

    Parameters
    ----------
    executor
        A pool of `concurrent.futures` and Dask's executor are known.
    """
    client: Any = getattr(executor, "_client", None)
    if hasattr(client, "nthreads"):
        return max(1, sum(client.nthreads().values()))
    return getattr(executor, "_max_workers", None) or 4 * machine_cores()
