"""The misconceptions of notebook 3.

What a Keras model does cannot be compared value by value: those without answers are named by the hidden suite, which
sees the idea in the model's behaviour.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from grader.judge import Misconception

# --------------------------------------------------------------------------------------------------
# activation_loss_table
# --------------------------------------------------------------------------------------------------

_CHOICES = "slide 'Activation and Loss Function Choices'"

_TABLE = (
    Misconception(
        "activation_loss_table",
        "loss and activation swapped",
        concept=_CHOICES,
        hint="The two words of your pair are in each other's places. Which of them acts on the last layer, and "
        "which one judges what comes out? The task says in which order they stand.",
    ),
    Misconception(
        "activation_loss_table",
        "softmax for two classes and one output",
        concept=_CHOICES,
        hint="A softmax makes its outputs share a total of 1. The slide's binary network has a single output: what "
        "would softmax make of a single number, whatever it is?",
    ),
    Misconception(
        "activation_loss_table",
        "softmax where several labels may be true",
        concept=_CHOICES,
        hint="A photo can show a cat and a dog. With your activation the probabilities share a total of 1, so that "
        "one label can only rise when another falls. Should they compete here? What would let each label "
        "answer for itself?",
    ),
    Misconception(
        "activation_loss_table",
        "sigmoid where one class excludes the others",
        concept=_CHOICES,
        hint="A digit is a 3 or a 7, never both. With your activation each class answers for itself and several "
        "may be sure at once. Which activation makes the classes share a total of 1?",
    ),
    Misconception(
        "activation_loss_table",
        "a squashed output for arbitrary values",
        concept=_CHOICES,
        hint="Suppose the network is to predict a temperature. Which values can the output of your activation "
        "take, and which does the task need? What is the simplest way not to limit it?",
    ),
    Misconception(
        "activation_loss_table",
        "relu cuts off negative values",
        concept=_CHOICES,
        hint="Suppose the network is to predict a temperature in winter. What does your activation make of a "
        "number below zero? It is a good choice inside the network; what does the last layer need here?",
    ),
    Misconception(
        "activation_loss_table",
        "an output free to leave 0 to 1",
        concept=_CHOICES,
        hint="The values to be predicted lie between 0 and 1. What keeps the network's output in there? You have "
        "used a curve with just these limits since the first notebook.",
    ),
    Misconception(
        "activation_loss_table",
        "categorical cross-entropy where several labels may be true",
        concept=_CHOICES,
        hint="The activation is right. Your loss looks at one true class in a row and asks for its probability. "
        "With several true labels, each is a yes-or-no question of its own: which loss judges those?",
    ),
    Misconception(
        "activation_loss_table",
        "binary cross-entropy where one class excludes the others",
        concept=_CHOICES,
        hint="The activation is right. Your loss treats each class as a separate yes-or-no question. Here the "
        "classes are one single question with many answers: which loss asks only for the true one's "
        "probability?",
    ),
    Misconception(
        "activation_loss_table",
        "squared error for classes",
        concept=_CHOICES,
        hint="The activation is right. The squared error never costs much, even when the network is sure and "
        "wrong, and then its slope fades too. Which family of losses makes sure mistakes expensive?",
    ),
    Misconception(
        "activation_loss_table",
        "cross-entropy for arbitrary values",
        concept=_CHOICES,
        hint="The activation is right. Your loss takes the logarithm of a probability. Is a temperature a "
        "probability? Which loss simply measures how far off a number is?",
    ),
    Misconception(
        "activation_loss_table",
        "a loss on logits behind an activation",
        concept="slide 'Softmax function': z, and what becomes of it",
        hint="Your activation has already turned the logits into probabilities, and your loss is told to expect "
        "logits. How often would the activation then be applied? Decide who does it, the layer or the loss.",
    ),
)

# --------------------------------------------------------------------------------------------------
# preprocess_images, one_hot, count_parameters
# --------------------------------------------------------------------------------------------------


def _flat(images: Any) -> Any:
    return images.reshape(len(images), -1)


_PREPROCESS = (
    Misconception(
        "preprocess_images",
        "not scaled",
        concept="slide 'Data wrangling': divide each by 255",
        hint="Your rows are right. Print the smallest and the largest number you return: are they what the task "
        "asks for? The slide names two steps.",
        answers={"preprocess_images": _flat},
    ),
    Misconception(
        "preprocess_images",
        "not flattened",
        concept="slide 'Data wrangling': from a matrix to a vector",
        hint="Your numbers are right. Print the shape of what you return: is an image a row yet? The slide names "
        "two steps.",
        answers={"preprocess_images": lambda images: images / 255},
    ),
    Misconception(
        "preprocess_images",
        "scaled by what is in the batch",
        concept="the same image must always become the same numbers",
        hint="Take a batch of dark images, and the same images with one bright one added. Do they become the same "
        "numbers? A pixel's largest possible value is known before any image is seen.",
        answers={"preprocess_images": lambda images: _flat(images) / images.max()},
    ),
    Misconception(
        "preprocess_images",
        "divided by the number of gray values",
        concept="slide 'Data wrangling': divide each by 255",
        hint="Your numbers are a little too small. What does a fully white pixel become, and what should it "
        "become? The number of possible values and the largest value are not the same.",
        answers={"preprocess_images": lambda images: _flat(images) / 256},
    ),
    Misconception(
        "preprocess_images",
        "column after column",
        concept="slide 'Data wrangling': each image becomes a vector",
        hint="All pixels are there, in another order. Make a small image of different numbers, flatten it and read "
        "off the order: does the first pixel row stay together?",
        answers={"preprocess_images": lambda images: _flat(images.transpose(0, 2, 1)) / 255},
    ),
    Misconception(
        "preprocess_images",
        "MNIST's size built in",
        concept="functions compute with what they are handed",
        hint="For 28 x 28 images all is right. The task speaks of r rows and c columns. Where can your code read "
        "how large the images are, or let NumPy work it out?",
        answers={"preprocess_images": lambda images: images.reshape(-1, 784) / 255},
    ),
    Misconception(
        "preprocess_images",
        "rounded down to whole numbers",
        concept="an integer type cannot hold the numbers between 0 and 1",
        hint="Only 0 and 1 came back: the gray is gone. Which kind of division, or which dtype, in your line "
        "throws the decimals away?",
        answers={"preprocess_images": lambda images: _flat(images) // 255},
    ),
    Misconception(
        "preprocess_images",
        "spread from -1 to 1",
        concept="slide 'Data wrangling': values 0 to 1",
        hint="Centred inputs are a sound habit, but the task asks for another range. Into what do you turn a black "
        "pixel, and what should it be?",
        answers={"preprocess_images": lambda images: _flat(images) / 127.5 - 1},
    ),
    Misconception(
        "preprocess_images",
        "standardised",
        concept="slide 'Data wrangling': values 0 to 1",
        hint="You subtract a mean and divide by a spread, which has its uses. The task asks for another range, and "
        "for numbers that do not depend on the rest of the batch. What should a black pixel become?",
        answers={"preprocess_images": lambda images: (_flat(images) - images.mean()) / images.std()},
    ),
)

_ONE_HOT = (
    Misconception(
        "one_hot",
        "dummy coding",
        concept="slide 'Data wrangling': 'dummy coding'",
        hint="You leave out one column, as statisticians do when they dummy code for a regression. The slide's "
        "words suggest it. But the network has an output for every digit: which digit has no column in yours?",
        answers={"one_hot": lambda labels, n_classes=10: np.eye(n_classes)[labels][:, 1:]},
        erratum="E11",
    ),
    Misconception(
        "one_hot",
        "reshaped, not encoded",
        concept="slide 'Data wrangling': labels are 'reshaped'",
        hint="The slide says that labels are reshaped, but a reshape only moves numbers that are already there. "
        "From one label, where would the other nine numbers come from? Each label has to be turned into a "
        "row.",
        answers={"one_hot": lambda labels, n_classes=10: labels.reshape(-1, n_classes)},
        erratum="E10",
    ),
    Misconception(
        "one_hot",
        "ten classes built in",
        concept="functions compute with what they are handed",
        hint="For digits all is right. What does your function do with its second argument? Search your code for a "
        "number that should be its name.",
        answers={"one_hot": lambda labels, n_classes=10: np.eye(10)[labels]},
    ),
    Misconception(
        "one_hot",
        "as many columns as the largest label needs",
        concept="the number of classes does not depend on the batch",
        hint="Suppose a batch happens to hold no nines. How many columns does your table have then, and how many "
        "outputs has the network? You are handed the number you need.",
        answers={"one_hot": lambda labels, n_classes=10: np.eye(labels.max() + 1)[labels]},
    ),
    Misconception(
        "one_hot",
        "columns only for labels that occur",
        concept="the number of classes does not depend on the batch",
        hint="Suppose a batch holds only twos, fives and sevens. How many columns does your table have, and what "
        "does the first one mean? A column should mean the same digit in every batch.",
        answers={"one_hot": lambda labels, n_classes=10: labels[:, None] == np.unique(labels)},
    ),
    Misconception(
        "one_hot",
        "one observation a column",
        concept="rows are observations",
        hint="Your table lies on its side. How many rows should there be: one for each label or one for each class?",
        answers={"one_hot": lambda labels, n_classes=10: np.eye(n_classes)[labels].T},
    ),
    Misconception(
        "one_hot",
        "classes counted from 1",
        concept="slide 'Data wrangling': the digit 3 in its example",
        hint="Look at the slide's example for the digit 3: how many zeros stand before the 1, and how many in "
        "yours? Which column should the digit 0 have?",
        answers={"one_hot": lambda labels, n_classes=10: np.eye(n_classes)[labels.astype(int) - 1]},
    ),
)

_COUNT = (
    Misconception(
        "count_parameters",
        "biases forgotten",
        concept="weights and bias terms are both learned",
        hint="You counted every arrow of the network. What else does each unit learn? Compare with what "
        "model.summary() says for a small network.",
        answers={"n_params": lambda sizes: sum(a * b for a, b in pairwise(sizes))},
    ),
    Misconception(
        "count_parameters",
        "a bias for each input",
        concept="a bias belongs to the unit that adds it",
        hint="You counted biases, but on the wrong side of the layer. To which units does a layer's bias belong: "
        "those the arrows leave, or those they reach? The inputs themselves learn nothing.",
        answers={"n_params": lambda sizes: sum(a * b + a for a, b in pairwise(sizes))},
    ),
    Misconception(
        "count_parameters",
        "one bias for each layer",
        concept="a bias belongs to the unit that adds it",
        hint="You gave each layer a single bias. Look at the matrix slide: how many entries has B?",
        answers={"n_params": lambda sizes: sum(a * b + 1 for a, b in pairwise(sizes))},
    ),
    Misconception(
        "count_parameters",
        "one hidden layer built in",
        concept="a network of any depth",
        hint="For three sizes all is right. What does your function do when there are two, or five? Go through the "
        "sizes in neighbouring pairs.",
        answers={"n_params": lambda s: s[0] * s[1] + s[1] + s[1] * s[2] + s[2]},
    ),
    Misconception(
        "count_parameters",
        "the lecture's number",
        concept="functions compute with what they are handed",
        hint="For the lecture's network your number is right. What should change in it when the hidden layer has "
        "one unit more? Work that out, and you have the formula.",
        answers={"n_params": lambda sizes: 407050},
    ),
)

# --------------------------------------------------------------------------------------------------
# build_model, compile_model
# --------------------------------------------------------------------------------------------------

_NETWORK = "slide 'Network Architecture'"

_BUILD = (
    Misconception(
        "build_model",
        "sigmoid output",
        concept=_NETWORK,
        hint="Add up the ten outputs for one image. Each looks like a probability, but what should their sum be "
        "when an image shows exactly one digit? Look in your table of activations for classes that exclude "
        "each other.",
    ),
    Misconception(
        "build_model",
        "linear output (logits)",
        concept=_NETWORK,
        hint="Your outputs may be negative and do not add up to 1: they are what the slides call z. What does the "
        "slide put behind it, so that the output can be read as probabilities?",
    ),
    Misconception(
        "build_model",
        "another activation at the output",
        concept=_NETWORK,
        hint="Add up the ten outputs for one image. Can they be read as probabilities of ten digits, of which one "
        "is right? The slide names the activation of the last layer.",
    ),
    Misconception(
        "build_model",
        "no activation in the hidden layer",
        concept="slide 'Multilayer Perceptrons': each followed by a nonlinear activation",
        hint="A Dense layer without an activation only multiplies and adds. Two such layers in a row can be "
        "written as one. What makes the hidden layer worth having? The slide names it.",
    ),
    Misconception(
        "build_model",
        "sigmoid in the hidden layer",
        concept=_NETWORK,
        hint="That is the activation of the earlier notebooks, and it does work. The lecture's network for the "
        "digits uses another one in its hidden layer, which does not go flat for large values. Which one?",
    ),
    Misconception(
        "build_model",
        "another activation in the hidden layer",
        concept=_NETWORK,
        hint="Your hidden layer bends its sums, but not as the lecture's does. What does the slide say behind '512 "
        "hidden units'? Some activations have names and shapes that are very much alike.",
    ),
    Misconception(
        "build_model",
        "no hidden layer",
        concept=_NETWORK,
        hint="Your network goes from the pixels straight to the digits. That is a perceptron for ten classes. What "
        "did notebook 2 need between inputs and output to learn XOR?",
    ),
    Misconception(
        "build_model",
        "layers that the lecture's network does not have",
        concept=_NETWORK,
        hint="Your network has more layers with parameters than the slide's. More is not wrong as such, but this "
        "question asks for the lecture's network. Count the Dense layers on the slide and compare.",
    ),
    Misconception(
        "build_model",
        "another number of hidden units",
        concept=_NETWORK,
        hint="The shape of your network is right, its width is not. How many hidden units does the slide give it?",
    ),
    Misconception(
        "build_model",
        "outputs and classes do not match",
        concept=_NETWORK,
        hint="How many different digits are there, zero among them? Each needs an output of its own: compare with "
        "the last layer of your network.",
    ),
    Misconception(
        "build_model",
        "biases switched off",
        concept="weights and bias terms are both learned",
        hint="Your layers multiply, but they do not add anything of their own. Compare the number of parameters in "
        "model.summary() with your count from n_params.",
    ),
    Misconception(
        "build_model",
        "images not flattened",
        concept="slide 'Data wrangling': from a matrix to a vector",
        hint="A Dense layer works on the last axis alone. Given a whole image, it treats every pixel row as an "
        "observation. Either the model flattens its images first, or it takes rows that have been flattened "
        "already.",
    ),
    Misconception(
        "build_model",
        "something that acts in training only",
        concept=_NETWORK,
        hint="In training your network computes something else than in prediction. A layer that drops units at "
        "random is often useful against overfitting, but is it on the slide?",
    ),
    Misconception(
        "build_model",
        "all weights start equal",
        concept="units that start equal stay equal",
        hint="If all weights of a layer begin with one value, every unit gets the same gradient and they stay "
        "copies of each other. What does Keras do when you do not choose a start yourself?",
    ),
)

_LOSS = "slide 'Network Architecture': categorical_crossentropy"

_COMPILE = (
    Misconception(
        "compile_model",
        "never compiled",
        concept="slide 'Neural Network Workflow': compile, then fit",
        hint="After your function the model still does not know how to learn. Which method of the model takes an "
        "optimizer, a loss and metrics, and did you call it on the model you were handed?",
    ),
    Misconception(
        "compile_model",
        "another optimizer",
        concept="slide 'Network Architecture': rmsprop",
        hint="Your choice would train this network as well. But the question asks for the lecture's: read the line "
        "about the optimization algorithm once more.",
    ),
    Misconception(
        "compile_model",
        "squared error for classes",
        concept=_LOSS,
        hint="It will train, and even quite well, so nothing warns you. But which loss goes with softmax in the "
        "table of activations and losses? Think of what a sure mistake should cost.",
    ),
    Misconception(
        "compile_model",
        "binary cross-entropy for ten classes",
        concept=_LOSS,
        hint="Your loss asks ten separate yes-or-no questions. Which loss fits a softmax, whose outputs are the "
        "answers to a single question? The table of activations and losses has a row for each case.",
    ),
    Misconception(
        "compile_model",
        "the sparse loss for one-hot labels",
        concept=_LOSS,
        hint="Your loss is the right one for labels that are whole numbers. What did one_hot make of the labels in "
        "this notebook? The two losses have nearly the same name.",
    ),
    Misconception(
        "compile_model",
        "a loss on logits behind softmax",
        concept="slide 'Softmax function': z, and what becomes of it",
        hint="Your loss is told to expect logits and applies softmax to them. What does the last layer of the "
        "network apply already? Decide who does it, the layer or the loss.",
    ),
    Misconception(
        "compile_model",
        "sum over the batch for the mean",
        concept="a loss that does not depend on the batch's size",
        hint="Your loss is right for one image and grows with the batch. What would that do to the size of a step? "
        "Look at how the losses of a batch are put together; the default is what the lecture uses.",
    ),
    Misconception(
        "compile_model",
        "no accuracy asked for",
        concept="slide 'Network Architecture': accuracy performance measure",
        hint="Optimizer and loss are what the network needs. You would like to read something too: the proportion "
        "of digits it gets right. Which argument of compile asks for that?",
    ),
    Misconception(
        "compile_model",
        "another metric than accuracy",
        concept="slide 'Network Architecture': the proportion of times the correct class is chosen",
        hint="You asked for a measure, but it is not the proportion of digits that are right. Try yours on two "
        "predictions, one right and one wrong: does it say one half?",
    ),
)

# --------------------------------------------------------------------------------------------------
# train_model, read_predictions
# --------------------------------------------------------------------------------------------------

_TRAIN = (
    Misconception(
        "train_model",
        "the History not handed back",
        concept="slide 'Neural Network Workflow': fit",
        hint="The training itself happens. The record of it, with a loss for every epoch, is what fit gives you; "
        "the curves below are drawn from that. What happens to it in your function?",
    ),
    Misconception(
        "train_model",
        "epochs ignored",
        concept="slide 'Generic Feedforward Network': epochs = e",
        hint="Ask your function for two epochs and for seven, and look at the length of the record. Does the "
        "number reach fit? Without it Keras takes a default of its own.",
    ),
    Misconception(
        "train_model",
        "batch_size ignored",
        concept="slide 'Generic Feedforward Network': batch_size = b",
        hint="Ask your function for batches of 10 and of 50, and compare the number of updates in the progress "
        "bar. Does the number reach fit? Without it Keras takes a default of its own.",
    ),
    Misconception(
        "train_model",
        "the model handed in is not trained",
        concept="slide 'Neural Network Workflow': fit",
        hint="The weights of the model that was passed in are the same afterwards. Which object's fit do you call: "
        "that model's, or that of a copy or of another one in the notebook?",
    ),
    Misconception(
        "train_model",
        "images and labels out of step",
        concept="the i-th label belongs to the i-th image",
        hint="The model learned something by heart, only not the labels of these images. If you shuffle or sort "
        "one of the two arrays, what must happen to the other? fit shuffles by itself, both together.",
    ),
    Misconception(
        "train_model",
        "the last, smaller batch forgotten",
        concept="legend 'epochs (iterations)': updates in an epoch",
        hint="When the examples do not come out even, some are left over. Does Keras leave them out, or does it "
        "make one more batch? Count by hand for five examples in batches of two.",
        answers={"updates_per_epoch": lambda n, batch_size: n // batch_size},
        erratum="E18",
    ),
    Misconception(
        "train_model",
        "one batch too many when it comes out even",
        concept="legend 'epochs (iterations)': updates in an epoch",
        hint="You add a batch for what is left over. What if nothing is? Count by hand for four examples in "
        "batches of two.",
        answers={"updates_per_epoch": lambda n, batch_size: n // batch_size + 1},
        erratum="E18",
    ),
    Misconception(
        "train_model",
        "a fraction of an update",
        concept="legend 'epochs (iterations)': updates in an epoch",
        hint="You return a number with decimals. Can there be half an update? What does Keras do with the examples "
        "left over: one more batch, or none?",
        answers={"updates_per_epoch": lambda n, batch_size: n / batch_size},
        erratum="E18",
    ),
    Misconception(
        "train_model",
        "rounded to the nearest",
        concept="legend 'epochs (iterations)': updates in an epoch",
        hint="Your rounding goes up or down, as it is nearer. Suppose a single example is left over: is it used? "
        "Count by hand for seven examples in batches of three.",
        answers={"updates_per_epoch": lambda n, batch_size: round(n / batch_size)},
        erratum="E18",
    ),
    Misconception(
        "train_model",
        "the lecture's number of updates",
        concept="functions compute with what they are handed",
        hint="For the lecture's data and batches your number is right. What should change in it when the batches "
        "are twice as large? Work that out, and you have the formula.",
        answers={"updates_per_epoch": lambda n, batch_size: 469},
        erratum="E18",
    ),
)


def _counts(y: Any, y_hat: Any, n_classes: int) -> Any:
    counts = np.zeros((n_classes, n_classes))
    for true, predicted in zip(y, y_hat, strict=True):
        counts[true, predicted] += 1
    return counts


def _counted_once(y: Any, y_hat: Any, n_classes: int) -> Any:
    counts = np.zeros((n_classes, n_classes))
    counts[y, y_hat] += 1
    return counts


def _shares(y: Any, y_hat: Any, n_classes: int) -> Any:
    counts = _counts(y, y_hat, n_classes)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def _classes_that_occur(y: Any, y_hat: Any, n_classes: int) -> Any:
    occurring = np.unique(np.concatenate([y, y_hat]))
    return _counts(y, y_hat, n_classes)[np.ix_(occurring, occurring)]


def _above_half(P: Any) -> Any:
    return [int(np.flatnonzero(row > 0.5)[0]) if (row > 0.5).any() else 0 for row in P]


_READ = (
    Misconception(
        "read_predictions",
        "the best image of each digit",
        concept="rows are observations",
        hint="You get one number for each digit. Do you want one for each digit, or one for each image? Along "
        "which axis should the competition run?",
        answers={"predict_digit": lambda P: np.argmax(P, axis=0)},
    ),
    Misconception(
        "read_predictions",
        "the probability in place of the digit",
        concept="slide 'Network Architecture': the highest probability corresponds to a label",
        hint="You return how sure the network is. The question is of what. The slide's example has its largest "
        "number in one place: is the number asked for, or the place?",
        answers={"predict_digit": lambda P: P.max(axis=1)},
    ),
    Misconception(
        "read_predictions",
        "digits counted from 1",
        concept="slide 'Network Architecture': the first output is for the digit 0",
        hint="All your digits are off by the same amount. Which digit belongs to the first column?",
        answers={"predict_digit": lambda P: np.argmax(P, axis=1) + 1},
    ),
    Misconception(
        "read_predictions",
        "a threshold of one half",
        concept="slide 'Predictions': round(p) is for two classes",
        hint="With two classes the winner always has more than one half. With ten, how small can the winner's "
        "share be? Compare the probabilities with each other instead of with a fixed number.",
        answers={"predict_digit": _above_half},
    ),
    Misconception(
        "read_predictions",
        "one-hot in place of the digit",
        concept="slide 'Data wrangling': labels and their encoding",
        hint="You return a row of zeros and a one for each image. That is the form in which labels went in. Which "
        "single number does such a row stand for?",
        answers={"predict_digit": lambda P: np.eye(P.shape[1])[np.argmax(P, axis=1)]},
    ),
    Misconception(
        "read_predictions",
        "rows and columns exchanged",
        concept="confusion matrix: rows true, columns predicted",
        hint="Your counts are right and your table lies on its side. Take one mistake, say a 4 read as a 9, and "
        "put your finger on the cell in which it should be counted.",
        answers={"confusion_matrix": lambda y, y_hat, n_classes: _counts(y_hat, y, n_classes)},
    ),
    Misconception(
        "read_predictions",
        "shares in place of counts",
        concept="confusion matrix: counts",
        hint="Your rows add up to 1. They should add up to something else, so that you can see how many images "
        "there were. Which last step is one too many?",
        answers={"confusion_matrix": _shares},
    ),
    Misconception(
        "read_predictions",
        "repeated pairs counted once",
        concept="NumPy: adding at the same place twice in one statement",
        hint="No cell of your table holds more than 1. When the same place comes up several times in one indexed "
        "addition, NumPy adds only once. How else could you count the repetitions?",
        answers={"confusion_matrix": _counted_once},
    ),
    Misconception(
        "read_predictions",
        "a table only for classes that occur",
        concept="the number of classes does not depend on the batch",
        hint="When a digit does not occur in a batch, your table loses a row and a column, and the rest move up. "
        "What is the third argument for?",
        answers={"confusion_matrix": _classes_that_occur},
    ),
)

MISCONCEPTIONS = (
    *_TABLE,
    *_PREPROCESS,
    *_ONE_HOT,
    *_BUILD,
    *_COUNT,
    *_COMPILE,
    *_TRAIN,
    *_READ,
)
