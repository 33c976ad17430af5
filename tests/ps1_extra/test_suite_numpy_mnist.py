"""The extra notebook's hidden suite tells right from wrong: honest variants pass, each mistake is found.

The gradient check is run in this process on training functions with one thing changed at a time; a notebook without
a jail stands in for the jailed one where a whole part of the suite is tried.
"""

from __future__ import annotations

import sys
from types import ModuleType

import numpy as np
import pytest
from local_notebook import LocalNotebook
from numpy_mnist_answers import RIGHT, RIGHT_PREDICT, WRONG, WRONG_PREDICT, trainer
from sampling import sampled

from grader.judge import Student, StudentError, WrongAnswer
from grader.ps1_extra import tangent
from grader.ps1_extra.hidden import test_numpy_mnist as suite
from grader.ps1_extra.reference import numpy_mnist as reference

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

# With tiny weights the first two are the right gradient times a constant, as far as the hidden layer goes, and the
# third is hardly a change.
MILD = ("squared error", "p (1 - p)", "weight decay")
INSPECTIONS = (tangent.output_layer_fault, tangent.hidden_layer_fault, tangent.argument_fault)


def outputs(numpy_train):
    """What the suite makes of numpy_train, without a jail."""

    def train_and_predict(X, Ys, probes, *settings):
        return np.stack([np.asarray(numpy_train(X, Y, *settings)(probes), dtype=float) for Y in Ys])

    return train_and_predict


@pytest.mark.parametrize("answer", sampled(RIGHT, 2), ids=str)
def test_honest_variants_have_no_fault(answer):
    for inspect in INSPECTIONS:
        for seed in range(2):
            assert inspect(outputs(trainer(**answer)), np.random.default_rng(seed)) is None


@pytest.mark.parametrize("start", ["he", "normal 0.01"])
@pytest.mark.parametrize("change", sampled(WRONG, 2))
def test_each_mistake_is_found_where_it_is(change, start):
    for inspect, expected in zip(INSPECTIONS, WRONG[change], strict=True):
        if expected is None or (change in MILD and start == "normal 0.01"):
            continue
        for seed in range(2):
            fault = inspect(outputs(trainer(start=start, change=change)), np.random.default_rng(seed))
            assert (fault is not None) == expected, (inspect.__name__, fault)


def test_squared_error_never_passes_the_output_layer():
    for change in ("squared error", "p (1 - p)"):
        for seed in range(4):
            train = outputs(trainer(start="normal 0.01", change=change))
            assert tangent.output_layer_fault(train, np.random.default_rng(seed))


# The misconception behind a change; those that are not here show none of the library's for certain.
IDEAS = {
    "sign": "steps uphill",
    "squared error": "the output layer's step has another size",
    "p (1 - p)": "the output layer's step has another size",
    "factor 2": "the output layer's step has another size",
    "mean over classes": "the output layer's step has another size",
    "sum over the batch": "sums over the batch",
    "W2 reshaped": "a wrong way back through the hidden layer",
    "W2 forgotten": "a wrong way back through the hidden layer",
    "mask forgotten": "a wrong way back through the hidden layer",
    "sigmoid slope": "a wrong way back through the hidden layer",
    "hidden sign": "a wrong way back through the hidden layer",
    "b1 frozen": "W1 and b1 out of step",
    "hidden frozen": "the hidden layer does not learn",
    "W2 frozen": "output weights that do not learn",
    "b2 frozen": "an update left out",
    "W2 starts at zero": "weights that do not start at random",
    "all start at zero": "weights that do not start at random",
    "seed ignored": "randomness beside the seed",
    "seed fixed": "seed ignored",
    "hidden ignored": "hidden ignored",
    "epochs ignored": "epochs ignored",
    "batch_size ignored": "another number of updates in an epoch",
    "lr ignored": "lr ignored",
    "divided by batch_size": "a shorter last batch treated otherwise",
}


def named(numpy_train, seed):
    """The misconception that the first fault with one is taken for."""
    train = outputs(numpy_train)
    for inspect in INSPECTIONS:
        try:
            suite.refuse(inspect(train, np.random.default_rng(seed)), train)
        except WrongAnswer as wrong:
            if wrong.misconception:
                return wrong.misconception
    return ""


@pytest.mark.parametrize("change", sampled(IDEAS, 2))
def test_a_mistake_is_named(change):
    assert named(trainer(change=change), 0) == IDEAS[change]


def local(**names):
    """A student with these names and no jail."""
    return Student(LocalNotebook(names), b"seed")


def marks(test_class, student, seed=0, only=None):
    """Points per test of a question's class, as the plugin would give them."""
    earned = {}
    for name, test in vars(test_class).items():
        if not name.startswith("test_") or (only and name != only):
            continue
        worth = next(mark.args[0] for mark in test.pytestmark if mark.name == "points")
        try:
            test(test_class(), student, np.random.default_rng(seed))
        except (WrongAnswer, StudentError):
            worth = 0
        earned[name] = worth
    return earned


@pytest.mark.parametrize("name", RIGHT_PREDICT)
def test_right_predictions_earn_everything(name):
    for seed in range(3):
        assert sum(marks(suite.TestNumpyPredict, local(numpy_predict=RIGHT_PREDICT[name]), seed).values()) == 4


@pytest.mark.parametrize("name", WRONG_PREDICT)
def test_wrong_predictions_earn_what_is_right(name):
    answer, points = WRONG_PREDICT[name]
    for seed in range(3):
        assert sum(marks(suite.TestNumpyPredict, local(numpy_predict=answer), seed).values()) == points


