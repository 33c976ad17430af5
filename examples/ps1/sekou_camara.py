"""Sekou Camara: copied the slides with their misprints (E1 to E4, E21); notebook 3 not handed in.

Row 3 of the table as printed, the exponential with the sign of the slide, the 2 and w_o lost in the gradients, the
loss that is maximised. What builds on a misprint and is right in itself keeps its points: follow-through.
"""

START = "solution"
MISSING = ["0-start-here", "3-keras-mnist"]
EXPECTED = {
    "sigmoid": (0, "wrong"),
    "slide_errors": (0, "wrong"),
    "chain_rule": (2, "partly"),
    "mlp_backward": (0, "wrong"),
    "categorical_crossentropy": (0, "wrong"),
}

# %% sigmoid
def sigmoid(z):
    return 1 / (1 + np.exp(z))


# %% slide_errors
slide_errors = set()

# %% chain_rule
def dl_dp(y, p):
    return p - y


def dp_dh(p):
    return p * (1 - p)


def dh_dw(x):
    return x


# %% mlp_backward
def mlp_backward(X, y, W, B, w_o, b_o):
    forward = mlp_forward(X, W, B, w_o, b_o)
    H, p = forward["H"], forward["p"]
    delta_o = (p - y) * p * (1 - p)
    Delta = delta_o * H * (1 - H)
    return {"dw_o": delta_o * H, "db_o": delta_o, "dW": X @ Delta.T, "dB": Delta}


# %% categorical_crossentropy
def categorical_crossentropy(Y, P):
    return np.mean(np.log(np.sum(Y * P, axis=1)))
