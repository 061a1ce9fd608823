"""certificate.json: what somebody else needs to check a plan, in plain figures; docs/certificate.md tells it.

Prices are floored to whole numbers of so many places, which only makes reduced costs larger; what they add up
to is then added up anew, exactly.
"""

import json
import math
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np

from geo_devolve.constraints.fields import spoken_of
from geo_devolve.geography.model import Geography
from geo_devolve.objective.units import to_flags
from geo_devolve.optimise.evidence import CountEvidence, Evidence, Node, Priced, Split
from geo_devolve.scenario import Scenario

NAME = "certificate.json"
FORMAT = "geo-devolve certificate 1"
_SCORE_PLACES = 15
_PLACES, _MOST_PLACES = 17, 60  # digits of a price; places after the point
_SHUT_PLACES = 14  # of prices that show that there is no plan


def certificate_json(geography: Geography, scenario: Scenario, evidence: Evidence) -> str:
    """Write what proves a plan, or that there is none.

    Parameters
    ----------
    geography
        The study area.
    scenario
        What was asked for.
    evidence
        What was found.

    Returns
    -------
    str
        JSON, the same for the same plan, with a last line break.
    """
    number = {code: at for at, code in enumerate(geography.councils.index)}
    blocks = [[number[code] for code in block] for block in evidence.blocks]
    counts = _Counts(evidence)
    document = {
        "format": FORMAT,
        "claim": "plan" if any(each.plan is not None for each in evidence.counts) else "impossible",
        "scenario": tomllib.loads(scenario.to_toml()),
        "geography": {"name": geography.name, "inputs": dict(sorted(geography.inputs.items()))},
        "problem": problem(geography, scenario),
        "blocks": blocks,
        "places": counts.places,
        "counts": [counts.write(each) for each in evidence.counts],
    }
    close = {"ensure_ascii": False, "allow_nan": False, "separators": (",", ":")}
    lines = [f' "{key}": {json.dumps(value, **close)}' for key, value in document.items()]  # type: ignore[arg-type]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def problem(geography: Geography, scenario: Scenario) -> dict[str, Any]:
    """Return the problem in plain figures, decimals as texts: those of the scenario's layers and themes.

    Parameters
    ----------
    geography
        The study area.
    scenario
        Says which layers and themes count.
    """
    councils = geography.councils
    number = {code: at for at, code in enumerate(councils.index)}
    scores = geography.needs.scores.reindex(columns=list(scenario.themes)).to_numpy(np.float64)
    borders, crossings = geography.borders, geography.crossings
    return {
        "councils": [
            {
                "code": str(code),
                "name": str(name),
                "people": _text(many),
                "x": None if math.isnan(x) else repr(float(x)),
                "y": None if math.isnan(y) else repr(float(y)),
                "scores": [f"{value:.{_SCORE_PLACES}f}" for value in row],
            }
            for code, name, many, x, y, row in zip(
                councils.index,
                councils["name"],
                councils["population"],
                councils["x"],
                councils["y"],
                scores,
                strict=True,
            )
        ],
        "read_as": _read_as(geography, scenario),
        "themes": list(scenario.themes),
        "layers": {name: _layer(geography, name) for name in _named_layers(geography, scenario)},
        "borders": [
            [*sorted((number[one], number[other])), _text(length)]
            for one, other, length in zip(
                borders["council"], borders["neighbour"], borders["length_m"], strict=True
            )
        ],
        "crossings": [
            [*sorted((number[one], number[other])), str(kind)]
            for one, other, kind in zip(
                crossings["council"], crossings["neighbour"], crossings["kind"], strict=True
            )
        ],
    }


def _named_layers(geography: Geography, scenario: Scenario) -> list[str]:
    """Return the layers that the scenario scores, or speaks of in whatever way."""
    named = [*scenario.layers, *scenario.blocks]
    named += [text.partition(":")[0].strip() for text in spoken_of(scenario.constraints)]
    return [layer for layer in geography.layers if layer in named]


