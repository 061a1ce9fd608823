"""A panel for Jupyter in which a scenario is tuned: every change solves again and shows what moved."""

from typing import TYPE_CHECKING

from geo_devolve.errors import UsageError
from geo_devolve.geography.model import Geography
from geo_devolve.scenario import Scenario

if TYPE_CHECKING:
    from geo_devolve.tuning.panel import Panel

__all__ = ["tune"]


def tune(geography: Geography, scenario: Scenario) -> "Panel":
    """Show a panel in Jupyter in which the scenario can be tuned.

    Parameters
    ----------
    geography
        The study area.
    scenario
        Where to start.

    Returns
    -------
    Panel
        The last line of a cell shows it. Its `scenario`, `plan` and `pinned` can be used in other cells.

    Raises
    ------
    ScenarioError
        Where the scenario speaks of what the geography does not have.
    UsageError
        Where Jupyter's widgets are not installed.
    """
    try:
        from geo_devolve.tuning.panel import Panel  # noqa: PLC0415 an extra that only this needs
    except ModuleNotFoundError as error:
        raise UsageError("gd.tune needs Jupyter's widgets: pip install 'geo-devolve[notebook]'") from error
    return Panel(geography, scenario)
