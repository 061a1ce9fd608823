"""Worker processes: they need no guarded script, and losing one loses no work."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import psutil
import pytest

from geo_devolve import processes as module
from geo_devolve.processes import TRIES, Lasting, Processes, WorkersLostError

TESTS = Path(__file__).parent
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": os.pathsep.join([str(TESTS.parent), str(TESTS), str(TESTS / "sweeps")]),
}
SWEEP = """
import os
import pyarrow.parquet as pq
from sweeping import area, scenarios
from geo_devolve.sweeps import sweep
result = sweep(area(), scenarios(6), workers=2, batch=1)
hands = pq.read_table(result.folder / "timings.parquet")["worker"].to_pylist()
print("swept", len(result), len(result.found), any(hand.endswith(f":{os.getpid()}") for hand in hands))
"""


def once(marker: Path) -> int:
    """Take the worker down, the first time."""
    try:
        marker.touch(exist_ok=False)
    except FileExistsError:
        return os.getpid()
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def deadly() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture(scope="module")
def two() -> Any:
    with Processes(2) as executor:
        yield executor


def test_answers_and_errors_come_back(two: Processes) -> None:
    assert list(two.map(divmod, [7, 9], [2, 4])) == [(3, 1), (2, 1)]
    with pytest.raises(ZeroDivisionError):
        two.submit(divmod, 1, 0).result()


def test_work_whose_worker_is_killed_is_done_by_another(two: Processes, tmp_path: Path) -> None:
    jobs = [Lasting(two, once, tmp_path / "first"), *(Lasting(two, abs, -each) for each in range(20))]
    assert jobs[0].result() > 0
    assert [job.result() for job in jobs[1:]] == list(range(20))
    assert (tmp_path / "first").exists()


def test_work_that_takes_every_worker_down_is_given_up(two: Processes) -> None:
    with pytest.raises(WorkersLostError, match=f"lost {TRIES} times"):
        Lasting(two, deadly).result()
    assert two.submit(abs, -3).result() == 3


def test_an_executor_that_starts_no_new_workers_is_told() -> None:
    class Broken(Executor):
        broken = False

        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> "Future[Any]":
            if self.broken:
                raise BrokenProcessPool("no more")
            self.broken = True
            future: Future[Any] = Future()
            future.set_exception(BrokenProcessPool("gone"))
            return future

    with pytest.raises(WorkersLostError, match="starts no new one: no more"):
        Lasting(Broken(), abs, 1).result()


def test_an_error_of_the_work_itself_is_no_lost_worker() -> None:
    with ThreadPoolExecutor(1) as pool, pytest.raises(ZeroDivisionError):
        Lasting(pool, divmod, 1, 0).result()


def test_workers_that_cannot_start_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_begin", deadly)  # takes no argument: whatever happens, it ends the worker
    with pytest.raises(WorkersLostError, match="end as soon as they start"):
        Processes(1)


def test_workers_hear_no_ctrl_c(two: Processes) -> None:
    worker = two.submit(os.getpid).result()
    os.kill(worker, signal.SIGINT)
    time.sleep(0.1)
    assert worker in {two.submit(os.getpid).result() for _ in range(50)}


def test_leaving_by_an_error_ends_workers_in_the_midst_of_work() -> None:
    def interrupted() -> None:
        with Processes(1) as executor:
            workers.append(psutil.Process(executor.submit(os.getpid).result()))
            executor.submit(time.sleep, 600)
            raise KeyboardInterrupt

    workers: list[psutil.Process] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not workers[0].is_running()


@pytest.mark.parametrize("how", ["script", "standard input", "-c", "console"])
def test_a_sweep_needs_no_guard(how: str, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SWEEP)
    given = {"script": [str(script)], "standard input": ["-"], "-c": ["-c", SWEEP], "console": ["-i", "-q"]}[
        how
    ]
    done = subprocess.run(
        [sys.executable, *given],
        check=False,
        input=SWEEP if how in {"standard input", "console"} else None,
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stdout.splitlines()[-1] == "swept 9 8 False", done.stderr
    assert "Traceback" not in done.stderr
