# %% wrong: the factor 2 is missing | points: 0 | idea: factor 2 missing
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b = w0.copy(), b0
    history = []
    for t in range(n_iters):
        p = sigmoid(X @ w + b)
        history.append(np.sum((y - p) ** 2))
        delta = (p - y) * p * (1 - p)
        w = w - lr * (X.T @ delta)
        b = b - lr * delta.sum()
    return w, b, history

# %% wrong: mean for sum, in the step and in the history | points: 0 | idea: mean for sum
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b = w0.copy(), b0
    history = []
    for t in range(n_iters):
        p = sigmoid(X @ w + b)
        history.append(np.mean((y - p) ** 2))
        delta = 2 * (p - y) * p * (1 - p)
        w = w - lr * (X.T @ delta) / len(y)
        b = b - lr * delta.mean()
    return w, b, history

# %% wrong: no learning rate, as on the strategy slide | points: 0 | idea: learning rate left out
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b = np.array(w0), float(b0)
    history = []
    for t in range(n_iters):
        _, p, _ = perceptron_table(X, w, b)
        history.append(np.sum((y - p) ** 2))
        delta = dl_dp(y, p) * dp_dh(p)
        w = w - X.T @ delta
        b = b - np.sum(delta)
    return w, b, history

# %% wrong: uphill | points: 0 | idea: uphill
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b = w0.copy(), b0
    history = []
    for t in range(n_iters):
        p = sigmoid(X @ w + b)
        history.append(np.sum((y - p) ** 2))
        delta = dl_dp(y, p) * dp_dh(p)
        w = w + lr * (X.T @ delta)
        b = b + lr * np.sum(delta)
    return w, b, history

# %% wrong: one observation at a time | points: 0 | idea: one observation at a time
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b = w0.copy(), b0
    history = []
    for t in range(n_iters):
        total = 0
        for xi, yi in zip(X, y):
            p = sigmoid(w @ xi + b)
            total += (yi - p) ** 2
            g = perceptron_gradient(xi, yi, w, b)
            w = w - lr * np.asarray(g["dw"])
            b = b - lr * g["db"]
        history.append(total)
    return w, b, history

# %% wrong: the bias never moves | points: 0 | idea: the bias never moves
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b = w0.copy(), b0
    history = []
    for t in range(n_iters):
        p = sigmoid(X @ w + b)
        history.append(np.sum((y - p) ** 2))
        w = w - lr * (X.T @ (2 * (p - y) * p * (1 - p)))
    return w, b, history

# %% wrong: the gradient of the cross-entropy | points: 0 | idea: the cross-entropy's gradient
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b = w0.copy(), b0
    history = []
    for t in range(n_iters):
        p = sigmoid(X @ w + b)
        history.append(np.sum((y - p) ** 2))
        w = w - lr * (X.T @ (p - y))
        b = b - lr * np.sum(p - y)
    return w, b, history

# %% wrong: the bias with the new weights | points: 0 | idea: b moved after w
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b = w0.copy(), b0
    history = []
    for t in range(n_iters):
        p = sigmoid(X @ w + b)
        history.append(np.sum((y - p) ** 2))
        w = w - lr * X.T @ (dl_dp(y, p) * dp_dh(p))
        p = sigmoid(X @ w + b)
        b = b - lr * np.sum(dl_dp(y, p) * dp_dh(p))
    return w, b, history

# %% wrong: the return stands inside the loop | points: 2 | idea: stops after the first step
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b = w0.copy(), b0
    history = []
    for t in range(n_iters):
        p = sigmoid(X @ w + b)
        history.append(np.sum((y - p) ** 2))
        delta = 2 * (p - y) * p * (1 - p)
        w = w - lr * (X.T @ delta)
        b = b - lr * delta.sum()
        return w, b, history

# %% wrong: the history holds means | points: 4 | idea: history of means
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b = w0.copy(), b0
    history = []
    for t in range(n_iters):
        p = sigmoid(X @ w + b)
        history.append(mean_squared_error(y, p))
        delta = 2 * (p - y) * p * (1 - p)
        w = w - lr * (X.T @ delta)
        b = b - lr * delta.sum()
    return w, b, history

