"""Fatou Ndiaye: everything right, in stable formulas that return lists and float32, with prints, warnings and noise.

None of the noise may cost a mark. Her network is a subclass of keras.Model.
"""

START = "solution"
EXPECTED = {}

# %% sigmoid
import os
import sys
import warnings


def sigmoid(z):
    print("sigmoid of", np.shape(z))
    warnings.warn("I hope this is right", stacklevel=2)
    print("a line on stderr", file=sys.stderr)
    os.write(2, b"and one from below Python\n")
    return np.exp(-np.logaddexp(0, -np.asarray(z)))


# %% weighted_sum
def weighted_sum(X: np.ndarray, w: np.ndarray, b: float) -> list:
    return (X @ w + b).tolist()


# %% perceptron_table
from functools import lru_cache


@lru_cache
def threshold():
    return 0.5


def perceptron_table(X, w, b):
    h = weighted_sum(X, w, b)
    p = sigmoid(np.array(h))
    return [h, p, [value > threshold() for value in p]]


# %% slide_errors
slide_errors = [(3, "p"), (3, "y_hat")]

# %% squared_error
def squared_error(y, p):
    return ((y - p) ** 2).tolist()


def mean_squared_error(y, p):
    return np.array([[np.mean((y - p) ** 2)]])


# %% binary_cross_entropy
def binary_cross_entropy(y, p):
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return np.array([np.mean(-y * np.log(p) - (1 - y) * np.log1p(-p))])


# %% chain_rule
def dl_dp(y, p):
    return -2 * (y - p)


def dp_dh(p):
    return p - p**2


def dh_dw(x):
    return list(x)


# %% perceptron_gradient
def perceptron_gradient(x, y, w, b):
    p = sigmoid(np.dot(w, x) + b)
    slope = np.float32(dl_dp(y, p) * dp_dh(p))
    return {"db": slope, "dw": [slope * value for value in x], "p": p}


# %% hidden_unit
def hidden_unit(x1, x2, w1, w2, b):
    return np.array([sigmoid(w1 * x1 + w2 * x2 + b)])


# %% to_matrices
def to_matrices(params):
    W = [[params["w11"], params["w12"], params["w13"]], [params["w21"], params["w22"], params["w23"]]]
    return W, [[params["b1"]], [params["b2"]], [params["b3"]]]


# %% softmax
def softmax(z):
    print("logits", z)
    z = z - np.max(z, axis=-1, keepdims=True)
    return np.exp(z - np.log(np.exp(z).sum(axis=-1, keepdims=True))).astype(np.float32)


# %% preprocess_images
def preprocess_images(images):
    return (images.astype("float32") / 255).reshape(images.shape[0], images.shape[1] * images.shape[2])


# %% one_hot
def one_hot(labels, n_classes=10):
    return keras.utils.to_categorical(labels, n_classes)


# %% build_model
class LectureNetwork(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = keras.layers.Dense(512, activation=keras.activations.relu)
        self.out = keras.layers.Dense(10, activation=keras.ops.softmax)

    def call(self, x):
        return self.out(self.hidden(x))


def build_model():
    inputs = keras.Input((784,))
    return keras.Model(inputs, LectureNetwork()(inputs))


# %% compile_model
import warnings


def compile_model(model):
    warnings.warn("compiling", stacklevel=2)
    model.compile(optimizer="RMSprop", loss=keras.losses.categorical_crossentropy, metrics=["acc"])
    return model


# %% train_model
def train_model(model, X, Y, epochs=5, batch_size=32):
    return model.fit(X, Y, epochs=epochs, batch_size=batch_size, verbose=2).history


def updates_per_epoch(n, batch_size):
    return -(-n // batch_size)
