# %% wrong: sigmoid in the hidden layer | points: 0 | idea: sigmoid in the hidden layer
def numpy_predict(weights, X):
    W1, b1, W2, b2 = weights
    H = 1 / (1 + np.exp(-(X @ W1 + b1)))
    z = H @ W2 + b2
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

# %% wrong: no activation in the hidden layer | points: 0 | idea: no activation in the hidden layer
def numpy_predict(weights, X):
    W1, b1, W2, b2 = weights
    z = (X @ W1 + b1) @ W2 + b2
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

# %% wrong: logits | points: 0 | idea: linear output (logits)
def numpy_predict(weights, X):
    W1, b1, W2, b2 = weights
    H = np.maximum(0, X @ W1 + b1)
    return H @ W2 + b2

# %% wrong: sigmoid at the output | points: 0 | idea: sigmoid output
def numpy_predict(weights, X):
    W1, b1, W2, b2 = weights
    H = np.maximum(0, X @ W1 + b1)
    return 1 / (1 + np.exp(-(H @ W2 + b2)))

# %% wrong: softmax overflows | points: 3 | idea: overflow at large logits
def numpy_predict(weights, X):
    W1, b1, W2, b2 = weights
    H = np.maximum(0, X @ W1 + b1)
    e = np.exp(H @ W2 + b2)
    return e / e.sum(axis=1, keepdims=True)

# %% wrong: softmax over the images | points: 0 | idea: softmax over the images
def numpy_predict(weights, X):
    W1, b1, W2, b2 = weights
    H = np.maximum(0, X @ W1 + b1)
    z = H @ W2 + b2
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)

# %% wrong: softmax over everything | points: 0 | idea: softmax over the whole table
def numpy_predict(weights, X):
    W1, b1, W2, b2 = weights
    H = np.maximum(0, X @ W1 + b1)
    z = H @ W2 + b2
    e = np.exp(z - z.max())
    return e / e.sum()

# %% wrong: the biases are left out | points: 0 | idea: both biases forgotten
def numpy_predict(weights, X):
    W1, _, W2, _ = weights
    H = np.maximum(0, X @ W1)
    z = H @ W2
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

# %% wrong: the output bias is left out | points: 0 | idea: output biases forgotten
def numpy_predict(weights, X):
    W1, b1, W2, b2 = weights
    H = np.maximum(0, X @ W1 + b1)
    z = H @ W2
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

# %% wrong: the digits instead of probabilities | points: 0 | idea: the digit in place of its probabilities
def numpy_predict(weights, X):
    W1, b1, W2, b2 = weights
    H = np.maximum(0, X @ W1 + b1)
    return np.argmax(H @ W2 + b2, axis=1)

# %% wrong: relu on the logits too | points: 0 | idea: relu at the output as well
def numpy_predict(weights, X):
    W1, b1, W2, b2 = weights
    H = np.maximum(0, X @ W1 + b1)
    z = np.maximum(0, H @ W2 + b2)
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

# %% wrong: the first image only | points: 0 | idea: the first image only
def numpy_predict(weights, X):
    W1, b1, W2, b2 = weights
    h = np.maximum(0, X[0] @ W1 + b1)
    z = h @ W2 + b2
    e = np.exp(z - z.max())
    return (e / e.sum()).reshape(1, -1)

# %% wrong: one maximum for the batch | points: 3 | idea: one maximum for all rows
def numpy_predict(weights, X):
    W1, b1, W2, b2 = weights
    H = np.maximum(0, X @ W1 + b1)
    z = H @ W2 + b2
    e = np.exp(z - z.max())
    return e / e.sum(axis=1, keepdims=True)

# %% wrong: divided by 255 once more | points: 0 | idea: scaled once more
def numpy_predict(weights, X):
    W1, b1, W2, b2 = weights
    H = np.maximum(0, (X / 255) @ W1 + b1)
    z = H @ W2 + b2
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

# %% wrong: rounded to three decimals | points: 0 | idea: rounded to three decimals
def numpy_predict(weights, X):
    W1, b1, W2, b2 = weights
    H = np.maximum(0, X @ W1 + b1)
    z = H @ W2 + b2
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return np.round(e / e.sum(axis=1, keepdims=True), 3)

# %% wrong: W1 is centred in place | points: 0 | idea: input changed in place
def numpy_predict(weights, X):
    W1, b1, W2, b2 = weights
    H = X @ W1 + b1
    H[H < 0] = 0
    W2 -= W2.mean()
    z = H @ W2 + b2
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

# %% right: vectorised
def numpy_predict(weights, X):
    W1, b1, W2, b2 = weights
    H = np.maximum(X @ W1 + b1, 0)
    z = H @ W2 + b2
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

