"""What the documentation says of sweeps holds."""

import re
import tomllib
from pathlib import Path

from geo_devolve.sweeps import pictures
from geo_devolve.sweeps.results import Sweep
from geo_devolve.sweeps.rows import FIXED, VOLATILE
from geo_devolve.sweeps.spec import load_sweep, read_sweep

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "sweeps.md").read_text(encoding="utf-8")


def test_the_file_of_the_pictures_can_be_read() -> None:
    sweep = load_sweep(DOCS / "sweep.toml")
    assert len(sweep) == 300
    assert {each.areas for each in sweep} == {36, 37, 38, 39, 40}


def test_the_example_is_understood() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", TEXT, flags=re.DOTALL)
    sweep = read_sweep(tomllib.loads(example))
    assert len(sweep) == 6 + 1 + 1000
    assert sweep[6].constraints.within == ("region",)
    assert all(sweep[at].layers["lep"].rule in {"match", "nest"} for at in range(7, 40))


def test_every_column_and_every_reader_is_named() -> None:
    for name in {*FIXED.names} - {*VOLATILE}:
        assert f"`{name}`" in TEXT, name
    for name in re.findall(r"swept\.(\w+)", TEXT):
        assert hasattr(Sweep, name)
    for name in re.findall(r"`(draw_\w+)`", TEXT):
        assert hasattr(pictures, name)
