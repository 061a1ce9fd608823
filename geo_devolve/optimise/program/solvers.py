"""Any solver that PuLP knows: found by name, run in patience, and never believed without a look.

Two of PuLP's readings mislead (3.3): at a time limit or an interrupt the status says "Optimal", and without
any solution found the variables then read zero. So nothing but ``sol_status`` is believed here to mean that
there are values, and the caller checks them. And "Not Solved" means a time limit only where time has passed:
a solver that ends at once without an answer has failed.
"""

import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import pulp

from geo_devolve.errors import ScenarioError, SolverError
from geo_devolve.optimise.program.apart import Apart
from geo_devolve.optimise.program.children import end_children
from geo_devolve.optimise.program.highs import Model

_GRACE_S = 5.0
_HEED_S = 1.0
_ALIASES = {"highs": "HiGHS", "cbc": "CBC"}


class Stopped(Exception):  # noqa: N818 - not an error: the user asked for it
    """The user stopped the solve; what was found by then is in the problem."""


class _PatientHiGHS(pulp.HiGHS):  # type: ignore[misc]
    """PuLP's HiGHS on a model of ours: silent, read at every call, and another thread may stop it.

    Parameters
    ----------
    seconds
        Time limit (s).
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(msg=False, timeLimit=seconds, gapRel=0.0, gapAbs=0.0, threads=1)

    def createAndConfigureSolver(self, lp: Any) -> None:  # noqa: N802 - PuLP's name
        lp.solverModel = Model(
            {
                "mip_rel_gap": self.gapRel,
                "mip_abs_gap": self.gapAbs,
                "threads": self.threads,
                "time_limit": self.timeLimit,
            }
        )


@dataclass(frozen=True)
class Verdict:
    """What a solver says of a problem: a claim, not yet a fact."""

    optimal: bool
    infeasible: bool
    has_values: bool


_NOTHING = Verdict(optimal=False, infeasible=False, has_values=False)


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
            return _PatientHiGHS(seconds)
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
        The solver failed, does not end, or ends before its time without an answer.
    Stopped
        The user stopped it; any values found are set.
    """
    with tempfile.TemporaryDirectory(prefix="geo-devolve-solver-", ignore_cleanup_errors=True) as folder:
        if isinstance(solver, pulp.LpSolver_CMD):
            solver.tmpDir = folder
        return _run(problem, solver, seconds)


def _run(problem: Any, solver: Any, seconds: float) -> Verdict:
    name = getattr(solver, "name", type(solver).__name__)
    began = time.monotonic()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        solving = Apart(lambda: problem.solve(solver))
        try:
            solving.start()
            _wait(solving, began + 1.5 * seconds + _GRACE_S, lambda: _cancel(problem))
        except KeyboardInterrupt as error:
            _cancel(problem)
            solving.wait(_HEED_S)
            raise Stopped from error
        finally:
            late = not solving.ended
            if late and end_children(solving.thread):
                solving.wait(_HEED_S)  # it reads what they left, and fails
    took = time.monotonic() - began
    if late:
        raise SolverError(
            f"the solver {name} did not end {_GRACE_S:.0f} s after its time limit of {seconds:.0f} s"
        )
    if solving.failure:
        if isinstance(solving.failure, KeyboardInterrupt):
            raise Stopped from solving.failure
        raise SolverError(f"the solver {name} failed: {solving.failure}") from solving.failure
    verdict = Verdict(
        optimal=problem.sol_status == pulp.LpSolutionOptimal,
        infeasible=problem.status == pulp.LpStatusInfeasible,  # sol_status says so too of "Not Solved"
        has_values=problem.sol_status in {pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible},
    )
    if verdict == _NOTHING and took < 0.5 * seconds:
        raise SolverError(
            f"the solver {name} ended after {took:.1f} s of {seconds:.0f} s without an answer; "
            f"solve says: {pulp.LpStatus[problem.status]}, {pulp.LpSolution[problem.sol_status]}"
        )
    return verdict


def _wait(solving: Apart, until: float, cancel: Callable[[], None]) -> None:
    """Wait in small steps, so that Ctrl-C is heard."""
    while not solving.wait(0.05) and time.monotonic() < until:
        pass
    if not solving.ended:
        cancel()
        solving.wait(_GRACE_S)


def _cancel(problem: Any) -> None:
    cancel = getattr(getattr(problem, "solverModel", None), "cancelSolve", None)
    if cancel is not None:
        cancel()
