"""What the explorer page knows: one JSON document with the plan, coverage, layers and downloads."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo_devolve.errors import UsageError
from geo_devolve.geography.model import Geography
from geo_devolve.plan.cards import Card, cards
from geo_devolve.plan.compare import compare
from geo_devolve.plan.plan import Plan
from geo_devolve.publish.colours import LAYER_LINES, area_colours
from geo_devolve.publish.files.geojson import area_scores, areas_geojson, has_shapes, plain
from geo_devolve.publish.files.record import head, software
from geo_devolve.publish.files.tables import councils_table, to_csv
from geo_devolve.publish.files.topology import build, deltas
from geo_devolve.publish.maps.themes import choropleths
from geo_devolve.publish.pages.prose import how_to_check
from geo_devolve.publish.phrases import certificate_line, term_title

MOST_MOVES = 4  # shown on a card


def payload(
    plan: Plan,
    other: Plan | None = None,
    stability: pd.Series | None = None,
    known: Mapping[Any, Card] | None = None,
) -> dict[str, Any]:
    """Gather what the page shows.

    Parameters
    ----------
    plan
        The plan.
    other
        Another plan of the same councils to compare it with.
    stability
        Index council: in what share of near-best plans it stays with most of its area's people.
    known
        The cards of the plan's areas, if they are made already.

    Returns
    -------
    dict
        Plain JSON values, the same for the same plan.

    Raises
    ------
    UsageError
        The other plan is of other councils.
    """
    geography = plan.geography
    if other is not None and not geography.councils.index.equals(other.geography.councils.index):
        raise UsageError("the two plans are of different councils, so one page cannot compare them")
    plans = [plan] if other is None else [plan, other]
    themes = [str(theme) for theme in geography.needs.scores.columns]
    shapes = _shapes(geography) if has_shapes(plan) else None
    return {
        "title": geography.title,
        "attribution": geography.attribution,
        "themes": [{"key": theme, "title": theme.replace("_", " ").capitalize()} for theme in themes],
        "councils": _councils(geography),
        "layers": _layers(geography),
        "shapes": shapes,
        "plans": [
            _plan(one, label, *((stability, known, None) if one is plan else (None, None, plan)))
            for one, label in zip(plans, labels(plans), strict=True)
        ],
        "moved": None if other is None else _moved(plan, other),
    }


def to_script(document: Mapping[str, Any]) -> str:
    """Write JSON that can stand inside a ``<script>``: nothing in it can end the element."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def _councils(geography: Geography) -> list[list[Any]]:
    """Return code, name, population and needs of each council."""
    scores = geography.needs.scores.reindex(geography.councils.index).round(4)
    return [
        [str(code), str(name), plain(float(people)), [plain(float(value)) for value in scores.loc[code]]]
        for code, name, people in zip(
            geography.councils.index,
            geography.councils["name"],
            geography.councils["population"],
            strict=True,
        )
    ]


def _layers(geography: Geography) -> list[dict[str, Any]]:
    """Return each layer's bodies, and who lives in both a council and a body, as council, body, persons."""
    told = []
    for number, (key, layer) in enumerate(geography.layers.items()):
        people = geography.people(key).tocoo()
        triples = sorted(zip(people.row.tolist(), people.col.tolist(), people.data.tolist(), strict=True))
        told.append(
            {
                "key": str(key),
                "title": layer.title,
                "colour": LAYER_LINES[number % len(LAYER_LINES)],
                "bodies": [
                    [str(code), str(name), plain(round(float(residents), 1))]
                    for code, name, residents in zip(
                        layer.bodies.index, layer.bodies["name"], layer.bodies["population"], strict=True
                    )
                ],
                "people": [
                    value for row, column, data in triples for value in (row, column, plain(round(data, 1)))
                ],
            }
        )
    return told


def _shapes(geography: Geography) -> dict[str, Any]:
    """Return the coverage: arcs, and each piece's council, bodies and rings."""
    pieces = geography.pieces
    if pieces is None:
        topology = build(geography.councils.geometry)
        of = list(range(len(geography.councils)))
        bodies: list[list[list[int]]] = [[] for _ in of]
    else:
        topology = build(pieces.geometry)
        of = geography.councils.index.get_indexer(pd.Index(pieces["council"], tupleize_cols=False)).tolist()
        places = {
            key: {code: at for at, code in enumerate(layer.bodies.index)}
            for key, layer in geography.layers.items()
        }
        bodies = [
            [[places[key][code] for code in pieces[key].iloc[row]] for key in geography.layers]
            for row in range(len(pieces))
        ]
    return {
        "metres": topology.step,
        "origin": [round(edge, 3) for edge in topology.origin],
        "size": list(topology.size),
        "arcs": [deltas(arc) for arc in topology.arcs],
        "pieces": [
            {"c": council, "b": of_layers, "r": [list(ring) for ring in rings]}
            for council, of_layers, rings in zip(of, bodies, topology.pieces, strict=True)
        ],
    }


