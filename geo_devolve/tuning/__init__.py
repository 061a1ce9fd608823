"""A panel for Jupyter in which a scenario is tuned: every change solves again and shows what moved."""

from geo_devolve.tuning.panel import Panel, tune

__all__ = ["Panel", "tune"]
