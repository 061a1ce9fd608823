r"""The linear relaxation over all stored candidates, by column generation, and the bound its prices prove.

The program over candidates j (a union S_j of blocks with cost c_j):

    minimise  Σ_j c_j x_j
    cover_i:  Σ_{j: i in S_j} x_j = 1     for each block i     price π_i
    count:    Σ_j x_j = k                                      price μ
    cap_b:    Σ_{j: S_j touches b} x_j ≤ n_b  for each limit b price ν_b ≤ 0
    x_j in {0, 1}

HiGHS only ever sees a few thousand columns; all others are priced here. At *any* prices with ν ≤ 0 no plan
costs less than Σ π + k μ + Σ n_b ν_b plus the k least of the blocks' smallest reduced costs, each block's
taken over the candidates whose lowest-numbered block it is: the k areas of a plan all start at different
blocks. Where the number of areas is left open, μ is 0 and all negative ones of these are added.
"""

from collections.abc import Callable
from dataclasses import dataclass

import highspy
import numpy as np

from geo_devolve.clock import NEVER, Deadline
from geo_devolve.objective.units import Floats, Ints, Masks, mask_words
from geo_devolve.optimise.asked.rules import touches
from geo_devolve.optimise.compiled.sums import sum_over
from geo_devolve.optimise.program.columns import add_candidates, open_model
from geo_devolve.optimise.program.highs import solve
from geo_devolve.optimise.program.prices import Prices

_MAX_ROUNDS = 500
_MOST_SLACK = 1e9  # what slack costs at most: where costs are next to nothing, their scale has no end
_LEAST_S = 1.0


@dataclass(frozen=True, eq=False)
class Program:
    """The set partitioning program over stored candidates.

    Attributes
    ----------
    n
        Number of blocks.
    masks
        The blocks of each candidate (candidates × words).
    costs
        Of each candidate: its terms times the weights.
    cap_units, cap_limit
        Limits of areas in a body (`units.Rules`).
    first
        Lowest-numbered block of each candidate.
    """

    n: int
    masks: Masks
    costs: Floats
    cap_units: Masks
    cap_limit: Ints
    first: Ints

    @classmethod
    def of(
        cls,
        n: int,
        masks: Masks,
        costs: Floats,
        cap_units: Masks | None = None,
        cap_limit: Ints | None = None,
    ) -> "Program":
        """Make a program of candidates and their costs."""
        none = np.zeros((0, mask_words(n)), dtype=np.uint64)
        return cls(
            n=n,
            masks=masks,
            costs=costs,
            cap_units=none if cap_units is None else cap_units,
            cap_limit=np.zeros(0, dtype=np.int64) if cap_limit is None else cap_limit,
            first=_lowest(masks),
        )

    def take(self, columns: Ints) -> "Program":
        """Return the program over some of the candidates only."""
        return Program(
            self.n,
            self.masks[columns],
            self.costs[columns],
            self.cap_units,
            self.cap_limit,
            self.first[columns],
        )


@dataclass(frozen=True, eq=False)
class Relaxed:
    """What the relaxation came to.

    Attributes
    ----------
    bound
        No plan with k areas costs less; infinite if there is none.
    prices
        That prove it.
    reduced
        Reduced cost of every candidate at these prices.
    x
        Value of every candidate that is not 0, by its number.
    finished
        Whether the bound is the relaxation's optimum; otherwise the time limit came first.
    """

    bound: float
    prices: Prices
    reduced: Floats
    x: dict[int, float]
    finished: bool


def reduced_costs(program: Program, prices: Prices, costs: Floats | None = None) -> Floats:
    """Return each candidate's cost less the prices of the rows it is in."""
    reduced = (program.costs if costs is None else costs) - sum_over(program.masks, prices.units)
    reduced -= prices.count
    for cap in np.flatnonzero(prices.caps):
        reduced -= prices.caps[cap] * touches(program.masks, program.cap_units[cap])
    return reduced


