"""Names of a package that are loaded when they are first asked for, so that importing it is quick."""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def loader(package: str, homes: Mapping[str, tuple[str, ...]]) -> Callable[[str], Any]:
    """Make the ``__getattr__`` of a package that loads each of its names from the module where it is at home.

    Parameters
    ----------
    package
        Its ``__name__``.
    homes
        Module to the names that come from it.

    Returns
    -------
    callable
        From a name to its value, which is kept in the package; an AttributeError where there is no such name.
    """
    home = {name: module for module, names in homes.items() for name in names}

    def load(name: str) -> Any:
        if name not in home:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(home[name]), name)
        setattr(sys.modules[package], name, value)  # asked for once
        return value

    return load
