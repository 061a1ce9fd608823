"""How long a walk over all candidates would take, told before it starts.

A tree of unknown size is measured by going down it level by level with a sample of bounded size: what a
level's sample stands for is multiplied by how much it had to be thinned out (stochastic enumeration, after
Knuth's random walks of 1975, of which it takes many side by side). Its mean is right whatever the tree; a
tree of few deep branches is told less well than a bushy one, so the answer is one of size.
"""

import time
from dataclasses import dataclass
from functools import partial

import numpy as np

from geo_devolve.clock import NEVER, Deadline, TimeUpError
from geo_devolve.cores import in_thread
from geo_devolve.optimise.compiled.flat import Ints
from geo_devolve.optimise.program.prices import Prices
from geo_devolve.optimise.walk.packets import Packet, Reply, work
from geo_devolve.optimise.walk.search import Search

_SAMPLE = 128
_BRANCH = 2  # nodes to walk under a node, so that it comes back as its two branches


@dataclass(frozen=True)
class Walk:
    """What a whole pass of the pruned search would take.

    Attributes
    ----------
    nodes
        Unions of units to look at.
    seconds
        On the search's workers.
    """

    nodes: float
    seconds: float


def estimate_walk(
    search: Search,
    prices: Prices,
    *,
    seed: int = 0,
    sample: int = _SAMPLE,
    deadline: Deadline = NEVER,
) -> Walk | None:
    """Estimate what a pass for candidates of negative reduced cost would take.

    Parameters
    ----------
    search
        The search.
    prices
        At which it would walk.
    seed
        Of the samples.
    sample
        Nodes to keep of each level.
    deadline
        When to give up.

    Returns
    -------
    Walk or None
        Its seconds are from the speed of the sample, spread over the search's workers; None if it was given
        up.
    """
    rng = np.random.default_rng(seed)
    charges, roots = search.charges(prices), search.roots()
    spent = 0.0
    walked = 0
    total = 0.0
    for window in search.windows:
        nodes, weight = roots, 1.0
        while len(nodes):
            packet = Packet(window, charges, 0.0, nodes, _BRANCH)
            try:
                found, seconds = in_thread(partial(_timed, packet), deadline)
            except TimeUpError:
                return None
            spent += seconds
            # each node that branches is walked with its first branch, which comes back unless it ends there
            ended = 2 * (found.walked - len(nodes)) - len(found.left)
            total += weight * (len(nodes) + ended)
            walked += found.walked
            nodes = found.left
            if len(nodes) > sample:
                weight *= len(nodes) / sample
                nodes = nodes.pick(np.sort(rng.choice(len(nodes), sample, replace=False)))
    return Walk(total, total * spent / max(walked, 1) / search.workers)


def _timed(packet: Packet, stop: Ints) -> tuple[Reply, float]:
    """Walk a packet, and tell how many seconds of its thread that took."""
    began = time.thread_time()
    return work(packet, stop), time.thread_time() - began
