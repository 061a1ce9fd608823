"""Encodings are what the manifest says, what the bytes prove, or a guess that is told."""

import pytest

from geo_devolve.geography.reading.encodings import decode, guess
from geo_devolve.outside import UnreadableFileError

POLISH = ["Łódź", "Gdańsk", "Wrocław", "Świdnica"]
CZECH = ["Plzeň", "České Budějovice", "Třebíč", "Hradec Králové"]
FRENCH = ["Île-de-Bréhat", "Côtes-d'Armor", "Finistère", "Orléans"]
GERMAN = ["München", "Köln", "Weißenfels", "Lübeck"]
RUSSIAN = ["Москва", "Тверь", "Казань"]


def table(names: list[str]) -> str:
    return "code,name\n" + "".join(f"E{at},{name}\n" for at, name in enumerate(names))


@pytest.mark.parametrize(
    ("names", "encoding"),
    [
        *((POLISH, "cp1250"), (FRENCH, "cp1252"), (FRENCH, "mac_roman")),
        *((GERMAN, "cp1252"), (GERMAN, "mac_roman"), (GERMAN, "cp850"), (RUSSIAN, "cp1251")),
    ],
)
def test_an_encoding_is_guessed_and_told(names, encoding):
    data = table(names).encode(encoding)
    assert guess(data) == encoding
    text, told = decode(data)
    assert text == table(names)
    assert encoding in told


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "ascii"])
def test_what_the_bytes_prove_is_not_told(encoding):
    text = table(POLISH if encoding != "ascii" else ["Bath"])
    assert decode(text.encode(encoding)) == (text, "")


def test_what_is_stated_is_used_or_refused():
    data = table(CZECH).encode("cp1250")
    assert decode(data, "cp1250") == (table(CZECH), "")
    with pytest.raises(UnreadableFileError, match="no letter of it"):
        decode(data, "utf-8")
    with pytest.raises(UnreadableFileError, match="no encoding"):
        decode(data, "latin-99")
