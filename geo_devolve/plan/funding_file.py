"""A funding file: national budgets, the formula of each, an index of growth, and the years of the grants."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from geo_devolve.errors import ScenarioError, raise_all
from geo_devolve.outside import DamagedError, parse_toml, reason
from geo_devolve.words import or_known

_KEYS = ("name", "title", "source", "years", "index", "budget")
_BUDGET_KEYS = ("name", "pounds", "year", "theme", "elasticity", "source")


@dataclass(frozen=True)
class Budget:
    """A programme's national budget, and how it is shared out.

    Attributes
    ----------
    name
        For readers.
    pounds
        The budget of its year.
    year
        The year it is of, such as "2016-17".
    theme
        Theme of need that weights the population; blank for population alone.
    elasticity
        Rise of the logarithm of money a head for one standard deviation more of need.
    source
        Where the figure is from.
    """

    name: str
    pounds: Decimal
    year: str
    theme: str = ""
    elasticity: float = 0.0
    source: str = ""


@dataclass(frozen=True)
class Funding:
    """What is shared out over which years.

    Attributes
    ----------
    name, title, source
        For readers.
    years
        The years of the grants, in order.
    index
        For each year the growth of budgets over the year before, 0.02 for two per cent.
    budgets
        The programmes.
    """

    name: str
    years: tuple[str, ...]
    index: Mapping[str, Decimal]
    budgets: tuple[Budget, ...]
    title: str = ""
    source: str = ""

    def pence(self, budget: Budget, year: str) -> int:
        """Return a programme's national budget of a year (pence): its own year's, grown by the index."""
        factor = Fraction(1)
        first, last = _start(budget.year), _start(year)
        for grown in sorted(self.index, key=_start):
            if min(first, last) < _start(grown) <= max(first, last):
                factor *= 1 + Fraction(self.index[grown])
        amount = Fraction(budget.pounds) * 100
        return round(amount * factor if last >= first else amount / factor)

    def assumptions(self) -> list[str]:
        """Say plainly what the grants rest on: each programme's formula, and the index."""
        said = [
            f"{budget.name}: by population alone"
            if not budget.theme
            else f"{budget.name}: by population, a head {np.expm1(budget.elasticity):+.1%} for each standard "
            f"deviation more of {budget.theme} need (elasticity {budget.elasticity:g})"
            for budget in self.budgets
        ]
        growth = ", ".join(f"{year} {float(rate):+.1%}" for year, rate in self.index.items())
        said.append(f"budgets grow by {growth} over the year before")
        return [*said, f"formulas and index are those of the funding file {self.name}, not of any government"]


def load_funding(source: str | os.PathLike[str]) -> Funding:
    """Read a funding file: one that ships with the package, or a TOML file of the user's.

    Parameters
    ----------
    source
        Such as ``"vive-la-devolution"``, or a path.

    Raises
    ------
    ScenarioError
        Naming every fault of it.
    """
    folder = resources.files("geo_devolve") / "funding"
    shipped = {
        each.name.removesuffix(".toml"): each for each in folder.iterdir() if each.name.endswith(".toml")
    }
    file = shipped.get(source) if isinstance(source, str) else None
    if file is None and not Path(source).is_file():
        raise ScenarioError(
            f'no funding "{source}": it is neither a file nor one that ships ({", ".join(sorted(shipped))})'
        )
    try:
        table = parse_toml((file or Path(source)).read_bytes(), parse_float=Decimal)
    except (OSError, DamagedError) as error:
        raise ScenarioError(f"{source} cannot be read as TOML: it {reason(error)}") from error
    return parse_funding({"name": Path(source).stem, **table}, str(source))


