"""Whether scenarios are possible at all, one after another, re-using what was listed."""

from geo_devolve.clock import Deadline, TimeUpError
from geo_devolve.errors import InfeasibleError, NoPlanInTimeError, SolverError
from geo_devolve.geography.model import Geography
from geo_devolve.optimise.asked.prepared import Prepared, prepare
from geo_devolve.optimise.engines.choose import engage
from geo_devolve.optimise.listed.listing import TooManyError
from geo_devolve.optimise.listed.store import Listed, Store
from geo_devolve.optimise.program.relaxation import Program
from geo_devolve.optimise.reasons.arithmetic import check_arithmetic
from geo_devolve.optimise.reasons.possible import counts_in_reach, is_possible
from geo_devolve.scenario import Scenario

MOST_CANDIDATES = 300_000
_EACH_S = 3.0
_SEARCHES = 2  # by annealing, where there are too many candidates to list


class Judge:
    """Tells whether scenarios are possible.

    Parameters
    ----------
    geography
        The study area.
    deadline
        When to stop; what is asked later is not known.
    """

    def __init__(self, geography: Geography, deadline: Deadline) -> None:
        self.geography, self.deadline = geography, deadline
        self._store = Store()
        self._searches = _SEARCHES

    @property
    def late(self) -> bool:
        """Whether the time is up."""
        return self.deadline.over

    def listed(self, scenario: Scenario) -> tuple[Prepared, Listed] | None:
        """Return a scenario made ready and its candidates; None if it has none, or too many to look at."""
        try:
            prepared = prepare(self.geography, scenario, deadline=self.deadline)
            check_arithmetic(prepared, count=False)
            return prepared, self._store.get(prepared, limit=MOST_CANDIDATES, deadline=self.deadline)
        except (InfeasibleError, TooManyError, TimeUpError):
            return None

    def program(self, scenario: Scenario) -> Program | None:
        """Return a scenario's program; None if it has no candidates, or too many to look at."""
        made = self.listed(scenario)
        return None if made is None else made[1].program(made[0])

    def possible(self, scenario: Scenario, *, any_count: bool = False) -> bool | None:
        """Tell whether there is a plan.

        Parameters
        ----------
        scenario
            What is asked for.
        any_count
            Whether any number of areas will do.

        Returns
        -------
        bool or None
            None if it could not be told.
        """
        if self.late:
            return None
        try:
            prepared = prepare(self.geography, scenario, deadline=self.deadline)
            check_arithmetic(prepared, count=False)
            listed = self._store.get(prepared, limit=MOST_CANDIDATES, deadline=self.deadline)
        except InfeasibleError:
            return False
        except (TooManyError, TimeUpError):
            return None
        program = listed.program(prepared)
        reach = counts_in_reach(program, self.deadline)
        counts = list(reach) if any_count else [areas for areas in scenario.counts if areas in reach]
        middle = len(counts) // 2
        unsure = False
        for at in sorted(range(len(counts)), key=lambda at: abs(at - middle)):  # plans are easiest there
            verdict = is_possible(program, counts[at], self.deadline.sooner(_EACH_S))
            if verdict:
                return True
            unsure = unsure or verdict is None
        return None if unsure else False

    def finds(self, scenario: Scenario) -> bool:
        """Tell whether annealing finds a plan; a few times only, and that it finds none says nothing.

        Parameters
        ----------
        scenario
            What is asked for, with more candidates than are listed here.
        """
        if self.late or self._searches == 0:
            return False
        self._searches -= 1
        try:
            prepared = prepare(self.geography, scenario.replace(engine="generate"), deadline=self.deadline)
            check_arithmetic(prepared)
            engine = engage(prepared, self._store, deadline=self.deadline)
            engine.warm_up()
            middle = prepared.scenario.counts[len(prepared.scenario.counts) // 2]
            return engine.solve(middle, self.deadline.sooner(_EACH_S)).plan is not None
        except (InfeasibleError, NoPlanInTimeError, SolverError, TimeUpError):
            return False
