"""What is measured of an area: units, their figures, and the terms that they add up to."""
