"""A folder of study areas: a page of each, a table of all, and a page that leads to them."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from geo_devolve.atlases.survey import BOUNDS, Surveyed, summary
from geo_devolve.publish.files.staging import staged
from geo_devolve.publish.files.tables import to_csv
from geo_devolve.publish.pages.atlas_page import atlas_html, figure
from geo_devolve.publish.pages.explorer import asset, content_hash, page


def write_survey(
    found: Iterable[Surveyed], out: str | Path, title: str, sources: Sequence[str] = ()
) -> list[Path]:
    """Write a page of each study area, ``areas.csv``, ``best.csv`` and ``index.html``.

    Parameters
    ----------
    found
        The study areas, one after another.
    out
        The folder.
    title
        Of the page that leads to the others.
    sources
        Sentences about where proposals come from.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    UsageError
        The folder cannot be written.
    """
    rows, best, told, attribution = [], [], [], ""
    with staged(Path(out)) as folder:
        for each in found:
            name = f"{slug(each.name)}.html"
            text = atlas_html(each.atlas, each.placements)
            (folder / name).write_bytes(text.encode("utf-8"))
            rows.append(summary(each))
            best.append(each.possible.table.reset_index().assign(area=each.name))
            told.append((each, name, rows[-1]))
            attribution = each.atlas.geography.attribution
        table = pd.DataFrame(rows)
        (folder / "areas.csv").write_bytes(to_csv(table).encode("utf-8"))
        (folder / "best.csv").write_bytes(to_csv(pd.concat(best)).encode("utf-8"))
        style = asset("atlas.css")
        text = page("survey.html").render(
            title=title,
            told=told,
            total=int(table["plans"].sum()),
            bounds=BOUNDS,
            smallest=[column for column in table if column.startswith("largest_smallest_")],
            sources=sources,
            attribution=attribution,
            figure=figure,
            style=style,
            style_hash=content_hash(style),
        )
        (folder / "index.html").write_bytes(text.encode("utf-8"))
        names = sorted(file.name for file in folder.iterdir())
    return [Path(out) / name for name in names]


def slug(name: str) -> str:
    """Return a name as a file's: small letters and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")
