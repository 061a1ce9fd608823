"""A geography's figures, worked out again from its own files: tables are added up, needs are standardised.

No polygon is measured here. What a folder says in another way than in plain tables of codes and numbers is
not guessed at: `NotPlainError` says what it is.
"""

import csv
import gzip
import io
import tomllib
from collections.abc import Iterable
from fractions import Fraction
from hashlib import sha256
from math import isqrt
from os import PathLike
from pathlib import Path, PurePosixPath
from typing import Any

from geo_devolve.verifying.strict import DoubtError, exact, load

MANIFEST = "geography.toml"
AGREE = Fraction(1, 10**12)  # how near the certificate's scores are to those worked out here
PEOPLE = Fraction(1, 10**6)  # how near people are that are not whole
PLACE = Fraction(1, 10**6)  # how near its population centres are (m)
FLAT = Fraction(1, 10**9)  # a spread below this share of an indicator's size is rounding
ROUNDING = 5 * AGREE  # of the need term, whatever the plan: see docs/certificate.md
_DIGITS = 10**40
_NONE = {"", "!", "-", "~", "x", "u", "c", "..", ".", ":", "n/a", "na", "nan", "null", "#n/a", "*", "–"}

Rows = list[dict[str, str]]


class NotPlainError(Exception):
    """The folder states something in a way that is not worked out here."""


def find_folder(source: str | PathLike[str] | None, name: str) -> Path | None:
    """Return the folder that a user names, or else that of the embedded geography that a plan names."""
    package = Path(__file__).parents[1]
    homes = [package / "boundaries", package.parent / "boundaries"]
    known = {folder.name: folder for home in homes if home.is_dir() for folder in sorted(home.iterdir())}
    wanted = name if source is None else str(source)
    folder = known.get(wanted, None if source is None else Path(source))
    return folder if folder is not None and (folder / MANIFEST).is_file() else None


def hold_hashes(folder: Path, inputs: dict[str, str]) -> None:
    """Hold every file's SHA-256 against the one that the plan tells; the manifest must be among them."""
    if MANIFEST not in inputs:
        raise DoubtError(f"the hash of {MANIFEST} is not told")
    manifest = tomllib.loads(load(folder / MANIFEST).decode("utf-8"))
    if untold := [each for each in _texts(manifest) if each not in inputs and (folder / each).is_file()]:
        raise DoubtError(f"the hash of {untold[0]} is not told")
    for name, told in inputs.items():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name:
            raise DoubtError(f"{name!r} is no file of the geography's folder")
        if sha256(load(folder / path)).hexdigest() != told:
            raise DoubtError(
                f"{name} of the geography is another than the plan was made from: its hash differs"
            )


