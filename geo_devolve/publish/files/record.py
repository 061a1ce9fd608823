"""plan.json: everything needed to know where a plan comes from and how good it is."""

import dataclasses
import hashlib
import json
import platform
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import geopandas
import pandas as pd
import shapely

from geo_devolve.plan.plan import Plan
from geo_devolve.publish.files.geojson import has_shapes, plain, properties, to_wgs84
from geo_devolve.publish.files.proof import NAME as PROOF
from geo_devolve.publish.phrases import certificate_line

FORMAT = "geo-devolve plan 1"


def created(plan: Plan, time: datetime | None = None) -> dict[str, Any]:
    """Return the one member that differs between two runs: when, and how long the solve took.

    Parameters
    ----------
    plan
        Whose certificate knows the seconds.
    time
        Now where None.
    """
    time = time or datetime.now(UTC)
    seconds = plan.certificate.seconds if plan.certificate is not None else None
    return {"time": time.astimezone(UTC).isoformat(timespec="seconds"), "seconds": plain(seconds)}


def certificate(plan: Plan) -> dict[str, Any] | None:
    """Return the certificate as JSON has it, without the seconds."""
    told = plan.certificate
    if told is None:
        return None
    fields = [
        each.name for each in dataclasses.fields(told) if each.name not in {"seconds", "by_count", "evidence"}
    ]
    counts = [
        {
            "areas": one.areas,
            "objective": plain(one.objective),
            "bound": plain(one.bound),
            "proven": bool(one.proven),
            "status": one.status,
        }
        for one in told.by_count
    ]
    return {name: plain(getattr(told, name)) for name in fields} | {"by_count": counts}


def head(plan: Plan, made: Mapping[str, Any]) -> dict[str, Any]:
    """Return what every JSON export says first: name, scenario, certificate, attribution, created."""
    return {
        "name": plan.scenario.name,
        "scenario": plan.scenario.name,
        "summary": certificate_line(plan),
        "certificate": certificate(plan),
        "attribution": plan.geography.attribution,
        "created": dict(made),
    }


def plan_json(plan: Plan, made: Mapping[str, Any], proof: str | None = None) -> str:
    """Write scenario, certificate, scores, areas, assignment and provenance as one JSON document.

    Parameters
    ----------
    plan
        The plan.
    made
        The member ``created``, see `created`.
    proof
        The text of certificate.json beside it; its hash is told.

    Returns
    -------
    str
        Indented, with a last line break. All that differs between two runs stands in ``created``.
    """
    geography = plan.geography
    document = {"format": FORMAT} | head(plan, made)
    document["scenario"] = tomllib.loads(plan.scenario.to_toml())
    document["scenario_digest"] = plan.scenario.digest()
    if proof is not None:
        digest = hashlib.sha256(proof.encode("utf-8")).hexdigest()
        document["proof"] = {"file": PROOF, "sha256": digest}
    document["faults"] = list(plan.faults)
    document["notes"] = list(plan.notes)
    document["areas"] = list(properties(plan).values())
    document["assignment"] = {
        str(council): None if pd.isna(area) else str(area) for council, area in plan.assignment.items()
    }
    document["scores"] = [
        {name: plain(value) for name, value in row.items()} for row in plan.scores.to_dict("records")
    ]
    document["provenance"] = {
        "geography": {"name": geography.name, "title": geography.title, "vintage": geography.vintage}
        | ({"only": list(map(str, geography.study_area))} if geography.study_area else {}),
        "inputs": dict(sorted(geography.inputs.items())),
        "notices": list(geography.notices),
        "filled": plain(geography.needs.filled.to_dict("records")),
        "crs": str(geography.crs) if geography.crs else None,
        "reprojection": to_wgs84(plan.areas.geometry)[1].to_dict() if has_shapes(plan) else None,
        "software": software(),
    }
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def software() -> dict[str, str]:
    """Return the versions of what computed and drew the plan."""
    names = ("geo-devolve", "highspy", "pulp", "networkx", "numpy", "pandas", "pyproj")
    found = {
        "python": platform.python_version(),
        "geopandas": geopandas.__version__,
        "shapely": shapely.__version__,
    }
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # run from a clone that is not installed
            found[name] = "not installed"
    return dict(sorted(found.items()))
