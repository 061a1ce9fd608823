"""From a geography and a scenario to the plan."""

from geo_devolve.geography.model import Geography
from geo_devolve.optimise.problem import Problem
from geo_devolve.plan.plan import Plan
from geo_devolve.progress import Progress, silent
from geo_devolve.scenario import Scenario


def propose(
    geography: Geography, scenario: Scenario, *, problem: Problem | None = None, progress: Progress = silent
) -> Plan:
    """Find the plan that is best for the scenario, with a certificate of how good it is.

    Parameters
    ----------
    geography
        The study area.
    scenario
        What is asked for.
    problem
        A problem prepared before for this geography, whose candidates are used again.
    progress
        Told how far the work is.

    Returns
    -------
    Plan
        Its areas numbered A01, A02 … from north to south.

    Raises
    ------
    ScenarioError
        Where the scenario speaks of what the geography does not have.
    InfeasibleError
        Where no plan keeps all its rules.
    NoPlanInTimeError
        Where the time limit came before any plan was found.
    """
    if problem is None:
        problem = Problem(geography, scenario, progress=progress)
    solution = problem.solve(scenario, progress=progress)
    plan = Plan.from_groups(geography, scenario, solution.groups, solution.certificate, solution.notes)
    dry = [f"{area} {plan.names[area]}" for area in plan.ferry_only]
    if not dry:
        return plan
    areas = f"Area {dry[0]} hangs" if len(dry) == 1 else f"Areas {', '.join(dry)} hang"
    return plan.noting(f"{areas} together only by a ferry.")
