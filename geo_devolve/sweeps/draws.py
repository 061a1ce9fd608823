"""What a random sample draws from: ranges, choices, and weights around a scenario's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from geo_devolve import _coerce
from geo_devolve.scenario import WEIGHTS, Scenario
from geo_devolve.words import or_known

CONCENTRATION = 20.0
"""How near weights stay to the scenario's: at 20, one of half of all weight varies by about a fifth."""


class Draw(Protocol):
    """Draws values for one path or for several."""

    def draw(self, random: np.random.Generator) -> dict[str, Any]:
        """Return path to value."""


@dataclass(frozen=True)
class Between:
    """A number between two, evenly; whole, both ends included, where both ends are whole."""

    path: str
    low: float
    high: float
    logarithmic: bool = False

    def draw(self, random: np.random.Generator) -> dict[str, Any]:
        """Return the path and a number."""
        if isinstance(self.low, int) and isinstance(self.high, int):
            return {self.path: int(random.integers(self.low, self.high, endpoint=True))}
        if self.logarithmic:
            return {self.path: float(np.exp(random.uniform(np.log(self.low), np.log(self.high))))}
        return {self.path: float(random.uniform(self.low, self.high))}


@dataclass(frozen=True)
class AnyOf:
    """One of some values, each as likely."""

    path: str
    values: tuple[Any, ...]

    def draw(self, random: np.random.Generator) -> dict[str, Any]:
        """Return the path and one of the values."""
        return {self.path: self.values[int(random.integers(len(self.values)))]}


@dataclass(frozen=True)
class Dirichlet:
    """Weights that add up to what the scenario's add up to, spread by a Dirichlet distribution.

    Attributes
    ----------
    paths
        Of the weights, such as ``weights.need`` and ``layers.stp.weight``.
    alpha
        One a path: larger numbers stay nearer to their share of the sum of them.
    total
        What the weights add up to.
    """

    paths: tuple[str, ...]
    alpha: tuple[float, ...]
    total: float

    @classmethod
    def around(
        cls, scenario: Scenario, terms: Sequence[str], concentration: float, flat: bool
    ) -> "Dirichlet":
        """Draw around the scenario's weights, or evenly over everything they could be.

        Parameters
        ----------
        scenario
            Whose weights.
        terms
            Which terms; the others keep their weight.
        concentration
            The larger, the nearer; no matter where `flat`.
        flat
            Whether every way of sharing out the sum is as likely as any other.
        """
        weights = dict(zip(scenario.term_names, scenario.term_weights, strict=True))
        total = sum(weights[term] for term in terms)
        alpha = tuple(1.0 if flat else concentration * weights[term] / total for term in terms)
        return cls(tuple(weight_path(term) for term in terms), alpha, total)

    def draw(self, random: np.random.Generator) -> dict[str, Any]:
        """Return each path and its weight."""
        shares = random.dirichlet(self.alpha)
        return {
            path: float(self.total * share) for path, share in zip(self.paths, shares.tolist(), strict=True)
        }


def weight_path(term: str) -> str:
    """Return the path of a term's weight."""
    return f"weights.{term}" if term in WEIGHTS else f"layers.{term}.weight"


def read_draws(table: Mapping[str, Any], base: Scenario, faults: list[str]) -> tuple[Draw, ...]:
    """Read what a sample draws, adding to `faults` what cannot be understood.

    Parameters
    ----------
    table
        Path to ``{ from = …, to = … }`` or ``{ any_of = […] }``; and ``dirichlet`` to a table of terms,
        concentration and flat.
    base
        The scenario whose weights are drawn around.
    faults
        Added to.
    """
    draws: list[Draw] = []
    for path, given in table.items():
        where = f"sample.{path}"
        found: Draw | None
        if path == "dirichlet":
            found = _read_dirichlet(_coerce.mapping(given, where, faults), base, where, faults)
        else:
            found = _read_one(path, given, where, faults)
        if found is not None:
            draws.append(found)
    return tuple(draws)


def _read_one(path: str, given: Any, where: str, faults: list[str]) -> Draw | None:
    keys = set(given) if isinstance(given, Mapping) else set()
    if keys == {"any_of"}:
        values = _coerce.sequence(given["any_of"], f"{where}.any_of", faults)
        if values:
            return AnyOf(path, values)
        faults.append(f"{where}.any_of names nothing to choose from")
    elif {"from", "to"} <= keys <= {"from", "to", "log"}:
        low, high = given["from"], given["to"]
        logarithmic = _coerce.flag(given.get("log", False), f"{where}.log", faults)
        known = len(faults)
        least = _coerce.number(low, f"{where}.from", faults)
        most = _coerce.number(high, f"{where}.to", faults)
        if len(faults) == known and least > most:
            faults.append(f"{where}: from {low} is more than to {high}")
        if len(faults) == known and logarithmic and least <= 0:
            faults.append(f"{where}: a logarithmic range starts above 0")
        if len(faults) == known:
            return Between(path, float(low) if logarithmic else low, high, logarithmic)
    else:
        faults.append(f"{where} must be {{ from = …, to = … }} or {{ any_of = […] }}, not {given!r}")
    return None


def _read_dirichlet(
    table: Mapping[str, Any], base: Scenario, where: str, faults: list[str]
) -> Dirichlet | None:
    known = len(faults)
    _coerce.unknown_keys(table, ("terms", "concentration", "flat"), where, faults)
    concentration = _coerce.number(
        table.get("concentration", CONCENTRATION), f"{where}.concentration", faults, above=0
    )
    flat = _coerce.flag(table.get("flat", False), f"{where}.flat", faults)
    weights = dict(zip(base.term_names, base.term_weights, strict=True))
    used = [term for term, weight in weights.items() if weight > 0]
    terms = _coerce.names(table.get("terms", used), f"{where}.terms", faults)
    for term in terms:
        if term not in weights:
            faults.append(f'{where}.terms: unknown term "{term}"{or_known(term, weights)}')
        elif weights[term] == 0 and not flat:
            faults.append(f'{where}.terms: "{term}" weighs 0 in the base; draw it flat, or give it a weight')
    if len(faults) == known and (len(terms) < 2 or sum(weights[term] for term in terms) == 0):
        faults.append(f"{where} needs two or more terms that weigh something to share out")
    if len(faults) > known:
        return None
    return Dirichlet.around(base, terms, concentration, flat)
