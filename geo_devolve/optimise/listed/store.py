"""Listed candidates with their terms, kept so that a changed scenario need not list them again.

What was listed serves any scenario whose candidates are among them: other weights and counts, narrower
bounds, blocks locked, and, where nothing was constrained when listing, any constraint that splits no block.
"""

from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np

from geo_devolve.clock import NEVER, Deadline
from geo_devolve.objective.columns import BALANCE
from geo_devolve.objective.terms import balance, union_terms
from geo_devolve.objective.units import Floats, Ints, Masks, Rules, members_of, to_flags, to_masks
from geo_devolve.optimise.asked.prepared import Prepared
from geo_devolve.optimise.asked.rules import allowed
from geo_devolve.optimise.listed.listing import list_candidates
from geo_devolve.optimise.program.relaxation import Program
from geo_devolve.progress import Progress, silent

_ROWS_AT_ONCE = 500_000


@dataclass(frozen=True, eq=False)
class Listed:
    """Every candidate of a prepared scenario, the locked areas last.

    Attributes
    ----------
    masks
        Candidates × words, over all blocks.
    population
        Of each candidate, counted by the tally of the units.
    terms
        Candidates × terms, unweighted.
    """

    masks: Masks
    population: Floats
    terms: Floats

    def program(self, prepared: Prepared) -> Program:
        """Return the integer program for the scenario's weights."""
        weights = np.array(prepared.scenario.term_weights)
        rules = prepared.units.rules
        return Program.of(
            prepared.units.n, self.masks, self.terms @ weights, rules.cap_units, rules.cap_limit
        )


@dataclass(frozen=True, eq=False)
class _Kept:
    key: tuple[Hashable, ...]
    members: dict[tuple[Hashable, ...], int]
    lower: float
    upper: float
    rules: tuple[bytes, ...]
    plain: bool
    listed: Listed


class Store:
    """Lists candidates, or finds them among those listed before."""

    def __init__(self) -> None:
        self._kept: _Kept | None = None

    def get(
        self,
        prepared: Prepared,
        *,
        limit: int = 50_000_000,
        deadline: Deadline = NEVER,
        progress: Progress = silent,
    ) -> Listed:
        """Return every candidate of a prepared scenario.

        Parameters
        ----------
        prepared
            The scenario, ready.
        limit
            Most candidates to make room for.
        deadline
            When to stop.
        progress
            Told how many are listed.

        Raises
        ------
        listing.TooManyError
            There are more than `limit`.
        TimeUpError
            The time is up.
        """
        found = self._among_kept(prepared)
        if found is None:
            found = self._list(prepared, limit, deadline, progress)
        return _with_locked(prepared, found)

    def _list(self, prepared: Prepared, limit: int, deadline: Deadline, progress: Progress) -> Listed:
        units = prepared.units.take(prepared.free)
        candidates = list_candidates(units, limit=limit, deadline=deadline, progress=progress)
        councils = sum_councils(prepared, candidates.masks, prepared.free)
        fine = allowed(units.rules, candidates.masks, councils)
        found = Listed(candidates.masks, candidates.population, candidates.terms)
        if not fine.all():
            found = Listed(found.masks[fine], found.population[fine], found.terms[fine])
        members = [prepared.blocks.members[block] for block in prepared.free.tolist()]
        self._kept = _Kept(
            key=_key(prepared),
            members={each: at for at, each in enumerate(members)},
            lower=units.lower,
            upper=units.upper,
            rules=_rule_bytes(units.rules),
            plain=_is_plain(units.rules),
            listed=found,
        )
        return found

    def _among_kept(self, prepared: Prepared) -> Listed | None:
        """Cut what was listed down to the scenario's blocks, bounds and rules; None if it does not serve."""
        kept, units = self._kept, prepared.units
        if kept is None or kept.key != _key(prepared) or units.lower < kept.lower or units.upper > kept.upper:
            return None
        members = [prepared.blocks.members[block] for block in prepared.free.tolist()]
        if any(each not in kept.members for each in members):
            return None
        places = np.array([kept.members[each] for each in members], dtype=np.int64)
        same_blocks = len(places) == len(kept.members)
        rules = units.take(prepared.free).rules
        same_rules = same_blocks and _rule_bytes(rules) == kept.rules
        if not (same_rules or kept.plain):
            return None
        found = kept.listed
        fine = (found.population >= units.lower) & (found.population <= units.upper)
        if not same_blocks:
            others = np.ones((1, len(kept.members)), dtype=bool)
            others[0, places] = False
            fine &= ~(found.masks & to_masks(others)).any(axis=1)
        if not fine.all():
            found = Listed(found.masks[fine], found.population[fine], found.terms[fine])
        if not same_blocks:
            found = replace(found, masks=renumber(found.masks, len(kept.members), places))
        if not same_rules:
            fine = allowed(rules, found.masks, sum_councils(prepared, found.masks, prepared.free))
            found = Listed(found.masks[fine], found.population[fine], found.terms[fine])
        return found


