"""The linear program over all candidates, solved by passes of the pruned search.

Each pass prices candidates without holding them: those of negative reduced cost go into a program of few
candidates, whose next prices the next pass takes. Its bound holds at any prices. When a pass finds nothing
and no price is held by its box, the program over *all* candidates is solved.

Few trees of the search take most of the work, while candidates worth having hide in any. So quick passes walk
a little of every tree until they find nothing more, and whole passes come only then.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from geo_devolve.clock import NEVER, Deadline
from geo_devolve.objective.columns import BALANCE, COMPACTNESS, LAYERS, NEED
from geo_devolve.objective.terms import union_costs
from geo_devolve.objective.units import Floats, Ints, Masks, Units
from geo_devolve.optimise.certificate import close
from geo_devolve.optimise.evidence import Priced
from geo_devolve.optimise.program.boxed import BoxedProgram
from geo_devolve.optimise.program.evidence import settle
from geo_devolve.optimise.program.prices import Prices
from geo_devolve.optimise.program.step import Step
from geo_devolve.optimise.walk.estimate import estimate_walk
from geo_devolve.optimise.walk.search import Pass, Search
from geo_devolve.progress import Progress, silent

STAGE = "proving"
_MOST_KEPT = 20_000
_MOST_PASSES = 500
_QUICK = 1_000
_SHARE_OF_QUICK = 0.4  # of the time: what quick passes leave out spoils their bounds
_SHARE_TO_EXPECT = 0.1  # of the time left
_TOLERANCE = 1e-11
_MORE = 1.2


@dataclass(frozen=True, eq=False)
class Start:
    """What is known before the first pass.

    Attributes
    ----------
    prices
        To begin with.
    masks
        Candidates worth having, those of the plan among them.
    plan
        Rows of `masks` that make a plan; None if none is known.
    near
        Whether the prices are a coarser problem's, and so near the ones sought.
    """

    prices: Prices
    masks: Masks
    plan: Ints | None
    near: bool


def ceiling(units: Units, weights: Floats, areas: int) -> float:
    """Return what no plan of these units can cost more than."""
    themes = len(units.theme_total)
    varied = units.theme_total > 0
    most = weights[NEED] * (units.theme_squared[:, varied].sum(axis=0) / units.theme_total[varied]).sum()
    most = most / themes if themes else 0.0
    for layer, weight in zip(units.all_layers, weights[LAYERS], strict=False):
        most += weight * layer.people.sum() / layer.total if layer.total > 0 else 0.0
    first = 1 + len(units.all_layers)
    if units.reference is not None:
        most += weights[first - 1] * units.population.sum() / units.total_population
    if units.trips is not None:
        cut = units.trips.outline.sum() / (2.0 * units.trips.total) if units.trips.total > 0 else 0.0
        most, first = most + weights[first] * cut, first + 1
    for spread, weight in zip(units.spreads, weights[first:], strict=False):
        if spread.total > 0:  # convex: areas spread no more than their units
            squares = np.divide(
                spread.excess**2, spread.weight, out=np.zeros(units.n), where=spread.weight > 0
            )
            most += weight * squares.sum() / spread.total
    if units.total_border_m > 0:
        most += weights[COMPACTNESS] * units.outline_m.sum() / (2.0 * units.total_border_m)
    if units.total_population > 0:
        away = units.population.sum() + areas * units.balance_target
        most += weights[BALANCE] * away / (2.0 * units.total_population)
    return float(most)


class Passes:
    """The linear program over all candidates, for one number of areas.

    Parameters
    ----------
    search
        Walks the candidates, and knows the units and the weights of their terms.
    areas
        The number of areas, k.
    start
        Prices, candidates and perhaps a plan to begin with.
    cost
        Of a plan known by other means; infinite if there is none.

    Attributes
    ----------
    bound
        What no plan costs less than, as far as is known.
    prices
        At which the bound holds, once the program over all candidates is solved; till then those most
        promising.
    finished
        Whether it is solved.
    step
        The steps that the objective goes in.
    made
        How many passes were made.
    beyond
        Whether the prices are such as only a problem without a plan has.
    evidence
        The prices that prove most by themselves, lowered until no reduced cost is negative; once finished,
        those of `prices`.
    """

    def __init__(self, search: Search, areas: int, start: Start, *, cost: float = np.inf) -> None:
        units, weights = search.units, search.weights  # those that weigh nothing cost nothing
        self.search, self.units, self.weights, self.areas = search, units, weights, areas
        self.prices = start.prices
        size = float(np.abs(start.prices.units).mean())
        self.width = (0.03 if start.near else 1.0) * max(size, 1e-6)
        self.ceiling = ceiling(units, weights, areas)
        penalty = 2.0 * self.ceiling + 1.0
        scale = 1.0 / max(size, 1e-9)
        self.program = BoxedProgram(units.n, areas, units.rules, scale, penalty, units.population)
        self.bound = -np.inf
        self.cost = cost
        if start.plan is not None:
            self.cost = min(cost, float(union_costs(units, weights, start.masks[start.plan]).sum()))
        self.step = Step.of(units, weights)
        self.finished = self.beyond = False
        self.evidence: Priced | None = None
        self.made = 0
        self.add(start.masks)

    def add(self, masks: Masks) -> int:
        """Keep candidates; returns how many were new."""
        return self.program.add(masks, union_costs(self.units, self.weights, masks)) if len(masks) else 0

    def run(self, deadline: Deadline = NEVER, *, whole: bool = True, progress: Progress = silent) -> None:
        """Make passes until none finds a candidate that is missing, or the bound reaches a plan's cost.

        Parameters
        ----------
        deadline
            When to stop.
        whole
            Whether to go on with whole passes when quick ones find no more.
        progress
            Told the passes done, and the nodes walked in each.
        """
        caps = self.units.rules.cap_limit
        prices, value, slack = self.prices, np.inf, np.inf  # the first pass is at the prices to start from
        best, quick, again = -np.inf, True, False
        told = progress
        half = deadline.share(_SHARE_OF_QUICK)
        for turn in range(_MOST_PASSES):
            if turn and not again:
                self.program.box(self.prices, self.width)
                prices, value, slack = self.program.solve()
            again = False
            within = self.search.run(
                prices,
                _TOLERANCE,
                most=_MOST_KEPT,
                deadline=deadline,
                most_each=_QUICK if quick else np.inf,
                progress=progress if quick else told,
            )
            added = self.add(within.masks)
            self.made = turn + 1
            progress(STAGE, self.made, None)
            bound = within.bound(prices, self.areas, caps)
            self.bound = max(self.bound, bound)
            quick = quick and not within.finished
            worth = within.guess(prices, self.areas, caps) if quick else bound
            better = worth > best
            if better or not quick:  # a guess that did not hold must not stand in the way of others
                best, self.prices = worth, prices
            evidence = self.prove(prices, within)
            sure = worth if quick else evidence.least(self.areas, caps)
            reached = np.isfinite(self.cost) and close(self.cost, self.step.up(sure))
            settled = slack < 1e-9 and value - worth <= 1e-10 * max(1.0, abs(value))
            self.beyond = sure > self.ceiling + 1e-6 * max(1.0, self.ceiling)
            if deadline.over:
                return
            if quick and whole and half.over:
                prices, value, slack, settled = self.prices, np.inf, np.inf, True
            if reached or settled or self.beyond:
                if not quick:
                    if settled:  # then what is chosen is chosen by these prices and what they prove
                        self.bound, self.prices, self.finished = bound, prices, True
                        self.evidence = evidence
                    return
                if not whole:
                    return
                quick, again = False, True
                expected = estimate_walk(self.search, prices, deadline=deadline.share(_SHARE_TO_EXPECT))
                told = progress if expected is None else partial(_told, progress, expected.nodes)
                continue
            quick = True
            if added == 0 and slack >= 1e-9:
                self.prices = prices
                self.width *= 4.0
                self.program.straighten()
                if not better:  # only M holds the prices back
                    self.program.punish(10.0)
            elif slack >= 1e-9:
                self.width *= 1.5 if better else 0.5

    def prove(self, prices: Prices, within: Pass) -> Priced:
        """Return what a pass's prices prove by themselves, and keep it where it is most."""
        lowest = float(within.floor.min(initial=0.0))
        node = settle(prices, lowest, float(self.program.costs.max(initial=0.0)))
        most, caps = self.evidence, self.units.rules.cap_limit
        if most is None or node.least(self.areas, caps) > most.least(self.areas, caps):
            self.evidence = node
        return node


def _told(progress: Progress, expected: float, stage: str, done: int, total: int | None = None) -> None:
    """Tell how far a whole pass is, of as much as was estimated; when that was too little, of some more."""
    progress(stage, done, total or int(max(expected, _MORE * done)))
