"""From files to a geography: the manifest, tables, polygons, and their repair."""