@pytest.mark.slow
@pytest.mark.parametrize(
    "answer",
    [
        {},
        pytest.param({"start": "glorot"}, marks=pytest.mark.thorough),
        pytest.param({"start": "normal 0.01"}, marks=pytest.mark.thorough),
        pytest.param({"start": "normal 0.1", "dtype": np.float32}, marks=pytest.mark.thorough),
        pytest.param({"shuffle": "never"}, marks=pytest.mark.thorough),
        pytest.param({"activation": "tanh"}, marks=pytest.mark.thorough),
    ],
    ids=str,
)
def test_honest_training_earns_everything(answer):
    student = local(numpy_train=trainer(**answer))
    assert sum(marks(suite.TestNumpyTrain, student).values()) == 6


@pytest.mark.slow
@pytest.mark.thorough
def test_a_sum_over_the_batch_costs_one_point():
    student = local(numpy_train=trainer(change="sum over the batch"))
    assert sum(marks(suite.TestNumpyTrain, student).values()) == 5


def neighbours(X, Y, hidden, epochs, batch_size, lr, seed):
    """Not a network: it looks the nearest training image up."""
    return lambda X_new: Y[((X_new[:, None] - X[None]) ** 2).sum(axis=2).argmin(axis=1)]


def closed_form(X, Y, hidden, epochs, batch_size, lr, seed):
    """A linear model solved at once."""
    W = np.linalg.solve(X.T @ X + 10 * np.eye(X.shape[1]), X.T @ Y)
    return lambda X_new: np.eye(Y.shape[1])[(X_new @ W).argmax(axis=1)]


NO_ANSWER = {
    "constant": lambda X, Y, *rest: lambda X_new: np.full((len(X_new), Y.shape[1]), 1 / Y.shape[1]),
    "weights instead of a function": lambda X, Y, *rest: X,
    "nothing": lambda X, Y, *rest: None,
    "logits": lambda X, Y, *rest: lambda X_new: np.zeros((len(X_new), Y.shape[1])),
    "classes": lambda X, Y, *rest: lambda X_new: np.zeros(len(X_new)),
    "no number": lambda X, Y, *rest: lambda X_new: np.full((len(X_new), Y.shape[1]), np.nan),
    "closed form": closed_form,
}


@pytest.mark.parametrize("name", sampled(NO_ANSWER, 2))
def test_what_is_no_training_earns_nothing(name):
    assert sum(marks(suite.TestNumpyTrain, local(numpy_train=NO_ANSWER[name])).values()) == 0


def test_the_nearest_neighbour_earns_nothing_for_small_data():
    student = local(numpy_train=neighbours)
    for name in ("test_output_layer", "test_hidden_layer", "test_arguments"):
        assert sum(marks(suite.TestNumpyTrain, student, only=name).values()) == 0


def test_global_weights_are_noticed():
    shared = {}
    honest = trainer()

    def numpy_train(*args):
        shared["predict"] = honest(*args)
        return lambda X: shared["predict"](X)

    assert marks(suite.TestNumpyTrain, local(numpy_train=numpy_train), only="test_arguments") == {"test_arguments": 0}


@pytest.fixture
def keras_like(monkeypatch):
    """A module that calls itself keras, as light as can be."""
    module = ModuleType("keras")
    exec("def fit(x):\n    return inner(x)\ndef inner(x):\n    return x\nclass Model:\n    pass\n", vars(module))
    monkeypatch.setitem(sys.modules, "keras", module)
    return module


def watched(numpy_train):
    probe = {"__name__": "probe"}
    exec(suite.WATCHED, probe)
    before = sys.getprofile()
    answer = probe["train_and_predict"](numpy_train, np.ones((2, 3)), np.eye(2), np.ones((1, 3)), 2, 1, 1, 0.1, 1)
    assert sys.getprofile() is before
    return answer["used"]


def test_a_learning_library_at_work_is_noticed(keras_like):
    def while_training(X, Y, *rest):
        keras_like.fit(X)
        return lambda X_new: X_new

    assert watched(while_training) == ["keras"]
    assert watched(lambda X, Y, *rest: lambda X_new: keras_like.fit(X_new)) == ["keras"]


def test_a_learning_library_that_is_only_there_is_not(keras_like):
    class Old:
        pass

    exec("def __del__(self):\n    inner(1)\n", vars(keras_like))
    Old.__del__ = keras_like.__del__

    def innocent(X, Y, *rest):
        import keras  # noqa: F401

        cycle = Old()
        cycle.itself = cycle  # rubbish for the collector, whose __del__ runs library code
        del cycle
        old = Old()
        del old
        return reference.numpy_train(X, Y, *rest)

    assert watched(innocent) == []


@pytest.mark.slow
def test_real_libraries_at_work_are_noticed():
    sklearn = pytest.importorskip("sklearn.neural_network")
    keras = pytest.importorskip("keras")

    def with_sklearn(X, Y, *rest):
        return sklearn.MLPClassifier(max_iter=2).fit(X, Y.argmax(axis=1)).predict_proba

    def with_keras(X, Y, *rest):
        model = keras.Sequential([keras.Input((X.shape[1],)), keras.layers.Dense(Y.shape[1], activation="softmax")])
        return lambda X_new: np.asarray(model(X_new))

    assert watched(with_sklearn) == ["sklearn"]
    assert "keras" in watched(with_keras)
    assert watched(reference.numpy_train) == []  # both are imported by now
