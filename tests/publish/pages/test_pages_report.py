"""The report and its sentences: what they say is counted, and names are text."""

import re
from pathlib import Path

import pytest
from publish_samples import EVIL, certificate, evil_plan, sample_plan, shapeless_plan

from geo_devolve.cli import run
from geo_devolve.errors import UsageError
from geo_devolve.plan.plan import Plan
from geo_devolve.publish.pages.prose import signed, summary, to_know
from geo_devolve.publish.pages.report import report_html, write_report
from geo_devolve.publish.phrases import certificate_line, share, term_title
from geo_devolve.publish.write import write_plan


@pytest.fixture(scope="module")
def plan() -> Plan:
    return sample_plan()


@pytest.fixture(scope="module")
def page(plan: Plan) -> str:
    return report_html(plan, draws=3)


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.split("</style>")[1]).split())


def test_the_summary_counts_right(plan: Plan) -> None:
    said = " ".join(summary(plan))
    people = plan.geography.population
    assert f"9 councils with {people:,.0f} people into 3 areas" in said
    smallest = plan.areas["population"].idxmin()
    assert (
        f"{plan.areas.loc[smallest, 'name']}, has {plan.areas.loc[smallest, 'population']:,.0f} people"
        in said
    )
    assert "no other plan made of unions of 9 blocks scores better: that is proven" in said
    whole = round(plan.value("bodies_whole", "rows") * len(plan.geography.layers["rows"].bodies))
    assert (
        f"{whole} of {len(plan.geography.layers['rows'].bodies)} {plan.geography.layers['rows'].title}"
        in said
    )
    most = plan.areas["health"].idxmax()
    assert f"need in health in {plan.areas.loc[most, 'name']} ({signed(plan.areas['health'].max())})" in said


def test_what_is_not_proven_is_not_called_proven() -> None:
    open_plan = sample_plan(proven=False)
    said = " ".join(summary(open_plan)) + certificate_line(open_plan)
    assert "not proven" in said
    assert "10.00%" in said
    drawn = Plan(open_plan.geography, open_plan.scenario, open_plan.assignment)
    said = " ".join(summary(drawn)) + certificate_line(drawn)
    assert "nothing is proven" in said
    assert "scores better" not in said


def test_a_bound_that_is_not_known_is_not_written_as_a_number(plan: Plan) -> None:
    from dataclasses import replace

    blind = replace(certificate(1.0, proven=False), bound=float("-inf"), gap=float("inf"))
    unknown = Plan(plan.geography, plan.scenario, plan.assignment, blind)
    assert "inf" not in certificate_line(unknown) + " ".join(summary(unknown))


def test_the_report_has_every_part(plan: Plan, page: str) -> None:
    said = words(page)
    for part in (
        "In short",
        "The areas",
        "The scores",
        "Against yardsticks",
        "Area by area",
        "Method and its limits",
    ):
        assert part in said
    assert page.count('<article class="card">') == 3
    assert page.count("data:image/png;base64,") == 1
    assert f"{plan.objective:.4f}" in said
    assert "Random" in said or "random" in said
    assert "0" * 64 in said
    assert "accurate to" in said
    assert re.search(r"rank [123] of 3\b", said)
    assert ".0 of" not in said
    for council in plan.geography.councils["name"]:
        assert council in said
    for note in to_know(plan):
        assert note in said


def test_the_report_is_the_same_every_time_and_asks_for_nothing(plan: Plan, page: str) -> None:
    assert report_html(sample_plan(seconds=77.0), draws=3) == page
    assert "<script" not in page
    assert not re.search(r"(?:src|href)=\"(?!data:)", page)


def test_names_are_text_in_the_report() -> None:
    page = report_html(evil_plan(), draws=0)
    assert EVIL not in page
    assert "&lt;img src=x" in page
    assert "{{ 7 * 7 }}" in page
    assert page.count("<img ") == 1


