"""What is said in a terminal: results to standard output, everything else to standard error."""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from geo_devolve import progress as progress_module


def out() -> Console:
    """Return the console of results; as wide as the terminal, or 120 columns in a pipe."""
    return _console(sys.stdout)


def err() -> Console:
    """Return the console of progress, warnings and errors."""
    return _console(sys.stderr)


def print_text(text: str) -> None:
    """Print a text as it is, for machines."""
    sys.stdout.write(text)


def print_json(document: Mapping[str, Any]) -> None:
    """Print one JSON document, and nothing else, for machines."""
    print_text(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def error(message: str) -> None:
    """Say what is wrong, as plain words: a message may hold brackets of its own."""
    console = err()
    console.print("error: ", style="bold red", end="")
    console.print(message, markup=False, highlight=False, soft_wrap=True)


def note(message: str) -> None:
    """Tell something that is no result and no error."""
    err().print(message, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def progress(quiet: bool = False) -> Iterator[progress_module.Progress]:
    """Show stages with their counts while long work runs.

    In a terminal they are bars that move; in a pipe or log a line as each ends.

    Parameters
    ----------
    quiet
        Whether to show nothing.

    Yields
    ------
    Progress
        The callback to hand on.
    """
    console = err()
    if quiet:
        yield progress_module.silent
    elif console.is_terminal:
        with _bars(console) as show:
            yield show
    else:
        yield _Lines(console)


class _Lines:
    """A line for each stage that ends."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began: dict[str, float] = {}

    def __call__(self, stage: str, done: int, total: int | None = None) -> None:
        began = self._began.setdefault(stage, time.perf_counter())
        if total is not None and done >= total:
            seconds = time.perf_counter() - began
            self._console.print(
                f"{stage}: {done:,} ({seconds:.1f} s)", markup=False, highlight=False, soft_wrap=True
            )
            del self._began[stage]


@contextmanager
def _bars(console: Console) -> Iterator[progress_module.Progress]:
    columns = (
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        TextColumn("{task.fields[count]}", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bars:
        tasks: dict[str, TaskID] = {}

        def show(stage: str, done: int, total: int | None = None) -> None:
            count = f"{done:,}" if total is None else f"{done:,} of {total:,}"
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total, count=count)
            bars.update(tasks[stage], completed=done, total=total, count=count)

        yield show


def _console(stream: Any) -> Console:
    return Console(file=stream, width=None if stream.isatty() else 120)
