"""Kwame Mensah: everything right, vectorised, with the formulas of the slides and Keras's functional API."""

START = "solution"
EXPECTED = {}

# %% sigmoid
def sigmoid(z):
    # Overflows to infinity at -1000 with a warning, and 1 / infinity is the right 0.
    return 1 / (1 + np.exp(-z))


# %% weighted_sum
def weighted_sum(X, w, b):
    return np.einsum("nd,d->n", X, w) + b


# %% perceptron_table
def perceptron_table(X, w, b):
    h = weighted_sum(X, w, b)
    p = sigmoid(h)
    return h, p, np.where(p > 0.5, 1, 0)


# %% squared_error
def squared_error(y, p):
    return np.square(p - y)


def mean_squared_error(y, p):
    return np.mean(np.square(p - y))


# %% binary_cross_entropy
def binary_cross_entropy(y, p):
    eps = 1e-7
    p = np.clip(p, eps, 1 - eps)
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()


# %% train_perceptron
def train_perceptron(X, y, w0, b0, lr, n_iters):
    theta, ones = np.append(w0, b0), np.c_[X, np.ones(len(X))]
    history = []
    for _ in range(n_iters):
        p = sigmoid(ones @ theta)
        history.append(np.sum((y - p) ** 2))
        theta = theta - lr * ones.T @ (2 * (p - y) * p * (1 - p))
    p = sigmoid(ones @ theta)
    history.append(np.sum((y - p) ** 2))
    return theta[:-1], theta[-1], np.array(history)


# %% train_mlp
def train_mlp(X, y, params, lr, n_iters):
    # All observations at once, one column each.
    W, B, w_o, b_o = (np.array(params[name], dtype=float) for name in ("W", "B", "w_o", "b_o"))
    history = []
    for _ in range(n_iters):
        H = sigmoid(W.T @ X.T + B)
        p = sigmoid(w_o.T @ H + b_o)
        history.append(np.sum((y - p) ** 2))
        delta = 2 * (p - y) * p * (1 - p)
        hidden = w_o * delta * H * (1 - H)
        W = W - lr * X.T @ hidden.T
        B = B - lr * hidden.sum(axis=1, keepdims=True)
        w_o = w_o - lr * H @ delta.T
        b_o = b_o - lr * delta.sum()
    return {"W": W, "B": B, "w_o": w_o, "b_o": float(b_o)}, history


# %% categorical_crossentropy
def categorical_crossentropy(Y, P):
    rows = np.arange(len(Y))
    return -np.log(P[rows, Y.argmax(axis=1)]).mean()


# %% activation_loss_table
activation_loss = {
    "binary": ("Sigmoid", "BCE"),
    "multiclass": ("softmax", "sparse_categorical_crossentropy"),
    "multilabel": ("sigmoid", "Binary Cross-Entropy"),
    "regression": ("linear", "MSE"),
    "unit_regression": ("sigmoid", "binary_crossentropy"),
}

# %% build_model
def build_model():
    inputs = keras.Input(shape=(28, 28))
    x = keras.layers.Flatten()(inputs)
    x = keras.layers.Dense(512)(x)
    x = keras.layers.ReLU()(x)
    x = keras.layers.Dense(10)(x)
    return keras.Model(inputs, keras.layers.Softmax()(x))


# %% compile_model
def compile_model(model):
    model.compile(keras.optimizers.RMSprop(0.001), keras.losses.CategoricalCrossentropy(), metrics=["accuracy"])


# %% read_predictions
def predict_digit(P):
    return P.argmax(axis=-1)


def confusion_matrix(y, y_hat, n_classes):
    return np.bincount(n_classes * y.astype(int) + y_hat, minlength=n_classes**2).reshape(n_classes, n_classes)
