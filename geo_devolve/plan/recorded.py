"""What a plan.json remembers of how its plan was made: geography, scenario, certificate, notes."""

import json
import os
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from geo_devolve.optimise.certificate import Certificate, CountResult
from geo_devolve.plan.plan import Plan
from geo_devolve.scenario import Scenario


def made_for(source: str | os.PathLike[str]) -> tuple[str | None, Scenario | None]:
    """Return the name of the geography and the scenario that a plan was made for.

    Parameters
    ----------
    source
        As of `read_plan`.

    Returns
    -------
    tuple
        None each, but for a plan.json or the folder of one.
    """
    record = read_record(Path(source))
    if not record:
        return None, None
    try:
        name = record["provenance"]["geography"]["name"]
        return str(name), Scenario.from_mapping(record["scenario"], f"{source}: scenario")
    except (KeyError, TypeError):
        return None, None


def read_record(path: Path) -> dict[str, Any]:
    """Return the plan.json that a path is or has in it; empty where there is none."""
    path = path / "plan.json" if path.is_dir() else path
    if path.suffix.lower() != ".json" or not path.is_file():
        return {}
    try:
        record = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) and "assignment" in record and "scenario" in record else {}


def certified(plan: Plan, record: Mapping[str, Any]) -> Plan:
    """Give a plan its certificate back where nothing about it has changed.

    Parameters
    ----------
    plan
        As it was read.
    record
        The plan.json of it; empty where there is none.

    Returns
    -------
    Plan
        With the certificate if it breaks no rule, and scenario, councils and objective are the record's.
    """
    told = record.get("certificate")
    if not told or plan.faults or record.get("scenario_digest") != plan.scenario.digest():
        return plan
    same = {str(code): area for code, area in plan.to_mapping().items()} == record["assignment"]
    if not same or abs(plan.objective - float(told["objective"])) > 1e-9 * max(1.0, abs(plan.objective)):
        return plan
    known = {each.name for each in fields(Certificate)} - {"by_count"}
    counts = [{**each, "bound": _known(each.get("bound"))} for each in told.get("by_count", ())]
    given: dict[str, Any] = {key: value for key, value in told.items() if key in known}
    given["bound"] = _known(told["bound"])
    given["seconds"] = float(record.get("created", {}).get("seconds") or 0.0)
    certificate = Certificate(**given, by_count=tuple(CountResult(**each) for each in counts))
    return replace(plan, certificate=certificate, notes=tuple(record.get("notes", ())))


def _known(bound: float | None) -> float:
    return float("-inf") if bound is None else float(bound)
