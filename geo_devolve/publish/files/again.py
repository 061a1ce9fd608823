"""A plan made again: what is the same as in the plan.json it was made from, and what differs."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from geo_devolve.errors import DataError, UsageError, first_few
from geo_devolve.plan.plan import Plan
from geo_devolve.publish.files.record import FORMAT, certificate, software
from geo_devolve.scenario import Scenario

_FIGURES = ("objective", "bound", "proven", "scope", "candidates", "blocks", "engine", "rests_on")


def read_record(source: Path) -> dict[str, Any]:
    """Read the plan.json that a path is or holds.

    Raises
    ------
    UsageError
        There is none.
    DataError
        It cannot be read.
    """
    path = source / "plan.json" if source.is_dir() else source
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file; give the plan.json of a plan to make again")
    try:
        record = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: it cannot be read as JSON: {error}") from error
    if not isinstance(record, dict) or record.get("format") != FORMAT or "provenance" not in record:
        raise DataError(f'{path}: it is no plan.json ("{FORMAT}"); write it again with propose')
    return record


def scenario_of(record: Mapping[str, Any], heading: str) -> Scenario:
    """Return the scenario that a plan.json was made for."""
    return Scenario.from_mapping(record["scenario"], heading)


def differences(record: Mapping[str, Any], plan: Plan) -> list[str]:
    """Say what differs between a plan.json and the plan made again from its scenario.

    Parameters
    ----------
    record
        As `read_record` returns it.
    plan
        Made for the same scenario.

    Returns
    -------
    list of str
        A sentence each: files, versions, figures, councils; empty where nothing does.
    """
    return [*_inputs(record, plan), *_versions(record), *_figures(record, plan), *_councils(record, plan)]


def _inputs(record: Mapping[str, Any], plan: Plan) -> Iterator[str]:
    then, now = dict(record["provenance"]["inputs"]), dict(plan.geography.inputs)
    changed = sorted(name for name in then.keys() & now.keys() if then[name] != now[name])
    if changed:
        yield f"files of the geography have changed: {first_few(changed)}"
    if then.keys() - now.keys():
        yield f"files of the geography are gone: {first_few(sorted(then.keys() - now.keys()))}"
    if now.keys() - then.keys():
        yield f"files of the geography are new: {first_few(sorted(now.keys() - then.keys()))}"


def _versions(record: Mapping[str, Any]) -> Iterator[str]:
    then, now = record["provenance"].get("software", {}), software()
    changed = [
        f"{name} {then.get(name, 'unknown')} → {now[name]}" for name in now if then.get(name) != now[name]
    ]
    if changed:
        yield f"other versions: {first_few(changed, most=len(changed))}"


def _figures(record: Mapping[str, Any], plan: Plan) -> Iterator[str]:
    then, now = record["certificate"] or {}, certificate(plan) or {}
    for name in _FIGURES:
        if then.get(name) != now.get(name):
            yield f"{name} was {then.get(name)!r} and is {now.get(name)!r}"


def _councils(record: Mapping[str, Any], plan: Plan) -> Iterator[str]:
    then = dict(record["assignment"])
    now = {str(council): str(area) for council, area in plan.to_mapping().items()}
    moved = [f"{code} ({then.get(code)} → {area})" for code, area in now.items() if then.get(code) != area]
    if moved:
        yield f"{len(moved)} of {len(now)} councils are in another area: {first_few(moved)}"
    if gone := sorted(then.keys() - now.keys()):
        yield f"councils are gone: {first_few(gone)}"
