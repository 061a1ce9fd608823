"""Make a geography's folder of what was fetched: the files, a manifest, and where each file came from."""

import json
import shutil
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from geo_devolve.errors import DataError, PortalError, UsageError
from geo_devolve.geography.model import Geography
from geo_devolve.geography.portal.catalogue import Catalogue, Made, Service
from geo_devolve.geography.portal.fetch import Fetched, fetch_service
from geo_devolve.geography.portal.portal import Portal
from geo_devolve.geography.reading.load import find_geography, load_geography
from geo_devolve.geography.reading.manifest import MANIFEST
from geo_devolve.progress import Progress, silent
from geo_devolve.scratch import clear_dead, scratch

ORIGINS = "fetched.json"
_LENT = ("points", "needs", "crossings", "successors")


def fetch_geography(
    portal: Portal,
    catalogue: Catalogue,
    key: str,
    out: Path,
    *,
    cache: Path | None = None,
    refresh: bool = False,
    replace: bool = False,
    progress: Progress = silent,
) -> tuple[Geography, list[Fetched]]:
    """Fetch all services of a geography and write a folder that `load_geography` reads.

    Parameters
    ----------
    portal, catalogue
        Whom to ask, and for what.
    key
        The geography's name in the catalogue.
    out
        The folder to write: completely, or not at all.
    cache
        Folder for what was fetched before; None for the operating system's.
    refresh
        Ask the portal even where the cache has the data.
    replace
        Whether a folder that is there already may be replaced.
    progress
        Told of objects received, then of the stages of loading.

    Returns
    -------
    tuple of Geography and list of Fetched
        The folder's geography, and what was fetched for it.

    Raises
    ------
    UsageError
        Where the catalogue has no such geography, or the folder is there already.
    PortalError
        Where something could not be fetched; what was, stays in the cache.
    DataError
        Where what was fetched does not make a geography.
    """
    made = catalogue.geography(key)
    target = out.resolve()
    if target.exists() and (not target.is_dir() or any(target.iterdir())) and not replace:
        raise UsageError(f"{out} is there already; choose another folder, or say --replace")
    _refuse_to_empty(out, target)
    lender = find_geography(made.people) if made.people else None
    services = dict.fromkeys([made.councils, *(str(each["service"]) for each in made.layers.values())])
    fetched = {
        name: fetch_service(portal, catalogue.service(name), cache=cache, refresh=refresh, progress=progress)
        for name in services
    }
    with ExitStack() as stack:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            work = stack.enter_context(scratch(target.parent, f".{target.name}-partial-"))
        except OSError as fault:
            raise UsageError(f"{out} cannot be written: {fault.strerror or fault}") from None
        _fill(work, made, fetched, lender, name=target.name, attribution=catalogue.attribution)
        try:
            geography = load_geography(work, progress=progress)
        except DataError as fault:
            raise PortalError(
                f"what was fetched makes no geography, so {out} was not written (the files are in the "
                f"cache): {fault}"
            ) from None
        _move(work, target)
    return geography, list(fetched.values())


def _refuse_to_empty(out: Path, target: Path) -> None:
    """Refuse to replace a folder that somebody stands in or lives in, or that holds a history of its own."""
    held = [Path.cwd().resolve(), Path.home().resolve()]
    if target.exists() and not target.is_dir():
        raise UsageError(f"{out} is a file; choose another folder")
    if any(target in (each, *each.parents) for each in held) or (target / ".git").exists():
        raise UsageError(
            f"{out} is where you are, your home, above one of them, or a repository, and replacing it would "
            "lose all that is in it; name a folder of its own"
        )


