"""Ctrl-C while plans are looked for: the best so far and a certificate that holds, or that there is none.

The signal is raised in this process, from the progress callback, so that it comes at a known stage.
"""

import signal
from collections.abc import Iterator

import pytest
import tight_graphs as tight

import geo_devolve as gd
from geo_devolve.optimise.engines import passes

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _heard() -> Iterator[None]:
    """Hear SIGINT also where the tests run in the background, whose jobs ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Interrupt:
    """A progress callback that presses Ctrl-C once, the n-th time that it hears of a stage."""

    def __init__(self, stage: str, turn: int) -> None:
        self.stage, self.left, self.pressed = stage, turn, False

    def __call__(self, stage: str, done: int, total: int | None = None) -> None:
        self.left -= stage == self.stage
        if self.left == 0 and not self.pressed:
            self.pressed = True
            signal.raise_signal(signal.SIGINT)


def country(engine: str, *, narrow: bool) -> tuple[gd.Geography, gd.Scenario, tuple[int, int]]:
    graph = tight.map_graph(30 if narrow else 18, 4)
    tight.plant(graph, 4, 0.5, 4)
    limits = tight.bounds(graph, 4, 0.005 if narrow else 0.4)
    scenario = gd.Scenario(
        areas=4, population=limits, weights={"compactness": 1}, blocks=[], engine=engine, time_limit_s=120
    )
    return gd.Geography.from_graph(graph), scenario, limits


def check(plan: gd.Plan, geography: gd.Geography, best: float, limits: tuple[int, int]) -> None:
    certificate = plan.certificate
    assert certificate.objective >= best - 1e-9
    assert certificate.bound <= best + 1e-9
    assert certificate.bound <= certificate.objective + 1e-12
    assert not certificate.proven or certificate.objective == pytest.approx(best, abs=1e-9)
    people = geography.councils["population"].groupby(plan.assignment).sum()
    assert people.between(*limits).all()
    assert not plan.faults


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("turn", [1, 2, 6])
@pytest.mark.parametrize(
    ("engine", "stage"),
    [
        ("stream", passes.STAGE),
        ("stream", "searching candidates"),
        ("stream", "generating plans"),
        ("generate", "generating plans"),
        ("generate", "searching candidates"),
    ],
)
def test_the_best_plan_so_far_or_none(engine: str, stage: str, turn: int, *, narrow: bool) -> None:
    geography, scenario, limits = country(engine, narrow=narrow)
    best = gd.propose(geography, scenario.replace(engine="list")).certificate.objective
    press = Interrupt(stage, turn)
    try:
        plan = gd.propose(geography, scenario, progress=press)
    except gd.NoPlanInTimeError as error:
        plan, said = None, str(error)
    if plan is None:
        assert press.pressed
        assert "stopped before any plan was found" in said
        return
    check(plan, geography, best, limits)
    if press.pressed:
        assert plan.certificate.proven or plan.certificate.stopped == "user"
    else:
        assert engine == "generate" or plan.certificate.proven


def test_a_plan_known_before_is_not_lost() -> None:
    geography, scenario, _ = country("generate", narrow=False)
    best = gd.propose(geography, scenario.replace(engine="list")).certificate.objective
    press = Interrupt("generating plans", 2)  # the second round: the first has found plans
    problem = gd.Problem(geography, scenario, progress=press)
    solution = problem.solve()
    assert press.pressed
    assert solution.certificate.stopped == "user"
    assert solution.certificate.objective >= best - 1e-9
    assert not solution.certificate.proven
    again = problem.solve()
    assert again.certificate.stopped == ""
    assert again.certificate.objective <= solution.certificate.objective + 1e-12
