"""Which encoding a file's texts are in: as the manifest says, as the bytes prove, or a guess that is told."""

import re

from charset_normalizer import from_bytes

from geo_devolve.errors import first_few
from geo_devolve.outside import UnreadableFileError

LATIN = ("cp1252", "cp1250", "mac_roman", "cp1254", "cp1257", "cp850", "cp852")
"""One-byte encodings of Latin letters, the likeliest first."""
OTHERS = ("cp1251", "cp1253", "cp1255", "cp1256", "koi8_r", "shift_jis", "gb18030", "big5", "euc_kr")
SAMPLE = 200_000
"""Letters that a guess is made from."""
_WORD = re.compile(rb"[A-Za-z\x80-\xff'\-]*[\x80-\xff][A-Za-z\x80-\xff'\-]*")
_PHRASE = re.compile(rb"[A-Za-z\x80-\xff][A-Za-z\x80-\xff' \-]*")


def decode(data: bytes, stated: str = "") -> tuple[str, str]:
    """Decode a text.

    Parameters
    ----------
    data
        The file's bytes.
    stated
        The encoding that the manifest states; "" to find out.

    Returns
    -------
    tuple of str and str
        The text, and what is to be told of a guess; "" where nothing was guessed.

    Raises
    ------
    UnreadableFileError
        The text is not in the encoding that is stated, or there is no such encoding.
    """
    if stated:
        return _stated(data, stated), ""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return data.decode(encoding), ""
            except UnicodeDecodeError:
                raise UnreadableFileError(
                    f"is truncated or damaged: it is no {encoding.upper()} text"
                ) from None
    if data[:200].count(0) > 20:
        encoding = "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"
        try:
            return data.decode(encoding), _told(encoding, data.decode(encoding))
        except UnicodeDecodeError:
            raise UnreadableFileError("is no text; save it as CSV in UTF-8") from None
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError:
        encoding = guess(data)
    text = data.decode(encoding, errors="replace")
    if "\ufffd" in text:
        raise UnreadableFileError(
            "is in no encoding that could be told; state it in encoding, such as cp1250"
        )
    return text, _told(encoding, text)


_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def _stated(data: bytes, stated: str) -> str:
    try:
        text = data.decode(stated)
    except LookupError:
        raise UnreadableFileError(
            f"is said to be in {stated!r}, which is no encoding; write utf-8 or cp1250"
        ) from None
    except UnicodeDecodeError as error:
        raise UnreadableFileError(
            f"is said to be in {stated!r}, but byte {error.start:,} is no letter of it; correct encoding"
        ) from None
    return text.removeprefix("\ufeff")


def _told(encoding: str, text: str) -> str:
    words = dict.fromkeys(word for word in re.findall(r"[^\W\d_]+", text[:SAMPLE]) if not word.isascii())
    return f"is not in UTF-8 and does not say its encoding; it is read as {encoding}: {first_few(words)}"


def guess(data: bytes) -> str:
    """Guess the encoding of bytes that are no UTF-8.

    Parameters
    ----------
    data
        Of the whole file, or its texts.

    Returns
    -------
    str
        One of `LATIN` and `OTHERS`.
    """
    words = _WORD.findall(data[:SAMPLE])
    names = b" ".join(dict.fromkeys(_PHRASE.findall(data[:SAMPLE])))
    found = [match.encoding for match in from_bytes(names, cp_isolation=[*LATIN, *OTHERS])]
    high = sum(len(re.findall(rb"[\x80-\xff]", word)) for word in words)
    if 2 * high > sum(map(len, words)):  # words of hardly any plain letter are of another script
        other = [encoding for encoding in found if encoding in OTHERS]
        if other:
            return other[0]
    tried = {encoding: _odd(b" ".join(words), encoding) for encoding in LATIN}
    return min(LATIN, key=lambda encoding: tried[encoding])  # of those that read alike well, the likeliest


def _odd(words: bytes, encoding: str) -> int:
    """Count what does not occur within words: signs beside letters, capitals after small ones, no letters."""
    text = f" {words.decode(encoding, errors='replace')} "
    odd = 10 * text.count("\ufffd")
    for before, letter, after in zip(text, text[1:], text[2:], strict=False):
        if not letter.isascii():
            beside = before.isalpha() or after.isalpha()
            odd += (not letter.isalpha() and beside and letter not in "’‘") + (
                letter.isupper() and before.islower()
            )
    return odd


def dbf_encoding(table: bytes, declared: str, stated: str) -> tuple[str, str]:
    """Find the encoding of a shapefile's table.

    Parameters
    ----------
    table
        The .dbf's bytes.
    declared
        What its .cpg says; "" without.
    stated
        What the manifest says; "" where it does not.

    Returns
    -------
    tuple of str and str
        The encoding, "" to leave it to GDAL; and what is to be told.
    """
    texts = table[32:]
    if stated:
        _stated(b"", stated)
        return stated, ""
    if texts.isascii():
        return "", ""
    try:
        texts.decode("utf-8")
    except UnicodeDecodeError:
        if declared:
            return "", ""
        encoding = guess(texts)
        return encoding, _told(encoding, texts.decode(encoding, errors="replace")).replace(
            "is not", "has texts that are not"
        )
    if declared.strip().upper().replace("-", "") in {"UTF8", "65001"}:
        return "", ""
    said = f"says {declared.strip()!r}" if declared.strip() else "does not say its encoding"
    words = dict.fromkeys(re.findall(r"\w*[^\W\d_\x00-\x7f]\w*", texts.decode("utf-8")))
    return "UTF-8", f"{said}; its texts can only be UTF-8, and are read so: {first_few(words)}"
