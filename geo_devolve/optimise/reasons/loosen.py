"""Single changes that make an impossible scenario possible, each as small as it can be."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from geo_devolve.constraints.ground import Ground
from geo_devolve.constraints.registry import RULES
from geo_devolve.constraints.rule import Part
from geo_devolve.geography.model import Geography
from geo_devolve.optimise.asked.blocks import make_blocks
from geo_devolve.optimise.asked.forms import form_values
from geo_devolve.optimise.reasons.judge import Judge
from geo_devolve.optimise.reasons.parts import constraint_parts, parts_of, with_value, without
from geo_devolve.optimise.reasons.possible import nearest_counts
from geo_devolve.scenario import Scenario
from geo_devolve.words import counted, listed, people, rounded

_COUNTS_S = 5.0
_WIDER = (2.0, 1.5, 1.2, 1.05)
_NARROWER = (0.5, 0.0)


@dataclass(frozen=True)
class Change:
    """A change of a scenario after which a plan is possible.

    Attributes
    ----------
    label
        As a reader would say it: "39 areas", "at most 3.12 million people in an area".
    scenario
        The changed scenario.
    """

    label: str
    scenario: Scenario


def find_changes(judge: Judge, geography: Geography, scenario: Scenario) -> list[Change]:
    """Find single changes after which a plan is possible.

    Parameters
    ----------
    judge
        Tells what is possible, while there is time.
    geography
        The study area.
    scenario
        One that no plan obeys.

    Returns
    -------
    list of Change
        The nearest numbers of areas, the least maximum and the greatest minimum of people, and for each
        constraint its mildest limit, or its absence.
    """
    found = _other_counts(judge, scenario)
    for part in parts_of(geography, scenario):
        if part.kind == "upper":
            found += _higher_maximum(judge, scenario, part)
        elif part.kind == "lower":
            found += _lower_minimum(judge, scenario, part)
        elif part.kind in {"least", "most"}:
            found += _other_end(judge, scenario, part)
        elif part.kind == "blocks":
            found += _smaller_blocks(judge, geography, scenario)
    ground = Ground(geography)
    for part in constraint_parts(geography, scenario):
        now = getattr(scenario.constraints, part.kind)
        milder = RULES[part.kind].milder(now, part.key, ground, max(scenario.counts))
        if milder is not None:
            found += _mildest(judge, scenario, part, milder.steps, milder.say)
        elif judge.possible(without(scenario, part)):
            found.append(Change(f"without {part.label}", without(scenario, part)))
    return found


def _other_counts(judge: Judge, scenario: Scenario) -> list[Change]:
    program = judge.program(scenario)
    if program is None:
        return []
    found = nearest_counts(program, scenario.counts, judge.deadline.sooner(_COUNTS_S))
    return [Change(counted(areas, "area"), scenario.replace(areas=areas)) for areas in found]


def _smaller_blocks(judge: Judge, geography: Geography, scenario: Scenario) -> list[Change]:
    """Return the blocks of one more layer with which a plan is possible, the largest, or else none at all."""
    more = [layer for layer in geography.layers if layer not in scenario.blocks]
    finer = [scenario.replace(blocks=(*scenario.blocks, layer)) for layer in more]
    for each in sorted(finer, key=lambda each: len(make_blocks(geography, each).members)):
        if judge.possible(each):
            return [Change(f"blocks of {listed(each.blocks)}", each)]
    loose = scenario.replace(blocks=())
    if judge.possible(loose) or judge.finds(loose):
        return [Change("every council a block of its own (blocks = [])", loose)]
    return []


def _higher_maximum(judge: Judge, scenario: Scenario, part: Part) -> list[Change]:
    _, upper = scenario.population or (0.0, np.inf)
    for factor in _WIDER:
        steps = _populations(judge, with_value(scenario, part, factor * upper), upper, factor * upper)
        found = _mildest(
            judge,
            scenario,
            part,
            [rounded(step, 1) for step in steps],
            lambda most: f"at most {people(most)} people in an area",
        )
        if found:
            return found
    return []


def _lower_minimum(judge: Judge, scenario: Scenario, part: Part) -> list[Change]:
    lower, _ = scenario.population or (0.0, np.inf)
    for factor in _NARROWER:
        steps = _populations(judge, with_value(scenario, part, factor * lower), factor * lower, lower)
        falling = [rounded(step, -1) for step in reversed(steps)]
        found = _mildest(
            judge, scenario, part, falling, lambda least: f"at least {people(least)} people in an area"
        )
        if found:
            return found
    return []


def _other_end(judge: Judge, scenario: Scenario, part: Part) -> list[Change]:
    """Return the mildest least or most of a quantity with which a plan is possible, in six digits."""
    made = judge.listed(without(scenario, part))
    if made is None:
        return []
    prepared, listed = made
    name, least = str(part.key), part.kind == "least"
    values = form_values(judge.geography, name, prepared.blocks.councils, listed.masks)
    bound = scenario.bounds[name][0 if least else 1]
    steps = {_outward(value, down=least) for value in values if np.isfinite(value)}
    beyond = sorted((step for step in steps if (step < bound if least else step > bound)), reverse=least)
    return _mildest(
        judge, scenario, part, beyond, lambda end: f"at {part.kind} {end:,.12g} {name} in an area"
    )


def _outward(value: float, *, down: bool) -> float:
    """Round to six digits, towards looser."""
    digits = 5 - int(np.floor(np.log10(abs(value)))) if value else 0
    ten = 10.0**digits
    return float(np.round((np.floor if down else np.ceil)(value * ten) / ten, max(digits, 0)))


def _populations(judge: Judge, scenario: Scenario, lower: float, upper: float) -> list[float]:
    """Return the populations of a scenario's candidates between two bounds, at which a bound matters."""
    made = judge.listed(scenario)
    if made is None:
        return []
    values = made[0].units.tally.persons(np.unique(made[1].population))
    return [float(value) for value in values[(values >= lower) & (values <= upper)]]


def _mildest(
    judge: Judge, scenario: Scenario, part: Part, steps: list[float], text: Callable[[float], str]
) -> list[Change]:
    """Return the mildest of ever looser limits at which a plan is possible, if any is loose enough."""

    def possible(step: float) -> bool | None:
        return judge.possible(with_value(scenario, part, step))

    if not steps or not possible(steps[-1]):
        return []
    low, high = 0, len(steps) - 1
    while low < high:
        middle = (low + high) // 2
        if possible(steps[middle]):
            high = middle
        else:
            low = middle + 1
    return [Change(text(steps[high]), with_value(scenario, part, steps[high]))]
