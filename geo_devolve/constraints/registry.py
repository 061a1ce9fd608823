"""Every rule there is: a module of the folder `rules` each, in the order of their fields."""

import pkgutil
from importlib import import_module

from geo_devolve.constraints import rules
from geo_devolve.constraints.rule import Rule


def _found() -> dict[str, Rule]:
    modules = (
        import_module(f"{rules.__name__}.{each.name}") for each in pkgutil.iter_modules(rules.__path__)
    )
    ordered = sorted((module.RULE for module in modules), key=lambda rule: (rule.place, rule.field))
    return {rule.field: rule for rule in ordered}


RULES: dict[str, Rule] = _found()
"""The rules by the names of their fields."""


def fields_of(*forms: type) -> str:
    """Name the fields whose rules take one of some forms: "apart, within or max_extent_km".

    Parameters
    ----------
    forms
        Of `geo_devolve.constraints.forms`.
    """
    names = [rule.field for rule in RULES.values() if set(forms) & set(rule.forms)]
    return " or ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
