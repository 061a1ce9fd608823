"""The checker accepts what is proven, whatever engine found it, and shares no code with any of them."""

import ast
import sys
from pathlib import Path

import numpy as np
import pytest
from certified import write
from small_instances import KINDS, random_geography, random_scenario

import geo_devolve as gd
import geo_devolve.verifying

ROOM = Path(geo_devolve.verifying.__file__).parent


def test_it_imports_the_standard_library_alone() -> None:
    for file in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names = [each.name for each in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            else:
                continue
            for name in names:
                own = name.startswith("geo_devolve.verifying")
                assert own or name.partition(".")[0] in sys.stdlib_module_names, (file.name, name)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("engine", ["list", "stream"])
def test_it_accepts_whatever_is_proven(seed: int, engine: str, tmp_path: Path) -> None:
    random = np.random.default_rng(seed)
    geography = random_geography(random, int(random.integers(4, 11)))
    kinds = random.choice(KINDS, size=int(random.integers(0, 5)), replace=False).tolist()
    scenario = random_scenario(random, geography, tuple(kinds)).replace(engine=engine)
    try:
        plan = gd.propose(geography, scenario)
    except gd.InfeasibleError:
        pytest.skip("no plan")
    verdict = gd.verify(write(plan, tmp_path / "out"))
    assert verdict.verified, (kinds, verdict.reasons)
    assert plan.certificate is not None
    assert float(verdict.objective or "nan") == pytest.approx(plan.objective, rel=1e-9, abs=1e-12)
