"""Notebook 1, the perceptron: what counts as right, question by question.

Probes are chosen so that the usual slips show: d is never only 2 and never equals n, inputs are not 0 or 1,
weights have both signs and sizes near 1, and tables hold rows with 0 < h < 0.5. p = 0.5 is never asked. Every
number that decides is far above the default tolerances (relative 1e-4, absolute 1e-6) and far from where float32
or another order of summing would matter.

Whatever comes back may be anything: it is looked at through `same`, `part`, `flat` and `single` only, which answer
with WrongAnswer where plain NumPy would raise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.judge import Student, WrongAnswer, describe, points, question, same
from grader.ps1.examples import EXAMPLES  # noqa: F401 (the judge reads it)
from grader.ps1.misconceptions.perceptron import MISCONCEPTIONS  # noqa: F401 (the judge reads it)
from grader.ps1.reference import perceptron as reference

Array = npt.NDArray[np.float64]


def away_from_zero(rng: np.random.Generator, *shape: int) -> Array:
    """Random numbers of both signs with sizes between 0.4 and 1.8."""
    return np.asarray(rng.uniform(0.4, 1.8, shape) * rng.choice([-1.0, 1.0], shape))


def weights(rng: np.random.Generator, d: int) -> Array:
    """Random weights with sizes near 1; with two or more of them both signs occur."""
    signs = rng.permutation(np.where(np.arange(d) % 2 == 0, -1.0, 1.0))
    return np.asarray(rng.uniform(0.6, 1.4, d) * signs)


def labels(rng: np.random.Generator, n: int) -> Array:
    """n answers, 0 or 1, not equally many of each."""
    return np.asarray(rng.permutation((np.arange(n) < (n + 2) // 2).astype(float)))


def observations(rng: np.random.Generator, d: int, w: Array, b: float, targets: list[float]) -> Array:
    """X with one row a target: each row is moved along w until its weighted sum is the target."""
    X = away_from_zero(rng, len(targets), d)
    wanted = rng.permutation(np.array(targets) * rng.uniform(0.9, 1.1, len(targets)))
    return np.asarray(X + np.outer((wanted - X @ w - b) / (w @ w), w))


def part(value: Any, index: int, names: str) -> Any:
    """One of the results of a function that returns several."""
    count = names.count(",") + 1
    several = isinstance(value, (tuple, list)) or (isinstance(value, np.ndarray) and value.ndim > 0)
    if not several or len(value) != count:
        raise WrongAnswer(f"return {count} results, ({names}); this is {describe(value)}")
    return value[index]


def flat(value: Any, what: str) -> npt.NDArray[Any]:
    """A list or array of numbers as a vector: numbers, (1,) and (1, 1) arrays may stand side by side in a list."""
    try:
        if isinstance(value, (list, tuple)) and value:
            value = np.concatenate([np.asarray(item).reshape(-1) for item in value])
        array = np.asarray(value).reshape(-1)
    except ValueError:
        raise WrongAnswer(f"{what}: expected numbers, got {describe(value)}") from None
    if array.dtype.kind not in "biuf":
        raise WrongAnswer(f"{what}: expected numbers, got {describe(value)}")
    return array


def single(value: Any, what: str) -> float:
    """A single number, in whatever container of size one; it may be infinite or NaN."""
    array = flat(value, what)
    if array.size != 1:
        raise WrongAnswer(f"{what}: expected a single number, got {describe(value)}")
    return float(array[0])


# Earlier answers that later ones may build on, by question: their references stand in for wrong ones.
NEURON: dict[str, tuple[Callable[..., Any], ...]] = {
    "sigmoid": (reference.sigmoid,),
    "weighted_sum": (reference.weighted_sum,),
}
CHAIN: dict[str, tuple[Callable[..., Any], ...]] = {"chain_rule": (reference.dl_dp, reference.dp_dh, reference.dh_dw)}
TABLE: dict[str, tuple[Callable[..., Any], ...]] = {**NEURON, "perceptron_table": (reference.perceptron_table,)}
TRAINING: dict[str, tuple[Callable[..., Any], ...]] = {
    **TABLE,
    **CHAIN,
    "squared_error": (reference.squared_error, reference.mean_squared_error),
    "numerical_gradient": (reference.numerical_gradient,),
    "perceptron_gradient": (reference.perceptron_gradient,),
}


@question("sigmoid")
class TestSigmoid:
    """1 / (1 + exp(-z))."""

    @points(2)
    def test_values(self, student: Student, rng: np.random.Generator) -> None:
        """1 / (1 + exp(-z)) for vectors and matrices"""
        for z in (np.array([-3.7, 0.27, 1.9]), away_from_zero(rng, 3, 2), 2.0 * away_from_zero(rng, 5)):
            student.check("sigmoid", z, expected=reference.sigmoid(z))

    @points(1)
    def test_any_shape(self, student: Student, rng: np.random.Generator) -> None:
        """A single number and an array of three dimensions keep their shape"""
        number = float(away_from_zero(rng, 1)[0])
        student.check("sigmoid", number, expected=reference.sigmoid(number), what="of a single number")
        student.check("sigmoid", np.float64(-number), expected=reference.sigmoid(-number), what="of a single number")
        z = away_from_zero(rng, 2, 1, 3)
        student.check("sigmoid", z, expected=reference.sigmoid(z), what="of an array of three dimensions")

    @points(1)
    def test_extremes(self, student: Student, rng: np.random.Generator) -> None:
        """Right at 0, and right and finite at plus and minus 1000"""
        middle = away_from_zero(rng, 2)  # so that a step from 0 to 1 is no answer
        # Two halves, z > 0 and z < 0, leave out 0.
        # 8.5 and -12.5 show a curve that is cut off where it is not yet flat, with 1 above 5, say, and 0 below -10.
        z = np.array([-1000.0, middle[0], 0.0, 8.5, 1000.0, middle[1], -12.5])
        student.check("sigmoid", z, expected=reference.sigmoid(z), what="of an array with 0, -1000 and 1000 in it")


@question("weighted_sum")
class TestWeightedSum:
    """h = X w + b."""

    @points(1)
    def test_two_inputs(self, student: Student, rng: np.random.Generator) -> None:
        """The weighted sum of two inputs plus the bias, for every row"""
        # The bias has both signs in either part: with random ones |b| would be right in one submission of four. The
        # rows of 0.02 and -0.03 (about) show rounding to four decimals, whatever the seed.
        for n, b in ((5, -float(rng.uniform(0.4, 1.8))), (1, float(rng.uniform(0.4, 1.8)))):
            w = weights(rng, 2)
            X = np.concatenate([observations(rng, 2, w, b, [0.02, -0.03]), away_from_zero(rng, n, 2)])[:n]
            student.check("weighted_sum", X, w, b, expected=reference.weighted_sum(X, w, b), what="with two inputs")

    @points(1)
    def test_any_number_of_inputs(self, student: Student, rng: np.random.Generator) -> None:
        """Any number of inputs"""
        # As many rows as inputs too: X turned by a try that fails, or by a look at the shapes, shows nowhere else.
        for n, d, sign in ((4, 3, 1.0), (3, 1, -1.0), (2, 5, 1.0), (3, 3, -1.0)):
            X, w, b = away_from_zero(rng, n, d), weights(rng, d), sign * float(rng.uniform(0.4, 1.8))
            what = f"with {d} input{'s' if d > 1 else ''}"
            student.check("weighted_sum", X, w, b, expected=reference.weighted_sum(X, w, b), what=what)


@question("perceptron_table", upstream=NEURON)
class TestPerceptronTable:
    """The columns h, p and y_hat."""

    # 0.25 and 0.4 tell p > 0.5 from h > 0.5, and most are positive so that p > 0.5 is not p above its mean or
    # median. The random stretch leaves |h| >= 0.22, far from p = 0.5. At -4.5, p is about 0.01: too small to be
    # rounded to four decimals.
    TARGETS = (0.25, 0.4, -0.25, -0.8, 1.3, 2.0, 2.6, 4.5, -4.5)
    NAMES = "h, p, y_hat"

    def column(self, student: Student, rng: np.random.Generator, index: int, sizes: tuple[int, ...]) -> None:
        """Compare one column, for tables with the given numbers of inputs."""
        for d in sizes:
            w, b = weights(rng, d), float(away_from_zero(rng, 1)[0])
            X = observations(rng, d, w, b, list(self.TARGETS))
            expected = reference.perceptron_table(X, w, b)[index]
            got = part(student.call("perceptron_table", X, w, b), index, self.NAMES)
            same(got, expected, what=f"{self.NAMES.split(', ')[index]} of a table with {d} inputs")

    @points(1)
    def test_h(self, student: Student, rng: np.random.Generator) -> None:
        """h, the weighted sum, for any number of inputs"""
        self.column(student, rng, 0, (2, 3))

    @points(1)
    def test_p(self, student: Student, rng: np.random.Generator) -> None:
        """p, the sigmoid of h"""
        self.column(student, rng, 1, (2, 2))

    @points(2)
    def test_y_hat(self, student: Student, rng: np.random.Generator) -> None:
        """y_hat, 1 where p is above 0.5 and 0 elsewhere"""
        self.column(student, rng, 2, (2, 2))


@question("slide_errors")
class TestSlideErrors:
    """The wrong entries of the lecture's completed table."""

    def pairs(self, student: Student) -> set[tuple[int, str]]:
        """The student's pairs; a list of pairs is a set for us."""
        answer = student.value("slide_errors")
        if isinstance(answer, np.ndarray):
            answer = answer.tolist()
        if not isinstance(answer, (set, list, tuple)):
            raise WrongAnswer("`slide_errors` should be a set of (row, column) pairs")
        # The table has 12 entries. Thousands of pairs with one hash would keep a set of ours busy for hours.
        if len(answer) > 100:
            raise WrongAnswer("`slide_errors` names far more entries than the table has")
        try:
            return {(int(row), str(column)) for row, column in answer}
        except (TypeError, ValueError, OverflowError):
            raise WrongAnswer("`slide_errors` should hold pairs such as (4, 'h'): a row and a column") from None

    @points(1)
    def test_found(self, student: Student) -> None:
        """Every wrong entry is named"""
        pairs = self.pairs(student)
        # Naming half the table is no finding: at most two entries beside the two, such as the classes that are not y.
        if not (reference.slide_errors <= pairs and len(pairs) <= len(reference.slide_errors) + 2):
            raise WrongAnswer("not every wrong entry is named, or far too many are")

    @points(1)
    def test_nothing_else(self, student: Student) -> None:
        """Only wrong entries are named"""
        pairs = self.pairs(student)
        if not pairs:
            raise WrongAnswer("no entry is named")
        if not pairs <= reference.slide_errors:
            raise WrongAnswer("an entry is named that the slide has right")