# %% right: any number of layers
def numpy_predict(weights, X):
    layers_ = list(zip(weights[0::2], weights[1::2]))
    A = X
    for i, (W, b) in enumerate(layers_):
        A = A @ W + b
        if i < len(layers_) - 1:
            A = A * (A > 0)
    A = A - A.max(axis=-1, keepdims=True)
    return np.exp(A) / np.exp(A).sum(axis=-1, keepdims=True)

# %% right: row by row into a list
def numpy_predict(weights, X):
    W1, b1, W2, b2 = [np.asarray(w, dtype=float) for w in weights]
    rows = []
    for x in X:
        h = np.clip(x.dot(W1) + b1, 0, None)
        z = h.dot(W2) + b2
        z = z - max(z)
        e = [float(np.exp(v)) for v in z]
        rows.append([v / sum(e) for v in e])
    return rows

# %% right: in float32 like Keras
def numpy_predict(weights, X):
    W1, b1, W2, b2 = (w.astype(np.float32) for w in weights)
    H = np.maximum(X.astype(np.float32) @ W1 + b1, np.float32(0))
    z = H @ W2 + b2
    z -= z.max(axis=1, keepdims=True)
    np.exp(z, out=z)
    z /= z.sum(axis=1, keepdims=True)
    return z

# %% right: helper functions with hints, logsumexp
def relu_np(a: np.ndarray) -> np.ndarray:
    return np.where(a > 0, a, 0.0)

def log_softmax_np(a: np.ndarray) -> np.ndarray:
    top = a.max(axis=1, keepdims=True)
    return a - top - np.log(np.exp(a - top).sum(axis=1, keepdims=True))

def numpy_predict(weights: list, X: np.ndarray) -> np.ndarray:
    hidden = relu_np(np.einsum("nd,dh->nh", X, weights[0]) + weights[1])
    return np.exp(log_softmax_np(np.einsum("nh,hk->nk", hidden, weights[2]) + weights[3]))

# %% right: columns instead of rows, prints
def numpy_predict(weights, X):
    W1, b1, W2, b2 = weights
    H = np.maximum(W1.T @ X.T + b1[:, None], 0)
    z = W2.T @ H + b2[:, None]
    e = np.exp(z - z.max(axis=0))
    print("predicting", X.shape[0], "rows")
    return (e / e.sum(axis=0)).T

# %% wrong: the sizes of the lecture's network written down | points: 1 | idea: the lecture's sizes built in
def numpy_predict(weights, X):
    W1, b1, W2, b2 = weights
    H = np.zeros((len(X), 512))
    P = np.zeros((len(X), 10))
    for i in range(len(X)):
        for j in range(512):
            H[i, j] = max(0, X[i] @ W1[:, j] + b1[j])
        o = np.array([H[i] @ W2[:, k] + b2[k] for k in range(10)])
        P[i] = np.exp(o - np.max(o)) / np.sum(np.exp(o - np.max(o)))
    return P

# %% right: differences, 1 over sum of exp
def numpy_predict(weights, X):
    W1, b1, W2, b2 = weights
    S = np.maximum(X @ W1 + b1, 0) @ W2 + b2
    D = S[:, None, :] - S[:, :, None]
    return 1 / np.exp(np.clip(D, -700, 700)).sum(axis=2)

# %% right: biases as an extra column
def numpy_predict(weights, X):
    W1, b1, W2, b2 = weights
    one = np.ones((X.shape[0], 1))
    H = np.maximum(np.hstack([X, one]) @ np.vstack([W1, b1]), 0)
    S = np.hstack([H, one]) @ np.vstack([W2, b2])
    E = np.exp(S - S.max(axis=1).reshape(-1, 1))
    return E / E.sum(axis=1).reshape(-1, 1)

# %% right: log-sum-exp
def numpy_predict(weights, X):
    W1, b1, W2, b2 = weights
    S = np.clip(X @ W1 + b1, 0, None) @ W2 + b2
    m = S.max(axis=1, keepdims=True)
    return np.exp(S - (m + np.log(np.exp(S - m).sum(axis=1, keepdims=True))))

# %% wrong: clipped logits | points: 3 | idea: logits cut off
def numpy_predict(weights, X):
    W1, b1, W2, b2 = weights
    E = np.exp(np.clip(np.maximum(X @ W1 + b1, 0) @ W2 + b2, -50, 50))
    return E / E.sum(axis=1, keepdims=True)

# %% wrong: nan put right afterwards | points: 3 | idea: NaN painted over
def numpy_predict(weights, X):
    W1, b1, W2, b2 = weights
    E = np.exp(np.maximum(X @ W1 + b1, 0) @ W2 + b2)
    return np.nan_to_num(E / E.sum(axis=1, keepdims=True))

# %% wrong: softmax shifted by the row's mean | points: 3 | idea: shifted by the mean
def numpy_predict(weights, X):
    W1, b1, W2, b2 = weights
    S = np.maximum(X @ W1 + b1, 0) @ W2 + b2
    E = np.exp(S - S.mean(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)
