"""What the tests of sweeps share: a small study area, scenarios of it, and the bytes of a result."""

from collections.abc import Sequence
from pathlib import Path

from drawn import random_geography

from geo_devolve.geography.model import Geography
from geo_devolve.sweeps.spec import Scenarios, read_sweep

BASE = {
    "areas": 3,
    "population": [500, 4000],
    "themes": ["theme0", "theme1"],
    "weights": {"need": 1.0, "compactness": 0.5},
    "layers": {"layer0": {"rule": "match", "weight": 1.0}, "layer1": {"rule": "whole", "weight": 0.5}},
}


def area() -> Geography:
    return random_geography(3, 12)


def scenarios(sample: int = 20, counts: Sequence[int] = (2, 4, 9)) -> Scenarios:
    """A grid of which the count 9 is infeasible, and a sample of weights and rules."""
    return read_sweep(
        {
            "name": "many",
            "base": BASE,
            "grid": {"areas": list(counts)},
            "sample": {
                "count": sample,
                "dirichlet": {"flat": True},
                "layers.layer0.rule": {"any_of": ["match", "whole"]},
            },
        }
    )


def content(folder: Path) -> dict[str, bytes]:
    """The bytes of the dataset's files."""
    return {file.name: file.read_bytes() for file in sorted((folder / "scenarios").iterdir())}