def bound_at(program: Program, prices: Prices, reduced: Floats, areas: int | None) -> float:
    """Return what no plan with this many areas can cost less than, at any prices (see above).

    Parameters
    ----------
    program
        The candidates.
    prices
        Any; those of caps must not be above 0.
    reduced
        Reduced costs of *all* candidates at these prices.
    areas
        The number of areas, k; None for any.

    Returns
    -------
    float
        Infinite where fewer than k blocks start a candidate.
    """
    best = np.full(program.n, np.inf)
    np.minimum.at(best, program.first, reduced)
    base = prices.units.sum() + float(prices.caps @ program.cap_limit)
    if areas is None:
        return float(base + np.minimum(best, 0.0).sum())
    least = np.sort(best)[:areas]
    base += areas * prices.count
    return float(base + least.sum()) if len(least) == areas else float("inf")


def relax(
    program: Program,
    areas: int | None,
    deadline: Deadline = NEVER,
    progress: Callable[[int], None] = lambda _: None,
    cutoff: float = np.inf,
) -> Relaxed:
    """Solve the linear relaxation for a number of areas.

    Parameters
    ----------
    program
        The candidates.
    areas
        The number of areas, k; None leaves it open.
    deadline
        When to stop; the bound then is what the prices prove so far.
    progress
        Told the number of rounds of pricing.
    cutoff
        A bound above this is good enough.

    Returns
    -------
    Relaxed
        With a bound that holds even if it is not finished.
    """
    if len(program.costs) == 0:
        prices = Prices(np.zeros(program.n), 0.0, np.zeros(len(program.cap_limit)))
        return Relaxed(np.inf, prices, np.zeros(0), {}, finished=True)
    return _Generation(program, areas, deadline, progress, cutoff).run()


