"""A sweep's file: which scenarios to solve, as a grid, a list, a random sample, or all three.

::

    name = "weights and numbers"
    base = "reform-2017"               # one that ships, a file beside this one, or a table
    [grid]                             # every combination
    areas = [36, 38, 40]
    "layers.stp.rule" = ["match", "whole"]
    [[list]]                           # one by one
    "weights.need" = 2.0
    [sample]                           # at random
    count = 1000
    seed = 0
    dirichlet = { concentration = 20 }     # weights around the base's, of the same sum; or flat = true
    areas = { from = 36, to = 40 }
    "population.most" = { from = 2.5e6, to = 3.5e6 }
    "layers.lep.rule" = { any_of = ["match", "nest"] }
"""

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, overload

import numpy as np

from geo_devolve import _coerce
from geo_devolve.errors import ScenarioError, raise_all
from geo_devolve.outside import DamagedError, parse_toml, reason
from geo_devolve.scenario import Scenario, load_scenario
from geo_devolve.sweeps.changes import apply
from geo_devolve.sweeps.draws import Draw, read_draws

_KEYS = ("name", "base", "grid", "list", "sample")
MOST_SCENARIOS = 10_000_000
"""The most that a sweep's file may ask for: as many as are solved in weeks, and not in ages."""


@dataclass(frozen=True)
class Scenarios(Sequence[Scenario]):
    """The scenarios of a sweep, each made when it is asked for, so that a million take no room.

    The grid's come first, its last key varying fastest, then the list's, then the sample's. Each of the
    sample is drawn from the seed and its own number, so it is the same whichever are asked for.

    Attributes
    ----------
    name
        Of the sweep; each scenario is named after it.
    base
        The scenario that is varied.
    grid
        Path to values.
    listed
        One table of changes a scenario.
    draws
        What each scenario of the sample draws.
    drawn
        How many are drawn at random.
    seed
        Of the draws.
    """

    name: str
    base: Scenario
    grid: Mapping[str, tuple[Any, ...]]
    listed: tuple[Mapping[str, Any], ...] = ()
    draws: tuple[Draw, ...] = ()
    drawn: int = 0
    seed: int = 0

    @property
    def _in_grid(self) -> int:
        return prod(len(values) for values in self.grid.values()) if self.grid else 0

    @property
    def total(self) -> int:
        """How many scenarios there are, however many."""
        return self._in_grid + len(self.listed) + self.drawn

    def __len__(self) -> int:
        return self.total

    @overload
    def __getitem__(self, at: int) -> Scenario: ...
    @overload
    def __getitem__(self, at: slice) -> list[Scenario]: ...
    def __getitem__(self, at: int | slice) -> Scenario | list[Scenario]:
        """Make one scenario, or several.

        Raises
        ------
        ScenarioError
            Where its values make no sense together.
        """
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(len(self)))]
        if not -len(self) <= at < len(self):
            raise IndexError(f"the sweep has {len(self):,} scenarios, and no number {at:,}")
        number = at % len(self)
        changes = self.changes(number)
        name = changes.get("name", f"{self.name} #{number + 1}")
        return apply(self.base.to_mapping(), {**changes, "name": name}, f'scenario "{name}"')

    def __iter__(self) -> Iterator[Scenario]:
        return (self[number] for number in range(len(self)))

    def changes(self, number: int) -> dict[str, Any]:
        """Return what a scenario changes of the base: path to value."""
        if number < self._in_grid:
            shape = [len(values) for values in self.grid.values()]
            places = np.unravel_index(number, shape)
            return {
                path: values[int(place)]
                for (path, values), place in zip(self.grid.items(), places, strict=True)
            }
        number -= self._in_grid
        if number < len(self.listed):
            return dict(self.listed[number])
        random = np.random.default_rng([self.seed, number - len(self.listed)])
        return {path: value for draw in self.draws for path, value in draw.draw(random).items()}


def load_sweep(source: str | os.PathLike[str]) -> Scenarios:
    """Read the scenarios of a sweep from a TOML file.

    Parameters
    ----------
    source
        The file's path; a base that is a file is looked for beside it.

    Returns
    -------
    Scenarios
        A sequence of scenarios.

    Raises
    ------
    ScenarioError
        Where the file cannot be read; naming every unknown key and every value that makes no sense.
    """
    path = Path(source)
    try:
        table = parse_toml(path.read_bytes())
    except (OSError, DamagedError) as error:
        raise ScenarioError(f"{source} cannot be read as a sweep: it {reason(error)}") from error
    return read_sweep({"name": path.stem, **table}, heading=str(source), folder=path.parent)


