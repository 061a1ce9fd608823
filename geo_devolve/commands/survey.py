"""``geo-devolve survey``: an atlas of each of many study areas, and a table of all."""

from pathlib import Path
from typing import Annotated, Any

import typer

import geo_devolve as gd
from geo_devolve import terminal
from geo_devolve.commands import _plans


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(survey)


def survey(
    areas: Annotated[
        Path, typer.Argument(metavar="AREAS", help="A table of study areas: columns council and area.")
    ],
    proposals: Annotated[
        list[Path] | None, typer.Option("--proposal", "-p", help="A proposed plan; can be given again.")
    ] = None,
    geography: Annotated[
        str, typer.Option("--geography", "-g", help="An embedded geography, or a folder.")
    ] = "england-2024",
    scenario: Annotated[
        str, typer.Option("--scenario", "-s", help="A scenario that ships, or a TOML file.")
    ] = "reorganisation-2025",
    criterion: Annotated[
        list[str] | None, typer.Option("--criterion", "-c", help="By what; can be given again.")
    ] = None,
    title: Annotated[str, typer.Option(help="Of the page of all.")] = "Every option of every area",
    source: Annotated[
        list[str] | None, typer.Option("--source", help="Where a proposal comes from; can be given again.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder of the pages.")] = Path("survey"),
    quiet: _plans.Quiet = False,
) -> None:
    """List every plan of each of many study areas, and write a page of each and a table of all."""
    from geo_devolve.atlases.survey import read_areas
    from geo_devolve.atlases.survey import survey as all_of_them
    from geo_devolve.publish.pages.survey_page import write_survey

    _plans.check_out(out)
    asked = gd.load_scenario(scenario)
    known = read_areas(areas)
    drawn: dict[str, dict[Any, Any]] = {}
    for file in proposals or []:
        drawn[file.stem] = {
            council: area for area, councils in read_areas(file).items() for council in councils
        }
    with terminal.progress(quiet) as show:
        ground = gd.load_geography(geography, progress=show)
        found = all_of_them(ground, known, asked, drawn, criterion, progress=show)
        files = write_survey(found, out, title, source or ())
    _plans.say(f"Wrote {len(files)} files into {out}; begin with index.html", bold=True)
