"""Work in the background of which only the newest request counts."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from geo_devolve.progress import Progress

Request = TypeVar("Request")
Answer = TypeVar("Answer")


class OvertakenError(BaseException):
    """Raised inside work that nobody waits for any more; no Exception, so that no handler keeps it."""


class Newest(Generic[Request, Answer]):
    """A worker thread that drops what it does as soon as something newer is asked for.

    Parameters
    ----------
    work
        Does one request; it gets a progress callback, in which it is stopped when it is overtaken.
    tell
        Called in the worker's thread with the newest request and its answer, or the error that it ended with.
        Never called for a request that was overtaken.
    """

    def __init__(
        self,
        work: Callable[[Request, Progress], Answer],
        tell: Callable[[Request, Answer | Exception], None],
    ) -> None:
        self._work, self._tell = work, tell
        self._changed = threading.Condition()
        self._number = 0
        self._request: Request | None = None
        self._busy = False

    def ask(self, request: Request) -> None:
        """Ask for something, instead of whatever was asked for before."""
        with self._changed:
            self._number += 1
            self._request = request
            if not self._busy:
                self._busy = True
                threading.Thread(target=self._run, name="geo-devolve tuning", daemon=True).start()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until nothing is left to do; return whether that came in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._busy, seconds)

    def _run(self) -> None:
        done = 0
        while True:
            with self._changed:
                number, request = self._number, self._request
                if number == done:
                    self._busy = False
                    self._changed.notify_all()
                    return
            assert request is not None

            def progress(stage: str, done: int, total: int | None = None, *, number: int = number) -> None:  # noqa: ARG001
                if self._number != number:
                    raise OvertakenError

            answer: Answer | Exception
            try:
                answer = self._work(request, progress)
            except OvertakenError:
                continue
            except Exception as error:  # noqa: BLE001 whoever asked is told
                answer = error
            if self._number == number:
                self._tell(request, answer)
            done = number
