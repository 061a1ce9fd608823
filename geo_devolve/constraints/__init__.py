"""What an area may not be, as the scenario asks for it: each rule is one module of `rules`."""