def _fill(
    work: Path,
    made: Made,
    fetched: Mapping[str, Fetched],
    lender: Path | None,
    *,
    name: str,
    attribution: str,
) -> None:
    """Write every file of the folder."""
    for key, each in fetched.items():
        shutil.copyfile(each.path, work / _file(key, each))
    councils = fetched[made.councils]
    document: dict[str, Any] = {
        "name": name,
        "title": made.title,
        "vintage": made.vintage,
        "crs": f"EPSG:{councils.service.crs}",
        "attribution": attribution.strip(),
        "expect": {"councils": councils.record.rows},
        "councils": {"polygons": _file(made.councils, councils), **_columns(councils.service)},
    }
    if lender is not None:
        document |= _lend(lender, work, document)
    else:
        document["councils"]["population"] = made.population
        document["points"] = {"areal": True}
    document["layers"] = {
        layer: _layer(how, fetched[str(how["service"])]) for layer, how in made.layers.items()
    }
    text = "# Written by geo-devolve fetch; fetched.json tells where each file came from.\n"
    (work / MANIFEST).write_text(text + "\n".join(_toml(document)) + "\n", encoding="utf-8")
    origins = {_file(key, each): asdict(each.record) for key, each in fetched.items()}
    (work / ORIGINS).write_text(json.dumps(origins, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _file(key: str, fetched: Fetched) -> str:
    return f"{key}{fetched.path.suffix}"


def _columns(service: Service) -> dict[str, str]:
    named = {"name": service.name} if service.name else {}
    return ({"code": service.unique[0]} if service.unique else {}) | named


def _layer(how: Mapping[str, Any], fetched: Fetched) -> dict[str, Any]:
    service = fetched.service
    file = _file(service.key, fetched)
    told = {"title": str(how.get("title", service.title)), "vintage": service.vintage}
    if service.kind == "polygons":
        columns = {key: how[key] for key in ("code", "name", "overlaps") if key in how}
        return {"from": "polygons", **told, "polygons": file, **columns}
    names = {"names": [how["name"]]} if "name" in how else {}
    looked_up = {"of": "councils", "table": file, "key": how["council"], "columns": [how["code"]], **names}
    return {"from": "lookup", **told, **looked_up}


def _lend(lender: Path, work: Path, document: dict[str, Any]) -> dict[str, Any]:
    """Copy what another geography lends, its points above all, and return the manifest's sections for it."""
    manifest = tomllib.loads((lender / MANIFEST).read_text("utf-8"))
    sections = {name: manifest[name] for name in _LENT if name in manifest}
    for section in sections.values():
        files = [section[key] for key in ("table", "indicators") if key in section]
        files += [join["table"] for join in section.get("joins", [])]
        for file in files:
            shutil.copyfile(lender / file, work / Path(file).name)
    lent = str(manifest.get("attribution", "")).strip()
    lines = dict.fromkeys([*document["attribution"].splitlines(), *lent.splitlines()])
    expected = {
        key: value for key, value in manifest.get("expect", {}).items() if key in {"points", "population"}
    }
    return sections | {"attribution": "\n".join(lines), "expect": document["expect"] | expected}


def _move(work: Path, target: Path) -> None:
    """Put the finished folder in its place, an older one out of the way and back if that fails."""
    work.chmod(0o755)  # temporary folders are made for their owner alone
    if not target.exists():
        work.rename(target)
        clear_dead(target.parent, f".{target.name}-old-")  # not before: it may have held the only one
        return
    with scratch(target.parent, f".{target.name}-old-") as aside:
        target.rename(aside / target.name)
        try:
            work.rename(target)
        except BaseException:
            (aside / target.name).rename(target)
            raise


def _toml(document: Mapping[str, Any], path: Sequence[str] = ()) -> Iterator[str]:
    """Write a document of texts, numbers, lists and tables as TOML, plain keys before tables."""
    for key, value in document.items():
        if not isinstance(value, dict):
            yield f"{_key(key)} = {_value(value)}"
    for key, value in document.items():
        if isinstance(value, dict):
            inner = (*path, key)
            if any(not isinstance(each, dict) for each in value.values()) or not value:
                yield f"\n[{'.'.join(map(_key, inner))}]"
            yield from _toml(value, inner)


def _key(key: str) -> str:
    plain = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return key if plain else json.dumps(key)


def _value(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items()) + " }"
    if isinstance(value, str):
        # JSON escapes as TOML does, but for the half of a surrogate pair, which no text read from a file has
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return "true" if value is True else "false" if value is False else str(value)
