"""The panel's controls: each shows one part of a scenario, and asks for a scenario with that part changed."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets

from geo_devolve.geography.model import Geography
from geo_devolve.measures import RULES
from geo_devolve.scenario import CROSSINGS, WEIGHTS, Locked, Scenario

Change = Callable[[Scenario], Scenario]

_WIDE = {"description_width": "125px"}
_LAYOUT = widgets.Layout(width="340px")
_STRONGEST = 5.0


class Controls:
    """Sliders, menus and boxes for everything that can be tuned.

    Parameters
    ----------
    geography
        Says which layers, themes, crossings, councils and bodies there are.
    scenario
        What is shown at first.
    ask
        Called with what a change does to the scenario, when the user changes something.
    """

    def __init__(self, geography: Geography, scenario: Scenario, ask: Callable[[Change], None]) -> None:
        self._geography, self._ask = geography, ask
        self._shown: Scenario = scenario
        self._silent = False
        most = min(len(geography.councils), max(60, 2 * scenario.counts[-1]))
        self.areas = widgets.IntRangeSlider(
            min=1, max=most, description="areas", continuous_update=False, style=_WIDE, layout=_LAYOUT
        )
        total = float(geography.councils["population"].sum())
        step = 10.0 ** (math.floor(math.log10(max(total / scenario.middle, 1.0))) - 1)
        top = math.ceil(4 * total / scenario.middle / step) * step
        if scenario.population is not None and math.isfinite(scenario.population[1]):
            top = max(top, 1.5 * scenario.population[1])
        self.population = widgets.FloatRangeSlider(
            min=0.0, max=top, step=step, readout_format=",.0f", description="people", continuous_update=False,
            style=_WIDE, layout=widgets.Layout(width="430px"),
        )  # fmt: skip
        self.weights = {name: _weight(name) for name in WEIGHTS}
        self.layer_weights = {key: _weight(key) for key in geography.layers}
        self.rules = {
            key: widgets.Dropdown(options=RULES, layout=widgets.Layout(width="80px"))
            for key in geography.layers
        }
        self.themes = _choices(geography.needs.scores.columns)
        self.blocks = _choices(geography.layers)
        kinds = dict.fromkeys([*CROSSINGS, *sorted(set(geography.crossings["kind"]) - {"none"})])
        self.crossings = _choices(kinds)
        bodies = [
            f"{key}:{name}"
            for key, layer in geography.layers.items()
            for name in layer.bodies["name"].astype(str)
        ]
        self._councils = {str(name): str(name) for name in geography.councils["name"]}
        self.lock_members = widgets.TagsInput(
            allowed_tags=[*self._councils, *bodies],
            allow_duplicates=False,
            placeholder="York, police:Cleveland …",
            layout=widgets.Layout(width="420px"),
        )
        self.lock_name = widgets.Text(placeholder="name of the area", layout=widgets.Layout(width="200px"))
        self.lock_exempt = widgets.Checkbox(description="exempt from bounds", indent=False)
        self.lock = widgets.Button(description="Lock as one area", icon="lock")
        self.locked = widgets.Select(options=[], rows=3, layout=widgets.Layout(width="300px"))
        self.unlock = widgets.Button(description="Unlock", icon="unlock")
        self._listen()
        self.show(scenario)

    def box(self) -> Any:
        """Return the controls, arranged."""
        rows = [
            widgets.HBox([self.layer_weights[key], self.rules[key]], layout=widgets.Layout(width="430px"))
            for key in self._geography.layers
        ]
        locks = [
            widgets.HTML("Councils, or bodies as layer:name"),
            self.lock_members,
            widgets.HBox([self.lock_name, self.lock_exempt]),
            self.lock,
            widgets.HBox([self.locked, self.unlock]),
        ]
        parts = {
            "Size": [self.areas, self.population],
            "Weights": [*self.weights.values()],
            "Layers": rows,
            "Needs": [_row(self.themes)],
            "Never divided (blocks)": [_row(self.blocks)],
            "Crossings": [_row(self.crossings)],
            "Locked areas": locks,
        }
        shown = []
        for title, members in parts.items():
            shown += [widgets.HTML(f"<b>{title}</b>"), *members]
        return widgets.VBox(shown, layout=widgets.Layout(width="450px", flex="0 0 auto"))

    def show(self, scenario: Scenario) -> None:
        """Set every control to what the scenario says, without asking for anything."""
        self._shown, self._silent = scenario, True
        try:
            counts = scenario.counts
            self.areas.max = max(self.areas.max, counts[-1])
            self.areas.value = (counts[0], counts[-1])
            low, high = scenario.population or (0.0, self.population.max)
            self.population.value = (low, min(high, self.population.max))
            for name, slider in self.weights.items():
                _set(slider, scenario.weights[name])
            for key, slider in self.layer_weights.items():
                term = scenario.layers.get(key)
                _set(slider, term.weight if term else 0.0)
                self.rules[key].value = term.rule if term else "nest"
            for boxes, chosen in (
                (self.themes, scenario.themes),
                (self.blocks, scenario.blocks),
                (self.crossings, scenario.crossings),
            ):
                for name, box in boxes.items():
                    box.value = name in chosen
            self.locked.options = [locked.name for locked in scenario.constraints.locked]
        finally:
            self._silent = False

    def _listen(self) -> None:
        self._on(self.areas, lambda value: lambda s: s.replace(areas=tuple(value)))
        self._on(self.population, self._bounds)
        for name, slider in self.weights.items():
            self._on(slider, lambda value, name=name: lambda s: s.replace(weights={**s.weights, name: value}))
        for key in self.layer_weights:
            self._on(self.layer_weights[key], lambda _value, key=key: self._layer(key))
            self._on(self.rules[key], lambda _value, key=key: self._layer(key))
        for field, boxes in (("themes", self.themes), ("blocks", self.blocks), ("crossings", self.crossings)):
            for box in boxes.values():
                self._on(box, lambda _value, field=field, boxes=boxes: self._chosen(field, boxes))
        self.lock.on_click(lambda _button: self._add_lock())
        self.unlock.on_click(lambda _button: self._drop_lock())

    def _on(self, widget: Any, change: Callable[..., Change]) -> None:
        def heard(event: Mapping[str, Any]) -> None:
            if not self._silent:
                self._ask(change(event["new"]))

        widget.observe(heard, names="value")

    def _bounds(self, value: tuple[float, float]) -> Change:
        low, high = value
        if low <= 0 and high >= self.population.max:
            return lambda s: s.replace(population=None)
        return lambda s: s.replace(population=(low, math.inf if high >= self.population.max else high))

    def _layer(self, key: str) -> Change:
        term = {"rule": self.rules[key].value, "weight": self.layer_weights[key].value}

        def change(scenario: Scenario) -> Scenario:
            # A layer that weighs nothing stays scored, so that weighing it again needs no new listing.
            return scenario.replace(layers={**scenario.layers, key: term})

        return change

    def _chosen(self, field: str, boxes: Mapping[str, Any]) -> Change:
        names = tuple(name for name, box in boxes.items() if box.value)
        return lambda s: s.replace(**{field: names})

    def _add_lock(self) -> None:
        members = tuple(self.lock_members.value)
        name = self.lock_name.value.strip() or (members[0].rpartition(":")[2] if members else "")
        councils = tuple(each for each in members if each in self._councils)
        bodies = tuple(each for each in members if each not in self._councils)
        locked = Locked(name, councils, bodies, self.lock_exempt.value)
        self._ask(
            lambda s: s.replace(constraints=s.constraints.replace(locked=(*s.constraints.locked, locked)))
        )
        self.lock_members.value, self.lock_name.value = [], ""

    def _drop_lock(self) -> None:
        name = self.locked.value
        if name is not None:
            self._ask(
                lambda s: s.replace(
                    constraints=s.constraints.replace(
                        locked=tuple(each for each in s.constraints.locked if each.name != name),
                    )
                )
            )


def _weight(name: str) -> Any:
    return widgets.FloatSlider(
        min=0.0,
        max=_STRONGEST,
        step=0.05,
        description=name,
        continuous_update=False,
        style=_WIDE,
        layout=_LAYOUT,
    )


def _set(slider: Any, value: float) -> None:
    slider.max = max(slider.max, value)
    slider.value = value


def _choices(names: Any) -> dict[str, Any]:
    return {
        str(name): widgets.Checkbox(description=str(name), indent=False, layout=widgets.Layout(width="auto"))
        for name in names
    }


def _row(boxes: Mapping[str, Any]) -> Any:
    return widgets.HBox(list(boxes.values()), layout=widgets.Layout(flex_flow="row wrap"))
