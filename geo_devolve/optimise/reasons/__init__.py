"""Why nothing is possible, and the least changes that help."""
