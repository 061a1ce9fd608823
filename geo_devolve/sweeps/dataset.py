"""A sweep's folder: parts while it runs, one dataset in the end, nothing ever half written.

::

    sweep.json            which geography, which councils
    parts/                one file a finished batch, merged now and then; gone when the sweep is done
    scenarios/            the dataset: rows sorted by digest, the same bytes whoever solved them in what order
    timings.parquet       seconds and worker of each digest, which no two runs agree on
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import ceil, log2
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pad
import pyarrow.parquet as pq

from geo_devolve.errors import UsageError
from geo_devolve.geography.model import Geography
from geo_devolve.sweeps import rows

ROWS_A_FILE = 4096
"""About so many rows are sorted in memory at once, and stand in one file of the dataset."""

MOST_PARTS = 128
"""From so many on, parts are merged into one."""

FORMAT = 1
_WRITING = ".writing-"


class Dataset:
    """The folder of a sweep.

    Parameters
    ----------
    folder
        Where it is, or shall be.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.parts = folder / "parts"
        self.scenarios = folder / "scenarios"
        self.timings = folder / "timings.parquet"
        self.about = folder / "sweep.json"

    def open(self, geography: Geography, fingerprint: str) -> None:
        """Make the folder, or take up one that a run has left, whatever it died of.

        Parameters
        ----------
        geography
            The study area.
        fingerprint
            Its fingerprint.

        Raises
        ------
        UsageError
            Where the folder holds something else, or a sweep of another geography, or cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            known = self._known()
            if known and known["fingerprint"] != fingerprint:
                raise UsageError(
                    f"{self.folder} holds a sweep of {known['geography']}, and what was read now is not the "
                    f"same geography ({geography.name}); choose another folder"
                )
            if not known:
                if any(self.folder.glob("[!.]*")):
                    raise UsageError(
                        f"{self.folder} holds files, but no sweep to go on with; choose another folder"
                    )
                self._write_about(geography, fingerprint)
            self._tidy()
            self.parts.mkdir(exist_ok=True)
        except OSError as fault:
            raise UsageError(f"cannot write into {self.folder}: {fault.strerror or fault}") from None

    def councils(self) -> pd.Index:
        """Return the councils' codes, in the order of every assignment."""
        known = self._known()
        if not known:
            raise UsageError(f"{self.folder} holds no sweep")
        return pd.Index([_as_code(code) for code in known["councils"]], name="code", tupleize_cols=False)

    def geography_name(self) -> str:
        """Return which geography was swept."""
        return str((self._known() or {}).get("geography", ""))

    def fingerprint(self) -> str:
        """Return the fingerprint of the geography that was swept."""
        return str((self._known() or {}).get("fingerprint", ""))

    def add(self, table: pa.Table) -> None:
        """Keep finished rows as a part of their own; merge parts when there are many.

        Parameters
        ----------
        table
            From `rows.to_table`.
        """
        if not table.num_rows:
            return
        digest = table["digest"][0].as_py()
        self._write(table, self.parts / f"part-{digest[:20]}-{table.num_rows:05d}.parquet")
        found = sorted(self.parts.glob("part-*.parquet"))
        if len(found) >= MOST_PARTS:
            # Big parts are left alone until there are many of them: merging stays cheap however many come.
            small = sorted(found, key=lambda part: part.stat().st_size)[: MOST_PARTS - MOST_PARTS // 8]
            merged = _read(small)
            name = f"part-{merged['digest'][0].as_py()[:20]}-{merged.num_rows:05d}.parquet"
            self._write(merged, self.parts / name)
            for part in small:
                if part.name != name:
                    part.unlink()

    def digests(self, status: str | None = None) -> set[bytes]:
        """Return the digests of what is finished, those of one status only if asked."""
        kept: set[bytes] = set()
        for file in self.files():
            table = pq.read_table(file, columns=["digest", "status"])
            if status is not None:
                table = table.filter(pc.equal(table["status"], status))
            kept.update(bytes.fromhex(digest) for digest in table["digest"].to_pylist())
        return kept

    def drop(self, digests: set[bytes]) -> None:
        """Forget rows, so that they are solved again."""
        for file in self.files():
            table = pq.read_table(file)
            again = [bytes.fromhex(digest) in digests for digest in table["digest"].to_pylist()]
            if any(again):
                kept = table.filter(pa.array([not each for each in again]))
                if kept.num_rows:
                    self._write(kept, file)
                else:
                    file.unlink()

    def files(self) -> list[Path]:
        """Return every file that holds rows: those of the dataset, then the parts not yet in it."""
        return [*sorted(self.scenarios.glob("*.parquet")), *sorted(self.parts.glob("part-*.parquet"))]

    def finish(self) -> None:
        """Sort all rows into the dataset, which then is the same bytes for the same scenarios."""
        files = self.files()
        if any(file.parent == self.parts for file in files) or not self.scenarios.is_dir():
            new = self.folder / f"{_WRITING}scenarios"
            new.mkdir()
            schema = _schema_of(files)
            for number, table in enumerate(self._buckets(files)):
                kept = table.drop_columns(list(rows.VOLATILE))
                self._write(
                    _in_schema(kept, schema, without=rows.VOLATILE), new / f"scenarios-{number:05d}.parquet"
                )
            self._write_timings(files)
            old = self.folder / f"{_WRITING}old"
            if self.scenarios.is_dir():
                self.scenarios.rename(old)
            new.rename(self.scenarios)
            shutil.rmtree(old, ignore_errors=True)
        shutil.rmtree(self.parts, ignore_errors=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep a second run out of the folder while this one writes; a killed run's lock is gone with it.

        Raises
        ------
        UsageError
            Another run is at work in the folder.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = (self.folder / ".lock").open("w")
        except OSError as fault:
            raise UsageError(f"cannot write into {self.folder}: {fault.strerror or fault}") from None
        with lock as file:
            try:
                import fcntl  # noqa: PLC0415 - not on Windows, where a folder has one user at a time

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except ImportError:
                pass
            except OSError:
                raise UsageError(
                    f"another run is writing into {self.folder}; wait for it, or choose another folder"
                ) from None
            yield

    def _known(self) -> dict[str, Any] | None:
        try:
            known = json.loads(self.about.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as fault:
            raise UsageError(f"{self.about} cannot be read: {fault}") from None
        if not isinstance(known, Mapping) or known.get("format") != FORMAT:
            raise UsageError(f"{self.about} is not of a sweep that this version can go on with")
        return dict(known)

    def _write_about(self, geography: Geography, fingerprint: str) -> None:
        about = {
            "format": FORMAT,
            "geography": geography.name,
            "fingerprint": fingerprint,
            "inputs": dict(geography.inputs),
            "councils": [_as_json(code) for code in geography.councils.index],
        }
        text = json.dumps(about, ensure_ascii=False, indent=1) + "\n"
        _replace(self.about, lambda file: file.write_text(text, encoding="utf-8"))

    def _tidy(self) -> None:
        """Put right what a killed run has left: half a move is undone, half-written files go."""
        old = self.folder / f"{_WRITING}old"
        if old.is_dir() and not self.scenarios.is_dir():
            old.rename(self.scenarios)
        for left in [*self.folder.glob(f"{_WRITING}*"), *self.parts.glob(f"{_WRITING}*")]:
            shutil.rmtree(left) if left.is_dir() else left.unlink()

    def _buckets(self, files: Sequence[Path]) -> Iterator[pa.Table]:
        """Yield all rows, each digest once, in the order of digests, as many at a time as memory likes."""
        many = sum(pq.read_metadata(file).num_rows for file in files)
        bits = max(0, ceil(log2(max(1, many) / ROWS_A_FILE)))
        for bucket in range(2**bits):
            digits = max(1, ceil(bits / 4))
            width = 16**digits // 2**bits if bits else 0
            low = f"{bucket * width:0{digits}x}" if bits else ""
            high = f"{(bucket + 1) * width:0{digits}x}" if bits and bucket + 1 < 2**bits else "g"
            within = (pc.field("digest") >= low) & (pc.field("digest") < high)
            yield _read(files, within)

    def _write_timings(self, files: Sequence[Path]) -> None:
        """Write seconds and worker of each digest, those of earlier runs included."""
        fresh = [file for file in files if file.parent == self.parts]
        tables = [pq.read_table(file, columns=["digest", *rows.VOLATILE]) for file in fresh]
        if self.timings.is_file():
            tables.append(pq.read_table(self.timings))
        if tables:
            self._write(_once(pa.concat_tables(tables)), self.timings)

    @staticmethod
    def _write(table: pa.Table, file: Path) -> None:
        def write(path: Path) -> None:
            pq.write_table(table, path, compression="zstd", version="2.6", row_group_size=ROWS_A_FILE)

        _replace(file, write)


def _replace(file: Path, write: Any) -> None:
    """Write a file beside its place, then move it there."""
    beside = file.with_name(f"{_WRITING}{file.name}")
    write(beside)
    with beside.open("rb") as written:
        os.fsync(written.fileno())
    beside.replace(file)


def _schema_of(files: Sequence[Path]) -> pa.Schema:
    """Return the fixed columns, then the terms and weights of any file, in alphabetical order."""
    names = {name for file in files for name in pq.read_schema(file).names}
    terms = sorted(names - set(rows.FIXED.names))
    return pa.schema([*rows.FIXED, *((name, pa.float64()) for name in terms)])


def _read(files: Sequence[Path], within: Any = None) -> pa.Table:
    """Read files of unlike columns, each digest once, in the order of digests."""
    schema = _schema_of(files)
    if not files:
        return schema.empty_table()
    table = pad.dataset([str(file) for file in files], schema=schema).to_table(filter=within)
    return _once(table)


def _once(table: pa.Table) -> pa.Table:
    order = pc.sort_indices(table, sort_keys=[("digest", "ascending")])
    table = table.take(order)
    digests = table["digest"].to_pylist()
    first = [at == 0 or digest != digests[at - 1] for at, digest in enumerate(digests)]
    return table if all(first) else table.filter(pa.array(first))


def _in_schema(table: pa.Table, schema: pa.Schema, without: Sequence[str]) -> pa.Table:
    wanted = pa.schema([field for field in schema if field.name not in without])
    # Chunks decide how a file is written: one chunk, the same bytes.
    return table.select(wanted.names).cast(wanted).combine_chunks()


def _as_json(code: Any) -> Any:
    if isinstance(code, tuple):
        return {"tuple": [_as_json(each) for each in code]}
    return code.item() if hasattr(code, "item") else code


def _as_code(kept: Any) -> Any:
    return tuple(_as_code(each) for each in kept["tuple"]) if isinstance(kept, dict) else kept
