"""The councils that other files speak of: their codes in other spellings and of other vintages."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from geo_devolve.errors import first_few
from geo_devolve.geography.directory import letters, no_other_names
from geo_devolve.geography.reading.files import Folder
from geo_devolve.geography.reading.manifest import NamesSource
from geo_devolve.geography.reading.tables import clean_codes, pick, read_table, to_known
from geo_devolve.outside import UnreadableFileError
from geo_devolve.words import nearest


@dataclass(frozen=True)
class KnownCouncils:
    """Codes and names of the councils, and what became of those of other vintages.

    Attributes
    ----------
    folder : Folder
        Where findings are noted.
    names : pandas.Series
        Index code, sorted; the councils' names.
    successors : mapping of str to str
        Old codes, each with the one council that replaced it.
    """

    folder: Folder
    names: pd.Series
    successors: Mapping[str, str] = field(default_factory=dict)

    @property
    def codes(self) -> pd.Index:
        """The councils' codes, sorted."""
        return self.names.index

    def read(self, where: str, codes: pd.Series) -> pd.Series:
        """Spell codes as the councils' own, and put old codes on their successors, telling which.

        Parameters
        ----------
        where
            The file.
        codes
            As the file has them.

        Returns
        -------
        pandas.Series
            What is still not one of the councils is left as it is.
        """
        codes = to_known(clean_codes(codes), self.codes)
        strange = [code for code in codes.unique() if code not in self.codes]
        replaced = {code: self.successors[code] for code in strange if code in self.successors}
        if replaced:
            self.folder.findings.repair(
                where,
                "codes of another vintage are read as their successors",
                [f"{old} → {new} ({self.names[new]})" for old, new in sorted(replaced.items())],
            )
            codes = codes.replace(replaced)
        return codes

    def remedy(self, strange: list[str], table: pd.DataFrame | None = None) -> str:
        """Say what unknown codes are likely to be.

        Parameters
        ----------
        strange
            The unknown codes.
        table
            Where they stand: a column with their names tells which councils they are.
        """
        if table is not None:
            likely = self._by_name(strange, table)
            if likely:
                return f"by their names they are likely {first_few(likely)}; put them on these codes"
        close = nearest(strange[0], self.codes, "'") if strange else ""
        advice = "use files of one vintage, or name a table of successors in [successors]"
        return f"{close} Otherwise {advice}" if close else advice

    def _by_name(self, strange: list[str], table: pd.DataFrame) -> list[str]:
        by_name = {letters(name): str(code) for code, name in self.names.items()}
        wanted = set(strange)
        found: dict[str, str] = {}
        keys = [column for column in table if table[column].isin(strange).any()]
        for key in keys[:1]:
            rows = table[table[key].isin(wanted)]
            for column in rows.columns:
                for code, name in zip(rows[key], rows[column].map(letters), strict=True):
                    if name in by_name and code not in found:
                        found[code] = by_name[name]
        return [f"{code} → {new} ({self.names[new]})" for code, new in sorted(found.items())]


def know(folder: Folder, names: pd.Series, successors: pd.DataFrame) -> KnownCouncils:
    """Put together what is known of the councils.

    Parameters
    ----------
    folder
        Where findings are noted.
    names
        Index code, sorted; the councils' names.
    successors
        Columns ``old`` and ``new``: codes of another vintage, and what they became. An old code with
        more than one successor has no one place here, and is not read as any of them.
    """
    pairs = successors[~successors["old"].isin(names.index)]
    single = pairs[~pairs["old"].duplicated(keep=False)]
    return KnownCouncils(folder, names, dict(zip(single["old"], single["new"], strict=True)))


def read_other_names(folder: Folder, source: NamesSource, known: KnownCouncils) -> pd.DataFrame:
    """Read what councils are called besides their names.

    Parameters
    ----------
    folder, source
        The file, and its columns.
    known
        The councils; names of others are told and left out.

    Returns
    -------
    pandas.DataFrame
        Columns ``code`` and ``name``, sorted by both.
    """
    where, findings = source.table, folder.findings
    try:
        table = read_table(folder, where, source.sheet)
    except UnreadableFileError as error:
        findings.fault(where, str(error), breaks="it says what else councils are called")
        return no_other_names()
    wanted = source.code, source.name
    columns = [pick(folder, where, table, each, what="other names need it") for each in wanted]
    if not all(columns):
        return no_other_names()
    found = table[columns].set_axis(["code", "name"], axis=1)
    found["code"] = known.read(where, found["code"])
    strange = ~found["code"].isin(known.codes)
    if strange.any():
        findings.notice(
            where, "names of what is no council here are left out", found.loc[strange, "code"].unique()
        )
    found = found[~strange & (found["name"] != "")].astype(object).drop_duplicates()
    return found.sort_values(["code", "name"], ignore_index=True)
