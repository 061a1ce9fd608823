"""``geo-devolve sweep``: solve the many scenarios of a sweep's file, here or on a cluster."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

import geo_devolve as gd
from geo_devolve import terminal
from geo_devolve.commands import _plans
from geo_devolve.errors import UsageError

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from geo_devolve.progress import Progress
    from geo_devolve.scenario import Scenario
    from geo_devolve.sweeps.results import Sweep

_EVERY_S = 10.0


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(sweep)


def sweep(
    file: Annotated[
        Path, typer.Argument(metavar="SWEEP.toml", help="Which scenarios: a grid, a list, a sample.")
    ],
    *,
    geography: Annotated[
        str, typer.Option("--geography", "-g", help="england-2017, or a folder with a geography.toml.")
    ] = "england-2017",
    only: _plans.Only = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The folder of the results; a sweep begun in it goes on.")
    ] = Path("sweep"),
    workers: Annotated[
        int | None, typer.Option("--workers", "-j", help="Processes; as many as there are cores.", min=1)
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(help="A Dask cluster's scheduler, tcp://…, whose workers solve (extra: cluster)."),
    ] = None,
    batch: Annotated[int, typer.Option(help="Scenarios handed to a worker at once.", min=1)] = 8,
    retry: Annotated[bool, typer.Option("--retry", help="Solve again what failed before.")] = False,
    pictures: Annotated[
        bool, typer.Option("--pictures", help="Draw the front and what holds together, as PNG files.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Solve many scenarios; killed and called again, it goes on where it was."""
    asked = gd.load_sweep(file)
    if workers is not None and scheduler is not None:
        raise UsageError("--workers are of this machine; a cluster (--scheduler) has its own")
    with terminal.progress(quiet) as show:
        ground = _plans.cut(gd.load_geography(geography, progress=show), only)
    began = time.perf_counter()
    with _executor(scheduler) as executor:
        pace = terminal_pace(quiet)
        result = gd.sweep(
            ground, asked, executor, out=out, workers=workers, batch=batch, retry=retry, progress=pace
        )
    seconds = time.perf_counter() - began
    files = _draw(result, out, asked.base) if pictures else []
    if as_json:
        terminal.print_json(summary(result, out))
    else:
        report(result, asked.base, out, seconds, files)


def summary(result: "Sweep", out: Path) -> dict[str, Any]:
    """Return what came of a sweep as JSON has it."""
    counts = {str(status): int(many) for status, many in result.table["status"].value_counts().items()}
    failed = [{"digest": str(digest), **row} for digest, row in result.failed.to_dict("index").items()]
    return {
        "scenarios": len(result),
        "status": counts,
        "proven": int(result.found["proven"].sum()),
        "plans": len({bytes(row) for row in result.numbers}),
        "dataset": str(out / "scenarios"),
        "failed": failed,
    }


def report(result: "Sweep", by: "Scenario", out: Path, seconds: float, files: list[Path]) -> None:
    """Print a sweep for people: what failed, the Pareto front, what is settled, a line that sums it up."""
    console = terminal.out()
    told = summary(result, out)
    for row in told["failed"][:5]:
        said = f"{row['name']} ({row['status']}): {row['reason']}"
        console.print(f"Note: {said}", markup=False, highlight=False, soft_wrap=True)
    if len(told["failed"]) > 5:
        console.print(f"Note: {len(told['failed']) - 5:,} more came to no plan", highlight=False)
    if told["plans"]:
        console.print(_front(result, by))
        console.print(_settled(result), highlight=False, soft_wrap=True)
    for file in files:
        console.print(f"Drew {file}", markup=False, highlight=False, soft_wrap=True)
    found = told["status"].get("found", 0)
    console.print(
        f"{told['scenarios']:,} scenarios, {found:,} with a plan ({told['proven']:,} proven), "
        f"{told['plans']:,} different plans, in {told['dataset']} ({seconds:.1f} s)",
        markup=False,
        highlight=False,
        soft_wrap=True,
        style="bold",
    )


def _front(result: "Sweep", by: "Scenario") -> Table:
    """Return the front's ends, and those on it that most scenarios chose."""
    front = result.front(by)
    front = front[front["front"]]
    told: dict[str, Any] = {
        "least misfit with the layers": front["misfit"].idxmin(),
        "least variance of need": front["need"].idxmin(),
        "shortest borders": front["compactness"].idxmin(),
    }
    most = front.sort_values("scenarios", ascending=False, kind="stable").index[:3]
    told |= {f"chosen by most, {place}": digest for place, digest in enumerate(most, 1)}
    table = Table(title=f"Of {len(front):,} plans that no other beats in all three")
    for name in ("", "as in", "areas", "chosen by", "misfit", "need", "compactness"):
        table.add_column(name, justify="left" if name in {"", "as in"} else "right")
    for title, digest in told.items():
        row = front.loc[digest]
        figures = (f"{row[name]:.4f}" for name in ("misfit", "need", "compactness"))
        table.add_row(title, str(row["name"]), f"{row['areas']:.0f}", f"{row['scenarios']:,}", *figures)
    return table


def _settled(result: "Sweep") -> str:
    cores = result.cores()
    several = cores[cores["councils"].map(len) > 1]
    share = several["population"].sum() / result.geography.population
    many = f"{len(several):,} settled cores of two councils or more"
    return f"{many}, together in 95 % of the plans or more, hold {share:.0%} of the people"


def _draw(result: "Sweep", out: Path, by: "Scenario") -> list[Path]:
    """Draw what can be drawn into files beside the dataset, each whole or not at all."""
    from geo_devolve.publish.files.staging import staged_file
    from geo_devolve.sweeps import pictures

    if not len(result.numbers):
        return []
    figures = {"front": pictures.draw_front(result, by), "together": pictures.draw_together(result)}
    if result.geography.crs is not None and not result.geography.councils.geometry.isna().all():
        figures["cores"] = pictures.draw_cores(result)
    files = []
    for name, figure in figures.items():
        file = out / f"{name}.png"
        with staged_file(file) as staged:
            figure.savefig(staged, format="png", dpi=150, metadata={"Software": None})
        files.append(file)
    return files


def terminal_pace(quiet: bool) -> "Progress":
    """Return a progress that tells rate and time left: a line that moves, or a line now and then in a log."""
    from geo_devolve.progress import silent
    from geo_devolve.sweeps.pace import Pace

    if quiet:
        return silent
    pace, console = Pace(time.monotonic), terminal.err()
    last = -_EVERY_S

    def show(stage: str, done: int, total: int | None = None) -> None:
        nonlocal last
        told = pace.tell(done, total or done)
        now = time.monotonic()
        ended = done == total
        if console.is_terminal or ended or now - last >= _EVERY_S:
            last = now
            line = f"{stage}: {done:,} of {total:,}" + (f", {told}" if told else "")
            end = "\r" if console.is_terminal and not ended else "\n"
            padded = line.ljust(console.width - 1) if console.is_terminal else line
            console.print(padded, end=end, markup=False, highlight=False, soft_wrap=True)

    return show


@contextmanager
def _executor(scheduler: str | None) -> Iterator["Executor | None"]:
    if scheduler is None:
        yield None
        return
    try:
        from distributed import Client
    except ImportError:
        raise UsageError(
            "--scheduler needs Dask: install geo-devolve with its extra, geo-devolve[cluster]"
        ) from None
    try:
        client = Client(scheduler, timeout=10)
    except (OSError, TimeoutError, ValueError) as fault:
        raise UsageError(f"no Dask scheduler answers at {scheduler}: {fault}") from None
    with client, client.get_executor() as executor:
        yield executor