# %% wrong: only the last loss | points: 4 | idea: only the last loss returned
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b = w0.copy(), b0
    for t in range(n_iters):
        p = sigmoid(X @ w + b)
        sse = np.sum((y - p) ** 2)
        delta = 2 * (p - y) * p * (1 - p)
        w = w - lr * (X.T @ delta)
        b = b - lr * delta.sum()
    return w, b, sse

# %% wrong: w0 is changed in place | points: 0 | idea: input changed in place
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b = w0, b0
    history = []
    for t in range(n_iters):
        p = sigmoid(X @ w + b)
        history.append(np.sum((y - p) ** 2))
        delta = 2 * (p - y) * p * (1 - p)
        w -= lr * (X.T @ delta)
        b -= lr * delta.sum()
    return w, b, history

# %% wrong: starts from zeros | points: 0 | idea: starts from zero
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b = np.zeros(X.shape[1]), 0.0
    history = []
    for t in range(n_iters):
        p = sigmoid(X @ w + b)
        history.append(np.sum((y - p) ** 2))
        delta = 2 * (p - y) * p * (1 - p)
        w = w - lr * (X.T @ delta)
        b = b - lr * delta.sum()
    return w, b, history

# %% wrong: always 100 iterations | points: 0 | idea: always a hundred iterations
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b = w0.copy(), b0
    history = []
    for t in range(100):
        p = sigmoid(X @ w + b)
        history.append(np.sum((y - p) ** 2))
        delta = 2 * (p - y) * p * (1 - p)
        w = w - lr * (X.T @ delta)
        b = b - lr * delta.sum()
    return w, b, history

# %% wrong: the classes instead of the probabilities | points: 0 | idea: the classes in place of the probabilities
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b = w0.copy(), b0
    history = []
    for t in range(n_iters):
        _, p, y_hat = perceptron_table(X, w, b)
        history.append(np.sum((y - y_hat) ** 2))
        delta = 2 * (y_hat - y)
        w = w - lr * (X.T @ delta)
        b = b - lr * np.sum(delta)
    return w, b, history

# %% wrong: stops early when the loss hardly moves | points: 0
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b = w0.copy(), b0
    history = []
    for t in range(n_iters):
        p = sigmoid(X @ w + b)
        history.append(np.sum((y - p) ** 2))
        if len(history) > 1 and history[-2] - history[-1] < 0.1:
            break
        delta = 2 * (p - y) * p * (1 - p)
        w = w - lr * (X.T @ delta)
        b = b - lr * delta.mean()
    return w, b, history

# %% wrong: momentum | points: 2 | idea: momentum
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b = w0.copy(), b0
    vw, vb = 0, 0
    history = []
    for t in range(n_iters):
        p = sigmoid(X @ w + b)
        history.append(np.sum((y - p) ** 2))
        delta = 2 * (p - y) * p * (1 - p)
        vw = 0.9 * vw + X.T @ delta
        vb = 0.9 * vb + delta.sum()
        w = w - lr * vw
        b = b - lr * vb
    return w, b, history

# %% wrong: the learning rate decays | points: 2
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b = w0.copy(), b0
    history = []
    for t in range(n_iters):
        p = sigmoid(X @ w + b)
        history.append(np.sum((y - p) ** 2))
        delta = 2 * (p - y) * p * (1 - p)
        w = w - lr / (t + 1) * (X.T @ delta)
        b = b - lr / (t + 1) * delta.sum()
    return w, b, history

# %% wrong: the gradient is never recomputed | points: 2 | idea: the gradient never computed anew
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b = w0.copy(), b0
    history = []
    p = sigmoid(X @ w + b)
    delta = 2 * (p - y) * p * (1 - p)
    for t in range(n_iters):
        history.append(np.sum((y - p) ** 2))
        w = w - lr * (X.T @ delta)
        b = b - lr * delta.sum()
    return w, b, history

# %% right: vectorised, losses before each step
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b = w0.copy(), b0
    history = []
    for t in range(n_iters):
        p = sigmoid(X @ w + b)
        history.append(np.sum((y - p) ** 2))
        delta = 2 * (p - y) * p * (1 - p)
        w = w - lr * (X.T @ delta)
        b = b - lr * delta.sum()
    return w, b, history

