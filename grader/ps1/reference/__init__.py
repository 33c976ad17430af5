"""Reference solutions of Problem Set 1, the measure of every answer."""
