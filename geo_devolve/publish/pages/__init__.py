"""Pages for a browser: the explorer and the report."""
