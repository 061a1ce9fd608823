"""``geo-devolve fetch``: a geography's layers from a portal into a folder that is ready to use."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

import geo_devolve as gd
from geo_devolve import terminal

if TYPE_CHECKING:
    from geo_devolve.geography.portal.catalogue import Catalogue

_MEGABYTE = 2**20


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("fetch")(fetch)


def fetch(
    geography: Annotated[str | None, typer.Argument(help="A geography of the catalogue.")] = None,
    *,
    out: Annotated[Path | None, typer.Option(help="The folder to write; by default its name here.")] = None,
    catalogue: Annotated[
        Path | None, typer.Option(help="A catalogue of your own, in place of the one that comes along.")
    ] = None,
    base: Annotated[
        str | None, typer.Option(help="The portal's address, in place of the catalogue's.")
    ] = None,
    cache: Annotated[Path | None, typer.Option(help="Where to keep what was fetched.")] = None,
    refresh: Annotated[bool, typer.Option(help="Ask the portal even where the cache has the data.")] = False,
    replace: Annotated[bool, typer.Option(help="Replace the folder if it is there already.")] = False,
    page: Annotated[
        int | None, typer.Option(help="Objects to ask for at a time; by default as many as allowed.", min=1)
    ] = None,
    attempts: Annotated[int, typer.Option(help="How often to ask before giving up.", min=1)] = 6,
    wait: Annotated[float, typer.Option(help="Seconds to wait for an answer to go on.", min=0.01)] = 60.0,
    pause: Annotated[float, typer.Option(help="Seconds before the second attempt.", min=0.0)] = 1.0,
    largest_mb: Annotated[int, typer.Option(help="Refuse an answer beyond so many megabytes.", min=1)] = 64,
    listed: Annotated[bool, typer.Option("--list", help="List the catalogue and stop.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print what was fetched as JSON.")] = False,
) -> None:
    """Fetch the layers of a geography from the ONS Open Geography Portal, or another portal of its kind."""
    from geo_devolve.geography.portal.catalogue import load_catalogue
    from geo_devolve.geography.portal.folder import fetch_geography
    from geo_devolve.geography.portal.portal import Portal, PortalSettings

    known = load_catalogue(catalogue)
    if listed:
        _list(known, json=json)
        return
    if geography is None:
        names = ", ".join(sorted(known.geographies)) or "none"
        raise gd.UsageError(f"say which geography to fetch; the catalogue has {names}")
    folder = out or Path(geography)
    settings = PortalSettings(
        read_s=wait,
        attempts=attempts,
        pause_s=pause,
        page=page,
        largest_bytes=largest_mb * _MEGABYTE,
    )
    with Portal(base or known.base, settings) as portal, terminal.progress() as progress:
        loaded, fetched = fetch_geography(
            portal, known, geography, folder, cache=cache, refresh=refresh, replace=replace, progress=progress
        )
    for each in fetched:
        for notice in each.notices:
            terminal.note(notice)
    for notice in loaded.notices:
        terminal.note(notice)
    if json:
        rows = [
            {"service": each.service.key, "rows": each.record.rows, "sha256": each.record.sha256}
            | {"url": each.record.url, "from_cache": each.from_cache}
            for each in fetched
        ]
        terminal.print_json({"folder": str(folder), "councils": len(loaded.councils), "services": rows})
        return
    table = Table(title=f"{folder}: {len(loaded.councils):,} councils, {loaded.population:,.0f} people")
    for name in ("service", "rows", "SHA-256", "from"):
        table.add_column(name, justify="right" if name == "rows" else "left")
    for each in fetched:
        origin = "the cache" if each.from_cache else each.service.service
        table.add_row(each.service.key, f"{each.record.rows:,}", each.record.sha256[:12], origin)
    terminal.out().print(table, markup=False)


def _list(known: "Catalogue", *, json: bool) -> None:
    if json:
        terminal.print_json(
            {
                "base": known.base,
                "geographies": {key: made.title for key, made in known.geographies.items()},
                "services": {
                    key: {"service": each.service, "title": each.title, "vintage": each.vintage}
                    for key, each in known.services.items()
                },
            }
        )
        return
    console = terminal.out()
    table = Table(title=f"Services of {known.base}")
    for name in ("key", "title", "vintage", "kind", "resolution"):
        table.add_column(name)
    for key, each in known.services.items():
        table.add_row(key, each.title, each.vintage, each.kind, each.resolution)
    console.print(table, markup=False)
    table = Table(title="Geographies that can be made of them")
    for name in ("key", "title", "layers"):
        table.add_column(name)
    for key, made in known.geographies.items():
        table.add_row(key, made.title, ", ".join(made.layers))
    console.print(table, markup=False)
