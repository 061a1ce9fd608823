"""``geo-devolve near``: the plans that are almost as good as the best, and what they do otherwise."""

import math
from typing import TYPE_CHECKING, Annotated

import typer

import geo_devolve as gd
from geo_devolve import terminal
from geo_devolve.commands import _plans
from geo_devolve.words import counted

if TYPE_CHECKING:
    import pandas as pd

    from geo_devolve.geography.model import Geography
    from geo_devolve.optimise.near_best import NearBest
    from geo_devolve.scenario import Scenario


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(near)


def near(
    geography: Annotated[
        str, typer.Argument(help="england-2017, or a folder with a geography.toml.")
    ] = "england-2017",
    *,
    only: _plans.Only = None,
    scenario: Annotated[
        str, typer.Option("--scenario", "-s", help="A scenario that ships, or a TOML file.")
    ] = "reform-2017",
    areas: Annotated[int | None, typer.Option("--areas", "-k", help="How many.", min=1)] = None,
    most: Annotated[int, typer.Option("--most", "-n", help="How many plans at most.", min=1)] = 10,
    within: Annotated[
        float | None, typer.Option(help="All within so many per cent of the best, such as 0.5.", min=0)
    ] = None,
    out: _plans.Out = None,
    as_json: _plans.Json = False,
    quiet: _plans.Quiet = False,
) -> None:
    """List the best plans in order, and how many councils each of them moves."""
    asked = gd.load_scenario(scenario)
    asked = asked if areas is None else asked.replace(areas=areas)
    _plans.check_out(out)
    with terminal.progress(quiet) as show:
        ground = _plans.cut(gd.load_geography(geography, progress=show), only)
        share = None if within is None else within / 100
        found = gd.near_best(ground, asked, most=most, within=share, progress=show)
    table, councils = _tables(ground, asked, found)
    if as_json:
        terminal.print_json({"complete": found.complete, "plans": _plans.records(table)})
    else:
        rows = [
            [
                rank,
                f"{row['objective']:.4f}",
                f"{row['excess']:.3%}" if math.isfinite(row["excess"]) else f"+{row['objective']:.4g}",
                row["councils_moved"],
                row["people_moved"],
            ]
            for rank, row in table.iterrows()
        ]
        rows = [[*row[:-1], f"{row[-1]:,.0f}"] for row in rows]
        _plans.show("", ["rank", "objective", "above the best", "councils moved", "people moved"], rows)
        _plans.say(_summary(found), bold=True)
    _plans.write_tables(out, {"plans": table, "councils": councils}, {})


def _summary(found: "NearBest") -> str:
    plans = counted(len(found.plans), "plan")
    if found.complete:
        return f"{plans}, proven: none that is better than the last of them is missing"
    return f"{plans}; others as good may be missing"


def _tables(
    ground: "Geography", asked: "Scenario", found: "NearBest"
) -> tuple["pd.DataFrame", "pd.DataFrame"]:
    """Return the plans with what they move against the best, and every council's area in each of them."""
    import pandas as pd

    from geo_devolve.plan.compare import compare
    from geo_devolve.plan.plan import Plan

    plans = [Plan.from_groups(ground, asked, each.groups, None, ()) for each in found.plans]
    rows = []
    for each, plan in zip(found.plans, plans, strict=True):
        against = compare(plans[0], plan)
        rows.append(
            {
                "rank": each.rank,
                "objective": each.objective,
                "excess": each.excess,
                "areas": len(each.groups),
                "councils_moved": against.councils_moved,
                "people_moved": against.people_moved,
            }
        )
    areas = {f"plan_{each.rank}": plan.assignment for each, plan in zip(found.plans, plans, strict=True)}
    councils = pd.DataFrame({"name": ground.councils["name"], **areas})
    councils.index.name = "council"
    return pd.DataFrame(rows).set_index("rank"), councils
