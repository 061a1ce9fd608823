"""What is known of a plan: its objective, what no other plan falls below, and how far that knowledge goes."""

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from geo_devolve.optimise.evidence import Evidence

from geo_devolve.words import counted

TOLERANCE = 1e-9
_LONG = 1e9
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_NOISE = 1e-14  # of sums of terms, none of which is above 1


class Status(StrEnum):
    """What came of looking for a plan."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"  # a plan, unproven
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


class RestsOn(StrEnum):
    """What a proof rests on."""

    PRICES = "prices"  # checked here over all candidates, whatever the solver said
    SOLVER = "solver"  # the solver's word that no plan within reach is better


class Stopped(StrEnum):
    """What ended the work before it was done; false where nothing did."""

    NOT = ""
    TIME = "time limit"
    USER = "user"


@dataclass(frozen=True)
class CountResult:
    """What came of one number of areas.

    Attributes
    ----------
    areas
        The number of areas.
    objective
        Of the best plan found with that many areas, None if there is none.
    bound
        No plan in scope with that many areas costs less; None if not known, infinite if there is none.
    proven
        Whether the plan is known to be the best, or known not to exist.
    status
        See `Status`.
    """

    areas: int
    objective: float | None
    bound: float | None
    proven: bool
    status: Status

    def __post_init__(self) -> None:
        object.__setattr__(self, "status", Status(self.status))  # from files it comes as a word

    @classmethod
    def best(cls, areas: int, objective: float, bound: float) -> Self:
        """Say that a plan is the best; its bound is at most its objective."""
        return cls(areas, objective, min(bound, objective), proven=True, status=Status.OPTIMAL)

    @classmethod
    def none(cls, areas: int) -> Self:
        """Say that there is no plan."""
        return cls(areas, None, math.inf, proven=True, status=Status.INFEASIBLE)

    @classmethod
    def open(cls, areas: int, objective: float | None, bound: float | None) -> Self:
        """Say what is known of a plan, or of there being one, that nothing is proven of."""
        if objective is None:
            return cls(areas, None, bound, proven=False, status=Status.UNKNOWN)
        at_most = None if bound is None else min(bound, objective)
        return cls(areas, objective, at_most, proven=False, status=Status.FEASIBLE)


@dataclass(frozen=True)
class Certificate:
    """What is known of a plan.

    Attributes
    ----------
    objective
        Of the plan, summed from the councils' figures.
    bound
        No plan in scope costs less; 0, which no plan falls below, if nothing more is known.
    gap
        (objective − bound) / objective, 0 where they agree.
    proven
        Whether the plan is the best in scope.
    scope
        What plans the bound speaks of, such as "unions of 87 blocks".
    candidates
        How many unions of blocks were in the running; an estimate where they are too many to count.
    blocks
        Number of blocks.
    seconds
        That the solve took, listing included.
    engine
        "list", "stream" or "generate".
    solver
        Of the integer program.
    by_count
        The result for each number of areas that was allowed.
    rests_on
        What proves it.
    stopped
        Why it ended early, if it did.
    evidence
        What somebody else needs to check it; None where it was read from a file.
    """

    objective: float
    bound: float
    gap: float
    proven: bool
    scope: str
    candidates: int
    blocks: int
    seconds: float
    engine: str
    solver: str
    by_count: tuple[CountResult, ...]
    rests_on: RestsOn = RestsOn.PRICES
    stopped: Stopped = Stopped.NOT
    evidence: "Evidence | None" = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rests_on", RestsOn(self.rests_on))  # from files they come as words
        object.__setattr__(self, "stopped", Stopped(self.stopped))

    @property
    def size(self) -> str:
        """How many candidates it is about, in words: counted where they were listed, else as estimated."""
        if not self.candidates:
            return ""
        if self.engine == "list":
            return counted(self.candidates, "candidate")
        return f"about {roughly(self.candidates)} candidates"


def roughly(number: float) -> str:
    """Write a large number as it is read: 4,800,000, or 5.1 × 10¹⁶."""
    if number < _LONG:
        return f"{number:,.0f}"
    digits, power = f"{number:.1e}".split("e")
    return f"{digits} × 10{str(int(power)).translate(_RAISED)}"


def tolerance(objective: float) -> float:
    """Return the difference that is none: the tenth digit of an objective, whatever its weights."""
    return TOLERANCE * abs(objective) + _NOISE


def close(objective: float, bound: float) -> bool:
    """Tell whether a bound proves an objective, to nine digits."""
    return objective - bound <= tolerance(objective)


def relative_gap(objective: float, bound: float) -> float:
    """Return how far a bound lies below an objective, as a share of it; 0 where that is 0."""
    return max(0.0, objective - bound) / objective if objective > _NOISE else 0.0


def summarise(results: tuple[CountResult, ...], objective: float) -> tuple[float, bool]:
    """Return the bound over all numbers of areas, and whether it proves the best plan's objective.

    Parameters
    ----------
    results
        One for each number of areas allowed.
    objective
        Of the best plan found.
    """
    bounds = [0.0 if result.bound is None else max(result.bound, 0.0) for result in results]
    bound = float(min(bounds, default=0.0))  # no weight and no term is negative
    proven = all(
        result.status in {Status.OPTIMAL, Status.INFEASIBLE}
        or (result.bound is not None and close(objective, result.bound))
        for result in results
    )
    return min(bound, objective), proven and close(objective, bound)
