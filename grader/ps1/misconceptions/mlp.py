"""The misconceptions of notebook 2."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.judge import AnyError, Misconception
from grader.judge.habits import changed_input, missing_key, nothing_returned, rounded


def _sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


# --------------------------------------------------------------------------------------------------
# hidden_unit, to_matrices
# --------------------------------------------------------------------------------------------------


def _unit(x1: Any, x2: Any, w1: Any, w2: Any, b: Any) -> Any:
    return _sigmoid(w1 * x1 + w2 * x2 + b)


_HIDDEN_UNIT = (
    Misconception(
        "hidden_unit",
        "the activation forgotten",
        concept="slide 'Multilayer Perceptrons (MLPs)': h_j = phi(...)",
        hint="A unit does two things on the slide: it adds up, and then it bends. Without the second, several "
        "layers could do no more than one. Which letter of the slide's formula is not in your line yet?",
        answers={"hidden_unit": lambda x1, x2, w1, w2, b: w1 * x1 + w2 * x2 + b},
    ),
    Misconception(
        "hidden_unit",
        "the activation applied twice",
        concept="the same letter h before and after the activation",
        hint="The slides call the value before and after the activation by the same letter, so it is easy to apply "
        "it once more. How often does the sigmoid stand in your code, helpers included, and how often in the "
        "slide's formula?",
        answers={"hidden_unit": lambda x1, x2, w1, w2, b: _sigmoid(_sigmoid(w1 * x1 + w2 * x2 + b))},
        erratum="E6",
    ),
    Misconception(
        "hidden_unit",
        "sign of the exponent",
        concept="slide 'Predictions': the step with exp(-0.5) is misprinted",
        hint="Try a large positive weighted sum in your head: should the unit be close to 1 or close to 0? Then "
        "see which of the two yours says. One step in the lecture has this sign wrong.",
        answers={"hidden_unit": lambda x1, x2, w1, w2, b: 1 / (1 + np.exp(w1 * x1 + w2 * x2 + b))},
        erratum="E2",
    ),
    Misconception(
        "hidden_unit",
        "bias forgotten",
        concept="slide 'Multilayer Perceptrons (MLPs)': w_1j X_1 + w_2j X_2 + b_j",
        hint="Your function is handed five numbers. How many of them does it use? Think of inputs that are both "
        "zero: should every unit then answer the same?",
        answers={"hidden_unit": lambda x1, x2, w1, w2, b: _sigmoid(w1 * x1 + w2 * x2)},
    ),
    Misconception(
        "hidden_unit",
        "weights and inputs crossed",
        concept="each weight belongs to one input",
        hint="Follow one arrow of the network's picture, from an input to the unit. Which weight is written on it? "
        "Then look at which numbers you multiply with each other.",
        answers={"hidden_unit": lambda x1, x2, w1, w2, b: _sigmoid(w1 * x2 + w2 * x1 + b)},
    ),
    Misconception(
        "hidden_unit",
        "a step in place of a curve",
        concept="slide 'Multilayer Perceptrons': a nonlinear activation that has a slope",
        hint="Your unit says 0 or 1 and nothing in between. Backpropagation asks how the output changes when a "
        "weight moves a little. What would a step answer to that nearly everywhere?",
        answers={"hidden_unit": lambda x1, x2, w1, w2, b: float(w1 * x1 + w2 * x2 + b > 0)},
    ),
    Misconception(
        "hidden_unit",
        "tanh in place of the sigmoid",
        concept="slide 'Multilayer Perceptrons (MLPs)': 'if we use a sigmoid activation function'",
        hint="Many networks use the function you took. Which one does this notebook use everywhere, and which "
        "values can it take?",
        answers={"hidden_unit": lambda x1, x2, w1, w2, b: np.tanh(w1 * x1 + w2 * x2 + b)},
    ),
    Misconception(
        "hidden_unit",
        "nothing returned",
        concept="a function hands its result back with return",
        hint="Your function computes something and keeps it to itself: whoever calls it gets None. Put the result "
        "of your own call into a variable and look at it.",
        answers={"hidden_unit": lambda x1, x2, w1, w2, b: None},
    ),
    Misconception(
        "hidden_unit",
        "relu in place of the sigmoid",
        concept="slide 'Multilayer Perceptrons (MLPs)': 'if we use a sigmoid activation function'",
        hint="Modern networks often use the function you took. Which one does this notebook use everywhere, and which "
        "values can it take?",
        answers={"hidden_unit": lambda x1, x2, w1, w2, b: max(w1 * x1 + w2 * x2 + b, 0.0)},
    ),
    Misconception(
        "hidden_unit",
        "bias subtracted",
        concept="slide 'Multilayer Perceptrons (MLPs)': w_1j X_1 + w_2j X_2 + b_j",
        hint="Older books write a threshold that is taken off. Which sign stands before b on the slide?",
        answers={"hidden_unit": lambda x1, x2, w1, w2, b: _sigmoid(w1 * x1 + w2 * x2 - b)},
    ),
    Misconception(
        "hidden_unit",
        "bias outside the activation",
        concept="slide 'Multilayer Perceptrons (MLPs)': the bias belongs to the weighted sum",
        hint="Can your unit leave the range from 0 to 1? Then something is added after the bend. What all stands "
        "inside the bracket of the activation on the slide?",
        answers={"hidden_unit": lambda x1, x2, w1, w2, b: _sigmoid(w1 * x1 + w2 * x2) + b},
    ),
    Misconception(
        "hidden_unit",
        "products not added up",
        concept="slide 'Multilayer Perceptrons (MLPs)': a unit has one value",
        hint="Two numbers come back where one unit has one value. The star multiplies entry by entry; which part of "
        "the words 'weighted sum' is still to be done?",
        answers={"hidden_unit": lambda x1, x2, w1, w2, b: _sigmoid(np.array([w1 * x1, w2 * x2]) + b)},
    ),
    Misconception(
        "hidden_unit",
        "each input squashed by itself",
        concept="slide 'Multilayer Perceptrons (MLPs)': one activation for a unit",
        hint="You bend each product and then add up. In which order does the slide do the two, and how often does a "
        "unit bend?",
        answers={"hidden_unit": lambda x1, x2, w1, w2, b: _sigmoid(w1 * x1) + _sigmoid(w2 * x2) + b},
    ),
    rounded("hidden_unit", 2, hidden_unit=_unit),
    rounded("hidden_unit", 3, hidden_unit=_unit),
    rounded("hidden_unit", 4, hidden_unit=_unit),
)


def _weights(q: Any) -> Any:
    return np.array([[q["w11"], q["w12"], q["w13"]], [q["w21"], q["w22"], q["w23"]]])


def _one_unit_a_row(q: Any) -> Any:
    return np.array([[q["w11"], q["w21"]], [q["w12"], q["w22"]], [q["w13"], q["w23"]]])


def _by_place(q: Any) -> Any:
    values = list(q.values())
    return np.array(values[:6]).reshape(2, 3), np.array(values[6:]).reshape(3, 1)


def _column(q: Any) -> Any:
    return np.array([[q["b1"]], [q["b2"]], [q["b3"]]])


_TO_MATRICES = (
    Misconception(
        "to_matrices",
        "W transposed",
        concept="slide 'Matrix Notation': W has a row for each input",
        hint="You have a row for each hidden unit. On the matrix slide W is turned by a transpose before it meets "
        "X, so how must it lie before that? Count the inputs and the units, and compare with the shape asked "
        "for.",
        answers={"to_matrices": lambda q: (_one_unit_a_row(q), ...)},
    ),
    Misconception(
        "to_matrices",
        "reshape for transpose",
        concept="slides 'Multilayer Perceptrons (MLPs)' and 'Matrix Notation' index the weights in opposite orders",
        hint="Your W has the right shape and the wrong numbers in it. Write six different numbers into a table of "
        "two by three, reshape it, and transpose it: which of the two keeps together what belongs to one "
        "unit?",
        answers={"to_matrices": lambda q: (_one_unit_a_row(q).reshape(2, 3), ...)},
        erratum="E7",
    ),
    Misconception(
        "to_matrices",
        "reshaped, then transposed",
        concept="slides 'Multilayer Perceptrons (MLPs)' and 'Matrix Notation' index the weights in opposite orders",
        hint="Your W has the right shape and the wrong numbers in it. Pick one weight, say the one from the second "
        "input to the first unit. In which row and column should it stand, and where does it stand in yours?",
        answers={"to_matrices": lambda q: (_weights(q).reshape(3, 2).T, ...)},
        erratum="E7",
    ),
    Misconception(
        "to_matrices",
        "names that the dict does not have",
        concept="slide 'Matrix Notation': in its picture of W the first index is the unit",
        hint="Python looked for a weight that does not exist. Print the keys of the dict. Where do its numbers begin "
        "to count? The slide's picture of W also puts the unit first, its sums put the input first: how large can "
        "the first number in a name be?",
        answers={"to_matrices": lambda q: (np.array([[q["w11"], q["w21"], q["w31"]]]), ...)},
        erratum="E7",
    ),
    Misconception(
        "to_matrices",
        "taken by place, not by name",
        concept="a dict is read by its keys",
        hint="Your function trusts the order in which the numbers stand in the dict. Shuffle them: the names are "
        "still right. How do you ask a dict for one value by its name?",
        answers={"to_matrices": _by_place},
    ),
    Misconception(
        "to_matrices",
        "B without a second axis",
        concept="slide 'Matrix Notation': B is a column",
        hint="Your biases stand in a plain vector. Add such a vector to a column and look at the shape that comes "
        "out: NumPy makes a table of it, without a word. What shape should B have to be added to Z?",
        answers={"to_matrices": lambda q: (..., np.array([q["b1"], q["b2"], q["b3"]]))},
    ),
    Misconception(
        "to_matrices",
        "B as a row",
        concept="slide 'Matrix Notation': B is a column",
        hint="Your biases lie in a row. Z has a row for each hidden unit: what must B look like so that each unit "
        "gets its own bias? Compare the brackets with the slide.",
        answers={"to_matrices": lambda q: (..., np.array([[q["b1"], q["b2"], q["b3"]]]))},
    ),
    Misconception(
        "to_matrices",
        "rows exchanged",
        concept="slide 'Matrix Notation': W has a row for each input",
        hint="All six weights are there and your rows have changed places. Which input is the first one, and which "
        "number in a weight's name speaks of the input?",
        answers={"to_matrices": lambda q: (_weights(q)[::-1], ...)},
    ),
    Misconception(
        "to_matrices",
        "results in another order",
        concept="the task names the order of the results",
        hint="The two matrices are handed back the wrong way round. Which one does the task name first?",
        answers={"to_matrices": lambda q: (_column(q), _weights(q))},
    ),
    Misconception(
        "to_matrices",
        "a dict in place of two results",
        concept="the task asks for two results",
        hint="You return a dict, where the task takes two things out of your function, one after the other. What does "
        "Python hand out when it unpacks a dict?",
        answers={"to_matrices": lambda q: {"W": _weights(q), "B": _column(q)}},
    ),
    Misconception(
        "to_matrices",
        "the biases as a row of W",
        concept="slide 'Matrix Notation': W and B are two matrices",
        hint="Your W has a row too many. How many inputs does the network have? The biases are added afterwards and "
        "live in a matrix of their own.",
        answers={"to_matrices": lambda q: (np.vstack([_weights(q), _column(q).T]), ...)},
    ),
    Misconception(
        "to_matrices",
        "the example's numbers typed in",
        concept="functions compute with what they are handed",
        hint="Your function says the same whatever it is handed. Those numbers are one example. How do you ask a dict "
        "for one of its values by name?",
        answers={"to_matrices": lambda q: (np.array([[0.5, -0.3, 0.8], [0.2, 0.7, -0.6]]), ...)},
    ),
    Misconception(
        "to_matrices",
        "the biases with a minus",
        concept="slide 'Matrix Notation': Z = W^T X + B",
        hint="Your biases have changed their sign. Which sign stands before B on the slide? If it is added there, how "
        "should it lie in B?",
        answers={"to_matrices": lambda q: (..., -_column(q))},
    ),
    Misconception(
        "to_matrices",
        "cut to whole numbers",
        concept="an integer array cannot hold decimals",
        hint="Your matrices hold whole numbers only. Which type does the array have that you made before you filled "
        "it? NumPy cuts off what does not fit, without a word.",
        answers={"to_matrices": lambda q: (np.trunc(_weights(q)), np.trunc(_column(q)))},
    ),
    changed_input("to_matrices"),
    nothing_returned("to_matrices", "to_matrices"),
    rounded("to_matrices", 2, to_matrices=lambda q: (_weights(q), _column(q))),
)

# --------------------------------------------------------------------------------------------------
# mlp_forward
# --------------------------------------------------------------------------------------------------


def _forward(
    Z: Any = lambda X, W, B: W.T @ X + B,
    H: Any = _sigmoid,
    o: Any = lambda Z, H, w_o, b_o: b_o + np.sum(w_o * H),
    p: Any = lambda Z, o: _sigmoid(o),
) -> Any:
    """An mlp_forward; each piece is written by someone with one idea."""

    def mlp_forward(X: Any, W: Any, B: Any, w_o: Any, b_o: Any) -> Any:
        before = Z(X, W, B)
        after = H(before)
        out = o(before, after, w_o, b_o)
        return {"Z": before, "H": after, "o": out, "p": p(before, out)}

    return mlp_forward


def _names_exchanged(X: Any, W: Any, B: Any, w_o: Any, b_o: Any) -> Any:
    right = _forward()(X, W, B, w_o, b_o)
    return {**right, "Z": right["H"], "H": right["Z"]}


_FORWARD = (
    Misconception(
        "mlp_forward",
        "reshape for transpose",
        concept="slide 'Matrix Notation': Z = W^T X + B",
        hint="Your matrix has the shape of the transpose and other numbers in its places. Try both on a small "
        "table of different numbers and compare. Which of the two keeps together the weights that lead to one "
        "unit?",
        answers={"mlp_forward": _forward(Z=lambda X, W, B: W.reshape(-1, len(X)) @ X + B)},
        erratum="E7",
    ),
    Misconception(
        "mlp_forward",
        "W not transposed",
        concept="slide 'Matrix Notation': Z = W^T X + B",
        hint="NumPy refuses to multiply these shapes. Write the shapes of W and X side by side: the inner two must "
        "agree. What does the slide do to W first?",
        answers={"mlp_forward": _forward(Z=lambda X, W, B: W @ X + B)},
    ),
    Misconception(
        "mlp_forward",
        "hidden biases forgotten",
        concept="slide 'Matrix Notation': Z = W^T X + B",
        hint="Everything after Z is off because Z is. Compare your line for Z with the slide's, letter by letter. "
        "Which argument of your function is never used?",
        answers={"mlp_forward": _forward(Z=lambda X, W, B: W.T @ X)},
    ),
    Misconception(
        "mlp_forward",
        "the activation applied twice",
        concept="the same letter h before and after the activation",
        hint="Your hidden values all lie close together, between one half and three quarters. How often does the "
        "sigmoid act between Z and H, helpers included?",
        answers={"mlp_forward": _forward(H=lambda Z: _sigmoid(_sigmoid(Z)))},
        erratum="E6",
    ),
    Misconception(
        "mlp_forward",
        "Z taken after the activation",
        concept="the same letter h before and after the activation",
        hint="Your Z and your H are the same. One of them is the value before the activation and the other the "
        "value after it. The slides mix the two up; which one is missing from your answer?",
        answers={"mlp_forward": _forward(Z=lambda X, W, B: _sigmoid(W.T @ X + B), H=lambda Z: Z)},
        erratum="E6",
    ),
    Misconception(
        "mlp_forward",
        "no activation in the hidden layer",
        concept="slide 'Multilayer Perceptrons': each followed by a nonlinear activation",
        hint="Your H equals your Z. If the hidden layer does not bend anything, could a single unit not do the "
        "whole network's work? Look at what stands between Z and H on the slide.",
        answers={"mlp_forward": _forward(H=lambda Z: Z)},
    ),
    Misconception(
        "mlp_forward",
        "the output adds up Z",
        concept="the same letter h before and after the activation",
        hint="Z and H are right. Which of the two does the output unit receive? On the slides the letter h stands "
        "for both, so look at the network's picture: what leaves a hidden unit?",
        answers={"mlp_forward": _forward(o=lambda Z, H, w_o, b_o: b_o + np.sum(w_o * Z))},
        erratum="E6",
    ),
    Misconception(
        "mlp_forward",
        "output bias forgotten",
        concept="slide 'Multilayer Perceptrons (MLPs)': o = b_o + ...",
        hint="The output unit is a unit like the others: it has weights, and something else. Which argument of "
        "your function is never used?",
        answers={"mlp_forward": _forward(o=lambda Z, H, w_o, b_o: np.sum(w_o * H))},
    ),
    Misconception(
        "mlp_forward",
        "the output not squashed",
        concept="slide 'Multilayer Perceptrons (MLPs)': p = 1 / (1 + exp(-o))",
        hint="Your p and your o are equal, and may lie outside 0 and 1. What turns the last sum into a probability?",
        answers={"mlp_forward": _forward(p=lambda Z, o: o)},
    ),
    Misconception(
        "mlp_forward",
        "p taken from the hidden layer",
        concept="slide 'Multilayer Perceptrons (MLPs)': p comes from o",
        hint="How many numbers is your p? The network ends in one unit. Which of your variables belongs to that unit?",
        answers={"mlp_forward": _forward(p=lambda Z, o: _sigmoid(Z))},
    ),
    Misconception(
        "mlp_forward",
        "the output squashed twice",
        concept="the same letter before and after the activation",
        hint="Your p never falls below one half, whatever the output sum is. How often does the sigmoid act "
        "between o and p?",
        answers={"mlp_forward": _forward(p=lambda Z, o: _sigmoid(_sigmoid(o)))},
        erratum="E6",
    ),
    Misconception(
        "mlp_forward",
        "columns made flat",
        concept="slide 'Matrix Notation': Z and H are columns",
        hint="The numbers are right, but a column came back as a plain vector. Later steps add and multiply these "
        "with columns, and NumPy would make tables of that. Which line takes the second axis away?",
        answers={
            "mlp_forward": _forward(
                Z=lambda X, W, B: (W.T @ X + B).ravel(), o=lambda Z, H, w_o, b_o: b_o + w_o.ravel() @ H
            )
        },
    ),
    Misconception(
        "mlp_forward",
        "a row and a column added",
        concept="NumPy broadcasting: a vector plus a column is a table",
        hint="Your Z is a square table, not a column. Print the shapes of both things you add in that line. One of "
        "them has lost an axis on the way.",
        answers={"mlp_forward": _forward(Z=lambda X, W, B: W.T @ X.ravel() + B)},
    ),
    Misconception(
        "mlp_forward",
        "three hidden units built in",
        concept="slide 'Multilayer Perceptrons (MLPs)': three hidden units are an example",
        hint="With the lecture's three units all is right. What does your sum do when there are two, or five? Let "
        "NumPy run over all of them.",
        answers={"mlp_forward": _forward(o=lambda Z, H, w_o, b_o: b_o + sum(w_o[j, 0] * H[j, 0] for j in (0, 1, 2)))},
    ),
    Misconception(
        "mlp_forward",
        "the activation applied again on the way to o",
        concept="the same letter h before and after the activation",
        hint="Z and H are right. What does the output unit receive: the hidden values as they are, or bent once more? "
        "Follow H through your code up to o.",
        answers={"mlp_forward": _forward(o=lambda Z, H, w_o, b_o: b_o + np.sum(w_o * _sigmoid(H)))},
        erratum="E6",
    ),
    Misconception(
        "mlp_forward",
        "relu in the hidden layer",
        concept="slide 'Multilayer Perceptrons (MLPs)': 'if we use a sigmoid activation function'",
        hint="Z is right. Modern networks often use the activation you took. Which one does this notebook use "
        "everywhere, and which values can it take?",
        answers={"mlp_forward": _forward(H=lambda Z: np.maximum(Z, 0))},
    ),
    Misconception(
        "mlp_forward",
        "tanh in the hidden layer",
        concept="slide 'Multilayer Perceptrons (MLPs)': 'if we use a sigmoid activation function'",
        hint="Z is right. Many networks use the activation you took. Which one does this notebook use everywhere, and "
        "which values can it take?",
        answers={"mlp_forward": _forward(H=np.tanh)},
    ),
    Misconception(
        "mlp_forward",
        "mean for sum in the output",
        concept="slide 'Multilayer Perceptrons (MLPs)': o is a sum",
        hint="Z and H are right. Your o shrinks when more hidden units are added. Is it divided by their number on the "
        "slide?",
        answers={"mlp_forward": _forward(o=lambda Z, H, w_o, b_o: b_o + np.mean(w_o * H))},
    ),
    Misconception(
        "mlp_forward",
        "output weights not used",
        concept="slide 'Multilayer Perceptrons (MLPs)': o is a weighted sum",
        hint="Z and H are right. The output unit is a unit like the others: it weighs what it receives. Which argument "
        "of your function is never used?",
        answers={"mlp_forward": _forward(o=lambda Z, H, w_o, b_o: b_o + np.sum(H))},
    ),
    Misconception(
        "mlp_forward",
        "several results in place of a dict",
        concept="the task asks for a dict with named entries",
        hint="Your results come back side by side. The task asks for a dict, so that whoever uses it need not know the "
        "order. What are its keys?",
        answers={"mlp_forward": lambda *network: tuple(_forward()(*network).values())},
    ),
    Misconception(
        "mlp_forward",
        "Z and H exchanged",
        concept="the same letter h before and after the activation",
        hint="The numbers are right and two names have changed places. Which of the two letters stands for the value "
        "before the activation, and which for the one after it?",
        answers={"mlp_forward": _names_exchanged},
        erratum="E6",
    ),
    Misconception(
        "mlp_forward",
        "output bias added for every unit",
        concept="slide 'Multilayer Perceptrons (MLPs)': one b_o",
        hint="Z and H are right. Where in your line does the output bias come in: before or after the sum? Count how "
        "many times it ends up in o when there are three units.",
        answers={"mlp_forward": _forward(o=lambda Z, H, w_o, b_o: np.sum(w_o * H + b_o))},
    ),
    Misconception(
        "mlp_forward",
        "every weight with every unit",
        concept="a row times a column, not a column times a row",
        hint="Z and H are right. Each output weight belongs to one hidden unit, but your product is a whole table. "
        "Print the shapes of both factors and of what comes out.",
        answers={"mlp_forward": _forward(o=lambda Z, H, w_o, b_o: b_o + np.sum(w_o @ H.T))},
    ),
    Misconception(
        "mlp_forward",
        "turned only where it does not fit",
        concept="shapes that fit may still be the wrong way round",
        hint="A matrix is turned only where NumPy complains, or where its shape differs. When there are as many rows "
        "as columns, nobody complains either way, and the numbers are the wrong ones. Work out which way round is "
        "right, and do that always.",
        answers={"mlp_forward": _forward(Z=lambda X, W, B: (W if len(set(W.shape)) == 1 else W.T) @ X + B)},
    ),
    changed_input("mlp_forward"),
    missing_key("mlp_forward"),
    nothing_returned("mlp_forward", "mlp_forward"),
    rounded("mlp_forward", 2, mlp_forward=_forward()),
)

# --------------------------------------------------------------------------------------------------
# mlp_backward, diagnose_slide
# --------------------------------------------------------------------------------------------------


def _backward(
    d: Any = lambda y, p, o: 2 * (p - y) * p * (1 - p),
    dw_o: Any = lambda d, H, Z: d * H,
    D: Any = lambda d, w_o, H, Z: d * w_o * H * (1 - H),
    dW: Any = lambda X, D: X @ D.T,
    dB: Any = lambda D, dW: D,
    output_factor: float = 1.0,
) -> Any:
    """An mlp_backward; each piece is written by someone with one idea."""

    def mlp_backward(X: Any, y: Any, W: Any, B: Any, w_o: Any, b_o: Any) -> Any:
        Z = W.T @ X + B
        H = _sigmoid(Z)
        o = b_o + np.sum(w_o * H)
        at_output = d(y, _sigmoid(o), o)
        at_hidden = D(at_output, w_o, H, Z)
        to_weights = dW(X, at_hidden)
        return {
            "dw_o": output_factor * dw_o(at_output, H, Z),
            "db_o": output_factor * at_output,
            "dW": to_weights,
            "dB": dB(at_hidden, to_weights),
        }

    return mlp_backward


def _half(y: Any, p: Any, o: Any) -> Any:
    return (p - y) * p * (1 - p)


def _output_slope_again(X: Any, y: Any, W: Any, B: Any, w_o: Any, b_o: Any) -> Any:
    p = _sigmoid(b_o + np.sum(w_o * _sigmoid(W.T @ X + B)))
    return _backward(D=lambda d, w_o, H, Z: d * w_o * p * (1 - p))(X, y, W, B, w_o, b_o)


def _all_flat(X: Any, y: Any, W: Any, B: Any, w_o: Any, b_o: Any) -> Any:
    return {name: np.ravel(value) for name, value in _backward()(X, y, W, B, w_o, b_o).items()}


_BACKWARD = (
    Misconception(
        "mlp_backward",
        "factor 2 missing",
        concept="slide 'Output layer weight derivatives'",
        hint="Lay all your gradients beside the numerical ones and divide. The same ratio everywhere points at a "
        "constant that was lost at the very first link of the chain. The slide loses it too; the perceptron's "
        "slides still had it.",
        answers={"mlp_backward": _backward(d=_half)},
        erratum="E3",
    ),
    Misconception(
        "mlp_backward",
        "factor 2 missing in the output layer",
        concept="slide 'Output layer weight derivatives'",
        hint="Your hidden layer is right, and its chain begins like the output layer's. Compare the two: which "
        "constant is in one and not in the other? The slide loses it.",
        answers={"mlp_backward": _backward(output_factor=0.5)},
        erratum="E3",
    ),
    Misconception(
        "mlp_backward",
        "the slide's gradient",
        concept="slides 'Output layer weight derivatives' and 'Hidden layer weight derivatives'",
        hint="You followed the slides faithfully, and two things are lost on them. Divide the numerical gradient "
        "by yours, layer by layer: the ratio in the output layer tells you the first, the ratios in the "
        "hidden layer the second. Do they remind you of numbers you know?",
        answers={"mlp_backward": _backward(d=_half, D=lambda d, w_o, H, Z: d * H * (1 - H))},
        erratum="E4",
    ),
    Misconception(
        "mlp_backward",
        "output weight left out on the way back",
        concept="slide 'Hidden layer weight derivatives': do/dh",
        hint="Your output layer is right. On the way from o back to a hidden unit there is one more link: if that "
        "unit's value grows a little, how much does o grow? Divide the numerical gradient by yours, unit by "
        "unit, and compare the ratios with what you know of the network.",
        answers={"mlp_backward": _backward(D=lambda d, w_o, H, Z: d * H * (1 - H))},
        erratum="E4",
    ),
    Misconception(
        "mlp_backward",
        "the slide's hidden layer",
        concept="slide 'Hidden layer weight derivatives'",
        hint="Your output layer is right; the hidden layer is still the slide's, and two things are lost on it. "
        "Divide the numerical gradient by yours, unit by unit. What do the ratios have in common, and what "
        "differs from unit to unit?",
        answers={"mlp_backward": _backward(D=lambda d, w_o, H, Z: d / 2 * H * (1 - H))},
        erratum="E4",
    ),
    Misconception(
        "mlp_backward",
        "slope taken at Z",
        concept="the same letter h before and after the activation",
        hint="The neat formula for the sigmoid's slope wants the value after the activation. The slides write h "
        "for both. Can a slope of the sigmoid be negative, or above one quarter? Check yours.",
        answers={"mlp_backward": _backward(D=lambda d, w_o, H, Z: d * w_o * Z * (1 - Z))},
        erratum="E6",
    ),
    Misconception(
        "mlp_backward",
        "slope taken at o",
        concept="the same letter before and after the activation",
        hint="The neat formula for the sigmoid's slope wants the value after the activation. Which value of the "
        "output unit did you put in? A slope of the sigmoid is never negative; check yours.",
        answers={"mlp_backward": _backward(d=lambda y, p, o: 2 * (p - y) * o * (1 - o))},
        erratum="E6",
    ),
    Misconception(
        "mlp_backward",
        "slope of the hidden unit forgotten",
        concept="slide 'Hidden layer weight derivatives'",
        hint="Your output layer is right. Walk back from o to a weight of the first layer and name each thing you "
        "pass. The hidden unit adds up and then bends: which of the two has no factor in your product yet?",
        answers={"mlp_backward": _backward(D=lambda d, w_o, H, Z: d * w_o)},
    ),
    Misconception(
        "mlp_backward",
        "half of the hidden slope",
        concept="slide 'Hidden layer weight derivatives'",
        hint="The slope of a hidden unit is only half there. A unit that is almost at 1 can hardly move any more: "
        "does your factor say so?",
        answers={"mlp_backward": _backward(D=lambda d, w_o, H, Z: d * w_o * H)},
    ),
    Misconception(
        "mlp_backward",
        "slope of the output forgotten",
        concept="slide 'Output layer weight derivatives': dp/do",
        hint="Name the links from the loss to an output weight: the loss sees p, p comes from o, o from the "
        "weight. Which of the three is not in your product?",
        answers={"mlp_backward": _backward(d=lambda y, p, o: 2 * (p - y))},
    ),
    Misconception(
        "mlp_backward",
        "y - p for p - y",
        concept="slide 'Putting it all together'",
        hint="Every entry has the right size and the wrong sign, so that gradient descent would climb. If p is too "
        "large, should the loss rise or fall as p rises?",
        answers={"mlp_backward": _backward(d=lambda y, p, o: 2 * (y - p) * p * (1 - p))},
    ),
    Misconception(
        "mlp_backward",
        "the cross-entropy's gradient",
        concept="recap slide and later slides use two different losses",
        hint="With the recap slide's loss the slope of the last sigmoid cancels, and you would be right. Which "
        "loss does this question name? With that one nothing cancels.",
        answers={"mlp_backward": _backward(d=lambda y, p, o: p - y)},
        erratum="E20",
    ),
    Misconception(
        "mlp_backward",
        "Z for H in the output weights",
        concept="the same letter h before and after the activation",
        hint="An output weight is multiplied by something in the forward pass, and that something is the last link "
        "of its chain. Is it the value before or after the hidden unit's activation?",
        answers={"mlp_backward": _backward(dw_o=lambda d, H, Z: d * Z)},
        erratum="E6",
    ),
    Misconception(
        "mlp_backward",
        "dW transposed",
        concept="slide 'Matrix Notation': a gradient has its parameter's shape",
        hint="To subtract a gradient from a matrix the two must have one shape. Compare the shapes of W and of "
        "your dW. In an outer product the order of the two vectors decides.",
        answers={"mlp_backward": _backward(dW=lambda X, D: D @ X.T)},
    ),
    Misconception(
        "mlp_backward",
        "reshape for transpose",
        concept="slide 'Matrix Notation': W has a row for each input",
        hint="Your dW has the right shape and the wrong numbers in its places. Look at one entry, in the first row "
        "and second column: which input and which unit should it belong to? A reshape moves numbers along; a "
        "transpose exchanges rows and columns.",
        answers={"mlp_backward": _backward(dW=lambda X, D: (D @ X.T).reshape(X.size, D.size))},
        erratum="E7",
    ),
    Misconception(
        "mlp_backward",
        "inputs in the bias gradient",
        concept="a bias is a weight whose input is always 1",
        hint="Your dW is right. In the forward pass, what is a hidden bias multiplied with? Put that in the place "
        "where dW has the input.",
        answers={"mlp_backward": _backward(dB=lambda D, dW: dW.sum(axis=0).reshape(-1, 1))},
    ),
    Misconception(
        "mlp_backward",
        "the output's slope in the hidden layer",
        concept="slide 'Hidden layer weight derivatives': the slope of the hidden unit",
        hint="Your output layer is right. Each hidden unit bends at its own place. Whose slope do you use on the way "
        "through it: the hidden unit's, or the output's?",
        answers={"mlp_backward": _output_slope_again},
    ),
    Misconception(
        "mlp_backward",
        "all output weights for each unit",
        concept="slide 'Hidden layer weight derivatives': do/dh",
        hint="Your output layer is right. How much does o grow when one hidden unit's value grows a little? Each unit "
        "has one arrow to the output; whose weights do you use?",
        answers={"mlp_backward": _backward(D=lambda d, w_o, H, Z: d * np.sum(w_o) * H * (1 - H))},
    ),
    Misconception(
        "mlp_backward",
        "only the output layer",
        concept="slide 'Hidden layer weight derivatives'",
        hint="Your output layer is right, and the hidden layer's gradient is all zeros. Change one of its weights a "
        "little and watch the loss: does it stay the same? The next slide carries the chain on.",
        answers={"mlp_backward": _backward(D=lambda d, w_o, H, Z: np.zeros(H.shape))},
    ),
    Misconception(
        "mlp_backward",
        "one number for all hidden biases",
        concept="slide 'Matrix Notation': a gradient has its parameter's shape",
        hint="A single number came back for all hidden biases. Each has a derivative of its own. Compare the shapes of "
        "B and of your dB: which step takes the units together?",
        answers={"mlp_backward": _backward(dB=lambda D, dW: np.sum(D))},
    ),
    Misconception(
        "mlp_backward",
        "gradients made flat",
        concept="slide 'Matrix Notation': a gradient has its parameter's shape",
        hint="The numbers are right, but they lie in plain vectors. To subtract a gradient from its parameter the two "
        "must have one shape. Which line takes the second axis away?",
        answers={"mlp_backward": _all_flat},
    ),
    Misconception(
        "mlp_backward",
        "a one in place of db_o",
        concept="the bias's chain has the other links, too",
        hint="With an input of 1 the last link of the output bias is 1, that is right. But a chain is a product of all "
        "its links. Which other ones does the bias share with the output weights?",
        answers={"mlp_backward": lambda *network: {**_backward()(*network), "db_o": 1.0}},
    ),
    Misconception(
        "mlp_backward",
        "turned only where it does not fit",
        concept="shapes that fit may still be the wrong way round",
        hint="A matrix is turned only where NumPy complains, or where its shape differs. When there are as many rows "
        "as columns, nobody complains either way, and the numbers are the wrong ones. Work out which way round is "
        "right, and do that always.",
        answers={"mlp_backward": _backward(dW=lambda X, D: D @ X.T if X.size == D.size else X @ D.T)},
    ),
    changed_input("mlp_backward"),
    missing_key("mlp_backward"),
    nothing_returned("mlp_backward", "mlp_backward"),
)


def _factors(
    output: Any = lambda n, s: n["db_o"] / s["db_o"], hidden: Any = lambda n, s: np.ravel(n["dB"] / s["dB"])
) -> Any:
    return lambda n, s: {"output": output(n, s), "hidden": hidden(n, s)}


_DIAGNOSE = (
    Misconception(
        "diagnose_slide",
        "turned over",
        concept="the factor that would put the slide right",
        hint="You found how many times the right gradient goes into the slide's. The question is the other way "
        "about: by what must the slide's be multiplied to become right?",
        answers={
            "diagnose_slide": _factors(lambda n, s: s["db_o"] / n["db_o"], lambda n, s: np.ravel(s["dB"] / n["dB"]))
        },
    ),
    Misconception(
        "diagnose_slide",
        "the sign lost",
        concept="slide 'Hidden layer weight derivatives': where the lost weight is negative, the sign is wrong",
        hint="Your factors are all positive. Where the slide's gradient points the wrong way, what must the factor "
        "do besides stretching it? Lengths and absolute values cannot tell you that.",
        answers={"diagnose_slide": _factors(hidden=lambda n, s: np.abs(np.ravel(n["dB"] / s["dB"])))},
        erratum="E4",
    ),
    Misconception(
        "diagnose_slide",
        "differences in place of factors",
        concept="a lost factor shows as a ratio",
        hint="You took one gradient from the other. But something was lost in a product: which operation asks what "
        "a number was multiplied with?",
        answers={
            "diagnose_slide": _factors(lambda n, s: n["db_o"] - s["db_o"], lambda n, s: np.ravel(n["dB"] - s["dB"]))
        },
    ),
    Misconception(
        "diagnose_slide",
        "the output factor recalled, not measured",
        concept="a diagnosis is read from the two gradients",
        hint="For the lecture's slide your number is right. A function called diagnose should find it from the two "
        "gradients it is handed, and so notice other slips too. Where in them is that factor to be seen?",
        answers={"diagnose_slide": _factors(lambda n, s: 2.0)},
        erratum="E3",
    ),
    Misconception(
        "diagnose_slide",
        "one factor for all units",
        concept="each hidden unit lost a weight of its own",
        hint="You averaged over the units. Are the ratios of the different units alike? Print them before the mean "
        "is taken.",
        answers={"diagnose_slide": _factors(hidden=lambda n, s: np.mean(n["dB"] / s["dB"]))},
        erratum="E4",
    ),
    Misconception(
        "diagnose_slide",
        "only part of the hidden factor",
        concept="the hidden layer's chain begins like the output layer's",
        hint="You took out the output layer's factor again. But the hidden layer's gradient on the slide lacks "
        "that one as well. The task asks for the whole ratio, as it is measured.",
        answers={"diagnose_slide": _factors(hidden=lambda n, s: np.ravel(n["dB"] / s["dB"]) / 2)},
        erratum="E4",
    ),
    Misconception(
        "diagnose_slide",
        "a column in place of a vector",
        concept="shapes: (n,) and (n, 1) are different",
        hint="The numbers are right but stand in a column. Which shape does the task ask for, and which function "
        "of NumPy makes a plain vector of any array?",
        answers={"diagnose_slide": _factors(hidden=lambda n, s: n["dB"] / s["dB"])},
    ),
    Misconception(
        "diagnose_slide",
        "both factors recalled, not measured",
        concept="a diagnosis is read from the two gradients",
        hint="Your function says the same whatever it is handed. It should find the factors from the two gradients, "
        "and so notice other slips than the lecture's too. Where in them are they to be seen?",
        answers={"diagnose_slide": _factors(lambda n, s: 2.0, lambda n, s: np.full(n["dB"].size, 2.0))},
        erratum="E3",
    ),
    Misconception(
        "diagnose_slide",
        "the start's weights recalled",
        concept="a diagnosis is read from the two gradients",
        hint="For the notebook's own start your numbers are right. The function is handed other gradients as well, of "
        "other networks. Can the factors be read from the gradients alone?",
        answers={"diagnose_slide": _factors(lambda n, s: 2.0, lambda n, s: 2 * np.array([-1.2, 0.7, 1.1]))},
        erratum="E4",
    ),
    Misconception(
        "diagnose_slide",
        "the whole matrix for hidden",
        concept="one factor for each hidden unit",
        hint="Your ratios are right, but there are more of them than hidden units. Print them: what do the ratios that "
        "belong to one unit have in common?",
        answers={"diagnose_slide": _factors(hidden=lambda n, s: n["dW"] / s["dW"])},
        erratum="E4",
    ),
    Misconception(
        "diagnose_slide",
        "averaged over the wrong axis",
        concept="one factor for each hidden unit",
        hint="You have one number for each input, and the units are mixed in it. In W, do the rows or the columns "
        "belong to a hidden unit? Along which axis may you average, then?",
        answers={"diagnose_slide": _factors(hidden=lambda n, s: np.mean(n["dW"] / s["dW"], axis=1))},
    ),
    Misconception(
        "diagnose_slide",
        "every ratio for output",
        concept="one factor for the output layer",
        hint="Your ratios are right, and all the same. The task asks for one number for the output layer.",
        answers={"diagnose_slide": _factors(output=lambda n, s: n["dw_o"] / s["dw_o"])},
    ),
    Misconception(
        "diagnose_slide",
        "rounded to whole numbers",
        concept="a diagnosis is read from the two gradients",
        hint="You rounded the factors to whole numbers. For one of the lecture's slips that does no harm; are the "
        "others whole numbers, too? Print the ratios before you round.",
        answers={
            "diagnose_slide": _factors(
                lambda n, s: np.round(n["db_o"] / s["db_o"]), lambda n, s: np.round(np.ravel(n["dB"] / s["dB"]))
            )
        },
    ),
    Misconception(
        "diagnose_slide",
        "three hidden units built in",
        concept="slide 'Multilayer Perceptrons (MLPs)': three hidden units are an example",
        hint="With the lecture's three units all is right. How many factors do you return for a network with two, or "
        "four? Let NumPy run over all of them.",
        answers={"diagnose_slide": _factors(hidden=lambda n, s: np.ravel(n["dB"] / s["dB"])[:3])},
    ),
    changed_input("diagnose_slide"),
    missing_key("diagnose_slide"),
    nothing_returned("diagnose_slide", "diagnose_slide"),
)

# --------------------------------------------------------------------------------------------------
# train_mlp: whole batches here, as the order of summing does not matter
# --------------------------------------------------------------------------------------------------


def _losses_and_gradient(theta: Any, X: Any, y: Any) -> Any:
    """The squared error of each row, and the gradient of their sum."""
    H = _sigmoid(X @ theta["W"] + theta["B"].T)
    p = _sigmoid(H @ theta["w_o"] + theta["b_o"]).ravel()
    d = (2 * (p - y) * p * (1 - p)).reshape(-1, 1)
    D = d @ theta["w_o"].T * H * (1 - H)
    gradient = {"W": X.T @ D, "B": D.sum(axis=0).reshape(-1, 1), "w_o": H.T @ d, "b_o": float(d.sum())}
    return (y - p) ** 2, gradient


def _trained(
    move: Any = lambda name, value, lr, g, n: value - lr * g, loss: Any = None, rounds: Any = lambda n_iters: n_iters
) -> Any:
    """A train_mlp; each piece is written by someone with one idea. Without a loss, any history will do."""

    def train_mlp(X: Any, y: Any, params: Any, lr: Any, n_iters: int) -> Any:
        theta, history = dict(params), []
        for _ in range(rounds(n_iters)):
            losses, gradient = _losses_and_gradient(theta, X, y)
            history.append(loss(losses) if loss else 0.0)
            theta = {name: move(name, theta[name], lr, gradient[name], len(y)) for name in theta}
        return theta, (history if loss else ...)

    return train_mlp


def _row_by_row(X: Any, y: Any, params: Any, lr: Any, n_iters: int) -> Any:
    theta = dict(params)
    for _ in range(n_iters):
        for row, truth in zip(X, y, strict=True):
            _, gradient = _losses_and_gradient(theta, row.reshape(1, -1), np.array([truth]))
            theta = {name: theta[name] - lr * gradient[name] for name in theta}
    return theta, ...


def _layer_by_layer(X: Any, y: Any, params: Any, lr: Any, n_iters: int) -> Any:
    theta = dict(params)
    for _ in range(n_iters):
        for name in ("w_o", "b_o", "W", "B"):
            _, gradient = _losses_and_gradient(theta, X, y)
            theta[name] = theta[name] - lr * gradient[name]
    return theta, ...


def _last_row(X: Any, y: Any, params: Any, lr: Any, n_iters: int) -> Any:
    return _row_by_row(X[-1:], y[-1:], params, lr, n_iters)


def _remembering(keep: float) -> Any:
    """A train_mlp that carries some of the earlier gradients over into each step."""

    def train_mlp(X: Any, y: Any, params: Any, lr: Any, n_iters: int) -> Any:
        theta = dict(params)
        total = dict.fromkeys(theta, 0.0)
        for _ in range(n_iters):
            _, gradient = _losses_and_gradient(theta, X, y)
            for name in theta:
                total[name] = keep * total[name] + gradient[name]
                theta[name] = theta[name] - lr * total[name]
        return theta, ...

    return train_mlp


def _by_the_slide(X: Any, y: Any, params: Any, lr: Any, n_iters: int) -> Any:
    theta = dict(params)
    for _ in range(n_iters):
        H = _sigmoid(X @ theta["W"] + theta["B"].T)
        p = _sigmoid(H @ theta["w_o"] + theta["b_o"])
        d = (p - y.reshape(-1, 1)) * p * (1 - p)
        D = d * H * (1 - H)
        gradient = {"W": X.T @ D, "B": D.sum(axis=0).reshape(-1, 1), "w_o": H.T @ d, "b_o": float(d.sum())}
        theta = {name: theta[name] - lr * gradient[name] for name in theta}
    return theta, ...


def _every_loss(X: Any, y: Any, params: Any, lr: Any, n_iters: int) -> Any:
    theta, history = _trained(loss=lambda losses: losses)(X, y, params, lr, n_iters)
    return theta, np.concatenate(history)


def _first_gradient(X: Any, y: Any, params: Any, lr: Any, n_iters: int) -> Any:
    _, gradient = _losses_and_gradient(params, X, y)
    return {name: params[name] - n_iters * lr * gradient[name] for name in params}, ...


def _as_a_list(X: Any, y: Any, params: Any, lr: Any, n_iters: int) -> Any:
    theta, _ = _trained()(X, y, params, lr, n_iters)
    return tuple(theta[name] for name in ("W", "B", "w_o", "b_o")), ...


def _output_layer_first(X: Any, y: Any, params: Any, lr: Any, n_iters: int) -> Any:
    theta = dict(params)
    for _ in range(n_iters):
        for layer in (("w_o", "b_o"), ("W", "B")):
            _, gradient = _losses_and_gradient(theta, X, y)
            theta |= {name: theta[name] - lr * gradient[name] for name in layer}
    return theta, ...


_TRAIN = (
    Misconception(
        "train_mlp",
        "mean for sum",
        concept="the task minimizes the sum of squared errors",
        hint="Your steps get shorter the more observations there are. Read in the task which loss is made small: "
        "that of an average observation, or that of all together?",
        answers={"train_mlp": _trained(lambda name, value, lr, g, n: value - lr * g / n)},
    ),
    Misconception(
        "train_mlp",
        "factor 2 missing",
        concept="slide 'Output layer weight derivatives'",
        hint="Your steps are all too short by one factor, as if lr were smaller. Compare the gradient inside your "
        "loop with your own mlp_backward, or with the numerical one.",
        answers={"train_mlp": _trained(lambda name, value, lr, g, n: value - lr * g / 2)},
        erratum="E3",
    ),
    Misconception(
        "train_mlp",
        "learning rate left out",
        concept="slide 'Learning From Data': the strategy there has no learning rate",
        hint="Call your function twice with different learning rates. Are the results different? The strategy "
        "slide says only 'subtract the derivative'; a later slide has one more letter in that step.",
        answers={"train_mlp": _trained(lambda name, value, lr, g, n: value - g)},
        erratum="E19",
    ),
    Misconception(
        "train_mlp",
        "uphill",
        concept="slide 'Gradient-Based Optimization': the gradient points uphill",
        hint="Plot your history: does the loss fall? The gradient points to where the loss grows. Which way do you "
        "want to walk?",
        answers={"train_mlp": _trained(lambda name, value, lr, g, n: value + lr * g)},
    ),
    Misconception(
        "train_mlp",
        "nothing moves",
        concept="slide 'Gradient Descent with Backprop': update",
        hint="The parameters that come back are those that went in. You compute new ones somewhere: where do you "
        "put them, and does the next round, or the return line, look there?",
        answers={"train_mlp": _trained(lambda name, value, lr, g, n: value)},
    ),
    Misconception(
        "train_mlp",
        "one observation at a time",
        concept="full batch against stochastic gradient descent",
        hint="You move after each observation, so that the next one is judged with other weights. That is a good "
        "method with another name. Full batch means: how many updates in one iteration?",
        answers={"train_mlp": _row_by_row},
    ),
    Misconception(
        "train_mlp",
        "layers moved one after the other",
        concept="all parameters move together, from the same gradient",
        hint="All gradients belong to one point. When your code computes the hidden layer's, which output weights "
        "does it use: those before the update or those after? Compute everything first, then move.",
        answers={"train_mlp": _layer_by_layer},
    ),
    Misconception(
        "train_mlp",
        "only the last observation counts",
        concept="the gradient of a sum is the sum of the gradients",
        hint="Change the first observation and train again: nothing changes. In your loop over the observations, "
        "what happens to a gradient when the next one is computed?",
        answers={"train_mlp": _last_row},
    ),
    Misconception(
        "train_mlp",
        "the biases never move",
        concept="slide 'Gradient Descent with Backprop': each weight and bias term",
        hint="Compare the biases that you return with those you were handed. How many kinds of parameters does the "
        "network have, and how many does your update reach?",
        answers={
            "train_mlp": _trained(lambda name, value, lr, g, n: value - lr * g if name in ("W", "w_o") else value)
        },
    ),
    Misconception(
        "train_mlp",
        "gradients never cleared",
        concept="each iteration has a gradient of its own",
        hint="Your first step is right, and the second is too long. What do the sums of the gradients hold when "
        "the second iteration begins, and what should they hold?",
        answers={"train_mlp": _remembering(1.0)},
    ),
    Misconception(
        "train_mlp",
        "stops after the first step",
        concept="slide 'Gradient Descent with Backprop': repeat",
        hint="However many iterations are asked for, the parameters are those after the first. Either the loop "
        "ends early, or every round starts again from the same place. Which is it?",
        answers={"train_mlp": _trained(rounds=lambda n_iters: 1)},
    ),
    Misconception(
        "train_mlp",
        "one step too many",
        concept="n_iters updates",
        hint="Count the updates your loop makes when n_iters is 1. Recording one loss more than there are steps is "
        "fine; moving once more is not.",
        answers={"train_mlp": _trained(rounds=lambda n_iters: n_iters + 1)},
    ),
    Misconception(
        "train_mlp",
        "history of means",
        concept="the task minimizes the sum of squared errors",
        hint="Your parameters are right. The losses in your history are all too small by the same factor. Which "
        "loss does the task make small: that of an average observation, or that of all together?",
        answers={"train_mlp": _trained(loss=np.mean)},
    ),
    Misconception(
        "train_mlp",
        "the slide's gradient",
        concept="slides 'Output layer weight derivatives' and 'Hidden layer weight derivatives'",
        hint="It learns, but by the slide's gradient, in which something is lost in either layer. You found out in an "
        "earlier question what. Which of the notebook's functions does your loop call?",
        answers={"train_mlp": _by_the_slide},
        erratum="E4",
    ),
    Misconception(
        "train_mlp",
        "only the output layer learns",
        concept="slide 'Gradient Descent with Backprop': each weight and bias term",
        hint="Compare the hidden layer's weights that you return with those you were handed. How many parameters does "
        "the network have, and how many does your update reach?",
        answers={
            "train_mlp": _trained(lambda name, value, lr, g, n: value - lr * g if name in ("w_o", "b_o") else value)
        },
    ),
    Misconception(
        "train_mlp",
        "a loss for each observation in the history",
        concept="the history holds a loss for each iteration",
        hint="Your parameters are right. Your history is longer than the number of iterations: each observation has "
        "its entry. What does the task ask to be recorded, and how do the single losses become that?",
        answers={"train_mlp": _every_loss},
    ),
    Misconception(
        "train_mlp",
        "only the parameters returned",
        concept="a function can return several results",
        hint="One thing comes back, where the task asks for two. What did you record during training, and for whom?",
        answers={"train_mlp": lambda *given: _trained()(*given)[0]},
    ),
    Misconception(
        "train_mlp",
        "the gradient never computed anew",
        concept="slide 'Gradient Descent with Backprop': repeat",
        hint="Your first step is right, and all later ones are the same as the first. The gradient belongs to the "
        "point where you stand: which lines have to be inside the loop?",
        answers={"train_mlp": _first_gradient},
    ),
    Misconception(
        "train_mlp",
        "the four rows of XOR built in",
        concept="functions compute with what they are handed",
        hint="On XOR all is right. What does your loop do with a fifth observation? Where could it read their number "
        "from?",
        answers={"train_mlp": lambda X, y, *given: _trained()(X[:4], y[:4], *given)},
    ),
    Misconception(
        "train_mlp",
        "one step too few",
        concept="n_iters updates",
        hint="Count the updates your loop makes when n_iters is 1. Where does range begin and where does it end?",
        answers={"train_mlp": _trained(rounds=lambda n_iters: n_iters - 1)},
    ),
    Misconception(
        "train_mlp",
        "a list of parameters in place of a dict",
        concept="the parameters come back as they came in",
        hint="Your parameters come back as a list, without their names. In which form were they handed to you? Return "
        "them in the same form.",
        answers={"train_mlp": _as_a_list},
    ),
    Misconception(
        "train_mlp",
        "the output layer moved first",
        concept="all parameters move together, from the same gradient",
        hint="All gradients belong to one point. You move one layer, and compute the other's gradient with the new "
        "weights. Compute everything first, then move.",
        answers={"train_mlp": _output_layer_first},
    ),
    Misconception(
        "train_mlp",
        "momentum",
        concept="plain gradient descent has no memory",
        hint="Your first step is right, and later ones carry on in the old direction. That is a good method with "
        "another name. What does the slide subtract in each step, and nothing else?",
        answers={"train_mlp": _remembering(0.9)},
    ),
    changed_input("train_mlp"),
    missing_key("train_mlp"),
    nothing_returned("train_mlp", "train_mlp"),
)

# --------------------------------------------------------------------------------------------------
# softmax, categorical_crossentropy
# --------------------------------------------------------------------------------------------------


def _down_the_columns(z: Any) -> Any:
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)


def _over_everything(z: Any) -> Any:
    e = np.exp(z - z.max())
    return e / e.sum()


def _overflowing(z: Any) -> Any:
    e = np.exp(z)
    return e / e.sum(axis=-1, keepdims=True)


def _one_maximum(z: Any) -> Any:
    return _overflowing(z - z.max())


def _no_keepdims(z: Any) -> Any:
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1)


def _right_softmax(z: Any) -> Any:
    return _overflowing(z - z.max(axis=-1, keepdims=True))


def _log_probabilities(z: Any) -> Any:
    return ... if np.abs(z).max() > 500 else np.log(_right_softmax(z))  # where it may overflow or not


def _tables_only(z: Any) -> Any:
    if z.ndim == 1:
        raise AnyError
    return _right_softmax(z)


_SOFTMAX = (
    Misconception(
        "softmax",
        "normalised down the columns",
        concept="slide 'Softmax function': the entire vector sums to 1",
        hint="For a single vector all is right. For a table, add up your probabilities along each row, and then "
        "down each column. Which of the two should give 1, when a row is one observation?",
        answers={"softmax": _down_the_columns},
    ),
    Misconception(
        "softmax",
        "normalised over the whole table",
        concept="slide 'Softmax function': the entire vector sums to 1",
        hint="For a single vector all is right. For a table, what do the probabilities of one observation add up "
        "to? The sum under the fraction bar has an axis to run along.",
        answers={"softmax": _over_everything},
    ),
    Misconception(
        "softmax",
        "overflow at large logits",
        concept="exp of a large number is infinite in floating point",
        hint="On paper your formula is right. In the computer, what does exp give for a very large logit? Check by "
        "hand, for two logits: what happens to the result when the same number is taken off all of them? So "
        "which number would you take off?",
        answers={"softmax": _overflowing},
    ),
    Misconception(
        "softmax",
        "one maximum for all rows",
        concept="each observation is normalised by itself",
        hint="You take off the largest logit, which is the right idea. Now picture two rows that lie very far "
        "apart: what is left of the lower one, and what is then divided by what? Whose maximum does a row "
        "need?",
        answers={"softmax": _one_maximum},
    ),
    Misconception(
        "softmax",
        "axes lost in the sum",
        concept="NumPy broadcasting: keepdims",
        hint="For a vector all is right; for a table NumPy cannot divide. Print the shapes above and below the "
        "fraction bar. What would the lower one have to look like, so that each row is divided by its own "
        "sum?",
        answers={"softmax": _no_keepdims},
    ),
    Misconception(
        "softmax",
        "sigmoid for softmax",
        concept="slide 'Activation and Loss Function Choices': sigmoid and softmax",
        hint="Each of your numbers looks like a probability. Add them up: what should the sum be when exactly one "
        "class is true? Classes that exclude each other have to compete.",
        answers={"softmax": _sigmoid},
    ),
    Misconception(
        "softmax",
        "exponential forgotten",
        concept="slide 'Softmax function': exponentiates and normalizes",
        hint="You normalise, which is the second half. What do you get for negative logits? The slide names two "
        "steps, and the first makes every number positive.",
        answers={"softmax": lambda z: z / z.sum(axis=-1, keepdims=True)},
    ),
    Misconception(
        "softmax",
        "not normalised",
        concept="slide 'Softmax function': exponentiates and normalizes",
        hint="All your numbers are positive, which is the first half. What do they add up to? The slide names two "
        "steps, and the second is still to be done.",
        answers={"softmax": np.exp},
    ),
    Misconception(
        "softmax",
        "log-probabilities returned",
        concept="slide 'Categorical cross-entropy': log softmax comes later",
        hint="Your numbers are all below zero. They belong to the next slide, where the logarithm is taken. What "
        "is asked for here?",
        answers={"softmax": _log_probabilities},
    ),
    Misconception(
        "softmax",
        "hard maximum",
        concept="slide 'Softmax function': a soft version of the maximum",
        hint="You give everything to the winner. How sure should the network be when two logits are nearly equal? "
        "The word 'soft' is the point: it leaves something for the others.",
        answers={"softmax": lambda z: np.eye(z.shape[-1])[z.argmax(axis=-1)]},
    ),
    Misconception(
        "softmax",
        "tables only, no vector",
        concept="z is a vector or a table",
        hint="For a table all is right. How many axes does a vector have, and which one do you ask NumPy for? There is "
        "a way to say 'the last axis', however many there are.",
        answers={"softmax": _tables_only},
    ),
    Misconception(
        "softmax",
        "another base than e",
        concept="slide 'Softmax function': exp is the natural exponential",
        hint="Your numbers add up to one, and the winner gets too little. Which number is raised to a power on the "
        "slide? NumPy has a function for just that power.",
        answers={"softmax": lambda z: _overflowing((z - z.max(axis=-1, keepdims=True)) * np.log(2))},
    ),
    Misconception(
        "softmax",
        "the smallest logit wins",
        concept="slide 'Softmax function': a soft version of the maximum",
        hint="Your largest probability belongs to the smallest logit. Which sign stands in the exponent, and in which "
        "order do you subtract the maximum, or whatever you subtract?",
        answers={"softmax": lambda z: _overflowing(z.min(axis=-1, keepdims=True) - z)},
    ),
    Misconception(
        "softmax",
        "the first row only",
        concept="each observation is normalised by itself",
        hint="For a table with many rows, only one comes back. What should happen to the other observations? NumPy can "
        "do all rows at once, along the last axis.",
        answers={"softmax": lambda z: _over_everything(z[0] if z.ndim == 2 else z)},
    ),
    Misconception(
        "softmax",
        "divided by the number of classes",
        concept="slide 'Softmax function': the entire vector sums to 1",
        hint="What do your numbers add up to? You divide, but by something that does not depend on the logits. What "
        "stands under the fraction bar on the slide?",
        answers={"softmax": lambda z: np.exp(z - z.max(axis=-1, keepdims=True)) / z.shape[-1]},
    ),
    Misconception(
        "softmax",
        "another number than the maximum taken off",
        concept="exp of a large number is infinite in floating point",
        hint="Taking the same number off all logits is the right idea. But what is left must not be large and "
        "positive. Take one logit far above the others: how far above the number that you take off does it lie?",
        answers={"softmax": lambda z: _overflowing(z - z.mean(axis=-1, keepdims=True))},
    ),
    changed_input("softmax"),
    nothing_returned("softmax", "softmax"),
    rounded("softmax", 2, softmax=_right_softmax),
    rounded("softmax", 3, softmax=_right_softmax),
)


def _each_row(Y: Any, P: Any) -> Any:
    """log of the true class's probability, row by row."""
    return np.log(np.sum(Y * P, axis=1))


