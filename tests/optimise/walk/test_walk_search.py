"""The pruned search finds exactly the candidates of small reduced cost, and its bounds hold."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_units import as_members, random_units, with_asides

from geo_devolve.objective.terms import union_terms
from geo_devolve.objective.units import Units, members_of
from geo_devolve.optimise.listed.listing import list_candidates
from geo_devolve.optimise.program.prices import Prices
from geo_devolve.optimise.walk import packets
from geo_devolve.optimise.walk.search import Search

pytestmark = pytest.mark.slow


def _weights(units: Units, rng: np.random.Generator) -> np.ndarray:
    weights = rng.random(units.n_terms) * rng.choice([0.0, 1.0, 1.0], units.n_terms)
    weights[-1] *= 0.3
    return weights


def _reduced(units: Units, masks: np.ndarray, weights: np.ndarray, prices: Prices) -> np.ndarray:
    members = members_of(masks, units.n)
    reduced = union_terms(units, members) @ weights - members @ prices.units - prices.count
    for mask, price in zip(units.rules.cap_units, prices.caps, strict=True):
        reduced -= price * ((masks & mask) != 0).any(axis=1)
    return reduced


def _check(seed: int, n: int, rules: bool, workers: int = 1, asides: bool = False, **run) -> None:
    rng = np.random.default_rng(seed + 1000)
    lower = rng.choice([0.0, 0.5, 0.9])
    units = random_units(
        seed, n, areas=int(rng.integers(2, 5)), rules=rules, edges=0.45, bounds=(lower, lower + 1.0)
    )
    units = with_asides(units, seed) if asides else units
    weights = _weights(units, rng)
    masks = list_candidates(units).masks
    terms = union_terms(units, members_of(masks, units.n)) @ weights
    typical = terms.mean() / max(1.0, members_of(masks, units.n).sum(axis=1).mean()) if len(terms) else 0.1
    for spread in (0.0, 0.5, 2.0):
        noise = 1.0 + spread * rng.normal(size=units.n)
        prices = Prices(
            typical * noise,
            float(rng.normal() * typical * 0.3),
            -rng.random(len(units.rules.cap_units)) * typical,
        )
        reduced = _reduced(units, masks, weights, prices)
        for share in (0.0, 0.1, 0.5, 1.0):
            if len(reduced) == 0:
                theta = 0.0
            elif share == 1.0:
                theta = float(reduced.max()) + 1.0
            else:
                theta = float(np.quantile(reduced, share)) + 1e-7
            if len(reduced) and np.abs(reduced - theta).min() < 1e-9:
                continue
            within = Search(units, weights, workers=workers).run(prices, theta, **run)
            wanted = sorted(as_members(masks[reduced <= theta]))
            assert within.finished
            assert sorted(as_members(within.masks)) == wanted
            np.testing.assert_allclose(within.reduced, np.sort(reduced[reduced <= theta]), atol=1e-10)


@pytest.mark.parametrize("rules", [False, True])
@pytest.mark.parametrize("seed", range(40))
def test_finds_exactly_the_cheap_ones(seed: int, rules: bool) -> None:
    _check(seed, 5 + seed % 8, rules)


@given(seed=st.integers(0, 2**31), n=st.integers(2, 10), rules=st.booleans())
@settings(max_examples=40)
def test_flows_change_spreads_and_bounds_of_sums_are_bounded_rightly(seed: int, n: int, rules: bool) -> None:
    _check(seed, n, rules, asides=True)


@given(seed=st.integers(0, 2**31), n=st.integers(2, 12), rules=st.booleans())
@settings(max_examples=60)
def test_finds_exactly_the_cheap_ones_anywhere(seed: int, n: int, rules: bool) -> None:
    _check(seed, n, rules)


def test_the_same_from_small_packets_and_two_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packets, "_PACKET", 7)
    monkeypatch.setattr(packets, "_FIRST", 3)
    monkeypatch.setattr(packets, "_ROOM", 5)
    for seed in range(6):
        _check(seed, 12, rules=True, workers=2)


def _problem() -> tuple[Units, np.ndarray, Prices]:
    units = random_units(11, 40, edges=0.22, areas=8)
    weights = np.ones(units.n_terms)
    masks = list_candidates(units).masks
    members = members_of(masks, units.n)
    density = (union_terms(units, members) @ weights).mean() / members.sum(axis=1).mean()
    return units, weights, Prices(np.full(units.n, density * 0.8), 0.0, np.zeros(0))


@pytest.mark.parametrize("kind", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_the_same_on_any_executor(kind: type) -> None:
    units, weights, prices = _problem()
    alone = Search(units, weights, workers=1).run(prices, 0.1)
    with kind(2) as executor:
        shared = Search(units, weights, executor=executor, workers=2).run(prices, 0.1)
    assert len(alone.masks) > 0
    assert alone.masks.tobytes() == shared.masks.tobytes()
    np.testing.assert_allclose(alone.reduced, shared.reduced, atol=1e-12)


def test_an_early_stop_still_bounds_every_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packets, "_PACKET", 50)
    monkeypatch.setattr(packets, "_FIRST", 5)
    units, weights, prices = _problem()
    search = Search(units, weights, workers=1)
    masks = list_candidates(units).masks
    reduced = _reduced(units, masks, weights, prices)
    rank = np.empty(units.n, dtype=int)
    rank[search.order] = np.arange(units.n)
    starts = np.array([min(rank[unit] for unit in members) for members in as_members(masks)])
    bounds = []
    for most_nodes in (1, 200, 1000, 5000, np.inf):
        within = search.run(prices, 0.0, most_nodes=most_nodes)
        for start in range(units.n):
            if (starts == start).any():
                assert within.floor[start] <= reduced[starts == start].min() + 1e-10
        bounds.append(within.bound(prices, 8, np.zeros(0)))
    assert not search.run(prices, 0.0, most_nodes=1).finished
    assert np.isfinite(bounds[-1])
    assert bounds == sorted(bounds)


def test_too_many_lowers_what_is_looked_for() -> None:
    units, weights, prices = _problem()
    search = Search(units, weights, workers=1)
    everything = search.run(prices, 1.0)
    few = search.run(prices, 1.0, most=100)
    assert len(everything.reduced) > 200
    assert len(few.reduced) <= 100
    assert few.theta < 1.0
    missed = everything.reduced[everything.reduced <= few.theta]
    np.testing.assert_allclose(few.reduced, missed, atol=1e-12)
