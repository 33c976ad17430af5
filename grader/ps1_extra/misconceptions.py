"""The misconceptions of the extra notebook.

`numpy_train` hides its weights, so that those about training are named by the hidden suite: it sees them in the
gradient check.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.judge import AnyError, Misconception
from grader.judge.habits import changed_input, nothing_returned, rounded


def _softmax(z: Any) -> Any:
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _plain_softmax(z: Any) -> Any:
    e = np.exp(z)
    return e / e.sum(axis=-1, keepdims=True)


def _relu(z: Any) -> Any:
    return np.maximum(z, 0)


def _sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def _predict(hidden: Any = _relu, output: Any = _softmax, biases: tuple[int, int] = (1, 1)) -> Any:
    """A numpy_predict; each piece is written by someone with one idea."""

    def numpy_predict(weights: Any, X: Any) -> Any:
        W1, b1, W2, b2 = weights
        return output(hidden(X @ W1 + biases[0] * b1) @ W2 + biases[1] * b2)

    return numpy_predict


def _over_the_images(z: Any) -> Any:
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)


def _over_everything(z: Any) -> Any:
    e = np.exp(z - z.max())
    return e / e.sum()


def _first_image(weights: Any, X: Any) -> Any:
    return _predict()(weights, X[:1])


def _scaled_again(weights: Any, X: Any) -> Any:
    return _predict()(weights, X / 255)


def _for_the_lecture(weights: Any, X: Any) -> Any:
    if weights[2].shape != (512, 10):
        raise AnyError
    return _predict()(weights, X)


_FORWARD = (
    Misconception(
        "numpy_predict",
        "both biases forgotten",
        concept="model.get_weights() gives four arrays",
        hint="You were handed four arrays. How many of them does your code use? Look at the matrix slide: what is "
        "added after each multiplication?",
        answers={"numpy_predict": _predict(biases=(0, 0))},
    ),
    Misconception(
        "numpy_predict",
        "hidden biases forgotten",
        concept="model.get_weights() gives four arrays",
        hint="You were handed four arrays. Which of them does your code not use? Look at what each layer does "
        "after it has multiplied.",
        answers={"numpy_predict": _predict(biases=(0, 1))},
    ),
    Misconception(
        "numpy_predict",
        "output biases forgotten",
        concept="model.get_weights() gives four arrays",
        hint="You were handed four arrays. Which of them does your code not use? The last layer is a layer like "
        "the first.",
        answers={"numpy_predict": _predict(biases=(1, 0))},
    ),
    Misconception(
        "numpy_predict",
        "sigmoid in the hidden layer",
        concept="slide 'Network Architecture'",
        hint="Notebooks 1 and 2 used this curve everywhere. Which activation did the network of the digits have in "
        "its hidden layer?",
        answers={"numpy_predict": _predict(hidden=_sigmoid)},
    ),
    Misconception(
        "numpy_predict",
        "no activation in the hidden layer",
        concept="slide 'Network Architecture'",
        hint="Two layers that only multiply and add could be written as one. What did the hidden layer of the "
        "Keras model do besides?",
        answers={"numpy_predict": _predict(hidden=lambda z: z)},
    ),
    Misconception(
        "numpy_predict",
        "linear output (logits)",
        concept="slide 'Softmax function'",
        hint="Your numbers may be negative and do not add up to 1. What does the last layer of the Keras model do "
        "with them?",
        answers={"numpy_predict": _predict(output=lambda z: z)},
    ),
    Misconception(
        "numpy_predict",
        "sigmoid output",
        concept="slide 'Activation and Loss Function Choices'",
        hint="Add up the outputs for one image. What should their sum be when an image shows exactly one digit?",
        answers={"numpy_predict": _predict(output=_sigmoid)},
    ),
    Misconception(
        "numpy_predict",
        "the digit in place of its probabilities",
        concept="model.predict gives probabilities",
        hint="You return the network's decision. What does model.predict return for one image: a single number, or "
        "one for each digit?",
        answers={"numpy_predict": _predict(output=lambda z: z.argmax(axis=1))},
    ),
    Misconception(
        "numpy_predict",
        "overflow at large logits",
        concept="exp of a large number is infinite in floating point",
        hint="For ordinary logits you are right. What does exp give for a very large one? Your softmax of notebook "
        "2 has met this before.",
        answers={"numpy_predict": _predict(output=_plain_softmax)},
    ),
    Misconception(
        "numpy_predict",
        "one maximum for all rows",
        concept="each observation is normalised by itself",
        hint="You take off the largest logit, which is the right idea. When two images have logits that lie very "
        "far apart, what is left of the lower ones? Whose maximum does a row need?",
        answers={"numpy_predict": _predict(output=lambda z: _plain_softmax(z - z.max()))},
    ),
    Misconception(
        "numpy_predict",
        "softmax over the images",
        concept="rows are observations",
        hint="Add up each row of what you return, and each column. Which of the two should give 1? Along which axis "
        "do the digits of one image stand?",
        answers={"numpy_predict": _predict(output=_over_the_images)},
    ),
    Misconception(
        "numpy_predict",
        "softmax over the whole table",
        concept="each observation is normalised by itself",
        hint="Add up one row of what you return. All rows together give 1 in yours; what should each of them give? Try "
        "your function on a single image, then on two.",
        answers={"numpy_predict": _predict(output=_over_everything)},
    ),
    Misconception(
        "numpy_predict",
        "relu at the output as well",
        concept="slide 'Network Architecture'",
        hint="What the hidden layer does is not repeated in the last one. A logit may be negative: what becomes of "
        "the difference between two negative logits in yours?",
        answers={"numpy_predict": _predict(output=lambda z: _softmax(_relu(z)))},
    ),
    Misconception(
        "numpy_predict",
        "the first image only",
        concept="rows are observations",
        hint="You return one row, however many images come in. Where in your code does a single image take the place "
        "of all of them?",
        answers={"numpy_predict": _first_image},
    ),
    Misconception(
        "numpy_predict",
        "scaled once more",
        concept="functions compute with what they are handed",
        hint="The images you are handed are rows of numbers from 0 to 1 already. What does your first line do to "
        "them once more?",
        answers={"numpy_predict": _scaled_again},
    ),
    Misconception(
        "numpy_predict",
        "the lecture's sizes built in",
        concept="functions compute with what they are handed",
        hint="For the lecture's network all is right. Your code holds numbers like its sizes. From what you are "
        "handed, where can you read how large the layers are?",
        answers={"numpy_predict": _for_the_lecture},
    ),
    Misconception(
        "numpy_predict",
        "logits cut off",
        concept="exp of a large number is infinite in floating point",
        hint="Cutting keeps exp finite, but logits beyond the limit all become equal, and so do their probabilities. "
        "What can be taken off every logit of a row without changing the softmax?",
        answers={"numpy_predict": _predict(output=lambda z: _plain_softmax(np.clip(z, -500, 500)))},
    ),
    Misconception(
        "numpy_predict",
        "shifted by the mean",
        concept="exp of a large number is infinite in floating point",
        hint="You take the same number off every logit of a row, which is the right idea. When the logits lie far "
        "apart, the largest is still large above the mean. Which number would leave nothing above zero?",
        answers={"numpy_predict": _predict(output=lambda z: _plain_softmax(z - z.mean(axis=1, keepdims=True)))},
    ),
    Misconception(
        "numpy_predict",
        "NaN painted over",
        concept="exp of a large number is infinite in floating point",
        hint="Where exp has overflowed, the answer is lost, and putting a number in its place does not bring it back. "
        "How do the rows add up then? Prevent it before exp is taken.",
        answers={"numpy_predict": _predict(output=lambda z: np.nan_to_num(_plain_softmax(z)))},
    ),
    changed_input("numpy_predict"),
    nothing_returned("numpy_predict", "numpy_predict"),
    rounded("numpy_predict", 3, numpy_predict=_predict()),
    rounded("numpy_predict", 4, numpy_predict=_predict()),
)

_BACK = "notebook 2: the error goes back through the layers"
_ARGUMENTS = "slide 'Generic Feedforward Network': the settings of a training"

_TRAINING = (
    Misconception(
        "numpy_train",
        "no function handed back",
        concept="a function can return a function",
        hint="The task asks for something that can be called with new images. You hand back something else, perhaps "
        "the weights. Define a function inside yours that uses them, and return it, without calling it.",
    ),
    Misconception(
        "numpy_train",
        "digits in place of probabilities",
        concept="model.predict gives probabilities",
        hint="The function you return gives one number for each image. What does model.predict return for one image: "
        "a single number, or one for each digit?",
    ),
    Misconception(
        "numpy_train",
        "outputs that are not probabilities",
        concept="slide 'Softmax function'",
        hint="Add up a row of what the returned function gives. What should it be, and which step of the last layer "
        "takes care of that?",
    ),
    Misconception(
        "numpy_train",
        "a learning library does the work",
        concept="the task: NumPy alone",
        hint="The libraries know how to train, and you have seen that in notebook 3. Here you write what they do "
        "inside: forward, error, back, step.",
    ),
    Misconception(
        "numpy_train",
        "steps uphill",
        concept="gradient descent goes against the gradient",
        hint="A step makes the true digit less probable. There are two signs to look at: the order in the "
        "difference of prediction and label, and the one in front of lr. What happens when both are turned?",
    ),
    Misconception(
        "numpy_train",
        "the output layer's step has another size",
        concept=_BACK,
        hint="For softmax with cross-entropy most factors cancel. What is left of the error at the output, and what "
        "have you kept beside it? Then look at whether W2 and b2 both take the step that belongs to it.",
    ),
    Misconception(
        "numpy_train",
        "an update left out",
        concept="weights and bias terms are both learned",
        hint="There are inputs for which no hidden unit is active. Training on one of them can only change what does "
        "not pass through a hidden unit. Which of your four arrays is that, and does it ever change?",
    ),
    Misconception(
        "numpy_train",
        "output weights that do not learn",
        concept=_BACK,
        hint="After a step on one observation only a constant has been added to the logits. Which of the output "
        "layer's two arrays stays as it was?",
    ),
    Misconception(
        "numpy_train",
        "weights that do not start at random",
        concept="units that start equal stay equal",
        hint="Before training your network answers every image alike. What do the hidden units have in common then, "
        "and what would ever make them differ? What stands in W1 and W2 at the start?",
    ),
    Misconception(
        "numpy_train",
        "the hidden layer does not learn",
        concept=_BACK,
        hint="A step changes the output layer alone. Either W1 and b1 take no step, or the error that reaches them is "
        "zero. Add up P - Y over the classes of one image: what do you get, and what was missing before you "
        "added?",
    ),
    Misconception(
        "numpy_train",
        "a wrong way back through the hidden layer",
        concept=_BACK,
        hint="Two things stand between the error at the output and the sum of a hidden unit: the weights it goes back "
        "through, and the slope of the activation. Check each by hand for a network with one hidden unit.",
    ),
    Misconception(
        "numpy_train",
        "W1 and b1 out of step",
        concept=_BACK,
        hint="A bias is a weight whose input is always 1. Whatever W1's gradient does with the inputs, b1's does with "
        "ones. How many numbers should b1's have, and do both take their step?",
    ),
    Misconception(
        "numpy_train",
        "sums over the batch",
        concept="a step that does not depend on the batch's size",
        hint="For a single observation you are right. A batch of four moves the network four times as far: you add up "
        "what the four ask for, or make a step for each. Keras takes the mean of a batch: where would you divide, so "
        "that all four gradients have it?",
    ),
    Misconception(
        "numpy_train",
        "a shorter last batch treated otherwise",
        concept="the last, smaller batch",
        hint="When the observations do not come out even, the last batch is shorter. Does your loop reach it, and what "
        "does it divide by there: the size you were handed, or the number of observations it really has?",
    ),
    Misconception(
        "numpy_train",
        "epochs ignored",
        concept=_ARGUMENTS,
        hint="Ask for two epochs and for seven, and count the updates. How often does your code go through the data?",
    ),
    Misconception(
        "numpy_train",
        "another number of updates in an epoch",
        concept=_ARGUMENTS,
        hint="Count the updates that your code makes for four observations, with batches of four, of two and of one. "
        "Does batch_size decide how many there are?",
    ),
    Misconception(
        "numpy_train",
        "randomness beside the seed",
        concept=_ARGUMENTS,
        hint="Train twice with the same arguments and compare: the networks differ. Which of your random numbers do "
        "not come from a generator that was made from seed, inside the function?",
    ),
    Misconception(
        "numpy_train",
        "seed ignored",
        concept=_ARGUMENTS,
        hint="Two different seeds give the same network. What is your random generator made from?",
    ),
    Misconception(
        "numpy_train",
        "hidden ignored",
        concept=_ARGUMENTS,
        hint="Ask for one hidden unit and for thirty, and look at the shapes of your weights. Which number in your "
        "code should be the argument's name?",
    ),
    Misconception(
        "numpy_train",
        "lr ignored",
        concept=_ARGUMENTS,
        hint="With a learning rate of nothing, nothing can be learned. Your network learned all the same: which number "
        "stands where lr should?",
    ),
    Misconception(
        "numpy_train",
        "weights kept outside the function",
        concept="what a returned function remembers",
        hint="Train one network, then another, and ask the first once more: its answers have changed. Whose weights "
        "does it use? Where would weights have to live to belong to one network alone?",
    ),
)

MISCONCEPTIONS = (*_FORWARD, *_TRAINING)
