"""However a small folder is damaged, the answer is a geography or named faults, never a traceback."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_folder import FILES, write_small

from geo_devolve.geography.reading.load import examine

pytestmark = pytest.mark.slow

NAMES = sorted([*(name for name in FILES if name != "points.csv"), "points.csv.gz", "geography.toml"])
CELLS = [
    "",
    "0",
    "-1",
    "x",
    "1e999",
    "nan",
    "E00000001",
    "E00000002",
    '"',
    ",",
    "\n",
    "H1",
    "true",
    "[",
    "é",
    "1,000",
]


def damage(file: Path, at: int, drop: int, put: str) -> None:
    data = file.read_bytes()
    text = (gzip.decompress(data) if file.suffix == ".gz" else data).decode()
    at %= len(text) + 1
    text = text[:at] + put + text[at + drop :]
    data = text.encode()
    file.write_bytes(gzip.compress(data) if file.suffix == ".gz" else data)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(NAMES),
    st.integers(0, 5000),
    st.integers(0, 30),
    st.sampled_from(CELLS) | st.text(max_size=5),
)
def test_a_damaged_text_is_no_traceback(tmp_path_factory, name, at, drop, put):
    folder = write_small(tmp_path_factory.mktemp("text") / "small")
    damage(folder / name, at, drop, put)
    geography, findings = examine(folder)
    assert (geography is None) == bool(findings.faults)
    if geography is not None:
        assert geography.population == 3600  # what the manifest expects
        for layer in geography.layers:
            people = geography.people(layer)
            assert np.isfinite(people.data).all()
            assert (people.max(axis=1).toarray().ravel() <= geography.councils["population"] + 1e-9).all()
        assert np.isfinite(geography.needs.scores.to_numpy()).all()
    else:
        assert all(finding.where and finding.what for finding in findings.faults)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(NAMES), st.integers(0, 5000), st.binary(min_size=1, max_size=8))
def test_scrambled_bytes_are_no_traceback(tmp_path_factory, name, at, noise):
    folder = write_small(tmp_path_factory.mktemp("bytes") / "small")
    data = bytearray((folder / name).read_bytes())
    at %= len(data)
    data[at : at + len(noise)] = noise
    (folder / name).write_bytes(bytes(data))
    geography, findings = examine(folder)
    assert (geography is None) == bool(findings.faults)
