"""What a right answer to notebook 2 is: one class a question, one test a part.

Every probe breaks a symmetry behind which some wrong answer hides. The sizes n, n_in, n_hidden and K differ
from one another, so that a transpose or a wrong axis shows. The weights are near 1 and of both signs, so
that Z(1 - Z) is far from H(1 - H) and a lost w_o shows. No gradient is near zero, so that no tolerance can
swallow one.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from grader.judge import Student, WrongAnswer, points, question, same
from grader.ps1.examples import EXAMPLES  # noqa: F401 (the judge reads it)
from grader.ps1.misconceptions.mlp import MISCONCEPTIONS  # noqa: F401 (the judge reads it)
from grader.ps1.reference import mlp as reference

Network = tuple[Any, Any, Any, Any, float]

LECTURE_SIZE: Network = (
    np.array([[0.8], [-1.3]]),
    np.array([[0.9, -1.1, 0.4], [-0.6, 0.7, 1.2]]),
    np.array([[0.3], [-0.5], [0.2]]),
    np.array([[1.1], [-0.8], [0.6]]),
    -0.35,
)


def near_one(rng: np.random.Generator, *shape: int) -> Any:
    """Numbers of both signs between 0.4 and 1.4 in size."""
    return rng.uniform(0.4, 1.4, shape) * rng.choice([-1.0, 1.0], shape)


def random_network(rng: np.random.Generator, n_in: int, n_hidden: int) -> Network:
    """(X, W, B, w_o, b_o) in which every gradient can be seen and no two usual mistakes look alike."""
    for _ in range(10_000):
        X, W, B, w_o = (near_one(rng, *shape) for shape in ((n_in, 1), (n_in, n_hidden), (n_hidden, 1), (n_hidden, 1)))
        b_o = float(near_one(rng))
        forward = reference.mlp_forward(X, W, B, w_o, b_o)
        usable = (
            abs(X.sum()) > 0.3  # a ratio of column sums of dW is a right way to diagnose the slide
            and np.all(np.abs(forward["H"] - 0.5) > 0.03)
            and np.all(np.abs(forward["H"] - 0.5) < 0.4)
            and 0.05 < abs(forward["p"] - 0.5) < 0.35
            and (n_hidden == 1 or (w_o.min() < 0 < w_o.max()))
        )
        if usable:
            return X, W, B, w_o, b_o
    raise AssertionError("no usable network in 10,000 draws")


# Earlier answers that later ones may build on, by question: their references stand in for wrong ones. The sigmoid is
# the notebook's own; a student who writes a wrong one over it still loses nothing here.
SIGMOID: dict[str, tuple[Callable[..., Any], ...]] = {"sigmoid": (reference.sigmoid,)}
UNIT: dict[str, tuple[Callable[..., Any], ...]] = {**SIGMOID, "hidden_unit": (reference.hidden_unit,)}
FORWARD: dict[str, tuple[Callable[..., Any], ...]] = {**UNIT, "mlp_forward": (reference.mlp_forward,)}


@question("hidden_unit", upstream=SIGMOID)
class TestHiddenUnit:
    """One hidden unit: a weighted sum, then the sigmoid."""

    @points(2)
    def test_value(self, student: Student, rng: np.random.Generator) -> None:
        """sigmoid(w1 * x1 + w2 * x2 + b) for several inputs and weights"""
        # Not judged: h is above zero here and below it in what follows. The diagnosis needs both, as relu answers like
        # a step below zero and like no activation above it.
        student.call("hidden_unit", 0.6, 1.7, 1.2, 0.8, 0.35)
        for x1, x2, w1, w2, b in (
            (0.6, -1.7, 1.2, 0.8, 0.35),
            (2.0, 3.0, -0.9, 0.7, -0.4),
            (-1.9, 1.3, 1.4, -0.8, -0.83),  # h is about 0.01: too small to be rounded to four decimals
            near_one(rng, 5).tolist(),
        ):
            student.check("hidden_unit", x1, x2, w1, w2, b, expected=reference.hidden_unit(x1, x2, w1, w2, b))


def shuffled_weights(rng: np.random.Generator) -> dict[str, float]:
    """The nine named numbers in an order that means nothing: a right answer goes by the names."""
    names = [f"w{i}{j}" for i in (1, 2) for j in (1, 2, 3)] + ["b1", "b2", "b3"]
    params = {str(name): float(near_one(rng)) for name in rng.permutation(names)}
    # A small one of either kind, both negative: neither rounding to four decimals nor a lost
    # sign is right for any seed.
    return {**params, "w22": -0.0123456, "b3": -0.0234567}


def pair(answer: Any, function: str) -> tuple[Any, Any]:
    """The two things that a function of the student's returned."""
    if not isinstance(answer, (list, tuple)) or len(answer) != 2:
        raise WrongAnswer(f"{function} should return two things, as in `return a, b`.")
    return answer[0], answer[1]


