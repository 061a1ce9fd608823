"""What arithmetic alone rules out, before anything is listed: told in people, councils and areas."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from geo_devolve.constraints.forms import Alike, FewBodies, FewCouncils, Group, OneArea, Rivals, Together
from geo_devolve.constraints.registry import fields_of
from geo_devolve.errors import InfeasibleError, first_few, raise_all
from geo_devolve.optimise.asked.prepared import Prepared
from geo_devolve.words import counted_are, people


@dataclass(frozen=True)
class Island:
    """Blocks that hang together with each other and with nothing else.

    Attributes
    ----------
    blocks
        Their numbers.
    population
        By the tally of the units.
    fewest, most
        Numbers of areas that the people in it can be divided into, by their number alone.
    """

    blocks: tuple[int, ...]
    population: float
    fewest: int
    most: int


class _Said:
    """How the people of one scenario are said: those counted, and the bounds as they were given."""

    def __init__(self, prepared: Prepared) -> None:
        self._tally = prepared.units.tally
        lower, upper = prepared.scenario.population or (0.0, np.inf)
        self.least, self.most = people(lower), people(upper)

    def __call__(self, counted: float, towards: int = 0) -> str:
        return people(float(self._tally.persons(counted)), towards)


def islands(prepared: Prepared) -> list[Island]:
    """Return the parts that the free blocks fall into, where areas cannot reach from one to another.

    Parameters
    ----------
    prepared
        The scenario, ready.
    """
    units = prepared.units.take(prepared.free)
    if units.n == 0:
        return []
    rows = np.repeat(np.arange(units.n), np.diff(units.indptr))
    near = units.indices
    rivals = (units.rules.conflicts[rows, near // 64] >> (near % 64).astype(np.uint64)) & np.uint64(1) == 1
    pairs = (rows[~rivals], near[~rivals])  # no area holds both ends of the others
    together = sparse.csr_array((np.ones(len(pairs[0])), pairs), shape=(units.n, units.n))
    parts, labels = csgraph.connected_components(together, directed=False)
    found = []
    ends = np.cumsum(np.bincount(labels, minlength=parts))[:-1]
    for inside in np.split(np.argsort(labels, kind="stable"), ends):
        total = float(units.population[inside].sum())
        found.append(
            Island(
                blocks=tuple(prepared.free[inside].tolist()),
                population=total,
                fewest=max(1, int(np.ceil(total / units.upper))),
                most=int(min(len(inside), _by_people(total, units.lower))),
            )
        )
    return found


def check_arithmetic(prepared: Prepared, *, count: bool = True) -> None:
    """Refuse what cannot be, by arithmetic alone.

    Parameters
    ----------
    prepared
        The scenario, ready.
    count
        Whether the number of areas counts too.

    Raises
    ------
    InfeasibleError
        Naming every block that is too large, every island that is too small, every locked area that breaks
        the rules, and the numbers of areas that are possible.
    """
    faults = [*_locked_faults(prepared), *_block_faults(prepared), *_together_faults(prepared)]
    faults += _quantity_faults(prepared)
    parts = islands(prepared)
    faults += _island_faults(prepared, parts)
    if count and not faults:
        faults += count_faults(prepared)
    raise_all(InfeasibleError, faults, f'scenario "{prepared.scenario.name}"')


def count_range(prepared: Prepared) -> tuple[int, int]:
    """Return the fewest and the most areas that arithmetic allows, locked ones included.

    Parameters
    ----------
    prepared
        The scenario, ready.
    """
    parts = islands(prepared)
    locked = len(prepared.locked)
    return locked + sum(part.fewest for part in parts), locked + sum(part.most for part in parts)


def _by_people(total: float, lower: float) -> float:
    return np.inf if lower <= 0 else float(np.floor(total / lower))


def _locked_faults(prepared: Prepared) -> Iterable[str]:
    units, resolved = prepared.units, prepared.resolved
    for group, block in zip(resolved.locked, prepared.blocks.locked, strict=True):
        if not group.exempt:
            yield from _bounds(prepared, group.label, float(units.population[block]))
            if resolved.max_councils and len(group.councils) > resolved.max_councils:
                yield (
                    f'the locked area "{group.label}" has {len(group.councils)} councils, more than the '
                    f"{resolved.max_councils} of {fields_of(FewCouncils)}; make it exempt, or raise "
                    f"{fields_of(FewCouncils)}"
                )
            for form in resolved.bounds:
                if int(form.figures[group.councils].sum()) < form.least:
                    yield (
                        f'the locked area "{group.label}" has not {form.label}; make it exempt, or loosen '
                        f"the bound of {form.name}"
                    )
            for enough in resolved.enough:
                held = int(np.isin(group.councils, enough.councils).sum())
                if held < enough.limit:
                    yield (
                        f'the locked area "{group.label}" holds {held}, and an area must hold at least '
                        f"{enough.limit} {enough.label}; make it exempt, or add to it"
                    )
        yield from _locked_rules(prepared, group)


def _bounds(prepared: Prepared, label: str, counted: float) -> Iterable[str]:
    units, said = prepared.units, _Said(prepared)
    if counted > units.upper:
        yield (
            f'the locked area "{label}" has {said(counted)} people, more than the most that an area may '
            f"have ({said.most}); make it exempt, or raise the maximum"
        )
    if counted < units.lower:
        yield (
            f'the locked area "{label}" has {said(counted)} people, fewer than the least that an area may '
            f"have ({said.least}); make it exempt, or lower the minimum"
        )


def _locked_rules(prepared: Prepared, group: OneArea) -> Iterable[str]:
    resolved, inside = prepared.resolved, group.councils
    if resolved.conflicts is not None:
        pairs = np.argwhere(np.triu(resolved.conflicts[np.ix_(inside, inside)]))
        if len(pairs):
            one, other = (prepared.names[inside[at]] for at in pairs[0])
            yield (
                f'the locked area "{group.label}" holds {one} and {other}, which may not share an area '
                f"({fields_of(Rivals, Alike)})"
            )
    for together in resolved.together:
        shared = np.isin(together.councils, inside)
        if shared.any() and not shared.all():
            outside = first_few(prepared.names[council] for council in together.councils[~shared])
            yield (
                f'the locked area "{group.label}" holds part of what must stay together ({together.label}), '
                f"but not {outside}"
            )
    for few in resolved.few_bodies:
        touched = sum(bool(np.isin(inside, councils).any()) for councils in few.bodies)
        if touched > few.limit:
            yield (
                f'the locked area "{group.label}" lies in {touched} bodies of a layer, and an area may lie '
                f"in at most {few.limit} ({fields_of(FewBodies)})"
            )


def _block_faults(prepared: Prepared) -> Iterable[str]:
    units, said = prepared.units, _Said(prepared)
    for block in prepared.free.tolist():
        counted = float(units.population[block])
        if counted <= units.upper:
            continue
        councils = len(prepared.blocks.members[block])
        if councils == 1:
            yield (
                f"{prepared.block_name(block)} alone has {said(counted)} people, more than the most that "
                f"an area may have ({said.most}); raise the maximum, or lock it as an exempt area"
            )
        else:
            yield (
                f"the block of {prepared.block_name(block)} has {said(counted)} people, more than the most "
                f"that an area may have ({said.most}); raise the maximum to {said(counted, 1)}, "
                f"lock it as an exempt area, or name other layers in blocks (now: "
                f"{', '.join(prepared.scenario.blocks) or 'none'})"
            )


def _quantity_faults(prepared: Prepared) -> Iterable[str]:
    """Yield bounds of quantities that a block breaks whatever it is joined to, and those all areas break."""
    rules, counts = prepared.units.rules, prepared.scenario.counts
    for row, form in enumerate(prepared.resolved.bounds):
        figures = rules.forms[row][prepared.free]
        if (figures <= 0).all():
            for block in prepared.free[figures < form.least].tolist():
                yield (
                    f"{prepared.block_name(block)} alone has not {form.label}; loosen the bound, or lock it "
                    "as an exempt area"
                )
        # the fewest areas need least of what there must be, the most hold most of what there may be
        areas = (counts[0] if form.least > 0 else counts[-1]) - len(prepared.locked)
        short = areas > 0 and int(figures.sum()) < areas * form.least
        if short and "/" in form.name:
            yield f"no division has {form.label} everywhere: all together have not; loosen the bound"
        elif short:
            yield (
                f"{areas} areas cannot each have {form.label}: all together have "
                f"{'too little' if form.lower else 'too much'} of it; loosen the bound, or ask for "
                f"{'fewer' if form.lower else 'more'} areas"
            )


def _together_faults(prepared: Prepared) -> Iterable[str]:
    """Yield what councils that must share an area are forbidden, one constraint against another."""
    resolved, units, said = prepared.resolved, prepared.units, _Said(prepared)
    share = fields_of(Together)
    locked = {council for group in resolved.locked for council in group.councils.tolist()}
    for group in _chained(resolved.together):
        councils = group.councils
        if locked.intersection(councils.tolist()):
            continue
        if resolved.conflicts is not None:
            pairs = np.argwhere(np.triu(resolved.conflicts[np.ix_(councils, councils)]))
            if len(pairs):
                one, other = (prepared.names[councils[at]] for at in pairs[0])
                yield (
                    f"{one} and {other} must share an area ({share}: {group.label}), and may not "
                    f"({fields_of(Rivals, Alike)}); take one of the two out"
                )
        if resolved.max_councils and len(councils) > resolved.max_councils:
            yield (
                f"{len(councils)} councils must share an area ({share}: {group.label}), and one "
                f"may have {resolved.max_councils} ({fields_of(FewCouncils)}); take one of the two out"
            )
        for few in resolved.few_bodies:
            touched = sum(bool(np.isin(councils, body).any()) for body in few.bodies)
            if touched > few.limit:
                yield (
                    f"councils that must share an area ({share}: {group.label}) lie in {touched} "
                    f"bodies of a layer, and an area may lie in {few.limit} ({fields_of(FewBodies)})"
                )
        blocks = np.unique(prepared.blocks.of.to_numpy()[councils])
        counted = float(units.population[blocks].sum())
        if len(blocks) > 1 and counted > units.upper:
            yield (
                f"councils that must share an area ({share}: {group.label}) have with their blocks "
                f"{said(counted)} people, more than the most that an area may have ({said.most})"
            )


def _chained(groups: Sequence[Group]) -> list[Group]:
    """Join groups that share councils."""
    chained: list[Group] = []
    for group in groups:
        apart = [each for each in chained if not np.isin(each.councils, group.councils).any()]
        joined = [each for each in chained if each not in apart]
        councils = np.unique(np.concatenate([group.councils, *(each.councils for each in joined)]))
        label = "; ".join([*(each.label for each in joined), group.label])
        chained = [*apart, Group(label, councils)]
    return chained


def _island_faults(prepared: Prepared, parts: list[Island]) -> Iterable[str]:
    units, said = prepared.units, _Said(prepared)
    rivals = units.rules.conflicts.any()
    may = " that it may share an area with" if rivals else ""
    remedy = f"loosen {fields_of(Rivals, Alike)}" if rivals else "accept a crossing to it"
    for part in parts:
        if any(units.population[block] > units.upper for block in part.blocks):
            continue
        name = _island_name(prepared, part)
        if part.population < units.lower:
            yield (
                f"{name} with {said(part.population)} people hangs together with nothing else{may}, and an "
                f"area must have at least {said.least}; {remedy}, or lower the minimum"
            )
        elif part.fewest > part.most:
            yield (
                f"{name} with {said(part.population)} people cannot be divided into areas of "
                f"{said.least} to {said.most}: {part.most} would be too large and "
                f"{part.fewest} too small; widen the bounds"
            )


def count_faults(prepared: Prepared) -> Iterable[str]:
    """Tell what is wrong with the numbers of areas asked for, by arithmetic alone.

    Parameters
    ----------
    prepared
        The scenario, ready.
    """
    parts = islands(prepared)
    units, counts, said = prepared.units, prepared.scenario.counts, _Said(prepared)
    fewest, most = count_range(prepared)
    asked = counted_are(counts[0], "area") if len(counts) == 1 else f"{counts[0]} to {counts[-1]} areas are"
    possible = (
        f"between {fewest} and {most} are possible"
        if fewest < most
        else f"only {fewest} {'is' if fewest == 1 else 'are'} possible"
    )
    total = sum(part.population for part in parts)
    if counts[0] > most:
        by_people = len(prepared.locked) + sum(_by_people(part.population, units.lower) for part in parts)
        if counts[0] > by_people:
            why = f"{said(total)} people{_in(parts)} in areas of at least {said.least} make at most {most}"
        elif len(prepared.locked) + len(prepared.free) == most:
            why = "there is only 1 block" if most == 1 else f"there are only {most} blocks to make them of"
        else:
            why = f"blocks that hang together, with their people, make at most {most}"
        if counts[0] <= by_people and prepared.scenario.blocks:
            why += f" (blocks = [] makes every council one, now: {', '.join(prepared.scenario.blocks)})"
        yield f"{asked} too many: {why}; by these numbers {possible}"
    if counts[-1] < fewest:
        why = (
            f"{said(total)} people{_in(parts)} in areas of at most {said.most} need at least {fewest}"
            if np.isfinite(units.upper) and len(parts) + len(prepared.locked) < fewest
            else f"the councils fall into {fewest} parts that do not hang together"
        )
        yield f"{asked} too few: {why}; by these numbers {possible}"


def _in(parts: Sequence[Island]) -> str:
    return f" in {len(parts)} parts that do not hang together" if len(parts) > 1 else ""


def _island_name(prepared: Prepared, part: Island) -> str:
    names = sorted(
        prepared.names[c] for block in part.blocks for c in prepared.blocks.councils[block].tolist()
    )
    return first_few(names, most=3)