@question("squared_error")
class TestSquaredError:
    """(y - p)**2 and its mean."""

    @points(1)
    def test_each(self, student: Student, rng: np.random.Generator) -> None:
        """(y - p)**2, one number for each observation"""
        for n in (5, 3):
            y, p = labels(rng, n), rng.uniform(0.1, 0.9, n)
            student.check("squared_error", y, p, expected=reference.squared_error(y, p))

    @points(1)
    def test_mean(self, student: Student, rng: np.random.Generator) -> None:
        """The mean of the squared errors, a single number"""
        for n in (7, 3):  # neither 4, the lecture's rows, nor one more
            y, p = labels(rng, n), rng.uniform(0.1, 0.9, n)
            student.check("mean_squared_error", y, p, expected=reference.mean_squared_error(y, p))


@question("binary_cross_entropy")
class TestBinaryCrossEntropy:
    """The mean of -y log p - (1 - y) log(1 - p)."""

    @points(2)
    def test_values(self, student: Student, rng: np.random.Generator) -> None:
        """The mean of -y log(p) - (1 - y) log(1 - p), with the natural logarithm"""
        for n in (5, 3):
            y, p = labels(rng, n), rng.uniform(0.1, 0.9, n)
            student.check("binary_cross_entropy", y, p, expected=reference.binary_cross_entropy(y, p))
        # Probabilities of 0.004 show a cut at 0.01. A distance of 1e-5 added inside the logarithm is a sensible way
        # to stay finite and moves this mean by 4e-4 of its value, hence the wider tolerance.
        y, p = np.array([1.0, 0.0, 0.0, 1.0, 1.0]), np.array([0.004, 0.996, 0.3, 0.7, 0.9])
        expected = reference.binary_cross_entropy(y, p)
        student.check("binary_cross_entropy", y, p, expected=expected, rtol=1e-3, what="with p near 0 and 1")

    @points(1)
    def test_sure(self, student: Student, rng: np.random.Generator) -> None:
        """Finite, and still right, when p is exactly 0 or 1"""
        between = rng.uniform(0.2, 0.8, 2)
        # 0 alone comes first, so that the diagnosis can tell a guard at 0 only from none.
        for sure in ([0.0], [1.0, 0.0]):
            y, p = np.array([*sure, 0.0, 1.0]), np.array([*sure, *between])
            expected = reference.binary_cross_entropy(y, p)
            # Any distance up to 1e-4 from 0 and 1 is a sensible choice, and costs a sure and right answer as much.
            what = "with p exactly 0 or 1, and right"
            student.check("binary_cross_entropy", y, p, expected=expected, atol=2e-4, what=what)
        for truth in (1.0, 0.0):
            wrong = student.call("binary_cross_entropy", np.append(y, truth), np.append(p, 1.0 - truth))
            what = f"`binary_cross_entropy` with p exactly {1 - truth:g} where y is {truth:g}"
            mean = single(wrong, what)
            if not np.isfinite(mean):
                raise WrongAnswer(f"{what}: the answer is not a finite number")
            # The sure mistake alone costs -log(distance): 9.2 at 1e-4, 708 at the smallest float.
            if mean * 5 - expected * 4 < 9.0:
                raise WrongAnswer(f"{what}: a sure mistake must cost much; stay closer to 0 and 1")
        # The largest float in place of infinity is finite once: two of them add up to infinity.
        y, p = np.append(y, [1.0, 1.0, 0.0, 0.0]), np.append(p, [0.0, 0.0, 1.0, 1.0])
        what = "`binary_cross_entropy` with several p of exactly 0 and 1 on the wrong side"
        if not np.isfinite(single(student.call("binary_cross_entropy", y, p), what)):
            raise WrongAnswer(f"{what}: the answer is not a finite number")


