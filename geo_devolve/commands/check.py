"""``geo-devolve check``: everything that is wrong with a geography's folder, in one report."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

import geo_devolve as gd
from geo_devolve import terminal
from geo_devolve.words import counted

if TYPE_CHECKING:
    from geo_devolve.geography.model import Geography
    from geo_devolve.geography.reading.findings import Finding, Findings

NAMED = 5
"""Of the culprits the table names so many; the JSON has them all."""
_STYLES = {"fault": "bold red", "repair": "yellow", "notice": ""}


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("check")(check)


def check(
    folder: Annotated[str, typer.Argument(help="A folder with a geography.toml, or an embedded geography.")],
    *,
    json: Annotated[bool, typer.Option("--json", help="Print the whole report as JSON.")] = False,
) -> None:
    """Check the files of a geography: faults, repairs and what is worth knowing; exit code 3 with a fault."""
    from geo_devolve.geography.reading.load import examine

    with terminal.progress() as progress:
        geography, findings = examine(folder, progress=progress)
    if json:
        terminal.print_json(_document(geography, findings))
    else:
        _print(geography, findings)
    if findings.faults:
        raise typer.Exit(gd.DataError.exit_code)


def _document(geography: "Geography | None", findings: "Findings") -> dict[str, Any]:
    return {
        "geography": findings.heading,
        "usable": geography is not None,
        "councils": None if geography is None else len(geography.councils),
        "population": None if geography is None else geography.population,
        "layers": None
        if geography is None
        else {key: len(each.bodies) for key, each in geography.layers.items()},
        "borders": None if geography is None else len(geography.borders),
        "findings": [_row(finding) for finding in _ordered(findings)],
    }


def _row(finding: "Finding") -> dict[str, Any]:
    return {
        "level": finding.level,
        "where": finding.where,
        "what": finding.what,
        "culprits": list(finding.culprits),
        "breaks": finding.breaks,
        "remedy": finding.remedy,
    }


def _ordered(findings: "Findings") -> list["Finding"]:
    return sorted(findings.found, key=lambda finding: list(_STYLES).index(finding.level))


def _print(geography: "Geography | None", findings: "Findings") -> None:
    from rich.text import Text

    from geo_devolve.errors import first_few

    console = terminal.out()
    if findings.found:
        table = Table(title=f"What was found in {findings.heading}", show_lines=True)
        table.add_column("level")
        table.add_column("where", overflow="fold", max_width=28)
        table.add_column("what, and who", overflow="fold", ratio=3)
        table.add_column("what it breaks, and what to do", overflow="fold", ratio=2)
        for finding in _ordered(findings):
            who = f": {first_few(finding.culprits, NAMED)}" if finding.culprits else ""
            then = "; ".join(text for text in (finding.breaks, finding.remedy) if text)
            level = Text(finding.level, style=_STYLES[finding.level])
            table.add_row(level, Text(finding.where), Text(finding.what + who), Text(then))
        console.print(table)
    if geography is None:
        faults = counted(len(findings.faults), "fault")
        console.print(f"{findings.heading} cannot be used: {faults}", markup=False)
    else:
        layers = ", ".join(f"{key} {len(each.bodies)}" for key, each in geography.layers.items())
        console.print(
            f"{findings.heading} can be used: {len(geography.councils):,} councils, "
            f"{geography.population:,.0f} people, "
            f"{len(geography.borders):,} borders, {len(geography.crossings):,} crossings; layers: "
            f"{layers or 'none'}",
            markup=False,
            highlight=False,
        )
