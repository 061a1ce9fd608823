"""How a plan or a geography shows itself in a notebook: they ask here, and need not know who does it.

What shows them stands in a room above theirs, which they must not import. The package, which knows all rooms,
says where it is as soon as it is imported.
"""

from collections.abc import Callable
from typing import Any

_Find = Callable[[str], Callable[..., Any]]
_told: dict[str, _Find] = {}


def show_by(find: _Find) -> None:
    """Say how to find what shows something, by the name of the function; called by the package alone."""
    _told["find"] = find


def shown_by(name: str) -> Callable[..., Any]:
    """Find the function of a name that shows a plan or a geography."""
    return _told["find"](name)
