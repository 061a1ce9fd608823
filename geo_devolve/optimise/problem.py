"""One geography's problem: prepared and listed once, solved for any scenario."""

import time
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np

from geo_devolve.clock import NEVER, Deadline, TimeUpError
from geo_devolve.cores import plain_algebra
from geo_devolve.errors import InfeasibleError, NoPlanInTimeError, SolverError, UsageError, raise_all
from geo_devolve.geography.model import Geography
from geo_devolve.objective.terms import assignment_terms
from geo_devolve.objective.units import to_flags, to_masks
from geo_devolve.optimise.asked.prepared import Prepared, prepare, same_plans
from geo_devolve.optimise.asked.rules import touches
from geo_devolve.optimise.certificate import (
    Certificate,
    CountResult,
    RestsOn,
    Status,
    Stopped,
    relative_gap,
    summarise,
)
from geo_devolve.optimise.engines.choose import Engine, engage
from geo_devolve.optimise.evidence import CountEvidence, Evidence
from geo_devolve.optimise.listed.listing import TooManyError, warm_up
from geo_devolve.optimise.listed.store import Store
from geo_devolve.optimise.outcome import Outcome
from geo_devolve.optimise.program.solvers import check_solver
from geo_devolve.optimise.reasons.arithmetic import check_arithmetic, count_faults
from geo_devolve.optimise.reasons.conflict import explain_conflict
from geo_devolve.optimise.reasons.possible import possible_counts
from geo_devolve.progress import Progress, silent
from geo_devolve.scenario import Scenario

STAGE = "solving"
_MOST_TO_EXPLAIN = 1_000_000
_MOST_TO_EXPLAIN_S = 15.0
_LEAST_TO_EXPLAIN_S = 1.0

