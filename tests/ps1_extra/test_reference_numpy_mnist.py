"""The extra notebook's reference against independent oracles: Keras, TensorFlow's autodiff, central differences."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.ps1_extra.reference import numpy_mnist as reference


def network(rng, d, h, k):
    return [rng.normal(size=shape) for shape in ((d, h), (h,), (h, k), (k,))]


def cross_entropy(weights, X, Y):
    return -np.mean(np.sum(Y * np.log(reference.numpy_predict(weights, X)), axis=1))


def test_gradients_are_central_differences():
    rng = np.random.default_rng(0)
    weights, X, Y = network(rng, 3, 5, 4), rng.normal(size=(6, 3)), np.eye(4)[[0, 3, 1, 2, 2, 0]]
    for weight, gradient in zip(weights, reference.gradients(weights, X, Y), strict=True):
        numeric = np.zeros_like(weight)
        for at in np.ndindex(weight.shape):
            kept, losses = weight[at], []
            for eps in (1e-6, -1e-6):
                weight[at] = kept + eps
                losses.append(cross_entropy(weights, X, Y))
            weight[at] = kept
            numeric[at] = (losses[0] - losses[1]) / 2e-6
        np.testing.assert_allclose(gradient, numeric, rtol=1e-5, atol=1e-8)


def test_one_step_of_training_is_one_gradient():
    rng = np.random.default_rng(1)
    X, Y, probes = rng.normal(size=(4, 3)), np.eye(2)[[0, 1, 1, 0]], rng.normal(size=(5, 3))
    start = np.random.default_rng(7)
    weights = [
        start.normal(0, np.sqrt(2 / 3), (3, 6)),
        np.zeros(6),
        start.normal(0, np.sqrt(2 / 6), (6, 2)),
        np.zeros(2),
    ]
    steps = reference.gradients(weights, X, Y)
    moved = [w - 0.3 * g for w, g in zip(weights, steps, strict=True)]
    predict = reference.numpy_train(X, Y, 6, 1, 4, 0.3, 7)
    np.testing.assert_allclose(predict(probes), reference.numpy_predict(moved, probes), rtol=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(-1e4, 1e4))
def test_probabilities_sum_to_one_and_ignore_a_common_shift(seed, shift):
    rng = np.random.default_rng(seed)
    weights, X = network(rng, 4, 3, 5), rng.normal(size=(6, 4))
    P = reference.numpy_predict(weights, X)
    np.testing.assert_allclose(P.sum(axis=1), 1)
    weights[3] = weights[3] + shift
    np.testing.assert_allclose(reference.numpy_predict(weights, X), P, rtol=1e-6)


@pytest.mark.slow
def test_predict_equals_model_predict():
    keras = pytest.importorskip("keras")
    rng = np.random.default_rng(2)
    for d, h, k in ((784, 512, 10), (7, 5, 3)):
        model = keras.Sequential(
            [keras.Input((d,)), keras.layers.Dense(h, activation="relu"), keras.layers.Dense(k, activation="softmax")]
        )
        model.set_weights([w + 0.1 * rng.normal(size=w.shape) for w in model.get_weights()])  # biases that matter
        X = rng.uniform(size=(50, d))
        got = reference.numpy_predict([w.astype(float) for w in model.get_weights()], X)
        np.testing.assert_allclose(got, model.predict(X, verbose=0), rtol=1e-3, atol=1e-6)


@pytest.mark.slow
def test_gradients_equal_tensorflows():
    tf = pytest.importorskip("tensorflow")
    rng = np.random.default_rng(3)
    weights, X, Y = network(rng, 6, 4, 3), rng.normal(size=(9, 6)), np.eye(3)[rng.integers(3, size=9)]
    variables = [tf.Variable(w) for w in weights]
    with tf.GradientTape() as tape:
        logits = tf.nn.relu(X @ variables[0] + variables[1]) @ variables[2] + variables[3]
        loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(Y, logits))
    for ours, theirs in zip(reference.gradients(weights, X, Y), tape.gradient(loss, variables), strict=True):
        np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-9, atol=1e-12)
