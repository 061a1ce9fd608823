"""``geo-devolve explore``: the page to look into one plan, or two."""

from pathlib import Path
from typing import Annotated

import typer

from geo_devolve import terminal
from geo_devolve.commands import _plans


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(explore)


def explore(
    plan: _plans.File = Path("out"),
    other: Annotated[Path | None, typer.Argument(help="Another plan of the same councils.")] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="The HTML file.")] = Path("explorer.html"),
    stability: Annotated[
        int, typer.Option(help="Weightings to solve, to colour councils by how settled they are.", min=0)
    ] = 0,
    geography: _plans.GeographyOption = None,
    only: _plans.Only = None,
    scenario: _plans.ScenarioOption = None,
) -> None:
    """Write the explorer page of a plan; of two plans, side by side and as a difference."""
    from geo_devolve.publish.pages.explorer import write_explorer

    with terminal.progress() as show:
        opened = _plans.load(plan, geography, scenario, show, only=only)
        second = None if other is None else _plans.load(other, geography, scenario, show, beside=opened)
        held = None
        if stability:
            from geo_devolve.plan.stability import stability as solve

            held = solve(opened, stability, progress=show).councils["held"]
    write_explorer(opened, out, second, stability=held)
    terminal.out().print(f"Wrote {out}", markup=False, highlight=False, soft_wrap=True)
