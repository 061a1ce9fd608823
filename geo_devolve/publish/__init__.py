"""What a user hands on: exchange files, maps, the explorer page and the report."""
