"""The scenario's constraints as masks over blocks, and which unions of blocks they allow."""

from collections.abc import Sequence

import numpy as np

from geo_devolve.constraints.forms import Enough, Flags
from geo_devolve.objective.units import Ints, Masks, Rules, members_of, no_rules, to_masks
from geo_devolve.optimise.asked.resolved import Resolved


def make_rules(resolved: Resolved, members: Sequence[Ints]) -> Rules:
    """Turn resolved constraints into masks over blocks.

    Parameters
    ----------
    resolved
        The constraints, in numbers of councils.
    members
        The councils of each block, by number.

    Returns
    -------
    Rules
        In the order of `members`.
    """
    n = len(members)
    block_of = {int(council): block for block, councils in enumerate(members) for council in councils}
    rules = no_rules(n)

    def mask(groups: Sequence[Ints]) -> Masks:
        flags = np.zeros((len(groups), n), dtype=bool)
        for row, councils in enumerate(groups):
            flags[row, [block_of[int(council)] for council in councils if int(council) in block_of]] = True
        return to_masks(flags)

    together = mask([group.councils for group in resolved.together])
    together = together[np.bitwise_count(together).sum(axis=1) > 1]
    limits = resolved.few_bodies
    indptr = np.cumsum([0, *(len(each.bodies) for each in limits)], dtype=np.int64)
    least = [(each.figures, each.least) for each in resolved.bounds]
    least += [(one_each(group, len(block_of)), group.limit) for group in resolved.enough]
    return Rules(
        conflicts=rules.conflicts
        if resolved.conflicts is None
        else to_masks(_fold(resolved.conflicts, members)),
        max_councils=resolved.max_councils,
        together=together,
        body_units=mask([councils for each in limits for councils in each.bodies]),
        body_indptr=indptr,
        body_limit=np.array([each.limit for each in limits], dtype=np.int64),
        cap_units=mask([group.councils for group in resolved.caps]),
        cap_limit=np.array([group.limit for group in resolved.caps], dtype=np.int64),
        forms=np.array(
            [[figures[councils].sum() for councils in members] for figures, _ in least],
            dtype=np.int64,
        ).reshape(-1, n),
        form_least=np.array([limit for _, limit in least], dtype=np.int64),
    )


def one_each(group: Enough, councils: int) -> Ints:
    """Return 1 for each council of a group and 0 for the others, whose sum an area must have enough of."""
    figures = np.zeros(councils, dtype=np.int64)
    figures[group.councils] = 1
    return figures


def allowed(rules: Rules, masks: Masks, councils: Ints) -> Flags:
    """Tell which unions of units the rules allow (limits of areas in a body aside, which tie areas together).

    Parameters
    ----------
    rules
        What an area may not be.
    masks
        Unions, as masks (rows × words).
    councils
        Number of councils of each union.
    """
    fine = np.ones(len(masks), dtype=bool)
    if rules.max_councils:
        fine &= councils <= rules.max_councils
    for unit in np.flatnonzero(rules.conflicts.any(axis=1)):
        holds = (masks[:, unit // 64] >> np.uint64(unit % 64)) & np.uint64(1) == 1
        fine &= ~(holds & touches(masks, rules.conflicts[unit]))
    for group in rules.together:
        inside = masks & group
        fine &= (inside == group).all(axis=1) | (inside == 0).all(axis=1)
    for number, limit in enumerate(rules.body_limit):
        touched = np.zeros(len(masks), dtype=np.int64)
        for body in rules.body_units[rules.body_indptr[number] : rules.body_indptr[number + 1]]:
            touched += touches(masks, body)
        fine &= touched <= limit
    if len(rules.form_least):
        fine &= (form_sums(rules, masks) >= rules.form_least).all(axis=1)
    return fine


def form_sums(rules: Rules, masks: Masks) -> Ints:
    """Add up the rows of whole numbers that bounds of quantities are, over each union; exact."""
    n = rules.forms.shape[1]
    members = members_of(masks, n).astype(np.int64)
    return np.asarray(members @ rules.forms.T)


def touches(masks: Masks, units: Masks) -> Flags:
    """Tell which masks (rows × words) share a unit with one mask (words)."""
    touched = np.zeros(len(masks), dtype=bool)
    for word in np.flatnonzero(units):
        touched |= (masks[:, word] & units[word]) != 0
    return touched


def _fold(conflicts: Flags, members: Sequence[Ints]) -> Flags:
    """Whether any council of one block conflicts with any of another; those inside a block are left out."""
    order = np.concatenate([np.asarray(councils, dtype=np.int64) for councils in members])
    starts = np.cumsum([0, *(len(councils) for councils in members)])[:-1]
    folded = np.logical_or.reduceat(conflicts[order], starts, axis=0)
    folded = np.logical_or.reduceat(folded[:, order], starts, axis=1)
    np.fill_diagonal(folded, val=False)
    return folded
