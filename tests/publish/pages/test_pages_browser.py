"""The pages in a real browser, opened from the disk, with the network cut off."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from publish_samples import EVIL, evil_plan, sample_plan

from geo_devolve.plan.compare import compare
from geo_devolve.plan.plan import Plan
from geo_devolve.publish.colours import area_colours
from geo_devolve.publish.files.tables import councils_table, to_csv
from geo_devolve.publish.maps.themes import choropleth
from geo_devolve.publish.pages.explorer import write_explorer
from geo_devolve.publish.pages.report import find_browser, print_pdf, write_report

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def plan() -> Plan:
    return sample_plan()


@pytest.fixture(scope="module")
def other() -> Plan:
    return sample_plan(("AB", "CEF", "DGHI"))


@pytest.fixture(scope="module")
def pages(plan: Plan, other: Plan, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    return {
        "one": write_explorer(plan, folder / "one.html"),
        "two": write_explorer(plan, folder / "two.html", other),
        "evil": write_explorer(evil_plan(), folder / "evil.html", evil_plan()),
        "report": write_report(plan, folder / "report.html", draws=0),
        "evil report": write_report(evil_plan(), folder / "evil-report.html", draws=0),
    }


@pytest.fixture
def visit(browser: Any, pages: dict[str, Path]) -> Iterator[Any]:
    """Open a page offline; at the end nothing may have been asked for and nothing may have gone wrong."""
    contexts, asked, faults = [], [], []

    def open_page(
        name: str, fragment: str = "", width: int = 1440, height: int = 900, dark: bool = False
    ) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            accept_downloads=True,
        )
        contexts.append(context)
        context.set_offline(True)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on(
            "console",
            lambda message: faults.append(message.text) if message.type in {"error", "warning"} else None,
        )
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(pages[name].as_uri() + fragment)
        return page

    yield open_page
    for context in contexts:
        context.close()
    files = {path.as_uri() for path in pages.values()}
    assert [
        url for url in asked if url.partition("#")[0] not in files and not url.startswith(("data:", "blob:"))
    ] == []
    assert faults == []


def on_map(page: Any, plan: Plan, council: str) -> tuple[float, float]:
    """Where a council's middle is on the screen, from the page's own placement of the ground."""
    left, bottom, right, top = plan.areas.total_bounds
    point = plan.geography.councils.geometry[council].representative_point()
    frame = page.locator("canvas").first.bounding_box()
    pad, high = (14, 56) if frame["width"] < 560 else (26, 26)
    scale = min((frame["width"] - 2 * pad) / (right - left), (frame["height"] - high - pad) / (top - bottom))
    x = frame["width"] / 2 + (point.x - (left + right) / 2) * scale
    y = high + (frame["height"] - high - pad) / 2 - (point.y - (bottom + top) / 2) * scale
    return frame["x"] + x, frame["y"] + y


def area_of(plan: Plan, council: str) -> str:
    return str(plan.areas.loc[plan.assignment[council], "name"])


@pytest.mark.parametrize("width", [360, 390, 1440, 2560])
def test_what_must_always_be_seen_is_seen(visit: Any, plan: Plan, width: int) -> None:
    page = visit("one", width=width)
    assert page.title() == "A small country: 3 areas"
    for text in ("objective", "proven best over unions of 9 blocks", plan.geography.attribution):
        assert page.get_by_text(text).first.is_visible()
    assert "sample" in page.locator(".head").evaluate(
        "head => head.innerText + getComputedStyle(head.querySelector('.certificate'), '::after').content"
    )
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    canvas = page.locator("canvas").bounding_box()
    assert canvas["width"] > 200
    assert canvas["height"] > 200


def test_the_map_is_drawn_in_the_areas_colours(visit: Any, plan: Plan) -> None:
    page = visit("one", "#names=0&councils=0")
    colours = area_colours(plan)
    wanted = [colours[plan.assignment[council]] for council in "AEI"]
    drawn = page.evaluate(
        """async (places) => {
          await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
          const canvas = document.querySelector("canvas"), frame = canvas.getBoundingClientRect();
          const copy = document.createElement("canvas");
          Object.assign(copy, { width: canvas.width, height: canvas.height });
          const pen = copy.getContext("2d", { willReadFrequently: true });
          pen.drawImage(canvas, 0, 0);
          const ratio = canvas.width / frame.width;
          const at = (x, y) => pen.getImageData((x - frame.left) * ratio, (y - frame.top) * ratio, 1, 1).data;
          return places.map(([x, y]) => [...at(x, y)]);
        }""",
        [on_map(page, plan, council) for council in "AEI"],
    )
    assert [tuple(one[:3]) for one in drawn] == [
        tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5)) for colour in wanted
    ]


def test_pointing_tells_and_choosing_opens_the_card(visit: Any, plan: Plan) -> None:
    page = visit("one")
    x, y = on_map(page, plan, "E")
    page.mouse.move(x, y)
    tip = page.locator("#tip")
    assert "Council E, 4,000 people" in tip.inner_text()
    assert area_of(plan, "E") in tip.inner_text()
    page.mouse.click(x, y)
    card = page.locator("article")
    assert card.locator("h2").inner_text() == area_of(plan, "E")
    assert "12,000" in card.inner_text()
    for code in "DEF":
        assert f"Council {code}" in card.inner_text()
    page.mouse.click(x, y)
    assert page.locator("article").count() == 0


def test_search_finds_areas_councils_and_bodies(visit: Any, plan: Plan) -> None:
    page = visit("one")
    field = page.get_by_role("combobox", name="Search")
    field.fill("council f")
    assert page.locator("#found li").first.inner_text().split("\n")[0] == "Council F"
    field.press("Enter")
    assert page.locator("article h2").inner_text() == area_of(plan, "F")
    field.fill("nowhere at all")
    assert "Nothing" in page.locator("#found").inner_text()
    field.press("Escape")
    assert page.locator("#found").is_hidden()
    body = plan.geography.layers["pairs"].bodies.iloc[0]
    field.fill(body["name"])
    page.locator("#found li", has_text=plan.geography.layers["pairs"].title).first.click()
    assert page.locator("#layer").input_value() == "pairs"
    page.wait_for_timeout(400)
    assert "body=" in page.evaluate("location.hash")


def test_a_layer_shows_which_bodies_are_cut(visit: Any, plan: Plan) -> None:
    page = visit("one")
    page.get_by_label("Outline of").select_option("pairs")
    page.get_by_role("tab", name="Cut bodies").click()
    shared = plan.groups.people("pairs")
    cut = int(((shared.toarray() if hasattr(shared, "toarray") else shared) > 0).sum(axis=0).__gt__(1).sum())
    assert page.locator("tbody tr").count() == cut
    bodies = len(plan.geography.layers["pairs"].bodies)
    assert f"cuts {cut} of {bodies} bodies" in page.locator("caption").inner_text()
    assert f"{cut} of {bodies} cut by the plan" in page.locator("#legend").inner_text()
    page.locator("tbody button").first.click()
    assert page.locator("tbody tr[data-chosen]").count() == 1


def test_colouring_shows_the_classes_of_the_printed_map(visit: Any, plan: Plan) -> None:
    page = visit("one")
    for key in ("health", "population", "misfit"):
        page.get_by_label("Colour by").select_option(key)
        figure = choropleth(plan, key)
        rows = page.locator("#legend li")
        assert rows.count() == len(figure.ramp.colours)
        drawn = rows.locator(".swatch").evaluate_all(
            "all => all.map(one => getComputedStyle(one).backgroundColor)"
        )
        wanted = [
            f"rgb({int(c[1:3], 16)}, {int(c[3:5], 16)}, {int(c[5:7], 16)})" for c in figure.ramp.colours
        ]
        assert drawn == wanted[::-1]


def test_two_plans_side_by_side_and_as_a_difference(visit: Any, plan: Plan, other: Plan) -> None:
    page = visit("two")
    choice = page.get_by_label("Plans")
    choice.select_option("both")
    assert page.locator("canvas").count() == 2
    page.locator("canvas").nth(1).click(position={"x": 300, "y": 400})
    page.wait_for_timeout(300)
    assert "plan=1" in page.evaluate("location.hash") or page.locator("article").count() == 0
    head = page.locator("header").inner_text()
    assert "1: 3 areas" in head
    assert "2: 3 areas" in head
    choice.select_option("difference")
    moved = compare(plan, other).moved
    assert page.locator("tbody tr").count() == len(moved)
    names = page.locator("tbody th").all_inner_texts()
    assert sorted(names) == sorted(f"Council {code}" for code in moved.index)
    assert f"{len(moved)} councils" in page.locator("caption").inner_text()


def test_a_link_shows_the_same_thing(visit: Any, plan: Plan) -> None:
    page = visit("one")
    page.get_by_label("Colour by").select_option("employment")
    page.get_by_label("Outline of").select_option("rows")
    page.get_by_label("Names").uncheck()
    page.get_by_role("button", name="Zoom in").click()
    page.get_by_role("tab", name="Areas").click()
    page.locator("tbody button").nth(1).click()
    page.wait_for_timeout(600)
    fragment = page.evaluate("location.hash")
    again = visit("one", fragment)
    for script in (
        "document.querySelector('article h2').textContent",
        "document.querySelector('#colour').value",
        "document.querySelector('#layer').value",
        "document.querySelector('#names').checked",
        "document.querySelector('#legend').textContent",
    ):
        assert again.evaluate(script) == page.evaluate(script)
    again.wait_for_timeout(400)
    assert again.evaluate("location.hash") == fragment
    assert "view=" in fragment
    strange = visit("one", "#area=A99&colour=hue&layer=%3Cimg%3E&view=a,b&tab=x&compare=both")
    assert strange.locator("tbody tr").count() == 3


def test_downloads_are_the_plan_s_own_files(visit: Any, plan: Plan) -> None:
    page = visit("one", "#tab=about")
    with page.expect_download() as wait:
        page.get_by_role("button", name="Download areas.geojson").click()
    document = json.loads(Path(wait.value.path()).read_text(encoding="utf-8"))
    assert wait.value.suggested_filename == "areas.geojson"
    assert {feature["id"] for feature in document["features"]} == set(plan.areas.index)
    assert "crs" not in document
    with page.expect_download() as wait:
        page.get_by_role("button", name="Download councils.csv").click()
    text = Path(wait.value.path()).read_bytes().decode("utf-8")
    assert text == to_csv(councils_table(plan))
    assert len(list(csv.reader(text.splitlines()))) == 10


def test_the_table_sorts_both_ways(visit: Any, plan: Plan) -> None:
    page = visit("one")
    head = page.locator("thead th", has_text="Health")
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    by_need = plan.areas.sort_values("health", ascending=False)["name"].tolist()
    assert page.locator("tbody th").all_inner_texts() == by_need
    assert page.evaluate("document.activeElement.textContent") == "Health"
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert page.locator("tbody th").all_inner_texts() == by_need[::-1]


def test_the_keyboard_alone_reaches_everything(visit: Any, plan: Plan) -> None:
    page = visit("one")
    page.get_by_label("Outline of").select_option("rows")
    page.evaluate("document.activeElement.blur()")
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        here = page.evaluate(
            "(e => e === document.body ? '' : e.id || e.dataset.key || e.className || e.tagName)"
            "(document.activeElement)"
        )
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert here == "" or outline != "none", f"{here} does not show that it has the focus"
        reached.append(here or page.evaluate("document.activeElement.tagName"))
    wanted = {
        "theme",
        "search",
        "zoom-in",
        "zoom-out",
        "zoom-all",
        "colour",
        "layer",
        "councils",
        "names",
        "cut",
    }
    wanted |= {"tab-areas", "sort-people", "area-A01", "area-A03", "skip"}
    assert wanted <= set(reached)
    assert "CANVAS" in reached
    page.locator("canvas").focus()
    page.keyboard.press("Enter")
    assert page.locator("article h2").inner_text() == area_of(plan, "E")  # the council in the middle
    page.keyboard.press("Escape")
    assert page.locator("article").count() == 0
    page.keyboard.press("ArrowDown")
    page.keyboard.press("+")
    page.wait_for_timeout(400)
    assert "people" in page.locator("#said").inner_text()
    assert "view=" in page.evaluate("location.hash")
    page.locator("#tab-areas").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "tab-bodies"
    assert page.locator("#tab-bodies").get_attribute("aria-selected") == "true"


def test_pan_wheel_and_fingers_move_the_map(visit: Any, plan: Plan) -> None:
    page = visit("one")
    x, y = on_map(page, plan, "E")
    page.mouse.move(x, y)
    page.mouse.wheel(0, -600)
    page.wait_for_timeout(500)
    zoomed = page.evaluate("location.hash")
    assert float(zoomed.split(",")[-1]) > 1.5
    page.mouse.down()
    page.mouse.move(x + 120, y + 40, steps=5)
    page.mouse.up()
    page.wait_for_timeout(500)
    assert page.evaluate("location.hash") != zoomed
    assert page.locator("article").count() == 0  # a drag chooses nothing
    page.get_by_role("button", name="Show everything").click()
    page.wait_for_timeout(500)
    assert "view" not in page.evaluate("location.hash")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_no_serious_fault(visit: Any, dark: bool, width: int) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    for name, fragment in [
        ("one", "#layer=pairs&tab=bodies"),
        ("one", "#area=A01&tab=area&colour=health"),
        ("two", "#compare=difference&tab=changes"),
        ("one", "#tab=about"),
        ("one", ""),
        ("report", ""),
    ]:
        page = visit(name, fragment, width=width, dark=dark)
        found = axe.Axe().run(page).response["violations"]
        serious = [
            (one["id"], [node["html"] for node in one["nodes"]][:3])
            for one in found
            if one["impact"] in {"serious", "critical"}
        ]
        assert serious == [], (name, fragment)


@pytest.mark.parametrize("name", ["evil", "evil report"])
def test_names_with_markup_are_shown_as_text(visit: Any, name: str) -> None:
    page = visit(name, "#layer=pairs&tab=area&area=A01" if name == "evil" else "")
    assert EVIL in page.locator("body").inner_text().replace("\n", " ")
    if name == "evil":
        for tab in ("Areas", "Cut bodies", "Changes", "About"):
            page.get_by_role("tab", name=tab).click()
        page.get_by_role("combobox", name="Search").fill("<img")
        assert EVIL in page.locator("#found").inner_text()
        page.mouse.move(600, 450)
        assert page.locator("body img").count() == 0
    assert page.locator("img:not([src^='data:image/png'])").count() == 0
    assert page.title() != "caught"
    assert page.evaluate("typeof window.x") == "undefined"


@pytest.mark.usefixtures("browser")  # skipped where there is none
def test_the_report_prints_to_pdf(pages: dict[str, Path], tmp_path: Path) -> None:
    assert find_browser() is not None
    print_pdf(pages["report"].read_text(encoding="utf-8"), tmp_path / "report.pdf")
    content = (tmp_path / "report.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    assert (
        content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") + content.count(b"/Type/Page/") >= 3
    )
