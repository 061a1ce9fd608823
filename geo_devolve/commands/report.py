"""``geo-devolve report``: a plan in plain words, to read and to print."""

from pathlib import Path
from typing import Annotated

import typer

from geo_devolve import terminal


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(report)


def report(
    plan: Annotated[Path, typer.Argument(help="A folder of propose, or a file with a plan.")] = Path("out"),
    out: Annotated[Path, typer.Option("--out", "-o", help="An .html or .pdf file.")] = Path("report.html"),
    draws: Annotated[int, typer.Option(help="Random plans to hold it against; 0 for none.", min=0)] = 20,
    geography: Annotated[
        str | None, typer.Option("--geography", "-g", help="Where the plan does not say of what it is.")
    ] = None,
    scenario: Annotated[
        str | None, typer.Option("--scenario", "-s", help="What a plan drawn by hand is held against.")
    ] = None,
) -> None:
    """Write the report of a plan as HTML; as PDF where a browser of the Chromium family is at hand."""
    from geo_devolve.publish import open_plan, write_report

    with terminal.progress() as show:
        opened = open_plan(plan, geography, scenario, progress=show)
        write_report(opened, out, draws=draws, progress=show)
    terminal.out().print(f"Wrote {out}", markup=False, highlight=False, soft_wrap=True)
