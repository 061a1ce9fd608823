"""What solving one number of areas came to, whoever solved it."""

from dataclasses import dataclass

from geo_devolve.objective.units import Ints, Masks
from geo_devolve.optimise.certificate import CountResult, RestsOn, Stopped
from geo_devolve.optimise.evidence import Node


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of one number of areas.

    Attributes
    ----------
    result
        For the certificate.
    plan
        Masks of the plan's areas over the units that were solved for; None if there is no plan.
    rests_on
        What proves it.
    stopped
        Why it ended early, if it did.
    evidence
        What proves the bound, in prices of those units; None where nothing does.
    columns
        The plan's candidates by number, where a program over candidates at hand was solved.
    walked
        Nodes of the search, of all passes: how many unions were looked at.
    """

    result: CountResult
    plan: Masks | None = None
    rests_on: RestsOn = RestsOn.PRICES
    stopped: Stopped = Stopped.NOT
    evidence: Node | None = None
    columns: Ints | None = None
    walked: int = 0
