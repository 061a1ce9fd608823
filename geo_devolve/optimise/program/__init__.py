"""The linear and the integer program over candidates at hand, and what they prove."""
