"""What is right in notebook 3: Keras on the digits.

Models are judged by what they compute, never by how they are written: the judge sends weights and data into
the jail, reads predictions, losses and metrics, and does the same arithmetic in NumPy.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from grader.judge import Handle, Student, WrongAnswer, describe, points, question, same
from grader.ps1 import recognise
from grader.ps1.examples import EXAMPLES  # noqa: F401 (the judge reads it)
from grader.ps1.misconceptions.keras_mnist import MISCONCEPTIONS  # noqa: F401 (the judge reads it)
from grader.ps1.reference import keras_mnist as reference
from grader.ps1.spelling import NONE, activation_names, loss_names

Array = NDArray[Any]

PROBE = (Path(__file__).parents[1] / "probes" / "keras_probe.py").read_text(encoding="utf-8")
N_IN, N_HIDDEN, N_OUT = 784, 512, 10

# Earlier answers that later ones may build on, by question: their references stand in for wrong ones. The judge hands
# every function right data and models of its own, so only an answer that calls an earlier one itself needs them.
DATA: dict[str, tuple[Callable[..., Any], ...]] = {
    "preprocess_images": (reference.preprocess_images,),
    "one_hot": (reference.one_hot,),
}
MODEL: dict[str, tuple[Callable[..., Any], ...]] = {"build_model": (reference.build_model,)}


def ask(student: Student, name: str, *args: Any) -> dict[str, Any]:
    """Run one of the probe's functions in the jail; its answer is a dict, with 'error' when it failed."""
    answer = student.call(student.define(PROBE, name, once=True), *args, mutation_allowed=True)
    if not isinstance(answer, dict):
        raise WrongAnswer("the model could not be examined")
    return answer


def error_of(answer: dict[str, Any]) -> str:
    """The error a probe met, without numbers that could give probes away; '' when there was none."""
    text = re.sub(r"-?\d+\.\d*(e[-+]?\d+)?|\d{5,}", "#", str(answer.get("error", "")))
    return " ".join(text.split())[:200]


def needed(answer: dict[str, Any], key: str, what: str) -> Any:
    """One entry of a probe's answer; WrongAnswer that says what failed when the probe met an error."""
    if key not in answer:
        raise WrongAnswer(f"{what}: {error_of(answer) or 'no answer'}")
    return answer[key]


def array_of(answer: dict[str, Any], key: str, what: str) -> Array:
    """The same for an array of numbers."""
    value = needed(answer, key, what)
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiu":
        raise WrongAnswer(f"{what}: expected numbers, got {describe(value)}")
    return value.astype(np.float64)


def numbers(got: Any) -> Array:
    """An answer as float64; WrongAnswer when it holds anything but numbers."""
    try:
        array = np.asarray(got)
    except (ValueError, TypeError):
        array = np.asarray(None)
    if array.dtype.kind not in "biuf":
        raise WrongAnswer(f"expected numbers, got {describe(got)}")
    return array.astype(np.float64)


# --------------------------------------------------------------------------------------------------
# activation_loss_table, preprocess_images, one_hot
# --------------------------------------------------------------------------------------------------


@question("activation_loss_table")
class TestActivationLossTable:
    """The last layer's activation and the loss for five kinds of task."""

    @points(1)
    @pytest.mark.parametrize("row", list(reference.ACTIVATION_LOSS))
    def test_row(self, student: Student, row: str) -> None:
        """activation and loss of one row"""
        table = student.value("activation_loss")
        if not isinstance(table, dict):
            idea = "" if table is None else NOT_BY_KEY
            raise WrongAnswer(f"`activation_loss` should be a dict, got {describe(table)}", idea)
        if row not in table:
            raise WrongAnswer(f"`activation_loss` has no key {row!r}", NOT_BY_KEY if table else "")
        pair = table[row].tolist() if isinstance(table[row], np.ndarray) else table[row]
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            idea = "one word where a pair is asked" if isinstance(pair, str) else ""
            idea = "a row left open" if pair is None and row != "regression" else idea
            raise WrongAnswer(f"row {row!r} should be a pair (activation, loss), got {describe(pair)}", idea)
        activation, losses = reference.ACTIVATION_LOSS[row]
        found, found_losses = activation_names(pair[0]), loss_names(pair[1])
        wrong = []
        if found != {activation}:
            wrong.append("the activation")
        if not found_losses or not found_losses <= losses:
            wrong.append("the loss")
        if wrong:
            known = {"sigmoid", "softmax", NONE}
            swapped = len(wrong) == 2 and bool(activation_names(pair[1]) & known)
            hint = "; the order is (activation, loss)" if swapped else ""
            idea = idea_behind(row, found, found_losses, pair)
            raise WrongAnswer(f"row {row!r}: {' and '.join(wrong)} is not the one for this task{hint}", idea)


