"""The tuning panel: change something, see the best plan for it, pin it, compare, undo, save, export."""

import threading
import time
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as widgets
from IPython.display import display

from geo_devolve.errors import GeoDevolveError, UsageError
from geo_devolve.geography.model import Geography
from geo_devolve.optimise.problem import Problem
from geo_devolve.plan.plan import Plan
from geo_devolve.plan.propose import propose
from geo_devolve.progress import Progress
from geo_devolve.publish.write import write_plan
from geo_devolve.scenario import Scenario
from geo_devolve.tuning import words
from geo_devolve.tuning.controls import Change, Controls
from geo_devolve.tuning.newest import Newest
from geo_devolve.tuning.picture import Picture

_Request = tuple[Scenario, float]


class Panel:
    """A scenario being tuned.

    Solving happens in the background: the panel answers at once, a newer change overtakes an older one, and
    an impossible setting is explained where the plan would be.

    Parameters
    ----------
    geography
        The study area.
    scenario
        Where to start.

    Attributes
    ----------
    scenario
        As it is set now.
    plan
        The last plan that was found; None before the first.
    pinned
        The plan to compare with, or None.
    error
        Why the present setting has no plan, or None.
    seconds
        From the last change to its figures.
    """

    def __init__(self, geography: Geography, scenario: Scenario) -> None:
        scenario.check(geography)
        self.geography = geography
        self.scenario = scenario
        self.plan: Plan | None = None
        self.pinned: Plan | None = None
        self.error: Exception | None = None
        self.seconds = 0.0
        self._past: list[Scenario] = []
        self._problem: Problem | None = None
        self._picture = Picture(geography)
        self._newest: Newest[_Request, Plan] = Newest(self._solve, self._tell)
        self.controls = Controls(geography, scenario, self._change)
        self.status = widgets.HTML()
        self.map, self.terms, self.compared = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.areas, self.notes = widgets.HTML(), widgets.HTML()
        self.pin = widgets.Button(description="Pin this plan", icon="thumb-tack")
        self.undo = widgets.Button(description="Undo", icon="undo", disabled=True)
        self.file = widgets.Text("scenario.toml", layout=widgets.Layout(width="160px"))
        self.save = widgets.Button(description="Save as TOML", icon="save")
        self.folder = widgets.Text("out", layout=widgets.Layout(width="160px"))
        self.export = widgets.Button(description="Export the plan", icon="download")
        self.told = widgets.HTML()
        self._buttons()
        self.box = self._arranged()
        self._ask()

    def wait(self, seconds: float | None = 60) -> bool:
        """Wait until the plan of the present setting is there, for use in a script or test."""
        return self._newest.wait(seconds)

    def _ipython_display_(self) -> None:
        display(self.box)

    def _arranged(self) -> Any:
        tools = widgets.HBox([self.pin, self.undo, self.file, self.save, self.folder, self.export])
        tools.layout.flex_flow = "row wrap"
        figures = widgets.VBox([self.terms, self.compared, self.notes, self.areas])
        source = widgets.HTML(f'<div class="gd-source">{escape(self.geography.attribution)}</div>')
        # the map gives way as far as it can where both do not fit side by side
        ground = widgets.VBox([self.map, source], layout=widgets.Layout(flex="1 1 280px", min_width="0"))
        figures.layout = widgets.Layout(flex="0 1 auto", max_width="540px")
        beside = widgets.HBox([ground, figures], layout=widgets.Layout(flex_flow="row wrap"))
        shown = widgets.VBox([widgets.HTML(words.STYLE), tools, self.told, self.status, beside])
        shown.layout = widgets.Layout(flex="1 1 0", min_width="640px")
        return widgets.HBox([self.controls.box(), shown])

    def _buttons(self) -> None:
        self.pin.on_click(lambda _button: self._pin())
        self.undo.on_click(lambda _button: self._undo())
        self.save.on_click(lambda _button: self._save())
        self.export.on_click(lambda _button: threading.Thread(target=self._export, daemon=True).start())

    def _change(self, change: Change) -> None:
        """Take a change of the user's, or say why it makes no sense."""
        try:
            scenario = change(self.scenario)
            scenario.check(self.geography)
        except GeoDevolveError as error:
            self.told.value = words.why_not(error)
            self.controls.show(self.scenario)
            return
        if scenario == self.scenario:
            return
        self._past.append(self.scenario)
        self._set(scenario)

    def _undo(self) -> None:
        if self._past:
            self._set(self._past.pop())

    def _set(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.undo.disabled = not self._past
        self.told.value = ""
        self.controls.show(scenario)
        self._ask()

    def _ask(self) -> None:
        self.status.value = '<span class="gd-solving">solving …</span>'
        self._newest.ask((self.scenario, time.perf_counter()))

    def _solve(self, request: _Request, progress: Progress) -> Plan:
        """Find the plan of one setting; runs in the background."""
        scenario, _ = request
        if self._problem is None:
            self._problem = Problem(self.geography, scenario, progress=progress)
        return propose(self.geography, scenario, problem=self._problem, progress=progress)

    def _tell(self, request: _Request, answer: Plan | Exception) -> None:
        """Show what came of the newest setting; runs in the background."""
        _, began = request
        if isinstance(answer, Plan):
            self.plan, self.error = answer, None
            self._show()
            self.seconds = time.perf_counter() - began
            self.status.value = words.headline(answer, self.seconds)
        else:
            self.error = answer
            self.seconds = time.perf_counter() - began
            self.status.value = words.why_not(answer)
            for shown in (self.map, self.terms, self.areas):
                if 'class="gd-busy"' not in shown.value:
                    shown.value = f'<div class="gd-busy">{shown.value}</div>'

    def _show(self) -> None:
        if self.plan is None:
            return
        self.terms.value = words.terms(self.plan, self.pinned)
        self.map.value = self._picture.draw(self.plan, self.pinned)
        self.compared.value = words.comparison(self.plan, self.pinned)
        self.notes.value = words.notes(self.plan)
        self.areas.value = words.areas(self.plan)

    def _pin(self) -> None:
        self.pinned = self.plan
        self._show()

    def _save(self) -> None:
        path = Path(self.file.value.strip() or "scenario.toml")
        self._try(lambda: _write(path, self.scenario.to_toml()), f"saved {path}")

    def _export(self) -> None:
        plan, folder = self.plan, Path(self.folder.value.strip() or "out")
        if plan is None or self.error is not None:
            self.told.value = words.why_not(UsageError("there is no plan to export"))
            return
        self.told.value = "exporting …"
        self._try(lambda: write_plan(plan, folder), f"exported into {folder}")

    def _try(self, work: Callable[[], object], done: str) -> None:
        try:
            work()
        except GeoDevolveError as error:
            self.told.value = words.why_not(error)
        else:
            self.told.value = f'<span class="gd-done">{escape(done)}</span>'


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    aside = path.with_name(f".{path.name}.unfinished")
    try:
        aside.write_text(text, encoding="utf-8")
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
