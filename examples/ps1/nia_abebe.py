"""Nia Abebe: handed in the notebooks as she got them."""

START = "release"
EXPECTED = {}