NOT_BY_KEY = "rows not under the task's keys"
LOSSES = {reference.BCE, reference.CCE, "sparse " + reference.CCE, reference.MSE}
# Words of losses that there are, beside the slide's: a slip of the pen or a plain "cross-entropy" is none of them.
OTHER_LOSSES = (
    "absolute", "mae", "mape", "percentage", "logarithmic", "msle", "root", "rmse", "l1", "huber", "cosh", "cosine",
    "hinge", "focal", "poisson", "divergence", "kld", "likelihood", "nll", "dice", "tversky", "ctc",
)  # fmt: skip
WRONG_ACTIVATIONS = {
    ("binary", "softmax"): "softmax for two classes and one output",
    ("multilabel", "softmax"): "softmax where several labels may be true",
    ("multiclass", "sigmoid"): "sigmoid where one class excludes the others",
    ("regression", "sigmoid"): "a squashed output for arbitrary values",
    ("regression", "softmax"): "a squashed output for arbitrary values",
    ("regression", "tanh"): "a squashed output for arbitrary values",
    ("regression", "relu"): "relu cuts off negative values",
    **{("unit_regression", name): "an output free to leave 0 to 1" for name in (NONE, "relu", "tanh")},
    **{
        (row, name): "an output that is no probability"
        for row in ("binary", "multiclass", "multilabel")
        for name in (NONE, "relu", "tanh")
    },
}
WRONG_LOSSES = {
    ("multilabel", reference.CCE): "categorical cross-entropy where several labels may be true",
    ("multilabel", "sparse " + reference.CCE): "categorical cross-entropy where several labels may be true",
    ("multiclass", reference.BCE): "binary cross-entropy where one class excludes the others",
    ("binary", reference.MSE): "squared error for classes",
    ("multiclass", reference.MSE): "squared error for classes",
    ("multilabel", reference.MSE): "squared error for classes",
    ("regression", reference.BCE): "cross-entropy for arbitrary values",
    ("regression", reference.CCE): "cross-entropy for arbitrary values",
}


KNOWN = {"sigmoid", "softmax", "relu", "tanh", NONE}


def idea_behind(row: str, activations: set[str], losses: set[str], pair: Any) -> str:
    """The misconception that a wrong pair of the table shows; '' when it shows none for certain."""
    if loss_names(pair[0]) & LOSSES and activation_names(pair[1]) & {"sigmoid", "softmax", NONE}:
        return "loss and activation swapped"
    activation, right = reference.ACTIVATION_LOSS[row]
    if len(activations) == 1 and activations != {activation}:
        name = next(iter(activations))
        if name not in KNOWN and any(word in name for word in ("sigmoid", "softmax")):
            return "an activation of a similar name"
        return WRONG_ACTIVATIONS.get((row, name), "")
    if activations > {activation}:
        return "two answers in one place" if activations <= KNOWN else ""
    if activations != {activation}:
        return ""
    if losses - {"a loss on logits"} <= right and "a loss on logits" in losses:
        return "a loss on logits behind an activation"
    if losses & right:
        return "two answers in one place" if losses <= LOSSES else ""
    if pair[1] is None:
        return "a row left open"
    if len(losses) != 1:
        return ""
    name = next(iter(losses))
    if isinstance(pair[1], str) and name not in LOSSES and any(word in name for word in OTHER_LOSSES):
        return "a loss that is not on the slide"
    return WRONG_LOSSES.get((row, name), "")


def image_batches(rng: np.random.Generator) -> list[Array]:
    """Batches of uint8 images that are not square, one of a single image, one that never reaches 255."""
    # MNIST's own size first: who has it built in is right there, and known by failing at the next.
    batches = [rng.integers(0, 256, size=shape) for shape in ((7, 28, 28), (3, 4, 7), (1, 6, 5))]
    batches.append(rng.integers(0, 180, size=(4, 5, 3)))
    batches[0][0, 0, 0], batches[0][2, 3, 1] = 255, 0
    return [batch.astype(np.uint8) for batch in batches]


def zero_to_one(rows: Array) -> Array:
    """Each row stretched so that it goes from 0 to 1."""
    low = rows.min(axis=1, keepdims=True)
    return np.asarray((rows - low) / (rows.max(axis=1, keepdims=True) - low))


@question("preprocess_images")
class TestPreprocessImages:
    """Images become rows of numbers from 0 to 1."""

    @points(1)
    def test_rows(self, student: Student, rng: np.random.Generator) -> None:
        """each image is one row, pixel row after pixel row"""
        for images in image_batches(rng):
            expected = reference.preprocess_images(images)
            got = numbers(student.call("preprocess_images", images))
            same(np.zeros(got.shape), np.zeros(expected.shape), what="the result")
            # Whatever the scale, be it another for each image or upside down: that is the next part's business.
            if not np.isfinite(got).all() or not np.ptp(got, axis=1).all():
                raise WrongAnswer("the result holds no pixel values")
            order = zero_to_one(expected)
            if got.shape != order.shape or not np.allclose(zero_to_one(-got), order, 0, 2e-2):
                same(zero_to_one(got), order, 0, 2e-2, "the order of the pixels")

    @points(1)
    def test_scale(self, student: Student, rng: np.random.Generator) -> None:
        """0 to 255 becomes 0 to 1, whatever is in the batch"""
        for images in image_batches(rng):
            got = numbers(student.call("preprocess_images", images))
            if got.size != images.size:
                raise WrongAnswer(f"{images.size} pixels went in and {got.size} numbers came out")
            # Wherever the pixels stand: that was the part before.
            expected = np.sort(reference.preprocess_images(images), axis=None)
            same(np.sort(got, axis=None), expected, what="the pixel values")

    @points(1)
    def test_both(self, student: Student, rng: np.random.Generator) -> None:
        """both together: (n, r, c) from 0 to 255 to (n, r * c) from 0 to 1"""
        for images in image_batches(rng):
            student.check("preprocess_images", images, expected=reference.preprocess_images(images))


