"""Answers to notebook 1 as students write them: wrong ones with what they may earn at most, and right ones.

Each answer is source text that runs once the reference's names are in place: only the answer under test differs.
"""

from __future__ import annotations

from typing import NamedTuple


class Answer(NamedTuple):
    """One answer to one question; `most` is what a wrong one may earn, `seen` whether the visible check must fail."""

    question: str
    slip: str
    source: str
    most: float = 0.0
    seen: bool = True

    def __str__(self) -> str:
        return f"{self.question}: {self.slip}"


def _table(h: str = "X @ w + b", p: str = "sigmoid(h)", y_hat: str = "(p > 0.5).astype(int)") -> str:
    return f"def perceptron_table(X, w, b):\n    h = {h}\n    p = {p}\n    y_hat = {y_hat}\n    return h, p, y_hat"


def _gradient(delta: str, dw: str = "delta * x", db: str = "delta") -> str:
    return (
        "def perceptron_gradient(x, y, w, b):\n    p = sigmoid(w @ x + b)\n"
        f"    delta = {delta}\n    return {{'dw': {dw}, 'db': {db}}}"
    )


def _numerical(body: str, head: str = "theta = np.array(theta, dtype=float)") -> str:
    return f"""
def numerical_gradient(f, theta, eps=1e-5):
    {head}
    g = np.zeros(np.shape(theta))
    for i in np.ndindex(np.shape(theta)):
        up, down = theta.copy(), theta.copy()
        up[i] += eps
        down[i] -= eps
        g[i] = {body}
    return g
"""


_CENTRAL = "(f(up) - f(down)) / (2 * eps)"


def _train(
    delta: str = "2 * (p - y) * p * (1 - p)",
    step: str = "w, b = w - lr * X.T @ delta, b - lr * np.sum(delta)",
    loss: str = "np.sum((y - p) ** 2)",
    start: str = "w, b = w0.copy(), b0",
    rounds: str = "range(n_iters)",
    result: str = "w, b, history",
) -> str:
    return f"""
def train_perceptron(X, y, w0, b0, lr, n_iters):
    {start}
    history = []
    for _ in {rounds}:
        p = sigmoid(X @ w + b)
        history.append({loss})
        delta = {delta}
        {step}
    return {result}
"""


_MEAN_SQUARED = "\ndef mean_squared_error(y, p): return np.mean((y - p) ** 2)"
_SQUARED = "def squared_error(y, p): return (y - p) ** 2\n"
_OTHER_LINKS = {
    "dl_dp": "def dl_dp(y, p): return 2 * (p - y)\n",
    "dp_dh": "def dp_dh(p): return p * (1 - p)\n",
    "dh_dw": "def dh_dw(x): return x\n",
}


def _links(**changed: str) -> str:
    return "".join(changed.get(name, right) + "\n" for name, right in _OTHER_LINKS.items())


