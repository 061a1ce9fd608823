"""Bounds of quantities and ratios as sums of whole numbers, so that they are compared exactly.

An area's sum of a quantity is counted in whole units (`Quantity`), and a bound is the decimal that was
written. That a ratio a/b is at least p/q, with b above 0, is that q a - p b is at least 0: a sum as well.
An area that has neither a nor b has no ratio, and keeps every bound.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

import numpy as np

from geo_devolve.constraints.amounts import Amount, amount, endless, exact
from geo_devolve.errors import ScenarioError, raise_all
from geo_devolve.geography.model import Geography
from geo_devolve.objective.units import Floats, Ints, Masks, members_of
from geo_devolve.scenario import Scenario

_MOST = 2**62  # what whole numbers of 64 bits can be added up to


@dataclass(frozen=True, eq=False)
class Form:
    """One bound.

    Attributes
    ----------
    name
        The quantity or ratio.
    bound
        As it was written.
    lower
        Whether it is the least; else the most.
    figures
        A whole number of each council.
    least
        What their sum over an area is at least.
    """

    name: str
    bound: float
    lower: bool
    figures: Ints
    least: int

    @property
    def label(self) -> str:
        """Such as "at least 0.08 income_deprived/people"."""
        return f"{'at least' if self.lower else 'at most'} {self.bound:,.12g} {self.name}"


def make_forms(geography: Geography, scenario: Scenario) -> tuple[Form, ...]:
    """Write a scenario's bounds of quantities and ratios as sums of whole numbers.

    Parameters
    ----------
    geography
        Which has the quantities.
    scenario
        Its `bounds`.

    Raises
    ------
    ScenarioError
        Where figures and bounds have too many digits to be compared exactly.
    """
    faults: list[str] = []
    forms = []
    for name, (lower, upper) in scenario.bounds.items():
        for bound, low in ((lower, True), (upper, False)):
            if endless(bound):
                continue
            form = _form(geography, amount(name), bound, lower=low)
            if form is None:
                faults.append(
                    f"bounds.{name}: {bound!r} has too many digits to be compared exactly with such large "
                    "figures; write fewer"
                )
            else:
                forms.append(form)
    raise_all(ScenarioError, faults, f'scenario "{scenario.name}"')
    return tuple(forms)


def _form(geography: Geography, what: Amount, bound: float, *, lower: bool) -> Form | None:
    over = geography.quantity(what.numerator)
    limit = exact(bound)
    if not what.denominator:
        limit *= 10**over.tally.decimals
        figures = [int(value) for value in over.counted]
        least = ceil(limit) if lower else -floor(limit)
        if not lower:
            figures = [-value for value in figures]
    else:
        under = geography.quantity(what.denominator)
        # a / 10^i against p/q × b / 10^j: whole numbers on both sides
        ratio = limit * Fraction(10**over.tally.decimals, 10**under.tally.decimals)
        sign = 1 if lower else -1
        figures = [
            sign * (int(a) * ratio.denominator - int(b) * ratio.numerator)
            for a, b in zip(over.counted, under.counted, strict=True)
        ]
        least = 0
    if sum(map(abs, figures)) + abs(least) >= _MOST:
        return None
    return Form(str(what), bound, lower, np.array(figures, dtype=np.int64), least)


def told(geography: Geography, forms: Sequence[Form], councils: Ints) -> Iterator[str]:
    """Say which bounds of quantities and ratios an area breaks.

    Parameters
    ----------
    geography
        Which has the quantities.
    forms
        The bounds.
    councils
        Numbers of the area's councils.
    """
    for form in forms:
        if int(form.figures[councils].sum()) < form.least:
            what = amount(form.name)
            over = float(geography.quantity(what.numerator).values[councils].sum())
            value = over
            if what.denominator:
                under = float(geography.quantity(what.denominator).values[councils].sum())
                value = over / under if under else np.inf
            more = "less" if form.lower else "more"
            yield f"has {value:,.6g} {form.name}, {more} than {form.bound:,.12g}"


def form_values(geography: Geography, name: str, members: Sequence[Ints], masks: Masks) -> Floats:
    """Work out a quantity or ratio of unions of blocks.

    Parameters
    ----------
    geography
        Which has the quantities.
    name
        Of a quantity, or a ratio.
    members
        The councils of each block, by number.
    masks
        Unions, as masks (rows × words).

    Returns
    -------
    Floats
        One for each union; NaN where there is nothing to divide by.
    """
    what = amount(name)
    inside = members_of(masks, len(members))
    sums = []
    for each in what.quantities:
        quantity = geography.quantity(each)
        of_blocks = np.array([quantity.counted[councils].sum() for councils in members])
        sums.append(quantity.tally.persons(inside @ of_blocks))
    if len(sums) == 1:
        return sums[0]
    return np.divide(sums[0], sums[1], out=np.full(len(masks), np.nan), where=sums[1] > 0)
