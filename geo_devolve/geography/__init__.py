"""What is on the ground: councils, layers, population points, needs and the graph of neighbours."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geo_devolve.geography.layers import Layer
    from geo_devolve.geography.load import load_geography
    from geo_devolve.geography.model import Geography
    from geo_devolve.geography.needs import Needs

_HOMES = {"Geography": "model", "Layer": "layers", "Needs": "needs", "load_geography": "load"}

__all__ = ["Geography", "Layer", "Needs", "load_geography"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'geo_devolve.geography' has no attribute {name!r}")
    return getattr(import_module(f"geo_devolve.geography.{_HOMES[name]}"), name)
