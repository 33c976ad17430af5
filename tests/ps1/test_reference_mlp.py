"""The reference for notebook 2, against oracles that share nothing with it."""

import copy

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit, logsumexp
from scipy.special import softmax as scipy_softmax

from grader.ps1.reference import mlp

GRADIENT_OF = {"dw_o": "w_o", "db_o": "b_o", "dW": "W", "dB": "B"}


def network(seed, n_in, n_hidden):
    """A column X and parameters of the given sizes."""
    rng = np.random.default_rng(seed)
    parameters = {
        "W": rng.normal(size=(n_in, n_hidden)),
        "B": rng.normal(size=(n_hidden, 1)),
        "w_o": rng.normal(size=(n_hidden, 1)),
        "b_o": float(rng.normal()),
    }
    return rng.normal(size=(n_in, 1)), parameters


def slide_gradient(X, y, W, B, w_o, b_o):
    """The derivatives as the lecture prints them (errata E3 and E4)."""
    forward = mlp.mlp_forward(X, W, B, w_o, b_o)
    H, p = forward["H"], forward["p"]
    d = (p - y) * p * (1 - p)
    return {"dw_o": d * H, "db_o": d, "dW": X @ (d * H * (1 - H)).T, "dB": d * H * (1 - H)}


# --------------------------------------------------------------------------- forward


@given(st.floats(-40, 40))
def test_sigmoid_is_scipys(z):
    assert mlp.sigmoid(z) == pytest.approx(expit(z), rel=1e-12)


def test_sigmoid_reference_values():
    assert mlp.sigmoid(0.27) == pytest.approx(0.5670929050)
    assert mlp.sigmoid(-3.7) == pytest.approx(0.0241270214)
    assert mlp.sigmoid(np.array([1000.0, -1000.0])).tolist() == [1.0, 0.0]


def test_hidden_unit_is_one_column_of_the_forward_pass():
    X, parameters = network(1, 2, 3)
    H = mlp.mlp_forward(X, **parameters)["H"]
    W, B = parameters["W"], parameters["B"]
    for j in range(3):
        assert mlp.hidden_unit(X[0, 0], X[1, 0], W[0, j], W[1, j], B[j, 0]) == pytest.approx(H[j, 0])


def test_to_matrices_agrees_with_the_sum_notation():
    named = {f"w{i}{j}": 10.0 * i + j for i in (1, 2) for j in (1, 2, 3)} | {f"b{j}": float(j) for j in (1, 2, 3)}
    W, B = mlp.to_matrices(named)
    assert W.shape == (2, 3)
    assert B.shape == (3, 1)
    x = np.array([[0.3], [-0.8]])
    for j in (1, 2, 3):
        by_name = named[f"w1{j}"] * x[0, 0] + named[f"w2{j}"] * x[1, 0] + named[f"b{j}"]
        assert (W.T @ x + B)[j - 1, 0] == pytest.approx(by_name)


def test_forward_shapes():
    X, parameters = network(2, 4, 5)
    forward = mlp.mlp_forward(X, **parameters)
    assert forward["Z"].shape == forward["H"].shape == (5, 1)
    assert isinstance(forward["o"], float)
    assert isinstance(forward["p"], float)


# --------------------------------------------------------------------------- backward


def test_errata_reference_values():
    X, W = np.array([[1.5], [-2.0]]), np.array([[0.5, -0.3, 0.8], [0.2, 0.7, -0.6]])
    B, w_o = np.array([[0.1], [-0.2], [0.3]]), np.array([[0.4], [-0.9], [0.6]])
    assert mlp.mlp_forward(X, W, B, w_o, 0.15)["p"] == pytest.approx(0.7013688104)
    gradient = mlp.mlp_backward(X, 1.0, W, B, w_o, 0.15)
    np.testing.assert_allclose(gradient["dw_o"].ravel(), [-0.07638911, -0.01426761, -0.11721919], rtol=1e-6)
    assert gradient["db_o"] == pytest.approx(-0.12509696)
    expected = [[-0.01784575, 0.01706448, -0.00664352], [0.02379434, -0.02275263, 0.00885802]]
    np.testing.assert_allclose(gradient["dW"], expected, rtol=1e-6)


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 5), st.sampled_from([0.0, 1.0]))
def test_gradient_is_the_central_difference(seed, n_in, n_hidden, y):
    X, parameters = network(seed, n_in, n_hidden)
    gradient = mlp.mlp_backward(X, y, **parameters)
    for entry, name in GRADIENT_OF.items():
        value = np.asarray(parameters[name])
        numeric = np.zeros(value.shape)
        for index in np.ndindex(value.shape):
            step = np.zeros(value.shape)
            step[index] = 1e-5
            up, down = (
                (y - mlp.mlp_forward(X, **{**parameters, name: value + sign * step})["p"]) ** 2 for sign in (1, -1)
            )
            numeric[index] = (up - down) / 2e-5
        assert np.shape(gradient[entry]) == value.shape
        np.testing.assert_allclose(gradient[entry], numeric, rtol=1e-6, atol=1e-9)