WRONG = [
    Answer("sigmoid", "E2, exp(+z)", "def sigmoid(z): return 1 / (1 + np.exp(z))"),
    Answer("sigmoid", "always one half", "def sigmoid(z): return 0.5 * np.ones(np.shape(z))"),
    Answer("sigmoid", "a step", "def sigmoid(z): return (np.asarray(z) > 0) * 1.0"),
    Answer("sigmoid", "tanh", "def sigmoid(z): return np.tanh(z)"),
    Answer("sigmoid", "softsign", "def sigmoid(z): return 0.5 * (1 + z / (1 + np.abs(z)))"),
    Answer("sigmoid", "nan at 1000", "def sigmoid(z): return np.exp(z) / (1 + np.exp(z))", 3),
    Answer("sigmoid", "math.exp in a comprehension",
           "import math\ndef sigmoid(z): return np.array([1 / (1 + math.exp(-v)) for v in z])", 0),
    Answer("sigmoid", "flattens", "def sigmoid(z): return 1 / (1 + np.exp(-np.ravel(z)))", 1),
    Answer("sigmoid", "rounds to two decimals", "def sigmoid(z): return np.round(1 / (1 + np.exp(-z)), 2)"),
    Answer("sigmoid", "prints", "def sigmoid(z): print(1 / (1 + np.exp(-z)))"),
    Answer("sigmoid", "clips at 3", "def sigmoid(z): return 1 / (1 + np.exp(-np.clip(z, -3, 3)))", 1),
    Answer("sigmoid", "changes its input",
           "def sigmoid(z):\n    z = np.asarray(z)\n    z *= -1\n    return 1 / (1 + np.exp(z))", 0),
    Answer("weighted_sum", "no bias", "def weighted_sum(X, w, b): return X @ w"),
    Answer("weighted_sum", "bias subtracted", "def weighted_sum(X, w, b): return X @ w - b"),
    Answer("weighted_sum", "two inputs only",
           "def weighted_sum(X, w, b): return X[:, 0] * w[0] + X[:, 1] * w[1] + b", 1),
    Answer("weighted_sum", "sums everything", "def weighted_sum(X, w, b): return np.sum(X * w) + b"),
    Answer("weighted_sum", "products not summed", "def weighted_sum(X, w, b): return X * w + b"),
    Answer("weighted_sum", "a column", "def weighted_sum(X, w, b): return (X @ w + b).reshape(-1, 1)"),
    Answer("weighted_sum", "mean for sum", "def weighted_sum(X, w, b): return np.mean(X * w, axis=1) + b"),
    Answer("weighted_sum", "bias times d", "def weighted_sum(X, w, b): return np.sum(X * w + b, axis=1)"),
    Answer("weighted_sum", "the slide's values", "def weighted_sum(X, w, b): return [-0.5, -1.5, 0.5, -0.5]"),
    Answer("perceptron_table", "E1, no row above 0.5", _table(y_hat="np.zeros(len(h))"), 2),
    Answer("perceptron_table", "E1 copied", "def perceptron_table(X, w, b):\n"
           "    return [-0.5, -1.5, 0.5, -0.5], [0.38, 0.18, 0.38, 0.38], [0, 0, 0, 0]"),
    Answer("perceptron_table", "E1, |h| with a minus", _table(p="sigmoid(-np.abs(h))"), 1),
    Answer("perceptron_table", "E2", _table(p="1 / (1 + np.exp(h))"), 1),
    Answer("perceptron_table", "y_hat from h > 0.5", _table(y_hat="(h > 0.5) * 1"), 2),
    Answer("perceptron_table", "y_hat rounds h", _table(y_hat="np.round(h)"), 2),
    Answer("perceptron_table", "y_hat is p", _table(y_hat="p"), 2),
    Answer("perceptron_table", "y_hat reversed", _table(y_hat="(p < 0.5) * 1"), 2),
    Answer("perceptron_table", "p is h", _table(p="h"), 1),
    Answer("perceptron_table", "p rounded", _table(p="np.round(sigmoid(h), 2)"), 3),
    Answer("perceptron_table", "two inputs only", _table(h="X[:, 0] * w[0] + X[:, 1] * w[1] + b"), 3),
    Answer("perceptron_table", "the slide's weights", _table(h="X @ np.array([1.0, -1.0]) - 0.5")),
    Answer("perceptron_table", "no bias", _table(h="X @ w")),
    Answer("perceptron_table", "two results", "def perceptron_table(X, w, b): return X @ w + b, sigmoid(X @ w + b)"),
    Answer("perceptron_table", "a dict",
           "def perceptron_table(X, w, b):\n    h = X @ w + b\n"
           "    return {'h': h, 'p': sigmoid(h), 'y_hat': sigmoid(h) > 0.5}"),
    Answer("slide_errors", "nothing", "slide_errors = set()"),
    Answer("slide_errors", "None", "slide_errors = None"),
    Answer("slide_errors", "everything",
           "slide_errors = {(r, c) for r in (1, 2, 3, 4) for c in ('h', 'p', 'y_hat')}"),
    Answer("slide_errors", "every p", "slide_errors = {(r, 'p') for r in (1, 2, 3, 4)}"),
    Answer("slide_errors", "rows from 0", "slide_errors = {(2, 'p'), (2, 'y_hat')}"),
    Answer("slide_errors", "p alone", "slide_errors = {(3, 'p')}", 1),
    Answer("slide_errors", "one too many", "slide_errors = {(3, 'p'), (3, 'y_hat'), (1, 'p')}", 1),
    Answer("slide_errors", "not pairs", "slide_errors = {3, 'p'}"),
    Answer("slide_errors", "a dict of rows", "slide_errors = {3: ['p', 'y_hat']}"),
    Answer("squared_error", "absolute", "def squared_error(y, p): return np.abs(y - p)" + _MEAN_SQUARED, 1),
    Answer("squared_error", "not squared", "def squared_error(y, p): return y - p" + _MEAN_SQUARED, 1),
    Answer("squared_error", "half", "def squared_error(y, p): return 0.5 * (y - p) ** 2" + _MEAN_SQUARED, 1),
    Answer("squared_error", "mean at once", "def squared_error(y, p): return np.mean((y - p) ** 2)" + _MEAN_SQUARED, 1),
    Answer("squared_error", "sum for mean", _SQUARED + "def mean_squared_error(y, p): return np.sum((y - p) ** 2)", 1),
    Answer("squared_error", "half the mean",
           _SQUARED + "def mean_squared_error(y, p): return np.mean((y - p) ** 2) / 2", 1),
    Answer("squared_error", "root",
           _SQUARED + "def mean_squared_error(y, p): return np.sqrt(np.mean((y - p) ** 2))", 1),
    Answer("squared_error", "square of the mean",
           _SQUARED + "def mean_squared_error(y, p): return np.mean(y - p) ** 2", 1),
    Answer("squared_error", "divides by a fixed 4",
           _SQUARED + "def mean_squared_error(y, p): return np.sum((y - p) ** 2) / 4", 1, seen=False),
]  # fmt: skip

