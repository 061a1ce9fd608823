"""The files of one folder: found inside it, hashed, unpacked within a limit, never looked for elsewhere."""

import gzip
import hashlib
import io
import zipfile
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath

from geo_devolve.errors import first_few
from geo_devolve.geography.reading.findings import Findings
from geo_devolve.geography.reading.numbers import Marks
from geo_devolve.outside import UnreadableFileError, boundary, reason

LARGEST_FILE = 2_000_000_000
LARGEST_UNPACKED = 2_000_000_000
LARGEST_RATIO = 200
"""A file of geography shrinks to a twentieth at best; what grows beyond this is no file of geography."""
SMALL = 50_000_000
"""Up to this many bytes unpacked, the ratio does not matter."""


@dataclass
class Folder:
    """A geography's folder.

    Attributes
    ----------
    path : pathlib.Path
        The folder, resolved.
    findings : Findings
        Where faults are noted.
    inputs : dict of str to str
        SHA-256 of every file read so far, by its name in the folder.
    encodings : dict of str to str
        The encodings that the manifest states, by the file's name.
    decimals : dict of str to str
        The decimal marks that it states.
    marks : dict of str to Marks
        How each table that was read writes its numbers.
    """

    path: Path
    findings: Findings
    inputs: dict[str, str] = field(default_factory=dict)
    encodings: dict[str, str] = field(default_factory=dict)
    decimals: dict[str, str] = field(default_factory=dict)
    marks: dict[str, Marks] = field(default_factory=dict)

    def find(self, name: str) -> Path:
        """Return where a file of the folder is.

        Parameters
        ----------
        name
            As the manifest writes it, with "/" between folders.

        Raises
        ------
        UnreadableFileError
            Where it is not there, is no file, or lies outside the folder (also by a symbolic link).
        """
        if not name or "\\" in name or name.startswith("/") or PureWindowsPath(name).drive or "\0" in name:
            raise UnreadableFileError(
                'is not the name of a file in the folder; write it relative to the folder, with "/"'
            )
        path = self.path / name
        try:
            real = path.resolve(strict=True)
        except FileNotFoundError:
            beside = sorted(each.name for each in self.path.iterdir() if each.is_file())
            listed = f"; the folder holds {first_few(beside)}" if beside else ""
            raise UnreadableFileError(f"is missing{listed}") from None
        except (OSError, RuntimeError, ValueError) as error:
            raise UnreadableFileError(f"cannot be opened ({reason(error)})") from None
        if not real.is_relative_to(self.path):
            raise UnreadableFileError("lies outside the folder; copy it into the folder")
        if not real.is_file():
            raise UnreadableFileError("is not a file")
        if real.stat().st_size > LARGEST_FILE:
            raise UnreadableFileError(
                f"is larger than {LARGEST_FILE / 1e9:g} GB; cut it to the study area before loading it"
            )
        return real

    def read(self, name: str) -> bytes:
        """Return a file's bytes, unpacked if it is a .gz, and remember its hash.

        Raises
        ------
        UnreadableFileError
            Where it is missing, truncated, damaged or too large.
        """
        path = self.find(name)
        try:
            packed = path.read_bytes()
        except OSError as error:
            raise UnreadableFileError(f"cannot be read ({error.strerror or error})") from None
        self.inputs[name] = hashlib.sha256(packed).hexdigest()
        if not packed:
            raise UnreadableFileError("is empty; get the file again")
        return gunzip(packed) if packed[:2] == b"\x1f\x8b" else packed

    def hash(self, name: str) -> Path:
        """Find a file that a library will read by itself, and remember its hash."""
        path = self.find(name)
        with boundary(UnreadableFileError, what="cannot be read"), path.open("rb") as stream:
            self.inputs[name] = hashlib.file_digest(stream, "sha256").hexdigest()
        return path

    def beside(self, name: str, endings: Collection[str]) -> dict[str, Path]:
        """Find the parts of a file that has several, whatever the case of their names, and hash each.

        Parameters
        ----------
        name
            The main file.
        endings
            Of the others, in small letters, such as ``.dbf``.

        Returns
        -------
        dict of str to pathlib.Path
            By ending, those that are there.

        Raises
        ------
        UnreadableFileError
            One lies outside the folder, also by a symbolic link.
        """
        main = PurePosixPath(name)
        found: dict[str, Path] = {}
        for each in sorted(
            (self.path / main.parent).iterdir(), key=lambda path: (path.stem != main.stem, path)
        ):
            ending = each.suffix.lower()
            if ending in endings and ending not in found and each.stem.casefold() == main.stem.casefold():
                part = str(main.parent / each.name)
                try:
                    found[ending] = self.hash(part)
                except UnreadableFileError as error:
                    raise UnreadableFileError(f"belongs with {part}, which {error}") from None
        return found


def gunzip(packed: bytes) -> bytes:
    """Unpack a gzip file within the limits.

    Raises
    ------
    UnreadableFileError
        Where it is truncated, damaged or grows beyond the limits.
    """
    most = limit(len(packed))
    damaged = boundary(UnreadableFileError, what="is truncated or damaged", remedy="get the file again")
    with damaged, gzip.GzipFile(fileobj=io.BytesIO(packed)) as stream:
        data = stream.read(most + 1)
        if len(data) > most:
            raise UnreadableFileError(_TOO_MUCH.format(most / 1e6))
    return data


def unzip(packed: bytes) -> dict[str, bytes]:
    """Unpack a zip file into memory, within the limits.

    Nothing is written under a name that the archive chose.

    Returns
    -------
    dict of str to bytes
        The members' bytes by their names, sorted; folders left out.

    Raises
    ------
    UnreadableFileError
        Where it is truncated, damaged, encrypted, or grows beyond the limits.
    """
    most = limit(len(packed))
    members: dict[str, bytes] = {}
    damaged = "is truncated or damaged, or cannot be unpacked"
    with (
        boundary(
            UnreadableFileError, what=damaged, remedy="get the file again, or unpack it into the folder"
        ),
        zipfile.ZipFile(io.BytesIO(packed)) as archive,
    ):
        for member in sorted(archive.infolist(), key=lambda each: each.filename):
            if member.is_dir():
                continue
            with archive.open(member) as stream:
                data = stream.read(most + 1)
            most -= len(data)
            if most < 0:
                raise UnreadableFileError(_TOO_MUCH.format(limit(len(packed)) / 1e6))
            members[member.filename] = data
    return members


_TOO_MUCH = "grows to more than {:,.0f} MB when unpacked, which no file of geography does; unpack it by hand"


def limit(packed: int) -> int:
    """Return how many bytes a packed file may grow to."""
    return min(LARGEST_UNPACKED, max(SMALL, packed * LARGEST_RATIO))
