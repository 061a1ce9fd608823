"""No outside text moves the cursor, is read as markup, or runs in a spreadsheet."""

import io
import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table
from rich.text import Text

from geo_devolve import terminal
from geo_devolve.publish.files.tables import to_csv
from geo_devolve.words import guarded, unguarded

NASTY = "Leeds\x1b[2J\x1b]0;owned\x07\x9b31m[/bold]\u202e\x00\r:smile:"


def said(renderable: object) -> str:
    stream = io.StringIO()
    console = terminal._console(stream)
    console.print(renderable)
    return stream.getvalue()


def cells() -> list[object]:
    table = Table(title=NASTY)
    table.add_column(NASTY)
    table.add_row(NASTY)
    table.add_row(Text(NASTY))
    return [NASTY, Text(NASTY), table]


@pytest.mark.parametrize("renderable", cells())
def test_controls_are_written_out_and_markup_is_plain(renderable):
    text = said(renderable)
    assert not set(text) & set("\x1b\x07\x9b\u202e\x00\r")
    assert "[/bold]" in text.replace("\n", "")
    assert ":smile:" in text.replace("\n", "")


def test_json_for_machines_holds_no_control_and_says_the_same(capsys):
    terminal.print_json({"name": NASTY})
    text = capsys.readouterr().out
    assert not set(text) & set("\x1b\x07\x9b\u202e\x7f")
    assert json.loads(text) == {"name": NASTY}


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "-cmd|x", "@SUM(A1)", "\tx", "\rx", "＝1", "-1+1|cmd"])
def test_what_a_spreadsheet_would_run_is_guarded(cell):
    assert to_csv(pd.DataFrame({cell: [cell]})).lstrip('"').startswith("'")


@pytest.mark.parametrize("cell", ["-3.5", "+7", "-12%", "1e-3", "-1,234"])
def test_figures_stay_figures(cell):
    assert guarded(cell) == cell


@given(st.text(max_size=8))
def test_the_guard_can_be_taken_away_again(cell):
    assert unguarded(guarded(cell)) == cell
