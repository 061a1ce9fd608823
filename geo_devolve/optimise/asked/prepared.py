"""A scenario made ready: constraints resolved, councils in blocks, blocks in numbers."""

from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np

from geo_devolve.clock import NEVER, Deadline
from geo_devolve.errors import first_few
from geo_devolve.geography.model import Geography
from geo_devolve.objective.gather import make_units, restated, summed_over
from geo_devolve.objective.units import Ints, Units
from geo_devolve.optimise.asked.blocks import Blocks, make_blocks
from geo_devolve.optimise.asked.resolved import Resolved, resolve
from geo_devolve.optimise.asked.rules import make_rules
from geo_devolve.scenario import Scenario


@dataclass(frozen=True, eq=False)
class Prepared:
    """A scenario on a geography, ready for an engine.

    Attributes
    ----------
    scenario
        What is asked for.
    resolved
        Its constraints, in numbers of councils.
    blocks
        The councils' blocks; each locked area is one.
    units
        All blocks, locked ones included, with the rules.
    free
        Numbers of the blocks that are not locked.
    names
        Of the councils, in the geography's order.
    """

    scenario: Scenario
    resolved: Resolved
    blocks: Blocks
    units: Units
    free: Ints
    names: tuple[str, ...]

    @property
    def locked(self) -> Ints:
        """Numbers of the blocks that are locked areas."""
        return np.array(self.blocks.locked, dtype=np.int64)

    @property
    def alone(self) -> bool:
        """Whether every council is a block of its own."""
        return len(self.blocks.members) == len(self.names)

    def block_name(self, block: int) -> str:
        """Return the names of a block's councils, the first few of them."""
        return first_few((self.names[council] for council in self.blocks.councils[block]), most=3)

    def groups(self, chosen: "list[Ints]") -> tuple[tuple[Hashable, ...], ...]:
        """Return the codes of each area's councils, sorted as the councils are; areas by first council.

        Parameters
        ----------
        chosen
            The numbers of each area's blocks.
        """
        members = [
            sorted(council for block in area.tolist() for council in self.blocks.councils[block].tolist())
            for area in chosen
        ]
        codes = list(self.blocks.of.index)
        return tuple(tuple(codes[council] for council in area) for area in sorted(members))


def prepare(
    geography: Geography, scenario: Scenario, like: Prepared | None = None, deadline: Deadline = NEVER
) -> Prepared:
    """Resolve a scenario's constraints, make blocks, and sum the geography's figures over them.

    Parameters
    ----------
    geography
        The study area.
    scenario
        What is asked for.
    like
        What was made ready on this geography before; where blocks and sums are the same, it is used again.
    deadline
        When to stop.

    Raises
    ------
    ScenarioError
        For a layer, theme, council or body that is not there, and for constraints that contradict themselves.
    InfeasibleError
        For a locked area that does not hang together.
    TimeUpError
        The time is up.
    """
    if like is not None and same_sums(like.scenario, scenario):
        return replace(like, scenario=scenario, units=restated(like.units, scenario))
    scenario.check(geography)
    resolved = resolve(geography, scenario)
    deadline.check()
    blocks = make_blocks(geography, scenario, resolved)
    deadline.check()
    rules = make_rules(resolved, blocks.councils)
    deadline.check()
    units = make_units(geography, scenario, blocks.members, rules)
    deadline.check()
    return Prepared(
        scenario=scenario,
        resolved=resolved,
        blocks=blocks,
        units=units,
        free=np.setdiff1d(np.arange(units.n), np.array(blocks.locked, dtype=np.int64)),
        names=tuple(str(name) for name in geography.councils["name"]),
    )


def same_sums(one: Scenario, other: Scenario) -> bool:
    """Tell whether two scenarios have the same blocks, with the same figures and rules."""
    return (
        summed_over(one) == summed_over(other)
        and one.blocks == other.blocks
        and one.constraints == other.constraints
        and one.bounds == other.bounds
    )


def same_plans(one: Scenario, other: Scenario) -> bool:
    """Tell whether two scenarios allow the same plans, and differ at most in which of them is best."""
    return same_sums(one, other) and one.areas == other.areas and one.population == other.population