_BCE = "def binary_cross_entropy(y, p):\n    p = np.clip(p, {eps}, 1 - {eps})\n    return {value}"
_ITEMS = "y * np.log(p) + (1 - y) * np.log(1 - p)"

WRONG += [
    Answer("binary_cross_entropy", "E21, no minus", _BCE.format(eps=1e-9, value=f"np.mean({_ITEMS})")),
    Answer("binary_cross_entropy", "sum", _BCE.format(eps=1e-9, value=f"-np.sum({_ITEMS})")),
    Answer("binary_cross_entropy", "each", _BCE.format(eps=1e-9, value=f"-({_ITEMS})")),
    Answer("binary_cross_entropy", "log2", _BCE.format(eps=1e-9, value=f"-np.mean({_ITEMS}) / np.log(2)")),
    Answer("binary_cross_entropy", "log10", _BCE.format(eps=1e-9, value=f"-np.mean({_ITEMS}) / np.log(10)")),
    Answer("binary_cross_entropy", "y = 1 only", _BCE.format(eps=1e-9, value="-np.mean(y * np.log(p))")),
    Answer("binary_cross_entropy", "absolute value of a wrong sign",
           _BCE.format(eps=1e-9, value="-np.mean(y * np.log(p) - (1 - y) * np.log(1 - p))")),
    Answer("binary_cross_entropy", "no clip", f"def binary_cross_entropy(y, p): return -np.mean({_ITEMS})", 2),
    Answer("binary_cross_entropy", "clip at 0.1", _BCE.format(eps=0.1, value=f"-np.mean({_ITEMS})")),
    Answer("binary_cross_entropy", "clip at 0.01", _BCE.format(eps=0.01, value=f"-np.mean({_ITEMS})")),
    Answer("binary_cross_entropy", "clip at 0.002", _BCE.format(eps=0.002, value=f"-np.mean({_ITEMS})"), 2),
    Answer("binary_cross_entropy", "clip from below only",
           "def binary_cross_entropy(y, p):\n    p = np.maximum(p, 1e-9)\n" + f"    return -np.mean({_ITEMS})", 2),
    Answer("binary_cross_entropy", "sure observations dropped",
           "def binary_cross_entropy(y, p):\n    keep = (p > 0) & (p < 1)\n    y, p = y[keep], p[keep]\n"
           f"    return -np.mean({_ITEMS}) if len(y) else 0.0", 2),
    Answer("binary_cross_entropy", "nan becomes 0, infinity too",
           "def binary_cross_entropy(y, p):\n"
           f"    return np.mean(np.nan_to_num(-({_ITEMS}), posinf=0.0))", 2),
    Answer("binary_cross_entropy", "the largest float, twice",  # which is infinity
           f"def binary_cross_entropy(y, p):\n    return -np.mean(np.nan_to_num({_ITEMS}))", 2),
    Answer("binary_cross_entropy", "squared error", "def binary_cross_entropy(y, p): return np.mean((y - p) ** 2)"),
    Answer("chain_rule", "E3, no 2", _links(dl_dp="def dl_dp(y, p): return p - y"), 2),
    Answer("chain_rule", "sign", _links(dl_dp="def dl_dp(y, p): return 2 * (y - p)"), 2),
    Answer("chain_rule", "absolute value", _links(dl_dp="def dl_dp(y, p): return 2 * abs(p - y)"), 2),
    Answer("chain_rule", "cross-entropy", _links(dl_dp="def dl_dp(y, p): return (p - y) / (p * (1 - p))"), 2),
    Answer("chain_rule", "the loss itself", _links(dl_dp="def dl_dp(y, p): return (y - p) ** 2"), 2),
    Answer("chain_rule", "sigmoid twice", _links(dp_dh="def dp_dh(p): return sigmoid(p) * (1 - sigmoid(p))"), 2),
    Answer("chain_rule", "p alone", _links(dp_dh="def dp_dh(p): return p"), 2),
    Answer("chain_rule", "1 - p alone", _links(dp_dh="def dp_dh(p): return 1 - p"), 2),
    Answer("chain_rule", "p (p - 1)", _links(dp_dh="def dp_dh(p): return p * (p - 1)"), 2),
    Answer("chain_rule", "ones", _links(dh_dw="def dh_dw(x): return np.ones(len(x))"), 2),
    Answer("chain_rule", "x squared", _links(dh_dw="def dh_dw(x): return x ** 2"), 2),
    Answer("chain_rule", "first input only", _links(dh_dw="def dh_dw(x): return x[0]"), 2),
    Answer("chain_rule", "minus x", _links(dh_dw="def dh_dw(x): return -x"), 2),
    Answer("perceptron_gradient", "E3, no 2", _gradient("(p - y) * p * (1 - p)")),
    Answer("perceptron_gradient", "sign", _gradient("2 * (y - p) * p * (1 - p)")),
    Answer("perceptron_gradient", "no p (1 - p)", _gradient("2 * (p - y)")),
    Answer("perceptron_gradient", "E20, cross-entropy", _gradient("p - y")),
    Answer("perceptron_gradient", "p alone", _gradient("2 * (p - y) * p")),
    Answer("perceptron_gradient", "slope of the slope", _gradient("2 * (p - y) * sigmoid(p) * (1 - sigmoid(p))")),
    Answer("perceptron_gradient", "no x", _gradient("2 * (p - y) * p * (1 - p)", dw="delta * np.ones(len(x))"), 1),
    Answer("perceptron_gradient", "x squared", _gradient("2 * (p - y) * p * (1 - p)", dw="delta * x ** 2"), 1),
    Answer("perceptron_gradient", "w for x", _gradient("2 * (p - y) * p * (1 - p)", dw="delta * w"), 1),
    Answer("perceptron_gradient", "db is dw_2", _gradient("2 * (p - y) * p * (1 - p)", db="delta * x[1]"), 3),
    Answer("perceptron_gradient", "db is 0", _gradient("2 * (p - y) * p * (1 - p)", db="0.0"), 3),
    Answer("perceptron_gradient", "two inputs only",
           _gradient("2 * (p - y) * p * (1 - p)", dw="np.array([delta * x[0], delta * x[1]])"), 1),
    Answer("perceptron_gradient", "no bias in h",
           "def perceptron_gradient(x, y, w, b):\n    p = sigmoid(w @ x)\n    d = 2 * (p - y) * p * (1 - p)\n"
           "    return {'dw': d * x, 'db': d}"),
    Answer("perceptron_gradient", "a tuple",
           "def perceptron_gradient(x, y, w, b):\n    p = sigmoid(w @ x + b)\n    d = 2 * (p - y) * p * (1 - p)\n"
           "    return d * x, d"),
    Answer("perceptron_gradient", "other keys",
           "def perceptron_gradient(x, y, w, b):\n    p = sigmoid(w @ x + b)\n    d = 2 * (p - y) * p * (1 - p)\n"
           "    return {'w': d * x, 'b': d}"),
    Answer("numerical_gradient", "forward", _numerical("(f(up) - f(theta)) / eps")),
    Answer("numerical_gradient", "backward", _numerical("(f(theta) - f(down)) / eps")),
    Answer("numerical_gradient", "divides by eps", _numerical("(f(up) - f(down)) / eps")),
    Answer("numerical_gradient", "sign", _numerical("(f(down) - f(up)) / (2 * eps)")),
    Answer("numerical_gradient", "difference only", _numerical("f(up) - f(down)")),
    Answer("numerical_gradient", "forward over 2 eps", _numerical("(f(up) - f(theta)) / (2 * eps)")),
    Answer("numerical_gradient", "own eps", _numerical(_CENTRAL, "theta, eps = np.array(theta, dtype=float), 1e-5"), 2),
    Answer("numerical_gradient", "integers cut", _numerical(_CENTRAL, "pass"), 2),
    Answer("numerical_gradient", "integer gradient", """
def numerical_gradient(f, theta, eps=1e-5):
    g = np.zeros_like(theta)
    for i in np.ndindex(theta.shape):
        step = np.zeros(theta.shape)
        step[i] = eps
        g[i] = (f(theta + step) - f(theta - step)) / (2 * eps)
    return g
""", 2),
    Answer("numerical_gradient", "all entries at once", """
def numerical_gradient(f, theta, eps=1e-5):
    return np.full(theta.shape, (f(theta + eps) - f(theta - eps)) / (2 * eps))
"""),
    Answer("numerical_gradient", "steps add up", """
def numerical_gradient(f, theta, eps=1e-5):
    t = np.array(theta, dtype=float)
    g = np.zeros(t.shape)
    for i in np.ndindex(t.shape):
        t[i] += eps
        above = f(t)
        t[i] -= 2 * eps
        g[i] = (above - f(t)) / (2 * eps)
    return g
"""),
    Answer("numerical_gradient", "vectors only", """
def numerical_gradient(f, theta, eps=1e-5):
    theta = np.array(theta, dtype=float)
    g = np.zeros(len(theta))
    for i in range(len(theta)):
        step = np.zeros(len(theta))
        step[i] = eps
        g[i] = (f(theta + step) - f(theta - step)) / (2 * eps)
    return g
""", 2),
    Answer("numerical_gradient", "flat gradient", """
def numerical_gradient(f, theta, eps=1e-5):
    theta = np.array(theta, dtype=float)
    g = []
    for i in np.ndindex(theta.shape):
        step = np.zeros(theta.shape)
        step[i] = eps
        g.append((f(theta + step) - f(theta - step)) / (2 * eps))
    return np.array(g)
""", 2),
    Answer("numerical_gradient", "theta moved and left", """
def numerical_gradient(f, theta, eps=1e-5):
    g = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        old = theta[i]
        theta[i] = old + eps
        above = f(theta)
        theta[i] = old - eps
        g[i] = (above - f(theta)) / (2 * eps)
        theta[i] = old + eps
    return g
"""),
    Answer("numerical_gradient", "float32", _numerical(_CENTRAL, "theta = np.array(theta, dtype=np.float32)")),
    Answer("train_perceptron", "E3, no 2", _train("(p - y) * p * (1 - p)"), 0),
    Answer("train_perceptron", "uphill", _train(step="w, b = w + lr * X.T @ delta, b + lr * np.sum(delta)")),
    Answer("train_perceptron", "E19, no learning rate", _train(step="w, b = w - X.T @ delta, b - np.sum(delta)")),
    Answer("train_perceptron", "own learning rate",
           _train(step="w, b = w - 0.1 * X.T @ delta, b - 0.1 * np.sum(delta)")),
    Answer("train_perceptron", "mean gradient",
           _train(step="w, b = w - lr * X.T @ delta / len(y), b - lr * np.mean(delta)")),
    Answer("train_perceptron", "mean gradient and history",
           _train(step="w, b = w - lr * X.T @ delta / len(y), b - lr * np.mean(delta)", loss="np.mean((y - p) ** 2)")),
    Answer("train_perceptron", "no p (1 - p)", _train("2 * (p - y)")),
    Answer("train_perceptron", "E20, cross-entropy", _train("p - y")),
    Answer("train_perceptron", "bias forgotten", _train(step="w = w - lr * X.T @ delta")),
    Answer("train_perceptron", "b after w", _train(
        step="w = w - lr * X.T @ delta; p = sigmoid(X @ w + b); b = b - lr * np.sum(2 * (p - y) * p * (1 - p))")),
    Answer("train_perceptron", "after each observation", """
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b, history = w0.copy(), b0, []
    for _ in range(n_iters):
        history.append(np.sum((y - sigmoid(X @ w + b)) ** 2))
        for xi, yi in zip(X, y):
            p = sigmoid(xi @ w + b)
            d = 2 * (p - yi) * p * (1 - p)
            w, b = w - lr * d * xi, b - lr * d
    return w, b, history
"""),
    Answer("train_perceptron", "first observation only", """
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b, history = w0.copy(), b0, []
    for _ in range(n_iters):
        history.append(np.sum((y - sigmoid(X @ w + b)) ** 2))
        p = sigmoid(X[0] @ w + b)
        d = 2 * (p - y[0]) * p * (1 - p)
        w, b = w - lr * d * X[0], b - lr * d
    return w, b, history
"""),
    Answer("train_perceptron", "history of means", _train(loss="np.mean((y - p) ** 2)"), 4),
    Answer("train_perceptron", "history of cross-entropy", _train(
        loss="-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))"), 4),
    Answer("train_perceptron", "history of errors", _train(loss="np.sum(np.abs(y - p))"), 4),
    Answer("train_perceptron", "history is one number", _train(result="w, b, history[-1]"), 4),
    Answer("train_perceptron", "history too short", _train(result="w, b, history[2:]"), 4),
    Answer("train_perceptron", "no history", _train(result="w, b")),
    Answer("train_perceptron", "one step too many", _train(rounds="range(n_iters + 1)"), 1),
    Answer("train_perceptron", "one step too few", _train(rounds="range(n_iters - 1)"), 0),
    Answer("train_perceptron", "returns in the loop",
           _train().replace("    return w, b, history", "        return w, b, history"), 2),
    Answer("train_perceptron", "w0 changed",
           _train(start="w, b = w0, b0", step="w -= lr * X.T @ delta; b = b - lr * np.sum(delta)")),
    Answer("train_perceptron", "starts from zero", _train(start="w, b = np.zeros(len(w0)), 0.0")),
    Answer("train_perceptron", "two inputs only", """
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w1, w2, b, history = w0[0], w0[1], b0, []
    for _ in range(n_iters):
        p = sigmoid(X[:, 0] * w1 + X[:, 1] * w2 + b)
        history.append(np.sum((y - p) ** 2))
        d = 2 * (p - y) * p * (1 - p)
        w1, w2, b = w1 - lr * np.sum(d * X[:, 0]), w2 - lr * np.sum(d * X[:, 1]), b - lr * np.sum(d)
    return np.array([w1, w2]), b, history
""", 0, seen=False),
]  # fmt: skip


