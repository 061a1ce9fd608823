import pickle
from types import SimpleNamespace

import pandas as pd
import pytest

from geo_devolve.errors import ScenarioError
from geo_devolve.scenario import Constraints, LayerTerm, Locked, Scenario, load_scenario

EVERYTHING = Scenario.from_mapping(
    {
        "name": 'all "of" it',
        "areas": [3, 5],
        "population": [1, 2.5],
        "themes": ["health"],
        "blocks": ["stp"],
        "crossings": [],
        "min_border_m": 12.5,
        "solver": "CBC",
        "seed": 7,
        "time_limit_s": 1,
        "engine": "stream",
        "weights": {"need": 1, "balance": 0.1},
        "layers": {"stp": {"rule": "nest", "weight": 1}, "lep": LayerTerm("whole", 0.1)},
        "constraints": {
            "locked": [{"name": "London", "bodies": ["region:London"], "exempt": True}],
            "together": [["York", "Selby"]],
            "apart": [["Leeds", "Wakefield"], ["A", "B"]],
            "within": ["region"],
            "whole": ["police:*"],
            "max_councils": 30,
            "max_extent_km": 150,
            "max_areas_in_body": {"region": 5, "region:London": 1},
            "max_bodies_in_area": {"police": 2},
        },
    }
)


def test_the_shipped_scenario_is_what_the_design_says() -> None:
    scenario = load_scenario("reform-2017")
    assert scenario.areas == 38
    assert scenario.population == (500_000.0, 3_000_000.0)
    assert scenario.themes == ("health", "employment")
    assert scenario.blocks == ("stp", "lep", "police")
    assert scenario.layers["ccg"] == LayerTerm("whole", 1.0)
    assert dict(scenario.weights) == {"need": 1.0, "compactness": 0.5, "balance": 0.0}
    assert not scenario.constraints
    names = (
        "need",
        "stp",
        "lep",
        "ccg",
        "upper_tier",
        "police",
        "combined_authority",
        "compactness",
        "balance",
    )
    assert scenario.term_names == names
    assert scenario.term_weights == (1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.0)


@pytest.mark.parametrize("scenario", [Scenario(), EVERYTHING, load_scenario("reform-2017")])
def test_toml_out_and_in_again_is_the_same(scenario: Scenario, tmp_path) -> None:
    file = tmp_path / "any.toml"
    file.write_text(scenario.to_toml(), encoding="utf-8")
    again = load_scenario(file)
    assert again == scenario
    assert again.digest() == scenario.digest()
    assert hash(again) == hash(scenario)
    assert pickle.loads(pickle.dumps(scenario)) == scenario


def test_lists_and_tables_are_coerced() -> None:
    assert EVERYTHING.areas == (3, 5)
    assert list(EVERYTHING.counts) == [3, 4, 5]
    assert EVERYTHING.middle == 4
    assert EVERYTHING.constraints.locked == (Locked("London", (), ("region:London",), True),)
    assert EVERYTHING.constraints.apart == (("Leeds", "Wakefield"), ("A", "B"))
    assert Scenario(areas=(4, 4)) == Scenario(areas=4)
    assert Constraints(together=(("A", "B"),)).together == (("A", "B"),)


def test_nothing_can_be_changed_in_place() -> None:
    with pytest.raises(TypeError):
        EVERYTHING.weights["need"] = 2  # type: ignore[index]
    with pytest.raises(AttributeError):
        EVERYTHING.areas = 9  # type: ignore[misc]


def test_replace_swaps_whole_fields() -> None:
    scenario = load_scenario("reform-2017").replace(weights={"balance": 2})
    assert scenario.term_weights[0] == 0
    assert scenario.term_weights[-1] == 2
    assert scenario.layers == load_scenario("reform-2017").layers
    with pytest.raises(ScenarioError, match=r'unknown key "aera".*did you mean "areas"'):
        scenario.replace(aera=3)


def test_the_digest_sees_what_is_asked_for_and_not_the_name() -> None:
    scenario = load_scenario("reform-2017")
    assert scenario.replace(name="other").digest() == scenario.digest()
    digests = {
        scenario.replace(**change).digest()
        for change in (
            {},
            {"areas": 39},
            {"seed": 1},
            {"blocks": ()},
            {"constraints": {"within": ["region"]}},
        )
    }
    assert len(digests) == 5
    assert scenario.replace(weights={"need": 1, "compactness": 0.5}).digest() == scenario.digest()


