"""England's plan: checked against figures worked out independently, and judged in full."""

import csv
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from independent import RawEngland, plan_of

import geo_devolve as gd
from geo_devolve.objective.terms import union_terms
from geo_devolve.plan.cards import cards
from geo_devolve.plan.funding import grants, load_funding
from geo_devolve.plan.government import government
from geo_devolve.plan.moves import after, moves
from geo_devolve.plan.outcomes import outcomes
from geo_devolve.plan.plan import Plan
from geo_devolve.plan.scores import council_units
from geo_devolve.plan.yardsticks import yardsticks
from geo_devolve.publish.files.tables import councils_table, to_csv

ROOT = Path(__file__).resolve().parents[2]
SCENARIO = ROOT / "geo_devolve" / "scenarios" / "reform-2017.toml"

pytestmark = pytest.mark.national


@cache
def england() -> gd.Geography:
    return gd.load_geography("england-2017")


@cache
def plan() -> Plan:
    return gd.propose(england(), gd.load_scenario("reform-2017"))


@cache
def raw() -> RawEngland:
    return RawEngland(ROOT / "boundaries" / "england-2017")


def recomputed(assignment: Mapping[str, str]) -> dict[str, float]:
    return raw().terms(assignment, tomllib.loads(SCENARIO.read_text(encoding="utf-8")))


def test_the_objective_is_what_the_raw_tables_say(tmp_path: Path) -> None:
    file = tmp_path / "councils.csv"  # as propose writes it, without drawing the maps too
    file.write_text(to_csv(councils_table(plan())), encoding="utf-8")
    assignment = plan_of(file, council="council")
    expected = recomputed(assignment)
    assert plan().certificate is not None
    assert plan().certificate.objective == pytest.approx(expected["objective"], abs=1e-9)
    assert plan().objective == pytest.approx(expected["objective"], abs=1e-9)
    for term, value in plan().terms.sum().items():
        assert value == pytest.approx(expected[str(term)], abs=1e-9), term


def test_other_plans_agree_with_the_raw_tables_too() -> None:
    random = np.random.default_rng(5)
    for layer in ("region", "police", "upper_tier"):
        assignment = {code: row[layer] for code, row in raw().councils.items()}
        for code in random.choice(list(assignment), 20):
            assignment[code] = assignment[random.choice(list(assignment))]
        table = gd.score(england(), assignment, gd.load_scenario("reform-2017"))
        assert table.loc[0, "value"] == pytest.approx(recomputed(assignment)["objective"], abs=1e-9)


def test_the_plan_keeps_every_rule() -> None:
    found = plan()
    assert found.faults == ()
    assert found.assignment.notna().all()
    assert len(found.assignment) == 326
    assert found.assignment.nunique() == 38
    assert found.areas["population"].between(500_000, 3_000_000).all()
    assert found.certificate is not None
    assert found.certificate.proven
    assert found.certificate.gap <= 1e-9


def test_areas_have_names_that_a_reader_knows() -> None:
    names = plan().names
    assert names.is_unique
    assert {"Greater Manchester", "Tees Valley", "West Yorkshire", "Hertfordshire", "Sussex"} <= set(names)
    assert not names.str.contains("NHS|CCG|Partnership").any()
    assert plan().areas.index[0] == "A01"
    north = plan().groups.centres()[:, 1]
    assert (np.diff(north) <= 0).all()


def test_every_what_if_is_a_full_score_again() -> None:
    found = moves(plan())
    scenario = plan().scenario
    units = council_units(england(), scenario)
    for number, move in enumerate(found.itertuples()):
        groups = after(plan(), move.council, move.to_area)
        again = union_terms(units, groups.members).sum(axis=0) @ np.array(scenario.term_weights)
        if number % 40 == 0:  # building everything anew is slow, and is the same
            again = Plan.from_groups(england(), scenario, groups.codes).objective
        assert again - plan().objective == pytest.approx(move.change, abs=1e-12)
        assert move.feasible == (plan().rules.faults(groups) == [])
    assert found["feasible"].any()
    assert not found["feasible"].all()
    better = found[found["feasible"] & (found["change"] < -1e-12)]
    assert better["splits_block"].all()  # what keeps blocks whole cannot beat a proven optimum


