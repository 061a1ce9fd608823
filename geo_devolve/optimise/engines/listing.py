"""The engine that holds every candidate."""

from dataclasses import replace

import numpy as np

from geo_devolve.clock import Deadline
from geo_devolve.objective.units import Floats, Masks, to_masks
from geo_devolve.optimise.annealing.chains import is_narrow
from geo_devolve.optimise.asked.prepared import Prepared
from geo_devolve.optimise.certificate import CountResult
from geo_devolve.optimise.compiled.leftover import leaves_room
from geo_devolve.optimise.outcome import Outcome
from geo_devolve.optimise.program.best_plan import solve_count
from geo_devolve.optimise.program.relaxation import Program


class Listing:
    """The engine that holds every candidate."""

    name = "list"
    notes: tuple[str, ...] = ()

    def __init__(self, prepared: Prepared, program: Program, guide: Floats | None = None) -> None:
        if is_narrow(prepared.units):  # most unions leave over what no plan can divide
            useful = np.flatnonzero(_useful(prepared, program.masks))
            program, guide = program.take(useful), None if guide is None else guide[useful]
        self.solver, self.program = prepared.scenario.solver, program
        self.candidates = len(program.masks)
        # where nothing weighs anything any plan is best, and other costs may lead the search to one
        self.free = guide is not None and not program.costs.any()
        self.guided = replace(program, costs=guide) if guide is not None and self.free else program

    def warm_up(self) -> None:
        """Do nothing: what listing takes is compiled once the candidates are there."""

    def solve(self, areas: int, deadline: Deadline) -> Outcome:
        """Find the best plan with a number of areas, and what is known of it."""
        outcome = solve_count(self.guided, areas, solver=self.solver, deadline=deadline)
        if self.free and outcome.plan is not None:
            return Outcome(CountResult.best(areas, 0.0, 0.0), outcome.plan)
        return outcome


def _useful(prepared: Prepared, masks: Masks) -> np.ndarray:
    """Tell which candidates leave room for a plan; locked areas are told apart from what they leave."""
    locked = np.zeros((1, prepared.units.n), dtype=bool)
    locked[0, prepared.locked] = True
    own = (masks & to_masks(locked)).any(axis=1)
    return own | leaves_room(prepared.units, masks, prepared.free)
