"""What has been fetched, kept on disk so that a fetch can be resumed and never has to be made twice.

A page is written beside its place and moved there, and carries the hash of its bytes in its name, so that
what a killed process or a full disk left behind is never read as whole. A finished download counts only once
its record is written, which is last.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import platformdirs

from geo_devolve.outside import parse_json
from geo_devolve.scratch import scratch

_PAGE = re.compile(r"(\d{9})-(\d+)-([0-9a-f]{64})\.json")


def default_cache() -> Path:
    """Return the folder of the operating system for what can be fetched again."""
    return Path(platformdirs.user_cache_path("geo-devolve")) / "portal"


def digest(content: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there completely or not at all, whatever happens in between.

    Parameters
    ----------
    path
        Where; its folder is made if need be.
    content
        All of it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with scratch(path.parent, ".partial-") as folder:
        part = folder / path.name
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)


@dataclass(frozen=True)
class Record:
    """What is known of a finished download.

    Attributes
    ----------
    service, url
        The service's key in the catalogue and its address.
    rows
        How many objects it holds.
    sha256
        Of the file's bytes.
    edited
        When the portal says that the data was last edited (ms since 1970), None where it does not say.
    file
        The file's name inside its folder of the cache.
    """

    service: str
    url: str
    rows: int
    sha256: str
    edited: int | None
    file: str


class Shelf:
    """The place in the cache for one question to one service.

    Parameters
    ----------
    root
        The cache's folder.
    service
        The service's name in the catalogue, for people who look into the folder.
    question
        All that decides what the answer is (address, filter, format): two questions never share a place.
    """

    def __init__(self, root: Path, service: str, question: Mapping[str, object]) -> None:
        key = digest(json.dumps(question, sort_keys=True).encode())[:16]
        self.folder = root / f"{re.sub(r'[^A-Za-z0-9_-]', '_', service)[:60]}-{key}"

    def _parts(self, fingerprint: str) -> Path:
        return self.folder / f"parts-{fingerprint[:16]}"

    def pages(self, fingerprint: str) -> list[tuple[int, bytes]]:
        """Return the pages kept of this state of the service, from the first on without a hole.

        Parameters
        ----------
        fingerprint
            Tells one state of the service's data from another; pages of another state are left aside.

        Returns
        -------
        list of (int, bytes)
            How many objects each page holds, and its bytes.
        """
        kept: dict[int, tuple[int, bytes]] = {}
        for path in sorted(self._parts(fingerprint).glob("*.json")):
            named = _PAGE.fullmatch(path.name)
            if named is None:
                continue
            content = path.read_bytes()
            if digest(content) == named[3]:
                kept[int(named[1])] = (int(named[2]), content)
        found, offset = [], 0
        while offset in kept and kept[offset][0] > 0:
            found.append(kept[offset])
            offset += kept[offset][0]
        return found

    def keep_page(self, fingerprint: str, offset: int, rows: int, content: bytes) -> None:
        """Keep one page of an unfinished download."""
        write_whole(self._parts(fingerprint) / f"{offset:09d}-{rows}-{digest(content)}.json", content)

    def drop_pages(self) -> None:
        """Forget the pages of every unfinished download of this question."""
        for parts in self.folder.glob("parts-*"):
            shutil.rmtree(parts, ignore_errors=True)

    def finish(self, record: Record, content: bytes) -> Path:
        """Keep a verified download, and only then forget its pages.

        Returns
        -------
        Path
            The file.
        """
        path = self.folder / record.file
        write_whole(path, content)
        write_whole(self.folder / "record.json", json.dumps(asdict(record), indent=1).encode())
        self.drop_pages()
        return path

    def whole(self) -> tuple[Record, Path] | None:
        """Return the finished download, or None where there is none or its bytes have changed."""
        try:
            record = Record(**parse_json((self.folder / "record.json").read_bytes()))
            path = self.folder / Path(record.file).name
            return (record, path) if digest(path.read_bytes()) == record.sha256 else None
        except (OSError, ValueError, TypeError):
            return None