@question("to_matrices")
class TestToMatrices:
    """From the nine numbers of the sum notation to W and B."""

    @points(1)
    def test_weights(self, student: Student, rng: np.random.Generator) -> None:
        """W is (2, 3) and W[i, j] holds the weight from input i to hidden unit j"""
        for _ in range(2):
            params = shuffled_weights(rng)
            W, _B = pair(student.call("to_matrices", params), "to_matrices")
            same(W, reference.to_matrices(params)[0], what="W")

    @points(1)
    def test_biases(self, student: Student, rng: np.random.Generator) -> None:
        """B is a (3, 1) column with one bias a hidden unit"""
        for _ in range(2):
            params = shuffled_weights(rng)
            # That `params` stays as it was is asked in the other part.
            _W, B = pair(student.call("to_matrices", params, mutation_allowed=True), "to_matrices")
            same(B, reference.to_matrices(params)[1], what="B")


@question("mlp_forward", upstream=UNIT)
class TestMlpForward:
    """The forward pass in matrix notation."""

    def check(self, student: Student, network: Network, *names: str) -> None:
        expected = reference.mlp_forward(*network)
        student.check("mlp_forward", *network, expected={name: expected[name] for name in names})

    @points(1)
    def test_before_activation(self, student: Student, rng: np.random.Generator) -> None:
        """Z = W^T X + B, one value a hidden unit, as an (n_hidden, 1) column"""
        for network in (LECTURE_SIZE, random_network(rng, 2, 3)):
            self.check(student, network, "Z")

    @points(1)
    def test_after_activation(self, student: Student, rng: np.random.Generator) -> None:
        """H = sigmoid(Z), the sigmoid used once, as an (n_hidden, 1) column"""
        for network in (LECTURE_SIZE, random_network(rng, 2, 3)):
            self.check(student, network, "H")

    @points(1)
    def test_output_sum(self, student: Student, rng: np.random.Generator) -> None:
        """o = b_o + the sum of w_oj * h_j, one number"""
        for network in (LECTURE_SIZE, random_network(rng, 2, 3)):
            self.check(student, network, "o")

    @points(1)
    def test_probability(self, student: Student, rng: np.random.Generator) -> None:
        """p = sigmoid(o), one number"""
        for network in (LECTURE_SIZE, random_network(rng, 2, 3)):
            self.check(student, network, "p")

    @points(1)
    def test_any_size(self, student: Student, rng: np.random.Generator) -> None:
        """all four for other numbers of inputs and hidden units"""
        # As many units as inputs too: a W that is turned only where the product fails shows nowhere else.
        for n_in, n_hidden in ((4, 2), (3, 5), (2, 1), (3, 3)):
            self.check(student, random_network(rng, n_in, n_hidden), "Z", "H", "o", "p")


