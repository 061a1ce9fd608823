"""``geo-devolve propose`` from the command line: what it prints and writes, and every wrong way to ask."""

import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from small_country import CODES, write_country

import geo_devolve
from geo_devolve import cli

ROOT = Path(geo_devolve.__file__).parent.parent
ENGLAND = ROOT / "boundaries" / "england-2017"
FILES = {"areas.geojson", "councils.csv", "plan.json", "plan.gpkg", "map.png"}


@pytest.fixture(scope="module")
def country(tmp_path_factory) -> Path:
    return write_country(tmp_path_factory.mktemp("country") / "small")


def ask(country: Path, out: Path, *more: str) -> list[str]:
    return ["propose", str(country), "-s", str(country / "scenario.toml"), "-o", str(out), *more]


def test_it_writes_every_file_and_says_what_the_plan_is(country: Path, tmp_path, capsys) -> None:
    out = tmp_path / "deep" / "out"
    assert cli.run(ask(country, out)) == 0
    said = capsys.readouterr()
    assert {file.name for file in out.iterdir()} >= FILES
    last = said.out.strip().splitlines()[-1]
    summary = r"4 areas, objective \d\.\d{4}, proven best over all plans \([\d,]+ candidates, [\d.]+ s\)"
    assert re.fullmatch(summary, last), last
    table = pd.read_csv(out / "councils.csv", dtype=str)
    assert sorted(table.iloc[:, 0]) == CODES
    for word in ("A01", "need", "quarter", "compactness", "contribution", "objective", "health"):
        assert word in said.out
    contributions = [
        float(row.split("│")[4])
        for row in said.out.splitlines()
        if row.count("│") == 5 and re.search(r"\d\.\d{4} *│$", row)
    ]
    *terms, objective = contributions
    assert sum(terms) == pytest.approx(objective, abs=5e-4)


def test_json_is_the_plan_json_and_nothing_else(country: Path, tmp_path, capsys) -> None:
    assert cli.run(ask(country, tmp_path / "out", "--json")) == 0
    said = capsys.readouterr()
    document = json.loads(said.out)
    assert document == json.loads((tmp_path / "out" / "plan.json").read_text(encoding="utf-8"))
    assert document["certificate"]["proven"] is True


def test_progress_goes_to_standard_error_and_can_be_silenced(country: Path, tmp_path, capsys) -> None:
    assert cli.run(ask(country, tmp_path / "out")) == 0
    assert re.search(r": [\d,]+ \([\d.]+ s\)", capsys.readouterr().err)
    assert cli.run(ask(country, tmp_path / "out", "--quiet")) == 0
    assert capsys.readouterr().err == ""


def test_options_change_the_scenario(country: Path, tmp_path, capsys) -> None:
    more = ["-k", "3-5", "--population", "200_000-700_000", "-w", "need=2", "-w", "half=0", "--seed", "3"]
    assert cli.run(ask(country, tmp_path / "out", "--json", "-q", "--time-limit", "30", *more)) == 0
    scenario = json.loads(capsys.readouterr().out)["scenario"]
    assert scenario["areas"] == [3, 5]
    assert scenario["population"] == [200_000, 700_000]
    assert scenario["weights"]["need"] == 2
    assert scenario["weights"]["compactness"] == 0.5
    assert scenario["layers"]["half"] == {"rule": "nest", "weight": 0}
    assert scenario["seed"] == 3
    assert scenario["time_limit_s"] == 30


@pytest.mark.slow
def test_two_processes_in_two_folders_write_the_same_bytes(country: Path, tmp_path) -> None:
    found = []
    for name, seed in (("one", "1"), ("two", "2")):
        work = tmp_path / name
        work.mkdir()
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed}
        command = [sys.executable, "-m", "geo_devolve", *ask(country, Path("out"), "-q")]
        subprocess.run(command, cwd=work, env=environment, check=True, capture_output=True)
        found.append({file.name: file.read_bytes() for file in sorted((work / "out").iterdir())})
    one, two = found
    assert one.keys() == two.keys()
    for name in ("areas.geojson", "councils.csv", "plan.json"):
        assert without_created(one[name]) == without_created(two[name]), name


def without_created(content: bytes) -> str:
    """Blank the one member that may differ between two runs."""
    text = content.decode()
    if text.startswith("{"):
        document = json.loads(text)
        assert document.pop("created")
        return json.dumps(document)
    return text


# --- asked wrongly: what is said, the exit code, and that nothing is written


def refuse(capsys, out: Path, code: int, *words: str) -> Callable[[list[str]], None]:
    def check(arguments: list[str]) -> None:
        assert cli.run(arguments) == code
        said = capsys.readouterr()
        assert said.out == ""
        assert "Traceback" not in said.err
        assert "error: " in said.err
        for word in words:
            assert word in said.err, said.err
        assert not out.exists()
        assert not [file for file in out.parent.iterdir() if file.name.startswith((".", out.name))]

    return check


def edit(file: Path, change: Callable[[str], str]) -> None:
    if file.suffix == ".gz":
        file.write_bytes(gzip.compress(change(gzip.decompress(file.read_bytes()).decode()).encode()))
    else:
        file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")


