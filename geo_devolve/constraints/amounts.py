"""What quantities and ratios of them are called in a scenario, and what bounds on them mean exactly.

``jobs`` is an area's sum of a quantity, ``income_deprived/people`` the ratio of two sums. Where shares are
compared between areas (spread, gap), a quantity alone is a share of the people, and ``people`` alone the
areas' populations themselves.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import inf, isinf

from geo_devolve import _coerce

PEOPLE = "people"
SPREAD = "spread:"

_Faults = list[str]


@dataclass(frozen=True)
class Amount:
    """A quantity, or the ratio of two; without a denominator it is the sum itself."""

    numerator: str
    denominator: str = ""

    @property
    def quantities(self) -> tuple[str, ...]:
        """Names of the quantities that it is made of."""
        return (self.numerator, self.denominator) if self.denominator else (self.numerator,)

    def __str__(self) -> str:
        return "/".join(self.quantities)


def amount(text: str) -> Amount:
    """Read what a bound speaks of.

    Examples
    --------
    >>> amount("jobs"), str(amount("jobs / people"))
    (Amount(numerator='jobs', denominator=''), 'jobs/people')
    """
    numerator, _, denominator = text.partition("/")
    return Amount(numerator.strip(), denominator.strip())


def share(text: str) -> Amount:
    """Read what a spread or a gap speaks of: a quantity alone is a share of the people.

    Examples
    --------
    >>> str(share("income_deprived")), str(share("people"))
    ('income_deprived/people', 'people')
    """
    found = amount(text)
    return found if found.denominator or found.numerator == PEOPLE else Amount(found.numerator, PEOPLE)


def check_name(text: str, where: str, faults: _Faults, *, ratio: bool = False) -> str:
    """Keep the name of a quantity or a ratio, written without white space."""
    found = share(text) if ratio else amount(text)
    if not found.numerator or text.count("/") > 1 or text.rstrip().endswith("/") or ":" in text:
        faults.append(f'{where}: "{text}" is neither a quantity nor a ratio such as "income_deprived/people"')
    return str(amount(text))


def bounds(value: object, faults: _Faults) -> "_coerce.FrozenMapping[tuple[float, float]]":
    """Keep the least and the most of quantities and ratios."""
    kept = {}
    for name, ends in _coerce.mapping(value, "bounds", faults).items():
        where = f"bounds.{name}"
        called = check_name(name, where, faults)
        pair = [
            each if each == -inf else _coerce.number(each, where, faults, above=-inf, endless=True)
            for each in _coerce.sequence(ends, where, faults)
        ]
        if len(pair) != 2 or pair[0] > pair[1] or (pair and pair[0] == inf):
            faults.append(f"{where} must be the least and the most of an area, as [0.08, 0.16], not {ends!r}")
            continue
        kept[called] = (float(pair[0]), float(pair[1]))
    return _coerce.FrozenMapping(kept)


def exact(bound: float) -> Fraction:
    """Return a bound as it was written: 0.1 is one tenth."""
    return Fraction(Decimal(repr(float(bound))))


def endless(bound: float) -> bool:
    """Whether a bound bounds nothing."""
    return isinf(bound)
