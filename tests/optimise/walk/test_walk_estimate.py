"""The walk told before it starts is about the walk that is made, and quick passes bound like whole ones."""

import numpy as np
import pytest
from random_units import random_units

from geo_devolve.objective.terms import union_terms
from geo_devolve.objective.units import members_of
from geo_devolve.optimise.engines import passes
from geo_devolve.optimise.engines.stream import Stream
from geo_devolve.optimise.listed.listing import list_candidates
from geo_devolve.optimise.program.prices import Prices
from geo_devolve.optimise.walk import search as searching
from geo_devolve.optimise.walk.estimate import estimate_walk
from geo_devolve.optimise.walk.search import Search


def _search(seed: int, n: int = 36) -> tuple[Search, Prices]:
    units = random_units(seed, n, edges=0.22, areas=7)
    weights = np.ones(units.n_terms)
    masks = list_candidates(units).masks
    members = members_of(masks, units.n)
    density = (union_terms(units, members) @ weights).mean() / members.sum(axis=1).mean()
    return Search(units, weights, workers=1), Prices(np.full(units.n, density * 0.75), 0.0, np.zeros(0))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_sample_of_everything_counts_the_walk(seed: int) -> None:
    search, prices = _search(seed)
    walked = search.run(prices, 0.0).walked
    told = estimate_walk(search, prices, sample=10**9).nodes
    assert walked > 1_000
    # packets begin anew where the one before stopped, so that a few nodes are walked twice
    assert told <= walked <= 1.3 * told


def test_samples_are_right_on_the_average() -> None:
    search, prices = _search(4)
    walked = search.run(prices, 0.0).walked
    told = [estimate_walk(search, prices, seed=seed, sample=16).nodes for seed in range(60)]
    assert np.mean(told) == pytest.approx(walked, rel=0.3)
    assert len(set(told)) > 1


def test_a_seed_tells_the_same_twice() -> None:
    search, prices = _search(5)
    once, twice = (estimate_walk(search, prices, seed=7, sample=8).nodes for _ in range(2))
    assert once == twice


@pytest.mark.parametrize("most_each", [1, 30, 300])
def test_a_quick_pass_bounds_what_it_leaves_out(most_each: int) -> None:
    search, prices = _search(6)
    whole = search.run(prices, 0.0)
    quick = search.run(prices, 0.0, most_each=most_each)
    none = np.zeros(0)
    assert whole.finished
    assert whole.guess(prices, 7, none) == pytest.approx(whole.bound(prices, 7, none), abs=1e-9)
    assert quick.bound(prices, 7, none) <= whole.bound(prices, 7, none) + 1e-12
    assert quick.guess(prices, 7, none) >= whole.bound(prices, 7, none) - 1e-12
    assert set(quick.reduced.round(12)) <= set(whole.reduced.round(12))
    if most_each == 1:
        assert not quick.finished
        assert quick.walked < whole.walked


def test_a_whole_pass_is_told_against_what_was_estimated() -> None:
    """The total grows where the estimate was too low, and only the end says that it is the end."""
    units = random_units(21, 30, edges=0.3, areas=6, bounds=(0.4, 1.7))
    told: list[tuple[str, int, int | None]] = []

    def hear(stage: str, done: int, total: int | None = None) -> None:
        told.append((stage, done, total))

    stream = Stream(units, np.ones(units.n_terms), workers=1, progress=hear)
    assert stream.solve(6).result.proven
    for name in (searching.STAGE, passes.STAGE):
        ended = [done == total for stage, done, total in told if stage == name]
        assert ended[-1]
        assert not any(ended[:-1])
