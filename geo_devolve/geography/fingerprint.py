"""What tells two geographies apart: one number for all figures that a plan depends on."""

import hashlib
from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np

from geo_devolve.geography.model import Geography


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
