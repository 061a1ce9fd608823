"""``geo-devolve audit``: how coterminous the existing layers are with each other."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

import geo_devolve as gd
from geo_devolve import terminal
from geo_devolve.commands import _plans

if TYPE_CHECKING:
    from geo_devolve.geography.audit import Audit


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("audit")(audit)


def audit(
    geography: Annotated[
        str, typer.Argument(help="An embedded geography, or a folder with a geography.toml.")
    ] = "england-2017",
    *,
    only: _plans.Only = None,
    layer: Annotated[
        list[str] | None, typer.Option("--layer", "-l", help="Compare these layers only (repeat).")
    ] = None,
    tolerance: Annotated[
        float, typer.Option(help="Share of a body's people who may live elsewhere while it still nests.")
    ] = 0.0,
    straddling: Annotated[int, typer.Option(help="Name so many straddling bodies of each pair.", min=0)] = 3,
    worst: Annotated[int, typer.Option(help="Name so many bodies that fit worst.", min=0)] = 5,
    picture: Annotated[Path | None, typer.Option(help="Draw a heat map into this PNG file.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Measure how coterminous the layers of a geography are with each other."""
    with terminal.progress() as progress:
        loaded = _plans.cut(gd.load_geography(geography, progress=progress), only)
    found = gd.audit(loaded, layer, tolerance=tolerance)
    if picture is not None:
        from geo_devolve.publish.maps.audit_picture import write_audit_picture

        try:
            write_audit_picture(found, picture, loaded.attribution)
        except OSError as fault:
            raise gd.UsageError(f"{picture} cannot be written: {fault.strerror or fault}") from None
        terminal.note(f"picture: {picture}")
    if json:
        terminal.print_json(found.to_dict())
    else:
        _print(found, straddling, worst)


def _print(found: "Audit", straddling: int, worst: int) -> None:
    console = terminal.out()
    table = Table(title=f"How the layers of {found.geography} fit each other", caption=_CAPTION)
    for name in ("areas", "bodies"):
        table.add_column(name, overflow="fold", max_width=18)
    for name in ("whole", "nest", "match", "V"):
        table.add_column(name, justify="right")
    table.add_column("nesting", justify="right")
    table.add_column("straddling bodies (people outside the main area)", overflow="fold")
    last = ""
    for row in found.pairs.to_dict("records"):
        chosen = found.straddling
        chosen = chosen[(chosen["areas"] == row["areas"]) & (chosen["bodies"] == row["bodies"])]
        named = [
            f"{each['name']} ({each['people_elsewhere']:,.0f})"
            for each in chosen.head(straddling).to_dict("records")
        ]
        if named and len(chosen) > len(named):
            named.append(f"{len(chosen) - len(named):,} more")
        again = row["areas"] == last
        if last and not again:
            table.add_section()
        measures = [f"{row[name]:.3f}" for name in ("whole", "nest", "match", "v_measure")]
        nesting = f"{row['n_nesting']:,} of {row['n_bodies']:,}"
        table.add_row("" if again else row["areas"], row["bodies"], *measures, nesting, "; ".join(named))
        last = row["areas"]
    console.print(table, markup=False)
    if len(found.flows):
        console.print(_flows_table(found), markup=False)
    if worst:
        console.print(_worst_table(found, worst), markup=False)


def _flows_table(found: "Audit") -> Table:
    table = Table(title="The share of trips that a layer contains")
    table.add_column("layer")
    kinds = list(dict.fromkeys(found.flows["flows"]))
    for kind in kinds:
        table.add_column(kind, justify="right")
    by = found.flows.pivot_table(index="layer", columns="flows", values="contained")
    for layer in found.layers:
        table.add_row(layer, *(f"{by.loc[layer, kind]:.1%}" for kind in kinds))
    return table


def _worst_table(found: "Audit", worst: int) -> Table:
    table = Table(title="The bodies that fit the other layers worst")
    for name in ("layer", "body"):
        table.add_column(name)
    for name in ("people", "misfit", "people misplaced"):
        table.add_column(name, justify="right")
    for row in found.worst.head(worst).to_dict("records"):
        people, misplaced = f"{row['population']:,.0f}", f"{row['people_misplaced']:,.0f}"
        table.add_row(row["layer"], row["name"], people, f"{row['misfit']:.3f}", misplaced)
    return table


_CAPTION = (
    "Misfit, 0 where the rule holds for everybody: whole, the body lies in one area; nest, one lies inside "
    "the other; match, the two are the same place. V: V-measure, 1 where the two divide people alike."
)
