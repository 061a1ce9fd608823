"""A plan in other programs' formats, and back: what is written can be read again as the same plan."""

import json
import os
import tempfile
import zipfile
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from geo_devolve.errors import UsageError
from geo_devolve.geography.model import Geography
from geo_devolve.plan.plan import Plan
from geo_devolve.plan.read import read_plan
from geo_devolve.publish.files import topology
from geo_devolve.publish.files.geojson import (
    DECIMALS,
    areas_geojson,
    cut_at_180,
    has_shapes,
    properties,
    to_wgs84,
)
from geo_devolve.publish.files.geopackage import tables, write_geopackage
from geo_devolve.publish.files.record import created, head, plan_json
from geo_devolve.publish.files.staging import staged_file
from geo_devolve.publish.files.tables import areas_table, councils_table, to_csv, whole
from geo_devolve.publish.phrases import certificate_line
from geo_devolve.scenario import Scenario

LONG_AGO = (2000, 1, 1, 0, 0, 0)  # in place of the clock, so that the same plan gives the same bytes
SHAPEFILE_WARNING = (
    "a shapefile cuts columns' names to 10 letters and texts to 254 bytes, and has no list of councils on an "
    "area: columns.csv in it says what each column was; GeoPackage keeps all"
)


def export_plan(plan: Plan, path: str | Path) -> list[str]:
    """Write a plan in the format that the file's name ends with, whole or not at all.

    Parameters
    ----------
    plan
        The plan.
    path
        Ends with ``.geojson``, ``.gpkg``, ``.parquet``, ``.topojson``, ``.shp.zip``, ``.csv``, ``.xlsx`` or
        ``.json``.

    Returns
    -------
    list of str
        What a reader of the file should be warned of.

    Raises
    ------
    UsageError
        Another ending, no shapes for a format that needs them, or the folder cannot be written.
    """
    path = Path(path)
    ending = _ending(path)
    if ending not in WRITERS:
        raise UsageError(f"{path.name}: a plan is exported as {', '.join(WRITERS)}; name a file that ends so")
    if ending in NEED_SHAPES and not has_shapes(plan):
        raise UsageError(f"this geography has no shapes for {ending}; use .csv, .xlsx or .json")
    with staged_file(path) as place:
        WRITERS[ending](plan, place)
    return [SHAPEFILE_WARNING] if ending == ".shp.zip" else []


def read_back(geography: Geography, path: str | os.PathLike[str], scenario: Scenario) -> Plan:
    """Read a plan from any format that `export_plan` writes, and from those of `read_plan`.

    Parameters
    ----------
    geography
        The study area.
    path
        The file, or a folder as `write_plan` leaves it.
    scenario
        What the plan is held against.

    Returns
    -------
    Plan
        The same assignment; without a certificate, as for every plan that is read.

    Raises
    ------
    DataError
        The file cannot be read as a plan.
    """
    return read_plan(geography, path, scenario)


def _ending(path: Path) -> str:
    name = path.name.lower()
    return ".shp.zip" if name.endswith(".shp.zip") else path.suffix.lower()


def _write_geojson(plan: Plan, path: Path) -> None:
    path.write_bytes(areas_geojson(plan, head(plan, created(plan))).encode("utf-8"))


def _write_json(plan: Plan, path: Path) -> None:
    path.write_bytes(plan_json(plan, created(plan)).encode("utf-8"))


def _write_csv(plan: Plan, path: Path) -> None:
    path.write_bytes(to_csv(councils_table(plan)).encode("utf-8"))


def _write_parquet(plan: Plan, path: Path) -> None:
    """Write the areas as GeoParquet in the geography's own system, councils as lists."""
    table = pd.DataFrame(list(properties(plan).values()))
    gpd.GeoDataFrame(table, geometry=plan.areas.geometry.to_numpy(), crs=plan.areas.crs).to_parquet(
        path, index=False
    )


def _write_topojson(plan: Plan, path: Path) -> None:
    """Write councils and areas with shared arcs, in WGS84."""
    councils = plan.geography.councils
    together = gpd.GeoSeries([*councils.geometry, *plan.areas.geometry], crs=councils.crs)
    degrees = cut_at_180(to_wgs84(together)[0])
    built = topology.build(
        degrees.iloc[: len(councils)], degrees.iloc[len(councils) :], most_points=None, step=10.0**-DECIMALS
    )
    rows = councils_table(plan).astype(object)
    features = rows.where(rows.notna(), None).to_dict("records")
    objects = {
        "councils": [{"piece": place, "code": row["council"]} | row for place, row in enumerate(features)],
        "areas": [
            {"piece": len(councils) + place} | row for place, row in enumerate(properties(plan).values())
        ],
    }
    document = topology.to_topojson(built, objects) | {"attribution": plan.geography.attribution}
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    path.write_bytes((text + "\n").encode("utf-8"))


