"""atlas.html: every option at a glance, in one file that asks nobody for anything."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo_devolve.atlases.atlas import Atlas
from geo_devolve.atlases.criteria import Criterion
from geo_devolve.atlases.placing import Placement, measured
from geo_devolve.geography.model import Geography
from geo_devolve.publish.colours import TINTS
from geo_devolve.publish.files.geojson import plain
from geo_devolve.publish.files.staging import staged_file
from geo_devolve.publish.pages.explorer import asset, content_hash, page
from geo_devolve.publish.pages.payload import to_script

MOST_SHOWN = 3000
WIDTH = 1000
_DETAIL = 500  # shapes are drawn to this part of the map's width


def atlas_html(
    atlas: Atlas,
    placements: Mapping[str, Placement] | None = None,
    criteria: Sequence[str] | None = None,
    *,
    explorers: Mapping[str, str] | None = None,
    most_shown: int = MOST_SHOWN,
) -> str:
    """Return the atlas's page as text.

    Parameters
    ----------
    atlas
        All plans.
    placements
        Proposals by what they are called: marked among the options, and reported on.
    criteria
        The axes; those of the first placement, or of `Atlas.chosen`.
    explorers
        For plans (as the rows of the atlas have them) the explorer's page of each, to link to.
    most_shown
        So many options are drawn: those that no other beats and the nearest that beat a proposal are always
        among them, the others are taken evenly from all.

    Returns
    -------
    str
        One HTML document with styles, script and data inside; the same for the same atlas.
    """
    placed = dict(placements or {})
    first = next(iter(placed.values()), None)
    named = first.criteria if criteria is None and first is not None else atlas.chosen(criteria)
    front = atlas.front([each.name for each in named])
    rows = _shown(atlas, front, list(placed.values()), most_shown)
    style, script = asset("atlas.css"), asset("atlas.js")
    known = set(rows["plan"])
    links = {text: link for text, link in (explorers or {}).items() if text in known}
    data = {
        "councils": [
            [str(code), str(name), plain(float(people))]
            for code, name, people in zip(
                atlas.geography.councils.index,
                atlas.geography.councils["name"],
                atlas.geography.councils["population"],
                strict=True,
            )
        ],
        "map": _map(atlas.geography),
        "tints": list(TINTS),
        "criteria": [{"name": each.name, "title": each.title, "better": each.better} for each in named],
        "plans": [_row(row, named) for row in rows.to_dict("records")],
        "front": [place for place, text in enumerate(rows["plan"]) if text in set(front["plan"])],
        "marks": [[label, each.text] for label, each in placed.items()],
        "explorers": links,
    }
    return page("atlas.html").render(
        title=atlas.geography.title,
        atlas=atlas,
        placements=placed,
        criteria=named,
        front=front,
        shown=len(rows),
        figure=figure,
        style=style,
        script=script,
        style_hash=content_hash(style),
        script_hash=content_hash(script),
        data=to_script(data),
    )


def write_atlas_page(
    atlas: Atlas,
    path: str | Path,
    placements: Mapping[str, Placement] | None = None,
    criteria: Sequence[str] | None = None,
    *,
    explorers: Mapping[str, str] | None = None,
) -> Path:
    """Write the atlas's page, whole or not at all; see `atlas_html`.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    UsageError
        The folder cannot be written.
    """
    path = Path(path)
    text = atlas_html(atlas, placements, criteria, explorers=explorers)
    with staged_file(path) as place:
        place.write_bytes(text.encode("utf-8"))
    return path


def figure(value: float) -> str:
    """Write a figure as a reader wants it: whole numbers whole, others with four digits."""
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 1000 else f"{value:,.4g}"


def _shown(atlas: Atlas, front: pd.DataFrame, placed: list[Placement], most: int) -> pd.DataFrame:
    """Choose the options that are drawn; the proposals first, then the front."""
    wanted = [front, *(each.nearest[front.columns] for each in placed)]
    own = pd.concat([_own(atlas, each) for each in placed]) if placed else front.head(0)
    rows = pd.concat([own, *wanted]).drop_duplicates("plan").head(max(most, len(own)))
    left = most - len(rows)
    stride = max(1, -(-len(atlas) // max(1, left)))
    seen = 0
    some = []
    for frame in atlas.frames():
        if left > 0:
            some.append(frame.iloc[(-seen) % stride :: stride])
        seen += len(frame)
    return pd.concat([rows, *some]).drop_duplicates("plan").head(max(most, len(own))).reset_index(drop=True)


def _own(atlas: Atlas, placed: Placement) -> pd.DataFrame:
    """Return a proposal as a row of the atlas."""
    row = measured(atlas, placed.text)
    return row.assign(areas=len(set(placed.text)), number=-1, plan=placed.text)


def _row(row: Mapping[Any, Any], criteria: Sequence[Criterion]) -> list[Any]:
    return [row["plan"], *(plain(float(f"{row[each.name]:.7g}")) for each in criteria)]


def _map(geography: Geography) -> dict[str, Any] | None:
    """Return each council's outline as an SVG path, in a frame `WIDTH` wide; None without shapes."""
    if geography.crs is None or geography.councils.geometry.isna().any():
        return None
    shapes = geography.councils.geometry.to_numpy()
    left, bottom, right, top = (float(edge) for edge in shapely.total_bounds(shapes))
    scale = WIDTH / max(right - left, top - bottom)
    simple = shapely.coverage_simplify(shapes, max(right - left, top - bottom) / _DETAIL)
    simple = np.where(shapely.is_empty(simple), shapes, simple)

    def ring(line: Any) -> str:
        points = np.round((shapely.get_coordinates(line) - (left, top)) * (scale, -scale)).astype(int)
        return "M" + "L".join(f"{x} {y}" for x, y in points[:-1].tolist()) + "Z"

    paths = [
        "".join(ring(line) for part in shapely.get_parts(shape) for line in shapely.get_rings(part))
        for shape in simple
    ]
    return {"width": round((right - left) * scale), "height": round((top - bottom) * scale), "paths": paths}
