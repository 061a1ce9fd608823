"""A sweep's rows, read again: as a table, as assignments, as plans."""

import json
import os
import shutil
import weakref
from collections.abc import Hashable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as pad
import pyarrow.parquet as pq
from numpy.typing import NDArray

from geo_devolve.errors import GeoDevolveError, UsageError, first_few
from geo_devolve.geography.fingerprint import fingerprint
from geo_devolve.geography.model import Geography
from geo_devolve.optimise.certificate import Certificate, CountResult
from geo_devolve.plan.plan import Plan
from geo_devolve.plan.propose import propose
from geo_devolve.scenario import Scenario
from geo_devolve.sweeps import reading, rows
from geo_devolve.sweeps.dataset import Dataset

_HEAVY = ("assignment", "scenario", "by_count", "notes")
_ROWS_AT_ONCE = 4096
_IS_FOUND = pad.field("status") == rows.FOUND

Numbers = NDArray[np.int16]


class Sweep:
    """What came of many scenarios.

    Attributes
    ----------
    folder
        Where the rows are kept: ``scenarios/`` is a Parquet dataset that anything else can read too.
    geography
        The study area.

    Parameters
    ----------
    folder, geography
        As above.
    fleeting
        Whether the folder goes when this does.
    """

    def __init__(self, folder: Path, geography: Geography, *, fleeting: bool = False) -> None:
        self.folder = folder
        self.geography = geography
        self._data = Dataset(folder)
        if fleeting:
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)

    def __repr__(self) -> str:
        """Tell how many scenarios, and how many came to a plan."""
        counts = self.table["status"].value_counts()
        found = int(counts.get(rows.FOUND, 0))
        proven = int(self.table["proven"].fillna(False).astype(bool).sum())
        rest = "".join(f", {many:,} {status}" for status, many in counts.items() if status != rows.FOUND)
        return f"<Sweep of {self.geography.name}: {found:,} plans, {proven:,} of them proven{rest}>"

    def __len__(self) -> int:
        return len(self.table)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a scenario: index ``digest``; columns name, status, reason, areas, the certificate's, then
        ``weight_…`` and ``term_…`` (unweighted) for each term, NaN where a scenario does not score it.
        """  # noqa: D205 - what the rows are is the summary
        names = [name for name in self._columns if name not in _HEAVY]
        return self._read(names).to_pandas().set_index("digest")

    @property
    def found(self) -> pd.DataFrame:
        """The rows of `table` that came to a plan."""
        return self.table[self.table["status"] == rows.FOUND]

    @property
    def failed(self) -> pd.DataFrame:
        """Name, status and reason of the scenarios without a plan."""
        return self.table.loc[self.table["status"] != rows.FOUND, ["name", "status", "reason"]]

    @cached_property
    def numbers(self) -> Numbers:
        """The number of each council's area (from 1), plans × councils, in the order of `found`."""
        return np.concatenate([np.zeros((0, len(self.geography.councils)), np.int16), *self.each_numbers()])

    def each_numbers(self) -> Iterator[Numbers]:
        """Yield `numbers` some thousand plans at a time, for sweeps that memory does not hold."""
        many = len(self.geography.councils)
        for batch in self._dataset.to_batches(columns=["assignment"], batch_size=_ROWS_AT_ONCE):
            values = batch.column("assignment").drop_null().flatten().to_numpy(zero_copy_only=False)
            yield values.reshape(-1, many)

    @property
    def assignments(self) -> pd.DataFrame:
        """The area (A01 …) of each council: index ``digest`` as `found`, columns the councils' codes."""
        index, councils = self.found.index, self.geography.councils.index
        codes = [rows.area_codes(each, councils).to_numpy() for each in self.numbers.tolist()]
        return pd.DataFrame(codes, index=index, columns=councils)

    def terms(self, by: Scenario | None = None) -> pd.DataFrame:
        """Return the unweighted terms of every plan: index ``digest`` as `found`, columns the terms.

        Parameters
        ----------
        by
            A scenario whose themes, layers and rules all plans are scored by. None takes each plan's own
            terms, which are only comparable where all scenarios have the same.

        Raises
        ------
        UsageError
            The scenarios score unlike things, and `by` does not say which count.
        """
        if by is not None:
            scored = reading.terms_by(self.geography, self.numbers, by)
            return pd.DataFrame(scored, index=self.found.index, columns=list(by.term_names))
        asked = [json.loads(text) for text in self._read(["scenario"], _IS_FOUND)["scenario"].to_pylist()]
        kinds = {
            (tuple(each["themes"]), tuple((key, term["rule"]) for key, term in each["layers"].items()))
            for each in asked
        }
        if len(kinds) > 1:
            raise UsageError(
                f"the sweep's scenarios score {len(kinds):,} different sets of themes, layers and rules; say "
                "by which scenario their plans shall be compared: by=scenario"
            )
        names = [*(f"{rows.TERM}{term}" for term in self._terms(asked[0] if asked else None))]
        table = self.found.reindex(columns=names)
        return table.rename(columns=dict(zip(names, (name[len(rows.TERM) :] for name in names), strict=True)))

    def front(self, by: Scenario | None = None) -> pd.DataFrame:
        """Weigh needs against coterminosity against compactness.

        Parameters
        ----------
        by
            See `terms`; its layers' weights also say how much each layer's misfit counts. Without it, the
            mean of all scenarios' weights does.

        Returns
        -------
        DataFrame
            One row a different plan: index ``digest`` (the first scenario's that chose it); columns name,
            areas, scenarios (how many chose it), misfit (mean over the layers), need, compactness (each
            the smaller the better), front (whether no other plan is at least as good in all three).
        """
        terms = self.terms(by)
        layers = [str(term) for term in terms if term not in {"need", "compactness", "balance"}]
        if by is not None:
            weights = {layer: by.layers[layer].weight for layer in layers}
        else:
            weights = {layer: float(self.found[f"{rows.WEIGHT}{layer}"].mean()) for layer in layers}
        table = self.found[["name", "areas"]].join(reading.axes_of(terms, weights))
        _, first, place = np.unique(self.numbers, axis=0, return_index=True, return_inverse=True)
        counts = np.bincount(place.ravel(), minlength=len(first))
        order = np.argsort(first)
        table = table.iloc[first[order]]
        table.insert(2, "scenarios", counts[order])
        table["front"] = reading.best_in_no_worse(table[list(reading.AXES)].to_numpy(float))
        return table

    def together(self) -> pd.DataFrame:
        """Return the share of plans in which each two councils lie in one area, councils × councils."""
        councils = self.geography.councils.index
        return pd.DataFrame(self._share, index=councils, columns=councils)

    def borders(self) -> pd.DataFrame:
        """Return each pair of neighbours (council, neighbour), and how often they are together."""
        return reading.borders_together(self.geography, self._share)

    def cores(self, threshold: float = 0.95) -> pd.DataFrame:
        """Return what holds together in nearly all plans: councils, names and population of each core.

        Parameters
        ----------
        threshold
            In which share of plans two neighbours are together to count as settled.
        """
        return reading.settled_cores(self.geography, self.borders(), threshold)

    def nearest(self, drawn: Plan, most: int = 5) -> pd.DataFrame:
        """Return the scenarios whose plans are nearest to one drawn by hand, or to any other.

        Parameters
        ----------
        drawn
            A plan of the same councils, such as `gd.drawn_plan` gives.
        most
            How many.

        Returns
        -------
        DataFrame
            Index ``digest``, the nearest first; columns name, areas, adjusted_rand (1: the same),
            councils_moved, people_moved; then the weights.
        """
        alike = self.found.assign(adjusted_rand=reading.likeness(self.numbers, drawn))
        alike = alike.sort_values("adjusted_rand", ascending=False, kind="stable").head(most)
        moves = [reading.moved(drawn, self.plan(str(digest))) for digest in alike.index]
        alike["councils_moved"] = [councils for councils, _ in moves]
        alike["people_moved"] = [people for _, people in moves]
        weights = [name for name in alike if str(name).startswith(rows.WEIGHT)]
        return alike[["name", "areas", "adjusted_rand", "councils_moved", "people_moved", *weights]]

    @cached_property
    def _share(self) -> NDArray[np.float64]:
        return reading.co_membership(self.each_numbers(), len(self.geography.councils))

    @staticmethod
    def _terms(asked: dict[str, Any] | None) -> list[str]:
        return ["need", *(asked["layers"] if asked else ()), "compactness", "balance"]

    def scenario(self, digest: str) -> Scenario:
        """Return what was asked, by digest, the beginning of one, or name."""
        return Scenario.from_mapping(json.loads(self._row(digest)["scenario"]))

    def plan(self, digest: str) -> Plan:
        """Return a plan, as `propose` gave it.

        Parameters
        ----------
        digest
            Of the scenario; the beginning of it is enough, and its name does too.

        Raises
        ------
        UsageError
            The sweep has no such scenario, or more than one, or it came to no plan.
        """
        row = self._row(digest)
        if row["status"] != rows.FOUND:
            raise UsageError(f'"{row["name"]}" came to no plan: {row["reason"]}')
        names = ("objective", "bound", "gap", "proven", "scope", "candidates", "blocks", "engine", "solver")
        certificate = Certificate(
            **{name: row[name] for name in (*names, "rests_on", "stopped")},
            seconds=self._seconds(row["digest"]),
            by_count=tuple(CountResult(**each) for each in row["by_count"]),
        )
        scenario = Scenario.from_mapping(json.loads(row["scenario"]))
        assignment = rows.area_codes(row["assignment"], self.geography.councils.index)
        return Plan(self.geography, scenario, assignment, certificate, tuple(row["notes"]))

    def explain(self, digest: str) -> str:
        """Say why a scenario has no plan, and what would make one possible; this takes some seconds.

        Parameters
        ----------
        digest
            Of a scenario without a plan, as for `plan`.
        """
        row = self._row(digest)
        if row["status"] == rows.FOUND:
            raise UsageError(f'"{row["name"]}" has a plan')
        try:
            propose(self.geography, Scenario.from_mapping(json.loads(row["scenario"])))
        except GeoDevolveError as error:
            return str(error)
        return f"{row['reason']} (but now there is a plan: run the sweep again with retry)"

    @cached_property
    def _columns(self) -> list[str]:
        return [name for name in self._dataset.schema.names if name not in rows.VOLATILE]

    @property
    def _dataset(self) -> Any:
        return pad.dataset([str(file) for file in sorted(self._data.scenarios.glob("*.parquet"))])

    def _read(self, columns: list[str], within: Any = None) -> pa.Table:
        return self._dataset.to_table(columns=columns, filter=within)

    def _row(self, digest: str) -> dict[str, Any]:
        known = self.table["name"]
        meant = known.index.str.startswith(digest) | (known == digest).to_numpy()
        hits: list[str] = list(known.index[meant]) if digest else []
        if len(hits) != 1:
            if len(hits):
                raise UsageError(
                    f'"{digest}" are {len(hits):,} scenarios: {first_few(hits)}; give the digest'
                )
            raise UsageError(f'the sweep has no scenario "{digest}"; its table lists them')
        (row,) = self._read(self._columns, pad.field("digest") == hits[0]).to_pylist()
        return dict(row)

    def _seconds(self, digest: str) -> float:
        if not self._data.timings.is_file():
            return 0.0
        kept = pq.read_table(self._data.timings, filters=[("digest", "==", digest)])
        return float(kept["seconds"][0].as_py()) if kept.num_rows else 0.0


def open_sweep(folder: str | os.PathLike[str], geography: Geography) -> Sweep:
    """Read the results of a sweep.

    Parameters
    ----------
    folder
        What was given as `out`.
    geography
        The study area that was swept.

    Raises
    ------
    UsageError
        The folder holds no sweep, one of another geography, or one that never came to its end.
    """
    data = Dataset(Path(folder))
    codes: list[Hashable] = list(data.councils())
    if codes != list(geography.councils.index) or data.fingerprint() != fingerprint(geography):
        raise UsageError(
            f"{folder} holds a sweep of {data.geography_name()}, and {geography.name} is not the same"
        )
    if not data.scenarios.is_dir():
        raise UsageError(f"the sweep in {folder} was not finished; run it again, and it goes on")
    return Sweep(data.folder, geography)
