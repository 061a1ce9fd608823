"""How long the tuning panel takes from a change to its figures and map; run as ``python -m benchmarks.tune``.

The panel runs without a browser: what a browser adds is the drawing of some 340 kB of SVG.
"""

import os
import sys
from statistics import median

import geo_devolve as gd


def main() -> None:
    """Print the seconds of each kind of change."""
    panel = gd.tune(gd.load_geography("england-2017"), gd.load_scenario("reform-2017"))
    panel.wait(120)
    panel.pin.click()
    controls = panel.controls
    changes = {
        "number of areas": lambda step: setattr(controls.areas, "value", (36 + step, 36 + step)),
        "a weight": lambda step: setattr(controls.weights["need"], "value", 0.5 + 0.1 * step),
        "a layer's weight": lambda step: setattr(controls.layer_weights["lep"], "value", 0.3 * step),
        "a layer's rule": lambda step: setattr(controls.rules["ccg"], "value", ("whole", "nest")[step % 2]),
        "population": lambda step: setattr(controls.population, "value", (5e5, 3e6 + 1e5 * (step + 1))),
        "blocks": lambda step: setattr(controls.blocks["police"], "value", bool(step % 2)),
    }
    sys.stdout.write(f"{os.cpu_count()} cores; seconds from a change to its figures, of 7 changes\n")
    sys.stdout.write(f"{'change':20} {'median':>8} {'slowest':>8}\n")
    for name, change in changes.items():
        seconds = []
        for step in range(7):
            before = panel.scenario
            change(step)
            if not panel.wait(120):
                raise SystemExit(f"{name}: no answer in 120 s")
            if panel.scenario != before:
                seconds.append(panel.seconds)
        sys.stdout.write(f"{name:20} {median(seconds):8.2f} {max(seconds):8.2f}\n")


if __name__ == "__main__":
    main()
