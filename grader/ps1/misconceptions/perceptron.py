"""The misconceptions of notebook 1."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from grader.judge import AnyError, Misconception
from grader.judge.habits import changed_input, missing_key, nothing_returned, rounded


def _sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


# --------------------------------------------------------------------------------------------------
# sigmoid, weighted_sum
# --------------------------------------------------------------------------------------------------


def _normalised(z: Any) -> Any:
    e = np.exp(z - np.max(z))
    return e / np.sum(e)


def _arrays_only(z: Any) -> Any:
    if np.ndim(z) == 0:
        raise AnyError
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-z))


_SIGMOID = (
    Misconception(
        "sigmoid",
        "sign of the exponent",
        concept="slide 'Predictions': the step with exp(-0.5) is misprinted",
        hint="One step on the slide puts a number into exp with the wrong sign, and it is easy to carry that over. "
        "Try a large positive z in your head: should the unit be sure of 1 or sure of 0? Then see which of "
        "the two your function says.",
        answers={"sigmoid": lambda z: 1 / (1 + np.exp(z))},
        erratum="E2",
    ),
    Misconception(
        "sigmoid",
        "brackets missing in the denominator",
        concept="slide 'Predictions': p is a fraction",
        hint="Python divides before it adds. Read your line aloud in the order in which Python computes it, and "
        "compare with the slide: what all stands under the fraction bar? A probability should also never pass "
        "1; does yours?",
        answers={"sigmoid": lambda z: 1 / 1 + np.exp(-z)},
    ),
    Misconception(
        "sigmoid",
        "a step in place of a curve",
        concept="slide 'Predictions': first a probability, then a class",
        hint="Your function answers only 0 or 1. That is the decision, which comes later. How sure is the unit "
        "when h is just above zero, and how sure when h is far above? Those two should not give the same "
        "number.",
        answers={"sigmoid": lambda z: (np.asarray(z) > 0) * 1.0},
    ),
    Misconception(
        "sigmoid",
        "tanh in place of the sigmoid",
        concept="slide 'Predictions': a probability",
        hint="The curve has the right shape, but a probability is asked for. Which values does your function take "
        "for very negative z, and which values may a probability take?",
        answers={"sigmoid": np.tanh},
    ),
    Misconception(
        "sigmoid",
        "the slope in place of the curve",
        concept="slide 'The Backpropagation Algorithm': dp/dh belongs to a later step",
        hint="Your function is largest at zero and falls off on both sides. Should a probability go down again "
        "when the weighted sum keeps growing? You may be one step ahead, in the derivative.",
        answers={"sigmoid": lambda z: _sigmoid(z) * (1 - _sigmoid(z))},
    ),
    Misconception(
        "sigmoid",
        "overflow at large z",
        concept="exp of a large number is infinite in floating point",
        hint="On paper your formula is right. In the computer, ask what exp gives for a very large number, and "
        "what one infinity divided by another is. Can the fraction be rewritten so that only one exp is left "
        "in it?",
        answers={"sigmoid": lambda z: np.exp(z) / (1 + np.exp(z))},
    ),
    Misconception(
        "sigmoid",
        "a loop over vectors only",
        concept="NumPy functions take arrays of any shape",
        hint="Your loop works for a vector. What does it see when z is a table, or a single number? NumPy has "
        "functions that take arrays of any shape at once, so that no loop is needed.",
        answers={"sigmoid": lambda z: np.array([1 / (1 + math.exp(-v)) for v in z])},
    ),
    Misconception(
        "sigmoid",
        "math.exp takes single numbers",
        concept="NumPy functions take arrays of any shape",
        hint="The functions in Python's math module take one number at a time. Which library has the same function "
        "for whole arrays?",
        answers={"sigmoid": lambda z: 1 / (1 + math.exp(-z))},
    ),
    Misconception(
        "sigmoid",
        "the shape is lost",
        concept="an activation works on each entry by itself",
        hint="The numbers are right, but they come back in one long row. Compare the shape of what goes in with "
        "the shape of what comes out, for a table. Is the line that changes it needed at all?",
        answers={"sigmoid": lambda z: 1 / (1 + np.exp(-np.ravel(z)))},
    ),
    Misconception(
        "sigmoid",
        "rounded as on the slide",
        concept="slide 'Predictions': numbers are rounded there for reading only",
        hint="The slide rounds its numbers so that they fit a table. Later steps use your function too, and "
        "derivatives notice every digit. Where would be a better place to round, if at all?",
        answers={"sigmoid": lambda z: np.round(1 / (1 + np.exp(-z)), 2)},
    ),
    Misconception(
        "sigmoid",
        "printed, not returned",
        concept="a function hands its result back with return",
        hint="Your function computes something and then keeps it to itself: whoever calls it gets None. Put the "
        "result of your own call into a variable and look at it. What is the difference between showing and "
        "returning?",
        answers={"sigmoid": lambda z: None},
    ),
    Misconception(
        "sigmoid",
        "minus in the denominator",
        concept="slide 'Predictions': p = 1 / (1 + exp(-h))",
        hint="Your denominator can become zero or negative, so that the answer is no probability at all. Where exactly "
        "does the minus stand on the slide: between the two terms of the denominator, or somewhere else?",
        answers={"sigmoid": lambda z: 1 / (1 - np.exp(z))},
    ),
    Misconception(
        "sigmoid",
        "normalised like a softmax",
        concept="an activation works on each entry by itself",
        hint="Your numbers add up to one over the whole array, so that every entry depends on all the others. That "
        "belongs to a later notebook. What should the function say of a single zero, alone or in company?",
        answers={"sigmoid": _normalised},
    ),
    Misconception(
        "sigmoid",
        "another base than e",
        concept="slide 'Predictions': exp is the natural exponential",
        hint="Your curve has the right form and rises at another speed. Which number is raised to a power on the "
        "slide? NumPy has a function for just that power.",
        answers={"sigmoid": lambda z: 1 / (1 + 2.0 ** (-np.asarray(z)))},
    ),
    Misconception(
        "sigmoid",
        "straight lines in place of the curve",
        concept="slide 'Predictions': a smooth curve",
        hint="What you wrote is a cheap stand-in made of straight lines, which some libraries offer. Its slope jumps, "
        "and it is right at hardly any z. Which formula is on the slide?",
        answers={"sigmoid": lambda z: np.clip(0.2 * np.asarray(z) + 0.5, 0, 1)},
    ),
    Misconception(
        "sigmoid",
        "arrays only, no single number",
        concept="NumPy functions take arrays of any shape, and single numbers too",
        hint="For arrays all is right. A single number has no length and no shape to loop over; try one. Which of your "
        "lines asks for them, and is the line needed at all?",
        answers={"sigmoid": _arrays_only},
    ),
    Misconception(
        "sigmoid",
        "zero left out",
        concept="every number is below zero, above it, or zero",
        hint="You treat numbers above and below zero apart, which is a good way to keep exp small. Which number is "
        "neither? See what your function says for it, and what the curve should be there.",
        answers={"sigmoid": lambda z: np.where(np.asarray(z) == 0, 0.0, _sigmoid(np.asarray(z)))},
    ),
    changed_input("sigmoid"),
)

_WEIGHTED_SUM = (
    Misconception(
        "weighted_sum",
        "bias forgotten",
        concept="slide 'Predictions': h = w1 X1 + w2 X2 + b",
        hint="Count the terms in the slide's formula for h, and then those in yours. What should the answer be for "
        "a row of zeros?",
        answers={"weighted_sum": lambda X, w, b: X @ w},
    ),
    Misconception(
        "weighted_sum",
        "bias subtracted",
        concept="slide 'Predictions': h = w1 X1 + w2 X2 + b",
        hint="On the slide b is a negative number, which makes its line look like a subtraction. Look at the "
        "formula with letters instead: which sign stands before b?",
        answers={"weighted_sum": lambda X, w, b: X @ w - b},
    ),
    Misconception(
        "weighted_sum",
        "two inputs built in",
        concept="slide 'Perceptrons': two inputs are an example",
        hint="The lecture's network has two inputs; the function should take any number of them. What does your "
        "code do with a third column of X? One operation of NumPy multiplies and adds up, whatever the number "
        "of columns.",
        answers={"weighted_sum": lambda X, w, b: X[:, 0] * w[0] + X[:, 1] * w[1] + b},
    ),
    Misconception(
        "weighted_sum",
        "summed over all rows",
        concept="each row of X is one observation",
        hint="One single number came back for a whole table. How many observations are there, and how many "
        "predictions do you want? Think about the axis along which the sum should run.",
        answers={"weighted_sum": lambda X, w, b: np.sum(X * w) + b},
    ),
    Misconception(
        "weighted_sum",
        "summed down the columns",
        concept="each row of X is one observation",
        hint="You get one number for each input. Do you want one for each input, or one for each observation? "
        "Print the shapes of X and of your answer side by side.",
        answers={"weighted_sum": lambda X, w, b: np.sum(X * w, axis=0) + b},
    ),
    Misconception(
        "weighted_sum",
        "products not added up",
        concept="slide 'Predictions': h is one number for an observation",
        hint="The star multiplies entry by entry and leaves a table. Which part of the words 'weighted sum' is "
        "still to be done?",
        answers={"weighted_sum": lambda X, w, b: X * w + b},
    ),
    Misconception(
        "weighted_sum",
        "a column in place of a vector",
        concept="shapes: (n,) and (n, 1) are different",
        hint="The numbers are right but stand in a column of shape (n, 1). Subtract a vector of shape (n,) from "
        "such a column once and look at the shape of the result: that is why the task asks for (n,).",
        answers={"weighted_sum": lambda X, w, b: (X @ w + b).reshape(-1, 1)},
    ),
    Misconception(
        "weighted_sum",
        "mean for sum",
        concept="slide 'Predictions': h is a sum",
        hint="Your answer shrinks when more inputs are added. Is h on the slide divided by the number of inputs?",
        answers={"weighted_sum": lambda X, w, b: np.mean(X * w, axis=1) + b},
    ),
    Misconception(
        "weighted_sum",
        "bias added once for each input",
        concept="slide 'Predictions': one bias a unit",
        hint="Where in your line does b come in: before or after the sum? Count how many times it ends up in the "
        "answer when there are three inputs.",
        answers={"weighted_sum": lambda X, w, b: np.sum(X * w + b, axis=1)},
    ),
    Misconception(
        "weighted_sum",
        "the activation too early",
        concept="slide 'Predictions': first h, then p",
        hint="All your numbers lie between 0 and 1. Is that so for h on the slide? The curve comes in the next step "
        "and has a function of its own.",
        answers={"weighted_sum": lambda X, w, b: _sigmoid(X @ w + b)},
    ),
    Misconception(
        "weighted_sum",
        "the slide's column typed in",
        concept="functions compute with what they are handed",
        hint="Your function says the same whatever it is handed. Those are the numbers of one example. How do they "
        "come from X, w and b?",
        answers={"weighted_sum": lambda X, w, b: np.array([-0.5, -1.5, 0.5, -0.5])},
    ),
    Misconception(
        "weighted_sum",
        "the slide's weights built in",
        concept="functions compute with what they are handed",
        hint="The slide's weights are one example. Call your function with other weights: does the answer change? Look "
        "for numbers, or names of the notebook, where an argument should be.",
        answers={"weighted_sum": lambda X, w, b: X @ np.array([1.0, -1.0]) - 0.5},
    ),
    Misconception(
        "weighted_sum",
        "the first row only",
        concept="each row of X is one observation",
        hint="One single number came back for a whole table: that of its first row. When does your loop come to the "
        "second row? Look at how far the return line is indented.",
        answers={"weighted_sum": lambda X, w, b: X[0] @ w + b},
    ),
    Misconception(
        "weighted_sum",
        "the last input left out",
        concept="range ends before its last number",
        hint="Change the last column of X: does your answer change? Count the turns of your loop over the inputs by "
        "hand for two inputs.",
        answers={"weighted_sum": lambda X, w, b: X[:, :-1] @ w[:-1] + b},
    ),
    Misconception(
        "weighted_sum",
        "bias multiplied",
        concept="slide 'Predictions': h = w1 X1 + w2 X2 + b",
        hint="What should the answer be for a row of zeros? Look at how b is joined to the other terms on the slide, "
        "and how in your line.",
        answers={"weighted_sum": lambda X, w, b: X @ w * b},
    ),
    Misconception(
        "weighted_sum",
        "X transposed",
        concept="each row of X is one observation",
        hint="NumPy will not multiply these shapes, or gives one number for each input. Write the shapes of both "
        "factors side by side: the inner two must agree, and the outer one should count observations. Must X be "
        "turned for that?",
        answers={"weighted_sum": lambda X, w, b: X.T @ w + b},
    ),
    Misconception(
        "weighted_sum",
        "turned only where it does not fit",
        concept="shapes that fit may still be the wrong way round",
        hint="A matrix is turned only where NumPy complains, or where its shape differs. When there are as many rows "
        "as columns, nobody complains either way, and the numbers are the wrong ones. Work out which way round is "
        "right, and do that always.",
        answers={"weighted_sum": lambda X, w, b: (X.T if len(set(X.shape)) == 1 else X) @ w + b},
    ),
    changed_input("weighted_sum"),
    nothing_returned("weighted_sum", "weighted_sum"),
    rounded("weighted_sum", 2, weighted_sum=lambda X, w, b: X @ w + b),
)

# --------------------------------------------------------------------------------------------------
# perceptron_table, slide_errors
# --------------------------------------------------------------------------------------------------


def _no_row_above(X: Any, w: Any, b: Any) -> Any:
    h = X @ w + b
    return h, _sigmoid(h), np.zeros(len(h))


def _slide_third_row(X: Any, w: Any, b: Any) -> Any:
    h = X @ w + b
    p = _sigmoid(-np.abs(h))
    return h, p, p > 0.5


def _table_sign(X: Any, w: Any, b: Any) -> Any:
    h = X @ w + b
    p = 1 / (1 + np.exp(h))
    return h, p, p > 0.5


def _h_above_half(X: Any, w: Any, b: Any) -> Any:
    h = X @ w + b
    return h, _sigmoid(h), h > 0.5


def _h_rounded(X: Any, w: Any, b: Any) -> Any:
    h = X @ w + b
    return h, _sigmoid(h), np.round(h)


def _class_is_p(X: Any, w: Any, b: Any) -> Any:
    h = X @ w + b
    return h, _sigmoid(h), _sigmoid(h)


def _class_reversed(X: Any, w: Any, b: Any) -> Any:
    h = X @ w + b
    return h, _sigmoid(h), _sigmoid(h) < 0.5


def _no_squashing(X: Any, w: Any, b: Any) -> Any:
    h = X @ w + b
    return h, h, h > 0.5


def _p_rounded(X: Any, w: Any, b: Any) -> Any:
    h = X @ w + b
    p = np.round(_sigmoid(h), 2)
    return h, p, p > 0.5


def _table_of(h: Any) -> Any:
    return h, _sigmoid(h), _sigmoid(h) > 0.5


def _squashed_twice(X: Any, w: Any, b: Any) -> Any:
    h = X @ w + b
    p = _sigmoid(_sigmoid(h))
    return h, p, p > 0.5


_TABLE = (
    Misconception(
        "perceptron_table",
        "no row above one half",
        concept="slide 'Complete the table': its last column is misprinted",
        hint="The slide's completed table has the same class in every row, and so has yours. Look at the rows of "
        "your table where h is positive: on which side of one half is p there, and what should follow?",
        answers={"perceptron_table": _no_row_above},
        erratum="E1",
    ),
    Misconception(
        "perceptron_table",
        "a positive h squeezed below one half",
        concept="slide 'Complete the table': row (1, 0) is misprinted",
        hint="In the slide's table an h of plus and of minus the same size get the same p. Can that be, for a "
        "curve that always rises? Compare your p for two rows whose h differ only in sign.",
        answers={"perceptron_table": _slide_third_row},
        erratum="E1",
    ),
    Misconception(
        "perceptron_table",
        "the slide's table copied",
        concept="slide 'Complete the table': one example, with a misprint",
        hint="Your function gives the lecture's numbers whatever it is handed. It should compute a table for any "
        "X, w and b. And one row of the slide's table is misprinted: compute it yourself and you will find "
        "it.",
        answers={
            "perceptron_table": lambda X, w, b: (
                [-0.5, -1.5, 0.5, -0.5],
                [0.38, 0.18, 0.38, 0.38],
                [0, 0, 0, 0],
            )
        },
        erratum="E1",
    ),
    Misconception(
        "perceptron_table",
        "sign of the exponent",
        concept="slide 'Predictions': the step with exp(-0.5) is misprinted",
        hint="Look at two rows, one with a large positive h and one with a large negative h. Which of them should "
        "the unit call a 1? If yours are the other way round, follow the sign into exp.",
        answers={"perceptron_table": _table_sign},
        erratum="E2",
    ),
    Misconception(
        "perceptron_table",
        "h compared with one half",
        concept="slide 'Predictions': y_hat = round(p)",
        hint="The boundary of one half belongs to one of the columns, and you applied it to another. Which column "
        "holds numbers between 0 and 1? Check a row whose h is positive but small.",
        answers={"perceptron_table": _h_above_half},
    ),
    Misconception(
        "perceptron_table",
        "h rounded in place of p",
        concept="slide 'Predictions': y_hat = round(p)",
        hint="Your last column holds numbers other than 0 and 1. What is rounded on the slide, and which letter "
        "did you round?",
        answers={"perceptron_table": _h_rounded},
    ),
    Misconception(
        "perceptron_table",
        "the probability handed in as the class",
        concept="slide 'Predictions': first a probability, then a class",
        hint="Your last two columns are equal. One of them should say how sure the unit is, the other which class "
        "it chooses. What turns the first into the second?",
        answers={"perceptron_table": _class_is_p},
    ),
    Misconception(
        "perceptron_table",
        "the classes turned round",
        concept="slide 'Predictions': p is the probability of class 1",
        hint="What is p the probability of? Take a row in which p is close to 1 and say in words which class the "
        "unit believes in. Then look at your last column.",
        answers={"perceptron_table": _class_reversed},
    ),
    Misconception(
        "perceptron_table",
        "the activation forgotten",
        concept="slide 'Predictions': transform to a probability",
        hint="Some of your probabilities lie outside 0 and 1. Between h and p there is a step on the slide that "
        "begins with the words 'Transform to a probability'. Did you take it?",
        answers={"perceptron_table": _no_squashing},
    ),
    Misconception(
        "perceptron_table",
        "rounded as on the slide",
        concept="slide 'Predictions': numbers are rounded there for reading only",
        hint="The slide shows two digits so that the table fits. Your p has lost its other digits for good. Who "
        "needs them rounded, you or the reader of the table?",
        answers={"perceptron_table": _p_rounded},
    ),
    Misconception(
        "perceptron_table",
        "bias forgotten",
        concept="slide 'Predictions': h = w1 X1 + w2 X2 + b",
        hint="All three columns are off, because the first is. Count the terms in the slide's formula for h, and "
        "then those in yours. Your own weighted_sum may be of help.",
        answers={"perceptron_table": lambda X, w, b: _table_of(X @ w)},
    ),
    Misconception(
        "perceptron_table",
        "the slide's weights built in",
        concept="functions compute with what they are handed",
        hint="The table belongs to the lecture's weights, whatever weights your function gets. Look for numbers in "
        "your code that should be the names of arguments.",
        answers={"perceptron_table": lambda X, w, b: _table_of(X @ np.array([1.0, -1.0]) - 0.5)},
    ),
    Misconception(
        "perceptron_table",
        "two inputs built in",
        concept="slide 'Perceptrons': two inputs are an example",
        hint="With two inputs your table is right. What does your code do with a third column of X? You have "
        "already written a function that takes any number of columns.",
        answers={"perceptron_table": lambda X, w, b: _table_of(X[:, 0] * w[0] + X[:, 1] * w[1] + b)},
    ),
    Misconception(
        "perceptron_table",
        "results in another order",
        concept="the task names the order of the results",
        hint="Three columns come back, and two have changed places. Which order does the task name, and in which order "
        "does your return line list them?",
        answers={"perceptron_table": lambda X, w, b: tuple(_table_of(X @ w + b)[i] for i in (1, 0, 2))},
    ),
    Misconception(
        "perceptron_table",
        "only the last column returned",
        concept="a function can return several results",
        hint="Your last column comes back alone. The task asks for all three. How does a function hand back more than "
        "one thing?",
        answers={"perceptron_table": lambda X, w, b: _table_of(X @ w + b)[2]},
    ),
    Misconception(
        "perceptron_table",
        "one table in place of three columns",
        concept="three results, separated by commas",
        hint="You return one table. Whoever calls your function takes three results from it, one column each; what "
        "does Python hand out when it unpacks a table: its rows or its columns?",
        answers={"perceptron_table": lambda X, w, b: np.column_stack(_table_of(X @ w + b))},
    ),
    Misconception(
        "perceptron_table",
        "the activation applied twice",
        concept="the same letter before and after the activation",
        hint="All your probabilities are above one half. How often does the sigmoid stand between h and p in your "
        "code, helpers included?",
        answers={"perceptron_table": _squashed_twice},
        erratum="E6",
    ),
    Misconception(
        "perceptron_table",
        "p in per cent",
        concept="slide 'Predictions': a probability lies between 0 and 1",
        hint="Your numbers run up to a hundred. On the slide a probability is a number between 0 and 1, and later "
        "steps compute with it as such.",
        answers={"perceptron_table": lambda X, w, b: (X @ w + b, 100 * _sigmoid(X @ w + b), ...)},
    ),
    Misconception(
        "perceptron_table",
        "classes 1 and -1",
        concept="slide 'Predictions': the classes are 0 and 1",
        hint="Your last column knows plus and minus. What are the two classes called in the lecture's table? Compare "
        "with its column y.",
        answers={"perceptron_table": lambda X, w, b: (X @ w + b, _sigmoid(X @ w + b), np.sign(X @ w + b))},
    ),
    Misconception(
        "perceptron_table",
        "the lecture's four rows built in",
        concept="functions compute with what they are handed",
        hint="However many observations there are, your table has four rows, as in the lecture. Where could your code "
        "read the number of rows from?",
        answers={"perceptron_table": lambda X, w, b: _table_of(X[:4] @ w + b)},
    ),
    Misconception(
        "perceptron_table",
        "h rounded as on the slide",
        concept="slide 'Predictions': numbers are rounded there for reading only",
        hint="The slide shows few digits so that the table fits. Your h has lost its other digits for good. Who needs "
        "them rounded, you or the reader of the table?",
        answers={"perceptron_table": lambda X, w, b: (np.round(X @ w + b, 2), ..., ...)},
    ),
    changed_input("perceptron_table"),
    nothing_returned("perceptron_table", "perceptron_table"),
)

_SLIDE_ERRORS = (
    Misconception(
        "slide_errors",
        "the column that follows from it",
        concept="slide 'Complete the table': y_hat comes from p",
        hint="You found a wrong number. What else in that row is computed from it? Work the row through to its end "
        "with the right number.",
        answers={"slide_errors": {(3, "p")}},
        erratum="E1",
    ),
    Misconception(
        "slide_errors",
        "the column that led to it",
        concept="slide 'Complete the table': y_hat comes from p",
        hint="You found a wrong class. Where does it come from? Check the number to its left with your own sigmoid.",
        answers={"slide_errors": {(3, "y_hat")}},
        erratum="E1",
    ),
    Misconception(
        "slide_errors",
        "rows counted from 0",
        concept="the task numbers the rows from 1 to 4",
        hint="You have seen what is wrong, and then counted as Python does. How does the task number the rows of "
        "the table?",
        answers={"slide_errors": {(2, "p"), (2, "y_hat")}},
        erratum="E1",
    ),
    Misconception(
        "slide_errors",
        "the slide taken on trust",
        concept="slide 'Complete the table'",
        hint="Slides are written by people. Compute all four rows with your own functions and lay the two tables "
        "side by side, entry by entry. Two digits are all the slide shows, so small differences do not count.",
        answers={"slide_errors": set()},
        erratum="E1",
    ),
    Misconception(
        "slide_errors",
        "bad predictions taken for misprints",
        concept="slide 'Performance': 'Our network isn't so great'",
        hint="You compared the class with y. But a network that has not learned yet may be wrong without the slide "
        "being wrong: the question is whether the entry follows from the weights. Compare with your own table "
        "instead of with the column y.",
        answers={"slide_errors": {(2, "y_hat"), (3, "y_hat"), (4, "y_hat")}},
        erratum="E1",
    ),
    Misconception(
        "slide_errors",
        "judged with the wrong sign in exp",
        concept="slide 'Predictions': the step with exp(-0.5) is misprinted",
        hint="You found many errors, and all of them follow from one sign. An earlier slide misprints the sign in "
        "exp. Settle that sign first: should p rise or fall as h grows?",
        answers={"slide_errors": {(row, column) for row in (1, 2, 4) for column in ("p", "y_hat")}},
        erratum="E2",
    ),
    Misconception(
        "slide_errors",
        "rounding taken for a misprint",
        concept="slide 'Predictions': numbers are rounded there for reading only",
        hint="The slide shows two digits. Compare your numbers with the slide's after rounding them the same way. "
        "Which differences are left?",
        answers={"slide_errors": {(1, "p"), (2, "p"), (3, "p"), (4, "p"), (3, "y_hat")}},
        erratum="E1",
    ),
    Misconception(
        "slide_errors",
        "a right number after a misprinted step",
        concept="slide 'Predictions': the step with exp(-0.5) is misprinted",
        hint="You doubt the first row too, and with a reason: the step that leads to it is misprinted on an "
        "earlier slide. But what about the number it ends in? Compute that row from the general formula.",
        answers={"slide_errors": {(1, "p"), (3, "p"), (3, "y_hat")}},
        erratum="E2",
    ),
    Misconception(
        "slide_errors",
        "nothing filled in",
        concept="the answer is a variable",
        hint="The variable still holds None, as the notebook was handed out. Compute the slide's table with your own "
        "functions, lay the two side by side, and write down what differs.",
        answers={"slide_errors": None},
        erratum="E1",
    ),
    Misconception(
        "slide_errors",
        "a dict in place of a set",
        concept="a set of pairs",
        hint="Curly brackets make two kinds of things in Python, and empty ones make the kind you do not want here. "
        "Which one holds plain pairs, without colons?",
        answers={"slide_errors": {}},
        erratum="E1",
    ),
    Misconception(
        "slide_errors",
        "the whole row taken for wrong",
        concept="slide 'Complete the table': y_hat comes from p, and p from h",
        hint="You found the right row. Not everything in it is misprinted, though: go through its entries from left to "
        "right, and compute each from the one before. Where does the first slip happen?",
        answers={"slide_errors": {(3, "h"), (3, "p"), (3, "y_hat")}},
        erratum="E1",
    ),
    Misconception(
        "slide_errors",
        "column before row",
        concept="the task asks for (row, column)",
        hint="The entries you found may well be the right ones. Compare the order inside your pairs with the example "
        "in the task: what comes first?",
        answers={"slide_errors": {("p", 3), ("y_hat", 3)}},
        erratum="E1",
    ),
    Misconception(
        "slide_errors",
        "both columns in every row",
        concept="slide 'Complete the table'",
        hint="You name every entry of two columns. Compute one of the rows yourself, say the first, and compare: is "
        "the slide really wrong there?",
        answers={"slide_errors": {(row, column) for row in (1, 2, 3, 4) for column in ("p", "y_hat")}},
        erratum="E1",
    ),
    Misconception(
        "slide_errors",
        "one pair for both entries",
        concept="a set of pairs, one for each entry",
        hint="You put everything into one bracket. Each wrong entry is a pair of its own, a row and a column. How many "
        "wrong entries did you find, so how many pairs should there be?",
        answers={"slide_errors": (3, "p", "y_hat")},
        erratum="E1",
    ),
    Misconception(
        "slide_errors",
        "a bad prediction among the misprints",
        concept="slide 'Performance': 'Our network isn't so great'",
        hint="Most of what you name is misprinted. But a network that has not learned yet may predict badly without "
        "the slide being wrong. In the last row, does the class follow from the p beside it?",
        answers={"slide_errors": {(3, "p"), (3, "y_hat"), (4, "y_hat")}},
        erratum="E1",
    ),
)

# --------------------------------------------------------------------------------------------------
# squared_error, binary_cross_entropy
# --------------------------------------------------------------------------------------------------

_SQUARED = (
    Misconception(
        "squared_error",
        "absolute error",
        concept="slide 'Performance': squared error",
        hint="Your numbers are never negative, which is one thing the square is for. But how much worse should a "
        "miss that is twice as large be? Try two misses with yours and with the slide's formula.",
        answers={"squared_error": lambda y, p: np.abs(y - p)},
    ),
    Misconception(
        "squared_error",
        "not squared",
        concept="slide 'Performance': squared error",
        hint="Some of your errors are negative, so that they could cancel when added up. What does the slide do to "
        "the difference to prevent that?",
        answers={"squared_error": lambda y, p: y - p},
    ),
    Misconception(
        "squared_error",
        "a half in front",
        concept="slide 'Performance': l = (y - p)^2, without a factor",
        hint="Many books put a factor in front so that the derivative looks neater. Does this lecture? It matters "
        "later: the factor comes back in every gradient.",
        answers={"squared_error": lambda y, p: 0.5 * (y - p) ** 2},
    ),
    Misconception(
        "squared_error",
        "the mean taken too early",
        concept="one error for each observation, then their mean",
        hint="Two functions are asked for. One gives an error for each observation, the other a single number. "
        "What does your first one give for five observations?",
        answers={"squared_error": lambda y, p: np.mean((y - p) ** 2)},
    ),
    Misconception(
        "squared_error",
        "sum for mean",
        concept="the mean does not grow with the number of observations",
        hint="Hand your function the same observations twice over. Should the answer double? Say what the word "
        "'mean' asks for beyond adding up.",
        answers={"mean_squared_error": lambda y, p: np.sum((y - p) ** 2)},
    ),
    Misconception(
        "squared_error",
        "root of the mean",
        concept="mean squared error against its root",
        hint="What you return is a close relative that brings the error back to the scale of y. The name of the "
        "function says which of the two is asked for. Which last step is one too many?",
        answers={"mean_squared_error": lambda y, p: np.sqrt(np.mean((y - p) ** 2))},
    ),
    Misconception(
        "squared_error",
        "square of the mean",
        concept="square first, then the mean",
        hint="Take one miss upwards and one of the same size downwards. What does your function say, and is that "
        "network really so good? Look at the order in which you square and average.",
        answers={"mean_squared_error": lambda y, p: np.mean(y - p) ** 2},
    ),
    Misconception(
        "squared_error",
        "the slide's four rows built in",
        concept="functions compute with what they are handed",
        hint="For the lecture's table your mean is right. How many observations does it assume, and where could it "
        "read that number from instead?",
        answers={"mean_squared_error": lambda y, p: np.sum((y - p) ** 2) / 4},
    ),
    Misconception(
        "squared_error",
        "already summed",
        concept="one error for each observation, then their mean",
        hint="Two functions are asked for. One gives an error for each observation, the other a single number. What "
        "does your first one give for five observations?",
        answers={"squared_error": lambda y, p: np.sum((y - p) ** 2)},
    ),
    Misconception(
        "squared_error",
        "squares subtracted",
        concept="slide 'Performance': the difference is squared",
        hint="Try y = 1 with p a little below, and y = 0 with p a little above. Should one of the two errors be "
        "negative? Look at what the slide does first: square, or subtract.",
        answers={"squared_error": lambda y, p: y**2 - p**2},
    ),
    Misconception(
        "squared_error",
        "a caret for the power",
        concept="Python's power is two stars",
        hint="Python complains about a caret between numbers: in Python that sign does not raise to a power. Which "
        "sign does? You will find it in the notebook's examples.",
        answers={"squared_error": lambda y, p: (y - p) ^ 2},
    ),
    Misconception(
        "squared_error",
        "every y with every p",
        concept="NumPy broadcasting: a vector and a column make a table",
        hint="Your answer is a square table: each y met each p. Print the shapes of y and p just before you subtract. "
        "One of them has an axis too many.",
        answers={"squared_error": lambda y, p: (y.reshape(-1, 1) - p) ** 2},
    ),
    Misconception(
        "squared_error",
        "the class in place of the probability",
        concept="slide 'Performance': p, not y_hat",
        hint="Your errors are all 0 or 1. The slide subtracts the probability, so that being nearly right costs less "
        "than being wrong. What did you subtract?",
        answers={"squared_error": lambda y, p: (y - np.round(p)) ** 2},
    ),
    Misconception(
        "squared_error",
        "the variance",
        concept="square first, then the mean",
        hint="NumPy's variance takes the mean off before it squares. A network that is wrong by the same amount "
        "everywhere would then be perfect. Is it?",
        answers={"mean_squared_error": lambda y, p: np.var(y - p)},
    ),
    Misconception(
        "squared_error",
        "divided, but not added up",
        concept="the mean is a single number",
        hint="You divide by the number of observations, which is half of a mean. How many numbers come back, and how "
        "many should? Which step is left?",
        answers={"mean_squared_error": lambda y, p: (y - p) ** 2 / len(y)},
    ),
    Misconception(
        "squared_error",
        "divided by one less",
        concept="the mean divides by the number of observations",
        hint="Statistics sometimes divides by one less than the number of observations, to make up for an estimated "
        "mean. What does a plain mean divide by? Try a single observation.",
        answers={"mean_squared_error": lambda y, p: np.sum((y - p) ** 2) / (len(y) - 1)},
    ),
    changed_input("squared_error"),
    nothing_returned("squared_error", "squared_error", "mean_squared_error"),
)


def _terms(y: Any, p: Any, log: Any = np.log, guard: float = 1e-9) -> Any:
    """y log p + (1 - y) log(1 - p), with p kept a little away from 0 and 1."""
    p = np.clip(p, guard, 1 - guard)
    return y * log(p) + (1 - y) * log(1 - p)


def _unguarded(y: Any, p: Any) -> Any:
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def _minus_between(y: Any, p: Any) -> Any:
    p = np.clip(p, 1e-9, 1 - 1e-9)
    return -np.mean(y * np.log(p) - (1 - y) * np.log(1 - p))


def _mistakes_for_free(y: Any, p: Any) -> Any:
    terms = y * np.log(p) + (1 - y) * np.log(1 - p)
    return -np.mean(np.where(np.isfinite(terms), terms, 0.0))


def _sure_rows_left_out(y: Any, p: Any) -> Any:
    between = (p > 0) & (p < 1)
    return _unguarded(y[between], p[between])


_BCE = (
    Misconception(
        "binary_cross_entropy",
        "minus missing",
        concept="recap slide: the loss begins with a minus; 'Categorical cross-entropy' says maximize",
        hint="Your loss is negative, and it falls as predictions get worse. Gradient descent would make it as "
        "small as it can: is that what you want? Think about the sign of the logarithm of a number below 1.",
        answers={"binary_cross_entropy": lambda y, p: np.mean(_terms(y, p))},
        erratum="E21",
    ),
    Misconception(
        "binary_cross_entropy",
        "sum for mean",
        concept="mean over the batch",
        hint="Hand your function the same batch twice over. Should the answer double? The task asks for the loss "
        "of an average observation.",
        answers={"binary_cross_entropy": lambda y, p: -np.sum(_terms(y, p))},
    ),
    Misconception(
        "binary_cross_entropy",
        "one loss for each observation",
        concept="mean over the batch",
        hint="You have the loss of each observation, which is most of the way. The task asks for one number for "
        "the whole batch. Which step is left?",
        answers={"binary_cross_entropy": lambda y, p: -_terms(y, p)},
    ),
    Misconception(
        "binary_cross_entropy",
        "logarithm to base 2",
        concept="log in the lecture is the natural logarithm",
        hint="Your answers are all too large by the same factor. NumPy has several logarithms. Which one undoes "
        "exp, so that the derivatives of the lecture come out?",
        answers={"binary_cross_entropy": lambda y, p: -np.mean(_terms(y, p, np.log2))},
    ),
    Misconception(
        "binary_cross_entropy",
        "logarithm to base 10",
        concept="log in the lecture is the natural logarithm",
        hint="Your answers are all too small by the same factor. NumPy has several logarithms. Which one undoes "
        "exp, so that the derivatives of the lecture come out?",
        answers={"binary_cross_entropy": lambda y, p: -np.mean(_terms(y, p, np.log10))},
    ),
    Misconception(
        "binary_cross_entropy",
        "only the ones counted",
        concept="recap slide: the loss has a term for each class",
        hint="What does your loss say about an observation with y = 0 for which the network is sure of 1? It "
        "should complain. Which of the two terms on the slide speaks then?",
        answers={"binary_cross_entropy": lambda y, p: -np.mean(y * np.log(np.clip(p, 1e-9, 1)))},
    ),
    Misconception(
        "binary_cross_entropy",
        "the minus reaches only one term",
        concept="recap slide: both terms carry the same sign",
        hint="Compute your loss by hand for one good prediction with y = 0. It should be a small number above "
        "zero. If it is negative, look at how the two terms are joined and what the minus in front does to "
        "each.",
        answers={"binary_cross_entropy": _minus_between},
    ),
    Misconception(
        "binary_cross_entropy",
        "no guard at 0 and 1",
        concept="the logarithm of 0",
        hint="Everywhere else your loss is right. Which number goes into the logarithm when a probability is "
        "exactly 0 or 1? Keep the probabilities a tiny distance away from the ends before taking it.",
        answers={"binary_cross_entropy": _unguarded},
    ),
    Misconception(
        "binary_cross_entropy",
        "guarded at 0 only",
        concept="the logarithm of 0",
        hint="You keep p away from one end. Two logarithms stand in the formula, and they meet zero at different "
        "ends. Which p makes the second one fail?",
        answers={"binary_cross_entropy": lambda y, p: _unguarded(y, np.maximum(p, 1e-9))},
    ),
    Misconception(
        "binary_cross_entropy",
        "guarded too far from 0 and 1",
        concept="the logarithm of 0",
        hint="Keeping p away from the ends is right; how far is the question. Your distance changes the loss of "
        "ordinary confident predictions as well. Compare it with the smallest probabilities a network really "
        "gives.",
        answers={"binary_cross_entropy": lambda y, p: _unguarded(y, np.clip(p, 0.01, 0.99))},
    ),
    Misconception(
        "binary_cross_entropy",
        "the squared error again",
        concept="recap slide and perceptron slides use two different losses",
        hint="The lecture has two losses: one on the recap slide, one for the perceptron. This question is about "
        "the one with logarithms. What does each of them cost when the network is sure and wrong?",
        answers={"binary_cross_entropy": lambda y, p: np.mean((y - p) ** 2)},
        erratum="E20",
    ),
    Misconception(
        "binary_cross_entropy",
        "a sure mistake costs nothing",
        concept="the logarithm of 0",
        hint="Infinite terms have become zero in your function. Take a network that is sure of 1 where y is 0: the "
        "worst of all mistakes. What does it cost with yours, and what should it cost? Keep the probabilities "
        "away from the ends instead.",
        answers={"binary_cross_entropy": _mistakes_for_free},
    ),
    Misconception(
        "binary_cross_entropy",
        "sure rows left out",
        concept="the logarithm of 0",
        hint="Rows in which p is exactly 0 or 1 do not count in your mean. Some of them are perfect predictions and "
        "some the worst of mistakes; both should be felt. Keep the probabilities a tiny distance away from the "
        "ends instead.",
        answers={"binary_cross_entropy": _sure_rows_left_out},
    ),
    Misconception(
        "binary_cross_entropy",
        "labels and probabilities exchanged",
        concept="recap slide: the logarithm is taken of the prediction",
        hint="Your losses are very large, even for good predictions. Of which of the two arguments is the logarithm "
        "taken on the slide: of the truth, or of the prediction?",
        answers={"binary_cross_entropy": lambda y, p: -np.mean(_terms(p, y, guard=1e-12))},
    ),
    Misconception(
        "binary_cross_entropy",
        "a half in front",
        concept="recap slide: no factor in front",
        hint="All your answers are too small by the same factor. The squared error is sometimes given a factor in "
        "front; is there one on the recap slide?",
        answers={"binary_cross_entropy": lambda y, p: -np.mean(_terms(y, p)) / 2},
    ),
    Misconception(
        "binary_cross_entropy",
        "the slide's four rows built in",
        concept="functions compute with what they are handed",
        hint="For four observations your mean is right. Where could your code read the number of observations from?",
        answers={"binary_cross_entropy": lambda y, p: -np.sum(_terms(y, p)) / 4},
    ),
    Misconception(
        "binary_cross_entropy",
        "the gradient in place of the loss",
        concept="a loss is never negative",
        hint="Your answer can be negative, and errors up and down cancel in it. It looks like something one meets when "
        "the loss is differentiated. Where are the logarithms?",
        answers={"binary_cross_entropy": lambda y, p: np.mean(p - y)},
    ),
    changed_input("binary_cross_entropy"),
    nothing_returned("binary_cross_entropy", "binary_cross_entropy"),
)

# --------------------------------------------------------------------------------------------------
# chain_rule, perceptron_gradient
# --------------------------------------------------------------------------------------------------

_CHAIN = (
    Misconception(
        "chain_rule",
        "factor 2 missing",
        concept="slide 'Output layer weight derivatives': the 2 of the square is lost there",
        hint="A later slide drops something here, and it fits another loss than the one the perceptron uses. "
        "Differentiate the square on paper, outer function first. Or compare with your numerical gradient: by "
        "which factor do the two differ?",
        answers={"dl_dp": lambda y, p: p - y},
        erratum="E3",
    ),
    Misconception(
        "chain_rule",
        "y - p for p - y",
        concept="chain rule: the inner function y - p has a slope of its own",
        hint="Suppose p is too large. Should the loss rise or fall when p rises still more? Compare that with the "
        "sign of your derivative. The inner function of the square brings in a factor of its own.",
        answers={"dl_dp": lambda y, p: 2 * (y - p)},
    ),
    Misconception(
        "chain_rule",
        "the sign of the error lost",
        concept="a derivative tells the direction",
        hint="Your derivative is never negative, so p would always be moved the same way. What should happen when "
        "p is too small, and what when it is too large?",
        answers={"dl_dp": lambda y, p: 2 * abs(p - y)},
    ),
    Misconception(
        "chain_rule",
        "the cross-entropy's derivative",
        concept="recap slide and perceptron slides use two different losses",
        hint="This is a right derivative, of another loss: that of the recap slide. Which loss stands on the "
        "slides about the perceptron?",
        answers={"dl_dp": lambda y, p: (p - y) / (p * (1 - p))},
        erratum="E20",
    ),
    Misconception(
        "chain_rule",
        "the loss in place of its derivative",
        concept="chain rule: each factor is a derivative",
        hint="You return how large the loss is. The chain needs to know how fast it changes when p does. Take the "
        "derivative of what you have.",
        answers={"dl_dp": lambda y, p: (y - p) ** 2},
    ),
    Misconception(
        "chain_rule",
        "the sigmoid applied again",
        concept="the same letter for the value before and after the activation",
        hint="What is handed to this function: h, or what the sigmoid made of h? Look at the argument's name. The "
        "activation has been applied once already.",
        answers={"dp_dh": lambda p: _sigmoid(p) * (1 - _sigmoid(p))},
        erratum="E6",
    ),
    Misconception(
        "chain_rule",
        "half of the slope: p alone",
        concept="slide 'The Backpropagation Algorithm': dp/dh has two factors",
        hint="Draw the sigmoid. Far to the right it is almost flat. What does your formula say about its slope there?",
        answers={"dp_dh": lambda p: p},
    ),
    Misconception(
        "chain_rule",
        "half of the slope: 1 - p alone",
        concept="slide 'The Backpropagation Algorithm': dp/dh has two factors",
        hint="Draw the sigmoid. Far to the left it is almost flat. What does your formula say about its slope there?",
        answers={"dp_dh": lambda p: 1 - p},
    ),
    Misconception(
        "chain_rule",
        "a falling sigmoid",
        concept="the slope of a curve that rises is positive",
        hint="Does the sigmoid rise or fall as h grows? Your slope has an opinion about that. Look at the order of "
        "the two numbers in the bracket.",
        answers={"dp_dh": lambda p: p * (p - 1)},
    ),
    Misconception(
        "chain_rule",
        "ones in place of the inputs",
        concept="slide 'The Backpropagation Algorithm': dh/dw belongs to an input",
        hint="What you return is right for the bias. When a weight grows a little, how much h grows depends on "
        "something of the observation. On what?",
        answers={"dh_dw": lambda x: np.ones(len(x))},
    ),
    Misconception(
        "chain_rule",
        "inputs squared",
        concept="h is linear in its weights",
        hint="With inputs of 0 and 1, as in the lecture, you would never notice. Take an input of 3: if its weight "
        "grows by 1, by how much does h grow?",
        answers={"dh_dw": lambda x: x**2},
    ),
    Misconception(
        "chain_rule",
        "the first weight only",
        concept="slide 'Gradient Descent with Backprop': do this for each weight",
        hint="The slide works out one weight as an example. How many weights does the unit have, and how many "
        "numbers do you return?",
        answers={"dh_dw": lambda x: x[0]},
    ),
    Misconception(
        "chain_rule",
        "the slope of tanh",
        concept="slide 'The Backpropagation Algorithm': the activation is the sigmoid",
        hint="That is the slope of another activation function. Draw the sigmoid: how steep is it where p is one half? "
        "Does your formula say so?",
        answers={"dp_dh": lambda p: 1 - p**2},
    ),
    Misconception(
        "chain_rule",
        "a single one for all weights",
        concept="slide 'The Backpropagation Algorithm': dh/dw belongs to an input",
        hint="What you return would be right for the bias. When a weight grows a little, how much h grows depends on "
        "something of the observation. On what?",
        answers={"dh_dw": lambda x: 1},
    ),
    Misconception(
        "chain_rule",
        "the inputs added up",
        concept="slide 'Gradient Descent with Backprop': do this for each weight",
        hint="One number comes back for all weights together. Each weight has a derivative of its own: how many "
        "weights are there, and which input belongs to which?",
        answers={"dh_dw": lambda x: np.sum(x)},
    ),
    Misconception(
        "chain_rule",
        "a one for the bias appended",
        concept="dh/dw is about the weights",
        hint="Your last entry belongs to the bias, which is a link of its own. How many weights does the unit have, "
        "and how many numbers do you return?",
        answers={"dh_dw": lambda x: np.append(x, 1.0)},
    ),
    Misconception(
        "chain_rule",
        "two inputs built in",
        concept="slide 'Perceptrons': two inputs are an example",
        hint="For two inputs all is right. How many entries should come back for an observation with three? Think of x "
        "as a whole.",
        answers={"dh_dw": lambda x: np.array([x[0], x[1]])},
    ),
    Misconception(
        "chain_rule",
        "the weights in place of the inputs",
        concept="h is linear in its weights",
        hint="In each product of h there are two numbers. You differentiate by one of them: which of the two is then "
        "left? And where did your function get the other from?",
        answers={"dh_dw": lambda x: np.array([1.0, -1.0])},
    ),
    rounded("chain_rule", 2, dl_dp=lambda y, p: 2 * (p - y), dp_dh=lambda p: p * (1 - p)),
    changed_input("chain_rule"),
    nothing_returned("chain_rule", "dl_dp", "dp_dh", "dh_dw"),
)


def _gradient(
    slope: Any,
    dw: Any = lambda d, x, w: d * x,
    db: Any = lambda d, x: d,
    h: Any = lambda x, w, b: w @ x + b,
    activate: Any = _sigmoid,
) -> Any:
    """A perceptron_gradient; each piece is written by someone with one idea."""

    def perceptron_gradient(x: Any, y: Any, w: Any, b: Any) -> Any:
        p = activate(h(x, w, b))
        d = slope(y, p)
        return {"dw": dw(d, x, w), "db": db(d, x)}

    return perceptron_gradient


def _slope(y: Any, p: Any) -> Any:
    return 2 * (p - y) * p * (1 - p)


def _slope_at_h(x: Any, y: Any, w: Any, b: Any) -> Any:
    h = w @ x + b
    d = 2 * (_sigmoid(h) - y) * h * (1 - h)
    return {"dw": d * x, "db": d}


def _as_a_pair(x: Any, y: Any, w: Any, b: Any) -> Any:
    d = _slope(y, _sigmoid(w @ x + b))
    return d * x, d


def _moved_already(x: Any, y: Any, w: Any, b: Any) -> Any:
    d = _slope(y, _sigmoid(w @ x + b))
    return {"dw": w - d * x, "db": b - d}


def _class_for_p(x: Any, y: Any, w: Any, b: Any) -> Any:
    p = _sigmoid(w @ x + b)
    d = 2 * (float(p > 0.5) - y) * p * (1 - p)
    return {"dw": d * x, "db": d}


_GRADIENT = (
    Misconception(
        "perceptron_gradient",
        "factor 2 missing",
        concept="slide 'Output layer weight derivatives': the 2 of the square is lost there",
        hint="Lay your gradient beside the numerical one and divide. The same ratio everywhere points at a "
        "constant. Which of the three links of the chain contains a constant, and where did it go? A later "
        "slide loses it too.",
        answers={"perceptron_gradient": _gradient(lambda y, p: (p - y) * p * (1 - p))},
        erratum="E3",
    ),
    Misconception(
        "perceptron_gradient",
        "y - p for p - y",
        concept="slide 'Putting it all together'",
        hint="Every entry has the right size and the wrong sign, so that gradient descent would climb. Say in "
        "words: if p is too large, should the loss rise or fall as p rises?",
        answers={"perceptron_gradient": _gradient(lambda y, p: 2 * (y - p) * p * (1 - p))},
    ),
    Misconception(
        "perceptron_gradient",
        "the slope of the sigmoid forgotten",
        concept="slide 'Putting it all together': three factors",
        hint="Count the links of the chain from the loss back to a weight, and count the factors in your product. "
        "Which function lies between h and p?",
        answers={"perceptron_gradient": _gradient(lambda y, p: 2 * (p - y))},
    ),
    Misconception(
        "perceptron_gradient",
        "the cross-entropy's gradient",
        concept="recap slide and perceptron slides use two different losses",
        hint="This is the neat gradient of the recap slide's loss, in which the slope of the sigmoid cancels. "
        "Which loss does this question name? With that one nothing cancels.",
        answers={"perceptron_gradient": _gradient(lambda y, p: p - y)},
        erratum="E20",
    ),
    Misconception(
        "perceptron_gradient",
        "half of the slope",
        concept="slide 'Putting it all together': dp/dh has two factors",
        hint="One link of your chain is only half there. Compare your product with the slide's factor by factor. "
        "What happens to the sigmoid's slope where it is nearly flat?",
        answers={"perceptron_gradient": _gradient(lambda y, p: 2 * (p - y) * p)},
    ),
    Misconception(
        "perceptron_gradient",
        "the sigmoid applied again",
        concept="the same letter for the value before and after the activation",
        hint="In the middle link, what do you put in: h, or what the sigmoid made of h? The formula with p wants "
        "the latter as it is. Count how often the activation is applied in your code.",
        answers={"perceptron_gradient": _gradient(lambda y, p: 2 * (p - y) * _sigmoid(p) * (1 - _sigmoid(p)))},
        erratum="E6",
    ),
    Misconception(
        "perceptron_gradient",
        "the activation forgotten",
        concept="slide 'Computations': h, then p",
        hint="The error is the difference between y and a probability. Which number do you subtract y from? Check "
        "that it lies between 0 and 1.",
        answers={"perceptron_gradient": _gradient(_slope, activate=lambda h: h)},
    ),
    Misconception(
        "perceptron_gradient",
        "the input left out of dw",
        concept="slide 'Putting it all together': the last factor is the input",
        hint="All your weights get the same derivative. Should a weight whose input is 0 change at all? Look at "
        "the last link of the chain.",
        answers={"perceptron_gradient": _gradient(_slope, dw=lambda d, x, w: d * np.ones(len(x)))},
    ),
    Misconception(
        "perceptron_gradient",
        "the weight in place of the input",
        concept="slide 'Putting it all together': the last factor is the input",
        hint="In each product of h there are two numbers. You differentiate by one of them: which of the two is "
        "then left?",
        answers={"perceptron_gradient": _gradient(_slope, dw=lambda d, x, w: d * w)},
    ),
    Misconception(
        "perceptron_gradient",
        "inputs squared",
        concept="h is linear in its weights",
        hint="With inputs of 0 and 1, as in the lecture, you would never notice. How often does the input come "
        "into your product, perhaps once in a helper and once outside?",
        answers={"perceptron_gradient": _gradient(_slope, dw=lambda d, x, w: d * x**2)},
    ),
    Misconception(
        "perceptron_gradient",
        "an input in the bias gradient",
        concept="the bias is a weight whose input is always 1",
        hint="On the lecture's four points this cannot be seen. Write h once more: with which number is b "
        "multiplied there? That number is the last link of its chain.",
        answers={"perceptron_gradient": _gradient(_slope, db=lambda d, x: d * x[1])},
    ),
    Misconception(
        "perceptron_gradient",
        "no gradient for the bias",
        concept="slide 'Gradient Descent with Backprop': each weight and bias term",
        hint="A derivative of zero says that b makes no difference. Change b a little and watch the loss. Which "
        "links of the chain does the bias share with the weights?",
        answers={"perceptron_gradient": _gradient(_slope, db=lambda d, x: 0.0)},
    ),
    Misconception(
        "perceptron_gradient",
        "two inputs built in",
        concept="slide 'Perceptrons': two inputs are an example",
        hint="For two inputs all is right. How many entries does your dw have for an observation with three? Let "
        "NumPy do all of them at once.",
        answers={"perceptron_gradient": _gradient(_slope, dw=lambda d, x, w: np.array([d * x[0], d * x[1]]))},
    ),
    Misconception(
        "perceptron_gradient",
        "bias forgotten in h",
        concept="slide 'Computations': h = w1 X1 + w2 X2 + b",
        hint="Your chain is right, but it starts from another p than the network's. Compare your forward step with "
        "your weighted_sum: is anything missing?",
        answers={"perceptron_gradient": _gradient(_slope, h=lambda x, w, b: w @ x)},
    ),
    Misconception(
        "perceptron_gradient",
        "slope taken at h",
        concept="the same letter for the value before and after the activation",
        hint="The neat formula for the slope of the sigmoid wants the value after the activation. A slope of the "
        "sigmoid is never negative, nor above one quarter; check yours.",
        answers={"perceptron_gradient": _slope_at_h},
        erratum="E6",
    ),
    Misconception(
        "perceptron_gradient",
        "the bias in its own gradient",
        concept="the bias is a weight whose input is always 1",
        hint="Write h once more: with which number is b multiplied there? That number is the last link of its chain, "
        "whatever b itself is.",
        answers={"perceptron_gradient": lambda x, y, w, b: _gradient(_slope, db=lambda d, x: d * b)(x, y, w, b)},
    ),
    Misconception(
        "perceptron_gradient",
        "dw added up for the bias",
        concept="the bias is a weight whose input is always 1",
        hint="Your db mixes in the inputs. Write h once more: with which number is b multiplied there? Put that in the "
        "place where dw has the input.",
        answers={"perceptron_gradient": _gradient(_slope, db=lambda d, x: d * np.sum(x))},
    ),
    Misconception(
        "perceptron_gradient",
        "two results in place of a dict",
        concept="the task asks for a dict with named entries",
        hint="Your two results come back side by side. The task asks for a dict, so that whoever uses it need not know "
        "the order. What are its two keys?",
        answers={"perceptron_gradient": _as_a_pair},
    ),
    Misconception(
        "perceptron_gradient",
        "dw added up over the inputs",
        concept="slide 'Gradient Descent with Backprop': do this for each weight",
        hint="A single number came back where each weight should have one of its own. How does the loss change when "
        "only the first weight moves?",
        answers={"perceptron_gradient": _gradient(_slope, dw=lambda d, x, w: d * np.sum(x))},
    ),
    Misconception(
        "perceptron_gradient",
        "a step in place of the gradient",
        concept="the gradient and the step are two things",
        hint="You went one step further and moved the parameters already. The function should only say which way is up "
        "and how steep; the step comes in a later question, with a learning rate.",
        answers={"perceptron_gradient": _moved_already},
    ),
    Misconception(
        "perceptron_gradient",
        "the class in place of the probability",
        concept="slide 'Performance': the error is taken of p",
        hint="Your error is often exactly zero, although p is not exactly right. Which number is subtracted from y in "
        "the loss: the class, or how sure the unit is?",
        answers={"perceptron_gradient": _class_for_p},
    ),
    changed_input("perceptron_gradient"),
    missing_key("perceptron_gradient"),
    nothing_returned("perceptron_gradient", "perceptron_gradient"),
)

# --------------------------------------------------------------------------------------------------
# numerical_gradient
# --------------------------------------------------------------------------------------------------


def _difference(quotient: Any, prepare: Any = lambda theta: np.array(theta, dtype=float)) -> Any:
    """A numerical_gradient that moves one entry up and down, and forms some quotient of the three values."""

    def numerical_gradient(f: Any, theta: Any, eps: float = 1e-5) -> Any:
        theta = prepare(theta)
        gradient = np.zeros(theta.shape)
        for index in np.ndindex(theta.shape):
            up, down = theta.copy(), theta.copy()
            up[index] += eps
            down[index] -= eps
            gradient[index] = quotient(f(up), f(theta), f(down), eps)
        return gradient

    return numerical_gradient


def _own_eps(f: Any, theta: Any, eps: float = 1e-5) -> Any:
    return _difference(lambda up, here, down, eps: (up - down) / (2 * eps))(f, theta)


def _whole_gradient(f: Any, theta: Any, eps: float = 1e-5) -> Any:
    gradient = np.zeros_like(theta)
    for index in np.ndindex(theta.shape):
        step = np.zeros(theta.shape)
        step[index] = eps
        gradient[index] = (f(theta + step) - f(theta - step)) / (2 * eps)
    return gradient


def _not_put_back(f: Any, theta: Any, eps: float = 1e-5) -> Any:
    theta = np.array(theta, dtype=float)
    gradient = np.zeros(theta.shape)
    for index in np.ndindex(theta.shape):
        theta[index] += eps
        above = f(theta)
        theta[index] -= 2 * eps
        gradient[index] = (above - f(theta)) / (2 * eps)
    return gradient


def _vectors_only(f: Any, theta: Any, eps: float = 1e-5) -> Any:
    theta = np.array(theta, dtype=float)
    gradient = np.zeros(len(theta))
    for i in range(len(theta)):
        step = np.zeros(len(theta))
        step[i] = eps
        gradient[i] = (f(theta + step) - f(theta - step)) / (2 * eps)
    return gradient


def _single_precision(f: Any, theta: Any, eps: float = 1e-5) -> Any:
    theta = np.array(theta, dtype=np.float32)
    gradient = np.zeros(theta.shape, dtype=np.float32)
    for index in np.ndindex(theta.shape):
        up, down = theta.copy(), theta.copy()
        up[index] += eps
        down[index] -= eps
        gradient[index] = (f(up) - f(down)) / (2 * eps)
    return gradient


def _last_left_out(f: Any, theta: Any, eps: float = 1e-5) -> Any:
    gradient = _difference(lambda up, here, down, eps: (up - down) / (2 * eps))(f, theta, eps)
    gradient.flat[-1] = 0.0
    return gradient


_NUMERICAL = (
    Misconception(
        "numerical_gradient",
        "one side only",
        concept="the central difference looks to both sides",
        hint="You compare the point with its neighbour on one side. On a bent curve that misses by about the size "
        "of the step. Where else could you look, so that the bend cancels out?",
        answers={"numerical_gradient": _difference(lambda up, here, down, eps: (up - here) / eps)},
    ),
    Misconception(
        "numerical_gradient",
        "the lower side only",
        concept="the central difference looks to both sides",
        hint="You compare the point with its neighbour below. On a bent curve that misses by about the size of the "
        "step. Where else could you look, so that the bend cancels out?",
        answers={"numerical_gradient": _difference(lambda up, here, down, eps: (here - down) / eps)},
    ),
    Misconception(
        "numerical_gradient",
        "divided by half the distance",
        concept="a slope is rise over run",
        hint="Every entry is too large by the same factor. How far apart are the two points at which you called f? "
        "That is what to divide by.",
        answers={"numerical_gradient": _difference(lambda up, here, down, eps: (up - down) / eps)},
    ),
    Misconception(
        "numerical_gradient",
        "one side only, over twice the distance",
        concept="a slope is rise over run",
        hint="The two points at which you call f and the distance you divide by do not belong together. Draw both "
        "points on a line and measure.",
        answers={"numerical_gradient": _difference(lambda up, here, down, eps: (up - here) / (2 * eps))},
    ),
    Misconception(
        "numerical_gradient",
        "the difference turned round",
        concept="a slope is rise over run",
        hint="Try a function that plainly rises, such as the sum of theta. Is your gradient positive? Then look at "
        "which value is taken away from which.",
        answers={"numerical_gradient": _difference(lambda up, here, down, eps: (down - up) / (2 * eps))},
    ),
    Misconception(
        "numerical_gradient",
        "not divided by the distance",
        concept="a slope is rise over run",
        hint="Your entries are tiny, and they shrink with eps. You have the rise. What makes a slope of it?",
        answers={"numerical_gradient": _difference(lambda up, here, down, eps: up - down)},
    ),
    Misconception(
        "numerical_gradient",
        "eps ignored",
        concept="functions compute with what they are handed",
        hint="With the usual step all is well. When another eps is handed over, your answer does not change at "
        "all. Search your code for a number that should be the argument.",
        answers={"numerical_gradient": _own_eps},
    ),
    Misconception(
        "numerical_gradient",
        "a small step lost in whole numbers",
        concept="an integer array cannot hold a small step",
        hint="Make a NumPy array of whole numbers, add a tiny number to one entry in place, and print it. What "
        "happened to the step? Decide which type your copy of theta should have.",
        answers={
            "numerical_gradient": _difference(lambda up, here, down, eps: (up - down) / (2 * eps), prepare=np.copy)
        },
    ),
    Misconception(
        "numerical_gradient",
        "the gradient cut to whole numbers",
        concept="zeros_like takes over the type of its argument",
        hint="Your steps are right, but for a theta of whole numbers the result has no decimals. Which type does "
        "the array have in which you collect the gradient, and where did it get it from?",
        answers={"numerical_gradient": _whole_gradient},
    ),
    Misconception(
        "numerical_gradient",
        "all entries moved at once",
        concept="a partial derivative changes one entry and holds the others",
        hint="You move the whole of theta and get one number. A gradient has a number for each entry: how does f "
        "change when only that one moves? What do the other entries do meanwhile?",
        answers={
            "numerical_gradient": lambda f, theta, eps=1e-5: (f(theta + eps) - f(theta - eps)) / (2 * eps),
        },
    ),
    Misconception(
        "numerical_gradient",
        "one slope for every entry",
        concept="a partial derivative changes one entry and holds the others",
        hint="All entries of your gradient are equal, because all of theta moves together. How does f change when "
        "only one entry moves? What do the others do meanwhile?",
        answers={
            "numerical_gradient": lambda f, theta, eps=1e-5: np.full(
                theta.shape, (f(theta + eps) - f(theta - eps)) / (2 * eps)
            ),
        },
    ),
    Misconception(
        "numerical_gradient",
        "an entry not put back",
        concept="a partial derivative changes one entry and holds the others",
        hint="The first entry of your gradient is right. What state is theta in when you come to the second one? "
        "Print it before and after one turn of the loop.",
        answers={"numerical_gradient": _not_put_back},
    ),
    Misconception(
        "numerical_gradient",
        "vectors only",
        concept="theta has any shape",
        hint="For a vector all is right. How many entries does a table have, and how many does len say? NumPy can "
        "list all the positions of an array of any shape.",
        answers={"numerical_gradient": _vectors_only},
    ),
    Misconception(
        "numerical_gradient",
        "the gradient came back flat",
        concept="the gradient has the shape of theta",
        hint="The numbers are right but stand in one long row. To subtract the gradient from a table of weights, "
        "which shape must it have?",
        answers={
            "numerical_gradient": lambda f, theta, eps=1e-5: np.ravel(
                _difference(lambda up, here, down, eps: (up - down) / (2 * eps))(f, theta, eps)
            )
        },
    ),
    Misconception(
        "numerical_gradient",
        "multiplied by eps, not divided",
        concept="Python computes a product and a quotient from left to right",
        hint="Your entries are tiny. Read the quotient aloud in the order in which Python computes it: what all stands "
        "under the fraction bar, and what only looks as if it did?",
        answers={"numerical_gradient": _difference(lambda up, here, down, eps: (up - down) / 2 * eps)},
    ),
    Misconception(
        "numerical_gradient",
        "half of the slope",
        concept="a slope is rise over run",
        hint="Every entry is too small by the same factor of two. How far apart are the two points at which you called "
        "f? That is what to divide by.",
        answers={"numerical_gradient": _difference(lambda up, here, down, eps: (up - down) / (4 * eps))},
    ),
    Misconception(
        "numerical_gradient",
        "too few digits",
        concept="float32 holds about seven digits",
        hint="With a large eps all is well, with a tiny one the digits are lost. Which type do your arrays have, and "
        "how many digits does it hold? Adding a very small number to a large one needs more of them.",
        answers={"numerical_gradient": _single_precision},
    ),
    Misconception(
        "numerical_gradient",
        "the last entry left out",
        concept="range ends before its last number",
        hint="One entry of your gradient is always zero. Which one, and does your loop ever come to it?",
        answers={"numerical_gradient": _last_left_out},
    ),
    changed_input("numerical_gradient"),
    nothing_returned("numerical_gradient", "numerical_gradient"),
)

# --------------------------------------------------------------------------------------------------
# train_perceptron
# --------------------------------------------------------------------------------------------------


def _train(
    slope: Any = _slope,
    move: Any = lambda w, b, lr, X, d: (w - lr * X.T @ d, b - lr * np.sum(d)),
    loss: Any = None,
    rounds: Any = lambda n_iters: n_iters,
    start: Any = lambda w0, b0: (w0, b0),
) -> Any:
    """A train_perceptron; each piece is written by someone with one idea. Without a loss, any history will do."""

    def train_perceptron(X: Any, y: Any, w0: Any, b0: Any, lr: Any, n_iters: int) -> Any:
        w, b = start(w0, b0)
        history = []
        for _ in range(rounds(n_iters)):
            p = _sigmoid(X @ w + b)
            history.append(loss(y, p) if loss else 0.0)
            w, b = move(w, b, lr, X, slope(y, p))
        return w, b, (history if loss else ...)

    return train_perceptron


def _bias_later(X: Any, y: Any, w0: Any, b0: Any, lr: Any, n_iters: int) -> Any:
    w, b = w0, b0
    for _ in range(n_iters):
        w = w - lr * X.T @ _slope(y, _sigmoid(X @ w + b))
        b = b - lr * np.sum(_slope(y, _sigmoid(X @ w + b)))
    return w, b, ...


def _one_by_one(X: Any, y: Any, w0: Any, b0: Any, lr: Any, n_iters: int) -> Any:
    w, b = w0, b0
    for _ in range(n_iters):
        for row, truth in zip(X, y, strict=True):
            d = _slope(truth, _sigmoid(row @ w + b))
            w, b = w - lr * d * row, b - lr * d
    return w, b, ...


def _last_only(X: Any, y: Any, w0: Any, b0: Any, lr: Any, n_iters: int) -> Any:
    return _one_by_one(X[-1:], y[-1:], w0, b0, lr, n_iters)


def _two_inputs(X: Any, y: Any, w0: Any, b0: Any, lr: Any, n_iters: int) -> Any:
    return _train()(X[:, :2], y, w0[:2], b0, lr, n_iters)


def _last_loss(X: Any, y: Any, w0: Any, b0: Any, lr: Any, n_iters: int) -> Any:
    w, b, history = _train(loss=lambda y, p: np.sum((y - p) ** 2))(X, y, w0, b0, lr, n_iters)
    return w, b, history[-1]


def _first_gradient(X: Any, y: Any, w0: Any, b0: Any, lr: Any, n_iters: int) -> Any:
    d = _slope(y, _sigmoid(X @ w0 + b0))
    return w0 - n_iters * lr * X.T @ d, b0 - n_iters * lr * np.sum(d), ...


def _remembering(keep: float) -> Any:
    """A train_perceptron that carries some of the earlier gradients over into each step."""

    def train_perceptron(X: Any, y: Any, w0: Any, b0: Any, lr: Any, n_iters: int) -> Any:
        w, b, dw, db = w0, b0, 0.0, 0.0
        for _ in range(n_iters):
            d = _slope(y, _sigmoid(X @ w + b))
            dw, db = keep * dw + X.T @ d, keep * db + np.sum(d)
            w, b = w - lr * dw, b - lr * db
        return w, b, ...

    return train_perceptron


_TRAIN = (
    Misconception(
        "train_perceptron",
        "factor 2 missing",
        concept="slide 'Output layer weight derivatives': the 2 of the square is lost there",
        hint="Your steps are all too short by one factor, as if lr were smaller. Compare the gradient inside your "
        "loop with your own perceptron_gradient, or with the numerical one.",
        answers={"train_perceptron": _train(lambda y, p: (p - y) * p * (1 - p))},
        erratum="E3",
    ),
    Misconception(
        "train_perceptron",
        "uphill",
        concept="slide 'Gradient-Based Optimization': the gradient points uphill",
        hint="Plot your history: does the loss fall? The gradient points to where the loss grows. Which way do you "
        "want to walk?",
        answers={"train_perceptron": _train(move=lambda w, b, lr, X, d: (w + lr * X.T @ d, b + lr * np.sum(d)))},
    ),
    Misconception(
        "train_perceptron",
        "learning rate left out",
        concept="slide 'Learning From Data': the strategy there has no learning rate",
        hint="Call your function twice with different learning rates. Are the results different? The strategy "
        "slide says only 'subtract the derivative'; a later slide has one more letter in that step.",
        answers={"train_perceptron": _train(move=lambda w, b, lr, X, d: (w - X.T @ d, b - np.sum(d)))},
        erratum="E19",
    ),
    Misconception(
        "train_perceptron",
        "a learning rate of one's own",
        concept="functions compute with what they are handed",
        hint="Call your function twice with different learning rates. Are the results different? Look for a number "
        "in your step that should be the argument.",
        answers={"train_perceptron": _train(move=lambda w, b, lr, X, d: (w - 0.1 * X.T @ d, b - 0.1 * np.sum(d)))},
    ),
    Misconception(
        "train_perceptron",
        "mean for sum",
        concept="the task minimizes the sum of squared errors",
        hint="Your steps get shorter the more observations there are. Read in the task which loss is made small: "
        "that of an average observation, or that of all together?",
        answers={
            "train_perceptron": _train(move=lambda w, b, lr, X, d: (w - lr * X.T @ d / len(d), b - lr * np.mean(d)))
        },
    ),
    Misconception(
        "train_perceptron",
        "the slope of the sigmoid forgotten",
        concept="slide 'Putting it all together': three factors",
        hint="It learns, but by other steps. Compare the gradient inside your loop with your own "
        "perceptron_gradient. Which function lies between h and p?",
        answers={"train_perceptron": _train(lambda y, p: 2 * (p - y))},
    ),
    Misconception(
        "train_perceptron",
        "the cross-entropy's gradient",
        concept="recap slide and perceptron slides use two different losses",
        hint="It learns well, but it makes another loss small than the task names: the recap slide's. Compare the "
        "gradient inside your loop with your own perceptron_gradient.",
        answers={"train_perceptron": _train(lambda y, p: p - y)},
        erratum="E20",
    ),
    Misconception(
        "train_perceptron",
        "the bias never moves",
        concept="slide 'Gradient Descent with Backprop': each weight and bias term",
        hint="Compare the b that you return with the b0 you were handed. Which parameters does the slide tell you "
        "to update?",
        answers={"train_perceptron": _train(move=lambda w, b, lr, X, d: (w - lr * X.T @ d, b))},
    ),
    Misconception(
        "train_perceptron",
        "b moved after w",
        concept="all parameters move together, from the same gradient",
        hint="Both gradients belong to the same point. Which w does your code use when it computes the step for b: "
        "the one before the update, or the one after? Compute everything first, then move.",
        answers={"train_perceptron": _bias_later},
    ),
    Misconception(
        "train_perceptron",
        "one observation at a time",
        concept="full batch against stochastic gradient descent",
        hint="You move after each observation, so that the next one is judged with other weights. That is a good "
        "method with another name. Full batch means: how many updates in one iteration?",
        answers={"train_perceptron": _one_by_one},
    ),
    Misconception(
        "train_perceptron",
        "only the last observation counts",
        concept="the gradient of a sum is the sum of the gradients",
        hint="Change the first observation and train again: nothing changes. In your loop over the observations, "
        "what happens to a gradient when the next one is computed?",
        answers={"train_perceptron": _last_only},
    ),
    Misconception(
        "train_perceptron",
        "one step too many",
        concept="n_iters updates",
        hint="Count the updates your loop makes when n_iters is 1. Recording one loss more than there are steps is "
        "fine; moving once more is not.",
        answers={"train_perceptron": _train(rounds=lambda n_iters: n_iters + 1)},
    ),
    Misconception(
        "train_perceptron",
        "one step too few",
        concept="n_iters updates",
        hint="Count the updates your loop makes when n_iters is 1. Where does range begin and where does it end?",
        answers={"train_perceptron": _train(rounds=lambda n_iters: n_iters - 1)},
    ),
    Misconception(
        "train_perceptron",
        "stops after the first step",
        concept="slide 'Gradient Descent with Backprop': repeat",
        hint="However many iterations are asked for, you return after the first. How far is your return line "
        "indented, and which block does it belong to?",
        answers={"train_perceptron": _train(rounds=lambda n_iters: 1)},
    ),
    Misconception(
        "train_perceptron",
        "starts from zero",
        concept="functions compute with what they are handed",
        hint="Call your function with zero iterations. Should the weights that come back not be those that went "
        "in? Look at where your w and b begin.",
        answers={"train_perceptron": _train(start=lambda w0, b0: (np.zeros(len(w0)), 0.0))},
    ),
    Misconception(
        "train_perceptron",
        "two inputs built in",
        concept="slide 'Perceptrons': two inputs are an example",
        hint="For two inputs all is right. How many weights come back when there are three? Work with w as a whole "
        "instead of with its entries.",
        answers={"train_perceptron": _two_inputs},
    ),
    Misconception(
        "train_perceptron",
        "history of means",
        concept="the task minimizes the sum of squared errors",
        hint="Your weights are right. The losses in your history are all too small by the same factor. Which loss "
        "does the task make small: that of an average observation, or that of all together?",
        answers={"train_perceptron": _train(loss=lambda y, p: np.mean((y - p) ** 2))},
    ),
    Misconception(
        "train_perceptron",
        "history of cross-entropies",
        concept="recap slide and perceptron slides use two different losses",
        hint="Your weights are right, but the history records another loss than the one they make small. Which "
        "loss stands on the slides about the perceptron?",
        answers={
            "train_perceptron": _train(loss=lambda y, p: -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))),
        },
        erratum="E20",
    ),
    Misconception(
        "train_perceptron",
        "only the last loss returned",
        concept="the history holds a loss for each iteration",
        hint="Your weights are right, but instead of a history one number comes back. What happens to the loss of an "
        "iteration when the next one is computed? Give the losses a list to live in.",
        answers={"train_perceptron": _last_loss},
    ),
    Misconception(
        "train_perceptron",
        "always a hundred iterations",
        concept="functions compute with what they are handed",
        hint="Call your function with one iteration and with many: the weights that come back are the same. Search "
        "your code for a number that should be the argument.",
        answers={"train_perceptron": _train(rounds=lambda n_iters: 100)},
    ),
    Misconception(
        "train_perceptron",
        "the classes in place of the probabilities",
        concept="slide 'Gradient Descent with Backprop': a smooth loss",
        hint="You learn from the class, which is what an older rule did. Here the loss is taken of the probability, so "
        "that a unit that is nearly right learns too. Which of the table's columns do you use?",
        answers={"train_perceptron": _train(lambda y, p: 2 * ((p > 0.5) - y))},
    ),
    Misconception(
        "train_perceptron",
        "the gradient never computed anew",
        concept="slide 'Gradient Descent with Backprop': repeat",
        hint="Your first step is right, and all later ones are the same as the first. The gradient belongs to the "
        "point where you stand: which lines have to be inside the loop?",
        answers={"train_perceptron": _first_gradient},
    ),
    Misconception(
        "train_perceptron",
        "the learning rate for w only",
        concept="all parameters move with the same learning rate",
        hint="Your w is right after one step and your b is not. Compare your two updates with each other, letter by "
        "letter.",
        answers={"train_perceptron": _train(move=lambda w, b, lr, X, d: (w - lr * X.T @ d, b - np.sum(d)))},
    ),
    Misconception(
        "train_perceptron",
        "gradients never cleared",
        concept="each iteration has a gradient of its own",
        hint="Your first step is right, and the second is too long. What do your sums hold when the second iteration "
        "begins, and what should they hold?",
        answers={"train_perceptron": _remembering(1.0)},
    ),
    Misconception(
        "train_perceptron",
        "momentum",
        concept="plain gradient descent has no memory",
        hint="Your first step is right, and later ones carry on in the old direction. That is a good method with "
        "another name. What does the slide subtract in each step, and nothing else?",
        answers={"train_perceptron": _remembering(0.9)},
    ),
    changed_input("train_perceptron"),
    nothing_returned("train_perceptron", "train_perceptron"),
)

MISCONCEPTIONS = (
    *_SIGMOID,
    *_WEIGHTED_SUM,
    *_TABLE,
    *_SLIDE_ERRORS,
    *_SQUARED,
    *_BCE,
    *_CHAIN,
    *_GRADIENT,
    *_NUMERICAL,
    *_TRAIN,
)
