"""All of a plan's files at once: each whole, and the same bytes for the same plan."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from geo_devolve.plan import Plan
from geo_devolve.progress import Progress, silent
from geo_devolve.publish.explorer import explorer_html
from geo_devolve.publish.geojson import areas_geojson, has_shapes
from geo_devolve.publish.geopackage import write_geopackage
from geo_devolve.publish.maps import draw_map, save
from geo_devolve.publish.record import created, head, plan_json
from geo_devolve.publish.staging import staged
from geo_devolve.publish.tables import councils_table, to_csv

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
    """Return what writes each file."""
    writers: dict[str, Callable[[Path], None]] = {}
    writers["explorer.html"] = lambda path: write_text(path, explorer_html(plan))
    if has_shapes(plan):
        writers["map.png"] = lambda path: save(draw_map(plan), path)
    writers["areas.geojson"] = lambda path: write_text(path, areas_geojson(plan, head(plan, made)))
    writers["councils.csv"] = lambda path: write_text(path, to_csv(councils_table(plan)))
    writers["plan.json"] = lambda path: write_text(path, plan_json(plan, made))
    if has_shapes(plan):
        writers["plan.gpkg"] = lambda path: write_geopackage(plan, path)
    return writers


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 with line feeds on every system."""
    path.write_bytes(text.encode("utf-8"))
