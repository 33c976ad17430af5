"""The hidden suite of notebook 3 tells right from wrong: many answers, judged in this process without a jail.

Each Keras answer is judged once; its points, what is said of it and the misconception it is taken for are looked at
together.
"""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from local_notebook import judge_locally
from misconception_tables import FITS
from sampling import sampled

from grader.ps1.hidden import test_3_keras_mnist as suite
from grader.ps1.reference import keras_mnist as reference
from grader.verdict import State, Verdict

pytestmark = pytest.mark.slow

POINTS = {
    "activation_loss_table": 5,
    "preprocess_images": 3,
    "one_hot": 3,
    "build_model": 4,
    "count_parameters": 2,
    "compile_model": 3,
    "train_model": 3,
    "read_predictions": 3,
}
SUITE = Path(str(suite.__file__))


def judged(names: dict[str, Any], *questions: str, seed: int = 0) -> dict[str, Verdict]:
    """The verdicts on some questions; a failure of the grader's own is an error."""
    verdicts = judge_locally(SUITE, names, b"seed %d" % seed, set(questions))
    for verdict in verdicts.values():
        assert verdict.state is not State.GRADER_FAILED, [part.grader_error for part in verdict.parts]
    return verdicts


def judge(question: str, seed: int = 0, **names: Any) -> tuple[float, str]:
    """The points of an answer, and what is said of it."""
    verdict = judged(names, question, seed=seed)[question]
    return verdict.points, verdict.message


def wrong(question: str, row: str, **names: Any) -> Verdict:
    """The verdict on a wrong answer, which must be taken for the misconception behind it, or for none."""
    verdict = judged(names, question)[question]
    found = verdict.diagnosis.name if verdict.diagnosis else ""
    assert found == FITS.get(question, {}).get(row, ""), verdict.message
    return verdict


def test_points_add_up() -> None:
    verdicts = judged({}, *POINTS)
    assert {name: verdict.max_points for name, verdict in verdicts.items()} == POINTS
    assert {verdict.points for verdict in verdicts.values()} == {0}


# --------------------------------------------------------------------------------------------------
# activation_loss_table
# --------------------------------------------------------------------------------------------------

BCE, CCE, MSE = "binary cross-entropy", "categorical cross-entropy", "mean squared error"
TABLE = {
    "binary": ("sigmoid", BCE),
    "multiclass": ("softmax", CCE),
    "multilabel": ("sigmoid", BCE),
    "regression": (None, MSE),
    "unit_regression": ("sigmoid", MSE),
}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {
            "binary": ["Sigmoid", "BinaryCrossentropy"],
            "multiclass": ("Softmax()", "keras.losses.CategoricalCrossentropy()"),
        },
        {"multiclass": ("softmax", "sparse_categorical_crossentropy"), "regression": ("linear", "MSE")},
        {"unit_regression": ("sigmoid", "MSE or binary cross-entropy"), "regression": ("none", "mse")},
        {"unit_regression": ("sigmoid", "bce"), "regression": ("identity", "Mean Square Error (MSE)")},
        {"binary": np.array(["sigmoid", "log-loss"]), "extra": 3},
    ],
)
def test_table_right(change: dict[str, Any]) -> None:
    assert judge("activation_loss_table", activation_loss=TABLE | change) == (5, "Right.")


@pytest.mark.parametrize(
    "change, points",
    [
        ({"binary": ("softmax", BCE)}, 4),
        ({"multilabel": ("softmax", CCE)}, 4),
        ({"binary": ("sigmoid or softmax", BCE)}, 4),
        ({"binary": ("sigmoid", BCE + " or " + MSE)}, 4),
        ({"binary": (BCE, "sigmoid")}, 4),
        ({"multiclass": ("softmax", "CategoricalCrossentropy(from_logits=True)")}, 4),
        ({"regression": ("relu", MSE)}, 4),
        ({"unit_regression": (None, MSE), "binary": "sigmoid", "multiclass": None}, 2),
        ({"regression": (None, "")}, 4),
        ({"regression": (None, None)}, 4),
        ({"regression": (None, 3.0), "binary": ({}, [])}, 3),
    ],
)
def test_table_wrong(change: dict[str, Any], points: float) -> None:
    assert judge("activation_loss_table", activation_loss=TABLE | change)[0] == points


