"""Folders to write in before what is written appears in its place, and clearing those of killed writers.

A writer holds a lock on its folder for as long as it lives; the kernel lets go of it however the writer ends.
A folder that can be locked has no writer any more. That is sure within one running kernel, its containers
included, and not beyond: over NFS another host's lock may not be seen. So a folder's name tells the kernel,
and only those of one's own are ever looked at.
"""

import errno
import hashlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows, where nothing is locked, and so nothing is cleared
    fcntl = None  # type: ignore[assignment]

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_UNLOCKED = "unlocked"


@contextmanager
def scratch(place: Path, prefix: str) -> Iterator[Path]:
    """Give an empty folder, removed at the end, and clear those that killed writers have left beside it.

    Parameters
    ----------
    place
        Where; it must be there.
    prefix
        How its name begins, which is shared only by folders that may be cleared.

    Yields
    ------
    Path
        For its owner alone. It may be moved away.

    Raises
    ------
    OSError
        `place` cannot be written into.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo_devolve.scratch import scratch
    >>> with tempfile.TemporaryDirectory() as place, scratch(Path(place), ".mine-") as folder:
    ...     folder.is_dir(), any(folder.iterdir())
    (True, False)
    """
    clear_dead(place, prefix)
    folder, lock = _held(place, prefix)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def clear_dead(place: Path, prefix: str) -> None:
    """Remove what killed writers have left, if it is sure that they are dead.

    Parameters
    ----------
    place, prefix
        As `scratch` was given them.
    """
    own = f"{prefix}{_kernel()}-"
    with suppress(OSError):
        for name in os.listdir(place):  # noqa: PTH208  (a folder of a million files is no list of paths)
            if name.startswith(own):
                _clear(place / name)


def _clear(folder: Path) -> None:
    with suppress(OSError):  # its writer lives; or another clears it; or it is not ours to remove
        lock = _lock(folder)
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _held(place: Path, prefix: str) -> tuple[Path, int | None]:
    """Make a folder, and lock it before anybody can take it for a dead writer's."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=f"{prefix}{_kernel()}-", dir=place))
        try:
            lock = _lock(folder)
        except (BlockingIOError, FileNotFoundError):  # somebody who clears was quicker
            shutil.rmtree(folder, ignore_errors=True)
            continue
        except OSError:  # no locks here: a name that nobody looks at
            folder.rmdir()
            return Path(tempfile.mkdtemp(prefix=f"{prefix}{_UNLOCKED}-", dir=place)), None
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(lock), folder.stat()):
                return folder, lock
        os.close(lock)


def _lock(folder: Path) -> int:
    """Return what holds a folder's lock; BlockingIOError where another has it, OSError if there is none."""
    if fcntl is None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        os.close(lock)
        raise
    return lock


@cache
def _kernel() -> str:
    """Return what tells this running kernel from any other that may see the same folder."""
    try:
        known = _BOOT.read_text(encoding="ascii")
    except OSError:
        known = f"{uuid.getnode():x}"  # a machine that has no address has another one in each process
    return hashlib.sha256(known.encode()).hexdigest()[:12]
