"""``geo-devolve compare``: what differs between two plans."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geo_devolve import terminal
from geo_devolve.commands import _plans

if TYPE_CHECKING:
    from geo_devolve.plan.compare import Comparison


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(compare)


def compare(
    file: _plans.File,
    other: Annotated[Path, typer.Argument(metavar="OTHER", help="The plan to compare it with.")],
    *,
    geography: _plans.GeographyOption = None,
    only: _plans.Only = None,
    scenario: _plans.ScenarioOption = None,
    picture: Annotated[
        Path | None, typer.Option("--map", help="Draw the difference into this PNG, SVG or PDF file.")
    ] = None,
    out: _plans.Out = None,
    as_json: _plans.Json = False,
    quiet: _plans.Quiet = False,
) -> None:
    """Compare two plans: councils that move, areas matched, terms side by side, agreement."""
    _plans.check_out(out)
    with terminal.progress(quiet) as show:
        plan = _plans.load(file, geography, scenario, show, only=only)
        second = _plans.load(other, geography, scenario, show, beside=plan)
        from geo_devolve.plan.compare import compare as compare_plans

        found = compare_plans(plan, second)
        if picture is not None:
            from geo_devolve.publish.maps.differences import map_difference

            map_difference(found, picture)
    if picture is not None:
        terminal.note(f"Wrote {picture}")
    if as_json:
        terminal.print_json(document(found))
    else:
        _print(found)
    _plans.write_tables(out, {"matches": found.matches, "moved": found.moved, "terms": found.terms}, {})


def document(found: "Comparison") -> dict[str, Any]:
    """Return what ``--json`` prints."""
    return {
        "councils_moved": found.councils_moved,
        "people_moved": found.people_moved,
        "adjusted_rand": found.adjusted_rand,
        "homogeneity": found.homogeneity,
        "completeness": found.completeness,
        "v_measure": found.v_measure,
        "terms": _plans.records(found.terms),
        "matches": _plans.records(found.matches),
        "moved": _plans.records(found.moved),
        "faults": [list(found.plan.faults), list(found.other.faults)],
    }


def _called(found: "Comparison", area: Any, other: Any) -> list[str]:
    """Call an area of each plan by code and name; a council may lie in none."""
    pairs = ((found.plan, area), (found.other, other))
    return [f"{code} {plan.names[code]}" if code != "" else "no area" for plan, code in pairs]


def _print(found: "Comparison") -> None:
    rows = [
        [
            row["area"],
            row["name"],
            row["other_area"],
            row["other_name"],
            f"{row['people']:,.0f}",
            f"{row['share']:.0%}",
        ]
        for row in _plans.records(found.matches)
    ]
    names = ["area", "name", "other", "its name", "people in both", "of the area"]
    _plans.show("Areas matched", names, rows)
    rows = [
        [row["name"], f"{row['population']:,.0f}", *_called(found, row["area"], row["other_area"])]
        for row in found.moved.to_dict("records")
    ]
    _plans.show("Councils that move", ["council", "people", "from", "to"], rows)
    rows = [
        [row["term"]]
        + ["" if row[key] is None else f"{row[key]:.4f}" for key in ("weight", "value", "other_value")]
        + [f"{row[key]:.4f}" for key in ("contribution", "other_contribution")]
        + [f"{row['change']:+.4f}"]
        for row in _plans.records(found.terms)
    ]
    names = ["term", "weight", "value", "other's", "contribution", "other's", "change"]
    _plans.show(
        "Terms", names, rows, caption="Both by the first plan's scenario; a change below 0 is better."
    )
    for called, plan in (("first", found.plan), ("second", found.other)):
        for fault in plan.faults:
            _plans.say(f"Fault of the {called}: {fault}")
    _plans.say(found.summary(), bold=True)
