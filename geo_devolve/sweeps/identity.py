"""What tells two scenarios' listings apart, and how a geography travels to workers."""

import hashlib
import json
import pickle
import zlib

from geo_devolve.geography.model import Geography
from geo_devolve.scenario import Scenario

_SHARED = ("name", "areas", "solver", "seed", "time_limit_s", "weights")


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
