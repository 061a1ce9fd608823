"""``geo-devolve export``: hand a plan on in another program's format."""

from pathlib import Path
from typing import Annotated

import typer

from geo_devolve import terminal


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(export)


def export(
    plan: Annotated[Path, typer.Argument(help="A folder of propose, or a file with a plan.")],
    out: Annotated[
        Path,
        typer.Argument(
            help="A file ending .geojson, .gpkg, .parquet, .topojson, .shp.zip, .csv, .xlsx or .json."
        ),
    ],
    geography: Annotated[
        str | None, typer.Option("--geography", "-g", help="Where the plan does not say of what it is.")
    ] = None,
    scenario: Annotated[
        str | None, typer.Option("--scenario", "-s", help="What a plan drawn by hand is held against.")
    ] = None,
) -> None:
    """Write a plan in the format that the file's name ends with."""
    from geo_devolve.publish import export_plan, open_plan

    with terminal.progress() as show:
        opened = open_plan(plan, geography, scenario, progress=show)
    for warning in export_plan(opened, out):
        terminal.note(f"warning: {warning}")
    terminal.out().print(f"Wrote {out}", markup=False, highlight=False, soft_wrap=True)