class _Generation:
    """One run of column generation, costs scaled so that tolerances are far below what matters."""

    def __init__(
        self,
        program: Program,
        areas: int | None,
        deadline: Deadline,
        progress: Callable[[int], None],
        cutoff: float,
    ) -> None:
        self.program, self.areas = program, areas
        self.deadline, self.progress, self.cutoff = deadline, progress, cutoff
        self.costs = program.costs
        size = np.abs(program.costs).mean()
        self.scale = 1e3 / size if size > 0 else 1.0
        self.caps = len(program.cap_limit)
        self.rows = program.n + 1 + self.caps
        self.columns: list[int] = []
        self.held = np.zeros(len(program.costs), dtype=bool)

    def run(self) -> Relaxed:
        self.open(penalty=max(1.0, 2.0 * np.abs(self.program.costs).max() * self.scale))
        self.add(self.first_columns())
        relaxed = self.generate()
        if relaxed.finished and relaxed.bound <= self.cutoff and self.slack_used() > 1e-9:
            relaxed = self.without_slack(relaxed)
        return relaxed

    def open(self, penalty: float) -> None:
        """Start the model with its rows, and slack in each so that it always has a solution."""
        program, infinite = self.program, highspy.kHighsInf
        self.model = open_model()
        for row in range(self.rows):
            lower = upper = 1.0
            if row == program.n:
                lower, upper = (self.areas or 0, infinite if self.areas is None else self.areas)
            elif row > program.n:
                lower, upper = -infinite, float(program.cap_limit[row - program.n - 1])
            self.model.addRow(lower, upper, 0, [], [])
        self.slacks = 0
        for row in range(self.rows):
            for sign in (1.0, -1.0) if row <= program.n else (-1.0,):
                self.model.addCol(penalty, 0.0, infinite, 1, [row], [sign])
                self.slacks += 1

    def first_columns(self) -> Ints:
        """Return the cheapest candidates for their size, to start with prices that mean something."""
        program = self.program
        size = np.bitwise_count(program.masks).sum(axis=1)
        return smallest(program.costs / size, 20 * program.n)

    def add(self, chosen: Ints) -> None:
        program = self.program
        chosen = np.asarray(chosen, dtype=np.int64)
        chosen = chosen[~self.held[chosen]]
        if len(chosen) == 0:
            return
        self.held[chosen] = True
        costs = self.costs[chosen] * self.scale
        add_candidates(self.model, program.masks[chosen], costs, program.n, program.cap_units)
        self.columns += chosen.tolist()

    def generate(self) -> Relaxed:
        """Add columns of negative reduced cost until there are none; keep the best bound on the way."""
        best: Relaxed | None = None
        for done in range(_MAX_ROUNDS):
            prices = self.solve()
            if prices is None:
                break
            reduced = reduced_costs(self.program, prices, self.costs)
            bound = bound_at(self.program, prices, reduced, self.areas)
            missing = self.missing(reduced)
            finished = bound > self.cutoff or len(missing) == 0
            if best is None or bound > best.bound or finished:
                best = Relaxed(bound, prices, reduced, {}, finished)
            self.progress(done + 1)
            if finished or self.deadline.over:
                break
            self.add(missing)
        if best is None:  # out of time in the first program: at prices of nothing, areas cost what they cost
            program = self.program
            prices = Prices(np.zeros(program.n), 0.0, np.zeros(self.caps))
            reduced = reduced_costs(program, prices, self.costs)
            return Relaxed(
                bound_at(program, prices, reduced, self.areas), prices, reduced, {}, finished=False
            )
        values = self.values() if best.finished else {}
        return Relaxed(best.bound, best.prices, best.reduced, values, best.finished)

    def missing(self, reduced: Floats) -> Ints:
        """Choose what to add: the most negative of each starting block, then the most negative of all."""
        negative = np.flatnonzero((reduced < -1e-9 / self.scale) & ~self.held)
        if len(negative) == 0:
            return negative
        order = negative[np.argsort(reduced[negative], kind="stable")]
        _, leaders = np.unique(self.program.first[order], return_index=True)
        return np.unique(np.concatenate([order[leaders], order[: 5 * self.program.n]]))

    def solve(self) -> Prices | None:
        """Solve the program over the columns held; None if the time is up."""
        if not self.deadline.endless:
            seconds = self.deadline.left + _LEAST_S
            self.model.setOptionValue("time_limit", self.model.getRunTime() + seconds)
        if not solve(self.model):
            return None
        duals = np.array(self.model.getSolution().row_dual) / self.scale
        n = self.program.n
        count = 0.0 if self.areas is None else float(duals[n])
        return Prices(duals[:n], count, np.minimum(duals[n + 1 :], 0.0))

    def values(self) -> dict[int, float]:
        x = np.array(self.model.getSolution().col_value)[self.slacks :]
        return {self.columns[at]: float(x[at]) for at in np.flatnonzero(x > 1e-9)}

    def slack_used(self) -> float:
        return float(np.array(self.model.getSolution().col_value)[: self.slacks].sum())

    def without_slack(self, relaxed: Relaxed) -> Relaxed:
        """Ask whether there is any solution at all; if so, go on with the slack shut."""
        cutoff, self.cutoff = self.cutoff, 1e-9
        self.costs = np.zeros(len(self.program.costs))
        scale, self.scale = self.scale, min(self.scale, _MOST_SLACK)
        self.charge(slack=self.scale)
        feasible = self.generate()
        self.scale = scale
        if feasible.bound > self.cutoff:
            return Relaxed(np.inf, feasible.prices, feasible.reduced, {}, finished=True)
        if not feasible.finished:
            return Relaxed(relaxed.bound, relaxed.prices, relaxed.reduced, {}, finished=False)
        self.cutoff, self.costs = cutoff, self.program.costs
        self.charge(slack=0.0)
        slack = np.arange(self.slacks, dtype=np.int32)
        self.model.changeColsBounds(self.slacks, slack, np.zeros(self.slacks), np.zeros(self.slacks))
        return self.generate()

    def charge(self, slack: float) -> None:
        """Change the model's costs to those of the phase."""
        everything = np.arange(self.slacks + len(self.columns), dtype=np.int32)
        costs = np.concatenate([np.full(self.slacks, slack), self.costs[self.columns] * self.scale])
        self.model.changeColsCost(len(everything), everything, costs)


def _lowest(masks: Masks) -> Ints:
    """Return the number of the lowest bit of each mask."""
    first = np.full(len(masks), -1, dtype=np.int64)
    left = np.arange(len(masks))
    for word in range(masks.shape[1]):
        bits = masks[left, word]
        here = bits != 0
        bits = bits[here]
        first[left[here]] = np.bitwise_count((bits & (~bits + np.uint64(1))) - np.uint64(1)) + np.int64(
            64 * word
        )
        left = left[~here]
    return first


def smallest(values: Floats, count: int) -> Ints:
    """Return the places of the smallest values, rising; of equal values the first ones."""
    if count < len(values):
        most = np.partition(values, count - 1)[count - 1]
        below, level = np.flatnonzero(values < most), np.flatnonzero(values == most)
        chosen = np.concatenate([below, level[: count - len(below)]])
    else:
        chosen = np.arange(len(values))
    return chosen[np.argsort(values[chosen], kind="stable")]
