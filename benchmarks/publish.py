"""How long a national plan takes to be handed on: its files, and paint and frames of the page in a browser.

Run ``python -m benchmarks.publish`` on a quiet machine; seconds are medians.
"""

import argparse
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geo_devolve as gd
from geo_devolve.publish.maps.plan_map import draw_map, map_plan
from geo_devolve.publish.pages.explorer import explorer_html, write_explorer
from geo_devolve.publish.pages.report import report_html
from geo_devolve.publish.write import write_plan

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
ARGUMENTS += ["--disable-sync", "--no-first-run"]
FRAMES = """async (move) => {
  const canvas = document.querySelector("canvas");
  const frame = canvas.getBoundingClientRect();
  const middle = [frame.left + frame.width / 2, frame.top + frame.height / 2];
  const say = (type, x, y, more = {}) => canvas.dispatchEvent(
    type === "wheel"
      ? new WheelEvent(type, { clientX: x, clientY: y, bubbles: true, cancelable: true, ...more })
      : new PointerEvent(type, { clientX: x, clientY: y, pointerId: 1, bubbles: true, ...more }));
  canvas.setPointerCapture = () => {};
  if (move === "pan") say("pointerdown", ...middle);
  const times = [];
  for (let step = 0; step < 90; step += 1) {
    const now = await new Promise(requestAnimationFrame);
    times.push(now);
    const [across, down] = [150 * Math.sin(step / 12), 100 * Math.sin(step / 9)];
    if (move === "pan") say("pointermove", middle[0] + across, middle[1] + down);
    else say("wheel", ...middle, { deltaY: step < 45 ? -50 : 50 });
  }
  if (move === "pan") say("pointerup", ...middle);
  return times.slice(1).map((time, place) => time - times[place]);
}"""


def timed(name: str, work: Callable[[], Any], times: int, target: str = "") -> None:
    """Print the median seconds, and those of the processor, which a busy machine does not stretch as much."""
    took, busy = [], []
    for _ in range(times):
        began, ran = time.perf_counter(), time.process_time()
        work()
        took.append(time.perf_counter() - began)
        busy.append(time.process_time() - ran)
    line(name, statistics.median(took), "s", f"processor {statistics.median(busy):.2f} s {target}")


def line(name: str, value: float, unit: str, target: str = "") -> None:
    print(f"{name:<46} {value:8.2f} {unit:<4} {target}")


def in_browser(path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        print("no chromium here: paint and frames are not measured")
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=browser, args=ARGUMENTS)
        paints = []
        for _ in range(5):
            page = opened.new_page(viewport={"width": 1440, "height": 900})
            page.goto(path.as_uri())
            entry = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
            while not (paint := page.evaluate(entry)):
                page.wait_for_timeout(20)
            paints.append(paint / 1000)
            page.close()
        line("first paint of the explorer", statistics.median(paints), "s", "(at most 1)")
        for width, height in ((1440, 900), (390, 844)):
            page = opened.new_page(viewport={"width": width, "height": height})
            page.goto(path.as_uri() + "#layer=ccg&tab=areas")
            page.wait_for_timeout(800)
            for move in ("pan", "zoom"):
                gaps = page.evaluate(FRAMES, move)
                rate = 1000 / statistics.mean(gaps)
                slow = sorted(gaps)[int(0.95 * len(gaps))]
                line(
                    f"{move}, {width} px, councils and CCGs drawn",
                    rate,
                    "fps",
                    f"(at least 30; 95% under {slow:.0f} ms)",
                )
            page.close()
        opened.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5, help="runs a figure")
    parser.add_argument("--plan", type=Path, help="a folder of propose, instead of proposing")
    given = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    if given.plan:
        plan = gd.open_plan(given.plan)
    else:
        plan = gd.propose(gd.load_geography("england-2017"), gd.load_scenario("reform-2017"))
    plan.scores  # noqa: B018  (worked out once, before anything is timed)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        timed("explorer written", lambda: write_explorer(plan, out / "e.html"), given.times, "(at most 2)")
        line("explorer's size", len(explorer_html(plan).encode()) / 1e6, "MB", "(at most 3)")
        timed("map.png written", lambda: map_plan(plan, out / "m.png"), given.times, "(at most 3)")
        timed("map.svg written", lambda: map_plan(plan, out / "m.svg"), given.times)
        timed("health over a layer", lambda: draw_map(plan, colour="health", layers=["lep"]), given.times)
        timed("report", lambda: report_html(plan), given.times)
        timed("all files", lambda: write_plan(plan, out / "all"), given.times)
        in_browser(out / "e.html")


if __name__ == "__main__":
    main()
