"""JSON read strictly, and numbers read exactly: what two readers could understand differently is refused."""

import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

MOST_BYTES = 200_000_000
_NUMBER = re.compile(r"-?\d{1,60}(\.\d{1,60})?([eE][-+]?\d{1,3})?")


class DoubtError(Exception):
    """Why something is not verified; the message is a sentence."""


def exact(text: object) -> Fraction:
    """Read a decimal number as the fraction it is.

    Raises
    ------
    DoubtError
        It is no decimal number of a sensible length.
    """
    if isinstance(text, Fraction) or type(text) is int:
        return Fraction(text)
    if not isinstance(text, str) or not _NUMBER.fullmatch(text):
        raise DoubtError(f"{str(text)[:40]!r} is no decimal number")
    return Fraction(text)


def index(value: object, count: int) -> int:
    """Return a whole number from 0 to below `count`; anything else is a doubt."""
    if type(value) is not int or not 0 <= value < count:
        raise DoubtError(f"{str(value)[:40]!r} is no number of one of {count} things")
    return value


def parse(data: bytes, name: str) -> dict[str, Any]:
    """Read a JSON object; numbers with a point come back as fractions.

    Parameters
    ----------
    data
        UTF-8.
    name
        Of the file, for the message.

    Raises
    ------
    DoubtError
        It is no JSON object, says something twice, or holds what is no number.
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in pairs}) < len(pairs):
            raise DoubtError(f"{name} says something twice: {[key for key, _ in pairs][:5]}")
        return dict(pairs)

    def whole(text: str) -> int:
        return exact(text).numerator

    def refuse(text: str) -> Any:
        raise DoubtError(f"{name} holds {text}, which is no number")

    try:
        found = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=once,
            parse_float=exact,
            parse_int=whole,
            parse_constant=refuse,
        )
    except (ValueError, RecursionError) as error:
        raise DoubtError(f"{name} cannot be read as JSON: {error}") from error
    if not isinstance(found, dict):
        raise DoubtError(f"{name} holds no JSON object")
    return found


def load(path: Path) -> bytes:
    """Return a file's bytes; a missing or an absurdly large file is a doubt."""
    if not path.is_file():
        raise DoubtError(f"{path.name} is not there")
    if path.stat().st_size > MOST_BYTES:
        raise DoubtError(f"{path.name} is larger than {MOST_BYTES:,} bytes")
    return path.read_bytes()
