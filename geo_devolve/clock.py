"""When to stop: one deadline, handed down from whoever sets it to whatever takes time."""

import math
import time
from dataclasses import dataclass


class TimeUpError(Exception):
    """The time is up, in a stage that has nothing to show for what it did so far."""


@dataclass(frozen=True, order=True)
class Deadline:
    """A moment to stop at; the sooner of two is the smaller.

    Attributes
    ----------
    at
        Seconds on the clock of `time.monotonic`; infinite for never.

    Examples
    --------
    >>> whole = Deadline.after(60.0)
    >>> whole.sooner(5.0) < whole
    True
    >>> whole.over
    False
    >>> NEVER.left
    inf
    """

    at: float = math.inf

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """Return the moment so many seconds (s) from now."""
        return cls(time.monotonic() + seconds)

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() > self.at

    @property
    def left(self) -> float:
        """Seconds left (s): 0 where the time is up, infinite where it never is."""
        return max(0.0, self.at - time.monotonic())

    @property
    def endless(self) -> bool:
        """Whether the time is never up."""
        return math.isinf(self.at)

    def sooner(self, seconds: float) -> "Deadline":
        """Return this moment, or that so many seconds (s) from now if it comes first."""
        return min(self, Deadline.after(seconds))

    def share(self, part: float) -> "Deadline":
        """Return the moment after a part of the time that is left, between 0 and 1."""
        return self if self.endless else Deadline.after(part * self.left)

    def moved(self, seconds: float) -> "Deadline":
        """Return the moment so many seconds (s) later than this; earlier where they are fewer than 0."""
        return Deadline(self.at + seconds)

    def check(self) -> None:
        """Do nothing while there is time.

        Raises
        ------
        TimeUpError
            The time is up.
        """
        if self.over:
            raise TimeUpError


NEVER = Deadline()
