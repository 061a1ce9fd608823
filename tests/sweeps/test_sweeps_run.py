"""Sweeps: the same bytes whoever solves them, each plan that of propose, failures as rows."""

import multiprocessing
import os
import random
import signal
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sweeping import BASE, area, content, scenarios
from threadpoolctl import threadpool_info

import geo_devolve as gd
from geo_devolve.cores import cores, machine_cores
from geo_devolve.errors import ScenarioError, UsageError
from geo_devolve.geography.fingerprint import fingerprint
from geo_devolve.sweeps import WorkersLostError, dataset, work
from geo_devolve.sweeps.dataset import Dataset
from geo_devolve.sweeps.identity import listing_key, packed
from geo_devolve.sweeps.results import open_sweep
from geo_devolve.sweeps.run import _Plan, sweep
from geo_devolve.sweeps.spec import read_sweep
from geo_devolve.sweeps.workers import Crew


@pytest.fixture(scope="module")
def ground() -> gd.Geography:
    return area()


@pytest.fixture(scope="module")
def done(ground: gd.Geography, tmp_path_factory: pytest.TempPathFactory) -> gd.Sweep:
    return sweep(ground, scenarios(), out=tmp_path_factory.mktemp("done"), workers=1)


def test_every_plan_is_exactly_that_of_propose(ground, done) -> None:
    asked = {each.digest(): each for each in scenarios()}
    assert set(done.table.index) == set(asked)
    assert len(done.found) == 22
    for digest in done.found.index:
        plan, proposed = done.plan(digest), gd.propose(ground, asked[digest])
        assert plan.assignment.equals(proposed.assignment)
        assert plan.scenario == asked[digest]
        assert plan.notes == proposed.notes
        apart = {"seconds": 0, "evidence": None}  # a row of a sweep keeps no prices
        ours, theirs = vars(plan.certificate) | apart, vars(proposed.certificate) | apart
        assert ours == theirs
        assert plan.certificate.seconds > 0
        for term, value in proposed.terms.sum().items():
            assert done.table.loc[digest, f"term_{term}"] == value
        for term, weight in zip(asked[digest].term_names, asked[digest].term_weights, strict=True):
            assert done.table.loc[digest, f"weight_{term}"] == weight


def test_a_worker_takes_one_core_and_gives_it_back(ground, tmp_path: Path, monkeypatch) -> None:
    seen = []
    whole = work.propose

    def look(*given: Any, **named: Any) -> Any:
        seen.append((cores(), {each["num_threads"] for each in threadpool_info()}))
        return whole(*given, **named)

    monkeypatch.setattr(work, "propose", look)
    before = threadpool_info()
    with ThreadPoolExecutor(2) as threads:
        for number, hands in enumerate(({"workers": 1}, {"executor": threads})):
            sweep(ground, scenarios()[:6], out=tmp_path / str(number), batch=2, **hands)
            assert threadpool_info() == before
            assert cores() == machine_cores()
    assert len(seen) == 12
    assert set(map(repr, seen)) == {repr((1, {1}))}


def test_batches_shrink_at_the_end_and_hold_each_scenario_once() -> None:
    asked = scenarios()
    plan = _Plan.of(asked, set())
    batches = list(plan.batches(asked, "print", 8, 4))
    sizes = [len(each.scenarios) for each in batches]
    assert max(sizes) <= 8
    assert sizes[-4:] == [1, 1, 1, 1]
    held = [each.digest() for batch in batches for each in batch.scenarios]
    assert sorted(held) == sorted({each.digest() for each in asked})
    assert [len(each.scenarios) for each in plan.batches(asked, "print", 1, 4)] == [1] * len(held)


def test_a_scenario_without_a_plan_is_a_row_with_its_reason(ground, done) -> None:
    assert list(done.failed["name"]) == ["many #3"]
    assert list(done.failed["status"]) == ["infeasible"]
    with pytest.raises(gd.InfeasibleError) as raised:
        gd.propose(ground, scenarios()[2])
    (reason,) = done.failed["reason"]
    assert str(raised.value).startswith(reason)
    assert done.explain("many #3") == str(raised.value)
    with pytest.raises(UsageError, match="has a plan"):
        done.explain("many #1")
    with pytest.raises(UsageError, match="came to no plan"):
        done.plan("many #3")