@pytest.mark.parametrize("answer", [None, {}, [TABLE], "sigmoid", 5])
def test_table_of_another_kind(answer: Any) -> None:
    assert judge("activation_loss_table", activation_loss=answer)[0] == 0


def test_table_all_the_same_earns_little() -> None:
    same_for_all = dict.fromkeys(TABLE, ("sigmoid", "mse or bce or cce"))
    assert judge("activation_loss_table", activation_loss=same_for_all)[0] == 0


# --------------------------------------------------------------------------------------------------
# NumPy questions: source text of answers, with the points they should earn
# --------------------------------------------------------------------------------------------------

NUMPY_ANSWERS: dict[str, list[tuple[str, float]]] = {
    "preprocess_images": [
        ("def preprocess_images(x): return x.reshape(x.shape[0], -1) / 255", 3),
        ("def preprocess_images(x): return (x.reshape(len(x), -1).astype('float32') / 255).tolist()", 3),
        ("def preprocess_images(x): return [[p / 255 for row in i for p in row.tolist()] for i in x]", 3),
        ("import keras\ndef preprocess_images(x): return keras.ops.reshape(x / 255.0, (len(x), -1))", 3),
        ("def preprocess_images(x): return x.reshape(len(x), -1)", 1),
        ("def preprocess_images(x): return x / 255", 1),
        ("def preprocess_images(x): return x.reshape(len(x), -1) / x.max()", 1),
        ("def preprocess_images(x): return x.reshape(len(x), -1) / 256", 1),
        ("def preprocess_images(x): return x.reshape(len(x), -1, order='F') / 255", 1),
        ("def preprocess_images(x): return x.transpose(0, 2, 1).reshape(len(x), -1) / 255", 1),
        ("def preprocess_images(x): return x.reshape(-1, 784) / 255", 0),
        ("def preprocess_images(x): return (x.reshape(len(x), -1) / 255).astype('uint8')", 0),
        ("def preprocess_images(x): return x.reshape(len(x), -1) // 255", 0),
        ("def preprocess_images(x): return x.reshape(len(x), -1) * 0.0", 0),
        ("def preprocess_images(x): return None", 0),
        ("def preprocess_images(x): return 'x'", 0),
        ("def preprocess_images(x): return [[1], [1, 2]]", 0),
        ("def preprocess_images(x): return x.reshape(len(x), -1) * float('nan')", 0),
        ("def preprocess_images(x):\n x //= 2\n return x.reshape(len(x), -1) / 127", 0),
    ],
    "one_hot": [
        ("def one_hot(y, n_classes=10): return np.eye(n_classes)[y]", 3),
        ("import keras\ndef one_hot(y, n_classes=10): return keras.utils.to_categorical(y, n_classes)", 3),
        ("import keras\ndef one_hot(y, n_classes=10): return keras.ops.one_hot(y, n_classes)", 3),
        ("def one_hot(y, n_classes=10): return y[:, None] == np.arange(n_classes)", 3),
        ("def one_hot(y, n_classes=10): return [[int(k == v) for k in range(n_classes)] for v in y]", 3),
        ("def one_hot(y, n_classes=10): return np.eye(10)[y]", 2),
        ("def one_hot(y, n_classes=10): return np.eye(n_classes)[y][:, 1:]", 0),
        ("def one_hot(y, n_classes=10): return np.eye(y.max() + 1)[y]", 0),
        ("def one_hot(y, n_classes=10): return (y[:, None] == np.unique(y)).astype(float)", 0),
        ("def one_hot(y, n_classes=10): return np.eye(n_classes)[np.sort(y)]", 0),
        ("def one_hot(y, n_classes=10): return np.eye(n_classes)[y].T", 0),
        ("def one_hot(y, n_classes=10): return y.reshape(-1, n_classes)", 0),
    ],
    "count_parameters": [
        ("def n_params(s): return sum(a * b + b for a, b in zip(s[:-1], s[1:]))", 2),
        ("def n_params(s): return sum((s[i] + 1) * s[i + 1] for i in range(len(s) - 1)) * 1.0", 2),
        ("def n_params(s): return np.array([sum((s[i] + 1) * s[i + 1] for i in range(len(s) - 1))])", 2),
        ("def n_params(s): return s[0] * s[1] + s[1] + s[1] * s[2] + s[2]", 1),
        ("def n_params(s): return 407050", 0),
        ("def n_params(s): return sum(a * b for a, b in zip(s[:-1], s[1:]))", 0),
        ("def n_params(s): return sum(a * b + a for a, b in zip(s[:-1], s[1:]))", 0),
    ],
    "read_predictions": [
        (
            "def predict_digit(P): return np.argmax(P, axis=1)\n"
            "def confusion_matrix(y, h, k):\n m = np.zeros((k, k))\n for a, b in zip(y, h): m[a, b] += 1\n return m",
            3,
        ),
        (
            "from sklearn.metrics import confusion_matrix as cm\n"
            "def predict_digit(P): return [int(np.argmax(p)) for p in P]\n"
            "def confusion_matrix(y, h, k): return cm(y, h, labels=list(range(k)))",
            3,
        ),
        (
            "def predict_digit(P): return P.argmax(-1).astype('float32')\n"
            "def confusion_matrix(y, h, k): return np.bincount(y * k + h, minlength=k * k).reshape(k, k)",
            3,
        ),
        (
            "def predict_digit(P): return P.argmax(0)\n"
            "def confusion_matrix(y, h, k): return np.bincount(h * k + y, minlength=k * k).reshape(k, k)",
            0,
        ),
        (
            "def predict_digit(P): return [int(np.flatnonzero(p > 0.5)[0]) if (p > 0.5).any() else 0 for p in P]\n"
            "def confusion_matrix(y, h, k):\n"
            " m = np.bincount(y * k + h, minlength=k * k).reshape(k, k)\n"
            " return m / np.maximum(m.sum(1, keepdims=True), 1)",
            0,
        ),
        (
            "from sklearn.metrics import confusion_matrix as cm\n"
            "def predict_digit(P): return P.argmax(1) + 1\n"
            "def confusion_matrix(y, h, k): return cm(y, h)",
            1,
        ),
        (
            "def predict_digit(P): return np.eye(10)[P.argmax(1)]\n"
            "def confusion_matrix(y, h, k):\n m = np.zeros((k, k))\n m[y, h] += 1\n return m",
            1,
        ),
        ("def predict_digit(P): return P.max(1)\ndef confusion_matrix(y, h, k): return np.eye(k)", 0),
    ],
}