@question("one_hot")
class TestOneHot:
    """Labels become rows with a single 1."""

    @points(2)
    def test_ten_classes(self, student: Student, rng: np.random.Generator) -> None:
        """ten columns, also for labels in any order or when some digits are absent"""
        everything = np.concatenate([rng.permutation(10), rng.integers(0, 10, size=5)])
        for labels, what in (
            (everything, "for labels in any order"),
            (np.array([7, 2, 2, 5]), "when most digits are absent"),
            (rng.integers(0, 9, size=6), "when no label is 9"),
            (np.array([9, 0, 4], dtype=np.uint8), "for labels as MNIST stores them"),
            (np.array([3]), "for a single label"),
        ):
            student.check("one_hot", labels, expected=reference.one_hot(labels), what=what)

    @points(1)
    def test_other_numbers_of_classes(self, student: Student, rng: np.random.Generator) -> None:
        """as many columns as n_classes says"""
        for n_classes in (4, 3, 13):
            labels = rng.integers(0, n_classes - 1, size=7)
            expected = reference.one_hot(labels, n_classes)
            student.check("one_hot", labels, n_classes, expected=expected, what=f"with n_classes = {n_classes}")


# --------------------------------------------------------------------------------------------------
# build_model, count_parameters
# --------------------------------------------------------------------------------------------------


HIDDEN_IDEAS = {"linear": "no activation in the hidden layer", "sigmoid": "sigmoid in the hidden layer"}
OUTPUT_IDEAS = {"linear": "linear output (logits)", "sigmoid": "sigmoid output"}


@dataclass(frozen=True)
class Opened:
    """A student's network and what the judge saw of it."""

    model: Handle
    opened: dict[str, Any]
    layout: recognise.Layout | None
    network: recognise.Network | None
    run: dict[str, Any]
    predictions: Array

    @property
    def sizes(self) -> str:
        """What is wrong with the sizes; '' when nothing is."""
        layout, shapes = self.layout, [tuple(shape) for shape in self.opened["shapes"]]
        if layout is None:
            return f"its weights have the shapes {shapes}; that is not one hidden and one output layer"
        if layout.outputs != N_OUT:
            return f"it has {layout.outputs} outputs, not {N_OUT}"
        if layout.hidden != N_HIDDEN:
            return f"its hidden layer has {layout.hidden} units, not {N_HIDDEN}"
        if None in layout.biases:
            return "a layer has no bias"
        return ""

    @property
    def idea(self) -> str:
        """The misconception that the sizes or the activations show; '' when they show none for certain."""
        layout = self.layout
        if layout is None:
            shapes = [tuple(shape) for shape in self.opened["shapes"]]
            if sorted(shapes) in ([(N_OUT,), (N_IN, N_OUT)], [(N_IN, N_OUT)]):
                return "no hidden layer"
            return "layers that the lecture's network does not have" if len(shapes) > 4 else ""
        if layout.outputs != N_OUT:
            return "outputs and classes do not match"
        if layout.hidden != N_HIDDEN:
            return "another number of hidden units"
        if None in layout.biases:
            return "biases switched off"
        if self.network is None:
            return "another computation than the slide's"
        if self.network.hidden != "relu":
            return HIDDEN_IDEAS.get(self.network.hidden, "another activation in the hidden layer")
        if self.network.output != "softmax":
            return OUTPUT_IDEAS.get(self.network.output, "another activation at the output")
        return ""


def read_opened(answer: dict[str, Any]) -> dict[str, Any] | None:
    """The probe's description of a model, if it is one: lists of shapes and flags, all equally long."""
    shapes, flags = answer.get("shapes"), [answer.get("trainable"), answer.get("constant")]
    sound = isinstance(shapes, list) and all(
        isinstance(shape, list) and all(type(n) is int and 0 <= n < 10**8 for n in shape) for shape in shapes
    )
    if not sound or not all(isinstance(flag, list) and len(flag) == len(shapes or []) for flag in flags):
        return None
    return answer if isinstance(answer.get("output_shape"), list) else None


