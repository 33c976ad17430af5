"""Hidden suites of Problem Set 1: the definition of right, as plain pytest."""
