"""explorer.html: a plan to look into, in one file that asks nobody for anything."""

import base64
import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from geo_devolve.plan.cards import Card
from geo_devolve.plan.plan import Plan
from geo_devolve.publish.files.staging import staged_file
from geo_devolve.publish.pages.payload import payload, to_script

SCRIPTS = ("geometry", "model", "state", "map", "labels", "panel", "card", "search", "legend", "main")


def explorer_html(
    plan: Plan,
    other: Plan | None = None,
    *,
    stability: pd.Series | None = None,
    known: dict[Any, Card] | None = None,
) -> str:
    """Return the explorer page as text.

    Parameters
    ----------
    plan
        The plan.
    other
        Another plan of the same councils, to see side by side or as a difference.
    stability
        Index council: in what share of near-best plans it stays with most of its area's people.
    known
        The cards of the plan's areas, if they are made already.

    Returns
    -------
    str
        One HTML document with styles, script, data and downloads inside; the same for the same plan.

    Raises
    ------
    UsageError
        The two plans are of different councils.
    """
    style = asset("explorer.css")
    script = '"use strict";\n(() => {\n' + "\n".join(asset(f"{name}.js") for name in SCRIPTS) + "\n})();\n"
    data = payload(plan, other, stability, known)
    return page("explorer.html").render(
        title=plan.geography.title,
        count=len(plan.areas),
        style=style,
        script=script,
        style_hash=content_hash(style),
        script_hash=content_hash(script),
        data=to_script(data),
    )


def write_explorer(
    plan: Plan,
    path: str | Path,
    other: Plan | None = None,
    *,
    stability: pd.Series | None = None,
) -> Path:
    """Write the explorer page, whole or not at all; see `explorer_html`.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    UsageError
        The folder cannot be written, or the two plans are of different councils.
    """
    path = Path(path)
    text = explorer_html(plan, other, stability=stability)
    with staged_file(path) as place:
        place.write_bytes(text.encode("utf-8"))
    return path


@cache
def asset(name: str) -> str:
    """Return a file of the page's own, as text."""
    return files("geo_devolve.publish.pages").joinpath("assets", name).read_text(encoding="utf-8")


@cache
def page(name: str) -> jinja2.Template:
    """Return a page's template; what is filled in is escaped unless the template says that it is safe."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(asset(name))


def content_hash(text: str) -> str:
    """Return what a Content-Security-Policy calls a script or style by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
