"""The best plan with a given number of areas: relaxation, window, integer program, proof.

Candidates whose reduced cost is at most δ are put to the solver. Its best plan is the best of all as soon as
it costs no more than the relaxation's bound + δ; until then δ grows. A plan that meets the bound is proven by
the prices; one that does not is proven by branching, and only where that takes too long by the solver's word.
"""

from dataclasses import replace

import numpy as np

from geo_devolve.clock import Deadline
from geo_devolve.errors import SolverError
from geo_devolve.objective.units import Ints, Masks
from geo_devolve.optimise.certificate import CountResult, RestsOn, Stopped, close, tolerance
from geo_devolve.optimise.evidence import Node
from geo_devolve.optimise.outcome import Outcome
from geo_devolve.optimise.program.evidence import settled, shut
from geo_devolve.optimise.program.master import Choice, choose
from geo_devolve.optimise.program.proof import prove
from geo_devolve.optimise.program.relaxation import Program, Relaxed, relax, smallest

MOST_COLUMNS = 200_000
_WINDOW = 4


def solve_count(
    program: Program, areas: int, *, solver: str, deadline: Deadline, most_columns: int = MOST_COLUMNS
) -> Outcome:
    """Find the best plan with a number of areas, and what is known of it.

    Parameters
    ----------
    program
        All candidates.
    areas
        The number of areas, k.
    solver
        Of the integer program.
    deadline
        When to stop.
    most_columns
        Most candidates to put to the solver.

    Raises
    ------
    SolverError
        The solver fails, or claims what is shown to be wrong.
    """
    relaxed = relax(program, areas, deadline)
    if relaxed.bound == np.inf:
        return Outcome(CountResult.none(areas), evidence=shut(program, areas, deadline))
    search = _Search(program, areas, solver, deadline, relaxed)
    search.most_columns = most_columns
    search.grow_window()
    return search.conclude()


class _Search:
    """The search for one number of areas."""

    def __init__(
        self, program: Program, areas: int, solver: str, deadline: Deadline, relaxed: Relaxed
    ) -> None:
        self.program, self.areas, self.solver, self.deadline = program, areas, solver, deadline
        self.relaxed = relaxed
        self.most_columns = MOST_COLUMNS
        self.columns: Ints | None = None
        self.cost = float("inf")
        self.claimed = False
        self.claimed_empty = False
        self.stopped = Stopped.NOT
        self.evidence: Node | None = settled(program, relaxed)

    @property
    def tolerance(self) -> float:
        return tolerance(self.cost) if np.isfinite(self.cost) else 0.0

    @property
    def plan(self) -> Masks | None:
        return None if self.columns is None else self.program.masks[self.columns]

    def grow_window(self) -> None:
        many = len(self.relaxed.reduced)
        size = min(many, max(_WINDOW * self.program.n, 200))
        while not self.stopped:
            order = smallest(self.relaxed.reduced, size + 1)
            choice = self.ask(order[:size])
            if choice.columns is not None:
                cost = float(self.program.costs[choice.columns].sum())
                if cost < self.cost:
                    self.columns, self.cost = choice.columns, cost
            if choice.stopped:
                self.stopped = Stopped.USER
            elif not (choice.optimal or choice.infeasible):
                self.stopped = Stopped.TIME
            reach = np.inf if size == many else self.relaxed.bound + float(self.relaxed.reduced[order[size]])
            self.claimed = choice.optimal and self.cost <= reach
            self.claimed_empty = choice.infeasible and size == many
            if self.stopped or self.claimed or self.claimed_empty:
                return
            if np.isfinite(self.cost):
                beyond = self.cost - self.relaxed.bound + self.tolerance
                wanted = int(np.count_nonzero(self.relaxed.reduced <= beyond))
            else:
                wanted = 4 * size
            if size >= self.most_columns or wanted <= size:
                return
            if self.deadline.over:
                self.stopped = Stopped.TIME
            size = min(wanted, many, self.most_columns)

    def ask(self, window: Ints) -> Choice:
        window = np.sort(window)
        return choose(
            self.program,
            window,
            self.relaxed.prices,
            self.areas,
            solver=self.solver,
            seconds=min(max(self.deadline.left, 1.0), 1e7),
        )

    def conclude(self) -> Outcome:
        bound = min(self.relaxed.bound, self.cost)
        if self.columns is not None and close(self.cost, self.relaxed.bound):
            return self.best(bound)
        if self.stopped == Stopped.USER:
            return self.open(bound)
        within = np.arange(len(self.relaxed.reduced))
        if self.columns is not None:
            beyond = self.cost - self.relaxed.bound + self.tolerance
            within = np.flatnonzero(self.relaxed.reduced <= beyond)
        proof = prove(self.program.take(within), self.areas, self.cost, self.deadline)
        if proof.columns is not None:
            better = within[proof.columns]
            if self.claimed or self.claimed_empty:
                self.refute(float(self.program.costs[better].sum()))
            self.columns, self.cost = better, float(self.program.costs[better].sum())
        bound = max(bound, min(proof.bound, self.cost))
        if proof.finished:
            self.go_on_with(proof.evidence)
            if self.columns is None:
                return Outcome(CountResult.none(self.areas), evidence=self.evidence)
            return self.best(bound)
        if self.claimed and proof.columns is None:
            return self.best(self.cost, RestsOn.SOLVER)
        if self.claimed_empty and proof.columns is None:
            return Outcome(CountResult.none(self.areas), rests_on=RestsOn.SOLVER)
        self.stopped = self.stopped or Stopped.TIME
        return self.open(bound)

    def go_on_with(self, branches: Node | None) -> None:
        """Let branches follow on the root's prices; where no plan is known they speak of all candidates."""
        root = settled(self.program, self.relaxed)
        if branches is None or not np.isfinite(self.cost):
            self.evidence = branches
        else:
            self.evidence = replace(root, then=branches)

    def refute(self, cost: float) -> None:
        claim = (
            "that there is no plan" if self.claimed_empty else f"that {self.cost:.9g} is the least objective"
        )
        raise SolverError(
            f"the solver {self.solver} claims {claim} for {self.areas} areas, "
            f"but there is a plan of {cost:.9g}; name another solver (HiGHS, CBC)"
        )

    def best(self, bound: float, rests_on: RestsOn = RestsOn.PRICES) -> Outcome:
        result = CountResult.best(self.areas, self.cost, bound)
        return Outcome(result, self.plan, rests_on, evidence=self.evidence, columns=self.columns)

    def open(self, bound: float) -> Outcome:
        result = CountResult.open(self.areas, None if self.columns is None else self.cost, bound)
        return Outcome(result, self.plan, stopped=self.stopped, evidence=self.evidence, columns=self.columns)
