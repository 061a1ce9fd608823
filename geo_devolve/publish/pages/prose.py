"""What a plan says in sentences, made from its figures: nothing is claimed that is not counted."""

import math

from geo_devolve.plan.plan import Plan
from geo_devolve.words import counted, listed


def summary(plan: Plan) -> list[str]:
    """Return a few sentences about a plan for somebody who has a minute.

    Parameters
    ----------
    plan
        Any plan.

    Returns
    -------
    list of str
        Paragraphs: what it is, how good, what it costs, who needs most.
    """
    parts = [_what(plan), _how_good(plan), _objective(plan), _fits(plan), _needs(plan)]
    return [part for part in parts if part]


def _what(plan: Plan) -> str:
    areas = plan.areas
    smallest, largest = areas["population"].idxmin(), areas["population"].idxmax()
    people = plan.geography.councils["population"].sum()
    return (
        f"The plan gathers {counted(len(plan.geography.councils), 'council')} with {people:,.0f} people into "
        f"{counted(len(areas), 'area')}. The smallest, {areas.loc[smallest, 'name']}, has "
        f"{areas.loc[smallest, 'population']:,.0f} people; the largest, {areas.loc[largest, 'name']}, has "
        f"{areas.loc[largest, 'population']:,.0f}."
    )


def how_to_check(plan: Plan) -> str:
    """Say in a sentence how anyone checks a plan's proof; "" where there is nothing to check."""
    if plan.certificate is None or plan.certificate.evidence is None:
        return ""
    return (
        "Check it: geo-devolve verify FOLDER, where this page, plan.json and certificate.json lie together."
    )


def _how_good(plan: Plan) -> str:
    told = plan.certificate
    if told is None:
        return "It was drawn, not optimised: nothing is proven about it."
    scope = told.scope
    if told.proven:
        return (
            f"With the weights and rules of the scenario “{plan.scenario.name}” no other plan made of "
            f"{scope} scores better: that is proven. Its objective, of which less is better, is "
            f"{told.objective:.4f}. {how_to_check(plan)}"
        ).rstrip()
    if not math.isfinite(told.gap):
        return f"Its objective, of which less is better, is {told.objective:.4f}. It is not proven best."
    return (
        f"Its objective, of which less is better, is {told.objective:.4f}. It is not proven to be the best: "
        f"a better one over {scope} could be lower by at most {max(told.gap, 0):.2%}."
    )


def _objective(plan: Plan) -> str:
    parts = plan.contributions
    total = float(parts.sum())
    if total <= 0:
        return ""
    titles = {
        "need": "needs that differ inside areas",
        "compactness": "the length of the borders between areas",
        "balance": "unequal populations",
    }
    titles |= {str(key): f"misfit with {layer.title}" for key, layer in plan.geography.layers.items()}
    largest = parts[parts > 0].sort_values(ascending=False, kind="stable").head(3)
    told = [f"{titles.get(str(term), str(term))} ({value / total:.0%})" for term, value in largest.items()]
    return f"Most of what the objective holds against the plan comes from {listed(told)}."


def _fits(plan: Plan) -> str:
    whole = plan.scores[(plan.scores["area"] == "") & (plan.scores["measure"] == "bodies_whole")]
    told = []
    for key, share in zip(whole["part"], whole["value"], strict=True):
        layer = plan.geography.layers[key]
        bodies = len(layer.bodies)
        told.append(f"{round(float(share) * bodies)} of {bodies} {layer.title}")
    return f"Wholly inside one area lie {listed(told)}." if told else ""


def _needs(plan: Plan) -> str:
    told = []
    for theme in plan.geography.needs.scores.columns:
        column = plan.areas[theme]
        if column.max() - column.min() < 1e-9:
            continue
        most, least = column.idxmax(), column.idxmin()
        names = plan.areas["name"]
        told.append(
            f"need in {str(theme).replace('_', ' ')} in {names[most]} ({signed(column[most])}) and least in "
            f"{names[least]} ({signed(column[least])})"
        )
    if not told:
        return ""
    return f"In standard deviations from the average, greatest is {'; '.join(told)}."


def to_know(plan: Plan) -> list[str]:
    """Return what a reader should know: faults, notes and the geography's notices, as sentences."""
    told = [*plan.faults, *plan.notes, *plan.geography.notices]
    return [f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith(".") else ".") for text in told if text]


def signed(value: float, decimals: int = 2) -> str:
    """Write a number with its sign, a real minus, and no sign before zero."""
    text = f"{abs(value):.{decimals}f}"
    if not float(text):
        return text
    return ("+" if value > 0 else "\N{MINUS SIGN}") + text


MEASURED = """
Misfit is how badly, on average over a layer's residents, their body and their area fit: under the rule
“whole” the chance that a fellow resident of the body lives in another area, under “match” one minus
Jaccard's similarity of the two, under “nest” nought where either lies inside the other. Need is the
share of the variance in need between councils that is left inside areas. The border term is the length
of land border between areas as a share of all borders between councils. The objective is the weighted
sum of these; less is better.
"""
UNKNOWN = """
The weights and rules are choices, not findings: another scenario has another best plan. People are
counted at population-weighted points, so a body's border inside a small area of the census is not seen.
Needs are averages of councils and hide differences inside them. Indicators that are not published for a
council are filled in from its neighbours. What local people want, and what a change costs, is not in the
figures.
"""


def method(plan: Plan) -> list[tuple[str, str]]:
    """Return how the plan was made and what that cannot tell, as headings and texts."""
    scenario, told = plan.scenario, plan.certificate
    titles = [plan.geography.layers[key].title for key in scenario.blocks]
    kept = "Every council may go to any area next to it. "
    if titles:
        kept = (
            f"Councils that lie in the same bodies of {listed(titles)} and border each other stay together. "
        )
    made = "Areas are connected sets of councils that keep the scenario's rules."
    if told is not None and told.engine == "list" and told.candidates:
        made = (
            f"The {counted(told.blocks, 'block')} so made were joined in every connected way that the rules "
            f"allow ({counted(told.candidates, 'candidate')}), each was scored exactly, and an integer "
            "program chose those that cover every council once at the least cost."
        )
    elif told is not None and told.engine == "stream" and told.candidates:
        made = (
            f"Too many connected sets of councils keep the scenario's rules to list them ({told.size}). They "
            "were searched for those cheap enough to be part of a better plan, leaving out only what a lower "
            "bound rules out, and an integer program chose those that cover every council once at the least "
            "cost."
        )
    return [
        ("How areas are made", kept + made),
        ("What is measured", " ".join(MEASURED.split())),
        ("What this cannot tell", " ".join(UNKNOWN.split())),
    ]
