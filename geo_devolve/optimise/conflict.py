"""Why nothing is possible: the smallest set of constraints in conflict, and the least relaxations."""

import time
from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np

from geo_devolve.errors import InfeasibleError
from geo_devolve.geography.model import Geography
from geo_devolve.optimise.feasibility import check_arithmetic, people
from geo_devolve.optimise.listing import TooManyError
from geo_devolve.optimise.parts import Part, constraint_parts, counted, parts_of, with_value, without
from geo_devolve.optimise.possible import counts_in_reach, is_possible, nearest_counts
from geo_devolve.optimise.prepare import Prepared, prepare
from geo_devolve.optimise.relaxation import Program
from geo_devolve.optimise.store import Store
from geo_devolve.scenario import Scenario

_MOST_CANDIDATES = 300_000
_MOST_SUBSETS = 100
_EACH_S = 5.0
_WIDER = (2.0, 1.5, 1.2, 1.05)


def explain_conflict(geography: Geography, scenario: Scenario, seconds: float = 30.0) -> str:
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
    str
        Sentences in the names of councils and bodies: the smallest set found of parts of the scenario that
        cannot hold together, and single changes after which a plan is possible.
    """
    judge = _Judge(geography, time.monotonic() + seconds)
    parts = parts_of(geography, scenario)
    ways = _ways(judge, geography, scenario)
    guilty = _smallest(judge, scenario, parts)
    text = f"These cannot hold together: {_listed([part.label for part in guilty])}."
    if len(guilty) == 1:
        text = f"This cannot be had: {guilty[0].label}."
    if ways:
        return f"{text} A plan becomes possible with any one of these changes: {'; '.join(ways)}."
    return f"{text} No single change was found that makes a plan possible."


class _Judge:
    """Tells whether scenarios are possible, re-using what was listed."""

    def __init__(self, geography: Geography, deadline: float) -> None:
        self.geography, self.deadline = geography, deadline
        self.store = Store()

    @property
    def late(self) -> bool:
        return time.monotonic() > self.deadline

    def program(self, scenario: Scenario) -> tuple[Prepared, Program] | None:
        """Make the scenario's program; None if arithmetic rules it out.

        Raises
        ------
        TooManyError
            It has too many candidates to look at.
        """
        try:
            prepared = prepare(self.geography, scenario)
            check_arithmetic(prepared, count=False)
        except InfeasibleError:
            return None
        return prepared, self.store.get(prepared, limit=_MOST_CANDIDATES).program(prepared)

    def possible(self, scenario: Scenario, *, any_count: bool = False) -> bool | None:
        """Tell whether there is a plan; None if it could not be told."""
        if self.late:
            return None
        try:
            made = self.program(scenario)
        except TooManyError:
            return None
        if made is None:
            return False
        _, program = made
        reach = counts_in_reach(program, self.deadline)
        counts = list(reach) if any_count else [areas for areas in scenario.counts if areas in reach]
        middle = len(counts) // 2
        unsure = False
        for areas in sorted(counts, key=lambda each: abs(counts.index(each) - middle)):
            verdict = is_possible(program, areas, min(self.deadline, time.monotonic() + _EACH_S))
            if verdict:
                return True
            unsure = unsure or verdict is None
        return None if unsure else False


def _smallest(judge: _Judge, scenario: Scenario, parts: Sequence[Part]) -> list[Part]:
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
    judge: _Judge, scenario: Scenario, parts: Sequence[Part], kept: Sequence[Part]
) -> bool | None:
    """Tell whether a plan is possible that need only obey the parts kept."""
    # the later parts of a field first, so that the positions of the earlier ones stay right
    for part in sorted((part for part in parts if part not in kept), key=_position, reverse=True):
        scenario = without(scenario, part)
    return judge.possible(scenario, any_count=all(part.kind != "count" for part in kept))


def _position(part: Part) -> int:
    return part.key if isinstance(part.key, int) else -1


def _ways(judge: _Judge, geography: Geography, scenario: Scenario) -> list[str]:
    """Return single changes after which a plan is possible, the smallest of each kind."""
    ways = [*_other_counts(judge, scenario)]
    for part in parts_of(geography, scenario):
        if part.kind == "upper":
            ways += _higher_maximum(judge, scenario, part)
        elif part.kind == "lower":
            ways += _lower_minimum(judge, scenario, part)
    for part in constraint_parts(geography, scenario):
        if judge.late:
            break
        if part.kind in _MILDER:
            ways += _MILDER[part.kind](judge, scenario, part)
        elif judge.possible(without(scenario, part)):
            ways.append(f"without {part.label}")
    return ways


def _other_counts(judge: _Judge, scenario: Scenario) -> list[str]:
    try:
        made = judge.program(scenario)
    except TooManyError:
        return []
    if made is None:
        return []
    found = nearest_counts(made[1], scenario.counts, min(judge.deadline, time.monotonic() + 2 * _EACH_S))
    return [counted(areas, "area") for areas in found]


def _higher_maximum(judge: _Judge, scenario: Scenario, part: Part) -> list[str]:
    lower, upper = scenario.population or (0.0, np.inf)
    for factor in _WIDER:
        wide = with_value(scenario, part, factor * upper)
        if not judge.possible(wide):
            continue
        made = judge.program(wide)
        if made is None:
            return []
        steps = _steps(judge, made[0], lower, upper, factor * upper)
        least = _bisect(steps, lambda value: judge.possible(with_value(scenario, part, value)))
        return [f"at most {people(least, 1)} people in an area"]
    return []


def _lower_minimum(judge: _Judge, scenario: Scenario, part: Part) -> list[str]:
    lower, _ = scenario.population or (0.0, np.inf)
    for factor in (0.5, 0.0):
        wide = with_value(scenario, part, factor * lower)
        if not judge.possible(wide):
            continue
        made = judge.program(wide)
        if made is None:
            return []
        steps = _steps(judge, made[0], factor * lower, factor * lower, lower)[::-1]
        most = _bisect(steps, lambda value: judge.possible(with_value(scenario, part, value)))
        return [f"at least {people(most, -1)} people in an area" if most > 0 else "no least number of people"]
    return []


def _steps(judge: _Judge, prepared: Prepared, lower: float, above: float, most: float) -> "list[float]":
    """Return the populations of candidates at which a bound begins to matter, rising."""
    listed = judge.store.get(prepared, limit=_MOST_CANDIDATES)
    values = np.unique(
        listed.population[(listed.population >= max(lower, above)) & (listed.population <= most)]
    )
    return [float(value) for value in values]


def _bisect(steps: list[float], possible: Callable[[float], bool | None]) -> float:
    """Return the first step at which a plan is possible; it is at the last one."""
    low, high = 0, len(steps) - 1
    while low < high:
        middle = (low + high) // 2
        if possible(steps[middle]):
            high = middle
        else:
            low = middle + 1
    return steps[high]


def _more_councils(judge: _Judge, scenario: Scenario, part: Part) -> list[str]:
    most = len(judge.geography.councils)
    now = scenario.constraints.max_councils or most
    steps = [float(value) for value in range(now + 1, most + 1)]
    return _milder(judge, scenario, part, steps, "at most {:g} councils in an area")


def _further(judge: _Judge, scenario: Scenario, part: Part) -> list[str]:
    places = judge.geography.councils[["x", "y"]].to_numpy(dtype=np.float64)
    now = scenario.constraints.max_extent_km or 0.0
    apart = np.hypot(*(places[:, None] - places[None, :]).transpose(2, 0, 1)) / 1000.0
    steps = np.unique(np.ceil(apart[apart > now] * 10.0) / 10.0)
    return _milder(judge, scenario, part, [float(value) for value in steps], "at most {:g} km across")


def _more_areas(judge: _Judge, scenario: Scenario, part: Part) -> list[str]:
    now = scenario.constraints.max_areas_in_body[str(part.key)]
    steps = [float(value) for value in range(now + 1, max(scenario.counts) + 1)]
    label = part.label.partition(" in ")[2]
    return _milder(
        judge, scenario, part, steps, "at most {:g} areas in " + label.replace("{", "").replace("}", "")
    )


def _more_bodies(judge: _Judge, scenario: Scenario, part: Part) -> list[str]:
    layer = str(part.key)
    now = scenario.constraints.max_bodies_in_area[layer]
    most = len(judge.geography.layers[layer].bodies)
    steps = [float(value) for value in range(now + 1, most + 1)]
    return _milder(judge, scenario, part, steps, "at most {:g} bodies of " + layer + " in an area")


_MILDER: dict[str, Callable[[_Judge, Scenario, Part], list[str]]] = {
    "max_councils": _more_councils,
    "max_extent_km": _further,
    "max_areas_in_body": _more_areas,
    "max_bodies_in_area": _more_bodies,
}


def _milder(judge: _Judge, scenario: Scenario, part: Part, steps: list[float], text: str) -> list[str]:
    """Return the mildest value of a limit at which a plan is possible, if any value makes one so."""
    if not steps or not judge.possible(with_value(scenario, part, steps[-1])):
        return []
    return [text.format(_bisect(steps, lambda value: judge.possible(with_value(scenario, part, value))))]


def _listed(labels: Sequence[str]) -> str:
    return labels[0] if len(labels) == 1 else f"{'; '.join(labels[:-1])}; and {labels[-1]}"
