"""The command ``geo-devolve``: what it understands, how it fails, and with which exit code.

0 done, 1 a fault of the program, 2 usage, 3 bad data, 4 infeasible, 5 stopped without a plan, 6 not verified,
7 too large to verify; 130 after a Ctrl-C that found nothing to keep.
"""

import errno
import os
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType
from typing import Annotated, Any, NoReturn

import typer

import geo_devolve
from geo_devolve import commands, terminal
from geo_devolve.errors import GeoDevolveError, first_few

_DEBUG = "GEO_DEVOLVE_DEBUG"
_INTERRUPTED = 130
_OF_THE_MACHINE = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.EIO,
    errno.EMFILE,
}
"""A full or read-only disk, a place that is not ours, a broken disk, too many open files."""
_asked_to_stop = threading.Event()
# typer brings click's exceptions under another name since 0.26; their family tree has stayed the same
_COMMAND_LINE_ERROR = next(each for each in typer.BadParameter.__mro__ if each.__name__ == "ClickException")

app = typer.Typer(
    name="geo-devolve",
    help="Propose commissioning areas, provably best for your weights and constraints.",
    epilog="Exit codes: 0 done, 1 internal, 2 usage, 3 bad data, 4 infeasible, 5 stopped without a plan, "
    "6 not verified, 7 too large to verify.",
    add_completion=False,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"geo-devolve {geo_devolve.__version__}\n")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and stop."),
    ] = False,
) -> None:
    """Propose commissioning areas, provably best for your weights and constraints."""
    if context.invoked_subcommand is None:
        terminal.out().print(context.get_help())
        raise typer.Exit(2)


commands.register_all(app)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; a user's mistake is a message, never a traceback.

    Parameters
    ----------
    arguments
        What follows the command's name. Setting the environment variable GEO_DEVOLVE_DEBUG shows the
        traceback of a fault of the program.
    """
    try:
        result = app(args=list(arguments), prog_name="geo-devolve", standalone_mode=False)
    except GeoDevolveError as error:
        terminal.error(str(error))
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        terminal.error(_stopped())
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has gone: say nothing, and keep the interpreter from saying it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        if error.errno not in _OF_THE_MACHINE:
            return _fault(error)
        where = f"{error.filename}: " if error.filename else ""
        terminal.error(f"{where}{error.strerror}; nothing half is left, so make room or choose another place")
        return 2
    except MemoryError:
        terminal.error("the machine has too little memory for this; ask for coarser blocks or another engine")
        return 1
    except Exception as error:  # noqa: BLE001  (it is told, whatever it is)
        if _asked_to_stop.is_set():  # Ctrl-C inside a library may come out as a fault of that library
            terminal.error(_stopped())
            return _INTERRUPTED
        if isinstance(error, _COMMAND_LINE_ERROR):
            terminal.error(_spoken(error))
            return 2
        return _fault(error)
    if result == _INTERRUPTED:  # typer makes an exit code of Ctrl-C and says nothing
        terminal.error(_stopped())
    return result if isinstance(result, int) else 0


def _fault(error: Exception) -> int:
    """Own up to a fault of the program; with its traceback where that is asked for."""
    if os.environ.get(_DEBUG):
        raise error
    terminal.error(
        f"a fault of the program, {type(error).__name__}: {error}\n"
        f"Please report it with the traceback that {_DEBUG}=1 shows."
    )
    return 1


def _stopped() -> str:
    """Say that Ctrl-C was heard, and what had been written by then."""
    staging = sys.modules.get(
        "geo_devolve.publish.files.staging"
    )  # where it was not needed, nothing was written
    done = list(staging.written) if staging else []
    if not done:
        return "stopped by Ctrl-C; nothing was written"
    return f"stopped by Ctrl-C; written before it: {first_few(map(str, done))}"


def main() -> NoReturn:
    """Run the command line of this process."""

    def stop(number: int, frame: FrameType | None) -> None:
        _asked_to_stop.set()
        signal.default_int_handler(number, frame)

    signal.signal(signal.SIGINT, stop)
    sys.exit(run(sys.argv[1:]))


def _spoken(error: Any) -> str:
    context = getattr(error, "ctx", None)
    hint = f"\nTry: {context.command_path} --help" if context is not None else ""
    return f"{error.format_message()}{hint}"
