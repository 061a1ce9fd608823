"""The manifests of other countries in docs/examples make geographies of the raw files."""

import shutil
from pathlib import Path

import pytest

import geo_devolve as gd

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"


@pytest.mark.parametrize(
    ("name", "councils", "people"), [("iowa", 99, 3_046_355), ("austria", 94, 8_901_064)]
)
def test_a_raw_file_and_a_short_manifest_make_a_geography(shared_cases, tmp_path, name, councils, people):
    for file in (shared_cases / "real" / name).iterdir():
        if file.suffix != ".toml":
            shutil.copy(file, tmp_path)
    for file in (EXAMPLES / name).iterdir():
        assert len(file.read_text(encoding="utf-8").splitlines()) <= 25
        shutil.copy(file, tmp_path)
    geography = gd.load_geography(tmp_path)
    assert len(geography.councils) == councils
    assert geography.population == people
    gd.load_scenario(tmp_path / "plan.toml").check(geography)
