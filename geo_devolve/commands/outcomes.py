"""``geo-devolve outcomes``: where each area stands in every indicator."""

from typing import Annotated

import typer

from geo_devolve import terminal
from geo_devolve.commands import _plans
from geo_devolve.errors import UsageError, first_few


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(outcomes)


def outcomes(
    file: _plans.File,
    *,
    area: Annotated[str | None, typer.Option("--area", "-a", help="One area only, by code or name.")] = None,
    geography: _plans.GeographyOption = None,
    only: _plans.Only = None,
    scenario: _plans.ScenarioOption = None,
    out: _plans.Out = None,
    as_json: _plans.Json = False,
    quiet: _plans.Quiet = False,
) -> None:
    """Show each area's indicators: rank, distance from the whole, spread inside."""
    _plans.check_out(out)
    with terminal.progress(quiet) as show:
        plan = _plans.load(file, geography, scenario, show, only=only)
        from geo_devolve.plan.outcomes import outcomes as make_outcomes

        found = make_outcomes(plan)
    if area is not None and not found.empty:
        same = {
            str(code).casefold() for code in plan.names.index[plan.names.str.casefold() == area.casefold()]
        }
        found = found[found["area"].astype(str).str.casefold().isin(same | {area.casefold()})]
        if found.empty:
            known = first_few(f"{code} {name}" for code, name in plan.names.items())
            raise UsageError(f'the plan has no area "{area}"; it has {known}')
    if as_json:
        terminal.print_json({"outcomes": _plans.records(found)})
    else:
        rows = [
            [
                *([] if area else [row["area"]]),
                f"{row['indicator'].replace('_', ' ')} ({row['unit']})",
                f"{row['value']:,.4g}",
                f"{row['whole']:,.4g}",
                f"{row['rank']} of {row['of']}",
                f"{row['distance']:+.2f}",
                f"{row['spread']:,.3g}",
                f"{row['lowest']:,.4g} {row['lowest_council']}",
                f"{row['highest']:,.4g} {row['highest_council']}",
            ]
            for row in found.to_dict("records")
        ]
        names = ["indicator", "value", "country", "rank", "distance", "spread", "lowest", "highest"]
        title = f"Outcomes of {found['area'].iloc[0]} {found['name'].iloc[0]}" if area else "Outcomes"
        caption = "Rank 1 and distance above 0 (standard deviations of councils) mean more need."
        _plans.show(title, names if area else ["area", *names], rows, caption=caption)
    _plans.write_tables(out, {"outcomes": found}, {})
