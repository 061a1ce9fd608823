"""The processes that a thread started: ended with all that they started, and nobody else's."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from geo_devolve.optimise.program.children import end_children

pytestmark = pytest.mark.skipif(
    not Path(f"/proc/self/task/{os.getpid()}/children").exists(),
    reason="only Linux tells a thread's children",
)


def lives(process: int) -> bool:
    """Whether a process is there, and not only waited for."""
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}


def soon(true: Callable[[], bool]) -> bool:
    until = time.monotonic() + 20
    while not true() and time.monotonic() < until:
        time.sleep(0.02)
    return true()


def start(folder: Path, name: str) -> threading.Thread:
    """A thread that waits for a shell, which waits for a process of its own; both write down who they are."""
    inner = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(300)"
    line = f'echo $$ > {name}.shell; "{sys.executable}" -S -c "{inner}" {name}.inner; true'
    thread = threading.Thread(
        target=lambda: subprocess.run(["/bin/sh", "-c", line], check=False, cwd=folder), daemon=True
    )
    thread.start()
    return thread


def written(folder: Path, name: str) -> list[int]:
    files = [folder / f"{name}.shell", folder / f"{name}.inner"]
    assert soon(lambda: all(file.exists() and file.read_text().strip() for file in files))
    return [int(file.read_text()) for file in files]


def test_only_those_of_the_thread_and_theirs_are_ended(tmp_path: Path) -> None:
    one, other = start(tmp_path, "one"), start(tmp_path, "other")
    ours, theirs = written(tmp_path, "one"), written(tmp_path, "other")
    assert end_children(one.native_id) == 2
    one.join(20)
    assert soon(lambda: not any(map(lives, ours)))
    assert all(map(lives, theirs))
    end_children(other.native_id)
    other.join(20)
    assert soon(lambda: not any(map(lives, theirs)))


def test_a_thread_without_children_has_none_to_end() -> None:
    ended: list[int] = []  # in a thread of its own: this one may have children of other tests
    thread = threading.Thread(target=lambda: ended.append(end_children(threading.get_native_id())))
    thread.start()
    thread.join()
    assert ended == [0]
    assert end_children(None) == 0