def test_every_kind_of_failure_is_a_row(ground, tmp_path: Path, monkeypatch) -> None:
    asked = [
        gd.Scenario(**BASE, name="unknown layer").replace(blocks=("no-such",)),
        gd.Scenario(**BASE, name="in time"),
        gd.Scenario(**BASE, name="fault").replace(areas=2),
        gd.Scenario(**BASE, name="memory").replace(areas=4),
        gd.Scenario(**BASE, name="none in time").replace(areas=5),
    ]
    whole = work.propose

    def fail(geography: gd.Geography, scenario: gd.Scenario, **named: Any) -> Any:
        errors = {"fault": ZeroDivisionError("by nought"), "memory": MemoryError()}
        errors["none in time"] = gd.NoPlanInTimeError("no plan was found in 60 s")
        if scenario.name in errors:
            raise errors[scenario.name]
        return whole(geography, scenario, **named)

    monkeypatch.setattr(work, "propose", fail)
    result = sweep(ground, asked, out=tmp_path / "out", workers=1)
    table = result.table.set_index("name")
    assert dict(table["status"]) == {
        "unknown layer": "refused",
        "in time": "found",
        "fault": "failed",
        "memory": "failed",
        "none in time": "no plan in time",
    }
    assert "no-such" in table.loc["unknown layer", "reason"]
    assert table.loc["fault", "reason"] == "a fault of the program, ZeroDivisionError: by nought"
    monkeypatch.undo()
    assert len(sweep(ground, asked, out=tmp_path / "out", workers=1).failed) == 4
    again = sweep(ground, asked, out=tmp_path / "out", workers=1, retry=True)
    assert sorted(again.failed["name"]) == ["unknown layer"]


def test_a_solver_that_failed_says_nothing_of_a_scenario(ground, tmp_path: Path, monkeypatch) -> None:
    def refuse(geography: gd.Geography, scenario: gd.Scenario, **named: Any) -> Any:
        raise gd.SolverError("HiGHS failed: setOptionValue threads = 1 answered kError")

    asked = [gd.Scenario(**BASE, name="first"), gd.Scenario(**BASE, name="second").replace(areas=2)]
    monkeypatch.setattr(work, "propose", refuse)
    failed = sweep(ground, asked, out=tmp_path / "out", workers=1).failed
    assert set(failed["status"]) == {"solver failed"}
    assert failed["reason"].str.contains("setOptionValue threads = 1").all()
    monkeypatch.undo()
    assert len(sweep(ground, asked, out=tmp_path / "out", workers=1).found) == 2


def test_ctrl_c_is_no_row(ground, tmp_path: Path, monkeypatch) -> None:
    calls = []

    def stop(*given: Any, **named: Any) -> Any:
        calls.append(given)
        if len(calls) == 12:
            raise gd.NoPlanInTimeError("stopped before any plan was found") from KeyboardInterrupt()
        return whole(*given, **named)

    whole = work.propose
    monkeypatch.setattr(work, "propose", stop)
    with pytest.raises(KeyboardInterrupt):
        sweep(ground, scenarios(), out=tmp_path / "out", workers=1, batch=4)
    kept = Dataset(tmp_path / "out").digests()
    assert 0 < len(kept) < 12
    monkeypatch.undo()
    assert len(sweep(ground, scenarios(), out=tmp_path / "out", workers=1)) == 23


def test_two_processes_give_the_same_bytes_and_outlive_a_lost_worker(ground, done, tmp_path: Path) -> None:
    killed = []

    def lose_one(_stage: str, finished: int, _total: int | None = None) -> None:
        if finished and not killed:
            worker = multiprocessing.active_children()[0]
            os.kill(worker.pid, signal.SIGKILL)
            killed.append(worker.pid)

    result = sweep(ground, scenarios(), out=tmp_path, workers=2, batch=3, progress=lose_one)
    assert killed
    assert content(tmp_path) == content(done.folder)
    assert len(result) == 23


def test_any_order_and_any_batches_give_the_same_bytes(ground, done, tmp_path: Path) -> None:
    backwards = list(scenarios())[::-1]
    with ThreadPoolExecutor(3) as pool:
        sweep(ground, [*backwards, *backwards[:5]], pool, out=tmp_path, batch=1)
    assert content(tmp_path) == content(done.folder)