def test_without_shapes_there_is_a_report_without_a_map() -> None:
    page = report_html(shapeless_plan(), draws=0)
    assert "<img" not in page
    assert page.count('<article class="card">') == 3


def test_a_pdf_without_a_browser_is_told(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo_devolve.publish.pages.report.find_browser", lambda: None)
    with pytest.raises(UsageError, match="no browser"):
        write_report(plan, tmp_path / "report.pdf", draws=0)
    monkeypatch.setattr("geo_devolve.publish.pages.report.find_browser", lambda: "/nowhere/chromium")
    with pytest.raises(UsageError, match="does not print"):
        write_report(plan, tmp_path / "report.pdf", draws=0)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("part", "wanted"),
    [(0.0, "0%"), (1.0, "100%"), (0.99999, ">99.9%"), (0.00001, "<0.1%"), (0.5, "50%"), (0.05, "5.0%")],
)
def test_a_share_is_nought_or_all_only_where_it_is(part: float, wanted: str) -> None:
    assert share(part) == wanted


def test_small_words() -> None:
    assert share(float("nan")) == "–"
    assert signed(-0.001) == "0.00"
    assert signed(-1.5) == "−1.50"
    assert term_title("misfit", "lep", {"lep": "Partnerships"}) == "Misfit: Partnerships"
    assert term_title("some_new_measure", "", {}) == "Some new measure"


def test_the_commands_hand_a_plan_on(plan: Plan, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder of a small country of the disk: propose, then map, export, explore, report."""
    from small_country import SCENARIO, write_country

    country = write_country(tmp_path / "country")
    (tmp_path / "s.toml").write_text(SCENARIO)
    out = tmp_path / "out"
    assert run(["propose", str(country), "-s", str(tmp_path / "s.toml"), "-o", str(out), "-q"]) == 0
    again = [str(out), "-g", str(country)]
    assert run(["map", *again, "-o", str(tmp_path / "m.svg"), "-c", "health", "-l", "half"]) == 0
    assert run(["export", str(out), str(tmp_path / "p.gpkg"), "-g", str(country)]) == 0
    assert run(["explore", *again, "-o", str(tmp_path / "e.html")]) == 0
    assert run(["explore", str(out), str(out), "-g", str(country), "-o", str(tmp_path / "two.html")]) == 0
    assert run(["report", *again, "-o", str(tmp_path / "r.html"), "--draws", "0"]) == 0
    alone, beside = (
        path.read_text(encoding="utf-8") for path in (tmp_path / "e.html", out / "explorer.html")
    )
    check = re.compile(r'"check":"([^"]*)"')  # told only where the certificate lies beside the page
    assert check.findall(alone) == [""]
    assert "geo-devolve verify" in check.findall(beside)[0]
    assert check.sub("", alone) == check.sub("", beside)
    assert run(["explore", *again, "-o", str(tmp_path / "s.html"), "--stability", "3"]) == 0
    assert '"key":"stability"' in (tmp_path / "s.html").read_text(encoding="utf-8")
    assert "Proven best" in (tmp_path / "r.html").read_text(encoding="utf-8")
    capsys.readouterr()
    assert run(["map", *again, "-o", str(tmp_path / "m.png"), "-c", "hue"]) == 2
    assert "unknown colour" in capsys.readouterr().err
    assert run(["export", str(tmp_path / "none"), str(tmp_path / "p.csv")]) == 3
    assert not (tmp_path / "p.csv").exists()


def test_two_plans_of_different_councils_make_no_page(plan: Plan, tmp_path: Path) -> None:
    from drawn import draw

    from geo_devolve.publish.pages.explorer import write_explorer

    elsewhere = Plan.from_groups(draw("ABX"), plan.scenario.replace(layers={}), [["A", "B", "X"]])
    with pytest.raises(UsageError, match="different councils"):
        write_explorer(plan, tmp_path / "e.html", elsewhere)
    write_plan(plan, tmp_path / "fine")
    assert not (tmp_path / "e.html").exists()
