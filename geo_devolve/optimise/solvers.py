"""Any solver that PuLP knows: found by name, run in patience, and never believed without a look.

Two of PuLP's readings mislead (3.3): at a time limit or an interrupt the status says "Optimal", and without
any solution found the variables then read zero. So nothing but ``sol_status`` is believed here to mean that
there are values, and the caller checks them.
"""

import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import pulp

from geo_devolve.errors import ScenarioError, SolverError

_GRACE_S = 5.0
_ALIASES = {"highs": "HiGHS", "cbc": "CBC"}


class Stopped(Exception):  # noqa: N818 - not an error: the user asked for it
    """The user stopped the solve; what was found by then is in the problem."""


class _PatientHiGHS(pulp.HiGHS):  # type: ignore[misc]
    """PuLP's HiGHS, which another thread may stop."""

    def createAndConfigureSolver(self, lp: Any) -> None:  # noqa: N802 - PuLP's name
        super().createAndConfigureSolver(lp)
        lp.solverModel.HandleUserInterrupt = True


@dataclass(frozen=True)
class Verdict:
    """What a solver says of a problem: a claim, not yet a fact."""

    optimal: bool
    infeasible: bool
    has_values: bool


def solver_names() -> list[str]:
    """Return the names that a scenario may give."""
    return [*_ALIASES.values(), *(name for name in pulp.listSolvers() if name not in _ALIASES.values())]


def check_solver(name: str) -> None:
    """Say so if a solver is not known or not there.

    Parameters
    ----------
    name
        As in `pulp.listSolvers`, or CBC.

    Raises
    ------
    ScenarioError
        PuLP does not know it; the message names the nearest.
    SolverError
        PuLP knows it, but it is not installed.
    """
    find_solver(name, 60.0)


def find_solver(name: str, seconds: float) -> Any:
    """Return a PuLP solver set to prove optimality within a time limit.

    Parameters
    ----------
    name
        As in `pulp.listSolvers`, or CBC.
    seconds
        Time limit (s).

    Raises
    ------
    ScenarioError, SolverError
        See `check_solver`.
    """
    seconds = max(seconds, 0.1)
    name = _ALIASES.get(name.lower(), name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        if name == "HiGHS":
            return _PatientHiGHS(msg=False, timeLimit=seconds, gapRel=0.0, gapAbs=0.0, threads=1)
        if name == "CBC":
            solver = pulp.COIN_CMD(msg=False, timeLimit=seconds, gapRel=0.0, gapAbs=0.0)
            if not solver.available():
                solver = pulp.PULP_CBC_CMD(msg=False, timeLimit=seconds, gapRel=0.0, gapAbs=0.0)
        else:
            known = pulp.listSolvers()
            if name not in known:
                near = get_close_matches(name, [*known, "CBC"], n=1, cutoff=0.4)
                hint = f"; did you mean {near[0]}?" if near else ""
                raise ScenarioError(f'PuLP knows no solver "{name}"{hint}')
            try:
                solver = pulp.getSolver(name, msg=False, timeLimit=seconds, gapRel=0.0)
            except TypeError:
                solver = pulp.getSolver(name, msg=False, timeLimit=seconds)
        if not solver.available():
            there = ", ".join(["HiGHS", "CBC", *(each for each in pulp.listSolvers(onlyAvailable=True))])
            raise SolverError(f"the solver {name} is not installed (there are: {there})")
    return solver


def run(problem: Any, solver: Any, seconds: float) -> Verdict:
    """Run a solver without letting it hang, and read only what can be trusted.

    Parameters
    ----------
    problem
        A `pulp.LpProblem`; its variables' values are set.
    solver
        From `find_solver`.
    seconds
        Its time limit (s); it is given some more before it is given up.

    Returns
    -------
    Verdict
        The solver's claim.

    Raises
    ------
    SolverError
        The solver failed or does not end.
    Stopped
        The user stopped it; any values found are set.
    """
    failure: list[BaseException] = []

    def solve() -> None:
        try:
            problem.solve(solver)
        except BaseException as error:  # noqa: BLE001 - whatever a solver raises is told, not lost
            failure.append(error)

    name = getattr(solver, "name", type(solver).__name__)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        thread = threading.Thread(target=solve, daemon=True)
        thread.start()
        try:
            _wait(thread, time.monotonic() + 1.5 * seconds + _GRACE_S, lambda: _cancel(problem))
        except KeyboardInterrupt as error:
            _cancel(problem)
            thread.join(_GRACE_S)
            raise Stopped from error
    if thread.is_alive():
        raise SolverError(
            f"the solver {name} did not end {_GRACE_S:.0f} s after its time limit of {seconds:.0f} s"
        )
    if failure:
        if isinstance(failure[0], KeyboardInterrupt):
            raise Stopped from failure[0]
        raise SolverError(f"the solver {name} failed: {failure[0]}") from failure[0]
    return Verdict(
        optimal=problem.sol_status == pulp.LpSolutionOptimal,
        infeasible=problem.sol_status == pulp.LpSolutionInfeasible
        or problem.status == pulp.LpStatusInfeasible,
        has_values=problem.sol_status in {pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible},
    )


def _wait(thread: threading.Thread, until: float, cancel: Callable[[], None]) -> None:
    """Wait in small steps, so that Ctrl-C is heard."""
    while thread.is_alive() and time.monotonic() < until:
        thread.join(0.05)
    if thread.is_alive():
        cancel()
        thread.join(_GRACE_S)


def _cancel(problem: Any) -> None:
    cancel = getattr(getattr(problem, "solverModel", None), "cancelSolve", None)
    if cancel is not None:
        cancel()
