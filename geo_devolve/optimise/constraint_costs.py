"""What each constraint costs: the best plan without it, against the best plan with all."""

import numpy as np
import pandas as pd

from geo_devolve.constraints.rule import Part
from geo_devolve.errors import InfeasibleError, NoPlanInTimeError, UsageError
from geo_devolve.geography.model import Geography
from geo_devolve.objective.terms import assignment_terms
from geo_devolve.optimise.problem import Problem, Solution
from geo_devolve.optimise.reasons.parts import parts_of, without
from geo_devolve.progress import Progress, silent
from geo_devolve.scenario import Scenario

STAGE = "dropping each constraint"
_COLUMNS = ["constraint", "status", "areas", "objective", "difference", "proven"]


def explain_costs(
    geography: Geography,
    scenario: Scenario,
    *,
    problem: Problem | None = None,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Find the best plan without each constraint in turn.

    Parameters
    ----------
    geography
        The study area.
    scenario
        Its constraints, and the bounds of an area's population, are dropped one by one.
    problem
        One that holds the scenario's candidates already.
    progress
        Told how many constraints have been dropped.

    Returns
    -------
    pandas.DataFrame
        A row for the scenario as it is, then one for each constraint dropped: what it is called, ``status``
        ("solved", "no plan", or "too large" where too many plans would have to be looked at), the number of
        areas, the objective, its difference, whether it is proven, and for each term its change in weighted
        value. Without a constraint a plan costs no more, with two exceptions: an exempt locked area lifts
        bounds, and a block that need not be split any more is kept together again.

    Raises
    ------
    InfeasibleError
        The scenario itself has no plan.
    """
    problem = Problem(geography, scenario, progress=progress) if problem is None else problem
    base = problem.solve(scenario)
    with_all = _contributions(geography, scenario, base)
    rows = [_row("(all constraints kept)", scenario, base, base, with_all - with_all)]
    parts = [part for part in parts_of(geography, scenario) if part.kind not in {"blocks", "count"}]
    progress(STAGE, 0, len(parts))
    for done, part in enumerate(parts, start=1):
        rows.append(_without(geography, scenario, part, (problem, base, with_all)))
        progress(STAGE, done, len(parts))
    return pd.DataFrame(rows, columns=[*_COLUMNS, *scenario.term_names])


def _without(
    geography: Geography, scenario: Scenario, part: Part, known: tuple[Problem, Solution, "np.ndarray"]
) -> dict[str, object]:
    problem, base, with_all = known
    looser = without(scenario, part)
    if scenario.engine == "auto" and base.certificate.engine == "list":
        looser = looser.replace(engine="list")
    try:
        solution = problem.solve(looser)
    except InfeasibleError:
        return {"constraint": part.label, "status": "no plan"}
    except (UsageError, NoPlanInTimeError):
        return {"constraint": part.label, "status": "too large"}
    change = _contributions(geography, scenario, solution) - with_all
    return _row(part.label, scenario, solution, base, change)


def _contributions(geography: Geography, scenario: Scenario, solution: Solution) -> "np.ndarray":
    weights = np.array(scenario.term_weights)
    return assignment_terms(geography, scenario, solution.groups).sum(axis=0) * weights


def _row(
    label: str, scenario: Scenario, solution: Solution, base: Solution, change: "np.ndarray"
) -> dict[str, object]:
    return {
        "constraint": label,
        "status": "solved",
        "areas": len(solution.groups),
        "objective": solution.certificate.objective,
        "difference": solution.certificate.objective - base.certificate.objective,
        "proven": solution.certificate.proven,
        **dict(zip(scenario.term_names, change.tolist(), strict=True)),
    }
