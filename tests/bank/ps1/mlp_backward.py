# %% wrong: the slide, no 2 and no w_o | points: 0 | idea: the slide's gradient
def mlp_backward(X, y, W, B, w_o, b_o):
    f = mlp_forward(X, W, B, w_o, b_o)
    H, p = f["H"], f["p"]
    d = (p - y) * p * (1 - p)
    dB = d * H * (1 - H)
    return {"dw_o": d * H, "db_o": d, "dW": X @ dB.T, "dB": dB}

# %% wrong: only the 2 is missing | points: 0 | idea: factor 2 missing
def mlp_backward(X, y, W, B, w_o, b_o):
    f = mlp_forward(X, W, B, w_o, b_o)
    H, p = f["H"], f["p"]
    d = (p - y) * p * (1 - p)
    dB = d * w_o * H * (1 - H)
    return {"dw_o": d * H, "db_o": d, "dW": X @ dB.T, "dB": dB}

# %% wrong: only w_o is missing | points: 3 | idea: output weight left out on the way back
def mlp_backward(X, y, W, B, w_o, b_o):
    f = mlp_forward(X, W, B, w_o, b_o)
    H, p = f["H"], f["p"]
    d = 2 * (p - y) * p * (1 - p)
    dB = d * H * (1 - H)
    return {"dw_o": d * H, "db_o": d, "dW": X @ dB.T, "dB": dB}

# %% wrong: Z (1 - Z) | points: 3 | idea: slope taken at Z
def mlp_backward(X, y, W, B, w_o, b_o):
    f = mlp_forward(X, W, B, w_o, b_o)
    Z, H, p = f["Z"], f["H"], f["p"]
    d = 2 * (p - y) * p * (1 - p)
    dB = d * w_o * Z * (1 - Z)
    return {"dw_o": d * H, "db_o": d, "dW": X @ dB.T, "dB": dB}

# %% wrong: p (1 - p) in place of H (1 - H) | points: 3 | idea: the output's slope in the hidden layer
def mlp_backward(X, y, W, B, w_o, b_o):
    f = mlp_forward(X, W, B, w_o, b_o)
    H, p = f["H"], f["p"]
    d = 2 * (p - y) * p * (1 - p)
    dB = d * w_o * p * (1 - p)
    return {"dw_o": d * H, "db_o": d, "dW": X @ dB.T, "dB": dB}

# %% wrong: sign | points: 0 | idea: y - p for p - y
def mlp_backward(X, y, W, B, w_o, b_o):
    f = mlp_forward(X, W, B, w_o, b_o)
    H, p = f["H"], f["p"]
    d = 2 * (y - p) * p * (1 - p)
    dB = d * w_o * H * (1 - H)
    return {"dw_o": d * H, "db_o": d, "dW": X @ dB.T, "dB": dB}

# %% wrong: cross-entropy's p - y | points: 0 | idea: the cross-entropy's gradient
def mlp_backward(X, y, W, B, w_o, b_o):
    f = mlp_forward(X, W, B, w_o, b_o)
    H, p = f["H"], f["p"]
    d = p - y
    dB = d * w_o * H * (1 - H)
    return {"dw_o": d * H, "db_o": d, "dW": X @ dB.T, "dB": dB}

# %% wrong: H's slope forgotten | points: 3 | idea: slope of the hidden unit forgotten
def mlp_backward(X, y, W, B, w_o, b_o):
    f = mlp_forward(X, W, B, w_o, b_o)
    H, p = f["H"], f["p"]
    d = 2 * (p - y) * p * (1 - p)
    dB = d * w_o
    return {"dw_o": d * H, "db_o": d, "dW": X @ dB.T, "dB": dB}

# %% wrong: dW transposed | points: 5 | idea: dW transposed
def mlp_backward(X, y, W, B, w_o, b_o):
    f = mlp_forward(X, W, B, w_o, b_o)
    H, p = f["H"], f["p"]
    d = 2 * (p - y) * p * (1 - p)
    dB = d * w_o * H * (1 - H)
    return {"dw_o": d * H, "db_o": d, "dW": dB @ X.T, "dB": dB}

