"""What tells two geographies, or two scenarios' listings, apart."""

import hashlib
import json
import pickle
import zlib
from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np

from geo_devolve.geography.model import Geography
from geo_devolve.scenario import Scenario

_SHARED = ("name", "areas", "solver", "seed", "time_limit_s", "weights")


def fingerprint(geography: Geography) -> str:
    """Return the SHA-256 of all figures of a geography that a plan depends on; its shapes are none of them.

    Parameters
    ----------
    geography
        The study area.
    """
    made = hashlib.sha256()
    for part in _parts(geography):
        made.update(len(part).to_bytes(8))
        made.update(part)
    return made.hexdigest()


def listing_key(scenario: Scenario) -> str:
    """Return what the candidates of a scenario depend on: equal keys have the same candidates.

    Weights and the number of areas are no part of it, nor is anything that only steers the solver.

    Parameters
    ----------
    scenario
        What is asked for.
    """
    table = {key: value for key, value in scenario.to_mapping().items() if key not in _SHARED}
    table["layers"] = [(layer, term.rule) for layer, term in scenario.layers.items()]
    return hashlib.sha256(json.dumps(table, ensure_ascii=True).encode()).hexdigest()


def packed(geography: Geography) -> bytes:
    """Return a geography in the form in which it is sent to workers."""
    return zlib.compress(pickle.dumps(geography, protocol=5), level=3)


def unpacked(payload: bytes) -> Geography:
    """Return the geography that was `packed` by this program.

    Parameters
    ----------
    payload
        From `packed`, by a process of the same sweep: what is read runs as code.
    """
    return pickle.loads(zlib.decompress(payload))  # noqa: S301 - the sweep's own, over its executor


def _parts(geography: Geography) -> Iterable[bytes]:
    councils = geography.councils
    yield _texts(geography.councils.index)
    yield _texts(councils["name"])
    yield councils[["population", "x", "y"]].to_numpy(np.float64).tobytes()
    yield _texts(geography.points["council"])
    yield geography.points[["population", "x", "y"]].to_numpy(np.float64).tobytes()
    for name, layer in geography.layers.items():
        yield _texts([name, *layer.bodies.index, *layer.bodies["name"]])
        matrix = layer.membership.tocoo()
        for array in (matrix.row.astype(np.int64), matrix.col.astype(np.int64), matrix.data.astype(float)):
            yield array.tobytes()
        if layer.outside is not None:
            yield layer.outside.tobytes()
    yield _texts(geography.needs.scores.columns)
    yield geography.needs.scores.to_numpy(np.float64).tobytes()
    for table in (geography.borders, geography.crossings):
        for column in table.columns:
            values = table[column]
            yield _texts([column])
            yield values.to_numpy().tobytes() if values.dtype.kind == "f" else _texts(values)


def _texts(values: Iterable[Hashable | Any]) -> bytes:
    return "\x1f".join(map(repr, values)).encode()
