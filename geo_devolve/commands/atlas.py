"""``geo-devolve atlas``: count every plan, and list them all with their figures."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import geo_devolve as gd
from geo_devolve import terminal
from geo_devolve.commands import _plans

if TYPE_CHECKING:
    import pandas as pd

    from geo_devolve.atlases.atlas import Atlas
    from geo_devolve.scenario import Scenario


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(atlas)


def atlas(
    geography: Annotated[
        str, typer.Argument(help="An embedded geography, or a folder with a geography.toml.")
    ] = "england-2024",
    *,
    only: _plans.Only = None,
    scenario: Annotated[
        str, typer.Option("--scenario", "-s", help="A scenario that ships, or a TOML file.")
    ] = "reorganisation-2025",
    areas: Annotated[str | None, typer.Option("--areas", "-k", help="How many: 3, or a range, 2-5.")] = None,
    population: Annotated[
        str | None, typer.Option(help="Least and most people of an area, such as 300000-inf.")
    ] = None,
    criterion: Annotated[
        list[str] | None,
        typer.Option("--criterion", "-c", help="Of the front that is shown; can be given again."),
    ] = None,
    count: Annotated[bool, typer.Option("--count", help="Count the plans and list none.")] = False,
    sample: Annotated[
        int | None, typer.Option("--sample", help="Draw so many plans at random instead.", min=1)
    ] = None,
    most: Annotated[
        int, typer.Option("--most", help="Do not list more plans than these.", min=1)
    ] = 20_000_000,
    rows: Annotated[int, typer.Option("--rows", "-n", help="How many plans of the front to show.")] = 10,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="A folder for all plans as Parquet; one begun in it goes on."),
    ] = None,
    as_json: _plans.Json = False,
    quiet: _plans.Quiet = False,
) -> None:
    """Count every plan of a scenario, list them all with their figures, and show those no other beats."""
    from geo_devolve.commands.propose import changes

    asked = gd.load_scenario(scenario)
    asked = asked.replace(**changes(asked, areas=areas, population=population, weights=[]))
    if out is not None and not count:
        _plans.check_out(out)
    with terminal.progress(quiet) as show:
        ground = _plans.cut(gd.load_geography(geography, progress=show), only)
        if count:
            counts, front = gd.count_plans(ground, asked, progress=show), None
        else:
            made = gd.atlas(ground, asked, out, most=most, sample=sample, progress=show)
            counts, front = made.counts, made.front(criterion)
            if out is not None:
                from geo_devolve.publish.pages.atlas_page import write_atlas_page

                write_atlas_page(made, out / "atlas.html", criteria=criterion)
    if as_json:
        document = {"plans": {str(areas): int(plans) for areas, plans in counts.items()}}
        terminal.print_json(document | ({} if front is None else {"front": _plans.records(front)}))
        return
    _plans.show("", ["areas", "plans"], [[areas, f"{plans:,}"] for areas, plans in counts.items()])
    if front is not None:
        _show_front(made, asked, front, rows, criterion)
    if out is not None and not count:
        terminal.note(f"Wrote {len(made):,} plans and atlas.html into {out}")


def _show_front(
    made: "Atlas", asked: "Scenario", front: "pd.DataFrame", rows: int, criterion: list[str] | None
) -> None:
    named = [each.name for each in made.chosen(criterion)]
    shown = front.head(rows)
    cells = [
        [row["areas"], row["plan"], *(_figure(row[name]) for name in named)]
        for row in shown.to_dict("records")
    ]
    _plans.show("", ["areas", "plan", *named], cells)
    drawn = "drawn " if made.sample else ""
    criteria = ", ".join(named)
    unbeaten = f"{len(front):,} of {len(made):,} {drawn}plans are beaten by no other {drawn}one in {criteria}"
    _plans.say(unbeaten, bold=True)
    if made.sample:
        every = int(made.counts.sum())
        _plans.say(f"Drawn with the same chance each from {every:,} plans, seed {asked.seed}")


def _figure(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 1000 else f"{value:.4f}"
