"""A run that left browser tests out says so at its very end, and is no success where all must run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = """\
import pytest

@pytest.mark.browser
@pytest.mark.parametrize("number", [1, 2])
def test_of_a_page(number):
    {page}

@pytest.mark.skip(reason="of another kind")
def test_of_something_else():
    pass

def test_of_nothing():
    pass
"""


@pytest.fixture
def run(tmp_path: Path):
    def run(page: str, *options: str, ci: str) -> tuple[int, list[str]]:
        (tmp_path / "test_pages.py").write_text(TESTS.format(page=page))
        (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = browser\n")
        command = [sys.executable, "-m", "pytest", "-p", "cannot_run", "-p", "no:cacheprovider", *options]
        path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
        environment = {**os.environ, "CI": ci, "PYTHONPATH": path}
        environment = {key: value for key, value in environment.items() if not key.startswith("PYTEST_")}
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout.splitlines()

    return run


@pytest.mark.parametrize("workers", ["0", "2"])
@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_what_was_left_out_is_said_last_and_fails_what_must_be_whole(run, workers, ci, code) -> None:
    got, lines = run('pytest.skip("there is no chromium")', "-n", workers, ci=ci)
    assert got == code
    assert lines[-2] == "2 browser tests were not run: there is no chromium"


def test_nothing_is_said_when_all_ran(run) -> None:
    got, lines = run("pass", ci="true")
    assert got == 0
    assert not any("browser test" in line for line in lines)
