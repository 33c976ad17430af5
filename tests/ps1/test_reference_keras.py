"""The reference of notebook 3, and the two modules that read names and networks, against independent oracles."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.ps1 import recognise
from grader.ps1.reference import keras_mnist as reference
from grader.ps1.spelling import NONE, activation_names, loss_names

BCE, CCE, MSE = reference.BCE, reference.CCE, reference.MSE


@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=6)))
def test_preprocess_is_pixel_by_pixel(images: np.ndarray) -> None:
    rows = reference.preprocess_images(images)
    n, r, c = images.shape
    assert rows.shape == (n, r * c)
    for i, j, k in itertools.product(range(n), range(r), range(c)):
        assert rows[i, j * c + k] == int(images[i, j, k]) / 255


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12), st.integers(10, 14))
def test_one_hot_inverts(labels: list[int], n_classes: int) -> None:
    rows = reference.one_hot(np.array(labels), n_classes)
    assert rows.shape == (len(labels), n_classes)
    assert np.argmax(rows, axis=1).tolist() == labels
    assert np.all(rows.sum(axis=1) == 1)
    assert set(np.unique(rows)) <= {0.0, 1.0}


@given(st.integers(1, 5000), st.integers(1, 300))
def test_updates_are_the_number_of_slices(n: int, batch_size: int) -> None:
    assert reference.updates_per_epoch(n, batch_size) == len(range(0, n, batch_size))


def test_numbers_of_the_lecture() -> None:
    assert reference.updates_per_epoch(60000, 128) == 469
    assert reference.n_params([784, 512, 10]) == 407050


def test_confusion_matrix_against_scikit_learn() -> None:
    from sklearn.metrics import confusion_matrix

    rng = np.random.default_rng(3)
    y, y_hat = rng.integers(0, 7, size=80), rng.integers(0, 7, size=80)
    ours = reference.confusion_matrix(y, y_hat, 9)
    np.testing.assert_array_equal(ours, confusion_matrix(y, y_hat, labels=range(9)))
    assert ours.sum() == 80


@pytest.mark.slow
def test_networks_against_keras() -> None:
    """The reference model, its parameters, its loss and every activation, against Keras itself."""
    import keras

    rng = np.random.default_rng(5)
    model = reference.compile_model(reference.build_model())
    assert model.count_params() == reference.n_params([784, 512, 10])
    shapes = [weight.shape for weight in model.weights]
    values = recognise.random_weights(shapes, rng)
    model.set_weights(values)
    layout = recognise.find_layout(shapes)
    assert layout is not None
    weights = layout.arrange([value.astype(float) for value in values])
    x = rng.random((5, 784))
    P = model.predict(x, verbose=0)
    np.testing.assert_allclose(P, recognise.compute(x, weights, "relu", "softmax"), rtol=1e-3, atol=1e-5)
    Y = reference.one_hot(rng.integers(0, 10, size=5))
    loss, accuracy = model.evaluate(x, Y, verbose=0)
    assert loss == pytest.approx(reference.categorical_crossentropy(Y, P), rel=1e-4)
    assert accuracy == pytest.approx(np.mean(reference.predict_digit(P) == np.argmax(Y, axis=1)))

    z = rng.normal(0, 4, size=(3, 6)).astype("float32")
    names = {"leaky relu": "leaky_relu", "hard sigmoid": "hard_sigmoid", "log softmax": "log_softmax"}
    for name, activate in recognise.ACTIVATIONS.items():
        if name == "leaky relu (0.3)":
            continue
        theirs = keras.ops.convert_to_numpy(keras.activations.get(names.get(name, name))(z))
        np.testing.assert_allclose(activate(z.astype(float)), theirs, rtol=1e-3, atol=1e-3, err_msg=name)
    history = reference.train_model(model, x, Y, epochs=2, batch_size=2)
    assert len(history.history["loss"]) == 2
    assert int(model.optimizer.iterations) == 2 * reference.updates_per_epoch(5, 2)


def random_network(seed: int) -> tuple[np.ndarray, tuple[Any, Any, Any, Any]]:
    rng = np.random.default_rng(seed)
    shapes = [(784, 512), (512,), (512, 10), (10,)]
    layout = recognise.find_layout(shapes)
    assert layout is not None
    values = [value.astype(float) for value in recognise.random_weights(shapes, rng)]
    return rng.integers(0, 256, size=(recognise.N_IMAGES, 784)) / 255, layout.arrange(values)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_no_other_pair_of_activations_comes_near_the_lectures(seed: int) -> None:
    """Saturation or luck must not hide a wrong activation: everything else is three tolerances away."""
    x, weights = random_network(seed)
    right = recognise.compute(x, weights, "relu", "softmax")
    for hidden in recognise.ACTIVATIONS:
        logits = recognise.compute(x, weights, hidden, "linear")
        for output, finish in recognise.ACTIVATIONS.items():
            if (hidden, output) != ("relu", "softmax"):
                with np.errstate(all="ignore"):
                    gap = recognise.difference(finish(logits), right)
                assert gap > 3 * recognise.FITS, (hidden, output)


@pytest.mark.parametrize("hidden", ["relu", "sigmoid", "tanh", "gelu", "elu", "leaky relu", "linear", "softplus"])
@pytest.mark.parametrize("output", ["softmax", "sigmoid", "linear", "tanh"])
def test_recognise_names_the_pair(hidden: str, output: str) -> None:
    x, weights = random_network(11)
    predictions = recognise.compute(x, weights, hidden, output).astype(np.float32).astype(float)
    assert recognise.recognise(x, predictions, weights) == recognise.Network(hidden, output)


def test_recognise_refuses_what_it_does_not_know() -> None:
    x, weights = random_network(12)
    right = recognise.compute(x, weights, "relu", "softmax")
    dropped = recognise.compute(x, (weights[0], weights[1], weights[2] * 1.1, weights[3]), "relu", "softmax")
    for predictions in (dropped, right[:, ::-1], right[:5], np.full_like(right, np.nan), np.full_like(right, 0.1)):
        assert recognise.recognise(x, predictions, weights) is None


@pytest.mark.parametrize(
    "shapes",
    [
        [(784, 512), (512,), (512, 10), (10,)],
        [(512, 10), (10,), (784, 512), (512,)],
        [(512, 784), (512,), (10, 512), (10,)],
        [(28, 28, 1, 512), (1, 512), (512, 10), (1, 10)],
    ],
)
def test_layout_finds_weights_in_any_order(shapes: list[tuple[int, ...]]) -> None:
    layout = recognise.find_layout(shapes)
    assert layout is not None
    assert (layout.hidden, layout.outputs) == (512, 10)
    assert None not in layout.biases
    marked = [np.full(shape, i, dtype=float) for i, shape in enumerate(shapes)]
    for array, size in zip(layout.arrange(marked), (784 * 512, 512, 5120, 10), strict=True):
        assert math.prod(shapes[int(array.flat[0])]) == size == array.size


def test_layout_unfolds_transposed_kernels() -> None:
    rng = np.random.default_rng(2)
    straight = [rng.normal(size=shape) for shape in ((784, 30), (30,), (30, 10), (10,))]
    flipped = [straight[0].T, straight[1], straight[2].T, straight[3]]
    layout = recognise.find_layout([value.shape for value in flipped])
    assert layout is not None
    for got, expected in zip(layout.arrange(flipped), straight, strict=True):
        np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize(
    "shapes",
    [
        [],
        [(784, 10), (10,)],
        [(784, 512), (512,), (512, 512), (512,), (512, 10), (10,)],
        [(784, 512), (512,), (512,), (512,), (512,), (512,), (512, 10), (10,)],
        [(28, 512), (512,), (512, 10), (10,)],
        [(784, 512), (7,), (512, 10), (10,)],
    ],
)
def test_layout_refuses_other_networks(shapes: list[tuple[int, ...]]) -> None:
    assert recognise.find_layout(shapes) is None


@pytest.mark.parametrize(
    "answer, names",
    [
        ("sigmoid", {"sigmoid"}),
        (" Sigmoid() ", {"sigmoid"}),
        ("keras.activations.sigmoid", {"sigmoid"}),
        ("logistic sigmoid", {"sigmoid"}),
        ("the sigmoid function", {"sigmoid"}),
        ("'softmax'", {"softmax"}),
        ("Soft-Max", {"softmax"}),
        ("soft max activation", {"softmax"}),
        ("tf.keras.layers.Softmax()", {"softmax"}),
        ("activation='softmax'", {"softmax"}),
        (None, {NONE}),
        ("None", {NONE}),
        ("linear", {NONE}),
        ("Linear (none)", {NONE}),
        ("identity", {NONE}),
        ("no activation", {NONE}),
        ("No activation function", {NONE}),
        ("n/a", {NONE}),
        ("none / linear", {NONE}),
        ("no activation - linear", {NONE}),
        ("none needed", {NONE}),
        ("Linear output", {NONE}),
        ("sigmoid (per label)", {"sigmoid"}),
        ("sigmoids", {"sigmoid"}),
        ("softmax over the classes", {"softmax"}),
        ("sigmoid or softmax", {"sigmoid", "softmax"}),
        ("relu", {"relu"}),
        ("", set()),
        (3, {"a int"}),
    ],
)
def test_activation_spellings(answer: object, names: set[str]) -> None:
    assert activation_names(answer) == names


@pytest.mark.parametrize(
    "answer, names",
    [
        ("binary cross-entropy", {BCE}),
        ("Binary_Crossentropy", {BCE}),
        ("BinaryCrossentropy", {BCE}),
        ("keras.losses.BinaryCrossentropy()", {BCE}),
        ("keras.losses.binary_crossentropy", {BCE}),
        ("binary cross entropy (BCE) loss", {BCE}),
        ("BINARY CROSSENTROPY", {BCE}),
        ("binary cross\u2013entropy", {BCE}),
        ("bce", {BCE}),
        ("log loss", {BCE}),
        ("Log-loss", {BCE}),
        ("BinaryCrossentropy(from_logits=False)", {BCE}),
        ("BinaryCrossentropy(from_logits=True)", {BCE, "a loss on logits"}),
        ("categorical_crossentropy", {CCE}),
        ("tf.keras.losses.CategoricalCrossentropy()", {CCE}),
        ("loss='categorical_crossentropy'", {CCE}),
        ("CCE", {CCE}),
        ("sparse categorical cross-entropy", {"sparse " + CCE}),
        ("SparseCategoricalCrossentropy", {"sparse " + CCE}),
        ("categorical or sparse categorical cross-entropy", {CCE, "sparse " + CCE}),
        ("(sparse) categorical crossentropy", {CCE, "sparse " + CCE}),
        ("Binary cross-entropy for each label", {BCE}),
        ("L2 loss", {MSE}),
        ("squared loss", {MSE}),
        ("mse", {MSE}),
        ("MSE", {MSE}),
        ("Mean Squared Error (MSE)", {MSE}),
        ("mean square error", {MSE}),
        ("mean_squared_error", {MSE}),
        ("MeanSquaredError()", {MSE}),
        ("keras.losses.MeanSquaredError(reduction='sum_over_batch_size')", {MSE}),
        ("MSE or binary cross-entropy", {MSE, BCE}),
        ("mse/bce", {MSE, BCE}),
        (("mse", "binary_crossentropy"), {MSE, BCE}),
        ("cross-entropy", {"crossentropy"}),
        ("mae", {"mae"}),
        ("hinge", {"hinge"}),
        ("binary accuracy", {"binaryaccuracy"}),
    ],
)
def test_loss_spellings(answer: object, names: set[str]) -> None:
    assert loss_names(answer) == names


@given(st.one_of(st.none(), st.text(max_size=60), st.integers(), st.lists(st.text(max_size=9), max_size=3)))
def test_reading_names_never_fails(answer: object) -> None:
    assert isinstance(activation_names(answer), set)
    assert isinstance(loss_names(answer), set)
