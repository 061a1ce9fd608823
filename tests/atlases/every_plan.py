"""Every plan of a small geography, by looking at every division of its councils: slow and plain."""

from collections.abc import Iterator

import geo_devolve as gd
from geo_devolve.plan.faults import Rulebook
from geo_devolve.plan.groups import Groups

Division = frozenset[frozenset[object]]


def divisions(codes: list[object]) -> Iterator[list[list[object]]]:
    """Yield every division of some councils, each once."""
    if not codes:
        yield []
        return
    first, rest = codes[0], codes[1:]
    for each in divisions(rest):
        yield [[first], *each]
        for place, area in enumerate(each):
            yield [*each[:place], [first, *area], *each[place + 1 :]]


def every_plan(geography: gd.Geography, scenario: gd.Scenario) -> set[Division]:
    """Return every division without a fault by `gd.score`'s own rules."""
    rules = Rulebook(geography, scenario)
    found = set()
    for areas in divisions(list(geography.councils.index)):
        if len(areas) in scenario.counts:
            area_of = {code: f"A{number}" for number, area in enumerate(areas) for code in area}
            if not rules.faults(Groups.of(geography, area_of)):
                found.add(frozenset(frozenset(area) for area in areas))
    return found


def listed(atlas: gd.Atlas) -> list[Division]:
    """Return the plans of an atlas's rows."""
    codes = list(atlas.geography.councils.index)
    found = []
    for text in atlas.table["plan"]:
        groups: dict[str, set[object]] = {}
        for code, letter in zip(codes, text, strict=True):
            groups.setdefault(letter, set()).add(code)
        found.append(frozenset(frozenset(group) for group in groups.values()))
    return found
