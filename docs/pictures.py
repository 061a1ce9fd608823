"""Take the pictures of this folder anew: ``python docs/pictures.py [NAME ...]``, such as ``explorer panel``.

They show the product as it is, so take them after its looks have changed. Pages are seen by chromium; the
panel runs in a real JupyterLab. All are written in 256 colours, which makes
them a third as large and can hardly be seen.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

import geo_devolve as gd

HERE = Path(__file__).parent
ROOT = HERE.parent


def keep(name: str, picture: Image.Image, width: int = 0) -> None:
    """Write a picture, at most so wide, in the 256 colours that come nearest to its own."""
    picture = picture.convert("RGB")
    if width and picture.width > width:
        size = (width, round(picture.height * width / picture.width))
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    few = picture.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=4, dither=Image.Dither.NONE)
    few.save(HERE / f"{name}.png", optimize=True)


@contextmanager
def chromium() -> Iterator[Any]:
    """Start the browser."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def shot(page: Any, **options: Any) -> Image.Image:
    """Return what a page shows."""
    return Image.open(BytesIO(page.screenshot(**options)))


def view(
    browser: Any,
    file: Path,
    fragment: str = "",
    *,
    press: str = "",
    dark: bool = False,
    phone: bool = False,
) -> Image.Image:
    """Return what a page shows on a desk or a phone, once a button is pressed."""
    size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}
    context = browser.new_context(
        viewport=size, color_scheme="dark" if dark else "light", device_scale_factor=2 if phone else 1
    )
    page = context.new_page()
    page.goto(file.as_uri() + fragment)
    if press:
        page.get_by_role("button", name=press).click()
    page.wait_for_timeout(2500)
    picture = shot(page)
    context.close()
    return picture


def explorer() -> None:
    """Take the explorer in the light, in the dark, on a phone, and with two plans."""
    england, scenario = gd.load_geography("england-2017"), gd.load_scenario("reform-2017")
    problem = gd.Problem(england, scenario)
    plan = gd.propose(england, scenario, problem=problem)
    other = gd.propose(england, scenario.replace(areas=40), problem=problem)
    manchester = plan.area_of("Manchester")
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        one = gd.write_explorer(plan, Path(folder) / "one.html")
        two = gd.write_explorer(plan, Path(folder) / "two.html", other)
        keep("explorer-light", view(browser, one, f"#area={manchester}&layer=lep&tab=area"))
        keep("explorer-dark", view(browser, one, f"#area={manchester}&colour=health&tab=area", dark=True))
        keep("explorer-difference", view(browser, two, "#compare=difference&tab=changes"))
        pair = (
            view(browser, one, phone=True),
            view(
                browser,
                one,
                f"#area={manchester}&colour=health&tab=area",
                press="Zoom to area",
                dark=True,
                phone=True,
            ),
        )
        gap = 60
        both = Image.new("RGB", (2 * pair[0].width + gap, pair[0].height), "white")
        both.paste(pair[0], (0, 0))
        both.paste(pair[1], (pair[0].width + gap, 0))
        keep("explorer-phone", both)


def report() -> None:
    """Take the report's first page, laid out as it is printed on A4."""
    england = gd.load_geography("england-2017")
    plan = gd.propose(england, gd.load_scenario("reform-2017"))
    margins = {"top": 64, "left": 60, "bottom": 68}  # of the printed page, in pixels of 1/96 inch
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        file = gd.write_report(plan, Path(folder) / "report.html")
        size = {"width": 794 - 2 * margins["left"], "height": 1123 - margins["top"] - margins["bottom"]}
        page = browser.new_page(viewport=size, device_scale_factor=1.5)
        page.emulate_media(media="print")
        page.goto(file.as_uri())
        page.wait_for_timeout(500)
        end = page.locator("section.map").first.bounding_box()["y"]  # where the next page begins: its map
        shown = shot(page, clip={"x": 0, "y": 0, "width": size["width"], "height": min(end, size["height"])})
        sheet = Image.new("RGB", (round(794 * 1.5), round(1123 * 1.5)), "white")
        sheet.paste(shown, (round(margins["left"] * 1.5), round(margins["top"] * 1.5)))
        keep("report", sheet)