def numpy_rounds() -> list[list[tuple[str, str, float]]]:
    """The k-th answer to every question, for each k."""
    columns = [[(name, source, points) for source, points in answers] for name, answers in NUMPY_ANSWERS.items()]
    return [[row for row in rows if row is not None] for rows in zip_longest(*columns)]


@pytest.mark.parametrize("rows", numpy_rounds(), ids=lambda rows: f"{len(rows)} from {rows[0][1][:60]}")
def test_numpy_answers(rows: list[tuple[str, str, float]]) -> None:
    names = dict(vars(reference))
    for _question, source, _points in rows:
        namespace: dict[str, Any] = {"np": np}
        exec(source, namespace)
        names |= {name: value for name, value in namespace.items() if name != "__builtins__"}
    for seed in range(3):
        verdicts = judged(names, *(question for question, *_ in rows), seed=seed)
        assert {(question, source, verdicts[question].points) for question, source, _ in rows} == set(rows)


# --------------------------------------------------------------------------------------------------
# build_model: the body of each answer, with `layers` and `S = keras.Sequential`
# --------------------------------------------------------------------------------------------------

RIGHT_MODELS = {
    "sequential": "S([I((784,)), D(512, activation='relu'), D(10, activation='softmax')])",
    "unbuilt": "S([D(512, activation='relu'), D(10, activation='softmax')])",
    "input_shape": "S([D(512, activation='relu', input_shape=(784,)), D(10, activation='softmax')])",
    "activation layers": "S([I((784,)), D(512), layers.ReLU(), D(10), layers.Softmax()])",
    "Activation": "S([I((784,)), D(512), layers.Activation('relu'), D(10), layers.Activation('softmax')])",
    "functions": "S([I((784,)), D(512, activation=keras.ops.relu), D(10, activation=keras.activations.softmax)])",
    "flatten": "S([I((28, 28)), layers.Flatten(), D(512, activation='relu'), D(10, activation='softmax')])",
    "flatten, unbuilt": "S([layers.Flatten(), D(512, activation='relu'), D(10, activation='softmax')])",
    "channel": "S([I((28, 28, 1)), layers.Flatten(), D(512, activation='relu'), D(10, activation='softmax')])",
    "rescaling": "S([I((784,)), layers.Rescaling(1 / 255), D(512, activation='relu'), D(10, activation='softmax')])",
    "rescaled images": (
        "S([I((28, 28)), layers.Rescaling(1.0 / 255), layers.Flatten(), D(512, 'relu'), D(10, 'softmax')])"
    ),
    "regularised": "S([I((784,)), D(512, 'relu', kernel_regularizer='l2'), D(10, 'softmax')])",
    "convolution": (
        "S([I((28, 28, 1)), layers.Conv2D(512, 28, activation='relu'), layers.Flatten(), D(10, 'softmax')])"
    ),
    "functional": "functional()",
    "subclassed": "Sub()",
    "subclassed, odd order": "Odd()",
    "own layer": "S([I((784,)), Own(512), layers.ReLU(), Own(10), layers.Softmax()])",
    "compiled": "ready()",
}
WRONG_MODELS = {
    "sigmoid hidden": ("S([I((784,)), D(512, 'sigmoid'), D(10, 'softmax')])", 2, "behaves like sigmoid, not relu"),
    "tanh hidden": ("S([I((784,)), D(512, 'tanh'), D(10, 'softmax')])", 2, "behaves like tanh, not relu"),
    "gelu hidden": ("S([I((784,)), D(512, 'gelu'), D(10, 'softmax')])", 2, "not relu"),
    "elu hidden": ("S([I((784,)), D(512, 'elu'), D(10, 'softmax')])", 2, "behaves like elu, not relu"),
    "leaky hidden": ("S([I((784,)), D(512), layers.LeakyReLU(), D(10, 'softmax')])", 2, "leaky relu"),
    "relu6 hidden": ("S([I((784,)), D(512, 'relu6'), D(10, 'softmax')])", 2, "behaves like relu6"),
    "softplus hidden": ("S([I((784,)), D(512, 'softplus'), D(10, 'softmax')])", 2, "softplus"),
    "no hidden activation": ("S([I((784,)), D(512), D(10, 'softmax')])", 2, "behaves like linear, not relu"),
    "sigmoid output": ("S([I((784,)), D(512, 'relu'), D(10, 'sigmoid')])", 2, "behaves like sigmoid, not softmax"),
    "logits": ("S([I((784,)), D(512, 'relu'), D(10)])", 2, "behaves like linear, not softmax"),
    "relu output": ("S([I((784,)), D(512, 'relu'), D(10, 'relu')])", 2, "not softmax"),
    "128 units": ("S([I((784,)), D(128, 'relu'), D(10, 'softmax')])", 1, "128 units, not 512"),
    "9 outputs": ("S([I((784,)), D(512, 'relu'), D(9, 'softmax')])", 1, "9"),
    "1 output": ("S([I((784,)), D(512, 'relu'), D(1, 'sigmoid')])", 1, "1 outputs"),
    "no hidden layer": ("S([I((784,)), D(10, 'softmax')])", 1, "not one hidden"),
    "two hidden layers": ("S([I((784,)), D(512, 'relu'), D(512, 'relu'), D(10, 'softmax')])", 1, "not one hidden"),
    "no biases": (
        "S([I((784,)), D(512, 'relu', use_bias=False), D(10, 'softmax', use_bias=False)])", 2, "no bias"
    ),
    "dropout": ("S([I((784,)), D(512, 'relu'), layers.Dropout(0.2), D(10, 'softmax')])", 3, "Dropout"),
    "batch norm": (
        "S([I((784,)), D(512, 'relu'), layers.BatchNormalization(), D(10, 'softmax')])", 1, "not one hidden"
    ),
    "other scale": (
        "S([I((784,)), layers.Rescaling(1 / 127.5, -1), D(512, 'relu'), D(10, 'softmax')])", 2, "does not compute"
    ),
    "not flat": ("S([I((28, 28)), D(512, 'relu'), D(10, 'softmax')])", 0, "Flatten"),
    "frozen": ("frozen()", 3, "frozen"),
    "one for all": ("ONE_FOR_ALL", 3, "a new model at every call"),
    "zeros": ("S([I((784,)), D(512, 'relu', kernel_initializer='zeros'), D(10, 'softmax')])", 3, "start equal"),
    "32 inputs": ("S([I((32,)), D(512, 'relu'), D(10, 'softmax')])", 0, "784 numbers"),
    "nothing": ("None", 0, "None"),
    "a layer": ("D(10)", 0, "not a Keras model"),
    "text": ("'model'", 0, "text"),
    "predict that lies": ("Liar()", 3, "predict"),
    "predict that was put there": ("lying()", 3, "predict"),
    "a layer that acts in predict only": ("S([I((784,)), D(512, 'relu'), D(10, 'softmax'), Graph()])", 3, "predict"),
}  # fmt: skip

