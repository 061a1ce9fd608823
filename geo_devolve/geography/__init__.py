"""What is on the ground: councils, layers, population points, needs and the graph of neighbours."""

from typing import TYPE_CHECKING

from geo_devolve.lazily import loader

if TYPE_CHECKING:
    from geo_devolve.geography.layers import Layer
    from geo_devolve.geography.model import Geography
    from geo_devolve.geography.needs import Needs
    from geo_devolve.geography.reading.load import load_geography

__all__ = [
    "Geography",
    "Layer",
    "Needs",
    "load_geography",
]

__getattr__ = loader(
    __name__,
    {
        "geo_devolve.geography.layers": ("Layer",),
        "geo_devolve.geography.model": ("Geography",),
        "geo_devolve.geography.needs": ("Needs",),
        "geo_devolve.geography.reading.load": ("load_geography",),
    },
)
