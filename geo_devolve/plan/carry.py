"""Plans across vintages: the same areas over the councils of another date, so that plans compare."""

from geo_devolve.errors import DataError, first_few
from geo_devolve.geography.model import Geography
from geo_devolve.geography.successors import Carried, carry
from geo_devolve.plan.plan import Plan
from geo_devolve.plan.read import drawn_plan
from geo_devolve.scenario import Scenario


def carry_plan(plan: Plan, geography: Geography, scenario: Scenario | None = None) -> tuple[Plan, Carried]:
    """Carry a plan to the councils of another vintage.

    Parameters
    ----------
    plan
        Every council has an area.
    geography
        The other vintage; it, or the plan's own geography, names a table of successors.
    scenario
        What the carried plan is held against; None for the plan's own, which must then speak of layers and
        themes that the other vintage has too.

    Returns
    -------
    tuple of Plan and Carried
        The plan over the other councils, without a certificate, and which councils changed on the way, with
        the people whose area did too. The plan's notes tell the same.

    Raises
    ------
    DataError
        Where a council has no area, no successor or no predecessor.
    ScenarioError
        Where the scenario speaks of what the other vintage does not have.
    """
    blank = [str(code) for code, area in plan.to_mapping().items() if area is None]
    if blank:
        raise DataError(f"councils without an area cannot be carried: {first_few(blank)}")
    called = {area: f"{area} {name}" for area, name in plan.names.items()}
    carried = carry(
        {code: called[area] for code, area in plan.to_mapping().items()}, plan.geography, geography
    )
    held = drawn_plan(geography, carried.assignment, scenario or plan.scenario)
    notes = (f"Carried from {plan.geography.name} to {geography.name}.", *carried.notices)
    return Plan(geography, held.scenario, held.assignment, None, (*plan.notes, *notes), held.misread), carried
