"""plan.gpkg: areas, councils and every layer's bodies in the geography's own metres, with styles for QGIS."""

import sqlite3
from pathlib import Path
from xml.sax.saxutils import quoteattr

import geopandas as gpd
import pyogrio
import shapely

from geo_devolve.errors import UsageError
from geo_devolve.plan.plan import Plan
from geo_devolve.publish.colours import LAYER_LINES, area_colours
from geo_devolve.publish.files.geojson import has_shapes
from geo_devolve.publish.files.tables import areas_table, councils_table, whole

STAMP = "2000-01-01T00:00:00.000Z"  # in place of the clock, so that the same plan gives the same bytes


def write_geopackage(plan: Plan, path: Path) -> None:
    """Write layers ``areas``, ``councils`` and ``layer_<key>`` for each layer, and QGIS's table of styles.

    Parameters
    ----------
    plan
        With shapes.
    path
        Must not exist yet.

    Raises
    ------
    UsageError
        The plan has no shapes.
    """
    if not has_shapes(plan):
        raise UsageError("this geography has no shapes, so there is no GeoPackage to write; use councils.csv")
    styles: list[tuple[str, str]] = []
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": STAMP})
    try:
        for name, table in tables(plan).items():
            pyogrio.write_dataframe(
                table, path, layer=name, driver="GPKG", append=path.exists(), promote_to_multi=True
            )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
    colours = area_colours(plan)
    names = plan.areas["name"]
    styles.append(
        ("areas", _categories([(code, f"{code} {names[code]}", fill) for code, fill in colours.items()]))
    )
    styles.append(("councils", _single("0,0,0,0", "110,110,110,255", 0.1)))
    for number, key in enumerate(plan.geography.layers):
        line = ",".join(str(int(LAYER_LINES[number % len(LAYER_LINES)][at : at + 2], 16)) for at in (1, 3, 5))
        styles.append((f"layer_{key}", _single("0,0,0,0", f"{line},255", 0.46)))
    _write_styles(
        path, [(name, style) for name, style in styles if name in set(pyogrio.list_layers(path)[:, 0])]
    )


def tables(plan: Plan) -> dict[str, gpd.GeoDataFrame]:
    """Return the tables of the GeoPackage, by layer name; areas on top of the list, as QGIS opens them."""
    geography = plan.geography
    areas = gpd.GeoDataFrame(areas_table(plan), geometry=plan.areas.geometry.to_numpy(), crs=plan.areas.crs)
    councils = gpd.GeoDataFrame(
        councils_table(plan), geometry=geography.councils.geometry.to_numpy(), crs=plan.areas.crs
    )
    written = {"areas": areas, "councils": councils}
    if geography.pieces is None:
        return written
    for key, layer in geography.layers.items():
        shapes = geography.layer_shapes(key)
        shapes = shapes.reindex(layer.bodies.index.intersection(shapes.index))
        if shapes.empty:
            continue
        bodies = layer.bodies.loc[shapes.index]
        written[f"layer_{key}"] = gpd.GeoDataFrame(
            {
                "code": [str(code) for code in shapes.index],
                "name": bodies["name"].to_numpy(),
                "population": whole(bodies["population"]).to_numpy(),
            },
            geometry=shapely.force_2d(shapes.geometry.to_numpy()),
            crs=plan.areas.crs,
        )
    return written


def _write_styles(path: Path, styles: list[tuple[str, str]]) -> None:
    """Add the table `layer_styles` as QGIS makes it, one default style a layer."""
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(
            "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,"
            " f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),"
            " f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,"
            " useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),"
            " update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))"
        )
        connection.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column,"
            " styleName, styleQML, styleSLD, useAsDefault, description, owner, ui, update_time)"
            " VALUES ('', '', ?, 'geom', ?, ?, '', 1, 'geo-devolve', '', NULL, ?)",
            [(name, name, style, STAMP) for name, style in styles],
        )
        connection.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change)"
            " VALUES ('layer_styles', 'attributes', 'layer_styles', 'Styles for QGIS', ?)",
            (STAMP,),
        )
    connection.close()


def _rgba(colour: str) -> str:
    return ",".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5)) + ",255"


def _symbol(name: str, fill: str, line: str, width_mm: float) -> str:
    options = {"color": fill, "outline_color": line, "outline_style": "solid", "outline_width": f"{width_mm}"}
    options |= {
        "outline_width_unit": "MM",
        "style": "no" if fill.endswith(",0") else "solid",
        "joinstyle": "round",
    }
    lines = "".join(
        f'<Option name="{key}" type="QString" value="{value}"/>' for key, value in options.items()
    )
    return (
        f'<symbol name="{name}" type="fill" alpha="1" clip_to_extent="1" force_rhr="0">'
        '<layer class="SimpleFill" enabled="1" locked="0" pass="0">'
        f'<Option type="Map">{lines}</Option></layer></symbol>'
    )


def _qml(renderer: str) -> str:
    head = '<!DOCTYPE qgis PUBLIC "http://mrcc.com/qgis.dtd" "SYSTEM">\n'
    return f'{head}<qgis version="3.28">{renderer}</qgis>\n'


def _single(fill: str, line: str, width_mm: float) -> str:
    symbols = f"<symbols>{_symbol('0', fill, line, width_mm)}</symbols>"
    return _qml(f'<renderer-v2 type="singleSymbol" enableorderby="0" forceraster="0">{symbols}</renderer-v2>')


def _categories(rows: list[tuple[str, str, str]]) -> str:
    categories = "".join(
        f'<category value={quoteattr(value)} label={quoteattr(label)} symbol="{number}" render="true"/>'
        for number, (value, label, _) in enumerate(rows)
    )
    symbols = "".join(
        _symbol(str(number), _rgba(fill), "255,255,255,255", 0.4) for number, (_, _, fill) in enumerate(rows)
    )
    return _qml(
        '<renderer-v2 type="categorizedSymbol" attr="code" enableorderby="0" forceraster="0">'
        f"<categories>{categories}</categories><symbols>{symbols}</symbols></renderer-v2>"
    )
