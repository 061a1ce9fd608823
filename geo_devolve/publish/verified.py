"""A plan checked from Python: by the checker of its own, with the package's loader for what it does not read.

What decides stands in `geo_devolve.verifying`. Where a geography is no folder of plain tables (polygons are
measured, workbooks read), the checker cannot work figures out again; then the certificate's are held against
those that the loader gives of the same files.
"""

import json
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from geo_devolve.verifying.check import Verdict
from geo_devolve.verifying.check import verify as check

if TYPE_CHECKING:
    from geo_devolve.geography.model import Geography


def verify(
    path: str | PathLike[str],
    *,
    geography: "Geography | str | PathLike[str] | None" = None,
    seconds: float = 3600.0,
) -> Verdict:
    """Check a plan and what proves it, in whole numbers.

    Parameters
    ----------
    path
        The folder that `write_plan` filled, its ``plan.json``, or a ``certificate.json`` of what is
        impossible.
    geography
        Its files' folder, or the geography itself; an embedded one is found by its name.
    seconds
        How much computing time to spend at most (s).

    Returns
    -------
    Verdict
        ``verified`` only if every claim was shown; otherwise ``reasons`` say why not, or ``estimate`` how
        long it would take.

    Examples
    --------
    >>> import geo_devolve as gd
    >>> gd.verify("no/such/folder").verified
    False
    """
    folder, given = None, None
    if isinstance(geography, str | PathLike):
        folder = geography
    else:
        given = geography

    def same(files: Path | None, certificate: bytes) -> bool:
        return _same_figures(given, files, certificate)

    return check(path, geography=folder, seconds=seconds, loader=same, given=given is not None)


def _same_figures(geography: "Geography | None", folder: Path | None, certificate: bytes) -> bool:
    """Tell whether a certificate's figures are those that the loader gives."""
    from geo_devolve.geography.reading.load import load_geography  # noqa: PLC0415 - few need what is heavy
    from geo_devolve.publish.files.proof import problem  # noqa: PLC0415
    from geo_devolve.scenario import Scenario  # noqa: PLC0415

    document = json.loads(certificate)
    scenario = Scenario.from_mapping(document["scenario"], "certificate.json")
    ground = geography
    if ground is None:
        ground = load_geography(str(folder))
        ground = ground.only(*(council["code"] for council in document["problem"]["councils"]))
    told = document["geography"]["inputs"]
    loaded = json.loads(json.dumps(problem(ground, scenario)))
    return bool(dict(ground.inputs) == told and loaded == document["problem"])