def test_all_faults_come_at_once_with_the_nearest_name() -> None:
    with pytest.raises(ScenarioError) as caught:
        Scenario.from_mapping(
            {
                "area": 3,
                "population": [5, 2],
                "themes": "health",
                "engine": "lst",
                "weights": {"needs": 1, "balance": -1},
                "layers": {
                    "stp": {"rule": "matches", "weight": "much"},
                    "lep": {"rule": "nest", "wieght": 1},
                },
                "constraints": {
                    "togther": [],
                    "max_councils": 0,
                    "whole": ["Leeds"],
                    "locked": [{"name": "L"}],
                },
            },
            "mine.toml",
        )
    message = str(caught.value)
    expected = (
        'unknown key "area"; did you mean "areas"?',
        "population must be the least and the most",
        "themes must be a list, not 'health'",
        "unknown engine 'lst'; did you mean \"list\"?",
        'unknown key "weights.needs"; did you mean "need"?',
        "weights.balance must not be negative",
        "unknown layers.stp.rule 'matches'; did you mean \"match\"?",
        "layers.stp.weight must be a number, not 'much'",
        'unknown key "layers.lep.wieght"; did you mean "weight"?',
        "layers.lep has no weight",
        'unknown key "constraints.togther"; did you mean "together"?',
        "constraints.max_councils must be at least 1",
        '"Leeds" must be written as "layer:body"',
        "constraints.locked[1] names neither",
    )
    assert message.startswith(f"mine.toml: {len(expected)} faults")
    for each in expected:
        assert each in message


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", " ", "name must be a text"),
        ("areas", 0, "areas must be at least 1"),
        ("areas", True, "areas must be a whole number"),
        ("areas", 3.5, "areas must be a whole number"),
        ("areas", [5, 3], "areas must be a number, or the least and the most"),
        ("population", [1], "population must be the least"),
        ("population", [-1, 3], "population must not be negative"),
        ("population", [float("nan"), 3], "finite"),
        ("blocks", ["stp", "stp"], 'blocks names "stp" twice'),
        ("blocks", [3], "each of blocks must be a text"),
        ("time_limit_s", 0, "time_limit_s must be more than 0"),
        ("min_border_m", float("inf"), "finite"),
        ("seed", -1, "seed must be at least 0"),
        ("weights", [1], "weights must be a table"),
        ("constraints", {"together": ["York"]}, "together's lists must be a list"),
        ("constraints", {"apart": [["York", 1.5]]}, "must be a council or body"),
        (
            "constraints",
            {"locked": [{"name": "a", "councils": ["x"], "exempt": 1}]},
            "exempt must be true or false",
        ),
        ("constraints", {"locked": [{"name": "a", "councils": ["x"]}] * 2}, 'two locked areas are named "a"'),
    ],
)
def test_what_makes_no_sense_is_refused(field: str, value: object, message: str) -> None:
    with pytest.raises(ScenarioError, match="scenario") as caught:
        Scenario(**{field: value})  # type: ignore[arg-type]
    assert message in str(caught.value)


@pytest.mark.parametrize("name", ["need: strong", 'a "b": c', "- x", "two\nlines: here"])
def test_a_name_never_cuts_what_is_told(name: str) -> None:
    table = {"name": name, "areas": 0, "solver": ""}
    for fewer, faults in (
        ({"areas": 0}, ("areas must be at least 1, not 0",)),
        (table, ("areas must be at least 1, not 0", "solver must be a text that is not empty, not ''")),
        ({**table, "areass": 1}, ('unknown key "areass"; did you mean "areas"?', *("areas", "solver"))),
    ):
        with pytest.raises(ScenarioError) as raised:
            Scenario.from_mapping({"name": name, **fewer}, heading="mine.toml")
        assert len(raised.value.faults) == len(faults)
        assert all(told.startswith(fault) for told, fault in zip(raised.value.faults, faults, strict=True))
        assert str(raised.value).startswith("mine.toml: ")
        assert all(fault in str(raised.value) for fault in raised.value.faults)


def test_a_scenario_that_is_not_there_or_not_toml(tmp_path) -> None:
    with pytest.raises(ScenarioError, match=r'no scenario "reform2017".*did you mean "reform-2017"'):
        load_scenario("reform2017")
    broken = tmp_path / "broken.toml"
    broken.write_text("areas = = 3")
    with pytest.raises(ScenarioError, match=r"broken\.toml cannot be read as TOML: .*line 1"):
        load_scenario(broken)
    broken.write_bytes(b"name = '\xff'")
    with pytest.raises(ScenarioError, match="cannot be read as TOML"):
        load_scenario(str(broken))


def test_a_file_without_a_name_is_named_after_itself(tmp_path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("areas = 3")
    assert load_scenario(file).name == "mine"


class Ground(SimpleNamespace):
    """As much of a geography as a scenario is held against."""

    def find_councils(self, reference: str) -> list[str]:
        if reference not in {"York", "Selby"}:
            raise ScenarioError(f'no council "{reference}"')
        return [reference]

    def find_body(self, layer: str, reference: str) -> str:
        if reference != "London":
            raise ScenarioError(f'no body "{reference}" in {layer}')
        return reference


GROUND = Ground(
    name="ground",
    layers={"stp": None, "lep": None, "region": None, "police": None},
    needs=SimpleNamespace(scores=pd.DataFrame(columns=["health"])),
    crossings=pd.DataFrame({"kind": ["zip line", "none"]}),
)


def test_a_scenario_that_fits_its_geography_passes() -> None:
    fitting = EVERYTHING.constraints
    scenario = EVERYTHING.replace(
        crossings=["zip line", "ferry"],
        constraints={
            "locked": fitting.locked,
            "together": fitting.together,
            "whole": fitting.whole,
            "max_areas_in_body": fitting.max_areas_in_body,
        },
    )
    assert scenario.crossings == ("zip line", "ferry")
    scenario.check(GROUND)  # type: ignore[arg-type]


def test_what_the_geography_does_not_have_is_named() -> None:
    scenario = EVERYTHING.replace(
        themes=["heath"],
        blocks=["spt"],
        crossings=["bridges"],
        layers={"plice": LayerTerm("nest", 1)},
        constraints={
            "apart": [["York", "Seblby"]],
            "whole": ["region:Londn", "regoin:*"],
            "within": ["regions"],
        },
    )
    with pytest.raises(ScenarioError) as caught:
        scenario.check(GROUND)  # type: ignore[arg-type]
    for expected in (
        'themes: unknown theme "heath"; did you mean "health"?',
        'blocks: unknown layer "spt"; did you mean "stp"?',
        'crossings: unknown kind of crossing "bridges"; did you mean "bridge"?',
        'layers: unknown layer "plice"; did you mean "police"?',
        'constraints.apart: no council "Seblby"',
        'constraints.whole: no body "Londn" in region',
        'constraints.whole: unknown layer "regoin"; did you mean "region"?',
        'constraints.within: unknown layer "regions"; did you mean "region"?',
    ):
        assert expected in str(caught.value)
