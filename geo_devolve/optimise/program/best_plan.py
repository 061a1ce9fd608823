"""The best plan with a given number of areas: relaxation, window, integer program, proof.

Candidates whose reduced cost is at most δ are put to the solver. Its best plan is the best of all as soon as
it costs no more than the relaxation's bound + δ; until then δ grows. A plan that meets the bound is proven by
the prices; one that does not is proven by branching, and only where that takes too long by the solver's word.
"""

from dataclasses import dataclass, replace

import numpy as np

from geo_devolve.clock import Deadline
from geo_devolve.errors import SolverError
from geo_devolve.objective.units import Ints
from geo_devolve.optimise.certificate import CountResult, close, tolerance
from geo_devolve.optimise.evidence import Node
from geo_devolve.optimise.program.evidence import settled, shut
from geo_devolve.optimise.program.master import Choice, choose
from geo_devolve.optimise.program.proof import prove
from geo_devolve.optimise.program.relaxation import Program, Relaxed, relax, smallest

MOST_COLUMNS = 200_000
_WINDOW = 4


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of one number of areas.

    Attributes
    ----------
    result
        For the certificate.
    columns
        The plan's candidates; None if there is no plan.
    rests_on
        "prices" or "solver" (see `Certificate`).
    stopped
        "", "time limit" or "user".
    evidence
        What proves the bound; None where nothing does.
    """

    result: CountResult
    columns: Ints | None
    rests_on: str = "prices"
    stopped: str = ""
    evidence: Node | None = None


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
        nothing = CountResult(areas, None, np.inf, proven=True, status="infeasible")
        return Outcome(nothing, None, evidence=shut(program, areas, deadline))
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
        self.stopped = ""
        self.evidence: Node | None = settled(program, relaxed)

    @property
    def tolerance(self) -> float:
        return tolerance(self.cost) if np.isfinite(self.cost) else 0.0

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
                self.stopped = "user"
            elif not (choice.optimal or choice.infeasible):
                self.stopped = "time limit"
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
                self.stopped = "time limit"
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
            return self.outcome("optimal", bound, proven=True)
        if self.stopped == "user":
            return self.outcome("unknown" if self.columns is None else "feasible", bound, proven=False)
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
                nothing = CountResult(self.areas, None, np.inf, proven=True, status="infeasible")
                return Outcome(nothing, None, evidence=self.evidence)
            return self.outcome("optimal", bound, proven=True)
        if self.claimed and proof.columns is None:
            return self.outcome("optimal", self.cost, proven=True, rests_on="solver")
        if self.claimed_empty and proof.columns is None:
            result = CountResult(self.areas, None, np.inf, proven=True, status="infeasible")
            return Outcome(result, None, rests_on="solver")
        self.stopped = self.stopped or "time limit"
        return self.outcome("unknown" if self.columns is None else "feasible", bound, proven=False)

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

    def outcome(self, status: str, bound: float, *, proven: bool, rests_on: str = "prices") -> Outcome:
        cost = None if self.columns is None else self.cost
        result = CountResult(self.areas, cost, bound, proven, status)
        return Outcome(result, self.columns, rests_on, "" if proven else self.stopped, self.evidence)