@question("chain_rule")
class TestChainRule:
    """The three links of the chain for l = (y - p)**2."""

    @points(1)
    def test_dl_dp(self, student: Student, rng: np.random.Generator) -> None:
        """dl/dp, the derivative of (y - p)**2 by p"""
        # y = 0 first: there a lost sign of the error does not show, and a turned one does.
        for y in (0.0, 1.0):
            # Near y the derivative is about 0.02: too small to be rounded to four decimals.
            for p in (abs(y - 0.012341), *rng.uniform([0.1, 0.6], [0.4, 0.9]).tolist()):
                student.check("dl_dp", y, p, expected=reference.dl_dp(y, p), what=f"for an observation with y = {y:g}")

    @points(1)
    def test_dp_dh(self, student: Student, rng: np.random.Generator) -> None:
        """dp/dh, the slope of the sigmoid, written with p"""
        for p in (0.01234, 0.13, *rng.uniform([0.2, 0.6], [0.4, 0.95]).tolist()):
            student.check("dp_dh", p, expected=reference.dp_dh(p))

    @points(1)
    def test_dh_dw(self, student: Student, rng: np.random.Generator) -> None:
        """dh/dw, for one observation of any length"""
        # Both signs, and not in order: neither |x| nor a sorted x is right for any seed.
        for signs in ((1.0, -1.0), (0.5, -1.0, 0.012345)):
            x = rng.uniform(0.8, 1.2, len(signs)) * signs
            student.check("dh_dw", x, expected=reference.dh_dw(x))