MODELS = '''
import keras
from keras import layers
S, D, I = keras.Sequential, layers.Dense, keras.Input

def functional():
    image = I((28, 28), name="picture")
    x = layers.Flatten()(image)
    return keras.Model(image, D(10, activation="softmax", name="b")(D(512, activation="relu", name="a")(x)))

class Sub(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden, self.out = D(512, activation="relu"), D(10, activation="softmax")
    def call(self, x):
        return self.out(self.hidden(x))

class Odd(keras.Model):
    """The output layer first, and weights made only when data comes."""
    def __init__(self):
        super().__init__()
        self.parts = [D(10), D(512), layers.Flatten()]
    def call(self, x, training=None):
        return keras.ops.softmax(self.parts[0](keras.ops.relu(self.parts[1](self.parts[2](x)))))

class Own(layers.Layer):
    """Bias before kernel, and the kernel lies transposed."""
    def __init__(self, n):
        super().__init__()
        self.n = n
    def build(self, shape):
        self.b = self.add_weight(shape=(self.n,), initializer="zeros")
        self.w = self.add_weight(shape=(self.n, shape[-1]), initializer="glorot_uniform")
    def call(self, x):
        return keras.ops.matmul(x, keras.ops.transpose(self.w)) + self.b

class Liar(Sub):
    def predict(self, x, **kwargs):
        return np.full((len(x), 10), 0.1)

class Graph(layers.Layer):
    """Another thing where a graph is made than in a plain call."""
    def call(self, x):
        return x if x.__class__.__name__ in ("EagerTensor", "KerasTensor") else x[:, ::-1]

def lying():
    model = ready()
    model.predict = lambda x, **kwargs: np.full((len(x), 10), 0.1)
    return model

def ready():
    model = S([I((784,)), D(512, activation="relu"), D(10, activation="softmax")])
    model.compile("rmsprop", "categorical_crossentropy", metrics=["accuracy"])
    return model

ONE_FOR_ALL = S([I((784,)), D(512, activation="relu"), D(10, activation="softmax")])

def frozen():
    model = ready()
    model.layers[0].trainable = False
    return model
'''


