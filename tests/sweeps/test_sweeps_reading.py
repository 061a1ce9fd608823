"""Reading a sweep: the front, what holds together, what is nearest to a drawn plan."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score
from sweeping import BASE, area, scenarios

import geo_devolve as gd
from geo_devolve.errors import UsageError
from geo_devolve.sweeps import reading
from geo_devolve.sweeps.spec import read_sweep


@pytest.fixture(scope="module")
def ground() -> gd.Geography:
    return area()


@pytest.fixture(scope="module")
def done(ground) -> gd.Sweep:
    """Weights alone differ, and one count is infeasible."""
    asked = read_sweep(
        {
            "base": BASE,
            "grid": {"areas": [2, 3, 9]},
            "sample": {"count": 25, "dirichlet": {"flat": True}},
        }
    )
    return gd.sweep(ground, asked, workers=1)


def test_the_front_is_what_nothing_else_beats() -> None:
    values = np.random.default_rng(5).integers(0, 6, (200, 3)).astype(float)
    kept = reading.best_in_no_worse(values)
    for row, value in enumerate(values):
        beaten = any((other <= value).all() and (other < value).any() for other in values)
        assert kept[row] == (not beaten)
    assert 0 < kept.sum() < 200


def test_the_front_weighs_needs_coterminosity_and_compactness(ground, done) -> None:
    front = done.front()
    assert front["scenarios"].sum() == len(done.found) == 27
    assert 1 < len(front) < 27
    weights = {layer: done.found[f"weight_{layer}"].mean() for layer in ("layer0", "layer1")}
    for digest, row in front.iterrows():
        terms = done.plan(digest).terms.sum()
        misfit = sum(terms[layer] * weight for layer, weight in weights.items()) / sum(weights.values())
        assert row["misfit"] == pytest.approx(misfit, abs=1e-12)
        assert row["need"] == terms["need"]
        assert row["compactness"] == terms["compactness"]
    values = front[["misfit", "need", "compactness"]].to_numpy()
    best = front["front"].to_numpy()
    for row in np.flatnonzero(~best):
        assert any((values[other] <= values[row]).all() for other in np.flatnonzero(best))


def test_unlike_rules_are_compared_by_one_scenario(ground) -> None:
    mixed = gd.sweep(ground, scenarios(), workers=1)
    with pytest.raises(UsageError, match=r"2 different sets.*by=scenario"):
        mixed.front()
    by = gd.Scenario(**BASE)
    terms = mixed.terms(by)
    for digest in terms.index[::5]:
        plan = mixed.plan(digest).replace_scenario(by)
        assert np.allclose(terms.loc[digest], plan.terms.sum(), atol=1e-12)
    assert mixed.front(by)["front"].any()


def test_co_membership_is_counted_over_plans(ground, done) -> None:
    together = done.together()
    numbers = done.numbers
    for one, other in combinations(range(12), 2):
        share = np.mean([plan[one] == plan[other] for plan in numbers])
        assert together.iat[one, other] == together.iat[other, one] == pytest.approx(share)
    assert (np.diag(together) == 1).all()
    borders = done.borders()
    assert len(borders) == ground.graph().number_of_edges()
    for row in borders.itertuples():
        assert row.together == together.loc[row.council, row.neighbour]


def test_settled_cores_are_joined_by_neighbours_that_stay_together(ground, done) -> None:
    cores = done.cores(0.9)
    assert sorted(code for core in cores["councils"] for code in core) == list(ground.councils.index)
    sure = {
        frozenset((row.council, row.neighbour)) for row in done.borders().itertuples() if row.together >= 0.9
    }
    core_of = {code: core for core, codes in cores["councils"].items() for code in codes}
    for row in done.borders().itertuples():
        if frozenset((row.council, row.neighbour)) in sure:
            assert core_of[row.council] == core_of[row.neighbour]
    assert cores["population"].sum() == pytest.approx(ground.population)
    assert len(done.cores(2.0)) == 12
    assert (done.cores(0.0)["councils"].map(len) == 12).all()


def test_the_nearest_scenarios_to_a_drawn_plan(ground, done) -> None:
    target = done.plan(done.found.index[4])
    drawn = gd.drawn_plan(ground, target.assignment, target.scenario)
    near = done.nearest(drawn, 4)
    assert len(near) == 4
    assert near["adjusted_rand"].iloc[0] == 1
    assert near["councils_moved"].iloc[0] == 0
    assert near["adjusted_rand"].is_monotonic_decreasing
    every = [adjusted_rand_score(target.groups.number, plan) for plan in done.numbers]
    assert np.allclose(sorted(near["adjusted_rand"]), sorted(every)[-4:], atol=1e-12)
    elsewhere = gd.compare(drawn, done.plan(near.index[-1]))
    assert near["people_moved"].iloc[-1] == elsewhere.people_moved
    assert list(near.columns[-5:]) == [
        "weight_balance", "weight_compactness", "weight_layer0", "weight_layer1", "weight_need",
    ]  # fmt: skip


def test_a_sweep_without_any_plan_can_be_read(ground, tmp_path: Path) -> None:
    none = gd.sweep(ground, [gd.Scenario(**BASE).replace(areas=11)], out=tmp_path, workers=1)
    assert repr(none) == "<Sweep of drawn: 0 plans, 0 of them proven, 1 infeasible>"
    assert len(none.numbers) == len(none.assignments) == len(none.found) == 0
    assert len(none.front()) == 0
    assert not none.together().to_numpy().any()
    with pytest.raises(UsageError, match="no scenario"):
        none.plan("zz")


def test_rows_are_found_by_name_and_beginning(done) -> None:
    digest = done.table.index[3]
    assert done.scenario(digest[:12]).digest() == digest
    assert done.scenario(done.table["name"].iloc[3]).digest() == digest
    with pytest.raises(UsageError, match="give the digest"):
        done.scenario(next(c for c in "0123456789abcdef" if done.table.index.str.startswith(c).sum() > 1))
