"""What an area may not be, as the scenario asks for it."""
