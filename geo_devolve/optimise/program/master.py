"""The integer program in PuLP: choose candidates that cover every block once, at least cost.

Only candidates of small reduced cost are in it (the window). Its objective is the sum of costs less the
prices of the rows that every plan fills exactly (blocks and count, not caps): the plan's cost but for
a constant, beside which the solver's tolerances are small. Whatever the solver answers is checked
here before anybody believes it.
"""

from dataclasses import dataclass

import numpy as np
import pulp

from geo_devolve.errors import SolverError
from geo_devolve.objective.units import Ints, members_of
from geo_devolve.optimise.asked.rules import touches
from geo_devolve.optimise.program import solvers
from geo_devolve.optimise.program.prices import Prices
from geo_devolve.optimise.program.relaxation import Program, reduced_costs


@dataclass(frozen=True, eq=False)
class Choice:
    """A solver's answer, looked at.

    Attributes
    ----------
    columns
        Numbers of the chosen candidates, which do make a plan; None if there is no plan in the answer.
    optimal
        The solver claims that none of the window's plans costs less.
    infeasible
        The solver claims that the window holds no plan.
    stopped
        The user stopped it.
    """

    columns: Ints | None
    optimal: bool = False
    infeasible: bool = False
    stopped: bool = False


def choose(
    program: Program, window: Ints, prices: Prices, areas: int, *, solver: str, seconds: float
) -> Choice:
    """Choose the plan of least cost among the window's candidates.

    Parameters
    ----------
    program
        All candidates.
    window
        Numbers of those to choose from.
    prices
        Of the relaxation.
    areas
        The number of areas, k.
    solver
        Its name, as in `pulp.listSolvers`, or CBC.
    seconds
        Time limit (s).

    Returns
    -------
    Choice
        With columns only if they are a plan.

    Raises
    ------
    SolverError
        The solver fails, does not end, or claims an optimum that is no plan.
    """
    if len(window) == 0:
        return Choice(None, infeasible=True)
    problem = _formulate(program, window, prices, areas)
    stopped = False
    try:
        verdict = solvers.run(problem, solvers.find_solver(solver, seconds), seconds)
    except solvers.Stopped:
        stopped, verdict = True, solvers.Verdict(optimal=False, infeasible=False, has_values=True)
    columns = None
    if verdict.has_values:
        values = [variable.value() for variable in problem.variables()]
        names = [int(variable.name[1:]) for variable in problem.variables()]
        chosen = sorted(
            at for at, value in zip(names, values, strict=True) if value is not None and value > 0.5
        )
        columns = window[np.array(chosen, dtype=np.int64)]
        if not is_plan(program, columns, areas):
            columns = None
    if verdict.optimal and columns is None:
        raise SolverError(
            f"the solver {solver} claims an optimum, but its answer is no plan; name another (HiGHS, CBC)"
        )
    return Choice(columns, verdict.optimal, verdict.infeasible, stopped)


def is_plan(program: Program, columns: Ints, areas: int | None) -> bool:
    """Tell whether candidates are a plan: every block once, this many areas (None: any), within all caps."""
    masks = program.masks[columns]
    covered = (
        np.asarray(members_of(masks, program.n).sum(axis=0)).ravel() if len(columns) else np.zeros(program.n)
    )
    capped = (
        touches(masks, units).sum() <= limit
        for units, limit in zip(program.cap_units, program.cap_limit, strict=True)
    )
    return areas in {None, len(columns)} and bool((covered == 1).all()) and all(capped)


def _formulate(program: Program, window: Ints, prices: Prices, areas: int) -> pulp.LpProblem:
    problem = pulp.LpProblem("areas", pulp.LpMinimize)
    x = [problem.add_variable(f"x{at}", 0, 1, pulp.LpInteger) for at in range(len(window))]
    exact = Prices(prices.units, prices.count, np.zeros(len(prices.caps)))
    costs = reduced_costs(program.take(window), exact)
    costs -= costs.min()
    largest = costs.max()
    scaled = (costs * (1e4 / largest if largest > 0 else 1.0)).tolist()
    problem.setObjective(pulp.LpAffineExpression(list(zip(x, scaled, strict=True))))
    masks = program.masks[window]
    members = members_of(masks, program.n).tocsc()
    rows = [members.indices[members.indptr[i] : members.indptr[i + 1]].tolist() for i in range(program.n)]
    for block, row in enumerate(rows):
        problem += pulp.LpAffineExpression([(x[at], 1.0) for at in row]) == 1, f"cover_{block}"
    problem += pulp.LpAffineExpression([(each, 1.0) for each in x]) == areas, "count"
    for cap, (units, limit) in enumerate(zip(program.cap_units, program.cap_limit, strict=True)):
        row = np.flatnonzero(touches(masks, units)).tolist()
        problem += pulp.LpAffineExpression([(x[at], 1.0) for at in row]) <= int(limit), f"cap_{cap}"
    return problem
