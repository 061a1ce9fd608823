"""The commands of ``geo-devolve``, a module each, which ``register`` themselves with the application.

A command's module imports ``geo_devolve as gd`` and what is light; the heavy parts are loaded when the
command runs, so that ``--help`` answers at once.
"""

import pkgutil
from importlib import import_module

import typer


def register_all(app: typer.Typer) -> None:
    """Let every command module of this package add its command, in alphabetical order."""
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda each: each.name):
        if not module.name.startswith("_"):
            import_module(f"{__name__}.{module.name}").register(app)
