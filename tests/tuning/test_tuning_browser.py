"""The panel in a real JupyterLab in a real Chromium, driven as a user would."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import geo_devolve as gd

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
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
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium"),
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
def page(jupyter) -> Iterator["playwright.Page"]:
    """Open the notebook, run it, and wait for the first plan."""
    address, _ = jupyter
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1700, "height": 1300})
        page.set_default_timeout(60_000)
        page.goto(f"{address}/doc/tree/tune.ipynb?token=secret")
        page.wait_for_selector(".jp-Notebook .cm-content")
        prompt = page.locator(".jp-CodeCell .jp-InputPrompt").first
        for _ in range(30):  # until a kernel is there to run it
            page.click(".jp-Notebook .cm-content")
            page.keyboard.press("Control+Enter")
            page.wait_for_timeout(2000)
            if prompt.inner_text().strip() not in {"[ ]:", "[]:", ""}:
                break
        page.wait_for_selector(".gd-certificate")
        yield page
        browser.close()


def certificate(page: "playwright.Page", count: int) -> str:
    """Wait for the plan of so many areas and return what is said of it."""
    return page.locator(".gd-certificate", has_text=re.compile(rf"^{count} areas")).inner_text()


def nudge(page: "playwright.Page", label: str, keys: str, times: int = 1, handle: int = 0) -> None:
    """Move a slider by the keyboard, as one does with its handle in focus."""
    slider = page.locator(".widget-slider", has=page.locator("label", has_text=re.compile(rf"^{label}$")))
    slider.locator(".noUi-handle").nth(handle).focus()
    for _ in range(times):
        page.keyboard.press(keys)


def button(page: "playwright.Page", text: str) -> None:
    page.locator("button", has_text=text).first.click()


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
    nudge(page, "people", "Home", handle=0)
    nudge(page, "people", "PageDown", times=4, handle=1)
    page.wait_for_selector(".gd-why")
    assert "Manchester" in page.locator(".gd-why").inner_text()
    assert page.locator(".gd-busy svg.gd-map").count() == 1
    while page.locator(".gd-why").count():
        button(page, "Undo")
        page.wait_for_timeout(1500)
    page.wait_for_selector(".gd-certificate")


def test_ten_quick_changes_leave_one_result_the_last(page, jupyter) -> None:
    nudge(page, "need", "ArrowRight", times=10)
    slider = page.locator(".widget-slider", has=page.locator("label", has_text=re.compile(r"^need$")))
    assert float(slider.locator(".widget-readout").inner_text()) == pytest.approx(1.5)

    def shown() -> float:
        return float(page.locator(".gd-terms tr", has_text="need").inner_text().split()[2])

    until = time.monotonic() + 60
    while shown() != pytest.approx(1.5) and time.monotonic() < until:
        page.wait_for_timeout(50)
    page.wait_for_function("() => !document.querySelector('.gd-solving')")
    page.wait_for_timeout(1500)  # nothing older comes after it
    assert shown() == pytest.approx(1.5)
    assert page.locator(".gd-certificate").count() == 1


def test_saving_writes_a_scenario_that_loads(page, jupyter) -> None:
    _, folder = jupyter
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
