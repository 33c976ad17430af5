"""A gradient check for a training function that hands back its predictions and nothing else.

A student's `numpy_train` returns a function from X to probabilities; the weights stay hidden. Yet one small
step tells what the gradient was. Train on one observation (x_a, class c) with a small learning rate and see
how the logits at x_b answer:

    d logits(x_b) / d lr  =  K(x_b, x_a) (e_c - p(x_a)),        K(x_b, x_a) = J(x_b) J(x_a)^T,

where J is the derivative of the logits by all weights and K the network's tangent kernel. Probabilities give
the logits up to a common shift, so all of this is read with the mean over the classes taken off. Trying every
class c gives K whole. With h the hidden layer's output, W2 (h, k) the output weights and D the diagonal of
slopes,

    K(x_b, x_a)  =  (1 + h_b . h_a) I  +  (1 + x_b . x_a) W2^T D_b D_a W2,
                     b2     W2             b1      W1

where the names below are the gradients that make each term. Hence laws that hold whatever the starting
weights and the activation are, and that the usual wrong gradients break:

- K is symmetric, K(x_b, x_a) = K(x_a, x_b)^T, and positive semi-definite, because it is J J^T;
- with one hidden unit, the direction in which that unit cannot move the logits shows 1 + h_b . h_a by itself:
  it comes down to 1 where the unit is silent and grows where the unit is active;
- where x_b . x_a = -1 the second term vanishes, but only if W1 and b1 both take their step;
- the answer to class c is linear in e_c - p, so that the answers weighted with p cancel.

What no such check can see: an error of second order in lr (W2 updated before the hidden error is computed
with it) and a fixed factor on the whole of one layer's step (a learning rate for each layer).

This module knows nothing of students or of the judge: it takes a function and returns what is wrong, in
words.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Labels = NDArray[np.int64]

# (X (n, d), Ys (r, n, k), probes (m, d), hidden, epochs, batch_size, lr, seed) -> (r, m, k): the
# probabilities at the probes after r separate trainings on X, one for each of the one-hot Ys.
Outputs = Callable[[Array, Array, Array, int, int, int, float, int], Array]

# The most that a step may move a logit, and the least: under it float32's noise (1e-7) would be too much.
STEP, LEAST_STEP = 0.01, 1e-4
# What is left of nonlinearity, as a share of the answer: twice the step must move every probe's logits twice
# as far, and the answers weighted with p must cancel. The limits on K below are three times this or more.
BENT = 0.003
# Logits further apart than this are not used: e-20 is still exact, and a student may clip probabilities at
# 1e-12.
WIDEST = 20.0
# A relu that switches within a step spoils one measurement in twenty; then other inputs are drawn.
TRIES = 4
# Inputs that leave the hidden units mostly to their biases, and a relu's switch still far from a step's reach.
BIAS_SCALE = 0.3

DEAF = (
    "Training on one observation for one epoch left every prediction as it was. "
    "Update all four of W1, b1, W2 and b2 for every batch; the gradient of the output biases is P - Y "
    "averaged over the batch, class by class."
)
RESTLESS = (
    "The network changes by as much however small lr is. Use lr in the update: w - lr * gradient. With lr = "
    "0 training leaves the starting weights as they are, and the same seed gives the same starting weights."
)
NOT_PROPORTIONAL = (
    "After a step on one observation the predictions do not move in proportion to P - Y. That is the "
    "gradient of the cross-entropy at the output. The step is lr times the gradient, with nothing added, cut "
    "off or rescaled."
)
NOT_FINITE = "With lr = 0 the returned function must give finite probabilities, not NaN or infinity."
CERTAIN = (
    "With lr = 0 the network is certain of one class even for inputs near 0. Before any step it must answer with its "
    "small random starting weights, whatever X and Y are."
)
SAME_EVERYWHERE = (
    "Before training, the network gives the same answer for every input. "
    "Start both W1 and W2 from small random numbers: from zeros the hidden units cannot learn."
)
HIDDEN_UNUSED = "A network with hidden=1 must have one hidden unit: use the argument `hidden`."
HIDDEN_FROZEN = (
    "The hidden layer does not learn: after a step, only the output layer has changed. "
    "Update W1 and b1 too, and start both W1 and W2 from small random numbers."
)


class Unreadable(Exception):
    """The network's answers cannot be read; the message says why, for the student."""