def _both_classes(Y: Any, P: Any) -> Any:
    P = np.clip(P, 1e-9, 1 - 1e-9)
    return -np.mean(np.sum(Y * np.log(P) + (1 - Y) * np.log(1 - P), axis=1))


_CROSSENTROPY = (
    Misconception(
        "categorical_crossentropy",
        "minus missing",
        concept="slide 'Categorical cross-entropy': 'maximize' beside the word loss",
        hint="Your loss is negative, and it falls as predictions get worse. The slide maximizes a log-probability, "
        "but a loss is made small. How do you turn the one into the other?",
        answers={"categorical_crossentropy": lambda Y, P: np.mean(_each_row(Y, P))},
        erratum="E21",
    ),
    Misconception(
        "categorical_crossentropy",
        "sum for mean",
        concept="mean over the batch",
        hint="Hand your function the same rows twice over. Should the answer double? The task asks for the loss of "
        "an average observation.",
        answers={"categorical_crossentropy": lambda Y, P: -np.sum(_each_row(Y, P))},
    ),
    Misconception(
        "categorical_crossentropy",
        "mean over every entry",
        concept="mean over the batch",
        hint="You divide by the number of all entries of the table. Over what does the mean run: over "
        "observations, or over observations and classes? Sum within a row first.",
        answers={"categorical_crossentropy": lambda Y, P: -np.mean(Y * np.log(P + 1e-12))},
    ),
    Misconception(
        "categorical_crossentropy",
        "one loss for each observation",
        concept="mean over the batch",
        hint="You have the loss of each observation, which is most of the way. The task asks for one number for "
        "the whole batch. Which step is left?",
        answers={"categorical_crossentropy": lambda Y, P: -_each_row(Y, P)},
    ),
    Misconception(
        "categorical_crossentropy",
        "logarithm to base 2",
        concept="log in the lecture is the natural logarithm",
        hint="Your answers are all too large by the same factor. NumPy has several logarithms. Which one undoes "
        "the exp in softmax?",
        answers={"categorical_crossentropy": lambda Y, P: -np.mean(_each_row(Y, P)) / np.log(2)},
    ),
    Misconception(
        "categorical_crossentropy",
        "logarithm to base 10",
        concept="log in the lecture is the natural logarithm",
        hint="Your answers are all too small by the same factor. NumPy has several logarithms. Which one undoes "
        "the exp in softmax?",
        answers={"categorical_crossentropy": lambda Y, P: -np.mean(_each_row(Y, P)) / np.log(10)},
    ),
    Misconception(
        "categorical_crossentropy",
        "no guard at 0",
        concept="zero times an infinite logarithm",
        hint="Everywhere else your loss is right. When a wrong class has probability 0, what does its logarithm "
        "give, and what is that times 0 in NumPy? Either look at the true class alone, or keep P a tiny "
        "distance away from 0.",
        answers={"categorical_crossentropy": lambda Y, P: -np.mean(np.sum(Y * np.log(P), axis=1))},
    ),
    Misconception(
        "categorical_crossentropy",
        "the most likely class in place of the true one",
        concept="slide 'Categorical cross-entropy': P(y = i)",
        hint="Your loss does not change when the labels do. A network that is sure and wrong should pay. Whose "
        "probability goes into the logarithm: the winner's, or somebody else's?",
        answers={"categorical_crossentropy": lambda Y, P: -np.mean(np.log(P.max(axis=1)))},
    ),
    Misconception(
        "categorical_crossentropy",
        "squared error for cross-entropy",
        concept="slide 'Activation and Loss Function Choices': multiclass",
        hint="You measure distances between P and Y. The loss of this question has a logarithm in it. What does "
        "yours cost at most for a sure mistake, and what does the other?",
        answers={"categorical_crossentropy": lambda Y, P: np.mean(np.sum((Y - P) ** 2, axis=1))},
    ),
    Misconception(
        "categorical_crossentropy",
        "binary cross-entropy in every column",
        concept="slide 'Activation and Loss Function Choices': single-label against multilabel",
        hint="You ask a separate yes-or-no question for each class in every row. When exactly one class is true, "
        "the others are settled by it. Which of your two terms belongs to the loss of a single label?",
        answers={"categorical_crossentropy": _both_classes},
    ),
    Misconception(
        "categorical_crossentropy",
        "softmax applied again",
        concept="slide 'Categorical cross-entropy': softmax is inside only when z is given",
        hint="What is handed to your function: logits, or probabilities? Add up a row of P and see. Then count how "
        "often softmax has been applied by the time you take the logarithm.",
        answers={"categorical_crossentropy": lambda Y, P: -np.mean(_each_row(Y, _overflowing(P)))},
    ),
    Misconception(
        "categorical_crossentropy",
        "labels and probabilities exchanged",
        concept="slide 'Categorical cross-entropy': the logarithm is taken of the prediction",
        hint="Your losses are very large, even for good predictions. Of which of the two arguments is the logarithm "
        "taken on the slide: of the truth, or of the prediction?",
        answers={"categorical_crossentropy": lambda Y, P: -np.mean(np.sum(P * np.log(Y + 1e-12), axis=1))},
    ),
    Misconception(
        "categorical_crossentropy",
        "mean over classes in place of observations",
        concept="mean over the batch",
        hint="You add up along one axis and average along the other, and the two have changed places. By which number "
        "is your sum divided: that of the observations, or that of the classes?",
        answers={"categorical_crossentropy": lambda Y, P: -np.sum(_each_row(Y, P)) / Y.shape[1]},
    ),
    Misconception(
        "categorical_crossentropy",
        "the logarithm of the mean",
        concept="the mean of logarithms is not the logarithm of the mean",
        hint="You average the probabilities and then take the logarithm. The loss of an observation has a logarithm of "
        "its own. In which order do the two steps come?",
        answers={"categorical_crossentropy": lambda Y, P: -np.log(np.mean(np.sum(Y * P, axis=1)))},
    ),
    Misconception(
        "categorical_crossentropy",
        "one minus the probability",
        concept="slide 'Categorical cross-entropy': a logarithm",
        hint="Your loss never exceeds one, so that a sure mistake costs little. What does the slide do with the "
        "probability of the true class?",
        answers={"categorical_crossentropy": lambda Y, P: np.mean(1 - np.sum(Y * P, axis=1))},
    ),
    Misconception(
        "categorical_crossentropy",
        "the share of wrong predictions",
        concept="slide 'Categorical cross-entropy': a loss that has a slope",
        hint="You count mistakes. That is what one wants to know in the end, but it does not change when a weight "
        "moves a little. Which loss with a logarithm does the slide train with instead?",
        answers={"categorical_crossentropy": lambda Y, P: np.mean(Y.argmax(axis=1) != P.argmax(axis=1))},
    ),
    Misconception(
        "categorical_crossentropy",
        "guarded too far from 0",
        concept="the logarithm of 0",
        hint="Keeping P away from the ends is right; how far is the question. Your distance changes the loss of "
        "ordinary confident predictions as well. Compare it with the smallest probabilities a network really "
        "gives.",
        answers={"categorical_crossentropy": lambda Y, P: -np.mean(_each_row(Y, np.clip(P, 0.1, 0.9)))},
    ),
    Misconception(
        "categorical_crossentropy",
        "guarded a little too far from 0",
        concept="the logarithm of 0",
        hint="Keeping P away from zero is right; how far is the question. Your distance changes the loss where a "
        "network gives the true class a small probability. Compare it with the smallest probabilities a network "
        "really gives.",
        answers={"categorical_crossentropy": lambda Y, P: -np.mean(_each_row(Y, np.clip(P, 0.01, 1)))},
    ),
    changed_input("categorical_crossentropy"),
    nothing_returned("categorical_crossentropy", "categorical_crossentropy"),
)

MISCONCEPTIONS = (
    *_HIDDEN_UNIT,
    *_TO_MATRICES,
    *_FORWARD,
    *_BACKWARD,
    *_DIAGNOSE,
    *_TRAIN,
    *_SOFTMAX,
    *_CROSSENTROPY,
)
