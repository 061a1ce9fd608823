"""Notebooks and commands that tests start are processes of their own: let them find this clone's package."""

import os
from pathlib import Path

ROOT = str(Path(__file__).parent)
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [ROOT, os.environ.get("PYTHONPATH", "")]))