@question("perceptron_gradient", upstream={**TABLE, **CHAIN})
class TestPerceptronGradient:
    """The gradient of (y - p)**2 for one observation."""

    def entry(self, student: Student, rng: np.random.Generator, key: str, sizes: tuple[int, ...]) -> None:
        """Compare one entry of the dict, for observations of the given lengths and both answers."""
        for d in sizes:
            for y in (0.0, 1.0):
                x, w = away_from_zero(rng, d), weights(rng, d)
                # |h| between 0.3 and 1.2 keeps p(1 - p) large: no slip hides under the absolute tolerance.
                b = float(rng.uniform(0.3, 1.2) * rng.choice([-1.0, 1.0]) - w @ x)
                expected = reference.perceptron_gradient(x, y, w, b)[key]
                got = student.call("perceptron_gradient", x, y, w, b)
                what = f"for an observation of {d} inputs with y = {y:g}"
                same(got, {key: expected}, what=f"`perceptron_gradient` {what}")

    @points(3)
    def test_dw(self, student: Student, rng: np.random.Generator) -> None:
        """dw, for any number of inputs"""
        self.entry(student, rng, "dw", (2, 3))

    @points(1)
    def test_db(self, student: Student, rng: np.random.Generator) -> None:
        """db, the derivative by the bias"""
        self.entry(student, rng, "db", (2, 2))


