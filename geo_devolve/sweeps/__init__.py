"""Many scenarios: read from a file, solved by many workers, kept as one dataset, and read again."""

from geo_devolve.sweeps.spec import Scenarios, load_sweep

__all__ = ["Scenarios", "load_sweep"]
