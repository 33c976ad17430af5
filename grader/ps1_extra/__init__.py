"""Problem Set 1, extra credit: its reference solutions and hidden suite."""
