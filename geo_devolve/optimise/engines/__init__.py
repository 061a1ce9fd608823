"""The engines behind one face: listing, streaming and generating, chosen by size."""
