"""The checker accepts what is proven, whatever engine found it, and shares no code with any of them."""

import ast
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from certified import forged, write
from polygon_folder import councils, write_polygons
from small_country import write_country
from small_instances import KINDS, random_geography, random_scenario

import geo_devolve as gd
import geo_devolve.verifying
from geo_devolve.publish.files.proof import problem as problem_of
from geo_devolve.verifying.problem import Problem
from geo_devolve.verifying.strict import DoubtError, parse

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


def stated(geography: gd.Geography, scenario: gd.Scenario, constraints: dict) -> Problem:
    """The checker's problem of a scenario with other constraints, each council a block."""
    told = {
        "scenario": {**scenario.to_mapping(), "constraints": constraints},
        "problem": problem_of(geography, scenario),
    }
    read = parse(json.dumps(told).encode(), "told")
    return Problem(read["scenario"], read["problem"], [[each] for each in range(len(geography.councils))])


@pytest.mark.parametrize("kind", ["min_councils", "centres"])
def test_it_holds_a_plan_against_least_councils(kind: str, tmp_path: Path) -> None:
    geography = random_geography(np.random.default_rng(5), 8)
    codes = list(geography.councils.index)
    asked = {"min_councils": 2} if kind == "min_councils" else {"centres": codes[:3]}
    scenario = gd.Scenario(areas=2, weights={"compactness": 1.0})
    verdict = gd.verify(
        write(gd.propose(geography, scenario.replace(constraints=asked)), tmp_path / "kept"),
        geography=geography,
    )
    assert verdict.verified, verdict.reasons
    problem = stated(geography, scenario, asked)
    assert any("holds fewer than" in fault for fault in problem.faults([frozenset(range(7)), frozenset({7})]))


def test_a_constraint_that_it_was_not_taught_is_refused_by_its_name() -> None:
    geography = random_geography(np.random.default_rng(5), 4)
    with pytest.raises(DoubtError, match="does not know: nearness"):
        stated(geography, gd.Scenario(areas=2), {"nearness": 3})


def test_a_geography_in_memory_is_held_against_the_certificate(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    geography = random_geography(random, 8)
    plan = gd.propose(geography, gd.Scenario(areas=3, weights={"compactness": 1.0}))
    out = write(plan, tmp_path / "out")
    verdict = gd.verify(out, geography=geography)
    assert verdict.verified
    assert verdict.figures == "the geography as loaded"
    assert gd.verify(out).figures == "the certificate"
    other = random_geography(random, 8)
    assert not gd.verify(out, geography=other).verified


def test_a_study_area_that_was_cut_out_is_verified_from_the_whole_folder(tmp_path: Path) -> None:
    folder = write_country(tmp_path / "small")
    ground = gd.load_geography(folder).only("half:H0", "C20", "C21")
    scenario = gd.load_scenario(folder / "scenario.toml").replace(areas=2, population=None)
    out = write(gd.propose(ground, scenario), tmp_path / "out")
    verdict = gd.verify(out, geography=folder)
    assert verdict.verified, verdict.reasons
    assert verdict.figures == "the geography's files"
    assert "6 councils of the geography's files are not in it" in verdict.reasons


def test_polygons_are_left_to_the_loader(tmp_path: Path) -> None:
    folder = write_polygons(tmp_path / "drawn", councils())
    ground = gd.load_geography(folder)
    out = write(gd.propose(ground, gd.Scenario(areas=2, weights={"compactness": 1.0})), tmp_path / "out")
    verdict = gd.verify(out, geography=folder)
    assert verdict.verified, verdict.reasons
    assert verdict.figures == "the geography as loaded"
    assert not geo_devolve.verifying.verify(out, geography=folder).verified
    assert not forged(
        out, lambda plan, proof: proof["problem"]["borders"][0].__setitem__(2, "9999.5"), geography=folder
    ).verified