def sum_councils(prepared: Prepared, masks: Masks, blocks: Ints) -> Ints:
    """Count the councils of each candidate over the blocks given."""
    if not prepared.units.rules.max_councils:
        return np.zeros(len(masks), dtype=np.int64)
    return (members_of(masks, len(blocks)) @ prepared.units.councils[blocks]).astype(np.int64)


def _with_locked(prepared: Prepared, found: Listed) -> Listed:
    """Renumber masks over all blocks, measure balance anew, and put the locked areas at the end."""
    units, n = prepared.units, prepared.units.n
    masks = found.masks
    if len(prepared.locked):
        places = np.full(n, -1)
        places[prepared.free] = np.arange(len(prepared.free))
        masks = renumber(masks, len(prepared.free), places)
        own = np.zeros((len(prepared.locked), n), dtype=bool)
        own[np.arange(len(prepared.locked)), prepared.locked] = True
        own_masks = to_masks(own)
        own_terms = union_terms(units, members_of(own_masks, n))
        masks = np.concatenate([masks, own_masks])
        terms = np.concatenate([found.terms, own_terms])
        population = np.concatenate([found.population, units.population[prepared.locked]])
    else:
        terms, population = found.terms.copy(), found.population
    terms[:, BALANCE] = balance(units, population)
    return Listed(masks, population, terms)


def renumber(masks: Masks, n: int, places: Ints) -> Masks:
    """Return masks whose unit i was unit ``places[i]`` of `n` before; -1 for one that was none."""
    parts = []
    for start in range(0, max(len(masks), 1), _ROWS_AT_ONCE):
        flags = to_flags(masks[start : start + _ROWS_AT_ONCE], n)
        none = np.zeros((len(flags), 1), dtype=bool)  # what -1 reads
        parts.append(to_masks(np.concatenate([flags, none], axis=1)[:, places]))
    return np.concatenate(parts)


def _key(prepared: Prepared) -> tuple[Hashable, ...]:
    scenario = prepared.scenario
    return (
        scenario.themes,
        tuple((name, term.rule) for name, term in scenario.layers.items()),
        tuple(sorted(scenario.crossings)),
        scenario.min_border_m,
        scenario.more_terms,
        scenario.flows,
        scenario.reference if "change" in scenario.weights else None,
    )


def _rule_bytes(rules: Rules) -> tuple[bytes, ...]:
    parts = (rules.conflicts, rules.together, rules.body_units, rules.body_indptr, rules.body_limit)
    forms = rules.forms.tobytes(), rules.form_least.tobytes()
    return (*(part.tobytes() for part in parts), *forms, str(rules.max_councils).encode())


def _is_plain(rules: Rules) -> bool:
    """Whether nothing limited a candidate but its population."""
    limited = rules.conflicts.any() or rules.max_councils or len(rules.together) or len(rules.body_limit)
    return not (limited or len(rules.form_least))
