"""certificate.json: what somebody else needs to check a plan, in plain figures; docs/certificate.md tells it.

Prices are floored to whole numbers of so many places, which only makes reduced costs larger; what they add up
to is then added up anew, exactly.
"""

import json
import math
import tomllib
from collections.abc import Iterator
from decimal import Context, Decimal, localcontext
from typing import Any

import numpy as np

from geo_devolve.geography.model import Geography
from geo_devolve.objective.units import to_flags
from geo_devolve.optimise.evidence import CountEvidence, Evidence, Node, Priced, Split
from geo_devolve.scenario import Scenario

NAME = "certificate.json"
FORMAT = "geo-devolve certificate 1"
_SCORE_PLACES = 15
_CONTEXT = Context(prec=100)
_TOLD_APART = 2.0**53  # whole numbers below it are
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
    people = _People(geography)
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
                people.of_councils(),
                councils["x"],
                councils["y"],
                scores,
                strict=True,
            )
        ],
        "themes": list(scenario.themes),
        "layers": {name: people.of_layer(name) for name in _named_layers(geography, scenario)},
        "borders": [
            [*sorted((number[one], number[other])), _text(_exact(length))]
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
    limits = scenario.constraints
    named = [*scenario.layers, *scenario.blocks, *limits.within, *limits.max_bodies_in_area]
    spoken = [
        *limits.whole,
        *limits.max_areas_in_body,
        *(each for lock in limits.locked for each in lock.bodies),
    ]
    spoken += [each for lock in limits.locked for each in lock.councils]
    spoken += [each for group in (*limits.together, *limits.apart) for each in group]
    named += [str(each).partition(":")[0].strip() for each in spoken]
    return [layer for layer in geography.layers if layer in named]


class _People:
    """Adds up people exactly: by numpy where they are whole, else point by point."""

    def __init__(self, geography: Geography) -> None:
        self.geography = geography
        points, councils = geography.points, geography.councils
        self.counts = points["population"].to_numpy(np.float64)
        self.whole = bool((self.counts == np.rint(self.counts)).all()) and self.counts.sum() < _TOLD_APART
        number = {code: at for at, code in enumerate(councils.index)}
        self.place = [number[code] for code in points["council"]]

    def of_councils(self) -> list[Decimal]:
        """Return the people of each council."""
        if self.whole:
            return [_exact(value) for value in self.geography.councils["population"]]
        sums = [Decimal(0)] * len(self.geography.councils)
        with localcontext(_CONTEXT):
            for place, many in zip(self.place, map(_exact, self.counts), strict=True):
                sums[place] += many
        return sums

    def of_layer(self, name: str) -> dict[str, Any]:
        """Return a layer's bodies, and the people of each council in each."""
        layer = self.geography.layers[name]
        bodies = [[str(code), str(called)] for code, called in
                  zip(layer.bodies.index, layer.bodies["name"], strict=True)]  # fmt: skip
        if self.whole and bool((layer.membership.data == 1.0).all()):
            held = self.geography.people(name).tocoo()
            rows = sorted(zip(held.row.tolist(), held.col.tolist(), held.data.tolist(), strict=True))
            return {
                "bodies": bodies,
                "people": [[row, body, _text(_exact(many))] for row, body, many in rows],
            }
        held = layer.membership.tocoo()
        found: dict[tuple[int, int], Decimal] = {}
        with localcontext(_CONTEXT):
            for point, body, share in zip(
                held.row.tolist(), held.col.tolist(), held.data.tolist(), strict=True
            ):
                key = (self.place[point], body)
                found[key] = found.get(key, Decimal(0)) + _exact(self.counts[point]) * _exact(share)
        told = [[council, body, _text(many)] for (council, body), many in sorted(found.items()) if many]
        return {"bodies": bodies, "people": told}


def _exact(value: float) -> Decimal:
    """Return the shortest decimal that is read as this number: what was written, where it was written."""
    return Decimal(repr(float(value)))


def _text(value: Decimal) -> str:
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


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
