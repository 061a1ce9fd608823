"""What a worker does: keep the geography, list candidates once, and solve one scenario after the other.

A worker that does not hold the geography yet says so, and is sent it with its next batch. So it travels once
to a worker whatever the executor is, also to one that joins late or was started again.
"""

import os
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from geo_devolve.cores import one_core
from geo_devolve.errors import GeoDevolveError, InfeasibleError, NoPlanInTimeError, SolverError
from geo_devolve.geography.model import Geography
from geo_devolve.optimise.certificate import Stopped
from geo_devolve.optimise.problem import Problem
from geo_devolve.plan.plan import Plan
from geo_devolve.plan.propose import propose
from geo_devolve.scenario import Scenario
from geo_devolve.sweeps import rows
from geo_devolve.sweeps.identity import listing_key, unpacked


@dataclass(frozen=True)
class Batch:
    """Scenarios for one worker, all of one listing.

    Attributes
    ----------
    geography
        The fingerprint of the geography.
    scenarios
        What to solve.
    payload
        The geography itself, for a worker that does not hold it; usually None.
    """

    geography: str
    scenarios: tuple[Scenario, ...]
    payload: bytes | None = None


@dataclass
class _Held:
    """What a worker keeps from batch to batch: one geography, one listing."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    fingerprint: str = ""
    geography: Geography | None = None
    key: str = ""
    problem: Problem | None = None


_held = _Held()


def hold(fingerprint: str, geography: Geography | None) -> None:
    """Keep a geography in this process; None lets go of everything."""
    _held.fingerprint, _held.geography = fingerprint, geography
    _held.key, _held.problem = "", None


def solve_batch(batch: Batch, payload: bytes | None = None) -> list[dict[str, Any]] | None:
    """Solve scenarios; what goes wrong with one is its row, never an error.

    Parameters
    ----------
    batch
        The scenarios.
    payload
        The geography, where the executor has ways of its own to bring it to each worker once.

    Returns
    -------
    list of dict or None
        A row a scenario, in order; None where this worker does not hold the geography yet.
    """
    with _held.lock, one_core():  # what others of this machine's workers hold is theirs
        if _held.fingerprint != batch.geography:
            packed = payload if batch.payload is None else batch.payload
            if packed is None:
                return None
            hold(batch.geography, unpacked(packed))
        worker = f"{os.uname().nodename if hasattr(os, 'uname') else 'worker'}:{os.getpid()}"
        return [_solve(scenario) | {"worker": worker} for scenario in batch.scenarios]


def _solve(scenario: Scenario) -> dict[str, Any]:
    began = time.perf_counter()
    try:
        row = rows.found(_propose(scenario))
    except InfeasibleError as error:
        row = rows.failed(scenario, "infeasible", str(error))
    except NoPlanInTimeError as error:
        if error.by_user or isinstance(error.__cause__, KeyboardInterrupt):
            raise KeyboardInterrupt from error  # the user's doing, and nothing to keep
        row = rows.failed(scenario, "no plan in time", str(error))
    except SolverError as error:  # says nothing of the scenario
        row = rows.failed(scenario, rows.UNSOLVED, str(error))
    except GeoDevolveError as error:
        row = rows.failed(scenario, "refused", str(error))
    except MemoryError:
        row = rows.failed(scenario, "failed", "the worker has too little memory for this scenario")
    except Exception as error:  # noqa: BLE001 - one scenario's fault must not end ten thousand
        row = rows.failed(scenario, "failed", f"a fault of the program, {type(error).__name__}: {error}")
    return row | {"seconds": time.perf_counter() - began}


def _propose(scenario: Scenario) -> Plan:
    """Propose exactly what `gd.propose` does, on a listing shared by scenarios of the same candidates."""
    geography, key = _held.geography, listing_key(scenario)
    if geography is None:
        raise RuntimeError("this worker holds no geography")
    if _held.problem is None or _held.key != key:
        _held.problem = None  # let go of the old listing before the new one takes its room
        # Reasons take time to find, and depend on it: `Sweep.explain` looks for those that are asked for.
        _held.problem, _held.key = Problem(geography, scenario, explain=False), key
    plan = propose(geography, scenario, problem=_held.problem)
    if plan.certificate is not None and plan.certificate.engine != "list":
        # The other engines learn while they solve; what they learnt must not sway the next scenario's plan.
        _held.problem = None
    if plan.certificate is not None and plan.certificate.stopped == Stopped.USER:
        raise KeyboardInterrupt
    return plan
