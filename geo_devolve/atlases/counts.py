"""How many plans there are, by number of areas: exact, before any is written down."""

import pandas as pd

from geo_devolve.atlases.diagram import MOST_STATES, Diagram, build, count
from geo_devolve.atlases.rim import Rim
from geo_devolve.errors import InfeasibleError
from geo_devolve.geography.model import Geography
from geo_devolve.optimise.asked.prepared import Prepared, prepare
from geo_devolve.optimise.reasons.arithmetic import check_arithmetic
from geo_devolve.progress import Progress, silent
from geo_devolve.scenario import Scenario


def count_plans(
    geography: Geography,
    scenario: Scenario,
    *,
    most_states: int = MOST_STATES,
    progress: Progress = silent,
) -> pd.Series:
    """Count every plan that obeys a scenario, by number of areas.

    A plan is a division of the blocks (of the councils, where the scenario names no blocks) into areas that
    hang together and keep every bound and constraint; two that call their areas otherwise are one. Counted by
    dynamic programming over states of the rim (as in Kawahara, Horiyama, Hotta and Minato, *Generating all
    patterns of graph partitions within a disparity bound*, 2017), so the count may be far beyond what could
    ever be listed.

    Parameters
    ----------
    geography
        The study area.
    scenario
        Its numbers of areas, bounds, neighbours, blocks and constraints; weights do not matter.
    most_states
        When to give up, in states of the rim; twenty million are a few GB.
    progress
        Told how many blocks are decided.

    Returns
    -------
    Series
        Index ``areas``, every number that the scenario allows; name ``plans``. Whole numbers of any size; 0
        where the scenario's rules leave no plan.

    Raises
    ------
    ScenarioError
        The scenario speaks of what is not there.
    UsageError
        The count needs more states than allowed.

    Examples
    --------
    >>> import networkx as nx, geo_devolve as gd
    >>> graph = nx.convert_node_labels_to_integers(nx.grid_2d_graph(3, 3))
    >>> nx.set_node_attributes(graph, 100, "pop")
    >>> grid = gd.Geography.from_graph(graph)
    >>> gd.count_plans(grid, gd.Scenario(areas=(2, 4))).to_dict()
    {2: 53, 3: 258, 4: 440}
    >>> gd.count_plans(grid, gd.Scenario(areas=3, population=(300, 300))).to_dict()
    {3: 10}
    """
    prepared = prepare(geography, scenario)
    ground = _ground(prepared)
    found: list[int] = []
    if ground is not None:
        most = scenario.counts[-1] - len(prepared.locked)
        found = count(ground, most, most_states=most_states, progress=progress) if most >= 0 else []
    return as_counts(prepared, found)


def all_plans(
    prepared: Prepared, *, most_states: int = MOST_STATES, progress: Progress = silent
) -> Diagram | None:
    """Build the diagram of all plans of a scenario; None where arithmetic leaves none.

    Parameters
    ----------
    prepared
        The scenario, ready.
    most_states, progress
        As for `count_plans`.
    """
    ground = _ground(prepared)
    most = prepared.scenario.counts[-1] - len(prepared.locked)
    if ground is None or most < 0:
        return None
    return build(ground, most, most_states=most_states, progress=progress)


def as_counts(prepared: Prepared, found: list[int]) -> pd.Series:
    """Put numbers of plans by number of free areas under the scenario's numbers of areas.

    Parameters
    ----------
    prepared
        The scenario, ready.
    found
        Plans with 0, 1 … areas beside the locked ones.
    """
    locked = len(prepared.locked)
    counts = prepared.scenario.counts
    plans = [found[areas - locked] if 0 <= areas - locked < len(found) else 0 for areas in counts]
    kind = "int64" if max(plans) < 2**63 else object
    return pd.Series(plans, index=pd.Index(list(counts), name="areas"), name="plans", dtype=kind)


def _ground(prepared: Prepared) -> Rim | None:
    try:
        check_arithmetic(prepared, count=False)
    except InfeasibleError:
        return None
    ground = Rim.of(prepared)
    over = zip(ground.duties.capped, ground.duties.cap_limits, strict=True)
    return None if any(there > most for there, most in over) else ground
