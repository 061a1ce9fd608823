"""What the scenario's constraints mean on the ground: the forms of all of them, gathered."""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np

from geo_devolve.constraints.forms import (
    Alike,
    Enough,
    FewBodies,
    FewCouncils,
    Flags,
    Form,
    InFewAreas,
    OneArea,
    Rivals,
    Together,
)
from geo_devolve.constraints.ground import Ground
from geo_devolve.errors import ScenarioError, raise_all
from geo_devolve.geography.model import Geography
from geo_devolve.optimise.asked.forms import Form as Bound
from geo_devolve.optimise.asked.forms import make_forms
from geo_devolve.scenario import Scenario

_Kind = TypeVar("_Kind", bound=Form)


@dataclass(frozen=True, eq=False)
class Resolved:
    """The scenario's constraints in numbers of councils.

    Attributes
    ----------
    told
        The forms of all rules, in the order of their fields.
    bounds
        Of quantities and ratios.
    notes
        What a reader should be told.
    """

    told: tuple[Form, ...]
    bounds: tuple[Bound, ...] = ()
    notes: tuple[str, ...] = ()

    @cached_property
    def locked(self) -> tuple[OneArea, ...]:
        """Councils that are one of the areas, in the scenario's order."""
        return self._of(OneArea)

    @cached_property
    def together(self) -> tuple[Together, ...]:
        """Councils that share an area."""
        return self._of(Together)

    @cached_property
    def alike(self) -> tuple[Alike, ...]:
        """What is the same for all councils of an area."""
        return self._of(Alike)

    @cached_property
    def conflicts(self) -> Flags | None:
        """Councils × councils, whether the two may not share an area; None where all may."""
        rivals = [*self._of(Rivals), *(each.rivals for each in self.alike)]
        return np.logical_or.reduce([each.flags for each in rivals]) if rivals else None

    @cached_property
    def max_councils(self) -> int:
        """Most councils in an area, 0 for no limit."""
        return min((each.limit for each in self._of(FewCouncils)), default=0)

    @cached_property
    def enough(self) -> tuple[Enough, ...]:
        """Councils of which an area holds at least so many."""
        return self._of(Enough)

    @cached_property
    def few_bodies(self) -> tuple[FewBodies, ...]:
        """Limits of bodies in an area."""
        return self._of(FewBodies)

    @cached_property
    def caps(self) -> tuple[InFewAreas, ...]:
        """Limits of areas in a body."""
        return self._of(InFewAreas)

    def keys(self, council: int) -> tuple[Hashable | None, ...]:
        """Return what must be the same for the councils of an area, of one council."""
        return tuple(each.keys[council] for each in self.alike)

    def _of(self, kind: type[_Kind]) -> tuple[_Kind, ...]:
        return tuple(form for form in self.told if isinstance(form, kind))


def resolve(geography: Geography, scenario: Scenario) -> Resolved:
    """Find the councils that a scenario's constraints speak of.

    Parameters
    ----------
    geography
        The study area.
    scenario
        Its constraints name councils and bodies, by code or name.

    Returns
    -------
    Resolved
        The constraints in numbers of councils.

    Raises
    ------
    ScenarioError
        Naming every reference that leads nowhere and every constraint that contradicts itself.
    """
    ground = Ground(geography)
    forms = [form for rule, value in scenario.constraints.given() for form in rule.resolve(value, ground)]
    raise_all(ScenarioError, ground.faults, f'scenario "{scenario.name}"')
    return Resolved(tuple(forms), make_forms(geography, scenario), tuple(ground.notes))
