"""Layers from where the manifest says they come from: columns, lookups, polygons or the grid."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import sparse

from geo_devolve.geography.directory import letters
from geo_devolve.geography.layers import Layer, Pairs, make_layer, members_of
from geo_devolve.geography.reading.councils import has_shapes, only_those
from geo_devolve.geography.reading.files import Folder
from geo_devolve.geography.reading.grid_layer import bodies_on_grid
from geo_devolve.geography.reading.known import KnownCouncils
from geo_devolve.geography.reading.layer_shapes import (
    BODY_CODES,
    BODY_NAMES,
    BodyShapes,
    bodies_of_points,
    read_body_shapes,
    tell_land,
    tell_resolution,
)
from geo_devolve.geography.reading.manifest import LayerSource, Manifest
from geo_devolve.geography.reading.points import point_columns
from geo_devolve.geography.reading.tables import clean_codes, numbers_in, pick, read_table, to_known
from geo_devolve.geography.reading.vector import is_vector, read_attributes
from geo_devolve.outside import UnreadableFileError


@dataclass
class Ground:
    """What layers are laid over."""

    folder: Folder
    manifest: Manifest
    known: KnownCouncils
    councils: gpd.GeoDataFrame
    points: pd.DataFrame
    shapes: Mapping[str, BodyShapes]
    of_council: sparse.csr_array = field(init=False)

    def __post_init__(self) -> None:
        rows = self.councils.index.get_indexer(pd.Index(self.points["council"]))
        known = np.flatnonzero(rows >= 0)  # strangers are faults, noted where the points were read
        shape = (len(self.points), len(self.councils))
        self.of_council = sparse.csr_array((np.ones(len(known)), (known, rows[known])), shape=shape)


def read_layers(ground: Ground) -> dict[str, Layer]:
    """Read every layer of the manifest.

    Returns
    -------
    dict of str to Layer
        In the manifest's order; a layer with faults is left out, and the faults are noted.
    """
    made: dict[str, Layer] = {}
    waiting = list(ground.manifest.layers)
    while waiting:
        ready = [name for name in waiting if ground.manifest.layers[name].of not in waiting]
        for name in ready:
            layer = _read_layer(ground, name, ground.manifest.layers[name], made)
            if layer is not None:
                made[name] = layer
        waiting = [name for name in waiting if name not in ready]
    return {name: made[name] for name in ground.manifest.layers if name in made}


def _read_layer(ground: Ground, name: str, source: LayerSource, made: dict[str, Layer]) -> Layer | None:
    if source.source == "points":
        table = point_columns(ground.points)
        pairs = _slots(ground, ground.manifest.points.table, table, source)
        matrix: sparse.csr_array | None = None
    elif source.source == "councils":
        pairs = _slots(ground, ground.manifest.councils.table, ground.councils, source)
        matrix = ground.of_council
    elif source.source == "lookup":
        places, matrix = _places(ground, source, made)
        pairs = None if places is None else _looked_up(ground, source, places)
    elif source.source == "grid":
        pairs, matrix = bodies_on_grid(ground.folder, ground.manifest, name, ground.points), None
    else:
        pairs, matrix = _drawn(ground, name, source)
    if pairs is None:
        return None
    count = len(ground.points) if matrix is None else matrix.shape[1]
    pairs = _checked_bodies(ground, name, source, pairs)
    membership, codes = members_of(pairs.place, pairs.body, pairs.share, count)
    if matrix is not None:
        membership = sparse.csr_array(matrix @ membership)
        membership.data = np.minimum(membership.data, 1.0)
    names = [pairs.names.get(code) or code for code in codes]
    layer = make_layer(
        name,
        source.title or name,
        membership=membership,
        codes=codes,
        names=names,
        population=ground.points["population"].to_numpy(),
        vintage=source.vintage,
    )
    return _without_empty(ground, layer)


def _slots(ground: Ground, where: str, table: pd.DataFrame, source: LayerSource) -> Pairs | None:
    """Read bodies from columns of a table, one body a column."""
    found = [
        pick(ground.folder, where, table, column, what="a layer comes from it") for column in source.columns
    ]
    if not all(found):
        return None
    names: dict[str, str] = {}
    places, bodies = [], []
    for number, column in enumerate(found):
        codes = clean_codes(table[column].astype(str))
        named = _name_column(ground, where, table, str(column), source.names[number] if source.names else "")
        full = np.flatnonzero((codes != "").to_numpy())
        places.append(full)
        bodies.append(codes.to_numpy()[full])
        if named is not None:
            pairs = pd.DataFrame({"code": codes, "name": table[named].astype(str)}).iloc[full]
            names |= dict(pairs.drop_duplicates("code").itertuples(index=False))
    place = np.concatenate(places).astype(np.int64)
    return Pairs(place, np.concatenate(bodies).tolist(), np.ones(len(place)), names)


def _name_column(ground: Ground, where: str, table: pd.DataFrame, column: str, wanted: str) -> str | None:
    """Find the column of names that goes with a column of codes, such as LEP17NM1 with LEP17CD1."""
    if wanted:
        return pick(ground.folder, where, table, wanted, what="a body's name")
    folded = {str(each).casefold(): str(each) for each in table.columns}
    text = column.casefold()
    for likely in (f"{text}_name", text.replace("code", "name"), _cd_to_nm(text)):
        if likely != text and likely in folded:
            return folded[likely]
    return None


def _cd_to_nm(text: str) -> str:
    at = text.rfind("cd")
    return text if at < 0 else f"{text[:at]}nm{text[at + 2 :]}"


def _places(
    ground: Ground, source: LayerSource, made: dict[str, Layer]
) -> tuple[pd.Index | None, sparse.csr_array | None]:
    """Return the codes that a lookup speaks of, and who lives in each."""
    if source.of in ("", "councils"):
        return ground.councils.index, ground.of_council
    if source.of == "points":
        return pd.Index(ground.points["id"]), None
    if source.of in made:
        return made[source.of].bodies.index, made[source.of].membership
    return None, None  # that layer has faults of its own, which are noted


def _looked_up(ground: Ground, source: LayerSource, places: pd.Index) -> Pairs | None:
    folder, where = ground.folder, source.table
    try:
        table = read_table(folder, where, source.sheet)
    except UnreadableFileError as error:
        folder.findings.fault(where, str(error), breaks="a layer comes from it")
        return None
    guesses = () if source.key else BODY_CODES
    key = pick(folder, where, table, source.key, what="the code of what is looked up", guesses=guesses)
    share = pick(folder, where, table, source.share, what="a share") if source.share else None
    if key is None or (source.share and share is None):
        return None
    of_councils = source.of in ("", "councils")
    table[key] = clean_codes(table[key])
    table = only_those(table, key, source.only, folder, where)
    table[key] = ground.known.read(where, table[key]) if of_councils else to_known(table[key], places)
    at = places.get_indexer(pd.Index(table[key]))
    what = source.of or "councils"
    if (at < 0).all():
        folder.findings.fault(
            where,
            f"none of its codes is one of the {what}",
            table[key].head(5),
            breaks="the layer would be empty",
            remedy=ground.known.remedy(table[key].unique().tolist(), table)
            if of_councils
            else "use a lookup of the same vintage, or name the right column in key",
        )
        return None
    if (at < 0).any():
        strange = table.loc[at < 0, key].unique()
        folder.findings.repair(
            where,
            f"{int((at < 0).sum()):,} rows about places that are not among the {what} are left out",
            strange,
            remedy=_by_name(ground, strange.tolist(), table) if of_councils else "",
        )
        table, at = table[at >= 0].reset_index(drop=True), at[at >= 0]
    pairs = _slots(ground, where, table, source)
    if pairs is None:
        return None
    shares = pairs.share
    if share is not None:
        shares = _shares(ground, where, table, share)[pairs.place]
    return Pairs(at[pairs.place].astype(np.int64), pairs.body, shares, pairs.names)


def _by_name(ground: Ground, strange: list[str], table: pd.DataFrame) -> str:
    """Say what places that are left out are likely to be, where their names tell."""
    remedy = ground.known.remedy(strange, table)
    return remedy if remedy.startswith("by their names") else ""


def _drawn(ground: Ground, name: str, source: LayerSource) -> tuple[Pairs | None, sparse.csr_array | None]:
    """Find the points' bodies by polygons; whole councils' bodies by most of their people, if so declared."""
    bodies = ground.shapes.get(name)
    if bodies is None or len(ground.points) == 0:
        return None, None
    land = ground.councils.geometry.to_numpy() if has_shapes(ground.councils) else np.array([], dtype=object)
    tell_resolution(ground.folder, source.polygons, bodies.shapes, land)
    tell_land(ground.folder, (name, source), bodies, land)
    point, body = bodies_of_points(ground.folder, (name, source), bodies, ground.points, land)
    names = dict(zip(bodies.codes, bodies.names, strict=True))
    codes = np.array(bodies.codes, dtype=object)
    if not source.whole_councils:
        return Pairs(point, codes[body].tolist(), np.ones(len(point)), names), None
    people = ground.points["population"].to_numpy(np.float64)
    lying = sparse.csr_array((people[point], (point, body)), shape=(len(people), len(codes)))
    inside = (ground.of_council.T @ lying).toarray()
    whole = np.asarray(ground.of_council.T @ people)
    council, theirs = np.nonzero(inside > 0.5 * whole[:, None])
    kept = np.zeros_like(inside, dtype=bool)
    kept[council, theirs] = True
    moved = inside[~kept].sum() + (whole[council] - inside[council, theirs]).sum()
    if moved > 0.5:
        ground.folder.findings.repair(
            source.polygons,
            f"bodies of layer {name!r} are read as whole councils; {moved:,.0f} people count on the other "
            "side of a "
            "border as it is drawn",
        )
    return Pairs(council, codes[theirs].tolist(), np.ones(len(council)), names), ground.of_council


def _shares(ground: Ground, where: str, table: pd.DataFrame, column: str) -> np.ndarray:
    numbers, wrong = numbers_in(ground.folder, where, table[column])
    numbers = np.where(table[column].str.endswith("%"), numbers / 100.0, numbers)
    bad = wrong + table.loc[~((numbers >= 0) & (numbers <= 1.0 + 1e-6)), column].tolist()
    if bad:
        ground.folder.findings.fault(
            where, f"shares in {column!r} that are not between 0 and 1", bad, remedy="write 0.25 or 25%"
        )
    return np.clip(np.nan_to_num(numbers), 0.0, 1.0)


def _checked_bodies(ground: Ground, name: str, source: LayerSource, pairs: Pairs) -> Pairs:
    """Hold bodies against the table of bodies, where the manifest names one, and take names from it."""
    if not source.bodies:
        return pairs
    folder, where = ground.folder, source.bodies
    try:
        table = read_attributes(folder, where) if is_vector(where) else read_table(folder, where)
    except UnreadableFileError as error:
        folder.findings.fault(where, str(error), breaks=f"bodies of layer {name!r} have their names from it")
        return pairs
    code = pick(folder, where, table, source.bodies_code, what="a body's code", guesses=BODY_CODES)
    label = pick(folder, where, table, source.bodies_name, what="a body's name", guesses=BODY_NAMES)
    if code is None or label is None:
        return pairs
    table[code] = clean_codes(table[code])
    twice = table.loc[table[code].duplicated(), code].unique()
    if len(twice):
        what = f"duplicate codes of bodies of layer {name!r}"
        folder.findings.fault(where, what, twice, remedy="keep one row each")
    known = dict(zip(table[code], table[label], strict=True))
    bodies = _succeeded(folder, where, name, pairs, known)
    used = set(bodies)
    unused = [each for each in known if each not in used]
    if unused:
        folder.findings.notice(where, f"bodies of layer {name!r} that nobody lives in are left out", unused)
    return Pairs(pairs.place, bodies.tolist(), pairs.share, known)


def _succeeded(
    folder: Folder,
    where: str,
    layer: str,
    pairs: Pairs,
    known: dict[str, str],
) -> pd.Series:
    """Put codes of another vintage on those of this one, where the name says which it is."""
    bodies = to_known(pd.Series(pairs.body, dtype=object), known)
    strange = [each for each in dict.fromkeys(bodies) if each not in known]
    if not strange:
        return bodies
    by_name = {letters(name): code for code, name in known.items()}
    called = {code: letters(pairs.names.get(code, "")) for code in strange}
    successor = {code: by_name[name] for code, name in called.items() if name in by_name}
    if successor:
        folder.findings.repair(
            where,
            f"codes of another vintage in layer {layer!r} are read as those of the same name",
            [f"{old} → {new}" for old, new in sorted(successor.items())],
        )
    lost = [code for code in strange if code not in successor]
    if lost:
        folder.findings.fault(
            where,
            f"lacks bodies of layer {layer!r} that people live in",
            lost,
            breaks="a code of another vintage, or a row lost",
            remedy="add the rows, or use tables of one vintage",
        )
    return bodies.map(lambda code: successor.get(code, code))


def read_shapes(folder: Folder, manifest: Manifest) -> dict[str, BodyShapes]:
    """Read the polygons of all layers that come from polygons."""
    found = {
        name: read_body_shapes(folder, manifest, name, source)
        for name, source in manifest.layers.items()
        if source.source == "polygons"
    }
    return {name: bodies for name, bodies in found.items() if bodies is not None}


def _without_empty(ground: Ground, layer: Layer) -> Layer:
    empty = layer.bodies.index[layer.bodies["population"] <= 0]
    if len(empty):
        ground.folder.findings.notice(
            f"layer {layer.name}", "bodies that nobody lives in are left out", empty
        )
        keep = np.flatnonzero(layer.bodies["population"].to_numpy() > 0)
        membership = sparse.csr_array(layer.membership.tocsc()[:, keep].tocsr())
        return Layer(layer.name, layer.title, layer.bodies.iloc[keep], membership, layer.vintage)
    return layer
