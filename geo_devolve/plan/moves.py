"""What if a council on a border moved next door? Every such move of a plan, scored exactly."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from geo_devolve.errors import first_few
from geo_devolve.objective.gather import council_units
from geo_devolve.objective.terms import union_terms
from geo_devolve.optimise.asked.blocks import make_blocks
from geo_devolve.plan.groups import Groups, positions
from geo_devolve.plan.plan import Plan


def moves(plan: Plan, separable: Callable[[Any], bool] | None = None) -> pd.DataFrame:
    """Score every move of one council into a neighbouring area.

    A move changes two areas, and every term is a sum over areas, so the change is that of the two.

    Parameters
    ----------
    plan
        Any plan.
    separable
        Whether a council may part from its block; told in the column ``splits_block`` where it may not. By
        default the scenario's blocks are looked up.

    Returns
    -------
    DataFrame
        One row a move, sorted by council and area: council (code), name, from_area, to_area, change (of
        the objective; below zero is better), one column a term with the change of its contribution,
        feasible, reason (why it is not, ``""`` where it is), splits_block. A council that is in no area
        does not move.
    """
    groups, rules = plan.groups, plan.rules
    where = positions(plan.geography)
    codes = list(plan.geography.councils.index)
    number = groups.number
    found: list[tuple[int, int, int]] = []
    for place, code in enumerate(codes):
        near = {int(number[where[other]]) for other in rules.graph.neighbors(code)} - {int(number[place]), -1}
        if number[place] >= 0:
            found += [(place, int(number[place]), area) for area in sorted(near)]
    changes = _changes(plan, found)
    texts = [_reason(plan, codes[place], home, away) for place, home, away in found]
    if separable is None:
        separable = _alone_in_block(plan)
    table = pd.DataFrame(
        {
            "council": pd.Series([codes[place] for place, _, _ in found], dtype=object),
            "name": [str(plan.geography.councils["name"].iloc[place]) for place, _, _ in found],
            "from_area": [groups.labels[home] for _, home, _ in found],
            "to_area": [groups.labels[away] for _, _, away in found],
            "change": changes.sum(axis=1),
        }
    )
    for column, term in enumerate(plan.scenario.term_names):
        table[f"change_{term}"] = changes[:, column]
    table["feasible"] = [not text for text in texts]
    table["reason"] = texts
    table["splits_block"] = [not separable(codes[place]) for place, _, _ in found]
    return table


def _changes(plan: Plan, found: list[tuple[int, int, int]]) -> np.ndarray[Any, Any]:
    """Change of every contribution by every move, moves × terms."""
    units = council_units(plan.geography, plan.scenario)
    members = plan.groups.members
    here = union_terms(units, members)
    places = np.array([place for place, _, _ in found], dtype=np.int64)
    homes = np.array([home for _, home, _ in found], dtype=np.int64)
    aways = np.array([away for _, _, away in found], dtype=np.int64)
    moved = csr_array(
        (np.ones(len(found)), (np.arange(len(found)), places)), shape=(len(found), members.shape[1])
    )
    left = csr_array(members[homes] - moved)
    left.eliminate_zeros()
    joined = csr_array(members[aways] + moved)
    emptied = np.diff(left.indptr) == 0
    after_left = np.where(emptied[:, None], 0.0, union_terms(units, left))
    change = after_left + union_terms(units, joined) - here[homes] - here[aways]
    return change * np.array(plan.scenario.term_weights)


def after(plan: Plan, council: Any, area: Any) -> Groups:
    """Return the plan's areas after one council has moved; an area that it leaves empty is gone."""
    number = plan.groups.number.copy()
    number[positions(plan.geography)[council]] = plan.groups.labels.index(area)
    kept = [place for place in range(len(plan.groups.labels)) if (number == place).any()]
    renumber = {old: new for new, old in enumerate(kept)} | {-1: -1}
    return Groups(
        plan.geography,
        tuple(plan.groups.labels[place] for place in kept),
        np.array([renumber[int(each)] for each in number]),
    )


def _reason(plan: Plan, council: Any, home: int, away: int) -> str:
    """Say why a move is not allowed; "" where it is. What was wrong before does not count against it."""
    groups, rules = plan.groups, plan.rules
    left = [code for code in groups.codes[home] if code != council]
    joined = [*groups.codes[away], council]
    now = _known(plan)
    found = [] if not left else rules.area_faults(groups.labels[home], left)
    found += rules.area_faults(groups.labels[away], joined)
    if not left or plan.scenario.constraints:
        found += rules.plan_faults(after(plan, council, groups.labels[away]))
    new = [fault.text for fault in found if (fault.kind, fault.area) not in now]
    return first_few(new, most=3)


def _known(plan: Plan) -> frozenset[tuple[str, Any]]:
    return frozenset((fault.kind, fault.area) for fault in plan.found_faults)


def _alone_in_block(plan: Plan) -> Callable[[Any], bool]:
    blocks = make_blocks(plan.geography, plan.scenario, in_pieces=True)
    alone = {block[0] for block in blocks.members if len(block) == 1}
    return lambda code: code in alone