@question("mlp_backward", upstream=FORWARD)
class TestMlpBackward:
    """The gradient of (y - p)^2 in every parameter: 3 points for the output layer, 5 for the hidden layer."""

    def check(self, student: Student, rng: np.random.Generator, name: str) -> None:
        for network, y in (
            (LECTURE_SIZE, 1.0),
            (random_network(rng, 2, 3), 0.0),
            (random_network(rng, 4, 2), 1.0),
            (random_network(rng, 3, 5), 0.0),
            (random_network(rng, 3, 3), 1.0),  # a dW that is turned to fit shows nowhere else
        ):
            X, *parameters = network
            expected = reference.mlp_backward(X, y, *parameters)[name]
            student.check("mlp_backward", X, y, *parameters, expected={name: expected}, what=f"y = {y:.0f}")

    @points(2)
    def test_output_weights(self, student: Student, rng: np.random.Generator) -> None:
        """output layer: dw_o, the derivative of (y - p)^2 in each output weight, (n_hidden, 1)"""
        self.check(student, rng, "dw_o")

    @points(1)
    def test_output_bias(self, student: Student, rng: np.random.Generator) -> None:
        """output layer: db_o, the derivative in the output bias, one number"""
        self.check(student, rng, "db_o")

    @points(3)
    def test_hidden_weights(self, student: Student, rng: np.random.Generator) -> None:
        """hidden layer: dW, the derivative in each weight from an input to a hidden unit, (n_in, n_hidden)"""
        self.check(student, rng, "dW")

    @points(2)
    def test_hidden_biases(self, student: Student, rng: np.random.Generator) -> None:
        """hidden layer: dB, the derivative in each hidden bias, (n_hidden, 1)"""
        self.check(student, rng, "dB")


@question("diagnose_slide")
class TestDiagnoseSlide:
    """By which factors the slide's gradient is off, read from two gradients."""

    def check(self, student: Student, rng: np.random.Generator, name: str) -> None:
        """Once with the lecture's two slips, once with other factors: to be measured, not recalled.

        Both gradients are true ones divided by one factor for the output layer and one a hidden unit, and
        have no zero in them. So weights, biases, a mean or a sum of them, or least squares all give the
        same ratio.
        """
        for n_in, n_hidden, as_in_the_lecture in ((2, 3, True), (3, 4, False)):
            X, W, B, w_o, b_o = random_network(rng, n_in, n_hidden)
            numeric = reference.mlp_backward(X, 1.0, W, B, w_o, b_o)
            output, hidden = (2.0, 2 * w_o.ravel()) if as_in_the_lecture else (3.3, 2.5 * near_one(rng, n_hidden))
            slide = {
                "dw_o": numeric["dw_o"] / output,
                "db_o": numeric["db_o"] / output,
                "dW": numeric["dW"] / hidden,
                "dB": numeric["dB"] / hidden[:, None],
            }
            expected = reference.diagnose_slide(numeric, slide)
            what = "the lecture's slips" if as_in_the_lecture else "a gradient with other slips than the lecture's"
            student.check("diagnose_slide", numeric, slide, expected={name: expected[name]}, what=what)

    @points(1)
    def test_output(self, student: Student, rng: np.random.Generator) -> None:
        """'output': numeric / slide for the output layer, one number"""
        self.check(student, rng, "output")

    @points(2)
    def test_hidden(self, student: Student, rng: np.random.Generator) -> None:
        """'hidden': numeric / slide for each hidden unit, with its sign, shape (n_hidden,)"""
        self.check(student, rng, "hidden")


# Long runs of plain Python loops are right too, if slow.
TRAINING_SECONDS = 60.0


def training_data(rng: np.random.Generator) -> tuple[Any, Any, dict[str, Any]]:
    """Five observations of three inputs and a start with four hidden units: (X, y, params)."""
    _X, W, B, w_o, b_o = random_network(rng, 3, 4)
    return near_one(rng, 5, 3), np.array([1.0, 0.0, 0.0, 1.0, 0.0]), {"W": W, "B": B, "w_o": w_o, "b_o": b_o}


@cache
def learned(n_iters: int, known: int = 0) -> dict[str, Any]:
    """The reference's parameters after so many steps on XOR, made from those after `known`; the same for everyone."""
    start = learned(known) if known else reference.XOR_START
    found: dict[str, Any] = reference.train_mlp(
        reference.XOR_X, reference.XOR_Y, start, reference.XOR_LR, n_iters - known
    )[0]
    return found