def test_the_optimum_beats_its_yardsticks() -> None:
    table = yardsticks(plan(), draws=10)
    assert table.index[:1].tolist() == ["this plan"]
    assert {"stp", "lep", "police"} <= set(table.index)
    assert (table["objective"].iloc[1:] > table["objective"].iloc[0]).all()
    chance = table[table.index.str.startswith("random")]
    assert (chance[["in_pieces", "out_of_bounds"]] == 0).all(axis=None)


def test_cards_account_for_everybody() -> None:
    made = cards(plan())
    assert list(made) == plan().areas.index.tolist()
    for card in made.values():
        assert card.councils["population"].sum() == card.population
        for layer, body in (("police", "police"), ("upper_tier", "upper_tier")):
            people = pd.concat(
                [part.loc[part["layer"] == layer, "people"] for part in (card.inside, card.cut)]
            ).sum()
            assert people == pytest.approx(card.population), body
    assert made["A06"].name == "Greater Manchester"
    assert made["A06"].matches.loc["combined_authority", "jaccard"] == 1


def test_government_counts_every_commissioner() -> None:
    result = government(plan())
    assert result.areas.loc["A06", "cover"] == "exactly"
    assert result.areas.loc["A06", "authority"] == "Greater Manchester"
    bodies = result.bodies.groupby(["layer", "body"])
    counts = bodies.ngroups
    assert counts == 207 + 44 + 38 + 39
    assert np.allclose(bodies["share"].sum(), 1)
    nearly = result.areas[result.areas["cover"] == "nearly"]
    assert all(row.add or row.lose for row in nearly.itertuples())
    assert "need a new one" in result.summary()


def test_grants_of_the_shipped_funding_add_up() -> None:
    funding = load_funding("vive-la-devolution")
    made = grants(plan(), funding)
    for budget in funding.budgets:
        for year in funding.years:
            rows = made.table[(made.table["programme"] == budget.name) & (made.table["year"] == year)]
            assert rows["pence"].sum() == rows["by_population"].sum() == funding.pence(budget, year)
            assert rows["moved"].sum() == 0
    # two years of 2 % on 101.9 bn
    assert funding.pence(funding.budgets[0], "2018-19") == 101_900_000_000_00 * 10404 // 10000


def test_outcomes_speak_of_every_area_and_indicator() -> None:
    table = outcomes(plan())
    assert len(table) == 38 * 17
    people = plan().areas["population"]
    for _, rows in table.groupby("indicator"):
        mean = (rows.set_index("area")["value"] * people).sum() / people.sum()
        assert mean == pytest.approx(rows["whole"].iloc[0])
        assert rows["rank"].min() == 1
        assert (rows["lowest"] <= rows["value"] + 1e-9).all()
        assert (rows["value"] <= rows["highest"] + 1e-9).all()


def test_a_hand_drawn_england_is_scored(tmp_path: Path) -> None:
    file = tmp_path / "drawn.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["council", "area"])
        for code, row in raw().councils.items():
            writer.writerow(
                [row["name"].replace("-", " ").upper() if code != "E07000240" else "Verulam", row["region"]]
            )
    from geo_devolve.plan.read import read_plan

    drawn: Any = read_plan(england(), file, gd.load_scenario("reform-2017"))
    assert [fault.kind for fault in drawn.found_faults].count("unknown") == 1
    assert [fault.kind for fault in drawn.found_faults].count("missing") == 1
    assert "9 areas, not 38" in " ".join(drawn.faults)
    assert drawn.assignment.notna().sum() == 325
