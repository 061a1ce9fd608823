"""Work in a thread of its own, which the thread that asked waits for without growing deaf to Ctrl-C."""

from collections.abc import Callable
from threading import Event, Thread


class Apart:
    """Work for a thread of its own.

    `Thread.join` would not do: where Ctrl-C breaks into it, Python before 3.13 takes the thread for ended.

    Parameters
    ----------
    work
        What to do; an error that it raises is kept.

    Attributes
    ----------
    failure
        What the work raised.
    """

    def __init__(self, work: Callable[[], object]) -> None:
        self.failure: BaseException | None = None
        self._work, self._ended = work, Event()
        self._thread = Thread(target=self._do, daemon=True)

    def start(self) -> None:
        """Begin; to be called where Ctrl-C is caught already, for it may be heard here."""
        self._thread.start()

    def _do(self) -> None:
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001 - whatever is raised is told, not lost
            self.failure = error
        finally:
            self._ended.set()

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self._ended.is_set()

    @property
    def thread(self) -> int | None:
        """The thread's number at the system."""
        return self._thread.native_id

    def wait(self, seconds: float) -> bool:
        """Wait for its end, at most so long (s); tells whether it has ended."""
        return self._ended.wait(seconds)
