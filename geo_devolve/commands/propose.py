"""``geo-devolve propose``: find the best plan of a geography, write its files, and say what it is."""

import json
import tempfile
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

import geo_devolve as gd
from geo_devolve import terminal
from geo_devolve.commands import _plans
from geo_devolve.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from geo_devolve.geography.model import Geography
    from geo_devolve.optimise.certificate import Certificate
    from geo_devolve.plan.plan import Plan
    from geo_devolve.progress import Progress
    from geo_devolve.scenario import Scenario


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(propose)


def propose(
    geography: Annotated[
        str | None,
        typer.Argument(help="england-2017, which is the default, or a folder with a geography.toml."),
    ] = None,
    only: _plans.Only = None,
    scenario: Annotated[
        str | None,
        typer.Option(
            "--scenario", "-s", help="A scenario that ships, reform-2017 by default, or a TOML file."
        ),
    ] = None,
    areas: Annotated[
        str | None,
        typer.Option("--areas", "-k", help="How many: 38, or a range of which the best is chosen, 36-40."),
    ] = None,
    population: Annotated[
        str | None, typer.Option(help="Least and most people of an area, such as 500000-3000000.")
    ] = None,
    weight: Annotated[
        list[str] | None,
        typer.Option(
            "--weight", "-w", help="Change one weight, such as need=2 or stp=0.5; can be given again."
        ),
    ] = None,
    engine: Annotated[str | None, typer.Option(help="auto, list, stream or generate.")] = None,
    solver: Annotated[str | None, typer.Option(help="A solver that PuLP knows.")] = None,
    time_limit: Annotated[float | None, typer.Option(help="Of the solve, in seconds.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of everything that is drawn at random.")] = None,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Also find what each constraint costs: the best plan without it."),
    ] = False,
    source: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="Make the plan of this plan.json again, with its scenario, and say what differs.",
        ),
    ] = None,
    prove_impossible: Annotated[
        bool,
        typer.Option(
            "--prove-impossible", help="Where no plan is possible, write certificate.json, which proves that."
        ),
    ] = False,
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder of the files.")] = Path("out"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON, for machines.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Find the plan that is best for a scenario, and write its map, exchange files and tables."""
    record, asked = _asked(source, scenario)
    swapped = changes(asked, areas=areas, population=population, weights=weight or [])
    given = {"engine": engine, "solver": solver, "time_limit_s": time_limit, "seed": seed}
    asked = asked.replace(**swapped, **{key: value for key, value in given.items() if value is not None})
    _refuse_unwritable(out)
    from geo_devolve.publish.write import write_plan

    with terminal.progress(quiet) as show:
        ground = _plans.cut(_ground(geography, record, show), only)
        try:
            problem = gd.Problem(ground, asked, progress=show)
            plan = gd.propose(ground, asked, problem=problem, progress=show)
        except gd.InfeasibleError:
            if prove_impossible:
                _write_impossible(ground, asked, out)
            raise
        costs = gd.explain_costs(ground, asked, problem=problem, progress=show) if explain else None
        files = write_plan(plan, out, progress=show)
    if as_json:
        written = (out / "plan.json").read_text(encoding="utf-8")
        if costs is None:
            terminal.print_text(written)
        else:
            terminal.print_json(
                json.loads(written) | {"constraint_costs": json.loads(costs.to_json(orient="records"))}
            )
    else:
        report(plan, files, costs)
    if record is not None:
        _say_differences(record, plan)


def _asked(source: Path | None, scenario: str | None) -> "tuple[dict[str, Any] | None, Scenario]":
    """Return the plan.json to make again, if any, and the scenario that is asked for."""
    if source is None:
        return None, gd.load_scenario(scenario or "reform-2017")
    if scenario is not None:
        raise UsageError("--from makes a plan again with its own scenario; leave out --scenario, or --from")
    from geo_devolve.publish.files.again import read_record, scenario_of

    record = read_record(source)
    return record, scenario_of(record, str(source))


def _ground(geography: str | None, record: dict[str, Any] | None, show: "Progress") -> "Geography":
    """Load the geography that is named, or that of the plan to make again."""
    if geography is not None or record is None:
        return gd.load_geography(geography or "england-2017", progress=show)
    name = record["provenance"]["geography"]["name"]
    try:
        return gd.load_geography(name, progress=show)
    except gd.DataError as error:
        raise UsageError(
            f'the plan was made for the geography "{name}"; give its folder ({error})'
        ) from error


def _say_differences(record: dict[str, Any], plan: "Plan") -> None:
    """Say whether a plan made again is the same, beside what is printed for machines."""
    from geo_devolve.publish.files.again import differences

    found = differences(record, plan)
    terminal.note("Made again: nothing differs." if not found else "Made again, and this differs:")
    for each in found:
        terminal.note(f"- {each}")


def _write_impossible(ground: "Geography", asked: "Scenario", out: Path) -> None:
    """Write what proves that there is no plan, where no other plan's files stand."""
    from geo_devolve.optimise.impossible import prove_impossible
    from geo_devolve.publish.files.proof import NAME, certificate_json
    from geo_devolve.publish.files.staging import staged_file

    if (out / "plan.json").exists():
        terminal.note(f"What proves it was not written: another plan stands in {out}; name another --out")
        return
    try:
        text = certificate_json(ground, asked, prove_impossible(ground, asked))
    except gd.GeoDevolveError as error:
        terminal.note(str(error))
        return
    with staged_file(out / NAME) as path:
        path.write_text(text, encoding="utf-8", newline="")
    terminal.note(f"Wrote {NAME} into {out}; geo-devolve verify {out} checks that there is no plan")