# Functions to differentiate. Each is steep around its centre: the second derivative is 2000 there and the first
# one below 10, so that with eps = 1e-5 a one-sided difference is off by 1e-2. Rounding (|f| < 30, so about
# 30 * 2e-16 / 1e-5) and the central difference's own error (cubes: 0.2 eps**2) stay under 1e-8. The cubes make eps
# show when it is large; the products of neighbours show an entry that was not put back.
PROBES = '''
import numpy as np

def probe(centre):
    """A scalar function of arrays with the shape of centre, and of nothing else."""
    centre = np.array(centre)
    slopes = np.linspace(0.7, 1.9, centre.size).reshape(centre.shape)

    def f(theta):
        if np.shape(theta) != centre.shape:
            raise ValueError("f was called with another shape than theta's")
        theta = np.asarray(theta)
        away = theta - centre
        chained = np.sum(np.ravel(away)[1:] * np.ravel(away)[:-1])
        return np.sum(slopes * theta + 0.2 * theta ** 3 + 1000.0 * away ** 2) + 500.0 * chained

    return f

steep_vector = probe([0.8, -1.3, 2.1])
steep_table = probe([[1.1, -0.6, 0.4], [-1.7, 0.9, 1.4]])
steep_block = probe([[[0.9, -1.2]], [[1.6, 0.5]]])
steep_at_integers = probe([2.0004, -0.9996, 3.0004, 1.0004])
'''
CENTRES = {
    "steep_vector": np.array([0.8, -1.3, 2.1]),
    "steep_table": np.array([[1.1, -0.6, 0.4], [-1.7, 0.9, 1.4]]),
    "steep_block": np.array([[[0.9, -1.2]], [[1.6, 0.5]]]),
}


def our_probe(name: str) -> Callable[[Array], float]:
    """The same function on our side."""
    namespace: dict[str, Any] = {}
    exec(PROBES, namespace)
    function: Callable[[Array], float] = namespace[name]
    return function


@question("numerical_gradient")
class TestNumericalGradient:
    """The central difference of a scalar function."""

    def gradient(self, student: Student, name: str, theta: Any, what: str, *eps: float) -> None:
        """Compare the gradient of one probe at theta, with the default eps or another."""
        f = student.define(PROBES, name)
        expected = reference.numerical_gradient(our_probe(name), theta, *eps)
        student.check("numerical_gradient", f, theta, *eps, expected=expected, what=what)

    def near(self, rng: np.random.Generator, name: str) -> Array:
        """A point so close to the probe's centre that its slope is small there."""
        return np.asarray(CENTRES[name] + rng.uniform(-4e-4, 4e-4, CENTRES[name].shape))

    @points(1)
    def test_central(self, student: Student, rng: np.random.Generator) -> None:
        """The central difference, with the eps that is handed over"""
        self.gradient(student, "steep_vector", self.near(rng, "steep_vector"), "with the usual eps")
        for eps in (0.5, float(rng.uniform(0.8, 1.2))):
            # 0.2 eps**2 is what eps adds to each entry: at least 0.05, beside entries of at most 6.
            self.gradient(student, "steep_vector", self.near(rng, "steep_vector"), "with a large eps", eps)

    @points(1)
    def test_any_shape(self, student: Student, rng: np.random.Generator) -> None:
        """theta of two and three dimensions: the gradient has its shape"""
        self.gradient(student, "steep_table", self.near(rng, "steep_table"), "for a theta of two dimensions")
        self.gradient(student, "steep_block", self.near(rng, "steep_block"), "for a theta of three dimensions")

    @points(1)
    def test_integers(self, student: Student) -> None:
        """theta of integers: computed in floats all the same"""
        self.gradient(student, "steep_at_integers", np.array([2, -1, 3, 1]), "for a theta of integers")


