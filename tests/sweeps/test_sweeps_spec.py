"""Reading a sweep's file: grids, lists, samples, and what is wrong with them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from geo_devolve import Scenario, load_scenario
from geo_devolve.errors import ScenarioError
from geo_devolve.sweeps.spec import Scenarios, load_sweep, read_sweep

BASE = {
    "areas": 3,
    "population": [1000, 4000],
    "weights": {"need": 1.0, "compactness": 0.5},
    "layers": {"stp": {"rule": "match", "weight": 1.5}},
}


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Scenarios]:
    def write(text: str) -> Scenarios:
        (tmp_path / "base.toml").write_text(Scenario.from_mapping(BASE).to_toml(), encoding="utf-8")
        (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
        return load_sweep(tmp_path / "mine.toml")

    return write


def test_a_grid_is_every_combination_the_last_key_fastest(written) -> None:
    sweep = written('base = "base.toml"\n[grid]\nareas = [2, [3, 4]]\nweights.need = [0, 1, 2]')
    assert len(sweep) == 6
    assert [(each.areas, each.weights["need"]) for each in sweep] == [
        (2, 0), (2, 1), (2, 2), ((3, 4), 0), ((3, 4), 1), ((3, 4), 2),
    ]  # fmt: skip
    assert all(each.weights["compactness"] == 0.5 for each in sweep)
    assert [each.name for each in sweep][:2] == ["mine #1", "mine #2"]
    assert len({each.digest() for each in sweep}) == 6


def test_a_list_is_one_scenario_a_table(written) -> None:
    sweep = written(
        'name = "few"\nbase = "base.toml"\n[[list]]\n"layers.stp.rule" = "whole"\n'
        '[[list]]\nname = "by hand"\nareas = 2\npopulation.most = 5000'
    )
    assert [each.layers["stp"].rule for each in sweep] == ["whole", "match"]
    assert [each.name for each in sweep] == ["few #1", "by hand"]
    assert sweep[1].population == (1000, 5000)
    assert sweep[-1] == sweep[1]


def test_the_base_ships_or_is_a_table(written) -> None:
    assert written("[grid]\nareas = [37, 38]")[1].digest() == load_scenario("reform-2017").digest()
    assert written("[base]\nareas = 4\n[[list]]\nseed = 1")[0].areas == 4


SAMPLE = """
base = "base.toml"
[sample]
count = 200
seed = 7
dirichlet = { concentration = 50 }
areas = { from = 2, to = 4 }
population.most = { from = 4000.0, to = 5000.0 }
layers.stp.rule = { any_of = ["match", "nest"] }
"""


def test_a_sample_draws_weights_counts_bounds_and_rules(written) -> None:
    sweep = written(SAMPLE)
    weights = np.array([each.term_weights for each in sweep])
    assert np.allclose(weights.sum(axis=1), 3.0)
    assert np.abs(weights.mean(axis=0) - [1.0, 1.5, 0.5, 0.0]).max() < 0.1
    assert 0.1 < weights[:, 0].std() < 0.3
    assert {each.areas for each in sweep} == {2, 3, 4}
    assert {each.layers["stp"].rule for each in sweep} == {"match", "nest"}
    most = np.array([each.population[1] for each in sweep])
    assert most.min() >= 4000
    assert most.max() <= 5000
    assert most.std() > 200


def test_a_sampled_scenario_does_not_depend_on_which_others_are_asked_for(written) -> None:
    sweep, again = written(SAMPLE), written(SAMPLE.replace("200", "10_000"))
    assert again[150] == sweep[150]
    assert [each.digest() for each in sweep[5:8]] == [sweep[at].digest() for at in (5, 6, 7)]
    assert written(SAMPLE.replace("seed = 7", "seed = 8"))[150] != sweep[150]


def test_a_flat_sample_reaches_every_share(written) -> None:
    sweep = written(
        'base = "base.toml"\n[sample]\ncount = 500\n'
        '[sample.dirichlet]\nflat = true\nterms = ["need", "balance"]'
    )
    weights = np.array([each.term_weights for each in sweep])
    assert np.allclose(weights[:, [0, 3]].sum(axis=1), 1.0)
    assert (weights[:, 1:3] == [1.5, 0.5]).all()
    assert weights[:, 3].min() < 0.05
    assert weights[:, 3].max() > 0.95


def test_a_logarithmic_range(written) -> None:
    sweep = written(
        'base = "base.toml"\n[sample]\ncount = 300\nweights.need = { from = 1, to = 100, log = true }'
    )
    need = np.array([each.weights["need"] for each in sweep])
    assert 4 < np.median(need) < 25


def test_grid_list_and_sample_together(written) -> None:
    text = "[grid]\nareas = [2, 3]\n[[list]]\nareas = 5\n[sample]\ncount = 3\nareas = { from = 6, to = 9 }"
    sweep = written(text)
    assert [each.areas for each in sweep][:3] == [2, 3, 5]
    assert all(6 <= each.areas <= 9 for each in sweep[3:])
    assert len(sweep) == 6
    with pytest.raises(IndexError, match="6 scenarios"):
        sweep[6]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "asks for no scenario"),
        ("[gird]\nareas = [1]", 'unknown key "gird"; did you mean "grid"?'),
        ("[grid]\naeras = [1]", 'unknown key "aeras"; did you mean "areas"?'),
        ("[grid]\nareas = 3", "grid.areas must be a list"),
        ("[grid]\nareas = []", "grid.areas names no values"),
        ('[grid]\nareas = [3, "x"]', "areas must be a whole number, not 'x'"),
        ('[grid]\nlayers.spt.rule = ["match"]', 'does not score layer "spt"; did you mean "stp"?'),
        ('[grid]\nlayers.stp.rule = ["mach"]', 'did you mean "match"?'),
        ("[grid]\npopulation.max = [1]", "write population.least or population.most"),
        ("base = {areas = 2}\n[grid]\npopulation.most = [1]", "no bounds to change"),
        ("[grid]\nareas.x.y = [1]", "leads nowhere"),
        ("[sample]\nareas = { from = 1, to = 2 }", "sample.count is missing"),
        ("[sample]\ncount = 5", "sample draws nothing"),
        ("[sample]\ncount = 5\nareas = { from = 3, to = 2 }", "from 3 is more than to 2"),
        ("[sample]\ncount = 5\nareas = { least = 3 }", "must be { from = "),
        ("[sample]\ncount = 5\nareas = { any_of = [] }", "nothing to choose from"),
        ("[sample]\ncount = 5\nweights.need = { from = 0, to = 2, log = true }", "starts above 0"),
        ('[sample]\ncount = 5\ndirichlet = { terms = ["ned", "stp"] }', 'did you mean "need"?'),
        ('[sample]\ncount = 5\ndirichlet = { terms = ["balance", "stp"] }', "weighs 0 in the base"),
        ('[sample]\ncount = 5\ndirichlet = { terms = ["stp"] }', "two or more terms"),
        ("[sample]\ncount = 5\ndirichlet = { consentration = 5 }", 'did you mean "concentration"?'),
        ('base = "no-such"\n[grid]\nareas = [3]', 'no scenario "no-such"'),
        ("base = 3", "base must be"),
        ("[grid", "cannot be read as a sweep"),
    ],
)
def test_what_is_wrong_is_told(written, text: str, said: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        written(text)
    assert said in str(raised.value)


def test_all_faults_are_told_at_once(written) -> None:
    with pytest.raises(ScenarioError, match="3 faults"):
        written('[grid]\nareas = [0]\nweights.need = ["x"]\n[sample]\ncount = 2\nareas = { to = 2 }')


def test_every_fault_of_one_scenario_is_told_by_itself(written) -> None:
    with pytest.raises(ScenarioError) as raised:
        written(
            '[[list]]\nname = "need: strong"\nareas = 0\nsolver = ""\n[[list]]\naeras = 1\nlayers.x.y.z = 2'
        )
    told = [fault.partition(": ") for fault in raised.value.faults]
    assert [where for where, _, _ in told] == ["list[1]", "list[1]", "list[2]", "list[2]"]
    assert [what.split()[0] for _, _, what in told] == ["areas", "solver", "unknown", '"layers.x.y.z":']


def test_values_that_make_no_sense_together_are_told_when_they_meet() -> None:
    sweep = read_sweep(
        {"base": BASE, "grid": {"population.least": [1000, 4000], "population.most": [2000, 4000]}}
    )
    assert sweep[0].population == (1000, 2000)
    with pytest.raises(ScenarioError, match=r"sweep #3.*least and the most"):
        sweep[2]


def test_no_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="cannot be read as a sweep"):
        load_sweep(tmp_path / "none.toml")


@pytest.mark.parametrize(
    "asked",
    [
        f"[grid]\nareas = [2, 3]\nseed = {list(range(9_000))}\ntime_limit_s = {list(range(1, 9_001))}",
        "[sample]\ncount = 1000000000000000000\nareas = { from = 2, to = 4 }",
        "[sample]\ncount = 100000000000000000000000\nareas = { from = 2, to = 4 }",
    ],
)
def test_more_scenarios_than_can_ever_be_solved_are_refused_before_any_is_made(written, asked: str) -> None:
    with pytest.raises(ScenarioError, match=r"asks for [\d,]+ scenarios, more than 10,000,000"):
        written(f'base = "base.toml"\n{asked}')
