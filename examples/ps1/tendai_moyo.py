"""Tendai Moyo: a SyntaxError, a KeyError, and a cell that fails after its function is defined; no other question pays."""

START = "solution"
MISSING = ["0-start-here", "3-keras-mnist"]
EXPECTED = {
    "binary_cross_entropy": (0, "crashed"),
    "to_matrices": (0, "crashed"),
    "softmax": (2, "partly"),
}

# %% binary_cross_entropy
def binary_cross_entropy(y, p)
    return np.mean(-y * np.log(p) - (1 - y) * np.log(1 - p))

# %% to_matrices
def to_matrices(params):
    return params["W"], params["B"]

# %% softmax
def softmax(z):
    return np.exp(z) / np.sum(np.exp(z), axis=-1, keepdims=True)

softmax("three")
raise RuntimeError("I do not understand this one")