def replace_line(start: str, new: str) -> Callable[[str], str]:
    """Replace the line that begins so; an empty one drops it."""

    def change(text: str) -> str:
        lines = text.splitlines(keepends=True)
        assert any(line.startswith(start) for line in lines)
        return "".join(new if line.startswith(start) else line for line in lines)

    return change


DAMAGE: dict[str, tuple[Callable[[Path], None], tuple[str, ...]]] = {
    "missing file": (lambda f: (f / "points.csv").unlink(), ("points.csv",)),
    "no manifest": (lambda f: (f / "geography.toml").unlink(), ("geography.toml",)),
    "empty file": (lambda f: (f / "points.csv").write_text(""), ("points.csv",)),
    "council in needs only": (
        lambda f: edit(f / "needs.csv", lambda text: text + "C99,0.1,0.1\n"),
        ("needs.csv", "C99"),
    ),
    "council not in needs": (lambda f: edit(f / "needs.csv", replace_line("C12,", "")), ("needs.csv", "C12")),
    "duplicate council": (
        lambda f: edit(f / "councils.csv", lambda text: text + "C00,Again,Q00,H0\n"),
        ("councils.csv", "C00"),
    ),
    "negative population": (
        lambda f: edit(f / "points.csv", replace_line("PC12,", "PC12,425000,325000,-5,C12\n")),
        ("points.csv", "population", "PC12"),
    ),
    "missing population": (
        lambda f: edit(f / "points.csv", replace_line("PC12,", "PC12,425000,325000,,C12\n")),
        ("points.csv", "population", "PC12"),
    ),
    "unknown column": (
        lambda f: edit(
            f / "geography.toml", lambda text: text.replace('columns = ["half"]', 'columns = ["halve"]')
        ),
        ("halve", "half"),
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_bad_data_is_exit_3(damage: str, country: Path, tmp_path, capsys) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(country, broken)
    harm, words = DAMAGE[damage]
    harm(broken)
    refuse(capsys, tmp_path / "out", 3, *words)(ask(broken, tmp_path / "out", "-q"))


def test_a_truncated_file_of_england_is_exit_3(tmp_path, capsys) -> None:
    broken = tmp_path / "england"
    shutil.copytree(ENGLAND, broken)
    file = broken / "population.csv.gz"
    file.write_bytes(file.read_bytes()[:100_000])
    out = tmp_path / "out"
    refuse(capsys, out, 3, "population.csv.gz")(["propose", str(broken), "-q", "-o", str(out)])
    whole = gzip.decompress((ENGLAND / "population.csv.gz").read_bytes()).decode().splitlines(keepends=True)
    file.write_bytes(gzip.compress("".join(whole[:30_000]).encode()))
    refuse(capsys, out, 3, "32,844")(["propose", str(broken), "-q", "-o", str(out)])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("quarter = {", "quater = {"), ("quater", 'did you mean "quarter"')),
        (('rule = "match"', 'rule = "mach"'), ("mach", 'did you mean "match"')),
        (("areas = 4", "area = 4"), ("area", 'did you mean "areas"')),
        (('themes = ["health"', 'themes = ["heath"'), ("heath", 'did you mean "health"')),
        (("blocks = []", 'blocks = ["halves"]'), ("halves", 'did you mean "half"')),
        (("areas = 4", "areas = -4"), ("areas must be at least 1",)),
        (("areas = 4", "areas = = 4"), ("cannot be read as TOML",)),
        (("areas = 4", 'areas = 4\nsolver = "HiGSH"'), ("HiGSH", "HiGHS")),
    ],
)
def test_a_scenario_that_makes_no_sense_is_exit_2(change, words, country: Path, tmp_path, capsys) -> None:
    file = tmp_path / "wrong.toml"
    text = (country / "scenario.toml").read_text()
    assert change[0] in text
    file.write_text(text.replace(*change))
    out = tmp_path / "out"
    refuse(capsys, out, 2, *words)(["propose", str(country), "-s", str(file), "-o", str(out), "-q"])


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["-k", "many"], ("--areas", "many", "38 or 36-40")),
        (["--population", "a lot"], ("--population", "a lot")),
        (["--population", "5-3"], ("population must be the least and the most",)),
        (["-w", "quater=2"], ("quater",)),
        (["-w", "need"], ("--weight", "need=2")),
        (["--engine", "steam"], ("steam", 'did you mean "stream"')),
        (["-s", "reform2017"], ("reform2017", 'did you mean "reform-2017"')),
    ],
)
def test_options_that_make_no_sense_are_exit_2(more, words, country: Path, tmp_path, capsys) -> None:
    refuse(capsys, tmp_path / "out", 2, *words)(ask(country, tmp_path / "out", "-q", *more))


