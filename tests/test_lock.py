"""The versions in requirements/ are those that pyproject.toml asks for: `make lock` was not forgotten."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import geo_devolve

ROOT = Path(geo_devolve.__file__).parent.parent
LOCKS = ("all", "plan", "oldest")

pytestmark = pytest.mark.skipif(not (ROOT / "pyproject.toml").exists(), reason="not run from a clone")


def asked(*extras: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [
        *project["dependencies"],
        *(each for extra in extras for each in project["optional-dependencies"][extra]),
    ]
    return [Requirement(line) for line in lines]


def pinned(lock: str) -> dict[str, set[Version]]:
    """The versions of each package: several where they depend on Python's."""
    found: dict[str, set[Version]] = {}
    for line in (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8").splitlines():
        if re.match(r"\w", line):
            requirement = Requirement(line.removesuffix("\\").strip())
            (pin,) = requirement.specifier
            assert pin.operator == "=="
            found.setdefault(canonicalize_name(requirement.name), set()).add(Version(pin.version))
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_every_version_is_held_by_hashes_and_from_anywhere(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert "index-url" not in text
    for entry in re.split(r"\n(?=\w)", text)[1:]:
        assert "--hash=sha256:" in entry, entry


@pytest.mark.parametrize(
    ("lock", "extras"),
    [
        ("all", ("notebook", "cluster", "test", "build", "lint", "docs")),
        ("plan", ("build",)),
        ("oldest", ("notebook", "cluster", "test", "build")),
    ],
)
def test_the_lock_has_what_is_asked_for(lock: str, extras: tuple[str, ...]) -> None:
    have = pinned(lock)
    for requirement in asked(*extras):
        versions = have.get(canonicalize_name(requirement.name), set())
        assert versions, f"make lock: {requirement.name} is not in requirements/{lock}.txt"
        assert all(version in requirement.specifier for version in versions), f"make lock: {requirement}"


def test_the_plan_is_made_with_the_versions_that_are_tested() -> None:
    tested = pinned("all")
    assert all(versions <= tested[name] for name, versions in pinned("plan").items())


def test_the_oldest_versions_are_the_bounds() -> None:
    have = pinned("oldest")
    for requirement in asked("notebook", "cluster", "test", "build"):
        (bound,) = [Version(each.version) for each in requirement.specifier if each.operator == ">="]
        assert have[canonicalize_name(requirement.name)] == {bound}, f"make lock: {requirement}"