def read_sweep(table: Mapping[str, Any], heading: str = "sweep", folder: Path | None = None) -> Scenarios:
    """Make the scenarios of a sweep of what its file holds.

    Parameters
    ----------
    table
        As TOML has it.
    heading
        Where it comes from, for the message of an error.
    folder
        Where a base that is a file is looked for.

    Raises
    ------
    ScenarioError
        Naming every unknown key and every value that makes no sense.
    """
    faults: list[str] = []
    _coerce.unknown_keys(table, _KEYS, "", faults)
    name = _coerce.text(table.get("name", "sweep"), "name", faults)
    base = _base(table.get("base", "reform-2017"), folder or Path(), heading)
    grid = {
        path: _coerce.sequence(values, f"grid.{path}", faults)
        for path, values in _flat(_coerce.mapping(table.get("grid", {}), "grid", faults)).items()
    }
    faults += [f"grid.{path} names no values" for path, values in grid.items() if values == ()]
    listed = tuple(
        _flat(_coerce.mapping(each, f"list[{number}]", faults))
        for number, each in enumerate(_coerce.sequence(table.get("list", []), "list", faults), 1)
    )
    sample = dict(_coerce.mapping(table.get("sample", {}), "sample", faults))
    count = _coerce.whole_number(sample.pop("count", 0), "sample.count", faults, most=math.inf)
    seed = _coerce.whole_number(sample.pop("seed", base.seed), "sample.seed", faults)
    draws = read_draws(_flat_draws(sample), base, faults)
    if "sample" in table and not count and not faults:
        faults.append("sample.count is missing, or 0: how many scenarios to draw")
    if count and not draws and not faults:
        faults.append("sample draws nothing: give it dirichlet, ranges or choices")
    made = Scenarios(name, base, grid, listed, draws, count, seed)
    if made.total > MOST_SCENARIOS:  # told before any is made
        faults.append(
            f"asks for {made.total:,} scenarios, more than {MOST_SCENARIOS:,}; give the grid fewer values, "
            "or draw a [sample] instead"
        )
        raise_all(ScenarioError, faults, heading)
    faults += _try_all(made)
    if not faults and not made.total:
        faults.append("asks for no scenario: give it [grid], [[list]] or [sample]")
    raise_all(ScenarioError, faults, heading)
    return made


def _base(given: Any, folder: Path, heading: str) -> Scenario:
    if isinstance(given, Mapping):
        return Scenario.from_mapping(given, heading=f"{heading}: base")
    if not isinstance(given, str):
        raise ScenarioError(f"{heading}: base must be a scenario's name, a file or a table, not {given!r}")
    beside = folder / given
    return load_scenario(beside if beside.is_file() else given)


def _try_all(made: Scenarios) -> list[str]:
    """Try every value by itself, so that a fault shows before the first of a thousand is solved."""
    base = made.base.to_mapping()
    trials = [(f"grid.{path}", {path: value}, base) for path, values in made.grid.items() for value in values]
    trials += [(f"list[{number}]", dict(each), base) for number, each in enumerate(made.listed, 1)]
    if made.drawn:
        trials += [("sample", made.changes(len(made) - 1), base)]
    faults = []
    for where, changes, table in trials:
        try:
            apply(table, changes, where)
        except ScenarioError as error:
            faults += [f"{where}: {fault}" for fault in error.faults]
    return faults


def _flat(table: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Return path to value of nested tables: TOML lets one write ``weights.need`` with or without quotes."""
    found: dict[str, Any] = {}
    for key, value in table.items():
        path = f"{above}{key}"
        found |= _flat(value, f"{path}.") if isinstance(value, Mapping) else {path: value}
    return found


def _flat_draws(table: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Return path to what is drawn: a table that holds only tables is a step of a path."""
    found: dict[str, Any] = {}
    for key, value in table.items():
        path = f"{above}{key}"
        step = isinstance(value, Mapping) and value and all(isinstance(v, Mapping) for v in value.values())
        found |= _flat_draws(value, f"{path}.") if step else {path: value}
    return found
