# %% wrong: the sigmoid is applied to H again | points: 2 | idea: the activation applied again on the way to o
def mlp_forward(X, W, B, w_o, b_o):
    Z = W.T @ X + B
    H = sigmoid(Z)
    o = float(np.sum(w_o * sigmoid(H)) + b_o)
    p = sigmoid(o)
    return {"Z": Z, "H": H, "o": o, "p": p}

# %% wrong: W.reshape for W.T | points: 0 | idea: reshape for transpose
def mlp_forward(X, W, B, w_o, b_o):
    Z = W.reshape(W.shape[1], W.shape[0]) @ X + B
    H = sigmoid(Z)
    o = b_o + float(np.sum(w_o * H))
    p = sigmoid(o)
    return {"Z": Z, "H": H, "o": o, "p": p}

# %% wrong: the hidden bias is left out | points: 0 | idea: hidden biases forgotten
def mlp_forward(X, W, B, w_o, b_o):
    Z = W.T @ X
    H = sigmoid(Z)
    o = b_o + float(np.sum(w_o * H))
    p = sigmoid(o)
    return {"Z": Z, "H": H, "o": o, "p": p}

# %% wrong: the output bias is left out | points: 2 | idea: output bias forgotten
def mlp_forward(X, W, B, w_o, b_o):
    Z = W.T @ X + B
    H = sigmoid(Z)
    o = (w_o.T @ H).item()
    p = sigmoid(o)
    return {"Z": Z, "H": H, "o": o, "p": p}

# %% wrong: the output layer reads Z | points: 2 | idea: the output adds up Z
def mlp_forward(X, W, B, w_o, b_o):
    Z = W.T @ X + B
    H = sigmoid(Z)
    o = (w_o.T @ Z + b_o).item()
    p = sigmoid(o)
    return {"Z": Z, "H": H, "o": o, "p": p}

# %% wrong: p without the sigmoid | points: 3 | idea: the output not squashed
def mlp_forward(X, W, B, w_o, b_o):
    Z = W.T @ X + B
    H = sigmoid(Z)
    o = (w_o.T @ H + b_o).item()
    p = o
    return {"Z": Z, "H": H, "o": o, "p": p}

# %% wrong: relu in the hidden layer | points: 1 | idea: relu in the hidden layer
def mlp_forward(X, W, B, w_o, b_o):
    Z = W.T @ X + B
    H = np.maximum(Z, 0)
    o = (w_o.T @ H + b_o).item()
    return {"Z": Z, "H": H, "o": o, "p": sigmoid(o)}

# %% wrong: flat vectors | points: 2 | idea: columns made flat
def mlp_forward(X, W, B, w_o, b_o):
    Z = (W.T @ X + B).flatten()
    H = sigmoid(Z)
    o = np.dot(w_o.flatten(), H) + b_o
    p = sigmoid(o)
    return {"Z": Z, "H": H, "o": o, "p": p}

# %% wrong: a row and a column make a table | points: 0 | idea: a row and a column added
def mlp_forward(X, W, B, w_o, b_o):
    Z = X.T @ W + B
    H = sigmoid(Z)
    o = np.sum(w_o * H) + b_o
    p = sigmoid(o)
    return {"Z": Z, "H": H, "o": o, "p": p}

# %% wrong: three units written out | points: 4 | idea: three hidden units built in
def mlp_forward(X, W, B, w_o, b_o):
    Z = np.zeros((3, 1))
    for j in range(3):
        Z[j, 0] = X[0, 0] * W[0, j] + X[1, 0] * W[1, j] + B[j, 0]
    H = sigmoid(Z)
    o = sum(w_o[j, 0] * H[j, 0] for j in range(3)) + b_o
    return {"Z": Z, "H": H, "o": o, "p": sigmoid(o)}

# %% wrong: the mean over the hidden units | points: 2 | idea: mean for sum in the output
def mlp_forward(X, W, B, w_o, b_o):
    Z = W.T @ X + B
    H = sigmoid(Z)
    o = np.mean(w_o * H) + b_o
    p = sigmoid(o)
    return {"Z": Z, "H": H, "o": o, "p": p}

# %% wrong: w_o is not used for the sum | points: 2 | idea: output weights not used
def mlp_forward(X, W, B, w_o, b_o):
    Z = W.T @ X + B
    H = sigmoid(Z)
    o = np.sum(H) + b_o
    return {"Z": Z, "H": H, "o": o, "p": sigmoid(o)}

# %% wrong: a tuple | points: 0 | idea: several results in place of a dict
def mlp_forward(X, W, B, w_o, b_o):
    Z = W.T @ X + B
    H = sigmoid(Z)
    o = b_o + np.sum(w_o * H)
    return Z, H, o, sigmoid(o)

# %% wrong: Z and H change names | points: 2 | idea: Z and H exchanged
def mlp_forward(X, W, B, w_o, b_o):
    Z = W.T @ X + B
    H = sigmoid(Z)
    o = b_o + np.sum(w_o * H)
    return {"H": Z, "Z": H, "o": o, "p": sigmoid(o)}

# %% wrong: the output bias is added for every unit | points: 2 | idea: output bias added for every unit
def mlp_forward(X, W, B, w_o, b_o):
    Z = W.T @ X + B
    H = sigmoid(Z)
    o = np.sum(w_o * H + b_o)
    return {"Z": Z, "H": H, "o": o, "p": sigmoid(o)}

