"""``geo-devolve score``: every figure about a plan, beside the yardsticks that give it a meaning."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from geo_devolve import terminal
from geo_devolve.commands import _plans

if TYPE_CHECKING:
    import pandas as pd

    from geo_devolve.plan.plan import Plan


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(score)


def score(
    file: _plans.File,
    *,
    geography: _plans.GeographyOption = None,
    only: _plans.Only = None,
    scenario: _plans.ScenarioOption = None,
    draws: Annotated[int, typer.Option(help="How many random plans to stand beside it.", min=0)] = 100,
    moves: Annotated[int, typer.Option(help="How many of the best moves of one council to show.", min=0)] = 5,
    council_column: _plans.CouncilColumn = None,
    area_column: _plans.AreaColumn = None,
    out: _plans.Out = None,
    as_json: _plans.Json = False,
    quiet: _plans.Quiet = False,
) -> None:
    """Score a plan: any table of councils and areas, beside existing layers and random plans."""
    _plans.check_out(out)
    with terminal.progress(quiet) as show:
        plan = _plans.load(
            file,
            geography,
            scenario,
            show,
            only=only,
            council_column=council_column,
            area_column=area_column,
        )
        from geo_devolve.plan.moves import moves as all_moves
        from geo_devolve.plan.yardsticks import yardsticks

        beside, told = _yardsticks(plan, draws, show, yardsticks)
        found = all_moves(plan)
    document = {
        "objective": plan.objective,
        "faults": list(plan.faults),
        "notes": [*plan.notes, *told],
        "scores": _plans.records(plan.scores),
        "yardsticks": _plans.records(beside),
        "moves": _plans.records(found),
    }
    if as_json:
        terminal.print_json(document)
    else:
        _print(plan, beside, found, moves)
        for note in (*plan.notes, *told):
            _plans.say(f"Note: {note}")
    tables = {"scores": plan.scores, "yardsticks": beside, "moves": found}
    _plans.write_tables(out, tables, {})


def _yardsticks(plan: "Plan", draws: int, show: Any, yardsticks: Any) -> tuple["pd.DataFrame", list[str]]:
    """Return the yardsticks; where no random plan is found, those without, and why."""
    from geo_devolve.errors import InfeasibleError

    try:
        return yardsticks(plan, draws, show), []
    except InfeasibleError as error:
        return yardsticks(plan, 0), [str(error)]


def _print(plan: "Plan", beside: "pd.DataFrame", found: "pd.DataFrame", most: int) -> None:
    weights = dict(zip(plan.scenario.term_names, plan.scenario.term_weights, strict=True))
    columns = ["", "weight", *(_short(str(name)) for name in beside.index)]
    rows = [["areas", "", *(f"{row}" for row in beside["areas"])]]
    rows += [
        [term.replace("_", " "), f"{weight:g}", *(f"{weight * value:.4f}" for value in beside[term])]
        for term, weight in weights.items()
        if weight
    ]
    rows.append(["objective", "", *(f"{value:.4f}" for value in beside["objective"])])
    for what in ("in_pieces", "out_of_bounds"):
        rows.append([f"areas {what.replace('_', ' ')}", "", *(str(value) for value in beside[what])])
    titles = "; ".join(
        f"{key}: {row['title']}" for key, row in beside.iterrows() if key in plan.geography.layers
    )
    caption = f"Contributions (weight × term); less is better. {titles}"
    _plans.show("Beside other plans", columns, rows, caption=caption)
    whole = plan.scores[plan.scores["area"] == ""].set_index(["measure", "part"])["value"]
    measures = ("misfit", "homogeneity", "completeness", "v_measure", "bodies_whole", "boundary_shared")
    rows = [
        [layer.title, *(_figure(whole.get((measure, name))) for measure in measures)]
        for name, layer in plan.geography.layers.items()
    ]
    names = ["layer", "misfit", "homogeneity", "completeness", "V-measure", "bodies whole", "boundary shared"]
    km = whole.get(("boundary_km", ""))
    caption = f"boundary shared: of {km:,.0f} km of land border between areas, by the table of borders"
    _plans.show("Layer by layer", names, rows, caption=caption)
    by_area = plan.scores[plan.scores["area"] != ""].set_index(["area", "measure"])["value"]
    themes = [theme for theme in plan.scenario.themes if theme in plan.areas.columns]
    rows = [
        [area, row["name"], f"{row['population']:,.0f}", row["councils"], f"{by_area[area, 'objective']:.4f}"]
        + [f"{row[theme]:+.2f}" for theme in themes]
        + [_figure(by_area.get((area, "polsby_popper")))]
        for area, row in plan.areas.iterrows()
    ]
    names = ["area", "name", "people", "councils", "objective", *themes, "Polsby-Popper"]
    caption = "Polsby-Popper: of the shapes as drawn, coasts included; 1 is a circle"
    _plans.show("Area by area", names, rows, caption=caption)
    if most:
        _print_moves(found, most)
    _plans.say_faults(plan)
    _plans.say(_plans.heading(plan), bold=True)


def _short(name: str) -> str:
    return name.replace("random, ", "random ").replace("_", " ")


def _print_moves(found: "pd.DataFrame", most: int) -> None:
    possible = found[found["feasible"]].sort_values("change", kind="stable").head(most)
    rows = [
        [
            move["name"],
            move["from_area"],
            move["to_area"],
            f"{move['change']:+.6f}",
            "yes" if move["splits_block"] else "",
        ]
        for move in possible.to_dict("records")
    ]
    caption = f"The best of {int(found['feasible'].sum()):,} possible moves; {len(found):,} were tried."
    _plans.show(
        "What if one council moved next door",
        ["council", "from", "to", "change", "splits a block"],
        rows,
        caption=caption,
    )


def _figure(value: Any) -> str:
    return "" if value is None or value != value else f"{value:.3f}"  # noqa: PLR0124 - NaN is not itself