def maps() -> None:
    """Take the printed maps of both Englands, and the layers held against each other."""
    from geo_devolve.publish.maps.audit_picture import write_audit_picture

    england = gd.load_geography("england-2017")
    gd.map_plan(gd.propose(england, gd.load_scenario("reform-2017")), HERE / "plan.png")
    today, scenario = gd.load_geography("england-2024"), gd.load_scenario("white-paper-2024")
    plans = {
        "england-2024-white-paper": gd.propose(today, scenario),
        "england-2024-extended": gd.extend(
            today, scenario.replace(areas=[28, 30]), "strategic_authority_2025"
        ).plan,
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, plan in plans.items():
            keep(name, Image.open(gd.map_plan(plan, Path(folder) / f"{name}.png")), 1000)
    for geography, layers in (
        (england, None),
        (today, ["icb", "icb_2026", "police", "fire", "upper_tier", "strategic_authority_2025"]),
    ):
        audit = gd.audit(geography) if layers is None else gd.audit(geography, layers)
        file = write_audit_picture(audit, HERE / f"audit-{geography.name}.png", geography.attribution)
        keep(file.stem, Image.open(file))


def sweep() -> None:
    """Take the front and the cores of the sweep of `sweep.toml`."""
    from geo_devolve.sweeps import pictures

    swept = gd.sweep(gd.load_geography("england-2017"), HERE / "sweep.toml")
    for name, draw in (("sweep-front", pictures.draw_front), ("sweep-cores", pictures.draw_cores)):
        drawn = BytesIO()
        draw(swept).savefig(drawn, format="png", dpi=150, metadata={"Software": None})
        keep(name, Image.open(drawn))


def panel() -> None:
    """Take the panel in JupyterLab, a plan pinned and a weight moved."""
    code = """\
import geo_devolve as gd
england = gd.load_geography("england-2017")
panel = gd.tune(england, gd.load_scenario("reform-2017"))
panel"""
    cell = {"cell_type": "code", "id": "one", "metadata": {}, "execution_count": None, "outputs": []}
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    notebook = {"cells": [{**cell, "source": code}], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, chromium() as browser:
        (Path(folder) / "tune.ipynb").write_text(json.dumps(notebook))
        with jupyter(Path(folder)) as address:
            page = browser.new_page(viewport={"width": 1640, "height": 1300})
            page.set_default_timeout(60_000)
            page.goto(f"{address}/doc/tree/tune.ipynb?token=secret")
            page.wait_for_selector(".jp-Notebook .cm-content")
            prompt = page.locator(".jp-CodeCell .jp-InputPrompt").first
            while prompt.inner_text().strip() in {"[ ]:", "[]:", ""}:  # until a kernel is there to run it
                page.click(".jp-Notebook .cm-content")
                page.keyboard.press("Control+Enter")
                page.wait_for_timeout(2000)
            page.wait_for_selector(".gd-certificate")
            page.locator("button", has_text="Pin this plan").first.click()
            page.wait_for_selector(".gd-compared >> text=The same areas as pinned")
            lep = page.locator(".widget-slider", has=page.locator("label", has_text="lep"))
            lep.locator(".noUi-handle").focus()
            for _ in range(5):
                page.keyboard.press("ArrowRight")
            page.wait_for_selector(".gd-compared >> text=in another area than pinned")
            page.wait_for_timeout(1500)
            page.keyboard.press("Escape")
            box = page.locator(".jp-OutputArea-output").first.bounding_box()
            box["height"] = min(box["height"], 760)
            keep("panel", shot(page, clip=box))


@contextmanager
def jupyter(folder: Path) -> Iterator[str]:
    """Start JupyterLab in a folder, and tell its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {"ip": "127.0.0.1", "port": port, "open_browser": False, "root_dir": folder, "allow_root": True}
    command = [sys.executable, "-m", "jupyterlab", "--IdentityProvider.token=secret"]
    command += [f"--ServerApp.{key}={value}" for key, value in options.items()]
    places = {f"JUPYTER_{kind}_DIR": str(folder / kind.lower()) for kind in ("CONFIG", "RUNTIME", "DATA")}
    environment = {**os.environ, **places, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    with (folder / "jupyter.log").open("w") as log:
        server = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)
        try:
            for _ in range(240):
                with socket.socket() as knock:
                    if knock.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.25)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(30)


TAKEN: dict[str, Callable[[], None]] = {
    each.__name__: each for each in (explorer, report, maps, sweep, panel)
}

if __name__ == "__main__":
    for wanted in sys.argv[1:] or TAKEN:
        began = time.perf_counter()
        TAKEN[wanted]()
        sys.stdout.write(f"{wanted}: {time.perf_counter() - began:.0f} s\n")