def open_network(student: Student, rng: np.random.Generator, fully: bool = False) -> Opened:
    """Build a network, give it the judge's weights, and recognise what it computes of the judge's images."""
    pixels = rng.integers(0, 256, size=(recognise.N_IMAGES, N_IN)).astype(np.float64)
    problems = []
    for layout in ((N_IN,), (28, 28), (28, 28, 1)):
        # A new model each time: a failed call may have left layers half built.
        model = student.call("build_model")
        if not isinstance(model, Handle):
            message = f"`build_model` should return a Keras model, got {describe(model)}"
            raise WrongAnswer(message, "no model handed back")
        images = pixels.reshape(-1, *layout)
        answer = ask(student, "open_model", model, (images[:2] / 255).astype(np.float32))
        opened = read_opened(answer)
        if opened is not None:
            return _examine(student, rng, model, opened, images, fully)
        problems.append(error_of(answer))
    if "not a Keras model" in problems[0]:
        raise WrongAnswer(f"`build_model` should return a Keras model: {problems[0]}", "no model handed back")
    raise WrongAnswer(f"the model takes neither rows of 784 numbers nor images of 28 x 28: {problems[0]}")


def seen_network(student: Student, rng: np.random.Generator) -> Opened:
    """The same for the parts that look at one side of it each: one network, with one set of weights, for all."""
    return student.once("network", lambda: open_network(student, rng))


def _examine(
    student: Student,
    rng: np.random.Generator,
    model: Handle,
    opened: dict[str, Any],
    images: Array,
    fully: bool,
) -> Opened:
    if opened["output_shape"] != [2, opened["output_shape"][-1]]:
        shape = tuple(opened["output_shape"])
        raise WrongAnswer(
            f"for 2 images the model gives an output of shape {shape}, not (2, 10); is Flatten missing?",
            "images not flattened",
        )
    layout = recognise.find_layout(opened["shapes"], N_IN)
    values = recognise.random_weights(opened["shapes"], rng) if layout else []
    rows = images.reshape(len(images), -1) / 255
    seen: list[Opened] = []
    for top in (1, 255):  # images from 0 to 1, or from 0 to 255 for a model that scales inside
        sent = (images / 255 * top).astype(np.float32)
        run = ask(student, "run_model", model, values, sent, fully)
        predictions = array_of(run, "call", "calling the model failed")
        if layout is None:
            return Opened(model, opened, None, None, run, predictions)
        weights = layout.arrange([value.astype(np.float64) for value in values])
        network = recognise.recognise(rows, predictions, weights)
        if network is not None:
            return Opened(model, opened, layout, network, run, predictions)
        seen.append(Opened(model, opened, layout, None, run, predictions))
    # Images on the wrong scale saturate a softmax, so that it no longer looks like one.
    return next((found for found in seen if behaves_like_softmax(found.predictions)), seen[0])


STRANGE = "the network does not compute output(W2 hidden(W1 x + b1) + b2) with activations the judge knows"


def behaves_like_softmax(predictions: Array) -> bool:
    """Rows of probabilities that differ from image to image: all one sees in a network of another build."""
    sums_to_one = np.allclose(predictions.sum(axis=1), 1, atol=1e-3) and bool(np.all(predictions > 0))
    return bool(sums_to_one and np.ptp(predictions, axis=0).max() > 1e-4)


@question("build_model")
class TestBuildModel:
    """The lecture's network, judged by what it computes with random weights."""

    @points(1)
    def test_sizes(self, student: Student, rng: np.random.Generator) -> None:
        """784 inputs, 512 hidden units and 10 outputs, with biases"""
        found = seen_network(student, rng)
        if found.sizes:
            raise WrongAnswer(f"this is not the lecture's network: {found.sizes}", found.idea)

    @points(1)
    def test_hidden_layer(self, student: Student, rng: np.random.Generator) -> None:
        """the hidden layer is 512 units of relu"""
        found = seen_network(student, rng)
        if found.layout is None or found.layout.hidden != N_HIDDEN:
            raise WrongAnswer(f"this is not the lecture's hidden layer: {found.sizes}", found.idea)
        if found.network is None:
            raise WrongAnswer(STRANGE, found.idea)
        if found.network.hidden != "relu":
            raise WrongAnswer(f"the hidden layer behaves like {found.network.hidden}, not relu", found.idea)

    @points(1)
    def test_output_layer(self, student: Student, rng: np.random.Generator) -> None:
        """the output layer is 10 units of softmax"""
        found = seen_network(student, rng)
        outputs = found.predictions.shape[-1]
        if outputs != N_OUT:
            raise WrongAnswer(f"the model gives {outputs} numbers for an image, not {N_OUT}", found.idea)
        total = float(found.predictions[0].sum())
        if found.network is not None and found.network.output != "softmax":
            name = found.network.output
            message = f"the output layer behaves like {name}, not softmax: a row sums to {total:.2g}"
            raise WrongAnswer(message, found.idea)
        if found.network is None and not behaves_like_softmax(found.predictions):
            message = f"the output layer does not behave like softmax: a row sums to {total:.2g}"
            raise WrongAnswer(message, found.idea)

    @points(1)
    def test_whole(self, student: Student, rng: np.random.Generator) -> None:
        """the network as a whole: in prediction and in training, ready to learn"""
        found = open_network(student, rng, fully=True)
        network = found.network
        if found.sizes or network is None:
            raise WrongAnswer(f"this is not the lecture's network: {found.sizes or STRANGE}", found.idea)
        if (network.hidden, network.output) != ("relu", "softmax"):
            raise WrongAnswer(
                f"the network computes {network.output} of {network.hidden}, not softmax of relu", found.idea
            )
        for way, words in (
            ("predict", "`model.predict` gives"),
            ("training", "in training the network computes"),
        ):
            if way == "predict" and found.run.get("of_keras") is True:
                continue  # it gives what the call gave
            other = array_of(found.run, way, f"`{way}` failed")
            if recognise.difference(other, found.predictions) > recognise.FITS:
                idea = "something that acts in training only" if way == "training" else ""
                raise WrongAnswer(f"{words} something else than the network when called (is there a Dropout?)", idea)
        if not all(found.opened["trainable"]):
            raise WrongAnswer("some weights are frozen, so training could not change them", "weights frozen")
        told = ask(student, "are_apart", found.model, student.call("build_model"))
        if needed(told, "apart", "two models could not be compared") is not True:
            message = "`build_model` should return a new model at every call; two calls gave the same weights"
            raise WrongAnswer(message, "one model for all calls")
        kernels = [i for i, shape in enumerate(found.opened["shapes"]) if sum(n > 1 for n in shape) >= 2]
        if any(found.opened["constant"][i] for i in kernels):
            message = "all weights of a layer start equal, so its units could never differ"
            raise WrongAnswer(message, "all weights start equal")


