"""``geo-devolve extend``: the authorities that exist, completed to a plan of the whole."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

import geo_devolve as gd
from geo_devolve import terminal
from geo_devolve.commands import _plans

if TYPE_CHECKING:
    from geo_devolve.plan.extend import Extension


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("extend")(extend)


def extend(
    layer: Annotated[str, typer.Argument(help="The layer whose bodies exist and stay as they are.")],
    geography: Annotated[
        str, typer.Argument(help="An embedded geography, or a folder with a geography.toml.")
    ] = "england-2024",
    *,
    only: _plans.Only = None,
    scenario: Annotated[
        str, typer.Option("--scenario", "-s", help="A scenario that ships, or a TOML file.")
    ] = "white-paper-2024",
    prices: Annotated[bool, typer.Option(help="Work out what each fixed authority costs.")] = True,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write the plan's files here.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Give every council an authority: existing ones stay, the rest joins them or forms new areas."""
    from geo_devolve.plan.extend import extend as complete

    asked = gd.load_scenario(scenario)
    with terminal.progress() as progress:
        loaded = _plans.cut(gd.load_geography(geography, progress=progress), only)
        found = complete(loaded, asked, layer, prices=prices, progress=progress)
        if out is not None:
            from geo_devolve.publish.write import write_plan

            write_plan(found.plan, out, progress=progress)
    if as_json:
        terminal.print_json(found.to_dict())
    else:
        _print(found)


def _print(found: "Extension") -> None:
    console = terminal.out()
    people = f"{found.uncovered['population'].sum():,.0f}"
    table = Table(title=f"{found.layer}: {len(found.uncovered):,} councils ({people} people) are in none")
    for name in (
        "authority",
        "people",
        "area",
        "councils that join",
        "people who join",
        "could reach",
        "price",
    ):
        table.add_column(name, justify="left" if name in {"authority", "area"} else "right")
    for row in found.authorities.to_dict("records"):
        numbers = [f"{row[key]:,.0f}" for key in ("joined", "people_joined", "could_reach")]
        price = "" if math.isnan(row["price"]) else f"{row['price']:.4f}"
        table.add_row(row["name"], f"{row['population']:,.0f}", str(row["area"]), *numbers, price)
    console.print(table, markup=False)
    table = Table(title="New areas")
    for name in ("area", "name", "people", "councils"):
        table.add_column(name, justify="right" if name in {"people", "councils"} else "left")
    for new in found.new_areas.reset_index().to_dict("records"):
        table.add_row(str(new["area"]), new["name"], f"{new['population']:,.0f}", str(new["councils"]))
    console.print(table, markup=False)
    for note in found.plan.notes:
        terminal.note(note)
