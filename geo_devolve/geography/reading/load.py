"""From a folder with a manifest to a geography: the one way in, for embedded folders and any other."""

from importlib import resources
from os import PathLike
from pathlib import Path

from geo_devolve.errors import DataError, first_few
from geo_devolve.geography.model import Geography
from geo_devolve.geography.reading.assemble import assemble
from geo_devolve.geography.reading.assemble_part import assemble_part
from geo_devolve.geography.reading.files import Folder
from geo_devolve.geography.reading.findings import Findings
from geo_devolve.geography.reading.manifest import MANIFEST, Manifest
from geo_devolve.geography.reading.manifest_reader import read_manifest
from geo_devolve.outside import UnreadableFileError
from geo_devolve.progress import Progress, silent
from geo_devolve.words import nearest


def load_geography(source: str | PathLike[str], *, progress: Progress = silent) -> Geography:
    """Load a geography.

    Parameters
    ----------
    source
        The name of an embedded geography ("england-2017"), or the path of a folder with a `geography.toml`.
    progress
        Told of the stages.

    Returns
    -------
    Geography
        With everything that was mended or assumed in its `notices`.

    Raises
    ------
    DataError
        With every fault that was found, each with the file, the first culprits and the remedy.
    """
    geography, findings = examine(source, progress=progress)
    findings.stop_at_faults()
    if geography is None:
        raise DataError(f"{findings.heading}: could not be loaded")
    return geography


def examine(source: str | PathLike[str], *, progress: Progress = silent) -> tuple[Geography | None, Findings]:
    """Load a geography as far as it goes, and return what was found on the way.

    Parameters
    ----------
    source, progress
        As for `load_geography`.

    Returns
    -------
    tuple of Geography or None and Findings
        None where faults stopped the load.
    """
    path = find_geography(source)
    findings = Findings(path.name)
    folder = Folder(path, findings)
    try:
        manifest = read_manifest(folder)
    except DataError:
        return None, findings
    folder.encodings, folder.decimals = manifest.stated
    try:
        put_together = assemble_part if manifest.councils.only else assemble
        geography = put_together(folder, manifest, progress)
    except DataError:
        if not findings.faults:
            raise
        _note_missing(folder, manifest)
        return None, findings
    return (None if findings.faults else geography), findings


def _note_missing(folder: Folder, manifest: Manifest) -> None:
    """Look for the files that a load which was stopped did not come to, so that all that lack are named."""
    named = {finding.where for finding in folder.findings.faults}
    for name in manifest.files:
        if name not in folder.inputs and name not in named:
            try:
                folder.find(name)
            except UnreadableFileError as error:
                folder.findings.fault(name, str(error))


def embedded() -> dict[str, Path]:
    """Return the folders of the embedded geographies by name, from the clone or the installed package."""
    package = Path(str(resources.files("geo_devolve")))
    for home in (package / "boundaries", package.parent / "boundaries"):
        if home.is_dir():
            return {each.name: each for each in sorted(home.iterdir()) if (each / MANIFEST).is_file()}
    return {}


def find_geography(source: str | PathLike[str]) -> Path:
    """Find the folder of a geography.

    Raises
    ------
    DataError
        Where there is none of that name or path.
    """
    known = embedded()
    if isinstance(source, str) and source in known:
        return known[source].resolve()
    path = Path(source)
    if path.is_file() and path.name == MANIFEST:
        path = path.parent
    if path.is_dir():
        if not (path / MANIFEST).is_file():
            raise DataError(
                f"{path}: there is no {MANIFEST} in this folder; boundaries/README.md tells how to write one"
            )
        return path.resolve()
    hint = nearest(str(source), known, "'")
    listed = f"embedded are {first_few(known)}" if known else "no geography is embedded"
    raise DataError(f"there is no geography {str(source)!r}: it is no folder, and {hint or listed}")