def centring(k: int) -> Array:
    """The (k, k) matrix that takes the mean off."""
    return np.eye(k) - 1.0 / k


def centred_logits(P: Array) -> Array:
    """Log-probabilities (..., k) with the mean over the classes taken off."""
    return np.asarray(np.log(np.maximum(P, 1e-300)) @ centring(P.shape[-1]))


def largest(a: Array) -> float:
    """The size of an array: its largest absolute entry."""
    return float(np.abs(a).max())


def by_probe(moves: Array) -> Array:
    """The size (m,) at each probe of an array (m, ...)."""
    return np.asarray(np.abs(moves).reshape(len(moves), -1).max(axis=1))


def apart_from_identity(T: Array) -> tuple[float, Array]:
    """Split T (k, k) into kappa * centring + rest, and return kappa and the rest."""
    kappa = float(np.trace(T)) / (len(T) - 1)
    return kappa, T - kappa * centring(len(T))


@dataclass(frozen=True)
class Network:
    """One network as seen from outside: how its logits stand, and how they answer to training."""

    outputs: Outputs
    n_classes: int
    hidden: int
    seed: int

    def logits(self, X: Array, labels: Labels, probes: Array, lr: float, epochs: int = 1, batch_size: int = 1) -> Array:
        """Centred logits (r, m, k) at the probes after training on X (n, d) with each row of labels (r, n)."""
        Ys = np.eye(self.n_classes)[labels]
        return centred_logits(self.outputs(X, Ys, probes, self.hidden, epochs, batch_size, lr, self.seed))

    def start(self, probes: Array) -> Array:
        """Centred logits (m, k) of the untrained network: a learning rate of 0 changes nothing."""
        start = np.asarray(self.logits(probes[:1], np.array([[0]]), probes, lr=0.0)[0])
        if not np.isfinite(start).all():
            raise Unreadable(NOT_FINITE)
        return start

    def answers(self, x: Array, probes: Array) -> Array:
        """(m, k, k): d logits / d lr at each probe (first) when trained on x (d,) with each class (last)."""
        at = np.concatenate([probes, x[None]])  # x itself last, for p(x)
        start, lr = self.start(at), 2 * STEP
        p = np.exp(start[-1]) / np.exp(start[-1]).sum()
        while lr > 1e-13:
            once = self._moves(x, at, start, lr)
            if not largest(once) <= STEP:  # `not <=`, because a step far too large may end in NaN
                lr *= max(0.7 * STEP / largest(once), 1 / 16) if np.isfinite(once).all() else 1 / 16
                continue
            if largest(once) < 1e-6:
                raise Unreadable(DEAF)
            twice = self._moves(x, at, start, 2 * lr)
            bend = np.maximum(by_probe(twice - 2 * once), by_probe(twice @ p))
            if (bend <= BENT * by_probe(twice)).all():
                return np.asarray((4 * once - twice)[:-1] / (2 * lr))  # one-sided, with an error of order lr ** 2
            if largest(once) < LEAST_STEP:
                raise Unreadable(NOT_PROPORTIONAL)
            lr /= 4
        raise Unreadable(RESTLESS)

    def _moves(self, x: Array, probes: Array, start: Array, lr: float) -> Array:
        """(m, k, k): how far the logits are from the start after one step on x with each class (last)."""
        moved = self.logits(x[None], np.arange(self.n_classes)[:, None], probes, lr)
        return np.moveaxis(moved - start, 0, -1)

    def kernel(self, x: Array, probes: Array) -> Array:
        """(m, k, k): K(probe, x), the mean over the classes taken off its rows and columns."""
        return np.asarray(self.answers(x, probes) @ centring(self.n_classes))