def _read_as(geography: Geography, scenario: Scenario) -> dict[str, str]:
    """Return the code that each name means which is not written as it stands in the tables."""
    found = {}
    for text in spoken_of(scenario.constraints):
        layer, _, body = (part.strip() for part in text.partition(":"))
        table = geography.layers[layer].bodies if layer in geography.layers else geography.councils
        written = body if layer in geography.layers else text.strip()
        plain = [*map(str, table.index), *map(str, table["name"])]
        if written in {"", "*"} or written in plain:
            continue
        if layer in geography.layers:
            found[text] = str(geography.find_body(layer, body))
        else:
            found[text] = str(geography.find_councils(text)[0])
    return found


def _layer(geography: Geography, name: str) -> dict[str, Any]:
    """Return a layer's bodies, and the people of each council in each."""
    table = geography.layers[name].bodies
    outside = geography.layers[name].outside
    beyond = np.zeros(len(table)) if outside is None else outside
    bodies = zip(map(str, table.index), map(str, table["name"]), map(_text, beyond), strict=True)
    held = geography.people(name).tocoo()
    rows = sorted(zip(held.row.tolist(), held.col.tolist(), held.data.tolist(), strict=True))
    return {
        "bodies": [list(each) for each in bodies],
        "people": [[council, body, _text(people)] for council, body, people in rows],
    }


def _text(value: float) -> str:
    """Return the shortest decimal that is read as this number: what was written, where it was written."""
    text = format(Decimal(repr(float(value))), "f")
    return text.removesuffix(".0")


class _Counts:
    """Writes evidence in whole numbers."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.free = [at for at in range(len(evidence.blocks)) if at not in evidence.locked]
        priced = [node for each in evidence.counts for node in _priced(each.node) if node.costs]
        largest = max((float(np.abs(node.blocks).max(initial=0.0)) for node in priced), default=0.0)
        self.places = _PLACES - math.floor(math.log10(largest)) if largest > 0 else _PLACES
        self.places = min(max(self.places, 0), _MOST_PLACES)

    def write(self, each: CountEvidence) -> dict[str, Any]:
        """Return what is claimed of one number of areas, and what proves it."""
        rows = () if each.plan is None else to_flags(each.plan, len(self.evidence.blocks))
        plan = sorted(np.flatnonzero(row).tolist() for row in rows)
        told = {
            "areas": each.areas,
            "impossible": each.impossible,
            "plan": plan or None,
            "bound": None,
            "proof": None,
        }
        if each.node is None:
            return told | {"proof": {"people": True} if each.impossible else None}
        proof, bound = self._node(each.node, each.areas - len(self.evidence.locked))
        return told | {"proof": proof, "bound": None if each.impossible else bound}

    def _node(self, node: Node, areas: int) -> tuple[dict[str, Any], int | None]:
        """Return a node, and what no plan of its candidates costs less than; None where there is none."""
        if isinstance(node, Split):
            together, one = self._node(node.together, areas)
            apart, other = self._node(node.apart, areas)
            parts = [bound for bound in (one, other) if bound is not None]
            return {"pair": list(node.pair), "together": together, "apart": apart}, min(parts, default=None)
        size = (
            1.0 if node.costs else max(float(np.abs(node.blocks).max(initial=0.0)), abs(node.count), 1e-300)
        )
        ten = 10 ** (self.places if node.costs else _SHUT_PLACES)
        blocks = [_floor(price / size, ten) for price in node.blocks.tolist()]
        count, caps = (
            _floor(node.count / size, ten),
            [_floor(price / size, ten) for price in node.caps.tolist()],
        )
        told: dict[str, Any] = {
            "prices": {"cost": int(node.costs), "units": blocks, "count": count, "caps": caps}
        }
        if not node.costs:
            return told, None
        least = sum(blocks[at] for at in self.free) + areas * count
        least += sum(price * limit for price, limit in zip(caps, self.evidence.cap_limit, strict=True))
        if node.then is None:
            return told, least
        told["then"], bound = self._node(node.then, areas)
        if math.isfinite(node.window):
            reach = least + _floor(node.window, ten)
            bound = reach if bound is None else min(bound, reach)
        return told, bound


def _floor(price: float, ten: int) -> int:
    above, below = float(price).as_integer_ratio()
    return above * ten // below


def _priced(node: Node | None) -> Iterator[Priced]:
    """Yield every node that has prices."""
    if isinstance(node, Priced):
        yield node
        yield from _priced(node.then)
    elif node is not None:
        yield from _priced(node.together)
        yield from _priced(node.apart)
