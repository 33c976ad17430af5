"""The misconceptions of notebook 3.

What a Keras model does cannot be compared value by value: those without answers are named by the hidden suite, which
sees the idea in the model's behaviour.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from grader.judge import Misconception
from grader.judge.habits import changed_input, nothing_returned

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
        "rows not under the task's keys",
        concept="a dictionary is read by its keys",
        hint="The judge looks up each row by its key, as the cells below do. Compare your keys with those of the "
        "task, letter for letter. A list, or a dictionary with other keys, may hold the right pairs, but nobody "
        "finds them there.",
    ),
    Misconception(
        "activation_loss_table",
        "one word where a pair is asked",
        concept=_CHOICES,
        hint="Each row of the slide has two entries: what the last layer does, and what judges it. You gave one. "
        "Where is the other?",
    ),
    Misconception(
        "activation_loss_table",
        "a row left open",
        concept=_CHOICES,
        hint="None stands for 'no activation', which is an answer. There is no task without a loss, though: what "
        "would the training then make smaller? Fill in the rows that you left open.",
    ),
    Misconception(
        "activation_loss_table",
        "two answers in one place",
        concept=_CHOICES,
        hint="You name a right word and a wrong one beside it, and a network can use only one of them. Decide: do "
        "the classes exclude each other, and what values can the answer take?",
    ),
    Misconception(
        "activation_loss_table",
        "an output that is no probability",
        concept=_CHOICES,
        hint="The network should say how probable a class is. Which values can your activation give, and which can "
        "a probability take? Look for the curve that has just these limits.",
    ),
    Misconception(
        "activation_loss_table",
        "an activation of a similar name",
        concept=_CHOICES,
        hint="Keras has many activations, and yours is a relative of the right one. Its name says what it does "
        "differently: straight pieces for a curve, or a logarithm at the end. Which one is on the slide?",
    ),
    Misconception(
        "activation_loss_table",
        "a loss that is not on the slide",
        concept=_CHOICES,
        hint="The activation is right. Keras has many losses, and yours exists, but the slide gives another one for "
        "this task. Read its row once more, word for word.",
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


def _nothing(*_: Any) -> None:
    """What a function gives that prints its answer."""


def _flat(images: Any) -> Any:
    return images.reshape(len(images), -1)


def _each_pixel_stretched(images: Any) -> Any:
    flat = _flat(images).astype(float)
    low, high = flat.min(axis=0), flat.max(axis=0)
    return (flat - low) / np.where(high > low, high - low, 1)


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
    Misconception(
        "preprocess_images",
        "each image by its own brightest pixel",
        concept="the same pixel must always become the same number",
        hint="Take a dark image and a bright one. After your function both reach the top: how should the network "
        "still tell them apart? A pixel's largest possible value is known before any image is seen.",
        answers={"preprocess_images": lambda images: _flat(images) / images.max(axis=(1, 2)).reshape(-1, 1)},
    ),
    Misconception(
        "preprocess_images",
        "each pixel by its own range",
        concept="the same pixel must always become the same number",
        hint="You look for the smallest and the largest value in each column, as one does for variables with units "
        "of their own. Pixels share one unit. What becomes of a batch that holds a single image?",
        answers={"preprocess_images": _each_pixel_stretched},
    ),
    Misconception(
        "preprocess_images",
        "one image a column",
        concept="rows are observations",
        hint="Your numbers are right and your table lies on its side. How many rows should there be: one for each "
        "image or one for each pixel?",
        answers={"preprocess_images": lambda images: _flat(images).T / 255},
    ),
    Misconception(
        "preprocess_images",
        "all images in one row",
        concept="rows are observations",
        hint="Your numbers are right, but one cannot see any more where an image ends. Which axis of the array "
        "counts the images, and should it disappear?",
        answers={"preprocess_images": lambda images: images.flatten() / 255},
    ),
    Misconception(
        "preprocess_images",
        "only black and white",
        concept="slide 'Data wrangling': values 0 to 1",
        hint="Only 0 and 1 came back: whatever was gray went to the nearer end. What should a pixel become that is "
        "exactly halfway? Compare or round nothing, and only scale.",
        answers={"preprocess_images": lambda images: np.round(_flat(images) / 255)},
    ),
    Misconception(
        "preprocess_images",
        "black and white exchanged",
        concept="slide 'Data wrangling': values 0 to 1",
        hint="Your images are negatives. What does a black pixel become in yours, and what in the task? MNIST's "
        "digits are bright on a dark ground; that is as it should be.",
        answers={"preprocess_images": lambda images: 1 - _flat(images) / 255},
    ),
    changed_input("preprocess_images"),
    nothing_returned("preprocess_images", "preprocess_images"),
)


def _all_in_one(labels: Any, n_classes: int) -> Any:
    return np.eye(n_classes)[labels].max(axis=0)


def _without_the_last(labels: Any, n_classes: int = 10) -> Any:
    rows = np.eye(n_classes)[labels]
    rows[-1] = 0
    return rows


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
    Misconception(
        "one_hot",
        "every row with the ones of all labels",
        concept="NumPy: a slice and an array as indices",
        hint="Every row of your table is the same. With a slice for the rows, NumPy sets the columns of all labels in "
        "each of them. What would pair the first row with the first label, and the second with the second?",
        answers={"one_hot": lambda labels, n_classes=10: np.tile(_all_in_one(labels, n_classes), (len(labels), 1))},
    ),
    Misconception(
        "one_hot",
        "one row for the whole batch",
        concept="rows are observations",
        hint="You mark which digits occur somewhere in the batch. How many rows should there be for five labels, and "
        "how could one tell from yours which image shows what?",
        answers={"one_hot": lambda labels, n_classes=10: _all_in_one(labels, n_classes)},
    ),
    Misconception(
        "one_hot",
        "the label in place of the 1",
        concept="slide 'Data wrangling': the digit 3 in its example",
        hint="The places are right. Look at what stands in them: is it a 1 everywhere? Print the row of the digit 0, "
        "and the slide's example beside it.",
        answers={"one_hot": lambda labels, n_classes=10: np.eye(n_classes)[labels] * labels[:, None]},
    ),
    Misconception(
        "one_hot",
        "zeros and ones exchanged",
        concept="slide 'Data wrangling': the digit 3 in its example",
        hint="Your rows say which digits the image does not show. How many ones has the slide's example, and how "
        "many has yours?",
        answers={"one_hot": lambda labels, n_classes=10: 1 - np.eye(n_classes)[labels]},
    ),
    Misconception(
        "one_hot",
        "one column too many",
        concept="slide 'Data wrangling': the digits 0 to 9",
        hint="Count the digits from 0 to the largest, and the columns of your table. Which column stays empty, "
        "whatever the image shows?",
        answers={"one_hot": lambda labels, n_classes=10: np.eye(n_classes + 1)[labels]},
    ),
    Misconception(
        "one_hot",
        "ones up to the label",
        concept="digits are names, not amounts",
        hint="Your rows grow longer with the digit, as if a 7 had everything that a 3 has and more. That suits "
        "grades or sizes. How many ones does the slide's row have?",
        answers={"one_hot": lambda labels, n_classes=10: np.arange(n_classes) <= labels[:, None]},
    ),
    Misconception(
        "one_hot",
        "labels sorted",
        concept="the i-th row belongs to the i-th image",
        hint="The rows are right, in an order of their own. To which image does your first row belong? The labels "
        "have to stay beside their images.",
        answers={"one_hot": lambda labels, n_classes=10: np.eye(n_classes)[np.sort(labels)]},
    ),
    Misconception(
        "one_hot",
        "labels scaled like pixels",
        concept="digits are names, not amounts",
        hint="Scaling is for brightness, where twice the number is twice as much. Is a 6 twice a 3? A label chooses "
        "one of the classes: what does the slide turn the digit 3 into?",
        answers={"one_hot": lambda labels, n_classes=10: labels / (n_classes - 1)},
    ),
    Misconception(
        "one_hot",
        "the labels handed back as they are",
        concept="slide 'Data wrangling': labels and their encoding",
        hint="You return the numbers that you were handed, perhaps in another shape or type. What should a single "
        "label become, and how many numbers is that?",
        answers={"one_hot": lambda labels, n_classes=10: labels},
    ),
    Misconception(
        "one_hot",
        "the last label forgotten",
        concept="range stops before its end",
        hint="All rows are right but the last, which holds only zeros. Where does your loop end? Try it with a "
        "single label.",
        answers={"one_hot": _without_the_last},
    ),
    changed_input("one_hot"),
    nothing_returned("one_hot", "one_hot"),
)


def _three_names(sizes: Any) -> int:
    n_in, n_hidden, n_out = sizes
    return int((n_in + 1) * n_hidden + (n_hidden + 1) * n_out)


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
    Misconception(
        "count_parameters",
        "sizes taken apart into three names",
        concept="a network of any depth",
        hint="Your function takes its list apart into a fixed number of names. What if the network has no hidden "
        "layer, or four? Go through the sizes in neighbouring pairs, however many there are.",
        answers={"n_params": _three_names},
    ),
    Misconception(
        "count_parameters",
        "biases for the inputs too",
        concept="a bias belongs to the unit that adds it",
        hint="You give every unit a bias, the inputs among them. What does an input compute? Compare with what "
        "model.summary() says for a small network.",
        answers={"n_params": lambda sizes: sum(a * b for a, b in pairwise(sizes)) + sum(sizes)},
    ),
    Misconception(
        "count_parameters",
        "a bias on both sides of a layer",
        concept="a bias belongs to the unit that adds it",
        hint="You add one to both sizes of a layer. One of these is the constant input whose weights are the "
        "biases. What would the other be? Draw a layer with two inputs and two units and count its arrows.",
        answers={"n_params": lambda sizes: sum((a + 1) * (b + 1) for a, b in pairwise(sizes))},
    ),
    Misconception(
        "count_parameters",
        "all sizes multiplied with each other",
        concept="arrows lead from one layer to the next",
        hint="For two sizes you are right. With three, how many arrows lead from the first layer to the second, and "
        "how many from the second to the third? Do these two numbers multiply or add up?",
        answers={"n_params": lambda sizes: int(np.prod(sizes)) + sum(sizes[1:])},
    ),
    Misconception(
        "count_parameters",
        "added where every unit meets every input",
        concept="arrows lead from every unit to every unit of the next layer",
        hint="Draw a layer with three inputs and four units, and count the arrows. Is it a sum of the two sizes? "
        "Where a plus and a times stand side by side, which of them does Python do first?",
        answers={"n_params": lambda sizes: sum(a + b for a, b in pairwise(sizes))},
    ),
    Misconception(
        "count_parameters",
        "units counted",
        concept="parameters are weights and biases",
        hint="You counted the units of the network. What does training change: the units, or what stands on the "
        "arrows between them? Compare with model.summary().",
        answers={"n_params": lambda sizes: sum(sizes)},
    ),
    Misconception(
        "count_parameters",
        "the last layer forgotten",
        concept="range stops before its end",
        hint="Your loop ends one layer too early. For a list of three sizes, how many layers with parameters are "
        "there, and how often does the loop run?",
        answers={"n_params": lambda sizes: sum((a + 1) * b for a, b in pairwise(sizes[:-1]))},
    ),
    Misconception(
        "count_parameters",
        "handed back after the first layer",
        concept="return ends a function at once",
        hint="For two sizes you are right, for more your number is that of the first layer. When does your function "
        "end? Look at how far the last line is indented.",
        answers={"n_params": lambda sizes: (sizes[0] + 1) * sizes[1]},
    ),
    Misconception(
        "count_parameters",
        "every second layer left out",
        concept="neighbouring pairs overlap",
        hint="Write down the pairs that your loop goes through for four sizes. Which arrows are in none of them? A "
        "hidden layer is the end of one pair and the start of the next.",
        answers={"n_params": lambda s: sum((a + 1) * b for a, b in list(pairwise(s))[::2])},
    ),
    Misconception(
        "count_parameters",
        "one count for each layer",
        concept="the network's parameters are one number",
        hint="Your counts are right, layer by layer. The task asks for one number: what is still to be done with them?",
        answers={"n_params": lambda sizes: [(a + 1) * b for a, b in pairwise(sizes)]},
    ),
    nothing_returned("count_parameters", "n_params"),
    changed_input("count_parameters"),
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
    Misconception(
        "build_model",
        "weights frozen",
        concept="slide 'Neural Network Workflow': fit",
        hint="Some of your weights are marked so that training must not change them. That is done with networks that "
        "somebody else has trained. Which of this network's weights should stay as random as they are?",
    ),
    Misconception(
        "build_model",
        "one model for all calls",
        concept="a function that builds makes something new each time",
        hint="Call your function twice and train one of the two models: the other has learned as well. They are the "
        "same object. Where is the model made: inside the function, or once before it?",
    ),
    Misconception(
        "build_model",
        "no model handed back",
        concept="slide 'Neural Network Workflow': the model is what all later steps need",
        hint="Your function may build a network, but what it hands back is none. Some methods, like summary, only "
        "print and give None. What should stand behind return?",
    ),
    Misconception(
        "build_model",
        "another computation than the slide's",
        concept=_NETWORK,
        hint="The sizes are right, but the network computes something else than the slide's. Is an activation only a "
        "relative of the one named there? Or is there a step between the layers, or behind them, such as a second "
        "activation or another scale?",
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
        "labels smoothed",
        concept=_LOSS,
        hint="Your loss takes a little of the 1 in each label and spreads it over the other digits. That can help "
        "large networks. The lecture's loss asks only for the true digit's probability: which argument is one too "
        "many?",
    ),
    Misconception(
        "compile_model",
        "the minus forgotten",
        concept=_LOSS,
        hint="Your loss is the right one upside down: the better the network, the larger it gets. Training makes a "
        "loss smaller. What is the sign of the logarithm of a probability?",
    ),
    Misconception(
        "compile_model",
        "a name that Keras does not know",
        concept="names in Keras are taken letter for letter",
        hint="Keras finds no loss of the name you gave it, and says so only when the loss is needed. Compare your "
        "spelling with the slide's, letter for letter.",
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
    Misconception(
        "train_model",
        "one update for each epoch",
        concept="legend 'epochs (iterations)': updates in an epoch",
        hint="The legend writes iterations in brackets behind epochs, as if they were the same. They are when all "
        "examples fit in one batch. How many batches are there in an epoch, and what happens after each?",
        answers={"updates_per_epoch": lambda n, batch_size: 1},
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


def _one_list_for_all_rows(y: Any, y_hat: Any, n_classes: int) -> Any:
    row = [0] * n_classes
    for predicted in y_hat:
        row[predicted] += 1
    return [row] * n_classes


def _of_ten(y: Any, y_hat: Any, n_classes: int) -> Any:
    return _counts(y, y_hat, 10)


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
    Misconception(
        "read_predictions",
        "one digit for all images",
        concept="rows are observations",
        hint="You return a single number, however many images there are, and it may be larger than 9. Where does "
        "the competition run: over the whole table, or within each row?",
        answers={"predict_digit": lambda P: np.argmax(P)},
    ),
    Misconception(
        "read_predictions",
        "the least probable digit",
        concept="slide 'Network Architecture': the highest probability corresponds to a label",
        hint="You return the digit that the network holds for the least likely. From which end do your sorted "
        "numbers start?",
        answers={"predict_digit": lambda P: np.argmin(P, axis=1)},
    ),
    nothing_returned("read_predictions", "predict_digit"),
    Misconception(
        "read_predictions",
        "a table that is not handed back",
        concept="print shows a value, return hands it on",
        hint="Your confusion_matrix hands nothing back. Whatever it counts or prints is lost when it ends: which "
        "statement passes a result to whoever called?",
        answers={"confusion_matrix": _nothing},
    ),
    Misconception(
        "read_predictions",
        "right answers left out",
        concept="confusion matrix: the diagonal",
        hint="Your table counts the mistakes alone. Add up all its cells: is it the number of images? A 4 that is "
        "read as a 4 has a cell as well.",
        answers={"confusion_matrix": lambda y, y_hat, k: _counts(y, y_hat, k) * (1 - np.eye(k))},
    ),
    Misconception(
        "read_predictions",
        "right answers only",
        concept="confusion matrix: beside the diagonal",
        hint="Your table counts only what was read rightly. Add up all its cells: is it the number of images? The "
        "mistakes are what the table is made for.",
        answers={"confusion_matrix": lambda y, y_hat, k: _counts(y, y_hat, k) * np.eye(k)},
    ),
    Misconception(
        "read_predictions",
        "the accuracy in place of the table",
        concept="confusion matrix: rows true, columns predicted",
        hint="One number says how many are right. It does not say which digit is taken for which: for that you need "
        "a cell for each pair of a true and a predicted digit.",
        answers={"confusion_matrix": lambda y, y_hat, n_classes: np.mean(y == y_hat)},
    ),
    Misconception(
        "read_predictions",
        "ten classes built in",
        concept="functions compute with what they are handed",
        hint="For digits all is right. What does your function do with its third argument? Search your code for a "
        "number that should be its name.",
        answers={"confusion_matrix": _of_ten},
    ),
    Misconception(
        "read_predictions",
        "counts in eight bits",
        concept="an integer type holds numbers up to a limit",
        hint="Small counts are right, large ones start again at zero. How far can a number of your table's dtype "
        "count? MNIST has about a thousand test images of each digit.",
        answers={"confusion_matrix": lambda y, y_hat, k: _counts(y, y_hat, k).astype(np.uint8)},
    ),
    Misconception(
        "read_predictions",
        "all rows are one and the same list",
        concept="Python: a list times a number repeats the list itself, not a copy",
        hint="All rows of your table are equal. When you count in one of them, look at the others: how many lists "
        "did you really make? NumPy has a function for a table of zeros.",
        answers={"confusion_matrix": _one_list_for_all_rows},
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
