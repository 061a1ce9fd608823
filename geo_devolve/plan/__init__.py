"""The answer: a plan, what it scores, how it compares, who would govern it and what it costs."""