@question("train_mlp", upstream={**FORWARD, "mlp_backward": (reference.mlp_backward,)})
class TestTrainMlp:
    """Full-batch gradient descent on the sum of squared errors."""

    @points(1)
    def test_one_step(self, student: Student, rng: np.random.Generator) -> None:
        """one step: every parameter minus lr times its gradient, summed over all observations"""
        for lr in (0.3, 1.7):
            X, y, params = training_data(rng)
            answer = student.call("train_mlp", X, y, params, lr, 1, timeout=TRAINING_SECONDS, mutation_allowed=True)
            new, _history = pair(answer, "train_mlp")
            same(new, reference.train_mlp(X, y, params, lr, 1)[0], what="the parameters after one step")

    @points(1)
    def test_several_steps(self, student: Student, rng: np.random.Generator) -> None:
        """several steps, each from the parameters of the step before; your inputs come back unchanged"""
        X, y, params = training_data(rng)
        new, _history = pair(student.call("train_mlp", X, y, params, 0.6, 9, timeout=TRAINING_SECONDS), "train_mlp")
        same(new, reference.train_mlp(X, y, params, 0.6, 9)[0], what="the parameters after several steps")

    @points(1)
    def test_history(self, student: Student, rng: np.random.Generator) -> None:
        """history: the sum of squared errors of each iteration (one more for the end is welcome)"""
        X, y, params = training_data(rng)
        n_iters = 8
        answer = student.call("train_mlp", X, y, params, 0.6, n_iters, timeout=TRAINING_SECONDS, mutation_allowed=True)
        _new, history = pair(answer, "train_mlp")
        try:
            # A b_o that turned (1, 1) in the first step leaves a number, then (1, 1) arrays: numbers all the same.
            if isinstance(history, (list, tuple)) and history:
                history = np.concatenate([np.asarray(loss, dtype=float).ravel() for loss in history])
            losses = np.asarray(history, dtype=float).ravel()
        except (TypeError, ValueError, OverflowError):
            raise WrongAnswer("history should be a list or an array of numbers.") from None
        expected = np.array(reference.train_mlp(X, y, params, 0.6, n_iters + 1)[1])
        if losses.size == n_iters + 1:
            same(losses, expected, what="history")
        elif losses.size != n_iters:
            raise WrongAnswer(f"history should hold one loss an iteration; for {n_iters} it held {losses.size}.")
        # The loss after each step is a loss per iteration as good as the one before it.
        elif not np.allclose(losses, expected[1:], rtol=1e-4):
            same(losses, expected[:-1], what="history")

    @points(1)
    def test_xor(self, student: Student) -> None:
        """from the notebook's start, the network learns XOR"""
        X, y, lr = reference.XOR_X, reference.XOR_Y, reference.XOR_LR
        # The slide's gradient solves XOR as well, and so does one observation at a time. So the way there counts,
        # and only the far end is compared loosely, for float32 and for other orders of summation. XOR is learned by
        # then. Who stops when the loss is small, hardly falls, or no class is wrong, stops at the last start at once.
        for done, n_iters, rtol, what in (
            (0, 20, 1e-4, "the parameters after the first steps on XOR"),
            (0, 250, 1e-2, "the parameters after training on XOR"),
            (reference.XOR_ITERS, 40, 1e-3, "the parameters after training on when XOR is learned"),
        ):
            start = learned(done)
            new, _history = pair(
                student.call("train_mlp", X, y, start, lr, n_iters, timeout=TRAINING_SECONDS, mutation_allowed=True),
                "train_mlp",
            )
            same(new, learned(done + n_iters, done), rtol=rtol, what=what)