def test_gradient_is_sympys():
    n_in, n_hidden, y = 2, 3, 1
    x, b_o = sympy.symbols("x1:3"), sympy.Symbol("b_o")
    w = [[sympy.Symbol(f"w{i}{j}") for j in range(n_hidden)] for i in range(n_in)]
    b, w_o = sympy.symbols("b1:4"), sympy.symbols("wo1:4")
    logistic = lambda t: 1 / (1 + sympy.exp(-t))  # noqa: E731
    h = [logistic(sum(w[i][j] * x[i] for i in range(n_in)) + b[j]) for j in range(n_hidden)]
    loss = (y - logistic(b_o + sum(w_o[j] * h[j] for j in range(n_hidden)))) ** 2

    X, parameters = network(3, n_in, n_hidden)
    at = {symbol: X[i, 0] for i, symbol in enumerate(x)} | {b_o: parameters["b_o"]}
    at |= {w[i][j]: parameters["W"][i, j] for i in range(n_in) for j in range(n_hidden)}
    at |= {symbol: parameters["B"][j, 0] for j, symbol in enumerate(b)}
    at |= {symbol: parameters["w_o"][j, 0] for j, symbol in enumerate(w_o)}
    slope = lambda symbol: float(sympy.diff(loss, symbol).subs(at))  # noqa: E731

    gradient = mlp.mlp_backward(X, y, **parameters)
    assert gradient["db_o"] == pytest.approx(slope(b_o))
    for j in range(n_hidden):
        assert gradient["dw_o"][j, 0] == pytest.approx(slope(w_o[j]))
        assert gradient["dB"][j, 0] == pytest.approx(slope(b[j]))
        for i in range(n_in):
            assert gradient["dW"][i, j] == pytest.approx(slope(w[i][j]))


@pytest.mark.slow
def test_gradient_is_tensorflows():
    tf = pytest.importorskip("tensorflow")
    X, parameters = network(4, 3, 4)
    variables = {name: tf.Variable(value, dtype=tf.float64) for name, value in parameters.items()}
    with tf.GradientTape() as tape:
        H = tf.sigmoid(tf.matmul(variables["W"], X, transpose_a=True) + variables["B"])
        p = tf.sigmoid(variables["b_o"] + tf.reduce_sum(variables["w_o"] * H))
        loss = (0.0 - p) ** 2
    automatic = tape.gradient(loss, variables)
    gradient = mlp.mlp_backward(X, 0.0, **parameters)
    for entry, name in GRADIENT_OF.items():
        np.testing.assert_allclose(gradient[entry], automatic[name].numpy(), rtol=1e-10)


# --------------------------------------------------------------------------- the slide's slips


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 5))
def test_the_slides_are_off_by_2_and_2_w_o(seed, n_in, n_hidden):
    X, parameters = network(seed, n_in, n_hidden)
    gradient, slide = mlp.mlp_backward(X, 1.0, **parameters), slide_gradient(X, 1.0, **parameters)
    factors = mlp.diagnose_slide(gradient, slide)
    assert factors["output"] == pytest.approx(2)
    assert factors["hidden"].shape == (n_hidden,)
    np.testing.assert_allclose(factors["hidden"], 2 * parameters["w_o"].ravel(), rtol=1e-9)


# --------------------------------------------------------------------------- training


def test_one_step_is_the_summed_gradient():
    rng = np.random.default_rng(5)
    _X, params = network(6, 3, 4)
    X, y = rng.normal(size=(5, 3)), np.array([0.0, 1.0, 1.0, 0.0, 1.0])
    before = copy.deepcopy(params)
    new, history = mlp.train_mlp(X, y, params, 0.3, 1)

    def total(name, value):
        # The whole batch at once, rows as observations: another arrangement of the same sum.
        q = {**params, name: value}
        hidden = expit(X @ q["W"] + q["B"].T)
        return np.sum((y - expit(hidden @ q["w_o"][:, 0] + q["b_o"])) ** 2)

    assert history == [pytest.approx(total("W", params["W"]))]
    for name in params:
        value = np.asarray(params[name])
        for index in np.ndindex(value.shape):
            step = np.zeros(value.shape)
            step[index] = 1e-5
            slope = (total(name, value + step) - total(name, value - step)) / 2e-5
            assert np.asarray(new[name])[index] == pytest.approx(value[index] - 0.3 * slope, abs=1e-8)
    for name in params:
        np.testing.assert_array_equal(params[name], before[name])


