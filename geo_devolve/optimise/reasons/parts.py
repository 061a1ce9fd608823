"""A scenario's constraints one by one: how each is called, and the scenario without it."""

from typing import Any

from geo_devolve.constraints.ground import Ground
from geo_devolve.constraints.registry import RULES
from geo_devolve.constraints.rule import Part
from geo_devolve.geography.model import Geography
from geo_devolve.scenario import Scenario
from geo_devolve.words import counted, listed, people


def parts_of(geography: Geography, scenario: Scenario) -> list[Part]:
    """Return everything that a scenario asks of its areas, weights aside.

    Parameters
    ----------
    geography
        For the names.
    scenario
        What is asked for.
    """
    undivided = [Part(f"undivided blocks of {listed(scenario.blocks)}", "blocks")] if scenario.blocks else []
    return [
        *undivided,
        *constraint_parts(geography, scenario),
        *_bound_parts(scenario),
        _count_part(scenario),
    ]


def constraint_parts(geography: Geography, scenario: Scenario) -> list[Part]:
    """Return the scenario's constraints in the narrow sense, those of its table of that name."""
    ground = Ground(geography)
    return [part for rule, value in scenario.constraints.given() for part in rule.parts(value, ground)]


def without(scenario: Scenario, part: Part) -> Scenario:
    """Return the scenario without one of its parts; of the count, every number of areas is then allowed.

    Parameters
    ----------
    scenario
        What is asked for.
    part
        One of `parts_of`.
    """
    lower, upper = scenario.population or (0.0, float("inf"))
    if part.kind == "count":
        return scenario
    if part.kind == "blocks":
        return scenario.replace(blocks=())
    if part.kind == "lower":
        return scenario.replace(population=(0.0, upper))
    if part.kind == "upper":
        return scenario.replace(population=(lower, float("inf")))
    if part.kind in {"least", "most"}:
        return _with_end(scenario, part, None)
    rule, now = RULES[part.kind], getattr(scenario.constraints, part.kind)
    return _changed(scenario, part, rule.without(now, part.key))


def with_value(scenario: Scenario, part: Part, value: float) -> Scenario:
    """Return the scenario with another number in one of its parts.

    Parameters
    ----------
    scenario
        What is asked for.
    part
        One whose constraint is a number.
    value
        The number instead.
    """
    lower, upper = scenario.population or (0.0, float("inf"))
    if part.kind == "lower":
        return scenario.replace(population=(value, upper))
    if part.kind == "upper":
        return scenario.replace(population=(lower, value))
    if part.kind in {"least", "most"}:
        return _with_end(scenario, part, value)
    rule, now = RULES[part.kind], getattr(scenario.constraints, part.kind)
    return _changed(scenario, part, rule.with_number(now, part.key, value))


def _with_end(scenario: Scenario, part: Part, value: float | None) -> Scenario:
    """Return the scenario with another least or most of a quantity; None for none."""
    name = str(part.key)
    least, most = scenario.bounds[name]
    if part.kind == "least":
        least = -float("inf") if value is None else value
    else:
        most = float("inf") if value is None else value
    return scenario.replace(bounds={**scenario.bounds, name: (least, most)})


def _changed(scenario: Scenario, part: Part, value: Any) -> Scenario:
    return scenario.replace(constraints=scenario.constraints.replace(**{part.kind: value}))


def _bound_parts(scenario: Scenario) -> list[Part]:
    found = [
        Part(f"at {kind} {end:,.12g} {name} in an area", kind, name)
        for name, ends in scenario.bounds.items()
        for kind, end in zip(("least", "most"), ends, strict=True)
        if abs(end) < float("inf")
    ]
    if scenario.population is None:
        return found
    lower, upper = scenario.population
    if lower > 0:
        found.append(Part(f"at least {people(lower)} people in an area", "lower"))
    if upper < float("inf"):
        found.append(Part(f"at most {people(upper)} people in an area", "upper"))
    return found


def _count_part(scenario: Scenario) -> Part:
    counts = scenario.counts
    label = counted(counts[0], "area") if len(counts) == 1 else f"{counts[0]} to {counts[-1]} areas"
    return Part(label, "count")
