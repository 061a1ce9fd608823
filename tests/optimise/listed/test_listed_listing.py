"""Every permitted union once, with the terms of the plain definition."""

import numpy as np
import pytest
from random_units import all_unions, as_members, random_units

from geo_devolve.objective.terms import union_terms
from geo_devolve.objective.units import members_of, to_flags
from geo_devolve.optimise.compiled.sums import sum_over
from geo_devolve.optimise.listed.how_many import estimate_listing
from geo_devolve.optimise.listed.listing import TooManyError, list_candidates


@pytest.mark.parametrize("rules", [False, True])
@pytest.mark.parametrize("seed", range(60))
def test_lists_what_trying_every_subset_finds(seed: int, rules: bool) -> None:
    units = random_units(seed, 4 + seed % 7, rules=rules)
    listed = as_members(list_candidates(units).masks)
    assert sorted(listed) == all_unions(units)
    assert [members[0] for members in listed] == sorted(members[0] for members in listed)


@pytest.mark.parametrize("seed", range(40))
def test_terms_are_those_of_the_definition(seed: int) -> None:
    units = random_units(seed, 10, bounds=(0.0, 3.0))
    candidates = list_candidates(units)
    members = members_of(candidates.masks, units.n)
    np.testing.assert_allclose(candidates.terms, union_terms(units, members), rtol=0, atol=1e-12)
    np.testing.assert_array_equal(candidates.population, members @ units.population)


def test_masks_of_several_words() -> None:
    units = random_units(5, 150, edges=0.12, areas=40, bounds=(0.6, 1.2))
    candidates = list_candidates(units)
    assert candidates.masks.shape[1] == 3
    assert len(candidates) > 1000
    assert len(np.unique(candidates.masks, axis=0)) == len(candidates)
    members = members_of(candidates.masks, units.n)
    np.testing.assert_allclose(candidates.terms, union_terms(units, members), rtol=0, atol=1e-12)
    assert (candidates.population >= units.lower).all()
    assert (candidates.population <= units.upper).all()


def test_the_same_twice() -> None:
    units = random_units(7, 40, edges=0.2, areas=8)
    one, two = list_candidates(units), list_candidates(units)
    assert one.masks.tobytes() == two.masks.tobytes()
    assert one.terms.tobytes() == two.terms.tobytes()


def test_nothing_to_list() -> None:
    units = random_units(3, 6, bounds=(5.0, 6.0))
    assert len(list_candidates(units)) == 0
    assert estimate_listing(units) == 0.0


def test_refuses_more_than_there_is_room_for() -> None:
    units = random_units(7, 40, edges=0.2, areas=8)
    with pytest.raises(TooManyError, match="more than 10 candidates"):
        list_candidates(units, limit=10)


def test_estimate_is_exact_where_few_and_near_where_many() -> None:
    units = random_units(7, 40, edges=0.2, areas=8)
    count = len(list_candidates(units))
    assert count > 500
    assert estimate_listing(units) == count
    sampled = estimate_listing(units, seed=1, exact=10)
    assert sampled == estimate_listing(units, seed=1, exact=10)
    assert 0.8 * count < sampled < 1.25 * count


def test_progress_ends_at_the_total() -> None:
    told: list[tuple[str, int, int | None]] = []
    units = random_units(7, 40, edges=0.2, areas=8)
    count = len(list_candidates(units, progress=lambda *step: told.append(step)))
    assert told[-1] == ("listing candidates", count, count)


def test_sums_over_members() -> None:
    units = random_units(5, 150, edges=0.12, areas=40, bounds=(0.6, 1.2))
    masks = list_candidates(units).masks
    values = np.random.default_rng(0).normal(size=units.n)
    np.testing.assert_allclose(sum_over(masks, values), to_flags(masks, units.n) @ values, atol=1e-12)