def test_steps_add_up():
    _X, params = network(7, 2, 3)
    half, first = mlp.train_mlp(mlp.XOR_X, mlp.XOR_Y, params, 0.7, 3)
    full, second = mlp.train_mlp(mlp.XOR_X, mlp.XOR_Y, half, 0.7, 2)
    at_once, history = mlp.train_mlp(mlp.XOR_X, mlp.XOR_Y, params, 0.7, 5)
    assert first + second == pytest.approx(history)
    for name in params:
        np.testing.assert_allclose(full[name], at_once[name])


def batch_losses(start, gradient_scale=2.0, through_w_o=True):
    """Losses of XOR training in row form, with the right gradient or the slide's."""
    X, y = mlp.XOR_X, mlp.XOR_Y
    W, b, w, b_o = start["W"].copy(), start["B"][:, 0].copy(), start["w_o"][:, 0].copy(), float(start["b_o"])
    losses = []
    for _ in range(mlp.XOR_ITERS):
        H = expit(X @ W + b)
        p = expit(H @ w + b_o)
        losses.append(np.sum((y - p) ** 2))
        d = gradient_scale * (p - y) * p * (1 - p)
        D = d[:, None] * H * (1 - H) * (w if through_w_o else 1.0)
        W, b = W - mlp.XOR_LR * X.T @ D, b - mlp.XOR_LR * D.sum(axis=0)
        w, b_o = w - mlp.XOR_LR * H.T @ d, b_o - mlp.XOR_LR * d.sum()
    return np.array(losses)


def test_xor_is_learned_from_the_start_and_from_around_it():
    losses = batch_losses(mlp.XOR_START)
    assert np.all(np.diff(losses) < 0)
    assert losses[-1] < 0.004
    rng = np.random.default_rng(8)
    for _ in range(10):
        shifted = {name: value + rng.normal(0, 0.1, np.shape(value)) for name, value in mlp.XOR_START.items()}
        assert batch_losses(shifted)[-1] < 0.02


def test_reference_trains_xor_like_the_row_form():
    new, history = mlp.train_mlp(mlp.XOR_X, mlp.XOR_Y, mlp.XOR_START, mlp.XOR_LR, mlp.XOR_ITERS)
    np.testing.assert_allclose(history, batch_losses(mlp.XOR_START), rtol=1e-8)
    p = [mlp.mlp_forward(row.reshape(-1, 1), **new)["p"] for row in mlp.XOR_X]
    np.testing.assert_allclose(p, mlp.XOR_Y, atol=0.05)


# --------------------------------------------------------------------------- softmax and its loss

logits = arrays(
    np.float64, st.tuples(st.integers(1, 4), st.integers(1, 5)), elements=st.floats(-1000, 1000, allow_nan=False)
)


@given(logits, st.floats(-500, 500))
def test_softmax_laws(z, shift):
    P = mlp.softmax(z)
    assert P.shape == z.shape
    np.testing.assert_allclose(P, scipy_softmax(z, axis=-1), rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(P.sum(axis=-1), 1.0)
    np.testing.assert_allclose(mlp.softmax(z + shift), P, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(mlp.softmax(z[0]), P[0])


def test_softmax_of_two_classes_is_the_sigmoid():
    for z in (-3.7, 0.27, 12.0):
        assert mlp.softmax(np.array([z, 0.0]))[0] == pytest.approx(float(expit(z)))


@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(2, 5))
def test_crossentropy_of_softmax_is_logsumexp_minus_the_true_logit(seed, n, n_classes):
    rng = np.random.default_rng(seed)
    z, labels = 3 * rng.normal(size=(n, n_classes)), rng.integers(n_classes, size=n)
    expected = np.mean(logsumexp(z, axis=1) - z[np.arange(n), labels])
    assert mlp.categorical_crossentropy(np.eye(n_classes)[labels], mlp.softmax(z)) == pytest.approx(expected)


def test_crossentropy_is_finite_when_a_wrong_class_is_impossible():
    Y, P = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]), np.array([[0.0, 0.25, 0.75], [1.0, 0.0, 0.0]])
    assert mlp.categorical_crossentropy(Y, P) == pytest.approx(np.log(4) / 2)


@pytest.mark.slow
def test_crossentropy_is_keras():
    keras = pytest.importorskip("keras")
    rng = np.random.default_rng(9)
    P = rng.dirichlet(np.ones(4), size=6)
    Y = np.eye(4)[rng.integers(4, size=6)]
    expected = float(np.mean(np.asarray(keras.losses.categorical_crossentropy(Y, P))))
    assert mlp.categorical_crossentropy(Y, P) == pytest.approx(expected, rel=1e-5)