def _write_shapefile(plan: Plan, path: Path) -> None:
    """Write areas and councils as shapefiles in one archive, with the map of their columns."""
    files: dict[str, bytes] = {}
    columns: list[dict[str, str]] = []
    with tempfile.TemporaryDirectory(prefix="geo-devolve-") as folder:
        for name in ("areas", "councils"):
            table = tables(plan)[name].drop(columns=["councils", "council_names"], errors="ignore")
            short = _short_names([str(column) for column in table.columns if column != "geometry"])
            columns += [{"layer": name, "column": new, "means": old} for old, new in short.items()]
            pyogrio.write_dataframe(
                table.rename(columns=short),
                Path(folder) / f"{name}.shp",
                driver="ESRI Shapefile",
                encoding="UTF-8",
                DBF_DATE_LAST_UPDATE="2000-01-01",
            )
        files |= {file.name: file.read_bytes() for file in sorted(Path(folder).iterdir())}
    files["columns.csv"] = to_csv(pd.DataFrame(columns)).encode("utf-8")
    files["attribution.txt"] = (plan.geography.attribution + "\n").encode("utf-8")
    path.write_bytes(archive(files))


def _short_names(names: list[str]) -> dict[str, str]:
    """Cut names to ten letters, no two alike."""
    short: dict[str, str] = {}
    for name in names:
        cut, number = name[:10], 1
        while cut in short.values():
            number += 1
            cut = f"{name[: 10 - len(str(number))]}{number}"
        short[name] = cut
    return short


def archive(files: dict[str, bytes]) -> bytes:
    """Return a zip archive that is the same for the same files."""
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            out.writestr(entry, content)
    return written.getvalue()


def _write_workbook(plan: Plan, path: Path) -> None:
    """Write councils, areas, scores and what the plan is as sheets of a workbook."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    scores = plan.scores.assign(area=plan.scores["area"].map(str))
    about = [
        ("Geography", plan.geography.title),
        ("Scenario", plan.scenario.name),
        ("Certificate", certificate_line(plan)),
        ("Attribution", plan.geography.attribution),
        *(("Note", note) for note in (*plan.faults, *plan.notes, *plan.geography.notices)),
        *((f"SHA-256 of {name}", digest) for name, digest in sorted(plan.geography.inputs.items())),
    ]
    sheets = {
        "Councils": councils_table(plan),
        "Areas": areas_table(plan).assign(population=whole(plan.areas["population"]).to_numpy()),
        "Scores": scores,
        "About": pd.DataFrame(about, columns=["what", "is"]),
    }
    for title, table in sheets.items():
        _fill(book.create_sheet(title), table)
    book.properties.creator = "geo-devolve"
    book.properties.created = book.properties.modified = datetime(*LONG_AGO)  # noqa: DTZ001  (the format has no zone)
    written = BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    files["docProps/core.xml"] = _without_clock(files["docProps/core.xml"])
    path.write_bytes(archive(files))


def _without_clock(core: bytes) -> bytes:
    """Replace the time of saving, which the library always takes from the clock."""
    start, mark, rest = core.partition(b"<dcterms:modified")
    if not mark:
        return core
    opening, bracket, after = rest.partition(b">")
    _, closing, end = after.partition(b"</dcterms:modified>")
    return start + mark + opening + bracket + b"2000-01-01T00:00:00Z" + closing + end


def _fill(sheet: Any, table: pd.DataFrame) -> None:
    """Fill a sheet; texts stay texts, also those that begin like a formula."""
    sheet.append([str(column) for column in table.columns])
    for row in table.itertuples(index=False):
        cells = []
        for value in row:
            empty = value is None or (isinstance(value, float) and pd.isna(value))
            cell = Cell(sheet, value=None)
            if not empty and isinstance(value, str):
                cell.value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", value)  # XML has no way to write them
                cell.data_type = "s"
                cell.quotePrefix = value[:1] in {"=", "+", "-", "@"}
            elif not empty:
                cell.value = value.item() if hasattr(value, "item") else value
            cells.append(cell)
        sheet.append(cells)
    sheet.freeze_panes = "A2"
    for number, column in enumerate(table.columns, start=1):
        texts = [str(column), *(str(value) for value in table[column].head(200))]
        letter = openpyxl.utils.get_column_letter(number)
        sheet.column_dimensions[letter].width = min(60, max(map(len, texts)) + 2)


WRITERS: dict[str, Callable[[Plan, Path], None]] = {
    ".geojson": _write_geojson,
    ".gpkg": write_geopackage,
    ".parquet": _write_parquet,
    ".topojson": _write_topojson,
    ".shp.zip": _write_shapefile,
    ".csv": _write_csv,
    ".xlsx": _write_workbook,
    ".json": _write_json,
}
NEED_SHAPES = frozenset({".gpkg", ".parquet", ".topojson", ".shp.zip"})