def test_finished_scenarios_are_skipped_and_new_ones_added(ground, done, tmp_path: Path, monkeypatch) -> None:
    all_ = list(scenarios())
    sweep(ground, all_[:9], out=tmp_path, workers=1)
    solved = []
    whole = work.propose
    monkeypatch.setattr(work, "propose", lambda g, s, **n: (solved.append(s.name), whole(g, s, **n))[1])
    told = []
    sweep(ground, all_, out=tmp_path, workers=1, progress=lambda _s, n, total=None: told.append((n, total)))
    assert sorted(solved) == sorted(each.name for each in all_[9:])
    assert told[0] == (9, 23)
    assert told[-1] == (23, 23)
    assert content(tmp_path) == content(done.folder)
    solved.clear()
    sweep(ground, all_, out=tmp_path, workers=1)
    assert not solved


def test_candidates_are_listed_once_for_scenarios_that_share_them(ground, tmp_path, monkeypatch) -> None:
    listings = []

    class Counting(work.Problem):
        def __init__(self, *given: Any, **named: Any) -> None:
            listings.append(given)
            super().__init__(*given, **named)

    monkeypatch.setattr(work, "Problem", Counting)
    asked = scenarios(30, counts=(2, 3))
    sweep(ground, asked, out=tmp_path, workers=1, batch=4)
    assert len(listings) == len({listing_key(each) for each in asked}) == 2


def test_the_geography_travels_once_to_a_worker(ground) -> None:
    class Sending(Executor):
        """Three workers of which each has a memory of its own."""

        def __init__(self) -> None:
            self.memories = [work._Held() for _ in range(3)]
            self.random = random.Random(1)

        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
            work._held = self.random.choice(self.memories)
            future: Future[Any] = Future()
            future.set_result(fn(*args, **kwargs))
            return future

    whole = work._held
    try:
        executor, key = Sending(), fingerprint(ground)
        batches = [work.Batch(key, (each,)) for each in scenarios()]
        crews = [Crew(executor, packed(ground), in_flight=1) for _ in range(2)]
        answers = [list(crew.run(batches)) for crew in crews]
    finally:
        work._held = whole
    assert [len(each) for each in answers] == [23, 23]
    assert 3 <= crews[0].sent <= 6  # the answer to a request may reach another worker than the one that asked
    assert crews[1].sent == 0
    assert crews[0].lost == 0


