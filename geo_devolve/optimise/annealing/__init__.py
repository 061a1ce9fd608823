"""Annealed recombination: good areas where there are too many candidates to list or walk."""