@question("count_parameters")
class TestCountParameters:
    """Weights and biases of a dense network."""

    @points(1)
    def test_one_hidden_layer(self, student: Student, rng: np.random.Generator) -> None:
        """one hidden layer, of any sizes"""
        # A small network first: in a large one a few biases more or less are within the tolerance.
        for sizes in ([5, 3, 7], [784, 512, 10], rng.integers(2, 400, size=3).tolist()):
            student.check("n_params", sizes, expected=reference.n_params(sizes), what="for three sizes")

    @points(1)
    def test_any_depth(self, student: Student, rng: np.random.Generator) -> None:
        """any number of layers"""
        for n_sizes in (2, 4, 6):
            sizes = rng.integers(2, 300, size=n_sizes).tolist()
            # That `sizes` stays as it was is asked in the other part.
            expected, what = reference.n_params(sizes), f"for {n_sizes} sizes"
            student.check("n_params", sizes, expected=expected, what=what, mutation_allowed=True)


# --------------------------------------------------------------------------------------------------
# compile_model
# --------------------------------------------------------------------------------------------------


def compiled(student: Student) -> Handle:
    """A network of the judge's, compiled by the student: one for all parts, each of which looks at another side."""
    return student.once("compiled", lambda: _compiled(student))


def _compiled(student: Student) -> Handle:
    model = student.call(student.define(PROBE, "fresh_model", once=True), [N_IN, 32, N_OUT])
    if not isinstance(model, Handle):
        raise WrongAnswer("no Keras model can be built in this notebook")
    returned = student.call("compile_model", model)
    chosen = returned if isinstance(returned, Handle) else model
    what = "`compile_model` should return the model or nothing"
    if not needed(ask(student, "read_optimizer", chosen), "compiled", what):
        raise WrongAnswer("the model is not compiled after `compile_model(model)`", "never compiled")
    return chosen


def random_probabilities(rng: np.random.Generator, n: int) -> Array:
    """(n, 10) rows of probabilities, none near 0 or 1, so that clipping plays no part."""
    P = np.exp(rng.normal(size=(n, N_OUT)))
    return np.asarray(P / P.sum(axis=1, keepdims=True))


LOGITS = "cross-entropy of logits, but softmax has already been applied (from_logits)"
UPSIDE_DOWN = "its negative: the minus is missing"
SMOOTHED = {f"one of labels smoothed by {share}": share for share in (0.05, 0.1, 0.15, 0.2, 0.3)}


def other_losses(Y: Array, P: Array) -> dict[str, float]:
    """What likely wrong losses give, to name them."""
    again = np.exp(P) / np.exp(P).sum(axis=1, keepdims=True)
    entropy = np.mean(np.sum(Y * np.log(np.maximum(Y, 1e-7)), axis=1))
    return {
        "the mean squared error": float(np.mean((Y - P) ** 2)),
        "the mean absolute error": float(np.mean(np.abs(Y - P))),
        "binary cross-entropy": float(-np.mean(Y * np.log(P) + (1 - Y) * np.log(1 - P))),
        "the sum over the batch, not the mean": reference.categorical_crossentropy(Y, P) * len(Y),
        "the Kullback-Leibler divergence": reference.categorical_crossentropy(Y, P) + float(entropy),
        LOGITS: reference.categorical_crossentropy(Y, again),
        UPSIDE_DOWN: -reference.categorical_crossentropy(Y, P),
        **{
            name: reference.categorical_crossentropy((1 - share) * Y + share / N_OUT, P)
            for name, share in SMOOTHED.items()
        },
    }


