"""``geo-devolve steps``: legal merges and moves from one plan to another."""

from pathlib import Path
from typing import Annotated

import typer

import geo_devolve as gd
from geo_devolve import terminal
from geo_devolve.commands import _plans


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(steps)


def steps(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The plan to be reached: a table or a folder of propose.")
    ],
    start: Annotated[
        Path | None,
        typer.Argument(metavar="[FROM]", help="The plan to begin with; by default every council by itself."),
    ] = None,
    *,
    geography: _plans.GeographyOption = "england-2024",
    only: _plans.Only = None,
    scenario: Annotated[
        str, typer.Option("--scenario", "-s", help="Whose rules every step keeps.")
    ] = "reorganisation-2025",
    out: _plans.Out = None,
    as_json: _plans.Json = False,
    quiet: _plans.Quiet = False,
) -> None:
    """Find the legal steps to a plan on which the fewest people move twice, or prove that there are none."""
    _plans.check_out(out)
    with terminal.progress(quiet) as show:
        asked = gd.load_scenario(scenario)
        ground = _plans.cut(gd.load_geography(geography or "england-2024", progress=show), only)
        goal = gd.read_plan(ground, file, asked)
        if start is None:
            names = {code: str(name) for code, name in ground.councils["name"].items()}
            today = gd.drawn_plan(ground, names, asked)
        else:
            today = gd.read_plan(ground, start, asked)
        way = gd.steps(today, goal, progress=show)
    document = {
        "possible": way.possible,
        "reason": way.reason,
        "people_moved": way.people_moved,
        "people_moved_twice": way.people_moved_twice,
        "steps": _plans.records(way.table),
    }
    if as_json:
        terminal.print_json(document)
    elif way.possible:
        rows = [
            [number, row["kind"], row["source"], row["target"], f"{row['people']:,.0f}", row["areas"]]
            for number, row in way.table.iterrows()
        ]
        _plans.show("", ["step", "kind", "of", "into", "people", "areas then"], rows)
        twice = f"{way.people_moved_twice:,.0f} of them more than once"
        _plans.say(
            f"{way.people_moved:,.0f} people change council, {twice}: no way moves fewer twice", bold=True
        )
    else:
        _plans.say(f"There is no way: {way.reason}", bold=True)
    _plans.write_tables(out, {"steps": way.table}, {"steps": document})
