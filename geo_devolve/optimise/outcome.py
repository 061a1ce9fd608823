"""What solving one number of areas came to, whoever solved it."""

from dataclasses import dataclass

from geo_devolve.objective.units import Masks
from geo_devolve.optimise.certificate import CountResult
from geo_devolve.optimise.evidence import Node


@dataclass(frozen=True, eq=False)
class Found:
    """What an engine came to, for one number of areas.

    Attributes
    ----------
    result
        For the certificate.
    plan
        Masks of the plan's areas over all blocks; None if there is no plan.
    rests_on, stopped
        See `Certificate`.
    evidence
        What proves the bound, in prices of all blocks; None where nothing does.
    """

    result: CountResult
    plan: Masks | None
    rests_on: str = "prices"
    stopped: str = ""
    evidence: Node | None = None
