"""``geo-devolve export``: hand a plan on in another program's format."""

from pathlib import Path
from typing import Annotated

import typer

from geo_devolve import terminal
from geo_devolve.commands import _plans


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(export)


def export(
    plan: _plans.File,
    out: Annotated[
        Path,
        typer.Argument(
            help="A file ending .geojson, .gpkg, .parquet, .topojson, .shp.zip, .csv, .xlsx or .json."
        ),
    ],
    geography: _plans.GeographyOption = None,
    only: _plans.Only = None,
    scenario: _plans.ScenarioOption = None,
) -> None:
    """Write a plan in the format that the file's name ends with."""
    from geo_devolve.publish.files.exchange import export_plan

    with terminal.progress() as show:
        opened = _plans.load(plan, geography, scenario, show, only=only)
    for warning in export_plan(opened, out):
        terminal.note(f"warning: {warning}")
    terminal.out().print(f"Wrote {out}", markup=False, highlight=False, soft_wrap=True)
