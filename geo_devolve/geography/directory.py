"""What a user means by a council or a body: its code, or its name as people write it.

Names are compared letter by letter without case, accents, apostrophes, hyphens or points; "&" is "and" and
"Saint" is "St". Where that finds nothing, the word "council" (or the like) at the end is left out, and then
all words that say what kind of place it is. A form that fits several places means none of them.
"""

import re
import unicodedata
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import pandas as pd

from geo_devolve.errors import ScenarioError, first_few

_BODIES = frozenset({"authority", "board", "corporation", "council"})
"""Words for who runs a place; left out at the end of a name first."""

_KINDS = _BODIES | {
    *("bc", "borough", "cbc", "cc", "city", "county", "dc", "district", "lb", "london", "mbc", "mdc"),
    *("metropolitan", "of", "rb", "royal", "the", "ua", "unitary"),
}
"""Words that say what kind of place it is; left out of a name where nothing else tells places apart."""

_MOST_READ = 200
"""Letters of what a user wrote that are compared: no name is longer."""


@dataclass(frozen=True)
class Match:
    """What was found for something written.

    Attributes
    ----------
    codes
        Of all that it may mean, in the directory's order; one if it is understood.
    """

    codes: tuple[Any, ...]

    @property
    def code(self) -> Any:
        """The code that is meant; None where nothing or more than one thing is."""
        return self.codes[0] if len(self.codes) == 1 else None


class Directory:
    """Looks up councils, or the bodies of a layer, by code or by name.

    Parameters
    ----------
    codes, names
        Of all that there is, in one order.
    what
        What they are, such as "council".
    other_names
        Columns ``code`` and ``name``: what some of them are called besides.
    became
        Says what an unknown text was in another vintage; "" if nothing is known.
    """

    def __init__(
        self,
        codes: Iterable[Hashable],
        names: Iterable[object],
        what: str,
        other_names: pd.DataFrame | None = None,
        became: Callable[[str], str] = lambda _: "",
    ) -> None:
        self.called = {code: str(name) for code, name in zip(codes, names, strict=True)}
        self.what, self._became = what, became
        self._codes: dict[str, list[Any]] = {}
        self._forms: tuple[dict[str, list[Any]], ...] = ({}, {}, {})
        for code, name in self.called.items():
            _add(self._codes, str(code).casefold(), code)
            for form, known in zip(_FORMS, self._forms, strict=True):
                _add(known, form(name), code)
        if other_names is not None:
            for code, name in zip(other_names["code"], other_names["name"], strict=True):
                text = letters(name)
                # one that says what kind of place it is, such as "Newcastle City", is not understood without
                for known in self._forms if _short(text) == text else self._forms[:2]:
                    _add(known, text, code)

    def look(self, written: object) -> Match:
        """Return all that something written may mean, best reading first.

        Parameters
        ----------
        written
            A code or a name.

        Returns
        -------
        Match
            Of the first reading that fits anything: the code itself, the code without regard to case, the
            name, the name without "council" or the like, the name without words for kinds of places.
        """
        try:
            if written in self.called:
                return Match((written,))
        except TypeError:
            return Match(())
        text = str(written).strip()[:_MOST_READ]
        if text.casefold() in self._codes:
            return Match(tuple(self._codes[text.casefold()]))
        for form, known in zip(_FORMS, self._forms, strict=True):
            if found := known.get(form(text)):
                return Match(tuple(found))
        return Match(())

    def find(self, written: object) -> Any:
        """Return the code that is meant.

        Parameters
        ----------
        written
            A code or a name.

        Raises
        ------
        ScenarioError
            Where nothing, or more than one thing, is meant; the message names what may be.
        """
        match = self.look(written)
        if match.code is not None:
            return match.code
        if match.codes:
            called = first_few(f"{code} ({self.called[code]})" for code in match.codes)
            raise ScenarioError(f"more than one {self.what} goes by {written!r}: {called}; give the code")
        hint = self._became(str(written))
        hint = f"; {hint}" if hint else self._or(written)
        raise ScenarioError(f"there is no {self.what} {written!r}{hint}")

    def suggest(self, written: object) -> list[Any]:
        """Return the codes of what is most like something unknown, likeliest first; at most five."""
        text = letters(str(written).strip()[:_MOST_READ])
        part = [code for code, name in self.called.items() if text and f" {text} " in f" {letters(name)} "]
        return part[:5] or self._like(text)

    def _like(self, text: str) -> list[Any]:
        for form, known in zip(_FORMS, self._forms, strict=True):
            close = get_close_matches(form(text), list(known), n=1, cutoff=0.7)
            if close:
                return known[close[0]]
        return []

    def hint(self, written: object) -> str:
        """Say what something unknown may be; "" where nothing is like it.

        Returns
        -------
        str
            Such as ``"E07000151 (Daventry) is here West Northamptonshire (E06000062)"``, ``"it may be Leeds,
            E08000035"`` or ``"it fits Leeds, E08000035 and Leeds North, E1"``.
        """
        match = self.look(written)
        if not match.codes and (was := self._became(str(written))):
            return was
        like = match.codes or self.suggest(written)
        if not like:
            return ""
        shown = [f"{self.called[code]}, {code}" for code in like[:5]]
        joined = " or ".join([", ".join(shown[:-1])] * (len(shown) > 1) + shown[-1:])
        return f"it {'fits' if len(match.codes) > 1 else 'may be'} {joined}"

    def _or(self, written: object) -> str:
        like = self.suggest(written)
        if like:
            return f"; did you mean {' or '.join(repr(self.called[code]) for code in like)}?"
        names = dict.fromkeys(self.called.values())
        return f"; known are {first_few(names)}" if names else ""


def no_other_names() -> pd.DataFrame:
    """Return a table without any other name of a council."""
    return pd.DataFrame({"code": pd.Series([], dtype=object), "name": pd.Series([], dtype=object)})


def letters(name: object) -> str:
    """Return a name's letters and digits in words, small and plain: what is left when spellings differ."""
    plain = unicodedata.normalize("NFKD", str(name).casefold().replace("&", " and "))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    words = re.sub(r"[^\w]+", " ", re.sub(r"['’‘`´]", "", plain)).split()
    return " ".join("st" if word == "saint" else word for word in words)


def _without_council(name: object) -> str:
    """Leave out the word for who runs a place where a name ends with it."""
    words = letters(name).split()
    return " ".join(words[:-1] if len(words) > 1 and words[-1] in _BODIES else words)


def _short(name: object) -> str:
    """Leave out all words that say what kind of place it is, and an "and" that stood between them."""
    words = letters(name).split()
    kept = [
        word
        for at, word in enumerate(words)
        if word not in _KINDS
        and not (word == "and" and (at + 1 == len(words) or words[at + 1] in _KINDS))
        and not (word == "and" and at and words[at - 1] in _KINDS)
    ]
    return " ".join(kept)


_FORMS: tuple[Callable[[object], str], ...] = (letters, _without_council, _short)


def _add(known: dict[str, list[Any]], key: str, code: Any) -> None:
    held = known.setdefault(key, []) if key else []
    if code not in held:
        held.append(code)
