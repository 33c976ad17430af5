# %% wrong: mean for sum | points: 0 | idea: mean for sum
def train_mlp(X, y, params, lr, n_iters):
    W, B, w_o, b_o = params["W"], params["B"], params["w_o"], params["b_o"]
    history = []
    for t in range(n_iters):
        gW, gB, gw, gb, loss = 0, 0, 0, 0, 0
        for xi, yi in zip(X, y):
            col = xi.reshape(-1, 1)
            g = mlp_backward(col, yi, W, B, w_o, b_o)
            gW, gB, gw, gb = gW + g["dW"], gB + g["dB"], gw + g["dw_o"], gb + g["db_o"]
            loss += (yi - mlp_forward(col, W, B, w_o, b_o)["p"]) ** 2
        n = len(y)
        W, B, w_o, b_o = W - lr * gW / n, B - lr * gB / n, w_o - lr * gw / n, b_o - lr * gb / n
        history.append(loss / n)
    return {"W": W, "B": B, "w_o": w_o, "b_o": b_o}, history

# %% wrong: no learning rate | points: 0 | idea: learning rate left out
def train_mlp(X, y, params, lr, n_iters):
    theta = dict(params)
    history = []
    for t in range(n_iters):
        total = {k: 0 for k in theta}
        loss = 0
        for i in range(len(y)):
            x = X[i].reshape(-1, 1)
            g = mlp_backward(x, y[i], **theta)
            total = {k: total[k] + g["d" + k] for k in theta}
            loss += (y[i] - mlp_forward(x, **theta)["p"]) ** 2
        theta = {k: theta[k] - total[k] for k in theta}
        history.append(loss)
    return theta, history

# %% wrong: one observation at a time | points: 0 | idea: one observation at a time
def train_mlp(X, y, params, lr, n_iters):
    theta = dict(params)
    history = []
    for t in range(n_iters):
        loss = 0
        for i in range(len(y)):
            x = X[i].reshape(-1, 1)
            loss += (y[i] - mlp_forward(x, **theta)["p"]) ** 2
            g = mlp_backward(x, y[i], **theta)
            theta = {k: theta[k] - lr * g["d" + k] for k in theta}
        history.append(loss)
    return theta, history

# %% wrong: uphill | points: 0 | idea: uphill
def train_mlp(X, y, params, lr, n_iters):
    theta = dict(params)
    history = []
    for t in range(n_iters):
        grads = [mlp_backward(x[:, None], t_, **theta) for x, t_ in zip(X, y)]
        history.append(sum((t_ - mlp_forward(x[:, None], **theta)["p"]) ** 2 for x, t_ in zip(X, y)))
        theta = {k: theta[k] + lr * sum(g["d" + k] for g in grads) for k in theta}
    return theta, history

# %% wrong: the slide's gradient | points: 0 | idea: the slide's gradient
def train_mlp(X, y, params, lr, n_iters):
    theta = dict(params)
    history = []
    for t in range(n_iters):
        grads = [slide_gradient(x[:, None], t_, **theta) for x, t_ in zip(X, y)]
        history.append(sum((t_ - mlp_forward(x[:, None], **theta)["p"]) ** 2 for x, t_ in zip(X, y)))
        theta = {k: theta[k] - lr * sum(g["d" + k] for g in grads) for k in theta}
    return theta, history

# %% wrong: the biases stand still | points: 0 | idea: the biases never move
def train_mlp(X, y, params, lr, n_iters):
    theta = dict(params)
    history = []
    for t in range(n_iters):
        grads = [mlp_backward(x[:, None], t_, **theta) for x, t_ in zip(X, y)]
        history.append(sum((t_ - mlp_forward(x[:, None], **theta)["p"]) ** 2 for x, t_ in zip(X, y)))
        for k in ("W", "w_o"):
            theta[k] = theta[k] - lr * sum(g["d" + k] for g in grads)
    return theta, history

# %% wrong: only the output layer learns | points: 0 | idea: only the output layer learns
def train_mlp(X, y, params, lr, n_iters):
    theta = dict(params)
    history = []
    for t in range(n_iters):
        grads = [mlp_backward(x[:, None], t_, **theta) for x, t_ in zip(X, y)]
        history.append(sum((t_ - mlp_forward(x[:, None], **theta)["p"]) ** 2 for x, t_ in zip(X, y)))
        for k in ("w_o", "b_o"):
            theta[k] = theta[k] - lr * sum(g["d" + k] for g in grads)
    return theta, history

# %% wrong: the start is random | points: 0
def train_mlp(X, y, params, lr, n_iters):
    rng = np.random.default_rng(0)
    theta = {k: rng.normal(size=np.shape(v)) for k, v in params.items()}
    history = []
    for t in range(n_iters):
        grads = [mlp_backward(x[:, None], t_, **theta) for x, t_ in zip(X, y)]
        history.append(sum((t_ - mlp_forward(x[:, None], **theta)["p"]) ** 2 for x, t_ in zip(X, y)))
        theta = {k: theta[k] - lr * sum(g["d" + k] for g in grads) for k in theta}
    return theta, history

