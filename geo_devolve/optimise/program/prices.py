"""Prices of a plan's conditions."""

from dataclasses import dataclass

from geo_devolve.optimise.compiled.flat import Floats, Ints


@dataclass(frozen=True, eq=False)
class Prices:
    """Prices of a plan's conditions: each unit covered once, so many areas, at most n areas in a body.

    Attributes
    ----------
    units
        Of each unit.
    count
        Of being one of the areas.
    caps
        Of each cap, at most 0.
    """

    units: Floats
    count: float
    caps: Floats

    def least(self, areas: int, cap_limit: Ints) -> float:
        """Return what a plan costs at least where no candidate has a negative reduced cost."""
        return float(self.units.sum() + areas * self.count + self.caps @ cap_limit)
