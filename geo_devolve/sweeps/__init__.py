"""Many scenarios: read from a file, solved by many workers, kept as one dataset, and read again."""

from geo_devolve.processes import WorkersLostError
from geo_devolve.sweeps.results import Sweep, open_sweep
from geo_devolve.sweeps.run import sweep
from geo_devolve.sweeps.spec import Scenarios, load_sweep

__all__ = ["Scenarios", "Sweep", "WorkersLostError", "load_sweep", "open_sweep", "sweep"]
