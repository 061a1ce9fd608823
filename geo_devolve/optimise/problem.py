"""One geography's problem: prepared and listed once, solved for any scenario."""

import time
from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np

from geo_devolve.errors import InfeasibleError, NoPlanInTimeError, SolverError, raise_all
from geo_devolve.geography.model import Geography
from geo_devolve.optimise.certificate import Certificate, CountResult, relative_gap, summarise
from geo_devolve.optimise.conflict import explain_conflict
from geo_devolve.optimise.costs import assignment_terms
from geo_devolve.optimise.feasibility import check_arithmetic, count_faults
from geo_devolve.optimise.integer import Outcome, solve_count
from geo_devolve.optimise.listing import TooManyError
from geo_devolve.optimise.possible import possible_counts
from geo_devolve.optimise.prepare import Prepared, prepare
from geo_devolve.optimise.relaxation import Program
from geo_devolve.optimise.solvers import check_solver
from geo_devolve.optimise.store import Listed, Store
from geo_devolve.optimise.units import to_flags
from geo_devolve.progress import Progress, silent
from geo_devolve.scenario import Scenario

STAGE = "solving"
_MOST_TO_EXPLAIN = 1_000_000
_SECONDS_TO_EXPLAIN = 15.0


@dataclass(frozen=True)
class Solution:
    """A plan in codes, and what is known of it.

    Attributes
    ----------
    groups
        Codes of the councils of each area.
    certificate
        Objective, bound and scope.
    notes
        What a reader should be told.
    """

    groups: tuple[tuple[Hashable, ...], ...]
    certificate: Certificate
    notes: tuple[str, ...]


