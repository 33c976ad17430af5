"""Kofi Asante: one function and one cell that end the Python process; the other questions keep their marks."""

START = "solution"
MISSING = ["0-start-here", "1-perceptron", "3-keras-mnist"]
EXPECTED = {
    "hidden_unit": (0, "crashed"),
    "diagnose_slide": (0, "crashed"),
}

# %% hidden_unit
import os


def hidden_unit(x1, x2, w1, w2, b):
    os._exit(0)


# %% diagnose_slide
os._exit(1)
