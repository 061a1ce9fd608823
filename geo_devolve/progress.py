"""How long work tells how far it is, without knowing who listens."""

from typing import Protocol


class Progress(Protocol):
    """A callback that long work calls with the stage's name and a count.

    ``total`` is None while it is not known. Calls with the same stage update it; a stage whose ``done``
    equals its ``total`` has ended. An exception raised in the callback stops the work.
    """

    def __call__(self, stage: str, done: int, total: int | None = None) -> None:
        """Tell that `done` of `total` steps of `stage` are behind us."""


def silent(stage: str, done: int, total: int | None = None) -> None:
    """Tell nobody."""
