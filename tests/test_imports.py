"""A module imports only what stands above it, and importing the package is light."""

import ast
import subprocess
import sys
from pathlib import Path

import geo_devolve

PACKAGE = Path(geo_devolve.__file__).parent
ORDER = (
    ("errors", "clock", "progress", "measures", "processes", "scratch", "shown", "words", "_coerce"),
    ("geography",),
    ("_constraints", "scenario"),
    ("optimise",),
    ("plan",),
    ("publish",),
    ("sweeps", "tuning", "verifying"),
    ("terminal", "commands"),
    ("cli",),
    ("__main__",),
)
RANK = {name: rank for rank, names in enumerate(ORDER) for name in names}


def modules() -> dict[str, Path]:
    found = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def imported(name: str, file: Path, known: dict[str, Path]) -> set[str]:
    """The package's own modules that a module imports, wherever in it the import stands."""
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
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            found |= {str(each.value) for each in node.args if isinstance(each, ast.Constant)}
    return {each for each in found if each.split(".")[0] == "geo_devolve"}


def test_every_module_imports_only_what_stands_above_it() -> None:
    known = modules()
    wrong = []
    for name, file in known.items():
        if name == "geo_devolve":
            continue
        own = name.split(".")[1]
        assert own in RANK, f"{name} has no place in the order"
        wrong += [
            f"{name} imports {other}"
            for other in sorted(imported(name, file, known) - {"geo_devolve"})
            if RANK[other.split(".")[1]] > RANK[own]
        ]
    assert not wrong


def test_no_two_modules_import_each_other_in_a_circle() -> None:
    known = modules()
    above = {name: imported(name, file, known) - {name, "geo_devolve"} for name, file in known.items()}
    above.pop("geo_devolve")
    while free := [name for name, others in above.items() if not others & set(above)]:
        for name in free:
            del above[name]
    # a package and its own modules may name each other: the package gathers what they make
    left = {name: others & set(above) for name, others in above.items()}
    circles = {
        name: inside
        for name, others in left.items()
        if (
            inside := {
                each for each in others if not each.startswith(f"{name}.") and name in left.get(each, ())
            }
        )
        and not any(name.startswith(f"{each}.") for each in inside)
    }
    assert not circles


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
