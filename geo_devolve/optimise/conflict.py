"""Why nothing is possible: the smallest set of constraints in conflict, and the least changes that help."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from geo_devolve.clock import Deadline
from geo_devolve.geography.model import Geography
from geo_devolve.optimise.judge import Judge
from geo_devolve.optimise.loosen import Change, find_changes
from geo_devolve.optimise.parts import Part, parts_of, without
from geo_devolve.scenario import Scenario

_MOST_SUBSETS = 100


@dataclass(frozen=True)
class Conflict:
    """Why a scenario has no plan.

    Attributes
    ----------
    parts
        What cannot hold together: no part of it could be left out, as far as could be told.
    changes
        Single changes after which a plan is possible.
    """

    parts: tuple[Part, ...]
    changes: tuple[Change, ...]

    def __str__(self) -> str:
        labels = [part.label for part in self.parts]
        text = f"These cannot hold together: {'; '.join(labels[:-1])}; and {labels[-1]}."
        if len(labels) == 1:
            text = f"This cannot be had: {labels[0]}."
        if not self.changes:
            return f"{text} No single change was found that makes a plan possible."
        changes = "; ".join(change.label for change in self.changes)
        return f"{text} A plan becomes possible with any one of these changes: {changes}."


def explain_conflict(geography: Geography, scenario: Scenario, seconds: float = 30.0) -> Conflict:
    """Tell why no plan obeys a scenario, and what would make one possible.

    Parameters
    ----------
    geography
        The study area.
    scenario
        One that no plan obeys.
    seconds
        How long to look for reasons (s).

    Returns
    -------
    Conflict
        In the names of councils and bodies; as a text it is a sentence or two.
    """
    deadline = Deadline.after(seconds)
    parts = parts_of(geography, scenario)
    changes = find_changes(Judge(geography, deadline.share(0.7)), geography, scenario)
    guilty = _smallest(Judge(geography, deadline), scenario, parts)
    return Conflict(tuple(guilty), tuple(changes))


def _smallest(judge: Judge, scenario: Scenario, parts: Sequence[Part]) -> list[Part]:
    """Leave out whatever the conflict does not need, then look for a smaller conflict still."""
    needed = list(parts)
    for part in parts:
        left = [each for each in needed if each != part]
        if left and _possible_with(judge, scenario, parts, left) is False:
            needed = left
    for size in range(1, len(needed)):
        for subset in list(combinations(parts, size))[:_MOST_SUBSETS]:
            if not judge.late and _possible_with(judge, scenario, parts, subset) is False:
                return list(subset)
    return needed


def _possible_with(
    judge: Judge, scenario: Scenario, parts: Sequence[Part], kept: Sequence[Part]
) -> bool | None:
    """Tell whether a plan is possible that need only obey the parts kept."""
    # the later parts of a field first, so that the positions of the earlier ones stay right
    for part in sorted((part for part in parts if part not in kept), key=_position, reverse=True):
        scenario = without(scenario, part)
    return judge.possible(scenario, any_count=all(part.kind != "count" for part in kept))


def _position(part: Part) -> int:
    return part.key if isinstance(part.key, int) else -1
