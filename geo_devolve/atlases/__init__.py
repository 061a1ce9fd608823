"""Every plan there is: counted, listed with all its figures, drawn at random, and held against one's own."""
