"""report.html: a plan in plain words and figures, to be read on paper; its PDF where a browser is at hand."""

import base64
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo_devolve.errors import UsageError
from geo_devolve.plan.cards import Card, cards
from geo_devolve.plan.plan import Plan
from geo_devolve.plan.yardsticks import yardsticks
from geo_devolve.progress import Progress, silent
from geo_devolve.publish.colours import area_colours
from geo_devolve.publish.files.geojson import has_shapes, to_wgs84
from geo_devolve.publish.files.record import software
from geo_devolve.publish.files.staging import staged_file
from geo_devolve.publish.maps.plan_map import draw_map, map_png
from geo_devolve.publish.pages.explorer import asset, content_hash, page
from geo_devolve.publish.pages.prose import method, summary, to_know
from geo_devolve.publish.phrases import certificate_line, share, term_title

DRAWS = 20  # random plans to hold the plan against
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")


def report_html(
    plan: Plan,
    *,
    draws: int = DRAWS,
    picture: bytes | None = None,
    known: dict[Any, Card] | None = None,
    progress: Progress = silent,
) -> str:
    """Return the report as one HTML document without scripts, the same for the same plan.

    Parameters
    ----------
    plan
        The plan.
    draws
        How many random plans to hold it against; 0 for none.
    picture
        The plan's map as PNG, if it is drawn already.
    known
        The areas' cards, if they are made already.
    progress
        Told of the random plans.

    Returns
    -------
    str
        Summary, map, areas, scores against yardsticks, a card an area, method and limits, provenance.
    """
    style = asset("report.css")
    geography = plan.geography
    titles = {key: layer.title for key, layer in geography.layers.items()}
    colours = area_colours(plan)
    known = cards(plan) if known is None else known
    shapes = has_shapes(plan)
    if shapes and picture is None:
        picture = map_png(draw_map(plan))
    return page("report.html").render(
        style=style,
        style_hash=content_hash(style),
        plan=plan,
        geography=geography,
        line=certificate_line(plan),
        proven=plan.certificate is not None and plan.certificate.proven,
        summary=summary(plan),
        to_know=to_know(plan),
        method=method(plan),
        map=base64.b64encode(picture).decode("ascii") if picture and shapes else None,
        themes=[str(theme) for theme in geography.needs.scores.columns],
        areas=_areas(plan),
        terms=_terms(plan, titles),
        layers=_layers(plan),
        yardsticks=_yardsticks(plan, draws, progress),
        cards=[_card(plan, known[code], colours[str(code)], titles) for code in plan.areas.index],
        reprojection=to_wgs84(plan.areas.geometry)[1] if shapes else None,
        software=software(),
        share=share,
    )


def write_report(plan: Plan, path: str | Path, *, draws: int = DRAWS, progress: Progress = silent) -> Path:
    """Write the report as HTML, or as PDF where the name ends so, whole or not at all; see `report_html`.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    UsageError
        The folder cannot be written, or a PDF is asked for and no browser that could print it is there.
    """
    path = Path(path)
    text = report_html(plan, draws=draws, progress=progress)
    with staged_file(path) as place:
        if path.suffix.lower() == ".pdf":
            print_pdf(text, place)
        else:
            place.write_bytes(text.encode("utf-8"))
    return path


def find_browser() -> str | None:
    """Return a browser of the Chromium family that can print; None where there is none.

    The environment variable GEO_DEVOLVE_BROWSER names one that is not on the path.
    """
    named = os.environ.get("GEO_DEVOLVE_BROWSER")
    return named or next((found for name in BROWSERS if (found := shutil.which(name))), None)