def first_readable(measure: Callable[[], str | None]) -> str | None:
    """What a measurement finds, drawn anew where it could not be read; the reason where it never can be."""
    for _ in range(TRIES):
        try:
            return measure()
        except Unreadable as error:
            reason = str(error)
    return reason


def output_layer_fault(outputs: Outputs, rng: np.random.Generator) -> str | None:
    """What is wrong with the steps of W2 and b2, or None."""
    return first_readable(lambda: _output_fault(outputs, rng))


def hidden_layer_fault(outputs: Outputs, rng: np.random.Generator) -> str | None:
    """What is wrong with the steps of W1 and b1, or None; two networks, because one may hide a fault by chance."""
    for measure in (_kernel_fault, _bias_fault) * 2:
        fault = first_readable(lambda measure=measure: measure(outputs, rng))  # type: ignore[misc]
        if fault:
            return fault
    return None


def _output_fault(outputs: Outputs, rng: np.random.Generator) -> str | None:
    """The part of K that one hidden unit cannot reach, at its least and at its most."""
    shares = np.concatenate([_output_shares(outputs, rng) for _ in range(2)])
    # The least is 1 for the true gradient. 1.5 leaves room for an activation that is never quite silent.
    if not 0.9 < shares.min() < 1.5:
        if shares.min() < 0:
            return "A step moves the predictions away from the label: mind the sign. The error at the output is P - Y."
        return (
            "The step of the output layer has the wrong size. For cross-entropy after softmax the error at "
            "the output is P - Y with no further factor (p(1 - p) and 2 belong to the squared error), "
            "averaged over the batch."
        )
    if shares.max() < 1.2:  # with an active unit it grows without limit
        return "The output weights W2 do not learn: their gradient is H^T (P - Y), averaged over the batch."
    return None


def _output_shares(outputs: Outputs, rng: np.random.Generator) -> Array:
    """1 + h . h at four inputs on a line, two on each side of 0."""
    net = Network(outputs, n_classes=3, hidden=1, seed=int(rng.integers(1, 10_000)))
    line = _line(rng)
    ends, seen = [], []
    for side in (line, -line):
        logits = net.start(side)
        readable = np.ptp(logits, axis=1) < WIDEST
        if not readable.any():
            raise Unreadable(CERTAIN)
        ends += list(side[readable][[0, -1]])
        seen += list(logits[readable])
    axis = _axis_of_one_unit(np.array(seen))
    out_of_reach = np.cross(axis, np.ones(3) / np.sqrt(3))
    return np.array([out_of_reach @ net.kernel(x, x[None])[0] @ out_of_reach for x in ends])


def _line(rng: np.random.Generator) -> Array:
    """Inputs (5, 2) in one direction, from near 0 to far out."""
    direction = rng.normal(size=2)
    return np.outer([0.1, 1, 3, 16, 256], 2 * direction / np.linalg.norm(direction))


def _axis_of_one_unit(logits: Array) -> Array:
    """The direction in which the logits (m, 3) of a network with one hidden unit differ."""
    _, spread, axes = np.linalg.svd(logits - logits.mean(axis=0))
    if spread[0] < 1e-6:
        raise Unreadable(SAME_EVERYWHERE)
    if spread[1] > 0.02 * spread[0]:  # one unit moves the logits along one line
        raise Unreadable(HIDDEN_UNUSED)
    return np.asarray(axes[0])


