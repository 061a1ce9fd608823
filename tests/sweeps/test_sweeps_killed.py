"""Sweeps that are killed: nothing finished is lost, nothing finished is done again."""

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pyarrow.parquet as pq
import pytest
from sweeping import area, content, scenarios

from geo_devolve.sweeps import dataset
from geo_devolve.sweeps.dataset import Dataset
from geo_devolve.sweeps.run import sweep

TESTS = Path(__file__).parents[1]
# Forked from a process that has everything loaded, each run is at work at once, and dies in the midst of it:
# at a random moment of a random batch. Batches are counted: how long one takes is the machine's business.
KILLER = """
    import os, random, signal, sys, time
    from pathlib import Path
    from sweeping import area, scenarios
    from geo_devolve.sweeps import sweep
    import json, pyarrow.parquet as pq

    ground, asked, out = area(), scenarios(140), Path(sys.argv[1])
    sweep(ground, asked[:10], out=out.with_name("warm"), workers=1)
    began = time.perf_counter()
    sweep(ground, asked[:40], out=out.with_name("timed"), workers=1, batch=2)
    batch = (time.perf_counter() - began) / 20
    random.seed(20)

    def finished():
        return len(list((out / "parts").glob("part-*")))

    kills, seen = 0, {}
    while kills < 10:
        child = os.fork()
        if child == 0:
            sweep(ground, asked, out=out, workers=1, batch=2)
            os._exit(0)
        most, until = finished() + random.randrange(3), time.monotonic() + 60
        while finished() < most and time.monotonic() < until:
            time.sleep(0.001)
        time.sleep(random.uniform(0, 1.5 * batch))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            break
        kills += 1
        for part in (out / "parts").glob("part-*"):
            for row in pq.read_table(part, columns=["digest", "seconds"]).to_pylist():
                assert seen.setdefault(row["digest"], row["seconds"]) == row["seconds"]
    print(json.dumps({"kills": kills, "seen": seen}))
"""


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(TESTS.parent), str(TESTS), str(TESTS / "sweeps")])
    command = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(code), *arguments]
    return subprocess.run(
        command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_ten_kills_at_random_moments_lose_nothing_and_repeat_nothing(tmp_path: Path) -> None:
    done = run(KILLER, str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["kills"] == 10
    assert len(told["seen"]) > 10
    ground, asked = area(), scenarios(140)
    sweep(ground, asked, out=tmp_path / "out", workers=1)
    whole = sweep(ground, asked, out=tmp_path / "whole", workers=1)
    assert len(whole) == 143
    assert content(tmp_path / "out") == content(tmp_path / "whole")
    timings = pq.read_table(tmp_path / "out" / "timings.parquet").to_pydict()
    seconds = dict(zip(timings["digest"], timings["seconds"], strict=True))
    assert {digest: seconds[digest] for digest in told["seen"]} == told["seen"]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A long sweep into ``out`` by two workers, in a process group of its own, in the midst of its work."""
    code = """
        import sys
        from sweeping import area, scenarios
        from geo_devolve.sweeps import sweep
        sweep(area(), scenarios(3000), out=sys.argv[1], workers=2, batch=1)
    """
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(code))
    path = os.pathsep.join([str(TESTS.parent), str(TESTS), str(TESTS / "sweeps")])
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", str(script), str(tmp_path / "out")],
        env={**os.environ, "PYTHONPATH": path},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        until = time.monotonic() + 300
        while not list(tmp_path.glob("out/parts/part-*")):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.1)
        yield process
    finally:
        process.kill()
        process.communicate()


def test_the_workers_of_a_killed_run_end_with_it(running, tmp_path: Path) -> None:
    workers = psutil.Process(running.pid).children(recursive=True)
    assert workers
    running.kill()
    _, alive = psutil.wait_procs(workers, timeout=30)
    assert not alive
    assert Dataset(tmp_path / "out").digests()


def test_ctrl_c_ends_a_run_and_its_workers_and_nobody_else_complains(running, tmp_path: Path) -> None:
    workers = psutil.Process(running.pid).children(recursive=True)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: all of them are told
    _, said = running.communicate(timeout=60)
    assert running.returncode != 0
    assert said.count("Traceback") == 1
    assert said.splitlines()[-1].startswith("KeyboardInterrupt")
    _, alive = psutil.wait_procs(workers, timeout=30)
    assert not alive
    assert Dataset(tmp_path / "out").digests()


class _CrashError(BaseException):
    pass


def test_a_crash_at_any_step_of_finishing_loses_nothing(tmp_path: Path, monkeypatch) -> None:
    ground, asked = area(), list(scenarios(8))
    whole = sweep(ground, asked, out=tmp_path / "whole", workers=1)
    old = tmp_path / "old"
    sweep(ground, asked[:4], out=old, workers=1)
    with monkeypatch.context() as patched:
        patched.setattr(Dataset, "finish", lambda _self: None)
        sweep(ground, asked, out=old, workers=1, batch=2)
    assert list((old / "parts").glob("part-*"))
    steps = 0
    for name in ("_replace", "rename", "rmtree", "mkdir"):
        for nth in range(1, 9):
            for after in (False, True):
                crashed = _crash(tmp_path, old, name, nth, after, monkeypatch)
                if not crashed:
                    break
                steps += 1
                result = sweep(ground, asked, out=tmp_path / "try", workers=1)
                assert content(tmp_path / "try") == content(whole.folder)
                assert len(result) == len(whole)
                assert not list((tmp_path / "try").glob(".writing*"))
    assert steps >= 10


def _crash(tmp_path: Path, old: Path, name: str, nth: int, after: bool, monkeypatch) -> bool:
    """Finish a copy of a folder, and crash before or after the nth call of a step; tell whether it did."""
    shutil.rmtree(tmp_path / "try", ignore_errors=True)
    shutil.copytree(old, tmp_path / "try")
    calls = 0
    place = {"_replace": dataset, "rmtree": dataset.shutil}.get(name, Path)
    step = getattr(place, name)

    def crash(*given, **named):
        nonlocal calls
        calls += 1
        if calls == nth and not after:
            raise _CrashError
        result = step(*given, **named)
        if calls == nth:
            raise _CrashError
        return result

    with monkeypatch.context() as patched:
        patched.setattr(place, name, crash)
        try:
            Dataset(tmp_path / "try").finish()
        except _CrashError:
            return True
    return False