def labels(plans: Sequence[Plan]) -> list[str]:
    """Name plans after their scenarios, and by their number of areas or their place where these are alike."""
    names = [str(plan.scenario.name) for plan in plans]
    if len(set(names)) < len(names):
        names = [f"{name}, {len(plan.areas)} areas" for name, plan in zip(names, plans, strict=True)]
    if len(set(names)) < len(names):
        names = [f"{name} ({number})" for number, name in enumerate(names, start=1)]
    return names


def _moved(plan: Plan, other: Plan) -> list[int]:
    """Return the councils that change area, by their place in the list of councils."""
    moved = set(compare(plan, other).moved.index)
    return [place for place, code in enumerate(plan.geography.councils.index) if code in moved]


def _plan(
    plan: Plan,
    label: str,
    stability: pd.Series | None,
    known: Mapping[Any, Card] | None,
    beside: Plan | None,
) -> dict[str, Any]:
    colours = area_colours(plan, beside)
    places = {code: at for at, code in enumerate(plan.areas.index)}
    themes = [theme for theme in plan.geography.needs.scores.columns if theme in plan.areas.columns]
    scores = area_scores(plan)
    titles = {key: layer.title for key, layer in plan.geography.layers.items()}
    known = cards(plan) if known is None else known
    anchors = _anchors(plan) if has_shapes(plan) else {}
    areas = [
        {
            "code": str(code),
            "name": str(area["name"]),
            "colour": colours[str(code)],
            "population": plain(float(area["population"])),
            "ferry": bool(area["ferry_only"]),
            "needs": [plain(round(float(area[theme]), 4)) for theme in themes],
            "objective": plain(round(float(scores.loc[code, "objective"]), 6))
            if "objective" in scores
            else None,
            "anchor": anchors.get(code),
        }
        | _card(known[code], places)
        for code, area in plan.areas.iterrows()
    ]
    whole = plan.scores[plan.scores["area"] == ""]
    return {
        "name": label,
        "summary": certificate_line(plan),
        "check": how_to_check(plan),
        "proven": bool(plan.certificate is not None and plan.certificate.proven),
        "areas": areas,
        "assignment": [places.get(plan.to_mapping().get(code), -1) for code in plan.geography.councils.index],
        "figures": [_figure(figure, plan) for figure in choropleths(plan, stability).values()],
        "scores": [
            [
                term_title(row["measure"], row["part"], titles),
                plain(row["value"]),
                plain(row["weight"]),
                plain(row["contribution"]),
            ]
            for row in whole.to_dict("records")
        ],
        "notes": [*plan.faults, *plan.notes],
        "scenario": plan.scenario.to_toml(),
        "inputs": dict(sorted(plan.geography.inputs.items())),
        "software": software(),
        "files": {
            "areas.geojson": areas_geojson(
                plan, {key: value for key, value in head(plan, {}).items() if value != {}}
            ),
            "councils.csv": to_csv(councils_table(plan)),
        },
    }


def _card(card: Card, places: Mapping[Any, int]) -> dict[str, Any]:
    """Return of an area's card what the page does not work out itself: ranks, neighbours, what-ifs."""
    likely = card.what_if[card.what_if["feasible"]].head(MOST_MOVES)
    return {
        "ranks": [int(rank) for rank in card.needs["rank"]],
        "neighbours": [
            [places[area], plain(round(float(row["border_km"]), 1)), list(row["crossings"])]
            for area, row in card.neighbours.iterrows()
        ],
        "moves": [
            [str(name), places[home], places[away], round(float(change), 5), bool(splits)]
            for name, home, away, change, splits in likely[
                ["name", "from_area", "to_area", "change", "splits_block"]
            ].itertuples(index=False)
        ],
    }


def _figure(figure: Any, plan: Plan) -> dict[str, Any]:
    """Return a figure to colour by, its values in the order of the councils or of the areas."""
    order = plan.geography.councils.index if figure.by == "council" else plan.areas.index
    return {
        "key": figure.key,
        "title": figure.title,
        "short": figure.short,
        "unit": figure.unit,
        "by": figure.by,
        "values": [plain(round(float(value), 5)) for value in figure.values.reindex(order)],
        "edges": list(figure.ramp.edges),
        "colours": list(figure.ramp.colours),
        "decimals": figure.decimals,
    }


def _anchors(plan: Plan) -> dict[Any, list[int]]:
    """Return of each area the middle and the radius (m) of the largest circle in it, where its name goes."""
    found = {}
    for code, shape in plan.areas.geometry.items():
        part = max(shapely.get_parts(shape), key=shapely.area)
        circle = shapely.maximum_inscribed_circle(part, tolerance=max(1.0, np.sqrt(part.area) / 200))
        x, y = shapely.get_coordinates(circle)[0]
        found[code] = [round(float(x)), round(float(y)), round(float(shapely.length(circle)))]
    return found
