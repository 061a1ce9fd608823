"""All of a plan's files at once: each whole, and the same bytes for the same plan."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from geo_devolve.plan.cards import Card, cards
from geo_devolve.plan.plan import Plan
from geo_devolve.progress import Progress, silent
from geo_devolve.publish.files.geojson import areas_geojson, has_shapes
from geo_devolve.publish.files.geopackage import write_geopackage
from geo_devolve.publish.files.proof import NAME as PROOF
from geo_devolve.publish.files.proof import certificate_json
from geo_devolve.publish.files.record import created, head, plan_json
from geo_devolve.publish.files.staging import staged
from geo_devolve.publish.files.tables import councils_table, to_csv
from geo_devolve.publish.maps.plan_map import draw_map, map_png
from geo_devolve.publish.pages.explorer import explorer_html
from geo_devolve.publish.pages.report import report_html

STAGE = "writing files"


def write_plan(
    plan: Plan, out: str | Path, *, progress: Progress = silent, created_at: datetime | None = None
) -> list[Path]:
    """Write everything a plan is handed on as.

    Parameters
    ----------
    plan
        The plan.
    out
        The folder, made where it does not exist; files of the same names in it are replaced.
    progress
        Told of the stage ``"writing files"``.
    created_at
        The time to write into the files; now where None. With the seconds of the solve it is all that differs
        between two runs, and stands in one member, ``created``, of `areas.geojson` and of `plan.json`.

    Returns
    -------
    list of Path
        What was written, in the order in which a reader would open it. Without shapes there are no
        ``plan.gpkg`` and ``map.png``.

    Raises
    ------
    UsageError
        The folder cannot be written. Then, and after Ctrl-C, nothing of the new files is there.
    """
    out = Path(out)
    writers = _writers(plan, created(plan, created_at))
    with staged(out) as folder:
        for done, (name, write) in enumerate(writers.items()):
            progress(STAGE, done, len(writers))
            write(folder / name)
        progress(STAGE, len(writers), len(writers))
    return [out / name for name in writers]


def _writers(plan: Plan, made: Mapping[str, Any]) -> dict[str, Callable[[Path], None]]:
    """Return what writes each file; map and cards are made once for all that show them."""
    shapes = has_shapes(plan)

    @cache
    def picture() -> bytes:
        return map_png(draw_map(plan))

    @cache
    def known() -> dict[Any, Card]:
        return cards(plan)

    def report(path: Path) -> None:
        write_text(path, report_html(plan, picture=picture() if shapes else None, known=known()))

    @cache
    def proof() -> str | None:
        evidence = plan.certificate.evidence if plan.certificate is not None else None
        return certificate_json(plan.geography, plan.scenario, evidence) if evidence is not None else None

    writers: dict[str, Callable[[Path], None]] = {
        "report.html": report,
        "explorer.html": lambda path: write_text(path, explorer_html(plan, known=known())),
        "areas.geojson": lambda path: write_text(path, areas_geojson(plan, head(plan, made))),
        "councils.csv": lambda path: write_text(path, to_csv(councils_table(plan))),
        "plan.json": lambda path: write_text(path, plan_json(plan, made, proof())),
    }
    if (text := proof()) is not None:
        writers[PROOF] = lambda path: write_text(path, text)
    if shapes:
        writers["map.png"] = lambda path: _write_bytes(path, picture())
        writers["plan.gpkg"] = lambda path: write_geopackage(plan, path)
    return writers


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 with line feeds on every system."""
    path.write_bytes(text.encode("utf-8"))


def _write_bytes(path: Path, content: bytes) -> None:
    path.write_bytes(content)