LOSS_IDEAS = {
    "the mean squared error": "squared error for classes",
    "binary cross-entropy": "binary cross-entropy for ten classes",
    "the sum over the batch, not the mean": "sum over the batch for the mean",
    LOGITS: "a loss on logits behind softmax",
    UPSIDE_DOWN: "the minus forgotten",
    **dict.fromkeys(SMOOTHED, "labels smoothed"),
}


def takes_whole_numbers(student: Student, model: Handle, labels: Array, P: Array) -> bool:
    """True when the loss is categorical cross-entropy of labels that are not one-hot encoded."""
    loss = ask(student, "read_loss", model, labels, P).get("loss")
    expected = reference.categorical_crossentropy(reference.one_hot(labels), P)
    return isinstance(loss, float) and bool(np.isclose(loss, expected, rtol=1e-4, atol=0))


@question("compile_model", upstream=MODEL)
class TestCompileModel:
    """Optimizer, loss and metric, each tried on a network and on numbers of the judge's."""

    @points(1)
    def test_optimizer(self, student: Student) -> None:
        """rmsprop, with any learning rate"""
        found = ask(student, "read_optimizer", compiled(student))
        if found.get("rmsprop") is not True:
            raise WrongAnswer(f"the optimizer is {str(found.get('name'))[:40]}, not RMSprop", "another optimizer")
        rate = found.get("learning_rate")
        if not isinstance(rate, float) or not 0 < rate < np.inf:
            raise WrongAnswer("the learning rate should be a positive number")

    @points(1)
    def test_loss(self, student: Student, rng: np.random.Generator) -> None:
        """categorical cross-entropy of probabilities and one-hot labels, averaged over the batch"""
        model = compiled(student)
        P = random_probabilities(rng, 6)
        labels = rng.integers(0, N_OUT, size=6)
        one_hot = reference.one_hot(labels)
        # Soft labels tell cross-entropy from the Kullback-Leibler divergence, which one-hot labels cannot.
        for Y, Q in ((one_hot, P), (random_probabilities(rng, 4), random_probabilities(rng, 4))):
            failed = "the loss fails on one-hot labels (the sparse loss wants whole numbers)"
            answer = ask(student, "read_loss", model, Y, Q)
            if "loss" not in answer and takes_whole_numbers(student, model, labels, P):
                # Each backend words the error in its own way; what is wrong is known without it.
                raise WrongAnswer(failed, "the sparse loss for one-hot labels")
            if "Could not interpret loss" in error_of(answer):
                raise WrongAnswer(f"{failed}: {error_of(answer)}", "a name that Keras does not know")
            loss = needed(answer, "loss", failed)
            try:
                same(loss, reference.categorical_crossentropy(Y, Q), what="the loss")
            except WrongAnswer as wrong:
                for name, value in other_losses(Y, Q).items():
                    if np.isclose(numbers(loss), value, rtol=1e-4, atol=0):
                        idea = LOSS_IDEAS.get(name, "")
                        raise WrongAnswer(f"the loss is not categorical cross-entropy but {name}", idea) from wrong
                raise WrongAnswer("the loss is not categorical cross-entropy") from wrong

    @points(1)
    def test_accuracy(self, student: Student, rng: np.random.Generator) -> None:
        """a metric that is the fraction of right classes"""
        model = compiled(student)
        fits: set[str] | None = None
        for n, n_right in ((8, 5), (7, 2)):
            P = random_probabilities(rng, n)
            ranked = np.argsort(P, axis=1)
            # The wrong ones come second, so that top-k accuracy counts them and accuracy does not.
            labels = np.where(np.arange(n) < n_right, ranked[:, -1], ranked[:, -2])
            answer = ask(student, "read_metrics", model, reference.one_hot(labels), P)
            metrics = needed(answer, "metrics", "the metrics fail on one-hot labels")
            if not isinstance(metrics, dict):
                raise WrongAnswer("the metrics could not be read")
            right = {
                name for name, value in metrics.items()
                if isinstance(value, float) and abs(value - n_right / n) < 1e-4
            }  # fmt: skip
            fits = right if fits is None else fits & right
            names = ", ".join(sorted(str(name)[:40] for name in metrics)) or "none"
        if not fits:
            idea = "no accuracy asked for" if names == "none" else "another metric than accuracy"
            raise WrongAnswer(f"no metric is the fraction of right classes (metrics found: {names})", idea)


# --------------------------------------------------------------------------------------------------
# train_model
# --------------------------------------------------------------------------------------------------


