"""``geo-devolve stability``: which borders stay however one weighs it, and which depend on the weights."""

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geo_devolve import terminal
from geo_devolve.commands import _plans
from geo_devolve.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from geo_devolve.plan.stability import Stability


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(stability)


def stability(
    file: _plans.File,
    *,
    draws: Annotated[int, typer.Option(help="How many weightings to draw and solve.", min=0)] = 200,
    concentration: Annotated[
        float, typer.Option(help="The larger, the nearer they stay to the scenario's weights.", min=0.1)
    ] = 20.0,
    threshold: Annotated[
        float, typer.Option(help="The share of plans from which something is settled.", min=0.5, max=1.0)
    ] = 0.95,
    near_best: Annotated[
        int, typer.Option(help="How many of the scenario's own best plans to count beside them.", min=0)
    ] = 100,
    areas: Annotated[
        str | None, typer.Option(help="Also solve for other numbers of areas, such as 30-46.")
    ] = None,
    workers: Annotated[int, typer.Option("--workers", "-j", help="Processes to solve in.", min=1)] = 1,
    picture: Annotated[
        Path | None, typer.Option("--map", help="Draw the contested borders into this PNG, SVG or PDF file.")
    ] = None,
    geography: _plans.GeographyOption = None,
    only: _plans.Only = None,
    scenario: _plans.ScenarioOption = None,
    out: _plans.Out = None,
    as_json: _plans.Json = False,
    quiet: _plans.Quiet = False,
) -> None:
    """Find settled cores and contested borders over many weightings near the scenario's."""
    counts = _counts(areas)
    _plans.check_out(out)
    with terminal.progress(quiet) as show:
        plan = _plans.load(file, geography, scenario, show, only=only)
        from geo_devolve.plan.stability import by_number_of_areas
        from geo_devolve.plan.stability import stability as solve
        from geo_devolve.processes import Processes

        with Processes(workers) if workers > 1 else nullcontext() as executor:
            found = solve(
                plan,
                draws,
                near_best=near_best,
                concentration=concentration,
                threshold=threshold,
                executor=executor,
                progress=show,
            )
        by_count = by_number_of_areas(plan, counts, progress=show) if counts else None
        if picture is not None:
            from geo_devolve.publish.maps.differences import map_stability

            map_stability(found, picture)
    if picture is not None:
        terminal.note(f"Wrote {picture}")
    tables = {
        "weightings": found.runs,
        "pairs": found.pairs,
        "councils": found.councils,
        "cores": found.cores,
    }
    if by_count is not None:
        tables["numbers-of-areas"] = by_count
    if as_json:
        terminal.print_json(
            {"summary": found.summary()} | {key: _plans.records(table) for key, table in tables.items()}
        )
    else:
        _print(found, by_count)
    _plans.write_tables(out, {f"stability-{key}": table for key, table in tables.items()}, {})


def _counts(areas: str | None) -> range | None:
    if areas is None:
        return None
    try:
        low, *high = (int(part) for part in areas.split("-"))
        return range(low, (high or [low])[0] + 1)
    except ValueError:
        raise UsageError(f'--areas "{areas}" is not understood; write 30-46') from None


def _print(found: "Stability", by_count: "pd.DataFrame | None") -> None:
    cores = found.cores[found.cores["councils"].map(len) > 1]
    rows = [
        [core, row["area"], f"{row['population']:,.0f}", ", ".join(row["names"])]
        for core, row in cores.iterrows()
    ]
    _plans.show("Settled cores", ["core", "area", "people", "councils"], rows)
    contested = found.councils[found.councils["contested"]].sort_values("held", kind="stable")
    rows = [
        [
            row["name"],
            row["area"],
            f"{row['held']:.0%}",
            row["rival"],
            row["rival_name"],
            f"{row['rival_share']:.0%}",
        ]
        for row in contested.to_dict("records")
    ]
    names = ["council", "area", "held", "rival", "its name", "with it"]
    _plans.show("Contested councils", names, rows)
    if by_count is not None:
        rows = [
            [
                areas,
                _four(row["objective"]),
                _four(row["bound"]),
                "yes" if row["proven"] else "no",
                _four(row["adjusted_rand"]),
                row["status"],
            ]
            for areas, row in by_count.iterrows()
        ]
        names = ["areas", "objective", "bound", "proven", "adjusted Rand", "status"]
        _plans.show("The optimum by number of areas", names, rows)
    _plans.say(found.summary(), bold=True)


def _four(value: Any) -> str:
    return "" if value is None or value != value else f"{value:.4f}"  # noqa: PLR0124 - NaN is not itself