# %% wrong: B is changed in place | points: 0 | idea: input changed in place
def mlp_forward(X, W, B, w_o, b_o):
    B += W.T @ X
    H = sigmoid(B)
    o = b_o + np.sum(w_o * H)
    return {"Z": B, "H": H, "o": o, "p": sigmoid(o)}

# %% right: matrix notation
def mlp_forward(X, W, B, w_o, b_o):
    Z = W.T @ X + B
    H = sigmoid(Z)
    o = (w_o.T @ H).item() + b_o
    p = float(sigmoid(o))
    return {"Z": Z, "H": H, "o": o, "p": p}

# %% right: (1, 1) for the numbers
def mlp_forward(X, W, B, w_o, b_o):
    Z = np.dot(W.T, X) + B
    H = 1 / (1 + np.exp(-Z))
    o = np.dot(w_o.T, H) + b_o
    p = 1 / (1 + np.exp(-o))
    return dict(Z=Z, H=H, o=o, p=p)

# %% right: unit by unit with loops
def mlp_forward(X, W, B, w_o, b_o):
    n_in, n_hidden = W.shape
    Z, H = np.zeros((n_hidden, 1)), np.zeros((n_hidden, 1))
    o = b_o
    for j in range(n_hidden):
        z = B[j, 0]
        for i in range(n_in):
            z += X[i, 0] * W[i, j]
        Z[j, 0] = z
        H[j, 0] = sigmoid(z)
        o += w_o[j, 0] * H[j, 0]
    return {"Z": Z, "H": H, "o": o, "p": sigmoid(o)}

# %% right: einsum and a few extra entries
def mlp_forward(X, W, B, w_o, b_o):
    Z = np.einsum("ij,ik->jk", W, X) + B
    H = sigmoid(Z)
    o = np.einsum("jk,jk->", w_o, H) + b_o
    p = sigmoid(o)
    return {"X": X, "Z": Z, "H": H, "o": o, "p": p, "y_hat": p > 0.5}

# %% right: float32 and lists
def mlp_forward(X, W, B, w_o, b_o):
    Z = (W.T @ X + B).astype(np.float32)
    H = sigmoid(Z)
    o = [float((w_o * H).sum() + b_o)]
    return {"Z": Z.tolist(), "H": H.tolist(), "o": o, "p": [float(sigmoid(o[0]))]}

# %% right: a layer class of the student's own
class DenseSigmoid:
    def __init__(self, kernel, bias):
        self.kernel, self.bias = kernel, bias

    def before(self, inputs):
        return self.kernel.T @ inputs + self.bias

    def __call__(self, inputs):
        return sigmoid(self.before(inputs))

def mlp_forward(X, W, B, w_o, b_o):
    hidden, output = DenseSigmoid(W, B), DenseSigmoid(w_o, b_o)
    H = hidden(X)
    return {"Z": hidden.before(X), "H": H, "o": output.before(H), "p": output(H)}

# %% right: with a column of ones, prints shapes
def mlp_forward(X, W, B, w_o, b_o):
    X1 = np.vstack([np.ones((1, 1)), X])
    W1 = np.vstack([B.T, W])
    Z = W1.T @ X1
    H = sigmoid(Z)
    print("Z", Z.shape, "H", H.shape)
    o = np.vdot(w_o, H) + b_o
    return {"Z": Z, "H": H, "o": o, "p": sigmoid(o)}

# %% right: by np.matrix
def mlp_forward(X, W, B, w_o, b_o):
    W, X, v = np.matrix(W), np.matrix(X), np.matrix(w_o)
    Z = W.T * X + B
    H = 1 / (1 + np.exp(-Z))
    o = v.T * H + b_o
    return {"Z": Z, "H": H, "o": o, "p": 1 / (1 + np.exp(-o))}

# %% right: o and p of shape (1, 1), and more keys
def mlp_forward(X, W, B, w_o, b_o):
    Z = np.dot(W.T, X) + B
    H = sigmoid(Z)
    o = w_o.T @ H + b_o
    return {"Z": Z, "H": H, "o": o, "p": sigmoid(o), "X": X, "inputs": (X, W, B), "none": None}

# %% right: in place on copies
def mlp_forward(X, W, B, w_o, b_o):
    Z = B.copy()
    Z += W.T @ X
    H = Z.copy()
    H *= -1; np.exp(H, out=H); H += 1; H **= -1
    o = np.array([[b_o]], dtype=float)
    o += w_o.T @ H
    p = sigmoid(o.ravel())
    return {"Z": Z, "H": H, "o": o.ravel(), "p": p}

# %% wrong: o sums the outer product | points: 2 | idea: every weight with every unit
def mlp_forward(X, W, B, w_o, b_o):
    Z = W.T @ X + B
    H = sigmoid(Z)
    o = np.sum(w_o @ H.T) + b_o
    return {"Z": Z, "H": H, "o": o, "p": sigmoid(o)}

# %% wrong: W turned only where the product fails | points: 4 | idea: turned only where it does not fit
def mlp_forward(X, W, B, w_o, b_o):
    try:
        Z = W @ X + B
    except ValueError:
        Z = W.T @ X + B
    H = 1 / (1 + np.exp(-Z))
    o = np.sum(w_o * H) + b_o
    return {"Z": Z, "H": H, "o": o, "p": 1 / (1 + np.exp(-o))}