@question("softmax")
class TestSoftmax:
    """From logits to probabilities along the last axis."""

    @points(1)
    def test_vector(self, student: Student, rng: np.random.Generator) -> None:
        """one vector of logits, (K,); z comes back unchanged"""
        for z in (np.array([0.4, -1.2, 2.1, 0.9]), 2 * near_one(rng, 5)):
            student.check("softmax", z, expected=reference.softmax(z))

    @points(1)
    def test_rows(self, student: Student, rng: np.random.Generator) -> None:
        """one observation a row, (n, K): every row is normalised by itself"""
        for shape in ((4, 3), (2, 5), (1, 4), (3, 3)):
            z = 2 * near_one(rng, *shape)
            student.check("softmax", z, expected=reference.softmax(z), mutation_allowed=True)

    @points(1)
    def test_stable(self, student: Student) -> None:
        """right and finite for logits of 1000 and -1000, alone and in rows far apart"""
        for z, what in (
            (np.array([1000.0, 998.7, -1000.0]), "for one very large logit"),
            # The mean, the median and the first are all 1000 or more below the largest.
            (np.array([-1000.0, 1000.0, 998.7, -1000.0]), "for very large and very small logits"),
            (np.array([-1000.0, -1000.8, -999.1, -1002.0]), "when every logit is far below zero"),
            # One maximum for the whole matrix leaves 0 / 0 in the second row.
            (
                np.array([[1000.0, 999.2, 998.0], [-1000.0, -1001.5, -999.4], [0.3, -0.8, 1.1]])[:2],
                "for rows far apart",
            ),
            (np.array([[0.3, -0.8, 1.1, 0.0], [-1000.0, -999.4, -1001.0, -1000.2]]), "for rows far apart"),
        ):
            student.check("softmax", z, expected=reference.softmax(z), what=what, mutation_allowed=True)


def one_hot_and_probabilities(rng: np.random.Generator, n: int, n_classes: int) -> tuple[Any, Any]:
    """Labels and a probability row for each, no entry under 0.02, so that any usual clipping is harmless."""
    Y = np.eye(n_classes)[rng.integers(n_classes, size=n)]
    P = 0.02 + rng.dirichlet(np.ones(n_classes), size=n)
    return Y, P / P.sum(axis=1, keepdims=True)


@question("categorical_crossentropy")
class TestCategoricalCrossentropy:
    """The mean over the observations of minus the log of the true class's probability."""

    @points(2)
    def test_mean(self, student: Student, rng: np.random.Generator) -> None:
        """the mean over the observations, with its minus, in natural logarithms"""
        for n, n_classes in ((5, 3), (3, 4), (1, 5)):
            Y, P = one_hot_and_probabilities(rng, n, n_classes)
            # Y and P are checked for changes in the other part, so that clipping in place costs one part.
            expected = reference.categorical_crossentropy(Y, P)
            student.check("categorical_crossentropy", Y, P, expected=expected, mutation_allowed=True)
        # A probability of 0.0008 shows a cut at 0.001 or more (3 % of this mean). A distance of 1e-5 added inside the
        # logarithm is a sensible way to stay finite and moves it by 2e-3, hence the wider tolerance.
        Y, P = np.eye(4)[[1, 3, 0]], np.array([[0.3, 8e-4, 0.4, 0.2992], [0.1, 0.1, 0.1, 0.7], [0.8, 0.1, 0.05, 0.05]])
        expected = reference.categorical_crossentropy(Y, P)
        what = "with a small probability for a true class"
        student.check("categorical_crossentropy", Y, P, expected=expected, rtol=4e-3, what=what, mutation_allowed=True)

    @points(1)
    def test_zero_probability(self, student: Student) -> None:
        """finite and right when a wrong class has probability 0; Y and P come back unchanged"""
        P = np.array([[0.0, 0.3, 0.7, 0.0], [0.6, 0.4, 0.0, 0.0], [0.1, 0.0, 0.2, 0.7]])
        Y = np.array([[0.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
        sure = np.array([[0.0, 1.0, 0.0], [0.25, 0.75, 0.0]])
        for targets, probabilities in ((Y, P), (np.eye(3)[[1, 0]], sure)):
            expected = reference.categorical_crossentropy(targets, probabilities)
            student.check("categorical_crossentropy", targets, probabilities, expected=expected)
