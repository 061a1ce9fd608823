"""What ``[councils] only`` means: the councils of a study area, out of files that may speak of many more.

An entry is the start of councils' codes, a council's code or name, or a body as ``layer:body``. Where
the other files speak of the study area alone, such as points of England beside councils of the United
Kingdom, the councils are cut before anything is read with them. Where they speak of the rest too, the
whole is put together and cut afterwards, so that bodies that reach beyond keep their people outside.
"""

from dataclasses import replace

from geo_devolve.errors import DataError, ScenarioError
from geo_devolve.geography.model import Geography
from geo_devolve.geography.reading.assemble import assemble
from geo_devolve.geography.reading.files import Folder
from geo_devolve.geography.reading.findings import Findings
from geo_devolve.geography.reading.manifest import MANIFEST, Expected, Manifest
from geo_devolve.progress import Progress


def assemble_part(folder: Folder, manifest: Manifest, progress: Progress) -> Geography:
    """Put together the study area that a manifest asks for.

    Parameters
    ----------
    folder, manifest
        The folder and what its manifest says; its councils are cut with ``only``.
    progress
        Told of the steps.

    Returns
    -------
    Geography
        Checked.

    Raises
    ------
    DataError
        With every fault at once, of the way of reading that has fewer of them.
    """
    early, ahead = _attempt(folder, manifest, progress)
    if ahead is not None:
        return _settle(folder, early, ahead)
    whole = replace(manifest, councils=replace(manifest.councils, only=()), expect=Expected())
    late, everything = _attempt(folder, whole, progress)
    part = None if everything is None else _cut(late, manifest, everything)
    chosen = late if part is not None or len(late.findings.faults) <= len(early.findings.faults) else early
    return _settle(folder, chosen, part)


def _attempt(folder: Folder, manifest: Manifest, progress: Progress) -> tuple[Folder, Geography | None]:
    """Read the folder in one of the two ways; None where there are faults."""
    fresh = Folder(folder.path, Findings(folder.findings.heading), dict(folder.inputs))
    fresh.findings.found.extend(folder.findings.found)
    try:
        geography = assemble(fresh, manifest, progress)
    except DataError:
        if not fresh.findings.faults:
            raise
        return fresh, None
    return fresh, None if fresh.findings.faults else geography


def _settle(folder: Folder, chosen: Folder, geography: Geography | None) -> Geography:
    """Let the folder know what the chosen way found."""
    folder.findings.found[:] = chosen.findings.found
    folder.inputs.update(chosen.inputs)
    if geography is None:
        chosen.findings.stop_at_faults()
        raise DataError(f"{chosen.findings.heading}: could not be loaded")
    return geography


def _cut(folder: Folder, manifest: Manifest, whole: Geography) -> Geography | None:
    """Cut the whole to the study area, and hold what is expected against either."""
    references: list[object] = []
    for entry in manifest.councils.only:
        started = [code for code in whole.councils.index if str(code).startswith(entry)]
        references += started or [entry]
    try:
        part = whole.only(*references)
    except ScenarioError as error:
        folder.findings.fault(f"{MANIFEST}, councils, only", str(error))
        return None
    wanted = manifest.expect
    for what, total, found in (
        ("councils", wanted.councils, [len(each.councils) for each in (whole, part)]),
        ("points", wanted.points, [len(each.points) for each in (whole, part)]),
        ("people", wanted.population, [each.population for each in (whole, part)]),
        ("borders", wanted.borders, [len(each.borders) for each in (whole, part)]),
    ):
        if total is not None and min(abs(each - total) for each in found) > 0.5:
            folder.findings.fault(
                f"{MANIFEST}, expect",
                f"{found[0]:,.0f} {what}, {found[1]:,.0f} in the study area, where {total:,.0f} are expected",
                breaks="a file may be cut short",
                remedy="get the files again, or correct expect",
            )
    return None if folder.findings.faults else part
