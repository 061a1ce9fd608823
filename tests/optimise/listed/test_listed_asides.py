"""Listed candidates keep bounds of quantities, and their change, flows and spreads are the plain ones."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from random_units import all_unions, as_members, plain_asides, random_units, with_asides

from geo_devolve.objective.terms import union_terms
from geo_devolve.objective.units import members_of
from geo_devolve.optimise.asked.coarser import merge, spread
from geo_devolve.optimise.listed.listing import list_candidates


@given(seed=st.integers(0, 2**31), n=st.integers(2, 9), rules=st.booleans())
@settings(max_examples=60)
def test_lists_what_is_permitted_and_scores_it_plainly(seed: int, n: int, rules: bool) -> None:
    units = with_asides(random_units(seed, n, rules=rules), seed)
    listed = list_candidates(units)
    members = as_members(listed.masks)
    assert sorted(members) == all_unions(units)
    first = 1 + len(units.layers)
    for row, chosen in zip(listed.terms, members, strict=True):
        np.testing.assert_allclose(row[first:-2], plain_asides(units, list(chosen)), atol=1e-12)
    if len(members):
        plain = union_terms(units, members_of(listed.masks, n))
        np.testing.assert_allclose(listed.terms, plain, atol=1e-12)


@given(seed=st.integers(0, 2**31))
@settings(max_examples=30)
def test_merged_units_have_the_terms_and_bounds_of_their_parts(seed: int) -> None:
    units = with_asides(random_units(seed, 8, edges=0.6), seed)
    of = np.random.default_rng(seed).permutation(np.arange(8) % 4)
    merged = merge(units, of)
    masks = np.arange(1, 16, dtype=np.uint64)[:, None]
    fine = spread(of, masks, 4)
    np.testing.assert_allclose(
        union_terms(merged, members_of(masks, 4)), union_terms(units, members_of(fine, 8)), atol=1e-9
    )
    sums = members_of(masks, 4) @ merged.rules.forms.T
    assert np.array_equal(sums, members_of(fine, 8) @ units.rules.forms.T)
