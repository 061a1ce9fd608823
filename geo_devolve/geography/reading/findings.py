"""What reading a geography finds: faults that stop it, repairs that were made, and what is worth knowing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from geo_devolve.errors import DataError, first_few, raise_all

Level = Literal["fault", "repair", "notice"]


@dataclass(frozen=True)
class Finding:
    """One thing found.

    Attributes
    ----------
    level : str
        "fault" (nothing can be built on it), "repair" (it was mended) or "notice" (worth knowing).
    where : str
        The file, or the section of the manifest.
    what : str
        What is wrong, or was done, in words and figures.
    culprits : tuple of str
        Codes or names, all of them.
    breaks : str
        What it would spoil.
    remedy : str
        What to do.
    """

    level: Level
    where: str
    what: str
    culprits: tuple[str, ...] = ()
    breaks: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        named = f": {first_few(self.culprits)}" if self.culprits else ""
        breaks = f" ({self.breaks})" if self.breaks else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{self.where}: {self.what}{named}{breaks}{remedy}"


@dataclass
class Findings:
    """The findings of one load, gathered while it goes on, so that all faults come in one raise."""

    heading: str
    found: list[Finding] = field(default_factory=list)
    _known: set[Finding] = field(default_factory=set, repr=False, compare=False)

    def fault(
        self, where: str, what: str, culprits: Iterable[object] = (), *, breaks: str = "", remedy: str = ""
    ) -> None:
        """Note what stops the load; see `Finding` for the words."""
        self._add(Finding("fault", where, what, _texts(culprits), breaks, remedy))

    def repair(
        self, where: str, what: str, culprits: Iterable[object] = (), *, breaks: str = "", remedy: str = ""
    ) -> None:
        """Note what was mended."""
        self._add(Finding("repair", where, what, _texts(culprits), breaks, remedy))

    def notice(
        self, where: str, what: str, culprits: Iterable[object] = (), *, breaks: str = "", remedy: str = ""
    ) -> None:
        """Note what a reader should know."""
        self._add(Finding("notice", where, what, _texts(culprits), breaks, remedy))

    def _add(self, finding: Finding) -> None:
        if finding not in self._known:
            self._known.add(finding)
            self.found.append(finding)

    @property
    def faults(self) -> list[Finding]:
        """The faults alone."""
        return [finding for finding in self.found if finding.level == "fault"]

    @property
    def told(self) -> tuple[str, ...]:
        """Repairs and notices, each a sentence."""
        return tuple(str(finding) for finding in self.found if finding.level != "fault")

    def stop_at_faults(self) -> None:
        """Raise a DataError with every fault so far, or do nothing."""
        raise_all(DataError, [str(finding) for finding in self.faults], self.heading)


def _texts(culprits: Iterable[object]) -> tuple[str, ...]:
    return tuple(str(each) for each in culprits)
