"""A scenario's constraints one by one: how each is called, and the scenario without it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from geo_devolve.errors import DataError, UsageError, first_few
from geo_devolve.geography.model import Geography
from geo_devolve.scenario import Scenario
from geo_devolve.words import counted, listed, people


@dataclass(frozen=True)
class Part:
    """One thing that a scenario asks for.

    Attributes
    ----------
    label
        As a reader would call it, with the names of councils and bodies.
    kind
        "count", "lower", "upper", "least", "most" (of a quantity), "blocks", or the name of the field of the
        constraints.
    key
        Which of several of that kind: a position, or a key of the field.
    """

    label: str
    kind: str
    key: int | str | None = None


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
    given = scenario.constraints
    found = [Part(f'the locked area "{lock.name}"', "locked", at) for at, lock in enumerate(given.locked)]
    for kind, verb in (("together", "together"), ("apart", "apart")):
        found += [
            Part(f"{_named(geography, references)} {verb}", kind, at)
            for at, references in enumerate(getattr(given, kind))
        ]
    found += [
        Part(f"no area across a border of {layer}", "within", at) for at, layer in enumerate(given.within)
    ]
    found += [Part(f"{_body(geography, ref)} whole", "whole", at) for at, ref in enumerate(given.whole)]
    if given.max_councils is not None:
        found.append(Part(f"at most {counted(given.max_councils, 'council')} in an area", "max_councils"))
    if given.max_extent_km is not None:
        found.append(Part(f"at most {given.max_extent_km:g} km across", "max_extent_km"))
    found += [
        Part(f"at most {counted(most, 'area')} in {_body(geography, ref)}", "max_areas_in_body", ref)
        for ref, most in given.max_areas_in_body.items()
    ]
    found += [
        Part(f"at most {counted(most, 'body', 'bodies')} of {layer} in an area", "max_bodies_in_area", layer)
        for layer, most in given.max_bodies_in_area.items()
    ]
    return found


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
    return _with(scenario, part, None)


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
    return _with(scenario, part, value)


def _with_end(scenario: Scenario, part: Part, value: float | None) -> Scenario:
    """Return the scenario with another least or most of a quantity; None for none."""
    name = str(part.key)
    least, most = scenario.bounds[name]
    if part.kind == "least":
        least = -float("inf") if value is None else value
    else:
        most = float("inf") if value is None else value
    return scenario.replace(bounds={**scenario.bounds, name: (least, most)})


def _with(scenario: Scenario, part: Part, value: Any) -> Scenario:
    field = getattr(scenario.constraints, part.kind)
    changed: Any
    if isinstance(part.key, int):
        changed = tuple(each for at, each in enumerate(field) if at != part.key)
    elif isinstance(part.key, str):
        changed = {key: most for key, most in field.items() if key != part.key}
        if value is not None:
            changed[part.key] = int(value)
    else:
        changed = int(value) if part.kind == "max_councils" and value is not None else value
    return scenario.replace(constraints=replace(scenario.constraints, **{part.kind: changed}))


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


def _named(geography: Geography, references: Sequence[object]) -> str:
    return first_few((_reference(geography, reference) for reference in references), most=5)


def _reference(geography: Geography, reference: object) -> str:
    if reference in geography.councils.index:
        place = list(geography.councils.index).index(reference)
        return str(geography.councils["name"].iloc[place])
    return _body(geography, str(reference))


def _body(geography: Geography, reference: str) -> str:
    layer, _, body = reference.partition(":")
    if layer not in geography.layers:
        return reference
    if body in {"", "*"}:
        return f"each body of {layer}"
    try:
        code = geography.find_body(layer, body)
    except (DataError, UsageError):
        return reference
    table = geography.layers[layer].bodies
    return f"{table['name'].iloc[list(table.index).index(code)]} ({layer})"
