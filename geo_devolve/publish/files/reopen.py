"""A plan that `write_plan` wrote, opened again with its scenario and, if it still holds, its certificate."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from geo_devolve.errors import DataError, GeoDevolveError, UsageError
from geo_devolve.geography.model import Geography
from geo_devolve.geography.reading.load import load_geography
from geo_devolve.optimise.certificate import Certificate, CountResult
from geo_devolve.outside import DamagedError, parse_json, reason
from geo_devolve.plan.plan import Plan
from geo_devolve.progress import Progress, silent
from geo_devolve.publish.files.exchange import read_back
from geo_devolve.publish.files.record import FORMAT
from geo_devolve.scenario import Scenario, load_scenario

SAME = 1e-9


def open_plan(
    source: str | Path,
    geography: Geography | str | Path | None = None,
    scenario: Scenario | str | Path | None = None,
    *,
    progress: Progress = silent,
) -> Plan:
    """Open a plan from a folder, a plan.json, or any file that a plan can be read from.

    Parameters
    ----------
    source
        A folder as `write_plan` leaves it, its ``plan.json``, or a table or exchange file of councils and
        areas.
    geography, scenario
        Objects, names or paths. A ``plan.json`` knows both by itself; other files are held against
        ``england-2017`` and ``reform-2017`` where nothing is said.
    progress
        Told of the loading.

    Returns
    -------
    Plan
        From a ``plan.json`` with its certificate, if the geography's files are those it speaks of and the
        objective comes out the same; otherwise without, and the notes say why.

    Raises
    ------
    UsageError
        There is nothing at `source`.
    DataError
        It cannot be read as a plan.
    """
    path = Path(source)
    if not path.exists():
        raise UsageError(f"{path}: there is no such file or folder; give the folder that propose wrote into")
    if path.is_dir() and (path / "plan.json").is_file():
        path /= "plan.json"
    document = _document(path)
    if document is None:
        ground = _geography(geography or "england-2017", progress)
        return read_back(ground, path, _scenario(scenario or "reform-2017"))
    try:
        made_for = document["provenance"]["geography"]
        ground = _geography(geography or made_for["name"], progress)
        if geography is None and made_for.get("only"):
            ground = ground.only(*made_for["only"])
        asked = (
            Scenario.from_mapping(document["scenario"], str(path))
            if scenario is None
            else _scenario(scenario)
        )
        read = read_back(ground, path, asked)
        certificate, doubt = _certificate(document, read, ground)
    except GeoDevolveError:
        raise
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise DataError(f"{path}: it is not a whole plan.json ({error!r}); write it again") from error
    notes = tuple(document.get("notes", ()))
    if scenario is not None or read.misread:
        return Plan(ground, asked, read.assignment, None, notes, read.misread)
    return Plan(ground, asked, read.assignment, certificate, (*notes, *doubt))


def _document(path: Path) -> dict[str, Any] | None:
    """Return the document if this is a plan.json, None where it is something else."""
    if path.suffix.lower() != ".json":
        return None
    try:
        document = parse_json(path.read_bytes())
    except (OSError, DamagedError) as error:
        raise DataError(f"{path}: it cannot be read as JSON: it {reason(error)}") from error
    return document if isinstance(document, dict) and document.get("format") == FORMAT else None


def _geography(source: Geography | str | Path, progress: Progress) -> Geography:
    return source if isinstance(source, Geography) else load_geography(source, progress=progress)


def _scenario(source: Scenario | str | Path) -> Scenario:
    return source if isinstance(source, Scenario) else load_scenario(source)


def _certificate(
    document: Mapping[str, Any], plan: Plan, ground: Geography
) -> tuple[Certificate | None, tuple[str, ...]]:
    """Return the certificate if it still speaks of this plan; otherwise a note why not."""
    told = document["certificate"]
    if told is None:
        return None, ()
    if dict(document["provenance"]["inputs"]) != dict(ground.inputs):
        return None, (
            "The geography's files have changed since the plan was made; its certificate is left out.",
        )
    if not math.isclose(plan.objective, told["objective"], rel_tol=SAME, abs_tol=SAME):
        doubt = f"The plan's objective is {plan.objective:.6f}, its certificate says {told['objective']:.6f}"
        return None, (f"{doubt}; the certificate is left out.",)
    fields = {name: value for name, value in told.items() if name != "by_count"}
    fields["bound"] = -math.inf if fields["bound"] is None else float(fields["bound"])
    fields["gap"] = math.inf if fields["gap"] is None else float(fields["gap"])
    fields["objective"] = float(fields["objective"])
    seconds = document.get("created", {}).get("seconds") or 0.0
    counts = tuple(CountResult(**one) for one in told["by_count"])
    return Certificate(**fields, seconds=float(seconds), by_count=counts), ()
