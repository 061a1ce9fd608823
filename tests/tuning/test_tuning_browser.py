"""The panel in a real JupyterLab in a real Chromium, driven as a user would."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import geo_devolve as gd

if TYPE_CHECKING:
    from playwright.sync_api import Page

PROMPT = "document.querySelector('.jp-CodeCell .jp-InputPrompt').innerText.trim()"
ROOT = Path(gd.__file__).parent.parent
CODE = """\
import geo_devolve as gd
england = gd.load_geography("england-2017")
panel = gd.tune(england, gd.load_scenario("reform-2017"))
panel
"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.national,
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory) -> Iterator[tuple[str, Path]]:
    """Start a JupyterLab whose folder holds one notebook; its address and folder."""
    pytest.importorskip("jupyterlab")
    folder = tmp_path_factory.mktemp("jupyter")
    cell = {
        "cell_type": "code",
        "id": "one",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": CODE,
    }
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    notebook = {"cells": [cell], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    (folder / "tune.ipynb").write_text(json.dumps(notebook))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {
        "ip": "127.0.0.1",
        "port": port,
        "port_retries": 0,
        "open_browser": False,
        "root_dir": str(folder),
        "allow_root": True,
    }
    command = [sys.executable, "-m", "jupyterlab", "--IdentityProvider.token=secret"]
    command += [f"--ServerApp.{key}={value}" for key, value in options.items()]
    places = {f"JUPYTER_{kind}_DIR": str(folder / kind.lower()) for kind in ("CONFIG", "RUNTIME", "DATA")}
    (folder / "config").mkdir()
    quiet = "c.LabApp.news_url = None\nc.LabApp.check_for_updates_class = 'jupyterlab.NeverCheckForUpdate'\n"
    # what the documentation's tools bring along asks questions of its own
    (folder / "config" / "labconfig").mkdir()
    disabled = {"disabledExtensions": {"jupyterlab-jupytext": True}}
    (folder / "config" / "labconfig" / "page_config.json").write_text(json.dumps(disabled))
    quiet += "c.ServerApp.jpserver_extensions = {'jupytext': False}\n"
    (folder / "config" / "jupyter_lab_config.py").write_text(quiet)
    environment = {**os.environ, **places, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    log = (folder / "jupyter.log").open("w")
    server = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)
    try:
        for _ in range(240):
            with socket.socket() as knock:
                if knock.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert server.poll() is None, (folder / "jupyter.log").read_text()
            time.sleep(0.25)
        yield f"http://127.0.0.1:{port}", folder
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
        log.close()


@pytest.fixture(scope="module")
def notebook(browser: Any, jupyter) -> "Page":
    """Open the notebook and wait for its kernel, shown by the prompt of the cell that was run."""
    address, _ = jupyter
    page = browser.new_page(viewport={"width": 1700, "height": 1300})
    page.set_default_timeout(60_000)
    page.goto(f"{address}/doc/tree/tune.ipynb?token=secret")
    page.wait_for_selector(".jp-Notebook .cm-content")
    for _ in range(30):  # until a kernel is there to run it
        run_cell(page)
        page.wait_for_timeout(2000)
        if prompt(page) not in {"[ ]:", "[]:", ""}:
            break
    return page


@pytest.fixture
def page(notebook: "Page") -> "Page":
    """Run the cell again: a panel of its own for each test, with its first plan and no change made."""
    notebook.wait_for_function(f"() => /^\\[[0-9]+\\]:$/.test({PROMPT})")
    count = int(prompt(notebook).strip("[]:"))
    run_cell(notebook)
    notebook.wait_for_function(f"() => {PROMPT} === '[{count + 1}]:'")
    notebook.wait_for_selector(".gd-certificate >> text=/^38 areas/")
    return notebook


def run_cell(page: "Page") -> None:
    page.click(".jp-Notebook .cm-content")
    page.keyboard.press("Control+Enter")


def prompt(page: "Page") -> str:
    return page.evaluate(PROMPT)


def certificate(page: "Page", count: int) -> str:
    """Wait for the plan of so many areas and return what is said of it."""
    return page.locator(".gd-certificate", has_text=re.compile(rf"^{count} areas")).inner_text()


def nudge(page: "Page", label: str, keys: str, times: int = 1, handle: int = 0) -> None:
    """Move a slider by the keyboard, as one does with its handle in focus."""
    slider = page.locator(".widget-slider", has=page.locator("label", has_text=re.compile(rf"^{label}$")))
    slider.locator(".noUi-handle").nth(handle).focus()
    for _ in range(times):
        page.keyboard.press(keys)


def button(page: "Page", text: str) -> None:
    page.locator("button", has_text=text).first.click()


def weight(page: "Page", term: str) -> float:
    """Read a term's weight in the plan that is shown, where each row is term, value, weight, contribution."""
    cells = page.locator(".gd-terms tr td:first-child", has_text=re.compile(rf"^{term}$")).locator("xpath=..")
    return float(cells.locator("td").nth(2).inner_text())


def wait_for_weight(page: "Page", term: str, wanted: float) -> None:
    until = time.monotonic() + 60
    while weight(page, term) != pytest.approx(wanted) and time.monotonic() < until:
        page.wait_for_timeout(50)
    assert weight(page, term) == pytest.approx(wanted)


def test_moving_a_slider_changes_map_and_figures(page) -> None:
    first = certificate(page, 38)
    assert "proven best" in first
    before = page.locator("svg.gd-map").inner_html()
    figures = page.locator(".gd-terms").inner_text()
    nudge(page, "areas", "ArrowRight", handle=1)  # 38 to 39: the range 38-39, of which the best wins
    nudge(page, "areas", "ArrowRight", handle=0)
    assert "proven best" in certificate(page, 39)
    assert page.locator("svg.gd-map").inner_html() != before
    assert page.locator(".gd-terms").inner_text() != figures
    assert page.locator("svg.gd-map title").count() == 326


def test_pinning_and_comparing(page) -> None:
    button(page, "Pin this plan")
    page.wait_for_selector(".gd-compared >> text=The same areas as pinned")
    nudge(page, "lep", "ArrowRight", times=8)
    page.wait_for_selector(".gd-compared >> text=in another area than pinned")
    assert page.locator(".gd-moved").count() > 0
    assert page.locator(".gd-terms .gd-worse, .gd-terms .gd-better").count() > 0


def test_an_impossible_bound_shows_why_and_undo_brings_the_plan_back(page) -> None:
    before = page.locator(".gd-terms").inner_text()
    nudge(page, "people", "Home", handle=0)
    nudge(page, "people", "PageDown", times=4, handle=1)
    page.wait_for_selector(".gd-why")
    assert "Manchester" in page.locator(".gd-why").inner_text()
    assert page.locator(".gd-busy svg.gd-map").count() == 1
    undo = page.locator("button", has_text="Undo").first
    until = time.monotonic() + 60
    while undo.is_enabled() and time.monotonic() < until:
        undo.click(force=True)  # it may be disabled meanwhile
        page.wait_for_timeout(200)
    page.wait_for_selector(".gd-certificate >> text=/^38 areas/")
    page.wait_for_function("() => !document.querySelector('.gd-busy')")
    assert page.locator(".gd-terms").inner_text() == before


def test_ten_quick_changes_leave_one_result_the_last(page) -> None:
    nudge(page, "need", "ArrowRight", times=10)
    slider = page.locator(".widget-slider", has=page.locator("label", has_text=re.compile(r"^need$")))
    assert float(slider.locator(".widget-readout").inner_text()) == pytest.approx(1.5)

    wait_for_weight(page, "need", 1.5)
    page.wait_for_function("() => !document.querySelector('.gd-solving')")
    page.wait_for_timeout(1500)  # nothing older comes after it
    assert weight(page, "need") == pytest.approx(1.5)
    assert page.locator(".gd-certificate").count() == 1


def test_saving_writes_a_scenario_that_loads(page, jupyter) -> None:
    _, folder = jupyter
    nudge(page, "need", "ArrowRight", times=10)
    nudge(page, "lep", "ArrowRight", times=8)
    wait_for_weight(page, "need", 1.5)
    wait_for_weight(page, "lep", 1.4)
    button(page, "Save as TOML")
    page.wait_for_selector(".gd-done")
    saved = gd.load_scenario(folder / "scenario.toml")
    assert saved.weights["need"] == pytest.approx(1.5)
    assert saved.layers["lep"].weight == pytest.approx(1.4)


def test_a_body_is_locked_by_its_name(page) -> None:
    blocks = re.search(r"unions of (\d+) blocks", page.locator(".gd-certificate").inner_text())
    assert blocks
    members = page.locator(".jupyter-widget-tagsinput input").first
    members.click()
    members.fill("region:London")
    members.press("Enter")
    page.locator("label", has_text="exempt from bounds").click()
    button(page, "Lock as one area")
    fewer = str(int(blocks[1]) - 6)  # London's five partnerships and the City's block are one
    page.wait_for_selector(f".gd-certificate >> text=unions of {fewer} blocks")
    assert "London" in page.locator(".widget-select select").last.inner_text()