# %% wrong: dW reshaped to fit | points: 5 | idea: reshape for transpose
def mlp_backward(X, y, W, B, w_o, b_o):
    f = mlp_forward(X, W, B, w_o, b_o)
    H, p = f["H"], f["p"]
    d = 2 * (p - y) * p * (1 - p)
    dB = d * w_o * H * (1 - H)
    return {"dw_o": d * H, "db_o": d, "dW": np.dot(dB, X.T).reshape(W.shape), "dB": dB}

# %% wrong: the hidden error is summed over the units | points: 3 | idea: all output weights for each unit
def mlp_backward(X, y, W, B, w_o, b_o):
    f = mlp_forward(X, W, B, w_o, b_o)
    H, p = f["H"], f["p"]
    d = 2 * (p - y) * p * (1 - p)
    e = np.sum(w_o) * d
    dB = e * H * (1 - H)
    return {"dw_o": d * H, "db_o": d, "dW": X @ dB.T, "dB": dB}

# %% wrong: dw_o uses Z | points: 6 | idea: Z for H in the output weights
def mlp_backward(X, y, W, B, w_o, b_o):
    f = mlp_forward(X, W, B, w_o, b_o)
    Z, H, p = f["Z"], f["H"], f["p"]
    d = 2 * (p - y) * p * (1 - p)
    dB = d * w_o * H * (1 - H)
    return {"dw_o": d * Z, "db_o": d, "dW": X @ dB.T, "dB": dB}

# %% wrong: only the output layer | points: 3 | idea: only the output layer
def mlp_backward(X, y, W, B, w_o, b_o):
    f = mlp_forward(X, W, B, w_o, b_o)
    d = 2 * (f["p"] - y) * f["p"] * (1 - f["p"])
    return {"dw_o": d * f["H"], "db_o": d, "dW": np.zeros(W.shape), "dB": np.zeros(B.shape)}

# %% wrong: dB is one number | points: 6 | idea: one number for all hidden biases
def mlp_backward(X, y, W, B, w_o, b_o):
    f = mlp_forward(X, W, B, w_o, b_o)
    H, p = f["H"], f["p"]
    d = 2 * (p - y) * p * (1 - p)
    E = d * w_o * H * (1 - H)
    return {"dw_o": d * H, "db_o": d, "dW": X @ E.T, "dB": np.sum(E)}

# %% wrong: every gradient is flat | points: 1 | idea: gradients made flat
def mlp_backward(X, y, W, B, w_o, b_o):
    f = mlp_forward(X, W, B, w_o, b_o)
    H, p = f["H"], f["p"]
    d = 2 * (p - y) * p * (1 - p)
    E = d * w_o * H * (1 - H)
    return {"dw_o": (d * H).ravel(), "db_o": d, "dW": (X @ E.T).ravel(), "dB": E.ravel()}

# %% wrong: two inputs and three units | points: 0
def mlp_backward(X, y, W, B, w_o, b_o):
    f = mlp_forward(X, W, B, w_o, b_o)
    H, p = f["H"], f["p"]
    d = 2 * (p - y) * p * (1 - p)
    dW, dB, dw_o = np.zeros((2, 3)), np.zeros((3, 1)), np.zeros((3, 1))
    for j in range(3):
        dw_o[j, 0] = d * H[j, 0]
        dB[j, 0] = d * w_o[j, 0] * H[j, 0] * (1 - H[j, 0])
        for i in range(2):
            dW[i, j] = dB[j, 0] * X[i, 0]
    return {"dw_o": dw_o, "db_o": d if W.shape == (2, 3) else 0.0, "dW": dW, "dB": dB}

# %% wrong: db_o is 1 | points: 7 | idea: a one in place of db_o
def mlp_backward(X, y, W, B, w_o, b_o):
    f = mlp_forward(X, W, B, w_o, b_o)
    H, p = f["H"], f["p"]
    d = 2 * (p - y) * p * (1 - p)
    E = d * w_o * H * (1 - H)
    return {"dw_o": d * H, "db_o": 1.0, "dW": X @ E.T, "dB": E}

# %% wrong: y is taken as 1 | points: 0
def mlp_backward(X, y, W, B, w_o, b_o):
    f = mlp_forward(X, W, B, w_o, b_o)
    H, p = f["H"], f["p"]
    d = -2 * (1 - p) * p * (1 - p)
    E = d * w_o * H * (1 - H)
    return {"dw_o": d * H, "db_o": d, "dW": X @ E.T, "dB": E}

