"""Every candidate listed: how many there are, each with its terms, and kept."""