class Problem:
    """A geography and a scenario, prepared once; other scenarios re-use what was listed.

    Parameters
    ----------
    geography
        The study area.
    scenario
        What is asked for.
    progress
        Told the stages of work.

    Raises
    ------
    ScenarioError
        The scenario speaks of what is not there.
    InfeasibleError
        Arithmetic rules every plan out.
    """

    def __init__(self, geography: Geography, scenario: Scenario, *, progress: Progress = silent) -> None:
        self.geography = geography
        self.scenario = scenario
        self._store = Store()
        began = time.monotonic()
        check_solver(scenario.solver)
        self._prepared = self._ready(scenario)
        self._listed = self._store.get(self._prepared, progress=progress)
        self._spent = time.monotonic() - began

    @property
    def blocks(self) -> int:
        """Number of blocks."""
        return self._prepared.units.n

    @property
    def candidates(self) -> int:
        """Number of candidates."""
        return len(self._listed.masks)

    def solve(self, scenario: Scenario | None = None, *, progress: Progress = silent) -> Solution:
        """Find the best plan, and what is known of it.

        Parameters
        ----------
        scenario
            Another than the problem's own; what was listed is used again where it serves.
        progress
            Told the stages of work.

        Returns
        -------
        Solution
            The best over all numbers of areas that are allowed.

        Raises
        ------
        InfeasibleError
            No plan obeys the scenario.
        NoPlanInTimeError
            The time limit came, or the user stopped, before a plan was found.
        SolverError
            The solver failed, or answered what does not hold.
        """
        began = time.monotonic()
        scenario = self.scenario if scenario is None else scenario
        deadline = began + scenario.time_limit_s
        try:
            prepared, listed = self._get(scenario, progress)
            outcomes = self._each_count(prepared, listed.program(prepared), deadline, progress)
        except KeyboardInterrupt as stop:
            raise NoPlanInTimeError("stopped before any plan was found") from stop
        best = _best(outcomes)
        if best is None:
            raise self._none(prepared, outcomes)
        chosen = [np.flatnonzero(row) for row in to_flags(listed.masks[best.columns], prepared.units.n)]
        groups = prepared.groups(chosen)
        stored = float(best.result.objective or 0.0)
        certificate = self._certificate(prepared, listed, outcomes, stored, groups)
        certificate = replace(certificate, seconds=time.monotonic() - began + self._spent)
        self._spent = 0.0  # making the problem ready counts for its first solve
        return Solution(groups, certificate, (*prepared.resolved.notes, *prepared.blocks.notes))

    def _ready(self, scenario: Scenario) -> Prepared:
        prepared = prepare(self.geography, scenario)
        check_arithmetic(prepared, count=False)
        faults = list(count_faults(prepared))
        if faults:
            faults[-1] += self._in_fact(prepared)
        raise_all(InfeasibleError, faults, f'scenario "{scenario.name}"')
        return prepared

    def _in_fact(self, prepared: Prepared) -> str:
        """Tell with which numbers of areas there are plans, where that can be told soon."""
        try:
            program = self._store.get(prepared, limit=_MOST_TO_EXPLAIN).program(prepared)
        except TooManyError:
            return ""
        found = possible_counts(program, time.monotonic() + _SECONDS_TO_EXPLAIN)
        return f"; plans that obey all else have {found[0]} to {found[1]} areas" if found else ""

    def _get(self, scenario: Scenario, progress: Progress) -> tuple[Prepared, Listed]:
        if scenario is self.scenario:
            return self._prepared, self._listed
        check_solver(scenario.solver)
        prepared = self._ready(scenario)
        return prepared, self._store.get(prepared, progress=progress)

    def _each_count(
        self, prepared: Prepared, program: Program, deadline: float, progress: Progress
    ) -> list[Outcome]:
        counts, solver = prepared.scenario.counts, prepared.scenario.solver
        outcomes: list[Outcome] = []
        progress(STAGE, 0, len(counts))
        for areas in counts:
            if outcomes and (outcomes[-1].stopped == "user" or time.monotonic() > deadline):
                unknown = CountResult(areas, None, None, proven=False, status="unknown")
                outcomes.append(Outcome(unknown, None, stopped=outcomes[-1].stopped or "time limit"))
                continue
            try:
                outcomes.append(solve_count(program, areas, solver=solver, deadline=deadline))
            except KeyboardInterrupt:
                unknown = CountResult(areas, None, None, proven=False, status="unknown")
                outcomes.append(Outcome(unknown, None, stopped="user"))
            progress(STAGE, len(outcomes), len(counts))
        return outcomes

    def _certificate(
        self,
        prepared: Prepared,
        listed: Listed,
        outcomes: list[Outcome],
        stored: float,
        groups: tuple[tuple[Hashable, ...], ...],
    ) -> Certificate:
        scenario = prepared.scenario
        terms = assignment_terms(self.geography, scenario, groups)
        objective = float(terms.sum(axis=0) @ np.array(scenario.term_weights))
        if abs(objective - stored) > 1e-9 * max(1.0, abs(objective)):
            raise SolverError(
                f"the plan's objective is {objective!r} by its councils, {stored!r} by its blocks"
            )
        results = tuple(outcome.result for outcome in outcomes)
        bound, proven = summarise(results, objective)
        return Certificate(
            objective=objective,
            bound=bound,
            gap=relative_gap(objective, bound),
            proven=proven,
            scope="all plans" if prepared.alone else f"unions of {prepared.units.n} blocks",
            candidates=len(listed.masks),
            blocks=prepared.units.n,
            seconds=0.0,
            engine="list",
            solver=scenario.solver,
            by_count=results,
            rests_on="solver" if any(outcome.rests_on == "solver" for outcome in outcomes) else "prices",
            stopped=next((outcome.stopped for outcome in outcomes if outcome.stopped), ""),
        )

    def _none(self, prepared: Prepared, outcomes: list[Outcome]) -> InfeasibleError | NoPlanInTimeError:
        scenario = prepared.scenario
        if all(outcome.result.status == "infeasible" for outcome in outcomes):
            why = explain_conflict(self.geography, scenario, _SECONDS_TO_EXPLAIN)
            return InfeasibleError(f'scenario "{scenario.name}": no plan obeys all of it. {why}')
        if any(outcome.stopped == "user" for outcome in outcomes):
            return NoPlanInTimeError("stopped before any plan was found")
        return NoPlanInTimeError(
            f"no plan was found in {scenario.time_limit_s:.0f} s; raise time_limit_s, or loosen the scenario"
        )


def _best(outcomes: list[Outcome]) -> Outcome | None:
    """Return the outcome of the least objective; of equal ones the one with the fewest areas."""
    found = [outcome for outcome in outcomes if outcome.result.objective is not None]
    return min(found, key=lambda outcome: outcome.result.objective or 0.0, default=None)
