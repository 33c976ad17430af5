"""Right and wrong answers to the extra notebook, made from one training loop with one thing changed at a time."""

from __future__ import annotations

import numpy as np


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def logistic(z):
    return 1 / (1 + np.exp(-np.clip(z, -500, 500)))


STARTS = {
    "he": lambda rng, m, n: rng.normal(0, np.sqrt(2 / m), (m, n)),
    "glorot": lambda rng, m, n: rng.uniform(-1, 1, (m, n)) * np.sqrt(6 / (m + n)),
    "normal 0.01": lambda rng, m, n: rng.normal(0, 0.01, (m, n)),
    "normal 0.1": lambda rng, m, n: rng.normal(0, 0.1, (m, n)),
    "uniform 0.05": lambda rng, m, n: rng.uniform(-0.05, 0.05, (m, n)),
}
ACTIVATIONS = {
    "relu": (lambda z: np.maximum(z, 0), lambda z, h: z > 0),
    "relu, on at 0": (lambda z: np.maximum(z, 0), lambda z, h: z >= 0),
    "sigmoid": (logistic, lambda z, h: h * (1 - h)),
    "tanh": (np.tanh, lambda z, h: 1 - h * h),
    "leaky relu": (lambda z: np.where(z > 0, z, 0.01 * z), lambda z, h: np.where(z > 0, 1, 0.01)),
}


def trainer(
    start="he", activation="relu", dtype=np.float64, bias=0.0, shuffle="every epoch", drop_last=False, change="", **_
):
    """A numpy_train. `change` names one thing that is done differently; most of them are mistakes."""
    phi, slope = ACTIVATIONS[activation]

    def numpy_train(X, Y, hidden, epochs, batch_size, lr, seed):
        rng = np.random.default_rng(None if change == "seed ignored" else 0 if change == "seed fixed" else seed)
        hidden = 64 if change == "hidden ignored" else hidden
        epochs = 5 if change == "epochs ignored" else epochs
        batch_size = len(X) if change == "batch_size ignored" else batch_size
        lr = dtype(0.1 if change == "lr ignored" else lr)
        X, Y = X.astype(dtype), Y.astype(dtype)
        d, k = X.shape[1], Y.shape[1]
        W1, W2 = STARTS[start](rng, d, hidden).astype(dtype), STARTS[start](rng, hidden, k).astype(dtype)
        b1, b2 = np.full(hidden, bias, dtype), np.full(k, bias, dtype)
        if change in ("W2 starts at zero", "all start at zero"):
            W2 = 0 * W2
        if change == "all start at zero":
            W1 = 0 * W1
        for _ in range(epochs):
            order = rng.permutation(len(X)) if shuffle == "every epoch" else np.arange(len(X))
            if change == "drawn with replacement":
                order = rng.integers(len(X), size=len(X))
            for first in range(0, len(X), batch_size):
                batch = order[first : first + batch_size]
                if drop_last and first and len(batch) < batch_size:
                    continue
                x, y = X[batch], Y[batch]
                m = batch_size if change == "divided by batch_size" else len(batch)
                Z = x @ W1 + b1
                H = phi(Z)
                P = softmax(H @ W2 + b2)
                D = {
                    "sign": y - P,
                    "squared error": P * (2 * (P - y) - (2 * (P - y) * P).sum(axis=1, keepdims=True)),
                    "p (1 - p)": (P - y) * P * (1 - P),
                    "factor 2": 2 * (P - y),
                    "mean over classes": (P - y) / k,
                    "label forgotten": P,
                    "prediction forgotten": -y,
                }.get(change, P - y)
                D = D if change == "sum over the batch" else D / m
                dW2 = (Z if change == "Z for H" else H).T @ D
                db2 = m * D.sum(axis=0) if change == "db2 not averaged" else D.sum(axis=0)
                db2 = np.full(k, D.sum()) if change == "db2 summed over classes" else db2
                back = {"W2 reshaped": W2.reshape(k, hidden), "W2 positive": np.abs(W2).T}.get(change, W2.T)
                E = np.repeat(D[:, :1], hidden, axis=1) if change == "W2 forgotten" else D @ back
                E = E * {
                    "mask forgotten": 1,
                    "sigmoid slope": H * (1 - H),
                    "relu for its slope": H,
                    "mask of the error": E > 0,
                }.get(change, slope(Z, H))
                E = E / m if change == "averaged twice" else E
                dW1, db1 = x.T @ E, E.sum(axis=0)
                none = 0.0
                dW1 = {"W1 frozen": none, "hidden frozen": none, "hidden sign": -1.0}.get(change, 1.0) * dW1
                db1 = {"b1 frozen": none, "hidden frozen": none, "hidden sign": -1.0}.get(change, 1.0) * db1
                dW2 = dW2 * (change != "W2 frozen")
                db2 = db2 * (change != "b2 frozen")
                steps = [dW1, db1, dW2, db2]
                if change == "sign of the gradient":
                    steps = [np.sign(g) for g in steps]
                if change == "clipped":
                    norm = np.sqrt(sum((g**2).sum() for g in steps))
                    steps = [g / max(norm, 1) for g in steps]
                if change == "weight decay":
                    steps = [g + 0.1 * w for g, w in zip(steps, (W1, b1, W2, b2), strict=True)]
                W1, b1, W2, b2 = (w - lr * g for w, g in zip((W1, b1, W2, b2), steps, strict=True))

        def predict(X):
            P = softmax(phi(X.astype(dtype) @ W1 + b1) @ W2 + b2)
            return np.clip(P, 1e-12, 1) if change == "clipped at 1e-12" else P

        return predict

    return numpy_train