# %% wrong: the history is a mean | points: 3 | idea: history of means
def train_mlp(X, y, params, lr, n_iters):
    theta = dict(params)
    history = []
    for t in range(n_iters):
        grads = [mlp_backward(x[:, None], t_, **theta) for x, t_ in zip(X, y)]
        history.append(np.mean([(t_ - mlp_forward(x[:, None], **theta)["p"]) ** 2 for x, t_ in zip(X, y)]))
        theta = {k: theta[k] - lr * sum(g["d" + k] for g in grads) for k in theta}
    return theta, history

# %% wrong: a loss for each observation in the history | points: 3 | idea: a loss for each observation in the history
def train_mlp(X, y, params, lr, n_iters):
    theta = dict(params)
    history = []
    for t in range(n_iters):
        grads = [mlp_backward(x[:, None], t_, **theta) for x, t_ in zip(X, y)]
        for x, t_ in zip(X, y):
            history.append((t_ - mlp_forward(x[:, None], **theta)["p"]) ** 2)
        theta = {k: theta[k] - lr * sum(g["d" + k] for g in grads) for k in theta}
    return theta, history

# %% wrong: params are changed | points: 3 | idea: input changed in place
def train_mlp(X, y, params, lr, n_iters):
    history = []
    for t in range(n_iters):
        grads = [mlp_backward(x[:, None], t_, **params) for x, t_ in zip(X, y)]
        history.append(sum((t_ - mlp_forward(x[:, None], **params)["p"]) ** 2 for x, t_ in zip(X, y)))
        for k in list(params):
            params[k] = params[k] - lr * sum(g["d" + k] for g in grads)
    return params, history

# %% wrong: only the parameters come back | points: 0 | idea: only the parameters returned
def train_mlp(X, y, params, lr, n_iters):
    theta = dict(params)
    for t in range(n_iters):
        grads = [mlp_backward(x[:, None], t_, **theta) for x, t_ in zip(X, y)]
        theta = {k: theta[k] - lr * sum(g["d" + k] for g in grads) for k in theta}
    return theta

# %% wrong: the same gradient every time | points: 1 | idea: the gradient never computed anew
def train_mlp(X, y, params, lr, n_iters):
    theta = dict(params)
    grads = [mlp_backward(x[:, None], t_, **theta) for x, t_ in zip(X, y)]
    history = []
    for t in range(n_iters):
        history.append(sum((t_ - mlp_forward(x[:, None], **theta)["p"]) ** 2 for x, t_ in zip(X, y)))
        theta = {k: theta[k] - lr * sum(g["d" + k] for g in grads) for k in theta}
    return theta, history

# %% wrong: four observations written in | points: 1 | idea: the four rows of XOR built in
def train_mlp(X, y, params, lr, n_iters):
    theta = dict(params)
    history = []
    for t in range(n_iters):
        loss = 0
        grads = []
        for i in range(4):
            x = X[i].reshape(-1, 1)
            grads.append(mlp_backward(x, y[i], **theta))
            loss += (y[i] - mlp_forward(x, **theta)["p"]) ** 2
        history.append(loss)
        theta = {k: theta[k] - lr * sum(g["d" + k] for g in grads) for k in theta}
    return theta, history

# %% wrong: one iteration too few | points: 0 | idea: one step too few
def train_mlp(X, y, params, lr, n_iters):
    theta = dict(params)
    history = []
    for t in range(1, n_iters):
        grads = [mlp_backward(x[:, None], t_, **theta) for x, t_ in zip(X, y)]
        history.append(sum((t_ - mlp_forward(x[:, None], **theta)["p"]) ** 2 for x, t_ in zip(X, y)))
        theta = {k: theta[k] - lr * sum(g["d" + k] for g in grads) for k in theta}
    return theta, history

# %% wrong: the output weights first, then the hidden layer with the new ones | points: 0 | idea: layers moved one after the other
def train_mlp(X, y, params, lr, n_iters):
    theta = dict(params)
    history = []
    for t in range(n_iters):
        history.append(sum((t_ - mlp_forward(x[:, None], **theta)["p"]) ** 2 for x, t_ in zip(X, y)))
        for k in ("w_o", "b_o", "W", "B"):
            grads = [mlp_backward(x[:, None], t_, **theta) for x, t_ in zip(X, y)]
            theta[k] = theta[k] - lr * sum(g["d" + k] for g in grads)
    return theta, history