Groups = tuple[tuple[Hashable, ...], ...]


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

    groups: Groups
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
    executor
        For engines that spread their work over processes (`geo_devolve.processes.Processes`) or machines.
    explain
        Whether to look for reasons, and for ways out, where no plan is possible; that can take some seconds,
        and what is found in them depends on the machine.
    progress
        Told the stages of work.

    Raises
    ------
    ScenarioError
        The scenario speaks of what is not there.
    InfeasibleError
        Arithmetic rules every plan out.
    UsageError
        The scenario asks for engine "list", and the list is too long.
    """

    def __init__(
        self,
        geography: Geography,
        scenario: Scenario,
        *,
        executor: Executor | None = None,
        explain: bool = True,
        progress: Progress = silent,
    ) -> None:
        began = time.monotonic()
        self.geography = geography
        self.scenario = scenario
        self._executor = executor
        self._explain = explain
        self._store = Store()
        self._latest: Prepared | None = None  # of those that arithmetic allows
        self._warming = 0.0  # seconds to compile in, which take none of a time limit
        self._prepared, self._engine = self._engage(scenario, Deadline.after(scenario.time_limit_s), progress)
        self._spent = time.monotonic() - began
        self._used = self._spent - self._warming

    @property
    def blocks(self) -> int:
        """Number of blocks."""
        return self._prepared.units.n

    @property
    def candidates(self) -> int:
        """Number of candidates; an estimate where they are not listed."""
        return self._engine.candidates

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
            No plan obeys the scenario; the message says why, and what would make one possible.
        NoPlanInTimeError
            The time limit came, or the user stopped, before a plan was found.
        SolverError
            The solver failed, or answered what does not hold.
        """
        began = time.monotonic()
        # making the problem ready counts for its first solve
        spent, used, self._spent, self._used = self._spent, self._used, 0.0, 0.0
        warming = self._warming
        deadline = Deadline.after((scenario or self.scenario).time_limit_s - used)
        try:
            with plain_algebra():
                prepared, engine = self.engaged(scenario, deadline, progress=progress)
                deadline = deadline.moved(self._warming - warming)
                found = _each_count(prepared, engine, deadline, progress)
                best = _best(found)
                if best is None or best.plan is None:
                    raise self._none(prepared, found, deadline)
        except KeyboardInterrupt as stop:
            raise NoPlanInTimeError("stopped before any plan was found", by_user=True) from stop
        chosen = [np.flatnonzero(row) for row in to_flags(best.plan, prepared.units.n)]
        groups = prepared.groups(chosen)
        objective = self._objective(prepared, groups, float(best.result.objective or 0.0))
        seconds = time.monotonic() - began + spent
        notes = (*prepared.resolved.notes, *prepared.blocks.notes, *engine.notes)
        return Solution(groups, _certify(prepared, engine, found, objective, seconds), notes)

    def engaged(
        self, scenario: Scenario | None = None, deadline: Deadline = NEVER, *, progress: Progress = silent
    ) -> tuple[Prepared, Engine]:
        """Return a scenario made ready, and the engine that solves it; the problem's own by default.

        Parameters
        ----------
        scenario
            What is asked for.
        deadline
            When to stop.
        progress
            Told the stages of work.

        Raises
        ------
        InfeasibleError
            Arithmetic rules every plan out.
        NoPlanInTimeError
            The time was up before an engine was ready.
        """
        if scenario is None or scenario == self.scenario:
            return self._prepared, self._engine
        return self._engage(scenario, deadline, progress)

    def _engage(self, scenario: Scenario, deadline: Deadline, progress: Progress) -> tuple[Prepared, Engine]:
        check_solver(scenario.solver)
        deadline = deadline.moved(self._warm(warm_up))
        latest = self._latest
        try:
            with plain_algebra():
                prepared = prepare(self.geography, scenario, latest, deadline)
                if latest is None or not same_plans(latest.scenario, scenario):
                    self._check(prepared, deadline)
                    self._latest = prepared
                engine = engage(
                    prepared, self._store, executor=self._executor, deadline=deadline, progress=progress
                )
                self._warm(engine.warm_up)
                return prepared, engine
        except TimeUpError as error:
            raise _too_late(scenario) from error
        except TooManyError as error:
            raise UsageError(f'scenario "{scenario.name}": {error} (engine = "stream" or "auto")') from error

    def _warm(self, compile_all: Callable[[], None]) -> float:
        """Compile, or load machine code; returns the seconds that it took."""
        began = time.monotonic()
        compile_all()
        seconds = time.monotonic() - began
        self._warming += seconds
        return seconds

    def _check(self, prepared: Prepared, deadline: Deadline) -> None:
        """Refuse what arithmetic rules out."""
        check_arithmetic(prepared, count=False)
        faults = list(count_faults(prepared))
        if faults and self._explain:
            faults[-1] += self._in_fact(prepared, _to_explain(deadline))
        raise_all(InfeasibleError, faults, f'scenario "{prepared.scenario.name}"')

    def _in_fact(self, prepared: Prepared, deadline: Deadline) -> str:
        """Tell with which numbers of areas there are plans, where that can be told soon."""
        try:
            listed = self._store.get(prepared, limit=_MOST_TO_EXPLAIN, deadline=deadline)
        except (TooManyError, TimeUpError):
            return ""
        found = possible_counts(listed.program(prepared), deadline)
        return f"; plans that obey all else have {found[0]} to {found[1]} areas" if found else ""

    def _objective(self, prepared: Prepared, groups: Groups, stored: float) -> float:
        """Sum the plan's objective from its councils, and hold the engine's figure against it."""
        weights = np.array(prepared.scenario.term_weights)
        objective = float(assignment_terms(self.geography, prepared.scenario, groups).sum(axis=0) @ weights)
        if abs(objective - stored) > 1e-9 * max(1.0, abs(objective)):
            raise SolverError(
                f"the plan's objective is {objective!r} by its councils, {stored!r} by its blocks"
            )
        return objective

    def _none(
        self, prepared: Prepared, found: list[Outcome], deadline: Deadline
    ) -> InfeasibleError | NoPlanInTimeError:
        scenario = prepared.scenario
        if all(each.result.status == Status.INFEASIBLE for each in found):
            said = f'scenario "{scenario.name}": no plan obeys all of it.'
            if self._explain:
                said += f" {explain_conflict(self.geography, scenario, _to_explain(deadline))}"
            return InfeasibleError(said)
        if any(each.stopped == Stopped.USER for each in found):
            return NoPlanInTimeError("stopped before any plan was found", by_user=True)
        return _too_late(scenario)


