"""Files are written whole or not at all."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from geo_devolve.errors import UsageError
from geo_devolve.publish.files.staging import PREFIX, check_writable, staged, staged_file


def leftovers(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.rglob("*"))


def test_files_appear_when_the_block_ends(tmp_path: Path) -> None:
    with staged(tmp_path / "a" / "b") as folder:
        (folder / "one.txt").write_text("1")
        assert leftovers(tmp_path / "a" / "b") == [folder.name, "one.txt"]
        assert not (tmp_path / "a" / "b" / "one.txt").exists()
    assert leftovers(tmp_path / "a" / "b") == ["one.txt"]


def test_other_files_stay_and_files_of_the_same_name_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "plan.txt").write_text("old")
    with staged(tmp_path) as folder:
        (folder / "plan.txt").write_text("new")
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert (tmp_path / "plan.txt").read_text() == "new"


@pytest.mark.parametrize("fault", [KeyboardInterrupt, RuntimeError])
def test_a_fault_leaves_nothing_not_even_the_folders_it_made(
    tmp_path: Path, fault: type[BaseException]
) -> None:
    def write() -> None:
        with staged(tmp_path / "new" / "out") as folder:
            (folder / "half.txt").write_text("half")
            raise fault

    with pytest.raises(fault):
        write()
    assert leftovers(tmp_path) == []


def test_a_file_in_the_folder_s_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(UsageError, match="cannot write into the folder"), staged(tmp_path / "out"):
        pass
    with pytest.raises(UsageError, match="cannot write into the folder"):
        check_writable(tmp_path / "out" / "inside")
    assert (tmp_path / "out").read_text() == "a file"


def test_checking_leaves_nothing(tmp_path: Path) -> None:
    check_writable(tmp_path / "not" / "yet")
    assert leftovers(tmp_path) == []


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder"), staged_file(tmp_path):
        pass


WRITER = """
import sys, time
from pathlib import Path
from geo_devolve.publish.files.staging import staged
print("ready", flush=True)
while True:
    with staged(Path(sys.argv[1])) as folder:
        for name in ("a.txt", "b.txt", "c.txt"):
            with (folder / name).open("w") as file:
                for _ in range(200):
                    file.write("0123456789" * 40)
                    file.flush()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")
def test_killed_at_any_moment_no_half_file_stands_under_its_name(tmp_path: Path) -> None:
    """One writer after another is killed without warning, 50 times."""
    chance = random.Random(7)
    command = [sys.executable, "-S", "-c", _without_site(), str(tmp_path / "out")]
    for _ in range(50):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline().strip() == "ready"
            time.sleep(chance.uniform(0, 0.02))
            writer.send_signal(signal.SIGKILL)
            writer.wait()
        out = tmp_path / "out"
        for file in out.iterdir() if out.exists() else []:
            if not file.name.startswith(PREFIX):
                assert file.stat().st_size == 200 * 400, file.name
        assert len(list(out.glob(f"{PREFIX}*"))) <= 1, "each writer clears what the one before it left"


def _without_site() -> str:
    """The writer, with the module loaded by its file, so that a start costs milliseconds."""
    import geo_devolve.errors
    import geo_devolve.publish.files.staging
    import geo_devolve.scratch

    files = {
        "geo_devolve.errors": geo_devolve.errors.__file__,
        "geo_devolve.scratch": geo_devolve.scratch.__file__,
        "geo_devolve.publish.files.staging": geo_devolve.publish.files.staging.__file__,
    }
    load = f"""
import importlib.util, sys, types
for package in ("geo_devolve", "geo_devolve.publish", "geo_devolve.publish.files"):
    sys.modules[package] = types.ModuleType(package)
for name, file in {files!r}.items():
    spec = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
"""
    return load + WRITER
