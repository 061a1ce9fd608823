"""What is said in a terminal: results to standard output, everything else to standard error.

Names, keys, files and portals are others' words. Whatever of them reaches a terminal goes through `visible`,
and is never read as markup: a name cannot move the cursor, colour the screen or hide what follows it.
"""

import json
import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.segment import Segment

from geo_devolve import progress as progress_module

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f"
    "\u2028-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
)
"""Controls of terminals (C0 but tab and line feed, C1), of the direction of writing; no width; halves."""


def visible(text: str) -> str:
    r"""Return a text that only says: each control that a terminal would obey is written out.

    Examples
    --------
    >>> from geo_devolve.terminal import visible
    >>> visible("Leeds\x1b[2J"), visible("Bath\u202e")
    ('Leeds\\x1b[2J', 'Bath\\u202e')
    """
    return _HIDDEN.sub(lambda found: ascii(found[0])[1:-1], text)


def out() -> Console:
    """Return the console of results; as wide as the terminal, or 120 columns in a pipe."""
    return _console(sys.stdout)


def err() -> Console:
    """Return the console of progress, warnings and errors."""
    return _console(sys.stderr)


def print_text(text: str) -> None:
    """Print a text for machines: as it is into a pipe or file, and no control of it to a terminal."""
    sys.stdout.write(visible(text) if sys.stdout.isatty() else text)


def print_json(document: Mapping[str, Any]) -> None:
    """Print one JSON document, and nothing else, for machines."""
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
    sys.stdout.write(_HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")


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


class _Console(Console):
    """A console that shows others' words as they are: no markup, no emoji, no control."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            clean = segment.control is not None or not _HIDDEN.search(segment.text)
            yield segment if clean else Segment(visible(segment.text), segment.style)


def _console(stream: Any) -> Console:
    return _Console(file=stream, width=None if stream.isatty() else 120, markup=False, emoji=False)
