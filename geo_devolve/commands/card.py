"""``geo-devolve card``: all that can be said of one area."""

from typing import TYPE_CHECKING, Annotated

import typer

from geo_devolve import terminal
from geo_devolve.commands import _plans

if TYPE_CHECKING:
    from geo_devolve.plan.cards import Card


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(card)


def card(
    file: _plans.File,
    area: Annotated[
        str, typer.Argument(help="The area's code or name, such as A06 or 'Greater Manchester'.")
    ],
    *,
    geography: _plans.GeographyOption = None,
    only: _plans.Only = None,
    scenario: _plans.ScenarioOption = None,
    as_json: _plans.Json = False,
    quiet: _plans.Quiet = False,
) -> None:
    """Show an area's card: councils, needs, bodies inside and cut, neighbours, what-ifs."""
    with terminal.progress(quiet) as show:
        plan = _plans.load(file, geography, scenario, show, only=only)
        from geo_devolve.plan.cards import card as make_card

        found = make_card(plan, area)
    if as_json:
        terminal.print_json(found.to_mapping())
    else:
        _print(found)


def _print(found: "Card") -> None:
    _plans.say(f"{found.area} {found.name}: {found.population:,.0f} people", bold=True)
    themes = [column for column in found.councils.columns if column not in {"name", "population"}]
    rows = [
        [row["name"], f"{row['population']:,.0f}", *(f"{row[theme]:+.2f}" for theme in themes)]
        for row in found.councils.to_dict("records")
    ]
    _plans.show("Councils", ["council", "people", *themes], rows)
    rows = [
        [
            theme,
            f"{row['mean']:+.2f}",
            f"{row['rank']:.0f} of {row['of']:.0f}",
            f"{row['lowest']:+.2f} to {row['highest']:+.2f}",
        ]
        for theme, row in found.needs.iterrows()
    ]
    caption = "Standard deviations from the mean of all people; rank 1 has the most need."
    _plans.show("Needs", ["theme", "mean", "rank", "councils"], rows, caption=caption)
    rows = [
        [layer, row["name"], f"{row['jaccard']:.3f}", f"{row['people']:,.0f}"]
        for layer, row in found.matches.iterrows()
    ]
    _plans.show("Best match in each layer", ["layer", "body", "Jaccard", "people in both"], rows)
    inside = found.inside.groupby("layer", sort=False)["name"].agg(list)
    _plans.show("Bodies wholly inside", ["layer", "bodies"], [[k, ", ".join(v)] for k, v in inside.items()])
    rows = [
        [
            row["layer"],
            row["name"],
            f"{row['people']:,.0f}",
            f"{row['outside']:,.0f}",
            ", ".join(a for a, _ in row["elsewhere"]),
        ]
        for row in found.cut.to_dict("records")
    ]
    _plans.show("Bodies cut", ["layer", "body", "people inside", "outside", "in areas"], rows)
    rows = [
        [area, row["name"], f"{row['border_km']:,.0f}", ", ".join(row["crossings"])]
        for area, row in found.neighbours.iterrows()
    ]
    _plans.show("Neighbours", ["area", "name", "border km", "crossings"], rows)
    rows = [
        [row["name"], row["from_area"], row["to_area"], f"{row['change']:+.5f}", row["reason"]]
        for row in found.what_if.to_dict("records")
    ]
    _plans.show("What if", ["council", "from", "to", "change", "not possible because"], rows)
