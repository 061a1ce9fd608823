"""What proves that no plan obeys a scenario, for somebody else to check."""

from geo_devolve.clock import Deadline
from geo_devolve.errors import InfeasibleError, NoPlanInTimeError
from geo_devolve.geography.model import Geography
from geo_devolve.optimise.asked.prepared import Prepared, prepare
from geo_devolve.optimise.asked.resolved import resolve
from geo_devolve.optimise.evidence import CountEvidence, Evidence
from geo_devolve.optimise.listed.listing import TooManyError
from geo_devolve.optimise.listed.store import Store
from geo_devolve.optimise.problem import gather_evidence
from geo_devolve.optimise.program.best_plan import solve_count
from geo_devolve.optimise.reasons.arithmetic import check_arithmetic
from geo_devolve.scenario import Scenario

MOST_LISTED = 2_000_000


def prove_impossible(geography: Geography, scenario: Scenario, seconds: float = 60.0) -> Evidence:
    """Prove again, number of areas by number, that there is no plan, keeping what proves it.

    Parameters
    ----------
    geography
        The study area.
    scenario
        One that no plan obeys.
    seconds
        How long to look (s).

    Returns
    -------
    Evidence
        Every number of areas said to be impossible.

    Raises
    ------
    NoPlanInTimeError
        There are too many candidates to list, or the time is up.
    """
    try:
        prepared = prepare(geography, scenario)
    except InfeasibleError:  # a locked area in pieces: there are no blocks to speak of
        return _of_locked(geography, scenario)
    try:
        program = Store().get(prepared, limit=MOST_LISTED).program(prepared)
    except TooManyError as error:
        raise NoPlanInTimeError(f"what proves it is not written: {error}") from error
    deadline = Deadline.after(seconds)
    found = []
    for areas in scenario.counts:
        outcome = solve_count(program, areas, solver=scenario.solver, deadline=deadline)
        if outcome.result.status != "infeasible" and not _locked_break(prepared):
            raise NoPlanInTimeError("what proves it is not written: it was not found in time")
        proof = outcome.evidence if outcome.result.status == "infeasible" else None
        found.append(CountEvidence(areas, None, proof, impossible=True))
    return gather_evidence(prepared, found)


def _locked_break(prepared: Prepared) -> bool:
    """Tell whether arithmetic rules every plan out; listing does not see what is wrong with locked areas."""
    try:
        check_arithmetic(prepared, count=False)
    except InfeasibleError:
        return True
    return False


def _of_locked(geography: Geography, scenario: Scenario) -> Evidence:
    """Return blocks of the locked areas and of each other council: people and borders alone say enough."""
    codes = list(geography.councils.index)
    locked = [group.councils.tolist() for group in resolve(geography, scenario).locked]
    inside = {council for block in locked for council in block}
    rest = [[council] for council in range(len(codes)) if council not in inside]
    blocks = tuple(tuple(codes[council] for council in block) for block in (*locked, *rest))
    counts = tuple(CountEvidence(areas, None, None, impossible=True) for areas in scenario.counts)
    return Evidence(blocks, counts, tuple(range(len(locked))), ())
