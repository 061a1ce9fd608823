"""Others in the process who use HiGHS, before and after a plan is made, each in a real process.

What they ask for has the answer 13; what is asked of `gd.propose` has one best plan, worked out here.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from small_country import write_country

import geo_devolve as gd

OTHERS = """
import json, sys, threading, warnings
import highspy, numpy as np, pulp
from scipy.optimize import Bounds, LinearConstraint, milp
import geo_devolve as gd

VALUES, WEIGHTS, MOST = [1, 2, 3, 4, 5, 6], [1.0, 1.3, 0.7, 1.1, 2.0, 1.0], 3.5

def by_pulp(threads):
    problem = pulp.LpProblem("sack", pulp.LpMaximize)
    x = [problem.add_variable(f"x{at}", 0, 1, pulp.LpInteger) for at in range(6)]
    problem += pulp.lpSum(v * each for v, each in zip(VALUES, x))
    problem += pulp.lpSum(w * each for w, each in zip(WEIGHTS, x)) <= MOST
    problem.solve(pulp.HiGHS(msg=False, threads=threads))
    return problem.sol_status == pulp.LpSolutionOptimal and pulp.value(problem.objective)

def by_highspy(threads):
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    if threads:
        model.setOptionValue("threads", threads)
    for value in VALUES:
        model.addCol(-value, 0.0, 1.0, 0, [], [])
    for at in range(6):
        model.changeColIntegrality(at, highspy.HighsVarType.kInteger)
    model.addRow(-highspy.kHighsInf, MOST, 6, list(range(6)), WEIGHTS)
    status = model.run()
    return status == highspy.HighsStatus.kOk and -model.getObjectiveValue()

def by_scipy(_):
    found = milp(-np.array(VALUES), constraints=LinearConstraint([WEIGHTS], ub=MOST),
                 integrality=np.ones(6), bounds=Bounds(0, 1))
    return found.success and -found.fun

folder, out, work = sys.argv[1:4]
ground, scenario = gd.load_geography(folder), gd.load_scenario(folder + "/scenario.toml")
answers = {}

def turn(name, ask, threads, before=True):
    answers[name] = [ask(threads)] if before else []
    plan = gd.propose(ground, scenario)
    answers[name] += [list(plan.assignment), plan.certificate.proven, ask(threads)]

TURNS = {
    "PuLP": (by_pulp, None), "PuLP, 2": (by_pulp, 2), "highspy": (by_highspy, None),
    "highspy, 2": (by_highspy, 2), "highspy, 3": (by_highspy, 3), "SciPy": (by_scipy, None),
}
if work == "threads":
    names = ["PuLP", "PuLP, 2", "highspy, 3", "SciPy"]
    crew = [threading.Thread(target=turn, args=(name, *TURNS[name])) for name in names]
    for each in crew:
        each.start()
    for each in crew:
        each.join()
elif work.endswith("after"):
    turn(work, *TURNS[work.removesuffix(" after")], before=False)
else:
    turn(work, *TURNS[work])
    for name, (ask, threads) in TURNS.items():  # all the others, each in a thread that is new to HiGHS
        each = threading.Thread(target=turn, args=(name, ask, threads))
        each.start()
        each.join()
open(out, "w").write(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_country(tmp_path_factory.mktemp("country") / "small")


@pytest.fixture(scope="module")
def best(country: Path) -> list[str]:
    return list(
        gd.propose(gd.load_geography(country), gd.load_scenario(country / "scenario.toml")).assignment
    )


@pytest.mark.parametrize("work", ["PuLP", "highspy, 2", "PuLP, 2 after", "highspy, 3 after", "threads"])
def test_others_and_propose_leave_each_other_alone(
    country: Path, best: list[str], tmp_path: Path, work: str
) -> None:
    out = tmp_path / "answers.json"
    command = [sys.executable, "-W", "ignore", "-c", OTHERS, str(country), str(out), work]
    subprocess.run(command, check=True, timeout=300)
    answers = json.loads(out.read_text(encoding="utf-8"))
    alone = 1 if work.endswith("after") else 4 if work == "threads" else 6
    assert len(answers) == alone
    for name, (*before, plan, proven, after) in answers.items():
        assert before in ([pytest.approx(13.0)], []), name
        assert after == pytest.approx(13.0), name
        assert plan == best, name
        assert proven is True, name


QUIET = """
import sys
import geo_devolve as gd
ground, scenario = gd.load_geography(sys.argv[1]), gd.load_scenario(sys.argv[1] + "/scenario.toml")
for engine in ("list", "stream", "generate"):
    gd.propose(ground, scenario.replace(engine=engine, time_limit_s=5))
gd.sweep(ground, [scenario, scenario.replace(areas=5)], workers=1)
"""


def test_the_solver_says_nothing_on_standard_output(country: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", QUIET, str(country)],
        check=True,
        timeout=300,
        stdout=subprocess.PIPE,
    )
    assert done.stdout == b""