# %% right: sums perceptron_gradient over the rows
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b = np.array(w0), b0
    history = []
    for t in range(n_iters):
        dw, db, total = np.zeros(len(w)), 0.0, 0.0
        for i in range(len(y)):
            g = perceptron_gradient(X[i], y[i], w, b)
            dw += np.asarray(g["dw"])
            db += float(np.sum(g["db"]))
            total += (y[i] - sigmoid(X[i] @ w + b)) ** 2
        history.append(total)
        w = w - lr * dw
        b = b - lr * db
    return w, b, history

# %% right: n_iters + 1 losses in an array
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b = w0.astype(float), float(b0)
    losses = np.zeros(n_iters + 1)
    for t in range(n_iters + 1):
        h, p, _ = perceptron_table(X, w, b)
        losses[t] = np.sum(squared_error(y, p))
        if t < n_iters:
            delta = dl_dp(y, p) * dp_dh(p)
            w, b = w - lr * np.dot(delta, X), b - lr * np.sum(delta)
    return w, b, losses

# %% right: the loss after each step, lists
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w = [float(v) for v in w0]
    b = float(b0)
    history = []
    def outputs():
        return [1 / (1 + np.exp(-(sum(a * c for a, c in zip(row, w)) + b))) for row in X]
    for _ in range(n_iters):
        ps = outputs()
        d = [2 * (q - t) * q * (1 - q) for q, t in zip(ps, y)]
        w = [w[j] - lr * sum(d[i] * X[i, j] for i in range(len(d))) for j in range(len(w))]
        b = b - lr * sum(d)
        history.append(sum((t - q) ** 2 for q, t in zip(outputs(), y)))
    return w, b, history

# %% right: a column of ones and one parameter vector
def train_perceptron(X, y, w0, b0, lr, n_iters):
    A = np.column_stack([X, np.ones(len(X))])
    theta = np.append(w0, b0)
    history = []
    for _ in range(n_iters):
        p = 1 / (1 + np.exp(-A @ theta))
        history.append(((y - p) ** 2).sum())
        theta = theta - lr * A.T @ (-2 * (y - p) * p * (1 - p))
    return theta[:-1], theta[-1], history

# %% right: numerical gradient of the whole loss
def train_perceptron(X, y, w0, b0, lr, n_iters):
    def total_loss(theta):
        return np.sum((y - sigmoid(X @ theta[:-1] + theta[-1])) ** 2)
    theta = np.append(w0, b0).astype(float)
    history = [total_loss(theta)]
    for _ in range(n_iters):
        theta = theta - lr * np.asarray(numerical_gradient(total_loss, theta))
        history.append(total_loss(theta))
    return theta[:-1], theta[-1:], history

# %% right: columns everywhere, prints now and then
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w = w0.reshape(-1, 1).copy()
    b = b0
    t = y.reshape(-1, 1)
    history = []
    for i in range(n_iters):
        p = 1 / (1 + np.exp(-(X @ w + b)))
        history.append(np.sum((t - p) ** 2))
        if i % 500 == 0:
            print(i, history[-1])
        d = 2 * (p - t) * p * (1 - p)
        w -= lr * X.T @ d
        b -= lr * d.sum()
    return w.ravel(), b, np.array(history).reshape(-1, 1)

# %% right: a class with a method
class PerceptronTrainer:
    def __init__(self, w, b):
        self.w, self.b, self.losses = w.copy(), b, []

    def step(self, X, y, lr):
        p = sigmoid(weighted_sum(X, self.w, self.b))
        self.losses.append(float(np.sum((p - y) ** 2)))
        d = 2 * (p - y) * p * (1 - p)
        self.w = self.w - lr * np.einsum("n,nd->d", d, X)
        self.b = self.b - lr * d.sum()

def train_perceptron(X, y, w0, b0, lr, n_iters):
    trainer = PerceptronTrainer(w0, b0)
    for _ in range(n_iters):
        trainer.step(X, y, lr)
    return [trainer.w, trainer.b, trainer.losses]

