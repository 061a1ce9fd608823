"""``geo-devolve explore``: the page to look into one plan, or two."""

from pathlib import Path
from typing import Annotated

import typer

from geo_devolve import terminal


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(explore)


def explore(
    plan: Annotated[Path, typer.Argument(help="A folder of propose, or a file with a plan.")] = Path("out"),
    other: Annotated[Path | None, typer.Argument(help="Another plan of the same councils.")] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="The HTML file.")] = Path("explorer.html"),
    geography: Annotated[
        str | None, typer.Option("--geography", "-g", help="Where the plan does not say of what it is.")
    ] = None,
    scenario: Annotated[
        str | None, typer.Option("--scenario", "-s", help="What a plan drawn by hand is held against.")
    ] = None,
) -> None:
    """Write the explorer page of a plan; of two plans, side by side and as a difference."""
    from geo_devolve.publish import open_plan, write_explorer

    with terminal.progress() as show:
        opened = open_plan(plan, geography, scenario, progress=show)
        second = None if other is None else open_plan(other, opened.geography, scenario)
    write_explorer(opened, out, second)
    terminal.out().print(f"Wrote {out}", markup=False, highlight=False, soft_wrap=True)
