"""The files of one folder: found inside it, hashed, unpacked within a limit, never looked for elsewhere."""

import gzip
import hashlib
import io
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath

from geo_devolve.errors import first_few
from geo_devolve.geography.reading.findings import Findings

LARGEST_FILE = 2_000_000_000
LARGEST_UNPACKED = 2_000_000_000
LARGEST_RATIO = 200
"""A file of geography shrinks to a twentieth at best; what grows beyond this is no file of geography."""
SMALL = 50_000_000
"""Up to this many bytes unpacked, the ratio does not matter."""


class UnreadableFileError(Exception):
    """A file cannot be used; the message is the end of a sentence about it."""


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
    """

    path: Path
    findings: Findings
    inputs: dict[str, str] = field(default_factory=dict)

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
        except (OSError, RuntimeError) as error:
            raise UnreadableFileError(f"cannot be opened ({error})") from None
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
        with path.open("rb") as stream:
            self.inputs[name] = hashlib.file_digest(stream, "sha256").hexdigest()
        return path


def gunzip(packed: bytes) -> bytes:
    """Unpack a gzip file within the limits.

    Raises
    ------
    UnreadableFileError
        Where it is truncated, damaged or grows beyond the limits.
    """
    most = limit(len(packed))
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as stream:
            data = stream.read(most + 1)
            if len(data) > most:
                raise UnreadableFileError(_TOO_MUCH.format(most / 1e6))
            return data
    except EOFError:
        raise UnreadableFileError("is truncated: the packed data end too early; get the file again") from None
    except (OSError, zlib.error) as error:
        raise UnreadableFileError(f"is damaged ({error}); get the file again") from None


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
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            for member in sorted(archive.infolist(), key=lambda each: each.filename):
                if member.is_dir():
                    continue
                with archive.open(member) as stream:
                    data = stream.read(most + 1)
                most -= len(data)
                if most < 0:
                    raise UnreadableFileError(_TOO_MUCH.format(limit(len(packed)) / 1e6))
                members[member.filename] = data
    except (zipfile.BadZipFile, EOFError, zlib.error, OSError) as error:
        raise UnreadableFileError(f"is truncated or damaged ({error}); get the file again") from None
    except (RuntimeError, NotImplementedError) as error:
        raise UnreadableFileError(f"cannot be unpacked ({error}); unpack it into the folder") from None
    return members


_TOO_MUCH = "grows to more than {:,.0f} MB when unpacked, which no file of geography does; unpack it by hand"


def limit(packed: int) -> int:
    """Return how many bytes a packed file may grow to."""
    return min(LARGEST_UNPACKED, max(SMALL, packed * LARGEST_RATIO))