def _kernel_fault(outputs: Outputs, rng: np.random.Generator) -> str | None:
    """Symmetry and positive semi-definiteness of K over three inputs, where the hidden layer's part is large."""
    net = Network(outputs, n_classes=4, hidden=12, seed=int(rng.integers(1, 10_000)))
    X = _sized_for_hidden_layer(net, rng.normal(size=(3, 10)))
    T = np.stack([net.kernel(x, X) for x in X], axis=2)  # (probe, class, trained on, class)
    gram = T.reshape(T.shape[0] * T.shape[1], -1)
    levels = np.linalg.eigvalsh((gram + gram.T) / 2)
    if levels[0] < -0.02 * largest(levels):
        return (
            "A step on one observation can raise its own loss: the hidden layer's step has the wrong sign or "
            "slope. The error goes back as ((P - Y) W2^T) times the slope of the activation at Z (for relu: "
            "1 where Z > 0)."
        )
    if largest(gram - gram.T) > 0.01 * largest(gram):
        return (
            "The hidden layer's step is not the gradient of the loss. The error goes back through W2, "
            "transposed, and then through the slope of the activation at Z (for relu: 1 where Z > 0, else 0)."
        )
    return None


def _sized_for_hidden_layer(net: Network, X: Array) -> Array:
    """X scaled so that W1's part of K is a fair share; with small starting weights it takes large inputs."""
    best_share, best_scale = 0.0, 0.0
    for scale in 4.0 ** np.arange(-1, 6):
        x = scale * X[0]
        if np.ptp(net.start(x[None])) > WIDEST:
            break
        kappa, rest = apart_from_identity(net.kernel(x, x[None])[0])
        share = largest(rest) / max(abs(kappa), 1e-12)
        if share > best_share:
            best_share, best_scale = share, scale
        if share > 0.1:
            break
    if best_share < 0.01:
        raise Unreadable(HIDDEN_FROZEN)
    return np.asarray(best_scale * X)


def _bias_fault(outputs: Outputs, rng: np.random.Generator) -> str | None:
    """Where x_b . x_a = -1 the parts of W1 and b1 cancel. Many units, so that the part is seen at all."""
    net = Network(outputs, n_classes=3, hidden=400, seed=int(rng.integers(1, 10_000)))
    a, c = rng.normal(size=(2, 400))
    a *= np.sqrt(2) / np.linalg.norm(a)
    c -= a * (a @ c) / 2
    c = c * np.sqrt(1.5) / np.linalg.norm(c) - a / 2  # a . c = -1, both of squared length 2
    at_a, at_c = net.kernel(a, np.stack([a, c]))
    kappa, rest = apart_from_identity(at_a)
    _, left = apart_from_identity(at_c)
    # Without b1 a third to a half of the rest is left. The second limit is ten times the noise of float32
    # answers.
    if largest(left) > 0.1 * largest(rest) and largest(left) > 2e-4 * abs(kappa):
        return (
            "The steps of W1 and b1 do not fit together. With E the error at the hidden layer, the gradient "
            "of W1 is X^T E and that of b1 the sum of E over the batch, unit by unit."
        )
    return None


def argument_fault(outputs: Outputs, rng: np.random.Generator) -> str | None:
    """Which argument is not used as it should be, or None."""
    return first_readable(lambda: _seed_fault(outputs, rng) or _hidden_fault(outputs, rng)) or first_readable(
        lambda: _batch_fault(outputs, rng)
    )


def _seed_fault(outputs: Outputs, rng: np.random.Generator) -> str | None:
    """Everything random comes from `seed`: the starting weights and the order of the observations."""
    X, probes = rng.normal(size=(6, 5)), 4 * rng.normal(size=(6, 5))
    labels = np.array([[0, 1, 2, 0, 1, 2]])
    seed = int(rng.integers(1, 10_000))
    net, other = (Network(outputs, n_classes=3, hidden=8, seed=s) for s in (seed, seed + 1))
    once, again = (net.logits(X, labels, probes, lr=0.3, epochs=3, batch_size=2) for _ in range(2))
    if not np.allclose(once, again, rtol=1e-4, atol=1e-4):
        return (
            "Training twice with the same seed gives different networks. Make one random generator from "
            "`seed` and draw everything from it: the starting weights and the order of the observations."
        )
    start = net.start(probes)
    if largest(start - start.mean(axis=0)) < 1e-6:
        return SAME_EVERYWHERE
    if largest(start - other.start(probes)) < 1e-3 * largest(start):
        return "Different seeds give the same starting network: draw the starting weights with `seed`."
    return None