RIGHT = [
    Answer("sigmoid", "textbook", "def sigmoid(z): return 1 / (1 + np.exp(-z))"),
    Answer("sigmoid", "tanh form", "def sigmoid(z): return 0.5 * (1 + np.tanh(z / 2))"),
    Answer("sigmoid", "clipped", "def sigmoid(z): return 1 / (1 + np.exp(-np.clip(z, -500, 500)))"),
    Answer("sigmoid", "logaddexp", "def sigmoid(z): return np.exp(-np.logaddexp(0, -z))"),
    Answer("sigmoid", "float32", "def sigmoid(z): return np.float32(1) / (1 + np.exp(-np.float32(z)))"),
    Answer("sigmoid", "a list", "def sigmoid(z): return np.asarray(1 / (1 + np.exp(-np.asarray(z)))).tolist()"),
    Answer("sigmoid", "(1,) for a number", "def sigmoid(z): return 1 / (1 + np.exp(-np.atleast_1d(z)))"),
    Answer("sigmoid", "warns and prints", "import warnings\ndef sigmoid(z):\n    print('z', z)\n"
           "    warnings.warn('careful')\n    return 1 / (1 + np.exp(-z))"),
    Answer("sigmoid", "two branches", "def sigmoid(z):\n    z = np.asarray(z, dtype=float)\n"
           "    out = np.empty_like(z)\n    up = z >= 0\n    out[up] = 1 / (1 + np.exp(-z[up]))\n"
           "    e = np.exp(z[~up])\n    out[~up] = e / (1 + e)\n    return out"),
    Answer("weighted_sum", "textbook", "def weighted_sum(X, w, b): return X @ w + b"),
    Answer("weighted_sum", "dot", "def weighted_sum(X, w, b): return np.dot(w, X.T) + b"),
    Answer("weighted_sum", "sum of products", "def weighted_sum(X, w, b): return (X * w).sum(axis=1) + b"),
    Answer("weighted_sum", "loops", "def weighted_sum(X, w, b):\n"
           "    return [sum(xi * wi for xi, wi in zip(row, w)) + b for row in X]"),
    Answer("weighted_sum", "float32", "def weighted_sum(X, w, b): return (X @ w + b).astype(np.float32)"),
    Answer("perceptron_table", "bools", _table(y_hat="p > 0.5")),
    Answer("perceptron_table", "rounds p", _table(y_hat="np.round(p)")),
    Answer("perceptron_table", ">=", _table(y_hat="np.where(p >= 0.5, 1, 0)")),
    Answer("perceptron_table", "h > 0", _table(y_hat="np.where(h > 0, 1.0, 0.0)")),
    Answer("perceptron_table", "one array", _table() + "\n_pt = perceptron_table\n"
           "def perceptron_table(X, w, b): return np.array(_pt(X, w, b))"),
    Answer("perceptron_table", "lists", _table() + "\n_pl = perceptron_table\n"
           "def perceptron_table(X, w, b): return [list(column) for column in _pl(X, w, b)]"),
    Answer("slide_errors", "a list", "slide_errors = [(3, 'p'), (3, 'y_hat')]"),
    Answer("slide_errors", "lists of lists", "slide_errors = [[3, 'y_hat'], [3, 'p']]"),
    Answer("slide_errors", "frozen, NumPy rows",
           "slide_errors = frozenset({(np.int64(3), 'p'), (np.int64(3), 'y_hat')})"),
    Answer("squared_error", "loops", "def squared_error(y, p): return [(a - b) ** 2 for a, b in zip(y, p)]\n"
           "def mean_squared_error(y, p): return sum(squared_error(y, p)) / len(y)"),
    Answer("squared_error", "(1,) mean", "def squared_error(y, p): return np.square(p - y)\n"
           "def mean_squared_error(y, p): return np.mean(squared_error(y, p), keepdims=True)"),
    Answer("squared_error", "float32", "def squared_error(y, p): return np.float32((y - p) ** 2)\n"
           "def mean_squared_error(y, p): return np.float32(np.mean((y - p) ** 2))"),
    *(Answer("binary_cross_entropy", f"clip at {eps:g}", _BCE.format(eps=eps, value=f"-np.mean({_ITEMS})"))
      for eps in (1e-4, 1e-5, 1e-7, 1e-12, 1e-15)),
    *(Answer("binary_cross_entropy", f"adds {eps:g}", f"def binary_cross_entropy(y, p):\n"
             f"    return -np.mean(y * np.log(p + {eps}) + (1 - y) * np.log(1 - p + {eps}))")
      for eps in (1e-6, 1e-8, 1e-15)),
    Answer("binary_cross_entropy", "where", "def binary_cross_entropy(y, p):\n"
           "    return -np.log(np.maximum(np.where(y == 1, p, 1 - p), 1e-300)).mean()"),
    Answer("binary_cross_entropy", "nan_to_num with a number of its own",
           f"def binary_cross_entropy(y, p):\n    return -np.mean(np.nan_to_num({_ITEMS}, neginf=-700.0))"),
    Answer("binary_cross_entropy", "loop and a list", "import math\ndef binary_cross_entropy(y, p):\n    total = 0\n"
           "    for a, q in zip(y, p):\n        q = min(max(q, 1e-10), 1 - 1e-10)\n"
           "        total -= a * math.log(q) + (1 - a) * math.log(1 - q)\n    return [total / len(y)]"),
    Answer("chain_rule", "textbook", _links()),
    Answer("chain_rule", "written otherwise", _links(
        dl_dp="def dl_dp(y, p): return float(-2 * (y - p))", dp_dh="def dp_dh(p): return float(p - p ** 2)",
        dh_dw="def dh_dw(x): return list(x)")),
    Answer("chain_rule", "branches", _links(
        dl_dp="def dl_dp(y, p): return -2 * (1 - p) if y == 1 else 2 * p", dh_dw="def dh_dw(x): return np.copy(x)")),
    Answer("perceptron_gradient", "textbook", _gradient("2 * (p - y) * p * (1 - p)")),
    Answer("perceptron_gradient", "extra keys, a list, (1,)",
           "def perceptron_gradient(x, y, w, b):\n    p = sigmoid(np.sum(w * x) + b)\n"
           "    d = 2 * (p - y) * p * (1 - p)\n"
           "    return {'p': p, 'dw': [d * v for v in x], 'db': np.array([d])}"),
    Answer("perceptron_gradient", "float32", "def perceptron_gradient(x, y, w, b):\n    p = sigmoid(w @ x + b)\n"
           "    d = np.float32(2 * (p - y) * p * (1 - p))\n    return {'dw': d * x.astype(np.float32), 'db': d}"),
    Answer("perceptron_gradient", "by central differences", """
def perceptron_gradient(x, y, w, b):
    def loss(w, b): return (y - sigmoid(w @ x + b)) ** 2
    e = 1e-6 * np.eye(len(w))
    dw = [(loss(w + step, b) - loss(w - step, b)) / 2e-6 for step in e]
    return {'dw': np.array(dw), 'db': (loss(w, b + 1e-6) - loss(w, b - 1e-6)) / 2e-6}
"""),
    Answer("numerical_gradient", "copies", _numerical(_CENTRAL)),
    Answer("numerical_gradient", "eps called h", _numerical(_CENTRAL).replace("eps", "h")),
    Answer("numerical_gradient", "flat with reshape", """
def numerical_gradient(f, theta, eps=1e-5):
    flat = np.asarray(theta, dtype=float).ravel()
    g = []
    for k in range(flat.size):
        e = np.eye(flat.size)[k] * eps
        g.append((f((flat + e).reshape(theta.shape)) - f((flat - e).reshape(theta.shape))) / (2 * eps))
    return np.array(g).reshape(theta.shape)
"""),
    Answer("numerical_gradient", "nditer on a copy, in place", """
def numerical_gradient(f, theta, eps=1e-5):
    theta = theta.astype(np.float64)
    g = np.zeros_like(theta)
    it = np.nditer(theta, flags=['multi_index'])
    while not it.finished:
        i = it.multi_index
        old = theta[i]
        theta[i] = old + eps
        above = f(theta)
        theta[i] = old - eps
        below = f(theta)
        theta[i] = old
        g[i] = (above - below) / (2 * eps)
        it.iternext()
    return g.tolist()
"""),
    Answer("train_perceptron", "textbook", _train()),
    Answer("train_perceptron", "a list of w, an array of losses",
           _train(result="w.tolist(), np.array([b]), np.array(history)")),
    Answer("train_perceptron", "losses after each step, (1,) each", _train(
        loss="0.0", step="w, b = w - lr * X.T @ delta, b - lr * np.sum(delta); "
        "history[-1] = np.sum((y - sigmoid(X @ w + b)) ** 2, keepdims=True)")),
    Answer("train_perceptron", "start and end",
           _train(result="w, b, history + [np.sum((y - sigmoid(X @ w + b)) ** 2)]")),
    Answer("train_perceptron", "loops", """
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b, history = np.array(w0), b0, []
    for _ in range(n_iters):
        dw, db, loss = np.zeros(len(w)), 0.0, 0.0
        for xi, yi in zip(X, y):
            g = perceptron_gradient(xi, yi, w, b)
            dw += g['dw']
            db += g['db']
            loss += (yi - sigmoid(xi @ w + b)) ** 2
        w -= lr * dw
        b -= lr * db
        history.append(loss)
    return w, b, history
"""),
    Answer("train_perceptron", "float32",
           _train(start="X, y, w, b, lr = (np.float32(v) for v in (X, y, w0, b0, lr))")),
]  # fmt: skip