# %% right: the bias as a weight, b of shape (1,)
def train_perceptron(X, y, w0, b0, lr, n_iters):
    A = np.c_[X, np.ones(len(X))]
    t = np.r_[w0, b0]
    history = []
    for i in range(int(n_iters)):
        p = 1 / (1 + np.exp(-A @ t))
        history.append(float((p - y) @ (p - y)))
        t = t + lr * A.T @ (2 * (y - p) * p * (1 - p))
    return t[:-1], t[-1:], np.array(history)

# %% right: by numerical_gradient
def train_perceptron(X, y, w0, b0, lr, n_iters):
    def L(t):
        return float(np.sum((y - sigmoid(X @ t[:-1] + t[-1])) ** 2))
    t = np.append(w0, b0)
    history = []
    for _ in range(n_iters):
        history.append(L(t))
        t = t - lr * numerical_gradient(L, t)
    return t[:-1], t[-1], history

# %% right: columns, and a history of arrays with one entry
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b = np.copy(w0).reshape(-1, 1), b0
    t = y.reshape(-1, 1)
    history = []
    for _ in range(n_iters):
        p = sigmoid(X @ w + b)
        history.append(sum((t - p) ** 2))
        g = 2 * (p - t) * p * (1 - p)
        w, b = w - lr * (X.T @ g), b - lr * sum(g)
    return w.ravel(), b, history

# %% wrong: the learning rate on w only | points: 0 | idea: the learning rate for w only
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b, history = w0.copy(), b0, []
    for _ in range(n_iters):
        p = sigmoid(X @ w + b)
        history.append(np.sum((y - p) ** 2))
        d = 2 * (p - y) * p * (1 - p)
        w, b = w - lr * X.T @ d, b - d.sum()
    return w, b, history

# %% wrong: gradients add up over the iterations | points: 2 | idea: gradients never cleared
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b, history = w0.copy(), b0, []
    dw, db = np.zeros(len(w)), 0.0
    for _ in range(n_iters):
        p = sigmoid(X @ w + b)
        history.append(np.sum((y - p) ** 2))
        d = 2 * (p - y) * p * (1 - p)
        dw, db = dw + X.T @ d, db + d.sum()
        w, b = w - lr * dw, b - lr * db
    return w, b, history

# %% wrong: stops once the loss is small | points: 3
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b, history = w0.copy(), b0, []
    for _ in range(n_iters):
        p = sigmoid(X @ w + b)
        history.append(np.sum((y - p) ** 2))
        if history[-1] < 0.01:
            break
        delta = 2 * (p - y) * p * (1 - p)
        w = w - lr * X.T @ delta
        b = b - lr * delta.sum()
    return w, b, history

# %% wrong: stops once the loss hardly falls | points: 3
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b, history = w0.copy(), b0, []
    for k in range(n_iters):
        p = sigmoid(X @ w + b)
        history.append(np.sum((y - p) ** 2))
        if k > 0 and abs(history[-2] - history[-1]) < 1e-6:
            break
        delta = 2 * (p - y) * p * (1 - p)
        w = w - lr * X.T @ delta
        b = b - lr * delta.sum()
    return w, b, history

# %% wrong: the gradient cut at 5 | points: 3
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b, history = w0.copy(), b0, []
    for _ in range(n_iters):
        p = sigmoid(X @ w + b)
        history.append(np.sum((y - p) ** 2))
        delta = 2 * (p - y) * p * (1 - p)
        w = w - lr * np.clip(X.T @ delta, -5, 5)
        b = b - lr * np.clip(delta.sum(), -5, 5)
    return w, b, history

# %% right: float32 all through
def train_perceptron(X, y, w0, b0, lr, n_iters):
    X, y, w, b = X.astype(np.float32), y.astype(np.float32), w0.astype(np.float32), np.float32(b0)
    history = []
    for _ in range(n_iters):
        p = 1 / (1 + np.exp(-(X @ w + b)))
        history.append(np.sum((y - p) ** 2))
        delta = 2 * (p - y) * p * (1 - p)
        w, b = w - np.float32(lr) * (X.T @ delta), b - np.float32(lr) * delta.sum()
    return w, b, history
