"""``geo-devolve map``: draw a plan for print."""

from pathlib import Path
from typing import Annotated

import typer

from geo_devolve import terminal
from geo_devolve.commands import _plans


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("map")(draw)


def draw(
    plan: _plans.File = Path("out"),
    out: Annotated[Path, typer.Option("--out", "-o", help="A .png, .svg or .pdf file.")] = Path("map.png"),
    colour: Annotated[
        str, typer.Option("--colour", "-c", help="area, population, misfit, or a theme of need.")
    ] = "area",
    layer: Annotated[
        list[str] | None, typer.Option("--layer", "-l", help="Draw the borders of a layer; twice at most.")
    ] = None,
    no_names: Annotated[bool, typer.Option("--no-names", help="Leave the names of the areas out.")] = False,
    title: Annotated[str | None, typer.Option(help="Instead of the geography's title.")] = None,
    geography: _plans.GeographyOption = None,
    only: _plans.Only = None,
    scenario: _plans.ScenarioOption = None,
) -> None:
    """Draw a plan as PNG, SVG or PDF: areas or a figure by colour, layers over it."""
    from geo_devolve.publish.maps.plan_map import map_plan

    with terminal.progress() as show:
        opened = _plans.load(plan, geography, scenario, show, only=only)
    written = map_plan(opened, out, colour=colour, layers=layer or (), names=not no_names, title=title)
    terminal.out().print(f"Wrote {written}", markup=False, highlight=False, soft_wrap=True)
