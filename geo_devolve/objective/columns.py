"""Which column of a table of terms is which: need, one a scored layer, compactness, balance.

`Scenario.term_names` has the same order, and so have weights of terms.
"""

NEED = 0
LAYERS = slice(1, -2)
COMPACTNESS = -2
BALANCE = -1
