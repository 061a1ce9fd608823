"""What is installed is complete: the embedded geographies and scenarios travel in the wheel."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import geo_devolve

ROOT = Path(geo_devolve.__file__).parent.parent

pytestmark = pytest.mark.skipif(not (ROOT / "pyproject.toml").exists(), reason="not run from a clone")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_a_wheel_brings_its_data_and_its_licences(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for folder in sorted((ROOT / "boundaries").iterdir()):
        if folder.is_dir():
            for file in folder.iterdir():
                assert f"geo_devolve/boundaries/{folder.name}/{file.name}" in names
    assert "geo_devolve/scenarios/reform-2017.toml" in names
    assert "geo_devolve/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert any(name.endswith("licenses/boundaries/LICENCE.md") for name in names)


def test_an_installed_wheel_finds_its_geography_from_anywhere(wheel: Path, tmp_path) -> None:
    """As installed into an environment without the clone: nothing of it is on the path."""
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    code = (
        "import geo_devolve as gd; print(gd.__file__); g = gd.load_geography('england-2017'); "
        "print(len(g.councils), gd.load_scenario('reform-2017').areas)"
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    # -P keeps the working directory off the path, as an installed command does; the clone is not on it either
    done = subprocess.run(
        [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, {str(site)!r}); {code}"],
        cwd=elsewhere,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    where, figures = done.stdout.splitlines()
    assert Path(where).is_relative_to(site)
    assert figures == "326 38"
