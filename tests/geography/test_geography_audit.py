"""The audit of layers against each other, against figures by hand and other people's measures."""

import json

import numpy as np
import pytest
from drawn import draw, random_geography
from sklearn.metrics import homogeneity_completeness_v_measure

import geo_devolve as gd
from geo_devolve.errors import ScenarioError, UsageError
from geo_devolve.geography.audit import audit, misfit
from geo_devolve.geography.model import Geography


@pytest.fixture
def nested() -> Geography:
    """Small bodies inside large ones, and a layer that cuts across both."""
    return draw(
        """
        abcd
        efgh
        """,
        layers={
            "large": """
            xxyy
            xxyy
            """,
            "small": """
            ppqr
            ooqr
            """,
            "across": """
            mnnn
            mm..
            """,
        },
        population=100.0,
    )


def pair(result, areas: str, bodies: str):
    return result.pairs.set_index(["areas", "bodies"]).loc[(areas, bodies)]


def test_what_lies_inside_fits_one_way_only(nested):
    result = audit(nested)
    inside, around = pair(result, "large", "small"), pair(result, "small", "large")
    assert inside["whole"] == 0
    assert inside["nest"] == 0
    assert inside["match"] == pytest.approx(0.5)
    assert (inside["n_nesting"], inside["n_straddling"], inside["n_identical"]) == (4, 0, 0)
    assert around["whole"] == pytest.approx(0.5)
    assert around["nest"] == 0
    assert (around["n_nesting"], around["n_straddling"]) == (0, 2)
    assert around["homogeneity"] == pytest.approx(1.0)
    assert inside["completeness"] == pytest.approx(1.0)


def test_misfit_by_hand_where_a_layer_does_not_reach_everywhere(nested):
    # areas m (300: a, e, f) and n (300: b, c, d); of the bodies, x (400) has three councils in m and one
    # in n, y (400) two in n and two in none
    row = pair(audit(nested), "across", "large")
    assert row["people_in_both"] == 600
    assert row["people_outside"] == 200
    assert row["whole"] == pytest.approx((300 * (1 - 3 / 4) + 100 * (1 - 1 / 4) + 200 * (1 - 2 / 4)) / 600)
    assert row["nest"] == pytest.approx((300 * 0 + 100 * (1 - 1 / 3) + 200 * (1 - 2 / 3)) / 600)
    assert row["match"] == pytest.approx(
        (300 * (1 - 300 / 400) + 100 * (1 - 100 / 600) + 200 * (1 - 200 / 500)) / 600
    )


def test_bodies_that_straddle_are_named_with_their_people(nested):
    some = audit(nested).straddling
    some = some[(some["areas"] == "across") & (some["bodies"] == "large")]
    assert some.to_dict("records") == [
        {
            "areas": "across",
            "bodies": "large",
            "body": "y",
            "name": "y",
            "population": 400.0,
            "n_areas": 1,
            "main_area": "n",
            "main_area_name": "n",
            "people_elsewhere": 200.0,
            "share_elsewhere": 0.5,
        },
        {
            "areas": "across",
            "bodies": "large",
            "body": "x",
            "name": "x",
            "population": 400.0,
            "n_areas": 2,
            "main_area": "m",
            "main_area_name": "m",
            "people_elsewhere": 100.0,
            "share_elsewhere": 0.25,
        },
    ]


def test_bodies_equal_to_an_area_are_counted():
    geography = draw("abc", {"one": "xxy", "two": "ppq", "three": "uvv"}, population=100.0)
    result = audit(geography)
    row = pair(result, "one", "two")
    assert (row["whole"], row["nest"], row["match"], row["v_measure"]) == (0, 0, 0, 1)
    assert (row["n_identical"], row["n_nesting"]) == (2, 2)
    assert pair(result, "one", "three")["n_identical"] == 0


def test_the_worst_bodies_are_those_that_misplace_the_most_people(nested):
    worst = audit(nested).worst
    assert worst["people_misplaced"].is_monotonic_decreasing
    assert set(worst["layer"]) == {"large", "small", "across"}
    # n holds q and r but for half of each, and a quarter of x: badness of its people b (large x), c, d
    n = worst.set_index(["layer", "body"]).loc[("across", "n")]
    large = (100 * (1 - 1 / 3) + 200 * (1 - 2 / 3)) / 300
    small = (100 * (1 - 1 / 2) + 100 * (1 - 1 / 2) + 100 * (1 - 1 / 2)) / 300
    assert n["misfit"] == pytest.approx((large + small) / 2)
    assert n["people_misplaced"] == pytest.approx(300 * (large + small) / 2)


