"""The package's errors: one root, and leaves that callers of the standard library's errors also catch.

A message says what is wrong, names the first culprits, and says what to do about it.
"""

from collections.abc import Iterable


class GeoDevolveError(Exception):
    """Whatever goes wrong for a reason that the user can do something about.

    Attributes
    ----------
    faults : tuple of str
        One sentence a fault, as data: whoever gathers faults reads these, and never the message.
    """

    exit_code = 1

    def __init__(self, message: str = "", *, faults: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.faults = tuple(faults) or (message,)


class UsageError(GeoDevolveError, ValueError):
    """The command or the call makes no sense: an unknown option, an output folder that cannot be written."""

    exit_code = 2


class ScenarioError(UsageError):
    """The scenario asks for what does not exist: an unknown key, rule, layer, theme or solver."""


class DataError(GeoDevolveError, ValueError):
    """The geography's files are missing, damaged or contradict each other."""

    exit_code = 3


class PortalError(DataError):
    """A portal cannot be reached, does not know the layer, or hands out what does not hold together."""


class InfeasibleError(GeoDevolveError, ValueError):
    """No plan obeys the scenario; the message says why and what would make one possible."""

    exit_code = 4


class NoPlanInTimeError(GeoDevolveError, RuntimeError):
    """The time limit came, or the user stopped the solve, before any plan was found.

    Attributes
    ----------
    by_user : bool
        Whether it was the user.
    """

    exit_code = 5

    def __init__(self, message: str = "", *, faults: Iterable[str] = (), by_user: bool = False) -> None:
        super().__init__(message, faults=faults)
        self.by_user = by_user


class SolverError(GeoDevolveError, RuntimeError):
    """The solver is not there, failed, or answered what does not hold."""


def first_few(culprits: Iterable[object], most: int = 5) -> str:
    """Name the first few of a list and count the rest.

    Parameters
    ----------
    culprits
        Codes or names, in the order in which they shall be named.
    most
        How many to name.

    Returns
    -------
    str
        Such as ``"A, B, C, D, E and 7 more"``.
    """
    names = [str(culprit) for culprit in culprits]
    text = ", ".join(names[:most])
    return f"{text} and {len(names) - most:,} more" if len(names) > most else text


def raise_all(error: type[GeoDevolveError], faults: list[str], heading: str) -> None:
    r"""Raise every fault found in one error; do nothing where there is none.

    Parameters
    ----------
    error
        The leaf to raise.
    faults
        One sentence a fault.
    heading
        What the faults are faults of, such as ``"boundaries/mine/geography.toml"``.

    Examples
    --------
    >>> from geo_devolve.errors import DataError, raise_all
    >>> try:
    ...     raise_all(DataError, ["there are no councils", "there are no points"], "mine")
    ... except DataError as error:
    ...     print(error, error.faults, sep="\n")
    mine: 2 faults
    - there are no councils
    - there are no points
    ('there are no councils', 'there are no points')
    """
    if len(faults) == 1:
        raise error(f"{heading}: {faults[0]}", faults=faults)
    if faults:
        text = f"{heading}: {len(faults)} faults\n" + "\n".join(f"- {fault}" for fault in faults)
        raise error(text, faults=faults)
