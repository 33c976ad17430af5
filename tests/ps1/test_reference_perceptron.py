"""The perceptron's reference against SciPy, mpmath, SymPy, scikit-learn, TensorFlow, and the lecture's errata."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import scipy.optimize
import scipy.special
import sklearn.metrics
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from grader.ps1.reference import perceptron as reference

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
OR, AND, XOR = np.array([0.0, 1.0, 1.0, 1.0]), np.array([0.0, 0.0, 0.0, 1.0]), np.array([0.0, 1.0, 1.0, 0.0])
W, B = np.array([1.0, -1.0]), -0.5

moderate = st.floats(-30, 30)
small = st.floats(-2, 2)


class TestErrata:
    """The numbers that were worked out for the errata, apart from this code."""

    def test_sigmoid(self) -> None:
        np.testing.assert_allclose(reference.sigmoid([0.27, -3.7]), [0.5670929050, 0.0241270214], atol=5e-11)

    def test_completed_table(self) -> None:
        h, p, y_hat = reference.perceptron_table(X, W, B)
        np.testing.assert_array_equal(h, [-0.5, -1.5, 0.5, -0.5])
        np.testing.assert_allclose(p, [0.3775, 0.1824, 0.6225, 0.3775], atol=5e-5)
        np.testing.assert_array_equal(y_hat, [0, 0, 1, 0])
        assert np.mean(y_hat == OR) == 0.5
        assert np.sum(reference.squared_error(OR, p)) == pytest.approx(1.3410, abs=5e-5)
        assert reference.binary_cross_entropy(OR, p) == pytest.approx(0.9059, abs=5e-5)

    def test_slide_errors_are_where_the_printed_table_is_off(self) -> None:
        printed = {"h": [-0.5, -1.5, 0.5, -0.5], "p": [0.38, 0.18, 0.38, 0.38], "y_hat": [0, 0, 0, 0]}
        right = dict(zip(printed, reference.perceptron_table(X, W, B), strict=True))
        off = {(i + 1, name) for name in printed for i in range(4) if abs(printed[name][i] - right[name][i]) > 0.0051}
        assert reference.slide_errors == off

    def test_gradient_of_one_observation(self) -> None:
        gradient = reference.perceptron_gradient(np.array([0.5, -2.0]), 1.0, np.array([0.7, -0.4]), 0.25)
        np.testing.assert_allclose(gradient["dw"], [-0.0313904294, 0.1255617175], atol=5e-11)
        assert gradient["db"] == pytest.approx(-0.0627808587, abs=5e-11)

    def test_one_step_on_or(self) -> None:
        w, b, history = reference.train_perceptron(X, OR, W, B, 1.0, 1)
        np.testing.assert_allclose(w, [1.47000742, -0.46356283], atol=5e-9)
        assert b == pytest.approx(0.03643717, abs=5e-9)
        assert len(history) == 2

    def test_or_and_are_learned_and_xor_is_not(self) -> None:
        for y in (OR, AND):
            w, b, history = reference.train_perceptron(X, y, W, B, 1.0, 2000)
            assert history[-1] < 0.01
            np.testing.assert_array_equal(reference.perceptron_table(X, w, b)[2], y)
        w, b, history = reference.train_perceptron(X, XOR, W, B, 1.0, 2000)
        np.testing.assert_allclose([*w, b], 0.0, atol=1e-6)
        assert history[-1] >= 0.9


class TestSigmoid:
    @given(arrays(float, array_shapes(min_dims=0, max_dims=3, max_side=4), elements=st.floats(-1e6, 1e6)))
    def test_is_scipy_s(self, z: np.ndarray) -> None:
        got = reference.sigmoid(z)
        assert got.shape == z.shape
        np.testing.assert_allclose(got, scipy.special.expit(z), rtol=1e-13, atol=1e-300)

    @given(st.floats(-700, 700))
    def test_is_mpmath_s(self, z: float) -> None:
        assert float(reference.sigmoid(z)) == pytest.approx(float(1 / (1 + mpmath.exp(-mpmath.mpf(z)))), rel=1e-13)

    @given(moderate)
    def test_mirrored(self, z: float) -> None:
        assert float(reference.sigmoid(z) + reference.sigmoid(-z)) == pytest.approx(1.0)

    @pytest.mark.filterwarnings("error")
    def test_extremes_without_a_warning(self) -> None:
        np.testing.assert_array_equal(reference.sigmoid(np.array([-1000.0, 1000.0])), [0.0, 1.0])


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 10**6))
def test_weighted_sum_is_the_sum_it_says(n: int, d: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, w, b = rng.normal(size=(n, d)), rng.normal(size=d), rng.normal()
    expected = [sum(rows[i, j] * w[j] for j in range(d)) + b for i in range(n)]
    np.testing.assert_allclose(reference.weighted_sum(rows, w, b), expected, atol=1e-12)


class TestLosses:
    @given(arrays(float, 6, elements=st.floats(0.001, 0.999)))
    def test_means_are_scikit_learn_s(self, p: np.ndarray) -> None:
        y = np.array([0.0, 1.0, 1.0, 0.0, 1.0, 1.0])
        assert reference.mean_squared_error(y, p) == pytest.approx(sklearn.metrics.mean_squared_error(y, p))
        assert reference.binary_cross_entropy(y, p) == pytest.approx(sklearn.metrics.log_loss(y, p))
        assert np.mean(reference.squared_error(y, p)) == pytest.approx(reference.mean_squared_error(y, p))

    @pytest.mark.filterwarnings("error")
    def test_sure_predictions_stay_finite(self) -> None:
        assert reference.binary_cross_entropy(np.array([1.0, 0.0]), np.array([1.0, 0.0])) == pytest.approx(0, abs=1e-9)
        sure_and_wrong = reference.binary_cross_entropy(np.array([1.0, 0.0]), np.array([0.0, 1.0]))
        assert 20 < sure_and_wrong < 40


class TestGradient:
    def test_links_are_sympy_s(self) -> None:
        y, p, h = sympy.symbols("y p h")
        for yv, pv in ((1.0, 0.3), (0.0, 0.8)):
            slope = sympy.diff((y - p) ** 2, p).subs({y: yv, p: pv})
            assert reference.dl_dp(yv, pv) == pytest.approx(float(slope))
        for hv in (-1.3, 0.4):
            slope = sympy.diff(1 / (1 + sympy.exp(-h)), h).subs(h, hv)
            assert reference.dp_dh(float(reference.sigmoid(hv))) == pytest.approx(float(slope))

    def test_last_link_is_a_copy_of_x(self) -> None:
        x = np.array([2.0, -3.0])
        reference.dh_dw(x)[0] = 9.0
        np.testing.assert_array_equal(x, [2.0, -3.0])

    @given(arrays(float, 3, elements=small), st.sampled_from([0.0, 1.0]), arrays(float, 3, elements=small), small)
    @settings(max_examples=50)
    def test_is_scipy_s_difference(self, x: np.ndarray, y: float, w: np.ndarray, b: float) -> None:
        def loss(theta: np.ndarray) -> float:
            return float((y - scipy.special.expit(theta[:3] @ x + theta[3])) ** 2)

        gradient = reference.perceptron_gradient(x, y, w, b)
        numeric = scipy.optimize.approx_fprime(np.append(w, b), loss, 1e-7)
        np.testing.assert_allclose([*gradient["dw"], gradient["db"]], numeric, atol=2e-6)

    @pytest.mark.slow
    def test_is_tensorflow_s(self) -> None:
        tf = pytest.importorskip("tensorflow")
        x, y, wv, bv = np.array([0.5, -2.0, 1.1]), 1.0, np.array([0.7, -0.4, 0.9]), 0.25
        w, b = tf.Variable(wv), tf.Variable(bv, dtype=tf.float64)
        with tf.GradientTape() as tape:
            loss = (y - tf.sigmoid(tf.reduce_sum(w * x) + b)) ** 2
        dw, db = tape.gradient(loss, [w, b])
        gradient = reference.perceptron_gradient(x, y, wv, bv)
        np.testing.assert_allclose(gradient["dw"], dw.numpy(), rtol=1e-10)
        assert gradient["db"] == pytest.approx(float(db), rel=1e-10)


class TestNumericalGradient:
    @given(arrays(float, array_shapes(min_dims=0, max_dims=3, max_side=3), elements=small))
    def test_of_a_smooth_function(self, theta: np.ndarray) -> None:
        kept = theta.copy()
        got = reference.numerical_gradient(lambda t: float(np.sum(np.sin(t) + t**2)), theta)
        assert got.shape == theta.shape
        np.testing.assert_allclose(got, np.cos(theta) + 2 * theta, atol=1e-8)
        np.testing.assert_array_equal(theta, kept)

    @given(st.floats(0.01, 1.0))
    def test_of_cubes_is_off_by_eps_squared(self, eps: float) -> None:
        theta = np.array([1.0, -2.0])
        got = reference.numerical_gradient(lambda t: float(np.sum(t**3)), theta, eps)
        np.testing.assert_allclose(got, 3 * theta**2 + eps**2, rtol=1e-9)

    def test_of_integers_is_that_of_floats(self) -> None:
        got = reference.numerical_gradient(lambda t: float(np.sum(t**3) / 2), np.array([[1, -2], [3, 0]]))
        assert got.dtype == np.float64
        np.testing.assert_allclose(got, [[1.5, 6.0], [13.5, 0.0]], atol=1e-8)


class TestTraining:
    @given(st.integers(0, 10**6), st.floats(0.05, 0.8), st.integers(1, 6))
    @settings(max_examples=25, deadline=None)
    def test_follows_the_numerical_gradient_of_the_summed_loss(self, seed: int, lr: float, n_iters: int) -> None:
        rng = np.random.default_rng(seed)
        rows, y, w0, b0 = rng.normal(size=(5, 3)), np.array([0.0, 1.0, 1.0, 0.0, 1.0]), rng.normal(size=3), 0.4

        def loss(theta: np.ndarray) -> float:
            return float(np.sum((y - scipy.special.expit(rows @ theta[:3] + theta[3])) ** 2))

        theta, losses = np.append(w0, b0), []
        for _ in range(n_iters):
            losses.append(loss(theta))
            steps = 1e-6 * np.eye(4)
            theta = theta - lr * np.array([(loss(theta + s) - loss(theta - s)) / 2e-6 for s in steps])
        kept = w0.copy()
        w, b, history = reference.train_perceptron(rows, y, w0, b0, lr, n_iters)
        np.testing.assert_allclose([*w, b], theta, atol=1e-7)
        np.testing.assert_allclose(history, [*losses, loss(theta)], atol=1e-7)
        np.testing.assert_array_equal(w0, kept)

    def test_no_iterations_change_nothing(self) -> None:
        w, b, history = reference.train_perceptron(X, OR, W, B, 1.0, 0)
        np.testing.assert_array_equal(w, W)
        assert (b, len(history)) == (B, 1)
