"""What killed writers leave is cleared; what a living one holds never is."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from geo_devolve import scratch as module
from geo_devolve.publish.files.staging import PREFIX, check_writable, staged
from geo_devolve.scratch import clear_dead, scratch

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing is locked on Windows")
WRITER = """
import sys, time
from pathlib import Path
from geo_devolve.scratch import scratch
with scratch(Path(sys.argv[1]), sys.argv[2]) as folder:
    (folder / "half.txt").write_text("half")
    print(folder, flush=True)
    time.sleep(600)
"""
Start = Callable[..., tuple["subprocess.Popen[str]", Path]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a process that writes into a folder, and tell its scratch."""
    started = []

    def begin(place: Path, code: str = WRITER) -> tuple["subprocess.Popen[str]", Path]:
        writer = subprocess.Popen(
            [sys.executable, "-c", code, str(place), PREFIX],
            env={**os.environ, "PYTHONPATH": str(Path(module.__file__).parents[1])},
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(writer)
        assert writer.stdout is not None
        return writer, Path(writer.stdout.readline().strip())

    yield begin
    for writer in started:
        with suppress(ProcessLookupError):
            os.killpg(writer.pid, signal.SIGKILL)
        writer.communicate()


def test_a_killed_writer_s_folder_goes_and_a_living_one_s_stays(tmp_path: Path, start: Start) -> None:
    dead, left = start(tmp_path)
    _, held = start(tmp_path)
    dead.kill()
    dead.wait()
    assert left.is_dir()
    with staged(tmp_path) as folder:
        (folder / "plan.txt").write_text("plan")
        assert not left.exists()
        assert sorted(tmp_path.iterdir()) == sorted([folder, held])
    assert (held / "half.txt").read_text() == "half"
    assert sorted(tmp_path.iterdir()) == [held, tmp_path / "plan.txt"]


def test_a_writer_that_is_only_stopped_keeps_its_folder(tmp_path: Path, start: Start) -> None:
    writer, held = start(tmp_path)
    writer.send_signal(signal.SIGSTOP)
    check_writable(tmp_path)
    assert (held / "half.txt").exists()
    writer.send_signal(signal.SIGCONT)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_a_forked_child_that_goes_on_writing_keeps_the_folder(tmp_path: Path, start: Start) -> None:
    code = WRITER.replace("    time.sleep(600)", "    import os; os.fork() and os._exit(0); time.sleep(600)")
    writer, held = start(tmp_path, code=code)
    assert writer.wait(60) == 0
    check_writable(tmp_path)
    assert held.is_dir()


def test_writers_of_one_process_keep_apart(tmp_path: Path) -> None:
    with ExitStack() as stack:
        folders = [stack.enter_context(scratch(tmp_path, ".mine-")) for _ in range(3)]
        clear_dead(tmp_path, ".mine-")
        assert sorted(tmp_path.iterdir()) == sorted(folders)
    assert not list(tmp_path.iterdir())


def test_another_kernel_s_and_other_names_are_left_alone(tmp_path: Path, monkeypatch) -> None:
    kernel = module._kernel()
    for name in (".mine-0123456789ab-x", f".other-{kernel}-x", f"mine-{kernel}-x", ".mine-unlocked-x"):
        (tmp_path / name).mkdir()
    (tmp_path / f".mine-{kernel}-x").mkdir()
    clear_dead(tmp_path, ".mine-")
    assert len(list(tmp_path.iterdir())) == 4
    assert not (tmp_path / f".mine-{kernel}-x").exists()


@pytest.mark.parametrize("locks", ["refused", "missing"])
def test_without_locks_nothing_is_cleared_and_all_is_written(tmp_path: Path, monkeypatch, locks: str) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no locks available")

    (tmp_path / f"{PREFIX}{module._kernel()}-x").mkdir()
    if locks == "refused":
        monkeypatch.setattr(module.fcntl, "flock", refuse)
    else:
        monkeypatch.setattr(module, "fcntl", None)
    with staged(tmp_path) as folder:
        assert "unlocked" in folder.name
        (folder / "plan.txt").write_text("plan")
        monkeypatch.undo()
        check_writable(tmp_path)
        assert folder.is_dir(), "another one that has locks must not take it for a dead writer's"
    assert [file.name for file in tmp_path.iterdir()] == ["plan.txt"]


def test_many_writers_and_clearers_at_once_lose_nothing(tmp_path: Path) -> None:
    faults: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for turn in range(60):
                with staged(tmp_path) as folder:
                    (folder / f"{number}-{turn}").write_text("x")
                    assert folder.is_dir()
        except BaseException as fault:  # noqa: BLE001 - told by the test
            faults.append(fault)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert len(list(tmp_path.iterdir())) == 360


def test_a_folder_moved_away_is_nobody_s_to_clear(tmp_path: Path) -> None:
    with scratch(tmp_path, ".mine-") as folder:
        (folder / "file").write_text("x")
        folder.rename(tmp_path / "kept")
        clear_dead(tmp_path, ".mine-")
    assert (tmp_path / "kept" / "file").read_text() == "x"