def keras_names(**definitions: str) -> dict[str, Any]:
    """Definitions given as source text, among MODELS."""
    namespace: dict[str, Any] = {"np": np, "__name__": "student"}
    exec(MODELS, namespace)
    for text in definitions.values():
        exec(text, namespace)
    return namespace


@pytest.mark.parametrize("name", sampled(RIGHT_MODELS, 2))
def test_right_models(name: str) -> None:
    names = keras_names(answer=f"def build_model(): return {dense(RIGHT_MODELS[name])}")
    assert judge("build_model", **names) == (4, "Right.")


@pytest.mark.parametrize("name", sampled(WRONG_MODELS, 2))
def test_wrong_models(name: str) -> None:
    model, points, words = WRONG_MODELS[name]
    verdict = wrong("build_model", name, **keras_names(answer=f"def build_model(): return {dense(model)}"))
    assert verdict.points == points, verdict.message
    assert words in verdict.message


def dense(model: str) -> str:
    """D(512, 'relu') is short for D(512, activation='relu')."""
    import re

    return re.sub(r"D\((\d+), '(\w+)'", r"D(\1, activation='\2'", model)


# --------------------------------------------------------------------------------------------------
# compile_model: the arguments of compile
# --------------------------------------------------------------------------------------------------

RIGHT_COMPILES = [
    "'rmsprop', 'categorical_crossentropy', metrics=['accuracy']",
    "'RMSprop', keras.losses.CategoricalCrossentropy(), metrics=['acc']",
    "keras.optimizers.RMSprop(0.0005), keras.losses.categorical_crossentropy, metrics=['categorical_accuracy']",
    "keras.optimizers.RMSprop(momentum=0.5), ['categorical_crossentropy'], metrics=[['accuracy']]",
    "'rmsprop', lambda y, p: -keras.ops.sum(y * keras.ops.log(p), -1), metrics=[keras.metrics.CategoricalAccuracy()]",
    "'rmsprop', 'categorical_crossentropy', metrics=['mse', 'accuracy', keras.metrics.TopKCategoricalAccuracy(3)]",
    "'rmsprop', 'categorical_crossentropy', weighted_metrics=['accuracy'], run_eagerly=True",
]
WRONG_COMPILES = [
    ("'adam', 'categorical_crossentropy', metrics=['accuracy']", 2, "Adam, not RMSprop"),
    ("'sgd', 'categorical_crossentropy', metrics=['accuracy']", 2, "SGD, not RMSprop"),
    ("keras.optimizers.RMSprop(0.0), 'categorical_crossentropy', metrics=['accuracy']", 2, "learning rate"),
    ("'rmsprop', 'mse', metrics=['accuracy']", 2, "mean squared error"),
    ("'rmsprop', 'binary_crossentropy', metrics=['accuracy']", 2, "but binary cross-entropy"),
    ("'rmsprop', 'kl_divergence', metrics=['accuracy']", 2, "Kullback"),
    ("'rmsprop', 'sparse_categorical_crossentropy', metrics=['accuracy']", 2, "sparse"),
    ("'rmsprop', keras.losses.CategoricalCrossentropy(from_logits=True), metrics=['accuracy']", 2, "from_logits"),
    (
        "'rmsprop', keras.losses.CategoricalCrossentropy(label_smoothing=0.1), metrics=['accuracy']",
        2,
        "smoothed by 0.1",
    ),
    ("'rmsprop', lambda y, p: keras.ops.sum(y * keras.ops.log(p), -1), metrics=['accuracy']", 2, "minus is missing"),
    ("'rmsprop', keras.losses.CategoricalCrossentropy(reduction='sum'), metrics=['accuracy']", 2, "sum over"),
    ("'rmsprop', 'categorical-crossentropy', metrics=['accuracy']", 2, "loss fails"),
    ("'rmsprop', 'categorical_crossentropy'", 2, "metrics found: none"),
    ("'rmsprop', 'categorical_crossentropy', metrics=['mse']", 2, "no metric"),
    ("'rmsprop', 'categorical_crossentropy', metrics=['binary_accuracy']", 2, "no metric"),
    ("'rmsprop', 'categorical_crossentropy', metrics=[keras.metrics.Accuracy()]", 2, "no metric"),
    ("'rmsprop', 'categorical_crossentropy', metrics=['top_k_categorical_accuracy']", 2, "no metric"),
    ("'adam', 'mse', metrics=['mae']", 0, "Adam"),
]


