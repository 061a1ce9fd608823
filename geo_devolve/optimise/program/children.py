"""The processes that a thread started: a solver of the command line, and what that started in turn."""

import contextlib
import os
import signal
from pathlib import Path

_ROUNDS = 20


def end_children(thread: int | None) -> int:
    """End the processes that a thread started and still waits for, and all that they started.

    Only those of this thread are met: others may have processes of their own. Linux tells which they are;
    where a system does not, none is ended.

    Parameters
    ----------
    thread
        Its number at the system, `threading.Thread.native_id`.

    Returns
    -------
    int
        How many were ended.
    """
    ended: set[int] = set()
    for _ in range(_ROUNDS):  # they may start others until they are gone
        found = _family(Path(f"/proc/{os.getpid()}/task/{thread}/children")) - ended
        if not found:
            break
        for process in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        ended |= found
    return len(ended)


def _family(children: Path) -> set[int]:
    """Return the children that a file of the system lists, and theirs, and theirs."""
    try:
        listed = {int(process) for process in children.read_text(encoding="ascii").split()}
    except OSError:  # the thread or process is gone, or the system does not tell
        return set()
    deeper = (
        _family(task / "children") for process in listed for task in Path(f"/proc/{process}/task").glob("*")
    )
    return listed.union(*deeper)
