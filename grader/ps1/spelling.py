"""Read the names of activations and losses in any usual spelling.

`activation_names` and `loss_names` turn an answer into the set of things it names, in this module's own
words; a name nobody knows stays in the set as it was written, so that no right name beside it can hide it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

NONE = "none"

_ACTIVATIONS = {
    "sigmoid": ("sigmoid", "sigmoids", "logistic", "logisticsigmoid", "sigmoidal", "expit"),
    "softmax": ("softmax",),
    NONE: (
        "none",
        "no",
        "nothing",
        "noneneeded",
        "linear",
        "identity",
        "noactivation",
        "without",
        "nonelinear",
        "nolinear",
        "na",
    ),
}
_LOSSES = {
    "binary cross-entropy": (
        "binarycrossentropy",
        "binaryce",
        "binaryxent",
        "binaryxentropy",
        "bincrossentropy",
        "bce",
        "bceloss",
        "binarylogloss",
        "logloss",
        "logisticloss",
    ),
    "categorical cross-entropy": (
        "categoricalcrossentropy",
        "categoricalce",
        "categoricalxent",
        "categoricalxentropy",
        "catcrossentropy",
        "softmaxcrossentropy",
        "multiclasscrossentropy",
        "cce",
        "categorical",
    ),
    "sparse categorical cross-entropy": (
        "sparsecategoricalcrossentropy",
        "sparsecategorical",
        "sparsecce",
        "sparse",
        "scce",
    ),
    "mean squared error": (
        "meansquarederror",
        "meansquareerror",
        "meansquarederrors",
        "meansquareerrors",
        "meansquarederr",
        "squarederror",
        "squared",
        "l2",
        "meansquare",
        "meansquared",
        "mse",
    ),
}
_MODULES = re.compile(
    r"\b(?:tensorflow|tf|keras|python|src|losses|loss|activations|activation|layers|metrics|nn|backend|ops)\s*\."
)
_FILLERS = (
    "function", "activation", "layer", "output", "loss", "the", "unit", "units",
    "per", "each", "for", "over", "label", "labels", "class", "classes",
)  # fmt: skip


def _words(text: str) -> list[str]:
    """The alternatives in one answer: 'MSE or BCE', 'mean squared error (MSE)', 'BinaryCrossentropy()'."""
    text = re.sub(r"['\"`*]", "", text.strip().lower())
    text = re.sub(r"[_\-\u2010-\u2015]+", " ", text)
    text = re.sub(r"\bn\s*/\s*a\b", NONE, text)
    text = re.sub(r"\b(?:loss|activation|fn)\s*=", " ", text)
    previous = None
    while previous != text:
        previous, text = text, _MODULES.sub(" ", text)
    return re.split(r"\bor\b|\band\b|[/,|;&()\[\]{}]", text)


def _name(word: str, known: dict[str, str]) -> str | None:
    """The name behind one alternative; None for what names nothing, as `axis=-1` or an empty bracket."""
    if "=" in word:
        # Probabilities come out of the activation, so a loss that expects logits does not fit it.
        return "a loss on logits" if re.search(r"logits\s*=\s*true", word) else None
    for fillers in ((), _FILLERS):
        joined = "".join(part for part in re.split(r"[\s.:]+", word) if part not in fillers)
        if joined in known:
            return known[joined]
    return joined or None


def _names(answer: object, table: dict[str, tuple[str, ...]]) -> set[str]:
    known = {spelling: name for name, spellings in table.items() for spelling in spellings}
    if isinstance(answer, str):
        return {name for word in _words(answer) if (name := _name(word, known))}
    if isinstance(answer, Iterable):
        return set().union(*(_names(part, table) for part in answer))
    return {f"a {type(answer).__name__}"}


def activation_names(answer: object) -> set[str]:
    """The activations an answer names; None and 'linear' and the like are 'none'."""
    return {NONE} if answer is None else _names(answer, _ACTIVATIONS)


def loss_names(answer: object) -> set[str]:
    """The losses an answer names."""
    return _names(answer, _LOSSES)