@pytest.mark.parametrize("arguments", sampled(RIGHT_COMPILES, 2))
@pytest.mark.parametrize("ending", ["", "return model"])
def test_right_compiles(arguments: str, ending: str) -> None:
    names = keras_names(answer=f"def compile_model(model):\n    model.compile({arguments})\n    {ending}")
    assert judge("compile_model", **names) == (3, "Right.")


@pytest.mark.parametrize("arguments, points, words", WRONG_COMPILES)
def test_wrong_compiles(arguments: str, points: float, words: str) -> None:
    names = keras_names(answer=f"def compile_model(model):\n    model.compile({arguments})\n    return model")
    verdict = wrong("compile_model", arguments, **names)
    assert verdict.points == points, verdict.message
    assert words in verdict.message


@pytest.mark.parametrize("body", ["pass", "return model", "return np.mean", "return D(3)"])
def test_models_that_are_not_compiled(body: str) -> None:
    verdict = wrong("compile_model", body, **keras_names(answer=f"def compile_model(model):\n    {body}"))
    assert verdict.points == 0


# --------------------------------------------------------------------------------------------------
# train_model: bodies of train_model and of updates_per_epoch
# --------------------------------------------------------------------------------------------------

FIT = "model.fit(X, Y, epochs=epochs, batch_size=batch_size, verbose=0"
RIGHT_TRAININGS = {
    "history": f"return {FIT})",
    "dict": f"return {FIT}).history",
    "no shuffling": f"return {FIT}, shuffle=False)",
    "validation split": f"return {FIT}, validation_split=0.2)",
    "validation data": f"return {FIT}, validation_data=(X, Y))",
    "callbacks": f"return {FIT}, callbacks=[keras.callbacks.TerminateOnNaN()])",
    "epoch by epoch": (
        "losses = []\n    for _ in range(epochs):\n"
        "        losses += model.fit(X, Y, epochs=1, batch_size=batch_size, verbose=0).history['loss']\n"
        "    return {'loss': losses}"
    ),
    "compiled anew": (
        "model.compile('rmsprop', 'categorical_crossentropy', metrics=['accuracy'])\n    return " + FIT + ")"
    ),
    "own batches": (
        "losses = []\n    for _ in range(epochs):\n"
        "        for i in range(0, len(X), batch_size):\n"
        "            loss = model.train_on_batch(X[i:i + batch_size], Y[i:i + batch_size])[0]\n"
        "        losses.append(loss)\n    return {'loss': losses}"
    ),
}
WRONG_TRAININGS = {
    "returns nothing": (f"{FIT})", 2, "should return the History"),
    "returns the model": (f"{FIT})\n    return model", 2, "History"),
    "returns losses": (f"return {FIT}).history['loss']", 2, "History"),
    "one epoch": ("return model.fit(X, Y, batch_size=batch_size, verbose=0)", 2, "should have"),
    "always five": ("return model.fit(X, Y, epochs=5, batch_size=batch_size, verbose=0)", 2, "should have"),
    "batches of 32": ("return model.fit(X, Y, epochs=epochs, verbose=0)", 2, "updates"),
    "batches of one": ("return model.fit(X, Y, epochs=epochs, batch_size=1, verbose=0)", 2, "updates"),
    "half the data": (
        "h = len(X) // 2\n    return model.fit(X[:h], Y[:h], epochs=epochs, batch_size=batch_size, verbose=0)",
        1,
        "updates",
    ),
    "shuffled labels": (
        "Y = Y[np.random.permutation(len(Y))]\n    return " + FIT + ")", 2, "does not know",
    ),
    "labels of the next image": ("Y = np.roll(Y, 1, axis=0)\n    return " + FIT + ")", 2, "does not know"),
    "a copy": (
        "model = keras.models.clone_model(model)\n"
        "    model.compile('sgd', 'categorical_crossentropy')\n    return " + FIT + ")",
        1,
        "did not change",
    ),
    "forged": ("return {'loss': [0.5] * epochs}", 1, "did not change"),
    "not fitted": ("return None", 1, "did not change"),
}  # fmt: skip
CEIL = "def updates_per_epoch(n, batch_size): return -(-n // batch_size)"


