"""``geo-devolve carry``: a plan over the councils of another vintage."""

from pathlib import Path
from typing import Annotated

import typer

import geo_devolve as gd
from geo_devolve import terminal


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("carry")(carry)


def carry(
    plan: Annotated[
        Path, typer.Argument(help="A plan's folder, its plan.json, or a CSV of council and area.")
    ],
    *,
    source: Annotated[
        str, typer.Option("--from", help="The geography that the plan speaks of.")
    ] = "england-2017",
    target: Annotated[str, typer.Option("--to", help="The geography to carry it to.")] = "england-2024",
    scenario: Annotated[
        str, typer.Option("--scenario", "-s", help="What the plan is held against when it is read.")
    ] = "reform-2017",
    out: Annotated[Path, typer.Option("--out", "-o", help="The CSV of council and area to write.")] = Path(
        "carried.csv"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print what changed as JSON.")] = False,
) -> None:
    """Carry a plan from the councils of one vintage to those of another, and tell what is ambiguous."""
    from geo_devolve.geography.portal.cache import write_whole
    from geo_devolve.geography.successors import carry as carry_assignment
    from geo_devolve.plan.read import read_plan
    from geo_devolve.publish.files.tables import to_csv

    with terminal.progress() as progress:
        then = gd.load_geography(source, progress=progress)
        now = gd.load_geography(target, progress=progress)
    read = read_plan(then, plan, gd.load_scenario(scenario))
    carried = carry_assignment(read.assignment, then, now)
    table = now.councils[["name"]].assign(area=carried.assignment)
    try:
        write_whole(out, to_csv(table.reset_index()).encode())
    except OSError as fault:
        raise gd.UsageError(f"{out} cannot be written: {fault.strerror or fault}") from None
    for notice in carried.notices:
        terminal.note(notice)
    if as_json:
        changes = carried.changes.reset_index().to_dict("records")
        terminal.print_json(
            {"unambiguous": carried.unambiguous, "people_moved": carried.people_moved, "changes": changes}
        )
        return
    ending = (
        "nobody's area changes" if carried.unambiguous else f"{carried.people_moved:,.0f} people change area"
    )
    terminal.out().print(
        f"{out}: {len(table):,} councils of {now.name}, {len(carried.changes):,} of them not as in "
        f"{then.name}; {ending}",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
