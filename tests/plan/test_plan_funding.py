"""Money adds up to the penny, in every programme, year and area."""

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawn import draw
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_devolve.errors import ScenarioError
from geo_devolve.plan.funding import Budget, grants, load_funding, parse_funding, share_out
from geo_devolve.plan.plan import Plan
from geo_devolve.plan.read import drawn_plan
from geo_devolve.scenario import Scenario

TABLE: dict[str, Any] = {
    "name": "test",
    "years": ["2018-19", "2019-20"],
    "index": {"2017-18": Decimal("0.1"), "2018-19": Decimal("0.1"), "2019-20": Decimal("0.5")},
    "budget": [
        {
            "name": "health",
            "pounds": 1000,
            "year": "2016-17",
            "theme": "health",
            "elasticity": Decimal("0.5"),
        },
        {"name": "justice", "pounds": Decimal("99.99"), "year": "2018-19"},
    ],
}


@cache
def plan() -> Plan:
    geography = draw(
        "ABC\nDEF",
        population={"A": 100.0, "B": 300.0, "C": 200.0, "D": 1.0, "E": 7.0, "F": 50.0},
        needs={"health": [1, 2, 3, 4, 5, 6]},
    )
    return Plan.from_groups(geography, Scenario(areas=3), ["AD", "BE", "CF"])


def test_a_needy_area_gets_more_a_head_and_all_adds_up() -> None:
    made = grants(plan(), parse_funding(TABLE))
    table = made.table[made.table["year"] == "2018-19"]
    health = table[table["programme"] == "health"].set_index("area")
    assert health["pence"].sum() == 121_000  # 1,000 pounds, two years of a tenth
    assert health["by_population"].sum() == 121_000
    assert health["moved"].sum() == 0
    head = health["pence"] / plan().areas["population"]
    need = plan().areas["health"]
    assert head.idxmax() == need.idxmax()
    justice = table[table["programme"] == "justice"]
    assert justice["pence"].tolist() == justice["by_population"].tolist()
    assert made.by("year")["pence"].tolist() == [121_000 + 9_999, 181_500 + 14_998]  # 149.985 rounds to even
    assert made.by("area", "programme")["pence"].sum() == made.table["pence"].sum()


def test_the_formula_is_what_it_says() -> None:
    from geo_devolve.plan.funding import council_weights

    budget = Budget("b", Decimal(1), "2017", "health", 0.25)
    z = plan().geography.needs.scores["health"]
    people = plan().geography.councils["population"]
    assert np.allclose(np.log(council_weights(plan().geography, budget) / people), 0.25 * z)


@given(
    st.integers(0, 10**15),
    st.lists(st.floats(0, 1e9, allow_subnormal=False), min_size=1, max_size=40).filter(lambda w: sum(w) > 0),
)
def test_shares_add_up_exactly_and_are_fair_to_a_penny(total: int, weights: list[float]) -> None:
    parts = share_out(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - total * weight / whole) <= 1 + 1e-9 * total
        assert part >= 0
        assert weight > 0 or part == 0


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(st.decimals(0, 10**12, places=2), st.floats(-2, 2), st.integers(2010, 2020)),
        min_size=1,
        max_size=4,
    ),
    st.decimals("-0.05", "0.2", places=4),
)
def test_grants_add_up_for_any_budgets(budgets: list[tuple[Decimal, float, int]], growth: Decimal) -> None:
    table = {
        "years": [str(year) for year in range(2015, 2020)],
        "index": {str(year): growth for year in range(2010, 2021)},
        "budget": [
            {"name": str(n), "pounds": pounds, "year": str(year), "theme": "health", "elasticity": elasticity}
            for n, (pounds, elasticity, year) in enumerate(budgets)
        ],
    }
    funding = parse_funding(table)
    made = grants(plan(), funding)
    for budget in funding.budgets:
        for year in funding.years:
            rows = made.table[(made.table["programme"] == budget.name) & (made.table["year"] == year)]
            assert rows["pence"].sum() == rows["by_population"].sum() == funding.pence(budget, year)
    assert made.by("area")["pence"].sum() == made.table["pence"].sum()