def _hidden_fault(outputs: Outputs, rng: np.random.Generator) -> str | None:
    """One hidden unit moves the logits along a line, many do not."""
    line = _line(rng)
    seed = int(rng.integers(1, 10_000))
    for hidden in (1, 30):
        net = Network(outputs, n_classes=3, hidden=hidden, seed=seed)
        # Two directions, or else a relu network of any size would be a line on each side of 0.
        logits = net.start(np.concatenate([line, -line, line[:, ::-1] * [1, -1]]))
        logits = logits[np.ptp(logits, axis=1) < WIDEST]
        try:
            _axis_of_one_unit(logits)
        except Unreadable:
            if hidden == 1:
                raise
            return None
    return "The network has one hidden unit whatever `hidden` says: use the argument."


def _batch_fault(outputs: Outputs, rng: np.random.Generator) -> str | None:
    """To first order in lr a training moves the logits by lr * epochs / batch_size times the sum over the data."""
    net = Network(outputs, n_classes=3, hidden=12, seed=int(rng.integers(1, 10_000)))
    X, labels = rng.normal(size=(7, 10)), np.array([0, 1, 2, 1])
    sized = X
    with suppress(Unreadable):  # a hidden layer that does not learn is found elsewhere
        sized = _sized_for_hidden_layer(net, X)
    # Large inputs show what becomes of the weights; in small ones the biases have the larger share.
    return _updates_fault(net, sized, labels) or _mean_fault(_Moves(net, BIAS_SCALE * X, labels))


class _Moves:
    """How trainings on four observations together move the logits, compared with trainings on each alone."""

    def __init__(self, net: Network, X: Array, labels: Labels) -> None:
        self.net, self.labels = net, labels
        self.X, self.probes = X[:4], X[4:]
        self.alone = sum(net.answers(x, self.probes)[..., c] for x, c in zip(self.X, labels, strict=True))
        self.start, self.lr = net.start(self.probes), STEP / (16 * largest(np.asarray(self.alone)))

    def compared(self, epochs: int, batch_size: int) -> tuple[float, float]:
        """The move as a multiple of the sum of the single ones, and what is left, as a share of the move."""
        moved = self.net.logits(self.X, self.labels[None], self.probes, self.lr, epochs, batch_size)[0] - self.start
        factor = float(np.sum(moved * self.alone) / np.sum(self.alone * self.alone))
        return factor / self.lr, largest(moved - factor * self.alone) / max(largest(moved), 1e-12)


def _mean_fault(moves: _Moves) -> str | None:
    whole, left = moves.compared(epochs=1, batch_size=4)
    if 0.24 < whole < 0.26 and left < 0.05:
        return None
    if 0.95 < whole < 1.05 and left < 0.05:
        return (
            "A batch of four observations moves the network by the sum of what the four do alone, not by the mean: "
            "make one step for a batch, and divide by its size once, in all four gradients."
        )
    return (
        "A batch of four observations must move the network by the mean of what the four do alone: "
        "divide the sums over the batch by its size, once, in all four gradients. "
        "With batch_size = len(X) an epoch is one update."
    )


def _updates_fault(net: Network, X: Array, labels: Labels) -> str | None:
    moves = _Moves(net, X, labels)
    if fault := _mean_fault(moves):
        return fault
    if not 0.45 < moves.compared(epochs=2, batch_size=4)[0] < 0.55:
        return "Two epochs must make about twice the updates of one: use `epochs`."
    # A batch that is not full, as the last one often is: it counts, and its own size divides it.
    if not 0.24 < moves.compared(epochs=1, batch_size=6)[0] < 0.26:
        return (
            "With batch_size=6, four observations make one update, by the mean over these four: the last batch may "
            "be shorter, counts like any other and is divided by its own size."
        )
    for batch_size in (2, 1):
        if not 0.9 < moves.compared(1, batch_size)[0] * batch_size < 1.1:
            return f"With batch_size={batch_size}, four observations make {4 // batch_size} updates an epoch."
    return None
