"""Thandi Dlamini: typical mistakes of notebook 1; nothing else handed in.

The sign in the exponential, labels thresholded at h > 0.5, sums for means, the mean for the sum in training.
"""

START = "release"
MISSING = ["0-start-here", "2-mlp-backprop", "3-keras-mnist"]
EXPECTED = {
    "weighted_sum": 2,
    "perceptron_table": 2,
    "slide_errors": 1,
    "squared_error": 1,
    "binary_cross_entropy": 2,
    "chain_rule": 2,
    "numerical_gradient": 2,
    "train_perceptron": (0, "wrong"),
}

# %% sigmoid
def sigmoid(z):
    return 1 / (1 + np.exp(z))


# %% weighted_sum
def weighted_sum(X, w, b):
    return X @ w + b


# %% perceptron_table
def perceptron_table(X, w, b):
    h = X @ w + b
    p = 1 / (1 + np.exp(-h))
    return h, p, (h > 0.5).astype(int)


# %% slide_errors
slide_errors = {(3, "p")}

# %% squared_error
def squared_error(y, p):
    return (y - p) ** 2


def mean_squared_error(y, p):
    return np.sum((y - p) ** 2)


# %% binary_cross_entropy
def binary_cross_entropy(y, p):
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


# %% chain_rule
def dl_dp(y, p):
    return 2 * (y - p)


def dp_dh(p):
    return p * (1 - p)


def dh_dw(x):
    return x


# %% numerical_gradient
def numerical_gradient(f, theta, eps=1e-5):
    gradient = np.zeros(np.shape(theta))
    for index in np.ndindex(np.shape(theta)):
        above, below = theta.copy(), theta.copy()
        above[index] += eps
        below[index] -= eps
        gradient[index] = (f(above) - f(below)) / (2 * eps)
    return gradient


# %% train_perceptron
def train_perceptron(X, y, w0, b0, lr, n_iters):
    w, b, history = w0.copy(), b0, []
    for _ in range(n_iters):
        p = 1 / (1 + np.exp(-(X @ w + b)))
        history.append(np.sum((y - p) ** 2))
        slope = 2 * (p - y) * p * (1 - p) / len(y)
        w, b = w - lr * X.T @ slope, b - lr * np.sum(slope)
    return w, b, history
