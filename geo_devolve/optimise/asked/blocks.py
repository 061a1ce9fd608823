"""Blocks: connected councils with the same signature, which no plan separates.

A block that a constraint contradicts is split, and that is told; councils that must share an area are merged
where they hang together, and a locked area is one block.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np
import pandas as pd

from geo_devolve.constraints.ground import signatures
from geo_devolve.errors import InfeasibleError, first_few, raise_all
from geo_devolve.geography.model import Geography
from geo_devolve.objective.units import Ints
from geo_devolve.optimise.asked.resolved import Resolved, resolve
from geo_devolve.scenario import Scenario


@dataclass(frozen=True, eq=False)
class Blocks:
    """A partition of the councils into blocks.

    Attributes
    ----------
    members
        Codes of each block's councils; blocks are sorted by their first code, codes within a block too.
    of
        Number of the block of each council (index: code).
    notes
        What was split or merged, and why.
    locked
        Numbers of the blocks that are locked areas, in the scenario's order.
    councils
        As `members`, but numbers of the councils in the geography's order.
    """

    members: list[tuple[Hashable, ...]]
    of: pd.Series
    notes: list[str]
    locked: tuple[int, ...] = ()
    councils: tuple[Ints, ...] = ()


def make_blocks(
    geography: Geography, scenario: Scenario, resolved: Resolved | None = None, *, in_pieces: bool = False
) -> Blocks:
    """Partition the councils into blocks.

    Parameters
    ----------
    geography
        The study area.
    scenario
        Its `blocks` layers make signatures; its constraints split and merge blocks.
    resolved
        The scenario's constraints, if they are resolved already.
    in_pieces
        Whether a locked area that does not hang together is a block all the same, as for a plan that
        somebody drew so.

    Returns
    -------
    Blocks
        Every council in exactly one.

    Raises
    ------
    InfeasibleError
        If a locked area does not hang together.
    """
    if resolved is None:
        resolved = resolve(geography, scenario)
    return _Builder(geography, scenario, resolved, in_pieces=in_pieces).build()


class _Builder:
    """Builds one partition; parts are lists of council numbers."""

    def __init__(
        self, geography: Geography, scenario: Scenario, resolved: Resolved, *, in_pieces: bool
    ) -> None:
        self.geography, self.scenario, self.resolved = geography, scenario, resolved
        self.in_pieces = in_pieces
        self.codes = list(geography.councils.index)
        self.names = [str(name) for name in geography.councils["name"]]
        number = {code: i for i, code in enumerate(self.codes)}
        named = geography.neighbours(crossings=scenario.crossings, min_border_m=scenario.min_border_m)
        self.graph = nx.Graph()
        self.graph.add_nodes_from(range(len(self.codes)))
        self.graph.add_edges_from((number[one], number[other]) for one, other in named.edges())
        self.notes: list[str] = []
        self.touched: list[tuple[int, list[set[int]]]] = []
        for few in resolved.few_bodies:
            lies_in: list[set[int]] = [set() for _ in self.codes]
            for body, councils in enumerate(few.bodies):
                for council in councils.tolist():
                    lies_in[council].add(body)
            self.touched.append((few.limit, lies_in))

    def build(self) -> Blocks:
        held = [signatures(self.geography, layer) for layer in self.scenario.blocks]
        alone = not self.scenario.blocks
        parts = self.parts(
            range(len(self.codes)), lambda c: c if alone else tuple(layer[c] for layer in held)
        )
        parts = self.lock(parts)
        locked = {tuple(group.councils.tolist()) for group in self.resolved.locked}
        loose = [part for part in parts if tuple(part) not in locked]
        loose = self.merge(self.split(loose))
        return self.number([*loose, *(list(part) for part in locked)])

    def parts(self, councils: Iterable[int], key: Callable[[int], Hashable]) -> list[list[int]]:
        """Group connected councils with the same key; each part and the list of parts are sorted."""
        chosen = list(councils)
        keys = {council: key(council) for council in chosen}
        same = nx.Graph()
        same.add_nodes_from(chosen)
        same.add_edges_from(
            (one, other) for one, other in self.graph.subgraph(chosen).edges() if keys[one] == keys[other]
        )
        return sorted(sorted(part) for part in nx.connected_components(same))

    def lock(self, parts: list[list[int]]) -> list[list[int]]:
        """Make each locked area one part, and cut it out of the others."""
        faults = []
        owner: dict[int, int] = {}
        for number, group in enumerate(self.resolved.locked):
            councils = group.councils.tolist()
            pieces = list(nx.connected_components(self.graph.subgraph(councils)))
            if len(pieces) > 1 and not self.in_pieces:
                smallest = min(pieces, key=lambda piece: (len(piece), sorted(piece)))
                faults.append(
                    f'the locked area "{group.label}" does not hang together: '
                    f"{self.named(sorted(smallest))} is cut off; accept a crossing, or take it out"
                )
            owner.update(dict.fromkeys(councils, number))
        raise_all(InfeasibleError, faults, f'scenario "{self.scenario.name}"')
        kept = []
        for part in parts:
            rest = [council for council in part if council not in owner]
            if rest and len(rest) < len(part):
                self.notes.append(f"The block of {self.named(part)} is split, since part of it is locked.")
            kept += self.parts(rest, lambda _: 0) if len(rest) < len(part) else [part]
        return kept + [group.councils.tolist() for group in self.resolved.locked]

    def split(self, parts: list[list[int]]) -> list[list[int]]:
        """Split what a constraint contradicts: along the layers not to be crossed, else into councils."""
        kept = []
        for part in parts:
            why = self.contradicted(part)
            pieces = [part]
            if why and self.resolved.alike:
                pieces = self.parts(part, self.resolved.keys)
            pieces = [
                piece
                for whole in pieces
                for piece in ([[council] for council in whole] if self.contradicted(whole) else [whole])
            ]
            if len(pieces) > 1:
                self.notes.append(f"The block of {self.named(part)} is split, since {why}.")
            kept += pieces
        return kept

    def contradicted(self, part: list[int]) -> str:
        """Why a part cannot lie in one area, or an empty text."""
        if len(part) == 1:
            return ""
        resolved = self.resolved
        if resolved.max_councils and len(part) > resolved.max_councils:
            return f"it has {len(part)} councils and an area at most {resolved.max_councils}"
        for alike in resolved.alike:
            if len({alike.keys[council] for council in part} - {None}) > 1:
                return f"it crosses a border of {alike.label}"
        if resolved.conflicts is not None and resolved.conflicts[np.ix_(part, part)].any():
            one, other = np.argwhere(resolved.conflicts[np.ix_(part, part)])[0]
            return f"{self.names[part[one]]} and {self.names[part[other]]} may not share an area"
        for limit, lies_in in self.touched:
            touched = len(set().union(*(lies_in[council] for council in part)))
            if touched > limit:
                return f"it lies in {touched} bodies of a layer and an area in at most {limit}"
        return ""

    def merge(self, parts: list[list[int]]) -> list[list[int]]:
        """Merge parts that must share an area, where the union hangs together and nothing forbids it."""
        part_of = {council: i for i, part in enumerate(parts) for council in part}
        tied = nx.Graph()
        tied.add_nodes_from(range(len(parts)))
        for group in self.resolved.together:
            numbers = sorted({part_of[c] for c in group.councils.tolist() if c in part_of})
            if all(council in part_of for council in group.councils.tolist()):
                nx.add_path(tied, numbers)
        kept = []
        for component in nx.connected_components(tied):
            union = sorted(council for i in component for council in parts[i])
            fits = len(component) > 1 and not self.contradicted(union)
            if fits and nx.is_connected(self.graph.subgraph(union)):
                kept.append(union)
            else:
                kept += [parts[i] for i in sorted(component)]
        return kept

    def number(self, parts: Sequence[Sequence[int]]) -> Blocks:
        """Sort the parts by first code and number them."""
        ordered = sorted(sorted(part) for part in parts)
        of = np.zeros(len(self.codes), dtype=np.int64)
        for block, part in enumerate(ordered):
            of[part] = block
        return Blocks(
            members=[tuple(self.codes[council] for council in part) for part in ordered],
            of=pd.Series(of, index=self.geography.councils.index, name="block"),
            notes=self.notes,
            locked=tuple(int(of[group.councils[0]]) for group in self.resolved.locked),
            councils=tuple(np.array(part, dtype=np.int64) for part in ordered),
        )

    def named(self, councils: Sequence[int]) -> str:
        return first_few(self.names[council] for council in councils)
