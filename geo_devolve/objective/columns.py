"""Which column of a table of terms is which: need, the scored layers and what else is scored, and two more.

Behind the layers are change, flows and spreads, where they are scored; the last are compactness and balance.
`Scenario.term_names` has the same order, and so have weights of terms.
"""

NEED = 0
LAYERS = slice(1, -2)
COMPACTNESS = -2
BALANCE = -1