# Honest answers: every mark.
RIGHT = [{"start": start, "activation": activation} for start in STARTS for activation in ACTIVATIONS]
RIGHT += [{"start": start, "dtype": np.float32} for start in STARTS]
RIGHT += [{"start": start, "bias": 0.1} for start in STARTS]
RIGHT += [{"shuffle": "never"}, {"drop_last": True}, {"change": "clipped at 1e-12"}]

# (output layer, hidden layer, arguments): which of the three inspections must find fault. None: either way.
WRONG = {
    "sign": (True, True, None),
    "squared error": (True, True, None),
    "p (1 - p)": (True, True, None),
    "factor 2": (True, False, False),
    "mean over classes": (True, False, False),
    "label forgotten": (True, True, None),
    "prediction forgotten": (True, True, None),
    "sum over the batch": (False, False, True),
    "Z for H": (False, True, False),
    "db2 not averaged": (False, False, True),
    "db2 summed over classes": (True, None, None),
    "W2 reshaped": (False, True, False),
    "W2 positive": (False, True, False),
    "W2 forgotten": (False, True, None),
    "mask forgotten": (False, True, False),
    "sigmoid slope": (None, True, None),
    "relu for its slope": (False, True, False),
    "mask of the error": (True, True, None),
    "averaged twice": (False, False, True),
    "W1 frozen": (False, True, False),
    "b1 frozen": (False, True, False),
    "hidden frozen": (False, True, False),
    "hidden sign": (False, True, False),
    "W2 frozen": (True, None, None),
    "b2 frozen": (True, None, None),
    "sign of the gradient": (True, True, True),
    "clipped": (True, True, None),
    "weight decay": (None, True, None),
    "W2 starts at zero": (True, True, True),
    "all start at zero": (True, True, True),
    "seed ignored": (None, True, True),
    "seed fixed": (False, False, True),
    "hidden ignored": (True, None, True),
    "epochs ignored": (None, None, True),
    "batch_size ignored": (False, False, True),
    "lr ignored": (True, True, True),
    "drawn with replacement": (False, False, True),
    "divided by batch_size": (False, False, True),
}


def one_layer(weights, X, hidden=lambda z: np.maximum(z, 0), out=softmax, use=(1, 1)):
    W1, b1, W2, b2 = weights
    return out(hidden(X @ W1 + use[0] * b1) @ W2 + use[1] * b2)


def plain_softmax(z):
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


def in_place(weights, X):
    W1, b1, W2, b2 = weights
    b1 += 0.5
    return one_layer((W1, b1 - 0.5, W2, b2), X)


def fixed_sizes(weights, X):
    H = np.zeros((len(X), 512)) + np.maximum(X.reshape(-1, 784) @ weights[0] + weights[1], 0)
    return softmax(H @ weights[2] + weights[3])


def row_by_row(weights, X):
    return [[float(p) for p in one_layer(weights, x[None])[0]] for x in X]


RIGHT_PREDICT = {
    "textbook": one_layer,
    "lists, row by row": row_by_row,
    "float32": lambda w, X: one_layer([a.astype(np.float32) for a in w], X.astype(np.float32)),
    "any depth": lambda w, X: one_layer(w, X) if len(w) == 4 else None,
}
# name: (answer, points of 4)
WRONG_PREDICT = {
    "no biases": (lambda w, X: one_layer(w, X, use=(0, 0)), 0),
    "no first bias": (lambda w, X: one_layer(w, X, use=(0, 1)), 0),
    "no second bias": (lambda w, X: one_layer(w, X, use=(1, 0)), 0),
    "sigmoid": (lambda w, X: one_layer(w, X, hidden=logistic), 0),
    "no activation": (lambda w, X: one_layer(w, X, hidden=lambda z: z), 0),
    "logits": (lambda w, X: one_layer(w, X, out=lambda z: z), 0),
    "wrong axis": (lambda w, X: one_layer(w, X, out=lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(0)), 0),
    "classes": (lambda w, X: one_layer(w, X).argmax(axis=1), 0),
    "sigmoid output": (lambda w, X: one_layer(w, X, out=logistic), 0),
    "overflows": (lambda w, X: one_layer(w, X, out=plain_softmax), 3),
    "maximum of the whole table": (lambda w, X: one_layer(w, X, out=lambda z: plain_softmax(z - z.max())), 3),
    "changes its weights": (in_place, 0),
    "fixed sizes": (fixed_sizes, 1),
}