def test_an_earlier_year_is_worth_less() -> None:
    funding = parse_funding(TABLE | {"years": ["2016-17", "2017-18"]})
    justice = funding.budgets[1]
    assert funding.pence(justice, "2017-18") == round(9999 / 1.1)
    assert funding.pence(justice, "2016-17") == round(9999 / 1.21)
    assert funding.pence(funding.budgets[0], "2016-17") == 100_000


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"yeers": []}, 'unknown key "yeers"; did you mean "years"'),
        ({"years": []}, "years must be given"),
        ({"years": ["2019-20", "2018-19"]}, "years must be in order"),
        ({"years": ["next"]}, '"next" is no year'),
        ({"index": {}}, "index says nothing of the growth to 2017"),
        ({"index": [1]}, "index must be a table"),
        ({"budget": []}, "budget"),
        ({"budget": [{"name": "x"}]}, "no pounds and no year"),
        ({"budget": [{"name": "x", "pounds": -1, "year": "2018"}]}, "makes no sense"),
        ({"budget": [{"name": "x", "pounds": "1", "year": "2018"}]}, "must be a number"),
        ({"budget": [{"name": "x", "pounds": 1, "year": "2018", "theme": "health"}]}, "go together"),
        ({"budget": [{"name": "x", "pounds": 1, "year": "2018", "pound": 1}]}, 'did you mean "pounds"'),
        (
            {"budget": [{"name": "x", "pounds": 1, "year": "2018", "theme": "h", "elasticity": 9}]},
            "elasticity of 9",
        ),
        ({"budget": [{"name": "x", "pounds": 1, "year": "2018"}] * 2}, 'two budgets are named "x"'),
        ({"budget": [{"name": n, "pounds": 1, "year": "2018"} for n in ("x", " X")]}, 'are named " X"'),
        ({"budget": [3]}, "must be a table"),
        (
            {"index": {"2017": 0.02, "2018-19": 0.02, "2017-18": 0.03}},
            'index gives the growth of one year 2 times: "2017", "2017-18"',
        ),
        ({"years": ["2017", "2017-18"]}, 'years gives the year of one year 2 times: "2017", "2017-18"'),
    ],
)
def test_a_faulty_funding_file_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        parse_funding(TABLE | change)


def test_the_plan_must_fit_the_funding() -> None:
    with pytest.raises(ScenarioError, match='shared by theme "health"; known are none'):
        grants(Plan.from_groups(draw("AB"), Scenario(areas=2), ["A", "B"]), parse_funding(TABLE))
    partial = drawn_plan(plan().geography, {"A": 1, "B": 2, "C": 2}, Scenario(areas=2))
    with pytest.raises(ScenarioError, match="leaves 3 councils out"):
        grants(partial, parse_funding(TABLE))


def test_files_are_read_by_name_or_path(tmp_path: Path) -> None:
    shipped = load_funding("vive-la-devolution")
    assert [str(budget.pounds) for budget in shipped.budgets] == [
        "101900000000",
        "1500000000",
        "3200000000",
        "1000000000",
    ]
    assert len(shipped.years) == 5
    own = tmp_path / "own.toml"
    own.write_text('years = ["2018"]\n[index]\n[[budget]]\nname = "x"\npounds = 12.34\nyear = "2018"\n')
    assert load_funding(own).name == "own"
    assert load_funding(own).pence(load_funding(own).budgets[0], "2018") == 1234
    with pytest.raises(ScenarioError, match="neither a file nor one that ships"):
        load_funding("nothing")
    own.write_text("years = [")
    with pytest.raises(ScenarioError, match="cannot be read as TOML"):
        load_funding(own)


def test_nothing_cannot_be_shared_out() -> None:
    with pytest.raises(ValueError, match="cannot be shared out"):
        share_out(5, [0.0, 0.0])
