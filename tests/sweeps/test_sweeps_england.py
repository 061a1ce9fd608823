"""A sweep of England: each row the proven optimum that propose finds by itself."""

import pytest

import geo_devolve as gd
from geo_devolve.sweeps.spec import read_sweep

pytestmark = pytest.mark.national


def test_weightings_and_numbers_of_england_are_those_of_propose() -> None:
    england = gd.load_geography("england-2017")
    sample = {"count": 3, "dirichlet": {"concentration": 20}, "areas": {"any_of": [38, [43, 44]]}}
    asked = read_sweep({"name": "england", "sample": sample, "list": [{"population.most": 2.5e6}]})
    swept = gd.sweep(england, asked, workers=1)
    assert dict(swept.table.set_index("name")["status"]) == {
        "england #1": "infeasible",
        "england #2": "found",
        "england #3": "found",
        "england #4": "found",
    }
    assert "Manchester" in swept.failed["reason"].iloc[0]
    assert swept.found["proven"].all()
    for scenario in asked[1:]:
        plan, proposed = swept.plan(scenario.digest()), gd.propose(england, scenario)
        assert plan.assignment.equals(proposed.assignment)
        assert plan.certificate is not None
        assert proposed.certificate is not None
        assert plan.certificate.objective == proposed.certificate.objective
        assert plan.certificate.by_count == proposed.certificate.by_count
        assert plan.objective == proposed.objective
    assert 20 < (swept.cores()["councils"].map(len) > 1).sum() < 100
