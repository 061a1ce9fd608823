"""What compiled loops share: flat arrays of a problem, sums over masks, what is left over."""
