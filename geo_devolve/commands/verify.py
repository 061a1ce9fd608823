"""``geo-devolve verify``: whether a plan is what it claims, by a checker apart from what found it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import geo_devolve as gd
from geo_devolve import terminal

if TYPE_CHECKING:
    from geo_devolve.verifying import Verdict

NOT_VERIFIED, TOO_LARGE = 6, 7
_HOUR, _DAY, _YEAR = 3600.0, 86_400.0, 31_557_600.0


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(verify)


def verify(
    plan: Annotated[
        Path, typer.Argument(help="The folder that propose wrote, or its plan.json.", metavar="OUT")
    ] = Path("out"),
    geography: Annotated[
        str | None,
        typer.Option("--geography", "-g", help="The geography's folder, where it does not ship."),
    ] = None,
    seconds: Annotated[
        float, typer.Option("--time-limit", help="Computing time to spend at most, in seconds.", min=0.0)
    ] = _HOUR,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON, for machines.")] = False,
) -> None:
    """Check a plan's proof in exact numbers; exit code 0 only if verified, 6 if not, 7 if too large."""
    if not plan.exists():
        raise gd.UsageError(
            f"{plan}: there is no such file or folder; give the folder that propose wrote into"
        )
    verdict = gd.verify(plan, geography=geography, seconds=seconds)
    if as_json:
        terminal.print_json(document(verdict))
    else:
        for line in sentences(verdict):
            terminal.out().print(line, markup=False, highlight=False, soft_wrap=True)
    if verdict.verdict != "verified":
        raise typer.Exit(TOO_LARGE if verdict.estimate is not None else NOT_VERIFIED)


def document(verdict: "Verdict") -> dict[str, object]:
    """Return a verdict as JSON has it."""
    return {
        "verdict": verdict.verdict,
        "verified": verdict.verified,
        "reasons": list(verdict.reasons),
        "claim": verdict.claim,
        "objective": verdict.objective,
        "bound": verdict.bound,
        "gap": verdict.gap,
        "rounding": verdict.rounding,
        "figures": verdict.figures,
        "candidates": verdict.candidates,
        "estimate": verdict.estimate,
        "seconds": round(verdict.seconds, 1),
    }


def sentences(verdict: "Verdict") -> list[str]:
    """Say what came of checking, the verdict first."""
    if verdict.estimate is not None:
        return [f"Too large to check here: it would take about {duration(verdict.estimate)}."]
    if not verdict.verified:
        return [f"Not verified: {'; '.join(verdict.reasons)}."]
    told = ["Verified: no plan obeys the scenario."]
    if verdict.claim == "plan":
        told = [f"Verified: the plan obeys every rule and costs {verdict.objective}."]
        if verdict.bound is not None:
            told.append(f"No plan in scope costs less than {verdict.bound} (a gap of {verdict.gap:.1e}).")
    if verdict.candidates is not None:
        told.append(f"{verdict.candidates:,} candidates were listed and priced, in whole numbers.")
    if verdict.rounding is not None:
        told.append(
            f"Figures were worked out again from the geography's files; scores that were rounded change any "
            f"plan's objective by {verdict.rounding:.1e} at most."
        )
    return [
        *told,
        *(f"Note: {reason}." for reason in verdict.reasons),
        f"It took {duration(verdict.seconds)}.",
    ]


def duration(seconds: float) -> str:
    """Write a time as it is read."""
    for size, name in ((_YEAR, "years"), (_DAY, "days"), (_HOUR, "hours"), (60.0, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {name}"
    return f"{seconds:.1f} s"
