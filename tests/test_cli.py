"""What the command line does before any command does anything."""

import subprocess
import sys

import pytest
import typer

from geo_devolve import __version__, cli
from geo_devolve.errors import DataError, InfeasibleError, NoPlanInTimeError, ScenarioError, SolverError


def test_the_version(capsys) -> None:
    assert cli.run(["--version"]) == 0
    assert capsys.readouterr().out == f"geo-devolve {__version__}\n"


def test_help_names_the_exit_codes(capsys) -> None:
    assert cli.run(["--help"]) == 0
    assert "4 infeasible" in capsys.readouterr().out


def test_nothing_asked_is_a_usage_error_that_helps(capsys) -> None:
    assert cli.run([]) == 2
    assert "Usage: geo-devolve" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["no-such-command"], ["--no-such-option"], ["propose", "--areas"]])
def test_what_cannot_be_understood_is_exit_2_without_traceback(arguments: list[str], capsys) -> None:
    assert cli.run(arguments) == 2
    said = capsys.readouterr()
    assert said.err.startswith("error: ")
    assert "Traceback" not in said.err
    assert said.out == ""


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (ScenarioError("no [such] layer"), 2),
        (DataError("no [such] file"), 3),
        (InfeasibleError("no [such] plan"), 4),
        (NoPlanInTimeError("no [such] time"), 5),
        (SolverError("no [such] solver"), 1),
        (KeyboardInterrupt(), 130),
        (ZeroDivisionError("by [zero]"), 1),
        (MemoryError(), 1),
    ],
)
def test_each_error_has_its_exit_code_and_its_own_words(
    raised: BaseException, code: int, capsys, monkeypatch
) -> None:
    def fail(*_arguments: object, **_named: object) -> None:
        raise raised

    monkeypatch.setattr(cli, "app", fail)
    monkeypatch.delenv("GEO_DEVOLVE_DEBUG", raising=False)
    assert cli.run([]) == code
    said = capsys.readouterr()
    assert str(raised) in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


def test_a_fault_of_the_program_shows_its_traceback_to_who_asks(monkeypatch) -> None:
    def fail(*_arguments: object, **_named: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(cli, "app", fail)
    monkeypatch.setenv("GEO_DEVOLVE_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        cli.run([])


def test_an_exit_code_of_a_command_is_the_process_s(monkeypatch) -> None:
    app = typer.Typer()

    @app.command()
    def stop() -> None:
        raise typer.Exit(4)

    monkeypatch.setattr(cli, "app", app)
    assert cli.run([]) == 4


def test_ctrl_c_inside_a_command_is_told(monkeypatch, capsys) -> None:
    app = typer.Typer()

    @app.command()
    def stop() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "app", app)
    assert cli.run([]) == 130
    assert "error: stopped by Ctrl-C" in capsys.readouterr().err


def test_the_module_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "geo_devolve", "nonsense"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "No such command 'nonsense'" in done.stderr
