"""The forms that a constraint takes: what engines, judges and reasons know of it.

A rule of the scenario is told in one or more of these, in numbers of councils. The optimiser turns them into
masks over blocks (`optimise.asked.rules`). Those that tie areas together, `InFewAreas`, are rows of the
program and have a price each; all others are tests of one area.
"""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Group:
    """Councils, by number in the geography's order, and what they are called."""

    label: str
    councils: Ints


@dataclass(frozen=True, eq=False)
class OneArea(Group):
    """Councils that are one of the areas; an exempt one is free from bounds and from counts of councils."""

    exempt: bool = False


@dataclass(frozen=True, eq=False)
class Together(Group):
    """Councils that share an area."""


@dataclass(frozen=True, eq=False)
class Rivals:
    """Councils × councils, whether two may not share an area; symmetric."""

    flags: Flags


@dataclass(frozen=True, eq=False)
class Alike:
    """What is the same for all councils of an area: a key for each council, None for one that fits any.

    Blocks that it contradicts are divided along it.
    """

    label: str
    keys: tuple[Hashable | None, ...]

    @property
    def rivals(self) -> Rivals:
        """The councils that may not share an area."""
        numbered = {key: number for number, key in enumerate(dict.fromkeys(self.keys))}
        kind = np.array([numbered[key] for key in self.keys])
        bound = np.array([key is not None for key in self.keys])
        return Rivals((kind[:, None] != kind[None, :]) & bound[:, None] & bound[None, :])


@dataclass(frozen=True, eq=False)
class FewCouncils:
    """Most councils in an area, locked exempt ones apart."""

    limit: int


@dataclass(frozen=True, eq=False)
class Enough(Group):
    """Councils of which an area holds at least so many, locked exempt ones apart."""

    limit: int


@dataclass(frozen=True, eq=False)
class FewBodies:
    """Most bodies of a layer that the councils of an area lie in; the councils of each body."""

    limit: int
    bodies: tuple[Ints, ...]


@dataclass(frozen=True, eq=False)
class InFewAreas(Group):
    """Councils of a body, and most areas that hold any of them."""

    limit: int


Form = OneArea | Together | Rivals | Alike | FewCouncils | Enough | FewBodies | InFewAreas
