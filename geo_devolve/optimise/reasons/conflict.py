"""Why nothing is possible: the smallest set of constraints in conflict, and the least changes that help."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, islice

from geo_devolve.clock import Deadline
from geo_devolve.constraints.rule import Part
from geo_devolve.geography.model import Geography
from geo_devolve.optimise.reasons.judge import Judge
from geo_devolve.optimise.reasons.loosen import Change, find_changes
from geo_devolve.optimise.reasons.parts import parts_of, without
from geo_devolve.scenario import Scenario

_MOST_SUBSETS = 100
_SECONDS = 30.0


@dataclass(frozen=True)
class Conflict:
    """Why a scenario has no plan.

    Attributes
    ----------
    parts
        What cannot hold together.
    changes
        Single changes after which a plan is possible.
    minimal
        Whether a plan is known to be possible with any fewer of the parts; if not, some of them may have no
        part in it, which could not be told in time.
    """

    parts: tuple[Part, ...]
    changes: tuple[Change, ...]
    minimal: bool = True

    def __str__(self) -> str:
        labels = [part.label for part in self.parts]
        text = f"These cannot hold together: {'; '.join(labels[:-1])}; and {labels[-1]}."
        if len(labels) == 1:
            text = f"This cannot be had: {labels[0]}."
        if not self.minimal:
            text += " Fewer of them may do: not every case could be looked into."
        if not self.changes:
            return f"{text} No single change was found that makes a plan possible."
        changes = "; ".join(change.label for change in self.changes)
        return f"{text} A plan becomes possible with any one of these changes: {changes}."


def explain_conflict(geography: Geography, scenario: Scenario, deadline: Deadline | None = None) -> Conflict:
    """Tell why no plan obeys a scenario, and what would make one possible.

    Parameters
    ----------
    geography
        The study area.
    scenario
        One that no plan obeys.
    deadline
        When to stop looking for reasons; by default in half a minute.

    Returns
    -------
    Conflict
        In the names of councils and bodies; as a text it is a sentence or two.
    """
    deadline = deadline or Deadline.after(_SECONDS)
    parts = parts_of(geography, scenario)
    changes = find_changes(Judge(geography, deadline.share(0.7)), geography, scenario)
    search = _Subsets(Judge(geography, deadline), scenario, parts)
    guilty = search.smallest()
    return Conflict(tuple(guilty), tuple(changes), search.all_possible_below(guilty))


class _Subsets:
    """Looks for the smallest set of parts that no plan obeys, and remembers what is known of each set."""

    def __init__(self, judge: Judge, scenario: Scenario, parts: Sequence[Part]) -> None:
        self.judge, self.scenario, self.parts = judge, scenario, parts
        self.known: dict[tuple[Part, ...], bool | None] = {}

    def smallest(self) -> list[Part]:
        """Leave out whatever the conflict does not need, then look for a smaller conflict still."""
        needed = list(self.parts)
        for part in self.parts:
            left = [each for each in needed if each != part]
            if left and self.possible(left) is False:
                needed = left
        for size in range(1, len(needed)):
            for subset in islice(combinations(self.parts, size), _MOST_SUBSETS):
                if self.possible(subset) is False:
                    return list(subset)
        return needed

    def all_possible_below(self, guilty: Sequence[Part]) -> bool:
        """Whether plans are possible with every smaller set of the parts found guilty."""
        sets = (subset for size in range(1, len(guilty)) for subset in combinations(guilty, size))
        return all(self.possible(subset) for subset in sets)

    def possible(self, kept: Sequence[Part]) -> bool | None:
        """Tell whether a plan is possible that need only obey the parts kept."""
        key = tuple(part for part in self.parts if part in kept)
        if self.known.get(key) is None:
            scenario = self.scenario
            # the later parts of a field first, so that the positions of the earlier ones stay right
            for part in sorted(
                (part for part in self.parts if part not in kept), key=_position, reverse=True
            ):
                scenario = without(scenario, part)
            any_count = all(part.kind != "count" for part in kept)
            verdict = self.judge.possible(scenario, any_count=any_count)
            if verdict is None and not any_count and self.judge.finds(scenario):
                verdict = True
            self.known[key] = verdict
        return self.known[key]


def _position(part: Part) -> int:
    return part.key if isinstance(part.key, int) else -1