@pytest.mark.parametrize("seed", range(5))
def test_v_measure_agrees_with_scikit_learn(seed):
    geography = random_geography(seed, n=9, layers=2, overlap=False)
    one, two = geography.layers["layer0"], geography.layers["layer1"]
    inside = np.asarray((one.membership.sum(axis=1) > 0) & (two.membership.sum(axis=1) > 0)).ravel()
    # people in whole numbers, so that repeating a point weighs it
    times = np.ones(int(inside.sum()), dtype=int)
    geography.points["population"] = 1.0
    label = [np.asarray(layer.membership[inside].argmax(axis=1)).ravel() for layer in (one, two)]
    homogeneity, completeness, v = homogeneity_completeness_v_measure(
        np.repeat(label[1], times), np.repeat(label[0], times)
    )
    row = pair(audit(geography), "layer0", "layer1")
    assert row["homogeneity"] == pytest.approx(homogeneity)
    assert row["completeness"] == pytest.approx(completeness)
    assert row["v_measure"] == pytest.approx(v)


def test_layers_can_be_chosen_and_ordered(nested):
    result = gd.audit(nested, ["small", "large"])
    assert list(result.layers) == ["small", "large"]
    assert len(result.pairs) == 2
    assert result.matrix("whole").index.tolist() == ["small", "large"]
    assert np.isnan(result.matrix("whole").loc["small", "small"])
    assert result.matrix("whole").loc["large", "small"] == 0


def test_what_cannot_be_compared_is_refused(nested):
    with pytest.raises(UsageError, match="at least two layers"):
        audit(nested, ["small"])
    with pytest.raises(ScenarioError, match="'small'"):
        audit(nested, ["smal", "large"])
    with pytest.raises(UsageError, match="share of people"):
        audit(nested, tolerance=1.5)


def test_a_tolerance_forgives_slivers():
    geography = draw("ab", {"one": "xx", "two": "pq"}, population={"a": 999.0, "b": 1.0})
    assert pair(audit(geography), "two", "one")["n_straddling"] == 1
    forgiven = audit(geography, tolerance=0.002)
    assert pair(forgiven, "two", "one")["n_nesting"] == 1
    assert forgiven.straddling.empty


def test_json_holds_plain_numbers_only(nested):
    document = json.loads(json.dumps(audit(nested).to_dict(), allow_nan=False))
    assert [row["areas"] for row in document["pairs"]] == ["large"] * 2 + ["small"] * 2 + ["across"] * 2
    assert document["layers"] == {name: f"Layer {name}" for name in ("large", "small", "across")}
    assert document["straddling"][0]["people_elsewhere"] > 0


def test_nobody_in_both_fits():
    from scipy import sparse

    assert misfit("whole", sparse.csr_array((2, 3)), np.ones(2), np.ones(3)) == 0


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("rule", ["whole", "nest", "match"])
def test_a_plan_held_against_a_layer_misfits_as_the_optimiser_says(seed, rule):
    from geo_devolve.objective.terms import assignment_terms

    geography = random_geography(seed, n=12, layers=3)
    codes = list(geography.councils.index)
    groups = [codes[:5], codes[5:8], codes[8:]]
    scenario = gd.Scenario(areas=3, layers={"layer2": {"rule": rule, "weight": 1.0}})
    terms = assignment_terms(geography, scenario, groups).sum(axis=0)
    bodies = geography.layers["layer2"].bodies["population"].to_numpy()
    people = geography.people("layer2").toarray()
    number = {code: at for at, group in enumerate(groups) for code in group}
    both = np.zeros((3, len(bodies)))
    for row, code in enumerate(codes):
        both[number[code]] += people[row]
    areas = np.array([geography.councils.loc[group, "population"].sum() for group in groups])
    from scipy import sparse

    ours = misfit(rule, sparse.csr_array(both), areas, bodies)
    assert ours == pytest.approx(terms[scenario.term_names.index("layer2")], abs=1e-12)
