"""A plan as files: tables, GeoJSON, GeoPackage and other programs' formats, written whole."""
