"""What the scenario's constraints mean on the ground: names resolved to councils.

A council lies in a body when more than half of its people do; constraints that speak of bodies speak of the
councils that lie in them.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geo_devolve.errors import DataError, ScenarioError, UsageError, raise_all
from geo_devolve.geography.model import Geography
from geo_devolve.objective.units import Ints
from geo_devolve.optimise.asked.forms import Form, make_forms
from geo_devolve.scenario import Scenario

Signature = tuple[int, ...]


Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Group:
    """Councils that a constraint names, by number in the geography's order."""

    label: str
    councils: Ints
    limit: int = 0
    exempt: bool = False


@dataclass(frozen=True, eq=False)
class Resolved:
    """The scenario's constraints in numbers of councils.

    Attributes
    ----------
    locked
        Councils that are one of the areas, in the scenario's order.
    together
        Councils that share an area: lists of `together`, and the bodies that stay whole.
    conflicts
        Councils × councils, whether the two may not share an area; None where all may.
    within
        Each council's bodies in the layers that no area crosses; None for one without people, which lies in
        none and may go with any. Empty where there are no such layers.
    max_councils
        Most councils in an area, 0 for no limit.
    body_limits
        For each limit of bodies in an area: the limit, and the councils of each body of the layer.
    caps
        Limits of areas in a body.
    forms
        Bounds of quantities and ratios.
    notes
        What a reader should be told.
    """

    locked: tuple[Group, ...]
    together: tuple[Group, ...]
    conflicts: Flags | None
    within: tuple[tuple[Signature, ...] | None, ...]
    max_councils: int
    body_limits: tuple[tuple[int, tuple[Ints, ...]], ...]
    caps: tuple[Group, ...]
    notes: tuple[str, ...]
    forms: tuple[Form, ...] = ()


def signatures(geography: Geography, layer: str) -> list[Signature]:
    """Return, for each council, the numbers of the bodies that hold more than half of its people.

    Parameters
    ----------
    geography
        The study area.
    layer
        Name of one of its layers.
    """
    people = sparse.csr_array(geography.people(layer))
    people.sum_duplicates()
    people.sort_indices()
    half = geography.councils["population"].to_numpy(dtype=np.float64) / 2
    rows = np.repeat(np.arange(people.shape[0]), np.diff(people.indptr))
    most = people.data > half[rows]
    found: list[list[int]] = [[] for _ in range(people.shape[0])]
    for council, body in zip(rows[most].tolist(), people.indices[most].tolist(), strict=True):
        found[council].append(body)
    return [tuple(bodies) for bodies in found]


def resolve(geography: Geography, scenario: Scenario) -> Resolved:
    """Find the councils that the scenario's constraints speak of.

    Parameters
    ----------
    geography
        The study area.
    scenario
        Its constraints name councils and bodies, by code or name.

    Returns
    -------
    Resolved
        The constraints in numbers of councils.

    Raises
    ------
    ScenarioError
        Naming every reference that leads nowhere and every constraint that contradicts itself.
    """
    return _Resolver(geography, scenario).resolve()


