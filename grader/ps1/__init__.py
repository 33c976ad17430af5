"""Problem Set 1: its reference solutions, hidden suites and probes."""
