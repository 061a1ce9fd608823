"""Whatever a library raises over a user's file is an error about that file."""

import errno
import json

import pytest

from geo_devolve.errors import DataError
from geo_devolve.outside import UnreadableFileError, boundary, parse_json, parse_toml


@pytest.mark.parametrize(
    "raised",
    [
        KeyError("x"),
        RecursionError(),
        ZeroDivisionError(),
        AssertionError(),
        UnicodeError("x"),
        MemoryError(),
    ],
)
def test_whatever_is_raised_is_about_the_file(raised):
    with (
        pytest.raises(DataError, match=r"^plan\.csv: it "),
        boundary(lambda text: DataError(f"plan.csv: it {text}")),
    ):
        raise raised


def test_ours_and_ctrl_c_pass_as_they_are():
    ours = DataError("said already")
    with pytest.raises(DataError) as caught, boundary(UnreadableFileError):
        raise ours
    assert caught.value is ours
    with pytest.raises(KeyboardInterrupt), boundary(UnreadableFileError):
        raise KeyboardInterrupt


def test_a_full_disk_is_said_as_that():
    full = OSError(errno.ENOSPC, "No space left on device")
    with (
        pytest.raises(UnreadableFileError, match="No space left on device; make room"),
        boundary(UnreadableFileError),
    ):
        raise full


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[" * 100_000, "nested too deeply"),
        (b"1" * 5_000, "more than 4,300 digits"),
        (b'{"a": ', "truncated or not JSON"),
        (b"\xff\xfe{", "not UTF-8"),
    ],
)
def test_json_that_cannot_be_read_is_told(content, words):
    with pytest.raises(UnreadableFileError, match=words):
        parse_json(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a = " + b"[" * 100_000, "nested too deeply"),
        (b"a = " + b"1" * 5_000, "more than 4,300 digits"),
        (b"a = ", "not TOML"),
        (b"a = '\xff'", "not UTF-8"),
    ],
)
def test_toml_that_cannot_be_read_is_told(content, words):
    with pytest.raises(UnreadableFileError, match=words):
        parse_toml(content)


def test_a_byte_order_mark_is_no_fault():
    assert parse_json(b"\xef\xbb\xbf" + json.dumps({"a": 1}).encode()) == {"a": 1}