def parse_funding(table: Mapping[str, Any], heading: str = "funding") -> Funding:
    """Make a funding of what a TOML file holds; every fault in one `ScenarioError`."""
    faults: list[str] = []
    _refuse_unknown(table, _KEYS, "", faults)
    years = tuple(map(str, _list(table.get("years"), "years", faults)))
    index = table.get("index", {})
    if not isinstance(index, Mapping):
        faults.append("index must be a table of year = growth")
        index = {}
    budgets = [
        budget
        for number, each in enumerate(_list(table.get("budget"), "[[budget]]", faults), 1)
        if (budget := _budget(each, f"budget {number}", faults)) is not None
    ]
    growth = {
        str(year): _decimal(rate, f"index.{year}", faults, above=Decimal(-1)) for year, rate in index.items()
    }
    every = [*years, *growth, *(budget.year for budget in budgets)]
    bad = sorted({year for year in every if not _is_year(year)})
    faults += [f'"{year}" is no year; write 2017 or 2017-18' for year in bad]
    if not bad:
        known = {_start(year) for year in growth}
        spans = [(_start(budget.year), _start(year)) for budget in budgets for year in years]
        needed = {year for a, b in spans for year in range(min(a, b) + 1, max(a, b) + 1)}
        faults += [f"index says nothing of the growth to {year}" for year in sorted(needed - known)]
        faults += _doubled("index", "growth", growth)
        faults += _doubled("years", "year", years)
        if list(map(_start, years)) != sorted(map(_start, years)):
            faults.append("years must be in order, the earliest first")
    names = [budget.name.strip().casefold() for budget in budgets]
    twice = [budget.name for at, budget in enumerate(budgets) if names[at] in names[:at]]
    faults += [f'two budgets are named "{name}"' for name in dict.fromkeys(twice)]
    raise_all(ScenarioError, faults, heading)
    return Funding(
        name=str(table.get("name", "funding")),
        years=years,
        index=growth,
        budgets=tuple(budgets),
        title=str(table.get("title", "")),
        source=str(table.get("source", "")),
    )


def _budget(value: Any, where: str, faults: list[str]) -> Budget | None:
    if not isinstance(value, Mapping):
        faults.append(f"{where} must be a table")
        return None
    _refuse_unknown(value, _BUDGET_KEYS, where, faults)
    missing = [key for key in ("name", "pounds", "year") if key not in value]
    if missing:
        faults.append(f"{where} has no {' and no '.join(missing)}")
        return None
    where = f'budget "{value["name"]}"'
    pounds = _decimal(value["pounds"], f"{where}: pounds", faults, above=Decimal("-0.001"))
    elasticity = float(_decimal(value.get("elasticity", 0), f"{where}: elasticity", faults))
    theme = str(value.get("theme", ""))
    if abs(elasticity) > 5:
        faults.append(
            f"{where}: an elasticity of {elasticity:g} would give everything to a few; write 0.1 or so"
        )
    if bool(theme) != ("elasticity" in value):
        faults.append(f"{where}: theme and elasticity go together")
    return Budget(
        str(value["name"]), pounds, str(value["year"]), theme, elasticity, str(value.get("source", ""))
    )


def _refuse_unknown(given: Mapping[str, Any], known: Sequence[str], where: str, faults: list[str]) -> None:
    place = f"{where}: " if where else ""
    faults += [f'{place}unknown key "{key}"{or_known(key, known)}' for key in given if key not in known]


def _list(value: object, where: str, faults: list[str]) -> list[Any]:
    if not isinstance(value, list) or not value:
        faults.append(f"{where} must be given, at least one")
        return []
    return value


def _decimal(value: object, where: str, faults: list[str], above: Decimal | None = None) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        faults.append(f"{where} must be a number, not {value!r}")
        return Decimal(0)
    number = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite() or (above is not None and number <= above):
        faults.append(f"{where} is {value}, which makes no sense")
        return Decimal(0)
    return number


def _is_year(text: str) -> bool:
    head, _, tail = text.partition("-")
    return head.isdecimal() and len(head) == 4 and (not tail or tail == f"{(int(head) + 1) % 100:02d}")


def _doubled(where: str, what: str, years: Iterable[str]) -> Iterator[str]:
    """Say which years stand there twice, perhaps in two spellings."""
    spelt: dict[int, list[str]] = {}
    for year in years:
        spelt.setdefault(_start(year), []).append(f'"{year}"')
    for same in spelt.values():
        if len(same) > 1:
            yield f"{where} gives the {what} of one year {len(same)} times: {', '.join(same)}; leave one"


def _start(year: str) -> int:
    return int(year[:4])
