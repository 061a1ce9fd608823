"""``geo-devolve place``: hold proposals against every plan there is."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import geo_devolve as gd
from geo_devolve import terminal
from geo_devolve.commands import _plans

if TYPE_CHECKING:
    import pandas as pd

    from geo_devolve.atlases.atlas import Atlas
    from geo_devolve.atlases.placing import Placement
    from geo_devolve.progress import Progress


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(place)


def place(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Plans: tables of councils and areas, or folders of propose."),
    ],
    *,
    geography: _plans.GeographyOption = "england-2024",
    only: _plans.Only = None,
    scenario: Annotated[
        str, typer.Option("--scenario", "-s", help="A scenario that ships, or a TOML file.")
    ] = "reorganisation-2025",
    areas: Annotated[str | None, typer.Option("--areas", "-k", help="How many: 3, or a range, 2-5.")] = None,
    population: Annotated[
        str | None, typer.Option(help="Least and most people of an area, such as 300000-inf.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--atlas", help="The folder of an atlas, instead of making one.")
    ] = None,
    criterion: Annotated[
        list[str] | None, typer.Option("--criterion", "-c", help="By what; can be given again.")
    ] = None,
    explorers: Annotated[
        int, typer.Option("--explorers", help="Explorer pages of so many plans that beat each.", min=0)
    ] = 3,
    out: _plans.Out = None,
    as_json: _plans.Json = False,
    quiet: _plans.Quiet = False,
) -> None:
    """Tell how proposals rank among all plans, which plans beat them, and for which weights they are best."""
    from geo_devolve.commands.propose import changes

    _plans.check_out(out)
    with terminal.progress(quiet) as show:
        if folder is not None:
            made = gd.open_atlas(folder, progress=show)
        else:
            asked = gd.load_scenario(scenario)
            asked = asked.replace(**changes(asked, areas=areas, population=population, weights=[]))
            ground = _plans.cut(gd.load_geography(geography or "england-2024", progress=show), only)
            made = gd.atlas(ground, asked, progress=show)
        placed = {
            label: gd.place(gd.read_plan(made.geography, file, made.scenario), made, criterion)
            for label, file in zip(_labels(files), files, strict=True)
        }
        if out is not None:
            _write(made, placed, out, explorers, show)
    if as_json:
        terminal.print_json({label: _document(each) for label, each in placed.items()})
        return
    for label, each in placed.items():
        _show(label, each)


def _labels(files: list[Path]) -> list[str]:
    """Call plans by their files, and by their number too where two are called alike."""
    names = [file.stem for file in files]
    alike = {name for name in names if names.count(name) > 1}
    return [f"{name} ({at})" if name in alike else name for at, name in enumerate(names, start=1)]


def _show(label: str, placed: "Placement") -> None:
    rows = [
        [
            row["title"],
            _figure(row["value"]),
            _figure(row["best"]),
            f"{row['rank']:,} of {row['plans']:,}",
            f"{row['rank_same']:,} of {row['plans_same']:,}",
        ]
        for row in placed.ranks.to_dict("records")
    ]
    _plans.show(label, ["criterion", "value", "best", "rank", "rank among as many areas"], rows)
    for number, sentence in enumerate(placed.sentences):
        _plans.say(sentence, bold=number == 0)


def _figure(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 1000 else f"{value:.4f}"


def _document(placed: "Placement") -> dict[str, object]:
    favour = placed.favour
    return {
        "listed": placed.listed,
        "undominated": placed.undominated,
        "beaten": placed.beaten,
        "beaten_in_all": placed.beaten_in_all,
        "sentences": list(placed.sentences),
        "ranks": _plans.records(placed.ranks),
        "nearest": _plans.records(placed.nearest),
        "weights": None if favour is None else _plans.records(favour.table),
        "front": _plans.records(placed.front),
    }


def _write(
    made: "Atlas", placed: "dict[str, Placement]", out: Path, explorers: int, show: "Progress"
) -> None:
    """Write the tables, the page, and explorer pages of the plans that beat each proposal and are nearest."""
    from geo_devolve.publish.pages.atlas_page import write_atlas_page
    from geo_devolve.publish.pages.explorer import write_explorer

    tables: dict[str, pd.DataFrame] = {}
    for label, each in placed.items():
        tables |= {f"{label}-ranks": each.ranks, f"{label}-nearest": each.nearest}
    _plans.write_tables(out, tables, {label: _document(each) for label, each in placed.items()})
    links: dict[str, str] = {}
    for number, each in enumerate(placed.values()):
        wanted = [(each.text, None), *((text, each.plan) for text in each.nearest["plan"].head(explorers))]
        for at, (text, beside) in enumerate(wanted if explorers else []):
            show("explorer pages", number * (explorers + 1) + at, len(placed) * (explorers + 1))
            if text not in links:
                links[text] = f"explorer-{text}.html"
                write_explorer(made.plan(text), out / links[text], beside)
    write_atlas_page(made, out / "atlas.html", placed, explorers=links)
    terminal.note(f"Wrote atlas.html{' and explorer pages' if links else ''} into {out}")
