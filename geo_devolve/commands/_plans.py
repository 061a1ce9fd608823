"""What the commands about a plan share: finding it, and printing or writing its tables."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

import geo_devolve as gd
from geo_devolve import terminal
from geo_devolve.outside import DamagedError, parse_json

if TYPE_CHECKING:
    import pandas as pd

    from geo_devolve.geography.model import Geography
    from geo_devolve.plan.plan import Plan
    from geo_devolve.progress import Progress

_FIGURE = re.compile(r"([-+]?[\d,.]*(e[-+]?\d+)?%?|\d+ of \d+)")

File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="A plan: a CSV or Excel table of councils and areas, JSON, or the folder that propose wrote.",
    ),
]
GeographyOption = Annotated[
    str | None,
    typer.Option("--geography", "-g", help="Default: the one that the plan was made for, else england-2017."),
]
ScenarioOption = Annotated[
    str | None,
    typer.Option("--scenario", "-s", help="Default: the one that the plan was made for, else reform-2017."),
]
Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        help="Cut to a study area: a council, or a body such as upper_tier:Essex; can be given again.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print everything as JSON, for machines.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Also write the tables into this folder.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]
CouncilColumn = Annotated[str | None, typer.Option(help="The column of councils, where it cannot be told.")]
AreaColumn = Annotated[str | None, typer.Option(help="The column of areas, where it cannot be told.")]


def load(
    file: Path,
    geography: str | None,
    scenario: str | None,
    progress: "Progress",
    *,
    only: list[str] | None = None,
    council_column: str | None = None,
    area_column: str | None = None,
    beside: "Plan | None" = None,
) -> "Plan":
    """Read a plan with the geography, study area and scenario it was made for, or those that are named.

    A plan that stands `beside` another shares its geography, unless it knows that it is of another, and its
    scenario where it knows none of its own.
    """
    from geo_devolve.plan.read import read_plan
    from geo_devolve.publish.files.exchange import read_back
    from geo_devolve.publish.files.reopen import open_plan

    record = _record(file)
    made_for = record.get("provenance", {}).get("geography", {})
    name = made_for.get("name")
    if beside is not None and (geography is not None or name in {None, beside.geography.name}):
        ground = beside.geography
    else:
        ground = _ground(geography, name, progress)
        ground = cut(ground, only or (made_for.get("only") if geography is None else None))
    if scenario is None and record:
        return open_plan(file, ground)
    if scenario is not None or beside is None:
        asked = gd.load_scenario(scenario or "reform-2017")
    else:
        asked = beside.scenario
    if council_column is None and area_column is None:
        return read_back(ground, file, asked)
    return read_plan(ground, file, asked, council_column=council_column, area_column=area_column)


def cut(ground: "Geography", only: Sequence[str] | None) -> "Geography":
    """Cut a geography to the study area that --only names, if it names any."""
    return ground.only(*only) if only else ground


def _record(path: Path) -> dict[str, Any]:
    """Return the plan.json that a path is or has in it; empty where there is none."""
    path = path / "plan.json" if path.is_dir() else path
    if path.suffix.lower() != ".json" or not path.is_file():
        return {}
    try:
        record = parse_json(path.read_bytes())
    except (OSError, DamagedError):
        return {}
    ours = isinstance(record, dict) and str(record.get("format", "")).startswith("geo-devolve plan")
    return record if ours else {}


def _ground(geography: str | None, made_for: str | None, progress: "Progress") -> "Geography":
    """Load the geography that is named, or else the one that the plan was made for."""
    if geography is not None or made_for is None:
        return gd.load_geography(geography or "england-2017", progress=progress)
    try:
        return gd.load_geography(made_for, progress=progress)
    except gd.DataError as error:
        raise gd.UsageError(
            f'the plan was made for the geography "{made_for}", which does not ship with the package; '
            "give its folder with --geography"
        ) from error


def check_out(out: Path | None) -> None:
    """Refuse a folder that cannot be written before the work begins."""
    if out is not None:
        from geo_devolve.publish.files.staging import check_writable

        check_writable(out)


def write_tables(
    out: Path | None, tables: Mapping[str, "pd.DataFrame"], documents: Mapping[str, Any]
) -> None:
    """Write tables as CSV and documents as JSON, all or none, and say where."""
    if out is None:
        return
    from geo_devolve.publish.files.staging import staged
    from geo_devolve.publish.files.tables import to_csv

    with staged(out) as folder:
        for name, table in tables.items():
            (folder / f"{name}.csv").write_text(to_csv(flat(table)), encoding="utf-8", newline="")
        for name, document in documents.items():
            text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
            (folder / f"{name}.json").write_text(text, encoding="utf-8", newline="")
    names = [*(f"{name}.csv" for name in tables), *(f"{name}.json" for name in documents)]
    terminal.note(f"Wrote {', '.join(names)} into {out}")


def flat(table: "pd.DataFrame") -> "pd.DataFrame":
    """Return a table as a CSV carries it: the index as columns, lists joined by "; "."""
    table = table.reset_index() if table.index.name or table.index.nlevels > 1 else table
    return table.map(lambda cell: "; ".join(map(str, cell)) if isinstance(cell, tuple | list) else cell)


def records(table: "pd.DataFrame") -> list[dict[str, Any]]:
    """Return a table's rows as JSON has them."""
    from geo_devolve.publish.files.geojson import plain

    table = table.reset_index() if table.index.name or table.index.nlevels > 1 else table
    return [{str(key): plain(value) for key, value in row.items()} for row in table.to_dict("records")]


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], *, caption: str = "") -> None:
    """Print a table; columns that hold nothing but figures stand to the right."""
    cells = [[str(cell) for cell in row] for row in rows]
    table = Table(title=title, title_justify="left", caption=caption or None, caption_justify="left")
    for number, column in enumerate(columns):
        figures = all(_FIGURE.fullmatch(row[number]) for row in cells)
        table.add_column(column, justify="right" if figures else "left", overflow="fold")
    for row in cells:
        table.add_row(*row)
    terminal.out().print(table)


def say(text: str, *, bold: bool = False) -> None:
    """Print one line of the result."""
    terminal.out().print(text, markup=False, highlight=False, soft_wrap=True, style="bold" if bold else None)


def say_faults(plan: "Plan") -> None:
    """List what is wrong with a plan."""
    for fault in plan.faults:
        say(f"Fault: {fault}")


def heading(plan: "Plan") -> str:
    """Say in a line what a plan is and how good it is known to be."""
    from geo_devolve.publish.phrases import certificate_line

    line = certificate_line(plan)
    return line if plan.certificate is not None else f"{line}; objective {plan.objective:.4f}"
