"""What the user asks for: everything that can be tuned, frozen, checked, and written as TOML."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from dataclasses import replace as replace_fields
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

import tomli_w

from geo_devolve import _coerce
from geo_devolve.constraints import amounts, wishes
from geo_devolve.constraints.fields import Constraints, as_constraints
from geo_devolve.constraints.rules.locked import Locked
from geo_devolve.errors import ScenarioError, raise_all
from geo_devolve.measures import RULES, Rule
from geo_devolve.outside import DamagedError, parse_toml, reason
from geo_devolve.words import or_known

if TYPE_CHECKING:
    from geo_devolve.geography.model import Geography

Engine = Literal["auto", "list", "stream", "generate"]
ENGINES: tuple[Engine, ...] = get_args(Engine)
WEIGHTS = wishes.WEIGHTS
CROSSINGS = ("bridge", "tunnel", "ferry")

_Faults = list[str]

__all__ = ["Constraints", "LayerTerm", "Locked", "Scenario", "load_scenario"]


@dataclass(frozen=True)
class LayerTerm:
    """How areas shall fit the bodies of one layer, and how much that counts."""

    rule: Rule
    weight: float


@dataclass(frozen=True)
class Scenario:
    """All that a user can tune. The constructor coerces lists and tables, and names every fault at once.

    Attributes
    ----------
    name
        For readers; not part of the digest.
    areas
        How many, or a range of numbers of which the best is chosen.
    population
        Least and most people of an area (persons, inclusive); None for no bounds.
    themes
        Themes of need that areas should be alike in.
    blocks
        Layers whose bodies' councils are never separated; none makes every council its own block.
    crossings
        Kinds of crossing that join councils without a land border.
    min_border_m
        Shortest land border (m) that makes two councils neighbours.
    solver
        A solver that PuLP knows.
    seed
        Of everything that is drawn at random.
    time_limit_s
        Of the solve (s).
    engine
        How candidates are found; "auto" decides by their number.
    weights
        Of need, compactness and balance; one not named is 0. Of ``flows``, ``change`` and
        ``spread:QUANTITY`` or ``spread:ONE/OTHER`` where they are to be scored.
    layers
        The rule and weight of each layer that is scored.
    bounds
        Least and most of an area's sum of quantities, or of the ratio of two, inclusive.
    flows
        Which table of trips the term of that name is of; None for the geography's first.
    reference
        What the term ``change`` and the limits on change hold a plan against: a layer, or the area of each
        council.
    constraints
        What an area may not be.

    Raises
    ------
    ScenarioError
        Naming every value that makes no sense.
    """

    name: str = "scenario"
    areas: int | tuple[int, int] = 2
    population: tuple[float, float] | None = None
    themes: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    crossings: tuple[str, ...] = CROSSINGS
    min_border_m: float = 0.0
    solver: str = "HiGHS"
    seed: int = 0
    time_limit_s: float = 60.0
    engine: Engine = "auto"
    weights: Mapping[str, float] = field(default_factory=_coerce.FrozenMapping)
    layers: Mapping[str, LayerTerm] = field(default_factory=_coerce.FrozenMapping)
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=_coerce.FrozenMapping)
    flows: str | None = None
    reference: str | Mapping[str, str] | None = None
    constraints: Constraints = field(default_factory=Constraints)

    def __post_init__(self) -> None:
        kept, faults = _scenario_fields(self)
        raise_all(ScenarioError, faults, f'scenario "{self.name}"')
        for key, value in kept.items():
            object.__setattr__(self, key, value)

    @classmethod
    def from_mapping(cls, table: Mapping[str, Any], heading: str = "scenario") -> Self:
        """Make a scenario of what a TOML file holds.

        Parameters
        ----------
        table
            Field names and values; tables and lists as TOML has them.
        heading
            Where they come from, for the message of an error.

        Raises
        ------
        ScenarioError
            Naming every unknown key, with the nearest known one, and every value that makes no sense.
        """
        faults: _Faults = []
        known = [each.name for each in fields(cls)]
        _coerce.unknown_keys(table, known, "", faults)
        try:
            scenario = cls(**{key: value for key, value in table.items() if key in known})
        except ScenarioError as error:
            faults += error.faults
        raise_all(ScenarioError, faults, heading)
        return scenario

    @property
    def counts(self) -> range:
        """Every number of areas that may be chosen."""
        low, high = self.areas if isinstance(self.areas, tuple) else (self.areas, self.areas)
        return range(low, high + 1)

    @property
    def middle(self) -> float:
        """The number of areas that balance is measured against: of a range, its middle."""
        return (self.counts[0] + self.counts[-1]) / 2

    @property
    def term_names(self) -> tuple[str, ...]:
        """The terms of the objective, in the order of every table of terms."""
        return ("need", *self.layers, *self.more_terms, "compactness", "balance")

    @property
    def spreads(self) -> tuple[str, ...]:
        """The ratios whose spread between areas is scored."""
        return tuple(
            name.removeprefix(amounts.SPREAD) for name in self.weights if name.startswith(amounts.SPREAD)
        )

    @property
    def more_terms(self) -> tuple[str, ...]:
        """The terms that are scored where they are weighed: change, flows, and each spread."""
        spreads = (f"{amounts.SPREAD}{name}" for name in self.spreads)
        return (*(name for name in ("change", "flows") if name in self.weights), *spreads)

    @property
    def term_weights(self) -> tuple[float, ...]:
        """The weight of each term, in the order of `term_names`."""
        need, compactness, balance = (self.weights[each] for each in WEIGHTS)
        more = (self.weights[name] for name in self.more_terms)
        return (need, *(term.weight for term in self.layers.values()), *more, compactness, balance)

    def replace(self, **changes: Any) -> Self:
        """Return a copy in which whole fields are swapped, as `dataclasses.replace` does.

        Raises
        ------
        ScenarioError
            For an unknown field, naming the nearest, and for a value that makes no sense.
        """
        faults: _Faults = []
        _coerce.unknown_keys(changes, [each.name for each in fields(self)], "", faults)
        raise_all(ScenarioError, faults, f'scenario "{self.name}"')
        return replace_fields(self, **changes)

    def to_mapping(self) -> dict[str, Any]:
        """Return plain tables, lists, texts and numbers, as TOML and JSON have them."""
        plain: dict[str, Any] = _plain(self)
        for key in ("constraints", "bounds", "flows", "reference"):
            if not getattr(self, key):
                plain.pop(key, None)
        return plain

    def to_toml(self) -> str:
        """Write the scenario so that `load_scenario` reads an equal one."""
        return tomli_w.dumps(self.to_mapping())

    def digest(self) -> str:
        """Return the SHA-256 of all that is asked for, its name apart: equal ones ask for the same plan."""
        plain = self.to_mapping()
        del plain["name"]
        # Layers keep their order: it is the order of the terms. Other keys are in the order of the fields.
        return hashlib.sha256(json.dumps(plain, ensure_ascii=True).encode()).hexdigest()

    def check(self, geography: "Geography") -> None:
        """Hold the scenario against a geography.

        Raises
        ------
        ScenarioError
            Naming every layer, theme, kind of crossing, council and body that the geography does not have.
        """
        faults: _Faults = []
        known_crossings = {*CROSSINGS, *geography.crossings["kind"]} - {"none"}
        for what, place, asked, known in (
            ("layer", "layers", self.layers, geography.layers),
            ("layer", "blocks", self.blocks, geography.layers),
            ("theme", "themes", self.themes, geography.needs.scores.columns),
            ("kind of crossing", "crossings", self.crossings, known_crossings),
        ):
            known_names = list(known)
            for name in asked:
                if name not in known_names:
                    faults.append(f'{place}: unknown {what} "{name}"{or_known(name, known_names)}')
        wishes.check(self, geography, faults)
        for rule, value in self.constraints.given():
            faults += rule.check(value, geography)
        raise_all(ScenarioError, faults, f'scenario "{self.name}" on {geography.name}')


def load_scenario(source: str | os.PathLike[str]) -> Scenario:
    """Read a scenario that ships with the package, or a TOML file.

    Parameters
    ----------
    source
        Such as ``"reform-2017"``, or the path of a file.

    Raises
    ------
    ScenarioError
        Where there is none of that name, or it cannot be read, or it makes no sense.
    """
    folder = resources.files("geo_devolve") / "scenarios"
    shipped = {
        each.name.removesuffix(".toml"): each for each in folder.iterdir() if each.name.endswith(".toml")
    }
    file = shipped.get(source) if isinstance(source, str) else None
    path = Path(source)
    if file is None and not path.is_file():
        hint = or_known(path.name.removesuffix(".toml"), shipped)
        raise ScenarioError(f'no scenario "{source}": it is neither a file nor one that ships{hint}')
    try:
        table = parse_toml((file or path).read_bytes())
    except (OSError, DamagedError) as error:
        raise ScenarioError(f"{source} cannot be read as TOML: it {reason(error)}") from error
    return Scenario.from_mapping(
        {"name": path.stem if file is None else source, **table}, heading=str(source)
    )


def _scenario_fields(given: Scenario) -> tuple[dict[str, Any], _Faults]:
    faults: _Faults = []
    kept: dict[str, Any] = {
        "name": _coerce.text(given.name, "name", faults),
        "areas": _areas(given.areas, faults),
        "population": _population(given.population, faults),
        "themes": _coerce.names(given.themes, "themes", faults),
        "blocks": _coerce.names(given.blocks, "blocks", faults),
        "crossings": _coerce.names(given.crossings, "crossings", faults),
        "min_border_m": _coerce.number(given.min_border_m, "min_border_m", faults),
        "solver": _coerce.text(given.solver, "solver", faults),
        "seed": _coerce.whole_number(given.seed, "seed", faults),
        "time_limit_s": _coerce.number(given.time_limit_s, "time_limit_s", faults, above=0),
        "engine": _coerce.choice(given.engine, ENGINES, "engine", faults),
    }
    kept["weights"], kept["flows"], kept["reference"] = wishes.weights(
        given.weights, given.flows, given.reference, faults
    )
    kept["bounds"] = amounts.bounds(given.bounds, faults)
    kept["layers"] = _coerce.FrozenMapping(
        (key, _layer_term(value, f"layers.{key}", faults))
        for key, value in _coerce.mapping(given.layers, "layers", faults).items()
    )
    kept["constraints"] = as_constraints(given.constraints, faults)
    return kept, faults


def _areas(value: object, faults: _Faults) -> int | tuple[int, int]:
    if not isinstance(value, list | tuple):
        return _coerce.whole_number(value, "areas", faults, least=1)
    ends = [_coerce.whole_number(each, "areas", faults, least=1) for each in value]
    if len(ends) != 2 or ends[0] > ends[1]:
        faults.append(f"areas must be a number, or the least and the most as [36, 40], not {list(value)!r}")
        return 1
    return (ends[0], ends[1]) if ends[0] < ends[1] else ends[0]


def _population(value: object, faults: _Faults) -> tuple[float, float] | None:
    if value is None:
        return None
    ends = [
        _coerce.number(each, "population", faults, endless=True)
        for each in _coerce.sequence(value, "population", faults)
    ]
    if len(ends) != 2 or ends[0] > ends[1]:
        faults.append(f"population must be the least and the most people of an area, not {value!r}")
        return None
    if ends[1] == 0:
        faults.append("population lets no area have anybody: the most people of an area must be above 0")
        return None
    return ends[0], ends[1]


def _layer_term(value: object, where: str, faults: _Faults) -> LayerTerm:
    table = vars(value) if isinstance(value, LayerTerm) else _coerce.mapping(value, where, faults)
    _coerce.unknown_keys(table, ("rule", "weight"), where, faults)
    if isinstance(value, Mapping):
        faults += [f"{where} has no {key}" for key in ("rule", "weight") if key not in table]
    rule = _coerce.choice(table.get("rule", "match"), RULES, f"{where}.rule", faults)
    return LayerTerm(rule, _coerce.number(table.get("weight", 1.0), f"{where}.weight", faults))  # type: ignore[arg-type]


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        named = ((each.name, getattr(value, each.name)) for each in fields(value))
        return {key: _plain(each) for key, each in named if each is not None}
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, tuple) else value
