"""Chains of annealing: where each begins, how it is scheduled, and what it came to.

Where bounds are wide a unit more or less breaks nothing, and the objective leads from the first step. Where
they are narrower than a unit, most partitions near a good one break them, and a chain that is led by the
objective may never meet one that does not. So some chains know no objective at all and look for any plan,
and the others keep the price of a breach high against the temperature from beginning to end.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from geo_devolve.clock import Deadline, TimeUpError
from geo_devolve.cores import done_soon
from geo_devolve.objective.terms import union_costs
from geo_devolve.objective.units import Floats, Ints, Masks, Units, to_flags, to_masks
from geo_devolve.optimise.annealing.anneal import Schedule, anneal
from geo_devolve.optimise.annealing.partition import grow
from geo_devolve.optimise.program.prices import Prices
from geo_devolve.optimise.walk.search import Search
from geo_devolve.optimise.walk.state import Charges

_STEPS_PER_UNIT = 12_000
_LEAST_STEPS = 200_000
_MOST_STEPS = 6_000_000
_POOL = 1 << 15
_GROWN = 3.0  # grown areas cost about so many times as much as good ones
_ANY_PLAN = Schedule(steps=0, hot=0.3, cold=0.002, lax=1.0, strict=1.0, recombine=0.1, seed=0)
_WIDE = ((0.3, 0.004, 3.0, 300.0, 0.03),)
_NARROW = (  # hot, cold, lax, strict (of what an area costs) and recombine, found by trial
    (0.3, 0.1, 5.0, 200.0, 0.1),
    (0.3, 0.2, 10.0, 100.0, 0.1),
    (0.2, 0.05, 10.0, 50.0, 0.1),
)


@dataclass(frozen=True, eq=False)
class Chain:
    """What one annealing came to.

    Attributes
    ----------
    masks
        Permitted areas that it met.
    area_of
        The area of each unit in the best partition that it met.
    objective
        That partition's, by the running sums of the annealing; of no meaning where it looked for any plan.
    broken
        How far that partition breaks bounds and rules; 0 if it is a plan.
    """

    masks: Masks
    area_of: Ints
    objective: float
    broken: float


class Chains:
    """Annealing on one problem.

    Parameters
    ----------
    units
        The units; every partition covers all of them.
    weights
        Of the terms.
    search
        Whose arrays the annealing reads.
    seed
        The same seed gives the same chains, time allowing.
    workers
        How many run at once.
    """

    def __init__(self, units: Units, weights: Floats, search: Search, *, seed: int, workers: int) -> None:
        self.units, self.weights, self.seed, self.workers = units, weights, seed, workers
        self.flat = search.flat
        none = Prices(np.zeros(units.n), 0.0, np.zeros(len(units.rules.cap_limit)))
        self.charges = search.charges(none)
        self.free = _without_objective(self.charges)
        self.narrow = is_narrow(units)

    def warm_up(self) -> None:
        """Compile the annealing, or load its machine code, so that it takes none of a time limit."""
        if self.units.n:
            nowhere, stop = np.zeros(self.units.n, dtype=np.int64), np.zeros(1, dtype=np.int64)
            self._one(1, nowhere, self.free, _ANY_PLAN._replace(steps=1), stop)

    def run(
        self, areas: int, turn: int, plan: Masks | None, known: Floats, deadline: Deadline
    ) -> Iterator[Chain]:
        """Anneal from grown partitions, and gently from the best plan; stop when the time is up.

        Parameters
        ----------
        areas
            The number of areas, k.
        turn
            How often it was run before; later turns take longer.
        plan
            The best plan so far, if there is one.
        known
            Costs of areas met before.
        deadline
            When to stop.
        """
        stop = np.zeros(1, dtype=np.int64)
        chains = 2 if turn else 4  # whatever the number of workers: the plan shall not depend on it
        jobs: list[Future[Chain]] = []
        with ThreadPoolExecutor(self.workers) as pool:
            try:
                for chain in range(chains):
                    rng = np.random.default_rng([self.seed, areas, turn, chain])
                    gently = plan is not None and chain % 2 == 1
                    area_of = (
                        np.argmax(to_flags(plan, self.units.n), axis=0).astype(np.int64)
                        if gently and plan is not None
                        else grow(self.units, areas, rng, deadline)
                    )
                    if area_of is None:
                        return
                    seed = int(rng.integers(2**31))
                    any_plan = plan is None and chain == turn % 2 and (self.narrow or turn > 0)
                    typical = self._typical(area_of, areas, known)
                    kind = (turn + chain) % (len(_NARROW) if self.narrow else len(_WIDE))
                    schedule = self._schedule(
                        turn, kind, typical, gently=gently, any_plan=any_plan, seed=seed
                    )
                    charges = self.free if any_plan else self.charges
                    jobs.append(pool.submit(self._one, areas, area_of, charges, schedule, stop))
            except TimeUpError:
                stop[0] = 1  # those that have begun tell what they came to
            except BaseException:
                stop[0] = 1
                raise
            try:
                for job in jobs:
                    while not done_soon(job):
                        stop[0] = stop[0] or int(deadline.over)
                    yield job.result()
            finally:
                stop[0] = 1

    def _one(self, areas: int, area_of: Ints, charges: Charges, plan: Schedule, stop: Ints) -> Chain:
        pool = np.zeros((_POOL, self.flat.words), dtype=np.uint64)
        keys = np.zeros(4 * _POOL, dtype=np.uint64)
        best = area_of.copy()
        limit = self.units.rules.cap_limit
        pooled, objective, broken = anneal(
            self.flat, charges, limit, area_of, areas, plan, pool, keys, best, stop
        )
        return Chain(pool[:pooled].copy(), best, float(objective), float(broken))

    def _schedule(
        self, turn: int, kind: int, typical: float, *, gently: bool, any_plan: bool, seed: int
    ) -> Schedule:
        # a first plan soon, then a better one
        longer = 0.5 + 0.5 * turn if turn or self.narrow else 0.1
        steps = int(np.clip(_STEPS_PER_UNIT * self.units.n, _LEAST_STEPS, _MOST_STEPS) * longer)
        if any_plan:
            return _ANY_PLAN._replace(steps=2 * steps, seed=seed, until_permitted=True)
        hot, cold, lax, strict, recombine = (_NARROW if self.narrow else _WIDE)[kind]
        if gently:
            hot, lax = (cold, strict) if self.narrow else (0.1 * hot, lax)
        return Schedule(
            steps=steps,
            hot=hot * typical,
            cold=cold * typical,
            lax=lax * typical,
            strict=strict * typical,
            recombine=recombine,
            seed=seed,
        )

    def _typical(self, area_of: Ints, areas: int, known: Floats) -> float:
        """Return about what an area costs in a good plan."""
        if len(known) > 10 * areas:
            return max(float(np.quantile(known, 0.5)), 1e-12)
        masks = as_masks(area_of, areas)
        cost = float(union_costs(self.units, self.weights, masks).sum())
        return max(cost / areas / _GROWN, 1e-12)


def is_narrow(units: Units) -> bool:
    """Tell whether bounds are narrower than a unit: one unit more or less breaks them.

    Parameters
    ----------
    units
        The units.
    """
    return bool(units.n > 0 and units.upper - units.lower < units.population.mean())


def as_masks(area_of: Ints, areas: int) -> Masks:
    """Return a partition's areas as masks over its units.

    Parameters
    ----------
    area_of
        The area of each unit, from 0.
    areas
        How many areas.
    """
    return to_masks(area_of[None, :] == np.arange(areas)[:, None])


def _without_objective(charges: Charges) -> Charges:
    return charges._replace(
        theme=np.zeros_like(charges.theme),
        body=np.zeros_like(charges.body),
        border=0.0,
        balance=0.0,
        change=0.0,
        spread=np.zeros_like(charges.spread),
    )