def training(body: str) -> str:
    return f"def train_model(model, X, Y, epochs=5, batch_size=32):\n    {body}"


@pytest.mark.parametrize("name", sampled(RIGHT_TRAININGS, 3))
def test_right_trainings(name: str) -> None:
    names = keras_names(answer=training(RIGHT_TRAININGS[name]), updates=CEIL)
    assert judge("train_model", **names) == (3, "Right.")


@pytest.mark.parametrize("name", sampled(WRONG_TRAININGS, 3))
def test_wrong_trainings(name: str) -> None:
    body, points, words = WRONG_TRAININGS[name]
    verdict = wrong("train_model", name, **keras_names(answer=training(body), updates=CEIL))
    assert verdict.points <= 2
    assert verdict.points == points, verdict.message
    assert words in verdict.message


MEDDLING = {
    "nothing": "",
    "weights and record": "model.fit(X, Y, verbose=0)",
    "rate and stop": "model.optimizer.learning_rate = 9.0\nmodel.stop_training = True",
    "compiled anew": "model.compile('adam', 'mse')",
    "the loss": "model.compile(model.optimizer, 'mse', metrics=['accuracy'])",
    "the rate falls": (
        "model.optimizer._learning_rate = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)"
    ),
    "frozen": "model.layers[0].trainable = False",
    "a layer more": "model.add(keras.layers.Dense(10))",
    "another step": "model.train_step = lambda data: {}",
}  # fmt: skip