def _too_late(scenario: Scenario) -> NoPlanInTimeError:
    return NoPlanInTimeError(
        f"no plan was found in {scenario.time_limit_s:g} s; raise time_limit_s, or loosen the scenario"
    )


def _to_explain(deadline: Deadline) -> Deadline:
    """Return when to stop looking for reasons: a moment is left for them when the time is up."""
    return max(deadline, Deadline.after(_LEAST_TO_EXPLAIN_S)).sooner(_MOST_TO_EXPLAIN_S)


def _each_count(prepared: Prepared, engine: Engine, deadline: Deadline, progress: Progress) -> list[Outcome]:
    """Solve for every number of areas; those that time or the user cuts off are unknown, not infeasible."""
    counts = prepared.scenario.counts
    found: list[Outcome] = []
    progress(STAGE, 0, len(counts))
    for at, areas in enumerate(counts):
        late = bool(found) and (found[-1].stopped == Stopped.USER or deadline.over)
        if late:
            found.append(_unknown(areas, found[-1].stopped or Stopped.TIME))
            continue
        try:
            found.append(engine.solve(areas, deadline.share(1.0 / (len(counts) - at))))
        except KeyboardInterrupt:
            found.append(_unknown(areas, Stopped.USER))
        progress(STAGE, at + 1, len(counts))
    return found


def _unknown(areas: int, stopped: Stopped) -> Outcome:
    return Outcome(CountResult.open(areas, None, None), stopped=stopped)


def _best(found: list[Outcome]) -> Outcome | None:
    """Return what has the least objective; of equal ones that with the fewest areas."""
    plans = [each for each in found if each.plan is not None and each.result.objective is not None]
    return min(plans, key=lambda each: each.result.objective or 0.0, default=None)


def _clipped(result: CountResult) -> CountResult:
    """Raise a bound to 0, which no plan falls below: no weight and no term is negative."""
    return result if result.bound is None else replace(result, bound=max(result.bound, 0.0))


def _certify(
    prepared: Prepared, engine: Engine, found: list[Outcome], objective: float, seconds: float
) -> Certificate:
    results = tuple(_clipped(each.result) for each in found)
    bound, proven = summarise(results, objective)
    return Certificate(
        objective=objective,
        bound=bound,
        gap=relative_gap(objective, bound),
        proven=proven,
        scope="all plans" if prepared.alone else f"unions of {prepared.units.n} blocks",
        candidates=engine.candidates,
        blocks=prepared.units.n,
        seconds=seconds,
        engine=engine.name,
        solver=prepared.scenario.solver,
        by_count=results,
        rests_on=RestsOn.SOLVER if any(each.rests_on == RestsOn.SOLVER for each in found) else RestsOn.PRICES,
        stopped=next((each.stopped for each in found if each.stopped), Stopped.NOT),
        evidence=gather_evidence(prepared, [_evidence_of(each) for each in found]),
    )


def _evidence_of(found: Outcome) -> CountEvidence:
    nothing = found.result.status == Status.INFEASIBLE
    return CountEvidence(found.result.areas, found.plan, found.evidence, nothing)


def gather_evidence(prepared: Prepared, counts: Sequence[CountEvidence]) -> Evidence:
    """Return what is known of each number of areas, with the blocks it speaks of."""
    rules = prepared.units.rules
    own = np.zeros((len(prepared.locked), prepared.units.n), dtype=bool)
    own[np.arange(len(prepared.locked)), prepared.locked] = True
    left = (
        int(limit - touches(to_masks(own), units).sum())
        for units, limit in zip(rules.cap_units, rules.cap_limit, strict=True)
    )
    return Evidence(tuple(prepared.blocks.members), tuple(counts), prepared.blocks.locked, tuple(left))
