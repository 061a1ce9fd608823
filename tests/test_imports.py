"""A module imports only what stands above it, and importing the package is light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import geo_devolve

PACKAGE = Path(geo_devolve.__file__).parent
# Rooms and modules, from the ground up. A room is the modules directly in it, but those named by themselves.
ORDER = (
    (
        "errors",
        "outside",
        "progress",
        "measures",
        "clock",
        "cores",
        "words",
        "lazily",
        "processes",
        "scratch",
        "shown",
        "verifying",
        "_coerce",
    ),
    ("geography",),
    ("geography.reading",),
    ("geography.portal",),
    ("constraints.forms",),
    ("constraints.ground", "constraints.rule"),
    ("constraints.rules",),
    ("constraints",),
    ("scenario",),
    ("objective",),
    ("optimise.certificate", "optimise.evidence", "optimise.outcome"),
    ("optimise.asked", "optimise.compiled"),
    ("optimise.program",),
    ("optimise.listed", "optimise.walk"),
    ("optimise.annealing",),
    ("optimise.engines",),
    ("optimise.reasons",),
    ("optimise",),
    ("plan",),
    ("atlases",),
    ("publish.colours", "publish.phrases"),
    ("publish.files",),
    ("publish.maps",),
    ("publish.pages",),
    ("publish",),
    ("sweeps", "tuning"),
    ("terminal", "commands"),
    ("cli",),
    ("__main__",),
)
RANK = {f"geo_devolve.{name}": rank for rank, names in enumerate(ORDER) for name in names}
# Where names of modules are made up as the program runs: the packages' tables, the folder of commands.
BY_NAME = {"geo_devolve.lazily", "geo_devolve.commands", "geo_devolve.constraints.registry"}


def modules(package: Path = PACKAGE) -> dict[str, Path]:
    found = {}
    for file in sorted(package.rglob("*.py")):
        parts = file.relative_to(package.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def imported(name: str, file: Path, known: dict[str, Path]) -> set[str]:
    """The package's own modules that a module imports, wherever in it the import stands, or loads by name."""
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join(
                    [*package.split(".")[: len(package.split(".")) - node.level + 1], base]
                ).rstrip(".")
            for each in node.names:
                inner = f"{base}.{each.name}"
                found.add(inner if inner in known else base)
        elif isinstance(node, ast.Call) and _loads_by_name(node) and name not in BY_NAME:
            assert isinstance(node.args[0], ast.Constant), f"{name} loads a module by a name made up"
            found.add(str(node.args[0].value))
    return {each for each in found if each.split(".")[0] == "geo_devolve"}


def _loads_by_name(call: ast.Call) -> bool:
    return ast.unparse(call.func) in {"import_module", "importlib.import_module", "__import__"}


def room(name: str, known: dict[str, Path]) -> str:
    """What a module is ranked by: itself where the order names it, else the package it stands in."""
    inside = name if known[name].name == "__init__.py" else name.rpartition(".")[0]
    return name if name in RANK else inside


def out_of_order(known: dict[str, Path]) -> list[str]:
    """Every module without a place, and every import from a lower row of the order into a higher one."""
    wrong = []
    for name, file in known.items():
        if name == "geo_devolve":
            continue
        if room(name, known) not in RANK:
            wrong.append(f"{name} has no place in the order")
            continue
        for other in sorted(imported(name, file, known) - {"geo_devolve"}):
            if file.name == "__init__.py" and other.startswith(f"{name}."):
                continue  # a package names what is in it, and loads it when it is asked for
            if RANK.get(room(other, known), -1) > RANK[room(name, known)]:
                wrong.append(f"{name} imports {other}")
    return wrong


def in_circles(edges: dict[str, set[str]]) -> dict[str, set[str]]:
    """What is left of a graph when what imports nothing that is left is taken away, again and again."""
    left = {name: set(others) for name, others in edges.items()}
    while free := [name for name, others in left.items() if not others & set(left)]:
        for name in free:
            del left[name]
    return {name: others & set(left) for name, others in left.items()}


def imports_of_all(known: dict[str, Path]) -> dict[str, set[str]]:
    return {
        name: {
            other
            for other in imported(name, file, known) - {name, "geo_devolve"}
            if not (file.name == "__init__.py" and other.startswith(f"{name}."))
        }
        for name, file in known.items()
        if name != "geo_devolve"
    }


def test_every_module_imports_only_what_stands_above_it() -> None:
    assert not out_of_order(modules())


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert not in_circles(imports_of_all(modules()))


def test_no_rooms_import_each_other_in_a_circle() -> None:
    known = modules()
    rooms: dict[str, set[str]] = {}
    for name, others in imports_of_all(known).items():
        own = room(name, known)
        rooms.setdefault(own, set()).update({room(other, known) for other in others} - {own})
    assert not in_circles(rooms)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("from geo_devolve.plan.plan import Plan", "geo_devolve.measures imports geo_devolve.plan.plan"),
        ("def show():\n    import geo_devolve.cli", "geo_devolve.measures imports geo_devolve.cli"),
        (
            "from importlib import import_module\nx = import_module('geo_devolve.publish.notebook')",
            "geo_devolve.measures imports geo_devolve.publish.notebook",
        ),
    ],
)
def test_the_order_sees_every_way_of_importing(code: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "measures.py").write_text(code)
    assert out_of_order({**modules(), "geo_devolve.measures": tmp_path / "measures.py"}) == [told]


def test_a_module_without_a_place_in_the_order_is_told(tmp_path: Path) -> None:
    for name in ("geo_devolve.somewhere", "geo_devolve.optimise.cellar.wine"):
        file = tmp_path / "new.py"
        file.write_text("")
        assert out_of_order({**modules(), name: file}) == [f"{name} has no place in the order"]


def test_every_module_of_a_package_is_a_module_where_it_is_imported() -> None:
    """No package has a function of the name of one of its modules, which would hide it."""
    code = """
import importlib, types, sys
import geo_devolve
for name in sys.argv[1:]:
    parent, _, leaf = name.rpartition(".")
    module = importlib.import_module(name)
    assert isinstance(getattr(sys.modules[parent], leaf), types.ModuleType), name
"""
    names = [name for name in modules() if "." in name and not name.endswith("__main__")]
    done = subprocess.run([sys.executable, "-c", code, *names], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = "geopandas", "pandas", "numpy", "shapely", "numba", "pulp", "matplotlib", "networkx"
    code = f"import sys, geo_devolve; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_command_answers_a_call_for_help_without_the_heavy_parts() -> None:
    heavy = "geopandas", "shapely", "numba", "pulp", "matplotlib", "networkx"
    code = f"import sys, geo_devolve.cli; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(geo_devolve, "propse")
    assert "propose" in dir(geo_devolve)
    assert "load_scenario" in geo_devolve.__all__