def print_pdf(text: str, path: Path) -> None:
    """Print a page to PDF with a browser of this machine, without network.

    Raises
    ------
    UsageError
        There is no browser, or it fails.
    """
    browser = find_browser()
    if browser is None:
        raise UsageError(
            "no browser to print the PDF with: install chromium or name one in GEO_DEVOLVE_BROWSER, "
            "or open report.html and print it"
        )
    with tempfile.TemporaryDirectory(prefix="geo-devolve-") as folder:
        source, printed = Path(folder) / "report.html", Path(folder) / "report.pdf"
        source.write_bytes(text.encode("utf-8"))
        options = ["--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
        options += ["--disable-component-update", "--disable-sync", "--no-pdf-header-footer"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            options.append("--no-sandbox")  # which the browser needs to run at all as root
        options += [f"--user-data-dir={folder}/profile", f"--print-to-pdf={printed}", source.as_uri()]
        try:
            done = subprocess.run(
                [browser, *options], capture_output=True, text=True, timeout=120, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UsageError(f"{browser} does not print the PDF: {error}") from error
        if not printed.is_file():
            last = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
            raise UsageError(f"{browser} does not print the PDF: {last}")
        shutil.copyfile(printed, path)


def _areas(plan: Plan) -> list[dict[str, Any]]:
    themes = plan.geography.needs.scores.columns
    colours = area_colours(plan)
    return [
        {
            "code": code,
            "name": row["name"],
            "colour": colours[str(code)],
            "population": row["population"],
            "councils": row["councils"],
            "ferry": row["ferry_only"],
            "needs": [float(row[theme]) for theme in themes],
        }
        for code, row in plan.areas.iterrows()
    ]


def _terms(plan: Plan, titles: dict[str, str]) -> list[dict[str, Any]]:
    whole = plan.scores[(plan.scores["area"] == "") & plan.scores["contribution"].notna()]
    total = float(whole["contribution"].sum())
    return [
        {
            "title": term_title(row["measure"], row["part"], titles),
            "value": row["value"],
            "weight": row["weight"],
            "contribution": row["contribution"],
            "share": row["contribution"] / total if total else 0.0,
        }
        for row in whole.to_dict("records")
        if row["measure"] != "objective"
    ]


def _layers(plan: Plan) -> list[dict[str, Any]]:
    """Return how each layer's bodies fare."""
    whole = plan.scores[plan.scores["area"] == ""].set_index(["part", "measure"])["value"]
    told = []
    for key, layer in plan.geography.layers.items():
        figures = {
            measure: float(whole.get((key, measure), float("nan")))
            for measure in ("bodies_whole", "v_measure", "boundary_shared")
        }
        told.append({"title": layer.title, "bodies": len(layer.bodies)} | figures)
    return told


def _yardsticks(plan: Plan, draws: int, progress: Progress) -> list[dict[str, Any]]:
    table = yardsticks(plan, draws, progress)
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _card(plan: Plan, card: Card, colour: str, titles: dict[str, str]) -> dict[str, Any]:
    names = plan.areas["name"]
    likely = card.what_if[card.what_if["feasible"]].head(1)
    return {
        "code": card.area,
        "name": card.name,
        "colour": colour,
        "population": card.population,
        "councils": [(row["name"], row["population"]) for _, row in card.councils.iterrows()],
        "needs": [
            (str(theme), float(row["mean"]), row["rank"], row["of"]) for theme, row in card.needs.iterrows()
        ],
        "matches": [
            (titles.get(str(layer), str(layer)), row["name"], float(row["jaccard"]))
            for layer, row in card.matches.iterrows()
        ],
        "cut": [
            (titles.get(row["layer"], row["layer"]), row["name"], float(row["share"]))
            for _, row in card.cut.iterrows()
        ],
        "inside": len(card.inside),
        "neighbours": [str(row["name"]) for _, row in card.neighbours.iterrows()],
        "move": next(
            (
                (
                    str(row["name"]),
                    str(names[row["from_area"]]),
                    str(names[row["to_area"]]),
                    float(row["change"]),
                )
                for _, row in likely.iterrows()
            ),
            None,
        ),
        "outline": outline(plan, card.area),
    }


def outline(plan: Plan, area: Any, size: int = 150) -> tuple[str, str, int, int] | None:
    """Return an area as SVG path data: its shape, its councils' borders, and the size.

    Parameters
    ----------
    plan
        The plan.
    area
        The area's code.
    size
        Of the picture's longer side (pixels).

    Returns
    -------
    tuple or None
        None where there are no shapes.
    """
    if not has_shapes(plan) or plan.areas.geometry[area] is None:
        return None
    councils = plan.geography.councils.geometry.reindex(list(plan.areas.loc[area, "council_codes"]))
    left, bottom, right, top = plan.areas.geometry[area].bounds
    scale = size / max(right - left, top - bottom)
    drawn = shapely.coverage_simplify(np.asarray(councils.array), 0.4 / scale)
    shape = shapely.coverage_union_all(drawn)
    borders = shapely.union_all(shapely.boundary(drawn))

    def path(rings: list[Any], close: str) -> str:
        parts = []
        for ring in rings:
            points = [
                (round((x - left) * scale + 2, 1), round((top - y) * scale + 2, 1)) for x, y in ring.coords
            ]
            parts.append("M" + "L".join(f"{x:g} {y:g}" for x, y in points) + close)
        return "".join(parts)

    polygons = shapely.get_parts(shape)
    rings = [ring for part in polygons for ring in (part.exterior, *part.interiors)]
    width, height = round((right - left) * scale) + 4, round((top - bottom) * scale) + 4
    return path(rings, "Z"), path(list(shapely.get_parts(borders)), ""), width, height
