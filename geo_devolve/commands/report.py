"""``geo-devolve report``: a plan in plain words, to read and to print."""

from pathlib import Path
from typing import Annotated

import typer

from geo_devolve import terminal
from geo_devolve.commands import _plans


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(report)


def report(
    plan: _plans.File = Path("out"),
    out: Annotated[Path, typer.Option("--out", "-o", help="An .html or .pdf file.")] = Path("report.html"),
    draws: Annotated[int, typer.Option(help="Random plans to hold it against; 0 for none.", min=0)] = 20,
    geography: _plans.GeographyOption = None,
    only: _plans.Only = None,
    scenario: _plans.ScenarioOption = None,
) -> None:
    """Write the report of a plan as HTML; as PDF where a browser of the Chromium family is at hand."""
    from geo_devolve.publish.pages.report import write_report

    with terminal.progress() as show:
        opened = _plans.load(plan, geography, scenario, show, only=only)
        write_report(opened, out, draws=draws, progress=show)
    terminal.out().print(f"Wrote {out}", markup=False, highlight=False, soft_wrap=True)