# %% wrong: a list of parameters, no dict | points: 1 | idea: a list of parameters in place of a dict
def train_mlp(X, y, params, lr, n_iters):
    theta = dict(params)
    history = []
    for t in range(n_iters):
        grads = [mlp_backward(x[:, None], t_, **theta) for x, t_ in zip(X, y)]
        history.append(sum((t_ - mlp_forward(x[:, None], **theta)["p"]) ** 2 for x, t_ in zip(X, y)))
        theta = {k: theta[k] - lr * sum(g["d" + k] for g in grads) for k in theta}
    return [theta["W"], theta["B"], theta["w_o"], theta["b_o"]], history

# %% right: sums in dictionaries
def train_mlp(X, y, params, lr, n_iters):
    theta = dict(params)
    history = []
    for t in range(n_iters):
        grads = [mlp_backward(x[:, None], t_, **theta) for x, t_ in zip(X, y)]
        history.append(sum((t_ - np.squeeze(mlp_forward(x[:, None], **theta)["p"])) ** 2 for x, t_ in zip(X, y)))
        theta = {k: theta[k] - lr * sum(np.asarray(g["d" + k]) for g in grads) for k in theta}
    return theta, history

# %% right: the batch at once, no upstream
def train_mlp(X, y, params, lr, n_iters):
    W, B = params["W"].copy(), params["B"].copy()
    w_o, b_o = params["w_o"].copy(), params["b_o"]
    Y = y.reshape(1, -1)
    history = []
    for _ in range(n_iters):
        H = 1 / (1 + np.exp(-(W.T @ X.T + B)))
        P = 1 / (1 + np.exp(-(w_o.T @ H + b_o)))
        history.append(np.sum((Y - P) ** 2))
        D = 2 * (P - Y) * P * (1 - P)
        E = (w_o @ D) * H * (1 - H)
        W -= lr * X.T @ E.T
        B -= lr * E.sum(axis=1, keepdims=True)
        w_o -= lr * H @ D.T
        b_o = b_o - lr * D.sum()
    return {"W": W, "B": B, "w_o": w_o, "b_o": b_o}, history

# %% right: deepcopy, in place on the copy, n_iters + 1 losses
import copy

def train_mlp(X, y, params, lr, n_iters):
    own = copy.deepcopy(params)
    def sum_of_squares():
        return sum((y[i] - np.sum(mlp_forward(X[i][:, np.newaxis], **own)["p"])) ** 2 for i in range(len(y)))
    history = [sum_of_squares()]
    for _ in range(n_iters):
        total = {name: np.zeros(np.shape(value)) for name, value in own.items()}
        for i in range(len(y)):
            g = mlp_backward(X[i][:, np.newaxis], y[i], **own)
            for name in total:
                total[name] = total[name] + g["d" + name]
        for name in own:
            own[name] = own[name] - lr * total[name]
        history.append(sum_of_squares())
    return own, np.array(history)

# %% right: the loss after each step, lists of rows
def train_mlp(X, y, params, lr, n_iters):
    rows = [np.array(x, ndmin=2).T for x in X]
    W, B, w_o, b_o = (params[k] for k in ("W", "B", "w_o", "b_o"))
    history = []
    for _ in range(n_iters):
        gs = [mlp_backward(r, t, W, B, w_o, b_o) for r, t in zip(rows, y)]
        W = W - lr * np.sum([g["dW"] for g in gs], axis=0)
        B = B - lr * np.sum([g["dB"] for g in gs], axis=0)
        w_o = w_o - lr * np.sum([g["dw_o"] for g in gs], axis=0)
        b_o = b_o - lr * float(np.sum([np.sum(g["db_o"]) for g in gs]))
        history.append([float(sum((t - np.sum(mlp_forward(r, W, B, w_o, b_o)["p"])) ** 2 for r, t in zip(rows, y)))])
    return [{"W": W, "B": B, "w_o": w_o, "b_o": b_o}, history]

# %% right: einsum, b_o as (1, 1)
def train_mlp(X, y, params, lr, n_iters):
    W, b, v, c = params["W"], params["B"].ravel(), params["w_o"].ravel(), params["b_o"]
    losses = []
    for _ in range(n_iters):
        H = sigmoid(X @ W + b)
        p = sigmoid(H @ v + c)
        losses.append(((y - p) ** 2).sum())
        d = 2 * (p - y) * p * (1 - p)
        E = np.einsum("n,h,nh->nh", d, v, H * (1 - H))
        W = W - lr * np.einsum("ni,nh->ih", X, E)
        b = b - lr * E.sum(0)
        v = v - lr * d @ H
        c = c - lr * d.sum()
    return {"W": W, "B": b[:, None], "w_o": v[:, None], "b_o": np.array([[c]])}, losses