class _Resolver:
    """Resolves one scenario's constraints, collecting faults."""

    def __init__(self, geography: Geography, scenario: Scenario) -> None:
        self.geography, self.scenario = geography, scenario
        self.constraints = scenario.constraints
        codes = list(geography.councils.index)
        self.number = {code: i for i, code in enumerate(codes)}
        self.names = [str(name) for name in geography.councils["name"]]
        self.faults: list[str] = []
        self.notes: list[str] = []
        self._signatures: dict[str, list[Signature]] = {}

    def resolve(self) -> Resolved:
        locked = self.locked()
        together = self.together() + self.whole()
        conflicts = self.apart()
        conflicts = self.extent(conflicts)
        within = self.within()
        conflicts = self.across(conflicts, within)
        limits = tuple(
            (limit, tuple(self.bodies(layer).values()))
            for layer, limit in self.constraints.max_bodies_in_area.items()
            if self.known_layer(layer, "max_bodies_in_area")
        )
        caps = self.caps()
        raise_all(ScenarioError, self.faults, f'scenario "{self.scenario.name}"')
        return Resolved(
            locked=locked,
            together=together,
            conflicts=conflicts,
            within=within,
            max_councils=self.constraints.max_councils or 0,
            body_limits=limits,
            caps=caps,
            notes=tuple(self.notes),
            forms=make_forms(self.geography, self.scenario),
        )

    def known_layer(self, layer: str, where: str) -> bool:
        if layer in self.geography.layers:
            return True
        known = ", ".join(self.geography.layers) or "none"
        self.faults.append(f'constraints.{where}: there is no layer "{layer}" (there are: {known})')
        return False

    def signatures(self, layer: str) -> list[Signature]:
        if layer not in self._signatures:
            self._signatures[layer] = signatures(self.geography, layer)
        return self._signatures[layer]

    def bodies(self, layer: str) -> dict[int, Ints]:
        """Councils of each body that has any, by the body's number."""
        found: dict[int, list[int]] = {}
        for council, held in enumerate(self.signatures(layer)):
            for body in held:
                found.setdefault(body, []).append(council)
        return {body: np.array(found[body], dtype=np.int64) for body in sorted(found)}

    def find(self, reference: str, where: str) -> Ints:
        found = self.attempt(lambda: self.geography.find_councils(reference), where)
        return np.array(sorted(self.number[code] for code in found or ()), dtype=np.int64)

    def attempt(self, look_up: Callable[[], Sequence[Hashable]], where: str) -> Sequence[Hashable]:
        try:
            return look_up()
        except (DataError, UsageError) as error:
            self.faults.append(f"constraints.{where}: {error}")
            return ()

    def union(self, references: Sequence[str], where: str) -> Ints:
        found = [self.find(reference, where) for reference in references]
        return np.unique(np.concatenate([*found, np.zeros(0, dtype=np.int64)]))

    def locked(self) -> tuple[Group, ...]:
        groups: list[Group] = []
        owner: dict[int, str] = {}
        for lock in self.constraints.locked:
            councils = self.union([*lock.councils, *lock.bodies], f'locked "{lock.name}"')
            twice = [self.names[c] for c in councils.tolist() if c in owner]
            if twice:
                other = owner[next(c for c in councils.tolist() if c in owner)]
                self.faults.append(
                    f'constraints.locked: {", ".join(twice[:5])} lie in both "{other}" and "{lock.name}"; '
                    "take them out of one"
                )
            owner.update(dict.fromkeys(councils.tolist(), lock.name))
            if len(councils):
                groups.append(Group(lock.name, councils, exempt=lock.exempt))
        return tuple(groups)

    def together(self) -> tuple[Group, ...]:
        return tuple(
            Group(" and ".join(str(each) for each in references), self.union(references, "together"))
            for references in self.constraints.together
        )

    def whole(self) -> tuple[Group, ...]:
        groups = []
        for reference in self.constraints.whole:
            layer, _, body = reference.partition(":")
            if not self.known_layer(layer, "whole"):
                continue
            table = self.geography.layers[layer].bodies
            if body == "*":
                chosen = list(range(len(table)))
            else:
                found = self.attempt(lambda at=(layer, body): [self.geography.find_body(*at)], "whole")  # type: ignore[misc]
                chosen = [list(table.index).index(code) for code in found]
            councils = self.bodies(layer)
            for number in chosen:
                if number in councils:
                    groups.append(Group(f"{layer}:{table['name'].iloc[number]}", councils[number]))
                elif body != "*":
                    name = table["name"].iloc[number]
                    self.notes.append(
                        f"{name} is kept whole in vain: no council has most of its people in it."
                    )
        return tuple(groups)

    def apart(self) -> Flags | None:
        conflicts = None
        for references in self.constraints.apart:
            groups = [self.find(reference, "apart") for reference in references]
            for i, one in enumerate(groups):
                for j in range(i + 1, len(groups)):
                    both = np.intersect1d(one, groups[j])
                    if len(both):
                        names = ", ".join(self.names[c] for c in both[:5])
                        self.faults.append(
                            f"constraints.apart: {names} lie in both {references[i]} and {references[j]}, "
                            "which cannot be kept apart"
                        )
                    conflicts = self.blank() if conflicts is None else conflicts
                    conflicts[np.ix_(one, groups[j])] = True
                    conflicts[np.ix_(groups[j], one)] = True
        return conflicts

    def extent(self, conflicts: Flags | None) -> Flags | None:
        limit = self.constraints.max_extent_km
        if limit is None:
            return conflicts
        places = self.geography.councils[["x", "y"]].to_numpy(dtype=np.float64)
        unknown = [self.names[c] for c in np.flatnonzero(np.isnan(places).any(axis=1))]
        if unknown:
            self.faults.append(
                f"constraints.max_extent_km: the population centres of {', '.join(unknown[:5])} are not known"
            )
            return conflicts
        conflicts = self.blank() if conflicts is None else conflicts
        for council, place in enumerate(places):
            conflicts[council] |= np.hypot(*(places - place).T) > limit * 1000.0
        return conflicts

    def within(self) -> tuple[tuple[Signature, ...] | None, ...]:
        layers = [layer for layer in self.constraints.within if self.known_layer(layer, "within")]
        if not layers:
            return ()
        peopled = (self.geography.councils["population"].to_numpy(dtype=np.float64) > 0).tolist()
        held = zip(*(self.signatures(layer) for layer in layers), strict=True)
        return tuple(bodies if lived_in else None for bodies, lived_in in zip(held, peopled, strict=True))

    def across(
        self, conflicts: Flags | None, within: tuple[tuple[Signature, ...] | None, ...]
    ) -> Flags | None:
        if not within:
            return conflicts
        numbered = {signature: i for i, signature in enumerate(dict.fromkeys(within))}
        kind = np.array([numbered[signature] for signature in within])
        peopled = np.array([signature is not None for signature in within])
        conflicts = self.blank() if conflicts is None else conflicts
        conflicts |= (kind[:, None] != kind[None, :]) & peopled[:, None] & peopled[None, :]
        return conflicts

    def caps(self) -> tuple[Group, ...]:
        groups = []
        for reference, limit in self.constraints.max_areas_in_body.items():
            layer, _, body = reference.partition(":")
            if not self.known_layer(layer, "max_areas_in_body"):
                continue
            table = self.geography.layers[layer].bodies
            councils = self.bodies(layer)
            if body not in {"", "*"}:
                where = "max_areas_in_body"
                found = self.attempt(lambda at=(layer, body): [self.geography.find_body(*at)], where)  # type: ignore[misc]
                chosen = {list(table.index).index(code) for code in found}
                councils = {number: held for number, held in councils.items() if number in chosen}
            groups += [
                Group(f"{layer}:{table['name'].iloc[number]}", held, limit=limit)
                for number, held in councils.items()
            ]
        return tuple(groups)

    def blank(self) -> Flags:
        return np.zeros((len(self.names), len(self.names)), dtype=bool)
