"""Files are written whole or not at all: into a hidden folder beside their place, then moved there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from geo_devolve.errors import UsageError
from geo_devolve.scratch import scratch

PREFIX = ".geo-devolve-writing-"
written: list[Path] = []
"""What has been moved into its place by this process, so that whoever is stopped can say what there is."""


def check_writable(out: Path) -> None:
    """Make sure, before long work, that files can be written into a folder.

    Leaves nothing behind: a folder made for the trial is removed again.

    Raises
    ------
    UsageError
        The folder cannot be made or written into.
    """
    with staged(out) as folder:
        (folder / "trial").touch()
        (folder / "trial").unlink()


@contextmanager
def staged(out: Path) -> Iterator[Path]:
    """Give a temporary folder whose files appear in `out`, each at once, when the block ends well.

    Parameters
    ----------
    out
        The folder to fill. It is made where it does not exist; other files in it are left alone.

    Yields
    ------
    Path
        An empty folder on the same disk as `out`. Files written into it are moved to `out` at the end, one
        atomic move each; a file of the same name is replaced. If the block raises, also at Ctrl-C, nothing
        of it is left; what a killed process left is removed at the next writing into `out`.

    Raises
    ------
    UsageError
        The folder cannot be made or written into.
    """
    out = Path(out).absolute()
    made: list[Path] = []
    done = False
    try:
        made = _make(out)
        with scratch(out, PREFIX) as folder:
            yield folder
            files = sorted(folder.iterdir())
            for file in files:  # before any is moved: old files beside new ones would say two things
                if (out / file.name).is_dir():
                    raise UsageError(
                        f"{out / file.name} is a folder, where a file is to be written; nothing was written"
                    )
            for file in files:
                os.replace(file, out / file.name)  # noqa: PTH105  (says that it replaces)
                written.append(out / file.name)
                done = True
    except OSError as error:
        raise _cannot(out, error) from error
    except Exception as error:
        if not _could_not_write(error):
            raise
        raise _cannot(out, error) from error
    finally:
        if not done:
            _remove_empty(made)


@contextmanager
def staged_file(path: Path) -> Iterator[Path]:
    """Give a temporary path for one file, which appears under its final name when the block ends well.

    Raises
    ------
    UsageError
        The folder cannot be made or written into, or `path` is a folder.
    """
    path = Path(path)
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name a file in it")
    with staged(path.parent) as folder:
        yield folder / path.name


def _make(folder: Path) -> list[Path]:
    """Make a folder and its parents; return those that were not there, innermost first."""
    missing = []
    at = folder
    while not at.exists():
        missing.append(at)
        at = at.parent
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def _remove_empty(made: list[Path]) -> None:
    with suppress(OSError):  # a folder that somebody else has filled since stays
        for folder in made:
            folder.rmdir()


def _could_not_write(error: Exception) -> bool:
    """Say whether a library failed at writing: GDAL, SQLite and Arrow have errors of their own for that."""
    return type(error).__module__.split(".")[0] in {"pyogrio", "sqlite3", "pyarrow"}


def _cannot(out: Path, error: Exception) -> UsageError:
    from geo_devolve.outside import reason  # noqa: PLC0415  (a writer loads no more than it needs)

    return UsageError(f"cannot write into the folder {out} ({reason(error)}); choose another with --out")
