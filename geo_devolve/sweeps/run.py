"""Solving many scenarios with many workers, so that nothing finished is ever lost or done twice."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from geo_devolve.cores import machine_cores
from geo_devolve.errors import UsageError
from geo_devolve.geography.fingerprint import fingerprint
from geo_devolve.geography.model import Geography
from geo_devolve.processes import Processes
from geo_devolve.progress import Progress, silent
from geo_devolve.scenario import Scenario
from geo_devolve.sweeps import rows
from geo_devolve.sweeps.dataset import Dataset
from geo_devolve.sweeps.identity import listing_key, packed
from geo_devolve.sweeps.results import Sweep
from geo_devolve.sweeps.spec import load_sweep
from geo_devolve.sweeps.work import Batch, hold
from geo_devolve.sweeps.workers import Crew, Here, hands_of

STAGE = "scenarios"
BATCH = 8
"""Scenarios a worker is handed at once: what a killed run may lose, times the workers."""


def sweep(
    geography: Geography,
    scenarios: Iterable[Scenario] | str | os.PathLike[str],
    executor: Executor | None = None,
    *,
    out: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    batch: int = BATCH,
    retry: bool = False,
    progress: Progress = silent,
) -> Sweep:
    """Solve many scenarios and keep a row of each; begun before, it is gone on with.

    Every plan is exactly that of `propose` for the same scenario, whatever solved it in whatever order. A
    scenario without a plan is a row with its reason, into which `Sweep.explain` looks further.

    Parameters
    ----------
    geography
        The study area; sent once to each worker.
    scenarios
        Any number, or the path of a sweep's file; one asked for twice is solved once.
    executor
        Of `concurrent.futures`' kind, such as ``client.get_executor()`` of Dask. None starts worker processes
        on this machine; a script needs no guard for them.
    out
        The folder of the results; None keeps them in a temporary one, for as long as the result lives.
    workers
        How many processes; None takes as many as there are cores, and 1 solves in this process.
    batch
        Scenarios handed to a worker at once: the most that a killed run loses, times the workers.
    retry
        Solve those again that failed before, rather than keeping the reason.
    progress
        Told how many are finished, those of an earlier run included.

    Returns
    -------
    Sweep
        The rows of the folder.

    Raises
    ------
    ScenarioError
        A scenario of a sweep's file makes no sense.
    UsageError
        The folder holds something else, or cannot be written, or another run writes into it.
    WorkersLostError
        The executor ended; what was finished is kept.
    """
    if batch < 1:
        raise UsageError(f"a batch holds at least one scenario, not {batch}")
    if workers is not None and workers < 1:
        raise UsageError(f"at least one worker is needed, not {workers}")
    asked: Iterable[Scenario] = (
        load_sweep(scenarios) if isinstance(scenarios, str | os.PathLike) else scenarios
    )
    listed = asked if isinstance(asked, Sequence) else list(asked)
    print_ = fingerprint(geography)
    if out is None:
        folder = Path(tempfile.mkdtemp(prefix="geo-devolve-sweep-"))
        try:
            sweep(geography, listed, executor, out=folder, workers=workers, batch=batch, progress=progress)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return Sweep(folder, geography, fleeting=True)
    data = Dataset(Path(out))
    with data.locked():
        data.open(geography, print_)
        if retry:
            data.drop(data.digests() - data.digests(rows.FOUND))
        data.drop(data.digests(rows.UNSOLVED))
        plan = _Plan.of(listed, data.digests())
        progress(STAGE, plan.finished, plan.total)
        if plan.left:
            many = workers if workers is not None else min(machine_cores(), plan.left)
            with _hands(geography, print_, executor, many) as (hands, payload, in_flight):
                crew = Crew(hands, payload, in_flight)
                _collect(crew, plan.batches(listed, print_, batch, in_flight), data, plan, progress)
        data.finish()
    return Sweep(data.folder, geography)


@dataclass(frozen=True)
class _Plan:
    """Which scenarios are left to solve, by what their listing depends on.

    Attributes
    ----------
    groups
        Places in the list, of scenarios that share their candidates.
    total
        How many different scenarios there are.
    finished
        How many of them were found finished.
    """

    groups: tuple[tuple[int, ...], ...]
    total: int
    finished: int

    @classmethod
    def of(cls, scenarios: Sequence[Scenario], finished: set[bytes]) -> "_Plan":
        # Only a digest and a place are kept of each: a million scenarios made on demand take little room.
        seen: set[bytes] = set()
        groups: dict[bytes, list[int]] = {}
        before = 0
        for place, scenario in enumerate(scenarios):
            digest = bytes.fromhex(scenario.digest())
            if digest in seen:
                continue
            seen.add(digest)
            if digest in finished:
                before += 1
            else:
                groups.setdefault(bytes.fromhex(listing_key(scenario)), []).append(place)
        return cls(tuple(map(tuple, groups.values())), len(seen), before)

    @property
    def left(self) -> int:
        return self.total - self.finished

    def batches(
        self, scenarios: Sequence[Scenario], geography: str, size: int, in_flight: int
    ) -> Iterator[Batch]:
        """Yield batches, one listing after the other; small ones at the end, so that no worker idles."""
        left = self.left
        for group in self.groups:
            start = 0
            while start < len(group):
                places = group[start : start + min(size, -(-left // in_flight))]
                yield Batch(geography, tuple(scenarios[place] for place in places))
                start += len(places)
                left -= len(places)


def _collect(crew: Crew, batches: Iterable[Batch], data: Dataset, plan: _Plan, progress: Progress) -> None:
    finished = plan.finished
    for answer in crew.run(batches):
        if isinstance(answer, tuple):
            given_up, reason = answer
            solved = [rows.failed(each, "failed", reason) for each in given_up.scenarios]
        else:
            solved = answer
        data.add(rows.to_table(solved))
        finished += len(solved)
        progress(STAGE, finished, plan.total)


@contextmanager
def _hands(
    geography: Geography, print_: str, executor: Executor | None, workers: int
) -> Iterator[tuple[Executor, bytes, int]]:
    """Yield an executor, the geography as its workers may ask for it, and how many batches it is handed."""
    if executor is not None:
        yield executor, packed(geography), 2 * hands_of(executor)
    elif workers == 1:
        hold(print_, geography)
        try:
            yield Here(), b"", 1
        finally:
            hold("", None)
    else:
        with Processes(workers) as processes:
            yield processes, packed(geography), 2 * workers
