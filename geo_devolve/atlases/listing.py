"""Plans with all their figures: as many rows at a time as fit, always the same ones in the same order."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from geo_devolve.atlases.counts import all_plans
from geo_devolve.atlases.criteria import Criteria, Criterion
from geo_devolve.atlases.diagram import MOST_STATES, Diagram
from geo_devolve.atlases.walk import plan_of, plans_from
from geo_devolve.geography.model import Geography
from geo_devolve.objective.units import to_flags
from geo_devolve.optimise.asked.prepared import Prepared, prepare
from geo_devolve.progress import Progress, silent
from geo_devolve.scenario import Scenario

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
"""What the areas of a plan are called in its text, in the order of their first councils."""


@dataclass(frozen=True, eq=False)
class Listing:
    """All plans of a scenario, ready to be written out.

    Attributes
    ----------
    geography, scenario
        What the plans are of.
    prepared
        The same, ready.
    diagram
        Of the free blocks; None where arithmetic leaves no plan.
    criteria
        What each plan is measured by.
    """

    geography: Geography
    scenario: Scenario
    prepared: Prepared
    diagram: Diagram | None
    criteria: Criteria

    @classmethod
    def of(
        cls,
        geography: Geography,
        scenario: Scenario,
        *,
        most_states: int = MOST_STATES,
        progress: Progress = silent,
    ) -> "Listing":
        """Make all plans ready; the parameters are those of `count_plans`."""
        prepared = prepare(geography, scenario)
        diagram = all_plans(prepared, most_states=most_states, progress=progress)
        return cls(geography, scenario, prepared, diagram, Criteria.of(geography, scenario))

    @property
    def columns(self) -> tuple[Criterion, ...]:
        """The criteria, in order."""
        return self.criteria.all

    @cached_property
    def counts(self) -> pd.Series:
        """Number of plans by number of areas, as `count_plans` returns it."""
        locked = len(self.prepared.locked)
        numbers = list(self.scenario.counts)
        plans = [0 if self.diagram is None else self.diagram.plans(areas - locked) for areas in numbers]
        kind = "int64" if max(plans) < 2**63 else object
        return pd.Series(plans, index=pd.Index(numbers, name="areas"), name="plans", dtype=kind)

    def rows(self, areas: int, number: int, many: int) -> pd.DataFrame:
        """Write out plans one after another.

        Parameters
        ----------
        areas
            How many areas they have.
        number
            Of the first one; plans with as many areas are numbered from 0.
        many
            How many plans.

        Returns
        -------
        DataFrame
            Columns ``areas``, ``number``, ``plan`` (a letter for each council, in the order of the
            geography's: councils of one area have the same) and the criteria.
        """
        assert self.diagram is not None
        free = plans_from(self.diagram, areas - len(self.prepared.locked), number, many)
        return self._table(areas, np.arange(number, number + many), free)

    def drawn(self, areas: int, numbers: Sequence[int]) -> pd.DataFrame:
        """Write out the plans of some numbers; as `rows`.

        Parameters
        ----------
        areas
            How many areas they have.
        numbers
            Of the plans, of any size.
        """
        assert self.diagram is not None
        free = [plan_of(self.diagram, areas - len(self.prepared.locked), number) for number in numbers]
        kind = np.int64 if max(numbers, default=0) < 2**63 else object
        return self._table(areas, np.array(numbers, dtype=kind), np.array(free))

    def rows_of_none(self) -> pd.DataFrame:
        """Return the table of no plan."""
        kinds: dict[str, type] = {"areas": np.int16, "number": np.int64, "plan": str}
        kinds |= {each.name: np.int32 if each.whole else np.float64 for each in self.columns}
        return pd.DataFrame({name: np.zeros(0, dtype=kind) for name, kind in kinds.items()})

    @cached_property
    def _unit_of(self) -> Ints:
        """Each council's block, in the geography's order."""
        return self.prepared.blocks.of.to_numpy(np.int64)

    def _table(self, areas: int, numbers: NDArray[np.generic], free: Words) -> pd.DataFrame:
        of_councils = self._councils(free)
        first = of_councils.argmax(axis=2)
        order = first.argsort(axis=1, kind="stable")
        of_councils = np.take_along_axis(of_councils, order[:, :, None], axis=1)
        distinct, chosen = self._distinct(of_councils)
        figures = self.criteria.measured(distinct, chosen)
        letter = np.frombuffer(LETTERS[:areas].encode(), dtype="S1")[of_councils.argmax(axis=1)]
        texts = np.ascontiguousarray(letter).view(f"S{letter.shape[1]}").ravel().astype(str)
        table = {"areas": np.full(len(free), areas, dtype=np.int16), "number": numbers, "plan": texts}
        for column, criterion in enumerate(self.columns):
            values = figures[:, column]
            table[criterion.name] = values.astype(np.int32) if criterion.whole else values
        return pd.DataFrame(table)

    def _councils(self, free: Words) -> NDArray[np.bool_]:
        """Return plans × areas × councils: whether a council belongs, locked areas included."""
        plans, areas = free.shape[:2]
        units, locked = self.prepared.units.n, self.prepared.locked
        flags = np.zeros((plans, areas + len(locked), units), dtype=bool)
        if areas:
            taken = to_flags(free.reshape(plans * areas, -1), len(self.prepared.free))
            flags[:, :areas, self.prepared.free] = taken.reshape(plans, areas, -1)
        for place, unit in enumerate(locked.tolist()):
            flags[:, areas + place, unit] = True
        return flags[:, :, self._unit_of]

    def _distinct(self, of_councils: NDArray[np.bool_]) -> tuple[sparse.csr_array, Ints]:
        """Return the areas that occur, each once, and which of them each plan has."""
        plans, areas, councils = of_councils.shape
        packed = np.packbits(of_councils.reshape(plans * areas, councils), axis=1)
        keys = np.ascontiguousarray(packed).view(np.dtype((np.void, packed.shape[1]))).ravel()
        _, at, chosen = np.unique(keys, return_index=True, return_inverse=True)
        members = of_councils.reshape(plans * areas, councils)[at]
        return sparse.csr_array(members.astype(np.float64)), chosen.reshape(plans, areas)