def ready(student: Student, rng: np.random.Generator, rate: float = 0.05) -> tuple[Handle, list[Array]]:
    """A compiled network without a hidden layer, and its weights before training."""
    values = [rng.normal(0, 0.01, size=(N_IN, N_OUT)).astype(np.float32), np.zeros(N_OUT, np.float32)]
    model = student.call(student.define(PROBE, "ready_model", once=True), [N_IN, N_OUT], values, rate)
    if not isinstance(model, Handle):
        raise WrongAnswer("no Keras model can be built in this notebook")
    return model, values


def examples(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    """Random rows in [0, 1] with random labels: only who sees the right pairs can learn them."""
    return rng.random((n, N_IN)), reference.one_hot(rng.integers(0, N_OUT, size=n))


UNCHANGED = "the weights of the model that was passed in did not change"


@question("train_model", upstream={**DATA, **MODEL, "compile_model": (reference.compile_model,)})
class TestTrainModel:
    """Fitting, its record, and the number of updates."""

    @points(1)
    def test_record(self, student: Student, rng: np.random.Generator) -> None:
        """as many epochs and updates as asked for, and a History (or its dict) that shows them"""
        cases: list[tuple[int, dict[str, Any]]] = [
            # 12 and not 16: there half of the data would make as many updates as the usual batches of 32.
            (50, {"epochs": 2, "batch_size": 12}),
            # The usual batches of 32, seen from both sides: 31 would make more updates of 64, 33 fewer of 65.
            (64, {}),
            (65, {"epochs": 1}),
        ]
        for n, wanted in cases:
            model, before = ready(student, rng)
            X, Y = examples(rng, n)
            returned = student.call("train_model", model, X, Y, **wanted)
            trained = ask(student, "read_training", model, X[:2])
            epochs, batch = wanted.get("epochs", 5), wanted.get("batch_size", 32)
            updates = needed(trained, "updates", "the model could not be read after training")
            if updates == 0 or not has_changed(trained, before):
                raise WrongAnswer(UNCHANGED, "the model handed in is not trained")
            what = "`train_model` should return the History of the fit, or its dict"
            answer = ask(student, "read_history", returned)
            if "history" not in answer:
                raise WrongAnswer(f"{what}: {error_of(answer) or 'no answer'}", "the History not handed back")
            history = answer["history"]
            loss = history.get("loss") if isinstance(history, dict) else None
            if not isinstance(loss, list) or not np.all(np.isfinite(numbers(loss))):
                raise WrongAnswer("the History has no numbers under 'loss'")
            if len(loss) != epochs:
                # Without the argument Keras makes one epoch; five is the task's own default. With all the updates
                # that were asked for, it is the record that is short, not the training.
                all_made = updates == epochs * reference.updates_per_epoch(n, batch)
                idea = "epochs ignored" if len(loss) in (1, 5) and not all_made else ""
                message = f"with epochs = {epochs} the History should have {epochs} losses, not {len(loss)}"
                raise WrongAnswer(message, idea)
            # validation_split keeps some rows from training; the record then says so, and that is a fit too.
            split = any(str(name).startswith("val_") for name in history)
            used = range(n // 2, n + 1) if split else (n,)
            if updates not in {epochs * reference.updates_per_epoch(m, batch) for m in used}:
                # 32 is the default of the task and of Keras.
                ignored = batch != 32 and updates == epochs * reference.updates_per_epoch(n, 32)
                idea = "one update for each epoch" if updates == epochs else "batch_size ignored" if ignored else ""
                raise WrongAnswer(
                    f"{n} examples, epochs = {epochs} and batch_size = {batch} should make "
                    f"{epochs * reference.updates_per_epoch(n, batch)} updates, not {updates}",
                    idea,
                )

    @points(1)
    def test_learning(self, student: Student, rng: np.random.Generator) -> None:
        """the model learns the labels that belong to the images"""
        # No two images share a pixel and each digit comes equally often, so what is learned of one image says nothing
        # of another: an image whose pair was never shown stays as it was, after any number of steps of any size (how
        # many there are is another part's matter).
        X, Y = pairs_apart(rng, 60)
        model, before = ready(student, rng, rate=2.0)
        # Batches that come out even: who leaves out a smaller last one loses the part that counts updates.
        student.call("train_model", model, X, Y, epochs=3, batch_size=20)
        trained = ask(student, "read_training", model, X)
        if not has_changed(trained, before):
            raise WrongAnswer(UNCHANGED, "the model handed in is not trained")
        P = array_of(trained, "predictions", "the model could not be read after training")
        if P.shape != Y.shape:
            raise WrongAnswer("after training the model gives no probability for each digit")
        rise = log_odds(P) - log_odds(softmax(X @ before[0] + before[1]))
        most = rise.max(axis=1)
        own = (rise * Y).sum(axis=1)
        learned = np.mean(own > max(0.05, np.quantile(most, 0.9) / 4))
        # A validation split may keep some pairs back; half of them is too much.
        if learned < 0.66:
            # Each image goes with a label, but not with its own. What rises for every image is the bias, which it needs
            # not have been shown for.
            shown = (rise - np.median(rise, axis=0)).max(axis=1)
            out_of_step = learned < 0.4 and np.median(shown) > 0.3
            idea = "images and labels out of step" if out_of_step else ""
            raise WrongAnswer("after training the model does not know the examples it was given", idea)

    @points(1)
    def test_updates_per_epoch(self, student: Student, rng: np.random.Generator) -> None:
        """updates_per_epoch counts the last, smaller batch too"""
        n, batch = int(rng.integers(500, 900)), int(rng.integers(20, 60))
        for n_examples, batch_size, what in (
            (60000, 128, "for 60000 examples in batches of 128"),
            (n * batch, batch, "when the batches come out even"),
            (n * batch + 1, batch, "when one example is left over"),
            # Both an even and an odd number: round(n / batch_size + 0.5) is right at every second one.
            (n * batch + batch, batch, "when the batches come out even"),
            (n * batch - 1, batch, "when the last batch lacks one example"),
            (10, 32, "when there are fewer examples than a batch"),
        ):
            expected = reference.updates_per_epoch(n_examples, batch_size)
            student.check("updates_per_epoch", n_examples, batch_size, expected=expected, what=what)


def pairs_apart(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    """n images, each with lit pixels of its own, (n, 784) of 0 and 1, and labels (n, 10), each digit equally often."""
    pixels = rng.permutation(N_IN)[: N_IN // n * n].reshape(n, -1)
    X = np.zeros((n, N_IN))
    np.put_along_axis(X, pixels, 1.0, axis=1)
    return X, reference.one_hot(rng.permutation(np.arange(n) % N_OUT))


def log_odds(P: Array) -> Array:
    """How far each digit's log-probability is above the row's mean, (n, 10)."""
    logs = np.log(np.clip(P, 1e-7, 1.0))
    return np.asarray(logs - logs.mean(axis=1, keepdims=True))


def softmax(Z: Array) -> Array:
    """Probabilities for rows of scores, (n, 10)."""
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return np.asarray(E / E.sum(axis=1, keepdims=True))


def has_changed(trained: dict[str, Any], before: list[Array]) -> bool:
    """Whether the weights after training are other numbers than before."""
    after = trained.get("weights")
    if not isinstance(after, list) or len(after) != len(before):
        return False
    pairs = zip(after, before, strict=True)
    return all(isinstance(a, np.ndarray) and a.shape == b.shape and not np.allclose(a, b) for a, b in pairs)


# --------------------------------------------------------------------------------------------------
# read_predictions
# --------------------------------------------------------------------------------------------------


@question("read_predictions", upstream={"one_hot": (reference.one_hot,)})
class TestReadPredictions:
    """From probabilities to digits, and from digits to a table of mistakes."""

    @points(1)
    def test_predict_digit(self, student: Student, rng: np.random.Generator) -> None:
        """the most probable digit of every row"""
        for n in (6, 1, 10):
            # About a dozen classes' worth of spread: the winner is often below one half.
            P = random_probabilities(rng, n)
            if n == N_OUT:  # every digit wins once: who leaves out the first or the last one is seen
                rows, best, winner = np.arange(n), P.argmax(axis=1), rng.permutation(n)
                P[rows, best], P[rows, winner] = P[rows, winner], P.max(axis=1)
            student.check("predict_digit", P, expected=reference.predict_digit(P), what=f"for {n} rows")

    @points(1)
    def test_counts(self, student: Student, rng: np.random.Generator) -> None:
        """confusion_matrix counts, with true digits in rows and predicted digits in columns"""
        y = np.concatenate([np.arange(10), rng.integers(0, 10, size=50)])
        y_hat = np.where(rng.random(60) < 0.6, y, rng.integers(0, 10, size=60))
        y_hat[:3] = (y[:3] + 1) % 10  # never symmetric
        small = np.array([0, 0, 0, 1, 2]), np.array([1, 1, 0, 2, 2])
        # As many of a pair as in the 10000 test images of MNIST, too many for int8 or uint8; and 3 classes once more,
        # for a table that still holds what the call before counted.
        many = np.repeat(small, [300, 1, 150, 2, 5], axis=1)
        for n_classes, true, predicted in ((10, y, y_hat), (3, *small), (3, *many)):
            expected = reference.confusion_matrix(true, predicted, n_classes)
            student.check("confusion_matrix", true, predicted, n_classes, expected=expected)

    @points(1)
    def test_absent_classes(self, student: Student) -> None:
        """confusion_matrix has a row and a column for every class, also for one that never occurs"""
        # No pair occurs twice: how often is the business of the part before.
        for true, predicted, n_classes in (([2, 2, 5, 0], [2, 5, 5, 2], 10), ([1, 1, 0], [3, 2, 0], 6)):
            y, y_hat = np.array(true), np.array(predicted)
            expected = reference.confusion_matrix(y, y_hat, n_classes)
            what = f"with n_classes = {n_classes}"
            student.check("confusion_matrix", y, y_hat, n_classes, expected=expected, what=what)