def test_a_geography_that_is_not_there_is_refused(country: Path, tmp_path, capsys) -> None:
    out = tmp_path / "out"
    code = cli.run(["propose", "england-2071", "-o", str(out), "-q"])
    said = capsys.readouterr().err
    assert code in {2, 3}
    assert "england-2071" in said
    assert "england-2017" in said
    assert not out.exists()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["-k", "16"], ("16",)),
        (["-k", "2"], ("2",)),
        (["--population", "20_000-50_000", "-k", "16"], ("50,000",)),
    ],
)
def test_what_cannot_be_is_exit_4_and_says_why(more, words, country: Path, tmp_path, capsys) -> None:
    refuse(capsys, tmp_path / "out", 4, *words)(ask(country, tmp_path / "out", "-q", *more))


@pytest.mark.national
def test_no_plan_in_time_is_exit_5(tmp_path, capsys) -> None:
    out = tmp_path / "out"
    refuse(capsys, out, 5, "no plan was found", "time_limit_s")(
        ["propose", "-q", "-o", str(out), "--time-limit", "0.0001"]
    )


@pytest.mark.national
@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--areas", "200"], ("200", "87")),  # there are no more than 87 blocks
        (["--areas", "5"], ("5", "19")),  # 55,619,430 people are 19 areas of 3,000,000 at least
        (["--population", "300000-1000000"], ("1 million", "Manchester")),  # several blocks have more
    ],
)
def test_what_england_cannot_be_is_exit_4(more, words, tmp_path, capsys) -> None:
    out = tmp_path / "out"
    refuse(capsys, out, 4, *words)(["propose", "-q", "-o", str(out), *more])


def test_an_output_folder_that_cannot_be_written_is_exit_2_before_any_work(
    country: Path, tmp_path, capsys
) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    for out in (file, file / "below"):
        assert cli.run(ask(country, out)) == 2
        said = capsys.readouterr()
        assert "cannot write into" in said.err
        assert "(" not in said.err.splitlines()[-1]
        assert file.read_text() == "mine"
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(0o555)
    if not os.access(locked, os.W_OK):  # root may write anywhere
        assert cli.run(ask(country, locked / "out")) == 2
        assert "ermission" in capsys.readouterr().err
    assert cli.run(ask(country, Path("/proc/out"))) == 2
    assert "cannot write into" in capsys.readouterr().err


def test_every_number_of_areas_in_a_range_is_reported(country: Path, tmp_path, capsys) -> None:
    assert cli.run(ask(country, tmp_path / "out", "-q", "-k", "3-6", "--population", "100000-800000")) == 0
    said = capsys.readouterr().out
    rows = re.findall(r"│ +(\d) │ +(\d\.\d{4}) │ +(\d\.\d{4}) │ proven best", said)
    assert [int(row[0]) for row in rows] == [3, 4, 5, 6]
    best = min(rows, key=lambda row: float(row[1]))
    assert f"{best[0]} areas, objective {best[1]}" in said


def test_the_cost_of_each_constraint_is_told_where_asked_for(country: Path, tmp_path, capsys) -> None:
    scenario = tmp_path / "constrained.toml"
    constraint = '\n[constraints]\ntogether = [["C01", "C12"]]\nmax_councils = 7\n'
    scenario.write_text((country / "scenario.toml").read_text(encoding="utf-8") + constraint)
    ask_ = ["propose", str(country), "-s", str(scenario), "-o", str(tmp_path / "out"), "-q", "--explain"]
    assert cli.run(ask_) == 0
    said = capsys.readouterr().out
    assert "at most 7 councils in an area" in said
    assert re.search(r"Council 01.*together.*-\d\.\d{4}", said)
    assert cli.run([*ask_, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    costs = {row["constraint"]: row["difference"] for row in document["constraint_costs"]}
    assert costs["(all constraints kept)"] == 0
    assert min(costs.values()) < -1e-6


def test_existing_files_are_replaced_and_others_left_alone(country: Path, tmp_path, capsys) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "plan.json").write_text("old")
    (out / "mine.txt").write_text("mine")
    assert cli.run(ask(country, out, "-q")) == 0
    assert (out / "plan.json").read_text() != "old"
    assert (out / "mine.txt").read_text() == "mine"
    assert "A01" in capsys.readouterr().out


@pytest.mark.national
def test_ctrl_c_while_solving_is_a_clean_message_and_no_file(tmp_path) -> None:
    """A real signal to a real process, which is far from done: council level, hours of work."""
    scenario = tmp_path / "councils.toml"
    text = (ROOT / "geo_devolve" / "scenarios" / "reform-2017.toml").read_text(encoding="utf-8")
    scenario.write_text(re.sub(r"(?m)^blocks = .*", "blocks = []", text))
    out = tmp_path / "out"
    command = [sys.executable, "-m", "geo_devolve", "propose", "-s", str(scenario), "-o", str(out)]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # a shell that runs the tests in the background has made them deaf to it, and children inherit that
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    time.sleep(6)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    said, told = process.communicate(timeout=180)
    assert "Traceback" not in told
    assert "KeyboardInterrupt" not in told
    if process.returncode == 0:  # a plan had been found: it is returned, and says that nothing is proven
        assert "not proven" in said
    else:
        assert process.returncode in {5, 130}
        assert said == ""
        assert "error: " in told
        assert not out.exists()
    assert {file.name for file in tmp_path.iterdir()} <= {"councils.toml", "out"}
