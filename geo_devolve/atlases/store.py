"""An atlas's folder: parts of fixed content that appear whole or not at all, so that a killed run goes on.

::

    atlas.json                  what the plans are of, how many there are, what the columns mean
    plans-003-000000.parquet    the first plans with three areas
    plans-003-000001.parquet    the next ones

What stands in a part depends on the geography and the scenario alone. A part that is there is left as it is,
so the bytes in the end are those of a run that nothing stopped.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from geo_devolve.atlases.listing import Listing
from geo_devolve.errors import DataError, UsageError
from geo_devolve.geography.fingerprint import fingerprint
from geo_devolve.progress import Progress

FORMAT = "geo-devolve atlas 1"
ABOUT = "atlas.json"
STAGE = "listing plans"
ROWS_A_PART = 131_072
ROWS_AT_ONCE = 32_768
_WRITING = ".writing-"


@dataclass(frozen=True)
class Part:
    """Plans that stand in one file.

    Attributes
    ----------
    areas
        How many areas they have.
    place
        The number of the part among those with as many areas.
    many
        How many plans.
    """

    areas: int
    place: int
    many: int

    @property
    def name(self) -> str:
        """Of the file."""
        return f"plans-{self.areas:03d}-{self.place:06d}.parquet"


def parts_of(counts: pd.Series) -> list[Part]:
    """Divide plans into parts.

    Parameters
    ----------
    counts
        Number of plans by number of areas.
    """
    return [
        Part(int(areas), place, min(ROWS_A_PART, plans - place * ROWS_A_PART))
        for areas, plans in counts.items()
        for place in range(-(-plans // ROWS_A_PART))
    ]


def about(listing: Listing) -> dict[str, Any]:
    """Return what `atlas.json` says: the same for the same geography and scenario."""
    geography = listing.geography
    return {
        "format": FORMAT,
        "geography": {
            "name": geography.name,
            "title": geography.title,
            "fingerprint": fingerprint(geography),
            "only": [str(code) for code in geography.study_area],
        },
        "scenario": listing.scenario.to_mapping(),
        "councils": [str(code) for code in geography.councils.index],
        "blocks": listing.prepared.units.n,
        "plans": {str(areas): int(plans) for areas, plans in listing.counts.items()},
        "criteria": [
            {"name": each.name, "title": each.title, "better": each.better, "whole": each.whole}
            for each in listing.columns
        ],
        "rows_a_part": ROWS_A_PART,
        "attribution": geography.attribution,
    }


def write(listing: Listing, folder: Path, progress: Progress) -> None:
    """Write every plan, or those that an earlier run did not come to.

    Parameters
    ----------
    listing
        All plans.
    folder
        Made if it is not there.
    progress
        Told how many plans are written.

    Raises
    ------
    UsageError
        Where the folder holds something else, or cannot be written.
    """
    document = json.dumps(about(listing), ensure_ascii=False, indent=1) + "\n"
    try:
        _open(folder, document)
        total, done = int(listing.counts.sum()), 0
        for part in parts_of(listing.counts):
            progress(STAGE, done, total)
            if not (folder / part.name).exists():
                _write(listing, part, folder / part.name)
            done += part.many
        progress(STAGE, total, total)
    except OSError as error:
        raise UsageError(f"{folder}: the atlas cannot be written: {error}") from error


def read(folder: Path, part: Part, columns: list[str] | None = None) -> pd.DataFrame:
    """Read one part.

    Parameters
    ----------
    folder, part
        Which.
    columns
        Those wanted, all by default.

    Raises
    ------
    DataError
        Where it is missing or damaged.
    """
    try:
        table = pq.read_table(folder / part.name, columns=columns)
    except (OSError, pa.ArrowInvalid, pa.ArrowKeyError) as error:
        raise DataError(f"{folder / part.name}: it cannot be read: {error}; run the atlas again") from error
    if table.num_rows != part.many:
        raise DataError(f"{folder / part.name}: {table.num_rows} plans where {part.many} are expected")
    return table.to_pandas()


def read_about(folder: Path) -> dict[str, Any]:
    """Return what an atlas's folder says of itself.

    Raises
    ------
    UsageError
        Where there is no atlas.
    DataError
        Where what it says is damaged.
    """
    try:
        document = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    except OSError:
        raise UsageError(f"{folder}: there is no {ABOUT}; give a folder that atlas wrote into") from None
    except ValueError as error:
        raise DataError(f"{folder / ABOUT}: it cannot be read as JSON: {error}") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise DataError(f"{folder / ABOUT}: it is not of the format {FORMAT!r}")
    return document


def _open(folder: Path, document: str) -> None:
    """Make the folder, or take up what a run of the same atlas has left."""
    folder.mkdir(parents=True, exist_ok=True)
    known = folder / ABOUT
    for left in folder.glob(f"{_WRITING}*"):
        left.unlink()
    if known.exists():
        if known.read_text(encoding="utf-8") != document:
            raise UsageError(
                f"{folder} holds an atlas of another geography or scenario; choose another folder"
            )
        return
    if any(folder.iterdir()):
        raise UsageError(f"{folder} holds other files and no atlas; choose an empty or new folder")
    _put(known, lambda path: path.write_text(document, encoding="utf-8"))


def _write(listing: Listing, part: Part, path: Path) -> None:
    first = part.place * ROWS_A_PART

    def rows() -> Iterator[pa.Table]:
        for start in range(0, part.many, ROWS_AT_ONCE):
            frame = listing.rows(part.areas, first + start, min(ROWS_AT_ONCE, part.many - start))
            yield pa.Table.from_pandas(frame, preserve_index=False)

    def put(path: Path) -> None:
        writer = None
        for table in rows():
            if writer is None:
                writer = pq.ParquetWriter(path, table.schema, compression="zstd")
            writer.write_table(table)
        if writer is not None:
            writer.close()

    _put(path, put)


def _put(path: Path, write_to: Any) -> None:
    """Let a file appear under its name only when it is whole."""
    writing = path.with_name(f"{_WRITING}{path.name}")
    write_to(writing)
    with writing.open("rb") as file:
        os.fsync(file.fileno())
    writing.replace(path)
