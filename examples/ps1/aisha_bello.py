"""Aisha Bello: forgot to hand in all notebooks but the first, which is right."""

START = "solution"
MISSING = ["0-start-here", "2-mlp-backprop", "3-keras-mnist"]
EXPECTED = {}
