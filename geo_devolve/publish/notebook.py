"""How a plan, its scores and its geography show themselves in a notebook."""

import html

import pandas as pd

from geo_devolve.geography.model import Geography
from geo_devolve.plan.plan import Plan
from geo_devolve.publish.colours import area_colours
from geo_devolve.publish.pages.explorer import explorer_html
from geo_devolve.publish.phrases import certificate_line
from geo_devolve.words import counted

MOST_ROWS = 60


class Page:
    """An HTML page that shows itself in the cell of a notebook, apart from the notebook's own scripts.

    Attributes
    ----------
    text
        The whole page.
    height
        Of its frame (pixels).
    """

    def __init__(self, text: str, height: int = 760) -> None:
        self.text = text
        self.height = height

    def __repr__(self) -> str:
        """Tell how large it is; what would else fill the cell."""
        return f"<Page of {len(self.text):,} letters>"

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{html.escape(self.text)}" title="Explorer" width="100%" height="{self.height}" '
            'style="border:1px solid #d8dee6;border-radius:8px" allow="fullscreen"></iframe>'
        )


def explore(
    plan: Plan, other: Plan | None = None, *, stability: pd.Series | None = None, height: int = 760
) -> Page:
    """Show the explorer in the cell of a notebook.

    Parameters
    ----------
    plan
        The plan.
    other
        Another plan of the same councils.
    stability
        As in `explorer_html`.
    height
        Of the frame (pixels).

    Returns
    -------
    Page
        Which shows itself; its ``text`` is the page.
    """
    return Page(explorer_html(plan, other, stability=stability), height)


def plan_html(plan: Plan) -> str:
    """Return a plan as a short table: certificate, terms, areas."""
    colours = area_colours(plan)
    themes = [theme for theme in plan.geography.needs.scores.columns if theme in plan.areas.columns]
    head = ["area", "name", "people", "councils", *(str(theme) for theme in themes)]
    rows = []
    for code, area in plan.areas.head(MOST_ROWS).iterrows():
        mark = (
            f'<span style="display:inline-block;width:.8em;height:.8em;border-radius:3px;'
            f'background:{colours[str(code)]}"></span> {html.escape(str(code))}'
        )
        cells = [html.escape(str(area["name"])), f"{area['population']:,.0f}", str(area["councils"])]
        rows.append([mark, *cells, *(f"{area[theme]:+.2f}" for theme in themes)])
    more = len(plan.areas) - MOST_ROWS
    note = f"<p>and {counted(more, 'more area')}</p>" if more > 0 else ""
    return f"<p><b>{html.escape(certificate_line(plan))}</b></p>{_table(head, rows)}{note}"


def geography_html(geography: Geography) -> str:
    """Return a geography as a short table of its layers."""
    rows = [
        [
            html.escape(str(key)),
            html.escape(layer.title),
            f"{len(layer.bodies):,}",
            f"{layer.bodies['population'].sum():,.0f}",
        ]
        for key, layer in geography.layers.items()
    ]
    counts = [
        counted(len(geography.councils), "council"),
        f"{geography.population:,.0f} people",
        counted(len(geography.borders), "border"),
        f"{counted(len(geography.needs.scores.columns), 'theme')} of need",
    ]
    what = f"{geography.title}: {', '.join(counts)}"
    source = f"<p><small>{html.escape(geography.attribution)}</small></p>" if geography.attribution else ""
    table = _table(["layer", "title", "bodies", "people"], rows) if rows else ""
    return f"<p><b>{html.escape(what)}</b></p>{table}{source}"


def _table(head: list[str], rows: list[list[str]]) -> str:
    """Write a table whose first two columns are words, which begin at the left, and the others figures."""
    styles = [' style="text-align:left"' if column < 2 else "" for column in range(len(head))]

    def line(tag: str, cells: list[str]) -> str:
        return "".join(f"<{tag}{style}>{cell}</{tag}>" for style, cell in zip(styles, cells, strict=True))

    top = line("th", [html.escape(cell) for cell in head])
    body = "".join(f"<tr>{line('td', row)}</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
