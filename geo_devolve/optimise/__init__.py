"""From councils to the plan that is provably best: blocks, candidates, costs, master, search."""