class _Losing(Executor):
    """Loses its worker whenever it is handed one of some scenarios, and all others at work with it."""

    def __init__(self, deadly: set[str], company: bool = True) -> None:
        self.deadly, self.company = deadly, company
        self.waiting: list[tuple[Future[Any], Any]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        (batch,) = args
        if any(each.name in self.deadly for each in batch.scenarios):
            for other, _ in self.waiting:
                other.set_exception(BrokenPipeError("the worker is gone"))
            self.waiting.clear()
            future.set_exception(BrokenPipeError("the worker is gone"))
        elif self.company and len(self.waiting) < 2:
            self.waiting.append((future, batch))
            if len(self.waiting) == 2:
                for other, each in self.waiting:
                    other.set_result(fn(each))
                self.waiting.clear()
        else:
            future.set_result(fn(batch))
        return future


def test_a_scenario_that_takes_its_worker_down_is_a_row_and_the_others_are_solved(ground, done) -> None:
    result = sweep(ground, scenarios(), _Losing({"many #7", "many #12"}, company=False), batch=5)
    table = result.table.set_index("name")
    lost = table[table["status"] == "failed"]
    assert sorted(lost.index) == ["many #12", "many #7"]
    assert lost["reason"].str.contains("its worker was lost 3 times.*BrokenPipeError").all()
    assert len(result.found) == len(done.found) - 2
    known = done.table.set_index("name")
    assert table["objective"].drop(lost.index).equals(known.loc[table.index, "objective"].drop(lost.index))


def test_an_executor_that_has_ended_is_told_and_what_is_finished_is_kept(ground, tmp_path: Path) -> None:
    pool = ThreadPoolExecutor(1)

    def end(_stage: str, finished: int, _total: int | None = None) -> None:
        if finished:
            pool.shutdown(wait=False)

    with pytest.raises(WorkersLostError, match="what is finished is kept"):
        sweep(ground, scenarios(), pool, out=tmp_path, batch=2, progress=end)
    assert Dataset(tmp_path).digests()
    with pytest.raises(UsageError, match="not finished; run it again"):
        open_sweep(tmp_path, ground)
    assert len(sweep(ground, scenarios(), out=tmp_path, workers=1)) == 23


def test_the_folder_is_refused_where_it_holds_something_else(ground, done, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="holds files, but no sweep"):
        sweep(ground, scenarios(), out=tmp_path, workers=1)
    other = gd.Geography.from_graph(ground.graph(), population="population")
    with pytest.raises(UsageError, match="not the same"):
        sweep(other, scenarios(), out=done.folder, workers=1)
    with pytest.raises(UsageError, match="not the same"):
        open_sweep(done.folder, other)
    (tmp_path / "notes.txt").unlink()
    with pytest.raises(UsageError, match="holds no sweep"):
        open_sweep(tmp_path, ground)
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(UsageError, match="cannot write"):
        sweep(ground, scenarios(), out=file / "out", workers=1)


def test_two_runs_in_one_folder_are_kept_apart(ground, tmp_path: Path) -> None:
    with Dataset(tmp_path).locked(), pytest.raises(UsageError, match="another run is writing"):
        sweep(ground, scenarios(), out=tmp_path, workers=1)


def test_what_makes_no_sense_is_told_before_anything_is_solved(ground) -> None:
    for wrong in ({"workers": 0}, {"batch": 0}):
        with pytest.raises(UsageError, match="at least one"):
            sweep(ground, scenarios(), **wrong)
    torn = read_sweep(
        {"base": BASE, "grid": {"population.least": [500, 3000], "population.most": [2000, 4000]}}
    )
    with pytest.raises(ScenarioError, match="least and the most"):
        sweep(ground, torn, workers=1)


def test_a_result_without_a_folder_lives_as_long_as_it_is_held(ground) -> None:
    result = sweep(ground, [gd.Scenario(**BASE)], workers=1)
    folder = result.folder
    assert len(result.numbers) == 1
    assert folder.is_dir()
    del result
    assert not folder.is_dir()


def test_many_parts_are_merged_and_many_rows_are_many_files(
    ground, done, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(dataset, "MOST_PARTS", 4)
    most = []

    def count(*_: Any) -> None:
        most.append(len(list((tmp_path / "parts").glob("part-*"))))

    result = sweep(ground, scenarios(), out=tmp_path, workers=1, batch=1, progress=count)
    assert max(most) <= 4
    assert content(tmp_path) == content(done.folder)
    monkeypatch.setattr(dataset, "ROWS_A_FILE", 4)
    result = sweep(ground, scenarios(), out=tmp_path / "split", workers=1)
    files = sorted((tmp_path / "split" / "scenarios").iterdir())
    assert len(files) == 8
    assert list(result.table.index) == sorted(result.table.index) == list(done.table.index)
    assert (result.numbers == done.numbers).all()


def test_codes_of_any_kind_are_kept(tmp_path: Path) -> None:
    import networkx as nx

    graph = nx.grid_2d_graph(3, 3)
    nx.set_node_attributes(graph, 100, "pop")
    ground = gd.Geography.from_graph(graph)
    asked = [gd.Scenario(areas=each, weights={"compactness": 1}) for each in (2, 3)]
    sweep(ground, asked, out=tmp_path, workers=1)
    result = open_sweep(tmp_path, ground)
    plan = gd.propose(ground, asked[1])
    assert result.plan(asked[1].digest()).assignment.equals(plan.assignment)
    assert result.assignments.columns.equals(ground.councils.index)


def test_engines_that_learn_while_they_solve_give_the_same_plans_in_any_company(
    ground, tmp_path: Path
) -> None:
    base = gd.Scenario(**BASE)
    asked = [
        base.replace(name=f"{engine} {need}", engine=engine, weights={"need": need, "compactness": 0.5})
        for engine in ("stream", "generate")
        for need in (0.2, 3.0)
    ]
    together = sweep(ground, asked, out=tmp_path / "together", workers=1)
    assert len(together.found) == 4
    assert "list" not in set(together.found["engine"])
    for scenario in asked:
        proposed = gd.propose(ground, scenario)
        assert together.plan(scenario.digest()).assignment.equals(proposed.assignment)
        assert together.table.loc[scenario.digest(), "bound"] == proposed.certificate.bound
    sweep(ground, asked[::-1], out=tmp_path / "backwards", workers=1, batch=1)
    assert content(tmp_path / "backwards") == content(tmp_path / "together")