@pytest.mark.parametrize("name", MEDDLING)
def test_the_model_to_train_is_as_new_each_time(name: str) -> None:
    probe: dict[str, Any] = {}
    exec(suite.PROBE, probe)
    values = [np.full((6, 3), 0.01), np.zeros(3)]
    X, Y = np.ones((4, 6)), np.eye(3)[[0, 1, 2, 0]]
    exec(MEDDLING[name], {"model": probe["ready_model"]([6, 3], values, 0.05), "keras": probe["keras"], "X": X, "Y": Y})
    model = probe["ready_model"]([6, 3], values, 0.05)
    for value, expected in zip(model.get_weights(), values, strict=True):
        np.testing.assert_allclose(value, expected)
    assert (type(model.optimizer).__name__, int(model.optimizer.iterations)) == ("SGD", 0)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.05)
    assert "Schedule" not in type(model.optimizer._learning_rate).__name__
    assert probe["read_loss"](model, Y, np.full((4, 3), 0.25))["loss"] == pytest.approx(np.log(3), rel=1e-3)
    assert set(probe["read_metrics"](model, Y, Y)["metrics"]) == {"accuracy"}
    assert (len(model.layers), len(model.trainable_variables)) == (1, 2)
    assert not model.stop_training
    assert "train_step" not in vars(model)


def test_the_model_to_train_comes_again() -> None:
    probe: dict[str, Any] = {}
    exec(suite.PROBE, probe)
    values = [np.full((6, 3), 0.01), np.zeros(3)]
    first = probe["ready_model"]([6, 3], values, 0.05)
    assert probe["ready_model"]([6, 3], values, 0.05) is first
    assert probe["ready_model"]([6, 4], [np.zeros((6, 4)), np.zeros(4)], 0.05) is not first


@pytest.mark.parametrize(
    "body, right",
    [
        ("int(np.ceil(n / batch_size))", True),
        ("np.ceil(n / batch_size)", True),
        ("(n + batch_size - 1) // batch_size", True),
        ("n // batch_size", False),
        ("n // batch_size + 1", False),
        ("n / batch_size", False),
        ("round(n / batch_size)", False),
        ("469", False),
        ("1", False),
    ],
)
def test_updates_per_epoch(body: str, right: bool) -> None:
    # Without a train_model, which would take its time.
    names = {"updates_per_epoch": eval(f"lambda n, batch_size: {body}", {"np": np})}
    assert wrong("train_model", body, **names).points == (1 if right else 0)