@question("train_perceptron", upstream=TRAINING)
class TestTrainPerceptron:
    """Full-batch gradient descent on the sum of squared errors."""

    NAMES = "w, b, history"

    def start(self, rng: np.random.Generator, n: int, d: int) -> tuple[Array, Array, Array, float, float]:
        """X, y, w0, b0 and a learning rate well away from 1."""
        w0 = weights(rng, d)
        b0 = float(rng.uniform(0.3, 0.9) * rng.choice([-1.0, 1.0]))
        targets = [0.3, -0.4, 1.1, -1.0, 0.7, -0.6, 1.5, -1.4][:n]
        return observations(rng, d, w0, b0, targets), labels(rng, n), w0, b0, float(rng.uniform(0.25, 0.45))

    def trained(self, student: Student, rng: np.random.Generator, n: int, d: int, n_iters: int, what: str) -> None:
        """Compare w and b after n_iters updates."""
        self.compare(student, self.start(rng, n, d), n_iters, what)

    def compare(self, student: Student, start: tuple[Any, ...], n_iters: int, what: str) -> None:
        """The same from a start of one's own: X, y, w0, b0 and lr."""
        X, y, w0, b0, lr = start
        w, b, _ = reference.train_perceptron(X, y, w0, b0, lr, n_iters)
        got = student.call("train_perceptron", X, y, w0, b0, lr, n_iters)
        same(part(got, 0, self.NAMES), w, what=f"w after {what}")
        same(part(got, 1, self.NAMES), b, what=f"b after {what}")

    @points(2)
    def test_one_step(self, student: Student, rng: np.random.Generator) -> None:
        """w and b after one step on the sum over all observations"""
        self.trained(student, rng, 7, 2, 1, "one iteration")
        self.trained(student, rng, 5, 3, 1, "one iteration with three inputs")
        # Eighty rows, each with the other class: a gradient so large that one who cuts it at 1 or 5 is seen.
        X, w0 = away_from_zero(rng, 80, 2), weights(rng, 2)
        y = (X @ w0 + 0.3 < 0).astype(float)
        self.compare(student, (X, y, w0, 0.3, 0.35), 1, "one iteration on a long table")

    @points(2)
    def test_many_steps(self, student: Student, rng: np.random.Generator) -> None:
        """w and b after many steps"""
        self.trained(student, rng, 6, 3, 4, "a few iterations")
        self.trained(student, rng, 8, 2, 25, "many iterations")
        # Almost learned from the start: who stops once the loss is small, hardly falls, or no class is wrong, stops
        # here. w still moves by half a hundredth of its size, fifty times the tolerance.
        w0 = weights(rng, 2)
        b0 = float(rng.uniform(0.3, 0.9) * rng.choice([-1.0, 1.0]))
        X = observations(rng, 2, w0, b0, [6.0, -6.4, 6.2, -6.0, 6.4, -6.2])
        y = (X @ w0 + b0 > 0).astype(float)
        self.compare(student, (X, y, w0, b0, 0.9), 80, "many iterations from a good start")

    @points(1)
    def test_history(self, student: Student, rng: np.random.Generator) -> None:
        """history, the sum of squared errors of each iteration"""
        X, y, w0, b0, lr = self.start(rng, 6, 3)
        losses = np.array(reference.train_perceptron(X, y, w0, b0, lr, 8)[2])
        what = "history after 8 iterations"
        history = flat(part(student.call("train_perceptron", X, y, w0, b0, lr, 8), 2, self.NAMES), what)
        if history.size == 9:
            same(history, losses, what=what)
        elif history.size != 8:
            raise WrongAnswer(f"{what}: there should be 8 losses, one an iteration, or 9 with the start")
        else:
            try:  # the loss after each update...
                same(history, losses[1:], what=what)
            except WrongAnswer:  # ...or before it, as the task has it, so that this is what the message tells
                same(history, losses[:-1], what=what)
