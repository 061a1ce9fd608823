"""Many scenarios: read from a file, solved by many workers, kept as one dataset, and read again."""

from typing import TYPE_CHECKING

from geo_devolve.lazily import loader

if TYPE_CHECKING:
    from geo_devolve.processes import WorkersLostError
    from geo_devolve.sweeps.results import Sweep, open_sweep
    from geo_devolve.sweeps.run import sweep
    from geo_devolve.sweeps.spec import Scenarios, load_sweep

__all__ = [
    "Scenarios",
    "Sweep",
    "WorkersLostError",
    "load_sweep",
    "open_sweep",
    "sweep",
]

__getattr__ = loader(
    __name__,
    {
        "geo_devolve.processes": ("WorkersLostError",),
        "geo_devolve.sweeps.results": (
            "Sweep",
            "open_sweep",
        ),
        "geo_devolve.sweeps.run": ("sweep",),
        "geo_devolve.sweeps.spec": (
            "Scenarios",
            "load_sweep",
        ),
    },
)
