"""HiGHS as it is used here: silent, on one core, in nobody's way, and no answer of it goes unread.

HiGHS keeps one scheduler for each thread of a process. The first run in a thread settles how many cores it
has, and HiGHS refuses every later run there that asks for another number. So a model runs in a fresh thread:
it finds no scheduler that somebody else began (PuLP, highspy, linopy), and leaves none behind. SciPy has a
HiGHS of its own.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any

import highspy

from geo_devolve.errors import SolverError
from geo_devolve.optimise.program.apart import Apart

_STEP_S = 0.1
_HEED_S = 1.0
_OK = highspy.HighsStatus.kOk
_WARNING = highspy.HighsStatus.kWarning
_DOES = ("add", "change", "clear", "delete", "pass", "run", "set", "start", "stop")


class Model(highspy.Highs):  # type: ignore[misc]
    """A model of HiGHS that prints nothing, and of which every call that fails raises a `SolverError`.

    Parameters
    ----------
    options
        By their names in HiGHS. One core is taken, unless they say otherwise.

    Raises
    ------
    SolverError
        HiGHS refuses an option.
    """

    def __init__(self, options: Mapping[str, object]) -> None:
        super().__init__()
        for option, value in ({"output_flag": False, "threads": 1} | dict(options)).items():
            self.setOptionValue(option, value)
        self.HandleUserInterrupt = True

    def enableCallbacks(self) -> None:  # noqa: N802 - highspy's name
        """Be silent first: what highspy's constructor does here prints a banner on C's standard output."""
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()


def _read(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    """Return a call of HiGHS that raises what it would only have returned."""

    @functools.wraps(call)
    def read(self: Model, *args: Any) -> Any:
        status = call(self, *args)
        if not isinstance(status, highspy.HighsStatus) or status == _OK:
            return status
        if name == "run" and status == _WARNING:
            return status  # a limit was met: the model's status says which
        what = f" {args[0]} = {args[1]!r}" if name == "setOptionValue" else ""
        said = self.modelStatusToString(self.getModelStatus())
        raise SolverError(f"HiGHS failed: {name}{what} answered {status.name} (model status: {said})")

    return read


for _name in dir(highspy.Highs):
    if _name.startswith(_DOES) and callable(getattr(highspy.Highs, _name)):
        setattr(Model, _name, _read(_name, getattr(highspy.Highs, _name)))


def solve(model: Model) -> bool:
    """Solve a linear program in a thread of its own, so that Ctrl-C is heard and nobody's scheduler is met.

    Parameters
    ----------
    model
        That has a solution.

    Returns
    -------
    bool
        Whether it is solved; False where its time limit came first.

    Raises
    ------
    SolverError
        HiGHS fails, or ends with anything else.
    """
    running = Apart(model.run)
    try:
        running.start()
        while not running.wait(_STEP_S):
            pass
    except BaseException:
        model.cancelSolve()
        running.wait(_HEED_S)
        raise
    if running.failure:
        raise running.failure
    status = model.getModelStatus()
    if status not in {highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kTimeLimit}:
        said = model.modelStatusToString(status)
        raise SolverError(f"HiGHS did not solve the linear relaxation: run ended with {said}")
    return bool(status == highspy.HighsModelStatus.kOptimal)