def report(plan: "Plan", files: list[Path], costs: "pd.DataFrame | None" = None) -> None:
    """Print a plan for people: its areas, its terms, what to know, the line that sums it up."""
    console = terminal.out()
    console.print(areas_table(plan))
    console.print(terms_table(plan))
    if plan.certificate is not None and len(plan.certificate.by_count) > 1:
        console.print(counts_table(plan.certificate))
    if costs is not None:
        console.print(costs_table(costs))
    for note in (*plan.notes, *plan.faults, *plan.geography.notices):
        console.print(f"Note: {note}", markup=False, highlight=False, soft_wrap=True)
    if files:
        names = ", ".join(file.name for file in files)
        console.print(f"Wrote {names} into {files[0].parent}", markup=False, highlight=False, soft_wrap=True)
    console.print(summary(plan), markup=False, highlight=False, soft_wrap=True, style="bold")


def areas_table(plan: "Plan") -> Table:
    """Return the areas from north to south: people, councils, and each theme's need."""
    themes = [theme for theme in plan.scenario.themes if theme in plan.areas.columns]
    table = Table(caption="need: standard deviations above (+) or below (-) the mean" if themes else None)
    table.add_column("area")
    table.add_column("name", overflow="fold")
    table.add_column("people", justify="right")
    table.add_column("councils", justify="right")
    for theme in themes:
        table.add_column(theme, justify="right")
    for code, row in plan.areas.iterrows():
        needs = (f"{row[theme]:+.2f}" for theme in themes)
        name = f"{row['name']} (by ferry)" if row["ferry_only"] else row["name"]
        table.add_row(str(code), name, f"{row['population']:,.0f}", str(row["councils"]), *needs)
    return table


def terms_table(plan: "Plan") -> Table:
    """Return the terms of the objective with what each contributes, weight × value."""
    scores = plan.scores[(plan.scores["area"] == "") & plan.scores["contribution"].notna()]
    table = Table()
    for column in ("term", "value", "weight", "contribution"):
        table.add_column(column, justify="left" if column == "term" else "right")
    for row in scores.itertuples():
        if row.measure != "objective":
            term = f"{row.measure} {row.part}".strip()
            table.add_row(term, f"{row.value:.4f}", f"{row.weight:g}", f"{row.contribution:.4f}")
    table.add_section()
    table.add_row("objective", "", "", f"{plan.objective:.4f}")
    return table


def counts_table(certificate: "Certificate") -> Table:
    """Return what came of each number of areas in a range."""
    table = Table()
    for column in ("areas", "objective", "bound", "status"):
        table.add_column(column, justify="left" if column == "status" else "right")
    for result in certificate.by_count:
        best = result.objective is not None and result.objective == certificate.objective
        figures = ("" if each is None or not isfinite(each) else f"{each:.4f}"
                   for each in (result.objective, result.bound))  # fmt: skip
        status = "proven best" if result.proven and result.status == "optimal" else result.status
        table.add_row(str(result.areas), *figures, status, style="bold" if best else None)
    return table


def costs_table(costs: "pd.DataFrame") -> Table:
    """Return what each constraint costs: the best plan without it, against the best with all."""
    table = Table(caption="the best plan without each constraint; below zero is what the constraint costs")
    for column in ("constraint", "areas", "objective", "difference", "proven"):
        table.add_column(column, justify="left" if column == "constraint" else "right", overflow="fold")
    for row in costs.to_dict("records"):
        if row["status"] == "solved":
            figures = (f"{row['areas']:.0f}", f"{row['objective']:.4f}", f"{row['difference']:+.4f}")
            table.add_row(row["constraint"], *figures, "yes" if row["proven"] else "no")
        else:
            table.add_row(row["constraint"], row["status"], "", "", "")
    return table


def summary(plan: "Plan") -> str:
    """Say in a line how many areas, how good, and how sure that is."""
    from geo_devolve.publish.phrases import certificate_line

    line = certificate_line(plan)
    if plan.certificate is None:
        return line
    seconds = f"{plan.certificate.seconds:.1f} s)"
    return f"{line[:-1]}, {seconds}" if line.endswith(")") else f"{line} ({seconds}"


def changes(
    asked: "Scenario", *, areas: str | None, population: str | None, weights: list[str]
) -> dict[str, Any]:
    """Return the fields of the scenario that the command line swaps."""
    swapped: dict[str, Any] = {}
    if areas is not None:
        ends = _numbers(areas, "--areas", "38 or 36-40", int)
        swapped["areas"] = ends[0] if len(ends) == 1 else ends
    if population is not None:
        swapped["population"] = _numbers(population, "--population", "500000-3000000", float)
    if weights:
        general, layers = dict(asked.weights), {key: vars(term) for key, term in asked.layers.items()}
        for each in weights:
            name, _, value = each.partition("=")
            number = _numbers(value, "--weight", "need=2 or stp=0.5", float)[0]
            if name in layers:
                layers[name] = {**layers[name], "weight": number}
            else:
                general[name] = number
        swapped |= {"weights": general, "layers": layers}
    return swapped


def _numbers(text: str, option: str, example: str, kind: type[int] | type[float]) -> list[Any]:
    try:
        return [kind(part.replace("_", "").replace(",", "")) for part in text.split("-")]
    except ValueError:
        raise UsageError(f'{option} "{text}" is not understood; write {example}') from None


def _refuse_unwritable(out: Path) -> None:
    """Refuse an output folder that cannot be made or written before the work begins, not after it."""
    there = next(each for each in (out.absolute(), *out.absolute().parents) if each.exists())
    if not there.is_dir():
        raise UsageError(f"cannot write into {out}: {there.name} is a file, not a folder")
    try:
        tempfile.TemporaryFile(dir=there).close()
    except OSError as error:
        raise UsageError(f"cannot write into {out}: {error.strerror or error}") from None