# %% wrong: w_o is scaled in place | points: 0 | idea: input changed in place
def mlp_backward(X, y, W, B, w_o, b_o):
    f = mlp_forward(X, W, B, w_o, b_o)
    H, p = f["H"], f["p"]
    d = 2 * (p - y) * p * (1 - p)
    w_o *= d
    E = w_o * H * (1 - H)
    return {"dw_o": d * H, "db_o": d, "dW": X @ E.T, "dB": E}

# %% right: from the forward pass
def mlp_backward(X, y, W, B, w_o, b_o):
    f = mlp_forward(X, W, B, w_o, b_o)
    H, p = np.asarray(f["H"]), f["p"]
    d = 2 * (np.asarray(p).item() - y) * np.asarray(p).item() * (1 - np.asarray(p).item())
    E = d * w_o * H * (1 - H)
    return {"dw_o": d * H, "db_o": d, "dW": X @ E.T, "dB": E}

# %% right: everything inside, (1, 1) numbers
def mlp_backward(X, y, W, B, w_o, b_o):
    Z = W.T @ X + B
    H = 1 / (1 + np.exp(-Z))
    p = 1 / (1 + np.exp(-(w_o.T @ H + b_o)))
    delta = -2 * (y - p) * p * (1 - p)
    hidden = (w_o @ delta) * H * (1 - H)
    return {"dw_o": H @ delta, "db_o": delta, "dW": X @ hidden.T, "dB": hidden}

# %% right: loops over units and inputs
def mlp_backward(X, y, W, B, w_o, b_o):
    f = mlp_forward(X, W, B, w_o, b_o)
    h = np.ravel(f["H"])
    p = float(np.squeeze(f["p"]))
    x = X.ravel()
    dl_do = 2 * (p - y) * p * (1 - p)
    dw_o, dB, dW = np.zeros_like(w_o), np.zeros_like(B), np.zeros_like(W)
    for j in range(len(h)):
        dw_o[j, 0] = dl_do * h[j]
        dB[j, 0] = dl_do * w_o[j, 0] * h[j] * (1 - h[j])
        for i in range(len(x)):
            dW[i, j] = dB[j, 0] * x[i]
    return {"dw_o": dw_o, "db_o": dl_do, "dW": dW, "dB": dB}

# %% right: central differences
def mlp_backward(X, y, W, B, w_o, b_o):
    parameters = {"W": W, "B": B, "w_o": w_o, "b_o": np.array([b_o])}
    def squared(name, moved):
        new = dict(parameters)
        new[name] = moved
        H = sigmoid(new["W"].T @ X + new["B"])
        return (y - sigmoid(np.sum(new["w_o"] * H) + new["b_o"][0])) ** 2
    gradient = {}
    for name, value in parameters.items():
        g = np.zeros(value.shape)
        for index in np.ndindex(value.shape):
            e = np.zeros(value.shape)
            e[index] = 1e-5
            g[index] = (squared(name, value + e) - squared(name, value - e)) / 2e-5
        gradient["d" + name] = g
    return gradient

# %% right: broadcast product in float32
def mlp_backward(X, y, W, B, w_o, b_o):
    X, W, B, w_o = (np.asarray(a, dtype=np.float32) for a in (X, W, B, w_o))
    H = sigmoid(W.T @ X + B)
    p = sigmoid(np.sum(w_o * H) + b_o)
    d = 2 * (p - y) * p * (1 - p)
    E = d * w_o * (H - H**2)
    return {"dW": X * E.T, "dB": E, "dw_o": d * H, "db_o": np.float32(d)}

# %% right: lists, np.outer and an extra entry
def mlp_backward(X, y, W, B, w_o, b_o):
    f = mlp_forward(X, W, B, w_o, b_o)
    H, p = np.array(f["H"]), float(np.sum(f["p"]))
    d = 2 * (p - y) * p * (1 - p)
    E = d * w_o * H * (1 - H)
    return {
        "dw_o": (d * H).tolist(),
        "db_o": [d],
        "dW": np.outer(X, E).tolist(),
        "dB": E.tolist(),
        "loss": (y - p) ** 2,
    }

