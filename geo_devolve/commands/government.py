"""``geo-devolve government``: who would govern each area, and whom it replaces."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from geo_devolve import terminal
from geo_devolve.commands import _plans

if TYPE_CHECKING:
    from geo_devolve.plan.government import Government
    from geo_devolve.plan.plan import Plan


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(government)


def government(
    file: _plans.File,
    *,
    geography: _plans.GeographyOption = None,
    only: _plans.Only = None,
    scenario: _plans.ScenarioOption = None,
    authorities: Annotated[
        list[str] | None,
        typer.Option("--authority", help="A layer whose bodies may govern an area (repeat, in preference)."),
    ] = None,
    commissioners: Annotated[
        list[str] | None, typer.Option("--commissioner", help="A layer whose bodies are replaced (repeat).")
    ] = None,
    out: _plans.Out = None,
    as_json: _plans.Json = False,
    quiet: _plans.Quiet = False,
) -> None:
    """Tell which areas have their authority already, and which commissioners they replace."""
    _plans.check_out(out)
    with terminal.progress(quiet) as show:
        plan = _plans.load(file, geography, scenario, show, only=only)
        from geo_devolve.plan.government import government as make_government

        found = make_government(plan, authorities or None, commissioners or None)
    if as_json:
        names = ("areas", "commissioners", "bodies")
        document = {name: _plans.records(getattr(found, name)) for name in names}
        terminal.print_json({"summary": found.summary()} | document)
    else:
        _print(plan, found)
    tables = {"government": found.areas, "commissioners": found.commissioners, "old-bodies": found.bodies}
    _plans.write_tables(out, tables, {})


def _print(plan: "Plan", found: "Government") -> None:
    from geo_devolve.plan.names import council_names

    called = council_names(plan.geography)
    rows = [
        [area, row["name"], row["cover"], _how(row, called), row["replaces"], row["replaces_partly"]]
        for area, row in found.areas.iterrows()
    ]
    names = ["area", "name", "authority", "which", "replaces wholly", "in part"]
    _plans.show("Government", names, rows)
    counted = found.commissioners.groupby("layer", sort=False)["wholly"].sum()
    bodies = found.bodies.groupby("layer", sort=False)["body"].nunique().to_dict()
    rows = [
        [plan.geography.layers[str(layer)].title, bodies[layer], wholly, bodies[layer] - wholly]
        for layer, wholly in counted.to_dict().items()
    ]
    _plans.show("Commissioners replaced", ["layer", "bodies", "wholly in one area", "divided"], rows)
    _plans.say(found.summary(), bold=True)


def _how(row: Any, called: dict[Any, str]) -> str:
    if row["cover"] == "exactly":
        return str(row["authority"])
    if row["cover"] == "nearly":
        add, lose = (", ".join(called[code] for code in row[key]) for key in ("add", "lose"))
        parts = [f"add {add}"] if add else []
        return f"{row['authority']}: {'; '.join([*parts, f'lose {lose}'] if lose else parts)}"
    partly = [f"part of {name}" for name in row["part_members"]]
    return "of " + ", ".join([*row["members"], *partly]) if row["members"] or partly else "of its councils"