# %% right: a generator of steps, an extra entry
def descent_steps(X, y, theta, lr):
    while True:
        columns = [row.reshape(-1, 1) for row in X]
        sse = float(sum((t - np.sum(mlp_forward(c, **theta)["p"])) ** 2 for c, t in zip(columns, y)))
        step = {}
        for c, t in zip(columns, y):
            for name, value in mlp_backward(c, t, **theta).items():
                if name[1:] in theta:
                    step[name[1:]] = step.get(name[1:], 0) + np.asarray(value)
        theta = {name: theta[name] - lr * step[name] for name in theta}
        yield theta, sse

def train_mlp(X, y, params, lr, n_iters):
    history = []
    theta = params
    for _, (theta, sse) in zip(range(n_iters), descent_steps(X, y, params, lr)):
        history.append(sse)
    return {**theta, "n_iters": n_iters}, history

# %% wrong: stops as soon as the loss is small | points: 3
def train_mlp(X, y, params, lr, n_iters):
    params = {name: np.array(value, dtype=float) for name, value in params.items()}
    history = []
    for _ in range(n_iters):
        total = {name: 0 for name in params}
        loss = 0
        for i in range(len(X)):
            column = X[i].reshape(-1, 1)
            loss += (y[i] - mlp_forward(column, **params)["p"]) ** 2
            g = mlp_backward(column, y[i], **params)
            total = {name: total[name] + g["d" + name] for name in params}
        history.append(loss)
        if loss < 0.01:
            break
        params = {name: params[name] - lr * total[name] for name in params}
    return params, history

# %% right: a class, observations as columns
class ColumnNet:
    def __init__(self, P): self.P = {k: np.array(P[k], float) for k in ("W", "B", "w_o", "b_o")}
    def step(self, X, y, lr):
        P = self.P
        H = sigmoid(P["W"].T @ X.T + P["B"])
        p = sigmoid((P["w_o"] * H).sum(0) + P["b_o"])
        d = 2 * (p - y) * p * (1 - p)
        D = d * P["w_o"] * H * (1 - H)
        self.P = {"W": P["W"] - lr * (D @ X).T, "B": P["B"] - lr * D.sum(1, keepdims=True), "w_o": P["w_o"] - lr * (H @ d)[:, None], "b_o": P["b_o"] - lr * d.sum()}
        return float(np.sum((y - p) ** 2))
def train_mlp(X, y, params, lr, n_iters):
    net = ColumnNet(params)
    history = [net.step(X, y, lr) for _ in range(n_iters)]
    return net.P, history

# %% right: in place on a deep copy, b_o of shape (1,), history among the parameters
import copy
def train_mlp(X, y, params, lr, n_iters):
    params = copy.deepcopy(params)
    params["b_o"] = np.array([float(params["b_o"])])
    history = []
    for it in range(n_iters):
        total = {k: np.zeros_like(v) for k, v in params.items()}
        loss = 0.0
        for i in range(X.shape[0]):
            x = X[i].reshape(-1, 1)
            loss += (y[i] - mlp_forward(x, **params)["p"]) ** 2
            g = mlp_backward(x, y[i], **params)
            for k in total:
                total[k] += np.reshape(g["d" + k], total[k].shape)
        history.append(np.sum(loss))
        for k in total:
            params[k] -= lr * total[k]
    params["history"] = history
    return params, history

# %% right: a history of (1, 1) arrays
def train_mlp(X, y, params, lr, n_iters):
    W, B, w_o, b_o = (np.array(params[k], dtype=float) for k in ("W", "B", "w_o", "b_o"))
    history = []
    for _ in range(n_iters):
        L = np.zeros((1, 1)); G = [0, 0, 0, 0]
        for k in range(len(X)):
            x = X[[k]].T
            H = sigmoid(W.T @ x + B)
            p = sigmoid(w_o.T @ H + b_o)
            L = L + (y[k] - p) ** 2
            d = 2 * (p - y[k]) * p * (1 - p)
            D = w_o @ d * H * (1 - H)
            G = [a + c for a, c in zip(G, (x @ D.T, D, H @ d, d))]
        W, B, w_o, b_o = W - lr * G[0], B - lr * G[1], w_o - lr * G[2], b_o - lr * G[3]
        history.append(L)
    return {"W": W, "B": B, "w_o": w_o, "b_o": b_o}, history

# %% wrong: the output layer moves first | points: 0 | idea: the output layer moved first
def train_mlp(X, y, params, lr, n_iters):
    P, history = dict(params), []
    for _ in range(n_iters):
        history.append(sum((t - mlp_forward(x.reshape(-1, 1), **P)["p"]) ** 2 for x, t in zip(X, y)))
        for keys in (("w_o", "b_o"), ("W", "B")):
            gs = [mlp_backward(x.reshape(-1, 1), t, **P) for x, t in zip(X, y)]
            P = {k: P[k] - lr * sum(g["d" + k] for g in gs) if k in keys else P[k] for k in P}
    return P, history