# %% right: helper with type hints
def error_signals(y, p, H, w_o):
    output = 2 * (p - y) * p * (1 - p)
    return output, output * w_o * H * (1 - H)

def mlp_backward(X: np.ndarray, y: float, W: np.ndarray, B: np.ndarray, w_o: np.ndarray, b_o: float) -> dict:
    f = mlp_forward(X, W, B, w_o, b_o)
    H, p = np.array(f["H"]), np.array(f["p"]).reshape(())
    output, hidden = error_signals(y, p, H, w_o)
    return {"dw_o": np.multiply(output, H), "db_o": output, "dW": np.kron(X, hidden.T), "dB": hidden}

# %% right: by the supplied numeric_gradient
def mlp_backward(X, y, W, B, w_o, b_o):
    return numeric_gradient(X, y, W, B, w_o, b_o)

# %% right: the complex step
def mlp_backward(X, y, W, B, w_o, b_o):
    sizes = [W.size, B.size, w_o.size]
    t0 = np.concatenate([W.ravel(), B.ravel(), w_o.ravel(), [b_o]]).astype(complex)
    def f(t):
        a, c, v = np.split(t[:-1], np.cumsum(sizes)[:2])
        H = 1 / (1 + np.exp(-(a.reshape(W.shape).T @ X + c.reshape(B.shape))))
        return (y - 1 / (1 + np.exp(-(v @ H.ravel() + t[-1])))) ** 2
    g = np.array([f(t0 + 1e-20j * (np.arange(t0.size) == k)).imag / 1e-20 for k in range(t0.size)])
    a, c, v = np.split(g[:-1], np.cumsum(sizes)[:2])
    return {"dW": a.reshape(W.shape), "dB": c.reshape(B.shape), "dw_o": v.reshape(w_o.shape), "db_o": g[-1]}

# %% right: by np.matrix
def mlp_backward(X, y, W, B, w_o, b_o):
    out = mlp_forward(X, W, B, w_o, b_o)
    H = np.matrix(out["H"]); p = float(np.sum(out["p"])); d = 2 * (p - y) * p * (1 - p)
    D = d * np.multiply(np.multiply(w_o, H), 1 - H)
    return {"dw_o": d * H, "db_o": d, "dW": np.matrix(X) * D.T, "dB": D}

# %% right: slopes from Z and o, stable
def mlp_backward(X, y, W, B, w_o, b_o):
    out = mlp_forward(X=X, W=W, B=B, w_o=w_o, b_o=b_o)
    e = np.exp(-np.abs(out["Z"]))
    slope = e / (1 + e) ** 2
    eo = np.exp(-np.abs(out["o"]))
    d = 2 * (out["p"] - y) * eo / (1 + eo) ** 2
    dz = d * slope * w_o
    return {"dB": dz, "dW": X * dz.T, "db_o": d, "dw_o": out["H"] * d}

# %% wrong: the hidden layer after a step of w_o | points: 3
def mlp_backward(X, y, W, B, w_o, b_o):
    out = mlp_forward(X, W, B, w_o, b_o); H, p = out["H"], out["p"]
    d = 2 * (p - y) * p * (1 - p)
    new = w_o - 0.1 * d * H
    D = d * new * H * (1 - H)
    return {"dw_o": d * H, "db_o": d, "dW": X @ D.T, "dB": D}

# %% wrong: all output weights added up for each unit | points: 3 | idea: all output weights for each unit
def mlp_backward(X, y, W, B, w_o, b_o):
    out = mlp_forward(X, W, B, w_o, b_o); H, p = out["H"], out["p"]
    d = 2 * (p - y) * p * (1 - p)
    D = d * np.sum(w_o) * H * (1 - H)
    return {"dw_o": d * H, "db_o": d, "dW": X @ D.T, "dB": D}

# %% wrong: dW turned only where its shape is another | points: 5 | idea: turned only where it does not fit
def mlp_backward(X, y, W, B, w_o, b_o):
    f = mlp_forward(X, W, B, w_o, b_o)
    H, p = np.asarray(f["H"]), np.asarray(f["p"]).item()
    d = 2 * (p - y) * p * (1 - p)
    E = d * w_o * H * (1 - H)
    dW = E @ X.T
    if dW.shape != W.shape:
        dW = dW.T
    return {"dw_o": d * H, "db_o": d, "dW": dW, "dB": E}
