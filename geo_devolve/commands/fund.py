"""``geo-devolve fund``: block grants by area, programme and year, to the penny."""

from typing import TYPE_CHECKING, Annotated

import typer

from geo_devolve import terminal
from geo_devolve.commands import _plans

if TYPE_CHECKING:
    from geo_devolve.plan.funding import Grants


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(fund)


def fund(
    file: _plans.File,
    *,
    funding: Annotated[
        str, typer.Option("--funding", "-f", help="A funding file that ships, or your own TOML file.")
    ] = "vive-la-devolution",
    geography: _plans.GeographyOption = None,
    only: _plans.Only = None,
    scenario: _plans.ScenarioOption = None,
    out: _plans.Out = None,
    as_json: _plans.Json = False,
    quiet: _plans.Quiet = False,
) -> None:
    """Share national budgets out as block grants; the formulas and the index are the funding file's."""
    _plans.check_out(out)
    from geo_devolve.plan.funding import grants, load_funding

    asked = load_funding(funding)
    with terminal.progress(quiet) as show:
        plan = _plans.load(file, geography, scenario, show, only=only)
        found = grants(plan, asked)
    if as_json:
        terminal.print_json(
            {"funding": asked.name, "assumptions": asked.assumptions(), "grants": _plans.records(found.table)}
        )
    else:
        _print(found)
    _plans.write_tables(out, {"grants": found.in_pounds()}, {})


def _print(found: "Grants") -> None:
    asked = found.funding
    programmes = [budget.name for budget in asked.budgets]
    cells = found.by("area", "programme")["pence"].to_dict()
    rows = [
        [row["area"], row["name"]]
        + [_millions(cells[row["area"], programme]) for programme in programmes]
        + [_millions(row["pence"]), _millions(row["moved"], sign=True)]
        for row in found.by("area", "name").reset_index().to_dict("records")
    ]
    names = ["area", "name", *programmes, "all", "less by people"]
    period = f"{asked.years[0]} to {asked.years[-1]}" if len(asked.years) > 1 else asked.years[0]
    _plans.show(f"Block grants, {period}, £ million", names, rows)
    rows = [
        [
            year,
            *(_millions(asked.pence(budget, str(year))) for budget in asked.budgets),
            _millions(row["pence"]),
        ]
        for year, row in found.by("year").to_dict("index").items()
    ]
    _plans.show("The country, £ million", ["year", *programmes, "all"], rows)
    for line in asked.assumptions():
        _plans.say(f"Assumption: {line}")
    total = int(found.table["pence"].sum())
    moved = int(found.by("area")["moved"].clip(lower=0).sum())
    _plans.say(
        f"£{total // 100:,}.{total % 100:02d} shared out; £{_millions(moved)} million of it goes elsewhere "
        "than by people alone",
        bold=True,
    )


def _millions(pence: int, *, sign: bool = False) -> str:
    return f"{pence / 1e8:+,.1f}" if sign else f"{pence / 1e8:,.1f}"
