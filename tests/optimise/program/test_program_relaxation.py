"""Bounds that hold at any prices, and the proof by branching, on random partitioning problems."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_devolve.clock import NEVER, Deadline
from geo_devolve.objective.units import to_masks
from geo_devolve.optimise.program.best_plan import solve_count
from geo_devolve.optimise.program.prices import Prices
from geo_devolve.optimise.program.proof import prove
from geo_devolve.optimise.program.relaxation import Program, bound_at, reduced_costs, relax, smallest
from geo_devolve.optimise.reasons.possible import counts_in_reach, nearest_counts, possible_counts


def random_program(seed: int, n: int = 7, many: int = 40, caps: int = 1) -> Program:
    random = np.random.default_rng(seed)
    flags = np.unique(random.random((many, n)) < 0.35, axis=0)
    flags = flags[flags.any(axis=1)]
    units = to_masks(random.random((caps, n)) < 0.4)
    limits = random.integers(1, 3, size=caps)
    return Program.of(n, to_masks(flags), random.random(len(flags)), units, limits)


def every_plan(program: Program) -> dict[int, list[float]]:
    """Objectives of all plans, by number of areas, by trying every choice of candidates."""
    whole = (1 << program.n) - 1
    masks = [int(mask[0]) for mask in program.masks]
    caps = [
        (int(units[0]), int(limit)) for units, limit in zip(program.cap_units, program.cap_limit, strict=True)
    ]
    found: dict[int, list[float]] = {}

    def extend(covered: int, chosen: list[int]) -> None:
        if covered == whole:
            if all(sum(bool(masks[j] & units) for j in chosen) <= limit for units, limit in caps):
                found.setdefault(len(chosen), []).append(sum(program.costs[j] for j in chosen))
            return
        first = ~covered & (covered + 1)
        for j, mask in enumerate(masks):
            if mask & first and not mask & covered:
                extend(covered | mask, [*chosen, j])

    extend(0, [])
    return found


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_the_bound_holds_at_any_prices(seed: int, price_seed: int) -> None:
    program, random = random_program(seed), np.random.default_rng(price_seed)
    size = 10.0 ** random.integers(-3, 3)
    prices = Prices(random.normal(size=program.n) * size, random.normal() * size, -random.random(1) * size)
    reduced = reduced_costs(program, prices)
    plans = every_plan(program)
    for areas in range(1, program.n + 1):
        bound = bound_at(program, prices, reduced, areas)
        assert all(cost >= bound - 1e-9 * (1 + size) for cost in plans.get(areas, []))
    open_prices = Prices(prices.units, 0.0, prices.caps)
    bound = bound_at(program, open_prices, reduced_costs(program, open_prices), None)
    assert all(cost >= bound - 1e-9 * (1 + size) for costs in plans.values() for cost in costs)


@settings(max_examples=60)
@given(st.integers(0, 10_000))
def test_optimum_bound_and_infeasibility_agree_with_every_plan(seed: int) -> None:
    program = random_program(seed)
    plans = every_plan(program)
    for areas in range(1, program.n + 1):
        outcome = solve_count(program, areas, solver="HiGHS", deadline=NEVER)
        proof = prove(program, areas, np.inf)
        assert outcome.result.proven
        assert proof.finished
        if areas not in plans:
            assert outcome.result.status == "infeasible"
            assert proof.columns is None
            continue
        best = min(plans[areas])
        assert outcome.result.objective == pytest.approx(best, abs=1e-9)
        assert outcome.result.bound == pytest.approx(best, abs=1e-9)
        assert proof.columns is not None
        assert program.costs[proof.columns].sum() == pytest.approx(best, abs=1e-9)
        assert relax(program, areas).bound <= best + 1e-9


@pytest.mark.parametrize("seed", range(30))
def test_the_possible_numbers_of_areas_are_found(seed: int) -> None:
    program = random_program(seed, many=25)
    plans = every_plan(program)
    found = possible_counts(program)
    assert found == ((min(plans), max(plans)) if plans else None)
    assert set(plans) <= set(counts_in_reach(program))
    if plans:
        assert nearest_counts(program, range(1)) == [min(plans)]
        assert nearest_counts(program, range(99, 100)) == [max(plans)]


def test_a_fractional_relaxation_is_closed_by_branching() -> None:
    # three pairs of three blocks: half of each is the relaxation's answer, no two of them fit
    pairs = [[int(at in pair) for at in range(4)] for pair in combinations(range(3), 2)]
    alone = [[0, 0, 0, 1], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [1, 1, 1, 0]]
    flags = np.array([*pairs, *alone], dtype=bool)
    costs = np.array([1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 9.0])
    program = Program.of(4, to_masks(flags), costs)
    assert relax(program, 3).bound == pytest.approx(2.0)
    outcome = solve_count(program, 3, solver="HiGHS", deadline=NEVER)
    assert outcome.result.objective == pytest.approx(2.0)
    assert outcome.result.proven
    assert outcome.rests_on == "prices"


def test_out_of_time_the_bound_still_holds() -> None:
    program = random_program(5, n=9, many=120, caps=0)
    plans = every_plan(program)
    for areas, costs in plans.items():
        relaxed = relax(program, areas, deadline=Deadline(0.0))
        assert relaxed.bound <= min(costs) + 1e-9
        proof = prove(program, areas, np.inf, deadline=Deadline(0.0))
        assert not proof.finished
        assert proof.bound <= min(costs)


def test_no_candidate_at_all_is_no_plan() -> None:
    program = Program.of(2, np.zeros((0, 1), dtype=np.uint64), np.zeros(0))
    assert relax(program, 1).bound == np.inf
    assert solve_count(program, 1, solver="HiGHS", deadline=NEVER).result.status == "infeasible"


def test_costs_of_any_size_do_not_matter() -> None:
    program = random_program(11, caps=0)
    areas = min(every_plan(program))
    one = solve_count(program, areas, solver="HiGHS", deadline=NEVER)
    for size in (1e-9, 1e9):
        scaled = Program.of(program.n, program.masks, program.costs * size)
        other = solve_count(scaled, areas, solver="HiGHS", deadline=NEVER)
        assert one.columns is not None
        assert other.columns is not None
        assert other.columns.tolist() == one.columns.tolist()


def test_the_smallest_are_chosen_in_order_and_the_first_of_equals() -> None:
    values = np.array([3.0, 1.0, 2.0, 1.0, 1.0, 5.0])
    assert smallest(values, 2).tolist() == [1, 3]
    assert smallest(values, 4).tolist() == [1, 3, 4, 2]
    assert smallest(values, 99).tolist() == [1, 3, 4, 2, 0, 5]
