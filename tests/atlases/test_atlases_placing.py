"""A plan's place among all plans: ranks, what beats it, weights that favour it, against a plain search."""

import numpy as np
import pandas as pd
import pytest
from drawn import random_geography

import geo_devolve as gd
from geo_devolve.atlases.likeness import councils_moved, people_moved
from geo_devolve.atlases.placing import measured

CRITERIA = ["need", "compactness", "population_min"]
SIGNS = np.array([1.0, 1.0, -1.0])


@pytest.fixture(scope="module")
def atlas() -> gd.Atlas:
    asked = gd.Scenario(areas=(2, 4), themes=("theme0",), weights={"need": 1.0, "compactness": 1.0})
    return gd.atlas(random_geography(3, 8), asked)


@pytest.fixture(scope="module")
def costs(atlas: gd.Atlas) -> np.ndarray:
    return (atlas.table[CRITERIA].to_numpy(float) * SIGNS).round(9)


def placed(atlas: gd.Atlas, text: str, criteria: list[str] = CRITERIA) -> object:
    return gd.place(atlas.plan(text), atlas, criteria)


def test_a_row_is_measured_as_the_atlas_measured_it(atlas: gd.Atlas) -> None:
    for row in atlas.table.sample(50, random_state=4).to_dict("records"):
        again = measured(atlas, row["plan"]).iloc[0]
        assert all(again[each.name] == row[each.name] for each in atlas.criteria)


def test_ranks_and_dominance_are_those_of_looking_at_every_plan(atlas: gd.Atlas, costs: np.ndarray) -> None:
    for at in np.random.default_rng(1).integers(0, len(atlas), 25):
        row, one = atlas.table.iloc[at], costs[at]
        found = placed(atlas, row["plan"])
        assert found.listed
        assert found.ranks["rank"].tolist() == [1 + int((costs[:, c] < one[c]).sum()) for c in range(3)]
        same = (atlas.table["areas"] == row["areas"]).to_numpy()
        ranked = [1 + int((costs[same][:, c] < one[c]).sum()) for c in range(3)]
        assert found.ranks["rank_same"].tolist() == ranked
        beats = (costs <= one).all(axis=1) & (costs < one).any(axis=1)
        assert found.beaten == beats.sum()
        assert found.beaten_same == (beats & same).sum()
        assert found.beaten_in_all == (costs < one).all(axis=1).sum()
        assert found.undominated == (not beats.any())
        assert set(found.nearest["plan"]) <= set(atlas.table["plan"][beats])
        moved = people_moved(
            found.text, atlas.table["plan"][beats].tolist(), atlas.geography.councils["population"].to_numpy()
        )
        assert found.nearest["people_moved"].tolist() == sorted(moved)[:10]
        assert set(found.front["plan"]) == set(atlas.front(CRITERIA)["plan"])


def test_weights_that_favour_a_plan_make_it_the_best_and_none_are_said_only_where_there_are_none(
    atlas: gd.Atlas, costs: np.ndarray
) -> None:
    """Held against a fine grid of weights, which can only find weights that the program must find too."""
    grid = [(a, b, 20 - a - b) for a in range(21) for b in range(21 - a)]
    spread = costs.max(axis=0) - costs.min(axis=0)
    weights = np.array(grid) / 20
    totals = (costs / spread) @ weights.T
    on_grid = totals <= totals.min(axis=0) + 1e-12
    some = 0
    for at, text in enumerate(atlas.table["plan"]):
        if at % 7 and not on_grid[at].any():
            continue
        favour = placed(atlas, text).favour
        if on_grid[at].any():
            assert favour is not None
        if favour is not None:
            some += 1
            total = costs @ (favour.table["share"].to_numpy() / spread)
            assert total[at] <= total.min() + 1e-7
            assert favour.table["share"].sum() == pytest.approx(1.0)
            assert (favour.table["least"] <= favour.table["share"] + 1e-6).all()
            assert (favour.table["most"] >= favour.table["share"] - 1e-6).all()
    assert some


def test_a_plan_that_breaks_the_rules_has_a_place_too(atlas: gd.Atlas) -> None:
    codes = list(atlas.geography.councils.index)
    many = gd.drawn_plan(atlas.geography, {code: code for code in codes}, atlas.scenario)
    found = gd.place(many, atlas, CRITERIA)
    assert not found.listed
    assert "no plan of the scenario" in " ".join(found.sentences)


def test_what_moves_is_told_by_the_best_matching() -> None:
    people = np.array([1.0, 2.0, 4.0, 8.0])
    assert people_moved("AABB", ["BBAA", "AAAB", "ABAB"], people).tolist() == [0.0, 4.0, 6.0]
    assert councils_moved("AABB", "AAAB", people) == [2]


def test_the_sentences_say_what_was_found(atlas: gd.Atlas) -> None:
    front = atlas.front(CRITERIA)
    assert placed(atlas, front["plan"][0]).sentences[0].startswith("None of")
    worst = atlas.table.loc[atlas.table["need"].idxmax(), "plan"]
    said = placed(atlas, worst, ["need"])
    assert f"{said.beaten:,} plans are at least as good" in said.sentences[0]
    assert "moves" in said.sentences[1]


def test_a_plan_without_a_place_for_each_council_is_refused(atlas: gd.Atlas) -> None:
    codes = list(atlas.geography.councils.index)
    with pytest.raises(gd.UsageError, match="in no area"):
        gd.place(gd.drawn_plan(atlas.geography, dict.fromkeys(codes[1:], "a"), atlas.scenario), atlas)
    other = random_geography(3, 6)
    all_one = pd.Series("a", index=other.councils.index)
    with pytest.raises(gd.UsageError, match="read it with the atlas's geography"):
        gd.place(gd.drawn_plan(other, all_one, atlas.scenario), atlas)
