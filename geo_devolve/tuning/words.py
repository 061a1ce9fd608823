"""What the panel says of a plan, as small pieces of HTML."""

from html import escape

import pandas as pd

from geo_devolve.errors import GeoDevolveError
from geo_devolve.plan.compare import compare
from geo_devolve.plan.plan import Plan
from geo_devolve.publish.phrases import certificate_line

STYLE = """<style>
.gd-terms td, .gd-terms th, .gd-areas td, .gd-areas th {text-align: right; padding: 1px 8px;}
.gd-terms td:first-child, .gd-terms th:first-child, .gd-areas td:nth-child(-n+2) {text-align: left;}
.gd-terms tr.gd-sum td {border-top: 1px solid #888; font-weight: 600;}
.gd-better {color: #1b7837;} .gd-worse {color: #b2182b;}
.gd-map {display: block; max-width: 100%; height: auto;}
.gd-source {font-size: 10px; line-height: 1.3; max-width: 480px;}
.gd-why {border-left: 4px solid #b2182b; padding: 4px 12px; background: #b2182b14;
  white-space: pre-wrap; max-height: 260px;
  overflow: auto; line-height: 1.4;}
.gd-busy {opacity: .45;}
</style>"""


def headline(plan: Plan, seconds: float) -> str:
    """Say how good the plan is known to be, and how long it took from the change."""
    return f'<b class="gd-certificate">{escape(certificate_line(plan))}</b> <span>{seconds:.1f} s</span>'


def why_not(error: Exception) -> str:
    """Explain in place why there is no plan."""
    if isinstance(error, GeoDevolveError):
        return f'<div class="gd-why">{escape(str(error))}</div>'
    return f'<div class="gd-why">A fault of the program, {type(error).__name__}: {escape(str(error))}</div>'


def terms(plan: Plan, pinned: Plan | None) -> str:
    """Return the terms with value, weight and contribution, and how they changed since the pinned plan."""
    table = pd.DataFrame({"value": plan.terms.sum(), "weight": plan.scenario.term_weights})
    table["contribution"] = table["value"] * table["weight"]
    before = None if pinned is None else pinned.terms.sum().to_dict()
    head = "<tr><th>term</th><th>value</th><th>weight</th><th>contribution</th>"
    rows = [head + ("</tr>" if before is None else "<th>since pinned</th></tr>")]
    for place, term in enumerate(table.index):
        row = table.iloc[place]
        cells = f"<td>{escape(str(term))}</td><td>{row['value']:.4f}</td><td>{row['weight']:g}</td>"
        cells += f"<td>{row['contribution']:.4f}</td>"
        if before is not None:
            cells += _change(row["value"] - before.get(term, 0.0))
        rows.append(f"<tr>{cells}</tr>")
    total = f"<td>objective</td><td></td><td></td><td>{plan.objective:.4f}</td>"
    if pinned is not None:
        # By today's weights: an objective by other weights would compare apples with pears.
        same = pinned.replace_scenario(plan.scenario)
        total += _change(plan.objective - same.objective)
    rows.append(f'<tr class="gd-sum">{total}</tr>')
    return f'<table class="gd-terms">{"".join(rows)}</table>'


def comparison(plan: Plan, pinned: Plan | None) -> str:
    """Say how many councils and people are elsewhere than in the pinned plan."""
    if pinned is None:
        return ""
    found = compare(pinned, plan)
    if not found.councils_moved:
        return '<span class="gd-compared">The same areas as pinned.</span>'
    return (
        f'<span class="gd-compared">{found.councils_moved} councils with {found.people_moved:,.0f} people '
        "are in another area than pinned (hatched).</span>"
    )


def areas(plan: Plan) -> str:
    """Return the areas from north to south."""
    rows = ["<tr><th></th><th></th><th>people</th><th>councils</th></tr>"]
    rows += [
        f"<tr><td>{escape(str(code))}</td><td>{escape(str(name))}</td><td>{people:,.0f}</td><td>{len(codes)}</td></tr>"
        for code, name, people, codes in zip(
            plan.names.index, plan.names, plan.groups.population, plan.groups.codes, strict=True
        )
    ]
    return f'<details><summary>Areas</summary><table class="gd-areas">{"".join(rows)}</table></details>'


def notes(plan: Plan) -> str:
    """Return what a reader should know."""
    return "".join(f"<div>{escape(note)}</div>" for note in (*plan.notes, *plan.faults))


def _change(change: float) -> str:
    if abs(change) < 5e-5:
        return "<td>·</td>"
    return f'<td class="{"gd-worse" if change > 0 else "gd-better"}">{change:+.4f}</td>'
