"""Changing a scenario by a path, such as ``layers.stp.weight``, as a sweep's file names what it varies."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from geo_devolve.errors import ScenarioError, raise_all
from geo_devolve.scenario import Scenario
from geo_devolve.words import or_known

ENDS = {"least": 0, "most": 1}
"""The two bounds of population, which a path may name one by one."""


def apply(base: Mapping[str, Any], changes: Mapping[str, Any], heading: str) -> Scenario:
    """Make a scenario of a base's table with some of its values swapped.

    Parameters
    ----------
    base
        As `Scenario.to_mapping` gives it.
    changes
        Path to value: a field (``areas``), a value in one of its tables (``layers.stp.rule``), or one of
        the two bounds (``population.most``).
    heading
        What is being made, for the message of an error.

    Raises
    ------
    ScenarioError
        Naming every path that leads nowhere, with the nearest that does, and every value without sense.
    """
    table = _copied(base)
    faults: list[str] = []
    for path, value in changes.items():
        try:
            _set(table, path, value)
        except ScenarioError as error:
            faults += error.faults
    raise_all(ScenarioError, faults, heading)
    return Scenario.from_mapping(table, heading=heading)


def _set(table: dict[str, Any], path: str, value: Any) -> None:
    field, *inner = path.split(".")
    known = [each.name for each in fields(Scenario)]
    if field not in known:
        raise ScenarioError(f'unknown key "{path}"{or_known(field, known)}')
    if not inner:
        table[field] = value
    elif field == "population":
        _set_bound(table, inner, value)
    elif field == "layers" and inner[0] not in table.get("layers", {}) and inner[1:]:
        names = table.get("layers", {})
        raise ScenarioError(
            f'"{path}": the scenario that is varied does not score layer "{inner[0]}"'
            f"{or_known(inner[0], names)}"
        )
    else:
        place = table
        for step in (field, *inner[:-1]):
            place = place.setdefault(step, {})
            if not isinstance(place, dict):
                raise ScenarioError(f'"{path}" leads nowhere: {step} is not a table')
        place[inner[-1]] = value


def _set_bound(table: dict[str, Any], inner: list[str], value: Any) -> None:
    if len(inner) != 1 or inner[0] not in ENDS:
        named = ".".join(["population", *inner])
        raise ScenarioError(f'unknown key "{named}"; write population.least or population.most')
    if "population" not in table:
        raise ScenarioError(
            f"population.{inner[0]} has no bounds to change; give the base population = [least, most]"
        )
    bounds = list(table["population"])
    bounds[ENDS[inner[0]]] = value
    table["population"] = bounds


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copied(each) for key, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list | tuple) else value