def _texts(value: object) -> list[str]:
    """Return every text in a manifest, the names of files among them."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value] if isinstance(value, str) else [text for each in inner for text in _texts(each)]


def hold_figures(folder: Path, stated: dict[str, Any]) -> tuple[Fraction, int]:
    """Hold the certificate's figures against those worked out from the files.

    Returns
    -------
    tuple of Fraction and int
        How much of the need term the rounding of scores may change, of any plan; how many councils of the
        files are not spoken of.

    Raises
    ------
    DoubtError
        A figure differs.
    NotPlainError
        They cannot be worked out here.
    """
    ground, themes = _Ground(folder), stated["themes"]
    codes = [each["code"] for each in stated["councils"]]
    inside = set(codes)
    _same("the councils", codes, sorted(inside & ground.names.keys()))
    centres = ground.centres()
    scores = ground.scores(themes, codes) if themes else {}
    for each in stated["councils"]:
        code = each["code"]
        _same(f"the name of {code}", each["name"], ground.names[code])
        _near(f"the people of {code}", exact(each["people"]), ground.people[code])
        for axis, place in zip(("x", "y"), centres[code], strict=True):
            if each[axis] is not None and abs(exact(each[axis]) - place) > PLACE:
                raise DoubtError(f"the population centre of {code} is another than by the geography's files")
        for theme, score in zip(themes, each["scores"], strict=True):
            if abs(exact(score) - scores[theme][code]) > AGREE:
                raise DoubtError(f"the need of {code} ({theme}) is another than by the geography's files")
    lengths = {(codes[a], codes[b]): exact(length) for a, b, length in stated["borders"]}
    kinds = {(codes[a], codes[b]): kind for a, b, kind in stated["crossings"]}
    borders, crossings = ground.pairs("borders", "length_m"), ground.pairs("crossings", "kind")
    _same(
        "the borders", lengths, {pair: exact(text) for pair, text in borders.items() if inside >= set(pair)}
    )
    _same(
        "the crossings",
        kinds,
        {pair: text.lower() for pair, text in crossings.items() if inside >= set(pair)},
    )
    for name, layer in stated["layers"].items():
        _hold_layer(ground, name, layer, codes)
    return ROUNDING, len(ground.names) - len(codes)


def _hold_layer(ground: "_Ground", name: str, stated: dict[str, Any], codes: list[str]) -> None:
    """Hold people by council and body, those beyond the study area, and the names of bodies."""
    bodies, inside = stated["bodies"], set(codes)
    called = {code: title for code, title, _ in bodies}
    told = {(codes[council], bodies[body][0]): exact(people) for council, body, people in stated["people"]}
    told |= {("", code): exact(beyond) for code, _, beyond in bodies}
    members, names = ground.layer(name)
    found: dict[tuple[str, str], Fraction] = {}
    for (council, people), held in zip(ground.points, members, strict=True):
        for body, share in held.items():
            key = (council if council in inside else "", body)
            found[key] = found.get(key, Fraction()) + people * min(share, Fraction(1))
    for key in told.keys() | found.keys():
        if key[0] or key[1] in called:
            what = f"the people of layer {name} in {key[0] or 'no council here'}"
            _near(what, told.get(key, Fraction()), found.get(key, Fraction()))
    _same(f"the names of layer {name}", called, {code: names.get(code) or code for code in called})
    if len(called) < len(bodies):
        raise DoubtError(f"a body of layer {name} stands twice in the certificate")


def _near(what: str, told: Fraction, found: Fraction) -> None:
    """Hold people against people: to the last digit where they are whole, else as they are rounded."""
    if told != found and (found.denominator == 1 or abs(told - found) > PEOPLE):
        raise DoubtError(f"{what}: the certificate says another number than the geography's files")


def _same(what: str, told: object, found: object) -> None:
    if told != found:
        raise DoubtError(f"{what}: the certificate says something else than the geography's files")


def _number(text: str, what: str) -> Fraction:
    try:
        return exact(text)
    except DoubtError as error:
        raise NotPlainError(f"{what} holds {text!r}") from error


class _Ground:
    """Councils, points, borders, layers and needs, read from plain tables."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest: dict[str, Any] = tomllib.loads(load(folder / MANIFEST).decode("utf-8"))
        councils, points = self.manifest["councils"], self.manifest["points"]
        for where, allowed in (
            (councils, "table code name population"),
            (points, "table id x y population council"),
        ):
            if extra := set(where) - set(allowed.split()):
                raise NotPlainError(f"the manifest says {', '.join(sorted(extra))}")
        self.table = self.rows(councils)
        code, name = councils.get("code", "code"), councils.get("name", "name")
        self.names = {row[code]: row[name] for row in self.table}
        self.code = code
        if len(self.names) < len(self.table):
            raise DoubtError("a council stands twice in the geography's files")
        self.point_rows = self.rows(points)
        people, council = points.get("population", "population"), points.get("council", "council")
        self.points = [(self.known(row[council]), _number(row[people], people)) for row in self.point_rows]
        self.people = dict.fromkeys(self.names, Fraction())
        for at, count in self.points:
            self.people[at] += count

    def rows(self, source: dict[str, Any], key: str = "table") -> Rows:
        """Read a table as texts, without white space around them."""
        if source.get("sheet") or not isinstance(source.get(key), str):
            raise NotPlainError(f"{MANIFEST} names no plain table")
        name = source[key]
        data = load(self.folder / PurePosixPath(name))
        if name.endswith(".gz"):
            data = gzip.decompress(data)
        elif not name.endswith(".csv"):
            raise NotPlainError(f"{name} is no CSV")
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise NotPlainError(f"{name} is not in UTF-8") from error
        head = text[: text.find("\n")]
        read = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t|", key=head.count))
        header = [cell.strip() for cell in next(read)]
        lines = [[cell.strip() for cell in line] for line in read]
        if len(set(header)) < len(header) or any(len(line) != len(header) for line in lines if any(line)):
            raise NotPlainError(f"{name} is no plain table")
        return [dict(zip(header, line, strict=True)) for line in lines if any(line)]

    def known(self, code: str) -> str:
        """Return a council's code as it stands in the councils' table."""
        if code not in self.names:
            raise NotPlainError(f"{code!r} is the code of no council as it stands")
        return code

    def centres(self) -> dict[str, tuple[Fraction, Fraction]]:
        """Return each council's population centre (m)."""
        columns = [
            self.manifest["points"].get(key, usual) for key, usual in (("x", "easting"), ("y", "northing"))
        ]
        sums = {code: [Fraction(), Fraction()] for code in self.names}
        for (council, people), row in zip(self.points, self.point_rows, strict=True):
            for axis, column in enumerate(columns):
                sums[council][axis] += people * _number(row[column], column)
        return {
            code: (x / (self.people[code] or 1), y / (self.people[code] or 1))
            for code, (x, y) in sums.items()
        }

    def pairs(self, section: str, column: str) -> dict[tuple[str, str], str]:
        """Return what a table says of pairs of councils, the lower code first."""
        source = self.manifest.get(section)
        found: dict[tuple[str, str], str] = {}
        if source is None:
            if section == "borders":
                raise NotPlainError("borders were measured on polygons")
            return found
        for row in self.rows(source):
            one, other = (self.known(row[source.get(end, end)]) for end in ("council", "neighbour"))
            found[min(one, other), max(one, other)] = row[source.get(column, column)]
        return found

    def layer(self, name: str) -> tuple[list[dict[str, Fraction]], dict[str, str]]:
        """Return each point's bodies in a layer, with its share in each, and the bodies' names."""
        source = self.manifest["layers"][name]
        kind = source.get("from")
        if extra := set(source) & {"sheet", "share", "only", "crs"}:
            raise NotPlainError(f"layer {name} says {', '.join(sorted(extra))}")
        if kind == "points":
            held, names = self.slots(source, self.point_rows)
        elif kind == "councils":
            by_council, names = self.slots(source, self.table)
            row_of = {row[self.code]: held for row, held in zip(self.table, by_council, strict=True)}
            held = [row_of[council] for council, _ in self.points]
        elif kind == "lookup":
            held, names = self.looked_up(source)
        else:
            raise NotPlainError(f"layer {name} comes from {kind}")
        if source.get("bodies"):
            rows = self.rows(source, "bodies")
            key, label = source.get("bodies_code", "code"), source.get("bodies_name", "name")
            names = {row[key]: row[label] for row in rows}
            if strange := {body for row in held for body in row} - names.keys():
                raise NotPlainError(
                    f"bodies of layer {name} have codes that are not listed: {sorted(strange)[:5]}"
                )
        return held, names

    def slots(self, source: dict[str, Any], rows: Rows) -> tuple[list[dict[str, Fraction]], dict[str, str]]:
        """Read the bodies of each row from columns, and their names from the columns beside them."""
        columns = source["columns"]
        columns = [columns] if isinstance(columns, str) else columns
        names: dict[str, str] = {}
        for number, column in enumerate(columns):
            label = source["names"][number] if source.get("names") else f"{column}_name"
            for row in reversed(rows):
                if row[column] and label in row:
                    names[row[column]] = row[label]
        return [{row[column]: Fraction(1) for column in columns if row[column]} for row in rows], names

    def looked_up(self, source: dict[str, Any]) -> tuple[list[dict[str, Fraction]], dict[str, str]]:
        """Read bodies from a table of its own, by council, by point, or by body of another layer."""
        rows = self.rows(source)
        key, of = source.get("key", "code"), source.get("of", "councils")
        table, names = self.slots(source, rows)
        by_key: dict[str, dict[str, Fraction]] = {}
        for row, held in zip(rows, table, strict=True):
            by_key.setdefault(row[key], {}).update(held)
        if of in {"councils", ""}:
            return [by_key.get(council, {}) for council, _ in self.points], names
        if of == "points":
            return [by_key.get(row[self.manifest["points"]["id"]], {}) for row in self.point_rows], names
        others, _ = self.layer(of)
        answer = []
        for held in others:
            found: dict[str, Fraction] = {}
            for other, share in held.items():
                for body in by_key.get(other, {}):
                    found[body] = found.get(body, Fraction()) + share
            answer.append(found)
        return answer, names

    def scores(self, themes: Iterable[str], codes: list[str]) -> dict[str, dict[str, Fraction]]:
        """Fill gaps from the neighbours, standardise indicators, average them by theme, standardise again."""
        source = self.manifest["needs"]
        if source.get("points"):
            raise NotPlainError("needs are summed up from points")
        values = {self.known(row[source.get("council", "council")]): row for row in self.rows(source)}
        near: dict[str, set[str]] = {code: set() for code in self.names}
        crossings = self.pairs("crossings", "kind")
        for one, other in [
            *self.pairs("borders", "length_m"),
            *(p for p, k in crossings.items() if k.lower() != "none"),
        ]:
            near[one].add(other)
            near[other].add(one)
        by_theme: dict[str, list[dict[str, Fraction]]] = {theme: [] for theme in themes}
        for row in self.rows({"table": source["indicators"]}):
            if row["theme"] not in by_theme:
                continue
            sign = {"more need": 1, "less need": -1}[row["higher_means"].lower()]
            texts = {code: values[code][row["indicator"]] for code in self.names}
            known = {
                code: _number(text, row["indicator"])
                for code, text in texts.items()
                if text.casefold() not in _NONE
            }
            givers = {code: near[code] & known.keys() or set(known) for code in self.names}
            full = {code: known[code] if code in known else self.mean(known, givers[code]) for code in codes}
            by_theme[row["theme"]].append({code: sign * value for code, value in self.standard(full).items()})
        return {
            theme: self.standard(
                {code: sum((each[code] for each in rows), Fraction()) / len(rows) for code in codes}
            )
            for theme, rows in by_theme.items()
        }

    def mean(self, values: dict[str, Fraction], of: Iterable[str]) -> Fraction:
        """Return the mean of some councils' values, weighted by people."""
        chosen = list(of)
        people = sum(self.people[code] for code in chosen)
        if not people:
            return sum((values[code] for code in chosen), Fraction()) / len(chosen)
        return sum((values[code] * self.people[code] for code in chosen), Fraction()) / people

    def standard(self, values: dict[str, Fraction]) -> dict[str, Fraction]:
        """Return deviations from the mean in standard deviations, to forty digits; zeros where alike."""
        middle = self.mean(values, values)
        apart = {code: value - middle for code, value in values.items()}
        variance = self.mean({code: value**2 for code, value in apart.items()}, values)
        size = max(abs(value) for value in values.values())
        if variance <= (FLAT * size) ** 2:
            return dict.fromkeys(values, Fraction())
        spread = Fraction(
            isqrt(variance.numerator * _DIGITS**2 * variance.denominator), variance.denominator * _DIGITS
        )
        return {code: Fraction(round(value / spread * _DIGITS), _DIGITS) for code, value in apart.items()}
