"""How fast a sweep goes, and when it will be done."""

import time
from collections import deque
from collections.abc import Callable


class Pace:
    """Rate and time left, from the last few minutes' steps rather than from the start.

    Parameters
    ----------
    clock
        Seconds, as `time.monotonic` counts them.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque(maxlen=200)

    def tell(self, done: int, total: int) -> str:
        """Return such as ``"3.2 a second, 4 min 10 s left"``; "" while nothing is known.

        Parameters
        ----------
        done, total
            Scenarios.
        """
        now = self._clock()
        self._seen.append((now, done))
        began, before = self._seen[0]
        if done <= before or now <= began:
            return ""
        rate = (done - before) / (now - began)
        shown = f"{rate:.1f} a second" if rate >= 1 else f"{60 * rate:.1f} a minute"
        left = total - done
        return shown if left <= 0 else f"{shown}, {duration(left / rate)} left"


def duration(seconds: float) -> str:
    """Return seconds as people say them, such as ``"1 h 5 min"``.

    Parameters
    ----------
    seconds
        Rounded up to whole ones.
    """
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
